"""A chart of how work flows, as a part of a session: live, with its summary in words."""

import time
from collections.abc import Callable, Mapping
from html import escape
from typing import Any, Final

import panel as pn

from moim.binding import Follower, follower
from moim.insights.flow.history import column_list
from moim.insights.flow_ahead import ForecastChart, WorkloadChart
from moim.insights.flow_chart import FlowChart, Look, Moment
from moim.insights.flow_charts import (
    AgeingChart,
    BurndownChart,
    BurnupChart,
    CumulativeChart,
    CycleChart,
    ThroughputChart,
)
from moim.page_documents import OpenProject
from moim.pages.style import NOTE

FLOW_CHARTS: Final[Mapping[str, type[FlowChart]]] = {
    "cumulative": CumulativeChart,
    "burndown": BurndownChart,
    "burnup": BurnupChart,
    "cycle": CycleChart,
    "throughput": ThroughputChart,
    "ageing": AgeingChart,
    "workload": WorkloadChart,
    "forecast": ForecastChart,
}
"""By their names in the page's schema."""

_TIME_GOES_ON_MS = 10 * 60_000


class FlowPart:
    """One chart; `draw` it, or `say` a word in its place.

    Args:
        clock_ms: since 1970, UTC.
    """

    def __init__(
        self,
        name: str,
        look: Look,
        clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._look = look
        self._clock_ms = clock_ms
        self._follower: Follower = follower()
        self._chart = FLOW_CHARTS[name](look)
        self._summary = pn.pane.HTML("", margin=(0, 8), **NOTE)
        self._drawn: list[Any] = [
            pn.pane.Bokeh(self._chart.figure, sizing_mode="stretch_width"),
            self._summary,
        ]
        self.view = pn.Column(sizing_mode="stretch_width")

    def say(self, word: str) -> None:
        """Show a word of the string table."""
        self.view.objects = [pn.pane.Str(self._look.words[word], **NOTE)]

    def draw(self, opened: OpenProject) -> None:
        """Show the chart once the history was read, and follow it."""
        self.say("flow.loading")

        def refresh() -> None:
            self._refresh(opened)

        def refresh_later() -> None:
            refresh()
            self._follower.later(refresh_later, _TIME_GOES_ON_MS)

        for document in opened.documents:
            self._follower.follow(document, refresh)
        self._follower.at_end(opened.log.watch(lambda: self._follower.soon(refresh)))
        self._follower.later(refresh_later, _TIME_GOES_ON_MS)
        refresh()

    def _refresh(self, opened: OpenProject) -> None:
        if opened.id not in opened.workspace.projects:
            self.say("page.gone")
            return
        history = opened.log.history(column_list(opened.project.columns.records()))
        if history is None:
            return
        names = {one["id"]: one["name"] for one in opened.workspace.members.records()}
        told = self._chart.show(Moment(history, self._clock_ms(), names))
        shown = f"<p style='margin:0'>{escape(told)}</p>"
        if self._summary.object != shown:
            self._summary.object = shown
        if self.view.objects != self._drawn:
            self.view.objects = self._drawn
