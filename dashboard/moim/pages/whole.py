"""A project as one pure Panel page, under `panel serve app.py --plugins moim.plugin`."""

import panel as pn
from panel.viewable import Viewable

from moim.page_documents import PageDocuments
from moim.pages.arguments import argument, language_argument, theme_argument
from moim.pages.project import ProjectPage
from moim.plugin import single_process
from moim.views.board import Board

_INSIGHTS_PX = 320


def project_page(project: str = "launch") -> Viewable:
    """Give the page of a project: the one the address names (`?project=website`), or this."""
    board = Board(argument("project", project), sizing_mode="stretch_both", min_height=600)
    page = ProjectPage(
        _documents(), board.project, theme_argument(), language_argument(), target=board
    )
    parts = page.filters.view, page.insight, page.settings
    beside = pn.Column(*parts, width=_INSIGHTS_PX, margin=12)
    return pn.Row(board, beside, sizing_mode="stretch_both")


def _documents() -> PageDocuments:
    here = single_process()
    here.begin()
    assert here.documents is not None
    return here.documents
