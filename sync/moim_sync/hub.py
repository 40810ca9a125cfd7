"""All rooms of one store, and everybody in them.

A Hub is a pycrdt-websocket WebsocketServer: `async with Hub(store) as hub`, then
`hub.serve(channel)` for code written for that, or `hub.plain(...)` and `hub.sync(...)` for our own
doors. A room's name is a document id; any other name that such code uses stands for a document
`open/<slug>`.
"""

import asyncio
import hashlib
import secrets
import time
from collections.abc import Callable, Coroutine
from functools import partial
from logging import Logger, getLogger
from typing import Any, Protocol, TypeVar

from anyio import TASK_STATUS_IGNORED, create_task_group, sleep
from anyio.abc import TaskGroup, TaskStatus
from pycrdt import Channel
from pycrdt.websocket import WebsocketServer, YRoom
from pycrdt.websocket.yroom import ProviderFactory

from moim_data.documents.kinds import SLUG, kind_of, parse_document_id
from moim_data.errors import StorageError, UnknownKind
from moim_data.store import DocumentId, LogPage, LogPlace, UpdateStore
from moim_sync.authorization import Action, Authorize, SpeaksFor, everybody_edits, nobody
from moim_sync.channel import QueueTransport, Transport, serve_channel
from moim_sync.counters import Counters
from moim_sync.errors import CloseCode, NotAllowed, UnknownDocument
from moim_sync.identity import ANYBODY, Identity
from moim_sync.limits import HubLimits
from moim_sync.plain_session import PlainSession
from moim_sync.room import Room, RoomState
from moim_sync.session import Session
from moim_sync.sync_session import SyncSession
from moim_sync.text_rebuilder import TextRebuilder

TICK_S = 0.5
LOOP_SAMPLE_S = 0.1
"""How often it is looked whether the event loop is late."""


class Follower(Protocol):
    """Somebody who follows a document through a door."""

    def recheck(self) -> None:
        """End when the person may not read it any more."""


F = TypeVar("F", bound=Follower)


class Hub(WebsocketServer):
    """Gives rooms, serves connections, and looks after both.

    Args:
        store: where documents are kept; closed by whoever made it.
        clock: seconds, monotonic.
        wall_clock: milliseconds since 1970, UTC.
        work_clock: seconds of processor time of this thread.
        authorize: says what somebody may do with a document.
        speaks_for: says whose edits a connection may bring besides its own.
    """

    def __init__(
        self,
        store: UpdateStore,
        *,
        authorize: Authorize = everybody_edits,
        speaks_for: SpeaksFor = nobody,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        work_clock: Callable[[], float] = time.thread_time,
        limits: HubLimits | None = None,
        exception_handler: Callable[[Exception, Logger], bool] | None = None,
        log: Logger | None = None,
        provider_factory: ProviderFactory | None = None,
    ) -> None:
        super().__init__(
            exception_handler=exception_handler,
            log=log or getLogger(__name__),
            provider_factory=provider_factory,
        )
        self.limits = limits or HubLimits()
        self.authorize = authorize
        self._speaks_for = speaks_for
        self.counters = Counters()
        self.epoch = secrets.token_hex(8)
        """Changes with each start of the server."""
        self.sessions: set[Session] = set()
        self.followers: set[Follower] = set()
        """Who follows documents through doors that have no session."""
        self.draining = False
        self.rebuilder = TextRebuilder(store)
        """For edits by index that come late."""
        self._store = store
        self.now_s = clock
        """Seconds, monotonic."""
        self.now_ms = wall_clock
        """Milliseconds since 1970, UTC."""
        self._work_clock = work_clock
        self._by_document: dict[DocumentId, Room] = {}
        self._numbers: dict[DocumentId, int] = {}
        self._starting: dict[YRoom, asyncio.Future[None]] = {}

    # Life

    async def start(
        self,
        *,
        task_status: TaskStatus[None] = TASK_STATUS_IGNORED,
        from_context_manager: bool = False,
    ) -> None:
        """Run until stopped."""
        if from_context_manager:
            await super().start(task_status=task_status, from_context_manager=True)
            self._begin()
            return
        if self._task_group is not None:
            raise RuntimeError("WebsocketServer already running")
        try:
            async with create_task_group() as self._task_group:
                self._begin()
                self._task_group.start_soon(self._stopped.wait)
                self.started.set()
                task_status.started()
        finally:
            self._start_finished.set()

    async def stop(self) -> None:
        """Flush every room, close every connection and end."""
        if self._task_group is None:
            raise RuntimeError("WebsocketServer not running")
        await self.drain(0)
        await super().stop()

    async def drain(self, delay_ms: int) -> None:
        """Announce the stop, put everything that came in on disk, then close all connections.

        Clients come back after a random part of `delay_ms`. A room that the store refuses is not
        waited for: its edits were acknowledged to nobody.
        """
        self.draining = True
        rooms = list(self._by_document.values())
        for session in list(self.sessions):
            session.drain(delay_ms)
        for room in rooms:
            room.accepts = False
        for room in rooms:
            await room.settled()
        for session in list(self.sessions):
            session.end(CloseCode.RESTART, "the server stops")
        for room in rooms:
            room.close(CloseCode.RESTART, "the server stops")

    # Rooms

    async def open(self, document: DocumentId, create: bool) -> Room:
        """Give the room of a document, loaded. It stays while somebody is in it.

        Raises:
            UnknownDocument: it does not exist and is not to be made.
            CorruptDocument: it exists and cannot be read.
            StorageError: it cannot be read or written now.
        """
        while not self.draining:
            room = self._by_document.get(document)
            if room is None or room.state is RoomState.CLOSED:
                room = self._make_room(document, create)
            found = await asyncio.shield(room.loaded)
            if room.state is RoomState.LIVE:
                return room
            if room.state is RoomState.REFUSED:
                raise StorageError(f"{document} cannot be written now: try again later")
            if not found and not create and not self.draining:
                raise UnknownDocument(f"{document} does not exist")
        raise StorageError("the server stops: try again later")

    async def changes(self, document: DocumentId, after: LogPlace, most: int) -> LogPage:
        """Give rows of a document's log of changes, oldest first; all are on disk.

        Raises:
            StorageError: they cannot be read now.
        """
        return await asyncio.wrap_future(self._store.changes(document, after, most))

    async def get_room(self, name: str) -> YRoom:
        """Give the room of a name, made when absent, and loaded."""
        self._running_group()
        room = self.rooms.get(name)
        if room is not None and not isinstance(room, Room):
            await self.start_room(room)
            return room
        document = room.document if room is not None else document_of(name)
        self.rooms[name] = found = await self.open(document, create=True)
        return found

    async def start_room(self, room: YRoom) -> None:
        """Start a room that code put into `rooms` itself, once."""
        group = self._running_group()
        if isinstance(room, Room):
            await asyncio.shield(room.loaded)
        elif not room.started.is_set():
            starting = self._starting.get(room)
            if starting is None:
                starting = self._starting[room] = asyncio.get_running_loop().create_future()
                try:
                    await group.start(room.start)
                finally:
                    del self._starting[room]
                    starting.set_result(None)
            await asyncio.shield(starting)

    async def delete_room(self, *, name: str | None = None, room: YRoom | None = None) -> None:
        """Flush a room, close its connections and let go of it; its document stays."""
        if name is not None and room is not None:
            raise RuntimeError("Cannot pass name and room")
        if room is None:
            assert name is not None
            room = self.rooms[name]
        if isinstance(room, Room):
            await room.stop()
            self._forget(room)
        else:
            await super().delete_room(room=room)

    def _make_room(self, document: DocumentId, create: bool) -> Room:
        # No await between looking into the table and writing to it: everybody who asks for a cold
        # room, however many in one tick, waits for the same future.
        group = self._running_group()
        room = Room(
            document,
            self._store,
            number=self._numbers.setdefault(document, len(self._numbers) + 1),
            create=create,
            limits=self.limits,
            clock=self.now_s,
            wall_clock=self.now_ms,
            work_clock=self._work_clock,
            counters=self.counters,
            log=self.log,
            provider_factory=self.provider_factory
            and partial(self.provider_factory, path=document),
        )
        self._by_document[document] = room
        self.rooms[document] = room
        group.start_soon(self._run_room, room)
        return room

    async def _run_room(self, room: Room) -> None:
        try:
            await room.start()
        except Exception as error:
            self.log.exception("room %s ended", room.document)
            if self.exception_handler is not None:
                self.exception_handler(error, self.log)
        finally:
            self._forget(room)

    def _forget(self, room: Room) -> None:
        if self._by_document.get(room.document) is room:
            del self._by_document[room.document]
        for name in [name for name, other in self.rooms.items() if other is room]:
            del self.rooms[name]

    # Connections

    async def serve(self, websocket: Channel, who: Identity = ANYBODY) -> None:
        """Serve a pycrdt channel until it ends; a channel with path `/sync` speaks our protocol."""
        self._running_group()
        try:
            if websocket.path.strip("/") == "sync":
                transport = QueueTransport(websocket, self.log)
                await serve_channel(self.sync(transport, who), transport, websocket)
            else:
                await self._serve_plain(websocket, who)
        except Exception as error:  # noqa: BLE001  one connection never ends the hub
            self.log.info("serving %s ended: %r", websocket.path, error)
            if self.exception_handler is not None:
                self.exception_handler(error, self.log)

    def sync(self, transport: Transport, who: Identity) -> SyncSession:
        """Make the session of a connection on `/sync`."""
        session = SyncSession(
            self,
            transport,
            who,
            limits=self.limits,
            clock=self.now_s,
            log=self.log,
            authorize=self.authorize,
            speaks_for=self._speaks_for,
        )
        self.enter(session)
        return session

    async def plain(
        self, document: DocumentId, transport: Transport, who: Identity
    ) -> PlainSession:
        """Make the session of a connection on `/yjs/<document>`.

        Raises:
            NotAllowed: the person may not read it. Else as `open`.
        """
        if not self.authorize(who, Action.READ, document).allowed:
            raise NotAllowed(f"you may not read {document}")
        may_make = self.authorize(who, Action.WRITE, document).allowed
        room = await self.open(document, kind_of(document).made_on_first_use and may_make)
        session = PlainSession(room, transport, who, log=self.log, authorize=self.authorize)
        self.enter(session)
        return session

    def follow(self, make: "Callable[[Callable[[F], None]], F]") -> F:
        """Make a follower, and hold it to what its person may do until it says that it left."""
        follower = make(self.followers.discard)
        self.followers.add(follower)
        return follower

    def spawn(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run something in the hub's task group; it must handle its own errors."""
        self._running_group().start_soon(work)

    async def _serve_plain(self, websocket: Channel, who: Identity) -> None:
        room = self.rooms.get(websocket.path)
        if room is not None and not isinstance(room, Room):
            await self.start_room(room)
            await room.serve(websocket)
            return
        transport = QueueTransport(websocket, self.log)
        document = document_of(websocket.path) if room is None else room.document
        session = await self.plain(document, transport, who)
        self.rooms.setdefault(websocket.path, session.room)
        await serve_channel(session, transport, websocket)

    def enter(self, session: Session) -> None:
        """Look after the session of a connection until it ends."""
        self.sessions.add(session)
        self.counters.connections += 1
        self.counters.opened[session.door] += 1
        session.on_end = self._exit
        session.recheck()
        if self.draining:
            session.end(CloseCode.RESTART, "the server stops")

    def _exit(self, session: Session) -> None:
        self.sessions.discard(session)
        self.counters.connections -= 1

    # Care

    def recheck(self) -> None:
        """Hold every connection to what its person may do now; call it when roles have changed."""
        for session in list(self.sessions):
            session.guarded(session.recheck)
        for follower in list(self.followers):
            follower.recheck()

    def tick(self, now_s: float) -> None:
        """Look after all connections and empty rooms; called twice a second."""
        self.recheck()  # what ends by itself: sign-ins and tokens
        for session in list(self.sessions):
            session.guarded(partial(session.tick, now_s))
        for room in list(self._by_document.values()):
            idle = not room.members and room.is_settled and room.state is RoomState.LIVE
            if idle and now_s - room.idle_since_s >= self.limits.unload_after_s:
                room.close(CloseCode.RESTART, "nobody is here")
                self._forget(room)

    def _begin(self) -> None:
        self.spawn(self._tick_forever)
        self.spawn(self._watch_loop)

    async def _tick_forever(self) -> None:
        while True:
            await sleep(TICK_S)
            self.tick(self.now_s())

    async def _watch_loop(self) -> None:
        while True:
            before_s = self.now_s()
            await sleep(LOOP_SAMPLE_S)
            late_s = self.now_s() - before_s - LOOP_SAMPLE_S
            self.counters.loop_delay.add(max(0.0, late_s))

    def _running_group(self) -> TaskGroup:
        if self._task_group is None:
            raise RuntimeError(
                "The WebsocketServer is not running: use `async with websocket_server:` or "
                "`await websocket_server.start()`"
            )
        return self._task_group


def document_of(name: str) -> DocumentId:
    """Give the document that a room's name or a channel's path stands for."""
    text = name.strip("/").removeprefix("yjs/")
    try:
        return parse_document_id(text)
    except UnknownKind:
        slug = text if SLUG.fullmatch(text) else hashlib.sha256(name.encode()).hexdigest()[:32]
        return DocumentId(f"open/{slug}")
