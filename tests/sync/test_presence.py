"""Who is in a room: owned by connections, named by sessions."""

import json

import pytest

from hub_rig import person, rig, until
from moim_sync.errors import CloseCode, MalformedMessage
from moim_sync.identity import Identity
from moim_sync.messages import Presence as PresenceMessage
from moim_sync.presence import IDS_PER_CONNECTION, Presence
from moim_sync.y_protocol import AwarenessEntry, decode_awareness, encode_awareness

OPEN = "open/a"
ANN, BOB = person("ann"), person("bob")


def one(client_id: int, clock: int, state: str) -> bytes:
    return encode_awareness([AwarenessEntry(client_id, clock, state)])


def presence() -> Presence:
    return Presence(lambda: None, 2_048)


def shown(states: bytes | None) -> dict[int, object]:
    return {e.client_id: json.loads(e.state) for e in decode_awareness(states or b"\x00")}


@pytest.mark.rule("R1")
def test_the_session_says_who_somebody_is_whatever_the_client_claims() -> None:
    room = presence()
    room.announce("a", ANN, one(1, 1, '{"user":{"id":"bob","name":"Bob"},"card":"c1"}'))
    user = {"id": "ann", "name": "Ann", "colour": "blue"}
    assert shown(room.full_set()) == {1: {"user": user, "card": "c1"}}


@pytest.mark.rule("R1")
def test_a_guest_of_a_plain_program_keeps_the_name_it_asked_for_and_not_the_id() -> None:
    room = presence()
    guest = Identity("guest-1", "Quiet Otter", "teal", guest=True)
    claimed = '{"user":{"id":"root","name":"수진","color":"#30bced"}}'
    room.announce("a", guest, one(1, 1, claimed), plain=True)
    room.announce("b", ANN, one(2, 1, claimed), plain=True)
    states = shown(room.full_set())
    assert states[1] == {
        "user": {"id": "guest-1", "name": "수진", "color": "#30bced", "colour": "teal"}
    }
    assert states[2] == {"user": {"id": "ann", "name": "Ann", "colour": "blue"}}


@pytest.mark.rule("R1")
def test_nobody_speaks_for_an_id_of_another_connection() -> None:
    room = presence()
    room.announce("a", ANN, one(1, 1, '{"card":"c1"}'))
    room.announce("b", BOB, one(1, 2, '{"card":"forged"}'))
    room.announce("b", BOB, one(1, 3, "null"))
    state = shown(room.full_set())[1]
    assert isinstance(state, dict)
    assert state["card"] == "c1"


@pytest.mark.rule("R1")
def test_a_state_over_two_kilobytes_is_dropped() -> None:
    room = presence()
    room.announce("a", ANN, one(1, 1, json.dumps({"card": "x" * 2_050})))
    assert room.full_set() is None


def test_only_the_newest_state_of_each_id_is_announced() -> None:
    room = presence()
    for clock in range(1, 10):
        room.announce("a", ANN, one(1, clock, f'{{"at":{clock}}}'))
    room.announce("a", ANN, one(1, 5, '{"at":"late"}'))
    changes = room.take_changes()
    assert [(e.client_id, e.clock) for e in decode_awareness(changes or b"")] == [(1, 9)]
    assert room.take_changes() is None


@pytest.mark.rule("R3")
def test_who_leaves_takes_all_of_its_states_along_and_no_others() -> None:
    room = presence()
    room.announce("a", ANN, one(1, 4, "{}"))
    room.announce("a", ANN, one(2, 1, "{}"))
    room.announce("b", BOB, one(3, 1, "{}"))
    room.take_changes()
    room.leave("a")
    gone = decode_awareness(room.take_changes() or b"")
    assert [(e.client_id, e.clock, e.state) for e in gone] == [(1, 4, "null"), (2, 1, "null")]
    assert list(shown(room.full_set())) == [3]


def test_one_connection_holds_a_bounded_number_of_ids() -> None:
    room = presence()
    for client_id in range(IDS_PER_CONNECTION + 50):
        room.announce("a", ANN, one(client_id, 1, "{}"))
    assert len(room) == IDS_PER_CONNECTION


@pytest.mark.parametrize(
    "state", ["[]", "{", '{"x": NaN}', '{"x": "\\ud800"}', "[" * 2_000, '"text"']
)
def test_a_state_that_is_no_json_object_is_malformed(state: str) -> None:
    with pytest.raises(MalformedMessage):
        presence().announce("a", ANN, one(1, 1, state))


@pytest.mark.anyio
@pytest.mark.rule("R2")
async def test_a_subscriber_gets_the_full_set_then_one_frame_per_flush() -> None:
    async with rig() as hub:
        ann, bob = hub.connect("ann").hello(), hub.connect("bob").hello()
        board = await ann.open(OPEN)
        board.announce(1, 1, "{}")
        await board.presence()
        seen = await bob.open(OPEN)
        assert [entry.client_id for entry in await seen.presence()] == [1]
        for clock in range(2, 12):
            board.announce(1, clock, f'{{"at":{clock}}}')
        await until(lambda: next(iter(hub.hub.rooms.values())).is_settled)
        states = await seen.presence()
        while states[-1].clock < 11:
            states += await seen.presence()
        assert len(states) <= 3


@pytest.mark.anyio
@pytest.mark.rule("R1")
async def test_presence_beyond_its_rate_is_thinned_to_the_newest() -> None:
    now_s = [0.0]
    async with rig(clock=lambda: now_s[0]) as hub:
        ann, bob = hub.connect("ann").hello(), hub.connect("bob").hello()
        board, seen = await ann.open(OPEN), await bob.open(OPEN)
        frames = 0
        for clock in range(1, 41):
            board.announce(1, clock, "{}")
        newest = 0
        while newest < 40:
            newest = (await seen.presence())[-1].clock
            frames += 1
        assert frames <= 21


@pytest.mark.anyio
@pytest.mark.rule("R3")
async def test_F16_presence_goes_with_its_connection() -> None:
    async with rig() as hub:
        ann, bob = hub.connect("ann").hello(), hub.connect("bob").hello()
        board, seen = await ann.open(OPEN), await bob.open(OPEN)
        board.announce(1, 1, "{}")
        await seen.presence()
        ann.lose()
        assert [entry.state for entry in await seen.presence()] == ["null"]


@pytest.mark.anyio
@pytest.mark.rule("R3")
async def test_F16_presence_of_a_silent_connection_goes_within_twelve_seconds() -> None:
    now_s = [0.0]
    async with rig(clock=lambda: now_s[0]) as hub:
        ann, bob = hub.connect("ann").hello(), hub.connect("bob").hello()
        board, seen = await ann.open(OPEN), await bob.open(OPEN)
        board.announce(1, 1, "{}")
        await seen.presence()
        now_s[0] = 8.1
        for session in hub.hub.sessions:
            if session.who.id == "bob":
                session.heard()
        hub.hub.tick(8.1)
        assert ann.server_end.close_code == CloseCode.SILENT
        assert [entry.state for entry in await seen.presence()] == ["null"]


@pytest.mark.anyio
async def test_both_doors_show_the_same_people() -> None:
    async with rig() as hub:
        board = await hub.connect("ann").hello().open(OPEN)
        plain = await hub.plain(OPEN, "bob")
        plain.send(b"\x01" + bytes([len(one(9, 1, "{}"))]) + one(9, 1, "{}"))
        assert [entry.client_id for entry in await board.presence()] == [9]
        assert b'"id":"bob"' in await plain.get(b"\x01")


@pytest.mark.anyio
async def test_a_malformed_presence_ends_its_connection_only() -> None:
    async with rig() as hub:
        ann, bob = hub.connect("ann").hello(), hub.connect("bob").hello()
        board, seen = await ann.open(OPEN), await bob.open(OPEN)
        ann.send(PresenceMessage(board.channel, b"\x05\x01"))
        assert await ann.closed() == CloseCode.MALFORMED
        seen.push(seen.set("a", 1))
        await seen.acked()
