"""Receivers of webhooks: one in memory whose hours pass when a test says so, one that listens."""

import asyncio
import base64
import hashlib
import hmac
import json
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import anyio
from anyio import fail_after
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from access_rig import House, house
from moim.identity import COMMANDS
from moim.webhooks.deliverer import Deliverer
from moim.webhooks.delivery_line import Post
from moim.webhooks.sender import Outcome
from moim_data.accounts import Account, Webhook
from moim_data.documents.access import LocalAccess
from moim_data.documents.project import ProjectDocument
from moim_data.store import DocumentId
from moim_sync.api.caller import Caller
from moim_sync.api.commands import create_card, update_card

LAUNCH = "project/launch"
URL = "https://receiver.test/hook"
DEADLINE_S = 20.0
TAKEN = Outcome(200)
FAILED = Outcome(500, "answered 500")


def verified(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """What a receiver computes, from the specification and not from our code."""
    key = base64.b64decode(secret.partition("whsec_")[2])
    sent = headers["webhook-id"] + "." + headers["webhook-timestamp"] + "."
    mac = hmac.new(key, sent.encode() + body, hashlib.sha256).digest()
    expected = "v1," + base64.b64encode(mac).decode()
    return expected in headers["webhook-signature"].split(" ")


class HeldTimer:
    """A clock that stands still until the test moves it on."""

    def __init__(self) -> None:
        self.now = 1_000_000_000_000
        self._moved = asyncio.Event()

    def now_ms(self) -> int:
        return self.now

    async def until(self, at_ms: int, woken: asyncio.Event) -> None:
        while self.now < at_ms and not woken.is_set():
            moved = self._moved
            async with anyio.create_task_group() as tasks:
                for event in (moved, woken):
                    tasks.start_soon(_cancel_after, event, tasks.cancel_scope)

    def pass_s(self, seconds: float) -> None:
        self.now += round(seconds * 1000)
        self._moved.set()
        self._moved = asyncio.Event()


async def _cancel_after(event: asyncio.Event, scope: anyio.CancelScope) -> None:
    await event.wait()
    scope.cancel()


class MemoryReceiver:
    """Stands where the HTTP client does; answers as the test says, else takes all."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []
        """Ids and messages, in the order they came, also those that were not taken."""
        self.told_to: list[str] = []
        """Whose webhook each was for, in the same order."""
        self.answers: list[Outcome] = []
        self.held: asyncio.Event | None = None
        self._came = asyncio.Event()

    async def send(self, webhook: Webhook, message: str, body: str, now_ms: int) -> Outcome:
        if self.held is not None:
            await self.held.wait()
        self.sent.append((message, json.loads(body)))
        self.told_to.append(webhook.id)
        self._came.set()
        return self.answers.pop(0) if self.answers else TAKEN

    async def got(self, count: int) -> list[dict[str, Any]]:
        """Waits until so many have come in all; gives the messages."""
        with fail_after(DEADLINE_S):
            while len(self.sent) < count:
                self._came.clear()
                await self._came.wait()
        return [body for _, body in self.sent]

    @property
    def titles(self) -> list[str]:
        """What cards are called, in the order told."""
        return [
            change["changes"]["title"]
            for _, body in self.sent
            for change in body["data"].get("changes", ())
            if "title" in change["changes"]
        ]


@dataclass
class Hooked:
    """A house with a board, a webhook of an owner and its receiver."""

    place: House
    owner: Account
    receiver: MemoryReceiver
    timer: HeldTimer
    webhook: Webhook | None = None
    stack: list[Deliverer] = field(default_factory=list)

    @property
    def caller(self) -> Caller:
        return Caller(self.place.hub, COMMANDS)

    async def add_card(self, title: str, **fields: str) -> str:
        work = create_card(COMMANDS, {"title": title, **fields})
        done = await self.caller.run(LAUNCH, work)
        return str(done.result["id"])

    async def rename(self, card: str, title: str) -> None:
        await self.caller.run(LAUNCH, update_card(COMMANDS, card, {"title": title}))

    async def hook(self, **options: Any) -> Webhook:
        account = options.pop("account", self.owner)
        document, url = options.pop("document", LAUNCH), options.pop("url", URL)
        return await self.place.people.webhooks.make(document, url, account, **options)

    @asynccontextmanager
    async def delivering(self, receiver: MemoryReceiver | None = None) -> AsyncIterator[None]:
        """The server's part that sends, from now on until it is left."""
        post = Post(
            self.place.hub,
            self.place.people,
            receiver or self.receiver,
            self.timer,
            lambda: 0.5,
            pace_ms=0,
        )
        async with Deliverer(post):
            yield

    async def settled(self, holds: Callable[[], bool]) -> None:
        """Waits until something holds; each turn lets the writer and all lines go on."""
        with fail_after(DEADLINE_S):
            while not holds():
                await self.place.people.ledger.keep(lambda _: None)

    async def quiet(self) -> None:
        """Gives everything that could happen now the turns to happen."""
        for _ in range(30):
            await self.place.people.ledger.keep(lambda _: None)

    async def attempts(self, webhook: Webhook) -> list[tuple[int, int, str]]:
        """Attempt, status and error of what was sent, oldest first."""
        found = await self.place.people.webhooks.attempts(webhook, 1000)
        return [(one.attempt, one.status, one.error) for one in reversed(found)]


@asynccontextmanager
async def hooked(folder: Path, **options: Any) -> AsyncIterator[Hooked]:
    """A house with an owner and a board of one column."""
    from moim_sync.authorization import Role

    async with house(folder, **options) as place:
        owner = await place.person("Minji", Role.OWNER)
        room = await place.hub.open(DocumentId(LAUNCH), create=True)
        with room.ydoc.transaction():
            ProjectDocument(LocalAccess(room.ydoc)).columns.add(id="todo", name="To do")
        await room.settled()
        yield Hooked(place, owner, MemoryReceiver(), HeldTimer())


class Receiver:
    """An HTTP server in a thread; `respond` says what a request is answered with."""

    def __init__(self, respond: "Callable[[RequestHandler], Any] | None" = None) -> None:
        self.respond = respond or (lambda handler: handler.set_status(204))
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self._changed = threading.Condition()
        self._ready = threading.Event()

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._ready.wait(DEADLINE_S)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(DEADLINE_S)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.requests]

    def wait(self, holds: Callable[[], bool]) -> None:
        """Waits until something holds; it is looked at after each request."""
        with self._changed:
            assert self._changed.wait_for(holds, DEADLINE_S), f"came: {self.bodies}"

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        receiver = self

        class Handler(RequestHandler):
            async def post(self) -> None:
                headers = {name.lower(): value for name, value in self.request.headers.items()}
                with receiver._changed:
                    receiver.requests.append((headers, self.request.body))
                    receiver._changed.notify_all()
                answer = receiver.respond(self)
                if answer is not None:
                    await answer

        server = HTTPServer(Application([(r"/.*", Handler)], log_function=lambda _: None))
        sockets = bind_sockets(0, "127.0.0.1")
        self.port = sockets[0].getsockname()[1]
        server.add_sockets(sockets)
        self._ready.set()
        await self._stop.wait()
        server.stop()
        await server.close_all_connections()
