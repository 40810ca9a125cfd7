"""What a document's readers are told of the same step, made once for all of them.

Everybody who is up to date hears the next flush, from the same version to the same one. What has
changed is read from the document by the first of them and kept until the next step; so is what a
door makes of it. What one person only hears, or what is large, is made for each anew.
"""

from dataclasses import dataclass, field
from typing import Final
from weakref import WeakKeyDictionary

from moim_data.documents.kinds import kind_of
from moim_sync.api.content import Content, EntityChange
from moim_sync.room import Room

SHARED_AT_MOST: Final = 64
"""Changes of a step that is kept; who comes back after long holds no memory for others."""


@dataclass(slots=True)
class Step:
    """What has changed from one version to another."""

    since: int
    upto: int
    changes: tuple[EntityChange, ...] = ()
    told: dict[int, str] = field(default_factory=dict)
    """What a door says of each change, by its number; only of a step that is kept."""
    is_kept: bool = False


_LATEST: Final[WeakKeyDictionary[Room, Step]] = WeakKeyDictionary()


def step_of(room: Room, since: int) -> Step:
    """Give what is new since a version; call it where the room is readable."""
    known = _LATEST.get(room)
    if known is not None and (known.since, known.upto) == (since, room.seq):
        return known
    writes = room.written_since(since) if room.seq > since else []
    if not writes:
        return Step(since, room.seq)
    changes = Content(kind_of(room.document).name, room.ydoc).changes(writes)
    step = Step(since, room.seq, changes)
    if len(changes) <= SHARED_AT_MOST:
        step.is_kept = True
        _LATEST[room] = step
    return step
