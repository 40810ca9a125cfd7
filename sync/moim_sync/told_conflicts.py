"""What a person was told of values that did not stay, and decided about them.

A decision is the person's last word at once. It is said to the server until that answers with
RESOLVED, over as many connections as it takes. Not locked: its document's lock is held around
every call.
"""

from typing import NamedTuple

from moim_sync.messages import Conflict, Resolve, ResolveAction


class _Decision(NamedTuple):
    version: int
    action: ResolveAction


class ToldConflicts:
    """The conflicts of one document that the person has not decided about."""

    def __init__(self) -> None:
        self._open: dict[str, Conflict] = {}
        self._decided: dict[str, _Decision] = {}
        """Of which the server has not said that it knows."""
        self._unsent: dict[str, ResolveAction] = {}

    @property
    def open(self) -> tuple[Conflict, ...]:
        """Give them, the oldest told first."""
        return tuple(self._open.values())

    def told(self, conflict: Conflict) -> None:
        """Take one, unless it was decided already and the server does not know yet."""
        decision = self._decided.get(conflict.id)
        if decision is not None and conflict.version <= decision.version:
            return
        self._open[conflict.id] = conflict

    def resolved(self, conflict: str) -> None:
        """The server knows of a decision, of this window or another."""
        for kept in (self._open, self._decided, self._unsent):
            kept.pop(conflict, None)

    def settle(self, conflict: Conflict, action: ResolveAction) -> None:
        """Take a decision, which the server has to hear."""
        self._open.pop(conflict.id, None)
        self._decided[conflict.id] = _Decision(conflict.version, action)
        self._unsent[conflict.id] = action

    def next_resolve(self, channel: int) -> Resolve | None:
        """Give the next decision that was not said over this connection."""
        if not self._unsent:
            return None
        conflict, action = self._unsent.popitem()
        return Resolve(channel, conflict, action)

    def disconnected(self) -> None:
        """Say again, over the next connection, what the server has not answered."""
        self._unsent = {key: decision.action for key, decision in self._decided.items()}
