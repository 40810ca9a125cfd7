"""How native widgets reach the board that the page itself has mounted."""

import param

from moim.views.component import Component


class Bridge(Component):
    """Draws nothing; its params are those of the board beside it, both ways.

    In a page of `moim serve` the board stands before any Panel session does. The bridge is a part
    of the session whose params the page keeps equal to the board's: a filter typed into a Panel
    widget filters the board, a card selected on the board is known to Python.
    """

    project = param.String(default="", doc="Id of the project that the page shows")
    filter = param.String(default="", doc="The board's filter")
    selection = param.String(default=None, allow_None=True, doc="Id of the selected card")
    theme = param.Selector(  # type: ignore[var-annotated]
        default="light", objects=["light", "dark"], doc="The page's theme"
    )
    language = param.Selector(  # type: ignore[var-annotated]
        default="en", objects=["en", "ko"], doc="The page's language"
    )
