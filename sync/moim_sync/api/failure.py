"""What a door says when it cannot do what was asked: one code for each thing a program does next.

unknown   there is no such document, card, column or event
role      the person's role does not allow it
invalid   a value is not allowed; `paths` says which
conflict  somebody has written the same since `expectedVersion`; `paths` says what it is now
version-too-old  an edit by index was made on a version that is not kept any more
limit     more than one connection may ask for
busy      too much waits; nothing was done, try again in a moment
storage   it cannot be saved or read now; try again later
internal  a fault of ours; it is in the server's log under the number in the message
"""

from dataclasses import dataclass
from logging import getLogger
from secrets import token_hex
from typing import Any, Self

from moim_data.errors import InvalidValue, StorageError, UnknownEntity, UnknownKind
from moim_sync.command import CommandRefused
from moim_sync.errors import (
    MalformedMessage,
    NotAllowed,
    OverLimit,
    TooBusy,
    UnknownDocument,
    VersionTooOld,
)

log = getLogger(__name__)

_CODES: tuple[tuple[type[Exception], str], ...] = (
    (UnknownKind, "unknown"),
    (UnknownDocument, "unknown"),
    (UnknownEntity, "unknown"),
    (NotAllowed, "role"),
    (InvalidValue, "invalid"),
    (MalformedMessage, "invalid"),
    (VersionTooOld, "version-too-old"),
    (OverLimit, "limit"),
    (TooBusy, "busy"),
    (StorageError, "storage"),
)


@dataclass(frozen=True, slots=True)
class Failure:
    """A refusal as every door says it."""

    code: str
    message: str
    paths: tuple[dict[str, Any], ...] = ()
    """`{path, expected, got}` of the values it is about."""

    @classmethod
    def of(cls, error: Exception) -> Self:
        """Give what an error comes to; one that we do not know is logged, and not told."""
        if isinstance(error, CommandRefused):
            code = "conflict" if error.code == "stale" else "invalid"
            paths = [{"path": p.path, "expected": p.expected, "got": p.got} for p in error.paths]
            return cls(code, str(error), tuple(paths))
        if isinstance(error, InvalidValue):
            return cls("invalid", str(error), ({"path": error.path, "expected": "", "got": ""},))
        for kind, code in _CODES:
            if isinstance(error, kind):
                return cls(code, str(error))
        fault = token_hex(4)
        log.error("fault %s at a door", fault, exc_info=error)
        return cls("internal", f"the server failed; its log says how, under fault {fault}")
