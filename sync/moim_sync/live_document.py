"""The server's copy of one document: the only place where updates meet pycrdt.

Everything applied comes out again as what was *new* in it, which is what gets kept and broadcast.
Updates are applied only when all they need is here; a panic of pycrdt leaves the copy suspect, and
`Poisoned` says that it must be made anew from the log.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any
from weakref import WeakMethod

from pycrdt import Doc, TransactionEvent

from moim_data.documents.kinds import Kind
from moim_data.documents.shape import shape_of
from moim_data.documents.validation import Problem
from moim_data.errors import CorruptDocument
from moim_data.store import StoredDocument
from moim_sync.errors import SyncError
from moim_sync.prescan import FIRST_SYNC, Scan, scan
from moim_sync.state_vector import decode_state_vector, encode_state_vector
from moim_sync.validation import Guard

LOAD_AT_ONCE = 200


class Poisoned(SyncError):
    """pycrdt failed while applying; the message names the size and hash of the update."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What one update did."""

    news: list[bytes]
    """What was new, to be merged; with problems, the first is the edit, the rest takes it back."""
    touched: tuple[str, ...] = ()
    """The registers that have another value now, or had for a moment."""
    problems: tuple[Problem, ...] = ()
    """Why it was undone."""


@dataclass(frozen=True, slots=True)
class Outside:
    """What server code wrote into a document by itself."""

    updates: list[bytes]
    touched: tuple[str, ...] = ()


class _Capture:
    """What observers write to. It knows the room only weakly: pycrdt keeps it alive."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self.updates: list[bytes] = []
        self.outside: list[bytes] = []
        self.ours = False
        self._changed = WeakMethod(changed)

    def note(self, update: bytes) -> None:
        if self.ours:
            self.updates.append(update)
            return
        self.outside.append(update)
        if (changed := self._changed()) is not None:
            changed()


def _capture(capture: _Capture, event: TransactionEvent) -> None:
    capture.note(event.update)


class LiveDocument:
    """A loaded document.

    Args:
        kind: its row of the table KINDS; with a schema, edits are checked one by one.
        doc: what to fill; server code may hold it and write into it.
        changed: a bound method, called when server code wrote into `doc`.
    """

    def __init__(self, kind: Kind, doc: "Doc[Any]", changed: Callable[[], None]) -> None:
        self.doc = doc
        self.clocks: dict[int, int] = {}
        self.size_bytes = 0
        """Encoded size, as of the last `measure` plus what came since."""
        self._kind = kind
        shape = shape_of(kind.name) if kind.schema else None
        self._roots = None if shape is None else frozenset(shape.roots)
        self._capture = _Capture(changed)
        self._guard = Guard(kind.name, doc) if kind.schema else None
        self._subscription = doc.observe(partial(_capture, self._capture))

    def load(self, stored: StoredDocument) -> None:
        """Fill with what was kept.

        Raises:
            CorruptDocument: pycrdt cannot read it.
        """
        snapshot = () if stored.snapshot is None else (stored.snapshot,)
        updates = (*snapshot, *stored.updates)
        try:
            for at in range(0, len(updates), LOAD_AT_ONCE):
                self._transact(updates[at : at + LOAD_AT_ONCE])
            self._take()
            if self._guard is not None:
                self._guard.forget()
            self.clocks = decode_state_vector(self.doc.get_state())
        except BaseException as error:
            let_pass(error)
            message = f"{stored.document}: its updates cannot be read: bring back a backup"
            raise CorruptDocument(message) from error
        self.size_bytes = sum(map(len, updates))

    def gap(self, found: Scan) -> bool:
        """True when an update needs items that are not here."""
        return found.gap(self.clocks) is not None

    def knows_roots(self, found: Scan) -> bool:
        """False when an update names a root that the schema does not have."""
        return self._roots is None or found.roots <= self._roots

    def is_news(self, client_id: int, found: Scan) -> bool:
        """True when an update brings clocks of this client id that are not here."""
        return found.ranges[client_id][1] > self.clocks.get(client_id, 0)

    def note(self, found: Scan) -> None:
        """Count the clocks of an update as here; it must be applied before anything else is."""
        clocks = self.clocks
        for client, (_, end) in found.ranges.items():
            if end > clocks.get(client, 0):
                clocks[client] = end

    def apply_together(self, updates: list[bytes]) -> bytes | None:
        """Apply updates in one transaction; give what was new in them, None for nothing.

        Raises:
            Poisoned: pycrdt failed; this copy must not be used any more.
        """
        with _poison(updates):
            self._transact(updates)
        news = self._take()
        return news[0] if news else None

    def apply_checked(self, update: bytes) -> Applied:
        """Apply one update and undo it when it breaks the schema.

        Raises:
            Poisoned: pycrdt failed, or the edit cannot be undone.
        """
        guard = self._guard
        if guard is None:
            alone = self.apply_together([update])
            return Applied([] if alone is None else [alone])
        with _poison((update,)):
            self._transact((update,), guard.origin)
            touched, problems = guard.look()
            if problems:
                self._undo(guard)
            guard.forget()
        news = self._take()
        if problems:
            self._note_own(news[1:])
        return Applied(news, touched, tuple(problems))

    def run(
        self, work: Callable[["Doc[Any]"], Any], accept: Callable[[tuple[str, ...]], None]
    ) -> tuple[Applied, Any]:
        """Let server code edit, and undo it when it breaks the schema, raises or is not accepted.

        Args:
            work: edits the document; what it returns is given back, what it raises too.
            accept: raises on the registers that were touched when they must not be.

        Raises:
            Poisoned: pycrdt failed, or the edit cannot be undone.
        """
        guard = self._guard
        assert guard is not None, "a document without a schema takes updates only"
        result: Any = None
        with _poison(()):
            with self._recording(guard.origin):
                try:
                    result = work(self.doc)
                except Exception as error:  # noqa: BLE001  whoever asked for the work is told
                    result = error
            touched, problems = guard.look()
            if not (problems or isinstance(result, Exception)):
                try:
                    accept(touched)
                except Exception as error:  # noqa: BLE001
                    result = error
            if problems or isinstance(result, Exception):
                self._undo(guard)
            guard.forget()
        news = self._take()
        self._note_own(news)
        return Applied(news, touched, tuple(problems)), result

    def take_outside(self) -> Outside:
        """Give what server code wrote into the document by itself since the last call."""
        news, self._capture.outside = self._capture.outside, []
        self._note_own(news)
        self.size_bytes += sum(map(len, news))
        return Outside(news, () if self._guard is None else self._guard.forget())

    @property
    def has_outside(self) -> bool:
        """True when server code wrote something that `take_outside` will give."""
        return bool(self._capture.outside)

    def state_vector(self) -> bytes:
        """What is here, for the other side to compare."""
        return encode_state_vector(self.clocks)

    def difference(self, state_vector: bytes) -> bytes:
        """Everything that a state vector lacks; the vector is checked before pycrdt sees it.

        Raises:
            MalformedMessage, OverLimit: it is no state vector.
            Poisoned: pycrdt failed.
        """
        if state_vector:
            decode_state_vector(state_vector)
        with _poison((state_vector,)):
            return self.doc.get_update(state_vector or b"\x00")

    def measure(self) -> int:
        """Count the encoded size afresh; as costly as encoding the document."""
        self.size_bytes = len(self.doc.get_update())
        return self.size_bytes

    def close(self) -> None:
        """Let go of the observers, which would keep the document alive."""
        self.doc.unobserve(self._subscription)
        if self._guard is not None:
            self._guard.close()

    def abandon(self) -> list[bytes]:
        """Let go of a copy that failed; give what server code wrote into it meanwhile."""
        with suppress(BaseException):  # it may fail in this as well; nobody uses it any more
            self.close()
        return self._capture.outside

    def _transact(self, updates: Iterable[bytes], origin: str | None = None) -> None:
        with self._recording(origin):
            for update in updates:
                self.doc.apply_update(update)

    @contextmanager
    def _recording(self, origin: str | None) -> Iterator[None]:
        self._capture.ours = True
        try:
            with self.doc.transaction(origin=origin):
                yield
        finally:
            self._capture.ours = False

    def _undo(self, guard: Guard) -> None:
        self._capture.ours = True
        guard.undo()
        self._capture.ours = False

    def _note_own(self, updates: Iterable[bytes]) -> None:
        """Count the clocks that this copy itself has added."""
        for update in updates:
            self.note(scan(update, FIRST_SYNC))

    def _take(self) -> list[bytes]:
        news = self._capture.updates.copy()
        self._capture.updates.clear()
        self.size_bytes += sum(map(len, news))
        return news


@contextmanager
def _poison(updates: Iterable[bytes]) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        let_pass(error)
        sizes = ", ".join(f"{len(u)} bytes sha256 {sha256(u).hexdigest()[:16]}" for u in updates)
        raise Poisoned(f"pycrdt failed on {sizes}: {error!r}") from error


def let_pass(error: BaseException) -> None:
    """Raise on what must end the process; pycrdt's PanicException is a BaseException like them."""
    if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit | MemoryError):
        raise error
