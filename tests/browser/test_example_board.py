"""The example page, on an origin of its own, beside our own board and a Python program."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

import moim
from board_page import BoardPage
from browser_windows import Window, Windows
from client_package import FRONTEND
from example_page import EXAMPLE, PEERS, ExamplePanel
from moim_process import MoimProcess
from static_site import StaticSite

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
LAUNCH = "project/launch"


@pytest.fixture
def demo(serve: Callable[..., MoimProcess], example_site: StaticSite) -> MoimProcess:
    """A server that lets the page's origin in."""
    return serve("--demo", "--workers", "0", "--origin", example_site.origin)


@pytest.fixture
def window(windows: Windows, example_site: StaticSite, demo: MoimProcess) -> Window:
    address = f"{example_site.origin}/?server={demo.url}&project=launch"
    return windows.open(address, locale="en-US")


@pytest.fixture
def panel(window: Window) -> ExamplePanel:
    return ExamplePanel(window.page, "zustand")


@pytest.fixture
def apollo(window: Window) -> ExamplePanel:
    return ExamplePanel(window.page, "Apollo")


def test_the_example_our_board_and_python_see_each_others_edits(
    demo: MoimProcess, panel: ExamplePanel, apollo: ExamplePanel, board: BoardPage
) -> None:
    first, second = board.columns()[:2]
    card = panel.add(first, "From the example")
    board.expect_title(card, "From the example")
    board.rename(card, "우리 보드에서")
    panel.expect_title(card, "우리 보드에서")
    panel.move(card, second)
    expect(board.column(second).locator(f'[data-id="{card}"]')).to_be_visible()
    with moim.connect(demo.url) as workspace:
        project = workspace.project("launch")
        assert project.cards[card].title == "우리 보드에서"
        project.cards[card].title = "From Python"
        panel.expect_title(card, "From Python")
        panel.rename(card, "Once more in the example")
        panel.expect_state("saved")
        board.expect_title(card, "Once more in the example")
        panel.remove(card)
        expect(board.card(card)).to_have_count(0)
    expect(panel.card(card)).to_have_count(0)
    expect(apollo.card(card)).to_have_count(0)


def test_what_is_done_in_apollo_is_done_everywhere(
    demo: MoimProcess, panel: ExamplePanel, apollo: ExamplePanel, board: BoardPage
) -> None:
    first, second = board.columns()[:2]
    card = apollo.add(first, "From Apollo")
    apollo.move(card, second)
    apollo.card(card).get_by_label("Priority").select_option("urgent")
    apollo.card(card).get_by_label("Due").fill("2031-02-03")
    apollo.rename(card, "아폴로에서")
    apollo.expect_state("saved")
    kept = demo.document(LAUNCH)["data"]["cards"][card]
    assert (kept["title"], kept["place"].split("|")[0]) == ("아폴로에서", second)
    assert (kept["priority"], kept["due"]) == ("urgent", "2031-02-03")
    board.expect_title(card, "아폴로에서")
    panel.expect_title(card, "아폴로에서")
    panel.card(card).get_by_label("Priority").select_option("low")
    expect(apollo.card(card).get_by_label("Priority")).to_have_value("low")
    apollo.remove(card)
    expect(board.card(card)).to_have_count(0)


def test_apollo_shows_edits_at_once_and_catches_up_when_the_server_is_back(
    demo: MoimProcess, windows: Windows, apollo: ExamplePanel
) -> None:
    column = next(iter(demo.document(LAUNCH)["data"]["columns"]))
    expect(apollo.cards_of(column).first).to_be_visible()
    other = str(apollo.cards_of(column).first.get_attribute("data-id"))
    with moim.connect(demo.url, outbox=None) as workspace:
        cards = workspace.project("launch").cards
        windows.allow_server_away()
        demo.kill()
        apollo.expect_state("page")
        card = apollo.add(column, "서버 없이")
        apollo.rename(card, "서버 없이 두 번")
        expect(apollo.card(card)).to_have_class("card unsent")
        cards[other].title = "Meanwhile in Python"
        demo.start()
        apollo.expect_title(other, "Meanwhile in Python")
        apollo.expect_state("saved", 20)
    apollo.expect_title(card, "서버 없이 두 번")
    expect(apollo.card(card)).to_have_class("card")
    assert demo.document(LAUNCH)["data"]["cards"][card]["title"] == "서버 없이 두 번"


def test_the_example_keeps_edits_while_the_server_is_away_and_over_a_reload(
    demo: MoimProcess, windows: Windows, panel: ExamplePanel
) -> None:
    column = next(iter(demo.document(LAUNCH)["data"]["columns"]))
    panel.expect_state("saved")
    expect(panel.cards_of(column).first).to_be_visible()
    windows.allow_server_away()
    demo.kill()
    panel.expect_state("offline")
    card = panel.add(column, "서버 없이")
    panel.rename(card, "서버 없이 두 번")
    panel.expect_title(card, "서버 없이 두 번")
    expect(panel.card(card)).to_have_class("card unsent")
    panel.page.reload()
    panel.expect_title(card, "서버 없이 두 번")
    panel.expect_state("offline")
    demo.start()
    panel.expect_state("saved")
    expect(panel.card(card)).to_have_class("card")
    assert demo.document(LAUNCH)["data"]["cards"][card]["title"] == "서버 없이 두 번"


def test_a_field_in_which_somebody_types_is_left_alone(
    demo: MoimProcess, panel: ExamplePanel, board: BoardPage
) -> None:
    card, other = board.order(board.columns()[0])[:2]
    field = panel.card(card).get_by_label("Title")
    field.fill("half a wo")
    board.rename(other, "Meanwhile")
    panel.expect_title(other, "Meanwhile")
    expect(field).to_be_focused()
    field.press_sequentially("rd")
    field.press("Enter")
    board.expect_title(card, "half a word")


def test_the_example_takes_the_package_that_is_built_here() -> None:
    ours = json.loads((FRONTEND / "package.json").read_text())
    theirs = json.loads((EXAMPLE / "package.json").read_text())
    tarball = f"file:../../dist/moim-client-{ours['version']}.tgz"
    assert theirs["dependencies"]["moim-client"] == tarball
    peers = json.loads((PEERS / "../package.json").read_text())
    known = peers["dependencies"] | ours["dependencies"] | ours["devDependencies"]
    named = theirs["dependencies"] | theirs["devDependencies"]
    assert {name: known[name] for name in named if name != "moim-client"} == {
        name: version for name, version in named.items() if name != "moim-client"
    }
