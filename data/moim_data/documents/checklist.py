"""The checklists of cards: lines that are ticked off, in an order of their own."""

from collections.abc import Iterator
from typing import Any

from moim_data.documents.entities import PlacedEntities
from moim_data.documents.entity import Entity, MemberView
from moim_data.documents.place import split


class Item(Entity):
    """One line of a card's checklist."""

    __slots__ = ()
    title: str
    place: str
    done: tuple[str, int] | None
    members: MemberView

    @property
    def card(self) -> str:
        """The id of its card."""
        return split(self.place).column

    @property
    def key(self) -> str:
        """Its place key on the card."""
        return split(self.place).key


class Items(PlacedEntities[Item]):
    """The lines of all checklists of a project; iterating gives ids by card and order."""

    def add(
        self,
        card: str,
        title: str,
        before: str | None = None,
        *,
        id: str | None = None,
        **values: Any,
    ) -> Item:
        """Make a line before another of the same card, or at the end. Raises InvalidValue."""
        with self._access.transaction():
            values["title"] = title
            values["place"] = self._place_before(card, before, None)
            return self._make(id, values)

    def move(self, item: str, before: str | None = None, card: str | None = None) -> None:
        """Put a line before another, or at the end of a card's list (its own when not said)."""
        with self._access.transaction():
            moved = self[item]
            moved.place = self._place_before(moved.card if card is None else card, before, item)

    def tick(self, item: str, done: bool = True) -> None:
        """Tick a line off, or take the tick back; who ticked first stays named."""
        with self._access.transaction():
            if not done:
                self[item].done = None
            elif self[item].done is None:
                self[item].done = self._author.stamp()

    def of(self, card: str) -> list[Item]:
        """Give the lines of a card in order."""
        with self._access.lock:
            return [self._entity(key) for _, key in self._order(card)]


class Checklist:
    """The checklist of one card; iterating gives its lines in order."""

    def __init__(self, items: Items, card: str) -> None:
        self._items = items
        self._card = card

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items.of(self._card))

    def __len__(self) -> int:
        return len(self._items.of(self._card))

    def __repr__(self) -> str:
        return "\n".join(f"[{'x' if item.done else ' '}] {item.title}" for item in self)

    @property
    def done(self) -> int:
        """The number of lines that are ticked off."""
        return sum(item.done is not None for item in self)

    def add(self, title: str, before: str | None = None, **values: Any) -> Item:
        """Make a line before another, or at the end. Raises InvalidValue."""
        return self._items.add(self._card, title, before, **values)

    def move(self, item: str, before: str | None = None) -> None:
        """Put a line before another, or at the end."""
        self._items.move(item, before)

    def tick(self, item: str, done: bool = True) -> None:
        """Tick a line off, or take the tick back."""
        self._items.tick(item, done)
