"""`moim serve`: one hub process on the public port, page workers behind it.

Start: the database is taken, then the port; documents are served before any page worker is warm.
Stop (SIGTERM, Ctrl-C): no new connections, DRAIN to everybody, flush, close. Nothing is lost by a
harder end either; a clean one is only quicker to come back from.
"""

import asyncio
import errno
import gc
import logging
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tornado.httpserver import HTTPServer
from tornado.ioloop import PeriodicCallback
from tornado.netutil import bind_sockets

from moim.access.people import People
from moim.application import HubApplication, Services
from moim.bundle import require_bundle
from moim.documents_reader import DocumentsReader
from moim.errors import PortTaken, UsageError
from moim.feeds.feed_handler import FeedDoor
from moim.feeds.feed_reader import FeedReader
from moim.identity import read_secret
from moim.local_door import local_door
from moim.metrics import Metrics
from moim.open_store import open_store
from moim.settings import Settings
from moim.webhooks.deliverer import deliverer, sender_to
from moim.webhooks.public_addresses import AddressGuard
from moim.workers import WorkerPool
from moim_data.deep_stack import deepen_stack
from moim_data.set_aside import set_aside
from moim_sync.hub import Hub

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

log = logging.getLogger(__name__)

DRAIN_DELAY_MS = 1_000
"""Clients come back after a random part of this, not all at once."""
CLOSE_TIMEOUT_S = 10.0
_MAX_BODY_BYTES = 16 * 1024 * 1024


def serve(settings: Settings) -> int:
    """Serve until SIGTERM or Ctrl-C; give the exit code.

    Raises:
        MoimError, DataError: what stands in the way; the message says what to do.
    """
    require_bundle()
    deepen_stack()
    if settings.reset:
        _reset(settings.db)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(run_hub(settings, _say_address))
    return 0


async def run_hub(settings: Settings, on_ready: Callable[[str], None]) -> None:
    """Be the hub process until a signal comes; `on_ready` is told the address."""
    stop = _stop_signal()
    async with open_store(settings.db, demo=settings.demo) as store:
        sockets = bind(settings)
        people = await People.load(store)
        services = Services.make(
            settings,
            read_secret(settings.secret_file),
            _port_of(sockets),
            people if settings.auth == "password" else None,
        )
        gate = services.access.gate
        hub = Hub(store, authorize=gate.authorize, speaks_for=gate.speaks_for)
        for recheck in (hub.recheck, services.open_sessions.recheck):
            gate.on_change(recheck)
        async with (
            hub,
            WorkerPool(settings.workers, services.worker_options()) as workers,
        ):
            with local_door(settings.db, hub, people), _each_second(services.open_sessions.recheck):
                metrics = Metrics(hub, store, workers)
                reader = DocumentsReader(hub)
                feeds = FeedDoor(services.access, people, FeedReader(reader, store), time.monotonic)
                application = HubApplication(services, hub, reader, workers, metrics, feeds)
                server = HTTPServer(application, max_body_size=_MAX_BODY_BYTES)
                server.add_sockets(sockets)
                _freeze()
                on_ready(services.url)
                _say_who_may_come(settings, people)
                with closing(sender_to(AddressGuard(settings.webhook_allow))) as sender:
                    async with deliverer(hub, people, sender):
                        await stop.wait()
                server.stop()
                await hub.drain(DRAIN_DELAY_MS)
                await asyncio.wait_for(server.close_all_connections(), CLOSE_TIMEOUT_S)


def bind(settings: Settings) -> list[socket.socket]:
    """Take the address that was asked for.

    Raises:
        PortTaken: somebody else listens there.
        UsageError: this machine has no such address, or may not use the port.
    """
    try:
        return bind_sockets(settings.port, settings.host or None)
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(
                f"port {where} is taken by another program: stop it, or choose another with --port"
            ) from error
        raise UsageError(f"cannot listen on {where}: {error.strerror or error}") from error


@contextmanager
def _each_second(work: Callable[[], None]) -> Iterator[None]:
    """Do something each second, for what ends by itself."""
    turns = PeriodicCallback(work, 1_000)
    turns.start()
    try:
        yield
    finally:
        turns.stop()


def _say_who_may_come(settings: Settings, people: People) -> None:
    if settings.auth == "password" and not people.accounts.all():
        print(
            "moim: nobody can sign in yet. Make the first account with "
            f"`moim user add NAME --role owner --db {settings.db}`",
            flush=True,
        )


def _port_of(sockets: list[socket.socket]) -> int:
    return int(sockets[0].getsockname()[1])


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


def _freeze() -> None:
    """Take what start-up made out of the collector's way: its pauses are felt as latency."""
    gc.collect()
    gc.freeze()


def _reset(database: Path) -> None:
    aside = set_aside(database, datetime.now())
    if aside is not None:
        print(f"moim: the former file is kept as {aside}", flush=True)


def _say_address(url: str) -> None:
    print(f"moim: serving {url}", flush=True)


def _loop_factory() -> "Callable[[], AbstractEventLoop] | None":
    try:
        import uvloop
    except ImportError:  # not made for Windows
        return None
    return uvloop.new_event_loop
