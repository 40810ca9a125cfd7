"""Hub and pages in one process, for `panel serve`: started by the first request, ended by SIGTERM.

A plugin is imported before the server exists and must not touch the loop, so everything starts when
the first handler or page asks. The pages reach the hub as page workers do, over a socket of their
own on the loopback that lets nobody else in: the public address is not known here, and what a
request says about it is not to be trusted.
"""

import asyncio
import logging
import secrets
import signal
import sys
from collections.abc import Sequence
from socket import socket

from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.netutil import bind_sockets
from tornado.process import task_id
from tornado.web import Application, RequestHandler

from moim.access.access import Access
from moim.access.gate import Gate
from moim.access.people import People
from moim.access.visitors import Visitors
from moim.changes_api import CHANGES, ChangesHandler, LogReader
from moim.errors import UsageError
from moim.identity import WORKER_HEADER, Guests, Origins, read_secret
from moim.local_door import local_door
from moim.open_store import open_store
from moim.page_documents import PageDocuments, use_hub
from moim.page_worker import refuse_others
from moim.server import DRAIN_DELAY_MS
from moim.settings import Settings
from moim_data.deep_stack import deepen_stack
from moim_sync.hub import Hub
from moim_sync.identity import Identity
from moim_sync.tornado_channel import routes as sync_routes

log = logging.getLogger(__name__)

ONE_PROCESS = (
    "panel serve --num-procs: expected 1 with moim.plugin, because each process would have "
    "documents of its own. Use `moim serve`, whose --workers are made for that."
)


def refuse_processes(argv: Sequence[str]) -> None:
    """Look at the command line of `panel serve`, before it forks.

    Raises:
        UsageError: it asks for several processes.
    """
    for at, word in enumerate(argv):
        name, _, value = word.partition("=")
        if name == "--num-procs":
            count = value or "".join(argv[at + 1 : at + 2])
            if count != "1":
                raise UsageError(ONE_PROCESS)


class SingleProcess:
    """The hub of this process, once somebody has asked for it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._worker_secret = secrets.token_hex(32)
        self._hub: asyncio.Future[Hub] | None = None
        self._stop = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self.documents: PageDocuments | None = None
        self.origins = Origins(settings)
        self.guests = Guests("", "")
        self.gate = Gate()
        """Everybody edits: Panel's own pages know no accounts of ours."""

    @property
    def access(self) -> Access:
        """What the doors of this process ask."""
        return Access(self.gate, Visitors(self.guests), self.origins)

    def begin(self) -> "asyncio.Future[Hub]":
        """Start if nobody has, on the running loop; gives the hub to come.

        Raises:
            UsageError: this is one of several processes.
        """
        if self._hub is None:
            if task_id() is not None:
                raise UsageError(ONE_PROCESS)
            deepen_stack()
            loop = asyncio.get_running_loop()
            self._hub = loop.create_future()
            sockets = bind_sockets(0, "127.0.0.1")
            url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
            self.documents = use_hub(url, headers={WORKER_HEADER: self._worker_secret})
            running = self._run(self._hub, self.documents, sockets)
            self._running = loop.create_task(running, name="moim hub")
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self._stop.set)
        return self._hub

    async def hub(self) -> Hub:
        """Give the hub, started when it was not.

        Raises:
            UsageError, DataError, SecretUnreadable: it could not be started.
        """
        return await asyncio.shield(self.begin())

    async def _run(
        self, started: "asyncio.Future[Hub]", documents: PageDocuments, sockets: list[socket]
    ) -> None:
        settings = self._settings
        try:
            async with open_store(settings.db, demo=settings.demo) as store:
                self.guests = Guests(read_secret(settings.secret_file), self._worker_secret)
                people = await People.load(store)
                hub = Hub(store, authorize=self.gate.authorize)
                await self._serve(hub, people, started, documents, sockets)
        except Exception as error:
            log.exception("moim could not go on")
            if not started.done():
                started.set_exception(error)
            await self._stop.wait()
        finally:
            IOLoop.current().stop()

    async def _serve(
        self,
        hub: Hub,
        people: People,
        started: "asyncio.Future[Hub]",
        documents: PageDocuments,
        sockets: list[socket],
    ) -> None:
        async with hub:
            with local_door(self._settings.db, hub, people):
                await self._serve_pages(hub, started, documents, sockets)

    async def _serve_pages(
        self,
        hub: Hub,
        started: "asyncio.Future[Hub]",
        documents: PageDocuments,
        sockets: list[socket],
    ) -> None:
        log_door = (CHANGES, ChangesHandler, {"read": LogReader(hub).read, "access": self.access})
        application = Application([*sync_routes(hub, self._identify_page), log_door])
        refuse_others(application, self._worker_secret)
        server = HTTPServer(application)
        server.add_sockets(sockets)
        started.set_result(hub)
        await self._stop.wait()
        await asyncio.to_thread(documents.close)
        server.stop()
        await hub.drain(DRAIN_DELAY_MS)

    def _identify_page(self, handler: RequestHandler) -> Identity | None:
        found = self.guests.identify(handler.request)
        return None if found.guest else found


def command_line() -> Sequence[str]:
    """Give the words that this process was started with."""
    return sys.argv[1:]
