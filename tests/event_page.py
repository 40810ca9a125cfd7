"""A calendar in a window, as a person edits its events."""

from playwright.sync_api import Locator, Page, expect

from browser_windows import Window


class EventPage:
    """The list view of a calendar, and the editor that stands over it."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.page: Page = window.page
        self.editor = self.page.locator(".event-pop")
        self.question = self.page.locator("dialog.scope")
        self.toast = self.page.locator(".toast")
        self.pill = self.page.locator('[data-moim="pill"]').first

    def ready(self) -> "EventPage":
        """Waits for the calendar, and shows it as a list: there everything has a row of its own."""
        choice = self.page.get_by_role("button", name="List", exact=True)
        choice.click(timeout=15_000)
        expect(choice).to_have_attribute("aria-pressed", "true")
        return self

    def events(self, title: str) -> Locator:
        return self.page.locator('[data-moim="event"]').filter(has_text=title)

    def field(self, name: str) -> Locator:
        return self.editor.get_by_label(name, exact=True)

    def begin(self, title: str) -> None:
        """Opens the editor of a new event and types its title."""
        self.page.get_by_role("button", name="Event", exact=True).click()
        self.field("Title").fill(title)

    def finish(self) -> None:
        self.editor.get_by_role("button", name="Create").click()
        expect(self.editor).to_have_count(0)

    def repeat_daily(self, count: int) -> None:
        self.field("Repeat").select_option("daily")
        self.field("End of the repetition").select_option("count")
        self.keep("Number of events", str(count))

    def open(self, title: str, position: int = 0) -> None:
        self.events(title).nth(position).click()
        expect(self.editor).to_be_visible()

    def keep(self, name: str, value: str) -> None:
        """Types into a field and presses Enter."""
        self.field(name).fill(value)
        self.field(name).press("Enter")

    def choose(self, scope: str) -> None:
        """Answers the question about a series."""
        self.question.get_by_role("button", name=scope).click()
        expect(self.question).to_have_count(0)

    def undo(self) -> None:
        self.toast.get_by_role("button").click()

    def saved(self) -> None:
        expect(self.pill).to_have_attribute("data-state", "saved", timeout=10_000)
