"""The log of changes of a document, for page processes, notebooks and programs."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from moim.access.access import Access, GuardedHandler
from moim_data.documents.kinds import parse_document_id
from moim_data.documents.registers import to_json
from moim_data.errors import CorruptDocument, StorageError, UnknownKind
from moim_data.store import DocumentId, LoggedChange, LogPage, LogPlace
from moim_sync.authorization import Action
from moim_sync.errors import UnknownDocument
from moim_sync.hub import Hub

CHANGES: Final = r"/api/(workspace|[a-z]+/[A-Za-z0-9_-]{1,64})/changes"
"""Stands before `/api/(.+)` in a list of addresses."""

ROWS_AT_ONCE: Final = 1_000
"""Rows of one answer: what a hub turns into JSON without anybody noticing."""

_ALL_ROWS: Final = 2**31
_SINCE = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,9}))?")


@dataclass(frozen=True, slots=True)
class LogReading:
    """A page of a document's log, and which document that is."""

    lineage: bytes
    page: LogPage


ReadLog = Callable[[DocumentId, LogPlace], Awaitable[LogReading]]
"""Reads a page of the log after a place. Raises UnknownDocument."""


@dataclass(frozen=True, slots=True)
class LogReader:
    """Reads the logs of a hub's documents."""

    hub: Hub

    async def read(self, document: DocumentId, after: LogPlace) -> LogReading:
        """Give a page of the log after a place.

        Raises:
            UnknownDocument: it does not exist.
            CorruptDocument, StorageError: it cannot be read now.
        """
        room = await self.hub.open(document, create=False)
        return LogReading(room.lineage, await self.hub.changes(document, after, ROWS_AT_ONCE))


class ChangesHandler(GuardedHandler):
    """GET `/api/<kind>/<id>/changes[?since=]` gives `{lineage, changes, next, more}`.

    `since` is a version, or the `next` of an earlier answer. Each change is `{seq, at_ms, actor,
    path, value}`, without `value` where it was not kept.
    """

    def initialize(self, read: ReadLog, access: Access) -> None:
        """Take the reader of logs, and who may ask it."""
        self._read = read
        self.access = access

    async def get(self, document: str) -> None:
        """Answer; 400 for a malformed `since`, else as `/api/<kind>/<id>`."""
        try:
            wanted = parse_document_id(document)
            if not self.may(Action.READ, wanted):
                return self.refuse(403, f"you may not read {document}")
            after = parse_place(self.get_query_argument("since", "0"))
            reading = await self._read(wanted, after)
        except UnknownDocument:
            return self.refuse(404, f"no document {document}")
        except UnknownKind as error:
            return self.refuse(404, str(error))
        except ValueError as error:
            return self.refuse(400, str(error))
        except CorruptDocument as error:
            return self.refuse(500, str(error))
        except StorageError as error:
            return self.refuse(503, str(error))
        return self.send_json_text(log_json(reading))


def parse_place(since: str) -> LogPlace:
    """Read `<version>` or `<version>.<row>`; a version stands for all its rows.

    Raises:
        ValueError: it is neither.
    """
    found = _SINCE.fullmatch(since)
    if found is None:
        raise ValueError(f"expected since as a version, or an answer's next, got {since[:50]!r}")
    seq, n = found.groups()
    return LogPlace(int(seq), _ALL_ROWS if n is None and int(seq) else int(n or 0))


def place_text(place: LogPlace) -> str:
    """Write a place as `since` takes it."""
    return f"{place.seq}.{place.n}"


def log_json(reading: LogReading) -> bytes:
    """Give the answer; values are JSON already and are not read again."""
    page = reading.page
    rows = ",".join(map(_row_json, page.changes))
    tail = f'"next":"{place_text(page.next)}","more":{to_json(page.more)}'
    return f'{{"lineage":"{reading.lineage.hex()}","changes":[{rows}],{tail}}}'.encode()


def _row_json(change: LoggedChange) -> str:
    head = to_json(
        {"seq": change.seq, "at_ms": change.at_ms, "actor": change.actor, "path": change.path}
    )
    return f'{head[:-1]},"value":{change.value}}}' if change.value else head
