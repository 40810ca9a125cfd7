"""What one person does with documents through a door: the gate, then the room."""

from collections.abc import Callable
from typing import TypeVar

from moim_data.documents.kinds import kind_of, parse_document_id
from moim_data.documents.registers import to_json
from moim_data.store import DocumentId
from moim_sync.api.content import Content
from moim_sync.api.decisions import Decision, open_conflict, use_mine
from moim_sync.api.subscription import Present, Subscription, people_in
from moim_sync.api.text_edit import Overtaken, TextEdit
from moim_sync.authorization import Action, Role
from moim_sync.command import CommandRefused, Done, Work
from moim_sync.errors import NotAllowed, UnknownDocument, VersionForgotten, VersionTooOld
from moim_sync.hub import Hub
from moim_sync.identity import Identity
from moim_sync.messages import Refusal
from moim_sync.room import Room

T = TypeVar("T")


class Caller:
    """One connection of a door, or one request; every method asks the gate first.

    Raises, from each method:
        NotAllowed: the role of the person does not allow it.
        UnknownKind, UnknownDocument: there is no such document.
        CorruptDocument, StorageError: it cannot be read, or saved, now.
    """

    def __init__(self, hub: Hub, who: Identity) -> None:
        self.hub = hub
        self.who = who

    def role(self, document: DocumentId) -> Role:
        """Give what the person is to a document."""
        return self.hub.authorize(self.who, Action.READ, document).role

    async def read(self, document: str, look: Callable[[Content], T]) -> tuple[int, T]:
        """Look at a document with a schema; gives its version and what `look` returned."""
        room = await self._opened(document, Action.READ)
        kind = kind_of(room.document).name
        return await room.read(lambda: (room.seq, look(Content(kind, room.ydoc))))

    async def run(self, document: str, work: Work, expected_seq: int | None = None) -> Done:
        """Edit a document; see `Room.run` for what else it raises."""
        room = await self._opened(document, Action.WRITE)
        return await room.run(self.who, work, expected_seq)

    async def settle(
        self, document: str, conflict: str, decision: Decision, expected_seq: int | None = None
    ) -> int:
        """Settle a conflict of this person, in all their windows; gives the version it is in.

        To keep theirs takes the right to read; to use mine writes it, as an edit.

        Args:
            expected_seq: the version they have seen; nothing newer is decided about or overwritten.

        Raises:
            UnknownEntity: they have no such conflict, or it was settled.
            CommandRefused, InvalidValue: mine cannot be set; the conflict stays. Else as `run`.
        """
        room = await self._opened(document, Action.READ)
        if decision == "mine":
            found = await room.read(lambda: open_conflict(room, self.who, conflict))
            seq = (await self.run(document, use_mine(room, self.who, found), expected_seq)).seq
        else:
            seq = await room.read(lambda: self._seen(room, conflict, expected_seq))
        room.settle(conflict, self.who.id, decision)
        return seq

    def _seen(self, room: Room, conflict: str, expected_seq: int | None) -> int:
        found = open_conflict(room, self.who, conflict)
        if expected_seq is not None and found.version > expected_seq:
            told = Refusal(found.path, f"version {expected_seq}", to_json(found.theirs))
            message = f"{found.path} was written since version {expected_seq}"
            raise CommandRefused("stale", message, (told,))
        return room.seq

    async def edit_text(self, edit: TextEdit) -> Done:
        """Edit a text by index; what comes of it is the text with the version it is of.

        Raises:
            InvalidValue: the operations do not fit the text of that version.
            UnknownEntity: there is no such thing.
            VersionTooOld: it was made on a version that is not kept, and must be made anew.
            TooBusy: too much waits. Else as `run`.
        """
        room = await self._opened(edit.document, Action.WRITE)
        try:
            return await room.run(self.who, edit.at_once(room))
        except Overtaken:
            return await self._edit_late(room, edit)

    async def _edit_late(self, room: Room, edit: TextEdit) -> Done:
        place, operations = edit.place, edit.operations
        try:
            update = await self.hub.rebuilder.update(
                edit.document, edit.base_seq, place, operations, room.new_client_id()
            )
            # the role may be another by now, and the room
            return await self.run(
                edit.document, edit.begun() if update is None else edit.merged(update)
            )
        except VersionForgotten as error:
            seq, text = await self._text_now(edit)
            raise VersionTooOld(str(error), seq, text) from error

    async def _text_now(self, edit: TextEdit) -> tuple[int, str]:
        room = await self._opened(edit.document, Action.READ)
        return await room.read(lambda: (room.seq, edit.read_now(room.ydoc)))

    async def subscribe(
        self,
        document: str,
        since: int | None = None,
        *,
        most_writes: int | None = None,
        people: bool = True,
    ) -> Subscription:
        """Follow a document; `close` it in the end.

        Args:
            since: the version the reader has; what was written later is told first. 0: all that
                is there. None: what comes from now on.
            most_writes: about how many writes are told at once; None: all.
            people: False for who does not want to hear who is there.
        """
        room = await self._opened(document, Action.READ)

        def make(left: Callable[[Subscription], None]) -> Subscription:
            return Subscription(
                room,
                self.who,
                self.hub.authorize,
                since=since,
                most_writes=most_writes,
                people=people,
                on_end=left,
            )

        return await room.read(lambda: self.hub.follow(make))

    async def people(self, document: str) -> tuple[Present, ...]:
        """Give who is in a document with a schema now, once each."""
        room = await self._opened(document, Action.READ)
        return await room.read(lambda: people_in(room))

    async def _opened(self, document: str, action: Action) -> Room:
        wanted = parse_document_id(document)
        if kind_of(wanted).schema is None:
            raise UnknownDocument(f"{document} has no schema; open it with a Yjs program")
        decision = self.hub.authorize(self.who, action, wanted)
        if not decision.allowed:
            verb = "read" if action is Action.READ else "edit"
            raise NotAllowed(f"you are {decision.role}: you may not {verb} {document}")
        return await self.hub.open(wanted, create=False)
