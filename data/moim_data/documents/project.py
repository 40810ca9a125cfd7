"""One board: its columns, labels and cards."""

from collections.abc import Iterable, Mapping
from typing import Any

from pycrdt import Map

from moim_data.documents.access import Access
from moim_data.documents.entities import Author, Entities, OrderedEntities, index_before
from moim_data.documents.entity import Entity, MemberView
from moim_data.documents.place import insert_at, is_key, join, keys_between, split
from moim_data.documents.shape import DocumentShape, shape_of
from moim_data.documents.text import SharedText
from moim_data.errors import InvalidValue


class Info(Entity):
    """What is said about the project itself; its name and colour stand in the workspace."""

    __slots__ = ()
    description: str | None
    prefix: str | None


class Column(Entity):
    """A column of the board."""

    __slots__ = ()
    name: str
    place: str
    status: str | None
    limit: int | None


class Label(Entity):
    """A label that cards may bear."""

    __slots__ = ()
    name: str
    colour: str


class Card(Entity):
    """A card; further fields of the schema are attributes as well."""

    __slots__ = ()
    title: str
    place: str
    number: int | None
    notes: SharedText
    labels: MemberView
    members: MemberView

    @property
    def column(self) -> str:
        """The id of the column it stands in."""
        return split(self.place).column

    @property
    def key(self) -> str:
        """Its place key in the column."""
        return split(self.place).key


class Labels(Entities[Label]):
    """The labels of a project, by label id."""

    def add(self, name: str, colour: str, *, id: str | None = None) -> Label:
        """Make a label. Raises InvalidValue."""
        return self._make(id, {"name": name, "colour": colour})


class Cards(Entities[Card]):
    """The cards of a project; iterating gives ids by column and order."""

    def __init__(
        self, access: Access, shape: DocumentShape, columns: OrderedEntities[Column], author: Author
    ) -> None:
        super().__init__(access, shape.roots["cards"], Card, author)
        self._columns = columns

    def add(
        self,
        title: str,
        column: str | Column | None = None,
        before: str | Card | None = None,
        *,
        id: str | None = None,
        **values: Any,
    ) -> Card:
        """Make a card before another, or at the end of a column (the first one when not said).

        Args:
            column: a column, its id or its name.
            values: further fields; `labels` and `members` take ids.

        Raises:
            InvalidValue: a value the schema does not allow, or a project without columns.
            UnknownEntity: no such column or card.
        """
        with self._access.transaction():
            values.setdefault("number", self._next_number())
            values.setdefault("created", self._author.stamp())
            values["title"] = title
            values["place"] = self._place_before(self._column_id(column), before, None)
            return self._make(id, values)

    def add_all(
        self,
        cards: Iterable[Mapping[str, Any]],
        column: str | Column | None = None,
        before: str | Card | None = None,
    ) -> list[Card]:
        """Make many cards in one transaction, in the order given; no other gets between them.

        Args:
            cards: the fields of each, `title` at least; `id` when it is to be a certain one.

        Raises: as `add`; then none of them is made.
        """
        rows = [dict(card) for card in cards]
        with self._access.transaction():
            target = self._column_id(column)
            number = self._next_number()
            for key, row in zip(self._keys_before(target, before, len(rows)), rows, strict=True):
                row.setdefault("number", number)
                row.setdefault("created", self._author.stamp())
                row["place"] = join(target, key)
                number = max(number, row["number"]) + 1
            return self._make_all([(row.pop("id", None), row) for row in rows])

    def move(
        self, card: str | Card, column: str | Column | None = None, before: str | Card | None = None
    ) -> None:
        """Put a card before another, or at the end of a column (its own when not said)."""
        key = card if isinstance(card, str) else card.id
        with self._access.transaction():
            moved = self[key]
            target = moved.column if column is None else self._column_id(column)
            moved.place = self._place_before(target, before, key)

    def in_column(self, column: str | Column) -> list[Card]:
        """Give the cards of a column in order."""
        with self._access.lock:
            return [self._entity(key) for _, key in self._order(self._column_id(column))]

    def _column_id(self, column: str | Column | None) -> str:
        if isinstance(column, Column):
            return column.id
        if column is not None:
            return self._columns.named(column).id
        for first in self._columns:
            return first
        raise InvalidValue("cards: expected a project with a column, got none", "columns")

    def _next_number(self) -> int:
        numbers = (card.get("number") for card in self._map().values() if isinstance(card, Map))
        return int(max((number for number in numbers if number is not None), default=0)) + 1

    def _place_before(self, column: str, before: str | Card | None, moved: str | None) -> str:
        order = [(key, card) for key, card in self._order(column) if card != moved]
        wanted = before.id if isinstance(before, Card) else before
        index = index_before(f"{column}: cards", [card for _, card in order], wanted)
        insertion = insert_at([key for key, _ in order], index, self._author.random)
        for other, key in insertion.rekeyed.items():
            self[order[other][1]].place = join(column, key)
        return join(column, insertion.key)

    def _keys_before(self, column: str, before: str | Card | None, count: int) -> list[str]:
        order = self._order(column)
        wanted = before.id if isinstance(before, Card) else before
        index = index_before(f"{column}: cards", [card for _, card in order], wanted)
        low = order[index - 1][0] if index else None
        # two cards may have drawn the same key: then these go behind both
        higher = (key for key, _ in order[index:] if low is None or key > low)
        return keys_between(low, next(higher, None), count, self._author.random)

    def _order(self, column: str) -> list[tuple[str, str]]:
        """Give (place key, card id) of a column in order."""
        start = column + "|"
        places = (
            (str(card.get("place", "")), key)
            for key, card in self._map().items()
            if isinstance(card, Map) and "deleted" not in card
        )
        found = ((place[len(start) :], key) for place, key in places if place.startswith(start))
        return sorted((place, key) for place, key in found if is_key(place))


class ProjectDocument:
    """A `project/<id>` document.

    Args:
        access: the document and its lock.
        author: who writes; its clock and randomness.
        shape: another shape than that of the schema file, for tests.
    """

    def __init__(
        self, access: Access, author: Author | None = None, shape: DocumentShape | None = None
    ) -> None:
        shape = shape or shape_of("project")
        assert shape is not None
        author = author or Author()
        self.access = access
        self.info = Info(
            access, shape.roots["info"].entity, "info", lambda: access.doc.get("info", type=Map)
        )
        self.columns = OrderedEntities(access, shape.roots["columns"], Column, author)
        self.labels = Labels(access, shape.roots["labels"], Label, author)
        self.cards = Cards(access, shape, self.columns, author)

    def move(
        self, card: str | Card, column: str | Column | None = None, before: str | Card | None = None
    ) -> None:
        """Put a card before another, or at the end of a column; see `Cards.move`."""
        self.cards.move(card, column, before)
