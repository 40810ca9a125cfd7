"""What one person's edits lose to another's, and what the server does not accept, in pages."""

from typing import Any

import pytest
from playwright.sync_api import expect

from board_page import BoardPage
from browser.conftest import LAUNCH
from browser_windows import Windows
from moim_process import MoimProcess

pytestmark = [pytest.mark.browser, pytest.mark.timeout(150)]

CLIENT = "[...globalThis[Symbol.for('moim.clients')].values()][0].client"


def state(board: BoardPage, name: str) -> list[dict[str, Any]]:
    """What the page's client holds."""
    found: list[dict[str, Any]] = board.page.evaluate(
        f"JSON.parse(JSON.stringify({CLIENT}.connection.getState().{name}))"
    )
    return found


def wait_for(board: BoardPage, name: str, count: int) -> None:
    board.page.evaluate(
        f"""() => new Promise((resolve, reject) => {{
            const store = {CLIENT}.connection;
            const count = () => store.getState().{name}.length;
            const look = () => {{ if (count() === {count}) resolve(); }};
            store.subscribe(look);
            look();
            setTimeout(() => reject(`expected {count} {name}, got ${{count()}}`), 10_000);
        }})"""
    )


def project(board: BoardPage, action: str) -> Any:
    """Runs an action of the board's project in the page."""
    return board.page.evaluate(
        f"""() => {{
            const {{ store, release }} = {CLIENT}.project("launch");
            const result = store.getState().{action};
            release();
            return result;
        }}"""
    )


def test_one_of_two_who_named_a_card_apart_is_told_and_can_have_the_own_name_back(
    demo: MoimProcess, windows: Windows, board: BoardPage, other: BoardPage
) -> None:
    card = board.add_card(board.columns()[0], "Named once")
    other.expect_title(card, "Named once")
    board.expect_pill("saved")
    windows.allow_server_away()
    demo.kill()
    board.rename(card, "Of the one")
    other.rename(card, "Of the other")
    demo.start()
    for page in (board, other):
        page.expect_pill("saved", timeout_s=20)
    kept = demo.document(LAUNCH)["data"]["cards"][card]["title"]
    loser = board if kept == "Of the other" else other
    wait_for(loser, "conflicts", 1)
    (conflict,) = state(loser, "conflicts")
    lost = "Of the one" if loser is board else "Of the other"
    assert (conflict["mine"], conflict["theirs"]) == (lost, kept)
    assert conflict["path"] == f"cards/{card}/title"
    loser.page.reload()
    loser.ready()
    wait_for(loser, "conflicts", 1)
    loser.page.evaluate(f"{CLIENT}.resolveConflict('{conflict['id']}', 'mine') !== null")
    loser.expect_title(card, lost)
    for page in (board, other):
        page.expect_title(card, lost)
        wait_for(page, "conflicts", 0)
    loser.expect_pill("saved")
    assert demo.document(LAUNCH)["data"]["cards"][card]["title"] == lost


def test_a_card_of_no_column_is_taken_back_and_shown_also_after_a_reload(
    demo: MoimProcess, board: BoardPage, other: BoardPage
) -> None:
    card = project(board, "addCard({ column: 'nowhere', before: null }, 'Without a column')")
    fine = board.add_card(board.columns()[0], "With a column")
    wait_for(board, "refused", 1)
    other.expect_title(fine, "With a column")
    board.expect_pill("saved")
    board.page.reload()
    board.ready()
    wait_for(board, "refused", 1)
    (refused,) = state(board, "refused")
    assert (refused["hard"], refused["code"]) == (False, "schema")
    assert refused["changes"][0]["after"]["title"] == "Without a column"
    cards = demo.document(LAUNCH)["data"]["cards"]
    assert fine in cards
    assert card not in cards


def test_five_hundred_edits_made_without_the_server_are_saved_within_seconds(
    demo: MoimProcess, windows: Windows, board: BoardPage
) -> None:
    windows.allow_server_away()
    demo.kill()
    column = board.columns()[0]
    board.page.evaluate(
        f"""(column) => {{
            const {{ store, release }} = {CLIENT}.project("launch");
            for (let n = 0; n < 500; n += 1)
                store.getState().addCard({{ column, before: null }}, `offline ${{n}}`);
            release();
        }}""",
        column,
    )
    board.expect_pill("offline", timeout_s=15)
    demo.start()
    board.expect_pill("saved", timeout_s=15)
    wait_for(board, "outbox", 0)
    titles = [card["title"] for card in demo.document(LAUNCH)["data"]["cards"].values()]
    assert sum(title.startswith("offline ") for title in titles) == 500


def test_edits_behind_one_that_is_never_applied_are_given_back_and_can_be_made_again(
    demo: MoimProcess, windows: Windows, board: BoardPage, other: BoardPage
) -> None:
    column = board.columns()[0]
    windows.allow_server_away()
    demo.kill()
    board.page.evaluate(
        f"""() => {{
            const text = {CLIENT}.text("project/launch", "cards/none/notes");
            text.document.doc.getMap("nonsense").set("key", "value");
            text.release();
        }}"""
    )
    lost = board.add_card(column, "Behind it")
    demo.start()
    wait_for(board, "refused", 2)
    first, second = state(board, "refused")
    assert (first["hard"], first["code"]) == (True, "schema")
    assert second["changes"][0]["after"]["title"] == "Behind it"
    expect(board.card(lost)).to_have_count(0)
    later = board.add_card(column, "Goes on")
    other.expect_title(later, "Goes on", timeout_s=10)
    assert lost not in demo.document(LAUNCH)["data"]["cards"]
    assert board.page.evaluate(f"{CLIENT}.applyAgain('{second['key']}')")
    other.expect_title(lost, "Behind it")
    board.expect_pill("saved")
    wait_for(board, "refused", 1)
