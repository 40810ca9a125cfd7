"""One board: its columns, labels and cards, with their checklists and comments."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from pycrdt import Map

from moim_data.documents.access import Access
from moim_data.documents.checklist import Checklist, Item, Items
from moim_data.documents.comments import CardComments, Comment, Comments
from moim_data.documents.entities import Author, Entities, OrderedEntities, PlacedEntities
from moim_data.documents.entity import Entity, MemberView
from moim_data.documents.place import join, split
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

    __slots__ = ("_comments", "_items")
    _comments: Comments
    _items: Items
    title: str
    place: str
    number: int | None
    notes: SharedText
    labels: MemberView
    members: MemberView
    priority: str | None
    estimate: float | None
    start: date | None
    due: date | None
    created: tuple[str, int] | None

    def attach(self, items: Items, comments: Comments) -> None:
        """Say where its checklist and its comments are."""
        object.__setattr__(self, "_items", items)
        object.__setattr__(self, "_comments", comments)

    @property
    def checklist(self) -> Checklist:
        """Its checklist."""
        return Checklist(self._items, self.id)

    @property
    def comments(self) -> CardComments:
        """What people said about it, the oldest first."""
        return CardComments(self._comments, self.id)

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


class Cards(PlacedEntities[Card]):
    """The cards of a project; iterating gives ids by column and order."""

    def __init__(
        self,
        access: Access,
        shape: DocumentShape,
        columns: OrderedEntities[Column],
        items: Items,
        comments: Comments,
        author: Author,
    ) -> None:
        super().__init__(access, shape.roots["cards"], Card, author)
        self._columns = columns
        self._items = items
        self._comments = comments

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
            values["place"] = self._place_before(self._column_id(column), _id(before), None)
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
            keys = self._keys_before(target, _id(before), len(rows))
            for key, row in zip(keys, rows, strict=True):
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
            moved.place = self._place_before(target, _id(before), key)

    def in_column(self, column: str | Column) -> list[Card]:
        """Give the cards of a column in order."""
        with self._access.lock:
            return [self._entity(key) for _, key in self._order(self._column_id(column))]

    def _entity(self, key: str) -> Card:
        card = super()._entity(key)
        card.attach(self._items, self._comments)
        return card

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
        self.items = Items(access, shape.roots["items"], Item, author)
        self.comments = Comments(access, shape.roots["comments"], Comment, author)
        self.cards = Cards(access, shape, self.columns, self.items, self.comments, author)

    def move(
        self, card: str | Card, column: str | Column | None = None, before: str | Card | None = None
    ) -> None:
        """Put a card before another, or at the end of a column; see `Cards.move`."""
        self.cards.move(card, column, before)


def _id(card: str | Card | None) -> str | None:
    return card.id if isinstance(card, Card) else card
