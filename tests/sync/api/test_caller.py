"""What every door does with documents: the gate, commands inside the flush, and what is new."""

import asyncio
import json
from functools import partial
from typing import Any

import pytest
from anyio import fail_after
from pycrdt import Map

from board_rig import BOARD, board
from hub_rig import Rig, person, rig, until
from moim_data.documents.access import LocalAccess
from moim_data.documents.project import Cards, ProjectDocument
from moim_data.errors import InvalidValue, StorageError, UnknownEntity
from moim_data.memory_store import MemoryStore
from moim_sync.api.caller import Caller
from moim_sync.api.commands import create_card, delete_card, move_card, update_card
from moim_sync.api.subscription import Ended, News, Subscription
from moim_sync.authorization import REFUSED, Action, Decision, Role, decide
from moim_sync.command import CommandRefused
from moim_sync.errors import NotAllowed, UnknownDocument
from moim_sync.identity import Identity
from moim_sync.messages import Conflict, Resolved, Update

pytestmark = pytest.mark.anyio
ANN, BOB = person("ann"), person("bob")


async def news(subscription: Subscription) -> News:
    with fail_after(20):
        return await subscription.next()


async def changes(subscription: Subscription) -> list[tuple[str, str, dict[str, Any]]]:
    """The next changes; news of people alone is passed over."""
    while not (found := await news(subscription)).changes:
        pass
    return [(one.entity, one.id, dict(one.changes)) for one in found.changes]


async def everything(subscription: Subscription) -> None:
    """Read until it ends."""
    while True:
        await news(subscription)


def cards_of(doc: Any) -> Cards:
    return ProjectDocument(LocalAccess(doc)).cards


def titled(title: str, doc: Any) -> None:
    cards_of(doc)["c1"].title = title


async def test_a_command_is_kept_told_and_numbered_like_an_edit() -> None:
    async with board() as rigged:
        ann = Caller(rigged.hub, ANN)
        reader = await rigged.connect("bob").hello().open(BOARD)
        before = (await ann.read(BOARD, lambda _: None))[0]
        done = await ann.run(BOARD, create_card(ANN, {"title": "새 카드 🚀"}, id="c1"))
        assert done.seq == before + 1
        assert done.result["title"] == "새 카드 🚀"
        assert done.result["column"] == "todo"
        update = await reader.client.get(Update)
        reader.doc.apply_update(update.update)
        assert update.seq == done.seq
        assert reader.doc.get("cards", type=Map)["c1"]["title"] == "새 카드 🚀"
        stored = rigged.store.open(BOARD, False).result()  # type: ignore[arg-type]
        assert stored is not None
        assert stored.seq == done.seq
        assert {write.path: write.actor for write in stored.fields}["cards/c1"] == "ann"


async def test_what_was_not_accepted_reaches_nobody_and_leaves_no_trace_in_the_content() -> None:
    async with board() as rigged:
        ann = Caller(rigged.hub, ANN)
        await ann.run(BOARD, create_card(ANN, {"title": "one"}, id="c1"))
        followed = await ann.subscribe(BOARD)
        for work, error in (
            (update_card(ANN, "c1", {"estimate": "many"}), InvalidValue),
            (update_card(ANN, "c1", {"place": "done|V"}), InvalidValue),
            (update_card(ANN, "c1", {"labels": "ab"}), InvalidValue),
            (update_card(ANN, "c1", {"nothing": 1}), InvalidValue),
            (create_card(ANN, {"title": "twice"}, id="c1"), InvalidValue),
            (move_card(ANN, "c1", column="nowhere"), UnknownEntity),
            (delete_card(ANN, "nobody"), UnknownEntity),
        ):
            with pytest.raises(error):
                await ann.run(BOARD, work)

        def half(doc: Any) -> None:
            doc.get("cards", type=Map)["c1"]["title"] = "half done"
            raise UnknownEntity("and then it failed")

        def against_the_schema(doc: Any) -> None:
            doc.get("cards", type=Map)["c1"]["place"] = "nowhere|V"

        with pytest.raises(UnknownEntity):
            await ann.run(BOARD, half)
        with pytest.raises(CommandRefused) as refused:
            await ann.run(BOARD, against_the_schema)
        assert refused.value.code == "schema"
        assert [path.path for path in refused.value.paths] == ["cards/c1/place"]
        await ann.run(BOARD, update_card(ANN, "c1", {"title": "two"}))
        assert await changes(followed) == [("card", "c1", {"title": "two"})]
        _, card = await ann.read(BOARD, lambda content: content.entity("cards", "c1"))
        assert card is not None
        assert (card["title"], card["column"]) == ("two", "todo")


async def test_an_expected_version_lets_through_what_nobody_has_written_since() -> None:
    async with board() as rigged:
        ann, bob = Caller(rigged.hub, ANN), Caller(rigged.hub, BOB)
        seen = (await ann.run(BOARD, create_card(ANN, {"title": "one"}, id="c1"))).seq
        await bob.run(BOARD, update_card(BOB, "c1", {"title": "bob's"}))
        await ann.run(BOARD, update_card(ANN, "c1", {"estimate": 3}), seen)
        with pytest.raises(CommandRefused) as refused:
            await ann.run(BOARD, update_card(ANN, "c1", {"title": "ann's"}), seen)
        assert refused.value.code == "stale"
        assert [(path.path, path.got) for path in refused.value.paths] == [
            ("cards/c1/title", '"bob\'s"')
        ]
        seen, card = await ann.read(BOARD, lambda content: content.entity("cards", "c1"))
        assert card is not None
        assert (card["title"], card["estimate"]) == ("bob's", 3)
        await bob.run(BOARD, delete_card(BOB, "c1"))
        with pytest.raises(CommandRefused) as refused:
            await ann.run(BOARD, update_card(ANN, "c1", {"title": "ann's"}), seen)
        assert [path.path for path in refused.value.paths] == ["cards/c1/deleted"]


async def test_what_is_refused_leaves_the_version_where_it_was() -> None:
    async with board() as rigged:
        ann, bob = Caller(rigged.hub, ANN), Caller(rigged.hub, BOB)
        card = {"title": "one", "labels": ["red"], "notes": "first"}
        seen = (await ann.run(BOARD, create_card(ANN, card, id="c1"))).seq
        await bob.run(BOARD, move_card(BOB, "c1", column="done"))
        everything = {"title": "two", "labels": ["green"], "notes": "second"}
        await bob.run(BOARD, update_card(BOB, "c1", everything))
        reader = await ann.subscribe(BOARD)
        before = (await news(reader)).seq
        for work, path in (
            (update_card(ANN, "c1", {"title": "ann's"}), "title"),
            (update_card(ANN, "c1", {"labels": []}), "label/green"),
            (update_card(ANN, "c1", {"notes": None}), "notes"),
            (move_card(ANN, "c1", column="todo"), "place"),
        ):
            with pytest.raises(CommandRefused) as refused:
                await ann.run(BOARD, work, seen)
            assert [one.path for one in refused.value.paths] == [f"cards/c1/{path}"]
        for values in (
            {"labels": "red"},
            {"title": "half", "labels": ["no id!"]},
            {"title": "half", "members": [7]},
            {"title": "half", "nothing": 1},
        ):
            for expected in (seen, None):
                with pytest.raises((InvalidValue, CommandRefused)):
                    await ann.run(BOARD, update_card(ANN, "c1", values), expected)
        await ann.run(BOARD, update_card(ANN, "c1", {"labels": ["green"], "estimate": 1}), seen)
        assert (await ann.read(BOARD, lambda _: None))[0] == before + 1
        await bob.run(BOARD, delete_card(BOB, "c1"))
        with pytest.raises(CommandRefused) as refused:
            await ann.run(BOARD, delete_card(ANN, "c1"), before + 1)
        assert [one.path for one in refused.value.paths] == ["cards/c1/deleted"]
        assert (await ann.read(BOARD, lambda _: None))[0] == before + 2


async def test_a_null_empties_a_note() -> None:
    async with board() as rigged:
        ann = Caller(rigged.hub, ANN)
        await ann.run(BOARD, create_card(ANN, {"title": "one", "notes": "words"}, id="c1"))
        done = await ann.run(BOARD, update_card(ANN, "c1", {"notes": None}))
        assert done.result["notes"] == ""


async def test_of_many_commands_at_once_with_one_expected_version_one_succeeds() -> None:
    async with board() as rigged:
        ann = Caller(rigged.hub, ANN)
        seen = (await ann.run(BOARD, create_card(ANN, {"title": "one"}, id="c1"))).seq
        results = await asyncio.gather(
            *(ann.run(BOARD, update_card(ANN, "c1", {"title": f"{n}"}), seen) for n in range(20)),
            return_exceptions=True,
        )
        assert sum(not isinstance(result, Exception) for result in results) == 1
        assert {type(result) for result in results if isinstance(result, Exception)} == {
            CommandRefused
        }


async def test_who_had_not_seen_a_command_is_told_when_their_value_did_not_stay() -> None:
    async with board() as rigged:
        ann = Caller(rigged.hub, ANN)
        await ann.run(BOARD, create_card(ANN, {"title": "one"}, id="c1"))
        bob = await rigged.connect("bob").hello().open(BOARD)
        followed = await ann.subscribe(BOARD)
        unseen = bob.granted.seq
        push = bob.edit(lambda doc: doc.get("cards", type=Map)["c1"].update({"title": "bob's"}))
        await ann.run(BOARD, update_card(ANN, "c1", {"title": "ann's"}))
        bob.push(push, touched=("cards/c1/title",), values=('"bob\'s"',), base_seq=unseen)
        await bob.acked()
        _, card = await ann.read(BOARD, lambda content: content.entity("cards", "c1"))
        assert card is not None
        if card["title"] == "ann's":
            assert (await bob.client.get(Conflict)).theirs == "ann's"
        else:
            while not (told := (await news(followed)).conflicts):
                pass
            assert isinstance(told[0], Conflict)
            assert (told[0].mine, told[0].theirs) == ("ann's", "bob's")


async def lose(rigged: Rig, register: str, anns: str, bobs: str) -> Conflict:
    """Let Bob's value of a card's register stay, over one of Ann's that he has not seen."""
    ann = Caller(rigged.hub, ANN)
    followed = await ann.subscribe(BOARD)
    # of two values set unseen by each other, that of the higher client id stays
    bob = await rigged.connect("bob").hello().open(BOARD, client_id=2**53 - 1)
    unseen = bob.granted.seq
    push = bob.edit(lambda doc: doc.get("cards", type=Map)["c1"].update({register: bobs}))
    await ann.run(BOARD, update_card(ANN, "c1", {register: anns}))
    told = (json.dumps(bobs),)
    bob.push(push, touched=(f"cards/c1/{register}",), values=told, base_seq=unseen)
    await bob.acked()
    while not (found := (await news(followed)).conflicts):
        pass
    followed.close()
    assert isinstance(found[0], Conflict)
    return found[0]


async def titled_now(caller: Caller) -> str:
    _, card = await caller.read(BOARD, lambda content: content.entity("cards", "c1"))
    assert card is not None
    return str(card["title"])


async def test_a_conflict_is_settled_for_all_windows_by_keeping_theirs_or_using_mine() -> None:
    async with board() as rigged:
        ann = Caller(rigged.hub, ANN)
        await ann.run(BOARD, create_card(ANN, {"title": "one"}, id="c1"))
        first = await lose(rigged, "title", "ann's", "bob's")
        window = await rigged.connect("ann").hello().open(BOARD)
        before = (await ann.read(BOARD, lambda _: None))[0]
        assert await ann.settle(BOARD, first.id, "theirs") == before
        assert (await window.client.get(Resolved)).id == first.id
        assert await titled_now(ann) == "bob's"
        second = await lose(rigged, "title", "ann's again", "bob's again")
        before = (await ann.read(BOARD, lambda _: None))[0]
        assert await ann.settle(BOARD, second.id, "mine") == before + 1
        assert (await window.client.get(Resolved)).id == second.id
        assert await titled_now(ann) == "ann's again"
        room = await rigged.hub.open(BOARD, create=False)  # type: ignore[arg-type]
        assert room.conflicts_of("ann") == []


async def test_what_cannot_be_settled_leaves_the_conflict_and_the_document_as_they_were() -> None:
    roles = {"ann": Role.EDITOR}

    def authorize(who: Identity | None, action: Action, document: str | None) -> Decision:
        return decide(roles.get(who.id, Role.EDITOR) if who else Role.NONE, action)

    async with board(authorize=authorize) as rigged:
        ann, bob = Caller(rigged.hub, ANN), Caller(rigged.hub, BOB)
        await ann.run(BOARD, create_card(ANN, {"title": "one"}, id="c1"))
        found = await lose(rigged, "title", "ann's", "bob's")
        seen, _ = await ann.read(BOARD, lambda _: None)
        for decision in ("mine", "theirs"):
            with pytest.raises(UnknownEntity, match="no conflict"):
                await bob.settle(BOARD, found.id, decision)  # type: ignore[arg-type]
            with pytest.raises(CommandRefused):
                await ann.settle(BOARD, found.id, decision, seen - 1)  # type: ignore[arg-type]
        await bob.run(BOARD, update_card(BOB, "c1", {"title": "later"}))
        with pytest.raises(CommandRefused):
            await ann.settle(BOARD, found.id, "mine", seen)
        roles["ann"] = Role.VIEWER
        with pytest.raises(NotAllowed):
            await ann.settle(BOARD, found.id, "mine")
        assert await titled_now(ann) == "later"
        assert await ann.settle(BOARD, found.id, "theirs") == seen + 1
        with pytest.raises(UnknownEntity):
            await ann.settle(BOARD, found.id, "theirs")


async def test_mine_of_what_somebody_deleted_brings_it_back() -> None:
    async with board() as rigged:
        ann = Caller(rigged.hub, ANN)
        await ann.run(BOARD, create_card(ANN, {"title": "one"}, id="c1"))
        bob = await rigged.connect("bob").hello().open(BOARD)
        followed = await ann.subscribe(BOARD)
        unseen = bob.granted.seq
        stamp = ["bob", 1]
        push = bob.edit(lambda doc: doc.get("cards", type=Map)["c1"].update({"deleted": stamp}))
        await ann.run(BOARD, update_card(ANN, "c1", {"title": "ann's"}))
        told = (json.dumps(stamp),)
        bob.push(push, touched=("cards/c1/deleted",), values=told, base_seq=unseen)
        await bob.acked()
        while not (found := (await news(followed)).conflicts):
            pass
        assert found[0].path == "cards/c1/deleted"  # type: ignore[union-attr]
        await ann.settle(BOARD, found[0].id, "mine")
        _, card = await ann.read(BOARD, lambda content: content.entity("cards", "c1"))
        assert card is not None
        assert (card["title"], "deleted" in card) == ("ann's", False)


async def test_a_subscription_tells_each_thing_once_with_all_that_is_new_of_it() -> None:
    async with board() as rigged:
        ann = Caller(rigged.hub, ANN)
        followed = await ann.subscribe(BOARD)
        bob = await rigged.connect("bob").hello().open(BOARD)

        def edit(doc: Any) -> None:
            project = ProjectDocument(LocalAccess(doc))
            project.cards.add("one", id="c1", labels=["red"])
            project.cards.add("two", id="c2")

        bob.push(bob.edit(edit))
        await bob.acked()
        made = {key: (entity, fields) for entity, key, fields in await changes(followed)}
        assert {key: entity for key, (entity, _) in made.items()} == {"c1": "card", "c2": "card"}
        assert made["c1"][1]["title"] == "one"
        assert made["c1"][1]["labels"] == ["red"]
        for title in ("a", "b", "c"):
            bob.push(bob.edit(partial(titled, title)))
        bob.push(bob.edit(lambda doc: cards_of(doc)["c2"].labels.add("x")))
        await bob.acked()
        await ann.run(BOARD, move_card(ANN, "c2", column="done"))
        told: dict[str, dict[str, Any]] = {}
        while "column" not in told.get("c2", {}):
            for _, key, fields in await changes(followed):
                told.setdefault(key, {}).update(fields)
        assert told["c1"] == {"title": "c"}
        assert told["c2"]["column"] == "done"
        assert told["c2"]["labels"] == ["x"]
        await ann.run(BOARD, delete_card(ANN, "c1"))
        last = await news(followed)
        assert [(one.id, one.is_gone, one.person) for one in last.changes] == [("c1", True, "ann")]


async def test_what_all_hear_of_a_step_is_made_once_and_who_is_late_hears_all_of_it() -> None:
    async with board() as rigged:
        ann, bob = Caller(rigged.hub, ANN), Caller(rigged.hub, BOB)
        await ann.run(BOARD, create_card(ANN, {"title": "one"}, id="c1"))
        first, second, late = [await one.subscribe(BOARD) for one in (ann, bob, ann)]
        for one in (first, second, late):
            await news(one)  # who is there
        await ann.run(BOARD, update_card(ANN, "c1", {"title": "two"}))
        heard = (await news(first)).changes
        assert (await news(second)).changes is heard
        await ann.run(BOARD, update_card(ANN, "c1", {"estimate": 3}))
        assert [one.changes for one in (await news(first)).changes] == [{"estimate": 3}]
        assert [one.changes for one in (await news(late)).changes] == [
            {"title": "two", "estimate": 3}
        ]
        assert [one.changes for one in (await news(second)).changes] == [{"estimate": 3}]


async def test_a_change_brings_the_whole_thing_as_it_is_now() -> None:
    async with board() as rigged:
        ann = Caller(rigged.hub, ANN)
        await ann.run(BOARD, create_card(ANN, {"title": "one", "labels": ["red"]}, id="c1"))
        followed = await ann.subscribe(BOARD)
        await ann.run(BOARD, update_card(ANN, "c1", {"estimate": 2}))
        while not (found := (await news(followed)).changes):
            pass
        assert found[0].changes == {"estimate": 2}
        _, card = await ann.read(BOARD, lambda content: content.entity("cards", "c1"))
        assert found[0].now == card
        assert found[0].now["labels"] == ["red"]


async def test_who_is_in_a_document_is_told_to_who_may_read_it() -> None:
    async with board() as rigged:
        bob = await rigged.connect("bob").hello().open(BOARD)
        bob.announce(7, 1, '{"card": "c1"}')
        room = await rigged.hub.open(BOARD, create=False)  # type: ignore[arg-type]
        await until(lambda: len(room.presence) == 1)
        (one,) = await Caller(rigged.hub, ANN).people(BOARD)
        assert (one.id, one.states) == ("bob", ({"card": "c1"},))


async def test_what_came_since_may_be_told_in_pieces_that_end_with_a_whole_version() -> None:
    async with board() as made:
        ann = Caller(made.hub, ANN)
        since = (await ann.read(BOARD, lambda _: None))[0]
        ids = [
            (await ann.run(BOARD, create_card(ANN, {"title": f"Card {number}"}))).result["id"]
            for number in range(10)
        ]
        await ann.run(BOARD, update_card(ANN, ids[0], {"title": "Changed"}))
        last = (await ann.read(BOARD, lambda _: None))[0]
        subscription = await ann.subscribe(BOARD, since, most_writes=3)
        told, versions = [], []
        while not versions or versions[-1] < last:
            with fail_after(10):
                news = await subscription.next()
            assert all(versions[-1:] < [change.seq] <= [news.seq] for change in news.changes)
            told += [(change.id, change.changes["title"]) for change in news.changes]
            versions.append(news.seq)
        assert len(versions) > 3
        # each register once, at its last version: of the first card all but the title came first
        assert {id for id, _ in told} == set(ids)
        assert told[-1] == (ids[0], "Changed")
        subscription.close()


async def test_who_comes_back_with_a_version_is_told_what_came_since_also_after_a_restart() -> None:
    store = MemoryStore()
    async with board(store=store) as rigged:
        ann = Caller(rigged.hub, ANN)
        await ann.run(BOARD, create_card(ANN, {"title": "one"}, id="c1"))
        seen = (await ann.run(BOARD, create_card(ANN, {"title": "two"}, id="c2"))).seq
        await ann.run(BOARD, update_card(ANN, "c1", {"title": "later"}))
        await ann.run(BOARD, create_card(ANN, {"title": "three"}, id="c3"))
    async with rig(store=MemoryStore(store.disk)) as rigged:
        ann = Caller(rigged.hub, ANN)
        back = await ann.subscribe(BOARD, since=seen)
        found = await news(back)
        assert [(one.id, one.changes["title"]) for one in found.changes] == [
            ("c1", "later"),
            ("c3", "three"),
        ]
        back.close()
        up_to_date = await ann.subscribe(BOARD, since=found.seq)
        assert (await news(up_to_date)).changes == ()


async def test_what_server_code_writes_by_itself_is_told_as_well() -> None:
    async with board() as rigged:
        ann = Caller(rigged.hub, ANN)
        await ann.run(BOARD, create_card(ANN, {"title": "one"}, id="c1"))
        followed = await ann.subscribe(BOARD)
        room = await rigged.hub.open(BOARD, create=False)  # type: ignore[arg-type]
        room.ydoc.get("cards", type=Map)["c1"]["title"] = "by the server"
        assert await changes(followed) == [("card", "c1", {"title": "by the server"})]


async def test_the_gate_is_asked_at_every_step() -> None:
    roles = {"ann": Role.EDITOR, "bob": Role.VIEWER}

    def authorize(who: Identity | None, action: Action, document: str | None) -> Decision:
        role = roles.get(who.id) if who else None
        return REFUSED if role is None else decide(role, action)

    roles["maker"] = Role.EDITOR
    async with board(authorize=authorize) as rigged:
        ann, bob, eve = (Caller(rigged.hub, who) for who in (ANN, BOB, person("eve")))
        followed = await bob.subscribe(BOARD)
        with pytest.raises(NotAllowed, match="viewer"):
            await bob.run(BOARD, create_card(BOB, {"title": "no"}))
        for attempt in (eve.subscribe(BOARD), eve.read(BOARD, lambda _: None)):
            with pytest.raises(NotAllowed):
                await attempt
        with pytest.raises(UnknownDocument):
            await ann.run("project/nowhere", create_card(ANN, {"title": "no"}))
        with pytest.raises(UnknownDocument):
            await ann.read("open/anything", lambda _: None)
        del roles["bob"]
        rigged.hub.recheck()
        with pytest.raises(Ended):
            await everything(followed)
        assert rigged.hub.followers == set()


async def test_a_room_that_closes_tells_those_who_wait_for_a_command() -> None:
    async with board() as rigged:
        ann = Caller(rigged.hub, ANN)
        rigged.store.hold()  # type: ignore[attr-defined]
        waiting = asyncio.create_task(ann.run(BOARD, create_card(ANN, {"title": "one"}, id="c1")))
        room = await rigged.hub.open(BOARD, create=False)  # type: ignore[arg-type]
        await until(lambda: not room.waiting_updates and not room.is_settled)
        room.close(1012, "for the test")  # type: ignore[arg-type]
        with pytest.raises(StorageError):
            await waiting
        rigged.store.release()  # type: ignore[attr-defined]


async def test_a_document_that_is_only_followed_stays_and_one_that_is_left_unloads() -> None:
    async with board() as rigged:
        followed = await Caller(rigged.hub, ANN).subscribe(BOARD)
        hub = rigged.hub
        late_s = hub.now_s() + hub.limits.unload_after_s + 1
        hub.tick(late_s)
        assert BOARD in hub.rooms
        followed.close()
        hub.tick(hub.now_s() + hub.limits.unload_after_s + 1)
        assert BOARD not in hub.rooms
