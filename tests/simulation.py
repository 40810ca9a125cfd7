"""Devices, a server and everything between them, in virtual time.

The client is the real one (outbox file, documents, reconnects), the hub is the real one. What
happens to network, disk, clocks and server is what the steps of a `World` do. Who takes the steps
tells a story: `seeded_stories.py` draws them from a seed, `story_machine.py` lets Hypothesis do it.
A story ends with a good network and a good disk, and then `World.heal` and `World.hold_to_promises`
ask for what is promised: equal copies everywhere, every edit there once or on its author's list of
refused ones, nothing lost on the way, everybody told whose value did not stay, and everybody seen
who is there. What lies beside it: `simulated_devices.py` (the client, and what its person does),
`simulated_wires.py` (what happens to single frames), `simulated_documents.py` (what all work on),
`simulated_conflicts.py` (who is to be told). A torn write has no place here, where the store takes
a flush whole or not at all: `tests/data/crash_runner.py` tears those of the real one.
"""

import asyncio
import json
import logging
import random
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

from pycrdt import Doc

from measures import Measures
from moim_data.errors import StorageFull
from moim_data.memory_store import KeptDocument, MemoryDisk
from moim_data.store import DocumentId
from moim_sync.authorization import Action, Decision, Role, decide
from moim_sync.hub import Hub
from moim_sync.identity import Identity
from moim_sync.limits import HubLimits
from moim_sync.room import Room
from simulated_conflicts import Notice, Told, differ
from simulated_devices import Device
from simulated_disk import Disk
from simulated_documents import NAMES, OpenDocument
from simulated_wires import Mishap, Way

HEAL_S = 120.0
"""Of virtual time, in which everything must have become quiet."""


class Surprises(logging.Handler):
    """Keeps errors that client and hub did not expect, and got over."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            self.found.append(self.format(record))


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
        self.refused: set[str] = set()
        """After `heal`: the marks of edits that their devices list as refused."""
        self.viewers: set[str] = set()
        """The names of those who may not edit at the moment."""
        self.brought: set[str] = set()
        """The marks that came to a server while their author was an editor."""
        self.has_lost = False
        """True once a single frame was lost or overtaken: what was seen is uncertain then."""
        self._unsettled: set[str] = set()
        """Conflicts whose decisions a full disk did not take; they come back with the server."""
        self._surprises = Surprises()
        logging.getLogger("moim_sync").addHandler(self._surprises)
        self._replay: Doc[Any] = Doc()
        self._replayed = 0
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
            one.wire.hold(way)

    def release(self, one: Device) -> None:
        """Let through what was held."""
        if one.wire is not None:
            one.wire.release()

    def mishap(self, one: Device, way: Way, mishap: Mishap) -> None:
        """Let the next frame of a type suffer."""
        one.mishaps[way].append(mishap)

    async def reload(self, one: Device) -> None:
        """Begin anew from what the device keeps."""
        await one.close()
        one.open()

    # Roles

    def let(self, one: Device, edit: bool) -> None:
        """Make a person a viewer, or an editor again."""
        if edit:
            self.viewers.discard(one.name)
        else:
            self.viewers.add(one.name)
        if self.hub is not None:
            self.hub.recheck()

    def _authorize(
        self, who: Identity | None, action: Action, _document: DocumentId | None
    ) -> Decision:
        assert who is not None
        return decide(Role.VIEWER if who.id in self.viewers else Role.EDITOR, action)

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
        self._store = Disk(self.disk, self._chance, self._unsettled)
        hub = Hub(
            self._store,
            authorize=self._authorize,
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
        kept = self.subject.seen(self._kept())
        assert kept <= self.brought, f"{sorted(kept - self.brought)} came from viewers"
        for device in self.devices:
            if device.is_open:
                self._require_kept_of(device, kept)

    def _require_kept_of(self, device: Device, kept: frozenset[str]) -> None:
        assert device.connection.stopped is None, f"{device.name}: {device.connection.stopped}"
        lost = device.acknowledged() - kept
        assert not lost, f"{device.name} was told that {sorted(lost)} are saved"
        seen = self.subject.seen(device.shared.doc)
        early = seen - kept - device.made.keys()
        assert not early, f"{device.name} sees {sorted(early)}, which the disk does not have"
        gone = device.expected() - seen
        assert not gone, f"{device.name} has lost {sorted(gone)} of its own"

    async def calm(self) -> None:
        """Give a good network and disk, and nothing anew but where frames were lost.

        Everybody who is there then has the same, as connections that go on must bring about.
        """
        self.disk_goes_on()
        here = [device for device in self.devices if device.is_open]
        for device in here:
            self._mend(device)
        await self._quiet(here)
        there = [one for one in here if one.shared.refusal is None]
        copies = [digest(one.content()) for one in there]
        assert len(set(copies)) <= 1, "copies differ after a while without faults"
        self._require_people(there)
        self.require_kept()
        if not self._is_lossy():
            self._require_conflicts(there)

    async def heal(self) -> None:
        """Give everybody a good network and a good disk; then all becomes quiet and equal."""
        self.viewers.clear()
        await self.start()
        for device in self.devices:
            if not device.is_open:
                device.open()
            self._mend(device)
            self.cut(device)
        await self._quiet(self.devices)
        assert self.hub is not None
        room = self.hub.rooms[self.document]
        assert isinstance(room, Room)
        assert len(room.members) == len(self.devices)
        assert len(room.presence) == sum(one.state is not None for one in self.devices)
        self._require_people(self.devices)
        self._require_conflicts(self.devices)
        self.copies = [self._kept(), room.ydoc, *(one.shared.doc for one in self.devices)]
        self.refused = {key for one in self.devices for key in one.refused()}
        await self.stop()
        self.require_kept()

    def _mend(self, device: Device) -> None:
        for plans in device.mishaps.values():
            plans.clear()
        device.online = True
        self.release(device)
        # A frame that is lost alone may be missed until the next connection, and a document that
        # was not there yet is asked for again only then.
        if (device.wire and device.wire.has_lost) or device.shared.refusal is not None:
            self.cut(device)

    async def _quiet(self, devices: Sequence[Device]) -> None:
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + HEAL_S
        while not all(map(_is_quiet, devices)):
            assert loop.time() < ends_at, "an outbox does not empty"
            await asyncio.sleep(1)
        await asyncio.sleep(1)

    def _require_people(self, devices: Sequence[Device]) -> None:
        there = {one.name: [one.state] for one in devices if one.state is not None}
        for device in devices:
            others = {name: states for name, states in there.items() if name != device.name}
            assert device.people() == others, f"{device.name} sees others than those who are there"

    def _require_conflicts(self, devices: Sequence[Device]) -> None:
        kept_ones = self._on_disk().conflicts.values()
        open_ones = [one for one in kept_ones if one.id not in self._unsettled]
        for device in devices:
            kept = {one.id for one in open_ones if one.loser == device.name}
            listed = {one.id for one in device.shared.conflicts} - self._unsettled
            assert listed == kept, f"{device.name} lists {listed - kept}, and not {kept - listed}"
        places = [(one.loser, one.path) for one in open_ones]
        assert len(set(places)) == len(places), f"a field has two of one person: {open_ones}"

    def _is_lossy(self) -> bool:
        alive = (device.wire for device in self.devices)
        return self.has_lost or any(wire.has_lost for wire in alive if wire is not None)

    def hold_to_promises(self, measures: Measures) -> None:
        """Compare everything after `heal`."""
        contents = [self.subject.content(doc) for doc in self.copies]
        edits = {key for one in self.devices for key in one.made}
        marks = self.subject.marks(contents[0])
        # One that came in time, whose ACK was lost, and that its author sends again as a viewer is
        # refused then, and there all the same.
        refused = self.refused - marks
        measures.queue(len(edits & (marks | refused)), len(edits))
        assert measures.quiet_point(map(digest, contents)), "copies differ"
        lost = edits - refused - marks
        assert not lost, f"lost: {sorted(lost)}"
        assert marks <= edits, f"nobody made {sorted(marks - edits)}"
        typed = {key for one in self.devices for key in one.expected_texts(refused)}
        found = self.subject.typed(contents[0])
        assert found == typed, f"texts lack {typed - found}, and have {found - typed}"
        assert self.subject.faults(contents[0]) == []
        if not self._is_lossy():
            self._hold_to_notices()

    def _hold_to_notices(self) -> None:
        """Everybody whose value went was told of it, or it waits for them; and nobody else."""
        heard = {
            Notice(one.name, told.path, told.version) for one in self.devices for told in one.heard
        }
        for one in self._on_disk().conflicts.values():
            heard.add(Notice(one.loser, one.path, one.seq))
        if "cards" in self.subject.roots:
            writes = {
                (one.name, cs): write for one in self.devices for cs, write in one.writes.items()
            }
            rules = Told(self._on_disk().updates, writes)
            assert not rules.missing(heard), f"nobody was told of {rules.missing(heard)}"
            assert not rules.unfounded(heard), f"nothing was lost by {rules.unfounded(heard)}"
        for one in self.devices:
            for told in one.heard:
                assert differ(told.path, told.mine, told.theirs), f"{told} tells of equal values"

    async def close(self) -> None:
        """Let go of the devices' files, and of the log."""
        logging.getLogger("moim_sync").removeHandler(self._surprises)
        for device in self.devices:
            await device.close()

    def _kept(self) -> "Doc[Any]":
        """The document as the rows on the disk say; no row that was there ever changes."""
        rows = self._on_disk().updates
        for number, row in enumerate(rows[self._replayed :], self._replayed + 1):
            assert row.seq == number
            self._replay.apply_update(row.data)
        self._replayed = len(rows)
        return self._replay

    def _on_disk(self) -> KeptDocument:
        return self.disk.documents.get(self.document) or KeptDocument(b"")


def _is_quiet(device: Device) -> bool:
    """Nothing waits, or the document cannot be had: nobody who may has made it."""
    refusal = device.shared.refusal
    if refusal is not None and refusal.code == "unknown":
        return not device.may_edit
    return device.shared.is_synced and not device.shared.pending


def digest(content: dict[str, object]) -> str:
    """The same for contents whose maps came in another order."""
    return json.dumps(content, sort_keys=True)
