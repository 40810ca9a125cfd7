"""Whose value did not stay, and who is told of it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import pytest
from pycrdt import Doc, Map, Text

from hub_rig import Open, Rig, SyncClient, restarted, rig
from moim_data.memory_store import MemoryDisk, MemoryStore
from moim_sync.messages import Ack, Conflict, Resolve, Resolved
from moim_sync.room import Room

pytestmark = pytest.mark.anyio
PROJECT = "project/p"
TITLE = "cards/c1/title"
LOW_ID, HIGH_ID = 1_000, 4_000_000_000
STAMP = ["ann", 1_790_000_000_000]


class Board(Open):
    """A board as one person has it, who sees what others do only when `update` is awaited."""

    def write(self, path: str, value: Any, *, base_seq: int, told: bool = True) -> int:
        """Set a register of a card; None takes it away."""
        root, entity, field = path.split("/", 2)

        def work(doc: "Doc[Any]") -> None:
            card = doc.get(root, type=Map)[entity]
            if value is None:
                card.pop(field)
            else:
                card[field] = value

        values = (json.dumps(value),) if told else ()
        return self.push(self.edit(work), touched=(path,), values=values, base_seq=base_seq)

    def field(self, path: str) -> Any:
        root, entity, field = path.split("/", 2)
        return self.doc.get(root, type=Map)[entity].get(field)


def with_card(doc: "Doc[Any]") -> None:
    doc.get("columns", type=Map)["todo"] = Map({"name": "To do", "place": "V"})
    doc.get("columns", type=Map)["done"] = Map({"name": "Done", "place": "W"})
    card = {"title": "Fix login", "place": "todo|V", "notes": Text("")}
    doc.get("cards", type=Map)["c1"] = Map(card)


def type_a_note(doc: "Doc[Any]") -> None:
    doc.get("cards", type=Map)["c1"]["notes"].insert(0, "글")


async def board_of(client: SyncClient, client_id: int | None = None) -> Board:
    board = await client.open(PROJECT, client_id=client_id)
    board.__class__ = Board
    assert isinstance(board, Board)
    return board


@asynccontextmanager
async def two_people(
    store: MemoryStore | None = None, *, ann_id: int | None = None, **options: Any
) -> AsyncIterator[tuple[Rig, SyncClient, Board, SyncClient, Board]]:
    """Ann and Bob have a board with one card, as of number 1.

    Of two concurrent values of a register Yjs keeps that of the higher client id.
    """
    async with rig(store, **options) as hub:
        ann, bob = hub.connect("ann").hello(), hub.connect("bob").hello()
        mine = await board_of(ann, ann_id)
        mine.push(mine.edit(with_card))
        await mine.acked()
        yield hub, ann, mine, bob, await board_of(bob, LOW_ID)


async def settled(client: SyncClient, board: Board) -> list[Conflict]:
    """Everything a connection was told of conflicts, once the server has answered all before."""
    before = board.cs
    board.push(board.edit(lambda doc: doc.get("info", type=Map).update({"description": "x"})))
    await client.get(Ack, lambda ack: ack.channel == board.channel and ack.cs > before)
    return [message for message in client.heard if isinstance(message, Conflict)]


@pytest.mark.rule("C1")
@pytest.mark.parametrize("seed", range(12))
async def test_of_two_values_set_unseen_the_one_that_did_not_stay_is_told_to_its_author(
    seed: int,
) -> None:
    async with two_people(ann_id=Random(seed).choice([1, HIGH_ID])) as (hub, ann, mine, bob, yours):
        first, second = [(ann, mine, "Ann's"), (bob, yours, "Bob's")][:: 1 - 2 * (seed % 2)]
        for client, board, value in (first, second):
            board.write(TITLE, value, base_seq=1)
            await client.get(Ack, lambda ack, board=board: ack.cs == board.cs)  # type: ignore[misc]
        fresh = await hub.connect("eve").hello().open(PROJECT)
        stays = fresh.doc.get("cards", type=Map)["c1"]["title"]
        told = {
            "ann": await settled(ann, mine),
            "bob": await settled(bob, yours),
        }
        winner, loser = ("ann", "bob") if stays == "Ann's" else ("bob", "ann")
        assert told[winner] == []
        (conflict,) = told[loser]
        assert (conflict.entity, conflict.path) == ("cards/c1", TITLE)
        assert conflict.strategy == "last-write-wins"
        assert (conflict.user_id, conflict.name) == (winner, winner.title())
        assert conflict.theirs == stays
        assert conflict.mine == ("Bob's" if loser == "bob" else "Ann's")
        assert conflict.version == 3


@pytest.mark.rule("C1")
async def test_the_loser_hears_it_before_the_ack_of_the_edit_that_lost() -> None:
    async with two_people(ann_id=HIGH_ID) as (_hub, _ann, mine, bob, yours):
        mine.write(TITLE, "Ann's", base_seq=1)
        await mine.acked()
        cs = yours.write(TITLE, "Bob's", base_seq=1)
        await yours.acked()
        (told,) = (one for one in bob.heard if isinstance(one, Conflict))
        assert told.cs == cs


@pytest.mark.rule("C1")
async def test_whose_saved_value_went_hears_it_when_the_other_arrives() -> None:
    async with two_people(ann_id=1) as (_hub, ann, mine, bob, yours):
        mine.write(TITLE, "Ann's", base_seq=1)
        await mine.acked()
        yours.write(TITLE, "Bob's", base_seq=1)
        told = await ann.get(Conflict)
        assert (told.cs, told.mine, told.theirs) == (0, "Ann's", "Bob's")
        assert await settled(bob, yours) == []


@pytest.mark.rule("C1")
async def test_a_value_set_after_seeing_the_other_is_no_conflict() -> None:
    async with two_people() as (_hub, ann, mine, bob, yours):
        mine.write(TITLE, "Ann's", base_seq=1)
        await mine.acked()
        await yours.update()
        yours.write(TITLE, "Bob's", base_seq=2)
        await yours.acked()
        assert await settled(ann, mine) == await settled(bob, yours) == []


@pytest.mark.rule("C1")
@pytest.mark.parametrize(
    ("path", "ours", "theirs"),
    [
        (TITLE, "the same", "the same"),
        ("cards/c1/place", "done|A", "done|Z"),
        ("cards/c1/number", 1, 2),
        ("cards/c1/due", None, None),
    ],
    ids=["equal", "another place in one column", "numbers that nobody chose", "both taken away"],
)
async def test_values_that_mean_the_same_to_people_are_no_conflict(
    path: str, ours: Any, theirs: Any
) -> None:
    async with two_people() as (_hub, ann, mine, bob, yours):
        if ours is None:
            mine.write(path, "2026-12-04", base_seq=1)
            await mine.acked()
            await yours.update()
        seen = 2 if ours is None else 1
        mine.write(path, ours, base_seq=seen)
        await mine.acked()
        yours.write(path, theirs, base_seq=seen)
        await yours.acked()
        assert await settled(ann, mine) == await settled(bob, yours) == []


@pytest.mark.rule("C1")
async def test_a_card_moved_to_two_columns_is_a_conflict() -> None:
    async with two_people() as (_hub, ann, mine, bob, yours):
        mine.write("cards/c1/place", "todo|A", base_seq=1)
        await mine.acked()
        yours.write("cards/c1/place", "done|Z", base_seq=1)
        await yours.acked()
        both = [*await settled(ann, mine), *await settled(bob, yours)]
        assert [one.path for one in both] == ["cards/c1/place"]


@pytest.mark.rule("C1")
async def test_two_windows_of_one_person_are_no_conflict() -> None:
    async with two_people() as (hub, ann, mine, _bob, _yours):
        other = hub.connect("ann", b"another replica!").hello()
        window = await board_of(other)
        mine.write(TITLE, "here", base_seq=1)
        await mine.acked()
        window.write(TITLE, "there", base_seq=1)
        await window.acked()
        assert await settled(ann, mine) == await settled(other, window) == []


@pytest.mark.rule("C1")
async def test_text_and_labels_never_conflict() -> None:
    async with two_people() as (_hub, ann, mine, bob, yours):
        for board in (mine, yours):
            board.push(board.edit(type_a_note), touched=("cards/c1/notes",), base_seq=1)
            board.write("cards/c1/label/sync", True, base_seq=1)
        assert await settled(ann, mine) == await settled(bob, yours) == []


@pytest.mark.rule("C2")
async def test_who_changed_what_somebody_else_deleted_is_told() -> None:
    async with two_people() as (_hub, ann, mine, bob, yours):
        mine.write("cards/c1/deleted", STAMP, base_seq=1)
        await mine.acked()
        yours.write(TITLE, "Bob's", base_seq=1)
        await yours.acked()
        (conflict,) = await settled(bob, yours)
        assert (conflict.path, conflict.user_id) == ("cards/c1/deleted", "ann")
        assert conflict.theirs == STAMP
        assert await settled(ann, mine) == []
        assert yours.field(TITLE) == "Bob's", "what was written is there to be restored"


@pytest.mark.rule("C2")
@pytest.mark.parametrize("what", ["title", "notes", "label"])
async def test_who_changed_what_is_then_deleted_unseen_is_told(what: str) -> None:
    async with two_people() as (_hub, ann, mine, bob, yours):
        if what == "title":
            yours.write(TITLE, "Bob's", base_seq=1)
        elif what == "label":
            yours.write("cards/c1/label/sync", True, base_seq=1)
        else:
            yours.push(yours.edit(type_a_note), touched=("cards/c1/notes",), base_seq=1)
        await yours.acked()
        mine.write("cards/c1/deleted", STAMP, base_seq=1)
        await mine.acked()
        (conflict,) = await settled(bob, yours)
        assert (conflict.path, conflict.user_id, conflict.cs) == ("cards/c1/deleted", "ann", 0)
        assert await settled(ann, mine) == []


@pytest.mark.rule("C2")
async def test_two_people_who_delete_the_same_agree() -> None:
    async with two_people() as (_hub, ann, mine, bob, yours):
        mine.write("cards/c1/deleted", STAMP, base_seq=1)
        await mine.acked()
        yours.write("cards/c1/deleted", ["bob", 1_790_000_000_001], base_seq=1)
        await yours.acked()
        assert await settled(ann, mine) == await settled(bob, yours) == []


async def lost_by_bob(hub: Rig, mine: Board, bob: SyncClient, yours: Board) -> Conflict:
    """Let Bob lose, whose client id is the lower one."""
    (room,) = hub.hub.rooms.values()
    assert isinstance(room, Room)
    seen = room.seq
    mine.write(TITLE, f"Ann's {seen}", base_seq=seen)
    await mine.acked()
    yours.write(TITLE, f"Bob's {seen}", base_seq=seen)
    return await bob.get(Conflict)


@pytest.mark.rule("C3")
async def test_a_conflict_outlives_the_server_and_is_told_until_it_is_settled() -> None:
    disk = MemoryDisk()
    async with two_people(MemoryStore(disk), ann_id=HIGH_ID) as (hub, _ann, mine, bob, yours):
        lost = await lost_by_bob(hub, mine, bob, yours)
    for settle in (False, True):
        async with rig(restarted(disk)) as hub:
            again = hub.connect("bob").hello()
            board = await board_of(again)
            told = await again.get(Conflict)
            assert (told.id, told.path, told.mine) == (lost.id, lost.path, lost.mine)
            eve = hub.connect("eve").hello()
            assert await settled(eve, await board_of(eve)) == [], "it is nobody else's"
            if settle:
                again.send(Resolve(board.channel, told.id, "theirs"))
                assert (await again.get(Resolved)).id == lost.id
    async with rig(restarted(disk)) as hub:
        again = hub.connect("bob").hello()
        assert await settled(again, await board_of(again)) == []


@pytest.mark.rule("C3")
async def test_a_settled_conflict_goes_in_every_window_of_that_person_only() -> None:
    async with two_people(ann_id=HIGH_ID) as (hub, ann, mine, bob, yours):
        lost = await lost_by_bob(hub, mine, bob, yours)
        other = hub.connect("bob", b"another replica!").hello()
        await board_of(other)
        assert (await other.get(Conflict)).id == lost.id
        ann.send(Resolve(mine.channel, lost.id, "mine"))
        await ann.get(Resolved)
        third = hub.connect("bob", b"a third replica!").hello()
        await board_of(third)
        assert (await third.get(Conflict)).id == lost.id, "Ann cannot settle what is Bob's"
        bob.send(Resolve(yours.channel, lost.id, "mine"))
        for window in (bob, other, third):
            assert (await window.get(Resolved)).id == lost.id


@pytest.mark.rule("C3")
async def test_one_register_has_one_open_conflict_the_newest() -> None:
    async with two_people(ann_id=HIGH_ID) as (hub, _ann, mine, bob, yours):
        first = await lost_by_bob(hub, mine, bob, yours)
        second = await lost_by_bob(hub, mine, bob, yours)
        assert second.id == first.id
        assert second.mine != first.mine
        again = hub.connect("bob", b"another replica!").hello()
        board = await board_of(again)
        assert [one.mine for one in await settled(again, board)] == [second.mine]


@pytest.mark.rule("C3")
async def test_two_edits_of_one_flush_that_lose_a_register_leave_one_open_conflict() -> None:
    async with two_people(ann_id=HIGH_ID) as (hub, _ann, mine, bob, yours):
        mine.write(TITLE, "Ann's", base_seq=1)
        await mine.acked()
        (room,) = hub.hub.rooms.values()
        assert isinstance(room, Room)
        yours.write(TITLE, "Bob's first", base_seq=1)
        yours.write(TITLE, "Bob's second", base_seq=1)
        told = await settled(bob, yours)
        assert [one.mine for one in told] == ["Bob's first", "Bob's second"]
        stored = hub.store.open(room.document, False).result()
        assert stored is not None
        assert [json.loads(one.mine) for one in stored.conflicts] == ["Bob's second"]
        assert [one.mine for one in room.conflicts_of("bob")] == ["Bob's second"]


@pytest.mark.rule("C1")
async def test_an_edit_that_was_offline_while_the_server_restarted_meets_its_conflict() -> None:
    disk = MemoryDisk()
    async with two_people(MemoryStore(disk), ann_id=HIGH_ID) as (_hub, _ann, mine, _bob, _yours):
        mine.write(TITLE, "Ann's", base_seq=1)
        await mine.acked()
    async with rig(restarted(disk)) as hub:
        bob = hub.connect("bob").hello()
        board = await board_of(bob)
        board.write(TITLE, "Bob's, of last week", base_seq=1)
        await board.acked()
        ann = hub.connect("ann").hello()
        hers = await board_of(ann)
        told = [*await settled(bob, board), *await settled(ann, hers)]
        assert [one.path for one in told] == [TITLE]


@pytest.mark.rule("C1")
async def test_a_server_whose_clock_stands_before_1970_tells_a_conflict_all_the_same() -> None:
    async with two_people(ann_id=1, wall_clock=lambda: -5_000) as (_hub, ann, mine, _bob, yours):
        mine.write(TITLE, "Ann's", base_seq=1)
        await mine.acked()
        yours.write(TITLE, "Bob's", base_seq=1)
        assert (await ann.get(Conflict)).timestamp == 0


@pytest.mark.rule("P2")
@pytest.mark.parametrize(
    ("path", "value"),
    [
        (TITLE, "no JSON"),
        (TITLE, "NaN"),
        (TITLE, '"\\ud800"'),
        (TITLE, "[" * 5_000),
        (TITLE, '{"an": "object"}'),
        ("secret/c1/deleted", "null"),
        ("cards//deleted", "null"),
        ("cards/c9/deleted", "null"),
        ("info/deleted/deleted", "null"),
        ("deleted", "null"),
        ("", "null"),
    ],
)
async def test_what_an_edit_says_of_itself_never_harms_the_room(path: str, value: str) -> None:
    async with two_people(ann_id=HIGH_ID) as (hub, ann, mine, bob, yours):
        mine.write(TITLE, "Ann's", base_seq=1)
        await mine.acked()
        update = yours.edit(lambda doc: doc.get("cards", type=Map)["c1"].update({"title": "Bob's"}))
        touched = (TITLE,) if path == TITLE else (TITLE, path)
        values = (value,) if path == TITLE else ('"Bob\'s"', value)
        yours.push(update, touched=touched, values=values, base_seq=1)
        await yours.acked()
        told = [*await settled(bob, yours), *await settled(ann, mine)]
        assert all(one.path == TITLE for one in told)
        fresh = await hub.connect("eve").hello().open(PROJECT)
        assert sorted(fresh.doc.keys()) == ["cards", "columns", "info"]
