"""What a room holds of its document in memory, and how a batch of edits gets into it.

Between two flushes it is exactly what is on disk. An edit that pycrdt fails on is left out of its
batch, and the copy is made anew from the store.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from logging import Logger
from secrets import randbits
from typing import Any

from pycrdt import Doc

from moim_data.documents.kinds import kind_of
from moim_data.documents.shape import shape_of
from moim_data.errors import CorruptDocument
from moim_data.store import (
    Append,
    Conflict,
    DocumentId,
    FieldWrite,
    StoredDocument,
    UpdateStore,
)
from moim_sync.change_log import ChangeLog
from moim_sync.command import Command
from moim_sync.conflicts import ConflictFinder, LastWriters, OpenConflicts
from moim_sync.counters import Counters
from moim_sync.edit import Edit
from moim_sync.flush import Flush
from moim_sync.live_document import LiveDocument, Outside, Poisoned
from moim_sync.prescan import FIRST_SYNC, scan

SAME_ANSWERS = 4
"""Answers kept while nothing changes: when all come back at once, most ask the same."""


class WorkingCopy:
    """A document, the last writers of its registers and the conflicts that wait for a decision.

    Args:
        document: which one.
        store: where it is read, and read again when pycrdt has failed on it.
        changed: a bound method, called when server code wrote into `doc`.
        remade: called with the `Doc` that takes the place of one that pycrdt failed on.
        name_of: what a person is called; "" when nobody here knows.
    """

    def __init__(
        self,
        document: DocumentId,
        store: UpdateStore,
        *,
        changed: Callable[[], None],
        remade: "Callable[[Doc[Any]], None]",
        name_of: Callable[[str], str],
        counters: Counters,
        log: Logger,
    ) -> None:
        self.doc: Doc[Any] = Doc()
        """Server code may hold it and write into it."""
        self._conflicts = OpenConflicts()
        self._document = document
        self._store = store
        self._kind = kind_of(document)
        self._changed = changed
        self._remade = remade
        self._name_of = name_of
        self._counters = counters
        self._log = log
        self.live = LiveDocument(self._kind, self.doc, changed)
        self._writers = LastWriters()
        self._finder = self._made_finder()
        self._log_of_changes = self._made_log()
        self._differences: dict[bytes, bytes] = {}

    async def open(self, create: bool, at_ms: int) -> StoredDocument | None:
        """Take and give what is kept, once, before anything else; None when there is nothing.

        Args:
            create: make a document that is not there.
            at_ms: since 1970, UTC; a label on rows.

        Raises:
            StorageError: it cannot be read.
            CorruptDocument: pycrdt cannot read it.
        """
        stored = await asyncio.wrap_future(self._store.open(self._document, create))
        if stored is not None:
            self.live.load(stored)
            self._writers = LastWriters(stored.fields)
            self._conflicts = OpenConflicts(stored.conflicts)
            self._finder = self._made_finder()
            if self._log_of_changes is not None and not stored.has_log:
                self._log_of_changes.begin(stored.seq, at_ms)
        return stored

    async def apply(
        self,
        outside: Outside,
        edits: list[Edit],
        commands: list[Command],
        base_seq: int,
        at_ms: int,
    ) -> Flush:
        """Apply edits that were admitted, and give what they come to; `keep` it once it is on disk.

        Args:
            outside: what server code wrote into the document; it is here already.
            commands: for documents with a schema only; they are told by whoever keeps the flush.
            base_seq: the highest number on disk.
            at_ms: since 1970, UTC; a label on rows.

        Raises:
            StorageError: the copy had to be made anew and cannot be read.
        """
        together = self._kind.schema is None
        while True:
            flush = Flush(self._document, base_seq, at_ms)
            self._writers.forget()
            flush.add_outside(outside, self._finder)
            try:
                flush.add_edits(edits, self.live, self._finder, together)
                if self._finder is not None:
                    flush.add_commands(commands, self.live, self._finder)
            except Poisoned as error:
                self._log.error("room %s: %s; made anew", self._document, error)
                if len(flush.edits) == len(edits) and commands:
                    commands = self._without_failed(commands, flush, error)
                elif not together and edits:
                    edits = self._without_culprit(edits, flush)
                together = False
                await self._make_anew(outside.updates, edits)
            else:
                flush.fields = self._writers.pending()
                if self._log_of_changes is not None:
                    flush.changes = self._log_of_changes.rows(flush.fields, at_ms)
                return flush

    def keep(self, batch: Append) -> None:
        """Note that what was applied last is on disk."""
        if batch.updates:
            self._differences.clear()
        self._writers.keep()
        self._conflicts.add(batch.conflicts)

    def written_since(self, seq: int) -> list[FieldWrite]:
        """Give the last write of each register, and entity, that was written after a version."""
        return self._writers.since(seq)

    def last_written(self, path: str) -> int:
        """Give the number of the last write of a register, or of the whole it belongs to.

        One of the flush that is under way counts.
        """
        writes = (self._writers.of(path), self._writers.of(path.rpartition("/")[0]))
        return max((write.seq for write in writes if write is not None), default=0)

    def new_client_id(self) -> int:
        """Draw a client id that no edit here bears."""
        while (drawn := randbits(32)) in self.live.clocks or drawn == self.doc.client_id:
            pass
        return drawn

    def conflicts_of(self, person: str) -> list[Conflict]:
        """Give what a person has not settled, oldest first."""
        return self._conflicts.of(person)

    def settle(self, conflict: str, person: str, action: str) -> None:
        """Keep a person's decision about a conflict; nothing is done for one of somebody else."""
        if self._conflicts.settle(conflict, person):
            settled = self._store.settle(self._document, conflict, action)
            settled.add_done_callback(self._log_unsettled)

    def _log_unsettled(self, settled: "Future[None]") -> None:
        if (error := settled.exception()) is not None:
            self._log.error("room %s: a settled conflict will come back: %s", self._document, error)

    def difference(self, state_vector: bytes) -> bytes:
        """Everything here that a state vector lacks.

        Raises:
            MalformedMessage, OverLimit: it is no state vector.
            Poisoned: pycrdt failed.
        """
        found = self._differences.get(state_vector)
        if found is None:
            found = self.live.difference(state_vector)
            if len(self._differences) < SAME_ANSWERS:
                self._differences[state_vector] = found
        return found

    def _made_finder(self) -> ConflictFinder | None:
        if self._kind.schema is None:
            return None
        return ConflictFinder(
            self._kind.name,
            self.doc,
            self._writers,
            id_of=self._conflicts.id_of,
            name_of=self._name_of,
        )

    def _made_log(self) -> ChangeLog | None:
        shape = shape_of(self._kind.name) if self._kind.schema else None
        return None if shape is None else ChangeLog(shape, self.doc)

    def _without_failed(
        self, commands: list[Command], flush: Flush, error: Poisoned
    ) -> list[Command]:
        at = len(flush.done)
        self._counters.quarantined += 1
        commands[at].fail(error)
        return commands[:at] + commands[at + 1 :]

    def _without_culprit(self, edits: list[Edit], flush: Flush) -> list[Edit]:
        at = len(flush.edits)
        culprit = edits[at]
        self._counters.quarantined += 1
        culprit.author.reject(culprit.cs, "broken", "the update cannot be applied")
        later = [edit for edit in edits[at + 1 :] if edit.author is not culprit.author]
        return edits[:at] + later

    async def _make_anew(self, outside: list[bytes], edits: list[Edit]) -> None:
        stored = await asyncio.wrap_future(self._store.open(self._document, False))
        if stored is None:
            raise CorruptDocument(f"{self._document} is gone from its store")
        meanwhile = self.live.abandon()
        self.doc = Doc()
        self._remade(self.doc)
        self.live = LiveDocument(self._kind, self.doc, self._changed)
        self._finder = self._made_finder()
        self._log_of_changes = self._made_log()
        self.live.load(stored)
        if outside:
            self.live.apply_together(outside)
            for update in outside:
                self.live.note(scan(update, FIRST_SYNC))
        for edit in edits:
            self.live.note(edit.scan)
        for update in meanwhile:
            self.doc.apply_update(update)
