"""A connection on `/yjs/<document>`: the protocol of y-websocket, nothing of ours (Y1-Y4, G3)."""

from collections.abc import Awaitable
from inspect import isawaitable
from logging import Logger

from moim_sync.authorization import Action, Authorize, everybody_edits
from moim_sync.channel import Transport
from moim_sync.edit import Edit
from moim_sync.errors import CloseCode, MalformedMessage
from moim_sync.identity import Identity
from moim_sync.member import PlainMember
from moim_sync.prescan import FIRST_SYNC, scan
from moim_sync.room import Room, RoomState
from moim_sync.session import Session
from moim_sync.y_protocol import (
    Awareness,
    QueryAwareness,
    SyncStep1,
    SyncStep2,
    SyncUpdate,
    decode_y_message,
    encode_awareness_message,
    encode_permission_denied,
    encode_sync_step1,
    encode_sync_step2,
)

NOTHING = b"\x00\x00"
"""The update that a client without content answers SyncStep1 with."""


class PlainSession(Session):
    """Joins its room when made, as soon as the room may be read."""

    door = "yjs"

    def __init__(
        self,
        room: Room,
        transport: Transport,
        who: Identity,
        *,
        log: Logger,
        authorize: Authorize = everybody_edits,
    ) -> None:
        super().__init__(
            transport,
            who,
            limits=room.limits,
            clock=room.clock,
            log=log,
            authorize=authorize,
        )
        self.room = room
        self.member = PlainMember(room, transport, who, self.end)
        # A plain program cannot cut its work: each update may be as large as a first sync.
        self._scan_limits = FIRST_SYNC._replace(
            size_bytes=self.limits.plain_update_bytes, structs=self.limits.plain_structs
        )
        room.when_readable(self._join)

    def handle(self, message: bytes | str) -> Awaitable[None] | None:
        """Do what a message says, unless the room's `on_message` wants it skipped."""
        if isinstance(message, str):
            raise MalformedMessage("expected a binary message, got text")
        if self.room.on_message is None:
            return self._handle(message)
        skip = self.room.on_message(message)
        if isawaitable(skip):
            return self._handle_unless(skip, message)
        return None if skip else self._handle(message)

    def ask_for_life(self) -> None:
        """Send a WebSocket ping."""
        self.transport.ping()

    def recheck_documents(self) -> None:
        """End when the document may not be read any more."""
        if not self._may(Action.READ):
            self.end(CloseCode.REFUSED, "you may not read this document any more")

    def leave_all(self) -> None:
        """Leave the room."""
        self.room.leave(self.member)

    def drained(self) -> None:
        """Catch up."""
        self.member.drained()

    def tick(self, now_s: float) -> None:
        """Look after the connection, twice a second."""
        super().tick(now_s)
        self.member.check_lag(now_s)

    def _join(self) -> None:
        if self.ended or self.room.state is RoomState.CLOSED:
            return
        self.room.join(self.member)
        self.transport.write(encode_sync_step1(self.room.state_vector()))
        self._send_presence()

    async def _handle_unless(self, skip: Awaitable[bool], message: bytes) -> None:
        if await skip:
            return
        wait = self._handle(message)
        if wait is not None:
            await wait

    def _handle(self, message: bytes) -> Awaitable[None] | None:
        match decode_y_message(message):
            case SyncStep2(update):
                return self._edit(update, is_answer=True)
            case SyncUpdate(update):
                return self._edit(update, is_answer=False)
            case SyncStep1(state_vector):
                self.room.when_readable(lambda: self._answer(state_vector))
            case Awareness(update):
                if self._may(Action.READ):
                    self.member.announce(update)
            case QueryAwareness():
                self._send_presence()
            case None:
                pass
        return None

    def _may(self, action: Action) -> bool:
        return self.authorize(self.who, action, self.room.document).allowed

    def _edit(self, update: bytes, *, is_answer: bool) -> Awaitable[None] | None:
        if update == NOTHING:
            return None
        found = scan(update, self._scan_limits)
        if not self._may(Action.WRITE):
            # An answer to SyncStep1 repeats all deletions that the client knows: nothing new.
            if found.structs or not is_answer:
                self.transport.write(encode_permission_denied("you may not edit this"))
                self.end(CloseCode.REFUSED, "you may not edit this")
            return None
        return self.room.take(Edit(self.member, update, found, self.heard_s))

    def _answer(self, state_vector: bytes) -> None:
        if not self.ended and self.room.state is not RoomState.CLOSED:
            self.guarded(lambda: self._send_difference(state_vector))

    def _send_difference(self, state_vector: bytes) -> None:
        self.transport.write(encode_sync_step2(self.room.difference(state_vector)))

    def _send_presence(self) -> None:
        states = self.room.presence.full_set()
        if states is not None:
            self.transport.write(encode_awareness_message(states))
