"""Who is in a room, and where.

Presence belongs to the connection, and who somebody is comes from the session: the server writes
`user` into every state and binds each awareness id to the connection that used it first. States
leave with their connection. Nothing is merged or parsed per reader: one frame per flush, the newest
state of each id that changed (R1-R3 of PROTOCOL.md).
"""

import json
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from moim_sync.errors import MalformedMessage
from moim_sync.identity import Identity
from moim_sync.y_protocol import AwarenessEntry, decode_awareness, encode_awareness

IDS_PER_CONNECTION = 64
"""Tabs and views of one connection; more than any page has."""
_GONE = "null"


@dataclass(slots=True)
class _State:
    clock: int
    text: str
    owner: Hashable


class Presence:
    """The live states of one room. `changed` is called when there is something to announce."""

    def __init__(self, changed: Callable[[], None], state_bytes: int) -> None:
        self._changed = changed
        self._state_bytes = state_bytes
        self._states: dict[int, _State] = {}
        self._dirty: dict[int, AwarenessEntry] = {}

    def __len__(self) -> int:
        return len(self._states)

    def announce(self, owner: Hashable, who: Identity, update: bytes, plain: bool = False) -> None:
        """Take the states that a connection sends; `plain` says that it speaks `/yjs`.

        Raises:
            MalformedMessage: it is no awareness update, or a state is no JSON object.
        """
        for entry in decode_awareness(update):
            if entry.state in (_GONE, ""):
                self._withdraw(owner, entry)
            elif len(entry.state.encode()) <= self._state_bytes:
                self._set(owner, entry, _with_user(entry.state, who, plain))

    def announce_own(self, update: bytes) -> None:
        """Take the state of the server itself, as it is."""
        for entry in decode_awareness(update):
            if entry.state == _GONE:
                self._withdraw(self, entry)
            else:
                self._set(self, entry, entry.state)

    def leave(self, owner: Hashable) -> None:
        """Take away every state of a connection."""
        for client_id in [key for key, state in self._states.items() if state.owner == owner]:
            self._remove(client_id, self._states[client_id].clock)

    def take_changes(self) -> bytes | None:
        """Give one awareness update of all that changed since the last call, None for nothing."""
        if not self._dirty:
            return None
        entries = list(self._dirty.values())
        self._dirty.clear()
        return encode_awareness(entries)

    def full_set(self) -> bytes | None:
        """Give every live state as one awareness update, None for an empty room."""
        if not self._states:
            return None
        return encode_awareness(
            [AwarenessEntry(key, state.clock, state.text) for key, state in self._states.items()]
        )

    def _set(self, owner: Hashable, entry: AwarenessEntry, text: str) -> None:
        known = self._states.get(entry.client_id)
        if known is None:
            if sum(state.owner == owner for state in self._states.values()) >= IDS_PER_CONNECTION:
                return
        elif known.owner != owner or entry.clock <= known.clock:
            return
        self._states[entry.client_id] = _State(entry.clock, text, owner)
        self._mark(AwarenessEntry(entry.client_id, entry.clock, text))

    def _withdraw(self, owner: Hashable, entry: AwarenessEntry) -> None:
        known = self._states.get(entry.client_id)
        if known is not None and known.owner == owner and entry.clock >= known.clock:
            self._remove(entry.client_id, entry.clock)

    def _remove(self, client_id: int, clock: int) -> None:
        del self._states[client_id]
        # Readers accept a null at the clock they know, so the server need not invent one that a
        # returning client would then be behind of.
        self._mark(AwarenessEntry(client_id, clock, _GONE))

    def _mark(self, entry: AwarenessEntry) -> None:
        self._dirty[entry.client_id] = entry
        self._changed()


def _with_user(text: str, who: Identity, plain: bool) -> str:
    try:
        state: Any = json.loads(text)
        if not isinstance(state, dict):
            raise MalformedMessage(f"expected a state that is a JSON object, got {text[:40]!r}")
        state["user"] = _user(state.get("user"), who, plain)
        written = json.dumps(state, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        written.encode()
    except (ValueError, RecursionError) as error:
        raise MalformedMessage(f"expected a state in JSON: {error}") from None
    return written


def _user(claimed: object, who: Identity, plain: bool) -> dict[str, Any]:
    user = {"id": who.id, "name": who.name, "colour": who.colour}
    if plain and who.guest and isinstance(claimed, dict):
        # A plain Yjs program asks its guests for a name and a colour itself, and has no HELLO.
        name = claimed.get("name")
        return {**claimed, **user, "name": name if isinstance(name, str) else who.name}
    return user
