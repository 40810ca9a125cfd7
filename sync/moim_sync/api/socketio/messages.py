"""What the door tells its clients, as they read it: one frame of fields for all events."""

from typing import Any

from moim_data.store import DocumentId
from moim_sync.api.content import EntityChange
from moim_sync.api.failure import Failure
from moim_sync.api.subscription import Present
from moim_sync.messages import Conflict

Message = dict[str, Any]


def change_message(document: DocumentId, change: EntityChange, told_ms: int, more: bool) -> Message:
    """Give what is new of one thing; `more` says that this version is not whole yet."""
    message: Message = {
        "id": id_of(document),
        "entity": change.entity,
        "entityId": change.id,
        "changes": dict(change.changes),
        "version": change.seq,
        "timestamp": change.at_ms or told_ms,
        "userId": change.person,
    }
    if change.is_gone:
        message["gone"] = True
    if more:
        message["more"] = True
    return message


def presence_message(
    document: DocumentId, people: tuple[Present, ...], version: int, at_ms: int
) -> Message:
    """Give everybody who is there."""
    return {
        "id": id_of(document),
        "entity": kind_name(document),
        "people": [
            {
                "id": one.id,
                "name": one.name,
                "colour": one.colour,
                "states": [dict(state) for state in one.states],
            }
            for one in people
        ],
        "version": version,
        "timestamp": at_ms,
    }


def conflict_message(document: DocumentId, conflict: Conflict) -> Message:
    """Give whose value stayed instead of the reader's."""
    return {
        kind_name(document): id_of(document),
        "id": conflict.id,
        "entity": conflict.entity,
        "path": conflict.path,
        "strategy": conflict.strategy,
        "version": conflict.version,
        "timestamp": conflict.timestamp,
        "userId": conflict.user_id,
        "name": conflict.name,
        "mine": conflict.mine,
        "theirs": conflict.theirs,
    }


def failure_message(failure: Failure) -> Message:
    """Give a refusal as an acknowledgement."""
    return {
        "ok": False,
        "code": failure.code,
        "message": failure.message,
        "paths": list(failure.paths),
    }


def kind_name(document: DocumentId) -> str:
    """Give `project`, `calendar` or `workspace`."""
    return document.partition("/")[0]


def id_of(document: DocumentId) -> str:
    """Give a document's id without its kind; of the workspace its name."""
    return document.partition("/")[2] or document
