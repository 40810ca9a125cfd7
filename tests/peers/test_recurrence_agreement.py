"""Whatever the editor can make takes place at the same times in Python and in the browser."""

import json
import random
import subprocess
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from moim_data.documents.recurrence import SeriesEvent, expansion
from moim_data.documents.rule import is_simple
from peers.peer_process import node

EXPAND = Path(__file__).with_name("expand.mjs")
CASES = 600
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
ZONES = (
    *("Asia/Seoul", "America/New_York", "Australia/Lord_Howe", "Europe/Berlin", "Africa/Cairo"),
    *("Pacific/Apia", "America/St_Johns", "Asia/Kathmandu", "UTC", ""),
)
NOTHING = dict.fromkeys(("title", "when", "location", "notes", "status"))


def test_random_series_take_place_at_the_same_times_in_python_and_typescript() -> None:
    luck = random.Random(20261125)
    cases = [drawn(luck) for _ in range(CASES)]
    process = subprocess.run(
        [node(), str(EXPAND)],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    of_browser = json.loads(process.stdout)
    found = 0
    for case, browser in zip(cases, of_browser, strict=True):
        assert browser["rule"] is not None, case
        assert is_simple(browser["rule"]), case
        assert (of_python(case), False) == (rows(browser["occurrences"]), browser["cut"]), case
        found += len(browser["occurrences"])
    assert found > CASES * 5


def of_python(case: dict[str, Any]) -> list[Any]:
    start, end = (datetime.fromisoformat(case[name]) for name in ("from", "to"))
    own = {
        name: {key: value for key, value in fields.items() if value not in (None, False)}
        for name, fields in case["exceptions"].items()
    }
    fields = {name: case["event"][name] for name in ("title", "when", "rule")}
    found = expansion(SeriesEvent.of("e", fields), own, start, end, case["zone"])
    assert not found.cut
    return [
        [o.recurrence_id, *o.when, o.title, o.location, o.status, o.is_exception]
        for o in found.occurrences
    ]


def rows(occurrences: list[dict[str, Any]]) -> list[Any]:
    names = ("title", "location", "status", "isException")
    return [[o["recurrenceId"], *o["when"], *(o[name] for name in names)] for o in occurrences]


def drawn(luck: random.Random) -> dict[str, Any]:
    day = date(2024, 1, 1) + timedelta(days=luck.randrange(1_100))
    when = drawn_when(luck, day)
    first = day + timedelta(days=luck.randrange(-40, 700))
    event = {
        **dict.fromkeys(("extra", "location", "status", "deleted")),
        "id": "e",
        "title": "Series",
        "when": when,
        "rule": drawn_rule(luck, day),
    }
    return {
        "event": event,
        "exceptions": drawn_exceptions(luck, when, first),
        "from": first.isoformat(),
        "to": (first + timedelta(days=luck.choice((1, 7, 42, 400)))).isoformat(),
        "zone": luck.choice(ZONES[:-1]),
    }


def drawn_when(luck: random.Random, day: date) -> list[str]:
    if luck.random() < 0.3:
        return [str(day), str(day + timedelta(days=luck.randint(1, 4))), ""]
    # many in the hours in which clocks change
    hour = luck.choice((luck.randrange(24), luck.randrange(4)))
    start = datetime(day.year, day.month, day.day, hour, luck.choice((0, 15, 30, 59)))
    end = start + timedelta(minutes=luck.choice((0, 15, 60, 90, 480, 2_000)))
    return [text(start), text(end), luck.choice(ZONES)]


def text(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")


def drawn_rule(luck: random.Random, day: date) -> str:
    freq = luck.choice(("DAILY", "WEEKLY", "MONTHLY", "YEARLY"))
    parts = [f"FREQ={freq}"]
    if luck.random() < 0.4:
        parts.append(f"INTERVAL={luck.choice((1, 2, 3, 5, 12, 100))}")
    if freq == "WEEKLY" and luck.random() < 0.7:
        days = luck.sample(WEEKDAYS, luck.randint(1, 7))
        parts.append(f"BYDAY={','.join(days)}")
    if freq == "MONTHLY" and luck.random() < 0.4:
        parts.append(f"BYMONTHDAY={luck.choice((-1, 1, 15, 28, 29, 30, 31))}")
    elif freq == "MONTHLY" and luck.random() < 0.7:
        parts.append(f"BYDAY={luck.choice((1, 2, 3, 4, 5, -1))}{luck.choice(WEEKDAYS)}")
    if luck.random() < 0.3:
        parts.append(f"COUNT={luck.choice((1, 2, 10, 400))}")
    elif luck.random() < 0.4:
        until = day + timedelta(days=luck.randrange(-10, 500))
        parts.append(f"UNTIL={until:%Y%m%d}{luck.choice(('', 'T021500', 'T235959'))}")
    return ";".join(parts)


def drawn_exceptions(luck: random.Random, when: list[str], first: date) -> dict[str, Any]:
    at = when[0][10:]
    names = {str(first + timedelta(days=luck.randrange(-3, 40))) + at for _ in range(5)}
    return {name: drawn_exception(luck, when, first) for name in [when[0], *sorted(names)]}


def drawn_exception(luck: random.Random, when: list[str], first: date) -> dict[str, Any]:
    kind = luck.choice(("excluded", "title", "when", "status"))
    value: Any = {"excluded": True, "title": "Other", "status": "cancelled"}.get(kind)
    if kind == "when":
        day = first + timedelta(days=luck.randrange(-2, 10))
        value = drawn_when(luck, day)
    return {"excluded": False, **NOTHING, kind: value}
