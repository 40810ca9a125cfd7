"""What code written for pycrdt-websocket may rely on, run on the stock classes and on ours.

The cases named after faults of sync.md (F1 ...) are expected to fail on the stock classes: should a
release of pycrdt-websocket pass one, the strict xfail says so.
"""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import pytest
from anyio import create_task_group, fail_after
from pycrdt import (
    Channel,
    Doc,
    Map,
    Provider,
    create_sync_message,
    create_update_message,
)
from pycrdt.store import BaseYStore
from pycrdt.websocket import ASGIServer, WebsocketServer, exception_logger

from hub_rig import restarted, until
from moim_data.memory_store import MemoryDisk, MemoryStore
from moim_sync.hub import Hub
from moim_sync.limits import HubLimits
from moim_sync.memory_channel import MemoryChannel, memory_pair
from moim_sync.y_protocol import AwarenessEntry, encode_awareness, encode_awareness_message

pytestmark = pytest.mark.anyio
DEADLINE_S = 2.0
HEAVY_BYTES = 100_000


class KeptUpdates(BaseYStore):
    """The least a stock store can be: a list that outlasts the room and is slow to write."""

    def __init__(self, rows: list[bytes]) -> None:
        self.rows = rows

    async def write(self, data: bytes) -> None:
        await asyncio.sleep(0.05)
        self.rows.append(data)

    async def read(self) -> AsyncIterator[tuple[bytes, bytes | None, float]]:
        for row in self.rows:
            yield row, None, 0.0


class StockServer(WebsocketServer):
    """The stock classes with a store, wired as their documentation shows."""

    def __init__(self, kept: dict[str, list[bytes]]) -> None:
        super().__init__(exception_handler=exception_logger)
        self._kept = kept

    async def get_room(self, name: str) -> Any:
        fresh = name not in self.rooms
        room = await super().get_room(name)
        if fresh:
            room.ystore = KeptUpdates(self._kept.setdefault(name, []))
            await room.ystore.apply_updates(room.ydoc)
        return room


@dataclass
class Kind:
    """One implementation: how to start it over what an earlier one kept."""

    start: Callable[[], AbstractAsyncContextManager[WebsocketServer]]
    kept: Callable[[], int]
    """How many updates are kept."""


def ours() -> Kind:
    disk = MemoryDisk()
    return Kind(
        lambda: Hub(restarted(disk), limits=HubLimits(unload_after_s=0)),
        lambda: sum(len(document.updates) for document in disk.documents.values()),
    )


def stock() -> Kind:
    kept: dict[str, list[bytes]] = {}
    return Kind(lambda: StockServer(kept), lambda: sum(map(len, kept.values())))


BOTH = pytest.mark.parametrize("kind", [stock, ours])
FAILS_ON_STOCK = pytest.mark.parametrize(
    "kind", [pytest.param(stock, marks=pytest.mark.xfail(reason="a fault of the stock")), ours]
)


class Served:
    """A client of a served channel."""

    def __init__(self, group: Any, server: WebsocketServer, path: str = "/room") -> None:
        self.channel, self.theirs = memory_pair(path)
        group.start_soon(server.serve, self.theirs)
        self.doc: Doc[Any] = Doc()

    @classmethod
    async def join(cls, group: Any, server: WebsocketServer, path: str = "/room") -> "Served":
        """Connect and wait for the room, so that the stock's cold start (F1) plays no part."""
        client = cls(group, server, path)
        await client.sync()
        return client

    async def sync(self) -> None:
        """Do the handshake of y-websocket as far as our side of it goes."""
        self.channel.write(create_sync_message(self.doc))
        await self.hear(b"\x00\x01")

    async def hear(self, head: bytes) -> bytes:
        """Wait for a message with this head, applying updates on the way."""
        with fail_after(DEADLINE_S):
            while True:
                message = await self.channel.recv()
                if message[0] == 0 and message[1] in (1, 2):
                    self.doc.apply_update(_body(message))
                if message.startswith(head):
                    return message

    def set(self, key: str, value: object) -> None:
        before = self.doc.get_state()
        self.doc.get("data", type=Map)[key] = value
        self.channel.write(create_update_message(self.doc.get_update(before)))

    def value(self, key: str) -> Any:
        return self.doc.get("data", type=Map).get(key)


def _body(message: bytes) -> bytes:
    at = 2
    while message[at] >= 0x80:
        at += 1
    return message[at + 1 :]


@BOTH
async def test_an_edit_reaches_the_other_client_and_the_room(kind: Callable[[], Kind]) -> None:
    async with kind().start() as server, create_task_group() as group:
        ann, bob = await Served.join(group, server), await Served.join(group, server)
        ann.set("a", "값 🙂")
        await bob.hear(b"\x00\x02")
        assert bob.value("a") == "값 🙂"
        room = await server.get_room("/room")
        assert server.rooms["/room"] is room
        assert room.ydoc.get("data", type=Map)["a"] == "값 🙂"
        group.cancel_scope.cancel()


@BOTH
async def test_a_pycrdt_provider_syncs_both_ways(kind: Callable[[], Kind]) -> None:
    async with kind().start() as server, create_task_group() as group:
        docs = [Doc(), Doc()]
        for doc in docs:
            mine, theirs = memory_pair("/room")
            group.start_soon(server.serve, theirs)
            provider = Provider(doc, mine)
            group.start_soon(provider.start)
            await provider.synced.wait()
        docs[0].get("data", type=Map)["a"] = 1
        await until(lambda: docs[1].get("data", type=Map).get("a") == 1)
        group.cancel_scope.cancel()


@BOTH
async def test_what_server_code_writes_reaches_clients(kind: Callable[[], Kind]) -> None:
    async with kind().start() as server, create_task_group() as group:
        ann = await Served.join(group, server)
        room = await server.get_room("/room")
        room.ydoc.get("data", type=Map)["a"] = "from the server"
        await ann.hear(b"\x00\x02")
        assert ann.value("a") == "from the server"
        group.cancel_scope.cancel()


@BOTH
@pytest.mark.parametrize("asynchronous", [False, True])
async def test_on_message_may_skip_messages(kind: Callable[[], Kind], asynchronous: bool) -> None:
    async with kind().start() as server, create_task_group() as group:
        room = await server.get_room("/room")
        heard: list[bytes] = []

        def skip(message: bytes) -> bool:
            heard.append(message)
            return message.startswith(b"\x00\x02")

        async def skip_later(message: bytes) -> bool:
            return skip(message)

        room.on_message = skip_later if asynchronous else skip
        ann = await Served.join(group, server)
        ann.set("a", 1)
        await until(lambda: any(message.startswith(b"\x00\x02") for message in heard))
        assert room.ydoc.get("data", type=Map).get("a") is None
        group.cancel_scope.cancel()


@BOTH
async def test_rooms_are_got_renamed_and_deleted_by_name(kind: Callable[[], Kind]) -> None:
    async with kind().start() as server, create_task_group() as group:
        await Served.join(group, server, "one")
        room = await server.get_room("one")
        assert server.get_room_name(room) in ("one", "open/one")
        assert await server.get_room("one") is room
        server.rename_room("two", from_name="one")
        assert await server.get_room("two") is room
        await server.delete_room(name="two")
        assert "two" not in server.rooms
        assert await server.get_room("two") is not room
        group.cancel_scope.cancel()


@BOTH
async def test_the_low_level_start_and_stop_work(kind: Callable[[], Kind]) -> None:
    server: Any = kind().start()
    task = asyncio.create_task(server.start())
    await server.started.wait()
    assert server.running
    assert await server.get_room("one")
    await server.stop()
    await task
    assert not server.running


@BOTH
async def test_a_server_that_does_not_run_says_so(kind: Callable[[], Kind]) -> None:
    server: Any = kind().start()
    with pytest.raises(RuntimeError, match="not running"):
        await server.serve(memory_pair("/room")[1])
    with pytest.raises(RuntimeError, match="not running"):
        await server.stop()


@BOTH
async def test_an_asgi_server_serves_over_it(kind: Callable[[], Kind]) -> None:
    async with kind().start() as server, create_task_group() as group:
        mine, theirs = memory_pair("/room")
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            if not sent:
                return {"type": "websocket.connect"}
            try:
                return {"type": "websocket.receive", "bytes": await theirs.recv()}
            except StopAsyncIteration:
                return {"type": "websocket.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        app = ASGIServer(server)
        group.start_soon(app, {"type": "websocket", "path": "/room"}, receive, send)
        doc: Doc[Any] = Doc()
        mine.write(create_sync_message(doc))
        await until(lambda: any(m.get("bytes", b"").startswith(b"\x00\x01") for m in sent))
        mine.close()


@FAILS_ON_STOCK
async def test_F1_every_client_that_joins_a_cold_room_in_one_tick_is_answered(
    kind: Callable[[], Kind],
) -> None:
    async with kind().start() as server, create_task_group() as group:
        clients = [Served(group, server, f"/room-{n % 50}") for n in range(100)]
        for client in clients:
            await client.sync()
        group.cancel_scope.cancel()


@BOTH
async def test_what_was_kept_is_there_after_a_restart(kind: Callable[[], Kind]) -> None:
    made = kind()
    async with made.start() as server, create_task_group() as group:
        ann = await Served.join(group, server)
        ann.set("a", 1)
        await until(lambda: made.kept() == 1)
        group.cancel_scope.cancel()
    async with made.start() as server, create_task_group() as group:
        assert (await Served.join(group, server)).value("a") == 1
        group.cancel_scope.cancel()


@FAILS_ON_STOCK
async def test_F2_what_was_written_before_the_last_one_left_is_there_for_the_next(
    kind: Callable[[], Kind],
) -> None:
    made = kind()
    async with made.start() as server, create_task_group() as group:
        ann = await Served.join(group, server)
        for number in range(100):
            ann.set(f"k{number}", number)
        ann.channel.close()
        bob = Served(group, server)
        with fail_after(DEADLINE_S):
            while bob.value("k99") is None:
                await bob.sync()
                await asyncio.sleep(0)
        bob.channel.close()
    async with made.start() as server, create_task_group() as group:
        eve = Served(group, server)
        await eve.sync()
        assert [eve.value(f"k{number}") for number in range(100)] == list(range(100))
        group.cancel_scope.cancel()


@BOTH  # the stock frees its rooms since pycrdt 0.14.13
async def test_F15_a_room_that_was_let_go_is_freed(kind: Callable[[], Kind]) -> None:
    async with kind().start() as server, create_task_group() as group:
        ann = await Served.join(group, server)
        ann.set("a", 1)
        room = weakref.ref(await server.get_room("/room"))
        doc = weakref.ref(room().ydoc)  # type: ignore[union-attr]
        ann.channel.close()
        if isinstance(server, Hub):
            await until(lambda: not server.sessions)
            server.tick(server.now_s() + 1)
        await until(lambda: "/room" not in server.rooms)
        await until(lambda: gc.collect() >= 0 and room() is None and doc() is None)
        group.cancel_scope.cancel()


def awareness(client_id: int, clock: int, state: str) -> bytes:
    return encode_awareness_message(encode_awareness([AwarenessEntry(client_id, clock, state)]))


@FAILS_ON_STOCK
async def test_F16_a_joiner_is_told_who_is_there(kind: Callable[[], Kind]) -> None:
    async with kind().start() as server, create_task_group() as group:
        ann = await Served.join(group, server)
        ann.channel.write(awareness(7, 1, '{"at":1}'))
        await ann.hear(b"\x01")
        bob = Served(group, server)
        assert b'"at":1' in await bob.hear(b"\x01")
        group.cancel_scope.cancel()


@FAILS_ON_STOCK
async def test_F16_who_leaves_is_gone_for_the_others(kind: Callable[[], Kind]) -> None:
    async with kind().start() as server, create_task_group() as group:
        ann, bob = await Served.join(group, server), await Served.join(group, server)
        ann.channel.write(awareness(7, 1, "{}"))
        await bob.hear(b"\x01")
        ann.channel.close()
        assert (await bob.hear(b"\x01")).endswith(b"\x04null")
        group.cancel_scope.cancel()


class Failing(MemoryChannel):
    """A channel whose sends fail from some moment on."""

    broken = False

    async def send(self, message: bytes) -> None:
        if self.broken:
            raise OSError("connection reset")
        await super().send(message)


@FAILS_ON_STOCK
async def test_F22_a_send_that_fails_touches_nobody_else(kind: Callable[[], Kind]) -> None:
    async with kind().start() as server, create_task_group() as group:
        mine, theirs = memory_pair("/room")
        theirs.__class__ = Failing
        ann, bob = await Served.join(group, server), await Served.join(group, server)
        group.start_soon(server.serve, theirs)
        await until(lambda: mine.take())
        theirs.broken = True  # type: ignore[attr-defined]
        for number in range(20):
            ann.set(f"k{number}", number)
            with fail_after(DEADLINE_S):
                while bob.value(f"k{number}") != number:
                    await bob.hear(b"\x00\x02")
        group.cancel_scope.cancel()


class Gone(MemoryChannel):
    """A channel whose peer is gone before the first send."""

    async def send(self, message: bytes) -> None:
        raise OSError("already closed")


@pytest.mark.parametrize(
    "kind", [pytest.param(stock, marks=pytest.mark.xfail(reason="F22 of the stock")), ours]
)
async def test_F22_a_client_that_is_gone_when_it_is_served_ends_nothing(
    kind: Callable[[], Kind],
) -> None:
    made = kind()
    starting = made.start()
    starting.exception_handler = None  # type: ignore[attr-defined]
    async with starting as server, create_task_group() as group:
        _, theirs = memory_pair("/room")
        theirs.__class__ = Gone
        theirs.close()
        server._task_group.start_soon(server.serve, theirs)  # type: ignore[union-attr]
        await Served.join(group, server)
        group.cancel_scope.cancel()


class Stuck(MemoryChannel):
    """A channel whose peer reads nothing: sends never return."""

    asked = 0

    async def send(self, message: bytes) -> None:
        self.asked += 1
        await asyncio.Event().wait()


@FAILS_ON_STOCK
async def test_F23_a_reader_that_stops_reading_costs_bounded_memory(
    kind: Callable[[], Kind],
) -> None:
    async with kind().start() as server, create_task_group() as group:
        _, theirs = memory_pair("/room")
        theirs.__class__ = Stuck
        ann, bob = await Served.join(group, server), await Served.join(group, server)
        group.start_soon(server.serve, theirs)
        for number in range(80):
            ann.set("big", f"{number}" + "x" * HEAVY_BYTES)
            await bob.hear(b"\x00\x02")
        pending = [task for task in asyncio.all_tasks() if "send" in repr(task.get_coro())]
        assert len(pending) < 10
        assert theirs.asked < 10  # type: ignore[attr-defined]
        group.cancel_scope.cancel()


async def test_code_may_put_a_plain_room_of_its_own_into_rooms() -> None:
    from pycrdt.websocket import YRoom

    async with Hub(MemoryStore()) as hub, create_task_group() as group:
        hub.rooms["/own"] = own = YRoom()
        ann, bob = Served(group, hub, "/own"), Served(group, hub, "/own")
        await ann.sync()
        await bob.sync()
        ann.set("a", 1)
        await bob.hear(b"\x00\x02")
        assert await hub.get_room("/own") is own
        group.cancel_scope.cancel()


async def test_a_room_serves_a_channel_directly() -> None:
    async with Hub(MemoryStore()) as hub, create_task_group() as group:
        room = await hub.get_room("/room")
        mine, theirs = memory_pair("/room")
        group.start_soon(room.serve, theirs)
        mine.write(create_sync_message(Doc()))
        heard = [await mine.recv(), await mine.recv()]
        assert [message[:2] for message in heard] == [b"\x00\x00", b"\x00\x01"]
        group.cancel_scope.cancel()


def _channel_is_a_pycrdt_channel(channel: MemoryChannel) -> Channel:
    return channel
