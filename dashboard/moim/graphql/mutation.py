"""What one may do; each answer says what came of it, or why nothing did."""

from collections.abc import Callable

import strawberry

from moim.graphql.agenda import Calendar, Event
from moim.graphql.board import Card, Parts, Project
from moim.graphql.context import Context, Info
from moim.graphql.failures import MutationFailure
from moim.graphql.ids import key_within, owner_of, parted
from moim.graphql.inputs import (
    CreateCardInput,
    CreateEventInput,
    DeleteInput,
    EditTextInput,
    MoveCardInput,
    OccurrenceInput,
    UpdateCardInput,
    UpdateEventInput,
    card_values,
    event_values,
)
from moim.graphql.members import members_by_key
from moim.graphql.outcome import Outcome, Plan
from moim.graphql.part_mutation import PartMutation
from moim.graphql.settling import ConflictMutation
from moim.graphql.text import TextPayload, edited
from moim_sync.api import commands
from moim_sync.api.series import delete_occurrence, update_occurrence


@strawberry.type(description="What came of a mutation of a card.")
class CardPayload:
    """Either `failure` is null, or nothing was changed."""

    card: Card | None = strawberry.field(
        description="As it is now, also when the mutation failed. Null when there is none."
    )
    deleted_id: strawberry.ID | None = strawberry.field(description="The card that is gone.")
    project: Project | None
    version: int | None = strawberry.field(description="Of the project, with this change.")
    failure: MutationFailure | None


@strawberry.type(description="What came of a mutation of an event.")
class EventPayload:
    """Either `failure` is null, or nothing was changed."""

    event: Event | None = strawberry.field(
        description="As it is now, also when the mutation failed. Null when there is none."
    )
    deleted_id: strawberry.ID | None = strawberry.field(description="The event that is gone.")
    calendar: Calendar | None
    version: int | None = strawberry.field(description="Of the calendar, with this change.")
    failure: MutationFailure | None


@strawberry.type
class Mutation(PartMutation, ConflictMutation):
    """Writing."""

    @strawberry.mutation(description="Make a card before another, or at the end of a column.")
    async def create_card(self, info: Info, input: CreateCardInput) -> CardPayload:
        """Make a card."""

        def plan() -> Plan:
            project = owner_of(input.project, "project")
            key = None if not input.id else key_within(project, input.id, "id")
            work = commands.create_card(
                info.context.caller.who,
                card_values(project, input),
                id=key,
                column=input.column and key_within(project, input.column, "column"),
                before=input.before and key_within(project, input.before, "before"),
            )
            return project, key, work

        return await _card(info.context, plan, input.expected_version)

    @strawberry.mutation(description="Set fields of a card; null takes one out.")
    async def update_card(self, info: Info, input: UpdateCardInput) -> CardPayload:
        """Set fields of a card."""

        def plan() -> Plan:
            project, key = parted(input.id, "id")
            values = card_values(project, input)
            return project, key, commands.update_card(info.context.caller.who, key, values)

        return await _card(info.context, plan, input.expected_version)

    @strawberry.mutation(description="Put a card before another, or at the end of a column.")
    async def move_card(self, info: Info, input: MoveCardInput) -> CardPayload:
        """Put a card elsewhere."""

        def plan() -> Plan:
            project, key = parted(input.id, "id")
            work = commands.move_card(
                info.context.caller.who,
                key,
                column=input.column and key_within(project, input.column, "column"),
                before=input.before and key_within(project, input.before, "before"),
            )
            return project, key, work

        return await _card(info.context, plan, input.expected_version)

    @strawberry.mutation(description="Mark a card as deleted.")
    async def delete_card(self, info: Info, input: DeleteInput) -> CardPayload:
        """Delete a card."""

        def plan() -> Plan:
            project, key = parted(input.id, "id")
            return project, key, commands.delete_card(info.context.caller.who, key)

        return await _card(info.context, plan, input.expected_version)

    @strawberry.mutation(description="Make an event; with `rule`, a series.")
    async def create_event(self, info: Info, input: CreateEventInput) -> EventPayload:
        """Make an event."""

        def plan() -> Plan:
            calendar = owner_of(input.calendar, "calendar")
            key = None if not input.id else key_within(calendar, input.id, "id")
            values = event_values(input)
            return calendar, key, commands.create_event(info.context.caller.who, values, id=key)

        return await _event(info.context, plan, input.expected_version)

    @strawberry.mutation(
        description="Set fields of an event or of a whole series; with `of`, from one of its events"
        " on. `when` is the time of that one then, and a series that is cut gives a new event."
    )
    async def update_event(
        self, info: Info, input: UpdateEventInput, of: OccurrenceInput | None = None
    ) -> EventPayload:
        """Set fields of an event."""

        def plan() -> Plan:
            calendar, key = parted(input.id, "id")
            who, values = info.context.caller.who, event_values(input)
            if of is None:
                return calendar, key, commands.update_event(who, key, values)
            work = update_occurrence(who, key, of.recurrence_id, of.reach, values)
            return calendar, key, work

        return await _event(info.context, plan, input.expected_version)

    @strawberry.mutation(
        description="Mark an event, with its whole series, as deleted; with `of`, take out some."
    )
    async def delete_event(
        self, info: Info, input: DeleteInput, of: OccurrenceInput | None = None
    ) -> EventPayload:
        """Delete an event."""

        def plan() -> Plan:
            calendar, key = parted(input.id, "id")
            who = info.context.caller.who
            if of is None:
                return calendar, key, commands.delete_event(who, key)
            return calendar, key, delete_occurrence(who, key, of.recurrence_id, of.reach)

        return await _event(info.context, plan, input.expected_version)

    @strawberry.mutation(
        description="Edit a text by index, as it was in `baseVersion`; it is merged with what "
        "others have done since."
    )
    async def edit_text(self, info: Info, input: EditTextInput) -> TextPayload:
        """Edit a text by index."""
        return await edited(info.context, input)


async def _card(context: Context, plan: Callable[[], Plan], expected: int | None) -> CardPayload:
    outcome = await Outcome.of(context, "project", "cards", plan, expected)
    values = outcome.values
    parts = None if values is None else await Parts.read(context, outcome.owner)
    return CardPayload(
        card=None if parts is None else Card.of(outcome.owner, values, parts),
        deleted_id=outcome.deleted_id,
        project=Project(id=strawberry.ID(outcome.owner)) if outcome.is_there else None,
        version=outcome.version,
        failure=outcome.failure,
    )


async def _event(context: Context, plan: Callable[[], Plan], expected: int | None) -> EventPayload:
    outcome = await Outcome.of(context, "calendar", "events", plan, expected)
    values = outcome.values
    members = await members_by_key(context)
    return EventPayload(
        event=None if values is None else Event.of(outcome.owner, values, members),
        deleted_id=outcome.deleted_id,
        calendar=Calendar(id=strawberry.ID(outcome.owner)) if outcome.is_there else None,
        version=outcome.version,
        failure=outcome.failure,
    )
