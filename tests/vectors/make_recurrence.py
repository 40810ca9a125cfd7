"""Makes `recurrence.json`: what takes place, for pytest and vitest alike.

The occurrences of `cases` are those of recurring-ical-events, an independent reader of iCalendar;
none of our code is asked. Where that reader departs from `docs/documents.md` (it keeps the length
on the clock, not the exact one, and counts a start that the rule does not give beside its COUNT)
the cases are worked out on paper: `recurrence_by_hand.json`, which is copied as it stands.

    .venv/bin/python tests/vectors/make_recurrence.py
"""

import json
import re
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

SEOUL, NEW_YORK, LORD_HOWE = "Asia/Seoul", "America/New_York", "Australia/Lord_Howe"
RULES_OF_DAYS = (
    "FREQ=DAILY",
    "FREQ=DAILY;INTERVAL=3",
    "FREQ=DAILY;COUNT=7",
    "FREQ=WEEKLY",
    "FREQ=WEEKLY;BYDAY=MO,WE,FR",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO",
    "FREQ=WEEKLY;BYDAY=TU,TH,SA;COUNT=9",
)
RULES_OF_MONTHS = (
    "FREQ=MONTHLY",
    "FREQ=MONTHLY;BYMONTHDAY=31",
    "FREQ=MONTHLY;BYMONTHDAY=30;INTERVAL=2",
    "FREQ=MONTHLY;BYMONTHDAY=29;COUNT=12",
    "FREQ=MONTHLY;BYMONTHDAY=-1",
    *(f"FREQ=MONTHLY;BYDAY={nth}" for nth in ("1MO", "2TU", "3WE", "4TH", "5FR", "-1FR", "-1SU")),
    "FREQ=MONTHLY;INTERVAL=3;BYDAY=2SA;COUNT=6",
)
RULES_OF_YEARS = ("FREQ=YEARLY", "FREQ=YEARLY;INTERVAL=2", "FREQ=YEARLY;COUNT=3")
CHANGES = (
    (SEOUL, "2026-03-02", "2026-04-01"),
    (NEW_YORK, "2026-03-02", "2026-03-22"),
    (NEW_YORK, "2026-10-24", "2026-11-12"),
    (LORD_HOWE, "2026-03-28", "2026-04-14"),
    (LORD_HOWE, "2026-09-27", "2026-10-13"),
)


def cases() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    def add(
        rule: str | None, when: list[str], days: tuple[str, str], zone: str, **more: Any
    ) -> None:
        found.append(
            {"rule": rule, "when": when, "from": days[0], "to": days[1], "zone": zone, **more}
        )

    for rule, (zone, first, last) in product(RULES_OF_DAYS, CHANGES):
        start = fitting(rule, date.fromisoformat(first))
        for viewer in dict.fromkeys([zone, SEOUL]):
            add(rule, timed(start, "09:30", "11:00", zone), (first, last), viewer)
        add(rule, all_day(start, 1), (first, last), zone)
    for rule in RULES_OF_MONTHS:
        start = fitting(rule, date(2025, 1, 1))
        add(rule, timed(start, "23:30", "23:45", NEW_YORK), ("2026-01-01", "2027-01-01"), NEW_YORK)
        add(rule, timed(start, "18:00", "18:30", LORD_HOWE), ("2026-01-01", "2027-01-01"), SEOUL)
        add(rule, all_day(start, 2), ("2026-01-01", "2027-01-01"), SEOUL)
    for start in (date(2025, 1, 31), date(2025, 5, 30), date(2025, 8, 29)):
        add("FREQ=MONTHLY", all_day(start, 1), ("2026-01-01", "2027-01-01"), SEOUL)
    for rule, start in product(RULES_OF_YEARS, (date(2024, 2, 29), date(2023, 12, 31))):
        add(rule, all_day(start, 1), ("2024-01-01", "2037-01-01"), SEOUL)
        add(rule, timed(start, "09:00", "09:50", SEOUL), ("2024-01-01", "2037-01-01"), NEW_YORK)
    monday = date(2026, 3, 2)
    for until in ("20260316", "20260315", "20260316T093000", "20260316T092959"):
        when = timed(monday, "09:30", "11:00", NEW_YORK)
        add(f"FREQ=DAILY;UNTIL={until}", when, ("2026-03-12", "2026-04-01"), NEW_YORK)
    add("FREQ=DAILY;UNTIL=20260316", all_day(monday, 1), ("2026-03-12", "2026-04-01"), SEOUL)
    # what touches the days that are looked at, and what only comes near
    add("FREQ=WEEKLY", all_day(date(2026, 3, 6), 4), ("2026-03-09", "2026-03-13"), SEOUL)
    night = ["2026-03-02T22:00", "2026-03-03T06:00", SEOUL]
    add("FREQ=WEEKLY", night, ("2026-03-10", "2026-03-11"), SEOUL)
    add("FREQ=DAILY", night, ("2026-03-10", "2026-03-11"), NEW_YORK)
    add("FREQ=DAILY", timed(monday, "00:00", "00:00", SEOUL), ("2026-03-10", "2026-03-11"), SEOUL)
    add(None, timed(monday, "09:30", "11:00", NEW_YORK), ("2026-03-02", "2026-03-03"), SEOUL)
    add(None, all_day(monday, 3), ("2026-03-04", "2026-03-05"), SEOUL)
    for when in (timed(monday, "09:30", "11:00", NEW_YORK), all_day(monday, 1)):
        add("FREQ=DAILY;COUNT=12", when, ("2026-03-05", "2026-03-14"), NEW_YORK, **exceptions(when))
    return found


def exceptions(when: list[str]) -> dict[str, Any]:
    """One of each kind: out, other words, moved inside, out of sight, and into sight."""
    at = when[0][10:]

    def moved(day: str, days: int) -> list[str]:
        last = date.fromisoformat(day) + timedelta(days=days)
        return [f"{day}{at}", f"{last}{when[1][10:]}", when[2]]

    length = 0 if at else 1
    return {
        "exceptions": {
            f"2026-03-05{at}": {"excluded": True},
            f"2026-03-06{at}": {"title": "Other words"},
            f"2026-03-07{at}": {"when": moved("2026-03-09", length), "title": "Moved"},
            f"2026-03-08{at}": {"when": moved("2026-03-30", length)},
            f"2026-03-02{at}": {"when": moved("2026-03-13", length), "location": "Room 4"},
            f"2026-03-10{at}": {"status": "cancelled"},
        }
    }


def timed(day: date, start: str, end: str, zone: str) -> list[str]:
    return [f"{day}T{start}", f"{day}T{end}", zone]


def all_day(day: date, days: int) -> list[str]:
    return [day.isoformat(), (day + timedelta(days=days)).isoformat(), ""]


def fitting(rule: str, day: date) -> date:
    """The first day that the rule itself gives: where the start does not fit, readers differ."""
    names = re.findall(r"BYDAY=([^;]*)", rule)
    month_day = re.findall(r"BYMONTHDAY=(-?\d+)", rule)
    while not fits(names, month_day, day):
        day += timedelta(days=1)
    return day


def fits(names: list[str], month_day: list[str], day: date) -> bool:
    name = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[day.weekday()]
    following = day + timedelta(days=1)
    if month_day:
        is_last = following.day == 1
        return is_last if month_day[0] == "-1" else day.day == int(month_day[0])
    if not names:
        return True
    nth = f"{(day.day + 6) // 7}{name}"
    last = f"-1{name}" if (day + timedelta(days=7)).month != day.month else ""
    return bool({name, nth, last} & set(names[0].split(",")))


def answered(case: dict[str, Any]) -> dict[str, Any]:
    """The case with what the independent reader finds."""
    zone = ZoneInfo(case["zone"])
    first, last = (datetime.fromisoformat(case[end]).replace(tzinfo=zone) for end in ("from", "to"))
    calendar = icalendar.Calendar.from_ical(ics(case))
    found = recurring_ical_events.of(calendar).between(first, last)
    rows = sorted((row(case, event) for event in found), key=lambda each: each[0])
    return {**case, "occurrences": [each[1] for each in rows]}


def row(case: dict[str, Any], event: Any) -> tuple[Any, list[Any]]:
    start, end = event["DTSTART"].dt, event["DTEND"].dt
    original = event["RECURRENCE-ID"].dt if "RECURRENCE-ID" in event else start
    name = text(original) if case["rule"] else None
    own = {
        "title": str(event["SUMMARY"]) if event["SUMMARY"] != "Series" else None,
        "location": str(event["LOCATION"]) if "LOCATION" in event else None,
        "status": str(event["STATUS"]).lower() if "STATUS" in event else None,
    }
    shown = {key: value for key, value in own.items() if value is not None}
    row = [name, text(start), text(end), *([shown] if shown else [])]
    return (instant(start, case["zone"]), name or ""), row


def instant(moment: date, zone: str) -> datetime:
    if isinstance(moment, datetime):
        return moment.astimezone(UTC)
    return datetime(moment.year, moment.month, moment.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def text(moment: date) -> str:
    if not isinstance(moment, datetime):
        return moment.isoformat()
    return moment.replace(tzinfo=None).isoformat(timespec="seconds" if moment.second else "minutes")


def ics(case: dict[str, Any]) -> str:
    own = case.get("exceptions", {})
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//moim//vectors//EN",
        "BEGIN:VEVENT",
        "UID:e",
    ]
    lines += [*times(case["when"]), "SUMMARY:Series"]
    if case["rule"]:
        lines.append(f"RRULE:{in_utc(case['rule'], case['when'])}")
    for name, exception in own.items():
        if "excluded" in exception:
            lines.append(f"EXDATE{parameters(name, case['when'][2])}")
    lines.append("END:VEVENT")
    for name, exception in own.items():
        if "excluded" not in exception:
            lines += override(name, exception, case)
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def override(name: str, exception: dict[str, Any], case: dict[str, Any]) -> list[str]:
    length = datetime.fromisoformat(case["when"][1]) - datetime.fromisoformat(case["when"][0])
    end = text(type_of(name)(datetime.fromisoformat(name) + length))
    return [
        *("BEGIN:VEVENT", "UID:e", f"RECURRENCE-ID{parameters(name, case['when'][2])}"),
        *times(exception.get("when", [name, end, case["when"][2]])),
        f"SUMMARY:{exception.get('title', 'Series')}",
        *([f"LOCATION:{exception['location']}"] if "location" in exception else []),
        *([f"STATUS:{exception['status'].upper()}"] if "status" in exception else []),
        "END:VEVENT",
    ]


def type_of(name: str) -> Any:
    return (lambda moment: moment) if "T" in name else datetime.date


def times(when: list[str]) -> list[str]:
    return [f"DTSTART{parameters(when[0], when[2])}", f"DTEND{parameters(when[1], when[2])}"]


def parameters(moment: str, zone: str) -> str:
    if "T" not in moment:
        return f";VALUE=DATE:{moment.replace('-', '')}"
    return f";TZID={zone}:{datetime.fromisoformat(moment):%Y%m%dT%H%M%S}"


def in_utc(rule: str, when: list[str]) -> str:
    """UNTIL as iCalendar wants it: documents keep it as local time."""
    until = re.search(r"UNTIL=(\d{8})(?:T(\d{6}))?", rule)
    if until is None or not when[2]:
        return rule
    local = datetime.strptime(until[1] + (until[2] or "235959"), "%Y%m%d%H%M%S")
    utc = local.replace(tzinfo=ZoneInfo(when[2])).astimezone(UTC)
    return rule.replace(until[0], f"UNTIL={utc:%Y%m%dT%H%M%SZ}")


def main() -> None:
    target = Path(__file__).with_name("recurrence.json")
    by_hand = json.loads(Path(__file__).with_name("recurrence_by_hand.json").read_text())
    made = {"cases": [answered(case) for case in cases()], **by_hand}
    parts = (f' "{name}": [\n{lines(entries)}\n ]' for name, entries in made.items())
    target.write_text("{\n" + ",\n".join(parts) + "\n}\n")


def lines(entries: list[Any]) -> str:
    return ",\n".join(f"  {json.dumps(entry, ensure_ascii=False)}" for entry in entries)


if __name__ == "__main__":
    main()
