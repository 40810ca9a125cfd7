"""Places for what a file brings: in the file's order, among what is there already."""

from collections.abc import Callable, Sequence
from typing import Any

from pycrdt import Map

from moim_data.documents.access import Access
from moim_data.documents.place import insert_at, is_key, join, keys_between
from moim_data.formats.records import Record


class Placing:
    """Draws the `place` of ordered records; each comes after the record before it in its group."""

    def __init__(
        self, access: Access, records: Sequence[Record], random: Callable[[], float]
    ) -> None:
        self._access = access
        self._random = random
        self._groups: dict[tuple[str, str], list[str]] = {}
        for record in records:
            if record.group is not None and not record.gone:
                self._groups.setdefault((record.root, record.group), []).append(record.id)
        self._order: dict[tuple[str, str], list[tuple[str, str]]] = {}
        self._drawn: dict[tuple[str, str], str] = {}
        self._read_orders()
        self._numbers = self._numbers_taken()

    def place(self, record: Record) -> str:
        """Give the place of a record that is new, or has moved in the file."""
        assert record.group is not None
        group = (record.root, record.group)
        key = self._drawn.get((record.root, record.id))
        if key is None:
            key = self._inserted(group, record.id)
        return join(record.group, key) if record.group else key

    def free_number(self, wanted: int) -> int:
        """Give the number of a new card: the file's, or the next when a card here has that."""
        number = wanted if wanted not in self._numbers else max(self._numbers) + 1
        self._numbers.add(number)
        return number

    def _inserted(self, group: tuple[str, str], key: str) -> str:
        order = [(place, other) for place, other in self._order.get(group, []) if other != key]
        files = self._groups[group]
        before = set(files[: files.index(key)])
        index = max((at + 1 for at, (_, other) in enumerate(order) if other in before), default=0)
        insertion = insert_at([place for place, _ in order], index, self._random)
        for at, place in insertion.rekeyed.items():
            other = order[at][1]
            order[at] = (place, other)
            self._root(group[0])[other]["place"] = join(group[1], place) if group[1] else place
        order.insert(index, (insertion.key, key))
        self._order[group] = order
        return insertion.key

    def _read_orders(self) -> None:
        for root in {root for root, _ in self._groups}:
            for key, entity in self._root(root).items():
                if not isinstance(entity, Map) or "deleted" in entity:
                    continue
                column, bar, place = str(entity.get("place", "")).rpartition("|")
                if is_key(place):
                    self._order.setdefault((root, column if bar else ""), []).append((place, key))
        for order in self._order.values():
            order.sort()
        for group, ids in self._groups.items():
            if group not in self._order:
                # all of a group at once get short keys
                for key, place in zip(
                    ids, keys_between(None, None, len(ids), self._random), strict=True
                ):
                    self._drawn[(group[0], key)] = place

    def _numbers_taken(self) -> set[int]:
        if not any(root == "cards" for root, _ in self._groups):
            return set()
        cards = (card for card in self._root("cards").values() if isinstance(card, Map))
        return {int(card["number"]) for card in cards if "number" in card}

    def _root(self, name: str) -> "Map[Any]":
        root: Map[Any] = self._access.doc.get(name, type=Map)
        return root
