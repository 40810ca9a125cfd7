"""A connection on `/sync`: many documents over one socket, with acknowledgements.

GREETING --HELLO--> OPEN --end--> ended
                     | SUB: asked -> granted (a channel) or PERM; UNSUB: gone
"""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from enum import Enum, auto
from typing import Any, Protocol

from moim_data.documents.kinds import kind_of, parse_document_id
from moim_data.errors import CorruptDocument, StorageError, UnknownKind
from moim_data.store import DocumentId
from moim_sync.authorization import Action, Role, SpeaksFor, nobody
from moim_sync.channel import Transport
from moim_sync.edit import Edit
from moim_sync.errors import CloseCode, MalformedMessage, UnknownDocument
from moim_sync.identity import Identity
from moim_sync.member import SyncMember
from moim_sync.messages import (
    ClientMessage,
    Drain,
    Granted,
    Hello,
    Perm,
    Ping,
    Pong,
    Presence,
    Push,
    Resolve,
    Sub,
    Sync,
    Unsub,
    Welcome,
)
from moim_sync.prescan import LIVE, scan
from moim_sync.protocol import (
    PROTOCOL_VERSION,
    decode_client_frames,
    encode,
    encode_ack,
    encode_presence,
)
from moim_sync.room import Room, RoomState
from moim_sync.session import Session

NAME_CHARACTERS = 80


class SyncState(Enum):
    """Whether the client has introduced itself."""

    GREETING = auto()
    OPEN = auto()


class Rooms(Protocol):
    """What a session needs of the hub."""

    epoch: str

    async def open(self, document: DocumentId, create: bool) -> Room:
        """Give the room of a document, loaded."""

    def spawn(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run something that outlasts the message."""


class SyncSession(Session):
    """Made when the socket opens; speaks once the client has said HELLO."""

    def __init__(
        self,
        rooms: Rooms,
        transport: Transport,
        who: Identity,
        *,
        speaks_for: SpeaksFor = nobody,
        **rim: Any,
    ) -> None:
        super().__init__(transport, who, **rim)
        self._speaks_for = speaks_for
        self.state = SyncState.GREETING
        self.members: dict[int, SyncMember] = {}
        """By channel number."""
        self._rooms = rooms
        self._asked: set[str] = set()
        self._replica = b""
        self._token = 0
        push = self.limits.push
        self._scan_limits = LIVE._replace(
            size_bytes=push.push_bytes, structs=push.structs, client_ids=push.client_ids
        )

    def handle(self, message: bytes | str) -> Awaitable[None] | None:
        """Do what the frames of a message say."""
        if isinstance(message, str):
            raise MalformedMessage("expected a binary message, got text")
        wait = None
        for frame in decode_client_frames(message):
            wait = self._handle(frame) or wait
            if self.ended:
                return None
        return wait

    def ask_for_life(self) -> None:
        """Send PING."""
        self._token += 1
        self.transport.write(encode(Ping(self._token)))

    def recheck_documents(self) -> None:
        """Tell of roles that have changed; a document that may not be read any more is left."""
        for channel, member in list(self.members.items()):
            role = self.authorize(self.who, Action.READ, member.room.document).role
            if role is member.role:
                continue
            member.role = role
            member.tell("role", role)
            if role.rank < Role.EDITOR.rank:
                member.room.demote(member)
            if role is Role.NONE:
                del self.members[channel]
                member.room.leave(member)

    def leave_all(self) -> None:
        """Leave every room."""
        members = list(self.members.values())
        self.members.clear()
        for member in members:
            member.room.leave(member)

    def drained(self) -> None:
        """Catch up in every room."""
        for member in list(self.members.values()):
            member.drained()

    def tick(self, now_s: float) -> None:
        """Look after the connection, twice a second."""
        if self.state is SyncState.GREETING:
            if now_s - self.began_s > self.limits.hello_s:
                self.end(CloseCode.SILENT, f"expected HELLO within {self.limits.hello_s:g} s")
            return
        super().tick(now_s)
        for member in list(self.members.values()):
            member.check_lag(now_s)

    def drain(self, delay_ms: int) -> None:
        """Send DRAIN."""
        self.transport.write(encode(Drain(delay_ms)))

    def _handle(self, frame: ClientMessage) -> Awaitable[None] | None:
        if self.state is SyncState.GREETING and not isinstance(frame, Hello):
            raise MalformedMessage(f"expected HELLO first, got {type(frame).__name__}")
        match frame:
            case Push():
                return self._push(frame)
            case Presence():
                self._announce(frame)
            case Pong():
                pass  # hearing anything is the sign of life
            case Sub():
                self._sub(frame)
            case Unsub(channel):
                if (member := self.members.pop(channel, None)) is not None:
                    member.room.leave(member)
            case Resolve():
                self._resolve(frame)
            case Hello():
                self._hello(frame)
        return None

    def _hello(self, hello: Hello) -> None:
        if self.state is not SyncState.GREETING:
            raise MalformedMessage("expected one HELLO, got another")
        if hello.protocol != PROTOCOL_VERSION:
            raise MalformedMessage(f"expected protocol {PROTOCOL_VERSION}, got {hello.protocol}")
        name = hello.name.strip()[:NAME_CHARACTERS]
        if name and self.who.guest:
            self.who = replace(self.who, name=name)
        self._replica = hello.replica
        self.state = SyncState.OPEN
        limits = self.limits
        welcome = Welcome(
            self._rooms.epoch, self.who.person, limits.push, limits.ping_s, limits.dead_s
        )
        self.transport.write(encode(welcome))

    def _push(self, push: Push) -> Awaitable[None] | None:
        member = self.members.get(push.channel)
        if member is None or member.refused:
            return None  # left meanwhile, or to begin anew (E2)
        room = member.room
        person = self._author_of(push)
        if not self.authorize(person, Action.WRITE, room.document).allowed:
            member.reject(push.cs, "role", f"you are {member.role}: you may not edit this")
            return None
        found = scan(push.update, self._scan_limits)
        if push.cs <= room.durable.get(self._replica, 0):
            self.transport.write(encode_ack(push.channel, push.cs, room.seq))
            return None
        edit = Edit(
            member,
            push.update,
            found,
            self.heard_s,
            push.cs,
            push.touched,
            push.values,
            push.base_seq,
            None if person is self.who else person,
        )
        return room.take(edit)

    def _author_of(self, push: Push) -> Identity:
        """Give whose edit it is. Raises MalformedMessage where that is not theirs to say (G4)."""
        if not push.person:
            return self.who
        person = self._speaks_for(self.who, push.person)
        if person is None:
            raise MalformedMessage("expected PUSH, got PUSH_FOR: you speak for nobody else")
        return person

    def _announce(self, presence: Presence) -> None:
        member = self._reader(presence.channel)
        if member is not None:
            member.announce(presence.update)

    def _resolve(self, resolve: Resolve) -> None:
        member = self._reader(resolve.channel)
        if member is not None:
            member.room.settle(resolve.id, self.who.id, resolve.action)

    def _reader(self, channel: int) -> SyncMember | None:
        """Give the subscription, unless it was left meanwhile or may not be read any more."""
        member = self.members.get(channel)
        if member is None:
            return None
        decision = self.authorize(self.who, Action.READ, member.room.document)
        return member if decision.allowed else None

    def _sub(self, sub: Sub) -> None:
        if len(self.members) + len(self._asked) >= self.limits.push.channels:
            self._refuse(sub, "channels", f"at most {self.limits.push.channels} documents")
            return
        try:
            document = parse_document_id(sub.document)
        except UnknownKind as error:
            self._refuse(sub, "malformed", str(error))
            return
        if document in self._asked:
            return  # the first one is being answered
        if not self.authorize(self.who, Action.READ, document).allowed:
            self._refuse(sub, "role", Role.NONE)
            return
        self._asked.add(document)
        self._rooms.spawn(lambda: self._open(sub, document))

    async def _open(self, sub: Sub, document: DocumentId) -> None:
        try:
            may_make = self.authorize(self.who, Action.WRITE, document).allowed
            room = await self._rooms.open(document, sub.create and may_make)
            room.when_readable(lambda: self._join(sub, room))
        except UnknownDocument as error:
            self._refuse(sub, "unknown", str(error))
        except CorruptDocument as error:
            self._refuse(sub, "corrupt", str(error))
        except StorageError as error:
            self._refuse(sub, "storage", str(error))
        except Exception:
            self.log.exception("session %d: opening %s failed", self.number, document)
            self.end(CloseCode.INTERNAL, "internal error")
        finally:
            self._asked.discard(document)

    def _join(self, sub: Sub, room: Room) -> None:
        if self.ended:
            return
        if room.state is not RoomState.LIVE:
            self._refuse(sub, "storage", "the document is not available now; try again later")
            return
        if sub.lineage and sub.lineage != room.lineage:
            self._refuse(sub, "lineage", room.lineage.hex())
            return
        self.guarded(lambda: self._grant(sub, room))

    def _grant(self, sub: Sub, room: Room) -> None:
        decision = self.authorize(self.who, Action.READ, room.document)
        if not decision.allowed:
            self._refuse(sub, "role", Role.NONE)  # taken away while the document was loading
            return
        channel = room.number
        update = room.difference(sub.state_vector)
        if (old := self.members.pop(channel, None)) is not None:
            room.leave(old)
        member = SyncMember(room, self.transport, self.who, self.end, replica=self._replica)
        member.role = decision.role
        granted = Granted(
            channel=channel,
            document=room.document,
            kind=kind_of(room.document).name,
            lineage=room.lineage,
            role=decision.role,
            seq=room.seq,
            cs_durable=room.durable.get(self._replica, 0),
        )
        states = room.presence.full_set()
        presence = encode_presence(channel, states) if states is not None else b""
        conflicts = b"".join(map(encode, room.conflicts_of(self.who.id)))
        answer = encode(granted) + encode(Sync(channel, update)) + presence + conflicts
        self.transport.write(answer)
        self.members[channel] = member
        room.join(member)

    def _refuse(self, sub: Sub, code: str, message: str) -> None:
        self.transport.write(encode(Perm(0, sub.document[:200], code, message)))
