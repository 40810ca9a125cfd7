"""Devices of the simulation: the real client over an outbox file, and what its person does.

The client has no undo of its own; a program that wants one takes the `UndoManager` of its CRDT over
its own origin, as the page does with Yjs. So does a device here.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from pycrdt import Doc, UndoManager

from moim_data.outbox import Outbox
from moim_sync.channel import Receiver, receive_all
from moim_sync.client_connection import ClientConnection
from moim_sync.identity import Identity
from moim_sync.messages import Conflict, Hello, Push, Resolved
from moim_sync.protocol import PROTOCOL_VERSION, decode_client_frames
from moim_sync.shared_document import SharedDocument
from simulated_conflicts import Write, diff
from simulated_documents import marks_of
from simulated_wires import Mishap, Way, Wire

if TYPE_CHECKING:
    from simulation import World

OWN: Final = "own"
"""The origin of edits that can be taken back."""


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


class Shared(SharedDocument):
    """The client's own document, which notes besides what it was told of conflicts."""

    def __init__(self, device: "Device") -> None:
        super().__init__(
            device.world.document,
            device.outbox,
            create=True,
            wake=device.connection.wake,
            changed=lambda _: None,
            draw_client_id=device.draw_client_id,
        )
        self._heard = device.heard

    def told_conflict(self, conflict: Conflict | Resolved) -> None:
        if isinstance(conflict, Conflict):
            self._heard.append(conflict)
        super().told_conflict(conflict)

    @property
    def last_cs(self) -> int:
        """The number of the last edit."""
        return self._edits._last_cs


class Arrivals:
    """Hands messages to a session, and notes which edits came while their author was an editor."""

    def __init__(self, session: Receiver, device: "Device") -> None:
        self._session = session
        self._device = device

    def receive(self, message: bytes | str) -> Awaitable[None] | None:
        assert isinstance(message, bytes)
        if self._device.may_edit:
            for frame in decode_client_frames(message):
                if isinstance(frame, Push):
                    self._device.world.brought |= marks_of(frame.update)
        return self._session.receive(message)

    def lost(self) -> None:
        self._session.lost()


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
        self.is_open = False
        self.made: dict[str, int] = {}
        """Each edit's mark, with the number that the outbox gave it."""
        self.writes: dict[int, Write] = {}
        """By that number, what the edit set."""
        self.typed: set[str] = set()
        """The marks of edits that put a token into a text."""
        self.undone: dict[str, str] = {}
        """Edits that were taken back, with the mark of the edit which did."""
        self.heard: list[Conflict] = []
        self.state: str | None = None
        """What its person lets others see."""
        self.mishaps: dict[Way, list[Mishap]] = {"up": [], "down": []}
        self.wire: Wire | None = None
        self._numbers = count(1)
        self._docs = count(1)
        self._undo: UndoManager | None = None
        self._undo_marks: list[str] = []
        self._undo_managers: list[UndoManager] = []
        """All there ever were: one that is freed before its document may crash it (pycrdt)."""
        self._is_anew = False
        self.open()

    @property
    def may_edit(self) -> bool:
        """What its person may do at the moment."""
        return self.name not in self.world.viewers

    def open(self) -> None:
        """Start the program over what its file holds."""
        self.outbox = Outbox(self.world.folder / f"{self.name}.db")
        self.connection = Connection(self)
        self.shared = Shared(self)
        self.connection.open(self.shared)
        self.state = None
        self.is_open = True
        self._doc = self.shared.doc
        self._track()

    def _is_of_a_former_document(self, frame: object) -> bool:
        """Tell whether what is sent holds only what the document had when it was loaded."""
        self._look_for_another_doc()
        return isinstance(frame, Push) and frame.cs <= self._loaded_cs

    def draw_client_id(self) -> int:
        """Give another id for each document, the same in each telling of a story."""
        return random.Random(f"{self.name} {next(self._docs)}").getrandbits(31)

    async def close(self) -> None:
        """End the program without a word, as closing a tab does."""
        if not self.is_open:
            return
        self._look_for_another_doc()
        self.is_open = False
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
        self.wire = wire = Wire(self.mishaps, self._is_of_a_former_document)
        session = hub.sync(wire.theirs, Identity(self.name, self.name.title(), "blue"))
        self.world.spawn(receive_all(Arrivals(session, self), wire.theirs))
        try:
            yield wire
        finally:
            self.world.has_lost = self.world.has_lost or wire.has_lost
            wire.cut()

    # What its person does

    def edit(self, chance: random.Random, kind: int | None = None) -> None:
        """Change something that is drawn, and leave a mark that must be there once at the end."""
        subject, doc = self.world.subject, self.shared.doc
        kinds = subject.kinds_of_edit
        what = chance.choice(kinds) if kind is None else kinds[kind % len(kinds)]
        self._look_for_another_doc()
        key = f"{self.name}-{next(self._numbers)}"
        seen = subject.seen(doc)
        assert self._undo is not None
        steps = len(self._undo.undo_stack)
        with self.shared.transaction(OWN if subject.may_undo(what, doc) else None):
            subject.mark(key, doc)
            values = subject.change(what, key, chance, doc)
        if len(self._undo.undo_stack) > steps:
            self._undo_marks.append(key)
        if any(path.endswith(("text", "notes")) for path in values):
            self.typed.add(key)
        self._note(key, seen, values)

    def undo(self) -> None:
        """Take back the last edit that can be, and nothing of anybody else."""
        self._look_for_another_doc()
        if self._undo is None or not self._undo.can_undo():
            return
        subject, doc = self.world.subject, self.shared.doc
        key = f"{self.name}-{next(self._numbers)}"
        seen = subject.seen(doc)
        before = subject.content(doc)
        with self.shared.lock:
            self._undo.undo()
            with self.shared.transaction():
                subject.mark(key, doc)
                subject.mend(key, doc)
        after = subject.content(doc)
        gone = subject.written(before) - subject.written(after)
        of_others = {mark for mark in gone if mark.partition("-")[0] != self.name}
        assert not of_others, f"{self.name}'s undo took {of_others} away"
        # what others have written over counts for nothing: the edit before it is taken back too
        while len(self._undo_marks) > len(self._undo.undo_stack):
            taken_back = self._undo_marks.pop()
            assert taken_back not in subject.typed(after), f"{taken_back} is still there"
            self.undone[taken_back] = key
        self._note(key, seen, dict(diff(before, after)) if "cards" in before else {})

    def show(self, state: str | None) -> None:
        """Let others see where the person is; None for nowhere."""
        self.state = state
        self.shared.presence.set(None if state is None else {"at": state})

    def decide(self) -> None:
        """See to the oldest conflict."""
        for conflict in self.shared.conflicts[:1]:
            self.shared.settle(conflict)

    def _note(self, key: str, seen: frozenset[str], values: dict[str, Any]) -> None:
        self.made[key] = self.shared.last_cs
        self.writes[self.made[key]] = Write(self.name, key, seen, values)

    def _track(self) -> None:
        self._loaded_cs = self.shared.last_cs
        doc, roots = self.shared.doc, self.world.subject.roots
        scopes = [doc.get(name, type=roots[name]) for name in self.world.subject.undo_roots]
        self._undo = UndoManager(scopes=scopes, capture_timeout_millis=0)
        self._undo.include_origin(OWN)
        self._undo_managers.append(self._undo)
        self._undo_marks = []

    def _look_for_another_doc(self) -> None:
        """After a hard refusal the client has begun anew, with another document."""
        if self.shared.doc is not self._doc:
            self._doc = self.shared.doc
            self._is_anew = True
            self._track()
        if self.shared.is_synced:
            self._is_anew = False

    # What it has

    def refused(self) -> set[str]:
        """The marks of the edits on its list of those that the server did not accept."""
        edits = self.outbox.refused(self.shared.id)
        return {key for edit in edits for key in marks_of(edit.update)} & self.made.keys()

    def acknowledged(self) -> set[str]:
        """The marks of which the server has told this device that it keeps them."""
        waiting = self.outbox.pending(self.shared.id)
        first = waiting[0].cs if waiting else 2**53
        return {key for key, cs in self.made.items() if cs < first} - self.refused()

    def expected(self) -> set[str]:
        """The marks of its own that must be in its copy; its list has the refused ones.

        Of a copy that was begun anew, what the server has comes with the next SYNC.
        """
        self._look_for_another_doc()
        return self.made.keys() - self.refused() - (self.acknowledged() if self._is_anew else set())

    def expected_texts(self, refused: set[str]) -> set[str]:
        """The marks whose tokens must be in a text in the end."""
        undone = {key for key, by in self.undone.items() if by not in refused}
        return self.typed - refused - undone

    def people(self) -> dict[str, list[Any]]:
        """Whom it sees, and what each of their windows says."""
        people = self.shared.presence.people
        return {one.id: [state["at"] for state in one.states] for one in people}

    def content(self) -> dict[str, Any]:
        """What it has before it."""
        doc: Doc[Any] = self.shared.doc
        return self.world.subject.content(doc)
