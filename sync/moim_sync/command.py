"""An edit that server code makes for somebody: no copy of the document, no update of their own.

Doors for programs that know no CRDT end here. The work is done in the room's own copy, in a flush,
between edits of others; it is checked, kept, numbered and told like theirs. `expected_seq` is what
the author had seen: if somebody has written since what the work writes, it is refused.

What was applied and taken back stays in the log, as something and its opposite, under a number of
its own: a CRDT takes nothing out. So that a refusal leaves the version where it was, work can say
beforehand what it sets (`Planned`).
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pycrdt import Doc

from moim_sync.errors import SyncError
from moim_sync.identity import Identity
from moim_sync.messages import Refusal

Work = Callable[["Doc[Any]"], Any]
"""Edits a document with the typed views of `moim_data`; what it returns is given back."""


@dataclass(frozen=True, slots=True)
class Planned:
    """Work that says beforehand which registers it sets: when it is stale it is not begun."""

    work: Work
    paths: "Callable[[Doc[Any]], Iterable[str]]"
    """Gives registers that it will set; those it leaves out are looked at when they are set."""

    def __call__(self, doc: "Doc[Any]") -> Any:
        """Do it."""
        return self.work(doc)


class CommandRefused(SyncError):
    """A command was not done, or taken back; nobody has seen anything of it.

    Args:
        code: `stale`: somebody wrote the same since; `schema`: a rule of the document is broken.
        paths: the registers it is about; with `stale`, what they are now in `got`.
    """

    def __init__(self, code: str, message: str, paths: tuple[Refusal, ...]) -> None:
        super().__init__(message)
        self.code = code
        self.paths = paths


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a command that is on disk."""

    seq: int
    """The version of the document that has it, or that it was done on when it changed nothing."""
    result: Any
    """What the work returned."""


@dataclass(slots=True, eq=False)
class Command:
    """Work that waits for a flush; `outcome` is done once it is on disk, or was not accepted."""

    who: Identity
    work: Work
    outcome: "asyncio.Future[Done]"
    expected_seq: int | None = None

    def fail(self, error: BaseException) -> None:
        """Tell that it was not done."""
        if not self.outcome.done():
            self.outcome.set_exception(error)

    def finish(self, done: Done) -> None:
        """Tell that it is on disk."""
        if not self.outcome.done():
            self.outcome.set_result(done)
