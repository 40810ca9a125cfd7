"""What takes place in a calendar, for the series that the browser does not expand."""

from collections.abc import Awaitable, Callable

from moim.access.access import Access, SharedHandler
from moim.api import answer
from moim.calendar_occurrences import BadQuestion, Question
from moim.documents_reader import Reading
from moim.errors import ReadingFailed
from moim_data.errors import CorruptDocument, StorageError
from moim_data.store import DocumentId
from moim_sync.authorization import Action

OCCURRENCES = r"/api/(calendar/[A-Za-z0-9_-]{1,64})/occurrences"
"""Stands before `/api/(.+)` in a list of addresses."""

ReadOccurrences = Callable[[DocumentId, Question], Awaitable[Reading | None]]
"""Expands a calendar without making it; None when it is absent."""


class OccurrencesHandler(SharedHandler):
    """GET `/api/calendar/<id>/occurrences?from=&to=&zone=[&all=1]`: days as `YYYY-MM-DD`.

    Gives `{lineage, seq, occurrences, cut, unread}`; without `all=1` only of series that the
    browser does not expand.
    """

    def initialize(self, read: ReadOccurrences, access: Access) -> None:
        """Take the reader of occurrences, and who may ask it."""
        self._read = read
        self.access = access

    async def get(self, calendar: str) -> None:
        """Answer; 400 for a question that has no answer, else as `/api/calendar/<id>`."""
        if not self.may(Action.READ, DocumentId(calendar)):
            return self.refuse(403, f"you may not read {calendar}")
        names = ("from", "to", "zone", "all")
        words = {name: value for name in names if (value := self.get_query_argument(name, ""))}
        try:
            reading = await self._read(DocumentId(calendar), Question.read(words))
        except BadQuestion as error:
            return self.refuse(400, str(error))
        except (CorruptDocument, ReadingFailed) as error:
            return self.refuse(500, str(error))
        except StorageError as error:
            return self.refuse(503, str(error))
        if reading is None:
            return self.refuse(404, f"no document {calendar}")
        return self.send_json_text(answer(reading))
