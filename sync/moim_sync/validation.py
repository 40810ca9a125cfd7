"""Edits that break the schema are taken back before anybody sees them.

The bad edit is applied, looked at, and undone by its origin in the same tick; edit and
compensation are kept and broadcast as one, so no reader ever decodes the bad value, while later
edits of the same author, which may build on it, still land.
"""

from typing import Any, Final
from weakref import WeakKeyDictionary

from pycrdt import Doc, Map, UndoManager

from moim_data.documents.shape import shape_of
from moim_data.documents.touched import TouchedPaths
from moim_data.documents.validation import Problem, problems_at
from moim_sync.errors import SyncError

_KEPT_MANAGERS: Final[WeakKeyDictionary["Doc[Any]", UndoManager]] = WeakKeyDictionary()
"""An undo manager freed while its document is in a transaction leaves its listener behind, and the
next commit calls into freed memory (pycrdt 0.14.13). The garbage collector asks nobody when it
frees, so a manager lives as long as its document."""


class CannotUndo(SyncError):
    """A bad edit lies where undo does not reach; the copy must be made anew without it."""


class Guard:
    """Watches one document of a kind with a schema."""

    origin: Final = "edit"
    """The origin that edits are to be applied with."""

    def __init__(self, kind: str, doc: "Doc[Any]") -> None:
        shape = shape_of(kind)
        assert shape is not None, f"{kind} has no schema"
        self._kind = kind
        self._doc = doc
        self._touched = TouchedPaths(kind, doc)
        roots = [doc.get(name, type=Map) for name in shape.roots]
        self._undo = UndoManager(scopes=roots, capture_timeout_millis=0)
        self._undo.include_origin(self.origin)
        _KEPT_MANAGERS[doc] = self._undo

    def look(self) -> tuple[tuple[str, ...], list[Problem]]:
        """Give what was touched since the last look, and what of it breaks the schema."""
        touched = self._touched.take()
        # One transaction around all reads: each would open its own otherwise, at half the cost.
        with self._doc.transaction():
            return touched, problems_at(self._kind, self._doc, touched)

    def undo(self) -> None:
        """Take back the edit.

        Raises:
            CannotUndo: the document still breaks the schema afterwards.
        """
        while self._undo.can_undo():
            self._undo.undo()
        _, problems = self.look()
        if problems:
            raise CannotUndo("the edit broke the schema where undo does not reach")

    def forget(self) -> tuple[str, ...]:
        """Accept what was done so far; give what of it nobody has looked at."""
        self._undo.clear()
        return self._touched.take()

    def close(self) -> None:
        """Stop watching."""
        self._touched.close()
        self._undo.clear()
