"""An open card in a window, as a person sees and handles it."""

from playwright.sync_api import CDPSession, Locator, expect

from board_page import BoardPage


class CardPage:
    """The panel of the card that is open on a board."""

    def __init__(self, board: BoardPage) -> None:
        self.board = board
        self.page = board.page
        self.panel = self.page.locator(".card-panel")
        self.title = self.panel.get_by_label("Title", exact=True)
        self.notes = self.panel.locator(".note-editor .cm-content")
        self.carets = self.panel.locator(".note-editor .note-caret")
        self.items = self.panel.locator(".todo-row")
        self.comments = self.panel.locator(".cmt")
        self.say = self.panel.get_by_role("combobox", name="Write a comment")

    def open(self, card: str) -> "CardPage":
        self.board.card(card).click()
        return self.ready()

    def ready(self) -> "CardPage":
        """Waits until the notes can be typed in."""
        expect(self.notes).to_have_attribute("contenteditable", "true")
        return self

    def expect_closed(self) -> None:
        expect(self.panel).to_have_count(0)

    def field(self, name: str) -> Locator:
        return self.panel.locator(f'[data-field="{name}"]')

    def add_item(self, title: str) -> Locator:
        field = self.panel.get_by_label("Add item")
        field.fill(title)
        field.press("Enter")
        return self.item(title)

    def item(self, title: str) -> Locator:
        return self.items.filter(has_text=title)

    def item_titles(self) -> list[str]:
        return self.items.locator(".todo-title").all_inner_texts()

    def note_text(self) -> str:
        """What stands in the notes."""
        lines: list[str] = self.notes.locator(".cm-line").evaluate_all(
            "lines => lines.map(line => line.textContent)"
        )
        return "\n".join(lines)


class KoreanKeyboard:
    """Types as a Korean input method does: each syllable is built before it is there."""

    def __init__(self, card: CardPage) -> None:
        self._session: CDPSession = card.page.context.new_cdp_session(card.page)

    def compose(self, *stages: str) -> None:
        """Shows the stages of one syllable or word, the last of which stays open."""
        for stage in stages:
            self._session.send(
                "Input.imeSetComposition",
                {"text": stage, "selectionStart": len(stage), "selectionEnd": len(stage)},
            )

    def commit(self, text: str) -> None:
        self._session.send("Input.insertText", {"text": text})
