"""Who else is in a document, as a client sees it, and what it says about itself."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from moim_sync.y_protocol import AwarenessEntry, decode_awareness, encode_awareness


@dataclass(frozen=True, slots=True)
class PresentPerson:
    """One person in the document, with all their windows."""

    id: str
    name: str
    colour: str
    states: tuple[Mapping[str, Any], ...]
    """What each window says, the `user` part left out."""


class DocumentPresence:
    """The people in one document. Without `set` the client itself is not seen.

    Args:
        client_id: under which the own state is sent.
        changed: called with True when the own state is to be sent, False when others changed.
    """

    def __init__(self, client_id: int, changed: Callable[[bool], None]) -> None:
        self._client_id = client_id
        self._changed = changed
        self._mutex = threading.Lock()
        self._others: dict[int, AwarenessEntry] = {}
        self._own: dict[str, Any] | None = None
        self._clock = 0
        self._unsent = False

    @property
    def people(self) -> list[PresentPerson]:
        """The others, one entry per person, in order of arrival."""
        found: dict[str, list[dict[str, Any]]] = {}
        for state in self._states().values():
            found.setdefault(str(state["user"].get("id")), []).append(state)
        return [_person(key, group) for key, group in found.items()]

    @property
    def by_client(self) -> dict[int, PresentPerson]:
        """The others by the client id of each of their windows, under which it also edits."""
        states = self._states().items()
        return {client: _person(str(state["user"].get("id")), [state]) for client, state in states}

    def set(self, state: Mapping[str, Any] | None) -> None:
        """Say what this client does (`{"drag": ...}`), or None to be no longer seen."""
        with self._mutex:
            self._own = None if state is None else dict(state)
            self._clock += 1
            self._unsent = True
        self._changed(True)

    def take_unsent(self) -> bytes | None:
        """Give the own state as it goes over the wire, once; None when there is nothing new."""
        with self._mutex:
            if not self._unsent:
                return None
            self._unsent = False
            own = json.dumps(self._own, ensure_ascii=False, separators=(",", ":"))
            return encode_awareness([AwarenessEntry(self._client_id, self._clock, own)])

    def received(self, update: bytes) -> None:
        """Take the states of others."""
        with self._mutex:
            for entry in decode_awareness(update):
                known = self._others.get(entry.client_id)
                if entry.client_id == self._client_id or (known and known.clock > entry.clock):
                    continue
                if entry.state == "null":
                    self._others.pop(entry.client_id, None)
                else:
                    self._others[entry.client_id] = entry
        self._changed(False)

    def _states(self) -> dict[int, dict[str, Any]]:
        """What windows say that belong to somebody, by client id."""
        with self._mutex:
            states = {client: json.loads(entry.state) for client, entry in self._others.items()}
        return {client: state for client, state in states.items() if _has_user(state)}

    def begin_anew(self, client_id: int) -> None:
        """Forget the others; the own state is sent again, under the id of another document."""
        self._client_id = client_id
        self.disconnected()

    def disconnected(self) -> None:
        """Forget the others; the own state is sent again with the next connection."""
        with self._mutex:
            self._others.clear()
            self._clock += 1
            self._unsent = self._own is not None


def _has_user(state: Any) -> bool:
    return isinstance(state, dict) and isinstance(state.get("user"), dict)


def _person(key: str, states: list[dict[str, Any]]) -> PresentPerson:
    user = states[-1]["user"]
    rest = tuple({name: part for name, part in state.items() if name != "user"} for state in states)
    return PresentPerson(key, str(user.get("name", "")), str(user.get("colour", "")), rest)
