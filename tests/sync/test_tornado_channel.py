"""Both doors over real sockets, in any Tornado application."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
import websockets
from anyio import fail_after
from pycrdt import Doc, Map, create_sync_message, create_update_message
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler
from websockets.exceptions import ConnectionClosed, InvalidStatus

from hub_rig import person, until
from moim_data.memory_store import MemoryStore
from moim_sync.errors import CloseCode
from moim_sync.hub import Hub
from moim_sync.identity import Identity
from moim_sync.limits import HubLimits
from moim_sync.messages import Granted, Hello, Sub, Welcome
from moim_sync.protocol import SUBPROTOCOL, decode_server_frames, encode
from moim_sync.tornado_channel import routes

pytestmark = pytest.mark.anyio


@dataclass
class Site:
    hub: Hub
    port: int

    def url(self, path: str) -> str:
        return f"ws://127.0.0.1:{self.port}{path}"

    def connect(self, path: str, **options: object) -> websockets.connect:
        return websockets.connect(self.url(path), **options)  # type: ignore[arg-type]


def by_name(handler: RequestHandler) -> Identity | None:
    name = handler.get_argument("as", "ann")
    return None if name == "nobody" else person(name)


@asynccontextmanager
async def site(limits: HubLimits | None = None) -> AsyncIterator[Site]:
    async with Hub(MemoryStore(), limits=limits) as hub:
        server = HTTPServer(Application(routes(hub, by_name)))
        sockets = bind_sockets(0, "127.0.0.1")
        server.add_sockets(sockets)
        try:
            yield Site(hub, sockets[0].getsockname()[1])
        finally:
            server.stop()


async def close_code(socket: websockets.ClientConnection) -> int | None:
    with fail_after(5):
        try:
            while True:
                await socket.recv()
        except ConnectionClosed:
            return socket.close_code


async def test_sync_speaks_our_subprotocol_and_opens_documents() -> None:
    async with site() as here, here.connect("/sync", subprotocols=[SUBPROTOCOL]) as socket:
        assert socket.subprotocol == SUBPROTOCOL
        await socket.send(encode(Hello(1, "tests", b"r" * 16)))
        (welcome,) = decode_server_frames(await socket.recv())
        assert isinstance(welcome, Welcome)
        assert welcome.you.id == "ann"
        await socket.send(encode(Sub("open/a", True, b"", b"\x00")))
        granted = decode_server_frames(await socket.recv())[0]
        assert isinstance(granted, Granted)


async def test_yjs_carries_an_edit_of_any_size_from_socket_to_socket() -> None:
    large = {"max_size": None}
    async with (
        site() as here,
        here.connect("/yjs/open/a") as ann,
        here.connect("/yjs/open/a", **large) as bob,
    ):
        doc: Doc[object] = Doc()
        for size in (10, 200, 70_000, 2_000_000):
            before = doc.get_state()
            doc.get("data", type=Map)["text"] = "x" * size
            await ann.send(create_update_message(doc.get_update(before)))
            with fail_after(10):
                while not (message := await bob.recv()).startswith(b"\x00\x02"):
                    pass
            assert len(message) > size
        await bob.send(create_sync_message(Doc()))


@pytest.mark.rule("Y4")
@pytest.mark.parametrize("path", ["/yjs/project/none", "/yjs/nonsense", "/yjs/open/a/b"])
async def test_an_unknown_document_is_closed_with_4404(path: str) -> None:
    async with site() as here, here.connect(path) as socket:
        assert await close_code(socket) == CloseCode.UNKNOWN_DOCUMENT


@pytest.mark.parametrize("path", ["/sync", "/yjs/open/a"])
async def test_a_page_of_another_origin_is_refused_before_anything_else(path: str) -> None:
    async with site() as here:
        with pytest.raises(InvalidStatus) as refused:
            await here.connect(path, origin="http://elsewhere.example")
        assert refused.value.response.status_code == 403
        async with here.connect(path, origin=f"http://127.0.0.1:{here.port}"):
            assert not here.hub.rooms.keys() - {"open/a"}


@pytest.mark.parametrize("path", ["/sync?as=nobody", "/yjs/open/a?as=nobody"])
async def test_who_is_not_signed_in_is_closed_with_4401(path: str) -> None:
    async with site() as here, here.connect(path) as socket:
        assert await close_code(socket) == CloseCode.NOT_SIGNED_IN
        assert not here.hub.sessions


async def test_text_is_closed_with_4400() -> None:
    async with site() as here, here.connect("/sync") as socket:
        await socket.send("hello")
        assert await close_code(socket) == CloseCode.MALFORMED


async def test_a_message_over_the_limit_ends_its_connection_only() -> None:
    async with site(HubLimits(message_bytes=1_000)) as here, here.connect("/yjs/open/a") as other:
        async with here.connect("/sync") as socket:
            await socket.send(b"x" * 2_000)
            assert await close_code(socket) in (1009, 1006)
        await other.send(create_sync_message(Doc()))
        await other.recv()


async def test_a_socket_that_goes_takes_its_session_along() -> None:
    async with site() as here:
        async with here.connect("/sync"), here.connect("/yjs/open/a"):
            await until(lambda: len(here.hub.sessions) == 2)
        await until(lambda: not here.hub.sessions)
        assert here.hub.counters.connections == 0


@pytest.mark.rule("Y3")
async def test_a_pong_is_a_sign_of_life() -> None:
    async with site() as here, here.connect("/yjs/open/a", ping_interval=None):
        await until(lambda: here.hub.sessions)
        (session,) = here.hub.sessions
        before_s = session.heard_s
        session.transport.ping()
        await until(lambda: session.heard_s > before_s)


@pytest.mark.rule("B4")
async def test_F23_a_socket_nobody_reads_is_let_go_and_others_miss_nothing() -> None:
    limits = HubLimits(lag_bytes=100_000, behind_bytes=300_000)
    async with site(limits) as here:
        stuck = await here.connect("/yjs/open/a", max_queue=1)
        async with here.connect("/yjs/open/a") as ann, here.connect("/yjs/open/a") as bob:
            doc: Doc[object] = Doc()
            sent = 0
            while here.hub.counters.laggards == 0:
                before = doc.get_state()
                doc.get("data", type=Map)["big"] = f"{sent}" + "x" * 50_000
                await ann.send(create_update_message(doc.get_update(before)))
                with fail_after(5):
                    while not (await bob.recv()).startswith(b"\x00\x02"):
                        pass
                sent += 1
                assert sent < 1_000
            assert len(here.hub.sessions) == 2
        stuck.transport.abort()


async def test_a_client_that_goes_while_its_document_loads_leaves_nothing_behind() -> None:
    async with site() as here:
        async with asyncio.TaskGroup() as group:
            for number in range(20):
                group.create_task(come_and_go(here, f"/yjs/open/{number}"))
        await until(lambda: not here.hub.sessions)
        assert all(not room.members for room in here.hub.rooms.values())  # type: ignore[attr-defined]


async def come_and_go(here: Site, path: str) -> None:
    socket = await here.connect(path)
    socket.transport.abort()
