"""The page around every view in a window: navigation, people, pages with their cells."""

import re
from typing import Literal

from playwright.sync_api import Locator, Page, expect

from board_page import BoardPage, Spot
from browser_windows import Window

EDITOR = '[contenteditable="true"]'
Kind = Literal["page", "project", "calendar"]


class ShellPage:
    """One person's window, wherever in the workspace it is."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.page: Page = window.page
        self.nav = self.page.locator("nav.side")
        self.faces = self.page.locator('header [data-moim="face"]')
        self.follow_bar = self.page.locator('[data-moim="follow"]')
        self.cells = self.page.locator('[data-moim="cell"]')
        self.toast = self.page.locator(".toast")

    def ready(self, timeout_s: float = 15) -> "ShellPage":
        """Waits until the workspace is there."""
        expect(self.nav.locator("a").first).to_be_visible(timeout=timeout_s * 1000)
        return self

    # ── navigation ──

    def item(self, kind: Kind, name: str) -> Locator:
        """A line of the navigation, by its name."""
        return self.nav.locator(f".ni-row.{kind}").filter(has_text=name)

    def go(self, kind: Kind, name: str) -> None:
        """Opens a document from the navigation."""
        self.item(kind, name).locator("a").click()

    def create(self, kind: Kind, name: str) -> str:
        """Makes a document from the navigation and names it; gives its id."""
        before = self.page.url
        self.nav.get_by_role("button", name=f"New {kind}", exact=True).click()
        field = self.nav.get_by_role("textbox")
        field.fill(name)
        field.press("Enter")
        expect(self.page).not_to_have_url(before)
        expect(self.page).to_have_url(re.compile(f"/{kind}/"))
        return self.page.url.rsplit("/", 1)[1]

    def menu(self, kind: Kind, name: str) -> Locator:
        """Opens the menu of a line of the navigation."""
        self.item(kind, name).hover()
        self.item(kind, name).get_by_role("button", name=f"{name}: more").click()
        return self.page.get_by_role("dialog", name=f"{name}: more")

    def names(self, kind: Kind) -> list[str]:
        """What the navigation lists of a kind, from the top."""
        return self.nav.locator(f".ni-row.{kind} .clip").all_inner_texts()

    # ── people ──

    def nav_faces(self, kind: Kind, name: str) -> Locator:
        """The people whom the navigation shows in a document."""
        return self.item(kind, name).locator('[data-moim="nav-face"]')

    def me(self) -> str:
        """My own id, as the others see it."""
        found: str = self.page.evaluate("JSON.parse(localStorage.getItem('moim.me')).id")
        return found

    def follow(self) -> None:
        """Follows the only other person in the workspace."""
        self.page.locator("button.faces").click()
        self.page.get_by_role("dialog").get_by_role("button", name="Follow").click()

    # ── pages ──

    def order(self) -> list[str]:
        """Cell ids from top to bottom."""
        return BoardPage.ids(self.cells)

    def cell(self, cell: str) -> Locator:
        return self.page.locator(f'[data-moim="cell"][data-id="{cell}"]')

    def expect_order(self, cells: list[str], timeout_s: float = 5) -> None:
        expect(self.cells).to_have_count(len(cells), timeout=timeout_s * 1000)
        for position, cell in enumerate(cells):
            expect(self.cells.nth(position)).to_have_attribute(
                "data-id", cell, timeout=timeout_s * 1000
            )

    def add_cell(self, kind: str) -> str:
        """Adds a cell at the page's end; gives its id. A note can be typed into at once."""
        before = set(self.order())
        self.page.get_by_role("button", name="Add cell", exact=True).click()
        self.page.get_by_role("group", name="Add cell").get_by_role("button", name=kind).click()
        expect(self.cells).to_have_count(len(before) + 1)
        (cell,) = set(self.order()) - before
        if kind == "Note":
            expect(self.cell(cell).locator(EDITOR)).to_be_focused()
        return cell

    def write_note(self, cell: str, text: str) -> None:
        """Types at the end of a note, and leaves it."""
        self.open_note(cell)
        self.page.keyboard.press("Control+End")
        self.page.keyboard.type(text)
        self.page.keyboard.press("Escape")

    def open_note(self, cell: str) -> Locator:
        """Opens a note for writing; gives its text field."""
        self.cell(cell).get_by_role("button", name=re.compile("^Write")).click()
        field = self.cell(cell).locator(EDITOR)
        expect(field).to_be_focused()
        return field

    def drag_cell(self, cell: str, above: str) -> None:
        """Moves a cell above another by its handle, with the mouse."""
        self.cell(cell).hover(position={"x": 20, "y": 10})
        handle = BoardPage.box(self.cell(cell).locator(".cell-handle"))
        start = Spot(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
        box = BoardPage.box(self.cell(above))
        self.page.mouse.move(start.x, start.y)
        self.page.mouse.down()
        self.page.mouse.move(start.x, start.y - 12, steps=4)
        self.page.mouse.move(start.x, box["y"] + 4, steps=12)
        self.page.mouse.up()
