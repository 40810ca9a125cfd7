"""One VEVENT as fields of a document's event."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from moim_data.formats.ical_lines import Component, Line
from moim_data.formats.ical_values import (
    BadValue,
    Moment,
    compact,
    end_of,
    read_duration,
    read_moment,
    read_rule,
    which_of,
)
from moim_data.formats.ical_zones import Zones
from moim_data.formats.records import IMPORTER
from moim_data.formats.report import Report

TITLE: Final = 500
NOTES: Final = 100_000
URL: Final = 2_000
RULE: Final = 2_000
EXTRA: Final = 20_000
KEPT: Final = 50_000
LONGEST_UID: Final = 460
CUT_UID: Final = 400
EXCEPTION: Final = "X-MOIM-EXCEPTION"
"""In `kept`: what stood in the VEVENT of one event of a series and has no field."""
MEMBER: Final = "X-MOIM-MEMBER"
CREATED: Final = "X-MOIM-CREATED"
STATUSES: Final = ("CONFIRMED", "TENTATIVE", "CANCELLED")

_FIELDS: Final = frozenset(
    "UID SUMMARY DTSTART DTEND DURATION RRULE EXRULE RDATE EXDATE RECURRENCE-ID LOCATION URL "
    f"STATUS DESCRIPTION DTSTAMP CREATED {MEMBER} {CREATED}".split()
)
"""Read into fields; DTSTAMP is the time of the file and changes with every export of it."""


@dataclass(frozen=True, slots=True)
class FileEvent:
    """A VEVENT whose times could be read."""

    component: Component
    uid: str
    sequence: int
    stamp: str
    start: Moment
    end: Moment
    which: Moment | None
    """Which of the series it is; None for the series itself, or a single event."""
    with_following: bool

    @property
    def where(self) -> str:
        """The line it begins in."""
        return f"line {self.component.number}"

    @property
    def title(self) -> str:
        """Its title, whole."""
        return self.component.text("SUMMARY")

    @property
    def age(self) -> tuple[int, str]:
        """Sorts versions of the same event, the newest last."""
        return (self.sequence, self.stamp)

    @property
    def when(self) -> list[str]:
        """As documents write it."""
        return [self.start.text, self.end.text, self.start.zone]


def read_event(component: Component, zones: Zones) -> FileEvent:
    """Read the times of a VEVENT. Raises BadValue."""
    if not component.ended:
        raise BadValue("it has no END:VEVENT; the file is cut off or damaged there")
    starts = component.first("DTSTART")
    if starts is None:
        raise BadValue("it has no DTSTART")
    start = read_moment(starts, zones)
    if not start.is_day and not start.zone:
        start = Moment(start.at, zones.floating)
    end = end_of(start, component.first("DTEND"), component.first("DURATION"), zones)
    if end.at < start.at:
        if end.aware() <= start.aware():
            raise BadValue(f"it ends ({end.text}) before it starts ({start.text})")
        # it ends in the second of an hour that comes twice: only UTC can tell that
        start, end = start.within("UTC"), end.within("UTC")
    recurrence = component.first("RECURRENCE-ID")
    which = None if recurrence is None else read_moment(recurrence, zones)
    following = (
        recurrence is not None and recurrence.parameters.get("RANGE", "").upper() == "THISANDFUTURE"
    )
    sequence = component.text("SEQUENCE").strip()
    return FileEvent(
        component,
        component.text("UID").strip(),
        int(sequence) if re.fullmatch(r"\d{1,9}", sequence) else 0,
        component.text("LAST-MODIFIED") or component.text("DTSTAMP"),
        start,
        end,
        which,
        following,
    )


def fields_of(event: FileEvent, report: Report) -> dict[str, Any]:
    """Give title, location, notes, url, status: what stands in the event and in its exceptions."""
    one = event.component
    where = f"{event.where}:"
    values: dict[str, Any] = {"title": _cut(event.title, TITLE, where, "title", report)}
    location = one.text("LOCATION")
    if location:
        values["location"] = _cut(location, TITLE, where, "location", report)
    notes = one.text("DESCRIPTION")
    if notes:
        values["notes"] = _cut(notes, NOTES, where, "notes", report)
    url = one.first("URL")
    if url is not None and 0 < len(url.value) <= URL:
        values["url"] = url.value
    status = one.text("STATUS").strip().upper()
    if status in STATUSES:
        values["status"] = status.lower()
    return values


def recurrence_of(
    event: FileEvent, zones: Zones, report: Report
) -> tuple[dict[str, str], list[Line]]:
    """Give `rule` and `extra`, and the lines of rules that are not understood, to be kept."""
    rules: list[str] = []
    extra: list[str] = []
    strange: list[Line] = []
    for line in event.component.lines:
        if line.name not in ("RRULE", "EXRULE", "RDATE"):
            continue
        try:
            if line.name == "RDATE":
                extra += [_rdate(line, event.start, zones)]
            elif line.name == "RRULE":
                rules.append(read_rule(line.value, line, event.start, zones))
            else:
                extra.append(f"EXRULE:{read_rule(line.value, line, event.start, zones)}")
        except BadValue as error:
            strange.append(line)
            report.note(
                f"line {line.number}: {error}; it is kept for the export and repeats nothing here"
            )
    values: dict[str, str] = {}
    rules = [rule for rule in dict.fromkeys(rules) if len(rule) <= RULE]
    if rules:
        values["rule"] = rules[0]
    extra = [f"RRULE:{rule}" for rule in rules[1:]] + extra
    if extra:
        values["extra"] = _bounded(extra, EXTRA, f"{event.where}: further dates", report)
    return values, strange


def _rdate(line: Line, start: Moment, zones: Zones) -> str:
    periods: list[str] = []
    moments: list[str] = []
    for value in filter(None, (each.strip() for each in line.value.split(","))):
        begins, slash, ends = value.partition("/")
        at = which_of(start, read_moment(line, zones, begins))
        if not slash:
            moments.append(compact(at))
        else:
            periods.append(f"{compact(at)}/{compact(_period_end(line, at, start, ends, zones))}")
    if periods and moments:
        raise BadValue("RDATE: expected times or periods, got both")
    if periods:
        return f"RDATE;VALUE=PERIOD:{','.join(periods)}"
    if not moments:
        raise BadValue("RDATE: expected a date, got none")
    return f"RDATE{';VALUE=DATE' if start.is_day else ''}:{','.join(moments)}"


def _period_end(line: Line, at: Moment, start: Moment, ends: str, zones: Zones) -> Moment:
    if ends.lstrip("+-").upper().startswith("P"):
        told = Line(line.number, line.name, {}, ends, ends)
        return at.plus(*read_duration(told))
    return which_of(start, read_moment(line, zones, ends))


def excluded_of(event: FileEvent, zones: Zones, report: Report) -> Iterator[Moment]:
    """Give the starts of the series that do not take place."""
    for line in event.component.every("EXDATE"):
        for value in filter(None, (each.strip() for each in line.value.split(","))):
            try:
                yield which_of(event.start, read_moment(line, zones, value.partition("/")[0]))
            except BadValue as error:
                report.note(f"line {line.number}: {error}; this exception is passed over")


def kept_of(event: FileEvent, strange: list[Line]) -> list[str]:
    """Give the lines that have no field, components (alarms) included."""
    used = fields_of(event, Report())
    kept = [line.text for line in event.component.lines if line.name not in _FIELDS]
    for name, field in (("URL", "url"), ("STATUS", "status")):
        line = event.component.first(name)
        if line is not None and field not in used and line.value:
            kept.append(line.text)
    kept += [line.text for line in strange]
    for part in event.component.parts:
        if part.name not in ("VEVENT", "VTODO", "VJOURNAL"):
            kept += part.raw()
    return kept


def created_of(event: FileEvent, zones: Zones) -> list[Any] | None:
    """Give who made it and when, where the file says so."""
    ours = event.component.text(CREATED).partition("/")
    if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", ours[0]) and re.fullmatch(r"\d{1,15}", ours[2]):
        return [ours[0], int(ours[2])]
    line = event.component.first("CREATED")
    try:
        at = None if line is None else read_moment(line, zones)
    except BadValue:
        return None
    if at is None or at.at.year < 1971:
        return None
    return [IMPORTER, int(at.aware().timestamp() * 1000)]


def members_of(event: FileEvent) -> list[str]:
    """Give the people of moim that an export of ours names."""
    told = (line.value.strip() for line in event.component.every(MEMBER))
    return sorted({one for one in told if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", one)})


def bounded_kept(lines: list[str], where: str, report: Report) -> str:
    """Give the lines as one text; the longest (attachments) go when it is too long."""
    return _bounded(lines, KEPT, f"{where}: what moim has no field for", report)


def _bounded(lines: list[str], most: int, what: str, report: Report) -> str:
    while lines and sum(map(len, lines)) + len(lines) > most:
        removable = [line for line in lines if not line.upper().startswith(("BEGIN:", "END:"))]
        longest = max(removable or lines, key=len)
        lines = [line for line in lines if line is not longest]
        if not removable:
            lines = []
        report.note(f"{what}: expected at most {most} characters; the longest lines were left out")
    return "\n".join(lines)


def _cut(text: str, most: int, where: str, what: str, report: Report) -> str:
    if len(text) <= most:
        return text
    report.note(f"{where} the {what} is {len(text)} characters long and was cut at {most}")
    return text[: most - 1] + "…"
