"""Edits of texts by index, through the core of the doors: late ones meet what others did."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from anyio import fail_after
from pycrdt import Doc

from hub_rig import Open, Rig, person, rig, until
from moim_data.documents.access import LocalAccess
from moim_data.documents.calendar import CalendarDocument
from moim_data.documents.page import PageDocument
from moim_data.documents.project import ProjectDocument
from moim_data.documents.when import When
from moim_data.errors import InvalidValue, SplitCharacter, UnknownEntity
from moim_data.memory_store import MemoryStore
from moim_data.sqlite_store import SqliteStore
from moim_data.store import Append, DocumentId, StoredVersion, Update
from moim_sync import text_rebuilder
from moim_sync.api.caller import Caller
from moim_sync.api.commands import create_card
from moim_sync.api.text_edit import TextEdit
from moim_sync.authorization import Action, Decision, Role
from moim_sync.command import CommandRefused, Done
from moim_sync.errors import NotAllowed, RebuildFailed, TooBusy, VersionTooOld
from moim_sync.identity import Identity
from moim_sync.text_rebuilder import TextRebuilder

pytestmark = pytest.mark.anyio
BOARD = "project/p"
ANN, BOB = person("ann"), person("bob")


@asynccontextmanager
async def board(notes: str = "", **options: Any) -> AsyncIterator[tuple[Rig, Open, int]]:
    """A hub, a client that types in the card `c1` itself, and the version with its notes."""
    async with rig(**options) as rigged:
        client = await rigged.connect("typist").hello().open(BOARD)

        def seed(doc: Any) -> None:
            project = ProjectDocument(LocalAccess(doc))
            project.columns.add(id="todo", name="To do")
            project.cards.add("one", id="c1", notes=notes)

        client.push(client.edit(seed))
        await client.acked()
        yield rigged, client, await version(rigged)


async def version(rigged: Rig, document: str = BOARD) -> int:
    return (await Caller(rigged.hub, ANN).read(document, lambda _: None))[0]


async def types(client: Open, start: int, stop: int, text: str) -> None:
    """A client with a copy replaces characters in it, and its edit is acknowledged."""
    client.push(client.edit(lambda doc: notes_of(doc).replace(start, stop, text)))
    await client.acked()


def notes_of(doc: Any, card: str = "c1") -> Any:
    return ProjectDocument(LocalAccess(doc)).cards[card].notes


async def edited(
    rigged: Rig,
    base: int,
    *operations: Any,
    who: Identity = ANN,
    unit: str = "utf16",
    id: str = "c1",
) -> Done:
    edit = TextEdit.read(BOARD, None, id, base, list(operations), unit)
    with fail_after(60):
        return await Caller(rigged.hub, who).edit_text(edit)


async def test_an_edit_of_the_newest_version_is_done_without_a_rebuild() -> None:
    async with board("Hello world") as (rigged, client, seen):
        done = await edited(rigged, seen, {"retain": 5}, {"insert": ","}, {"delete": 6})
        assert (done.result, done.seq) == ("Hello,", seen + 1)
        update = await client.update()
        assert (update.seq, str(notes_of(client.doc))) == (done.seq, "Hello,")
        assert not rigged.hub.rebuilder.rebuilt
        stored = rigged.store.open(DocumentId(BOARD), False).result()
        assert stored is not None
        assert {one.path: one.actor for one in stored.fields}["cards/c1/notes"] == "ann"


async def test_what_others_write_elsewhere_in_the_document_makes_no_edit_late() -> None:
    async with board("Hello") as (rigged, _, seen):
        caller = Caller(rigged.hub, BOB)
        await caller.run(BOARD, create_card(BOB, {"title": "other", "notes": "n"}, id="c2"))
        assert (await edited(rigged, seen, {"insert": "> "})).result == "> Hello"
        assert not rigged.hub.rebuilder.rebuilt


async def test_a_late_edit_lands_where_it_was_meant_and_takes_back_nothing_of_others() -> None:
    async with board("The quick fox") as (rigged, client, seen):
        await types(client, 0, 3, "Once upon a time a")
        await types(client, len(notes_of(client.doc)), len(notes_of(client.doc)), " jumps")
        # in the text of then: quick -> slow, and an end
        done = await edited(
            rigged,
            seen,
            {"retain": 4},
            {"insert": "slow"},
            {"delete": 5},
            {"retain": 4},
            {"insert": "!"},
        )
        assert done.result == "Once upon a time a slow fox! jumps" or (
            done.result == "Once upon a time a slow fox jumps!"
        )
        update = await client.update()
        assert str(notes_of(client.doc)) == done.result
        assert update.seq == done.seq
        assert rigged.hub.rebuilder.rebuilt == {"here": 1}


async def test_what_was_typed_into_a_range_that_is_deleted_late_stays() -> None:
    async with board("abcdef") as (rigged, client, seen):
        await types(client, 3, 3, "NEW")
        done = await edited(rigged, seen, {"retain": 1}, {"delete": 4})
        assert done.result == "aNEWf"


async def test_programs_that_all_edit_the_same_old_version_lose_nothing() -> None:
    async with board("|") as (rigged, _, seen):
        words = [f"<{name}>" for name in ("eins", "둘", "trois", "🚀")]
        await asyncio.gather(*(edited(rigged, seen, {"insert": word}) for word in words))
        text = (await edited(rigged, await version(rigged))).result
        assert sorted(text.removesuffix("|").replace("><", "> <").split()) == sorted(words)


async def test_an_edit_that_changes_nothing_makes_no_version() -> None:
    async with board("abc") as (rigged, client, seen):
        for operations in ([], [{"retain": 3}], [{"insert": ""}, {"delete": 0}]):
            assert (await edited(rigged, seen, *operations)) == Done(seen, "abc")
        await types(client, 0, 0, "x")
        assert await edited(rigged, seen, {"retain": 2}) == Done(seen + 1, "xabc")


@pytest.mark.parametrize(
    ("unit", "place"), [("utf16", 11), ("codepoints", 8), ("utf8", 24)], ids=str
)
@pytest.mark.parametrize("late", [False, True], ids=["now", "late"])
async def test_counts_are_of_the_unit_that_was_named(unit: str, place: int, late: bool) -> None:
    before = "e\u0301👨‍👩‍👦가"  # an accent of its own, and a family of three joined by two joiners
    async with board(before + "rest") as (rigged, client, seen):
        if late:
            await types(client, 0, 0, "🚀")
        operations = {"retain": place}, {"insert": "X"}, {"delete": 1}
        done = await edited(rigged, seen, *operations, unit=unit)
        assert done.result == ("🚀" if late else "") + before + "Xest"


@pytest.mark.parametrize("late", [False, True], ids=["now", "late"])
async def test_a_character_is_never_cut(late: bool) -> None:
    async with board("a🚀가") as (rigged, client, seen):
        if late:
            await types(client, 0, 0, "x")
        for unit, place in (("utf16", 2), ("utf8", 2), ("utf8", 4), ("utf8", 6)):
            for verb in ("retain", "delete"):
                with pytest.raises(SplitCharacter) as raised:
                    await edited(rigged, seen, {verb: place}, unit=unit)
                assert raised.value.path == "operations/0"
        with pytest.raises(SplitCharacter):
            await edited(rigged, seen, {"insert": "\ud83d"})
        assert await version(rigged) == seen + late


@pytest.mark.parametrize("late", [False, True], ids=["now", "late"])
async def test_operations_beyond_the_end_are_refused_with_what_is_left(late: bool) -> None:
    async with board("abc") as (rigged, client, seen):
        if late:
            await types(client, 0, 0, "much more than before")
        with pytest.raises(InvalidValue, match=r"at most 1 \(utf16\) to delete, got 2") as raised:
            await edited(rigged, seen, {"retain": 2}, {"delete": 2})
        assert raised.value.path == "operations/1"


@pytest.mark.parametrize(
    "operations",
    [
        "text",
        [1],
        [{}],
        [{"retain": 1, "insert": "x"}],
        [{"retain": -1}],
        [{"retain": True}],
        [{"delete": 1.5}],
        [{"delete": "1"}],
        [{"insert": 1}],
        [{"insert": {"image": "x"}}],
        [{"move": 1}],
        [{"retain": 0}] * 501,
        [{"insert": "x" * 100_001}],
    ],
)
async def test_what_are_no_operations_is_refused_before_anything_is_done(operations: Any) -> None:
    with pytest.raises(InvalidValue):
        TextEdit.read(BOARD, None, "c1", 1, operations)


async def test_what_has_no_text_and_units_that_nobody_knows_are_refused() -> None:
    for document, entity, unit in (
        (BOARD, "column", None),
        (BOARD, "event", None),
        ("calendar/c", "card", None),
        ("workspace", None, None),
        (BOARD, "card", "bytes"),
    ):
        with pytest.raises(InvalidValue):
            TextEdit.read(document, entity, "c1", 1, [], unit)


async def test_a_version_that_is_still_to_come_is_refused() -> None:
    async with board("abc") as (rigged, _, seen):
        with pytest.raises(InvalidValue, match=f"at most {seen}, got {seen + 1}") as raised:
            await edited(rigged, seen + 1, {"insert": "x"})
        assert raised.value.path == "baseVersion"


async def test_what_is_not_there_is_unknown() -> None:
    async with board("abc") as (rigged, _, seen):
        for id in ("nobody", "c1/notes", ""):
            with pytest.raises(UnknownEntity):
                await edited(rigged, seen, {"insert": "x"}, id=id)


async def test_who_may_not_edit_is_refused_and_one_who_loses_the_role_meanwhile_too() -> None:
    roles = {"ann": Role.EDITOR}

    def gate(who: Identity | None, action: Action, document: Any) -> Decision:
        role = roles.get(who.id if who else "", Role.OWNER)
        return Decision(action is not Action.WRITE or role is not Role.VIEWER, role)

    async with board("abc", authorize=gate) as (rigged, client, seen):
        roles["ann"] = Role.VIEWER
        with pytest.raises(NotAllowed):
            await edited(rigged, seen, {"insert": "x"})
        roles["ann"] = Role.EDITOR
        await types(client, 0, 0, "1")
        take = rigged.hub.rebuilder.update

        async def update(*arguments: Any) -> bytes | None:
            found = await take(*arguments)
            roles["ann"] = Role.VIEWER
            return found

        rigged.hub.rebuilder.update = update  # type: ignore[method-assign]
        with pytest.raises(NotAllowed):
            await edited(rigged, seen, {"insert": "x"})
        assert await version(rigged) == seen + 1


@pytest.mark.parametrize("late", [False, True], ids=["now", "late"])
async def test_a_text_that_would_get_too_long_stays_as_it_is(late: bool) -> None:
    async with board("abc") as (rigged, client, seen):
        if late:
            await types(client, 0, 0, "x" * 99_000)
        refused = CommandRefused if late else InvalidValue
        with pytest.raises(refused):
            await edited(rigged, seen, {"insert": "y" * 99_999})
        assert "y" not in str((await edited(rigged, await version(rigged))).result)


async def test_a_text_that_was_begun_since_is_written_in_from_its_start() -> None:
    async with board() as (rigged, client, _):

        def bare(doc: Any) -> None:
            card = ProjectDocument(LocalAccess(doc)).cards.add("bare", id="c2")
            del card._locate()["notes"]

        client.push(client.edit(bare))
        await client.acked()
        seen = await version(rigged)
        assert (
            await edited(rigged, seen, {"insert": "theirs"}, id="c2", who=BOB)
        ).result == "theirs"
        done = await edited(rigged, seen, {"insert": "ours "}, id="c2")
        assert done.result == "ours theirs"
        with pytest.raises(InvalidValue):
            await edited(rigged, seen, {"delete": 1}, id="c2")


async def test_a_card_that_was_not_there_yet_had_an_empty_text() -> None:
    async with board("abc") as (rigged, _, seen):
        work = create_card(BOB, {"title": "new", "notes": "new"}, id="c2")
        await Caller(rigged.hub, BOB).run(BOARD, work)
        with pytest.raises(InvalidValue, match="at most 0"):
            await edited(rigged, seen, {"delete": 1}, id="c2")
        assert (await edited(rigged, seen, {"insert": "x"}, id="c2")).result == "xnew"


async def test_a_text_that_was_made_anew_is_not_written_into_unseen() -> None:
    async with board("old") as (rigged, client, seen):

        def anew(doc: Any) -> None:
            card = ProjectDocument(LocalAccess(doc)).cards["c1"]
            del card._locate()["notes"]
            card.notes = "new"

        client.push(client.edit(anew))
        await client.acked()
        with pytest.raises(VersionTooOld) as raised:
            await edited(rigged, seen, {"insert": "x"})
        assert raised.value.text == "new"
        assert (await edited(rigged, raised.value.version, {"insert": "x"})).result == "xnew"


async def test_all_texts_of_documents_can_be_edited_so() -> None:
    async with rig() as rigged:
        client = rigged.connect("maker").hello()
        made = {
            "calendar/t": lambda doc: CalendarDocument(LocalAccess(doc)).events.add(
                "event", When("2026-11-27", "2026-11-28", ""), id="x", notes="text"
            ),
            "page/h": lambda doc: PageDocument(LocalAccess(doc)).cells.add(
                kind="note", id="x", text="text"
            ),
            BOARD: lambda doc: _with_comment(ProjectDocument(LocalAccess(doc))),
        }
        for document, seed in made.items():
            opened = await client.open(document)
            opened.push(opened.edit(seed))
            await opened.acked()
            entity = "comment" if document == BOARD else None
            for text in ("text", "1text"):  # the second is late
                edit = TextEdit.read(document, entity, "x", 1, [{"insert": "1"}])
                done = await Caller(rigged.hub, ANN).edit_text(edit)
                assert done.result == "1" + text
        _, comment = await Caller(rigged.hub, ANN).read(BOARD, lambda c: c.entity("comments", "x"))
        assert comment is not None
        assert comment["edited"] > 1_700_000_000_000


def _with_comment(project: ProjectDocument) -> None:
    project.columns.add(id="todo", name="To do")
    project.cards.add("one", id="c1")
    project.comments.add("c1", "text", id="x")


async def test_a_cell_that_is_no_note_has_no_text() -> None:
    async with rig() as rigged:
        opened = await rigged.connect("maker").hello().open("page/h")
        opened.push(
            opened.edit(
                lambda doc: PageDocument(LocalAccess(doc)).cells.add("board", id="x", project="p")
            )
        )
        await opened.acked()
        with pytest.raises(InvalidValue, match="expected a note, got a cell of kind board"):
            await Caller(rigged.hub, ANN).edit_text(
                TextEdit.read("page/h", None, "x", 1, [{"insert": "x"}])
            )


# Large documents, and old ones


def many_cards(doc: Any, count: int) -> None:
    cards = [{"id": f"c{at}", "title": f"card {at}", "notes": "words " * 40} for at in range(count)]
    project = ProjectDocument(LocalAccess(doc))
    project.columns.add(id="todo", name="To do")
    project.cards.add_all(cards)


def put(store: Any, document: str, *updates: bytes) -> None:
    """Keep updates as if they had come long ago."""
    store.open(document, True).result()
    rows = tuple(Update(at + 1, 0, "ann", b"", 0, data) for at, data in enumerate(updates))
    store.append(Append(DocumentId(document), rows)).result()


async def test_others_are_answered_while_a_large_document_is_rebuilt() -> None:
    store = MemoryStore()
    doc: Doc[Any] = Doc()
    many_cards(doc, 2_000)
    put(store, BOARD, doc.get_update())
    async with rig(store) as rigged:
        caller = Caller(rigged.hub, BOB)
        at_once = TextEdit.read(BOARD, None, "c7", 1, [{"insert": "first "}])
        await caller.edit_text(at_once)
        other = await rigged.connect("other").hello().open("open/other")
        late = asyncio.create_task(edited(rigged, 1, {"insert": "late "}, id="c7"))
        answered = 0
        while not late.done():
            other.push(other.set("x", answered))
            await other.acked()
            answered += 1
        assert sorted((await late).result.split()[:2]) == ["first", "late"]
        assert rigged.hub.rebuilder.rebuilt == {"process": 1}
        assert answered >= 5


async def test_the_process_says_what_is_wrong_as_the_hub_would(tmp_path: Path) -> None:
    broken = tmp_path / "moim_data" / "__init__.py"
    broken.parent.mkdir()
    broken.write_text("raise SystemExit(7)")
    async with board("a🚀c") as (rigged, client, seen):
        rigged.hub.rebuilder = TextRebuilder(rigged.store, here_bytes=0)
        await types(client, 0, 0, "x")
        with pytest.raises(SplitCharacter, match="end inside one") as split:
            await edited(rigged, seen, {"delete": 2})
        assert split.value.path == "operations/0"
        with pytest.raises(InvalidValue, match="at most 4"):
            await edited(rigged, seen, {"delete": 5})
        assert rigged.hub.rebuilder.rebuilt == {"process": 2}
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(text_rebuilder, "TIMEOUT_S", 0)
            with pytest.raises(RebuildFailed, match="not rebuilt within"):
                await edited(rigged, seen, {"delete": 1})
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(text_rebuilder, "environment", lambda: {"PYTHONPATH": str(tmp_path)})
            with pytest.raises(RebuildFailed, match="ended with"):
                await edited(rigged, seen, {"delete": 1})
        assert (await edited(rigged, seen, {"delete": 1})).result == "x🚀c"


class SlowStore(MemoryStore):
    """Reads old versions when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Future[StoredVersion | None]] = []

    def version(self, document: DocumentId, seq: int) -> "Future[StoredVersion | None]":
        self.asked.append(future := Future())
        return future


async def test_more_late_edits_than_may_wait_are_refused_and_others_are_not() -> None:
    store = SlowStore()
    async with board("abc", store=store) as (rigged, client, seen):
        await types(client, 0, 0, "x")
        late = {"insert": "y"}
        tasks = [asyncio.create_task(edited(rigged, seen, late)) for _ in range(8)]
        await until(lambda: len(store.asked) == 8)
        with pytest.raises(TooBusy):
            await edited(rigged, seen, late)
        assert (await edited(rigged, seen + 1, {"insert": "now "})).result == "now xabc"
        for one in store.asked:
            one.set_result(MemoryStore.version(store, DocumentId(BOARD), seen).result())
        assert [len((await task).result) for task in tasks] == list(range(9, 17))


async def test_what_the_log_let_go_of_is_told_with_the_text_of_now(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "moim.db")
    try:
        async with board("The end", store=store) as (rigged, client, seen):
            versions = []
            for round in range(3):
                await types(client, 0, 0, f"{round}")
                versions.append(await version(rigged))
                assert await asyncio.to_thread(store.compact, DocumentId(BOARD))
            with pytest.raises(VersionTooOld) as raised:
                await edited(rigged, seen, {"insert": "x"})
            assert (raised.value.version, raised.value.text) == (versions[-1], "210The end")
            with pytest.raises(VersionTooOld):
                await edited(rigged, versions[0], {"insert": "x"})
            # both generations that are kept can be rebuilt
            for seen in versions[1:]:
                await types(client, 0, 0, "+")
                done = await edited(rigged, seen, {"delete": 1})
            assert done.result == "++0The end"
    finally:
        store.close()
