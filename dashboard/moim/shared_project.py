"""A board that several people have open."""

from typing import Final

from moim.shared_view import SharedView
from moim_data.documents.entities import Author
from moim_data.documents.project import ProjectDocument
from moim_sync.shared_document import SharedDocument

THREE_COLUMNS: Final = (
    ("todo", "To do", "ready"),
    ("doing", "Doing", "doing"),
    ("done", "Done", "done"),
)


class Project(SharedView, ProjectDocument):
    """One board, shared: what is set here is in every browser, and the other way round."""

    def __init__(self, document: SharedDocument, author: Author) -> None:
        super().__init__(document, author)
        self.document = document

    def __repr__(self) -> str:
        return f"<Project {self.id}: {len(self.cards)} cards, {len(self.columns)} columns>"

    def begin(self) -> None:
        """Make what a new project begins with: three columns."""
        for key, title, status in THREE_COLUMNS:
            self.columns.add(id=key, name=title, status=status)
