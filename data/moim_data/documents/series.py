"""What becomes of a series that ends, is cut in two, or moves; the same as `series.ts`."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from moim_data.documents.recurrence import SeriesEvent, SeriesStarts
from moim_data.documents.rule import Limits
from moim_data.documents.rule_parts import RuleParts, moved_rule, with_end
from moim_data.documents.wall_time import (
    DAY_MS,
    length_of,
    moment_of,
    naive_of,
    starting_at,
    wall_of,
)
from moim_data.documents.when import When, is_day
from moim_data.errors import InvalidValue

LIMITS: Final = Limits(deadline_s=0.2)
"""For one change; who waits for it holds up others meanwhile."""
_ROOM_MS: Final = 62 * DAY_MS
"""A month that has no such day may put the next one as much later."""


def ruled_when(event: SeriesEvent, recurrence_id: str) -> When:
    """Give the time that the rule gives to one of a series."""
    return starting_at(recurrence_id, length_of(event.when), event.when.zone)


def is_first(event: SeriesEvent, recurrence_id: str) -> bool:
    """Tell the first of a series, from which on is all of it."""
    return wall_of(recurrence_id) <= wall_of(event.when.start)


def rule_ended_before(event: SeriesEvent, recurrence_id: str) -> str:
    """Give the rule of the part before one of a series: it ends the day before."""
    day = naive_of(wall_of(recurrence_id)).date() - timedelta(days=1)
    return with_end(event.rule or "", until=day)


def tail_of(event: SeriesEvent, recurrence_id: str) -> SeriesEvent:
    """Give the part from one of a series on, as a series: with the rest of a count.

    Raises:
        InvalidValue: there are too many to count.
    """
    rule = event.rule or ""
    parts = RuleParts.of(rule)
    if parts is not None and parts.count is not None:
        before = len(_walls(event, wall_of(recurrence_id) - 1))
        rule = with_end(rule, count=max(1, parts.count - before))
    return replace(event, when=ruled_when(event, recurrence_id), rule=rule)


def patched(event: SeriesEvent, patch: Mapping[str, Any]) -> SeriesEvent:
    """Give the event as a patch makes it; a rule that is not patched follows the days."""
    when = When(*patch["when"]) if patch.get("when") is not None else event.when
    rule = event.rule and moved_rule(event.rule, event.when.start, when.start)
    return replace(event, when=when, rule=patch.get("rule", rule))


def series_when(event: SeriesEvent, recurrence_id: str, when: When) -> When:
    """Give the time of a series of which one is to take place at another time, the others alike."""
    first = wall_of(event.when.start) + wall_of(when.start) - wall_of(recurrence_id)
    return starting_at(moment_of(first, is_day(when.start)), length_of(when), when.zone)


def moved_ids(before: SeriesEvent, after: SeriesEvent, ids: Iterable[str]) -> dict[str, str]:
    """Give the new recurrence ids of some of a series by the old ones.

    The n-th of a series stays the n-th; where the rule itself becomes another one, each keeps its
    distance from the first.
    """
    ids = tuple(ids)
    if not ids:
        return {}
    start, to = before.when.start, after.when.start
    follows = after.rule == (before.rule and moved_rule(before.rule, start, to))
    by_number = _moved_starts(before, after, ids) if follows and not before.is_served else {}
    shift = wall_of(to) - wall_of(start)
    return {one: by_number.get(one) or moment_of(wall_of(one) + shift, is_day(to)) for one in ids}


def _moved_starts(before: SeriesEvent, after: SeriesEvent, ids: tuple[str, ...]) -> dict[str, str]:
    last = max(map(wall_of, ids))
    room = abs(wall_of(after.when.start) - wall_of(before.when.start)) + _ROOM_MS
    pairs = zip(_walls(before, last), _walls(after, last + room), strict=False)
    as_day, is_day_then = is_day(before.when.start), is_day(after.when.start)
    return {moment_of(old, as_day): moment_of(new, is_day_then) for old, new in pairs}


def _walls(event: SeriesEvent, to_wall: int) -> list[int]:
    """Give the starts of a series up to a wall time. Raises InvalidValue for too many."""
    starts = SeriesStarts(event, LIMITS)
    found = sorted(starts.between(wall_of(event.when.start), to_wall))
    if starts.cut:
        raise InvalidValue("events/rule: expected fewer events before this one", "events/rule")
    return found
