"""Several tabs of one browser: one keeps what the server sends, and none holds up another."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Error, Page

from board_page import BoardPage, placed
from browser.conftest import LAUNCH, TALL
from browser_windows import Windows
from moim_process import MoimProcess
from offline_page import expect_kept

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

LOCK = f"moim-leader moim /sync {LAUNCH}"
NEXT_LEADS_WITHIN_S = 1.0

_LINE = """async lock => {
  const { held, pending } = await navigator.locks.query();
  const clients = all => all.filter(one => one.name === lock).map(one => one.clientId);
  return [...clients(held), ...clients(pending)];
}"""

_WATCH = """async ([lock, former]) => {
  for (;;) {
    const { held } = await navigator.locks.query();
    const next = held.find(one => one.name === lock && one.clientId !== former);
    if (next !== undefined) return Date.now() / 1000;
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}"""

_KEEPS = """async ([document, text]) => {
  const answer = request => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const database = await answer(indexedDB.open("moim /sync"));
  const rows = await answer(database.transaction("content").objectStore("content").getAll());
  database.close();
  const utf8 = new TextDecoder();
  return rows.some(row => row.document === document && utf8.decode(row.update).includes(text));
}"""


def line(page: Page) -> list[str]:
    """The tabs that have the board open: the leader first, then those who wait."""
    clients: list[str] = page.evaluate(_LINE, LOCK)
    return clients


def wait_until(page: Page, is_so: Callable[[], Any], what: str, timeout_s: float = 20) -> None:
    ends_at = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < ends_at, f"{what}: not in {timeout_s} s"
        page.wait_for_timeout(20)


def expect_content(page: Page, text: str) -> None:
    """Waits until this device keeps a text as content of the board."""
    wait_until(page, lambda: page.evaluate(_KEEPS, [LAUNCH, text]), f"kept: {text}")


def open_tabs(launch: str, windows: Windows, count: int) -> list[BoardPage]:
    """Tabs of one browser at the board; they lead in their order."""
    person = windows.person(**TALL)
    tabs: list[BoardPage] = []
    for _ in range(count):
        tabs.append(BoardPage(windows.open(launch, person)).ready())
        page = tabs[0].page
        wait_until(page, lambda: len(line(tabs[0].page)) == len(tabs), "one more in line")
    return tabs


def loss_s(leader: BoardPage, other: BoardPage, lose: Callable[[BoardPage], None]) -> float:
    """How long after the leader was lost the next one led, as seen by another tab."""
    other.page.evaluate(
        f"asked => {{ window.next = ({_WATCH})(asked); }}", [LOCK, line(other.page)[0]]
    )
    lose(leader)
    lost_at = time.time()
    led_at: float = other.page.evaluate("window.next")
    return led_at - lost_at


def crash(tab: BoardPage) -> None:
    with pytest.raises(Error, match="crash"):
        tab.page.goto("chrome://crash")


def close(tab: BoardPage) -> None:
    tab.page.close()


@contextmanager
def frozen(tab: BoardPage) -> Iterator[None]:
    """As a browser does with tabs in the background: nothing of it runs, and it keeps its locks."""
    session = tab.page.context.new_cdp_session(tab.page)
    session.send("Debugger.enable")
    paused: list[object] = []
    session.on("Debugger.paused", lambda event: paused.append(event))
    session.send("Debugger.pause")
    wait_until(tab.page, lambda: paused, "frozen")
    yield
    session.send("Debugger.disable")


def look_again(tab: BoardPage) -> None:
    """As when the network comes back: no need to wait for the next try."""
    tab.page.evaluate("window.dispatchEvent(new Event('online'))")


def test_when_a_leader_crashes_or_closes_the_next_leads_within_a_second_and_nothing_is_lost(
    demo: MoimProcess, launch: str, windows: Windows
) -> None:
    tabs = open_tabs(launch, windows, 4)
    other = BoardPage(windows.open(launch, **TALL)).ready()
    expect_kept(tabs[3].page, "workspace", LAUNCH)
    losses_s = []
    for number, lose in enumerate((crash, close, crash)):
        title = f"Just before loss {number}"
        card = other.add_card(other.columns()[0], title)
        tabs[3].expect_title(card, title)
        losses_s.append(loss_s(tabs[number], tabs[3], lose))
        expect_content(tabs[3].page, title)
    print("the next tab led after", [f"{loss:.3f} s" for loss in losses_s])
    assert statistics.median(losses_s) <= NEXT_LEADS_WITHIN_S
    assert len(line(tabs[3].page)) == 1
    windows.allow_server_away()
    demo.stop()
    person = tabs[3].page.context
    tabs[3].page.close()
    offline = BoardPage(windows.open(launch, person)).ready()
    offline.expect_pill("offline", timeout_s=20)
    for number in range(3):
        assert f"Just before loss {number}" in offline.titles().values()


@pytest.mark.trust
def test_what_a_frozen_leader_does_not_keep_another_tab_keeps(
    launch: str, windows: Windows
) -> None:
    leader, follower = open_tabs(launch, windows, 2)
    other = BoardPage(windows.open(launch, **TALL)).ready()
    (first, second) = line(follower.page)
    with frozen(leader):
        card = other.add_card(other.columns()[0], "While the leader was frozen")
        follower.expect_title(card, "While the leader was frozen")
        expect_content(follower.page, "While the leader was frozen")
        wait_until(follower.page, lambda: line(follower.page)[0] == second, "the other tab leads")
    leader.expect_title(card, "While the leader was frozen")
    wait_until(
        follower.page, lambda: line(follower.page) == [second, first], "it waits for its turn"
    )


def test_a_card_in_a_column_that_another_tab_made_is_not_refused_when_it_arrives_first(
    demo: MoimProcess, launch: str, windows: Windows
) -> None:
    maker, user = open_tabs(launch, windows, 2)
    windows.allow_server_away()
    demo.stop()
    before = set(maker.columns())
    maker.page.get_by_role("button", name="Add column").click()
    maker.page.keyboard.type("Made offline")
    maker.page.keyboard.press("Enter")
    wait_until(user.page, lambda: set(user.columns()) - before, "the column in the other tab")
    (column,) = set(user.columns()) - before
    with frozen(maker):
        card = user.add_card(column, "In it")
        demo.start()
        look_again(user)
        user.expect_pill("saved", timeout_s=30)
        data = demo.document(LAUNCH)["data"]
        assert data["columns"][column]["name"] == "Made offline"
        assert placed(data)[column] == [card]
    look_again(maker)
    maker.expect_pill("saved", timeout_s=30)
    for tab in (maker, user):
        assert tab.pill.get_attribute("data-refused") in {None, "0"}
    assert demo.document(LAUNCH)["data"]["cards"] == data["cards"]
