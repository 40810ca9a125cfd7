"""The people of the workspace, and who is where at this moment."""

from collections.abc import Mapping
from typing import Any

import strawberry
from strawberry.scalars import JSON

from moim.graphql.context import Context, Info, Values
from moim.graphql.ids import joined
from moim.graphql.scalars import Colour, choice
from moim_sync.api.subscription import Present


@strawberry.type(description="Somebody whom cards and events can be given to.")
class Member:
    """A member of the workspace."""

    id: strawberry.ID
    name: str | None = strawberry.field(description="Null when the workspace does not know them.")
    colour: Colour | None

    @classmethod
    def of(cls, key: str, values: Values) -> "Member":
        """Take a member as the workspace has it."""
        return cls(
            id=strawberry.ID(key),
            name=values.get("name"),
            colour=choice(Colour, values.get("colour")),
        )


async def members_by_key(context: Context) -> Mapping[str, Member]:
    """Give everybody of the workspace; nobody to who may not read it."""
    return {key: Member.of(key, one) for key, one in (await context.entries("members")).items()}


async def all_members(context: Context) -> list[Member]:
    """Give everybody of the workspace, by name."""
    found = (await members_by_key(context)).values()
    context.count(len(found))
    return sorted(found, key=lambda one: (one.name or "", one.id))


def member_of(key: str, known: Mapping[str, Member]) -> Member:
    """Give somebody, without a name when the workspace does not know them."""
    return known.get(key) or Member.of(key, {})


@strawberry.type(name="Person", description="Somebody who has a document open.")
class PersonHere:
    """One person in one document."""

    id: strawberry.ID = strawberry.field(description="`<document>/<person>`")
    person: strawberry.ID
    name: str
    colour: str
    windows: list[JSON] = strawberry.field(
        description='What each of their windows says, as `{"card": "c1"}`.'
    )


@strawberry.type(description="Who has a document open.")
class Presence:
    """The people in a document."""

    id: strawberry.ID = strawberry.field(description="The document, `project/launch`.")
    people: list[PersonHere]

    @classmethod
    def of(cls, document: str, people: tuple[Present, ...]) -> "Presence":
        """Take who is in a room."""
        return cls(
            id=strawberry.ID(document),
            people=[
                PersonHere(
                    id=joined(document, one.id),
                    person=strawberry.ID(one.id),
                    name=one.name,
                    colour=one.colour,
                    windows=list[Any](one.states),
                )
                for one in people
            ],
        )


async def presence_in(info: Info, document: str) -> Presence:
    """Give who has a document open now."""
    return Presence.of(document, await info.context.caller.people(document))
