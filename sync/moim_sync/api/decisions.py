"""What a person decides about a value of theirs that somebody else's replaced (PROTOCOL.md C3)."""

from typing import Any, Literal

from pycrdt import Doc

from moim_data.documents.kinds import kind_of
from moim_data.documents.registers import Registers
from moim_data.documents.shape import shape_of
from moim_data.errors import UnknownEntity
from moim_sync.command import Planned
from moim_sync.identity import Identity
from moim_sync.messages import Conflict
from moim_sync.room import Room

Decision = Literal["theirs", "mine"]


def open_conflict(room: Room, who: Identity, id: str) -> Conflict:
    """Give a conflict that a person has not settled. Raises UnknownEntity."""
    for one in room.conflicts_of(who.id):
        if one.id == id:
            return one
    raise UnknownEntity(f"{room.document}: you have no conflict {id[:80]!r} that is not settled")


def use_mine(room: Room, who: Identity, conflict: Conflict) -> Planned:
    """Give the work that sets a register to the value that did not stay.

    Mine is nothing where I changed what somebody deleted: it is brought back.
    """
    shape = shape_of(kind_of(room.document).name)
    assert shape is not None, f"{room.document} has no schema"

    def work(doc: "Doc[Any]") -> None:
        open_conflict(room, who, conflict.id)  # another window may have settled it meanwhile
        Registers(shape, doc).set(conflict.path, conflict.mine)

    return Planned(work, lambda _: [conflict.path])
