"""Devices, a server and everything between them, in virtual time.

The client is the real one (outbox file, documents, reconnects), the hub is the real one. What
happens to network, disk, clocks and server is what the steps of a `World` do. Who takes the steps
tells a story: `seeded_stories.py` draws them from a seed, `story_machine.py` lets Hypothesis do it.
A story ends with a good network and a good disk, and then `World.heal` and `World.hold_to_promises`
ask for what is promised: equal copies everywhere, every edit there once, nothing lost on the way.
"""

import asyncio
import json
import logging
import random
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any, Literal

from pycrdt import Doc
from websockets.exceptions import ConnectionClosedError
from websockets.frames import Close

from measures import Measures
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

HEAL_S = 120.0
"""Of virtual time, in which everything must have become quiet."""
NAMES = ("ann", "bob", "eve", "kim", "lee", "zoe")
Way = Literal["up", "down"]
"""`up` is from a device to the server."""


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

    @property
    def transport(self) -> "Wire":
        return self

    def abort(self) -> None:
        self.cut()

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
            random=device.chance.random,
        )
        self._loop.close()
        self._loop = asyncio.get_running_loop()
        self._connect = device.dial
        self.life = self._loop.create_task(self._main())

    def _run(self) -> None:
        """Do nothing in the thread."""


class Surprises(logging.Handler):
    """Keeps errors that client and hub did not expect, and got over."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            self.found.append(self.format(record))


class Device:
    """A browser tab or a program: an outbox file, a document, a connection that comes back.

    Args:
        chance: draws how long it takes to connect, and when it is tried again.
    """

    def __init__(self, world: "World", name: str, chance: random.Random) -> None:
        self.world = world
        self.name = name
        self.chance = chance
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
        await asyncio.sleep(self.chance.choice((0.0, 0.01, 0.2)))
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

    def edit(self, chance: random.Random) -> None:
        """Change something that is drawn, and leave a mark that must be there once at the end."""
        key = f"{self.name}-{next(self._numbers)}"
        with self.shared.transaction():
            self.world.subject.change(key, chance, self.shared.doc)
        self.made[key] = self.outbox.state(self.shared.id).last_cs

    def acknowledged(self) -> set[str]:
        """The marks of which the server has told this device that it keeps them."""
        waiting = self.outbox.pending(self.shared.id)
        first = waiting[0].cs if waiting else 2**53
        return {key for key, cs in self.made.items() if cs < first}


class World:
    """Everybody and everything; each public method is a step that a story may take.

    Args:
        folder: for the files of the devices.
        subject: what everybody works on.
        chance: draws what the disk gives as a snapshot.
    """

    def __init__(self, folder: Path, subject: OpenDocument, chance: random.Random) -> None:
        self.subject = subject
        self.document = subject.document
        self.folder = folder
        self.disk = MemoryDisk()
        self.hub: Hub | None = None
        self.kills = 0
        self.devices: list[Device] = []
        self.copies: list[Doc[Any]] = []
        """After `heal`: what the disk, the room and every device have."""
        self._surprises = Surprises()
        logging.getLogger("moim_sync").addHandler(self._surprises)
        self._chance = chance
        self._store: Disk | None = None
        self._life: asyncio.Task[None] | None = None
        self._sessions: set[asyncio.Task[None]] = set()
        self._skew_ms = 0

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Keep a connection of the server of the moment."""
        task = asyncio.create_task(work)
        self._sessions.add(task)
        task.add_done_callback(self._sessions.discard)

    # Devices and their lines

    def add_device(self, chance: random.Random) -> Device:
        """Let one more device come, at most as many as there are names."""
        self.devices.append(Device(self, NAMES[len(self.devices)], chance))
        return self.devices[-1]

    def go(self, one: Device) -> None:
        """Take a device's network away, or give it back."""
        one.online = not one.online
        if not one.online:
            self.cut(one)

    def cut(self, one: Device) -> None:
        """Break its connection."""
        if one.wire is not None:
            one.wire.cut()

    def hold(self, one: Device, way: Way) -> None:
        """Let nothing through, one way: what is sent comes later, or is lost."""
        if one.wire is not None:
            (one.wire.ours if way == "up" else one.wire.theirs).hold()

    def release(self, one: Device) -> None:
        """Let through what was held."""
        if one.wire is not None:
            one.wire.ours.release()
            one.wire.theirs.release()

    async def reload(self, one: Device) -> None:
        """Begin anew from what the device keeps."""
        await one.close()
        one.open()

    # The server, its disk and its clock

    @property
    def store(self) -> Disk:
        """The disk as the server of the moment sees it."""
        assert self._store is not None
        return self._store

    def disk_waits(self) -> None:
        """Keep nothing for the time being."""
        self.store.hold()

    def disk_is_full(self) -> None:
        """Refuse what comes."""
        self.store.refuse(StorageFull("full"))

    def disk_goes_on(self) -> None:
        """Keep what waits and what comes."""
        self.store.refuse(None)
        self.store.release()

    def clock_steps(self, skew_ms: int) -> None:
        """Set the server's wall clock so much forward or back."""
        self._skew_ms = skew_ms

    async def start(self) -> None:
        """Begin a life of the server."""
        loop = asyncio.get_running_loop()
        self._store = Disk(self.disk, self._chance)
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

    async def stop(self) -> None:
        """End the server as SIGTERM does."""
        hub, self.hub = self.hub, None
        assert hub is not None
        self.disk_goes_on()
        await hub.drain(1000)
        await hub.stop()
        await self._ended()

    async def kill(self) -> None:
        """End the server between two instructions; what is not on the disk is gone."""
        self.hub = None
        self.kills += 1
        self.store.drop()
        assert self._life is not None
        self._life.cancel()
        for task in self._sessions:
            task.cancel()
        await self._ended()

    async def _ended(self) -> None:
        for device in self.devices:
            self.cut(device)
        assert self._life is not None
        await asyncio.wait([self._life, *self._sessions])

    # What is promised

    def require_kept(self) -> None:
        """Whatever a device was told to be saved, or was shown of others, is on the disk."""
        assert not self._surprises.found, self._surprises.found[0]
        kept = self.subject.marks(self.subject.content(self._kept()))
        for device in self.devices:
            lost = device.acknowledged() - kept
            assert not lost, f"{device.name} was told that {sorted(lost)} are saved"
            seen = self.subject.marks(self.subject.content(device.shared.doc))
            early = seen - kept - device.made.keys()
            assert not early, f"{device.name} sees {sorted(early)}, which the disk does not have"
            gone = device.made.keys() - seen
            assert not gone, f"{device.name} has lost {sorted(gone)} of its own"

    async def heal(self) -> None:
        """Give everybody a good network and a good disk; then all becomes quiet and equal."""
        await self.start()
        for device in self.devices:
            device.online = True
            self.cut(device)
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
        await self.stop()
        self.require_kept()

    def hold_to_promises(self, measures: Measures) -> None:
        """Compare everything after `heal`."""
        contents = [self.subject.content(doc) for doc in self.copies]
        edits = {key for one in self.devices for key in one.made}
        marks = self.subject.marks(contents[0])
        measures.queue(len(edits & marks), len(edits))
        assert measures.quiet_point(map(digest, contents)), "copies differ"
        assert edits == marks, f"lost: {sorted(edits - marks)}, made by nobody: {marks - edits}"
        assert self.subject.faults(contents[0]) == []

    async def close(self) -> None:
        """Let go of the devices' files, and of the log."""
        logging.getLogger("moim_sync").removeHandler(self._surprises)
        for device in self.devices:
            await device.close()

    def _kept(self) -> "Doc[Any]":
        """The document as the rows on the disk say."""
        doc: Doc[Any] = Doc()
        kept = self.disk.documents.get(self.document)
        for number, row in enumerate(kept.updates if kept else (), 1):
            assert row.seq == number
            doc.apply_update(row.data)
        return doc


def digest(content: dict[str, object]) -> str:
    """The same for contents whose maps came in another order."""
    return json.dumps(content, sort_keys=True)
