"""What takes place in a time, of events and series; the same as `recurrence.ts` where both can.

The browser expands the series that our editor can make. All others (several rules, dates of their
own, parts of rules that the editor does not know) are expanded here only. A rule that cannot be read
leaves the first event; no rule is walked for longer than the limits say.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moim_data.documents.extra_lines import ExtraLines, read_extra
from moim_data.documents.rule import Exhausted, Limits, Meter, Rule, is_simple
from moim_data.documents.wall_time import (
    DAY_MS,
    When,
    instant_ms,
    instant_of,
    is_day,
    length_of,
    moment_of,
    naive_of,
    starting_at,
    wall_ms,
    wall_of,
    zone_of,
)

LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class SeriesEvent:
    """What of an event decides when it takes place, and what its occurrences show."""

    id: str
    title: str
    when: When
    rule: str | None = None
    extra: str | None = None
    location: str | None = None
    status: str | None = None
    deleted: bool = False

    @classmethod
    def of(cls, event: str, fields: Mapping[str, Any]) -> "SeriesEvent":
        """Take an event as it stands in a document."""
        start, end, zone = fields["when"]
        return cls(
            id=event,
            title=str(fields.get("title", "")),
            when=(start, end, zone),
            rule=fields.get("rule") or None,
            extra=fields.get("extra") or None,
            location=fields.get("location"),
            status=fields.get("status"),
            deleted="deleted" in fields,
        )

    @property
    def repeats(self) -> bool:
        """Tell a series from a single event."""
        return self.rule is not None or self.extra is not None

    @property
    def is_served(self) -> bool:
        """Tell whether it is a series that the browser does not expand."""
        if self.deleted or not self.repeats:
            return False
        return self.extra is not None or not is_simple(self.rule or "")


Exceptions = Mapping[str, Mapping[str, Any]]
"""The fields that differ, by recurrence id."""


def exceptions_by_event(flat: Mapping[str, Any]) -> Mapping[str, Exceptions]:
    """Give the exceptions of a calendar, as they stand in the document, by event id."""
    by_event: dict[str, dict[str, dict[str, Any]]] = {}
    for key, value in flat.items():
        event, recurrence_id, field = key.split("/", 2)
        by_event.setdefault(event, {}).setdefault(recurrence_id, {})[field] = value
    return by_event


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One thing that takes place, with its exception applied."""

    event: str
    recurrence_id: str | None
    """None: the event does not repeat."""
    when: When
    title: str
    location: str | None
    status: str | None
    is_exception: bool


@dataclass(frozen=True, slots=True)
class Expansion:
    """What takes place in a time, and whether that is all."""

    occurrences: list[Occurrence]
    cut: bool = False
    """True: there may be more, and a limit was met."""
    unread: tuple[str, ...] = ()
    """Rules and lines that could not be read."""


def occurrences(
    event: SeriesEvent,
    exceptions: Exceptions,
    start: datetime,
    end: datetime,
    zone: str,
    limits: Limits = LIMITS,
) -> list[Occurrence]:
    """Give everything that touches [start, end), naive times on the clock of a zone, by start."""
    return expansion(event, exceptions, start, end, zone, limits).occurrences


def expansion(
    event: SeriesEvent,
    exceptions: Exceptions,
    start: datetime,
    end: datetime,
    zone: str,
    limits: Limits = LIMITS,
) -> Expansion:
    """As `occurrences`, with the word whether that is all."""
    if event.deleted:
        return Expansion([])
    span = _Span(start, end, zone)
    own = exceptions if event.repeats else {}
    starts = SeriesStarts(event, limits)
    found = starts.between(span.from_wall, span.to_wall)
    placed = [*_unmoved(event, own, found, span)]
    placed += _moved(event, own, starts, span)
    touching = sorted((one for one in placed if span.is_touched_by(one)), key=_Placed.order)
    return Expansion([one.occurrence for one in touching], starts.cut, tuple(starts.unread))


@dataclass(frozen=True, slots=True)
class _Placed:
    occurrence: Occurrence
    start_ms: int
    end_ms: int

    def order(self) -> tuple[int, str]:
        return self.start_ms, self.occurrence.recurrence_id or ""


class _Span:
    """What is looked at, as instants and, with room for any offset, in wall time."""

    def __init__(self, start: datetime, end: datetime, zone: str) -> None:
        self._zone = zone
        self._from_ms, self._to_ms = instant_ms(start, zone), instant_ms(end, zone)
        self.from_wall = wall_ms(start) - 2 * DAY_MS
        self.to_wall = wall_ms(end) + 2 * DAY_MS

    def place(self, occurrence: Occurrence, length_ms: int | None) -> _Placed:
        """Put it where the viewer sees it; `length_ms` is None where the end says it."""
        first, last, own = occurrence.when
        goes_by_clock = is_day(first) or zone_of(own) is None
        zone = self._zone if goes_by_clock else own
        start_ms = instant_of(first, zone)
        by_end = length_ms is None or goes_by_clock
        return _Placed(
            occurrence, start_ms, instant_of(last, zone) if by_end else start_ms + (length_ms or 0)
        )

    def is_touched_by(self, placed: _Placed) -> bool:
        return placed.start_ms < self._to_ms and (
            placed.end_ms > self._from_ms or placed.start_ms >= self._from_ms
        )


def _unmoved(
    event: SeriesEvent, exceptions: Exceptions, found: Mapping[int, int], span: _Span
) -> Iterator[_Placed]:
    as_day = is_day(event.when[0])
    first, length_ms = wall_of(event.when[0]), length_of(event.when)
    for wall, length in found.items():
        recurrence_id = moment_of(wall, as_day)
        exception = exceptions.get(recurrence_id)
        if exception is not None and ("excluded" in exception or "when" in exception):
            continue
        is_own = wall == first and length == length_ms
        when = event.when if is_own else starting_at(recurrence_id, length, event.when[2])
        yield span.place(_occurrence(event, recurrence_id, when, exception), length)


def _moved(
    event: SeriesEvent, exceptions: Exceptions, starts: "SeriesStarts", span: _Span
) -> Iterator[_Placed]:
    """Those with a time of their own are found by where they are now."""
    for recurrence_id, exception in exceptions.items():
        if "excluded" in exception or "when" not in exception:
            continue
        first, last, zone = exception["when"]
        placed = span.place(_occurrence(event, recurrence_id, (first, last, zone), exception), None)
        if span.is_touched_by(placed) and starts.includes(recurrence_id):
            yield placed


def _occurrence(
    event: SeriesEvent, recurrence_id: str, when: When, exception: Mapping[str, Any] | None
) -> Occurrence:
    own = exception or {}
    return Occurrence(
        event=event.id,
        recurrence_id=recurrence_id if event.repeats else None,
        when=when,
        title=own.get("title", event.title),
        location=own.get("location", event.location),
        status=own.get("status", event.status),
        is_exception=exception is not None,
    )


class SeriesStarts:
    """When a series starts, in wall time: the start of the event itself, which always counts as the
    first, what its rule gives after it, and what its extra lines add and take out."""

    def __init__(self, event: SeriesEvent, limits: Limits) -> None:
        self._event = event
        self._limits = limits
        self._as_day = is_day(event.when[0])
        self._first = wall_of(event.when[0])
        self._length_ms = length_of(event.when)
        self.cut = False
        self.unread: list[str] = []
        self._rule = self._read_rule()
        self._extra = self._read_extra()

    def between(self, from_wall: int, to_wall: int) -> Mapping[int, int]:
        """Give what takes place at some time from one wall time to another: lengths by start."""
        meter = Meter(self._limits)
        longest = max([self._length_ms, *self._extra.dates.values()])
        low, high = naive_of(from_wall - longest), naive_of(to_wall)
        found: dict[int, int] = {}
        try:
            for wall, length in self._all(meter, low, high):
                if wall in found or wall < wall_ms(low):
                    continue
                if len(found) == self._limits.most:
                    raise Exhausted
                found[wall] = length
            for rule in self._extra.excluded_rules:
                for start in _until(rule.starts(meter, low), high):
                    found.pop(wall_ms(start), None)
        except Exhausted:
            self.cut = True
        for wall in self._extra.excluded_dates:
            found.pop(wall, None)
        return found

    def includes(self, recurrence_id: str) -> bool:
        """Tell whether it is one of the series."""
        if is_day(recurrence_id) != self._as_day:
            return False
        wall = wall_of(recurrence_id)
        return wall in self.between(wall + self._shortest, wall)

    @property
    def _shortest(self) -> int:
        return max([self._length_ms, *self._extra.dates.values()])

    def _all(self, meter: Meter, low: datetime, high: datetime) -> Iterator[tuple[int, int]]:
        for wall, length in self._extra.dates.items():
            if wall <= wall_ms(high):
                yield wall, self._length_ms if length < 0 else length
        if self._first <= wall_ms(high):
            yield self._first, self._length_ms
        if self._rule is not None:
            for start in _until(self._after_first(self._rule, meter, low), high):
                yield wall_ms(start), self._length_ms
        for rule in self._extra.rules:
            for start in _until(rule.starts(meter, low), high):
                yield wall_ms(start), self._length_ms

    def _after_first(self, rule: Rule, meter: Meter, low: datetime) -> Iterator[datetime]:
        """What a rule gives after the first, which is one of its COUNT even where it does not fit."""
        left = rule.count
        for start in rule.starts(meter, low):
            if wall_ms(start) <= self._first:
                continue
            if left is not None:
                left -= 1
                if left < 1:
                    return
            yield start

    def _read_rule(self) -> Rule | None:
        if self._event.rule is None:
            return None
        try:
            return Rule(self._event.rule, naive_of(self._first))
        except (ValueError, OverflowError) as error:
            self.unread.append(f"RRULE:{self._event.rule[:200]}: {error}")
            return None

    def _read_extra(self) -> ExtraLines:
        start, _, zone = self._event.when
        lines = read_extra(self._event.extra or "", start, zone)
        self.unread.extend(lines.unread)
        return lines


def _until(starts: Iterator[datetime], high: datetime) -> Iterator[datetime]:
    for start in starts:
        if start > high:
            return
        yield start
