"""The charts of flow that look back: how much, how long, how fast."""

from datetime import date

import numpy as np
from bokeh.models import BasicTicker

from moim.insights.flow.history import STARTED, stages
from moim.insights.flow.measures import (
    Burn,
    ageing,
    burn,
    cumulative,
    finished,
    speaks_in_points,
    throughput_a_week,
)
from moim.insights.flow_chart import (
    DAY_MS,
    FlowChart,
    Moment,
    amount,
    day_on_axis,
    on_axis,
    put,
    show_percentiles,
    since_words,
    span,
)

MARGIN = 1.08
"""How much higher than its highest mark a chart is."""


class CumulativeChart(FlowChart):
    """How many cards lie in each column, day by day, stacked."""

    title = "cumulative"

    def _draw(self) -> None:
        self._rows = self.source(
            "day", "left", "right", "bottom", "top", "label", "colour", "count"
        )
        bars = self.figure.quad(
            left="left",
            right="right",
            bottom="bottom",
            top="top",
            fill_color="colour",
            line_color="colour",  # no seams between days
            source=self._rows,
        )
        self.hover(bars, "@label: @count", f"@day{{{self.look.say('day')}}}")
        self.legend((bars, {"field": "label"}))
        self.figure.yaxis.ticker = BasicTicker(min_interval=1)

    def show(self, moment: Moment) -> str:
        """Show what is so now; give it in a sentence."""
        look, history = self.look, moment.history
        found = cumulative(history, moment.now_ms, look.zone)
        # What is done lies at the bottom, as it only grows.
        amounts = found.amounts[::-1]
        names, colours = look.column_names(history)[::-1], look.column_colours(history)[::-1]
        tops = amounts.cumsum(axis=0)
        row, day = np.nonzero(amounts)
        left = np.array(on_axis(found.days))[day]
        put(
            self._rows,
            day=left,
            left=left,
            right=left + DAY_MS,
            bottom=(tops - amounts)[row, day],
            top=tops[row, day],
            label=[names[at] for at in row],
            colour=[colours[at] for at in row],
            count=amounts[row, day].astype(int),
        )
        _days(self, found.days)
        span(self.figure.y_range, 0, max(1, tops.max(initial=0)) * MARGIN)
        if not found.days:
            return look.say("nothing")
        now = [f"{name} {int(count)}" for name, count in zip(names, amounts[:, -1], strict=True)]
        said = [one for one, count in zip(now, amounts[:, -1], strict=True) if count]
        counted = ", ".join(reversed(said)) or "0"
        return look.say("cumulativeSummary", counts=counted) + since_words(moment, look)


class _BurnChart(FlowChart):
    """Lines of amounts, day by day."""

    lines: tuple[tuple[str, str], ...]
    """Of each line its column and hue."""

    def _draw(self) -> None:
        names = [name for name, _ in self.lines]
        self._rows = self.source("day", "unit", *names)
        items = []
        for name, hue in self.lines:
            colour = self.look.hue(hue)
            self.figure.step(
                x="day", y=name, mode="after", line_width=2, line_color=colour, source=self._rows
            )
            marks = self.figure.scatter(x="day", y=name, size=5, color=colour, source=self._rows)
            self.hover(
                marks, f"{self.look.say(name)}: @{name} @unit", f"@day{{{self.look.say('day')}}}"
            )
            items.append((marks, self.look.say(name)))
        if len(items) > 1:
            self.legend(*items)

    def _found(self, moment: Moment) -> tuple[Burn, str]:
        points = speaks_in_points(moment.history)
        found = burn(moment.history, moment.now_ms, self.look.zone, points=points)
        unit = self.look.say("points" if points else "cards")
        columns = {name: getattr(found, name) for name, _ in self.lines}
        put(self._rows, day=on_axis(found.days), unit=[unit] * len(found.days), **columns)
        _days(self, found.days)
        highest = max((values.max(initial=0) for values in columns.values()), default=0)
        span(self.figure.y_range, 0, max(1, highest) * MARGIN)
        return found, unit


class BurndownChart(_BurnChart):
    """How much remains."""

    title = "burndown"
    lines = (("remaining", "blue"),)

    def show(self, moment: Moment) -> str:
        """Show what is so now; give it in a sentence."""
        found, unit = self._found(moment)
        if not found.days:
            return self.look.say("nothing")
        before = max(0, len(found.days) - 8)
        day = found.days[before].strftime(self.look.say("day"))
        said = self.look.say(
            "burndownSummary",
            now=amount(found.remaining[-1]),
            day=day,
            before=amount(found.remaining[before]),
            unit=unit,
        )
        return said + since_words(moment, self.look)


class BurnupChart(_BurnChart):
    """How much is done, of how much there is."""

    title = "burnup"
    lines = (("scope", "violet"), ("done", "green"))

    def show(self, moment: Moment) -> str:
        """Show what is so now; give it in a sentence."""
        found, unit = self._found(moment)
        if not found.days:
            return self.look.say("nothing")
        done, scope = amount(found.done[-1]), amount(found.scope[-1])
        said = self.look.say("burnupSummary", done=done, scope=scope, unit=unit)
        return said + since_words(moment, self.look)


class CycleChart(FlowChart):
    """How long each finished card took, by the day it was done."""

    title = "cycle"

    def _draw(self) -> None:
        self._rows = self.source("day", "took", "title")
        self._lines = self.source("at", "label", "edge")
        marks = self.figure.scatter(
            x="day", y="took", size=8, color=self.look.hue("blue"), alpha=0.75, source=self._rows
        )
        self.hover(
            marks,
            "@title",
            f"@took{{0.0}} {self.look.say('days')}, @day{{{self.look.say('day')}}}",
        )
        self.percentile_lines(self._lines, "height")

    def show(self, moment: Moment) -> str:
        """Show what is so now; give it in a sentence."""
        look, found = self.look, finished(moment.history)
        took = found.cycle_days
        done_ms = found.done_ms[found.start_known]
        card = found.card[found.start_known]
        at = [day_on_axis(int(each), look.zone) for each in done_ms]
        put(self._rows, day=at, took=took, title=[moment.history.titles[one] for one in card])
        first = min(at, default=day_on_axis(moment.now_ms, look.zone)) - DAY_MS
        lines = show_percentiles(self._lines, look, took, first)
        span(self.figure.x_range, first, day_on_axis(moment.now_ms, look.zone) + DAY_MS)
        span(self.figure.y_range, 0, max(1.0, took.max(initial=0)) * MARGIN)
        if not lines:
            return look.say("nothingDone") + since_words(moment, look)
        said = look.say("cycleSummary", n=len(took), half=amount(lines[50]), most=amount(lines[85]))
        left_out = len(found.card) - len(took)
        if left_out:
            said += " " + look.say("leftOut", n=left_out)
        return said + since_words(moment, look)


class ThroughputChart(FlowChart):
    """How many cards were done in each week."""

    title = "throughput"

    def _draw(self) -> None:
        self._rows = self.source("day", "left", "right", "count")
        bars = self.figure.quad(
            left="left",
            right="right",
            bottom=0,
            top="count",
            fill_color=self.look.hue("green"),
            line_color=self.look.palette.surface,
            source=self._rows,
        )
        self.hover(bars, f"{self.look.say('weekOf')} @day{{{self.look.say('day')}}}: @count")
        self.figure.yaxis.ticker = BasicTicker(min_interval=1)

    def show(self, moment: Moment) -> str:
        """Show what is so now; give it in a sentence."""
        look = self.look
        found = throughput_a_week(moment.history, moment.now_ms, look.zone)
        left = np.array(on_axis(found.begins))
        put(
            self._rows,
            day=left,
            left=left + DAY_MS / 2,
            right=left + 6.5 * DAY_MS,
            count=found.counts,
        )
        if len(left):
            span(self.figure.x_range, left[0], left[-1] + 7 * DAY_MS)
        span(self.figure.y_range, 0, max(1, found.counts.max(initial=0)) * MARGIN)
        if not len(left):
            return look.say("nothing")
        over = found.counts[:-1][-4:]
        mean = amount(float(over.mean())) if len(over) else "–"
        said = look.say("throughputSummary", n=int(found.counts[-1]), mean=mean, weeks=len(over))
        return said + since_words(moment, look)


class AgeingChart(FlowChart):
    """What is under way, and for how long, beside how long cards took before."""

    title = "ageing"
    by_day = False

    def _draw(self) -> None:
        self._rows = self.source("x", "age", "title", "column", "more")
        self._lines = self.source("at", "label", "edge")
        marks = self.figure.scatter(
            x="x", y="age", size=9, color=self.look.hue("violet"), alpha=0.8, source=self._rows
        )
        self.hover(marks, "@title", f"@more@age{{0.0}} {self.look.say('days')}, @column")
        self.percentile_lines(self._lines, "height")
        self.figure.xgrid.grid_line_color = self.look.palette.line

    def show(self, moment: Moment) -> str:
        """Show what is so now; give it in a sentence."""
        look, history = self.look, moment.history
        found = ageing(history, moment.now_ms)
        names = look.column_names(history)
        shown = [at for at, stage in enumerate(stages(history.columns)) if stage == STARTED]
        if (found.column == len(history.columns)).any():
            shown.append(len(history.columns))
        self._name_columns([names[at] for at in shown])
        places = {at: place for place, at in enumerate(shown)}
        put(
            self._rows,
            x=_side_by_side([places[at] for at in found.column]),
            age=found.age_days,
            title=[history.titles[card] for card in found.card],
            column=[names[at] for at in found.column],
            more=["≥ " if at_least else "" for at_least in found.at_least],
        )
        span(self.figure.x_range, -0.5, max(1, len(shown)) - 0.5)
        took = finished(history).cycle_days
        lines = show_percentiles(self._lines, look, took, -0.5)
        highest = max(found.age_days.max(initial=1.0), *lines.values(), 1.0)
        span(self.figure.y_range, 0, highest * MARGIN)
        return self._words(moment, lines)

    def _words(self, moment: Moment, lines: dict[int, float]) -> str:
        look, found = self.look, ageing(moment.history, moment.now_ms)
        if not len(found.card):
            return look.say("nothingStarted") + since_words(moment, look)
        oldest = int(found.age_days.argmax())
        said = look.say(
            "ageingSummary",
            n=len(found.card),
            title=moment.history.titles[found.card[oldest]],
            days=amount(float(found.age_days[oldest])),
        )
        if lines:
            late = int((found.age_days > lines[85]).sum())
            said += " " + look.say("ageingLate", n=late, days=amount(lines[85]))
        return said + since_words(moment, look)

    def _name_columns(self, names: list[str]) -> None:
        axis = self.figure.xaxis[0]
        labels = dict(enumerate(names))
        if axis.major_label_overrides != labels:
            axis.update(ticker=list(labels), major_label_overrides=labels)


def _side_by_side(places: list[int]) -> list[float]:
    """Spread the marks of one column a little, so that equal ones do not hide each other."""
    seen: dict[int, int] = {}
    found = []
    for place in places:
        number = seen.get(place, 0)
        seen[place] = number + 1
        found.append(place + (number % 7 - 3) * 0.1)
    return found


def _days(chart: FlowChart, days: list[date]) -> None:
    if days:
        first, last = on_axis([days[0], days[-1]])
        span(chart.figure.x_range, first, last + DAY_MS)
