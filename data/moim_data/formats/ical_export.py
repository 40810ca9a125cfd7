"""iCalendar out: a calendar's events, with their exceptions and with what moim had no field for.

Texts and folding follow RFC 5545; a zone is written by its IANA name beside the VTIMEZONE that the
library makes of it. Reading the file again gives the same document.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Final

from icalendar import Timezone
from icalendar.parser import Contentline

from moim_data.documents.when import is_zone
from moim_data.formats.ical_event import CREATED, EXCEPTION, MEMBER
from moim_data.formats.ical_lines import Component, escape, read_components
from moim_data.formats.ical_values import Moment, compact, from_document
from moim_data.formats.icalendar import OUR_CALENDAR
from moim_data.formats.records import IMPORTER

PRODUCT: Final = "-//moim//moim//EN"
_CSS: Final = {"violet": "purple"}
_WHICH: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2})?)?")
_OVERRIDES: Final = ("title", "location", "notes", "status", "url")
Content = Mapping[str, Any]


def write_icalendar(
    calendar: str, entry: Content, content: Content, head: Sequence[str] = ()
) -> bytes:
    """Give the file of a calendar.

    Args:
        calendar: its id.
        entry: what the workspace says of it: `name`, `colour`.
        content: the document as plain values.
        head: further lines about the whole, as they are to stand there.
    """
    events = _alive(content.get("events") or {})
    lines = [*_head(calendar, entry, content.get("info") or {}, events), *head]
    exceptions = _by_event(content.get("exceptions") or {})
    for zone in sorted(_zones(events, exceptions)):
        lines += _timezone(zone)
    for key, event in sorted(events.items()):
        lines += _event(key, event, exceptions.get(key, {}))
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _folded(line: str) -> bytes:
    folded: bytes = Contentline(line).to_ical()  # type: ignore[no-untyped-call]
    return folded + b"\r\n"


def _head(
    calendar: str, entry: Content, info: Content, events: Mapping[str, Content]
) -> Iterator[str]:
    yield "BEGIN:VCALENDAR"
    yield "VERSION:2.0"
    yield f"PRODID:{PRODUCT}"
    yield f"X-WR-RELCALID:{OUR_CALENDAR}{calendar}"
    for name, value in (
        ("X-WR-CALNAME", entry.get("name")),
        ("X-WR-CALDESC", info.get("description")),
        ("X-MOIM-ZONE", info.get("zone")),
        # others would read times without a zone in this one
        ("X-WR-TIMEZONE", None if any(map(_floats, events.values())) else info.get("zone")),
    ):
        if value:
            yield f"{name}:{escape(_clean(str(value)))}"
    if entry.get("colour"):
        yield f"COLOR:{_CSS.get(entry['colour'], entry['colour'])}"


def _alive(events: Content) -> dict[str, Content]:
    return {
        key: event
        for key, event in events.items()
        if isinstance(event, Mapping) and "deleted" not in event and _is_when(event.get("when"))
    }


def _floats(event: Content) -> bool:
    start, _, zone = event["when"]
    return "T" in start and not zone


def _is_when(value: object) -> bool:
    return (
        isinstance(value, (list, tuple))
        and len(value) == 3
        and all(isinstance(each, str) for each in value)
    )


def _by_event(flat: Content) -> dict[str, dict[str, dict[str, Any]]]:
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for key, value in sorted(flat.items()):
        parts = key.split("/")
        if len(parts) == 3 and _WHICH.fullmatch(parts[1]):
            found.setdefault(parts[0], {}).setdefault(parts[1], {})[parts[2]] = value
    return found


def _event(key: str, event: Content, exceptions: Mapping[str, Content]) -> Iterator[str]:
    start, end, zone = event["when"]
    uid = _clean(str(event.get("uid") or f"{key}@moim"))
    kept, kept_of = _kept(event.get("kept"))
    series = bool(event.get("rule") or event.get("extra"))
    one_day = "T" not in start
    mine = {
        which: one for which, one in exceptions.items() if series and ("T" not in which) == one_day
    }
    yield from _begin(uid, event)
    yield from _times(event["when"])
    yield from _texts(event)
    if event.get("rule"):
        yield f"RRULE:{_rule(event['rule'], from_document(start, zone))}"
    for line in str(event.get("extra") or "").split("\n"):
        yield from _extra(line, from_document(start, zone))
    for which, one in mine.items():
        if one.get("excluded"):
            yield _stamped("EXDATE", from_document(which, zone))
    yield from (f"{MEMBER}:{name[7:]}" for name in sorted(event) if name.startswith("member/"))
    yield from kept
    yield "END:VEVENT"
    length = from_document(end).at - from_document(start).at
    for which, one in mine.items():
        if not one.get("excluded"):
            at = from_document(which, zone)
            regular = [which, at.plus(length, exact=False).text, zone]
            yield from _begin(uid, event)
            yield _stamped("RECURRENCE-ID", at)
            yield from _times(one["when"] if _is_when(one.get("when")) else regular)
            yield from _texts({name: one.get(name, event.get(name)) for name in _OVERRIDES})
            yield from kept_of.get(compact(at), [])
            yield "END:VEVENT"


def _begin(uid: str, event: Content) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{escape(uid)}"
    created = event.get("created")
    made = isinstance(created, (list, tuple)) and len(created) == 2
    at_ms = int(created[1]) if made and created else 0
    stamp = _utc(at_ms)
    yield f"DTSTAMP:{stamp}"
    if made and created:
        if created[0] == IMPORTER and at_ms % 1000 == 0:
            yield f"CREATED:{stamp}"
        else:
            yield f"{CREATED}:{created[0]}/{at_ms}"


def _utc(at_ms: int) -> str:
    try:
        return f"{datetime.fromtimestamp(at_ms // 1000, UTC):%Y%m%dT%H%M%SZ}"
    except (ValueError, OverflowError, OSError):
        return "19700101T000000Z"


def _times(when: Any) -> Iterator[str]:
    start, end, zone = when
    yield _stamped("DTSTART", from_document(start, zone))
    yield _stamped("DTEND", from_document(end, zone))


def _texts(event: Content) -> Iterator[str]:
    for name, field in (("SUMMARY", "title"), ("LOCATION", "location"), ("DESCRIPTION", "notes")):
        if event.get(field):
            yield f"{name}:{escape(_clean(str(event[field])))}"
    if event.get("url"):
        yield f"URL:{_one_line(str(event['url']))}"
    if event.get("status"):
        yield f"STATUS:{str(event['status']).upper()}"


def _stamped(name: str, at: Moment) -> str:
    """Write a line of one moment."""
    return f"{name}{_parameter(at)}:{compact(at)}{'Z' if at.zone == 'UTC' else ''}"


def _parameter(at: Moment) -> str:
    if at.is_day:
        return ";VALUE=DATE"
    return f";TZID={at.zone}" if at.zone not in ("", "UTC") else ""


def _rule(rule: str, start: Moment) -> str:
    """Write a rule whose UNTIL is local as RFC 5545 wants it: in UTC where the start has a zone."""
    parts = _one_line(rule).split(";")
    return ";".join(_part(part, start) for part in parts)


def _part(part: str, start: Moment) -> str:
    name, _, value = part.partition("=")
    if name != "UNTIL" or start.is_day or not start.zone or "T" not in value or value.endswith("Z"):
        return part
    try:
        local = Moment(datetime.strptime(value, "%Y%m%dT%H%M%S"), start.zone)
    except ValueError:
        return part
    return f"UNTIL={compact(local.within('UTC'))}Z"


def _extra(line: str, start: Moment) -> Iterator[str]:
    name, _, value = _one_line(line).partition(":")
    if name in ("RRULE", "EXRULE"):
        yield f"{name}:{_rule(value, start)}"
    elif name.startswith("RDATE") and value:
        period = "PERIOD" in name
        zone = "Z" if start.zone == "UTC" else ""
        values = ",".join(
            "/".join(f"{end}{zone}" for end in each.split("/")) for each in value.split(",")
        )
        kind = ";VALUE=PERIOD" if period else ""
        yield f"RDATE{kind}{_parameter(start)}:{values}"


def _kept(kept: Any) -> tuple[list[str], dict[str, list[str]]]:
    """Give the kept lines of the event, and of its exceptions by RECURRENCE-ID.

    They are read once more: whoever wrote the field, it cannot break the file.
    """
    if not isinstance(kept, str) or not kept:
        return [], {}
    text = f"BEGIN:VCALENDAR\nBEGIN:VEVENT\n{kept}\nEND:VEVENT\nEND:VCALENDAR"
    calendar = read_components(text).roots[0]
    event = calendar.parts[0]
    of: dict[str, list[str]] = {}
    for part in event.parts:
        if part.name == EXCEPTION:
            inner = [line.text for line in part.lines if line.name != "RECURRENCE-ID"]
            of[part.text("RECURRENCE-ID")] = inner + _raw(part.parts)
    own = [part for part in event.parts if part.name not in (EXCEPTION, "VEVENT")]
    return [line.text for line in event.lines] + _raw(own), of


def _raw(parts: list[Component]) -> list[str]:
    return [line for part in parts for line in part.raw()]


def _zones(events: Mapping[str, Content], exceptions: Mapping[str, Any]) -> set[str]:
    whens = [event["when"] for event in events.values()]
    for one in exceptions.values():
        whens += [each["when"] for each in one.values() if _is_when(each.get("when"))]
    return {zone for _, _, zone in whens if zone not in ("", "UTC") and is_zone(zone)}


@lru_cache(64)
def _timezone(zone: str) -> list[str]:
    first, last = date(1990, 1, 1), date(2038, 1, 1)
    made = Timezone.from_tzid(zone, first_date=first, last_date=last)
    text = made.to_ical().decode().replace("\r\n ", "")
    return [line for line in text.split("\r\n") if line]


def _clean(text: str) -> str:
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", text.replace("\r\n", "\n").replace("\r", "\n"))


def _one_line(text: str) -> str:
    return _clean(text).replace("\n", "")
