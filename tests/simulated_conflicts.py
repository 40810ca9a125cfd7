"""Who is to be told of what value, by rules C1 and C2 of sync/PROTOCOL.md, without its code.

What each edit wrote, and what its author then had before them, was noted where it was made; the
rows on the disk say in which order the edits met; a replay of these rows says which value stayed.
An edit meets the one who wrote what stands: of three who write at once, whose value went at the
second writing hears of that one, and the third meets the winner only. Where an edit wrote the very
value that stood, nobody can see from outside whose of the two stands; what follows from that *may*
be told.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from pycrdt import Doc, Map

from moim_data.store import Update

REGISTERS: Final = ("title", "place", "estimate", "deleted")


@dataclass(frozen=True, slots=True)
class Write:
    """What one edit set, path by path, and which edits its author had before them."""

    author: str
    mark: str
    seen: frozenset[str]
    values: Mapping[str, Any]

    def misses(self, other: "Write") -> bool:
        """True when it was made by somebody else, who did not know of the other."""
        return other.author != self.author and other.mark not in self.seen


class Notice(NamedTuple):
    """Somebody is told that their value did not stay, by the row of that number."""

    loser: str
    path: str
    seq: int


class Told:
    """Who `must` be told, and who `may`, once the rows are as they are."""

    def __init__(self, rows: Iterable[Update], writes: Mapping[tuple[str, int], Write]) -> None:
        self.must: set[Notice] = set()
        self.may: set[Notice] = set()
        self._doc: Doc[Any] = Doc()
        self._standing: dict[str, dict[str, list[Write]]] = {}
        """By card and field, who may have written what stands: one, or two of one value."""
        for row in rows:
            self._meet(row, writes[row.actor, row.cs])

    def missing(self, heard: set[Notice]) -> set[Notice]:
        """Those that must have been heard and were not; a later one of a field stands for all."""
        latest = {(one.loser, one.path): one.seq for one in sorted(heard, key=lambda one: one.seq)}
        return {one for one in self.must if latest.get((one.loser, one.path), -1) < one.seq}

    def unfounded(self, heard: set[Notice]) -> set[Notice]:
        """Those that nobody should have heard."""
        return heard - self.must - self.may

    def _meet(self, row: Update, write: Write) -> None:
        before = {path: self._value(path) for path in write.values}
        self._doc.apply_update(row.data)
        after = {path: self._value(path) for path in write.values}
        for path, value in write.values.items():
            card, field = _split(path)
            if field in REGISTERS:
                losers = self._losers(write, path, value, before[path], after[path])
                self._note(losers, path, row.seq)
        for card in {_split(path)[0] for path in write.values}:
            self._meet_deletion(write, card, row.seq)
        for path, value in write.values.items():
            self._stand(write, path, value, before[path], after[path])

    def _losers(
        self, write: Write, path: str, value: Any, before: Any, after: Any
    ) -> list[str | None]:
        """Whose value did not stay, for each who may have written what stood."""
        card, field = _split(path)
        same = _same_of(field)
        found: list[str | None] = []
        for stood in self._standing.get(card, {}).get(field, []):
            if not write.misses(stood) or (field == "deleted" and bool(before) == bool(after)):
                found.append(None)
            elif same(before, after):
                found.append(None if same(value, after) else write.author)
            else:
                found.append(stood.author)
        return found

    def _meet_deletion(self, write: Write, card: str, seq: int) -> None:
        path = f"cards/{card}/deleted"
        if self._value(path) is None:
            return
        fields = self._standing.get(card, {})
        if path not in write.values:
            stood = fields.get("deleted", [])
            self._note([write.author if write.misses(one) else None for one in stood], path, seq)
            return
        for field, stood in fields.items():
            if field != "deleted":
                losers = [one.author if write.misses(one) else None for one in stood]
                self._note(losers, path, seq)

    def _note(self, losers: list[str | None], path: str, seq: int) -> None:
        notices = {Notice(loser, path, seq) for loser in losers if loser is not None}
        (self.must if len(set(losers)) == 1 else self.may).update(notices)

    def _stand(self, write: Write, path: str, value: Any, before: Any, after: Any) -> None:
        card, field = _split(path)
        standing = self._standing.setdefault(card, {})
        if field == "notes" or (after == value and before != after):
            standing[field] = [write]
        elif after == value:
            standing.setdefault(field, []).append(write)

    def _value(self, path: str) -> Any:
        card, field = _split(path)
        found = self._doc.get("cards", type=Map).get(card)
        value = found.get(field) if isinstance(found, Map) else None
        return None if field == "notes" else value


def _split(path: str) -> tuple[str, str]:
    _, card, field = path.split("/", 2)
    return card, field


def _same_of(field: str) -> Any:
    """What is the same to people: two places of a column are."""
    if field == "place":
        return lambda one, other: str(one).partition("|")[0] == str(other).partition("|")[0]
    return lambda one, other: one == other


def differ(path: str, mine: Any, theirs: Any) -> bool:
    """Whether a notice tells of two values that differ to people; C2 tells of a deletion only."""
    field = path.rpartition("/")[2]
    return field == "deleted" or not _same_of(field)(mine, theirs)


def diff(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Give the fields of cards that changed between two contents, with what they are now."""
    for key, card in after["cards"].items():
        former = before["cards"].get(key, {})
        for field in {**former, **card}:
            if former.get(field) != card.get(field):
                yield f"cards/{key}/{field}", card.get(field)
