"""What a window tells its person about edits that lost or were refused."""

import re

from playwright.sync_api import Locator, Page, expect

from browser_windows import Window


class NoticesPage:
    """The chips, the pill with what is behind it, and the toast of one window."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.page: Page = window.page
        self.pill = self.page.locator('[data-moim="pill"]').first
        self.chips = self.page.locator('.card-panel [data-moim="conflict"]')
        self.marks = self.page.locator('.card [data-moim="conflict"]')
        self.bar = self.page.locator(".gone-bar")
        self.toast = self.page.locator(".toast")
        self.list = self.page.locator(".outbox")
        self.refused = self.list.locator('[data-moim="refused-entry"]')
        self.conflicts = self.list.locator('[data-moim="conflict-entry"]')

    def expect_counts(self, *, conflicts: int = 0, refused: int = 0) -> None:
        """Waits until the pill counts so many."""
        expect(self.pill).to_have_attribute("data-conflicts", str(conflicts), timeout=10_000)
        expect(self.pill).to_have_attribute("data-refused", str(refused), timeout=10_000)

    def open_list(self) -> None:
        if not self.list.is_visible():
            self.pill.click()
        expect(self.list).to_be_visible()

    def close_list(self) -> None:
        self.page.keyboard.press("Escape")
        expect(self.list).to_have_count(0)

    def open_chip(self) -> Locator:
        """Opens the only chip in the card panel; gives the note."""
        self.chips.get_by_role("button", name=re.compile("changed twice")).click()
        note = self.chips.locator(".conflict")
        expect(note).to_be_visible()
        return note


def loser_of(one: NoticesPage, other: NoticesPage) -> tuple[NoticesPage, NoticesPage]:
    """Waits until one of two people has a conflict; gives that one first.

    Which of two values stays is the CRDT's rule and arbitrary.
    """
    either = one.page.locator('[data-moim="pill"][data-conflicts="1"]')
    for _ in range(200):
        if either.count():
            return one, other
        if other.page.locator('[data-moim="pill"][data-conflicts="1"]').count():
            return other, one
        one.page.wait_for_timeout(50)
    raise AssertionError("expected a conflict for one of two people, nobody got one")
