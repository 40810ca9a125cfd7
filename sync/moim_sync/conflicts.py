"""Whose value did not stay: conflicts between people, found where edits meet (PROTOCOL.md C1, C2).

A CRDT merges; which of two values set unseen by each other it keeps is arbitrary, and not the
latest. So the person whose value went is told. For each register that an edit says it touched
(`touched`) the last writer is known by sequence number: written by somebody else after what the
author had seen (`base_seq`) means that neither knew of the other. The document before and after
the edit says whose value stayed. Source of the method: sync.md 4d.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from secrets import token_hex
from typing import Any, Final

from pycrdt import Doc

from moim_data.documents.registers import Registers, to_json
from moim_data.documents.shape import Field, shape_of
from moim_data.store import Conflict, FieldWrite
from moim_sync import messages
from moim_sync.edit import Edit

DELETED: Final = "deleted"
MOST_TOLD: Final = 200
"""Conflicts that one subscription is told of; the newest."""
STRATEGY_OF_DELETED: Final = "last-write-wins"


class LastWriters:
    """The last writer of each register of a document: those on disk, and those of a flush."""

    def __init__(self, fields: Iterable[FieldWrite] = ()) -> None:
        self._kept: dict[str, dict[str, FieldWrite]] = {}
        self._newest_last: dict[str, FieldWrite] = {}
        self._pending: dict[str, FieldWrite] = {}
        self._keep(sorted(fields, key=lambda write: write.seq))

    def of(self, path: str) -> FieldWrite | None:
        """Give who wrote a register last."""
        entity, field = _split(path)
        return self._pending.get(path) or self._kept.get(entity, {}).get(field)

    def of_entity(self, entity: str) -> Mapping[str, FieldWrite]:
        """Give the last writers of all registers of `root/id`, by field."""
        found = dict(self._kept.get(entity, {}))
        for path, write in self._pending.items():
            if path.startswith(f"{entity}/"):
                found[path.removeprefix(f"{entity}/")] = write
        return found

    def since(self, seq: int) -> list[FieldWrite]:
        """Give the registers written after a version, and the entities made or taken out, in order.

        Of each only the last write; those of a flush that is not on disk are left out.
        """
        newest = takewhile(lambda write: write.seq > seq, reversed(self._newest_last.values()))
        return list(newest)[::-1]

    def note(self, write: FieldWrite) -> None:
        """Add one of a flush that is not on disk yet."""
        self._pending.pop(write.path, None)
        self._pending[write.path] = write

    def pending(self) -> tuple[FieldWrite, ...]:
        """Give what the flush adds, for the store."""
        return tuple(self._pending.values())

    def keep(self) -> None:
        """The flush is on disk."""
        self._keep(self._pending.values())
        self._pending.clear()

    def forget(self) -> None:
        """The flush is given up, and made again."""
        self._pending.clear()

    def _keep(self, fields: Iterable[FieldWrite]) -> None:
        for write in fields:
            entity, field = _split(write.path)
            self._kept.setdefault(entity, {})[field] = write
            self._newest_last.pop(write.path, None)
            self._newest_last[write.path] = write


def _split(path: str) -> tuple[str, str]:
    """Give `root/id` and the field; of a root that is one entity, some of its path."""
    root, _, rest = path.partition("/")
    key, _, field = rest.partition("/")
    return f"{root}/{key}", field


@dataclass(frozen=True, slots=True)
class _Meeting:
    """A register that somebody else wrote after what the author of an edit had seen."""

    path: str
    field: Field
    theirs: FieldWrite
    before: Any
    pushed: Any
    """What the edit says it set; `UNTOLD` where it does not say."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What an edit is going to meet; taken before it is applied."""

    meetings: tuple[_Meeting, ...] = ()
    deleted: tuple[tuple[str, FieldWrite], ...] = ()
    """Things that somebody else deleted unseen, with who did."""
    deletes: tuple[str, ...] = ()
    """Things that the edit may be about to delete."""


NOTHING: Final = Sight()
UNTOLD: Final = object()


def _told(text: str) -> Any:
    """Read a value that a client tells; what is no JSON of Unicode text counts as not told."""
    if not text:
        return UNTOLD
    try:
        value = json.loads(text, parse_constant=_no_constant)
        to_json(value).encode()
    except (ValueError, RecursionError):
        return UNTOLD
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


class ConflictFinder:
    """Looks at the edits of one document, one by one, before and after they are applied.

    Args:
        writers: who wrote which register last.
        id_of: gives the id of a conflict of a person at a path: that of the open one, or a new one.
        name_of: what a person is called, by id; empty when not known here.
    """

    def __init__(
        self,
        kind: str,
        doc: "Doc[Any]",
        writers: LastWriters,
        *,
        id_of: Callable[[str, str], str],
        name_of: Callable[[str], str],
    ) -> None:
        shape = shape_of(kind)
        assert shape is not None, f"{kind} has no schema"
        self._doc = doc
        self._registers = Registers(shape, doc)
        self._writers = writers
        self._id_of = id_of
        self._name_of = name_of

    def look(self, edit: Edit) -> Sight:
        """Note what the edit is about to meet; cheap when nobody wrote the same."""
        if edit.base_seq is None:
            return NOTHING
        found = list(self._meetings(edit))
        entities = dict.fromkeys(_split(path)[0] for path in edit.touched)
        deletes = tuple(
            entity
            for entity in entities
            if (path := f"{entity}/{DELETED}") in edit.touched and self._registers.has(path)
        )
        deleted = [
            (entity, write)
            for entity in entities
            if (write := self._unseen(edit, f"{entity}/{DELETED}")) and entity not in deletes
        ]
        if not (found or deleted or deletes):
            return NOTHING
        return Sight(tuple(found), tuple(deleted), deletes)

    def judge(self, edit: Edit, sight: Sight, seq: int, at_ms: int) -> list[Conflict]:
        """Give a conflict for each value that did not stay, now that the edit is applied."""
        if sight is NOTHING:
            return []
        with self._doc.transaction():
            return [
                *self._lost_values(edit, sight, seq, at_ms),
                *self._lost_to_deletion(edit, sight, seq, at_ms),
                *self._deleted_changes(edit, sight, seq, at_ms),
            ]

    def note(self, person: str, changed: Iterable[str], seq: int, at_ms: int) -> None:
        """Make a person the last writer of what changed; what did not stay did not.

        An entity made or taken out whole counts as a register of its own.
        """
        for path in changed:
            if self._registers.has(path) or path.count("/") == 1:
                self._writers.note(FieldWrite(path, seq, person, at_ms))

    def written_since(self, touched: Iterable[str], seq: int) -> list[str]:
        """Give the registers of those touched that were written, or deleted, after a version."""
        entities = dict.fromkeys(f"{_split(path)[0]}/{DELETED}" for path in touched)
        writes = {path: self._writers.of(path) for path in (*touched, *entities)}
        return [path for path, write in writes.items() if write is not None and write.seq > seq]

    def value(self, path: str) -> Any:
        """Give what a register is now."""
        return self._registers.value(path)

    def _meetings(self, edit: Edit) -> Iterator[_Meeting]:
        values = edit.values or ("",) * len(edit.touched)
        for path, pushed in zip(edit.touched, values, strict=True):
            theirs = self._unseen(edit, path)
            field = self._registers.field(path) if theirs is not None else None
            if theirs is not None and field is not None and field.strategy == "last-write-wins":
                before = self._registers.value(path)
                yield _Meeting(path, field, theirs, before, _told(pushed))

    def _unseen(self, edit: Edit, path: str) -> FieldWrite | None:
        """Give the last write of a register that somebody else made unseen by the author."""
        write = self._writers.of(path)
        if write is None or edit.base_seq is None or write.seq <= edit.base_seq:
            return None
        return None if write.actor == edit.who.id else write

    def _lost_values(self, edit: Edit, sight: Sight, seq: int, at_ms: int) -> Iterator[Conflict]:
        author = edit.who
        for met in sight.meetings:
            after = self._registers.value(met.path)
            pushed = met.pushed
            if met.path.endswith(f"/{DELETED}") and bool(met.before) == bool(after):
                continue  # both deleted it, or both brought it back
            author_lost = pushed is not UNTOLD and not met.field.same_to_people(pushed, after)
            if author_lost and met.field.same_to_people(met.before, after):
                winner, name = met.theirs.actor, self._name_of(met.theirs.actor)
                yield self._conflict(
                    met.path, seq, at_ms, author.id, winner, name, mine=pushed, theirs=after
                )
            elif not met.field.same_to_people(met.before, after):
                yield self._conflict(
                    met.path,
                    seq,
                    at_ms,
                    met.theirs.actor,
                    author.id,
                    author.name or self._name_of(author.id),
                    mine=met.before,
                    theirs=after,
                )

    def _lost_to_deletion(
        self, edit: Edit, sight: Sight, seq: int, at_ms: int
    ) -> Iterator[Conflict]:
        """The author changed what somebody else had deleted (C2)."""
        for entity, write in sight.deleted:
            path = f"{entity}/{DELETED}"
            stamp = self._registers.value(path)
            if stamp is not None:
                loser, name = edit.who.id, self._name_of(write.actor)
                yield self._conflict(path, seq, at_ms, loser, write.actor, name, None, stamp)

    def _deleted_changes(
        self, edit: Edit, sight: Sight, seq: int, at_ms: int
    ) -> Iterator[Conflict]:
        """The author deleted what somebody else had changed meanwhile (C2)."""
        author = edit.who
        for entity in sight.deletes:
            path = f"{entity}/{DELETED}"
            stamp = self._registers.value(path)
            if stamp is None:
                continue
            changed = {
                write.actor
                for field, write in self._writers.of_entity(entity).items()
                if field != DELETED and self._unseen(edit, f"{entity}/{field}")
            }
            for loser in sorted(changed):
                name = author.name or self._name_of(author.id)
                yield self._conflict(path, seq, at_ms, loser, author.id, name, None, stamp)

    def _conflict(
        self,
        path: str,
        seq: int,
        at_ms: int,
        loser: str,
        winner: str,
        winner_name: str,
        mine: Any,
        theirs: Any,
    ) -> Conflict:
        field = self._registers.field(path)
        strategy = field.strategy if field is not None else STRATEGY_OF_DELETED
        return Conflict(
            self._id_of(loser, path),
            path,
            strategy,
            seq,
            at_ms,
            loser,
            winner,
            winner_name,
            to_json(mine),
            to_json(theirs),
        )


class OpenConflicts:
    """Those of a document that nobody has settled; one per person and register, the newest."""

    def __init__(self, conflicts: Iterable[Conflict] = ()) -> None:
        self._by_id = {conflict.id: conflict for conflict in conflicts}
        self._drawn: dict[tuple[str, str], str] = {}
        """Ids of conflicts of a flush that is not on disk yet; one flush may find two of a kind."""

    def of(self, person: str) -> list[Conflict]:
        """Give a person's, oldest first."""
        return [one for one in self._by_id.values() if one.loser == person][-MOST_TOLD:]

    def id_of(self, person: str, path: str) -> str:
        """Give the id of the open one at a register, or a new one."""
        for one in self._by_id.values():
            if (one.loser, one.path) == (person, path):
                return one.id
        return self._drawn.setdefault((person, path), token_hex(8))

    def add(self, conflicts: Iterable[Conflict]) -> None:
        """Take new ones, which are on disk."""
        self._drawn.clear()
        for one in conflicts:
            self._by_id.pop(one.id, None)
            self._by_id[one.id] = one

    def settle(self, conflict: str, person: str) -> bool:
        """Forget one; False when there is none of this person."""
        one = self._by_id.get(conflict)
        if one is None or one.loser != person:
            return False
        del self._by_id[conflict]
        return True


def conflict_message(channel: int, conflict: Conflict, cs: int = 0) -> messages.Conflict:
    """Give what the loser is told."""
    entity, _ = _split(conflict.path)
    return messages.Conflict(
        channel=channel,
        id=conflict.id,
        entity=entity,
        path=conflict.path,
        strategy=conflict.strategy,
        version=conflict.seq,
        timestamp=max(0, conflict.at_ms),  # a clock may be set to anything
        user_id=conflict.winner,
        name=conflict.winner_name,
        mine=json.loads(conflict.mine),
        theirs=json.loads(conflict.theirs),
        cs=cs,
    )
