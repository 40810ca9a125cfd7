"""All documents of the demo, made for a day."""

from datetime import date
from random import Random
from typing import Final

from moim_data.documents.access import LocalAccess
from moim_data.documents.demo.agenda import agenda_update
from moim_data.documents.demo.board import board_update
from moim_data.documents.demo.home import HOME_ID, HOME_NAME, home_update
from moim_data.documents.demo.interviews import INTERVIEWS
from moim_data.documents.demo.launch import LAUNCH
from moim_data.documents.demo.people import PEOPLE, WORKSPACE_NAME, Days
from moim_data.documents.demo.releases import RELEASES
from moim_data.documents.demo.team import TEAM
from moim_data.documents.demo.website import WEBSITE
from moim_data.documents.workspace import WorkspaceDocument
from moim_data.store import DocumentId

BOARDS: Final = (LAUNCH, WEBSITE)
AGENDAS: Final = (TEAM, RELEASES, INTERVIEWS)


def demo_documents(today: date) -> dict[DocumentId, bytes]:
    """Give the demo's documents, each as one Yjs update; the same ids and order for each call."""
    days = Days(today, Random(20).random)
    documents = {DocumentId("workspace"): _workspace(days)}
    for board in BOARDS:
        documents[DocumentId(f"project/{board.id}")] = board_update(board, days)
    for agenda in AGENDAS:
        documents[DocumentId(f"calendar/{agenda.id}")] = agenda_update(agenda, days)
    documents[DocumentId(f"page/{HOME_ID}")] = home_update(days)
    return documents


def _workspace(days: Days) -> bytes:
    access = LocalAccess()
    author = days.author("seoyeon", 30)
    created = author.now_ms()
    with access.transaction():
        document = WorkspaceDocument(access, author)
        document.info.name = WORKSPACE_NAME
        for person in PEOPLE:
            document.members.add(person.id, person.name, colour=person.colour)
        for board in BOARDS:
            document.projects.add(
                id=board.id, name=board.name, colour=board.colour, created=created
            )
        for agenda in AGENDAS:
            document.calendars.add(
                id=agenda.id, name=agenda.name, colour=agenda.colour, created=created
            )
        document.pages.add(id=HOME_ID, name=HOME_NAME, created=created)
    return access.doc.get_update()
