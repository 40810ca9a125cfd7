"""Edits that do not hold: taken back, or never applied."""

from typing import Any

import pytest
from pycrdt import Doc, Map, Text

from hub_rig import Open, SyncClient, rig
from moim_sync.limits import HubLimits
from moim_sync.member import MOST_REFUSALS
from moim_sync.messages import Ack, Reject, Update

pytestmark = pytest.mark.anyio
PROJECT = "project/p"


def describe(text: Any) -> Any:
    return lambda doc: doc.get("info", type=Map).update({"description": text})


async def described(client: SyncClient) -> str:
    board = await client.open(PROJECT)
    value: str = board.value("description", "info")
    return value


@pytest.mark.rule("E1")
async def test_a_refused_edit_is_told_then_taken_back_then_acknowledged() -> None:
    async with rig() as hub:
        ann = hub.connect("ann").hello()
        board = await ann.open(PROJECT)
        cs = board.push(board.edit(describe(7)))
        await board.acked()
        assert [type(message) for message in ann.heard[-2:]] == [Reject, Update]
        reject = await ann.get(Reject)
        assert (reject.cs, reject.hard, reject.code) == (cs, False, "schema")
        assert reject.paths[0].path == "info/description"
        assert "got 7" in reject.message


@pytest.mark.rule("E1")
async def test_F28_three_bad_edits_of_fifty_leave_forty_seven_saved() -> None:
    bad = {7, 20, 41}
    async with rig() as hub:
        ann = hub.connect("ann").hello()
        board = await ann.open(PROJECT)
        with_columns = board.edit(
            lambda doc: doc.get("columns", type=Map).update(
                {"todo": Map({"name": "To do", "place": "V"})}
            )
        )
        board.push(with_columns)
        for number in range(50):
            title: Any = number if number in bad else f"card {number}"
            card = {"title": title, "place": "todo|V"}
            board.push(
                board.edit(
                    lambda doc, n=number, card=card: doc.get("cards", type=Map).update(
                        {f"c{n}": Map(card)}
                    )
                )
            )
        await board.acked()
        told = [message.cs for message in ann.heard if isinstance(message, Reject)]
        assert told == [number + 2 for number in sorted(bad)]
        fresh = await hub.connect("eve").hello().open(PROJECT)
        cards = fresh.doc.get("cards", type=Map)
        assert set(cards.keys()) == {f"c{number}" for number in range(50) if number not in bad}
        assert fresh.doc.get("cards", type=Map).to_py() == cards.to_py()


@pytest.mark.rule("E2")
@pytest.mark.parametrize("code", ["schema", "limit"])
async def test_after_a_hard_refusal_nothing_of_the_subscription_counts_until_a_new_one(
    code: str,
) -> None:
    async with rig(limits=HubLimits(document_bytes=3_000)) as hub:
        ann = hub.connect("ann").hello()
        board = await ann.open(PROJECT)
        first = board.push(board.edit(describe("good")))
        if code == "schema":
            refused = board.push(board.set("x", 1, root="secret"))
        else:
            fill(board)
            await board.acked()
            refused = board.push(board.edit(describe("one more")))
        board.push(board.edit(describe("builds on it")))
        board.push(of_another_client("XX"))
        reject = await ann.get(Reject)
        assert (reject.cs, reject.hard, reject.code) == (refused, True, code)
        board.push(board.edit(describe("still")))
        board.push(of_another_client("YY"))
        again = await ann.open(PROJECT)
        assert again.value("prefix", "info") is None
        assert again.granted.cs_durable == refused - 1 >= first
        assert again.value("description", "info") == "good"
        acked = [message.cs for message in ann.heard if isinstance(message, Ack)]
        assert all(cs < refused for cs in acked)
        if code == "schema":
            again.push(again.edit(describe("anew")), cs=refused + 10)
            await again.acked()
            assert await described(hub.connect("eve").hello()) == "anew"


def of_another_client(prefix: str) -> bytes:
    """Give an edit that needs nothing of those before it."""
    doc: Doc[Any] = Doc()
    doc.get("info", type=Map)["prefix"] = prefix
    return doc.get_update()


def fill(board: Open) -> None:
    """Make the document larger than it may be."""

    def work(doc: "Doc[Any]") -> None:
        doc.get("columns", type=Map)["todo"] = Map({"name": "x", "place": "V"})
        card = {"title": "t", "place": "todo|V", "notes": Text("글" * 1_500)}
        doc.get("cards", type=Map)["c1"] = Map(card)

    board.push(board.edit(work))


@pytest.mark.rule("E2")
async def test_what_others_do_still_arrives_after_a_hard_refusal() -> None:
    async with rig() as hub:
        ann, bob = hub.connect("ann").hello(), hub.connect("bob").hello()
        mine, yours = await ann.open(PROJECT), await bob.open(PROJECT)
        mine.push(mine.set("x", 1, root="secret"))
        await ann.get(Reject)
        yours.push(yours.edit(describe("Bob's")))
        await mine.update()
        assert mine.value("description", "info") == "Bob's"


@pytest.mark.rule("E3")
async def test_who_breaks_the_schema_again_and_again_is_refused_for_good() -> None:
    now_s = [0.0]
    async with rig(clock=lambda: now_s[0]) as hub:
        ann = hub.connect("ann").hello()
        board = await ann.open(PROJECT)
        for _ in range(MOST_REFUSALS + 1):
            board.push(board.edit(describe(7)))
        await board.acked()
        assert not any(one.hard for one in ann.heard if isinstance(one, Reject))
        last = board.push(board.edit(describe("good")))
        reject = await ann.get(Reject, lambda reject: reject.hard)
        assert (reject.cs, reject.code) == (last, "limit")


@pytest.mark.rule("E3")
async def test_refusals_far_apart_are_forgiven() -> None:
    now_s = [0.0]
    async with rig(clock=lambda: now_s[0]) as hub:
        ann = hub.connect("ann").hello()
        board = await ann.open(PROJECT)
        for _ in range(3 * MOST_REFUSALS):
            board.push(board.edit(describe(7)))
            await board.acked()
            now_s[0] += 1.5
        board.push(board.edit(describe("good")))
        await board.acked()
        assert await described(hub.connect("eve").hello()) == "good"
