"""One document, many people.

A room loads its document, then flushes: apply, validate, one COMMIT, and only then broadcast and
acknowledge together. While a commit is under way the next batch gathers unapplied, so between two
flushes the copy in memory is exactly what is on disk; who wants to read it (a joiner, a SyncStep1)
is served at such a point and never sees what is not committed (A2).

    LOADING -> LIVE <-> REFUSED (the store takes nothing; the same flush is tried again)
                 \\-> CLOSED (unloaded, let go, or not to be read)

Unloading happens only when all is on disk and nobody is here, in one step without an await.
"""

import asyncio
from collections.abc import Awaitable, Callable
from enum import Enum, auto
from logging import Logger, getLogger
from typing import Any, TypeVar

from anyio import TASK_STATUS_IGNORED, Event, create_task_group, sleep
from anyio.abc import TaskStatus
from pycrdt import Channel, Doc
from pycrdt.websocket import YRoom
from pycrdt.websocket.yroom import ProviderFactory

from moim_data.errors import StorageError
from moim_data.store import DocumentId, FieldWrite, UpdateStore
from moim_sync.admission import Admission
from moim_sync.channel import QueueTransport, serve_channel
from moim_sync.command import Command, Done, Work
from moim_sync.committer import Committer
from moim_sync.conflicts import conflict_message
from moim_sync.counters import Counters
from moim_sync.edit import Edit
from moim_sync.errors import CloseCode, TooBusy
from moim_sync.flush import Flush
from moim_sync.identity import ANYBODY, Identity
from moim_sync.limits import HubLimits
from moim_sync.member import Member, Outgoing
from moim_sync.members import Members
from moim_sync.messages import Conflict, Resolved
from moim_sync.pace import Pace
from moim_sync.presence import Presence
from moim_sync.protocol import encode
from moim_sync.readers import Readers
from moim_sync.working_copy import WorkingCopy

T = TypeVar("T")


class RoomState(Enum):
    """Where a room is in its life."""

    LOADING = auto()
    LIVE = auto()
    REFUSED = auto()
    CLOSED = auto()


class Room(YRoom):
    """The room of one document; made by a Hub.

    Args:
        document: which one.
        store: where it is kept.
        number: its channel number on `/sync`.
        clock: seconds, monotonic.
        wall_clock: milliseconds since 1970, UTC; a label on rows.
        work_clock: seconds of processor time of this thread.
    """

    def __init__(
        self,
        document: DocumentId,
        store: UpdateStore,
        *,
        number: int,
        create: bool,
        limits: HubLimits,
        clock: Callable[[], float],
        wall_clock: Callable[[], int],
        work_clock: Callable[[], float],
        counters: Counters,
        log: Logger | None = None,
        exception_handler: Callable[[Exception, Logger], bool] | None = None,
        provider_factory: ProviderFactory | None = None,
    ) -> None:
        log = log or getLogger(__name__)
        self.members = Members(number)
        self._copy = WorkingCopy(
            document,
            store,
            changed=self._wake,
            remade=self._take_over,
            name_of=self.members.name_of,
            counters=counters,
            log=log,
        )
        super().__init__(
            exception_handler=exception_handler,
            log=log,
            ydoc=self._copy.doc,
            provider_factory=provider_factory,
        )
        self.document = document
        self.number = number
        self.limits = limits
        self.clock = clock
        self.counters = counters
        self.lineage = b""
        self.seq = 0
        """The highest number on disk."""
        self.durable: dict[bytes, int] = {}
        """The highest `cs` on disk per replica."""
        self.presence = Presence(self._wake, limits.push.presence_bytes)
        self.state = RoomState.LOADING
        self.idle_since_s = clock()
        self.accepts = True
        """False once the room is about to end: edits that still come stay with their authors."""
        self.loaded: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        """Done when the document is here (True) or absent (False), or failed to load."""
        self._create = create
        self._wall_clock = wall_clock
        self._admission = Admission(limits)
        self._committer = Committer(
            store, clock, limits.storage_patience_s, self._refuse, self._accept
        )
        self._busy = False
        self._running: list[Command] = []
        """Commands of the flush that is under way."""
        self._readers = Readers(document, log)
        self._work = asyncio.Event()
        self._flushed = Event()
        self._pace = Pace(clock, work_clock, limits.window_s)

    # Life

    async def start(
        self,
        *,
        task_status: TaskStatus[None] = TASK_STATUS_IGNORED,
        from_context_manager: bool = False,
    ) -> None:
        """Load the document, then flush until stopped."""
        if from_context_manager:
            await self._start(task_status)
            return
        if self._task_group is not None:
            raise RuntimeError("YRoom already running")
        async with create_task_group() as self._task_group:
            await self._start(task_status)

    async def _start(self, task_status: TaskStatus[None]) -> None:
        assert self._task_group is not None
        if await self._load():
            self._task_group.start_soon(self._run)
            self._task_group.start_soon(self._run_provider)
        self.started.set()
        self.ydoc_observed.set()
        task_status.started()

    async def stop(self) -> None:
        """Flush what came in, close the members' connections and end."""
        if self._task_group is None:
            raise RuntimeError("YRoom not running")
        self.accepts = False
        await self.settled()
        self.close(CloseCode.RESTART, "the room was closed")

    async def serve(self, channel: Channel) -> None:
        """Serve a pycrdt channel, as code written for YRoom does; a Hub serves it better."""
        # Sessions stand above rooms; this door of the old interface is the one way back.
        from moim_sync.plain_session import PlainSession

        transport = QueueTransport(channel, self.log)
        session = PlainSession(self, transport, ANYBODY, log=self.log)
        await serve_channel(session, transport, channel)

    def close(self, code: CloseCode, reason: str) -> None:
        """End now; what is not on disk stays with its authors."""
        if self.state is RoomState.CLOSED:
            return
        self.state = RoomState.CLOSED
        self.members.end(code, reason)
        for command in (*self._running, *self._admission.take_commands()):
            command.fail(StorageError(f"{self.document} was closed; try again"))
        self._copy.live.close()
        self._provider_stop_event.set()
        self._readers.let_in()
        self._wake_waiters()
        if not self.loaded.done():
            self.loaded.set_result(False)
        if self._task_group is not None:
            self._task_group.cancel_scope.cancel()
            self._task_group = None

    @property
    def is_settled(self) -> bool:
        """True when everything that came in is on disk and announced."""
        return self._is_readable and not (self._admission or self._readers)

    @property
    def _is_readable(self) -> bool:
        return not (self._busy or self._copy.live.has_outside)

    @property
    def waiting_updates(self) -> int:
        """How many updates wait for a flush."""
        return len(self._admission)

    async def settled(self) -> None:
        """Wait until everything that came in is on disk, or the store refuses it."""
        while self.state is RoomState.LIVE and not self.is_settled:
            await self._flushed.wait()

    async def _load(self) -> bool:
        try:
            stored = await self._copy.open(self._create, self._wall_clock())
        except Exception as error:  # noqa: BLE001  whoever opens the room is told
            if self.state is RoomState.CLOSED:
                return False
            self.state = RoomState.CLOSED
            self._copy.live.close()
            if not self.loaded.done():
                self.loaded.set_exception(error)
                self.loaded.exception()
            return False
        if stored is None:
            self.close(CloseCode.UNKNOWN_DOCUMENT, f"{self.document} does not exist")
            return False
        self.lineage = stored.lineage
        self.seq = stored.seq
        self.durable = dict(stored.durable)
        if self.state is RoomState.LOADING:
            self.state = RoomState.LIVE
            self.loaded.set_result(True)
        return self.state is RoomState.LIVE  # else it was closed meanwhile

    def _take_over(self, ydoc: "Doc[Any]") -> None:
        self.ydoc = ydoc

    # Members

    def join(self, member: Member) -> None:
        """Let a member receive flushes from now on; call it where the room may be read."""
        self.members.add(member)

    def leave(self, member: Member) -> None:
        """Forget a member and take its presence away. Its edits on the way still count."""
        if member not in self.members:
            return
        self.members.remove(member)
        member.forget()
        self.presence.leave(member)
        self._admission.forget(member)
        if not self.members:
            self.idle_since_s = self.clock()

    def demote(self, member: Member) -> None:
        """Let nothing of a member in later that it could not bring now: its role has changed."""
        self._admission.drop_parked(member)

    def when_readable(self, read: Callable[[], None]) -> None:
        """Call `read` as soon as the copy in memory is what is on disk: now, or after the flush.

        It is called as well when the room closes instead: what it wants to read tells it.
        """
        if self.state is not RoomState.CLOSED and not self._is_readable:
            self._readers.add(read)
            self._wake()
        else:
            read()

    async def read(self, look: Callable[[], T]) -> T:
        """Give what `look` returns, called where the copy in memory is what is on disk.

        Raises:
            StorageError: the room was closed.
        """
        seen: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        def read() -> None:
            if seen.done():
                return
            if self.state is RoomState.CLOSED:
                seen.set_exception(StorageError(f"{self.document} was closed; try again"))
                return
            try:
                seen.set_result(look())
            except Exception as error:  # noqa: BLE001  it belongs to whoever looks
                seen.set_exception(error)

        self.when_readable(read)
        return await seen

    def difference(self, state_vector: bytes) -> bytes:
        """Everything on disk that a state vector lacks; call it where the room may be read.

        Raises:
            StorageError: the room was closed before all was on disk.
        """
        if self._busy:
            raise StorageError(f"{self.document} was closed while it was being saved: try again")
        return self._copy.difference(state_vector)

    def state_vector(self) -> bytes:
        """What is on disk; call it where the room may be read."""
        return self._copy.live.state_vector()

    def take(self, edit: Edit) -> Awaitable[None] | None:
        """Queue an edit for the next flush. Await what is returned before reading on."""
        if not self.accepts:
            return None  # its author keeps it
        self._admission.queue(edit)
        self.counters.updates_in += 1
        self._work.set()
        if not self._admission.is_full:
            return None
        if self.state is RoomState.REFUSED:
            edit.author.end(CloseCode.STORAGE, "the server cannot save now; try again later")
            return None
        return self._flushed.wait()

    async def run(self, who: Identity, work: Work, expected_seq: int | None = None) -> Done:
        """Edit for somebody who has no copy; gives what came of it once it is on disk.

        Whoever calls has asked whether they may. The document must have a schema.

        Args:
            expected_seq: the version they have seen; what was written since is not overwritten.

        Raises:
            CommandRefused: it is taken back: `stale`, or `schema`.
            TooBusy: too many commands wait.
            StorageError: it could not be saved.
            Poisoned: pycrdt failed on it.
            Exception: what the work raised; nothing of it stays.
        """
        command = Command(who, work, asyncio.get_running_loop().create_future(), expected_seq)
        if not self.accepts or self.state not in (RoomState.LIVE, RoomState.REFUSED):
            raise StorageError(f"{self.document} is not available now; try again")
        if self.state is RoomState.REFUSED or not self._admission.queue_command(command):
            raise TooBusy(f"{self.document}: too much waits to be saved; try again in a moment")
        self._work.set()
        return await command.outcome

    def written_since(self, seq: int) -> list[FieldWrite]:
        """Give the last write of each register written after a version; call it where readable."""
        return self._copy.written_since(seq)

    def last_written(self, path: str) -> int:
        """Give the version a register was last written in; call it in work, or where readable."""
        return self._copy.last_written(path)

    def new_client_id(self) -> int:
        """Draw a client id for edits made elsewhere; no edit here bears it."""
        return self._copy.new_client_id()

    def conflicts_of(self, person: str) -> list[Conflict]:
        """Give what a person has not settled, to be told again with a new subscription (C3)."""
        return [conflict_message(self.number, one) for one in self._copy.conflicts_of(person)]

    def settle(self, conflict: str, person: str, action: str) -> None:
        """Take a person's decision about a conflict, and tell it in all windows of that person."""
        self._copy.settle(conflict, person, action)
        self.members.note(person, encode(Resolved(self.number, conflict)))

    def _wake(self) -> None:
        self._work.set()

    def send_server_awareness(self, type: str, changes: tuple[dict[str, Any], Any]) -> None:
        """Announce what server code sets as `room.awareness`' local state."""
        if type == "update" and changes[1] == "local":
            changed = [client_id for ids in changes[0].values() for client_id in ids]
            self.presence.announce_own(self.awareness.encode_awareness_update(changed))

    # Flushing

    async def _run(self) -> None:
        while self.state is not RoomState.CLOSED:
            await self._work.wait()
            if (pause_s := self._pace.pause_s()) > 0:
                await sleep(pause_s)
            self._work.clear()
            try:
                await self._flush()
            except StorageError as error:
                self.log.error("room %s gives up on its store: %s", self.document, error)
                self.close(CloseCode.STORAGE, "the server cannot save now; try again later")
            except Exception:
                self.log.exception("room %s failed and is closed", self.document)
                self.close(CloseCode.INTERNAL, "the room failed; reconnect")

    async def _flush(self) -> None:
        self._pace.begin()
        with self._pace.working():
            self._busy = True
            flush = await self._apply()
        batch = flush.append()
        if batch.updates or batch.durable:
            await self._committer.commit(batch)
            self.seq = flush.seq
            self.durable.update(batch.durable)
            self._copy.keep(batch)
            self.counters.conflicts += len(flush.conflicts)
        with self._pace.working():
            self._deliver(flush)
            self._busy = False
            self._after_flush()
        self.counters.flushes += 1
        self.counters.flush.add(self._pace.end())

    async def _apply(self) -> Flush:
        outside = self._copy.live.take_outside()
        admitted = self._admission.admit(self._copy.live)
        self._running = self._admission.take_commands()
        return await self._copy.apply(
            outside, admitted, self._running, self.seq, self._wall_clock()
        )

    def _refuse(self, error: StorageError) -> None:
        self.counters.storage_refusals += 1
        if self.state is RoomState.LIVE:
            self.state = RoomState.REFUSED
            self.log.error("room %s cannot be saved: %s", self.document, error)
            self.members.tell("storage", str(error))
            self._wake_waiters()

    def _accept(self) -> None:
        if self.state is RoomState.REFUSED:
            self.state = RoomState.LIVE
            self.log.info("room %s is saved again", self.document)
            self.members.tell("ok", "")

    def _deliver(self, flush: Flush) -> None:
        out = Outgoing(self.number, self.seq, flush.news(), self.presence.take_changes())
        self.members.deliver(flush, out)
        now_s = self.clock()
        for edit in flush.edits:
            self.counters.ack.add(now_s - edit.received_s)
        for command, result in flush.done:
            if isinstance(result, Done):
                command.finish(result)
            else:
                command.fail(result)
        self._running = []

    def _after_flush(self) -> None:
        for member in self._admission.take_resyncs():
            member.resync(self.state_vector())
        if self._admission.queue_unparked(self._copy.live):
            self._work.set()
        if self._is_readable:
            self._readers.let_in()
        self._wake_waiters()

    def _wake_waiters(self) -> None:
        self._flushed.set()
        self._flushed = Event()
