"""A client's copy of one document, as its outbox file keeps it: what others did, and own edits.

Not locked: its document's lock is held around every call.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from pycrdt import Doc, Subscription, TransactionEvent

from moim_data.documents.kinds import kind_of
from moim_data.documents.registers import told_values
from moim_data.documents.touched import TouchedPaths
from moim_data.outbox import Outbox
from moim_data.store import DocumentId
from moim_sync.errors import MalformedUpdate
from moim_sync.waiting_edits import merged

COMPACT_AFTER = 200
"""Updates kept in the outbox file before they are merged into one."""


class OwnEdit(NamedTuple):
    """What was just edited here, and what it set which registers to."""

    update: bytes
    touched: tuple[str, ...]
    values: tuple[str, ...]


class LocalCopy:
    """The document of the moment: `load` puts another in its place.

    Args:
        draw_client_id: gives the id under which a document edits; None lets pycrdt draw one.
    """

    doc: "Doc[Any]"
    lineage: bytes
    seq: int
    """The highest number of the server that is in it."""
    _touched: TouchedPaths
    _stored: int

    def __init__(
        self,
        document: DocumentId,
        outbox: Outbox,
        draw_client_id: Callable[[], int | None] = lambda: None,
    ) -> None:
        self._draw_client_id = draw_client_id
        self._document = document
        self._kind = kind_of(document).name
        self._outbox = outbox
        self._captured: list[bytes] = []
        self._subscription: Subscription | None = None
        self._load()

    def load(self) -> None:
        """Begin anew from what the outbox file holds."""
        self.close()
        self._load()

    def close(self) -> None:
        """Observe it no more."""
        # Rust holds what observes, out of sight of Python's garbage collector
        self._touched.close()
        if self._subscription is not None:
            self.doc.unobserve(self._subscription)
            self._subscription = None

    def own_edit(self) -> OwnEdit | None:
        """Give what was edited here since `forget_own_edit`, None for nothing."""
        if not self._captured:
            return None
        touched = self._touched.take()
        values = told_values(self._kind, self.doc, touched)
        return OwnEdit(merged(self._captured), touched, values)

    def forget_own_edit(self) -> None:
        """The edit waits in the outbox."""
        self._captured = []

    def count_stored(self, updates: int) -> None:
        """Note that so many updates more are in the outbox file."""
        self._stored += updates

    def receive(self, update: bytes, seq: int) -> bool:
        """Take what the server sent, up to number `seq`, and keep it; False when none of it is new.

        Raises MalformedUpdate when it is no update; the document is as it was before.
        """
        self._apply(update)
        news = bool(self._captured)
        self._captured.clear()
        self._touched.take()
        self.seq = max(self.seq, seq)
        if news:
            self._outbox.receive(self._document, update, self.seq)
            self._compact_now_and_then()
        return news

    def _load(self) -> None:
        state = self._outbox.state(self._document)
        self.doc = Doc(client_id=self._draw_client_id(), allow_multithreading=True)
        for update in state.updates:
            self.doc.apply_update(update)
        self._stored = len(state.updates)
        self.lineage = state.lineage
        self.seq = state.seq
        self._captured = []
        self._touched = TouchedPaths(self._kind, self.doc)
        self._subscription = self.doc.observe(self._capture)

    def _capture(self, event: TransactionEvent) -> None:
        # an observer runs while the document is borrowed: copy, and read nothing
        self._captured.append(event.update)

    def _apply(self, update: bytes) -> None:
        try:
            with self.doc.transaction("server"):
                self.doc.apply_update(update)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
                raise
            # pycrdt panicked, with a BaseException; its document is not to be used any more
            self.load()
            raise MalformedUpdate(f"{self._document}: {len(update)} bytes: {error!r}") from error

    def _compact_now_and_then(self) -> None:
        self._stored += 1
        if self._stored > COMPACT_AFTER:
            self._outbox.replace_state(self._document, self.doc.get_update())
            self._stored = 1
