"""The charts of flow that look ahead: who has what to do, and when it will be done."""

from datetime import timedelta

import numpy as np
from bokeh.models import BasicTicker, FactorRange

from moim.insights.flow.days import day_of
from moim.insights.flow.measures import (
    PERCENTILES,
    forecast,
    open_cards,
    speaks_in_points,
    throughput_a_day,
    workload,
)
from moim.insights.flow_chart import (
    DAY_MS,
    HEIGHT_PX,
    FlowChart,
    Moment,
    amount,
    on_axis,
    put,
    since_words,
    span,
)

_SEED = 20
"""The same history has the same forecast, in every window."""
_BAR_PX = 18
_MOST_PEOPLE = 20


class WorkloadChart(FlowChart):
    """The open cards of each person: what waits and what is under way."""

    title = "workload"
    by_day = False

    def _y_range(self) -> FactorRange:
        self._people = FactorRange()
        return self._people

    def _draw(self) -> None:
        self._rows = self.source("person", "left", "right", "count", "unit", "label", "colour")
        bars = self.figure.hbar(
            y="person",
            left="left",
            right="right",
            height=0.62,
            fill_color="colour",
            line_color=self.look.palette.surface,
            source=self._rows,
        )
        self.hover(bars, "@person", "@label: @count @unit")
        self.legend((bars, {"field": "label"}))
        self.figure.xaxis.ticker = BasicTicker(min_interval=1)
        self.figure.xgrid.grid_line_color = self.look.palette.line
        self.figure.ygrid.grid_line_color = None

    def show(self, moment: Moment) -> str:
        """Show what is so now; give it in a sentence."""
        look = self.look
        points = speaks_in_points(moment.history)
        loads = workload(moment.history, points=points)[:_MOST_PEOPLE]
        unit = look.say("points" if points else "cards")
        names = [self._name(load.person, moment) for load in loads]
        rows = [
            (name, left, left + count, amount(count), unit, look.say(word), look.hue(hue))
            for name, load in zip(names, loads, strict=True)
            for left, count, word, hue in (
                (0.0, load.started, "started", "blue"),
                (load.started, load.waiting, "waiting", "nobody"),
            )
            if count
        ]
        factors = list(dict.fromkeys(reversed(names)))
        if list(self._people.factors) != factors:
            self._people.factors = factors
            self.figure.height = max(HEIGHT_PX, 70 + _BAR_PX * len(factors))
        columns = zip(*rows, strict=True) if rows else [()] * 7
        put(self._rows, **dict(zip(self._rows.data, columns, strict=True)))
        highest = max((load.started + load.waiting for load in loads), default=1)
        span(self.figure.x_range, 0, max(1.0, highest) * 1.05)
        if not loads:
            return look.say("nothingOpen")
        told = (
            f"{name} {amount(load.started + load.waiting)}"
            for name, load in zip(names, loads, strict=True)
        )
        return look.say("workloadSummary", unit=unit, loads=", ".join(told))

    def _name(self, person: str | None, moment: Moment) -> str:
        if person is None:
            return self.look.words["chart.nobody"]
        return moment.names.get(person, person)


class ForecastChart(FlowChart):
    """When what is open will be done, by days drawn from the past."""

    title = "forecast"

    def _draw(self) -> None:
        self._rows = self.source("day", "left", "right", "share")
        self._lines = self.source("at", "label", "edge")
        bars = self.figure.quad(
            left="left",
            right="right",
            bottom=0,
            top="share",
            fill_color=self.look.hue("teal"),
            line_color=None,
            source=self._rows,
        )
        self.hover(bars, f"@day{{{self.look.say('day')}}}: @share{{0.0}} %")
        self.percentile_lines(self._lines, "width")

    def show(self, moment: Moment) -> str:
        """Show what is so now; give it in a sentence."""
        look, history = self.look, moment.history
        remaining = open_cards(history)
        past = throughput_a_day(history, moment.now_ms, look.zone)
        found = forecast(remaining, past.counts, np.random.default_rng(_SEED))
        today = day_of(moment.now_ms, look.zone)
        took, runs = np.unique(found.days[found.days > 0], return_counts=True)
        (zero,) = on_axis([today])
        left = zero + took * DAY_MS
        share = 100 * runs / max(1, len(found.days))
        put(self._rows, day=left, left=left, right=left + DAY_MS, share=share)
        within = {percent: found.within(percent) for percent in PERCENTILES}
        known = {percent: days for percent, days in within.items() if days is not None}
        days = {
            percent: (today + timedelta(need)).strftime(look.say("day"))
            for percent, need in known.items()
        }
        top = share.max(initial=1.0) * 1.15
        # The line of a percentage is where its day ends.
        put(
            self._lines,
            at=[zero + (need + 1) * DAY_MS for need in known.values()],
            label=[f"{percent} %" for percent in known],
            edge=[top * (0.99 - 0.09 * at) for at in range(len(known))],
        )
        span(self.figure.y_range, 0, top)
        span(self.figure.x_range, zero, max(zero + 14 * DAY_MS, left.max(initial=0) + 3 * DAY_MS))
        if remaining == 0:
            return look.say("nothingOpen")
        if set(days) != set(PERCENTILES):
            return look.say("noForecast", n=remaining) + since_words(moment, look)
        said = look.say("forecastSummary", n=remaining, half=days[50], most=days[85], all=days[95])
        return said + since_words(moment, look)
