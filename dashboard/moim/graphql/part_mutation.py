"""What one may do to checklists and comments of cards."""

from collections.abc import Callable

import strawberry

from moim.graphql.board import Card, Parts
from moim.graphql.card_parts import ChecklistItem, Comment
from moim.graphql.context import Context, Info
from moim.graphql.failures import MutationFailure
from moim.graphql.ids import key_within, parted
from moim.graphql.inputs import (
    CreateCommentInput,
    CreateItemInput,
    DeleteInput,
    MoveItemInput,
    UpdateCommentInput,
    UpdateItemInput,
    comment_values,
    item_values,
)
from moim.graphql.outcome import Outcome, Plan
from moim_sync.api import card_parts


@strawberry.type(description="What came of a mutation of a line of a checklist.")
class ItemPayload:
    """Either `failure` is null, or nothing was changed."""

    item: ChecklistItem | None = strawberry.field(
        description="As it is now, also when the mutation failed. Null when there is none."
    )
    deleted_id: strawberry.ID | None = strawberry.field(description="The line that is gone.")
    card: Card | None = strawberry.field(description="With the `checklist` as it is now.")
    version: int | None = strawberry.field(description="Of the project, with this change.")
    failure: MutationFailure | None


@strawberry.type(description="What came of a mutation of a comment.")
class CommentPayload:
    """Either `failure` is null, or nothing was changed."""

    comment: Comment | None = strawberry.field(
        description="As it is now, also when the mutation failed. Null when there is none."
    )
    deleted_id: strawberry.ID | None = strawberry.field(description="The comment that is gone.")
    card: Card | None = strawberry.field(description="With the `comments` as they are now.")
    version: int | None = strawberry.field(description="Of the project, with this change.")
    failure: MutationFailure | None


@strawberry.type
class PartMutation:
    """Writing on cards."""

    @strawberry.mutation(description="Make a line of a checklist before another, or at its end.")
    async def create_item(self, info: Info, input: CreateItemInput) -> ItemPayload:
        """Make a line."""

        def plan() -> Plan:
            project, card = parted(input.card, "card")
            key = input.id and key_within(project, input.id, "id")
            before = input.before and key_within(project, input.before, "before")
            who, values = info.context.caller.who, item_values(input)
            work = card_parts.create_item(who, card, values, id=key or None, before=before or None)
            return project, key or None, work

        return await _item(info.context, plan, input.expected_version)

    @strawberry.mutation(description="Set fields of a line; `done` ticks it off, or not.")
    async def update_item(self, info: Info, input: UpdateItemInput) -> ItemPayload:
        """Set fields of a line."""

        def plan() -> Plan:
            project, key = parted(input.id, "id")
            work = card_parts.update_item(info.context.caller.who, key, item_values(input))
            return project, key, work

        return await _item(info.context, plan, input.expected_version)

    @strawberry.mutation(description="Put a line before another, or at the end of a checklist.")
    async def move_item(self, info: Info, input: MoveItemInput) -> ItemPayload:
        """Put a line elsewhere."""

        def plan() -> Plan:
            project, key = parted(input.id, "id")
            card = input.card and key_within(project, input.card, "card")
            before = input.before and key_within(project, input.before, "before")
            who = info.context.caller.who
            return project, key, card_parts.move_item(who, key, card=card, before=before)

        return await _item(info.context, plan, input.expected_version)

    @strawberry.mutation(description="Mark a line as deleted.")
    async def delete_item(self, info: Info, input: DeleteInput) -> ItemPayload:
        """Delete a line."""

        def plan() -> Plan:
            project, key = parted(input.id, "id")
            return project, key, card_parts.delete_item(info.context.caller.who, key)

        return await _item(info.context, plan, input.expected_version)

    @strawberry.mutation(description="Say something about a card.")
    async def create_comment(self, info: Info, input: CreateCommentInput) -> CommentPayload:
        """Make a comment."""

        def plan() -> Plan:
            project, card = parted(input.card, "card")
            key = input.id and key_within(project, input.id, "id")
            who, values = info.context.caller.who, comment_values(input)
            work = card_parts.create_comment(who, card, values, id=key or None)
            return project, key or None, work

        return await _comment(info.context, plan, input.expected_version)

    @strawberry.mutation(description="Say it in other words; its author only.")
    async def update_comment(self, info: Info, input: UpdateCommentInput) -> CommentPayload:
        """Edit a comment."""

        def plan() -> Plan:
            project, key = parted(input.id, "id")
            work = card_parts.update_comment(info.context.caller.who, key, comment_values(input))
            return project, key, work

        return await _comment(info.context, plan, input.expected_version)

    @strawberry.mutation(description="Mark a comment as deleted; its author only.")
    async def delete_comment(self, info: Info, input: DeleteInput) -> CommentPayload:
        """Delete a comment."""

        def plan() -> Plan:
            project, key = parted(input.id, "id")
            return project, key, card_parts.delete_comment(info.context.caller.who, key)

        return await _comment(info.context, plan, input.expected_version)


async def _item(context: Context, plan: Callable[[], Plan], expected: int | None) -> ItemPayload:
    outcome = await Outcome.of(context, "project", "items", plan, expected)
    parts = await _parts(context, outcome)
    return ItemPayload(
        item=None
        if parts is None
        else ChecklistItem.of(outcome.owner, outcome.values, parts.members),
        deleted_id=outcome.deleted_id,
        card=None if parts is None else await _card(context, outcome, parts),
        version=outcome.version,
        failure=outcome.failure,
    )


async def _comment(
    context: Context, plan: Callable[[], Plan], expected: int | None
) -> CommentPayload:
    outcome = await Outcome.of(context, "project", "comments", plan, expected)
    parts = await _parts(context, outcome)
    return CommentPayload(
        comment=None if parts is None else Comment.of(outcome.owner, outcome.values, parts.members),
        deleted_id=outcome.deleted_id,
        card=None if parts is None else await _card(context, outcome, parts),
        version=outcome.version,
        failure=outcome.failure,
    )


async def _parts(context: Context, outcome: Outcome) -> Parts | None:
    return None if outcome.values is None else await Parts.read(context, outcome.owner)


async def _card(context: Context, outcome: Outcome, parts: Parts) -> Card | None:
    document = f"project/{outcome.owner}"
    card = await context.thing(document, "cards", str(outcome.values.get("card", "")))
    return None if card is None else Card.of(outcome.owner, card, parts)
