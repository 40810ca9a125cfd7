"""What a room does with edits: refuses, undoes, survives; and how it lives."""

import asyncio
import gc
import logging
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pycrdt import Array, Doc, Map, Text

from hub_rig import Open, SyncClient, restarted, rig, until
from moim_data.documents.kinds import parse_document_id
from moim_data.documents.validation import problems
from moim_data.errors import StorageError, StorageFull
from moim_data.memory_store import MemoryDisk, MemoryStore
from moim_data.sqlite_store import SqliteStore
from moim_sync.errors import CloseCode
from moim_sync.limits import HubLimits
from moim_sync.live_document import LiveDocument
from moim_sync.member import Member
from moim_sync.messages import Reject, Sub, Sync, Update, Welcome
from moim_sync.room import Room, RoomState
from moim_sync.session import Session

pytestmark = pytest.mark.anyio
OPEN = "open/a"
PROJECT = "project/p"


def add_card(doc: "Doc[Any]", card: str, **fields: Any) -> None:
    columns = doc.get("columns", type=Map)
    if "todo" not in columns:
        columns["todo"] = Map({"name": "To do", "place": "V"})
    doc.get("cards", type=Map)[card] = Map(
        {"title": card, "place": "todo|a", "notes": Text(""), **fields}
    )


BAD_EDITS = {
    "a register of the wrong type": lambda doc: doc.get("cards", type=Map)["c1"].update(
        {"title": 7}
    ),
    "an unknown field": lambda doc: doc.get("cards", type=Map)["c1"].update({"colour": "x"}),
    "an unknown choice": lambda doc: doc.get("cards", type=Map)["c1"].update({"priority": "!"}),
    "a register in place of a card": lambda doc: doc.get("cards", type=Map).update({"c1": 1}),
    "text in place of a register": lambda doc: doc.get("cards", type=Map)["c1"].update(
        {"title": Text("x")}
    ),
    "a card without what it must have": lambda doc: doc.get("cards", type=Map).update(
        {"c2": Map({"title": 1})}
    ),
    "a required register gone": lambda doc: doc.get("cards", type=Map)["c1"].pop("title"),
    "a bad id": lambda doc: add_card(doc, "no slug!"),
    "good and bad at once": lambda doc: (
        doc.get("cards", type=Map)["c1"].update({"title": "good"}),
        doc.get("cards", type=Map)["c1"].update({"estimate": -5}),
    ),
}


@pytest.mark.parametrize("name", BAD_EDITS)
async def test_an_edit_that_breaks_the_schema_is_taken_back_before_anybody_sees_it(
    name: str,
) -> None:
    disk = MemoryDisk()
    async with rig(MemoryStore(disk)) as hub:
        ann, bob = hub.connect("ann").hello(), hub.connect("bob").hello()
        mine, seen = await ann.open(PROJECT), await bob.open(PROJECT)
        mine.push(mine.edit(lambda doc: add_card(doc, "c1")))
        await mine.acked()
        await seen.update()
        good = content(seen.doc)
        glimpses: list[Any] = []
        seen.doc.get("cards", type=Map).observe_deep(lambda _: glimpses.append(1))
        cs = mine.push(mine.edit(BAD_EDITS[name]))
        reject = await ann.get(Reject)
        assert (reject.cs, reject.hard, reject.code) == (cs, False, "schema")
        assert reject.paths
        await mine.update()
        await mine.acked()
        await seen.update()
        assert content(mine.doc) == content(seen.doc) == good
        mine.push(mine.edit(lambda doc: add_card(doc, "later")))
        await mine.acked()
        await seen.update()
        assert "later" in content(seen.doc)["cards"], "later edits of the author still land"
    async with rig(restarted(disk)) as hub:
        fresh = await hub.connect("eve").hello().open(PROJECT)
        assert content(fresh.doc) == content(seen.doc)


def content(doc: "Doc[Any]") -> dict[str, Any]:
    return {root: doc.get(root, type=Map).to_py() for root in ("info", "columns", "cards")}


async def test_an_unknown_root_in_a_schema_document_is_not_kept() -> None:
    store = MemoryStore()
    async with rig(store) as hub:
        ann, bob = hub.connect("ann").hello(), hub.connect("bob").hello()
        mine, seen = await ann.open(PROJECT), await bob.open(PROJECT)
        seen.push(seen.edit(lambda doc: add_card(doc, "c1")))
        await seen.acked()
        mine.push(mine.set("x", 1, root="secret"))
        assert await rejected(ann) == "schema"
        assert hub.hub.counters.quarantined == 0, "it never came near pycrdt"
        seen.push(seen.edit(lambda doc: add_card(doc, "c2")))
        await seen.acked()
        fresh = await hub.connect("eve").hello().open(PROJECT)
        assert sorted(fresh.doc.keys()) == ["cards", "columns"]


async def rejected(client: SyncClient) -> str:
    """Wait for a hard REJECT, give its code."""
    return (await client.get(Reject, lambda reject: reject.hard)).code


VALUES = st.one_of(
    st.none(), st.integers(-5, 5), st.text(max_size=3), st.booleans(), st.just("2026-11-23")
)
FIELDS = st.sampled_from(["title", "place", "priority", "estimate", "due", "label/l", "nonsense"])
EDITS = st.lists(
    st.tuples(st.sampled_from(["ann", "bob"]), st.sampled_from("abc"), FIELDS, VALUES),
    min_size=1,
    max_size=12,
)


@given(edits=EDITS)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_is_pushed_every_copy_follows_the_schema_and_agrees(
    edits: list[tuple[str, str, str, Any]],
) -> None:
    import anyio

    anyio.run(_push_and_compare, edits)


async def _push_and_compare(edits: list[tuple[str, str, str, Any]]) -> None:
    disk = MemoryDisk()
    async with rig(MemoryStore(disk)) as hub:
        clients = {name: hub.connect(name).hello() for name in ("ann", "bob", "eve")}
        copies = {name: await client.open(PROJECT) for name, client in clients.items()}
        copies["ann"].push(copies["ann"].edit(lambda doc: [add_card(doc, card) for card in "abc"]))
        await copies["ann"].acked()
        await copies["bob"].update()
        for author, card, field, value in edits:
            mine = copies[author]
            cards = mine.doc.get("cards", type=Map)
            if card in cards and isinstance(cards[card], Map):
                mine.push(mine.edit(lambda _, at=cards[card]: at.update({field: value})))  # noqa: B023
        for name in ("ann", "bob"):
            if copies[name].cs > (name == "ann"):
                await copies[name].acked()
        room = next(iter(hub.hub.rooms.values()))
        assert isinstance(room, Room)
        for copy in copies.values():
            await settle(copy)
        server = content(room.ydoc)
        assert problems("project", server) == []
        for copy in copies.values():
            assert content(copy.doc) == server
    async with rig(restarted(disk)) as hub:
        fresh = await hub.connect("zoe").hello().open(PROJECT)
        assert content(fresh.doc) == server


async def settle(copy: Open) -> None:
    """Apply what was heard, then subscribe again for what is still on its way."""
    client = copy.client
    client.send(Sub(copy.granted.document, False, b"", copy.doc.get_state()))
    sync = await client.get(Sync)
    for update in [message for message in client.heard if isinstance(message, Update)]:
        copy.doc.apply_update(update.update)
        if copy.client.replica.startswith(b"eve"):
            assert problems("project", content(copy.doc)) == [], "no reader sees a bad value"
    copy.doc.apply_update(sync.update)


class PanicError(BaseException):
    """As pycrdt's PanicException: no Exception."""


class FragileDoc(Doc[Any]):
    """A document that fails half-way on a marked update, as a Rust panic leaves it."""

    def apply_update(self, update: bytes) -> None:
        if b"half" in update:
            other: Doc[Any] = Doc()
            other.get("data", type=Map)["torn"] = True
            super().apply_update(other.get_update())
            raise PanicError("index out of bounds")
        super().apply_update(update)


@pytest.mark.parametrize("document", [OPEN, PROJECT])
async def test_F7_a_panic_is_quarantined_and_the_room_made_anew_from_its_log(
    document: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("moim_sync.working_copy.Doc", FragileDoc)
    store = MemoryStore()
    root = "data" if document == OPEN else "info"
    key = "a" if document == OPEN else "description"
    async with rig(store) as hub:
        ann, bob = hub.connect("ann").hello(), hub.connect("bob").hello()
        mine, seen = await ann.open(document), await bob.open(document)
        seen.push(seen.set(key, "kept", root=root))
        await seen.acked()
        store.hold()
        seen.push(seen.set(key, "first", root=root))
        await until(lambda: store.held)
        mine.push(mine.set(key, "half", root=root))
        seen.push(seen.set(key, "with the bad one", root=root))
        await until(lambda: hub.hub.counters.updates_in == 4)
        store.release()
        assert await rejected(ann) == "broken"
        await seen.acked()
        assert hub.hub.counters.quarantined == 1
        assert "sha256" in caplog.text
        fresh = await hub.connect("eve").hello().open(document)
        assert fresh.value(key, root=root) == "with the bad one"
        assert fresh.value("torn") is None, "the half-applied copy is not used"
        seen.push(seen.set(key, "later", root=root))
        await seen.acked()


@pytest.mark.parametrize(
    "update",
    ["01026a000401016d010128006a000154017c3f80000000"],
    ids=["a map's key inside a text"],
)
async def test_F7_what_passes_the_pre_scan_and_not_pycrdt_ends_only_its_author(
    update: str,
) -> None:
    async with rig() as hub:
        ann, bob = hub.connect("ann").hello(), hub.connect("bob").hello()
        mine, seen = await ann.open(OPEN), await bob.open(OPEN)
        mine.push(bytes.fromhex(update))
        seen.push(seen.set("a", 1))
        assert await rejected(ann) == "broken"
        await seen.acked()
        room = next(iter(hub.hub.rooms.values()))
        fresh = await hub.connect("eve").hello().open(OPEN)
        assert fresh.doc.get_update() == room.ydoc.get_update() == seen.doc.get_update()


async def test_F7_a_failing_read_ends_only_who_asked(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "moim_sync")
    async with rig() as hub:
        ann = hub.connect("ann").hello()
        board = await ann.open(OPEN)
        room = next(iter(hub.hub.rooms.values()))
        assert isinstance(room, Room)
        room.difference = None  # type: ignore[assignment,method-assign]
        bob = hub.connect("bob").hello()
        bob.send(Sub(OPEN, False, b"", b"\x00"))
        assert await bob.closed() == CloseCode.INTERNAL
        board.push(board.set("a", 1))
        await board.acked()


async def test_F2_a_room_is_unloaded_only_when_all_is_on_disk_and_nobody_is_here() -> None:
    store = MemoryStore()
    async with rig(store, limits=HubLimits(unload_after_s=0)) as hub:
        ann = hub.connect("ann").hello()
        board = await ann.open(OPEN)
        room = next(iter(hub.hub.rooms.values()))
        store.hold()
        board.push(board.set("a", 1))
        await until(lambda: store.held)
        ann.lose()
        await until(lambda: not hub.hub.sessions)
        hub.hub.tick(hub.hub.now_s() + 1)
        assert list(hub.hub.rooms.values()) == [room], "its last write is not on disk"
        bob = hub.connect("bob").hello()
        bob.send(Sub(OPEN, True, b"", b"\x00"))
        store.release()
        sync = await bob.get(Sync)
        copy: Doc[Any] = Doc()
        copy.apply_update(sync.update)
        assert copy.get("data", type=Map)["a"] == 1
        hub.hub.tick(hub.hub.now_s() + 1)
        assert list(hub.hub.rooms.values()) == [room], "somebody is here"
        bob.lose()
        await until(lambda: not hub.hub.sessions)
        hub.hub.tick(hub.hub.now_s() + 1)
        assert hub.hub.rooms == {}


async def test_F2_an_edit_during_each_step_of_leaving_and_coming_back_is_kept() -> None:
    disk = MemoryDisk()
    async with rig(MemoryStore(disk), limits=HubLimits(unload_after_s=0)) as hub:
        for round_number in range(30):
            client = hub.connect("ann").hello()
            board = await client.open(OPEN)
            assert board.value("n") == (round_number - 1 if round_number else None)
            board.push(board.set("n", round_number))
            if round_number % 3 == 0:
                await board.acked()
            if round_number % 2 == 0:
                await until(lambda: hub.hub.counters.updates_in > round_number)  # noqa: B023
                client.lose()
            else:
                await until(lambda: hub.hub.counters.updates_in > round_number)  # noqa: B023
                hub.hub.tick(hub.hub.now_s() + 1)
                client.lose()
            hub.hub.tick(hub.hub.now_s() + 1)


@pytest.mark.parametrize("refusal", [None, StorageFull("full")], ids=["kept", "refused"])
@pytest.mark.parametrize("turns", range(12))
async def test_a_server_that_stops_while_a_room_is_made_ends_without_an_error(
    turns: int, refusal: StorageFull | None, caplog: pytest.LogCaptureFixture
) -> None:
    store = MemoryStore()
    store.refuse(refusal)
    async with rig(store) as hub:
        client = hub.connect("ann").hello()
        await client.get(Welcome)
        client.send(Sub(OPEN, True, b"", b"\x00"))
        for _ in range(turns):
            await asyncio.sleep(0)
        await hub.hub.drain(0)
        assert await client.closed() == CloseCode.RESTART
    assert [record for record in caplog.records if record.exc_info] == []


async def test_a_room_that_gives_up_on_its_store_shows_nobody_what_was_not_saved() -> None:
    store = MemoryStore()
    async with rig(store, limits=HubLimits(storage_patience_s=0)) as hub:
        board = await hub.connect("ann").hello().open(OPEN)
        room = next(iter(hub.hub.rooms.values()))
        assert isinstance(room, Room)
        store.hold()
        board.push(board.set("a", "unsaved"))
        await until(lambda: store.held)
        read: list[object] = []

        def look() -> None:
            with pytest.raises(StorageError):
                room.difference(b"")
            read.append(room.state)

        room.when_readable(look)
        store.refuse(StorageFull("the disk is full"))
        store.release()
        await until(lambda: read)
        room.when_readable(look)
        assert read == [RoomState.CLOSED] * 2


async def test_a_reader_that_fails_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "moim_sync")
    store = MemoryStore()
    async with rig(store) as hub:
        board = await hub.connect("ann").hello().open(OPEN)
        room = next(iter(hub.hub.rooms.values()))
        assert isinstance(room, Room)
        store.hold()
        board.push(board.set("a", 1))
        await until(lambda: store.held)
        room.when_readable(lambda: [][1])
        store.release()
        await board.acked()
        board.push(board.set("a", 2))
        await board.acked()


async def test_what_server_code_wrote_survives_a_room_made_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("moim_sync.working_copy.Doc", FragileDoc)
    async with rig() as hub:
        ann, bob = hub.connect("ann").hello(), hub.connect("bob").hello()
        mine, seen = await ann.open(OPEN), await bob.open(OPEN)
        room = next(iter(hub.hub.rooms.values()))
        mine.push(mine.set("a", "half"))
        written = 0
        while hub.hub.counters.quarantined == 0:
            room.ydoc.get("data", type=Map)[f"b{written}"] = "by the server"
            written += 1
            await asyncio.sleep(0)
        for _ in range(20):
            room.ydoc.get("data", type=Map)[f"b{written}"] = "by the server"
            written += 1
            await asyncio.sleep(0)
        while seen.value(f"b{written - 1}") is None:
            await seen.update()
        assert len(seen.doc.get("data", type=Map)) == written
        assert await rejected(ann) == "broken"
        fresh = await hub.connect("eve").hello().open(OPEN)
        assert len(fresh.doc.get("data", type=Map)) == written
        fresh.push(fresh.set("b", "later"))
        await fresh.acked()


async def test_what_server_code_writes_is_kept_and_never_seen_before_the_commit() -> None:
    store = MemoryStore()
    async with rig(store) as hub:
        board = await hub.connect("ann").hello().open(OPEN)
        room = next(iter(hub.hub.rooms.values()))
        store.hold()
        room.ydoc.get("data", type=Map)["a"] = 1
        joiner = hub.connect("bob").hello()
        joiner.send(Sub(OPEN, False, b"", b"\x00"))
        await until(lambda: store.held)
        assert not [m for m in joiner.heard if isinstance(m, Sync)]
        store.release()
        await board.update()
        assert board.value("a") == 1
        await joiner.get(Sync)
    assert store.disk.documents[parse_document_id(OPEN)].updates[0].actor == "server"


async def test_an_array_of_an_open_document_converges() -> None:
    async with rig() as hub:
        mine = await hub.connect("ann").hello().open(OPEN)
        seen = await hub.connect("bob").hello().open(OPEN)
        for number in range(20):
            mine.push(mine.edit(lambda doc, n=number: doc.get("list", type=Array).append(n)))
        await mine.acked()
        while len(seen.doc.get("list", type=Array)) < 20:
            await seen.update()
        assert seen.doc.get("list", type=Array).to_py() == list(range(20))


async def test_a_real_file_holds_everything_that_was_acked(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "moim.db")
    async with rig(store) as hub:
        client = hub.connect("ann").hello()
        free, board = await client.open(OPEN), await client.open(PROJECT)
        for number in range(100):
            free.push(free.set(f"k{number}", number))
            board.push(board.edit(lambda doc, n=number: add_card(doc, f"c{n}")))
        await free.acked()
        await board.acked()
    store.close()
    store = SqliteStore(tmp_path / "moim.db")
    async with rig(store) as hub:
        client = hub.connect("ann").hello()
        again = await client.open(OPEN)
        assert again.doc.get_update() == free.doc.get_update()
        assert again.granted.cs_durable == 100
        cards = (await client.open(PROJECT)).doc.get("cards", type=Map)
        assert len(cards) == 100
    store.close()


async def test_coming_and_going_leaves_nothing_behind() -> None:
    async with rig(limits=HubLimits(unload_after_s=0)) as hub:

        async def visit(number: int) -> None:
            client = hub.connect(f"p{number}").hello()
            board = await client.open(f"open/{number % 3}")
            board.announce(number, 1, "{}")
            board.push(board.set("n", number))
            await board.acked()
            plain = await hub.plain(f"open/{number % 3}")
            await plain.get(b"\x00\x00")
            client.lose()
            plain.channel.close()
            await until(lambda: not hub.hub.sessions)
            hub.hub.tick(hub.hub.now_s() + 1)
            await until(lambda: not hub.hub.rooms)
            hub.tasks.clear()

        async def alive() -> int:
            await asyncio.sleep(0)
            gc.collect()
            kinds = (Session, Member, Room, LiveDocument, asyncio.Task)
            return sum(isinstance(thing, kinds) for thing in gc.get_objects())

        await visit(0)
        before = await alive()
        for number in range(1, 40):
            await visit(number)
        assert await alive() <= before


async def test_a_hundred_who_come_back_at_once_with_the_same_copy_are_answered_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[bytes] = []
    difference = LiveDocument.difference

    def counted(live: LiveDocument, state_vector: bytes) -> bytes:
        asked.append(state_vector)
        return difference(live, state_vector)

    monkeypatch.setattr(LiveDocument, "difference", counted)
    async with rig() as hub:
        board = await hub.connect("ann").hello().open(OPEN)
        board.push(board.set("a", 1))
        await board.acked()
        vector = board.doc.get_state()
        asked.clear()
        clients = [hub.connect(f"p{number}").hello() for number in range(100)]
        for client in clients:
            client.send(Sub(OPEN, False, board.granted.lineage, vector))
        for client in clients:
            await client.get(Sync)
        assert asked == [vector]
        board.push(board.set("a", 2))
        await board.acked()
        late = hub.connect("late").hello()
        late.send(Sub(OPEN, False, board.granted.lineage, vector))
        copy: Doc[Any] = Doc()
        copy.apply_update((await late.get(Sync)).update)
        assert asked == [vector, vector], "an answer is kept only while nothing changes"
