"""Everybody who is in a room, and what they are told: all of them, one person's, or one flush."""

from collections.abc import Iterator

from moim_sync.conflicts import conflict_message
from moim_sync.errors import CloseCode
from moim_sync.flush import Flush
from moim_sync.member import Member, Outgoing
from moim_sync.protocol import encode, encode_ack


class Members:
    """The members of one room, in the order they came; one may leave while they are told.

    Args:
        channel: the room's number on `/sync`.
    """

    def __init__(self, channel: int) -> None:
        self._channel = channel
        self._members: dict[Member, None] = {}

    def __len__(self) -> int:
        return len(self._members)

    def __iter__(self) -> Iterator[Member]:
        return iter(list(self._members))

    def __contains__(self, member: object) -> bool:
        return member in self._members

    def add(self, member: Member) -> None:
        """Let a member hear what is told from now on."""
        self._members[member] = None

    def remove(self, member: Member) -> None:
        """Tell a member nothing more."""
        del self._members[member]

    def name_of(self, person: str) -> str:
        """Give what a person is called who is here; others are known by the workspace."""
        names = (member.who.name for member in self._members if member.who.id == person)
        return next(names, "")

    def end(self, code: CloseCode, reason: str) -> None:
        """End every member's place in the room."""
        for member in self:
            member.end(code, reason)

    def tell(self, code: str, message: str) -> None:
        """Say to all that the document cannot be written, or can again."""
        for member in self:
            member.tell(code, message)

    def note(self, person: str, frame: bytes) -> None:
        """Send a frame to every connection of one person."""
        for member in self._of(person):
            member.note(frame)

    def deliver(self, flush: Flush, out: Outgoing) -> None:
        """Tell what a flush that is on disk changed, refused and acknowledges."""
        quiet = flush.only_author()
        acks = flush.acks()
        self._tell_lost(flush)
        for member in self:
            cs = acks.get(member)
            ack = encode_ack(self._channel, cs, out.seq) if cs else b""
            member.deliver(out, member is not quiet, ack)

    def _tell_lost(self, flush: Flush) -> None:
        """Say what was refused and whose value did not stay, before the ACK of it."""
        for edit, reject in flush.rejects:
            edit.author.note(encode(reject))
        for edit, lost in flush.conflicts:
            for member in self._of(lost.loser):
                cs = edit.cs if member is edit.author else 0
                member.note(encode(conflict_message(self._channel, lost, cs)))

    def _of(self, person: str) -> list[Member]:
        return [member for member in self._members if member.who.id == person]
