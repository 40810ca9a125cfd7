"""How many cards each column holds, and whose they are: one stacked bar a column."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bokeh.models import (
    BasicTicker,
    ColumnDataSource,
    FactorRange,
    HoverTool,
    Range1d,
)
from bokeh.models.annotations import Legend, LegendItem, Title
from bokeh.plotting import figure

from moim.colours import Palette
from moim_data.documents.project import ProjectDocument
from moim_data.documents.workspace import WorkspaceDocument

_BAR_PX = 30
_LEGEND_ROW_PX = 20
_FRAME_PX = 34


@dataclass(frozen=True, slots=True)
class Bar:
    """A piece of a column's bar: the cards that one person (None: nobody) has there."""

    column: str
    person: str | None
    left: int
    right: int


def bars(columns: Iterable[str], cards: Iterable[Mapping[str, Any]]) -> list[Bar]:
    """Stack the cards of each column by person, the busiest first, nobody last.

    A card of two people counts for both. `cards` are records with `place` and `members`.
    """
    counts: dict[str, Counter[str | None]] = {column: Counter() for column in columns}
    for card in cards:
        count = counts.get(str(card.get("place", "")).partition("|")[0])
        if count is not None:
            count.update(card["members"] or [None])
    return [bar for column, count in counts.items() for bar in _stack(column, count)]


def _stack(column: str, counts: Counter[str | None]) -> list[Bar]:
    stacked, left = [], 0
    for person in sorted(counts, key=lambda one: (one is None, -counts[one], one or "")):
        stacked.append(Bar(column, person, left, left + counts[person]))
        left += counts[person]
    return stacked


class CardsChart:
    """The figure; `refresh` reads the documents again and changes what differs."""

    def __init__(
        self,
        project: ProjectDocument,
        workspace: WorkspaceDocument,
        palette: Palette,
        words: Mapping[str, str],
        legend_columns: int = 2,
    ) -> None:
        self._legend_columns = legend_columns
        self._project = project
        self._workspace = workspace
        self._palette = palette
        self._words = words
        self._source = ColumnDataSource(_columns([]))
        self._names = FactorRange()
        self._counts = Range1d(start=0, end=1)
        self.figure = self._figure()
        self.refresh()

    def refresh(self) -> None:
        """Show what the documents hold now."""
        columns = {one["id"]: one["name"] for one in self._project.columns.records()}
        found = bars(columns, self._project.cards.records())
        names = _distinct(columns)
        factors = [names[column] for column in reversed(columns)]
        if list(self._names.factors) != factors:
            self._names.factors = factors
        self._counts.end = max([bar.right for bar in found], default=0) + 1
        people = len({bar.person for bar in found})
        height = self._height_px(len(factors), people)
        if self.figure.height != height:
            self.figure.height = height
        data = _columns([self._row(bar, names) for bar in found])
        if data != self._source.data:
            self._source.data = data

    def _row(self, bar: Bar, names: Mapping[str, str]) -> dict[str, Any]:
        name, colour = self._words["chart.nobody"], self._palette.nobody
        if bar.person is not None:
            name = bar.person
            if bar.person in self._workspace.members:
                member = self._workspace.members[bar.person]
                name, colour = member.name, self._palette.marks.get(member.colour or "", colour)
        return {
            "column": names[bar.column],
            "person": name,
            "left": bar.left,
            "right": bar.right,
            "count": bar.right - bar.left,
            "colour": colour,
        }

    def _figure(self) -> figure:
        made = figure(
            title=self._title(),
            y_range=self._names,
            x_range=self._counts,
            height=self._height_px(1, 1),
            sizing_mode="stretch_width",
            toolbar_location=None,
            tools="",
            background_fill_alpha=0,
            border_fill_alpha=0,
            outline_line_color=None,
        )
        renderer = made.hbar(
            y="column",
            left="left",
            right="right",
            height=0.62,
            fill_color="colour",
            line_color=self._palette.surface,
            source=self._source,
        )
        made.add_tools(HoverTool(tooltips="@column<br>@person: @count", renderers=[renderer]))
        made.add_layout(self._legend(renderer), "below")
        self._dress(made)
        return made

    def _height_px(self, columns: int, people: int) -> int:
        rows = -(-people // self._legend_columns)
        return _FRAME_PX + max(columns, 1) * _BAR_PX + rows * _LEGEND_ROW_PX + 20

    def _title(self) -> Title:
        return Title(
            text=self._words["chart.title"],
            text_color=self._palette.text,
            text_font_size="12px",
            text_font_style="normal",
        )

    def _legend(self, renderer: Any) -> Legend:
        return Legend(
            items=[LegendItem(label={"field": "person"}, renderers=[renderer])],
            ncols=self._legend_columns,
            label_text_color=self._palette.text,
            label_text_font_size="12px",
            glyph_width=12,
            glyph_height=12,
            spacing=2,
            margin=4,
            background_fill_alpha=0,
            border_line_color=None,
        )

    def _dress(self, made: figure) -> None:
        palette = self._palette
        made.xaxis.ticker = BasicTicker(min_interval=1)
        made.ygrid.grid_line_color = None
        made.xgrid.grid_line_color = palette.line
        for axis in (made.xaxis[0], made.yaxis[0]):
            axis.axis_line_color = None
            axis.major_tick_line_color = None
            axis.minor_tick_line_color = None
            axis.major_label_text_color = palette.text
            axis.major_label_text_font_size = "12px"


def _columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    names = ("column", "person", "left", "right", "count", "colour")
    return {name: [row[name] for row in rows] for name in names}


def _distinct(names: Mapping[str, str]) -> dict[str, str]:
    """Number columns of the same name: an axis shows each name once."""
    seen: Counter[str] = Counter()
    distinct = {}
    for key, name in names.items():
        seen[name] += 1
        distinct[key] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    return distinct
