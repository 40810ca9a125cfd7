"""Calendars in anybody's Panel app."""

import datetime
from collections.abc import Sequence
from typing import Any

import param

from moim.views.component import Component

VIEWS = ("month", "week", "day", "list")
_DAY = r"^(\d{4}-\d{2}-\d{2})?$"


class Calendar(Component):
    """Live, editable calendars over each other, with the dated cards of projects.

    `moim.Calendar("team").servable()` is a whole app, as `moim.Board` is.
    """

    calendars = param.List(
        default=[],
        item_type=str,
        doc="Ids, as in /calendar/<id>; the first that is not hidden takes new events",
    )
    projects = param.List(
        default=[], item_type=str, doc="Ids of the projects whose dated cards are shown"
    )
    hidden = param.List(
        default=[], item_type=str, doc="Those switched off: `calendar/<id>`, `project/<id>`"
    )
    date = param.String(
        default="", regex=_DAY, doc="A day that the view holds, as 2026-03-02; empty: today"
    )
    view = param.Selector(  # type: ignore[var-annotated]
        default="week", objects=list(VIEWS), doc="How much is shown at once"
    )
    selection = param.String(
        default=None,
        allow_None=True,
        doc="What is selected: `calendar/<id>/<event>` or `project/<id>/<card>`",
    )
    readonly = param.Boolean(default=False, doc="True: nothing can be edited here")

    def __init__(
        self,
        calendars: str | Sequence[str] = (),
        projects: str | Sequence[str] = (),
        *,
        date: str | datetime.date = "",
        **params: Any,
    ) -> None:
        """Make it; a single calendar or project needs no list, and a date may be one."""
        params.setdefault("sizing_mode", "stretch_width")
        params.setdefault("min_height", 560)
        super().__init__(
            calendars=_ids(calendars),
            projects=_ids(projects),
            date=date.isoformat() if isinstance(date, datetime.date) else date,
            **params,
        )


def _ids(given: str | Sequence[str]) -> list[str]:
    return [given] if isinstance(given, str) else list(given)
