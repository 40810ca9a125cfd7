"""A project's board in anybody's Panel app."""

from typing import Any

import param

from moim.views.component import Component
from moim_data.documents.card_filter import CardFilter


class Board(Component):
    """A live, editable board of one project, as everybody else sees it.

    `moim.Board("launch").servable()` is a whole app, under `panel serve` with
    `--plugins moim.plugin` or beside a running `moim serve`.

    Raises:
        InvalidValue: a term of `filter` has a value that says nothing, as `due:soon`.
    """

    project = param.String(default="", doc="Id of the project, as in /project/<id>")
    filter = param.String(
        default="", doc="Which cards are shown, as `@me due<7d label:bug`: docs/getting-around.md"
    )
    selection = param.String(default=None, allow_None=True, doc="Id of the selected card")
    readonly = param.Boolean(default=False, doc="True: nothing can be edited here")

    def __init__(self, project: str = "", **params: Any) -> None:
        params.setdefault("sizing_mode", "stretch_width")
        params.setdefault("min_height", 480)
        given = params.get("filter")
        if isinstance(given, str):  # of anything else, param says what it expects
            CardFilter.checked(given)
        super().__init__(project=project, **params)
