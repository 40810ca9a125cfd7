"""A card opened beside the board by two people: notes, checklist, comments, fields, presence."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from board_page import BoardPage
from browser.conftest import LAUNCH, TALL
from browser_windows import Windows
from card_page import CardPage, KoreanKeyboard
from moim_process import MoimProcess

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "locale": "ko-KR",
    "reduced_motion": "reduce",
}
SHOWN_S = 3


@pytest.fixture
def card(board: BoardPage) -> str:
    """A new card without anything on it, saved."""
    made = board.add_card(board.columns()[0], "Offline outbox survives a closed tab")
    board.expect_pill("saved")
    return made


@pytest.fixture
def mine(board: BoardPage, card: str) -> CardPage:
    return CardPage(board).open(card)


@pytest.fixture
def theirs(other: BoardPage, mine: CardPage, card: str) -> CardPage:
    """The same card in another person's window."""
    return CardPage(other).open(card)


def notes_in(demo: MoimProcess, card: str) -> str:
    notes: str = demo.document(LAUNCH)["data"]["cards"][card]["notes"]
    return notes


def name_of(card: CardPage) -> str:
    """The name by which the others know the person of this window."""
    label = card.page.locator(".face.me [role=img]").first.get_attribute("aria-label") or ""
    return label.removesuffix(" (you)")


def settle(holds: Callable[[], bool], timeout_s: float = 10) -> None:
    """The pill may still say saved in the moment before the last key is an edit."""
    ends_at = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < ends_at, "window and server did not come to the same text"


@pytest.mark.same_people
def test_both_type_notes_at_once_and_both_have_all_of_it(
    demo: MoimProcess, mine: CardPage, theirs: CardPage, card: str
) -> None:
    mine.notes.click()
    mine.page.keyboard.type("one\n")
    expect(theirs.notes).to_contain_text("one")
    theirs.notes.click()
    theirs.page.keyboard.press("Control+End")
    for number in range(10):
        mine.page.keyboard.type(f"a{number}👩‍🚀 ")
        theirs.page.keyboard.type(f"b{number}🌱 ")
    mine.board.expect_pill("saved")
    theirs.board.expect_pill("saved")
    expect(mine.notes).to_contain_text("b9🌱")
    expect(theirs.notes).to_contain_text("a9👩‍🚀")
    settle(lambda: mine.note_text() == theirs.note_text() == notes_in(demo, card))
    kept = notes_in(demo, card)
    assert re.findall(r"a\d", kept) == [f"a{number}" for number in range(10)]
    assert re.findall(r"b\d", kept) == [f"b{number}" for number in range(10)]
    assert (kept.count("👩‍🚀"), kept.count("🌱")) == (10, 10)


@pytest.mark.same_people
def test_korean_is_composed_while_the_other_types_in_the_same_line(
    demo: MoimProcess, mine: CardPage, theirs: CardPage, card: str
) -> None:
    mine.notes.click()
    mine.page.keyboard.type("시작 끝")
    expect(theirs.notes).to_contain_text("시작 끝")
    theirs.notes.click()
    theirs.page.keyboard.press("Control+Home")
    keyboard = KoreanKeyboard(mine)
    keyboard.compose("ㅎ", "하", "한")
    theirs.page.keyboard.type("theirs ")
    expect(mine.notes).to_contain_text("theirs")
    keyboard.compose("한ㄱ", "한그", "한글")
    theirs.page.keyboard.type("more ")
    keyboard.commit("한글")
    expect(theirs.notes).to_contain_text("끝한글")
    mine.board.expect_pill("saved")
    theirs.board.expect_pill("saved")
    assert notes_in(demo, card) == "theirs more 시작 끝한글"
    assert mine.note_text() == theirs.note_text() == notes_in(demo, card)


@pytest.mark.same_people
def test_each_sees_the_others_caret_with_the_name_until_it_leaves(
    mine: CardPage, theirs: CardPage
) -> None:
    mine.notes.click()
    mine.page.keyboard.type("somebody selects this")
    expect(theirs.carets).to_have_count(1)
    me = name_of(mine)
    flag = theirs.carets.locator(".flag").get_attribute("data-name")
    assert flag, "the caret has no name"
    assert me.startswith(flag)
    theirs.notes.click()
    expect(mine.carets).to_have_count(1)
    mine.page.keyboard.press("Shift+Home")
    expect(theirs.panel.locator(".note-sel")).to_have_text("somebody selects this")
    mine.title.focus()
    expect(theirs.carets).to_have_count(0)
    theirs.page.close()
    expect(mine.carets).to_have_count(0, timeout=SHOWN_S * 1000)


@pytest.mark.same_people
def test_undo_takes_back_what_i_typed_and_leaves_what_the_other_typed(
    demo: MoimProcess, mine: CardPage, theirs: CardPage, card: str
) -> None:
    mine.notes.click()
    mine.page.keyboard.type("mine")
    expect(theirs.notes).to_contain_text("mine")
    theirs.notes.click()
    theirs.page.keyboard.press("Control+End")
    theirs.page.keyboard.type(" theirs")
    expect(mine.notes).to_contain_text("mine theirs")
    mine.page.keyboard.press("Control+z")
    expect(theirs.notes).to_have_text(" theirs")
    mine.board.expect_pill("saved")
    assert notes_in(demo, card) == " theirs"
    mine.page.keyboard.press("Control+y")
    expect(theirs.notes).to_contain_text("mine theirs")


@pytest.mark.same_people
def test_a_note_that_would_be_too_long_is_not_taken_and_says_so(
    demo: MoimProcess, mine: CardPage, card: str
) -> None:
    mine.notes.click()
    mine.page.keyboard.type("kept")
    mine.page.keyboard.insert_text("x" * 100_000)
    expect(mine.panel.get_by_role("alert")).to_contain_text("100,000")
    mine.page.keyboard.type(" all of it")
    mine.board.expect_pill("saved")
    settle(lambda: mine.note_text() == notes_in(demo, card) == "kept all of it")


@pytest.mark.same_people
def test_a_checklist_is_worked_on_by_both_and_its_progress_stands_on_the_card(
    mine: CardPage, theirs: CardPage, card: str
) -> None:
    on_card = theirs.board.card(card)
    expect(on_card.locator(".prog")).to_have_count(0)
    for title in ("Export as a file", "큐를 저장", "Two tabs"):
        mine.add_item(title)
    expect(theirs.items).to_have_count(3)
    theirs.item("큐를 저장").get_by_role("checkbox").check()
    expect(mine.item("큐를 저장").get_by_role("checkbox")).to_be_checked()
    expect(mine.panel.locator(".checklist .sec")).to_contain_text("1 of 3")
    expect(on_card).to_contain_text("1/3")
    expect(mine.board.card(card)).to_contain_text("1/3")
    mine.item("Two tabs").locator(".todo-title").click()
    mine.page.keyboard.type("Only one tab sends")
    mine.page.keyboard.press("Enter")
    expect(theirs.item("Only one tab sends")).to_be_visible()
    theirs.item("Export").get_by_role("button", name="Delete").click()
    expect(mine.items).to_have_count(2)
    theirs.page.get_by_role("button", name="Undo").click()
    expect(mine.items).to_have_count(3)


@pytest.mark.same_people
def test_an_item_is_moved_by_keys_and_by_the_pointer(mine: CardPage, theirs: CardPage) -> None:
    for title in ("a1", "b2", "c3"):
        mine.add_item(title)
    grip = mine.item("c3").locator(".grip")
    grip.focus()
    mine.page.keyboard.press("ArrowUp")
    expect(theirs.items.locator(".todo-title")).to_have_text(["a1", "c3", "b2"])
    expect(mine.item("c3").locator(".grip")).to_be_focused()
    start = BoardPage.box(mine.item("a1").locator(".grip"))
    end = BoardPage.box(mine.item("b2"))
    mine.page.mouse.move(start["x"] + 8, start["y"] + start["height"] / 2)
    mine.page.mouse.down()
    mine.page.mouse.move(start["x"] + 8, end["y"] + end["height"] / 2, steps=8)
    mine.page.mouse.up()
    expect(theirs.items.locator(".todo-title")).to_have_text(["c3", "b2", "a1"])


@pytest.mark.same_people
def test_a_comment_mentions_somebody_and_is_edited_and_deleted_by_its_author_only(
    demo: MoimProcess, mine: CardPage, theirs: CardPage, card: str
) -> None:
    mine.say.click()
    mine.page.keyboard.type("Look @서연")
    expect(mine.panel.get_by_role("option", name="박서연")).to_be_visible()
    expect(theirs.panel.locator(".writing")).to_contain_text("is writing")
    mine.page.keyboard.press("Enter")
    mine.page.keyboard.type("please **now**")
    mine.page.keyboard.press("Control+Enter")
    expect(theirs.comments).to_have_count(1)
    expect(theirs.comments.locator(".at")).to_have_text("@박서연")
    expect(theirs.comments.locator("strong")).to_have_text("now")
    expect(theirs.board.card(card).get_by_label("1 comment")).to_be_visible()
    mine.board.expect_pill("saved")
    (comment,) = [
        one for one in demo.document(LAUNCH)["data"]["comments"].values() if one["card"] == card
    ]
    assert comment["body"] == "Look @박서연 please **now**"
    assert sum(key.startswith("mention/") for key in comment) == 1
    expect(theirs.comments.get_by_role("button", name="Comment: more")).to_have_count(0)
    mine.comments.get_by_role("button", name="Comment: more").click()
    mine.page.get_by_role("button", name="Edit comment").click()
    field = mine.comments.get_by_role("combobox", name="Edit comment")
    field.fill("Done 🎉")
    field.press("Control+Enter")
    expect(theirs.comments).to_contain_text("Done 🎉")
    expect(theirs.comments).to_contain_text("edited")
    mine.comments.get_by_role("button", name="Comment: more").click()
    mine.page.get_by_role("button", name="Delete comment").click()
    expect(theirs.comments).to_have_count(0)


@pytest.mark.same_people
def test_a_comment_cannot_bring_a_script_a_picture_or_a_strange_link(
    mine: CardPage, theirs: CardPage
) -> None:
    mine.say.fill(
        "<img src=x onerror=alert(1)> ![p](https://example.org/p.png) "
        "[a](javascript:alert(1)) [b](https://example.org) <b>bold</b>"
    )
    mine.say.press("Control+Enter")
    expect(theirs.comments.locator(".prose:not(.unread) p")).to_be_visible()
    expect(theirs.comments.locator("img, script, b:not(header b)")).to_have_count(0)
    links = theirs.comments.locator("a").evaluate_all(
        "links => links.map(link => [link.href, link.target, link.rel])"
    )
    rest = ["_blank", "noopener noreferrer nofollow"]
    assert links == [["https://example.org/p.png", *rest], ["https://example.org/", *rest]]


def test_a_deep_link_opens_the_card_and_closing_takes_it_out_of_the_address(
    demo: MoimProcess, windows: Windows, board: BoardPage
) -> None:
    card = board.order(board.columns()[1])[2]
    linked = BoardPage(windows.open(f"{demo.url}/{LAUNCH}?card={card}", **TALL)).ready()
    panel = CardPage(linked).ready()
    expect(panel.title).to_have_value(board.titles()[card])
    panel.panel.get_by_role("button", name="Close").click()
    panel.expect_closed()
    assert "card=" not in linked.page.url
    linked.card(card).click()
    panel.ready()
    assert linked.page.url.endswith(f"?card={card}")


@pytest.mark.same_people
def test_enter_opens_escape_closes_and_gives_the_focus_back(board: BoardPage) -> None:
    card = board.order(board.columns()[0])[1]
    panel = CardPage(board)
    board.card(card).focus()
    board.page.keyboard.press("Enter")
    panel.ready()
    expect(panel.panel).to_be_focused()
    board.page.keyboard.press("Tab")
    board.page.keyboard.press("Escape")
    panel.expect_closed()
    expect(board.card(card)).to_be_focused()


def test_the_panel_goes_to_the_neighbours_and_follows_the_selection(board: BoardPage) -> None:
    first, second, third = board.order(board.columns()[0])[:3]
    titles = board.titles()
    panel = CardPage(board).open(second)
    panel.panel.get_by_role("button", name="Next card").click()
    expect(panel.title).to_have_value(titles[third])
    panel.panel.get_by_role("button", name="Previous card").click()
    panel.panel.get_by_role("button", name="Previous card").click()
    expect(panel.title).to_have_value(titles[first])
    board.card(first).focus()
    board.page.keyboard.press("ArrowDown")
    expect(panel.title).to_have_value(titles[second])


def test_the_board_stays_usable_while_a_card_is_open(board: BoardPage) -> None:
    first, second = board.columns()[:2]
    opened, moved = board.order(first)[:2]
    before = BoardPage.box(board.card(moved))
    panel = CardPage(board).open(opened)
    assert BoardPage.box(board.card(moved)) == before
    target = board.order(second)
    board.drag(moved, board.above(target[0]))
    board.expect_order(second, [moved, *target])
    expect(panel.panel).to_be_visible()
    last = board.column(board.columns()[-1])
    last.scroll_into_view_if_needed()
    board.page.locator(".lanes").evaluate("lanes => lanes.scrollTo(lanes.scrollWidth, 0)")
    box, edge = BoardPage.box(last), BoardPage.box(panel.panel)
    assert box["x"] + box["width"] <= edge["x"] + 1, "the last column stays under the panel"


@pytest.mark.same_people
def test_who_looks_is_a_face_on_the_card_and_who_edits_a_ring_and_a_name_at_the_field(
    mine: CardPage, other: BoardPage, card: str
) -> None:
    on_board = other.card(card)
    expect(on_board.locator(".lookers [role=img]")).to_have_count(1)
    expect(on_board).not_to_have_class(re.compile(r"\bedited\b"))
    mine.field("estimate").get_by_role("textbox").focus()
    expect(on_board).to_have_class(re.compile(r"\bedited\b"))
    expect(on_board.locator(".flag")).to_contain_text("estimate")
    theirs = CardPage(other).open(card)
    expect(theirs.field("estimate").locator(".flag")).to_be_visible()
    expect(theirs.panel.locator(".here-now [role=img]")).to_have_count(1)
    mine.page.keyboard.press("Escape")
    mine.expect_closed()
    expect(theirs.field("estimate").locator(".flag")).to_have_count(0)
    expect(theirs.panel.locator(".here-now")).to_have_count(0)


@pytest.mark.same_people
def test_fields_of_the_panel_are_kept_and_a_start_after_the_end_is_said_at_the_field(
    demo: MoimProcess, mine: CardPage, theirs: CardPage, card: str
) -> None:
    mine.title.fill("A new title 제목")
    mine.title.press("Enter")
    expect(theirs.title).to_have_value("A new title 제목")
    theirs.board.expect_title(card, "A new title 제목")
    mine.panel.get_by_label("Due", exact=True).fill("2031-02-03")
    mine.panel.get_by_label("Start", exact=True).fill("2031-02-04")
    expect(mine.field("start").get_by_role("alert")).to_have_text("Starts after it is due")
    expect(theirs.field("start").get_by_role("alert")).to_be_visible()
    mine.panel.get_by_label("Start", exact=True).fill("2031-02-01")
    expect(theirs.field("start").get_by_role("alert")).to_have_count(0)
    mine.panel.get_by_role("button", name="Column:").click()
    mine.page.get_by_role("dialog").get_by_role("button").nth(2).click()
    target = mine.board.columns()[2]
    theirs.board.expect_order(target, mine.board.order(target))
    assert card in mine.board.order(target)
    mine.board.expect_pill("saved")
    kept = demo.document(LAUNCH)["data"]["cards"][card]
    assert (kept["title"], kept["start"], kept["due"]) == (
        "A new title 제목",
        "2031-02-01",
        "2031-02-03",
    )


def test_a_card_deleted_by_another_says_so_and_comes_back(mine: CardPage, theirs: CardPage) -> None:
    theirs.panel.get_by_role("button", name="Delete card").click()
    theirs.expect_closed()
    expect(mine.panel).to_contain_text("deleted this card")
    mine.panel.get_by_role("button", name="Restore").click()
    expect(mine.ready().title).to_have_value("Offline outbox survives a closed tab")


def test_notes_typed_while_the_server_is_dead_survive_a_closed_tab(
    demo: MoimProcess, windows: Windows, board: BoardPage, card: str
) -> None:
    one = CardPage(board).open(card)
    person = windows.person(**TALL)
    address = f"{demo.url}/{LAUNCH}?card={card}"
    two = CardPage(BoardPage(windows.open(address, person)).ready()).ready()
    one.notes.click()
    one.page.keyboard.type("before ")
    expect(two.notes).to_contain_text("before")
    windows.allow_server_away()
    demo.kill()
    one.page.keyboard.type("mine 하나 ")
    two.notes.click()
    two.page.keyboard.press("Control+End")
    two.page.keyboard.type("theirs 둘 🌙")
    two.board.expect_pill("offline", timeout_s=15)
    two.page.close()
    demo.start()
    again = CardPage(BoardPage(windows.open(address, person)).ready()).ready()
    expect(again.notes).to_contain_text("theirs 둘 🌙", timeout=15_000)
    expect(again.notes).to_contain_text("mine 하나", timeout=15_000)
    one.board.expect_pill("saved", timeout_s=20)
    again.board.expect_pill("saved", timeout_s=20)
    kept = notes_in(demo, card)
    assert (kept.count("before"), kept.count("mine 하나"), kept.count("theirs 둘 🌙")) == (1, 1, 1)
    assert one.note_text() == again.note_text() == kept


def test_on_a_phone_a_card_takes_the_page_and_back_returns_to_the_board(
    demo: MoimProcess, windows: Windows, board: BoardPage
) -> None:
    card = board.order(board.columns()[0])[0]
    phone = BoardPage(windows.open(f"{demo.url}/{LAUNCH}", **PHONE)).ready()
    phone.card(card).tap()
    panel = CardPage(phone)
    expect(panel.notes).to_have_attribute("contenteditable", "true")
    box = BoardPage.box(panel.panel)
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 390, 844)
    wide = phone.page.evaluate("document.documentElement.scrollWidth")
    assert wide == 390
    phone.page.get_by_role("button", name="보드로 돌아가기").tap()
    panel.expect_closed()
    expect(phone.card(card)).to_be_visible()
