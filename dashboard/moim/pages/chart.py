"""A chart of one project, as a part of a session: live, or a word about why it is not there."""

from collections.abc import Mapping

import panel as pn

from moim.binding import Follower, follower
from moim.colours import Palette
from moim.insights.cards_chart import CardsChart
from moim.page_documents import OpenProject
from moim.pages.style import NOTE


class ProjectChart:
    """The chart of people and columns; `draw` it, or `say` a word in its place.

    `legend_columns`: how many names fit beside each other.
    """

    def __init__(self, palette: Palette, table: Mapping[str, str], legend_columns: int = 2) -> None:
        self._legend_columns = legend_columns
        self._palette = palette
        self._table = table
        self._follower: Follower = follower()
        self.view = pn.Column(sizing_mode="stretch_width")

    def say(self, word: str) -> None:
        """Show a word of the string table."""
        self.view.objects = [pn.pane.Str(self._table[word], **NOTE)]

    def draw(self, opened: OpenProject) -> None:
        """Show the chart, and what others do to it, for as long as the project is there."""
        documents = opened.project, opened.workspace
        chart = CardsChart(*documents, self._palette, self._table, self._legend_columns)
        drawn = [pn.pane.Bokeh(chart.figure, sizing_mode="stretch_width")]
        self.view.objects = drawn

        def refresh() -> None:
            if opened.id not in opened.workspace.projects:
                self.say("page.gone")
                return
            chart.refresh()
            if self.view.objects != drawn:  # somebody took the deletion back
                self.view.objects = drawn

        for document in opened.documents:
            self._follower.follow(document, refresh)
