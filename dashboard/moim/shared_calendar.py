"""A calendar that several people have open."""

from moim.shared_view import SharedView
from moim_data.documents.calendar import CalendarDocument
from moim_data.documents.entities import Author
from moim_sync.shared_document import SharedDocument


class Calendar(SharedView, CalendarDocument):
    """One calendar, shared: what is set here is in every browser, and the other way round."""

    def __init__(self, document: SharedDocument, author: Author) -> None:
        super().__init__(document, author)
        self.document = document

    def __repr__(self) -> str:
        return f"<Calendar {self.id}: {len(self.events)} events>"
