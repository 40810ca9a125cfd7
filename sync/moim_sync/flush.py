"""What one flush of a room adds to the log, and what it says to whom."""

from dataclasses import dataclass, field
from functools import partial
from typing import Final

from moim_data.documents.registers import to_json
from moim_data.documents.validation import Problem
from moim_data.store import Append, Conflict, DocumentId, FieldWrite, LoggedChange, Update
from moim_sync.command import Command, CommandRefused, Done, Planned
from moim_sync.conflicts import NOTHING, ConflictFinder
from moim_sync.edit import Edit
from moim_sync.identity import SERVER
from moim_sync.live_document import Applied, LiveDocument, Outside
from moim_sync.member import Member, merge
from moim_sync.messages import Refusal, Reject

MESSAGE_CHARACTERS: Final = 300


@dataclass(slots=True)
class Flush:
    """Collects rows while edits are applied; numbers follow `base_seq` without holes."""

    document: DocumentId
    base_seq: int
    at_ms: int
    rows: list[Update] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    """Edits that were applied, whether or not anything in them was new."""
    rejects: list[tuple[Edit, Reject]] = field(default_factory=list)
    """Edits that were taken back, with what their authors are told."""
    conflicts: list[tuple[Edit, Conflict]] = field(default_factory=list)
    """Values that did not stay, each with the edit that made it so."""
    done: list[tuple[Command, Done | Exception]] = field(default_factory=list)
    """Commands with what came of them."""
    fields: tuple[FieldWrite, ...] = ()
    changes: tuple[LoggedChange, ...] = ()

    @property
    def seq(self) -> int:
        """The highest number given out so far."""
        return self.base_seq + len(self.rows)

    def add_outside(self, outside: Outside, finder: ConflictFinder | None) -> None:
        """Add what server code wrote into the document."""
        for update in outside.updates:
            self._add_row(update, SERVER.id, b"", 0)
        if finder is not None:
            finder.note(SERVER.id, outside.touched, self.seq, self.at_ms)

    def add_edits(
        self, edits: list[Edit], live: LiveDocument, finder: ConflictFinder | None, together: bool
    ) -> None:
        """Apply edits in order and add what was new: as one row, or one row each and checked.

        Raises:
            Poisoned: pycrdt failed; on `edits[len(self.edits)]` when not together.
        """
        if together:
            if edits:
                self._add_together(edits, live.apply_together([edit.update for edit in edits]))
            return
        for edit in edits:
            sight = NOTHING if finder is None else finder.look(edit)
            applied = live.apply_checked(edit.update)
            self._add_alone(edit, applied)
            if finder is not None and applied.news and not applied.problems:
                found = finder.judge(edit, sight, self.seq, self.at_ms)
                self.conflicts.extend((edit, conflict) for conflict in found)
                finder.note(edit.who.id, applied.touched, self.seq, self.at_ms)

    def add_commands(
        self, commands: list[Command], live: LiveDocument, finder: ConflictFinder
    ) -> None:
        """Do the work of commands, in order, and add what was new: one row each.

        Raises:
            Poisoned: pycrdt failed on `commands[len(self.done)]`.
        """
        for command in commands:
            refused = _refused_before(command, live, finder)
            if refused is not None:
                self.done.append((command, refused))
                continue
            applied, result = live.run(command.work, partial(_require_seen, command, finder))
            if applied.news:
                self._add_row(merge(applied.news), command.who.id, b"", 0)
            if applied.problems:
                result = _refused(applied.problems)
            elif isinstance(result, _Stale):
                result = _stale(command, result.paths, finder)
            elif not isinstance(result, Exception):
                finder.note(command.who.id, applied.touched, self.seq, self.at_ms)
                result = Done(self.seq, result)
            self.done.append((command, result))

    def _add_alone(self, edit: Edit, applied: Applied) -> None:
        self._note_edits([edit])
        if applied.news:
            # An edit and what takes it back are one row, so that no reader meets the edit alone.
            self._add_row(merge(applied.news), edit.who.id, edit.author.replica, edit.cs)
        if applied.problems:
            edit.author.room.counters.compensated += 1
            edit.author.room.counters.rejects["schema"] += 1
            edit.author.count_refusal()
            self.rejects.append((edit, _soft_reject(edit, applied.problems)))

    def _add_together(self, edits: list[Edit], news: bytes | None) -> None:
        self._note_edits(edits)
        if news is None:
            return
        authors = {(edit.author, edit.who.id) for edit in edits}
        if len(authors) == 1:
            ((author, person),) = authors
            self._add_row(news, person, author.replica, max(edit.cs for edit in edits))
        else:
            self._add_row(news, "", b"", 0)

    def append(self) -> Append:
        """The batch for the store."""
        durable: dict[bytes, int] = {}
        for member, cs in self.acks().items():
            if cs > durable.get(member.replica, 0):
                durable[member.replica] = cs
        kept = tuple(conflict for _, conflict in self.conflicts)
        return Append(self.document, tuple(self.rows), durable, self.fields, kept, self.changes)

    def acks(self) -> dict[Member, int]:
        """Per author with numbered edits, the highest number that is durable with this flush."""
        authors = {edit.author for edit in self.edits if edit.cs}
        return {author: cs for author in authors if (cs := author.durable_cs())}

    def news(self) -> bytes | None:
        """All rows as one update, None when nothing was new."""
        return merge([row.data for row in self.rows]) if self.rows else None

    def only_author(self) -> Member | None:
        """Who needs no echo: the one author of all rows, if there is one and nothing was undone."""
        authors = {edit.author for edit in self.edits}
        others = self.done or any(row.actor == SERVER.id for row in self.rows)
        return authors.pop() if len(authors) == 1 and not others and not self.rejects else None

    def _note_edits(self, edits: list[Edit]) -> None:
        self.edits.extend(edits)
        for edit in edits:
            if edit.cs > edit.author.applied_cs:
                edit.author.applied_cs = edit.cs

    def _add_row(self, data: bytes, actor: str, replica: bytes, cs: int) -> None:
        self.rows.append(Update(self.seq + 1, self.at_ms, actor, replica, cs, data))


class _Stale(Exception):
    """Somebody has written these since; what they are now is known once the command is undone."""

    def __init__(self, paths: list[str]) -> None:
        super().__init__(paths)
        self.paths = paths


def _refused_before(
    command: Command, live: LiveDocument, finder: ConflictFinder
) -> Exception | None:
    """Give why a command is not even begun; None when it is to be tried."""
    if command.expected_seq is None or not isinstance(command.work, Planned):
        return None
    try:
        _require_seen(command, finder, tuple(command.work.paths(live.doc)))
    except _Stale as stale:
        return _stale(command, stale.paths, finder)
    except Exception as error:  # noqa: BLE001  it is the caller's, and must not end the room
        return error
    return None


def _require_seen(command: Command, finder: ConflictFinder, touched: tuple[str, ...]) -> None:
    if command.expected_seq is None:
        return
    if stale := finder.written_since(touched, command.expected_seq):
        raise _Stale(stale)


def _stale(command: Command, paths: list[str], finder: ConflictFinder) -> CommandRefused:
    expected = f"version {command.expected_seq}"
    told = tuple(Refusal(path, expected, to_json(finder.value(path))) for path in paths)
    return CommandRefused("stale", f"{paths[0]} was written since {expected}", told)


def _refused(problems: tuple[Problem, ...]) -> CommandRefused:
    paths = tuple(Refusal(one.path, one.expected, one.got) for one in problems)
    return CommandRefused("schema", shorten(str(problems[0])), paths)


def _soft_reject(edit: Edit, problems: tuple[Problem, ...]) -> Reject:
    refusals = tuple(Refusal(one.path, one.expected, one.got) for one in problems)
    channel = edit.author.room.number
    return Reject(channel, edit.cs, False, "schema", shorten(str(problems[0])), refusals)


def shorten(text: str) -> str:
    """Give a message that is short enough for the wire."""
    return text if len(text) <= MESSAGE_CHARACTERS else text[:MESSAGE_CHARACTERS] + "…"
