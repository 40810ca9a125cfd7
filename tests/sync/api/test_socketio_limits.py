"""What one Socket.IO client may do, and that nothing it does reaches another."""

import asyncio
import gc
import logging
import random
import socket
import tracemalloc
from itertools import count
from typing import Any

import pytest

from hub_rig import until
from moim_sync.api.caller import Caller
from moim_sync.api.commands import create_card, update_card
from moim_sync.api.socketio import events, session
from moim_sync.api.socketio.door import PACKET_BYTES
from moim_sync.api.socketio.transport import LAG_BYTES
from socketio_rig import BOARD, DoorRig, SocketIo, door, person

pytestmark = pytest.mark.anyio
BOB = person("bob")
OTHER = "project/other"


async def edit(place: DoorRig, work: Any, board: str = BOARD) -> int:
    return (await Caller(place.hub, BOB).run(board, work)).seq


async def works(client: SocketIo) -> None:
    """It still gives answers."""
    assert (await client.ask("subscribe", {"project": "p"}))["ok"]


@pytest.mark.parametrize(
    "frame",
    [
        "42",
        "42{}",
        "42[]",
        "42[7]",
        '42["subscribe"',
        '42["connect", {}]',
        '42["disconnect"]',
        '42["subscribe", {"project": NaN}]',
        '42["subscribe", {"project": 1e999}]',
        '42["subscribe", {"project": "\\ud800"}]',
        '42/admin,["subscribe", {"project": "p"}]',
        '4299999999999999999999999["subscribe",' + "[" * 100_000,
        "45" + "9" * 9 + '-["x",{"_placeholder":true,"num":0}]',
        '46-["x"]',
        "40",
        '44{"message":"no"}',
        "49",
        "4hello",
        '4{"a":1}',
        b"bytes",
        "42" + "1" * 500 + '["x"]',
    ],
)
async def test_what_is_no_event_is_told_so_and_harms_neither_it_nor_others(
    frame: str | bytes,
) -> None:
    async with door() as place:
        ann, bob = await place.client(), await place.client("bob")
        ann.write(frame)
        told = await ann.get("error")
        assert told["code"] == "invalid"
        assert told["message"]
        assert "event" not in told  # it was not taken for one
        await works(ann)
        await works(bob)


@pytest.mark.parametrize(
    "payload", [(), (1,), (None,), ([],), ("p",), ({}, {}), ({"project": []},)]
)
async def test_a_payload_of_another_shape_is_answered(payload: tuple[Any, ...]) -> None:
    async with door() as place:
        ann = await place.client()
        for name in events.EVENTS:
            answer = await ann.ask(name, *payload)
            assert (answer["ok"], answer["code"]) == (False, "invalid"), (name, answer)


def anything(rng: random.Random, depth: int = 0) -> Any:
    """Some JSON, of what is likely to be mistaken for something."""
    strange = (None, True, 0, -1, 2**53, 10**30, 0.5, 1e308, "", "c1", "한글🙂", "\0", "x" * 600)
    if depth < 3 and rng.random() < 0.3:
        return [anything(rng, depth + 1) for _ in range(rng.randrange(4))]
    if depth < 3 and rng.random() < 0.2:
        names = ("title", "when", "id", "labels", "place", "__proto__", "notes", "")
        return {rng.choice(names): anything(rng, depth + 1) for _ in range(rng.randrange(4))}
    return rng.choice(strange)


@pytest.mark.parametrize("seed", range(4))
async def test_no_payload_is_a_fault_of_ours(seed: int) -> None:
    rng = random.Random(seed)
    fields = (
        *("project", "calendar", "id", "column", "before", "since", "expectedVersion", "changes"),
        *("title", "when", "labels", "members", "estimate", "due", "notes", "rule", "card", "away"),
        *("baseVersion", "operations", "entity", "unit"),
    )
    # fast enough for as many events, and not so fast that who says nothing counts as gone
    async with door(BOARD, "calendar/t", clock=count(0, 0.005).__next__) as place:
        ann, bob = await place.client(), await place.client("bob")
        await bob.ask("subscribe", {"project": "p", "since": 0})
        for _ in range(300):
            name = rng.choice([*events.EVENTS])
            payload = {field: anything(rng) for field in rng.sample(fields, rng.randrange(6))}
            where = "calendar" if name.startswith("event") else "project"
            if rng.random() < 0.9:
                payload[where] = {"project": "p", "calendar": "t"}[where]
            if rng.random() < 0.7:
                payload.update(id="c1", title="x", when=["2026-12-01", "2026-12-02", ""])
            answer = await ann.ask(name, payload)
            assert answer["ok"] or answer["code"] != "internal", (name, payload, answer)
        await works(bob)
        assert bob.told("subscription:ended") == []


async def test_a_failure_that_nobody_waits_for_is_told_as_an_error() -> None:
    async with door() as place:
        ann = await place.client()
        ann.emit("subscribe", {"project": "nowhere"})
        told = await ann.get("error")
        assert (told["event"], told["ok"], told["code"]) == ("subscribe", False, "unknown")


@pytest.mark.parametrize("frame", ["x", "9", "", "6", "0"])
async def test_what_is_no_packet_of_the_engine_ends_the_connection_alone(frame: str) -> None:
    async with door() as place:
        ann, bob = await place.client(), await place.client("bob")
        ann.write(frame)
        await ann.ended()
        await works(bob)
        await until(lambda: len(place.door.connections) == 1)


async def test_a_packet_that_is_too_large_ends_the_connection_alone() -> None:
    async with door() as place:
        ann, bob = await place.client(), await place.client("bob")
        ann.emit("card:create", {"project": "p", "title": "x" * PACKET_BYTES})
        await ann.ended()
        await works(bob)
        await until(lambda: place.hub.counters.connections == 1)


async def test_events_above_the_rate_are_answered_with_limit_and_later_ones_succeed() -> None:
    now_s = 0.0
    async with door(clock=lambda: now_s) as place:
        ann = await place.client()
        answers = []
        for _ in range(5):  # not too many at once
            asked = [ann.asked("unsubscribe", {"project": "p"}) for _ in range(60)]
            answers += await asyncio.gather(*asked)
        codes = [answer["code"] for answer in answers]
        assert codes == ["unknown"] * session.BURST + ["limit"] * (300 - session.BURST)
        now_s = 1.0
        assert (await ann.ask("unsubscribe", {"project": "p"}))["code"] == "unknown"


async def test_who_floods_is_let_go_for_good_and_others_are_served() -> None:
    async with door(clock=lambda: 0.0) as place:
        ann, bob = await place.client(), await place.client("bob")
        for _ in range(session.BURST + session.MOST_REFUSED + 1):
            ann.emit("unsubscribe", {"project": "p"})
        told = await ann.get("session:ended")
        assert told["code"] == "limit"
        await ann.get("disconnect")
        ann.write("40")  # no second session on a line that has ended
        await works(bob)
        assert place.hub.counters.connections == 1
        assert ann.told("connect") == []


async def test_more_events_at_once_than_may_be_are_answered_with_busy() -> None:
    async with door() as place:
        ann = await place.client()
        place.rig.store.hold()  # type: ignore[attr-defined]
        asked = [
            ann.asked("card:create", {"project": "p", "title": f"{n}"})
            for n in range(session.AT_ONCE + 5)
        ]
        refused = await asyncio.gather(*asked[session.AT_ONCE :])
        assert {answer["code"] for answer in refused} == {"busy"}
        place.rig.store.release()  # type: ignore[attr-defined]
        assert all(answer["ok"] for answer in await asyncio.gather(*asked[: session.AT_ONCE]))


async def test_one_connection_follows_so_many_documents_and_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session, "SUBSCRIPTIONS", 2)
    async with door(BOARD, OTHER, "project/third") as place:
        ann = await place.client()
        for id in ("p", "other", "p"):
            assert (await ann.ask("subscribe", {"project": id}))["ok"]
        answer = await ann.ask("subscribe", {"project": "third"})
        assert (answer["ok"], answer["code"]) == (False, "limit")
        await ann.ask("unsubscribe", {"project": "other"})
        assert (await ann.ask("subscribe", {"project": "third"}))["ok"]


async def test_a_fault_of_ours_is_logged_under_the_number_that_is_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*_: Any) -> Any:
        raise ZeroDivisionError("a secret of ours")

    monkeypatch.setitem(events.EVENTS, "fail", fail)  # type: ignore[arg-type]
    async with door() as place:
        ann = await place.client()
        with caplog.at_level(logging.ERROR):
            answer = await ann.ask("fail", {})
        assert (answer["ok"], answer["code"]) == (False, "internal")
        assert "secret" not in answer["message"]
        fault = answer["message"].rpartition(" ")[2]
        (record,) = [one for one in caplog.records if fault in one.getMessage()]
        assert record.exc_info is not None
        await works(ann)


async def test_who_does_not_read_costs_a_bound_and_hears_the_last_state_in_the_end() -> None:
    async with door() as place:
        await edit(place, create_card(BOB, {"title": "0"}, id="c1"))
        slow, quick = await place.client("slow"), await place.client("quick")
        for client in (slow, quick):
            await client.ask("subscribe", {"project": "p"})
        connection = place.door.connections[slow.sid]
        stream = connection.handler.ws_connection.stream
        stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        slow.pause()
        most = 0
        for n in range(400):
            notes = f"{n} " + "x" * 20_000
            await edit(place, update_card(BOB, "c1", {"notes": notes}))
            most = max(most, connection.transport.waiting_bytes)
        assert LAG_BYTES < most < LAG_BYTES + 3 * 20_000
        last = await quick.get("project:update", lambda one: one["changes"]["notes"][:4] == "399 ")
        slow.go_on()
        told = await slow.get("project:update", lambda one: one["version"] == last["version"])
        assert told["changes"]["notes"].startswith("399 ")
        assert len(slow.told("project:update")) < 399


async def test_a_client_of_one_project_gets_no_byte_of_another() -> None:
    async with door(BOARD, OTHER) as place:
        ann, bob = await place.client(), await place.client("bob")
        await ann.ask("subscribe", {"project": "p"})
        await bob.ask("subscribe", {"project": "other"})
        await edit(place, create_card(BOB, {"title": "0"}, id="c1"), OTHER)
        await until(lambda: place.door.connections[ann.sid].transport.waiting_bytes == 0)
        before, others_before = place.bytes_sent(ann), place.bytes_sent(bob)
        loop = asyncio.get_running_loop()
        begun_s = loop.time()
        for n in range(100):  # in one second
            await edit(place, update_card(BOB, "c1", {"title": f"{n}"}), OTHER)
            await asyncio.sleep(max(0.0, begun_s + (n + 1) / 100 - loop.time()))
        await bob.get("project:update", lambda told: told["changes"].get("title") == "99")
        assert place.bytes_sent(ann) - before == 0
        assert place.bytes_sent(bob) - others_before > 100 * 20
        await edit(place, create_card(BOB, {"title": "mine"}), BOARD)
        await ann.get("project:update")
        assert place.bytes_sent(ann) > before


async def test_500_subscriptions_come_and_go_and_leave_nothing() -> None:
    async with door() as place:
        ann = await place.client()
        room = await place.hub.open(BOARD, create=False)  # type: ignore[arg-type]
        session_ = place.door.connections[ann.sid].session
        server = place.door._server
        assert session_ is not None
        assert server is not None

        async def cycles(count: int) -> None:
            for _ in range(count):
                session_._events = session.BURST
                assert (await ann.ask("subscribe", {"project": "p", "since": 1}))["ok"]
                assert (await ann.ask("unsubscribe", {"project": "p"}))["ok"]
            ann.heard.clear()
            await until(lambda: not (place.hub.followers or session_.at_once))
            await asyncio.sleep(0)

        def standing() -> list[int]:
            held: list[Any] = [
                asyncio.all_tasks(),
                place.hub.followers,
                room.members,
                room.presence,
                server.eio.handlers,
                server.handlers["/"],
                place.door.connections,
                session_.followed,
            ]
            return [len(one) for one in held]

        await cycles(50)
        before = standing()
        gc.collect()
        tracemalloc.start()
        bytes_before = tracemalloc.get_traced_memory()[0]
        await cycles(500)
        gc.collect()
        grown_bytes = tracemalloc.get_traced_memory()[0] - bytes_before
        tracemalloc.stop()
        assert standing() == before
        assert grown_bytes < 500 * 100, grown_bytes  # not a hundred bytes of each
