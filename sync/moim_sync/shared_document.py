"""A document that this process shares with others: edited from any thread, sent by the I/O thread.

An edit's life: `transaction` (shown at once) -> outbox on disk, before `transaction` returns ->
`next_push`, as soon as the server has granted the document -> `acknowledged`: the entry is gone.
The methods under "what the connection does" are called by the I/O thread only.
"""

import logging
import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any

from pycrdt import Doc

from moim_data.outbox import Outbox
from moim_data.refused_rows import RefusedEdit
from moim_data.store import DocumentId
from moim_sync.client_presence import DocumentPresence
from moim_sync.errors import (
    ConnectionStopped,
    DocumentClosed,
    DocumentRefused,
    EditRefused,
    NotInTime,
    TransactionOpen,
)
from moim_sync.local_copy import LocalCopy
from moim_sync.messages import (
    Conflict,
    Granted,
    Limits,
    Perm,
    Presence,
    Push,
    Reject,
    Resolve,
    ResolveAction,
    Resolved,
    Sub,
)
from moim_sync.told_conflicts import ToldConflicts
from moim_sync.waiting_edits import WaitingEdits
from moim_sync.watchers import Watchers

log = logging.getLogger(__name__)


class SharedDocument:
    """One document of a SyncClient; give it to `ProjectDocument` or `WorkspaceDocument`.

    Args:
        wake: called when there is something to send; must return at once.
        changed: called when watchers should look again; must return at once.
        saved: called when the last edit that waited is on the server's disk; likewise.
        draw_client_id: see LocalCopy.
    """

    def __init__(
        self,
        document: DocumentId,
        outbox: Outbox,
        *,
        create: bool,
        wake: Callable[[], None],
        changed: "Callable[[SharedDocument], None]",
        saved: "Callable[[SharedDocument], None]" = lambda _: None,
        draw_client_id: Callable[[], int | None] = lambda: None,
    ) -> None:
        self.id = document
        self.create = create
        self.lock = threading.RLock()
        self._news = threading.Condition(self.lock)
        self._outbox = outbox
        self._wake = wake
        self._changed = changed
        self._saved = saved
        self._watchers = Watchers(document)
        self._channel: int | None = None
        self._synced = False
        self._closed = False
        self._in_transaction = False
        self._refusal: Perm | None = None
        self.role = ""
        """What the server says that this person is: viewer, editor or owner; empty until it has."""
        self._told: EditRefused | None = None
        self._conflicts = ToldConflicts()
        self._stopped: tuple[int, str] | None = None
        self._granted_seq = 0
        self._edits = WaitingEdits(document, outbox)
        self._copy = LocalCopy(document, outbox, draw_client_id)
        self.presence = DocumentPresence(self._copy.doc.client_id, self._presence_changed)

    @property
    def doc(self) -> "Doc[Any]":
        """The document of the moment; touch it under `lock` only."""
        return self._copy.doc

    @contextmanager
    def transaction(self, origin: Hashable = None, person: str = "") -> Iterator[None]:
        """Edit: when it is left, the edit is in the outbox, on disk. Joins the one this thread has.

        Args:
            person: whose edit it is, where this program speaks for others (G4). It is kept in
                memory only.

        Raises:
            StorageError: the outbox could not be written; the edit is in memory and is tried again
                with the next one.
            DocumentClosed: the client was closed.
        """
        with self.lock:
            if self._in_transaction:
                yield
                return
            if self._closed:
                raise DocumentClosed(f"{self.id}: the client was closed; connect again")
            self._in_transaction = True
            try:
                with self._copy.doc.transaction(origin):
                    yield
            finally:
                self._in_transaction = False
                self._keep(person)

    @property
    def pending(self) -> int:
        """The number of edits that are not yet on the server's disk."""
        with self.lock:
            return len(self._edits)

    @property
    def set_aside(self) -> int:
        """The number of edits that wait in copies of an earlier document of this name."""
        return sum(len(aside.entries) for aside in self._outbox.aside(self.id))

    @property
    def is_synced(self) -> bool:
        """True while the server has given everything it has over the present connection."""
        return self._synced

    @property
    def refusal(self) -> Perm | None:
        """Why the server does not give the document, None when it does or has not answered."""
        return self._refusal

    def wait_synced(self, timeout_s: float) -> None:
        """Wait for everything the server has. Raises as `wait_saved` does."""
        self._wait(lambda: self._synced, timeout_s, "the server's state")

    def wait_saved(self, timeout_s: float) -> None:
        """Wait until every edit is on the server's disk.

        Raises: NotInTime (the edits stay in the outbox), DocumentRefused, ConnectionStopped,
            DocumentClosed; EditRefused once for edits that the server did not accept since the
            last call: they are in `refused_edits`.
        """
        self._wait(lambda: self.pending == 0, timeout_s, "its edits to be saved")
        with self.lock:
            told, self._told = self._told, None
        if told is not None:
            raise told

    @property
    def refused_edits(self) -> tuple[RefusedEdit, ...]:
        """Edits that the server did not accept, oldest first, until `forget_refused`."""
        return self._outbox.refused(self.id)

    def forget_refused(self, edit: RefusedEdit) -> None:
        """Forget a refused edit, once it was made again or given up."""
        self._outbox.forget_refused(edit.id)

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """Registers that somebody else set unseen by us, where our value did not stay."""
        with self.lock:
            return self._conflicts.open

    def settle(self, conflict: Conflict, action: ResolveAction = "seen") -> None:
        """Say that a conflict was seen to; `mine` is to be written by an edit of its own."""
        with self.lock:
            self._conflicts.settle(conflict, action)
        self._wake()

    def watch(self, notify: Callable[[], None]) -> Callable[[], None]:
        """Call `notify` after changes of content, presence or connection, at most every 50 ms.

        It is called on a thread of ours, for own changes as for others'.

        Returns: a function that ends it.
        """
        return self._watchers.add(notify)

    def notify_watchers(self) -> None:
        """Call every watcher; what one of them raises is logged and ends nothing."""
        self._watchers.notify()

    def ask_again(self, create: bool) -> bool:
        """Forget a refusal, as the document may be there by now; True when there was one."""
        with self.lock:
            self.create = self.create or create
            refused, self._refusal = self._refusal is not None, None
            return refused

    # what the connection does

    def subscription(self) -> Sub:
        """Give the message that opens the document."""
        with self.lock:
            return Sub(self.id, self.create, self._copy.lineage, self._copy.doc.get_state())

    def granted(self, granted: Granted, limits: Limits) -> None:
        """Take the channel, and drop what the server says it has on disk.

        Raises ReplicaReused; see WaitingEdits.connected.
        """
        with self.lock:
            if granted.lineage != self._copy.lineage:
                self.renew(granted.lineage)
            self._channel = granted.channel
            self.role = granted.role
            self._refusal = None
            self._granted_seq = granted.seq
            with self._emptied():
                self._edits.connected(granted.cs_durable, limits)

    def synced(self, update: bytes) -> None:
        """Take everything the server has."""
        with self.lock:
            self.received(self._granted_seq, update)
            self._synced = True
            self._news.notify_all()
            self._changed(self)

    def received(self, seq: int, update: bytes) -> None:
        """Take what others (or we) did, up to number `seq`.

        Raises MalformedUpdate when it is no update; the document is as it was before.
        """
        with self.lock:
            if self._copy.receive(update, seq):
                self._changed(self)

    def acknowledged(self, cs: int) -> None:
        """Let go of the edits up to `cs`. Raises ReplicaReused."""
        with self.lock, self._emptied():
            self._edits.acknowledge(cs)

    def next_push(self) -> Push | None:
        """Give what is to be sent next: one edit, or many that waited merged into one."""
        with self.lock:
            if self._channel is None or not self._synced:
                return None
            return self._edits.next_push(self._channel)

    def next_resolve(self) -> Resolve | None:
        """Give the next decision about a conflict that the server has to hear."""
        with self.lock:
            if self._channel is None or not self._synced:
                return None
            return self._conflicts.next_resolve(self._channel)

    def told_conflict(self, conflict: Conflict | Resolved) -> None:
        """Take a conflict, or take one away that is settled."""
        with self.lock:
            if isinstance(conflict, Conflict):
                self._conflicts.told(conflict)
            else:
                self._conflicts.resolved(conflict.id)
            self._changed(self)

    def rejected(self, reject: Reject) -> bool:
        """Take an edit out of what waits; True when the document is to be opened anew (E2)."""
        with self.lock:
            self._told = EditRefused(self.id, reject.code, reject.message, reject.paths)
            self._keep()
            if not reject.hard:
                with self._emptied():
                    self._edits.refuse(reject.cs, reject.code, reject.message)
                self._changed(self)
                return False
            self._outbox.refuse_from(self.id, reject.cs, reject.code, reject.message)
            self._begin_anew()
            return True

    def _begin_anew(self) -> None:
        self._channel = None
        self._synced = False
        self._load()
        self._news.notify_all()
        self._changed(self)

    def _load(self) -> None:
        self._copy.load()
        self._edits.load()
        # the server ends what the former subscription said of us
        self.presence.begin_anew(self._copy.doc.client_id)

    def next_presence(self) -> Presence | None:
        """Give the own presence when it is to be sent."""
        with self.lock:
            if self._channel is None or not self._synced:
                return None
            update = self.presence.take_unsent()
            return None if update is None else Presence(self._channel, update)

    def close_gap(self, state_vector: bytes) -> None:
        """Bring the server what it lacks: the difference becomes edits that wait like others."""
        with self.lock:
            self._keep()
            self._edits.only_later()
            self._edits.add(self._copy.doc.get_update(state_vector))
            self._keep()

    def refused(self, perm: Perm) -> None:
        """Note why the server does not give the document; waiters hear it."""
        with self.lock:
            self._refusal = perm
            self._news.notify_all()
            self._changed(self)

    def allowed(self) -> None:
        """Take back a refusal, and send what waits again."""
        with self.lock:
            self._refusal = None
            self._edits.send_again()
            self._changed(self)

    def renew(self, lineage: bytes) -> None:
        """Take over another lineage: what was kept of the earlier one is set aside, never lost."""
        with self.lock:
            self._keep()
            if self._outbox.set_lineage(self.id, lineage):
                log.warning("%s: the server has another document; unsent edits set aside", self.id)
                self._load()
                self._changed(self)
            self._copy.lineage = lineage

    def disconnected(self) -> None:
        """Forget what belonged to the connection."""
        with self.lock:
            self._channel = None
            self._synced = False
            self.presence.disconnected()
            self._conflicts.disconnected()
            self._changed(self)

    def stopped(self, code: int, reason: str) -> None:
        """Note that the server ended the connection for good; waiters get ConnectionStopped."""
        with self.lock:
            self._stopped = (code, reason)
            self._news.notify_all()
            self._changed(self)

    def close(self) -> None:
        """End it: waiters get DocumentClosed, later edits are refused.

        Waits for a transaction of another thread; raises TransactionOpen inside one of its own.
        """
        with self.lock:
            if self._in_transaction:
                raise TransactionOpen(f"{self.id}: leave the transaction before closing")
            self._closed = True
            self._news.notify_all()
            self._copy.close()

    def _keep(self, person: str = "") -> None:
        """Put what was just edited into the outbox; what could not be kept earlier goes first."""
        if (edit := self._copy.own_edit()) is not None:
            self._edits.add(*edit, person)
            self._copy.forget_own_edit()
            self._changed(self)
        self._copy.count_stored(self._edits.keep(self._copy.seq))
        self._wake()

    @contextmanager
    def _emptied(self) -> Iterator[None]:
        """Tell everybody when what is done inside lets go of the last edit."""
        waited = self.pending
        yield
        if waited and not self.pending:
            self._news.notify_all()
            self._changed(self)
            self._saved(self)

    def _presence_changed(self, own: bool) -> None:
        if own:
            self._wake()
        else:
            self._changed(self)

    def _wait(self, done: Callable[[], bool], timeout_s: float, what: str) -> None:
        with self.lock:
            ends = lambda: done() or self._refusal or self._stopped or self._closed  # noqa: E731
            self._news.wait_for(ends, timeout_s)
            if done():
                return
            if self._stopped is not None:
                raise ConnectionStopped(*self._stopped)
            if self._closed:
                raise DocumentClosed(f"{self.id}: the client was closed")
            if self._refusal is not None:
                raise DocumentRefused(self.id, self._refusal.code, self._refusal.message)
            raise NotInTime(
                f"{self.id}: expected {what} within {timeout_s} s; "
                f"{self.pending} edits wait in the outbox and are sent when the server answers"
            )
