"""iCalendar in: each VEVENT of a file becomes an event, an exception, or a line of the report.

A series is one event; its EXDATEs and the VEVENTs with a RECURRENCE-ID are exceptions, keyed by the
start that the rule gives. RANGE=THISANDFUTURE cuts the series in two.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePath
from typing import Final

from moim_data.formats.ical_event import CUT_UID, LONGEST_UID, FileEvent, read_event
from moim_data.formats.ical_lines import Component, decode, read_components
from moim_data.formats.ical_series import SeriesReader
from moim_data.formats.ical_values import BadValue
from moim_data.formats.ical_zones import Zones, iana_name
from moim_data.formats.records import Imported, Record, readable_slug, slug_of
from moim_data.formats.report import Report

COUNTED: Final = ("VEVENT", "VTODO", "VJOURNAL")
BAD_LINES_LISTED: Final = 20
OURS: Final = re.compile(r"([A-Za-z0-9_-]{1,64})@moim")
"""UID of an event that moim made."""
OUR_CALENDAR: Final = "moim:"
_CSS: Final = {
    "red": "red crimson firebrick darkred indianred tomato",
    "orange": "orange darkorange coral chocolate peru sienna brown",
    "yellow": "yellow gold khaki goldenrod lemonchiffon",
    "green": "green darkgreen forestgreen seagreen limegreen lime olive olivedrab yellowgreen",
    "teal": "teal turquoise darkcyan cyan aqua aquamarine lightseagreen",
    "blue": "blue navy royalblue steelblue skyblue dodgerblue cornflowerblue lightblue",
    "violet": "violet purple indigo darkviolet mediumpurple slateblue orchid plum",
    "pink": "pink hotpink deeppink magenta fuchsia lightpink salmon",
}


def looks_like_icalendar(head: bytes) -> bool:
    """Tell by its beginning whether a file may be iCalendar."""
    text, _ = decode(head)
    return (
        re.search(r"^\W*BEGIN\s*:\s*V(CALENDAR|EVENT|TODO)", text[:2000], re.I | re.M) is not None
    )


def read_icalendar(data: bytes, file_name: str) -> Imported:
    """Read a file. Raises UnreadableFile."""
    return _Reader(data, file_name).read()


class _Reader:
    def __init__(self, data: bytes, file_name: str) -> None:
        text, in_utf8 = decode(data)
        self._lines = read_components(text)
        self._file = re.sub(r" ?\(\d+\)$", "", PurePath(file_name).stem)
        self._report = Report("events")
        self._calendars = [one for one in self._lines.roots if one.name == "VCALENDAR"]
        parts = [part for root in self._lines.roots for part in _walk(root)]
        self._parts = [part for part in parts if part.name in COUNTED]
        told = self._said("X-MOIM-ZONE") or self._said("X-WR-TIMEZONE") or self._said("TIMEZONE-ID")
        zone = iana_name(told) or ""
        # other programs mean their zone where they write none; we write that we mean none
        is_ours = self._said("X-WR-RELCALID").startswith(OUR_CALENDAR)
        definitions = [part for part in parts if part.name == "VTIMEZONE"]
        self._zones = Zones(definitions, zone, "" if is_ours else zone)
        self._records: list[Record] = []
        self._ids: set[str] = set()
        if not in_utf8:
            self._report.note("the file is not in UTF-8; it was read as Windows-1252")

    def read(self) -> Imported:
        report = self._report
        lost = [(number, name) for number, name in self._lines.lost if name in COUNTED]
        report.found = len(self._parts) + len(lost)
        for number, _ in lost:
            report.leave_out(f"line {number}", "", "it stands too deep in other components")
        self._series(self._events())
        self._say_more()
        name = self._said("X-WR-CALNAME") or self._said("NAME") or self._file or "Calendar"
        return Imported(
            "calendar",
            self._slug(name),
            name[:200],
            self._colour(),
            self._info(),
            self._records,
            report,
        )

    def _events(self) -> list[FileEvent]:
        found = []
        for part in self._parts:
            where = f"line {part.number}"
            if part.name != "VEVENT":
                what = "a task" if part.name == "VTODO" else "a journal entry"
                reason = f"{what} ({part.name}); a calendar of moim holds events only"
                self._report.leave_out(where, part.text("SUMMARY"), reason)
                continue
            try:
                found.append(read_event(part, self._zones))
            except BadValue as error:
                self._report.leave_out(where, part.text("SUMMARY"), str(error))
        return found

    def _series(self, events: list[FileEvent]) -> None:
        by_uid: dict[str, list[FileEvent]] = {}
        for event in events:
            # without a UID two events are the same only if all of it is
            by_uid.setdefault(_short(event.uid) or _nameless(event), []).append(event)
        for uid, same in by_uid.items():
            masters = self._newest(uid, [event for event in same if event.which is None])
            parts = [event for event in same if event.which is not None]
            for index, master in enumerate(masters):
                key = uid if index == 0 else f"{uid}#{master.start.text}"
                self._one_series(key, master, [] if index else parts)
            if not masters:
                self._orphans(uid, parts, "their series is not in the file")

    def _newest(self, uid: str, masters: list[FileEvent]) -> list[FileEvent]:
        """Give the events of one UID: the newest version, and others that only share the UID."""
        kept: list[FileEvent] = []
        for event in masters:
            rival = next((one for one in kept if _is_version(one, event)), None)
            if rival is None:
                kept.append(event)
                continue
            older, newer = (event, rival) if event.age < rival.age else (rival, event)
            kept[kept.index(rival)] = newer
            what = "a newer version of it" if event.uid else "the very same"
            reason = f"the file has {what} at {newer.where}"
            self._report.leave_out(older.where, older.title, reason)
        if len(kept) > 1 and kept[0].uid:
            self._report.note(f"{len(kept)} different events share the UID {uid[:60]!r}")
        return kept

    def _one_series(self, uid: str, master: FileEvent, parts: list[FileEvent]) -> None:
        reader = SeriesReader(self._zones, self._report)
        told_uid = bool(master.uid) and not OURS.fullmatch(uid)
        for segment in reader.segments(uid, master, parts, told_uid):
            self._records += reader.records(segment, self._new_id(segment.uid))
        self._orphans(uid, reader.alone, "their RECURRENCE-ID is no start of the series")

    def _orphans(self, uid: str, parts: list[FileEvent], reason: str) -> None:
        """Make events of their own of exceptions that belong to no series of the file."""
        reader = SeriesReader(self._zones, self._report)
        seen: dict[str, FileEvent] = {}
        for part in parts:
            assert part.which is not None
            if part.which.text in seen:
                other = f"the file has another version of it at {seen[part.which.text].where}"
                self._report.leave_out(part.where, part.title, other)
                continue
            seen[part.which.text] = part
            segment = reader.segment(f"{uid}#{part.which.text}", part, bool(part.uid))
            segment.values.pop("rule", None)
            segment.values.pop("extra", None)
            self._records += reader.records(segment, self._new_id(segment.uid))
        if parts:
            self._report.note(
                f"UID {uid[:60]!r}: {len(parts)} changed events came in alone, because {reason}"
            )

    def _new_id(self, uid: str) -> str:
        ours = OURS.fullmatch(uid)
        key = ours[1] if ours else slug_of(uid)
        count = 1
        while key in self._ids:
            count += 1
            key = slug_of(uid, str(count))
        self._ids.add(key)
        return key

    def _say_more(self) -> None:
        report = self._report
        for number, reason in self._lines.bad[:BAD_LINES_LISTED]:
            report.note(f"line {number} was passed over: {reason}")
        if len(self._lines.bad) > BAD_LINES_LISTED:
            report.note(f"{len(self._lines.bad) - BAD_LINES_LISTED} more lines were passed over")
        read_as = (
            f"as {self._zones.default}" if self._zones.default else "as the same on every clock"
        )
        for name, count in self._zones.unknown.items():
            report.note(
                f"the time zone {name[:60]!r} is not known; {count} times were read {read_as}"
            )
        busy = sum(part.name == "VFREEBUSY" for root in self._calendars for part in root.parts)
        if busy:
            report.note(f"{busy} free/busy entries were passed over")

    def _said(self, name: str) -> str:
        said = (calendar.text(name).strip() for calendar in self._calendars)
        return next((text for text in said if text), "")

    def _slug(self, name: str) -> str:
        told = self._said("X-WR-RELCALID")
        if told.startswith(OUR_CALENDAR) and OURS.fullmatch(f"{told[len(OUR_CALENDAR) :]}@moim"):
            return told[len(OUR_CALENDAR) :]
        return readable_slug(name, *([told] if told else [name, self._file]))

    def _info(self) -> dict[str, str]:
        info = {}
        names = ("X-WR-CALDESC", "DESCRIPTION")
        said = (calendar.text(name) for name in names for calendar in self._calendars)
        description = next((text for text in said if text), "")
        if description:
            info["description"] = description[:2000]
        zones = Counter(
            str(record.values["when"][2]) for record in self._records if record.root == "events"
        )
        named = [zone for zone, _ in zones.most_common() if zone not in ("", "UTC")]
        zone = self._zones.default or next(iter(named), "")
        if zone:
            info["zone"] = zone
        return info

    def _colour(self) -> str:
        told = (self._said("COLOR") or self._said("X-MOIM-COLOUR")).strip().lower()
        return next((ours for ours, names in _CSS.items() if told in names.split()), "")


def _walk(root: Component) -> Iterator[Component]:
    yield root
    for part in root.parts:
        yield from _walk(part)


def _is_version(one: FileEvent, other: FileEvent) -> bool:
    """Tell whether two events of one UID are the same one, and not two that share it by mistake."""
    return one.age != other.age or (one.when, one.title) == (other.when, other.title)


def _nameless(event: FileEvent) -> str:
    return "\x00".join((event.title, *event.when, event.component.text("LOCATION")))


def _short(uid: str) -> str:
    return uid if len(uid) <= LONGEST_UID else f"{uid[:CUT_UID]}#{slug_of(uid)}"
