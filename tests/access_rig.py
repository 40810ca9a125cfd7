"""A hub with accounts inside the test's own loop, and people who come to it."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from argon2 import PasswordHasher
from tornado.httpclient import AsyncHTTPClient, HTTPResponse
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.websocket import WebSocketClientConnection, websocket_connect

from moim.access.access import Access
from moim.access.forms import Desk
from moim.access.gate import Gate
from moim.access.passwords import Passwords
from moim.access.people import People
from moim.access.visitors import Visitors
from moim.application import HubApplication, Services
from moim.documents_reader import DocumentsReader
from moim.feeds.feed_handler import FeedDoor
from moim.feeds.feed_reader import FeedReader
from moim.identity import Guests, Origins
from moim.metrics import Metrics
from moim.settings import Settings
from moim.workers import WorkerPool
from moim_data.accounts import Account
from moim_data.sqlite_store import SqliteStore
from moim_data.store import DocumentId
from moim_sync.authorization import Action, Decision, Role
from moim_sync.hub import Hub
from moim_sync.identity import Identity

SECRET = "s" * 64
PASSWORD = "correct horse"
DAY_S = 86_400.0


class Clock:
    """Time that the test moves on: seconds for the throttle, milliseconds for what expires."""

    def __init__(self) -> None:
        self.now_s = 1_000_000.0

    def __call__(self) -> float:
        return self.now_s

    def ms(self) -> int:
        return int(self.now_s * 1000)


def cheap_passwords() -> Passwords:
    """Argon2 at the least that it can cost."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def open_access() -> Access:
    """What a handler asks under `--auth none`."""
    return Access(Gate(), Visitors(Guests(SECRET)), Origins(Settings()))


class RecordingGate(Gate):
    """A gate that keeps what it was asked."""

    def __init__(self, people: People | None) -> None:
        super().__init__(people)
        self.asked: list[tuple[str | None, Action, DocumentId | None, bool]] = []

    def authorize(
        self, identity: Identity | None, action: Action, document: DocumentId | None
    ) -> Decision:
        decision = super().authorize(identity, action, document)
        who = identity.id if identity else None
        self.asked.append((who, action, document, decision.allowed))
        return decision


class Browser:
    """Somebody's cookies, and forms sent as a page of ours sends them."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.cookies: dict[str, str] = {}

    async def ask(
        self, path: str, *, method: str = "GET", body: str | None = None, **headers: str
    ) -> HTTPResponse:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        client = AsyncHTTPClient(force_instance=True)
        try:
            answer = await client.fetch(
                self.url + path,
                method=method,
                body=body,
                headers=sent,
                raise_error=False,
                follow_redirects=False,
            )
        finally:
            client.close()
        self._keep(answer)
        return answer

    async def form(self, path: str, **headers: str) -> str:
        """Open a page; give the token of its forms."""
        answer = await self.ask(path, **headers)
        found = re.search(r'name="form" value="([0-9a-f]{64})"', answer.body.decode())
        assert found, f"{path} answered {answer.code} without a form"
        return found[1]

    async def send(self, path: str, page: str | None = None, **fields: str) -> HTTPResponse:
        """Open a page and send its form."""
        fields = {"form": await self.form(page or path), **fields}
        return await self.post(path, fields, Origin=self.url)

    async def post(self, path: str, fields: dict[str, str], **headers: str) -> HTTPResponse:
        return await self.ask(
            path,
            method="POST",
            body=urlencode(fields),
            Content_Type="application/x-www-form-urlencoded",
            **headers,
        )

    async def sign_in(self, name: str, password: str = PASSWORD, wanted: str = "/") -> HTTPResponse:
        return await self.send("/login", name=name, password=password, next=wanted)

    async def socket(self, path: str, **headers: str) -> WebSocketClientConnection:
        from tornado.httpclient import HTTPRequest

        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {"Cookie": cookie, "Origin": self.url, **headers}
        return await websocket_connect(
            HTTPRequest(self.url.replace("http", "ws", 1) + path, headers=sent)
        )

    def _keep(self, answer: HTTPResponse) -> None:
        for line in answer.headers.get_list("Set-Cookie"):
            for name, morsel in SimpleCookie(line).items():
                if morsel.value:
                    self.cookies[name] = morsel.value
                else:
                    self.cookies.pop(name, None)


@dataclass
class House:
    """A served hub with accounts."""

    url: str
    hub: Hub
    people: People
    gate: RecordingGate
    clock: Clock
    application: HubApplication
    store: SqliteStore
    services: Services
    passwords: Passwords
    made: dict[str, Account] = field(default_factory=dict)

    def browser(self) -> Browser:
        return Browser(self.url)

    async def person(self, name: str, role: Role = Role.EDITOR) -> Account:
        kept = await self.passwords.hash(PASSWORD)
        self.made[name] = account = await self.people.accounts.add(name, kept, role)
        return account

    async def visitor(self, name: str, role: Role = Role.EDITOR) -> Browser:
        """Somebody with an account, signed in."""
        await self.person(name, role)
        browser = self.browser()
        answer = await browser.sign_in(name)
        assert answer.code == 303, answer.body
        return browser


@asynccontextmanager
async def house(
    folder: Path, *, auth: str = "password", workers: WorkerPool | None = None, **options: Any
) -> AsyncIterator[House]:
    """A hub as `moim serve --auth password` has one, on a free port, with a clock of its own."""
    clock, passwords = Clock(), cheap_passwords()
    store = SqliteStore(folder / "moim.db")
    sockets = bind_sockets(0, "127.0.0.1")
    url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
    try:
        people = await People.load(store, clock.ms)
        settings = Settings(auth=auth, db=folder / "moim.db", **options)
        asked = people if auth == "password" else None
        gate = RecordingGate(asked)
        visitors = Visitors(Guests(SECRET, "w" * 64), asked, SECRET)
        access = Access(gate, visitors, Origins(settings))
        desk = Desk.make(access, people, SECRET, clock, passwords) if asked else None
        services = Services.make(settings, SECRET, 0, asked)
        services = services_with(services, access, gate, desk)
        hub = Hub(store, authorize=gate.authorize, speaks_for=gate.speaks_for)
        for recheck in (hub.recheck, services.open_sessions.recheck):
            gate.on_change(recheck)
        async with hub, workers or WorkerPool(0, {}) as pool:
            for document in ("workspace", "project/launch", "calendar/team", "page/home"):
                await hub.open(DocumentId(document), create=True)
            metrics = Metrics(hub, store, pool)
            reader = DocumentsReader(hub)
            feeds = FeedDoor(access, people, FeedReader(reader, store), clock)
            application = HubApplication(services, hub, reader, pool, metrics, feeds)
            server = HTTPServer(application)
            server.add_sockets(sockets)
            try:
                yield House(
                    url,
                    hub,
                    people,
                    gate,
                    clock,
                    application,
                    store,
                    services,
                    passwords,
                )
            finally:
                server.stop()
                await hub.drain(0)
                await server.close_all_connections()
    finally:
        store.close()


def services_with(services: Services, access: Access, gate: Gate, desk: Desk | None) -> Services:
    from dataclasses import replace

    from moim.panel_grant import OpenSessions

    return replace(
        services,
        access=access,
        open_sessions=OpenSessions(gate),
        desk=desk,
        worker_secret="w" * 64,
    )
