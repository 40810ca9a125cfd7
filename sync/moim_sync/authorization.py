"""What somebody may do with a document, and the one question that every door asks about it.

The hub is given a function `authorize(identity, action, document) -> Decision` and asks it when a
document is opened, at each edit, and for all open connections when `Hub.recheck` is called and once
a second. It must be cheap and must not block; whoever knows the accounts keeps them in memory.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Final

from moim_data.store import DocumentId
from moim_sync.identity import Identity


class Role(StrEnum):
    """What a person is to a document, from nothing to everything; G1 of PROTOCOL.md."""

    NONE = "none"
    VIEWER = "viewer"
    EDITOR = "editor"
    OWNER = "owner"

    @property
    def rank(self) -> int:
        """Higher is more."""
        return _RANKS[self]

    def at_most(self, other: "Role") -> "Role":
        """Give the weaker of the two."""
        return min(self, other, key=lambda role: role.rank)


_RANKS: Final = {role: rank for rank, role in enumerate(Role)}


class Action(Enum):
    """What is asked for."""

    ENTER = auto()
    """To be here at all: for what belongs to no document."""
    READ = auto()
    """To see a document, and to be seen in it."""
    WRITE = auto()
    """To edit a document, or to make it."""
    MANAGE = auto()
    """To say who else may."""


_LEAST: Final = {
    Action.ENTER: Role.NONE,
    Action.READ: Role.VIEWER,
    Action.WRITE: Role.EDITOR,
    Action.MANAGE: Role.OWNER,
}


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer; `role` is the person's role, whatever was asked for."""

    allowed: bool
    role: Role


SpeaksFor = Callable[[Identity, str], Identity | None]
"""Gives the person of an id whose edits a connection may bring; None when it may not (G4)."""
Authorize = Callable[[Identity | None, Action, DocumentId | None], Decision]
"""Decides; the identity is None for somebody unknown, the document None for the whole."""

_BY_ROLE: Final = {
    role: {action: Decision(role.rank >= least.rank, role) for action, least in _LEAST.items()}
    for role in Role
}
REFUSED: Final = Decision(False, Role.NONE)


def decide(role: Role, action: Action) -> Decision:
    """Give what a role allows."""
    return _BY_ROLE[role][action]


def nobody(_: Identity, __: str) -> None:
    """Let everybody bring their own edits only."""


def everybody_edits(_: Identity | None, action: Action, __: DocumentId | None) -> Decision:
    """Let everybody in as an editor: `--auth none`, and programs that bring no accounts."""
    return decide(Role.EDITOR, action)
