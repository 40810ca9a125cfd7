"""Many people in one text: some type in copies of their own, some are programs that are behind.

Every character of a story is another, so that one can tell in the end that what is there is what
was put in and not taken out, and that each word lies between the two it was put between.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from hub_rig import Open, Rig, person
from moim_data.documents.access import LocalAccess
from moim_data.documents.project import ProjectDocument
from moim_data.store import DocumentId
from moim_sync.api.caller import Caller
from moim_sync.api.text_edit import TextEdit

BOARD = "project/p"
WIDTHS = (0x430, 0x4E00, 0x1F300)
"""Where letters begin that take 2, 3 and 4 bytes, and the last of them two UTF-16 units."""
Cut = tuple[int, int, str]
"""From where to where, in characters, and what takes its place."""


class Letters:
    """Gives out characters, each once."""

    def __init__(self) -> None:
        self._given = 0

    def word(self, size: int) -> str:
        return "".join(self._next() for _ in range(size))

    def _next(self) -> str:
        self._given += 1
        return chr(WIDTHS[self._given % 3] + self._given)


@dataclass
class Intentions:
    """What everybody meant."""

    put_in: list[tuple[str, str, str]] = field(default_factory=list)
    """A word with the character before and after it; empty at the start and the end."""
    taken_out: set[str] = field(default_factory=set)

    def note(self, text: str, cuts: Sequence[Cut]) -> None:
        for start, stop, word in cuts:
            self.put_in.append((text[max(0, start - 1) : start], word, text[stop : stop + 1]))
            self.taken_out.update(text[start:stop])

    def hold(self, text: str) -> None:
        """Fails when something is lost, comes twice, or is not where it was meant to be."""
        everything = {letter for _, word, _ in self.put_in for letter in word}
        assert sorted(text) == sorted(everything - self.taken_out)
        places = {letter: place for place, letter in enumerate(text)}
        for before, word, after in self.put_in:
            found = [places[one] for one in (*before, *word, *after) if one in places]
            assert found == sorted(found), (before, word, after, text)


class Typist(Protocol):
    """Somebody with a copy of the document."""

    def text(self) -> str: ...

    def type(self, cut: Cut) -> bytes: ...

    def state(self) -> bytes: ...

    def hear(self, update: bytes) -> None: ...


class PycrdtTypist:
    """One in Python."""

    def __init__(self, opened: Open) -> None:
        self._opened = opened

    def text(self) -> str:
        return str(self._notes(self._opened.doc))

    def type(self, cut: Cut) -> bytes:
        return self._opened.edit(lambda doc: self._notes(doc).replace(*cut))

    def state(self) -> bytes:
        return self._opened.doc.get_state()

    def hear(self, update: bytes) -> None:
        self._opened.doc.apply_update(update)

    def _notes(self, doc: Any) -> Any:
        return ProjectDocument(LocalAccess(doc)).cards["c1"].notes


class Program:
    """One without a CRDT: a text, and the version it is of."""

    def __init__(self, unit: str, version: int, text: str) -> None:
        self.unit = unit
        self.version = version
        self.text = text

    def operations(self, cuts: Sequence[Cut]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        end = 0
        for start, stop, word in cuts:
            found.append({"retain": self.size(self.text[end:start])})
            found += [{"insert": word}, {"delete": self.size(self.text[start:stop])}]
            end = stop
        return found

    def size(self, text: str) -> int:
        if self.unit == "codepoints":
            return len(text)
        return len(text.encode()) if self.unit == "utf8" else len(text.encode("utf-16-be")) // 2


class Story:
    """A hub with one text, and everybody in it; made by `begin`."""

    def __init__(self, rigged: Rig, wire: Open) -> None:
        self.intentions = Intentions()
        self.letters = Letters()
        self.typists: list[Typist] = []
        self.programs: list[Program] = []
        self._unsent: dict[int, list[bytes]] = {}
        self._rigged = rigged
        self._wire = wire
        self._caller = Caller(rigged.hub, person("program"))

    @classmethod
    async def begin(cls, rigged: Rig) -> "Story":
        wire = await rigged.connect("wire").hello().open(BOARD)
        story = cls(rigged, wire)
        notes = story.letters.word(6)
        story.intentions.note("", [(0, 0, notes)])

        def seed(doc: Any) -> None:
            project = ProjectDocument(LocalAccess(doc))
            project.columns.add(id="todo", name="To do")
            project.cards.add("one", id="c1", notes=notes)

        wire.push(wire.edit(seed))
        await wire.acked()
        for at in range(2):
            opened = await rigged.connect(f"typist{at}").hello().open(BOARD)
            story.typists.append(PycrdtTypist(opened))
        version, text = await story.now()
        for unit in ("utf16", "codepoints", "utf8"):
            story.programs.append(Program(unit, version, text))
        return story

    async def now(self) -> tuple[int, str]:
        def look(content: Any) -> str:
            return str(content.entity("cards", "c1")["notes"])

        return await self._caller.read(BOARD, look)

    def type(self, who: int, spots: Sequence[tuple[int, int, int]]) -> None:
        """Somebody types, and nobody hears of it yet."""
        who %= len(self.typists)
        typist = self.typists[who]
        for spot in spots:
            text = typist.text()
            cuts = self.cuts(text, [spot])
            self.intentions.note(text, cuts)
            self._unsent.setdefault(who, []).append(typist.type(cuts[0]))

    async def meet(self, who: int) -> None:
        """Somebody sends what they typed, and hears of everything."""
        who %= len(self.typists)
        for update in self._unsent.pop(who, []):
            self._wire.push(update)
            await self._wire.acked()
        room = await self._rigged.hub.open(DocumentId(BOARD), False)
        state = self.typists[who].state()
        self.typists[who].hear(await room.read(lambda: room.difference(state)))

    async def edit(self, who: int, spots: Sequence[tuple[int, int, int]], hears: bool) -> None:
        """A program edits the text of the version it has seen, and looks at the answer or not."""
        program = self.programs[who % len(self.programs)]
        cuts = self.cuts(program.text, spots)
        self.intentions.note(program.text, cuts)
        operations = program.operations(cuts)
        edit = TextEdit.read(BOARD, None, "c1", program.version, operations, program.unit)
        done = await self._caller.edit_text(edit)
        assert (done.seq, done.result) == await self.now()
        if hears:
            program.version, program.text = done.seq, done.result

    async def end(self) -> str:
        """Everybody meets; all read the same, and it is what they meant."""
        for _ in range(2):
            for who in range(len(self.typists)):
                await self.meet(who)
        _, text = await self.now()
        assert [one.text() for one in self.typists] == [text] * len(self.typists)
        self.intentions.hold(text)
        return text

    def cuts(self, text: str, spots: Sequence[tuple[int, int, int]]) -> list[Cut]:
        """Make places in a text of numbers up to 1000, in order and apart from each other."""
        found: list[Cut] = []
        end = -1
        for start, length, size in sorted(spots):
            first = start * (len(text) + 1) // 1001
            if first <= end:
                continue
            end = min(len(text), first + length)
            size = size if end > first else max(1, size)
            found.append((first, end, self.letters.word(size)))
        return found
