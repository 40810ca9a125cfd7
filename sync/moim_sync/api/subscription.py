"""Somebody who follows a document through a door: what is new, when they are ready to hear it.

Nothing queues: a subscription knows the version it has told, and what came since is read when it is
asked for, one change a thing. A slow reader misses steps in between and never the last state, and
costs no memory while it waits.
"""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from secrets import randbits
from typing import Any, Final

from moim_data.documents.kinds import KINDS, kind_of
from moim_data.errors import StorageError
from moim_data.store import DocumentId
from moim_sync.api.content import Content, EntityChange
from moim_sync.api.steps import Step, step_of
from moim_sync.authorization import Action, Authorize
from moim_sync.errors import CloseCode, OverLimit
from moim_sync.identity import Identity
from moim_sync.member import Member, Outgoing
from moim_sync.messages import Conflict, Resolved
from moim_sync.protocol import decode_server_frames
from moim_sync.room import Room
from moim_sync.y_protocol import AwarenessEntry, decode_awareness, encode_awareness

WORKSPACE: Final = "workspace"
MOST_CONFLICTS: Final = 200
"""That wait for one reader; the oldest go, and are told with the next subscription."""


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody who is in the document."""

    id: str
    name: str
    colour: str
    states: tuple[Mapping[str, Any], ...]
    """What each of their windows says, as `{"card": id}`."""


@dataclass(frozen=True, slots=True)
class News:
    """What a subscription tells at once; anything in it may be empty."""

    seq: int
    """The version that all changes up to here make."""
    changes: tuple[EntityChange, ...] = ()
    conflicts: tuple[Conflict | Resolved, ...] = ()
    people: tuple[Present, ...] | None = None
    """Everybody who is there, when that has changed."""
    step: Step | None = None
    """Of the changes, where others hear the same: a door may keep there what it says of them."""


class Ended(Exception):
    """A subscription is over; `code` and the message say why."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class _Nowhere:
    """A transport for a member that sends nothing: its subscription is read instead."""

    kind = "door"
    drained: Callable[[], None] | None = None
    waiting_bytes = 0

    def write(self, message: bytes) -> None:
        """Drop it."""

    def ping(self) -> None:
        """Nobody is to be asked."""

    def close(self, code: int, reason: str) -> None:
        """Nothing is open."""


class _Listener(Member):
    """The subscription's place in the room."""

    plain = True

    def __init__(self, subscription: "Subscription", room: Room, who: Identity) -> None:
        super().__init__(room, _Nowhere(), who, subscription.end)
        self._subscription = subscription

    def deliver(self, out: Outgoing, echo: bool, ack: bytes) -> None:
        """Note that there is something to read."""
        self._subscription.heard(out.update is not None, out.presence is not None)

    def note(self, frame: bytes) -> None:
        """Take what is told about conflicts."""
        for message in decode_server_frames(frame):
            if isinstance(message, Conflict | Resolved):
                self._subscription.told(message)

    def resync(self, state_vector: bytes) -> None:
        """Lack nothing: it sends no updates."""


class Subscription:
    """One person's view of one document; `Caller.subscribe` makes it where the room is readable.

    Args:
        since: the version that the reader has; what was written later is told first. 0: all that
            is there. None: what comes from now on.
        most_writes: about how many writes of registers are told at once; the rest comes with the
            next call. Writes of one version are never parted. None: all.
        people: False: nothing is told of who is there, and nobody who moves about wakes the reader.
    """

    def __init__(
        self,
        room: Room,
        who: Identity,
        authorize: Authorize,
        *,
        since: int | None,
        most_writes: int | None = None,
        people: bool = True,
        on_end: "Callable[[Subscription], None]",
    ) -> None:
        self.room = room
        self.who = who
        self.seq = room.seq if since is None else min(since, room.seq)
        """The version that has been told."""
        self._has_nothing = since == 0
        self._most_writes = most_writes
        self._authorize = authorize
        self._on_end = on_end
        self._conflicts: deque[Conflict | Resolved] = deque(
            room.conflicts_of(who.id), maxlen=MOST_CONFLICTS
        )
        self._people = people
        self._people_changed = people
        self._presence_id = randbits(32)
        self._presence_clock = 0
        self._ended: Ended | None = None
        self._news = asyncio.Event()
        self._news.set()  # who is there, and what came since
        self._listener = _Listener(self, room, who)
        room.join(self._listener)

    async def next(self) -> News:
        """Wait for what is new and give it, all of it at once.

        Raises:
            Ended: there will be nothing more.
        """
        while True:
            await self._news.wait()
            self._news.clear()
            if self._ended is not None:
                raise self._ended
            try:
                news = await self.room.read(self._take)
            except StorageError:
                raise self._ended or Ended(CloseCode.RESTART, "the document was closed") from None
            if news.changes or news.conflicts or news.people is not None:
                return news

    def _take(self) -> News:
        room = self.room
        step = self._take_step()
        conflicts = tuple(self._conflicts)
        self._conflicts.clear()
        people = people_in(room) if self._people_changed else None
        self._people_changed = False
        return News(step.upto, step.changes, conflicts, people, step if step.is_kept else None)

    def _take_step(self) -> Step:
        room, since = self.room, self.seq
        if self._has_nothing:
            # not from the last writers: what a demo or an import brought has none
            self._has_nothing = False
            content = Content(kind_of(room.document).name, room.ydoc)
            step = Step(0, room.seq, content.everything(room.seq))
        else:
            step = step_of(room, since, self._most_writes)
        self.seq = step.upto
        if step.upto < room.seq:
            self._news.set()  # there is more
        return self._of_theirs(step)

    def _of_theirs(self, step: Step) -> Step:
        """Leave out what the workspace says of documents that the person may not read."""
        if self.room.document != WORKSPACE:
            return step
        changes = tuple(
            change
            for change in step.changes
            if change.entity not in KINDS
            or self._authorize(
                self.who, Action.READ, DocumentId(f"{change.entity}/{change.id}")
            ).allowed
        )
        return Step(step.since, step.upto, changes)

    def heard(self, content_changed: bool, people_changed: bool) -> None:
        """Note that a flush is on disk, or that people came, went or did something."""
        people_changed = people_changed and self._people
        self._people_changed = self._people_changed or people_changed
        if content_changed or people_changed:
            self._news.set()

    def told(self, message: Conflict | Resolved) -> None:
        """Take what this person is told about a conflict."""
        self._conflicts.append(message)
        self._news.set()

    def announce(self, state: Mapping[str, Any] | None) -> None:
        """Be seen in the document, doing what the state says; None: be seen no longer.

        It ends with the subscription. Of more than the limits let through, the newest counts.

        Raises:
            OverLimit: the state is too large.
            MalformedMessage: it is none that can be told.
        """
        text = json.dumps(state, ensure_ascii=False, separators=(",", ":"))
        if len(text.encode()) > self.room.limits.push.presence_bytes:
            raise OverLimit(f"a state has at most {self.room.limits.push.presence_bytes} bytes")
        self._presence_clock += 1
        entry = AwarenessEntry(self._presence_id, self._presence_clock, text)
        self._listener.announce(encode_awareness([entry]))

    def recheck(self) -> None:
        """End when the person may not read the document any more."""
        if not self._authorize(self.who, Action.READ, self.room.document).allowed:
            self.end(CloseCode.REFUSED, "you may not read this any more")

    def end(self, code: CloseCode, reason: str) -> None:
        """Leave; who waits for news gets Ended."""
        if self._ended is not None:
            return
        self._ended = Ended(code, reason)
        self.room.leave(self._listener)
        self._on_end(self)
        self._news.set()

    def close(self) -> None:
        """Leave, because the reader has gone."""
        self.end(CloseCode.RESTART, "the reader has left")


def people_in(room: Room) -> tuple[Present, ...]:
    """Give everybody who is in a room, once each, in the order they came."""
    update = room.presence.full_set()
    found: dict[str, tuple[dict[str, Any], list[Mapping[str, Any]]]] = {}
    for entry in decode_awareness(update) if update is not None else ():
        state = json.loads(entry.state)
        user = state.pop("user", None) if isinstance(state, dict) else None
        if isinstance(user, dict):
            found.setdefault(str(user.get("id", "")), (user, []))[1].append(state)
    return tuple(
        Present(key, str(user.get("name", "")), str(user.get("colour", "")), tuple(states))
        for key, (user, states) in found.items()
    )
