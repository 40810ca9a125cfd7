"""Calendars as GraphQL clients see them: events as they are written, and when they take place."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

import strawberry
from graphql import GraphQLError

from moim.calendar_occurrences import BadQuestion, Question
from moim.graphql.context import Context, Info, Values
from moim.graphql.ids import joined
from moim.graphql.members import Member, member_of, members_by_key
from moim.graphql.pace import paced
from moim.graphql.scalars import Colour, Day, EventStatus, Moment, Stamp, choice

UTC = "UTC"
D = TypeVar("D")
From = Annotated[D, strawberry.argument(name="from")]
"""An argument that is called as Python may not call one."""


@strawberry.type(description="From when to when, on the clocks of which zone.")
class When:
    """The time of an event."""

    start: Moment
    end: Moment = strawberry.field(description="It does not belong to the event any more.")
    zone: str = strawberry.field(description="IANA name; empty: whatever zone one is in.")

    @classmethod
    def of(cls, value: Any) -> "When":
        """Take `[start, end, zone]`."""
        return cls(start=value[0], end=value[1], zone=value[2])


@strawberry.type(description="An event as it was written; with a rule it is a whole series.")
class Event:
    """An event."""

    id: strawberry.ID = strawberry.field(description="`<calendar>/<event>`")
    title: str
    when: When
    rule: str | None = strawberry.field(description="How it repeats: RRULE of RFC 5545.")
    location: str | None
    url: str | None
    status: EventStatus | None
    notes: str
    created: Stamp | None
    deleted: Stamp | None
    members: list[Member] = strawberry.field(description="Whom it is for.")

    @classmethod
    def of(cls, calendar: str, values: Values, members: Mapping[str, Member]) -> "Event":
        """Take an event as the document has it."""
        return cls(
            id=joined(calendar, values["id"]),
            title=str(values.get("title", "")),
            when=When.of(values["when"]),
            rule=values.get("rule"),
            location=values.get("location"),
            url=values.get("url"),
            status=choice(EventStatus, values.get("status")),
            notes=str(values.get("notes", "")),
            created=Stamp.of(values.get("created")),
            deleted=Stamp.of(values.get("deleted")),
            members=[member_of(key, members) for key in values.get("members", ())],
        )


@strawberry.type(description="One time that an event takes place.")
class Occurrence:
    """An event, or one of a series with what is different in it."""

    id: strawberry.ID = strawberry.field(description="`<calendar>/<event>/<recurrenceId>`")
    recurrence_id: str = strawberry.field(description="When the rule puts it.")
    when: When
    title: str
    location: str | None
    status: EventStatus | None
    is_exception: bool = strawberry.field(description="It differs from its series.")
    event: Event

    @classmethod
    def of(cls, calendar: str, values: Values, event: Event) -> "Occurrence":
        """Take what was expanded."""
        return cls(
            id=joined(event.id, values["recurrenceId"]),
            recurrence_id=values["recurrenceId"],
            when=When.of(values["when"]),
            title=values["title"],
            location=values["location"],
            status=choice(EventStatus, values["status"]),
            is_exception=values["isException"],
            event=event,
        )


@strawberry.type(description="A calendar.")
class Calendar:
    """A calendar; each field is read when it is asked for."""

    id: strawberry.ID
    seen: strawberry.Private[int | None] = None
    """The version that a message makes; None: the one of when it is asked for."""

    @property
    def document(self) -> str:
        """Give the name of its document."""
        return f"calendar/{self.id}"

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

    @strawberry.field(description="The zone of new events.")
    async def zone(self, info: Info) -> str | None:
        """Give the zone of new events."""
        zone: str | None = (await info.context.head(self.document))[1].get("zone")
        return zone

    @strawberry.field(
        description="What takes place from a day until before another, series expanded. The days"
        " are those of `zone`; of the calendar's own when it is not said."
    )
    async def events(
        self, info: Info, from_: From[Day], to: Day, zone: str | None = None
    ) -> list[Occurrence]:
        """Give what takes place between two days, by when it starts."""
        words = {"from": from_, "to": to, "zone": zone or await self._zone(info.context)}
        try:
            question = Question.read({**words, "all": "1"})
        except BadQuestion as error:
            raise GraphQLError(str(error), extensions={"code": "invalid"}) from None
        found = await info.context.occurrences(self.id, question)
        info.context.count(len(found))
        known = await info.context.things(self.document, "events")
        members = await members_by_key(info.context)
        events = {
            key: Event.of(self.id, known[key], members)
            for key in {one["event"] for one in found}
            if key in known
        }
        return paced(
            [
                Occurrence.of(self.id, one, events[one["event"]])
                for one in found
                if one["event"] in events
            ]
        )

    async def _zone(self, context: Context) -> str:
        return str((await context.head(self.document))[1].get("zone") or UTC)

    async def _entry(self, context: Context) -> Values:
        return (await context.entries("calendars")).get(self.id, {})
