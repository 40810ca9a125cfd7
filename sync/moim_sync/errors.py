"""What can go wrong between a document and its people, and the close codes of the wire."""

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from moim_sync.messages import Refusal


class CloseCode(IntEnum):
    """Why a connection was closed; the table in PROTOCOL.md says what a client does about each."""

    RESTART = 1012
    TOO_SLOW = 1013
    MALFORMED = 4400
    NOT_SIGNED_IN = 4401
    REFUSED = 4403
    UNKNOWN_DOCUMENT = 4404
    SILENT = 4408
    OVER_LIMIT = 4413
    INTERNAL = 4500
    STORAGE = 4503

    @property
    def is_final(self) -> bool:
        """True when the client must not come back by itself."""
        return 4400 <= self < 4500 and self is not CloseCode.SILENT


class SyncError(Exception):
    """Root of all errors of moim_sync."""


class UnknownDocument(SyncError):
    """No such document, and nobody asked for it to be made."""


class NotAllowed(SyncError):
    """The person's role does not allow it."""


class TooBusy(SyncError):
    """More waits than a document takes; nothing was done."""


class VersionForgotten(SyncError):
    """The log does not reach back to the version that an edit was made on."""


class VersionTooOld(SyncError):
    """An edit was made on a version that is not kept any more, of a text that has changed since.

    Args:
        version: what the document is now.
        text: what the text is then; the edit is to be made anew on it.
    """

    def __init__(self, message: str, version: int, text: str) -> None:
        super().__init__(message)
        self.version = version
        self.text = text


class RebuildFailed(SyncError):
    """A version of a document could not be rebuilt; the log says why."""


class WireError(SyncError):
    """Bytes from the other side that end the connection with `close_code`."""

    close_code = CloseCode.MALFORMED


class MalformedMessage(WireError):
    """A message that does not follow PROTOCOL.md; says what was expected and what came."""


class MalformedUpdate(WireError):
    """Bytes that are no Yjs V1 update, or hold what a client may not send."""


class OverLimit(WireError):
    """More bytes, structs, ids, paths or depth than the limits of the connection allow."""

    close_code = CloseCode.OVER_LIMIT


class ClientError(SyncError):
    """Root of what a Python client tells the code that uses it."""


class DocumentRefused(ClientError):
    """The server does not give the document; `code` as PROTOCOL.md, S1, says."""

    def __init__(self, document: str, code: str, message: str) -> None:
        super().__init__(f"{document}: {code}: {message}")
        self.document = document
        self.code = code


class EditRefused(ClientError):
    """The server did not accept an edit; `code` and `paths` as PROTOCOL.md, E1-E3, says.

    The edit is kept in `refused_edits` of its document until it is made again or given up.
    """

    def __init__(
        self, document: str, code: str, message: str, paths: "tuple[Refusal, ...]"
    ) -> None:
        super().__init__(f"{document}: an edit was not accepted ({code}): {message}")
        self.document = document
        self.code = code
        self.paths = paths


class DocumentClosed(ClientError):
    """The client was closed; connect again to go on."""


class TransactionOpen(ClientError):
    """A client was closed inside a transaction, whose edits would have nowhere to go."""


class ConnectionStopped(ClientError):
    """The server ended the connection for good; `code` as the table of close codes says."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"the server ended the connection for good: {code} {reason}")
        self.code = code


class NotInTime(ClientError, TimeoutError):
    """What was waited for did not happen within the time; nothing is lost."""
