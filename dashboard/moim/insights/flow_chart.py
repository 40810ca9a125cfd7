"""What all charts of flow have in common: a figure that is drawn once, and rows that change."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from bokeh.models import (
    ColumnDataSource,
    DatetimeTickFormatter,
    HoverTool,
    Range1d,
)
from bokeh.models.annotations import Legend, LegendItem, Title
from bokeh.plotting import figure

from moim.colours import Palette
from moim.insights.flow.days import day_of
from moim.insights.flow.history import DONE, WAITING, History, stages
from moim.insights.flow.measures import percentiles

DAY_MS = 86_400_000
HEIGHT_PX = 250
_FONT = "12px"
_WAITING_HUES = ("nobody", "yellow", "orange", "pink")
_STARTED_HUES = ("blue", "violet", "teal", "pink", "orange")
_DONE_HUES = ("green", "teal")


@dataclass(frozen=True, slots=True)
class Look:
    """How a session's charts look and speak, and whose days they show."""

    palette: Palette
    words: Mapping[str, str]
    zone: ZoneInfo

    def say(self, key: str, **values: object) -> str:
        """Give a sentence of the string table."""
        return self.words[f"flow.{key}"].format(**values)

    def hue(self, name: str) -> str:
        """Give a colour of the palette."""
        return self.palette.marks.get(name, self.palette.nobody)

    def column_names(self, history: History) -> list[str]:
        """Name the columns, and what lies in columns that are gone."""
        return [*(column.name for column in history.columns), self.say("otherColumn")]

    def column_colours(self, history: History) -> list[str]:
        """Colour the columns by what they mean, the last for those that are gone."""
        hues = {WAITING: _WAITING_HUES, DONE: _DONE_HUES}
        used: dict[int, int] = {}
        found = []
        for stage in stages(history.columns):
            names = hues.get(stage, _STARTED_HUES)
            found.append(self.hue(names[used.get(stage, 0) % len(names)]))
            used[stage] = used.get(stage, 0) + 1
        return [*found, self.hue("red")]


@dataclass(frozen=True, slots=True)
class Moment:
    """What a chart shows: the history, as of now, and what people are called."""

    history: History
    now_ms: int
    names: Mapping[str, str]


class FlowChart(ABC):
    """One chart; `show` brings it up to date and gives it in a sentence."""

    title: str
    """Its name in the string table, after `flow.`."""
    by_day = True
    """Whether x is a day."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self.figure = self._figure()
        self._draw()

    @abstractmethod
    def _draw(self) -> None:
        """Put glyphs into the figure, once."""

    @abstractmethod
    def show(self, moment: Moment) -> str:
        """Show what is so now; give a summary in plain words."""

    def source(self, *names: str) -> ColumnDataSource:
        """Make a source without rows."""
        return ColumnDataSource({name: [] for name in names})

    def hover(self, renderer: Any, *lines: str) -> None:
        """Tell something of the mark under the pointer; `@name` stands for what its row has."""
        self.figure.add_tools(
            HoverTool(
                tooltips="<br>".join(lines),
                renderers=[renderer],
                formatters={"@day": "datetime"},
                point_policy="follow_mouse",
            )
        )

    def legend(self, *named: tuple[Any, Any]) -> None:
        """Name the colours below the figure: of each renderer a word, or `{"field": name}`."""
        self.figure.add_layout(
            Legend(
                items=[LegendItem(label=label, renderers=[one]) for one, label in named],
                ncols=4,
                label_text_color=self.look.palette.text,
                label_text_font_size=_FONT,
                glyph_width=12,
                glyph_height=12,
                spacing=2,
                margin=4,
                background_fill_alpha=0,
                border_line_color=None,
            ),
            "below",
        )

    def percentile_lines(self, source: ColumnDataSource, across: str) -> None:
        """Draw a line, and its name, at each row's `at`; `across` is `height` or `width`."""
        style: dict[str, Any] = {
            "line_color": self.look.palette.text,
            "line_dash": "dashed",
            "line_width": 1,
        }
        words: dict[str, Any] = {
            "text": "label",
            "text_font_size": "11px",
            "text_color": self.look.palette.text,
            "source": source,
        }
        if across == "height":
            self.figure.hspan(y="at", source=source, **style)
            self.figure.text(x="edge", y="at", y_offset=-2, **words)
        else:
            self.figure.vspan(x="at", source=source, **style)
            self.figure.text(x="at", y="edge", x_offset=3, text_baseline="top", **words)

    def _figure(self) -> figure:
        look = self.look
        made = figure(
            title=Title(
                text=look.say(self.title),
                text_color=look.palette.text,
                text_font_size=_FONT,
                text_font_style="normal",
            ),
            x_axis_type="datetime" if self.by_day else "auto",
            y_range=self._y_range(),
            x_range=self._x_range(),
            height=HEIGHT_PX,
            sizing_mode="stretch_width",
            toolbar_location=None,
            tools="",
            background_fill_alpha=0,
            border_fill_alpha=0,
            outline_line_color=None,
        )
        self._dress(made)
        return made

    def _y_range(self) -> Any:
        return Range1d(start=0, end=1)

    def _x_range(self) -> Any:
        return Range1d(start=0, end=1)

    def _dress(self, made: figure) -> None:
        palette = self.look.palette
        made.ygrid.grid_line_color = palette.line
        made.xgrid.grid_line_color = None
        for axis in (made.xaxis[0], made.yaxis[0]):
            axis.axis_line_color = None
            axis.major_tick_line_color = None
            axis.minor_tick_line_color = None
            axis.major_label_text_color = palette.text
            axis.major_label_text_font_size = _FONT
        if self.by_day:
            day = self.look.say("day")
            made.xaxis[0].formatter = DatetimeTickFormatter(
                hours=day, days=day, months=day, years=day
            )


def put(source: ColumnDataSource, **columns: Any) -> None:
    """Change a source's rows, when they differ."""
    data = {name: list(values) for name, values in columns.items()}
    if data != source.data:
        source.data = data


def span(axis: Any, start: float, end: float) -> None:
    """Set what an axis shows, when it differs."""
    if (axis.start, axis.end) != (start, end):
        axis.update(start=start, end=end)


def on_axis(days: Sequence[date]) -> list[float]:
    """Give where days lie on an axis of days, which has no zone."""
    return [datetime.combine(day, time(), UTC).timestamp() * 1000 for day in days]


def day_on_axis(at_ms: int, zone: ZoneInfo) -> float:
    """Give where a moment lies on an axis of days: within its day, by its hour."""
    local = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone).replace(tzinfo=UTC)
    return local.timestamp() * 1000


def show_percentiles(
    source: ColumnDataSource, look: Look, values: Any, edge: float
) -> dict[int, float]:
    """Put the percentiles of durations into a source for `percentile_lines`; give them."""
    found = percentiles(values)
    labels = [
        look.say("percentileLine", percent=percent, days=amount(value))
        for percent, value in found.items()
    ]
    put(source, at=found.values(), label=labels, edge=[edge] * len(found))
    return found


def amount(value: float) -> str:
    """Write a number with a digit after the point, where it has one."""
    return f"{value:.1f}".removesuffix(".0")


def since_words(moment: Moment, look: Look) -> str:
    """Say from when on anything is known, where that is not from the beginning."""
    known_from_ms = moment.history.known_from_ms
    if known_from_ms is None:
        return ""
    day = day_of(known_from_ms, look.zone)
    return " " + look.say("since", day=day.strftime(look.say("day")))
