"""Files of other programs, imported beside people who have the calendar or the board open."""

import json
import os
import subprocess
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from board_page import BoardPage
from browser_windows import Windows
from calendar_page import CalendarPage, box, monday
from data.file_contents import calendar, event, fixture
from moim_process import COMMAND, PYTHONPATH, MoimProcess

pytestmark = [pytest.mark.browser, pytest.mark.trust, pytest.mark.timeout(120)]
SETTLED_S = 10

WIDE: dict[str, Any] = {
    "viewport": {"width": 1680, "height": 1300},
    "locale": "en-US",
    "timezone_id": "Asia/Seoul",
}


def report(server: MoimProcess, file: Path, *words: str) -> dict[str, Any]:
    """Runs `moim import` and gives what it says."""
    done = subprocess.run(
        [*COMMAND, "import", str(file), "--json", "--db", str(server.database), *words],
        capture_output=True,
        text=True,
        timeout=50,
        check=True,
        env={**os.environ, "PYTHONPATH": PYTHONPATH},
    )
    read: dict[str, Any] = json.loads(done.stdout)
    return read


def series_of_week(first: date) -> str:
    """Two series that no browser expands: named days, and the last working day of the week."""
    day = [f"{first + timedelta(days=number):%Y%m%d}" for number in range(7)]
    last_friday = f"{first - timedelta(days=3):%Y%m%d}"
    return calendar(
        *event(
            f"DTSTART;TZID=Asia/Seoul:{day[0]}T130000",
            f"DTEND;TZID=Asia/Seoul:{day[0]}T140000",
            f"RDATE;TZID=Asia/Seoul:{day[1]}T150000,{day[3]}T130000",
            uid="named-days@example.org",
            title="Rehearsal 리허설",
        ),
        *event(
            f"DTSTART;TZID=Asia/Seoul:{last_friday}T170000",
            f"DTEND;TZID=Asia/Seoul:{last_friday}T180000",
            "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            uid="last-workday@example.org",
            title="Wrap-up 마무리",
        ),
    )


def stands_at(page: CalendarPage, title: str, spots: list[tuple[date, int]]) -> None:
    """Each event of that title lies in the column of its day, at the line of its hour.

    Soon: what lies over the calendar comes after it, and its whole days push the hours down.
    """
    expect(page.event(title)).to_have_count(len(spots), timeout=15_000)
    ends_at = time.monotonic() + SETTLED_S
    while wrong := misplaced(page, title, spots):
        assert time.monotonic() < ends_at, f"{title}: not at {', '.join(wrong)}"


def misplaced(page: CalendarPage, title: str, spots: list[tuple[date, int]]) -> list[str]:
    tops = sorted((box(each)["x"], box(each)["y"]) for each in page.event(title).all())
    wrong = []
    for (x, y), (day, hour) in zip(tops, sorted(spots), strict=True):
        head = box(page.day_head(day))
        in_column = head["x"] - 2 <= x < head["x"] + head["width"]
        if not in_column or abs(y - box(page.hour(hour))["y"]) >= 6:
            wrong.append(f"{hour}:00 on {day}")
    return wrong


def test_series_that_only_the_server_expands_come_into_an_open_week(
    demo: MoimProcess, windows: Windows, tmp_path: Path
) -> None:
    page = CalendarPage(windows.open(f"{demo.url}/calendar/team", **WIDE)).ready()
    first = monday(date.today())
    file = tmp_path / "series.ics"
    file.write_text(series_of_week(first))
    assert report(demo, file, "--into", "calendar/team")["made"] == 2
    days = [first + timedelta(days=number) for number in range(7)]
    stands_at(page, "Rehearsal", [(days[0], 13), (days[1], 15), (days[3], 13)])
    stands_at(page, "Wrap-up", [(days[4], 17)])

    again = report(demo, file, "--into", "calendar/team")
    assert (again["made"], again["updated"], again["unchanged"]) == (0, 0, 2)
    file.write_text(series_of_week(first).replace("Rehearsal", "Dress rehearsal"))
    assert report(demo, file, "--into", "calendar/team")["updated"] == 1
    stands_at(page, "Dress rehearsal", [(days[0], 13), (days[1], 15), (days[3], 13)])


def test_a_board_of_trello_is_found_in_an_open_window_and_not_doubled(
    demo: MoimProcess, windows: Windows, tmp_path: Path
) -> None:
    window = windows.open(f"{demo.url}/project/launch", **WIDE)
    BoardPage(window).ready()
    file = tmp_path / "board.json"
    file.write_bytes(fixture("board.json"))
    first = report(demo, file)
    link = window.page.get_by_role("link", name=first["name"])
    expect(link).to_be_visible()
    link.click()
    board = BoardPage(window)
    expect(window.page).to_have_url(f"{demo.url}/{first['document']}")
    shown = {
        key: card["title"]
        for key, card in demo.document(first["document"])["data"]["cards"].items()
        if "deleted" not in card
    }
    assert len(shown) > 2
    for key, title in shown.items():
        expect(board.page.locator(f'[data-moim="card"][data-id="{key}"]')).to_contain_text(title)

    again = report(demo, file)
    assert (again["made"], again["updated"]) == (0, 0)
    assert again["document"] == first["document"]
    expect(board.cards).to_have_count(len(shown))
    expect(window.page.get_by_role("link", name=first["name"])).to_have_count(1)
