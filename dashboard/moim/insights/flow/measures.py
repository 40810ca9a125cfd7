"""The numbers behind the charts: whole arrays at a time, from a `History`.

What is not known is left out and counted, never guessed: a card that already lay in its column
when the log began has no known start, and one that lay in a done column then was done on no day
that anybody knows.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from moim.insights.flow.days import days_between, ends_ms, mondays, starts_ms
from moim.insights.flow.history import (
    DONE,
    GONE,
    STARTED,
    WAITING,
    Flags,
    Floats,
    History,
    Integers,
    stages,
)

DAY_MS = 86_400_000
MOST_DAYS = 366
PERCENTILES = (50, 85, 95)
_WEEK = timedelta(7)


@dataclass(frozen=True)
class Cumulative:
    """How much lies in each column at the end of each day, the last one as of now."""

    days: list[date]
    amounts: Floats
    """One row a column, in the board's order; the last is what lies in columns that are gone."""


def cumulative(
    history: History, now_ms: int, zone: ZoneInfo, *, points: bool = False, most: int = MOST_DAYS
) -> Cumulative:
    """Count cards, or their points, by column and day; the last `most` days."""
    rows = len(history.columns) + 1
    if history.from_ms is None:
        return Cumulative([], np.zeros((rows, 0)))
    days = days_between(history.from_ms, max(now_ms, history.from_ms), zone)[-most:]
    ends = ends_ms(days, zone)
    # A step counts at the end of the days in which it has begun and has not ended.
    begins = np.searchsorted(ends, history.at_ms, side="right")
    stops = np.searchsorted(ends, history.until_ms, side="right")
    weights = np.nan_to_num(history.estimate) if points else np.ones(len(history.card))
    there = history.column != GONE
    changes = np.zeros((rows, len(days) + 1))
    np.add.at(changes, (history.column[there], begins[there]), weights[there])
    np.subtract.at(changes, (history.column[there], stops[there]), weights[there])
    return Cumulative(days, changes.cumsum(axis=1)[:, :-1])


@dataclass(frozen=True)
class Burn:
    """How much there is, is done and remains at the end of each day."""

    days: list[date]
    scope: Floats
    done: Floats

    @property
    def remaining(self) -> Floats:
        """What is not done."""
        return self.scope - self.done


def burn(
    history: History, now_ms: int, zone: ZoneInfo, *, points: bool = False, most: int = MOST_DAYS
) -> Burn:
    """Add up what is done and what there is, by day."""
    found = cumulative(history, now_ms, zone, points=points, most=most)
    done = np.array([stage == DONE for stage in stages(history.columns)] + [False])
    return Burn(found.days, found.amounts.sum(axis=0), found.amounts[done].sum(axis=0))


def speaks_in_points(history: History) -> bool:
    """Say whether most of the cards that are there have an estimate."""
    now = history.last[history.stage[history.last] != GONE]
    return bool(len(now)) and bool(2 * np.isfinite(history.estimate[now]).sum() > len(now))


@dataclass(frozen=True)
class Finished:
    """Cards that are done, each with when it was started and done for the last time."""

    card: Integers
    started_ms: Integers
    start_known: Flags
    """False where it was started, or done, before the log begins."""
    done_ms: Integers
    done_known: Flags

    @property
    def cycle_days(self) -> Floats:
        """How long each took whose start is known, in days of 24 hours."""
        took_ms = self.done_ms - self.started_ms
        return np.asarray(took_ms[self.start_known] / DAY_MS, np.float64)

    @property
    def moments(self) -> Integers:
        """When each was done, as far as that is known, in order."""
        return np.sort(self.done_ms[self.done_known])


def finished(history: History) -> Finished:
    """Find the cards whose last place is a done column; what was deleted there stays finished.

    A card is started when it first lies in a column that does not wait, and done when it last came
    into a done one: a card that was opened again is counted once, with all of its time.
    """
    there = history.stage != GONE
    card, stage = history.card[there], history.stage[there]
    at_ms, stood = history.at_ms[there], history.stood[there]
    places = np.arange(len(card))
    came = stage == DONE
    came[1:] &= (card[1:] != card[:-1]) | (stage[1:] != stage[:-1])
    last, entered = (np.full(len(history.cards), -1) for _ in range(2))
    np.maximum.at(last, card, places)
    np.maximum.at(entered, card[came], places[came])
    first = _first_of_each(card, stage != WAITING, len(history.cards))
    done = np.flatnonzero(last >= 0)
    done = done[stage[last[done]] == DONE]
    begun, ended = first[done], entered[done]
    return Finished(done, at_ms[begun], ~stood[begun], at_ms[ended], ~stood[ended])


def _first_of_each(card: Integers, wanted: Flags, count: int) -> Integers:
    """Give the first wanted step of each card; their number where there is none."""
    first = np.full(count, len(card), np.int64)
    np.minimum.at(first, card[wanted], np.flatnonzero(wanted))
    return first


def percentiles(values: Floats) -> dict[int, float]:
    """Give the value that each of PERCENTILES per cent stay within; nothing for no values."""
    if not len(values):
        return {}
    found = np.percentile(values, PERCENTILES, method="inverted_cdf")
    return dict(zip(PERCENTILES, map(float, found), strict=True))


@dataclass(frozen=True)
class Throughput:
    """How many cards were done in each period."""

    begins: list[date]
    counts: Integers


def throughput_a_week(
    history: History, now_ms: int, zone: ZoneInfo, *, most: int = 26
) -> Throughput:
    """Count what was done in each week from Monday on; the last is the one that runs."""
    if history.from_ms is None:
        return Throughput([], np.zeros(0, np.int64))
    weeks = mondays(days_between(history.from_ms, max(now_ms, history.from_ms), zone))[-most:]
    return Throughput(weeks, _counted(finished(history).moments, [*weeks, weeks[-1] + _WEEK], zone))


def throughput_a_day(
    history: History, now_ms: int, zone: ZoneInfo, *, most: int = 90
) -> Throughput:
    """Count what was done on each day that is over."""
    if history.from_ms is None:
        return Throughput([], np.zeros(0, np.int64))
    days = days_between(history.from_ms, max(now_ms, history.from_ms), zone)
    over = days[:-1][-most:]
    edges = days[-len(over) - 1 :]
    return Throughput(over, _counted(finished(history).moments, edges, zone))


def _counted(moments: Integers, edges: list[date], zone: ZoneInfo) -> Integers:
    places = np.searchsorted(moments, starts_ms(edges, zone), side="left")
    return np.diff(places).astype(np.int64)


@dataclass(frozen=True)
class Ageing:
    """Cards that are under way, and for how long."""

    card: Integers
    column: Integers
    age_days: Floats
    at_least: Flags
    """True where it was under way before the log begins."""


def ageing(history: History, now_ms: int) -> Ageing:
    """Find what is started and not done, with the time since it was started first."""
    begun = np.isin(history.stage, (STARTED, DONE))
    first = _first_of_each(history.card, begun, len(history.cards))
    steps = history.last[history.stage[history.last] == STARTED]
    card = history.card[steps]
    since = first[card]
    age_days = (now_ms - history.at_ms[since]) / DAY_MS
    return Ageing(card, history.column[steps], age_days, history.stood[since])


@dataclass(frozen=True)
class Load:
    """What one person has to do: cards that wait and cards that are started."""

    person: str | None
    waiting: float
    started: float


def workload(history: History, *, points: bool = False) -> list[Load]:
    """Share the open cards out among people, the busiest first, nobody's last.

    A card of two people counts for both.
    """
    sums: dict[str | None, list[float]] = {}
    for step in history.last[np.isin(history.stage[history.last], (WAITING, STARTED))]:
        weight = float(np.nan_to_num(history.estimate[step])) if points else 1.0
        for person in history.people[history.card[step]] or (None,):
            sums.setdefault(person, [0.0, 0.0])[history.stage[step]] += weight
    loads = [Load(person, *both) for person, both in sums.items()]
    return sorted(
        loads, key=lambda load: (load.person is None, -load.waiting - load.started, load.person)
    )


@dataclass(frozen=True)
class Forecast:
    """When what is open will be done, if days go on as they went."""

    remaining: int
    days: Integers
    """How many days each run took, from tomorrow on; -1 for more than were looked at."""

    def within(self, percent: int) -> int | None:
        """Give the days that suffice in so many per cent of the runs; None for too many."""
        if not len(self.days):
            return None
        over = np.where(self.days < 0, np.iinfo(np.int64).max, self.days)
        found = int(np.percentile(over, percent, method="inverted_cdf"))
        return None if found == np.iinfo(np.int64).max else found


def forecast(
    remaining: int,
    a_day: Integers,
    rng: np.random.Generator,
    *,
    runs: int = 2_000,
    most_days: int = 730,
) -> Forecast:
    """Draw days of the past, with all that was done on each, until nothing remains.

    Without a day on which something was done, nothing can be said: there are no runs.
    """
    if remaining == 0:
        return Forecast(0, np.zeros(runs, np.int64))
    if not a_day.any():
        return Forecast(remaining, np.zeros(0, np.int64))
    left, days = np.full(runs, remaining), np.full(runs, -1, np.int64)
    for day in range(1, most_days + 1):
        left = left - rng.choice(a_day, runs)
        days[(left <= 0) & (days < 0)] = day
        if (days > 0).all():
            break
    return Forecast(remaining, days)


def open_cards(history: History) -> int:
    """Count what is there and not done."""
    return int(np.isin(history.stage[history.last], (WAITING, STARTED)).sum())
