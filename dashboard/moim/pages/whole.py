"""Everything as one pure Panel page, under `panel serve app.py --plugins moim.plugin`."""

from collections.abc import Mapping
from typing import Any

import panel as pn
from panel.viewable import Viewable

from moim.binding import Follower, follower
from moim.language import words
from moim.page_documents import OpenProject, OpensProjects, PageDocuments
from moim.pages.arguments import argument, language_argument, theme_argument
from moim.pages.opening import Opening
from moim.pages.project import ProjectPage
from moim.pages.style import BESIDE, NOTE, WHOLE
from moim.plugin import single_process
from moim.views.board import Board
from moim.views.calendar import Calendar

_INSIGHTS_PX = 320
_MIN_HEIGHT_PX = 600
_FILLING: dict[str, Any] = {"sizing_mode": "stretch_both", "min_height": _MIN_HEIGHT_PX}


class CalendarTab:
    """All calendars of the workspace, with the dated cards of its projects.

    It is made when it is first shown, and stays: coming back finds the same days.
    """

    def __init__(self, documents: OpensProjects, project: str, table: Mapping[str, str]) -> None:
        self._documents = documents
        self._project = project
        self._table = table
        self._follower: Follower = follower()
        self.view = pn.Column(**_FILLING)

    def show(self) -> None:
        """Make it, if it has not been asked for before."""
        if not self.view.objects:
            Opening(self._documents, self._project, self._fill, self._say).start()

    def _say(self, word: str) -> None:
        self.view.objects = [pn.pane.Str(self._table[word], **NOTE)]

    def _fill(self, opened: OpenProject) -> None:
        around = opened.workspace
        calendar = Calendar(list(around.calendars), list(around.projects), **_FILLING)

        def refresh() -> None:
            calendar.param.update(calendars=list(around.calendars), projects=list(around.projects))

        self.view.objects = [calendar]
        self._follower.follow(opened.documents[1], refresh)


def project_page(project: str = "launch") -> Viewable:
    """Give the page: the board of a project, and the calendars in a tab beside it.

    The project is the one that the address names (`?project=website`), or this.
    """
    documents, table = _documents(), words(language_argument())
    board = Board(argument("project", project), **_FILLING)
    calendar = CalendarTab(documents, board.project, table)
    tabs = pn.Tabs(
        (table["tab.board"], _with_insights(board, documents)),
        (table["tab.calendar"], calendar.view),
        **WHOLE,
    )
    tabs.param.watch(lambda _: calendar.show(), "active")
    return tabs


def _with_insights(board: Board, documents: OpensProjects) -> Viewable:
    page = ProjectPage(documents, board.project, theme_argument(), language_argument(), board)
    parts = page.filters.view, page.insight, page.settings
    beside = pn.Column(*parts, width=_INSIGHTS_PX, margin=12)
    return pn.Row(board, beside, **BESIDE)


def _documents() -> PageDocuments:
    here = single_process()
    here.begin()
    assert here.documents is not None
    return here.documents
