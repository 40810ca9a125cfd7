"""The own edits of one document between the outbox file and the server's acknowledgement.

Not locked: its document's lock is held around every call.
"""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from pycrdt import merge_updates

from moim_data.documents.kinds import kind_of
from moim_data.errors import ReplicaReused
from moim_data.outbox import Entry, Outbox
from moim_data.store import DocumentId
from moim_sync.cut import SMALLEST_STRUCT_BYTES, cut
from moim_sync.edit_codec import TOUCHED_PATH_BYTES, TOUCHED_PATHS
from moim_sync.messages import Limits, Push

BATCH_ENTRIES = 100
"""Edits that are sent as one PUSH when many wait."""


class _Unkept(NamedTuple):
    update: bytes
    touched: tuple[str, ...]
    values: tuple[str, ...]
    person: str


class WaitingEdits:
    """Keeps edits in the outbox, gives them out to be sent, and lets go of what is acknowledged."""

    def __init__(self, document: DocumentId, outbox: Outbox) -> None:
        self._document = document
        self._outbox = outbox
        self._limits = Limits()
        self._together = kind_of(document).schema is None
        """Only where nothing is refused for what it says may many edits be one PUSH (E1)."""
        self._unkept: deque[_Unkept] = deque()
        self._people: dict[int, str] = {}
        """By number, whose edits those are that are not this program's own."""
        self._highest_sent_cs = 0
        self.load()

    def load(self) -> None:
        """Start from what the outbox file holds."""
        self._entries = deque(self._outbox.pending(self._document))
        self._last_cs = self._outbox.state(self._document).last_cs
        self._sent_cs = 0

    def __len__(self) -> int:
        return len(self._entries) + len(self._unkept)

    def add(
        self,
        update: bytes,
        touched: Sequence[str] = (),
        values: Sequence[str] = (),
        person: str = "",
    ) -> None:
        """Take an edit, in pieces that a server takes; `keep` brings it to the disk."""
        pieces = self._cut(update)
        self._unkept.extend(_Unkept(piece, (), (), person) for piece in pieces[:-1])
        self._unkept.append(_Unkept(pieces[-1], *_short_enough(touched, values), person))

    def keep(self, base_seq: int) -> int:
        """Put what was added into the outbox file, in order; give how many pieces it was.

        Raises StorageError; what was not kept is tried again by the next call.
        """
        count = 0
        while self._unkept:
            update, touched, values, person = self._unkept[0]
            entry = self._outbox.push(
                self._document, update, base_seq=base_seq, touched=touched, values=values
            )
            self._unkept.popleft()
            self._entries.append(entry)
            self._last_cs = entry.cs
            if person:
                self._people[entry.cs] = person
            count += 1
        return count

    def connected(self, cs_durable: int, limits: Limits) -> None:
        """Start sending over a new connection, after what the server has on disk.

        Raises ReplicaReused when it has numbers that this process never sent: an earlier process
        may have, or one with a copy of the outbox file. Only a new replica id is safe then.
        """
        unsent = (entry.cs for entry in self._entries if entry.cs > self._highest_sent_cs)
        if next(unsent, cs_durable + 1) <= cs_durable:
            raise ReplicaReused(
                f"{self._document}: the server has edit {cs_durable} of this replica, this process "
                f"sent up to {self._highest_sent_cs}: all is sent again under a new replica id"
            )
        self._limits = limits
        self.acknowledge(cs_durable)
        self._sent_cs = cs_durable
        self._fit()

    def send_again(self) -> None:
        """Send everything that is not acknowledged once more."""
        if self._entries:
            self._sent_cs = self._entries[0].cs - 1

    def only_later(self) -> None:
        """Send nothing of what waits: what is added next stands for all of it."""
        self._sent_cs = self._last_cs

    def acknowledge(self, cs: int) -> None:
        """Let go of the edits up to `cs`. Raises ReplicaReused when none of them was made here."""
        if cs > self._last_cs or (self._entries and self._entries[0].cs <= cs):
            self._outbox.acknowledge(self._document, cs)
        while self._entries and self._entries[0].cs <= cs:
            self._people.pop(self._entries.popleft().cs, None)

    def next_push(self, channel: int) -> Push | None:
        """Give what is to be sent next: one edit, or many that waited merged into one."""
        batch = self._next_batch()
        if not batch:
            return None
        self._sent_cs = batch[-1].cs
        self._highest_sent_cs = max(self._highest_sent_cs, self._sent_cs)
        if len(batch) == 1:
            (entry,) = batch
            return Push(
                channel,
                entry.cs,
                entry.base_seq,
                entry.touched,
                entry.update,
                entry.values,
                self._people.get(entry.cs, ""),
            )
        base_seq = min(entry.base_seq for entry in batch)
        update = merged([one.update for one in batch])
        person = self._people.get(self._sent_cs, "")
        return Push(channel, self._sent_cs, base_seq, (), update, person=person)

    def refuse(self, cs: int, code: str, message: str) -> None:
        """Move the edit `cs`, which the server took back, to the refused ones."""
        self._outbox.refuse(self._document, cs, code, message)
        self._entries = deque(entry for entry in self._entries if entry.cs != cs)
        self._people.pop(cs, None)

    def _next_batch(self) -> list[Entry]:
        """Give as many edits as are surely within the limits together, at least one."""
        limits = self._limits
        most = min(BATCH_ENTRIES, limits.client_ids) if self._together else 1
        most_bytes = min(limits.push_bytes, limits.structs * SMALLEST_STRUCT_BYTES)
        batch: list[Entry] = []
        size_bytes = 0
        for entry in self._entries:
            if entry.cs <= self._sent_cs:
                continue
            size_bytes += len(entry.update)
            full = size_bytes > most_bytes or len(batch) == most
            if batch and (full or not self._of_one_person(entry, batch[0])):
                break
            batch.append(entry)
        return batch

    def _of_one_person(self, one: Entry, other: Entry) -> bool:
        return self._people.get(one.cs) == self._people.get(other.cs)

    def _fit(self) -> None:
        """Cut what waits and is larger than this server takes; the pieces get later numbers."""
        whole = [entry for entry in self._entries if len(self._cut(entry.update)) == 1]
        if len(whole) == len(self._entries):
            return
        first = next(entry for entry in self._entries if len(self._cut(entry.update)) > 1)
        for entry in self._entries:
            if entry.cs >= first.cs:
                person = self._people.pop(entry.cs, "")
                self.add(entry.update, entry.touched, entry.values, person)
        self._entries = deque(entry for entry in self._entries if entry.cs < first.cs)
        self.keep(first.base_seq)

    def _cut(self, update: bytes) -> list[bytes]:
        limits = self._limits
        return cut(
            update,
            size_bytes=limits.push_bytes,
            structs=limits.structs,
            client_ids=limits.client_ids,
        )


def merged(updates: Sequence[bytes]) -> bytes:
    """Give one update that does what all do, in their order."""
    return updates[0] if len(updates) == 1 else merge_updates(*updates)


def _short_enough(
    touched: Sequence[str], values: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Name whole entities, without values, when there are more registers than a PUSH may name."""
    if len(touched) > TOUCHED_PATHS:
        touched = tuple(dict.fromkeys("/".join(path.split("/")[:2]) for path in touched))
        values = ()
    told = values or ("",) * len(touched)
    short = [
        pair
        for pair in zip(touched, told, strict=True)
        if len(pair[0].encode()) <= TOUCHED_PATH_BYTES
    ][:TOUCHED_PATHS]
    return tuple(path for path, _ in short), tuple(value for _, value in short)
