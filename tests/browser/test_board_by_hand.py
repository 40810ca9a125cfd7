"""A board in one person's hands while others work on it: slots, fields, labels, undo, touch."""

import pytest
from playwright.sync_api import expect

from board_page import BoardPage, placed
from browser_windows import Windows
from moim_process import MoimProcess

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
LAUNCH = "project/launch"
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "locale": "ko-KR",
}
LONG_TOUCH_MS = 350


def pick(board: BoardPage, card: str) -> None:
    board.card(card).focus()


def test_my_slot_stays_still_while_others_change_the_column_and_i_land_beside_whom_i_saw(
    demo: MoimProcess, board: BoardPage, other: BoardPage
) -> None:
    source, target = board.columns()[:2]
    card = board.order(source)[0]
    seen = board.order(target)
    board.grab(card)
    spot = board.above(seen[2])
    board.page.mouse.move(spot.x, spot.y, steps=12)
    newcomer = other.add_card(target, "Came while you dragged")
    other.drag(newcomer, other.above(seen[0]))
    other.expect_order(target, [newcomer, *seen])
    other.expect_pill("saved")
    assert board.order(target) == seen
    board.page.mouse.up()
    board.expect_order(target, [newcomer, *seen[:2], card, *seen[2:]])
    board.expect_pill("saved")
    assert placed(demo.document(LAUNCH)["data"])[target] == [newcomer, *seen[:2], card, *seen[2:]]


@pytest.mark.same_people
def test_a_card_that_was_deleted_under_the_pointer_is_not_dropped(
    board: BoardPage, other: BoardPage
) -> None:
    source, target = board.columns()[:2]
    card = board.order(source)[0]
    there = board.order(target)
    spot = board.end_of(target)
    board.grab(card)
    board.page.mouse.move(spot.x, spot.y, steps=12)
    pick(other, card)
    other.page.keyboard.press("Delete")
    other.expect_pill("saved")
    board.page.mouse.up()
    board.expect_order(target, there)
    expect(board.card(card)).to_have_count(0)


@pytest.mark.same_people
def test_a_deleted_card_comes_back_with_undo_for_both(board: BoardPage, other: BoardPage) -> None:
    column = board.columns()[0]
    before = board.order(column)
    pick(board, before[1])
    board.page.keyboard.press("Delete")
    other.expect_order(column, [before[0], *before[2:]])
    board.page.get_by_role("button", name="Undo").click()
    other.expect_order(column, before)
    board.expect_order(column, before)


@pytest.mark.same_people
def test_priority_due_and_estimate_are_set_beside_the_card(
    demo: MoimProcess, board: BoardPage, other: BoardPage
) -> None:
    card = board.add_card(board.columns()[0], "Fields")
    pick(board, card)
    board.page.keyboard.press("e")
    board.page.get_by_role("button", name="Urgent").click()
    board.page.get_by_label("Due", exact=True).fill("2031-02-03")
    board.page.get_by_label("Estimate", exact=True).fill("2.5")
    board.page.keyboard.press("Enter")
    board.page.keyboard.press("Escape")
    expect(board.card(card)).to_be_focused()
    expect(other.card(card)).to_contain_text("Feb 3, 2031")
    expect(other.card(card)).to_contain_text("2.5 pt")
    board.expect_pill("saved")
    kept = demo.document(LAUNCH)["data"]["cards"][card]
    assert (kept["priority"], kept["due"], kept["estimate"]) == ("urgent", "2031-02-03", 2.5)


@pytest.mark.same_people
def test_labels_and_people_are_chosen_by_keys(
    demo: MoimProcess, board: BoardPage, other: BoardPage
) -> None:
    card = board.add_card(board.columns()[0], "Labelled")
    pick(board, card)
    board.page.keyboard.press("l")
    board.page.get_by_role("button", name="Security").click()
    board.page.get_by_role("button", name="New label").click()
    board.page.get_by_role("textbox", name="New label").fill("회의실")
    board.page.keyboard.press("Enter")
    board.page.keyboard.press("Escape")
    board.card(card).focus()
    board.page.keyboard.press("m")
    board.page.get_by_role("button", name="박서연").click()
    board.page.keyboard.press("Escape")
    expect(other.card(card)).to_contain_text("Security")
    expect(other.card(card)).to_contain_text("회의실")
    expect(other.card(card).get_by_role("img", name="박서연")).to_be_visible()
    board.expect_pill("saved")
    kept = demo.document(LAUNCH)["data"]["cards"][card]
    assert sum(key.startswith("label/") for key in kept) == 2
    assert sum(key.startswith("member/") for key in kept) == 1


@pytest.mark.same_people
def test_who_renames_a_card_is_named_on_it(board: BoardPage, other: BoardPage) -> None:
    card = board.order(board.columns()[0])[0]
    board.card(card).dblclick()
    flag = other.card(card).locator(".flag")
    expect(flag).to_contain_text("is editing title")
    board.page.keyboard.press("Escape")
    expect(flag).to_have_count(0)


@pytest.mark.same_people
def test_quick_add_takes_one_card_after_another(board: BoardPage, other: BoardPage) -> None:
    column = board.columns()[2]
    before = board.order(column)
    board.column(column).get_by_role("button", name="Add card", exact=True).click()
    for title in ("first", "second"):
        board.page.keyboard.type(title)
        board.page.keyboard.press("Enter")
    board.page.keyboard.press("Escape")
    items = other.column(column).locator('[data-moim="card"] .card-title')
    expect(items).to_have_count(len(before) + 2)
    assert items.all_inner_texts()[-2:] == ["first", "second"]


@pytest.mark.same_people
def test_a_filter_without_a_match_says_so_and_is_cleared(board: BoardPage) -> None:
    field = board.page.get_by_label("Filter cards")
    everything = board.cards.count()
    field.fill("security")
    expect(board.page.locator(".matches")).to_contain_text(f"of {everything} cards")
    field.fill("no such words")
    expect(board.page.get_by_text("No card matches “no such words”.")).to_be_visible()
    board.page.locator(".nores").get_by_role("button", name="Clear").click()
    expect(board.cards).to_have_count(everything)


def test_a_finger_that_stays_drags_a_card_and_one_that_moves_scrolls(
    launch: str, windows: Windows
) -> None:
    board = BoardPage(windows.open(launch, **PHONE)).ready()
    column = board.columns()[0]
    before = board.order(column)
    touch = board.page.context.new_cdp_session(board.page)

    def at(kind: str, x: float = 0, y: float = 0) -> None:
        points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    first, third = board.box(board.card(before[0])), board.box(board.card(before[2]))
    x, y = first["x"] + 80, first["y"] + 30
    at("touchStart", x, y)
    for step in range(1, 8):
        at("touchMove", x, y - step * 10)
    at("touchEnd")
    assert board.order(column) == before
    board.page.locator(".col-tabs button").first.click()
    at("touchStart", x, y)
    board.page.wait_for_timeout(LONG_TOUCH_MS)
    for step in range(1, 13):
        at("touchMove", x, y + step * (third["y"] - first["y"]) / 12)
    at("touchEnd")
    board.expect_order(column, [before[1], before[2], before[0], *before[3:]])
