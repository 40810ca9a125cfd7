"""The Socket.IO door: what clients ask, what they are told, and in which order."""

import asyncio
import random
from collections.abc import Callable
from logging import getLogger
from typing import Any

import pytest
from pycrdt import Doc, Map

from hub_rig import until
from moim_data.documents.access import LocalAccess
from moim_data.documents.project import ProjectDocument
from moim_data.memory_store import MemoryStore
from moim_data.store import Append, DocumentId, Update
from moim_sync.api.caller import Caller
from moim_sync.api.commands import create_card, update_card
from moim_sync.api.socketio.followed import Followed
from moim_sync.authorization import Action, Decision, Role, decide
from moim_sync.identity import Identity
from socketio_rig import BOARD, DoorRig, SocketIo, door, person

pytestmark = pytest.mark.anyio
ANN, BOB = person("ann"), person("bob")


async def edit(place: DoorRig, work: Any, who: Identity = BOB, board: str = BOARD) -> int:
    """An edit of somebody who is not at this door; gives the version it made."""
    return (await Caller(place.hub, who).run(board, work)).seq


def at_version(version: int) -> Callable[[Any], bool]:
    return lambda told: bool(told["version"] == version)


async def test_somebody_elses_edit_is_told_once_with_all_fields_of_the_frame() -> None:
    async with door(wall_clock=lambda: 1_700_000_000_000) as place:
        ann = await place.client()
        begun = await ann.ask("subscribe", {"project": "p"})
        assert begun == {"ok": True, "id": "p", "version": 1}
        version = await edit(place, create_card(BOB, {"title": "새 카드 🚀"}, id="c1"))
        made = await ann.get("project:update")
        assert made["changes"].pop("created")[0] == "bob"
        assert made["changes"].pop("place").startswith("todo|")
        assert made == {
            "id": "p",
            "entity": "card",
            "entityId": "c1",
            "changes": {
                "title": "새 카드 🚀",
                "column": "todo",
                "number": 1,
                "notes": "",
                "labels": [],
                "members": [],
            },
            "version": version,
            "timestamp": 1_700_000_000_000,
            "userId": "bob",
        }
        version = await edit(place, update_card(BOB, "c1", {"title": "two"}))
        told = await ann.get("project:update")
        assert (told["changes"], told["version"]) == ({"title": "two"}, version)
        assert ann.told("project:update") == []


class Line:
    """A connection that keeps what it is told."""

    log = getLogger(__name__)

    def __init__(self) -> None:
        self.texts: list[str] = []

    async def room(self) -> None:
        """There always is."""

    def say(self, name: str, message: Any) -> None:
        """Presence and conflicts are not looked at."""

    def put(self, text: str) -> None:
        self.texts.append(text)


async def test_an_event_is_written_once_for_all_who_hear_it() -> None:
    async with door() as place:
        lines = [Line() for _ in range(3)]
        for line in lines:
            subscription = await Caller(place.hub, ANN).subscribe(BOARD)
            followed = Followed(DocumentId(BOARD), subscription, line, place.hub.now_ms)
            place.hub.spawn(followed.run)
            await followed.caught_up
        for told in (1, 2):
            await edit(place, create_card(BOB, {"title": "one"}, id=f"c{told}"))
            await until(lambda told=told: all(len(line.texts) == told for line in lines))
        first, *others = [line.texts for line in lines]
        for theirs in others:
            assert all(one is other for one, other in zip(first, theirs, strict=True))


async def test_what_is_told_later_bears_the_time_when_it_was_written() -> None:
    now = [1_700_000_000_000]
    async with door(wall_clock=lambda: now[0]) as place:
        await edit(place, create_card(BOB, {"title": "one"}, id="c1"))
        now[0] += 60_000
        await edit(place, create_card(BOB, {"title": "two"}, id="c2"))
        now[0] += 60_000
        ann = await place.client()
        await ann.ask("subscribe", {"project": "p", "since": 1})
        told = [one["timestamp"] for one in ann.told("project:update")]
        assert told == [1_700_000_000_000, 1_700_000_060_000]


async def test_cards_are_made_changed_moved_and_deleted_with_answers() -> None:
    async with door() as place:
        ann, bob = await place.client(), await place.client("bob")
        await bob.ask("subscribe", {"project": "p"})
        made = await ann.ask(
            "card:create", {"project": "p", "id": "c1", "title": "one", "column": "done"}
        )
        assert made["ok"], made
        assert (made["id"], made["column"], made["version"]) == ("c1", "done", 2)
        card = {"project": "p", "id": "c1"}
        changed = await ann.ask("card:update", {**card, "changes": {"title": "x"}})
        assert (changed["title"], changed["version"]) == ("x", 3)
        flat = await ann.ask("card:update", {**card, "title": "y"})
        assert (flat["title"], flat["version"]) == ("y", 4)
        moved = await ann.ask("card:move", {**card, "column": "todo"})
        assert (moved["column"], moved["version"]) == ("todo", 5)
        gone = await ann.ask("card:delete", card)
        assert (gone["id"], gone["version"]) == ("c1", 6)
        last = await bob.get("project:update", lambda told: told["version"] == 6)
        assert last["gone"] is True
        assert last["changes"]["deleted"][0] == "ann"


async def test_one_of_a_series_all_that_follow_or_all_are_changed_and_taken_out() -> None:
    async with door(BOARD, "calendar/t") as place:
        ann, bob = await place.client(), await place.client("bob")
        when = ["2026-11-02T09:00", "2026-11-02T10:00", "Asia/Seoul"]
        weekly = {"calendar": "t", "id": "w"}
        made = await ann.ask(
            "event:create", {**weekly, "title": "매주", "when": when, "rule": "FREQ=WEEKLY;COUNT=9"}
        )
        await bob.ask("subscribe", {"calendar": "t"})
        second = {**weekly, "occurrence": "2026-11-09T09:00"}
        one = await ann.ask("event:update", {**second, "changes": {"title": "다름"}})
        assert (one["ok"], one["title"]) == (True, "매주")
        told = await bob.get("calendar:update", at_version(one["version"]))
        assert told["entity"] == "exception"
        assert told["changes"] == {"w/2026-11-09T09:00/title": "다름"}
        stale = {**second, "title": "x", "expectedVersion": made["version"]}
        refused = await ann.ask("event:update", stale)
        assert (refused["code"], refused["paths"][0]["got"]) == ("conflict", '"다름"')
        gone = await ann.ask("event:delete", {**weekly, "occurrence": "2026-11-16T09:00"})
        assert gone["ok"]
        later = {**weekly, "occurrence": "2026-11-23T09:00", "scope": "following"}
        tail = await ann.ask("event:update", {**later, "changes": {"location": "3층"}})
        assert (tail["id"], tail["rule"]) == ("w-20261123T0900", "FREQ=WEEKLY;COUNT=6")
        everything = {**second, "scope": "all", "changes": {"title": "모두"}}
        assert (await ann.ask("event:update", everything))["title"] == "모두"
        ended = await ann.ask("event:delete", {**second, "scope": "following"})
        assert ended["rule"] == "FREQ=WEEKLY;UNTIL=20261108"
        reader = Caller(place.hub, ANN)
        _, kept = await reader.read("calendar/t", lambda c: c.entity("exceptions", ""))
        assert kept == {"id": "", "w/2026-11-16T09:00/excluded": True}


async def test_the_workspace_is_followed_as_far_as_one_may_read() -> None:
    hidden = {"project/secret"}

    def authorize(who: Identity | None, action: Action, document: str | None) -> Decision:
        return decide(Role.NONE if document in hidden else Role.EDITOR, action)

    async with door(authorize=authorize) as place:
        maker = await place.rig.connect("maker").hello().open("workspace")

        def listed(key: str, name: str) -> Any:
            values = {"name": name, "colour": "blue", "place": "V"}
            return lambda doc: doc.get("projects", type=Map).update({key: Map(values)})

        for key in ("secret", "p"):
            maker.push(maker.edit(listed(key, key)))
        await maker.acked()
        ann = await place.client()
        answer = await ann.ask("subscribe", {"workspace": True, "since": 0})
        assert (answer["ok"], answer["id"]) == (True, "workspace")
        told = await ann.get("workspace:update")
        assert (told["id"], told["entity"], told["entityId"]) == ("workspace", "project", "p")
        maker.push(maker.edit(listed("secret2", "not hidden")))
        await maker.acked()
        assert (await ann.get("workspace:update"))["entityId"] == "secret2"
        assert ann.told("workspace:update") == []
        for odd in ({"workspace": True, "project": "p"}, {"workspace": "yes"}):
            refused = await ann.ask("subscribe", odd)
            assert (refused["code"], refused["paths"][0]["path"]) == ("invalid", "workspace")


async def test_checklists_and_comments_are_edited_and_told_with_their_card() -> None:
    async with door() as place:
        ann, bob = await place.client(), await place.client("bob")
        await ann.ask("card:create", {"project": "p", "id": "c1", "title": "one"})
        await bob.ask("subscribe", {"project": "p"})
        item, comment = {"project": "p", "id": "i1"}, {"project": "p", "id": "m1"}
        for name, payload in (
            ("item:create", {**item, "card": "c1", "title": "line"}),
            ("item:update", {**item, "changes": {"done": True}}),
            ("item:move", item),
            ("comment:create", {**comment, "card": "c1", "body": "words", "mentions": ["bob"]}),
            ("comment:update", {**comment, "body": "other words"}),
        ):
            answer = await ann.ask(name, payload)
            assert (answer["ok"], answer.get("card")) == (True, "c1"), answer
            told = await bob.get(
                "project:update", lambda one, at=answer: one["version"] == at["version"]
            )
            assert told["entityId"] == payload["id"]
        assert (answer["body"], answer["created"][0]) == ("other words", "ann")
        for name, payload in (
            ("comment:update", {**comment, "body": "x"}),
            ("comment:delete", comment),
        ):
            assert (await bob.ask(name, payload))["code"] == "role"
        for name, payload in (("item:delete", item), ("comment:delete", comment)):
            gone = await ann.ask(name, payload)
            assert gone["deleted"][0] == "ann"
            last = await bob.get(
                "project:update", lambda one, at=gone: one["version"] == at["version"]
            )
            assert last["gone"] is True


async def test_an_expected_version_succeeds_or_answers_conflict_and_changes_nothing() -> None:
    async with door() as place:
        ann = await place.client()
        card = {"project": "p", "id": "c1"}
        seen = (await ann.ask("card:create", {**card, "title": "one"}))["version"]
        await edit(place, update_card(BOB, "c1", {"title": "bob's"}))
        update = {**card, "expectedVersion": seen}
        assert (await ann.ask("card:update", {**update, "estimate": 3}))["ok"]
        refused = await ann.ask("card:update", {**update, "title": "ann's"})
        assert (refused["ok"], refused["code"]) == (False, "conflict")
        assert [(path["path"], path["got"]) for path in refused["paths"]] == [
            ("cards/c1/title", '"bob\'s"')
        ]
        _, now = await Caller(place.hub, ANN).read(BOARD, lambda c: c.entity("cards", "c1"))
        assert now is not None
        assert (now["title"], now["estimate"]) == ("bob's", 3)


@pytest.mark.parametrize(
    ("name", "payload", "code", "path"),
    [
        ("subscribe", {}, "invalid", "project"),
        ("subscribe", {"project": "p", "calendar": "p"}, "invalid", "project"),
        ("subscribe", {"project": "nowhere"}, "unknown", None),
        ("subscribe", {"project": "../workspace"}, "unknown", None),
        ("subscribe", {"project": 7}, "invalid", "project"),
        ("subscribe", {"project": "p", "since": -1}, "invalid", "since"),
        ("subscribe", {"project": "p", "since": "1"}, "invalid", "since"),
        ("subscribe", {"project": "p", "since": True}, "invalid", "since"),
        ("subscribe", {"project": "p", "since": 1e300}, "invalid", "since"),
        ("unsubscribe", {"project": "p"}, "unknown", None),
        ("presence", {"project": "p"}, "unknown", None),
        ("card:create", {"project": "p"}, "invalid", "cards/title"),
        ("card:create", {"project": "p", "title": "x", "column": "no"}, "unknown", None),
        ("card:create", {"project": "p", "title": "x", "column": []}, "invalid", "column"),
        ("card:create", {"calendar": "p", "title": "x"}, "invalid", "project"),
        ("card:update", {"project": "p", "id": "no", "title": "x"}, "unknown", None),
        ("card:update", {"project": "p", "title": "x"}, "invalid", "id"),
        ("card:update", {"project": "p", "id": "c1", "changes": []}, "invalid", "changes"),
        ("card:update", {"project": "p", "id": "c1", "nothing": 1}, "invalid", "cards/c1/nothing"),
        ("card:update", {"project": "p", "id": "c1", "estimate": -1}, "invalid", None),
        ("card:update", {"project": "p", "id": "c1", "estimate": 10**40}, "invalid", None),
        ("card:update", {"project": "p", "id": "c1", "title": {"a": [1]}}, "invalid", None),
        ("card:update", {"project": "p", "id": "c1", "title": "x" * 501}, "invalid", None),
        ("event:create", {"calendar": "nowhere", "title": "x"}, "unknown", None),
        ("event:update", {"calendar": "p", "id": "w", "scope": "all"}, "invalid", "scope"),
        ("event:delete", {"calendar": "p", "id": "w", "scope": "all"}, "invalid", "scope"),
        (
            "event:delete",
            {"calendar": "p", "id": "w", "occurrence": "2026-11-02", "scope": "some"},
            "invalid",
            "scope",
        ),
        ("item:create", {"project": "p", "card": "no", "title": "x"}, "unknown", None),
        ("item:create", {"project": "p", "title": "x"}, "invalid", "card"),
        ("item:update", {"project": "p", "id": "no", "title": "x"}, "unknown", None),
        ("comment:create", {"project": "p", "card": "c1"}, "invalid", "comments/body"),
        ("conflict:resolve", {"project": "p", "id": "no", "use": "mine"}, "unknown", None),
        ("conflict:resolve", {"project": "p", "id": "no", "use": "theirs"}, "unknown", None),
        ("conflict:resolve", {"project": "p", "id": "no", "use": "both"}, "invalid", "use"),
        ("nonsense", {}, "unknown", None),
        ("__proto__", {}, "unknown", None),
    ],
)
async def test_what_cannot_be_done_is_answered_with_a_code_and_the_path(
    name: str, payload: dict[str, Any], code: str, path: str | None
) -> None:
    async with door() as place:
        ann = await place.client()
        assert (await ann.ask("card:create", {"project": "p", "id": "c1", "title": "one"}))["ok"]
        answer = await ann.ask(name, payload)
        assert (answer["ok"], answer["code"]) == (False, code), answer
        assert answer["message"]
        if path is not None:
            assert [one["path"] for one in answer["paths"]] == [path]
        _, cards = await Caller(place.hub, ANN).read(BOARD, lambda c: c.entities("cards"))
        assert [card["title"] for card in cards] == ["one"]


async def test_what_came_since_a_version_is_told_before_the_answer_and_nothing_twice() -> None:
    async with door() as place:
        await edit(place, create_card(BOB, {"title": "one"}, id="c1"))
        seen = await edit(place, create_card(BOB, {"title": "two"}, id="c2"))
        await edit(place, update_card(BOB, "c1", {"title": "later"}))
        await edit(place, create_card(BOB, {"title": "three"}, id="c3"))
        now = await edit(place, update_card(BOB, "c1", {"estimate": 2}))
        ann = await place.client()
        begun = await ann.ask("subscribe", {"project": "p", "since": seen})
        assert begun["version"] == now
        told = [(one["entityId"], one["version"]) for one in ann.told("project:update")]
        assert told == [("c3", now - 1), ("c1", now)]
        first, last = ann.told("project:update")
        assert (first["more"], "more" in last) == (True, False)
        assert last["changes"] == {"title": "later", "estimate": 2}
        ann.heard.clear()
        again = await ann.ask("subscribe", {"project": "p", "since": now})
        assert (again["version"], ann.told("project:update")) == (now, [])


async def test_version_0_gives_all_that_is_there_also_what_has_no_last_writer() -> None:
    store, doc = MemoryStore(), Doc[Any]()
    brought = ProjectDocument(LocalAccess(doc))
    brought.columns.add(id="todo", name="To do")
    brought.cards.add("from a file", id="c0")
    document = DocumentId("project/brought")
    store.open(document, create=True).result()
    row = Update(1, 0, "demo", b"", 0, doc.get_update())
    store.append(Append(document, (row,))).result()
    async with door(store=store) as place:
        ann = await place.client()
        await ann.ask("subscribe", {"project": "brought", "since": 0})
        told = {f"{one['entity']}/{one['entityId']}": one for one in ann.told("project:update")}
        assert set(told) == {"column/todo", "card/c0"}
        assert told["card/c0"]["changes"]["title"] == "from a file"
        ann.heard.clear()
        await edit(place, create_card(BOB, {"title": "one"}, id="c1"))
        await ann.ask("subscribe", {"project": "p", "since": 0})
        told = {f"{one['entity']}/{one['entityId']}": one for one in ann.told("project:update")}
        assert set(told) == {"column/todo", "column/done", "card/c1"}
        assert told["column/todo"]["changes"]["name"] == "To do"


class FrontEnd:
    """A store as the page describes it: it goes on from the last version that it has whole."""

    def __init__(self) -> None:
        self.things: dict[str, dict[str, Any]] = {}
        self.version = 0

    def take(self, client: SocketIo, at_most: int | None = None) -> None:
        for name, message in client.heard[:at_most]:
            if name == "project:update":
                thing = self.things.setdefault(message["entityId"], {})
                thing.update(message["changes"])
                if not message.get("more"):
                    self.version = message["version"]


@pytest.mark.parametrize("seed", range(6))
async def test_a_front_end_that_is_cut_off_anywhere_misses_nothing(seed: int) -> None:
    rng = random.Random(seed)
    async with door() as place:
        store = FrontEnd()
        for n in range(4):
            await edit(place, create_card(BOB, {"title": "new"}, id=f"c{n}"))
        for _ in range(12):
            client = await place.client()
            await client.ask("subscribe", {"project": "p", "since": store.version})
            edits = []
            for n in range(rng.randrange(12)):
                field = rng.choice(("title", "estimate", "priority"))
                value = {"title": f"{n}", "estimate": n, "priority": rng.choice(("low", "high"))}
                work = update_card(BOB, f"c{rng.randrange(4)}", {field: value[field]})
                edits.append(edit(place, work))
            await asyncio.gather(*edits)
            await client.close()
            store.take(client, rng.randrange(len(client.heard) + 1))  # the rest was on the way
        client = await place.client()
        await client.ask("subscribe", {"project": "p", "since": store.version})
        store.take(client)
        _, cards = await Caller(place.hub, ANN).read(BOARD, lambda c: c.entities("cards"))
        for card in cards:
            kept = store.things[card.pop("id")]
            assert {key: kept.get(key) for key in card} == card


async def test_commands_sent_in_a_row_are_done_in_that_order() -> None:
    async with door() as place:
        ann = await place.client()
        card = {"project": "p", "id": "c1"}
        names = ["card:create", *["card:update"] * 39]
        answers = [ann.asked(name, {**card, "title": f"{n}"}) for n, name in enumerate(names)]
        assert all(answer["ok"] for answer in await asyncio.gather(*answers))
        _, card = await Caller(place.hub, ANN).read(BOARD, lambda c: c.entity("cards", "c1"))
        assert card is not None
        assert card["title"] == "39"


async def test_subscribing_and_leaving_in_a_row_ends_as_the_last_said() -> None:
    async with door() as place:
        ann = await place.client()
        this = {"project": "p"}
        for name in ("subscribe", "unsubscribe", "subscribe", "subscribe"):
            ann.emit(name, this)
        await ann.ask("subscribe", this)
        await edit(place, create_card(BOB, {"title": "one"}, id="c1"))
        await ann.get("project:update")
        assert ann.told("project:update") == []
        assert len(place.hub.followers) == 1
        ann.emit("subscribe", this)
        assert (await ann.ask("unsubscribe", this))["ok"]
        await until(lambda: not place.hub.followers)


def titled(title: str, doc: Any) -> None:
    doc.get("cards", type=Map)["c1"]["title"] = title


async def test_whose_value_did_not_stay_is_told_with_every_field() -> None:
    async with door() as place:
        ann = await place.client()
        await ann.ask("card:create", {"project": "p", "id": "c1", "title": "one"})
        await ann.ask("subscribe", {"project": "p"})
        # of two values set at once, the CRDT keeps that of the higher id
        unseen = await place.rig.connect("bob").hello().open(BOARD, client_id=2**53 - 1)
        push = unseen.edit(lambda doc: doc.get("cards", type=Map)["c1"].update({"title": "bob's"}))
        await ann.ask("card:update", {"project": "p", "id": "c1", "title": "ann's"})
        base = unseen.granted.seq
        unseen.push(push, touched=("cards/c1/title",), values=('"bob\'s"',), base_seq=base)
        await unseen.acked()
        told = await ann.get("conflict:detected")
        conflict = told.pop("id")
        assert told.pop("timestamp") > 0
        assert told.pop("version") > 0
        assert told == {
            "project": "p",
            "entity": "cards/c1",
            "path": "cards/c1/title",
            "strategy": "last-write-wins",
            "userId": "bob",
            "name": "Bob",
            "mine": "ann's",
            "theirs": "bob's",
        }
        phone = await place.client()
        await phone.ask("subscribe", {"project": "p"})
        decided = {"project": "p", "id": conflict, "use": "mine"}
        stale = await ann.ask("conflict:resolve", {**decided, "expectedVersion": 1})
        assert (stale["code"], stale["paths"][0]["got"]) == ("conflict", '"bob\'s"')
        answer = await ann.ask("conflict:resolve", decided)
        assert (answer["ok"], answer["id"]) == (True, conflict)
        assert await phone.get("conflict:resolved") == {"project": "p", "id": conflict}
        last = await phone.get("project:update", lambda one: one["version"] == answer["version"])
        assert last["changes"] == {"title": "ann's"}


async def test_who_says_so_is_seen_by_others_until_they_leave() -> None:
    async with door() as place:
        ann, bob = await place.client(), await place.client("bob")
        for client in (ann, bob):
            await client.ask("subscribe", {"project": "p"})
        assert (await ann.ask("presence", {"project": "p", "card": "c1", "mood": "🙂"}))["ok"]
        told = await bob.get("presence:update", lambda one: one["people"])
        state = {"editing": {"entity": "c1", "field": None}, "mood": "🙂", "card": "c1"}
        shown = {"id": "ann", "name": "Ann", "colour": "blue", "states": [state]}
        assert (told["id"], told["entity"], told["people"]) == ("p", "project", [shown])
        assert {"version", "timestamp"} <= set(told)
        bob.heard.clear()
        await ann.ask("presence", {"project": "p", "card": "c2"})
        (now,) = (await bob.get("presence:update"))["people"][0]["states"]
        assert now["card"] == "c2"
        await ann.ask("presence", {"project": "p", "away": True})
        assert (await bob.get("presence:update"))["people"] == []
        await ann.ask("presence", {"project": "p"})
        assert (await bob.get("presence:update"))["people"][0]["id"] == "ann"
        await ann.close()
        assert (await bob.get("presence:update"))["people"] == []
        answer = await bob.ask("presence", {"project": "p", "card": "x" * 3000})
        assert (answer["ok"], answer["code"]) == (False, "limit")
