"""Rules that our editor makes, taken apart and put together again; the same as `rule.ts`."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final

from moim_data.documents.rule import WEEKDAYS, is_simple, rule_fields, until_of
from moim_data.documents.wall_time import naive_of, wall_of

_DAY: Final = timedelta(days=1)
_LAST: Final = -1


@dataclass(frozen=True, slots=True)
class RuleParts:
    """What such a rule says."""

    freq: str
    interval: int = 1
    days: tuple[str, ...] = ()
    """Of a weekly rule, in the order of the week; none: the weekday of the start."""
    month_day: int | None = None
    """Of a monthly rule; -1 is the last. None, without `nth` too: the day of the start."""
    nth: tuple[int, str] | None = None
    """Which of the weekdays of a month, -1 being the last, as `(2, "MO")`."""
    count: int | None = None
    until: date | None = None
    """The last day on which it may start."""

    @classmethod
    def of(cls, rule: str, start: str | None = None) -> "RuleParts | None":
        """Take a rule apart; None for one that the editor does not make.

        Args:
            start: of the event; with it, `until` is exact.
        """
        fields = rule_fields(rule)
        if fields is None or not is_simple(rule):
            return None
        by_day, by_month_day = fields.get("BYDAY"), fields.get("BYMONTHDAY")
        weekly = fields["FREQ"] == "WEEKLY"
        return cls(
            freq=fields["FREQ"],
            interval=int(fields.get("INTERVAL", "1")),
            days=_in_order(by_day.split(",")) if by_day and weekly else (),
            month_day=int(by_month_day) if by_month_day else None,
            nth=(int(by_day[:-2]), by_day[-2:]) if by_day and not weekly else None,
            count=int(fields["COUNT"]) if "COUNT" in fields else None,
            until=_last_day(fields["UNTIL"], start) if "UNTIL" in fields else None,
        )

    def text(self) -> str:
        """Give the canonical text: what is as by default is left out."""
        fields = {"FREQ": self.freq}
        if self.interval != 1:
            fields["INTERVAL"] = str(self.interval)
        if self.days:
            fields["BYDAY"] = ",".join(self.days)
        if self.month_day is not None:
            fields["BYMONTHDAY"] = str(self.month_day)
        if self.nth is not None:
            fields["BYDAY"] = f"{self.nth[0]}{self.nth[1]}"
        if self.count is not None:
            fields["COUNT"] = str(self.count)
        if self.until is not None:
            fields["UNTIL"] = self.until.strftime("%Y%m%d")
        return rule_text(fields)

    def moved(self, days: int, start: datetime) -> "RuleParts":
        """Give the rule of a series whose first event moves some days, to this start."""
        return replace(
            self,
            days=_in_order([_weekday(WEEKDAYS.index(day) + days) for day in self.days]),
            month_day=None if self.month_day is None else _month_day(self.month_day, start),
            nth=None if self.nth is None else _nth(self.nth[0], start),
            until=None if self.until is None else self.until + days * _DAY,
        )


def rule_text(fields: dict[str, str]) -> str:
    """Put the parts of a rule together."""
    return ";".join(f"{name}={value}" for name, value in fields.items())


def with_end(rule: str, *, count: int | None = None, until: date | None = None) -> str:
    """Give a rule, any that can be read, that ends otherwise."""
    parts = RuleParts.of(rule)
    if parts is not None:
        return replace(parts, count=count, until=until).text()
    fields = dict(rule_fields(rule) or {})
    for name in ("COUNT", "UNTIL"):
        fields.pop(name, None)
    if count is not None:
        fields["COUNT"] = str(count)
    elif until is not None:
        fields["UNTIL"] = until.strftime("%Y%m%d")
    return rule_text(fields)


def moved_rule(rule: str, from_start: str, to_start: str) -> str:
    """Give the rule of a series whose first event moves: the days it names move along."""
    parts = RuleParts.of(rule, from_start)
    start = naive_of(wall_of(to_start))
    days = (start.date() - naive_of(wall_of(from_start)).date()).days
    return rule if parts is None or days == 0 else parts.moved(days, start).text()


def _last_day(until: str, start: str | None) -> date:
    last = until_of(until)
    assert last is not None, "is_simple has read it"
    starts_at = time.min if start is None else naive_of(wall_of(start)).time()
    return (last - _DAY if starts_at > last.time() else last).date()


def _in_order(days: list[str]) -> tuple[str, ...]:
    return tuple(day for day in WEEKDAYS if day in days)


def _weekday(at: int) -> str:
    return WEEKDAYS[at % len(WEEKDAYS)]


def _month_day(before: int, start: datetime) -> int:
    is_last = (start + _DAY).month != start.month
    return _LAST if before == _LAST and is_last else start.day


def _nth(before: int, start: datetime) -> tuple[int, str]:
    is_in_last_week = (start + 7 * _DAY).month != start.month
    nth = _LAST if before == _LAST and is_in_last_week else (start.day + 6) // 7
    return nth, _weekday(start.weekday())
