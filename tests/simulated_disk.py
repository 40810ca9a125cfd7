"""The disk under the server of the simulation."""

import random
from concurrent.futures import Future
from dataclasses import replace

from moim_data.compaction import build_snapshot
from moim_data.memory_store import MemoryDisk, MemoryStore
from moim_data.store import DocumentId, StoredDocument


class Disk(MemoryStore):
    """A disk that now and then gives a document as a snapshot and the rest, as compaction does."""

    def __init__(self, disk: MemoryDisk, chance: random.Random, unsettled: set[str]) -> None:
        super().__init__(disk, random_bytes=chance.randbytes)
        self._chance = chance
        self._unsettled = unsettled

    def settle(self, document: DocumentId, conflict: str, action: str) -> "Future[None]":
        settled = super().settle(document, conflict, action)
        if settled.exception() is not None:
            self._unsettled.add(conflict)
        return settled

    def _open(self, document: DocumentId, create: bool) -> StoredDocument | None:
        found = super()._open(document, create)
        if found is None or not found.updates or self._chance.random() < 0.5:
            return found
        upto = self._chance.randrange(1, len(found.updates) + 1)
        snapshot = build_snapshot(found.updates[:upto])
        return replace(found, snapshot=snapshot, updates=found.updates[upto:])
