"""What one may follow. A message holds all fields of what has changed, as they are then."""

from collections import OrderedDict
from collections.abc import AsyncGenerator, Iterator
from datetime import UTC, datetime
from typing import Any, Final

import strawberry
from strawberry.scalars import JSON

from moim.graphql.agenda import Calendar, Event, From
from moim.graphql.board import Card, Column, Label, Parts, Project
from moim.graphql.card_parts import ChecklistItem, Comment
from moim.graphql.context import WORKSPACE, Context, Info
from moim.graphql.ids import joined, owner_of
from moim.graphql.members import Member, Presence, member_of, members_by_key
from moim.graphql.pace import paced
from moim.graphql.query import Workspace
from moim.graphql.scalars import Day, Stamp
from moim.graphql.window import Window
from moim_sync.api.content import EntityChange, singular
from moim_sync.messages import Conflict as Detected

MOST_CONFLICTS: Final = 200
"""That a subscription remembers, to tell in full when they are settled."""


@strawberry.type(description="What has changed of one thing.")
class Change:
    """One thing of a document."""

    type: str = strawberry.field(description="`Card`, `Column`, `Label`, `Item`, `Event`, ...")
    id: strawberry.ID
    fields: list[str] = strawberry.field(description="As documents call them.")
    by: strawberry.ID = strawberry.field(description="Who made the last of the changes.")
    version: int
    at: datetime | None = strawberry.field(description="When; null where that is not known.")
    is_gone: bool

    @classmethod
    def of(cls, owner: str, change: EntityChange) -> "Change":
        """Take a change of a document."""
        return cls(
            type=change.entity.capitalize(),
            id=joined(owner, change.id) if change.id else strawberry.ID(owner),
            fields=sorted(change.changes),
            by=strawberry.ID(change.person),
            version=change.seq,
            at=moment_of(change.at_ms),
            is_gone=change.is_gone,
        )

    @classmethod
    def in_workspace(cls, change: EntityChange) -> "Change":
        """Take a change of the workspace: what stands in it goes by its key."""
        return cls(
            type=change.entity.capitalize(),
            id=strawberry.ID(change.id or WORKSPACE),
            fields=sorted(change.changes),
            by=strawberry.ID(change.person),
            version=change.seq,
            at=moment_of(change.at_ms),
            is_gone=change.is_gone,
        )


@strawberry.type(description="What is new in a project, since the message before.")
class ProjectChange:
    """One message."""

    version: int = strawberry.field(description="Of the project, with all of this.")
    project: Project
    cards: list[Card] = strawberry.field(description="New, changed, or brought back.")
    columns: list[Column]
    labels: list[Label]
    items: list[ChecklistItem] = strawberry.field(description="Lines of checklists.")
    comments: list[Comment]
    deleted: list[Change] = strawberry.field(description="What is gone.")
    changes: list[Change] = strawberry.field(description="Everything, with who and which fields.")

    rearranged: Project | None = strawberry.field(
        description="The project, when its lists are others now: something was made, moved, deleted"
        " or brought back. Null else, which leaves the lists of a cache alone."
    )

    @classmethod
    async def read(
        cls, context: Context, project: str, version: int, changes: tuple[EntityChange, ...]
    ) -> "ProjectChange":
        """Take what a subscription of the core tells. Raises OverLimit."""
        parts = await Parts.read(context, project)
        members = parts.members
        told = [Change.of(project, one) for one in changes]
        found = Project(id=strawberry.ID(project), seen=version)

        def now(entity: str) -> list[Any]:
            return [one.now for one in changes if one.entity == entity and not one.is_gone]

        context.count(len(told))
        return cls(
            version=version,
            project=found,
            cards=paced(parts.cards(context, project, now("card"))),
            columns=[Column.of(project, one) for one in now("column")],
            labels=[Label.of(project, one) for one in now("label")],
            items=[ChecklistItem.of(project, one, members) for one in now("item")],
            comments=[Comment.of(project, one, members) for one in now("comment")],
            deleted=[one for one in told if one.is_gone],
            changes=paced(told),
            rearranged=found if any(map(rearranges, changes)) else None,
        )


def rearranges(change: EntityChange) -> bool:
    """Tell whether lists of a project are others after a change."""
    if change.entity == "label":
        return change.is_gone or "name" in change.changes
    return change.entity in ("card", "column") and (change.is_gone or "place" in change.changes)


@strawberry.type(description="What is new in a calendar, since the message before.")
class CalendarChange:
    """One message."""

    version: int = strawberry.field(description="Of the calendar, with all of this.")
    calendar: Calendar
    events: list[Event] = strawberry.field(description="New, changed, or brought back.")
    deleted: list[Change] = strawberry.field(description="What is gone.")
    changes: list[Change] = strawberry.field(description="Everything, with who and which fields.")

    @classmethod
    async def read(
        cls, context: Context, calendar: str, version: int, changes: list[EntityChange]
    ) -> "CalendarChange":
        """Take what a subscription of the core tells. Raises OverLimit."""
        events = await context.things(f"calendar/{calendar}", "events")
        members = await members_by_key(context)
        context.count(len(changes))
        told: list[Change] = []
        keys: dict[str, None] = {}
        for one in changes:
            if one.entity == "exception":
                told += exceptions_changed(calendar, one)
                keys |= dict.fromkeys(name.partition("/")[0] for name in one.changes)
            else:
                told.append(Change.of(calendar, one))
                keys[one.id] = None
        return cls(
            version=version,
            calendar=Calendar(id=strawberry.ID(calendar), seen=version),
            events=[Event.of(calendar, events[key], members) for key in keys if key in events],
            deleted=[one for one in told if one.is_gone],
            changes=told,
        )


@strawberry.type(description="What is new in the workspace, since the message before.")
class WorkspaceChange:
    """One message."""

    version: int = strawberry.field(description="Of the workspace, with all of this.")
    workspace: Workspace
    projects: list[Project] = strawberry.field(description="New, renamed, moved or brought back.")
    calendars: list[Calendar]
    members: list[Member]
    deleted: list[Change] = strawberry.field(description="What is gone.")
    changes: list[Change] = strawberry.field(description="Everything, with who and which fields.")

    @classmethod
    async def read(
        cls, context: Context, version: int, changes: tuple[EntityChange, ...]
    ) -> "WorkspaceChange":
        """Take what a subscription of the core tells. Raises OverLimit."""
        context.count(len(changes))
        told = [Change.in_workspace(one) for one in changes]
        there = [one for one in changes if not one.is_gone]
        known = await members_by_key(context)

        def ids(entity: str) -> list[strawberry.ID]:
            return [strawberry.ID(one.id) for one in there if one.entity == entity]

        return cls(
            version=version,
            workspace=Workspace(id=strawberry.ID(WORKSPACE)),
            projects=[Project(id=key) for key in ids("project")],
            calendars=[Calendar(id=key) for key in ids("calendar")],
            members=[member_of(key, known) for key in ids("member")],
            deleted=[one for one in told if one.is_gone],
            changes=told,
        )


def exceptions_changed(calendar: str, change: EntityChange) -> Iterator[Change]:
    """Give what is new in single events of series, one change each."""
    fields: dict[str, list[str]] = {}
    for name in change.changes:
        occurrence, _, field = name.rpartition("/")
        fields.setdefault(occurrence, []).append(field)
    for occurrence, names in fields.items():
        yield Change(
            type="Occurrence",
            id=joined(calendar, occurrence),
            fields=sorted(names),
            by=strawberry.ID(change.person),
            version=change.seq,
            at=moment_of(change.at_ms),
            is_gone=False,
        )


def moment_of(at_ms: int) -> datetime | None:
    """Give a time as clients see it; None for one that is not known."""
    stamp = Stamp.of(("", at_ms)) if at_ms else None
    return None if stamp is None else stamp.at


@strawberry.type(description="Somebody's value replaced yours, unseen by each other.")
class Conflict:
    """A conflict of the person who follows."""

    id: strawberry.ID
    document: strawberry.ID
    type: str = strawberry.field(description="`Card`, `Event`, ...")
    entity: strawberry.ID
    path: str = strawberry.field(description="As in the document: `cards/c1/title`.")
    strategy: str
    version: int
    at: datetime
    by: strawberry.ID
    by_name: str
    mine: JSON | None
    theirs: JSON | None
    is_settled: bool


@strawberry.type
class Subscription:
    """Following."""

    @strawberry.subscription(
        description="What is new in a project: what came after the version `since`, then what"
        " comes."
    )
    async def project_changed(
        self, info: Info, id: strawberry.ID, since: int | None = None
    ) -> AsyncGenerator[ProjectChange, None]:
        """Follow a project."""
        project = owner_of(id, "project")
        async for news in info.context.follow(f"project/{project}", since):
            if news.changes:
                yield await ProjectChange.read(info.context, project, news.seq, news.changes)

    @strawberry.subscription(
        description="What is new in a calendar. With `from` and `to`: only of events that take"
        " place then, or did before the change; a series is always told."
    )
    async def calendar_changed(
        self,
        info: Info,
        id: strawberry.ID,
        from_: From[Day | None] = None,
        to: Day | None = None,
        since: int | None = None,
    ) -> AsyncGenerator[CalendarChange, None]:
        """Follow a calendar."""
        calendar = owner_of(id, "calendar")
        document = f"calendar/{calendar}"
        window = Window.of(from_, to)
        window.note(*await info.context.things_at(document, "events"))
        async for news in info.context.follow(document, since):
            if changes := window.told(news.changes):
                yield await CalendarChange.read(info.context, calendar, news.seq, changes)

    @strawberry.subscription(
        description="What is new in the workspace: its projects and calendars that one may read,"
        " and its members."
    )
    async def workspace_changed(
        self, info: Info, since: int | None = None
    ) -> AsyncGenerator[WorkspaceChange, None]:
        """Follow the workspace."""
        async for news in info.context.follow(WORKSPACE, since):
            if news.changes:
                yield await WorkspaceChange.read(info.context, news.seq, news.changes)

    @strawberry.subscription(
        description="Who has a document open (`project/launch`): now, then whenever that changes."
    )
    async def presence_changed(
        self, info: Info, id: strawberry.ID
    ) -> AsyncGenerator[Presence, None]:
        """Follow who is in a document."""
        async for news in info.context.follow(id, None, people=True):
            if news.people is not None:
                yield Presence.of(id, news.people)

    @strawberry.subscription(
        description="Your values in a document (`project/launch`) that somebody else's replaced:"
        " those not settled yet, then each as it comes, and again when it is settled."
    )
    async def conflict_detected(
        self, info: Info, id: strawberry.ID
    ) -> AsyncGenerator[Conflict, None]:
        """Follow what of one's own did not stay."""
        known: OrderedDict[str, Detected] = OrderedDict()
        async for news in info.context.follow(id, None):
            for one in news.conflicts:
                if isinstance(one, Detected):
                    known[one.id] = one
                    yield conflict_of(id, one, False)
                elif (settled := known.pop(one.id, None)) is not None:
                    yield conflict_of(id, settled, True)
            while len(known) > MOST_CONFLICTS:
                known.popitem(last=False)


def conflict_of(document: str, one: Detected, is_settled: bool) -> Conflict:
    """Give a conflict as clients see it."""
    root, _, key = one.entity.partition("/")
    return Conflict(
        id=strawberry.ID(one.id),
        document=strawberry.ID(document),
        type=singular(root).capitalize(),
        entity=joined(document.partition("/")[2], key) if key else strawberry.ID(document),
        path=one.path,
        strategy=one.strategy,
        version=one.version,
        at=datetime.fromtimestamp(one.timestamp / 1000, UTC),
        by=strawberry.ID(one.user_id),
        by_name=one.name,
        mine=one.mine,
        theirs=one.theirs,
        is_settled=is_settled,
    )
