"""The pages that a page worker serves, by address."""

from collections.abc import Mapping

from panel.io.application import Application

from moim.pages.embedded import page_roots, project_roots, session_of


def pages() -> Mapping[str, Application]:
    """Make the application of every address."""
    return {"/panel/project": session_of(project_roots), "/panel/page": session_of(page_roots)}
