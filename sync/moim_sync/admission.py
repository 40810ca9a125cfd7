"""The queue at a room's door, and what of it may be applied.

Applied is what lacks nothing below it and uses no client id of somebody else. An edit that needs
items the server lacks is parked, and its author asked for the difference (P3). It stays in the way
of acknowledgements until it can be applied, because ACK is cumulative.
"""

from moim_sync.command import Command
from moim_sync.edit import Edit
from moim_sync.errors import CloseCode
from moim_sync.limits import HubLimits
from moim_sync.live_document import LiveDocument
from moim_sync.member import Member

MOST_COMMANDS = 1_000
"""Of one document that wait for a flush."""
PARKED_EDITS = 256
PARKED_BYTES = 1024 * 1024


class Admission:
    """The door of one room, kept while its copy of the document may change."""

    def __init__(self, limits: HubLimits) -> None:
        self._limits = limits
        self._queue: list[Edit] = []
        self._queue_bytes = 0
        self._commands: list[Command] = []
        self._bound: dict[int, Member] = {}
        self._gapped: dict[Member, None] = {}
        self._resync: dict[Member, None] = {}

    def __len__(self) -> int:
        """How many edits wait for a flush."""
        return len(self._queue) + len(self._commands)

    @property
    def is_full(self) -> bool:
        """True when so much waits that authors have to."""
        return self._queue_bytes > self._limits.pending_bytes

    def queue(self, edit: Edit) -> None:
        """Let an edit wait for the next flush."""
        self._queue.append(edit)
        self._queue_bytes += len(edit.update)

    def queue_command(self, command: Command) -> bool:
        """Let a command wait for the next flush; False when too many do."""
        if len(self._commands) >= MOST_COMMANDS:
            return False
        self._commands.append(command)
        return True

    def take_commands(self) -> list[Command]:
        """Give the commands that wait, in order."""
        commands, self._commands = self._commands, []
        return commands

    def admit(self, live: LiveDocument) -> list[Edit]:
        """Give what waits and may be applied, in order; its clocks count as present from now on."""
        edits, self._queue, self._queue_bytes = self._queue, [], 0
        admitted = []
        for edit in edits:
            if edit.author.refused:
                continue
            if live.gap(edit.scan):
                self._park(edit)
            elif not live.knows_roots(edit.scan):
                # Undo does not reach a new root, so what it holds must never be applied.
                edit.author.reject(edit.cs, "schema", "the document's schema has no such root")
            elif edit.author.has_spent_its_refusals(edit.received_s):
                edit.author.reject(edit.cs, "limit", "too many edits broke the schema")
            elif self._owns_ids(edit, live) and self._fits(edit, live):
                live.note(edit.scan)
                admitted.append(edit)
        return admitted

    def queue_unparked(self, live: LiveDocument) -> bool:
        """Queue the parked edits whose gap has closed, before others; True when there are any."""
        ready = []
        for member in list(self._gapped):
            ready += [edit for edit in member.parked if not live.gap(edit.scan)]
            member.parked = [edit for edit in member.parked if live.gap(edit.scan)]
            if not member.parked:
                del self._gapped[member]
        self._queue[:0] = ready
        return bool(ready)

    def take_resyncs(self) -> list[Member]:
        """Give the members that are to be asked for a difference."""
        members = list(self._resync)
        self._resync.clear()
        return members

    def drop_parked(self, member: Member) -> None:
        """Let go of what waits for other edits; its author keeps it."""
        self._gapped.pop(member, None)
        self._resync.pop(member, None)
        member.parked.clear()

    def forget(self, member: Member) -> None:
        """Let go of a member's client ids and parked edits."""
        self.drop_parked(member)
        for client_id in [key for key, owner in self._bound.items() if owner is member]:
            del self._bound[client_id]

    def _park(self, edit: Edit) -> None:
        member = edit.author
        self._resync[member] = None
        member.room.counters.gaps += 1
        if not edit.cs:
            return  # a plain client answers SyncStep1 with everything, this edit included
        member.parked.append(edit)
        self._gapped[member] = None
        size_bytes = sum(len(parked.update) for parked in member.parked)
        if len(member.parked) > PARKED_EDITS or size_bytes > PARKED_BYTES:
            member.end(CloseCode.INTERNAL, "too many edits without what they need; reconnect")

    def _owns_ids(self, edit: Edit, live: LiveDocument) -> bool:
        member = edit.author
        for client_id in edit.scan.ranges:
            owner = self._bound.get(client_id)
            if owner is member or not live.is_news(client_id, edit.scan):
                continue
            taken = owner is not None and not owner.who.is_same_as(member.who)
            if taken or client_id == live.doc.client_id:
                member.end(CloseCode.MALFORMED, f"client id {client_id} belongs to somebody else")
                return False
            self._bound[client_id] = member
        return True

    def _fits(self, edit: Edit, live: LiveDocument) -> bool:
        if live.size_bytes <= self._limits.document_bytes or not edit.scan.structs:
            return True
        if live.measure() <= self._limits.document_bytes:
            return True
        message = f"the document is full: {self._limits.document_bytes} bytes"
        edit.author.reject(edit.cs, "limit", message)
        return False
