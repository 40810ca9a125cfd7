"""The GraphQL door over a hub in memory: operations that are run, and connections that speak."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Any

from anyio import fail_after

from hub_rig import Rig, person, rig
from moim.access.access import Access
from moim.access.gate import Gate
from moim.access.visitors import Visitors
from moim.documents_reader import DocumentsReader
from moim.graphql.connection import Connection
from moim.graphql.context import Context
from moim.graphql.door import WRITING, GraphqlDoor, Operation, answer
from moim.graphql.expansions import Expansions
from moim.graphql.limits import GraphqlLimits
from moim.identity import Guests, Origins
from moim.settings import Settings
from moim_data.documents.access import LocalAccess
from moim_data.documents.calendar import CalendarDocument
from moim_data.documents.project import ProjectDocument
from moim_data.documents.workspace import WorkspaceDocument
from moim_data.store import DocumentId
from moim_sync.authorization import REFUSED, Action, Decision, Role, decide
from moim_sync.identity import Identity

DEADLINE_S = 20.0


class Roles(Gate):
    """A gate by a table of `ann` and `ann in project/p`: who is not in it may do everything, `None`
    may not be here."""

    def __init__(self) -> None:
        super().__init__()
        self.of: dict[str, Role | None] = {}

    def authorize(
        self, identity: Identity | None, action: Action, document: DocumentId | None
    ) -> Decision:
        if identity is None:
            return REFUSED
        role = self.of.get(f"{identity.id} in {document}", self.of.get(identity.id, Role.EDITOR))
        return REFUSED if role is None else decide(role, action)


class GraphqlRig:
    """A door, and people who use it."""

    def __init__(self, made: Rig, gate: Roles, door: GraphqlDoor) -> None:
        self.made = made
        self.hub = made.hub
        self.gate = gate
        self.door = door

    def context(self, name: str = "ann") -> Context:
        return self.door.context(person(name))

    async def run(
        self, query: str, *, who: str = "ann", context: Context | None = None, **variables: Any
    ) -> dict[str, Any]:
        """The whole answer of a query or mutation."""
        operation = Operation(query, variables)
        with fail_after(DEADLINE_S):
            return await self.door.run(operation, context or self.context(who), WRITING)

    async def data(self, query: str, *, who: str = "ann", **variables: Any) -> Any:
        """The data of one that has to succeed: of its only field."""
        found = await self.run(query, who=who, **variables)
        assert "errors" not in found, found["errors"]
        (only,) = found["data"].values()
        return only

    async def refused(self, query: str, *, who: str = "ann", **variables: Any) -> Any:
        """The first error of one that has to fail as a whole."""
        found = await self.run(query, who=who, **variables)
        assert not any((found.get("data") or {}).values()), found
        return found["errors"][0]

    @asynccontextmanager
    async def follow(
        self, query: str, *, who: str = "ann", **variables: Any
    ) -> AsyncIterator["Messages"]:
        stream = await self.door.schema.stream(
            query, variable_values=variables, context_value=self.context(who)
        )
        async with aclosing(stream):
            yield Messages(stream)

    def connect(self, name: str | None = "ann", **tokens: str) -> "Peer":
        """A connection of somebody; `tokens` says whom a token stands for."""
        wire = Wire()
        who = person(name) if name else None
        people: Mapping[str, str] = tokens

        def by_token(token: str) -> Identity | None:
            return person(people[token]) if token in people else None

        return Peer(Connection(self.door, wire, who, by_token), wire)


class Messages:
    """What a subscription says."""

    def __init__(self, stream: AsyncGenerator[Any, None]) -> None:
        self._stream = stream

    async def next(self) -> Any:
        """The data of the next message: of its only field."""
        found = await self.result()
        assert "errors" not in found, found["errors"]
        (only,) = found["data"].values()
        return only

    async def result(self) -> dict[str, Any]:
        with fail_after(DEADLINE_S):
            return answer(await anext(self._stream))


class Wire:
    """The sending half of a connection in memory; held, nothing that is written goes on."""

    def __init__(self) -> None:
        self.sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.closed: asyncio.Future[tuple[int, str]] = asyncio.get_running_loop().create_future()
        self.flows = asyncio.Event()
        self.flows.set()

    async def send(self, text: str) -> None:
        self.sent.put_nowait(json.loads(text))
        await self.flows.wait()

    def close(self, code: int, reason: str) -> None:
        self.closed.set_result((int(code), reason))


class Peer:
    """Who is at the other end of a connection."""

    def __init__(self, connection: Connection, wire: Wire) -> None:
        self.connection = connection
        self.wire = wire

    async def say(self, type: str, **parts: Any) -> None:
        await self.connection.receive(json.dumps({"type": type, **parts}))

    async def begin(self, **payload: Any) -> "Peer":
        await self.say("connection_init", payload=payload)
        assert await self.hear() == {"type": "connection_ack"}
        return self

    async def ask(self, key: str, query: str, **variables: Any) -> None:
        await self.say("subscribe", id=key, payload={"query": query, "variables": variables})

    async def hear(self) -> dict[str, Any]:
        with fail_after(DEADLINE_S):
            return await self.wire.sent.get()

    async def closed(self) -> int:
        with fail_after(DEADLINE_S):
            return (await self.wire.closed)[0]


def seed_project(doc: Any) -> None:
    project = ProjectDocument(LocalAccess(doc))
    project.columns.add(id="todo", name="To do", status="ready")
    project.columns.add(id="done", name="Done", limit=3)
    project.labels.add("Red", id="red", colour="red")
    project.cards.add("하나 🚀", id="c1", labels=["red"], members=["minji"], estimate=3.0)
    project.cards.add("two", id="c2")


def seed_calendar(doc: Any) -> None:
    calendar = CalendarDocument(LocalAccess(doc))
    calendar.info.zone = "Asia/Seoul"
    when = ("2026-11-02T09:00", "2026-11-02T10:00", "Asia/Seoul")
    calendar.events.add("매주", when, id="weekly", rule="FREQ=WEEKLY;COUNT=4", members=["minji"])
    calendar.events.add("Party", ("2026-11-20", "2026-11-21", ""), id="party", status="tentative")
    calendar.exceptions.exception("weekly", "2026-11-09T09:00").update(title="다름")


def seed_workspace(doc: Any) -> None:
    workspace = WorkspaceDocument(LocalAccess(doc))
    workspace.info.name = "모임"
    workspace.projects.add(id="p", name="Plan", colour="blue", created=1)
    workspace.projects.add(id="secret", name="Secret", colour="red", created=1)
    workspace.calendars.add(id="t", name="Team", colour="teal", created=1)
    workspace.members.add("minji", name="김민지", colour="pink")


SEEDS = {"workspace": seed_workspace, "project/p": seed_project, "calendar/t": seed_calendar}


@asynccontextmanager
async def graphql(
    limits: GraphqlLimits | None = None, expansions: Expansions | None = None
) -> AsyncIterator[GraphqlRig]:
    """A door before three documents."""
    gate = Roles()
    access = Access(gate, Visitors(Guests("s" * 64)), Origins(Settings()))
    async with rig(authorize=gate.authorize) as made:
        maker = made.connect("maker").hello()
        for document, seed in SEEDS.items():
            opened = await maker.open(document)
            opened.push(opened.edit(seed))
            await opened.acked()
        maker.lose()
        expansions = expansions or Expansions(DocumentsReader(made.hub).occurrences)
        yield GraphqlRig(
            made, gate, GraphqlDoor(made.hub, access, expansions, limits or GraphqlLimits())
        )
