"""What takes place in a time, of events and series; the same as `recurrence.ts` where both can.

The browser expands the series that our editor can make. All others (several rules, dates of their
own, parts of rules that the editor does not know) are expanded here only. A rule that nobody can
read leaves the first event; no rule is walked for longer than the limits say.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moim_data.documents.extra_lines import AS_THE_EVENT, ExtraLines, read_extra
from moim_data.documents.rule import Exhausted, Limits, Meter, Rule, is_simple
from moim_data.documents.wall_time import (
    DAY_MS,
    instant_ms,
    instant_of,
    is_known,
    length_of,
    moment_of,
    naive_of,
    offset_ms,
    starting_at,
    wall_ms,
    wall_of,
)
from moim_data.documents.when import When, is_day, is_moment, when_problem

LIMITS = Limits()
NEVER = When("1970-01-01", "1970-01-02", "")
"""Where an event stands whose time nobody can read."""


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
        return cls(
            id=event,
            title=str(fields.get("title", "")),
            when=read_when(fields["when"]),
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


def read_when(value: Sequence[str]) -> When:
    """Take a time as it stands in a document; a zone that nobody knows is no reason to hide it."""
    start, end, zone = value
    return NEVER if when_problem((start, end, "")) else When(start, end, zone)


Exceptions = Mapping[str, Mapping[str, Any]]
"""The fields that differ, by recurrence id."""


def exceptions_by_event(flat: Mapping[str, Any]) -> dict[str, dict[str, dict[str, Any]]]:
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
    found = starts.between(*span.walls(event.when))
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
    """What is looked at, as instants and as wall times of an event's own clock."""

    def __init__(self, start: datetime, end: datetime, zone: str) -> None:
        self._zone = zone
        self._from_ms, self._to_ms = instant_ms(start, zone), instant_ms(end, zone)

    def walls(self, when: When) -> tuple[int, int]:
        """Give the first and the last wall time of what may start inside.

        Where clocks change, a start that they skip lies as much before the time it is read as.
        """
        zone = self._clock(when)
        room = abs(
            offset_ms(self._from_ms + DAY_MS, zone) - offset_ms(self._from_ms - DAY_MS, zone)
        )
        first, last = (at + offset_ms(at, zone) for at in (self._from_ms, self._to_ms))
        return first - room, last

    def _clock(self, when: When) -> str:
        goes_by_own = not is_day(when.start) and is_known(when.zone)
        return when.zone if goes_by_own else self._zone

    def place(self, occurrence: Occurrence, length_ms: int | None) -> _Placed:
        """Put it where the viewer sees it; `length_ms` is None where the end says it."""
        when, zone = occurrence.when, self._clock(occurrence.when)
        start_ms = instant_of(when.start, zone)
        if length_ms is None or zone != when.zone:
            return _Placed(occurrence, start_ms, instant_of(when.end, zone))
        return _Placed(occurrence, start_ms, start_ms + length_ms)

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
) -> list[_Placed]:
    """Those with a time of their own are found by where they are now."""
    placed = {
        recurrence_id: span.place(
            _occurrence(event, recurrence_id, read_when(exception["when"]), exception), None
        )
        for recurrence_id, exception in exceptions.items()
        if "when" in exception and "excluded" not in exception
    }
    touching = {name: one for name, one in placed.items() if span.is_touched_by(one)}
    return [touching[name] for name in starts.given(touching)]


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
        longest = max([self._length_ms, *self._extra.dates.values()])
        return self._found(from_wall - longest, to_wall, self._limits.most)

    def given(self, recurrence_ids: Iterable[str]) -> set[str]:
        """Give those of some recurrence ids that are of the series."""
        asked = {
            wall_of(each): each
            for each in recurrence_ids
            if is_moment(each) and is_day(each) == self._as_day
        }
        if not asked:
            return set()
        found = self._found(min(asked), max(asked), self._limits.steps)
        return {asked[wall] for wall in asked.keys() & found.keys()}

    def _found(self, from_wall: int, to_wall: int, most: int) -> Mapping[int, int]:
        meter = Meter(self._limits)
        low, high = naive_of(from_wall), naive_of(to_wall)
        found: dict[int, int] = {}
        excluded = set(self._extra.excluded_dates)
        try:
            for wall, length in self._starts(meter, low, high):
                if from_wall <= wall <= to_wall and wall not in found:
                    if len(found) == most:
                        raise Exhausted
                    found[wall] = length
            for rule in self._extra.excluded_rules:
                excluded.update(map(wall_ms, rule.starts(meter, low, high)))
        except Exhausted:
            self.cut = True
        return {wall: length for wall, length in found.items() if wall not in excluded}

    def _starts(self, meter: Meter, low: datetime, high: datetime) -> Iterator[tuple[int, int]]:
        for wall, length in self._extra.dates.items():
            yield wall, self._length_ms if length == AS_THE_EVENT else length
        yield self._first, self._length_ms
        if self._rule is not None:
            for start in self._after_first(self._rule, meter, low, high):
                yield wall_ms(start), self._length_ms
        for rule in self._extra.rules:
            for start in rule.starts(meter, low, high):
                yield wall_ms(start), self._length_ms

    def _after_first(
        self, rule: Rule, meter: Meter, low: datetime, high: datetime
    ) -> Iterator[datetime]:
        """What a rule gives after the first, which its COUNT counts even where it does not fit."""
        left = rule.count
        for start in rule.starts(meter, low, high):
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
