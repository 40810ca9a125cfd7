"""The native parts of a project's page: filter, chart and settings, of ordinary Panel widgets.

Under `moim serve` they are embedded beside the board that the page has mounted itself, and reach it
over a bridge. Under `panel serve` the board is a component of the same page.
"""

from collections.abc import Mapping
from typing import Any

import panel as pn
from panel.viewable import Viewable

from moim.binding import Follower, bind, follower
from moim.colours import HUES, PALETTES
from moim.language import words
from moim.page_documents import OpenProject, OpensProjects
from moim.pages.chart import ProjectChart
from moim.pages.opening import Opening
from moim.pages.style import CHIPS, FIELD, NOTE, caption, heading
from moim.views.board import Board
from moim.views.bridge import Bridge


class Filters:
    """A text and two choices that together are the board's filter."""

    def __init__(self, target: Bridge | Board, table: Mapping[str, str]) -> None:
        self._target = target
        self._follower = follower()
        self._following = False
        self._text = pn.widgets.TextInput(
            label=table["filter.text"], placeholder=table["filter.textHint"], **FIELD
        )
        self._labels = pn.widgets.CheckButtonGroup(label=table["filter.labels"], **CHIPS)
        self._members = pn.widgets.CheckButtonGroup(label=table["filter.members"], **CHIPS)
        self._text.param.watch(self._narrow, "value_input")
        for choice in (self._labels, self._members):
            choice.param.watch(self._narrow, "value")
        target.param.watch(lambda _: self._follower.soon(self._follow), "filter")
        self.view = pn.Column(
            self._text,
            caption(table["filter.labels"]),
            self._labels,
            caption(table["filter.members"]),
            self._members,
            sizing_mode="stretch_width",
        )

    def refresh(self, opened: OpenProject) -> None:
        """Offer the labels and people of the documents; what is chosen stays as long as it is."""
        _offer(self._labels, opened.project.labels.records())
        _offer(self._members, opened.workspace.members.records())

    def _words(self) -> str:
        text = self._text.value_input or ""
        return " ".join([text, *self._labels.value, *self._members.value]).strip()

    def _narrow(self, _: Any) -> None:
        if self._following:
            return
        self._target.filter = self._words()

    def _follow(self) -> None:
        """Take what the board's own filter was set to, as by its `clear`."""
        words = self._target.filter
        if words == self._words():
            return
        self._following = True
        try:
            self._labels.value, self._members.value = [], []
            self._text.param.update(value=words, value_input=words)
        finally:
            self._following = False


def _offer(choice: pn.widgets.CheckButtonGroup, records: list[dict[str, Any]]) -> None:
    distinct = list(dict.fromkeys(str(one["name"]) for one in records))
    if choice.options != distinct:
        choice.value = [name for name in choice.value if name in distinct]
        choice.options = distinct


def settings_form(opened: OpenProject, table: Mapping[str, str]) -> Viewable:
    """Give the form of a project: each field is a register of a document."""
    note = pn.pane.Str("", visible=False, **NOTE)
    colours = {table[f"colour.{hue}"]: hue for hue in HUES}
    entry = opened.workspace.projects[opened.id]
    info = opened.project.info

    def field(widget: Any, record: Any, name: str) -> Any:
        def refuse(_: str) -> None:
            note.param.update(object=table[f"settings.refused.{name}"], visible=True)

        widget.param.watch(lambda _: note.param.update(visible=False), "value", precedence=0)
        return bind(widget, record, name, on_error=refuse)

    name = pn.widgets.TextInput(label=table["settings.name"], **FIELD)
    colour = pn.widgets.Select(label=table["settings.colour"], options=colours, **FIELD)
    description = pn.widgets.TextAreaInput(label=table["settings.description"], rows=3, **FIELD)
    prefix = pn.widgets.TextInput(label=table["settings.prefix"], **FIELD)
    return pn.Column(
        heading(table["settings.title"]),
        field(name, entry, "name"),
        field(colour, entry, "colour"),
        field(description, info, "description"),
        field(prefix, info, "prefix"),
        note,
        sizing_mode="stretch_width",
    )


class ProjectPage:
    """What one session shows of one project; it fills itself when the documents are here."""

    def __init__(
        self,
        documents: OpensProjects,
        project: str,
        theme: str,
        language: str,
        target: Any,
        *,
        may_edit: bool = True,
    ) -> None:
        self._may_edit = may_edit
        self._table = words(language)
        self._follower: Follower = follower()
        self.target = target
        self.filters = Filters(target, self._table)
        self.chart = ProjectChart(PALETTES[theme], self._table)
        self.insight = self.chart.view
        self.settings = pn.Column(sizing_mode="stretch_width")
        Opening(documents, project, self._fill, self.chart.say).start()

    def _fill(self, opened: OpenProject) -> None:
        self.chart.draw(opened)
        if self._may_edit:
            self.settings.objects = [settings_form(opened, self._table)]
        self.filters.refresh(opened)
        for document in opened.documents:
            self._follower.follow(document, lambda: self.filters.refresh(opened))
