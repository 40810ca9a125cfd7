"""What a person's Panel session may show and do, as the hub tells its page process.

A session reads the workspace and the projects that its arguments name. Its person must be allowed
to read all of them, and has in it the weakest of their roles there.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

from bokeh.util.token import check_token_signature, get_token_payload
from tornado.iostream import IOStream

from moim.access.gate import Gate
from moim.identity import PERSON_HEADER, ROLE_HEADER
from moim_data.documents.kinds import parse_document_id
from moim_data.store import DocumentId
from moim_sync.authorization import Action, Role
from moim_sync.identity import Identity

_WORKSPACE: Final = DocumentId("workspace")

Arguments = Mapping[str, Sequence[str | bytes]]


@dataclass(frozen=True, slots=True)
class PanelGrant:
    """Whose session it is, and their role in what it shows."""

    person: str
    role: Role

    def headers(self) -> dict[str, str]:
        """Give what a page process reads it from."""
        return {ROLE_HEADER: self.role.value, PERSON_HEADER: self.person}


def grant(gate: Gate, who: Identity, arguments: Arguments) -> PanelGrant | None:
    """Give what somebody may have; None when they may not read all of it.

    Raises:
        UnknownKind: an argument names no document.
    """
    role = Role.OWNER
    for document in _documents(arguments):
        decision = gate.authorize(who, Action.READ, document)
        if not decision.allowed:
            return None
        role = role.at_most(decision.role)
    return PanelGrant(who.id, role)


def _documents(arguments: Arguments) -> Iterator[DocumentId]:
    yield _WORKSPACE
    projects = [_text(value) for value in arguments.get("project", ())]
    projects += [_text(value).partition(",")[2] for value in arguments.get("chart", ())]
    for project in projects:
        yield parse_document_id(f"project/{project}")


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("utf-8", "replace")


def read_token(token: str, key: bytes) -> tuple[str, Arguments] | None:
    """Give the person and the arguments in a session's token; None when it is not one of ours."""
    # The signature first: it says that the rest was packed by us, and is not a bomb.
    with suppress(ValueError, KeyError, TypeError):
        if check_token_signature(token, secret_key=key, signed=True):
            payload: Mapping[str, Any] = get_token_payload(token)
            person = payload.get("headers", {}).get(PERSON_HEADER, "")
            return str(person), payload.get("arguments", {})
    return None


@dataclass(slots=True)
class OpenSessions:
    """Connections of browsers to page processes, each held to what its person may do."""

    gate: Gate
    _open: dict["_OpenSession", None] = field(default_factory=dict)

    @contextmanager
    def hold(
        self, who: Identity, arguments: Arguments, given: PanelGrant, *streams: IOStream
    ) -> Iterator[None]:
        """Close the streams when the person may not have this session any more."""
        session = _OpenSession(who, arguments, given, streams)
        self._open[session] = None
        try:
            yield
        finally:
            del self._open[session]

    def recheck(self) -> None:
        """Close those whose person's role has changed; their page asks for another."""
        for session in list(self._open):
            now = None
            if self.gate.authorize(session.who, Action.ENTER, None).allowed:
                now = grant(self.gate, session.who, session.arguments)
            if now != session.given:
                for stream in session.streams:
                    stream.close()


@dataclass(frozen=True, slots=True, eq=False)
class _OpenSession:
    who: Identity
    arguments: Arguments
    given: PanelGrant
    streams: tuple[IOStream, ...]
