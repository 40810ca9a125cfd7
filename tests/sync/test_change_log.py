"""What a room writes into the log of changes, and what it leaves out."""

import json
from typing import Any

import pytest
from pycrdt import Doc, Map, Text

from hub_rig import Open, Rig, rig
from moim_data.memory_store import MemoryDisk, MemoryStore
from moim_data.store import Append, DocumentId, LogPlace, Update
from moim_sync.change_log import TYPING_MS
from moim_sync.messages import Reject

pytestmark = pytest.mark.anyio
PROJECT = DocumentId("project/p")
Told = tuple[str, str, Any]


class WallClock:
    def __init__(self) -> None:
        self.ms = 1_700_000_000_000

    def __call__(self) -> int:
        return self.ms


def log_of(store: MemoryStore) -> list[Told]:
    """Who set what to which value; a value that is not kept is `...`."""
    page = store.changes(PROJECT, LogPlace(), 1_000).result()
    return [
        (one.actor, one.path, json.loads(one.value) if one.value else ...) for one in page.changes
    ]


def cards(doc: "Doc[Any]") -> "Map[Any]":
    return doc.get("cards", type=Map)


def begin(doc: "Doc[Any]") -> None:
    for column in ("todo", "done"):
        doc.get("columns", type=Map)[column] = Map({"name": column, "place": "V"})
    cards(doc)["c1"] = Map({"title": "One", "place": "todo|a", "notes": Text("not told")})


async def begun(hub: Rig, name: str = "ann") -> Open:
    opened = await hub.connect(name).hello().open(PROJECT)
    await saved(opened, begin)
    return opened


async def saved(opened: Open, work: Any) -> None:
    opened.push(opened.edit(work))
    await opened.acked()


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(MemoryDisk())


async def test_an_entity_is_logged_whole_but_for_its_texts_and_its_registers_as_they_are_set(
    store: MemoryStore,
) -> None:
    async with rig(store) as hub:
        mine = await begun(hub)
        assert ("ann", "cards/c1", {"title": "One", "place": "todo|a"}) in log_of(store)
        before = len(log_of(store))
        await saved(mine, lambda doc: cards(doc)["c1"].update({"estimate": 3.0}))
        await saved(mine, lambda doc: cards(doc)["c1"].update({"member/bob": True}))
        await saved(mine, lambda doc: cards(doc)["c1"].pop("estimate"))
        await saved(mine, lambda doc: cards(doc).pop("c1"))
        assert log_of(store)[before:] == [
            ("ann", "cards/c1/estimate", 3),
            ("ann", "cards/c1/member/bob", True),
            ("ann", "cards/c1/estimate", None),
            ("ann", "cards/c1", None),
        ]


async def test_numbers_and_places_in_the_same_column_leave_no_row(store: MemoryStore) -> None:
    async with rig(store) as hub:
        mine = await begun(hub)
        await saved(mine, lambda doc: cards(doc)["c1"].update({"place": "done|a"}))
        before = len(log_of(store))
        await saved(mine, lambda doc: cards(doc)["c1"].update({"place": "done|b"}))
        await saved(mine, lambda doc: cards(doc)["c1"].update({"number": 7.0}))
        assert log_of(store)[before:] == []
        await saved(mine, lambda doc: cards(doc)["c1"].update({"place": "todo|b"}))
        assert log_of(store)[before:] == [("ann", "cards/c1/place", "todo|b")]


async def test_a_text_has_one_row_a_minute_and_person_without_its_content(
    store: MemoryStore,
) -> None:
    clock = WallClock()
    async with rig(store, wall_clock=clock) as hub:
        mine = await begun(hub)
        before = len(log_of(store))
        for word in ("a", "b", "c"):
            await saved(mine, lambda doc, word=word: cards(doc)["c1"]["notes"].insert(0, word))
        assert log_of(store)[before:] == [("ann", "cards/c1/notes", ...)]
        clock.ms += TYPING_MS
        await saved(mine, lambda doc: cards(doc)["c1"]["notes"].insert(0, "d"))
        assert log_of(store)[before:] == [("ann", "cards/c1/notes", ...)] * 2


async def test_an_edit_that_is_taken_back_leaves_no_row(store: MemoryStore) -> None:
    async with rig(store) as hub:
        mine = await begun(hub)
        before = log_of(store)
        mine.push(mine.edit(lambda doc: cards(doc)["c1"].update({"title": 7})))
        await mine.client.get(Reject)
        assert log_of(store) == before


async def test_a_value_that_is_long_is_not_kept(store: MemoryStore) -> None:
    async with rig(store) as hub:
        mine = await hub.connect("ann").hello().open(PROJECT)
        members = {f"member/{number:060}": True for number in range(200)}
        await saved(
            mine,
            lambda doc: (begin(doc), cards(doc).update({"c2": Map({**base(), **members})})),
        )
        assert ("ann", "cards/c2", base()) in log_of(store)


def base() -> dict[str, Any]:
    return {"title": "Two", "place": "todo|a"}


async def test_the_log_of_an_older_document_begins_with_what_stands(store: MemoryStore) -> None:
    doc: Doc[Any] = Doc()
    begin(doc)
    store.open(PROJECT, create=True).result()
    store.append(Append(PROJECT, (Update(1, 5, "old", b"", 0, doc.get_update()),))).result()
    clock = WallClock()
    async with rig(store, wall_clock=clock) as hub:
        mine = await hub.connect("ann").hello().open(PROJECT)
        assert log_of(store) == [], "who only looks writes nothing"
        await saved(mine, lambda doc: cards(doc)["c1"].update({"place": "done|a"}))
    (mark, *rest) = store.changes(PROJECT, LogPlace(), 100).result().changes
    assert (mark.path, mark.at_ms, mark.seq) == ("", clock.ms, 1)
    told = log_of(store)[1:]
    assert ("", "cards/c1", {"title": "One", "place": "todo|a"}) in told[:-1]
    assert told[-1] == ("ann", "cards/c1/place", "done|a")
    assert [one.seq for one in rest] == [1] * (len(rest) - 1) + [2]
