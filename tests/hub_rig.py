"""Clients in memory for tests of the hub: they speak the wire and keep a document."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from anyio import fail_after
from pycrdt import Doc, Map, TransactionEvent

from moim_data.memory_store import MemoryDisk, MemoryStore
from moim_data.store import UpdateStore
from moim_sync.channel import receive_all
from moim_sync.hub import Hub
from moim_sync.identity import Identity
from moim_sync.memory_channel import MemoryChannel, memory_pair
from moim_sync.messages import (
    Ack,
    ClientMessage,
    Granted,
    Hello,
    Presence,
    Push,
    ServerMessage,
    Sub,
    Sync,
    Update,
)
from moim_sync.protocol import decode_server_frames, encode
from moim_sync.y_protocol import AwarenessEntry, decode_awareness, encode_awareness

M = TypeVar("M")
DEADLINE_S = 20.0


def person(name: str, **options: bool) -> Identity:
    return Identity(name, name.title(), "blue", **options)


class Rig:
    """A hub over a store in memory, and everybody connected to it."""

    def __init__(self, hub: Hub, store: UpdateStore) -> None:
        self.hub = hub
        self.store = store
        self.tasks: list[asyncio.Task[None]] = []

    def connect(self, name: str = "ann", replica: bytes | None = None) -> "SyncClient":
        ours, theirs = memory_pair("/sync")
        session = self.hub.sync(theirs, person(name))
        self.spawn(receive_all(session, theirs))
        return SyncClient(ours, theirs, replica or name.encode().ljust(16, b"-"))

    async def plain(self, document: str, name: str = "bob") -> "PlainClient":
        ours, theirs = memory_pair(f"/yjs/{document}")
        session = await self.hub.plain(document, theirs, person(name))  # type: ignore[arg-type]
        self.spawn(receive_all(session, theirs))
        return PlainClient(ours, theirs)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self.tasks.append(asyncio.create_task(work))


@asynccontextmanager
async def rig(store: UpdateStore | None = None, **options: Any) -> AsyncIterator[Rig]:
    """A running hub; a failing test is told within a deadline of its own waits."""
    store = store or MemoryStore()
    async with Hub(store, **options) as hub:
        made = Rig(hub, store)
        try:
            yield made
        finally:
            for task in made.tasks:
                task.cancel()


def restarted(disk: MemoryDisk) -> MemoryStore:
    return MemoryStore(disk)


async def until(condition: Callable[[], Any], what: str = "") -> None:
    """Wait for something that other tasks on this loop bring about."""
    with fail_after(DEADLINE_S):
        while not condition():  # noqa: ASYNC110  a condition has no event to wait for
            await asyncio.sleep(0.001)


class SyncClient:
    """Speaks `/sync`; keeps what it was told, in order."""

    def __init__(self, channel: MemoryChannel, server_end: MemoryChannel, replica: bytes) -> None:
        self.channel = channel
        self.server_end = server_end
        self.replica = replica
        self.heard: list[ServerMessage] = []
        self.documents: dict[str, Open] = {}

    def send(self, *messages: ClientMessage) -> None:
        self.channel.write(b"".join(map(encode, messages)))

    def hello(self, **options: Any) -> "SyncClient":
        self.send(Hello(1, "tests", self.replica, **options))
        return self

    async def get(self, kind: type[M], where: Callable[[M], bool] = lambda message: True) -> M:
        """The next message of this kind; everything heard before it is kept in `heard`."""
        with fail_after(DEADLINE_S):
            while True:
                for at, message in enumerate(self.heard):
                    if isinstance(message, kind) and where(message):
                        del self.heard[at]
                        return message
                self.heard += decode_server_frames(await self.channel.recv())

    async def open(
        self,
        document: str,
        create: bool = True,
        lineage: bytes = b"",
        *,
        client_id: int | None = None,
    ) -> "Open":
        self.send(Sub(document, create, lineage, b"\x00"))
        granted = await self.get(Granted, lambda granted: granted.document == document)
        sync = await self.get(Sync, lambda sync: sync.channel == granted.channel)
        self.documents[document] = opened = Open(self, granted, sync, client_id)
        return opened

    async def closed(self) -> int | None:
        """Wait for the server to close, then give its code."""
        await until(lambda: self.server_end.close_code is not None)
        return self.server_end.close_code

    def lose(self) -> None:
        """Break the connection."""
        self.channel.close(1006)


class Open:
    """A document that a client has open."""

    def __init__(
        self, client: SyncClient, granted: Granted, sync: Sync, client_id: int | None = None
    ) -> None:
        self.client = client
        self.granted = granted
        self.channel = granted.channel
        self.doc: Doc[Any] = Doc(client_id=client_id)
        self.doc.apply_update(sync.update)
        self.cs = granted.cs_durable
        self._news: list[bytes] = []
        self.doc.observe(self._note)

    def _note(self, event: TransactionEvent) -> None:
        self._news.append(event.update)

    def edit(self, work: Callable[["Doc[Any]"], object]) -> bytes:
        """Change the document; give the update."""
        self._news.clear()
        with self.doc.transaction():
            work(self.doc)
        return self._news[0]

    def set(self, key: str, value: object, root: str = "data") -> bytes:
        return self.edit(lambda doc: doc.get(root, type=Map).update({key: value}))

    def value(self, key: str, root: str = "data") -> Any:
        return self.doc.get(root, type=Map).get(key)

    def push(
        self,
        update: bytes,
        cs: int | None = None,
        touched: tuple[str, ...] = (),
        *,
        values: tuple[str, ...] = (),
        base_seq: int = 0,
        person: str = "",
    ) -> int:
        self.cs = self.cs + 1 if cs is None else cs
        self.client.send(Push(self.channel, self.cs, base_seq, touched, update, values, person))
        return self.cs

    async def acked(self, cs: int | None = None) -> Ack:
        wanted = self.cs if cs is None else cs
        return await self.client.get(
            Ack, lambda ack: ack.channel == self.channel and ack.cs >= wanted
        )

    async def update(self) -> Update:
        """The next UPDATE, applied."""
        update = await self.client.get(Update, lambda update: update.channel == self.channel)
        self.doc.apply_update(update.update)
        return update

    def announce(self, client_id: int, clock: int, state: str) -> None:
        update = encode_awareness([AwarenessEntry(client_id, clock, state)])
        self.client.send(Presence(self.channel, update))

    async def presence(self) -> list[AwarenessEntry]:
        heard = await self.client.get(Presence, lambda heard: heard.channel == self.channel)
        return decode_awareness(heard.update)


class PlainClient:
    """Speaks `/yjs`."""

    def __init__(self, channel: MemoryChannel, server_end: MemoryChannel) -> None:
        self.channel = channel
        self.server_end = server_end

    def send(self, message: bytes) -> None:
        self.channel.write(message)

    async def get(self, head: bytes) -> bytes:
        """The next message that starts with these bytes; others are dropped."""
        with fail_after(DEADLINE_S):
            while not (message := await self.channel.recv()).startswith(head):
                pass
            return message

    async def closed(self) -> int | None:
        await until(lambda: self.server_end.close_code is not None)
        return self.server_end.close_code
