"""`/sync`, the connection: what may come, HELLO and WELCOME, PING, DRAIN, the ends."""

import pytest

from hub_rig import person, rig, until
from moim_data.errors import StorageError
from moim_sync.errors import CloseCode
from moim_sync.limits import HubLimits
from moim_sync.memory_channel import memory_pair
from moim_sync.messages import (
    Ack,
    Drain,
    Hello,
    Limits,
    Ping,
    Pong,
    Sub,
    Welcome,
)
from moim_sync.protocol import encode
from moim_sync.session import shorten

pytestmark = pytest.mark.anyio
OPEN = "open/a"


@pytest.mark.rule("W1", "W2")
@pytest.mark.parametrize(
    "message",
    [b"", b"\xff", b"\x00\xe7\x07", encode(Ack(1, 1, 1)), encode(Drain(1))],
)
async def test_a_message_that_breaks_the_wire_ends_its_connection(message: bytes) -> None:
    async with rig() as hub:
        client = hub.connect()
        client.channel.write(message)
        assert await client.closed() == CloseCode.MALFORMED


@pytest.mark.rule("W1")
async def test_text_ends_the_connection() -> None:
    async with rig() as hub:
        _ours, theirs = memory_pair("/sync")
        session = hub.hub.sync(theirs, person("ann"))
        session.receive("hello")
        assert theirs.close_code == CloseCode.MALFORMED


@pytest.mark.rule("W3")
async def test_nothing_but_hello_comes_first() -> None:
    async with rig() as hub:
        client = hub.connect()
        client.send(Sub(OPEN, True, b"", b"\x00"))
        assert await client.closed() == CloseCode.MALFORMED


@pytest.mark.rule("W3")
async def test_a_connection_without_hello_ends_after_five_seconds() -> None:
    now_s = [100.0]
    async with rig(clock=lambda: now_s[0]) as hub:
        client = hub.connect()
        hub.hub.tick(104.9)
        assert client.server_end.close_code is None
        hub.hub.tick(105.1)
        assert client.server_end.close_code == CloseCode.SILENT


@pytest.mark.rule("H1")
async def test_another_protocol_version_ends_the_connection() -> None:
    async with rig() as hub:
        client = hub.connect()
        client.send(Hello(2, "tests", client.replica))
        assert await client.closed() == CloseCode.MALFORMED


@pytest.mark.rule("H1", "H2")
async def test_welcome_names_the_person_of_the_session_and_the_limits() -> None:
    async with rig() as hub:
        client = hub.connect("ann").hello(name="Somebody Else")
        welcome = await client.get(Welcome)
        assert welcome.you == person("ann").person, "only a guest may choose a name"
        assert welcome.epoch == hub.hub.epoch
        assert (welcome.limits, welcome.ping_s, welcome.dead_s) == (Limits(), 5, 8)


@pytest.mark.rule("H1")
async def test_a_guest_may_choose_a_name_and_never_an_id() -> None:
    async with rig() as hub:
        _ours, theirs = memory_pair("/sync")
        session = hub.hub.sync(theirs, person("guest-1", guest=True))
        session.receive(encode(Hello(1, "tests", b"r" * 16, "  예쁜 이름  ")))
        assert (session.who.id, session.who.name) == ("guest-1", "예쁜 이름")


@pytest.mark.rule("H2")
async def test_the_epoch_changes_with_each_start() -> None:
    async with rig() as first, rig() as second:
        assert first.hub.epoch != second.hub.epoch


@pytest.mark.rule("H3")
async def test_a_silent_client_is_pinged_then_dropped() -> None:
    now_s = [0.0]
    async with rig(clock=lambda: now_s[0]) as hub:
        client = hub.connect().hello()
        await client.get(Welcome)
        hub.hub.tick(5.0)
        ping = await client.get(Ping)
        now_s[0] = 6.0
        client.send(Pong(ping.token))
        await until(lambda: next(iter(hub.hub.sessions)).heard_s == 6.0)
        hub.hub.tick(12.9)
        assert client.server_end.close_code is None, "the answer counts as a sign of life"
        hub.hub.tick(13.1)
        assert client.server_end.close_code == CloseCode.SILENT


@pytest.mark.rule("H4")
async def test_a_drain_is_announced_and_everything_pushed_before_is_acked() -> None:
    async with rig() as hub:
        client = hub.connect().hello()
        board = await client.open(OPEN)
        board.push(board.set("a", 1))
        await until(lambda: hub.hub.counters.updates_in == 1)
        await hub.hub.drain(2_000)
        assert await client.closed() == CloseCode.RESTART
        assert (await client.get(Drain)).delay_ms == 2_000
        assert (await board.acked()).cs == 1


@pytest.mark.rule("H4")
async def test_who_comes_while_the_server_stops_is_sent_away_to_come_back() -> None:
    async with rig() as hub:
        await hub.connect("ann").hello().open(OPEN)
        await hub.hub.drain(1_000)
        assert await hub.connect("bob").closed() == CloseCode.RESTART
        with pytest.raises(StorageError):
            await hub.plain(OPEN)
        await until(lambda: not hub.hub.rooms)
        assert not hub.hub.sessions


async def test_a_failing_session_is_closed_with_4500_and_others_go_on() -> None:
    async with rig() as hub:
        ann, bob = hub.connect("ann").hello(), hub.connect("bob").hello()
        board = await ann.open(OPEN)
        await bob.get(Welcome)
        session = next(s for s in hub.hub.sessions if s.who.id == "bob")
        session.handle = None  # type: ignore[assignment,method-assign]
        bob.send(Pong(1))
        assert await bob.closed() == CloseCode.INTERNAL
        board.push(board.set("a", 1))
        await board.acked()


async def test_a_fast_sender_is_read_more_slowly_and_not_cut_off() -> None:
    now_s = [0.0]
    async with rig(limits=HubLimits(bytes_per_s=100), clock=lambda: now_s[0]) as hub:
        _ours, theirs = memory_pair("/sync")
        session = hub.hub.sync(theirs, person("ann"))
        assert session.receive(encode(Hello(1, "tests", b"r" * 16))) is None
        wait = session.receive(encode(Pong(1)) * 100)
        assert wait is not None
        wait.close()  # type: ignore[attr-defined]
        now_s[0] = 10.0
        assert session.receive(encode(Pong(1))) is None


def test_a_reason_is_cut_between_characters() -> None:
    assert shorten("가" * 60) == "가" * 40
