"""What a file holds, read twice: by our import into a document, and by readers of others."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar
from pycrdt import Map

from moim_data.documents.access import LocalAccess
from moim_data.documents.entities import Author
from moim_data.documents.recurrence import SeriesEvent, exceptions_by_event, occurrences
from moim_data.formats.document_import import DocumentImport
from moim_data.formats.files import read_bytes
from moim_data.formats.last_import import LastImport
from moim_data.formats.records import Imported

FIXTURES = Path(__file__).parent / "fixtures"
FIRST, LAST = datetime(1990, 1, 1), datetime(2031, 1, 1)
Shown = list[tuple[str, str]]
"""Starts and titles, sorted."""


class ImportedFile:
    """A document that files are imported into, one after another."""

    def __init__(self) -> None:
        self.access = LocalAccess()
        self._last = LocalAccess()
        self.imported: Imported | None = None

    def take(self, data: bytes | str, name: str = "file.ics") -> Imported:
        """Imports a file and gives what was read; its report is filled."""
        data = data.encode() if isinstance(data, str) else data
        imported = read_bytes(data, name)
        last = LastImport(self._last)
        author = Author(lambda: "import", lambda: 1_700_000_000.0, lambda: 0.5)
        DocumentImport(self.access, imported.kind, last, author).apply(imported)
        last.write()
        assert imported.report.adds_up, imported.report
        self.imported = imported
        return imported

    def root(self, name: str) -> dict[str, Any]:
        """One root map as plain values."""
        return dict(self.access.doc.get(name, type=Map).to_py() or {})

    def content(self) -> dict[str, Any]:
        """A calendar as plain values."""
        return {name: self.root(name) for name in ("info", "events", "exceptions")}

    def titled(self, title: str) -> dict[str, Any]:
        """The one entity of a calendar or board with this title."""
        found = [
            entity
            for root in ("events", "cards")
            for entity in self.root(root).values()
            if entity["title"] == title
        ]
        assert len(found) == 1, f"{len(found)} of {title!r}"
        entity: dict[str, Any] = found[0]
        return entity

    def shown(self) -> Shown:
        """Everything that the calendar shows from 1990 to 2030."""
        exceptions = exceptions_by_event(self.root("exceptions"))
        return sorted(
            (_instant_of(one.when), one.title)
            for key, fields in self.root("events").items()
            for one in occurrences(
                SeriesEvent.of(key, fields), exceptions.get(key, {}), FIRST, LAST, "UTC"
            )
        )


def imported(data: bytes | str, name: str = "file.ics") -> ImportedFile:
    """A file, imported into a document of its own."""
    file = ImportedFile()
    file.take(data, name)
    return file


def fixture(name: str) -> bytes:
    """The content of a fixture."""
    return (FIXTURES / name).read_bytes()


def calendar(*lines: str) -> str:
    """A calendar of these lines."""
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *lines, "END:VCALENDAR", ""])


def event(*lines: str, uid: str = "u", title: str = "t") -> tuple[str, ...]:
    """The lines of one event."""
    return ("BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{title}", *lines, "END:VEVENT")


def counted_lines(data: bytes) -> int:
    """How many events, tasks and journal entries a file has, by its raw lines."""
    return len(re.findall(rb"^BEGIN:(?:VEVENT|VTODO|VJOURNAL)\s*$", data, re.M | re.I))


def read_by_others(data: bytes) -> Shown:
    """What recurring-ical-events finds from 1990 to 2030."""
    found = recurring_ical_events.of(Calendar.from_ical(data)).between(FIRST, LAST)
    return sorted((_plain(one["DTSTART"].dt), str(one.get("SUMMARY", ""))) for one in found)


def _plain(at: date | datetime) -> str:
    if isinstance(at, datetime) and at.tzinfo is not None:
        return at.astimezone(UTC).isoformat()
    return at.isoformat()


def _instant_of(when: tuple[str, str, str]) -> str:
    start, _, zone = when
    if "T" not in start:
        return start
    at = datetime.fromisoformat(start)
    return _plain(at.replace(tzinfo=ZoneInfo(zone)) if zone else at)
