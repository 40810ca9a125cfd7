"""The pages that a page worker serves, by address."""

from collections.abc import Mapping

from panel.io.application import Application

from moim.pages.embedded import project_session


def pages() -> Mapping[str, Application]:
    """Make the application of every address."""
    return {"/panel/project": project_session()}
