"""What one may ask for."""

import strawberry

from moim.graphql.agenda import Calendar
from moim.graphql.board import Project
from moim.graphql.context import WORKSPACE, Context, Info, by_place
from moim.graphql.ids import owner_of
from moim.graphql.members import Member, Presence, all_members, presence_in


@strawberry.type(description="What all projects and calendars belong to.")
class Workspace:
    """The workspace."""

    id: strawberry.ID

    @strawberry.field
    async def version(self, info: Info) -> int:
        """Give the version of its document."""
        return (await info.context.head(WORKSPACE))[0]

    @strawberry.field
    async def name(self, info: Info) -> str | None:
        """Give its name."""
        name: str | None = (await info.context.head(WORKSPACE))[1].get("name")
        return name

    @strawberry.field
    async def projects(self, info: Info) -> list[Project]:
        """Give the projects that the person may read, in order."""
        return [Project(id=key) for key in await listed(info.context, "project")]

    @strawberry.field
    async def calendars(self, info: Info) -> list[Calendar]:
        """Give the calendars that the person may read, in order."""
        return [Calendar(id=key) for key in await listed(info.context, "calendar")]

    @strawberry.field
    async def members(self, info: Info) -> list[Member]:
        """Give everybody, by name."""
        return await all_members(info.context)


@strawberry.type
class Query:
    """Reading."""

    @strawberry.field
    async def workspace(self, info: Info) -> Workspace:
        """Give the workspace."""
        await info.context.head(WORKSPACE)
        return Workspace(id=strawberry.ID(WORKSPACE))

    @strawberry.field(description="Those that one may read, in order.")
    async def projects(self, info: Info) -> list[Project]:
        """Give the projects of the workspace."""
        return [Project(id=key) for key in await listed(info.context, "project")]

    @strawberry.field
    async def project(self, info: Info, id: strawberry.ID) -> Project | None:
        """Give a project."""
        found = Project(id=strawberry.ID(owner_of(id, "project")))
        await info.context.head(found.document)
        return found

    @strawberry.field(description="Those that one may read, in order.")
    async def calendars(self, info: Info) -> list[Calendar]:
        """Give the calendars of the workspace."""
        return [Calendar(id=key) for key in await listed(info.context, "calendar")]

    @strawberry.field
    async def calendar(self, info: Info, id: strawberry.ID) -> Calendar | None:
        """Give a calendar."""
        found = Calendar(id=strawberry.ID(owner_of(id, "calendar")))
        await info.context.head(found.document)
        return found

    @strawberry.field(description="Everybody of the workspace, by name.")
    async def members(self, info: Info) -> list[Member]:
        """Give the people of the workspace."""
        await info.context.head(WORKSPACE)
        return await all_members(info.context)

    @strawberry.field(description="Who has a document open: `workspace`, `project/launch`, ...")
    async def presence(self, info: Info, id: strawberry.ID) -> Presence:
        """Give who is in a document."""
        return await presence_in(info, id)


async def listed(context: Context, kind: str) -> list[strawberry.ID]:
    """Give the projects or calendars of the workspace that the person may read, in order."""
    await context.head(WORKSPACE)
    entries = await context.entries(f"{kind}s")
    found = [
        one["id"] for one in by_place(entries.values()) if context.may_read(f"{kind}/{one['id']}")
    ]
    context.count(len(found))
    return [strawberry.ID(key) for key in found]
