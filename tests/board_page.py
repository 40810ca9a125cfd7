"""The board in a window, as a person sees and handles it."""

import re
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import FloatRect, Locator, Page, expect

from browser_windows import Window

DRAG_STEPS = 12


@dataclass(frozen=True)
class Spot:
    """A place in the window, in CSS px."""

    x: float
    y: float


class BoardPage:
    """A page with one board; `data-moim` hooks only, and words where there is no hook."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.page: Page = window.page
        self.pill = self.page.locator('[data-moim="pill"]').first
        self.faces = self.page.locator('[data-moim="face"]')
        self.cards = self.page.locator('[data-moim="card"]')
        self.ghosts = self.page.locator('[data-moim="ghost"]')

    def ready(self, timeout_s: float = 15) -> "BoardPage":
        """Waits until columns are there."""
        expect(self.page.locator('[data-moim="column"]').first).to_be_visible(
            timeout=timeout_s * 1000
        )
        return self

    def column(self, column: str) -> Locator:
        return self.page.locator(f'[data-moim="column"][data-id="{column}"]')

    def card(self, card: str) -> Locator:
        return self.page.locator(f'[data-moim="card"][data-id="{card}"]')

    def columns(self) -> list[str]:
        """Column ids from left to right."""
        return self.ids(self.page.locator('[data-moim="column"]'))

    def order(self, column: str) -> list[str]:
        """Card ids of a column from top to bottom."""
        return self.ids(self.column(column).locator('[data-moim="card"]'))

    def layout(self) -> dict[str, list[str]]:
        """Every column with its cards, as drawn."""
        return {column: self.order(column) for column in self.columns()}

    def titles(self) -> dict[str, str]:
        """What stands on each card."""
        found: dict[str, str] = self.cards.evaluate_all(
            """cards => Object.fromEntries(cards.map(card =>
                 [card.dataset.id, card.querySelector(".card-title")?.textContent ?? ""]))"""
        )
        return found

    @staticmethod
    def ids(items: Locator) -> list[str]:
        found: list[str] = items.evaluate_all("items => items.map(item => item.dataset.id)")
        return found

    def add_card(self, column: str, title: str) -> str:
        """Adds a card at the column's end by its one-line field; gives the new id."""
        before = set(self.order(column))
        self.column(column).get_by_role("button", name="Add card", exact=True).click()
        field = self.column(column).locator(".quick-add input")
        field.fill(title)
        field.press("Enter")
        field.press("Escape")
        new = self.column(column).locator('[data-moim="card"]').filter(has_text=title).last
        expect(new).to_be_visible()
        card = new.get_attribute("data-id")
        assert card is not None
        assert card not in before
        return card

    def rename(self, card: str, title: str) -> None:
        self.card(card).dblclick()
        field = self.card(card).get_by_role("textbox")
        field.fill(title)
        field.press("Enter")
        self.expect_title(card, title)

    def expect_title(self, card: str, title: str, timeout_s: float = 5) -> None:
        expect(self.card(card).locator(".card-title")).to_have_text(title, timeout=timeout_s * 1000)

    def expect_pill(self, state: str, timeout_s: float = 10) -> None:
        expect(self.pill).to_have_attribute("data-state", state, timeout=timeout_s * 1000)

    def expect_order(self, column: str, cards: list[str], timeout_s: float = 5) -> None:
        items = self.column(column).locator('[data-moim="card"]')
        expect(items).to_have_count(len(cards), timeout=timeout_s * 1000)
        for position, card in enumerate(cards):
            expect(items.nth(position)).to_have_attribute("data-id", card, timeout=timeout_s * 1000)

    def expect_like(self, document: dict[str, Any], timeout_s: float = 10) -> None:
        """Waits until the board shows exactly what `/api/project/<id>` gave."""
        for column, cards in placed(document["data"]).items():
            self.expect_order(column, cards, timeout_s)
            for card in cards:
                title = document["data"]["cards"][card].get("title", "")
                self.expect_title(card, title, timeout_s)

    def grab(self, card: str) -> None:
        """Presses the mouse on a card and moves enough for the drag to start."""
        box = self.box(self.card(card))
        self.page.mouse.move(box["x"] + 30, box["y"] + box["height"] / 2)
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + 44, box["y"] + box["height"] / 2 + 8, steps=4)

    def drag(self, card: str, spot: Spot) -> None:
        """Moves a card to a spot by mouse."""
        self.grab(card)
        self.page.mouse.move(spot.x, spot.y, steps=DRAG_STEPS)
        self.page.mouse.move(spot.x + 1, spot.y + 1, steps=2)
        self.page.mouse.up()

    def above(self, card: str) -> Spot:
        """The spot where a card is dropped to stand above another."""
        box = self.box(self.card(card))
        return Spot(box["x"] + box["width"] / 2, box["y"] + 4)

    def end_of(self, column: str) -> Spot:
        """The spot below the last card of a column."""
        cards = self.column(column).locator('[data-moim="card"]')
        if cards.count():
            box = self.box(cards.last)
            return Spot(box["x"] + box["width"] / 2, box["y"] + box["height"] + 12)
        box = self.box(self.column(column))
        return Spot(box["x"] + box["width"] / 2, box["y"] + 80)

    @staticmethod
    def box(item: Locator) -> FloatRect:
        box = item.bounding_box()
        assert box is not None, f"{item} is not on the page"
        return box


def placed(data: dict[str, Any]) -> dict[str, list[str]]:
    """The cards of each column in their order, from a project's data as `/api` gives it."""
    columns = {
        name: column for name, column in data["columns"].items() if not column.get("deleted")
    }
    order: dict[str, list[tuple[str, str]]] = {name: [] for name in columns}
    for card, fields in data.get("cards", {}).items():
        column, _, key = fields.get("place", "").partition("|")
        if not fields.get("deleted") and column in order:
            order[column].append((key, card))
    return {column: [card for _, card in sorted(cards)] for column, cards in order.items()}


def number_in(text: str) -> int:
    """The first whole number in a text."""
    found = re.search(r"\d+", text)
    assert found is not None, f"expected a number in {text!r}"
    return int(found.group())
