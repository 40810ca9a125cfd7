"""Devices, a server and everything between them, in virtual time: one seed, one story.

The client is the real one (outbox file, documents, reconnects), the hub is the real one; network,
disk, clocks and the order of events are drawn from the seed. A story ends with a good network and a
good disk, and then `World.heal` asks for what is promised: equal copies everywhere, every edit
there once, nothing acknowledged lost at any kill on the way.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

from pycrdt import Doc
from websockets.exceptions import ConnectionClosedError
from websockets.frames import Close

from moim_data.compaction import build_snapshot
from moim_data.errors import StorageFull
from moim_data.memory_store import MemoryDisk, MemoryStore
from moim_data.outbox import Outbox
from moim_data.store import DocumentId, StoredDocument
from moim_sync.channel import receive_all
from moim_sync.client_connection import ClientConnection
from moim_sync.hub import Hub
from moim_sync.identity import Identity
from moim_sync.limits import HubLimits
from moim_sync.memory_channel import MemoryChannel, memory_pair
from moim_sync.messages import Hello
from moim_sync.protocol import PROTOCOL_VERSION
from moim_sync.room import Room
from moim_sync.shared_document import SharedDocument
from simulated_documents import OpenDocument

HEAL_S = 300.0
"""Of virtual time, in which everything must have become quiet."""


class Disk(MemoryStore):
    """A disk that now and then gives a document as a snapshot and the rest, as compaction does."""

    def __init__(self, disk: MemoryDisk, chance: random.Random) -> None:
        super().__init__(disk, random_bytes=chance.randbytes)
        self._chance = chance

    def _open(self, document: DocumentId, create: bool) -> StoredDocument | None:
        found = super()._open(document, create)
        if found is None or not found.updates or self._chance.random() < 0.5:
            return found
        upto = self._chance.randrange(1, len(found.updates) + 1)
        snapshot = build_snapshot(found.updates[:upto])
        return StoredDocument(
            document, found.lineage, found.seq, snapshot, found.updates[upto:], found.durable
        )


class Wire:
    """One connection as the client sees it: the socket of `websockets`, over memory."""

    def __init__(self, ours: MemoryChannel, theirs: MemoryChannel) -> None:
        self.ours = ours
        self.theirs = theirs

    async def send(self, data: bytes) -> None:
        if self.ours.close_code is not None:
            raise self._closed()
        self.ours.write(data)

    async def recv(self, decode: bool) -> bytes:
        try:
            return await self.ours.recv()
        except StopAsyncIteration:
            raise self._closed() from None

    def cut(self) -> None:
        """Lose the connection, and all that is on its way."""
        for end in (self.ours, self.theirs):
            end.close(1006)
            end.drop_held()
            end.release()

    def _closed(self) -> ConnectionClosedError:
        code = self.theirs.close_code
        known = code is not None and code != 1006
        return ConnectionClosedError(Close(code or 1006, "") if known else None, None)


class Connection(ClientConnection):
    """The Python client's own, on the loop of the story instead of in a thread."""

    def __init__(self, device: "Device") -> None:
        super().__init__(
            "ws://sim/sync",
            hello=lambda: Hello(PROTOCOL_VERSION, "sim", device.outbox.replica, device.name),
            renew_replica=device.outbox.renew_replica,
            headers={},
            random=device.world.chance.random,
        )
        self._loop.close()
        self._loop = asyncio.get_running_loop()
        self._connect = device.dial
        self.life = self._loop.create_task(self._main())

    def _run(self) -> None:
        """Do nothing in the thread."""


class Device:
    """A browser tab or a program: an outbox file, a document, a connection that comes back."""

    def __init__(self, world: "World", name: str) -> None:
        self.world = world
        self.name = name
        self.online = True
        self.made: dict[str, int] = {}
        """Each edit's mark, with the number that the outbox gave it."""
        self.wire: Wire | None = None
        self._numbers = count(1)
        self.open()

    def open(self) -> None:
        """Start the program over what its file holds."""
        self.outbox = Outbox(self.world.folder / f"{self.name}.db")
        self.connection = Connection(self)
        self.shared = SharedDocument(
            self.world.document,
            self.outbox,
            create=True,
            wake=self.connection.wake,
            changed=lambda _: None,
        )
        self.connection.open(self.shared)

    async def close(self) -> None:
        """End the program without a word, as closing a tab does."""
        self.connection.life.cancel()
        await asyncio.wait([self.connection.life])
        if self.wire is not None:
            self.wire.cut()
        self.shared.close()
        self.outbox.close()

    @asynccontextmanager
    async def dial(self, **_: Any) -> AsyncIterator[Wire]:
        """Connect to the server of the moment, where the network and the server allow it."""
        await asyncio.sleep(self.world.chance.choice((0.0, 0.01, 0.2)))
        hub = self.world.hub
        if not self.online or hub is None:
            raise OSError("no way")
        ours, theirs = memory_pair("/sync")
        session = hub.sync(theirs, Identity(self.name, self.name.title(), "blue"))
        self.world.spawn(receive_all(session, theirs))
        self.wire = wire = Wire(ours, theirs)
        try:
            yield wire
        finally:
            wire.cut()

    def edit(self) -> None:
        """Change something, and leave a mark that must be there once at the end."""
        key = f"{self.name}-{next(self._numbers)}"
        with self.shared.transaction():
            self.world.subject.change(key, self.world.chance, self.shared.doc)
        self.made[key] = self.outbox.state(self.shared.id).last_cs

    def acknowledged(self) -> set[str]:
        """The marks of which the server has told this device that it keeps them."""
        waiting = self.outbox.pending(self.shared.id)
        first = waiting[0].cs if waiting else 2**53
        return {key for key, cs in self.made.items() if cs < first}


class World:
    """Everybody and everything, from one seed."""

    def __init__(self, seed: int, folder: Path, subject: OpenDocument) -> None:
        self.subject = subject
        self.document = subject.document
        self.chance = random.Random(seed)
        self.folder = folder
        self.disk = MemoryDisk()
        self.hub: Hub | None = None
        self.kills = 0
        self._store: Disk | None = None
        self._life: asyncio.Task[None] | None = None
        self._sessions: set[asyncio.Task[None]] = set()
        self._skew_ms = 0
        names = ("ann", "bob", "eve", "kim", "lee", "zoe")
        self.devices = [Device(self, name) for name in names[: self.chance.randrange(2, 7)]]

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Keep a connection of the server of the moment."""
        task = asyncio.create_task(work)
        self._sessions.add(task)
        task.add_done_callback(self._sessions.discard)

    async def live(self, lives: int, steps: int) -> None:
        """Let things happen over so many lives of the server, then look at the end."""
        for _ in range(lives):
            await self._start()
            for _ in range(self.chance.randrange(steps // 4, steps)):
                await self._step()
            await (self._kill() if self.chance.random() < 0.7 else self._stop())
        await self.heal()

    async def heal(self) -> None:
        """Give everybody a good network and a good disk; then all must be as promised."""
        await self._start()
        for device in self.devices:
            device.online = True
            if device.wire is not None:
                device.wire.cut()
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + HEAL_S
        while any(one.shared.pending or not one.shared.is_synced for one in self.devices):
            assert loop.time() < ends_at, "an outbox does not empty"
            await asyncio.sleep(1)
        await asyncio.sleep(1)
        assert self.hub is not None
        room = self.hub.rooms[self.document]
        assert isinstance(room, Room)
        assert len(room.members) == len(self.devices)
        self.copies = [self._kept(), room.ydoc, *(one.shared.doc for one in self.devices)]
        await self._stop()
        for device in self.devices:
            await device.close()

    def contents(self) -> list[dict[str, Any]]:
        """What the disk, the room and every device have at the end."""
        return [self.subject.content(doc) for doc in self.copies]

    def edits(self) -> set[str]:
        """The marks of everybody."""
        return {key for one in self.devices for key in one.made}

    async def _step(self) -> None:
        one = self.chance.choice(self.devices)
        what = self.chance.choices(list(_STEPS), [weight for weight, _ in _STEPS.values()])[0]
        await _STEPS[what][1](self, one)
        for _ in range(self.chance.randrange(4)):
            await asyncio.sleep(0)

    async def _edit(self, one: Device) -> None:
        for _ in range(self.chance.choice((1, 1, 1, 2, 30))):
            one.edit()

    async def _wait(self, _: Device) -> None:
        await asyncio.sleep(self.chance.choice((0.001, 0.02, 0.3, 3.0, 12.0, 60.0)))

    async def _go(self, one: Device) -> None:
        one.online = not one.online
        if not one.online and one.wire is not None:
            one.wire.cut()

    async def _cut(self, one: Device) -> None:
        if one.wire is not None:
            one.wire.cut()

    async def _hold(self, one: Device) -> None:
        """Let nothing through, one way: what is sent comes later, or is lost."""
        if one.wire is not None:
            self.chance.choice((one.wire.ours, one.wire.theirs)).hold()

    async def _release(self, one: Device) -> None:
        if one.wire is not None:
            one.wire.ours.release()
            one.wire.theirs.release()

    async def _reload(self, one: Device) -> None:
        await one.close()
        one.open()

    async def _disk_waits(self, _: Device) -> None:
        assert self._store is not None
        self._store.hold()

    async def _disk_goes_on(self, _: Device) -> None:
        assert self._store is not None
        self._store.refuse(None)
        self._store.release()

    async def _disk_is_full(self, _: Device) -> None:
        assert self._store is not None
        self._store.refuse(StorageFull("full"))

    async def _clock_steps(self, _: Device) -> None:
        self._skew_ms = self.chance.choice((-3_600_000, 0, 3_600_000))

    async def _restart(self, _: Device) -> None:
        await (self._kill() if self.chance.random() < 0.7 else self._stop())
        await asyncio.sleep(self.chance.choice((0.0, 0.5, 5.0)))
        await self._start()

    async def _start(self) -> None:
        loop = asyncio.get_running_loop()
        self._store = Disk(self.disk, self.chance)
        hub = Hub(
            self._store,
            clock=loop.time,
            wall_clock=lambda: int(loop.time() * 1000) + self._skew_ms,
            work_clock=lambda: 0.0,
            limits=HubLimits(lag_bytes=2000, unload_after_s=20),
        )
        self._life = asyncio.create_task(hub.start())
        await hub.started.wait()
        self.hub = hub

    async def _stop(self) -> None:
        """End the server as SIGTERM does."""
        hub, self.hub = self.hub, None
        assert hub is not None
        assert self._store is not None
        assert self._life is not None
        self._store.refuse(None)
        self._store.release()
        await hub.drain(1000)
        await hub.stop()
        for device in self.devices:
            await self._cut(device)
        await asyncio.wait([self._life, *self._sessions])
        self._require_kept()

    async def _kill(self) -> None:
        """End the server between two instructions; what is not on the disk is gone."""
        self.hub = None
        self.kills += 1
        assert self._store is not None
        assert self._life is not None
        self._store.drop()
        for device in self.devices:
            await self._cut(device)
        self._life.cancel()
        for task in self._sessions:
            task.cancel()
        await asyncio.wait([self._life, *self._sessions])
        self._require_kept()

    def _require_kept(self) -> None:
        """Whatever a device was told to be saved is on the disk."""
        kept = self.subject.marks(self.subject.content(self._kept()))
        for device in self.devices:
            lost = device.acknowledged() - kept
            assert not lost, f"{device.name} was told that {sorted(lost)} are saved"

    def _kept(self) -> "Doc[Any]":
        """The document as the rows on the disk say."""
        doc: Doc[Any] = Doc()
        kept = self.disk.documents.get(self.document)
        for number, row in enumerate(kept.updates if kept else (), 1):
            assert row.seq == number
            doc.apply_update(row.data)
        return doc


_STEPS: Mapping[str, tuple[int, Callable[[World, Device], Awaitable[None]]]] = {
    "edit": (30, World._edit),
    "wait": (12, World._wait),
    "go on or off": (8, World._go),
    "cut": (4, World._cut),
    "hold": (5, World._hold),
    "release": (8, World._release),
    "reload": (4, World._reload),
    "disk waits": (3, World._disk_waits),
    "disk is full": (2, World._disk_is_full),
    "disk goes on": (6, World._disk_goes_on),
    "clock steps": (2, World._clock_steps),
    "restart": (1, World._restart),
}
"""What may happen, and how often."""
