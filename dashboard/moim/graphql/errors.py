"""Errors of an answer: what a client may know, by a code; the rest is in the log, by a number."""

from collections.abc import Iterable
from typing import Any

from graphql import GraphQLError

from moim.errors import ReadingFailed
from moim.graphql.context import OverLimit
from moim_sync.api.failure import Failure
from moim_sync.api.subscription import Ended
from moim_sync.errors import CloseCode

Formatted = dict[str, Any]


def told(errors: Iterable[GraphQLError]) -> list[Formatted]:
    """Give errors as an answer says them."""
    return [_told(error) for error in errors]


def refusal(message: str, code: str) -> list[Formatted]:
    """Give one error that stands before any execution."""
    return [{"message": message, "extensions": {"code": code}}]


def _told(error: GraphQLError) -> Formatted:
    original = error.original_error
    while isinstance(original, GraphQLError) and original.original_error is not None:
        original = original.original_error
    formatted: Formatted = {"message": error.message}
    if error.locations:
        formatted["locations"] = [one.formatted for one in error.locations]
    if error.path:
        formatted["path"] = error.path
    code = (error.extensions or {}).get("code")
    if original is None or isinstance(original, GraphQLError):
        formatted["extensions"] = {"code": code or "malformed"}
    else:
        message, code = _known(original)
        formatted |= {"message": message, "extensions": {"code": code}}
    return formatted


def _known(error: Exception) -> tuple[str, str]:
    if isinstance(error, OverLimit):
        return str(error), "limit"
    if isinstance(error, RecursionError):
        return "expected a query that is less deep", "limit"
    if isinstance(error, Ended):
        return str(error), "role" if error.code is CloseCode.REFUSED else "storage"
    if isinstance(error, ReadingFailed):
        return str(error), "storage"
    failure = Failure.of(error)
    return failure.message, failure.code
