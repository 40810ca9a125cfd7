"""Checklists and comments of cards through the core of the doors."""

from typing import Any

import pytest

from board_rig import BOARD, board
from hub_rig import person
from moim_data.errors import InvalidValue, UnknownEntity
from moim_sync.api.caller import Caller
from moim_sync.api.card_parts import (
    create_comment,
    create_item,
    delete_comment,
    delete_item,
    move_item,
    update_comment,
    update_item,
)
from moim_sync.api.commands import create_card
from moim_sync.command import CommandRefused, Work
from moim_sync.errors import NotAllowed

pytestmark = pytest.mark.anyio
ANN, BOB = person("ann"), person("bob")


async def all_of(caller: Caller, root: str) -> list[dict[str, Any]]:
    _, found = await caller.read(BOARD, lambda content: content.entities(root))
    return sorted(found, key=lambda one: str(one.get("place", one["id"])))


async def test_lines_are_made_in_order_ticked_moved_to_another_card_and_deleted() -> None:
    async with board() as rigged:
        ann = Caller(rigged.hub, ANN)
        for card in ("c1", "c2"):
            await ann.run(BOARD, create_card(ANN, {"title": card}, id=card))
        for id, before in (("i1", None), ("i2", None), ("i0", "i1")):
            values = {"title": id, "members": ["bob"]}
            made = await ann.run(BOARD, create_item(ANN, "c1", values, id=id, before=before))
            assert (made.result["card"], made.result["members"]) == ("c1", ["bob"])
            assert "column" not in made.result
        assert [one["id"] for one in await all_of(ann, "items")] == ["i0", "i1", "i2"]
        ticked = await ann.run(BOARD, update_item(ANN, "i1", {"done": True, "title": "new"}))
        assert (ticked.result["done"][0], ticked.result["title"]) == ("ann", "new")
        bob = Caller(rigged.hub, BOB)
        again = await bob.run(BOARD, update_item(BOB, "i1", {"done": True}))
        assert again.result["done"] == ticked.result["done"]  # who ticked first stays named
        for done in (False, None):
            undone = await bob.run(BOARD, update_item(BOB, "i1", {"done": done}))
            assert "done" not in undone.result
        followed = await ann.subscribe(BOARD)
        moved = await ann.run(BOARD, move_item(ANN, "i0", card="c2"))
        assert moved.result["card"] == "c2"
        told = (await followed.next()).changes
        assert [(one.entity, one.id, one.changes["card"]) for one in told] == [("item", "i0", "c2")]
        await ann.run(BOARD, move_item(ANN, "i2", before="i1"))
        await ann.run(BOARD, delete_item(ANN, "i1"))
        assert [(one["id"], one["card"]) for one in await all_of(ann, "items")] == [
            ("i2", "c1"),
            ("i0", "c2"),
        ]


async def test_a_comment_is_its_authors_own() -> None:
    async with board() as rigged:
        ann, bob = Caller(rigged.hub, ANN), Caller(rigged.hub, BOB)
        await ann.run(BOARD, create_card(ANN, {"title": "one"}, id="c1"))
        values = {"body": "안녕 @bob", "mentions": ["bob"]}
        said = await ann.run(BOARD, create_comment(ANN, "c1", values, id="m1"))
        assert said.result["created"][0] == "ann"
        assert (said.result["card"], said.result["mentions"]) == ("c1", ["bob"])
        theirs = await bob.run(BOARD, create_comment(BOB, "c1", {"body": "hi"}, id="m2"))
        for work in (update_comment(ANN, "m2", {"body": "other"}), delete_comment(ANN, "m2")):
            with pytest.raises(NotAllowed, match="author"):
                await ann.run(BOARD, work)
        assert (await ann.read(BOARD, lambda _: None))[0] == theirs.seq
        same = await ann.run(BOARD, update_comment(ANN, "m1", {"body": "안녕 @bob"}))
        assert "edited" not in same.result
        edited = await ann.run(BOARD, update_comment(ANN, "m1", {"body": "안녕", "mentions": []}))
        assert (edited.result["body"], edited.result["mentions"]) == ("안녕", [])
        assert edited.result["edited"] > 0
        await ann.run(BOARD, delete_comment(ANN, "m1"))
        assert [one["id"] for one in await all_of(ann, "comments")] == ["m2"]


async def test_what_no_line_or_comment_can_be_is_refused_and_leaves_no_trace() -> None:
    async with board() as rigged:
        ann, bob = Caller(rigged.hub, ANN), Caller(rigged.hub, BOB)
        await ann.run(BOARD, create_card(ANN, {"title": "one"}, id="c1"))
        await ann.run(BOARD, create_item(ANN, "c1", {"title": "line"}, id="i1"))
        await ann.run(BOARD, create_comment(ANN, "c1", {"body": "words"}, id="m1"))
        seen, _ = await ann.read(BOARD, lambda _: None)
        refused: list[tuple[Work, type[Exception]]] = [
            (create_item(ANN, "nowhere", {"title": "x"}), UnknownEntity),
            (create_item(ANN, "c1", {"title": "x"}, before="nothing"), UnknownEntity),
            (create_item(ANN, "c1", {"title": "x"}, id="i1"), InvalidValue),
            (create_item(ANN, "c1", {"done": True}), InvalidValue),
            (create_item(ANN, "c1", {"title": "x", "card": "c1"}), InvalidValue),
            (update_item(ANN, "i1", {"title": "x", "done": "yes"}), InvalidValue),
            (update_item(ANN, "i1", {"title": "x", "done": ["bob", 1]}), InvalidValue),
            (update_item(ANN, "i1", {"title": "x" * 501, "done": True}), InvalidValue),
            (update_item(ANN, "no", {"title": "x"}), UnknownEntity),
            (move_item(ANN, "i1", card="nowhere"), UnknownEntity),
            (create_comment(ANN, "nowhere", {"body": "x"}), UnknownEntity),
            (create_comment(ANN, "c1", {"body": " \n"}), InvalidValue),
            (create_comment(ANN, "c1", {"mentions": []}), InvalidValue),
            (create_comment(ANN, "c1", {"body": "x", "created": ["bob", 1]}), InvalidValue),
            (update_comment(ANN, "m1", {"body": ["x"]}), InvalidValue),
            (update_comment(ANN, "m1", {"body": "x", "mentions": ["no id!"]}), InvalidValue),
            (update_comment(ANN, "m1", {"card": "c1"}), InvalidValue),
            (delete_comment(ANN, "no"), UnknownEntity),
        ]
        for work, error in refused:
            with pytest.raises(error):
                await ann.run(BOARD, work)
        assert (await ann.read(BOARD, lambda _: None))[0] == seen
        await bob.run(BOARD, update_item(BOB, "i1", {"done": True}))
        with pytest.raises(CommandRefused) as stale:
            await ann.run(BOARD, update_item(ANN, "i1", {"done": False}), seen)
        assert [one.path for one in stale.value.paths] == ["items/i1/done"]
        assert (await ann.read(BOARD, lambda _: None))[0] == seen + 1
