"""A page that several people have open."""

from moim.shared_view import SharedView
from moim_data.documents.entities import Author
from moim_data.documents.page import PageDocument
from moim_sync.shared_document import SharedDocument


class Page(SharedView, PageDocument):
    """One page, shared: what is set here is in every browser, and the other way round."""

    def __init__(self, document: SharedDocument, author: Author) -> None:
        super().__init__(document, author)
        self.document = document

    def __repr__(self) -> str:
        return f"<Page {self.id}: {len(self.cells)} cells>"

    def begin(self) -> None:
        """Make what a new page begins with: one empty note."""
        self.cells.add("note")
