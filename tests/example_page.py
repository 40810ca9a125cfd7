"""The page of `examples/board`: built from the packed client, and handled by somebody."""

import json
import shutil
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from client_package import MODULES, ClientPackage, run
from moim_process import ROOT

EXAMPLE = ROOT / "examples" / "board"
PEERS = ROOT / "tests" / "peers" / "node_modules"


def build_example(package: ClientPackage, folder: Path) -> Path:
    """Builds the page there, on the package as it was packed, after the compiler has seen it."""
    site = package.install(folder)
    link_peers(site)
    for file in EXAMPLE.iterdir():
        if file.suffix in {".ts", ".html", ".css", ".json"}:
            shutil.copy(file, site)
    run(MODULES / ".bin/tsc", "-p", ".", cwd=site)
    bundling = ("--bundle", "--format=esm", "--outfile=dist/page.js")
    run(MODULES / ".bin/esbuild", "main.ts", *bundling, cwd=site)
    return site


def link_peers(site: Path) -> None:
    """Links what the page needs besides: Apollo's packages are those of the test peers."""
    named = json.loads((EXAMPLE / "package.json").read_text())["dependencies"]
    for name in named:
        there = site / "node_modules" / name
        if not there.exists():
            there.parent.mkdir(exist_ok=True)
            there.symlink_to(PEERS / name)


class ExamplePanel:
    """One panel of the page."""

    def __init__(self, page: Page, name: str) -> None:
        self.page = page
        self._panel = self.page.locator(f'[data-panel="{name}"]')

    def column(self, column: str) -> Locator:
        return self._panel.locator(f'.column[data-id="{column}"]')

    def card(self, card: str) -> Locator:
        return self._panel.locator(f'.card[data-id="{card}"]')

    def cards_of(self, column: str) -> Locator:
        return self.column(column).locator(".card")

    def shown(self) -> dict[str, list[tuple[str, str, str | None, str | None]]]:
        """By column, in order: id, title, priority and due day of each card."""
        found: dict[str, list[list[str]]] = self._panel.evaluate(
            """panel => Object.fromEntries([...panel.querySelectorAll(".column")].map((column) =>
                 [column.dataset.id, [...column.querySelectorAll(".card")].map((card) => {
                   const [title, due] = card.querySelectorAll("input");
                   return [card.dataset.id, title.value, card.dataset.priority, due.value];
                 })]))"""
        )
        return {
            column: [
                (card, title, priority or None, due or None) for card, title, priority, due in cards
            ]
            for column, cards in found.items()
        }

    def add(self, column: str, title: str) -> str:
        """Adds a card at the end of a column; gives its id."""
        cards = self.cards_of(column)
        count = cards.count()
        field = self.column(column).get_by_label("Add a card")
        field.fill(title)
        field.press("Enter")
        expect(cards).to_have_count(count + 1)
        card = cards.last.get_attribute("data-id")
        assert card is not None
        return card

    def rename(self, card: str, title: str) -> None:
        field = self.card(card).get_by_label("Title")
        field.fill(title)
        field.press("Enter")

    def move(self, card: str, column: str) -> None:
        self.card(card).get_by_label("Column").select_option(column)

    def remove(self, card: str) -> None:
        self.card(card).get_by_label("Delete").click()

    def expect_title(self, card: str, title: str) -> None:
        expect(self.card(card).get_by_label("Title")).to_have_value(title)

    def expect_state(self, state: str, timeout_s: float = 10) -> None:
        expect(self._panel.locator("output")).to_have_attribute(
            "data-state", state, timeout=timeout_s * 1000
        )
