"""moim: a self-hosted, local-first team dashboard."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from moim.binding import bind
    from moim.views.board import Board
    from moim.views.calendar import Calendar
    from moim.workspace import connect

_PUBLIC = {
    "Board": "moim.views.board",
    "Calendar": "moim.views.calendar",
    "bind": "moim.binding",
    "connect": "moim.workspace",
}
"""Public names and where they are: found when first used, so that `import moim` loads no Panel."""

__all__ = ["Board", "Calendar", "bind", "connect"]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'moim' has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_PUBLIC])
