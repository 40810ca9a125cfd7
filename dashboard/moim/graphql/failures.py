"""Refusals of mutations as part of the answer, so that programs can tell them apart."""

from enum import Enum
from typing import Final

import strawberry

from moim_sync.api.failure import Failure


@strawberry.enum(description="What a program may do about it differs by these.")
class FailureCode(Enum):
    """The codes of `moim_sync.api.failure`."""

    UNKNOWN = "unknown"
    ROLE = "role"
    INVALID = "invalid"
    CONFLICT = "conflict"
    VERSION_TOO_OLD = "version-too-old"
    BUSY = "busy"
    STORAGE = "storage"
    INTERNAL = "internal"


_MEANINGS: Final = {
    FailureCode.UNKNOWN: "There is no such project, calendar, card, column or event.",
    FailureCode.ROLE: "Your role does not allow it.",
    FailureCode.INVALID: "A value is not allowed; `paths` says which.",
    FailureCode.CONFLICT: "Somebody has written the same since `expectedVersion`.",
    FailureCode.VERSION_TOO_OLD: "`baseVersion` is not kept any more, and the text has changed.",
    FailureCode.BUSY: "Too much waits; nothing was done, try again in a moment.",
    FailureCode.STORAGE: "It cannot be saved or read now; try again later.",
    FailureCode.INTERNAL: "A fault of the server; it is in its log.",
}


@strawberry.type(description="A place in a document that a mutation may not set so.")
class FailurePath:
    """One value."""

    path: str = strawberry.field(description="As in the document: `cards/c1/title`.")
    expected: str
    got: str = strawberry.field(description="JSON; with `CONFLICT`, what is there now.")


@strawberry.type(name="Failure", description="Why a mutation changed nothing.")
class MutationFailure:
    """A refusal."""

    code: FailureCode
    message: str
    paths: list[FailurePath]

    @classmethod
    def of(cls, error: Exception) -> "MutationFailure":
        """Take what went wrong; what nobody foresaw is logged and not told."""
        failure = Failure.of(error)
        return cls(
            code=FailureCode(failure.code),
            message=failure.message,
            paths=[FailurePath(**path) for path in failure.paths],
        )
