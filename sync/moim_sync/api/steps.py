"""What a document's readers are told of the same step, made once for all of them.

Everybody who is up to date hears the next flush, from the same version to the same one. What has
changed is read from the document by the first of them and kept until the next step; so is what a
door makes of it. What one person only hears, or what is large, is made for each anew.
"""

from dataclasses import dataclass, field
from typing import Final
from weakref import WeakKeyDictionary

from moim_data.documents.kinds import kind_of
from moim_data.store import FieldWrite
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


def step_of(room: Room, since: int, most_writes: int | None = None) -> Step:
    """Give what is new since a version; call it where the room is readable.

    Args:
        most_writes: about how many writes of registers a step holds; writes of one version are
            never parted. None: all.
    """
    known = _LATEST.get(room)
    if known is not None and (known.since, known.upto) == (since, room.seq):
        return known
    writes = room.written_since(since) if room.seq > since else []
    upto = _end_of_piece(room.seq, writes, most_writes)
    writes = [write for write in writes if write.seq <= upto]
    if not writes:
        return Step(since, upto)
    changes = Content(kind_of(room.document).name, room.ydoc).changes(writes)
    step = Step(since, upto, changes)
    if upto == room.seq and len(changes) <= SHARED_AT_MOST:
        step.is_kept = True
        _LATEST[room] = step
    return step


def _end_of_piece(seq: int, writes: list[FieldWrite], most_writes: int | None) -> int:
    if most_writes is None or len(writes) <= most_writes:
        return seq
    return sorted(write.seq for write in writes)[most_writes - 1]
