"""The session that a page of `moim serve` embeds: one root for each of its regions, in order.

The order is that of NATIVE_REGIONS in `frontend/core/panel_session.ts`, the bridge last.
"""

from bokeh.application.handlers.function import FunctionHandler
from bokeh.document import Document
from panel.io.application import Application
from panel.io.state import set_curdoc
from panel.viewable import Viewable

from moim.page_documents import OpensProjects, SampleDocuments, page_documents
from moim.pages.project import ProjectPage, argument, language_argument, theme_argument
from moim.views.bridge import Bridge

_FILES = "/static/extensions/panel/"


def embedded_roots(documents: OpensProjects) -> list[Viewable]:
    """Give the roots of the session that is being made."""
    bridge = Bridge(project=argument("project", "launch"))
    page = ProjectPage(documents, bridge.project, theme_argument(), language_argument(), bridge)
    return [page.filters.view, page.insight, page.settings, bridge]


def warm() -> None:
    """Open the page once with sample content, for what a process only pays the first time."""
    document = Document()
    fill(document, SampleDocuments())
    document.to_json()
    document.clear()


def fill(document: Document, documents: OpensProjects | None = None) -> None:
    """Put the page into the document of a session; `documents` of this process by default."""
    # A session that no page was loaded for gets its style sheets from Panel's CDN otherwise.
    document.template_variables["dist_url"] = _FILES
    with set_curdoc(document):
        for root in embedded_roots(documents or page_documents()):
            root.server_doc(document, location=False)
    # The page heals by a new session; Bokeh's own way back fails after a restart.
    document.config.update(
        reconnect_session=False, notify_connection_status=False, notifications=None
    )


def project_session() -> Application:
    """Give the application of `/panel/project`."""
    return Application(FunctionHandler(fill))
