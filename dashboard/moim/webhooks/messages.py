"""What receivers are sent, as JSON: an envelope with a type, and changes as the doors tell them."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from moim_data.store import DocumentId
from moim_sync.api.content import EntityChange
from moim_sync.api.socketio.messages import change_message, kind_name

MESSAGE_BYTES: Final = 256 * 1024
"""About how long a message may be; one change alone may be longer."""
_ENVELOPE_BYTES: Final = 512


def change_messages(
    document: DocumentId, changes: Sequence[EntityChange], version: int, now_ms: int
) -> list[str]:
    """Give one message or several; all but the last say `more`."""
    parts = list(_parts(document, changes, now_ms))
    return [
        _message(
            f"{kind_name(document)}.changed",
            now_ms,
            {"document": document, "version": version, "more": at < len(parts)},
            f',"changes":[{",".join(part)}]',
        )
        for at, part in enumerate(parts, 1)
    ]


def resync_message(document: DocumentId, version: int, now_ms: int) -> str:
    """Give the message that says: what is known is of another copy, read the document anew."""
    about = {"document": document, "version": version}
    return _message(f"{kind_name(document)}.resync", now_ms, about)


def ping_message(document: DocumentId, now_ms: int) -> str:
    """Give the message of a test."""
    return _message("ping", now_ms, {"document": document})


def _message(type: str, now_ms: int, data: dict[str, Any], encoded: str = "") -> str:
    """Give a message; `encoded` are further members of its data, as they stand in the JSON."""
    at = datetime.fromtimestamp(now_ms / 1000, UTC).isoformat(timespec="milliseconds")
    envelope = _json({"type": type, "timestamp": at.replace("+00:00", "Z")})
    return f'{envelope[:-1]},"data":{_json(data)[:-1]}{encoded}}}}}'


def _parts(
    document: DocumentId, changes: Sequence[EntityChange], now_ms: int
) -> Iterator[list[str]]:
    """Give the changes, each as JSON, in parts of about MESSAGE_BYTES."""
    part: list[str] = []
    size_bytes = _ENVELOPE_BYTES
    for change in sorted(changes, key=lambda change: change.seq):
        told = _json(change_message(document, change, now_ms, more=False))
        told_bytes = len(told.encode()) + 1
        if part and size_bytes + told_bytes > MESSAGE_BYTES:
            yield part
            part, size_bytes = [], _ENVELOPE_BYTES
        part.append(told)
        size_bytes += told_bytes
    if part:
        yield part


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
