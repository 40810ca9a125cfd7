"""Two people at one board: edits, moves, presence."""

import pytest
from playwright.sync_api import expect

from board_page import BoardPage, placed
from browser_windows import Windows
from moim_process import MoimProcess

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120), pytest.mark.same_people]
LAUNCH = "project/launch"


def test_an_edit_is_seen_by_the_other_and_saved(
    demo: MoimProcess, board: BoardPage, other: BoardPage
) -> None:
    column = board.columns()[0]
    card = board.add_card(column, "Book the venue")
    other.expect_title(card, "Book the venue")
    other.rename(card, "Book the big venue")
    board.expect_title(card, "Book the big venue")
    board.expect_pill("saved")
    other.expect_pill("saved")
    assert demo.document(LAUNCH)["data"]["cards"][card]["title"] == "Book the big venue"


TITLES = (
    "발표 자료 준비하기",
    "🚀 출시 파티 👩🏽‍🚀🇰🇷",
    "é̂ with <b>marks</b> & “quotes”",
    "ㅋㅋㅋ",
)


@pytest.mark.parametrize("title", TITLES)
def test_any_script_in_a_title_arrives_as_it_was_typed(
    demo: MoimProcess, board: BoardPage, other: BoardPage, title: str
) -> None:
    card = board.add_card(board.columns()[0], title)
    other.expect_title(card, title)
    board.expect_pill("saved")
    assert demo.document(LAUNCH)["data"]["cards"][card]["title"] == title


def test_korean_is_not_cut_while_a_syllable_is_being_built(
    demo: MoimProcess, board: BoardPage, other: BoardPage
) -> None:
    column = board.columns()[0]
    board.column(column).get_by_role("button", name="Add card", exact=True).click()
    keyboard = board.page.context.new_cdp_session(board.page)
    for unfinished in ("ㅎ", "하", "한"):
        keyboard.send(
            "Input.imeSetComposition",
            {"text": unfinished, "selectionStart": 1, "selectionEnd": 1},
        )
    keyboard.send("Input.insertText", {"text": "한"})
    for unfinished in ("ㄱ", "그", "글"):
        keyboard.send(
            "Input.imeSetComposition",
            {"text": unfinished, "selectionStart": 1, "selectionEnd": 1},
        )
    keyboard.send("Input.insertText", {"text": "글"})
    board.page.keyboard.press("Enter")
    expect(other.column(column).get_by_text("한글", exact=True)).to_have_count(1)
    titles = [card.get("title") for card in demo.document(LAUNCH)["data"]["cards"].values()]
    assert titles.count("한글") == 1
    assert not {"한", "글", "ㅎ", "하"} & set(titles)


def test_a_card_is_dragged_within_its_column_by_mouse(
    demo: MoimProcess, board: BoardPage, other: BoardPage
) -> None:
    column = next(name for name in board.columns() if len(board.order(name)) >= 3)
    first, second, third, *rest = board.order(column)
    board.drag(third, board.above(first))
    board.expect_order(column, [third, first, second, *rest])
    other.expect_order(column, [third, first, second, *rest])
    board.expect_pill("saved")
    assert placed(demo.document(LAUNCH)["data"])[column] == [third, first, second, *rest]


def test_a_card_is_dragged_to_another_column_by_mouse(
    demo: MoimProcess, board: BoardPage, other: BoardPage
) -> None:
    source, target = board.columns()[:2]
    card, *left = board.order(source)
    there = board.order(target)
    board.drag(card, board.end_of(target))
    board.expect_order(source, left)
    board.expect_order(target, [*there, card])
    other.expect_order(target, [*there, card])
    board.expect_pill("saved")
    assert placed(demo.document(LAUNCH)["data"])[target] == [*there, card]


def test_a_card_is_moved_by_keyboard(board: BoardPage, other: BoardPage) -> None:
    source, target = board.columns()[:2]
    card = board.order(source)[0]
    board.card(card).focus()
    for key in (" ", "ArrowRight", " "):
        board.page.keyboard.press(key)
    expect(other.column(target).locator(f'[data-id="{card}"]')).to_be_visible()
    expect(board.column(target).locator(f'[data-id="{card}"]')).to_be_focused()
    assert card not in other.order(source)


def test_escape_puts_a_lifted_card_back(board: BoardPage, other: BoardPage) -> None:
    before = board.layout()
    card = board.order(board.columns()[0])[0]
    board.card(card).focus()
    for key in (" ", "ArrowRight", "ArrowDown", "Escape"):
        board.page.keyboard.press(key)
    assert board.layout() == before
    assert other.layout() == before


def test_somebody_elses_drag_is_seen_as_a_ghost_with_a_name(
    board: BoardPage, other: BoardPage
) -> None:
    source, target = board.columns()[:2]
    card = board.order(source)[0]
    spot = board.end_of(target)
    board.grab(card)
    board.page.mouse.move(spot.x, spot.y, steps=12)
    ghost = other.page.locator(f'[data-moim="ghost"][data-id="{card}"]')
    expect(ghost).to_be_visible()
    expect(other.column(target).locator(ghost)).to_have_count(1)
    assert ghost.inner_text().strip()
    board.page.mouse.up()
    expect(ghost).to_have_count(0)
    expect(other.column(target).locator(f'[data-moim="card"][data-id="{card}"]')).to_be_visible()


def test_a_face_comes_with_a_window_and_goes_within_a_second(
    launch: str, windows: Windows, board: BoardPage
) -> None:
    alone = board.faces.count()
    other = BoardPage(windows.open(launch)).ready()
    expect(board.faces).to_have_count(alone + 1)
    other.page.close()
    expect(board.faces).to_have_count(alone, timeout=1000)
