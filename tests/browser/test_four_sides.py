"""One board from four sides: our own page, zustand, Apollo Client and Python."""

import random
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import moim
from board_page import BoardPage, placed
from browser_windows import Windows
from example_page import ExamplePanel
from moim.shared_project import Project
from moim_process import MoimProcess
from static_site import StaticSite

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

LAUNCH = "project/launch"
HANDS = (Path(__file__).parents[1] / "random_hands.js").read_text()
# All cards are in the page: the board draws no more than what is in sight.
TALL = {"viewport": {"width": 1680, "height": 4000}, "locale": "en-US"}
SEED = 20261128
ROUNDS = 20
IN_ROUND = {"board": 8, "zustand": 14, "Apollo": 14, "Python": 14}
PRIORITIES = ("low", "medium", "high", "urgent")
DAYS = [date(2031, month, 9 + month) for month in range(1, 10)]
AGREE_S = 30

Shown = dict[str, list[tuple[str, str, str | None, str | None]]]
"""By column, in order: id, title, priority and due day of each card."""


@pytest.fixture
def demo(serve: Callable[..., MoimProcess], example_site: StaticSite) -> MoimProcess:
    return serve("--demo", "--workers", "0", "--origin", example_site.origin)


@pytest.fixture
def project(demo: MoimProcess) -> Iterator[Project]:
    with moim.connect(demo.url, outbox=None) as workspace:
        found = workspace.project("launch")
        for card in found.cards.values():
            if card.due is not None:  # one in a year of its own is written out on our board
                card.due = DAYS[0]
        workspace.wait_saved()
        yield found
        workspace.wait_saved()


@pytest.fixture
def board(demo: MoimProcess, project: Project, windows: Windows) -> BoardPage:
    return BoardPage(windows.open(f"{demo.url}/{LAUNCH}", **TALL)).ready()


@pytest.fixture
def example(demo: MoimProcess, windows: Windows, example_site: StaticSite) -> Page:
    address = f"{example_site.origin}/?server={demo.url}&project=launch"
    return windows.open(address, locale="en-US").page


class PythonHands:
    """Somebody with the Python client who edits at random."""

    def __init__(self, project: Project, seed: int) -> None:
        self.made = 0
        self._project = project
        self._random = random.Random(seed)

    def play(self, edits: int) -> None:
        for _ in range(edits):
            with self._project.transaction():
                self._edit()
            self.made += 1

    def _edit(self) -> None:
        cards, draw = self._project.cards, self._random
        own = [key for key in cards if not cards[key].title.startswith("✋")]
        column = draw.choice(list(self._project.columns))
        sorts = ("create", "rename", "move", "priority", "due", "remove")
        sort = draw.choices(sorts, (15, 29, 24, 9, 8, 15))[0] if own else "create"
        if sort == "create":
            cards.add(f"python {self.made}", column)
            return
        card = cards[draw.choice(own)]
        if sort == "rename":
            card.title = f"파이썬 {self.made}"
        elif sort == "move":
            there = [one.id for one in cards.in_column(column) if one.id != card.id]
            cards.move(card.id, column, draw.choice([*there, None]))
        elif sort == "priority":
            card.priority = draw.choice([one for one in PRIORITIES if one != card.priority])
        elif sort == "due":
            card.due = draw.choice([day for day in DAYS if day != card.due])
        else:
            cards.delete(card.id)


def begin(page: Page, call: str, name: str, seed: int) -> None:
    """Lets somebody edit in a page; `end` gives what they did."""
    told = {"name": name, "seed": seed, "edits": IN_ROUND[name]}
    page.evaluate(f"told => {{ window.edits_of_{name} = {call}; }}", told)


def end(page: Page, name: str) -> int:
    made: dict[str, int] = page.evaluate(f"() => window.edits_of_{name}")
    return sum(made.values())


def by_hand(board: BoardPage, number: int) -> None:
    """Clicks, types and drags with a real mouse and keyboard; the others leave this card alone."""
    columns = board.columns()
    card = board.add_card(columns[number % len(columns)], f"✋ {number}")
    board.card(card).press("F2")  # a double click may find another card there the second time
    field = board.card(card).get_by_role("textbox")
    field.fill(f"✋ {number} 손으로")
    field.press("Enter")
    board.expect_title(card, f"✋ {number} 손으로")
    board.drag(card, board.end_of(columns[(number + 1) % len(columns)]))


def on_board(board: BoardPage) -> Shown:
    """What our own board shows."""
    cards: dict[str, list[str | None]] = board.cards.evaluate_all(
        """cards => Object.fromEntries(cards.map((card) => {
             const told = (word) => card.querySelector(`.meta [aria-label*="${word}"]`)?.ariaLabel;
             const title = card.querySelector(".card-title")?.textContent;
             return [card.dataset.id, [title, told(" priority") ?? null, told("Due ") ?? null]];
           }))"""
    )

    def seen(card: str) -> tuple[str, str, str | None, str | None]:
        title, priority, due = cards[card]
        day = due and datetime.strptime(due, "Due %b %d, %Y").date().isoformat()
        return card, str(title), priority and priority.split()[0].lower(), day

    return {column: [seen(card) for card in order] for column, order in board.layout().items()}


def in_python(project: Project) -> Shown:
    """What the Python client has."""
    with project.transaction():
        return {
            column: [
                (card.id, card.title, card.priority, card.due and card.due.isoformat())
                for card in project.cards.in_column(column)
            ]
            for column in project.columns
        }


def on_server(demo: MoimProcess) -> Shown:
    """What the server has on its disk."""
    data = demo.document(LAUNCH)["data"]
    cards = data["cards"]
    return {
        column: [
            (card, cards[card]["title"], cards[card].get("priority"), cards[card].get("due"))
            for card in order
        ]
        for column, order in placed(data).items()
    }


def test_four_sides_are_equal_after_a_thousand_random_edits(
    demo: MoimProcess, project: Project, board: BoardPage, example: Page
) -> None:
    print(f"seed {SEED}")
    zustand, apollo = (ExamplePanel(example, name) for name in ("zustand", "Apollo"))
    for panel in (zustand, apollo):
        expect(panel.column(board.columns()[0])).to_be_visible(timeout=AGREE_S * 1000)
    for page in (board.page, example):
        page.evaluate(f"() => {{ {HANDS} }}")
    python, made = PythonHands(project, SEED), 0
    for number in range(ROUNDS):
        for side, name in enumerate(("zustand", "Apollo")):
            begin(example, f"playPanel('{name}', told)", name, SEED + 2 * number + side)
        if number % 10 == 0:
            by_hand(board, number)
        begin(board.page, "playBoard(told)", "board", SEED - number)
        python.play(IN_ROUND["Python"])
        made += end(example, "zustand") + end(example, "Apollo") + end(board.page, "board")
    assert made + python.made == 1000

    for panel in (zustand, apollo):
        panel.expect_state("saved", AGREE_S)
    board.expect_pill("saved", AGREE_S)
    ends_at = time.monotonic() + AGREE_S
    while True:
        wanted = on_server(demo)
        sides = {
            "board": on_board(board),
            "zustand": zustand.shown(),
            "Apollo": apollo.shown(),
            "Python": in_python(project),
        }
        if all(side == wanted for side in sides.values()) or time.monotonic() > ends_at:
            break
    for name, side in sides.items():
        assert side == wanted, f"{name} is not what the server has, with seed {SEED}"
