"""The sessions that a page of `moim serve` embeds: one root for each of its regions, in order.

The order is that of `regionsOf` in `frontend/core/panel_session.ts`.
"""

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from bokeh.application.handlers.function import FunctionHandler
from bokeh.document import Document
from panel.io.application import Application
from panel.io.state import set_curdoc
from panel.viewable import Viewable

from moim.colours import PALETTES
from moim.insights.flow_chart import Look
from moim.language import words
from moim.page_documents import OpensProjects, SampleDocuments, page_documents
from moim.pages.arguments import (
    argument,
    arguments,
    language_argument,
    may_edit,
    person,
    theme_argument,
)
from moim.pages.chart import ProjectChart
from moim.pages.flow import FLOW_CHARTS, FlowPart
from moim.pages.opening import Opening
from moim.pages.project import ProjectPage
from moim.views.bridge import Bridge

_FILES = "/static/extensions/panel/"
_CELL_LEGEND_COLUMNS = 3  # a cell is at least as wide as a phone, a dock is narrower

Roots = Callable[[OpensProjects], Sequence[Viewable]]
"""Makes the roots of the session that is being made."""


def project_roots(documents: OpensProjects) -> list[Viewable]:
    """Give the native parts of the project's page, and the bridge to its board."""
    return _project_roots(documents, argument("project", ""), may_edit())


def _project_roots(documents: OpensProjects, project: str, editing: bool) -> list[Viewable]:
    bridge = Bridge(project=project)
    page = ProjectPage(
        documents,
        bridge.project,
        theme_argument(),
        language_argument(),
        bridge,
        may_edit=editing,
    )
    return [page.filters.view, page.insight, page.settings, bridge]


def page_roots(documents: OpensProjects) -> list[Viewable]:
    """Give the charts of a page's cells: one for each `chart=<chart>,<project>`, in their order."""
    table, palette = words(language_argument()), PALETTES[theme_argument()]

    def chart_of(name: str, _: str, project: str) -> Viewable:
        chart: FlowPart | ProjectChart
        if name in FLOW_CHARTS:
            chart = FlowPart(name, Look(palette, table, ZoneInfo(argument("zone", "UTC"))))
        else:
            chart = ProjectChart(palette, table, legend_columns=_CELL_LEGEND_COLUMNS)
        Opening(documents, project, chart.draw, chart.say).start()
        return chart.view

    return [chart_of(*asked.partition(",")) for asked in arguments("chart")]


def warm() -> None:
    """Open the page once with sample content, for what a process only pays the first time."""
    document = Document()
    fill(document, lambda sample: _project_roots(sample, "launch", True), SampleDocuments())
    document.to_json()
    document.clear()


def fill(document: Document, roots: Roots, documents: OpensProjects | None = None) -> None:
    """Put roots into the document of a session; `documents` of this process by default."""
    # A session that no page was loaded for gets its style sheets from Panel's CDN otherwise.
    document.template_variables["dist_url"] = _FILES
    with set_curdoc(document):
        for root in roots(documents or page_documents(may_edit(), person())):
            root.server_doc(document, location=False)
    # The page heals by a new session; Bokeh's own way back fails after a restart.
    document.config.update(
        reconnect_session=False, notify_connection_status=False, notifications=None
    )


def session_of(roots: Roots) -> Application:
    """Give the application whose sessions have these roots."""
    return Application(FunctionHandler(lambda document: fill(document, roots)))
