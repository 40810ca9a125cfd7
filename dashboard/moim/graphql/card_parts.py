"""What cards have of their own: the lines of a checklist, and what people said."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from moim.graphql.context import Context, Info, Values, by_place
from moim.graphql.ids import joined, parted
from moim.graphql.members import Member, member_of, members_by_key
from moim.graphql.scalars import Stamp

if TYPE_CHECKING:
    from moim.graphql.board import Card

CardLater = Annotated["Card", strawberry.lazy("moim.graphql.board")]
"""Cards have parts, and parts are of a card."""


@strawberry.type(description="A line of a card's checklist.")
class ChecklistItem:
    """A line."""

    id: strawberry.ID = strawberry.field(description="`<project>/<item>`")
    card_id: strawberry.ID
    title: str
    place: str = strawberry.field(description="`<card>|<key>`; lines of a card are sorted by it.")
    done: Stamp | None = strawberry.field(description="Who ticked it off, and when.")
    deleted: Stamp | None
    members: list[Member]

    @classmethod
    def of(cls, project: str, values: Values, members: Mapping[str, Member]) -> "ChecklistItem":
        """Take a line as the document has it."""
        return cls(
            id=joined(project, values["id"]),
            card_id=joined(project, values.get("card", "")),
            title=str(values.get("title", "")),
            place=str(values.get("place", "")),
            done=Stamp.of(values.get("done")),
            deleted=Stamp.of(values.get("deleted")),
            members=[member_of(key, members) for key in values.get("members", ())],
        )

    @strawberry.field
    async def card(self, info: Info) -> CardLater | None:
        """Give the card that it is on."""
        return await _card(info.context, self.card_id)


@strawberry.type(description="What somebody said about a card.")
class Comment:
    """A comment."""

    id: strawberry.ID = strawberry.field(description="`<project>/<comment>`")
    card_id: strawberry.ID
    body: str
    created: Stamp | None
    edited: datetime | None
    deleted: Stamp | None
    author: Member | None
    mentions: list[Member]

    @classmethod
    def of(cls, project: str, values: Values, members: Mapping[str, Member]) -> "Comment":
        """Take a comment as the document has it."""
        created = Stamp.of(values.get("created"))
        edited = Stamp.of(["", values.get("edited")])
        return cls(
            id=joined(project, values["id"]),
            card_id=joined(project, values.get("card", "")),
            body=str(values.get("body", "")),
            created=created,
            edited=None if edited is None else edited.at,
            deleted=Stamp.of(values.get("deleted")),
            author=None if created is None else member_of(created.by, members),
            mentions=[member_of(key, members) for key in values.get("mentions", ())],
        )

    @strawberry.field
    async def card(self, info: Info) -> CardLater | None:
        """Give the card that it is about."""
        return await _card(info.context, self.card_id)


async def checklist_of(context: Context, card_id: str) -> list[ChecklistItem]:
    """Give the lines of a card in order. Raises OverLimit."""
    project, key = parted(card_id, "id")
    found = by_place((await context.by_card(f"project/{project}", "items")).get(key, ()))
    context.count(len(found))
    members = await members_by_key(context)
    return [ChecklistItem.of(project, one, members) for one in found]


async def comments_on(context: Context, card_id: str) -> list[Comment]:
    """Give what was said about a card, the oldest first. Raises OverLimit."""
    project, key = parted(card_id, "id")
    found = (await context.by_card(f"project/{project}", "comments")).get(key, ())
    context.count(len(found))
    members = await members_by_key(context)
    return [Comment.of(project, one, members) for one in sorted(found, key=_age)]


def _age(values: Values) -> tuple[Any, str]:
    created = values.get("created")
    return (created[1] if isinstance(created, list) and len(created) == 2 else 0, values["id"])


async def _card(context: Context, card_id: str) -> "Card | None":
    from moim.graphql.board import Card, Parts

    project, key = parted(card_id, "id")
    values = (await context.things(f"project/{project}", "cards")).get(key)
    return None if values is None else Card.of(project, values, await Parts.read(context, project))
