"""`graphql-transport-ws`, message by message: what is asked for, refused, left and let go."""

import asyncio
from contextlib import aclosing, suppress
from typing import Any

import pytest
from anyio import fail_after

from graphql_rig import GraphqlRig, graphql
from hub_rig import person, until
from moim.graphql.limits import GraphqlLimits
from moim_data.store import DocumentId
from moim_sync.api.caller import Caller
from moim_sync.api.commands import update_card
from moim_sync.authorization import Role

pytestmark = pytest.mark.anyio
FOLLOW = 'subscription { projectChanged(id: "p") { version cards { id title } } }'
PRESENCE = 'subscription { presenceChanged(id: "project/p") { people { id } } }'


async def rename(door: GraphqlRig, title: str) -> None:
    bob = person("bob")
    await Caller(door.hub, bob).run("project/p", update_card(bob, "c1", {"title": title}))


async def followed(door: GraphqlRig, count: int = 1) -> None:
    room = await door.hub.open(DocumentId("project/p"), create=False)
    await until(lambda: len(room.members) == count)


async def test_a_connection_queries_follows_and_completes() -> None:
    async with graphql() as door:
        peer = await door.connect().begin()
        await peer.ask("q", '{ project(id: "p") { id } }')
        assert await peer.hear() == {
            "id": "q", "type": "next", "payload": {"data": {"project": {"id": "p"}}}
        }  # fmt: skip
        assert await peer.hear() == {"id": "q", "type": "complete"}
        await peer.ask("s", FOLLOW)
        await followed(door)
        await rename(door, "둘 🚀")
        heard = await peer.hear()
        assert (heard["id"], heard["type"]) == ("s", "next")
        change = heard["payload"]["data"]["projectChanged"]
        assert change["cards"] == [{"id": "p/c1", "title": "둘 🚀"}]
        await peer.say("complete", id="s")
        await followed(door, 0)
        assert door.hub.followers == {peer.connection}
        await peer.ask("s", '{ project(id: "p") { id } }')
        assert (await peer.hear())["type"] == "next"  # the id is free again
        peer.connection.lost()
        assert door.hub.followers == set()


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("no json", 4400),
        ("[]", 4400),
        ('"text"', 4400),
        ("[" * 100_000, 4400),
        ('{"type": 7}', 4400),
        ('{"type": "start"}', 4400),
        (b"\x00", 4400),
        ('{"type": "connection_init"}', 4429),
        ('{"type": "subscribe", "payload": {"query": "{ __typename }"}}', 4400),
        ('{"type": "subscribe", "id": 7, "payload": {"query": "{ __typename }"}}', 4400),
        ('{"type": "subscribe", "id": "a"}', 4400),
        ('{"type": "subscribe", "id": "a", "payload": {"query": 7}}', 4400),
        ('{"type": "subscribe", "id": "a", "payload": {"query": "{a}", "variables": []}}', 4400),
    ],
)
async def test_what_is_no_message_of_the_protocol_ends_its_connection_alone(
    message: str | bytes, code: int
) -> None:
    async with graphql() as door:
        peer, other = await door.connect().begin(), await door.connect("bob").begin()
        await peer.connection.receive(message)
        assert await peer.closed() == code
        assert door.hub.followers == {other.connection}
        await other.say("ping")
        assert await other.hear() == {"type": "pong"}


async def test_nothing_is_done_before_connection_init() -> None:
    async with graphql(GraphqlLimits(init_s=0.02)) as door:
        hasty = door.connect()
        await hasty.ask("a", "{ __typename }")
        assert await hasty.closed() == 4401
        assert await door.connect().closed() == 4408
        patient = await door.connect().begin()
        await asyncio.sleep(0.04)
        await patient.say("ping")
        assert (await patient.hear())["type"] == "pong"


async def test_an_id_that_is_in_use_ends_the_connection() -> None:
    async with graphql() as door:
        peer = await door.connect().begin()
        await peer.ask("s", FOLLOW)
        await peer.ask("s", FOLLOW)
        assert await peer.closed() == 4409
        await followed(door, 0)


async def test_an_operation_that_cannot_run_gets_an_error_and_the_others_go_on() -> None:
    async with graphql() as door:
        peer = await door.connect().begin()
        for key, query, code in (
            ("syntax", "{", "malformed"),
            ("field", "{ nothing }", "malformed"),
            ("unknown", 'subscription { projectChanged(id: "no") { version } }', "unknown"),
            ("day", 'subscription { calendarChanged(id: "t", from: "x") { version } }', "invalid"),
            ("dear", "{" + " members { id }" * 17 + "}", "limit"),
        ):
            await peer.ask(key, query)
            heard = await peer.hear()
            assert (heard["id"], heard["type"]) == (key, "error"), heard
            assert heard["payload"][0]["extensions"]["code"] == code
        await peer.ask("fine", "{ __typename }")
        assert (await peer.hear())["payload"] == {"data": {"__typename": "Query"}}


async def test_more_operations_than_one_may_run_are_refused_one_by_one() -> None:
    async with graphql(GraphqlLimits(operations=2)) as door:
        peer = await door.connect().begin()
        await peer.ask("one", FOLLOW)
        await peer.ask("two", FOLLOW)
        await peer.ask("three", FOLLOW)
        heard = await peer.hear()
        assert (heard["id"], heard["payload"][0]["extensions"]["code"]) == ("three", "limit")
        await peer.say("complete", id="one")
        await followed(door, 1)
        await peer.ask("three", PRESENCE)
        assert (await peer.hear())["type"] == "next"


async def test_messages_that_come_too_fast_wait() -> None:
    async with graphql(GraphqlLimits(messages_per_s=200)) as door:
        peer = await door.connect().begin()
        began_s = door.hub.now_s()
        for _ in range(240):
            await peer.say("pong")
        assert door.hub.now_s() - began_s > 0.15


async def test_a_slow_reader_holds_one_message_and_then_hears_the_last_state() -> None:
    async with graphql(GraphqlLimits(gap_s=0)) as door:
        peer = await door.connect().begin()
        await peer.ask("s", FOLLOW)
        await followed(door)
        peer.wire.flows.clear()
        for n in range(200):
            await rename(door, f"title {n}")
        assert peer.wire.sent.qsize() == 1
        peer.wire.flows.set()
        titles: list[str] = []
        while "title 199" not in titles:
            change = (await peer.hear())["payload"]["data"]["projectChanged"]
            titles += [one["title"] for one in change["cards"]]
        assert len(titles) <= 3


async def test_who_takes_hold_of_a_card_does_not_delay_what_they_then_do_to_it() -> None:
    async with graphql(GraphqlLimits(gap_s=60)) as door:
        peer = await door.connect().begin()
        await peer.ask("s", FOLLOW)
        await followed(door)
        bob = await Caller(door.hub, person("bob")).subscribe("project/p")
        while not (people := (await bob.next()).people) or not people[0].states:
            bob.announce({"card": "c1"})
        with fail_after(10):
            await rename(door, "at once")
            change = (await peer.hear())["payload"]["data"]["projectChanged"]
        assert [one["title"] for one in change["cards"]] == ["at once"]
        bob.close()


async def test_who_waits_for_a_message_holds_nothing_of_the_document() -> None:
    follow = (
        'subscription { projectChanged(id: "p") { rearranged { cards { title } } cards { id } } }'
    )
    async with graphql(GraphqlLimits(gap_s=0)) as door:
        context = door.context()
        stream = await door.door.schema.stream(follow, context_value=context)
        async with aclosing(stream):
            first = asyncio.ensure_future(anext(stream))
            await followed(door)
            await rename(door, "two")
            assert (await first).errors is None
            waiting = asyncio.ensure_future(anext(stream))
            await until(lambda: not context._read)
            waiting.cancel()
            with suppress(asyncio.CancelledError):
                await waiting


async def test_who_is_taken_out_is_shown_the_door_and_who_loses_a_role_hears_it() -> None:
    async with graphql() as door:
        peer, eve = await door.connect().begin(), await door.connect("eve").begin()
        for one in (peer, eve):
            await one.ask("s", FOLLOW)
        await followed(door, 2)
        door.gate.of |= {"ann": Role.NONE, "eve": None}
        door.hub.recheck()
        heard = await peer.hear()
        assert (heard["type"], heard["payload"][0]["extensions"]["code"]) == ("error", "role")
        assert await eve.closed() == 4403
        await followed(door, 0)
        await peer.ask("q", '{ project(id: "p") { id } }')
        assert (await peer.hear())["payload"]["errors"][0]["extensions"]["code"] == "role"


async def test_a_token_says_who_it_is_and_a_bad_one_is_refused() -> None:
    async with graphql() as door:
        peer = await door.connect(None, good="minji").begin(token="good")
        delete = 'mutation { deleteCard(input: {id: "p/c1"}) { card { deleted { by } } } }'
        await peer.ask("m", delete)
        answer = (await peer.hear())["payload"]["data"]["deleteCard"]
        assert answer["card"]["deleted"]["by"] == "minji"
        for name, payload in ((None, {}), (None, {"token": "bad"}), ("ann", {"token": "bad"})):
            stranger = door.connect(name)
            await stranger.say("connection_init", payload=payload)
            assert await stranger.closed() == 4403
        odd: Any = door.connect("ann")
        await odd.say("connection_init", payload={"token": 7})
        assert await odd.closed() == 4403


async def test_when_the_server_stops_clients_are_told_to_come_back() -> None:
    async with graphql() as door:
        peer = await door.connect().begin()
        await peer.ask("s", FOLLOW)
        await followed(door)
        await door.hub.drain(0)
        assert await peer.closed() == 1012


async def test_five_hundred_subscriptions_that_came_and_went_leave_nothing_behind() -> None:
    async with graphql(GraphqlLimits(messages_per_s=10_000)) as door:
        peer = await door.connect().begin()
        room = await door.hub.open(DocumentId("project/p"), create=False)
        tasks = len(asyncio.all_tasks())
        for n in range(500):
            await peer.ask(str(n), FOLLOW)
            await until(lambda: len(room.members) == 1)
            await peer.say("complete", id=str(n))
            await until(lambda: len(room.members) == 0)
        await until(lambda: len(asyncio.all_tasks()) <= tasks)
        assert door.hub.followers == {peer.connection}
        assert peer.connection.operations == 0
