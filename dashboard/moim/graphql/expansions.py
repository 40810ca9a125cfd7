"""What takes place in calendars, expanded once for everybody who asks for the same days."""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from moim.calendar_occurrences import Question
from moim.documents_reader import Reading
from moim_data.store import DocumentId
from moim_sync.errors import UnknownDocument

ReadOccurrences = Callable[[DocumentId, Question], Awaitable[Reading | None]]
Occurrences: TypeAlias = list[dict[str, Any]]

KEPT: Final = 32
LONGEST_KEPT: Final = 2_000
"""Occurrences; longer answers are not kept."""


@dataclass(slots=True, eq=False)
class _Expansion:
    seq: int
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    found: Occurrences | None = None


class Expansions:
    """Asks the process that expands calendars; many who follow one calendar ask it once a change.

    Args:
        read: expands a calendar of a hub in a process.
    """

    def __init__(self, read: ReadOccurrences) -> None:
        self._read = read
        self._kept: OrderedDict[tuple[DocumentId, Question], _Expansion] = OrderedDict()

    async def of(self, document: DocumentId, question: Question, seq: int) -> Occurrences:
        """Give what takes place in a version of a calendar, or a later one.

        Raises:
            UnknownDocument: there is no such calendar.
            CorruptDocument, StorageError, ReadingFailed: it cannot be read now.
        """
        key = (document, question)
        known = self._kept.get(key)
        if known is None or known.seq != seq:
            known = self._kept[key] = _Expansion(seq)
        self._kept.move_to_end(key)
        async with known.turn:
            if known.found is None:
                known.found = await self._expand(document, question)
        if len(known.found) > LONGEST_KEPT and self._kept.get(key) is known:
            del self._kept[key]
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return known.found

    async def _expand(self, document: DocumentId, question: Question) -> Occurrences:
        reading = await self._read(document, question)
        if reading is None:
            raise UnknownDocument(f"{document} does not exist")
        found: Occurrences = json.loads(reading.content)["occurrences"]
        return sorted(found, key=lambda one: (one["when"][0], one["event"]))
