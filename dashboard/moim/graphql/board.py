"""Projects as GraphQL clients see them: what a board shows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import strawberry

from moim.graphql.card_parts import ChecklistItem, Comment, checklist_of, comments_on
from moim.graphql.context import Context, Info, Values, by_place
from moim.graphql.ids import joined
from moim.graphql.members import Member, all_members, member_of, members_by_key
from moim.graphql.pace import paced
from moim.graphql.scalars import Colour, ColumnStatus, Day, Priority, Stamp, choice, small


@strawberry.type(description="A column of a board.")
class Column:
    """A column."""

    id: strawberry.ID
    name: str
    place: str = strawberry.field(description="Columns are sorted by it.")
    status: ColumnStatus | None
    limit: int | None = strawberry.field(description="How many cards it should have at most.")
    deleted: Stamp | None

    @classmethod
    def of(cls, project: str, values: Values) -> "Column":
        """Take a column as the document has it."""
        return cls(
            id=joined(project, values["id"]),
            name=str(values.get("name", "")),
            place=str(values.get("place", "")),
            status=choice(ColumnStatus, values.get("status")),
            limit=small(values.get("limit")),
            deleted=Stamp.of(values.get("deleted")),
        )


@strawberry.type(description="A label that cards can bear.")
class Label:
    """A label."""

    id: strawberry.ID
    name: str
    colour: Colour | None
    deleted: Stamp | None

    @classmethod
    def of(cls, project: str, values: Values) -> "Label":
        """Take a label as the document has it."""
        return cls(
            id=joined(project, values["id"]),
            name=str(values.get("name", "")),
            colour=choice(Colour, values.get("colour")),
            deleted=Stamp.of(values.get("deleted")),
        )


@strawberry.type(description="A card of a board.")
class Card:
    """A card."""

    id: strawberry.ID = strawberry.field(description="`<project>/<card>`")
    number: int | None
    title: str
    place: str = strawberry.field(
        description="`<column>|<key>`; cards of a column are sorted by it."
    )
    notes: str
    priority: Priority | None
    estimate: float | None
    start: Day | None
    due: Day | None
    created: Stamp | None
    deleted: Stamp | None
    column: Column | None = strawberry.field(description="Null when the column was deleted.")
    labels: list[Label] = strawberry.field(description="Those left out that were deleted.")
    members: list[Member] = strawberry.field(description="Whom it was given to.")

    @classmethod
    def of(cls, project: str, values: Values, parts: "Parts") -> "Card":
        """Take a card as the document has it.

        All of it is made at once: a board has thousands of cards, and a resolver that is waited for
        costs as much as all other fields of a card.
        """
        return cls(
            id=joined(project, values["id"]),
            number=small(values.get("number")),
            title=str(values.get("title", "")),
            place=str(values.get("place", "")),
            notes=str(values.get("notes", "")),
            priority=choice(Priority, values.get("priority")),
            estimate=values.get("estimate"),
            start=values.get("start"),
            due=values.get("due"),
            created=Stamp.of(values.get("created")),
            deleted=Stamp.of(values.get("deleted")),
            column=parts.columns.get(values.get("column", "")),
            labels=[parts.labels[key] for key in values.get("labels", ()) if key in parts.labels],
            members=[member_of(key, parts.members) for key in values.get("members", ())],
        )

    @strawberry.field(description="In order.")
    async def checklist(self, info: Info) -> list[ChecklistItem]:
        """Give the lines of its checklist."""
        return await checklist_of(info.context, self.id)

    @strawberry.field(description="The oldest first.")
    async def comments(self, info: Info) -> list[Comment]:
        """Give what people said about it."""
        return await comments_on(info.context, self.id)


@dataclass(frozen=True, slots=True)
class Parts:
    """What cards refer to, by key."""

    columns: Mapping[str, Column]
    labels: Mapping[str, Label]
    members: Mapping[str, Member]

    @classmethod
    async def read(cls, context: Context, project: str) -> "Parts":
        """Read the parts of a project once."""
        document = f"project/{project}"
        columns, labels = [await context.things(document, root) for root in ("columns", "labels")]
        return cls(
            {key: Column.of(project, one) for key, one in columns.items()},
            {key: Label.of(project, one) for key, one in labels.items()},
            await members_by_key(context),
        )

    def cards(self, context: Context, project: str, found: Iterable[Values]) -> list[Card]:
        """Make cards. Raises OverLimit."""
        cards = [Card.of(project, one, self) for one in found]
        context.count(sum(1 + len(one.labels) + len(one.members) for one in cards))
        return cards


@strawberry.type(description="A board.")
class Project:
    """A project; each field is read when it is asked for."""

    id: strawberry.ID
    seen: strawberry.Private[int | None] = None
    """The version that a message makes; None: the one of when it is asked for."""

    @property
    def document(self) -> str:
        """Give the name of its document."""
        return f"project/{self.id}"

    @strawberry.field(description="Rises with each edit; `since` and `expectedVersion` take it.")
    async def version(self, info: Info) -> int:
        """Give the version of its document."""
        return self.seen or (await info.context.head(self.document))[0]

    @strawberry.field(description="Null for who may not read the workspace.")
    async def name(self, info: Info) -> str | None:
        """Give what the workspace calls it."""
        name: str | None = (await self._entry(info.context)).get("name")
        return name

    @strawberry.field
    async def colour(self, info: Info) -> Colour | None:
        """Give its hue."""
        colour: Colour | None = choice(Colour, (await self._entry(info.context)).get("colour"))
        return colour

    @strawberry.field
    async def description(self, info: Info) -> str:
        """Give what is said about it."""
        return str((await info.context.head(self.document))[1].get("description", ""))

    @strawberry.field(description="Stands before the numbers of cards.")
    async def prefix(self, info: Info) -> str:
        """Give what stands before the numbers of its cards."""
        return str((await info.context.head(self.document))[1].get("prefix", ""))

    @strawberry.field(description="In order.")
    async def columns(self, info: Info) -> list[Column]:
        """Give its columns."""
        found = by_place((await self._things(info.context, "columns")).values())
        info.context.count(len(found))
        return [Column.of(self.id, one) for one in found]

    @strawberry.field(description="By column, then in order.")
    async def cards(self, info: Info) -> list[Card]:
        """Give its cards."""
        columns = await self._things(info.context, "columns")
        order = {one["id"]: rank for rank, one in enumerate(by_place(columns.values()))}
        found = by_place((await self._things(info.context, "cards")).values())
        found.sort(key=lambda one: order.get(one.get("column", ""), len(order)))
        parts = await Parts.read(info.context, self.id)
        return paced(parts.cards(info.context, self.id, found))

    @strawberry.field(description="By name.")
    async def labels(self, info: Info) -> list[Label]:
        """Give its labels."""
        found = (await self._things(info.context, "labels")).values()
        info.context.count(len(found))
        labels = [Label.of(self.id, one) for one in found]
        return sorted(labels, key=lambda one: (one.name, one.id))

    @strawberry.field(description="Everybody whom its cards can be given to.")
    async def members(self, info: Info) -> list[Member]:
        """Give the people of the workspace."""
        return await all_members(info.context)

    async def _entry(self, context: Context) -> Values:
        return (await context.entries("projects")).get(self.id, {})

    async def _things(self, context: Context, root: str) -> dict[str, Values]:
        return dict(await context.things(self.document, root))
