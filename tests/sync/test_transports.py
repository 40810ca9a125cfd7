"""What every transport of `/sync` does: one suite over a WebSocket and over long polling."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
from anyio import fail_after
from pycrdt import Doc, Map
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from hub_rig import person, until
from moim_data.memory_store import MemoryStore
from moim_sync.errors import CloseCode
from moim_sync.hub import Hub
from moim_sync.identity import Identity
from moim_sync.limits import HubLimits
from moim_sync.messages import (
    Ack,
    Drain,
    Granted,
    Hello,
    Ping,
    Pong,
    Presence,
    Push,
    ServerMessage,
    Sub,
    Sync,
    Update,
    Welcome,
)
from moim_sync.polling_channel import polling_routes
from moim_sync.protocol import decode_server_frames, encode
from moim_sync.tornado_channel import routes, same_origin
from moim_sync.y_protocol import AwarenessEntry, encode_awareness
from transport_clients import (
    Dial,
    Gone,
    PollingWire,
    Refused,
    Wire,
    dial_polling,
    dial_websocket,
)

pytestmark = [pytest.mark.anyio, pytest.mark.rule("T1")]
DOCUMENT = "open/a"
M = TypeVar("M", bound=ServerMessage)


def by_name(handler: RequestHandler) -> Identity | None:
    name = handler.get_argument("as", "ann")
    return None if name == "nobody" else person(name, anonymous=name == "anybody")


@asynccontextmanager
async def hub(limits: HubLimits | None = None) -> AsyncIterator[tuple[Hub, int]]:
    """A hub with both doors of `/sync`, and its port."""
    async with Hub(MemoryStore(), limits=limits) as made:
        doors = [*routes(made, by_name), *polling_routes(made, by_name, same_origin)]
        server = HTTPServer(Application(doors, log_function=lambda _: None))
        sockets = bind_sockets(0, "127.0.0.1")
        server.add_sockets(sockets)
        try:
            yield made, sockets[0].getsockname()[1]
        finally:
            server.stop()


@pytest.fixture(params=[dial_websocket, dial_polling], ids=["websocket", "polling"])
def dial(request: pytest.FixtureRequest) -> Dial:
    found: Dial = request.param
    return found


@dataclass
class Person:
    """Somebody at one document, over some transport."""

    wire: Wire
    replica: bytes
    doc: Doc[Any] = field(default_factory=Doc)
    received: list[ServerMessage] = field(default_factory=list)
    channel: int = 0

    async def enter(self) -> Welcome:
        await self.wire.send(encode(Hello(1, "tests", self.replica)))
        welcome = await self.expect(Welcome)
        await self.wire.send(encode(Sub(DOCUMENT, True, b"", self.doc.get_state())))
        self.channel = (await self.expect(Granted)).channel
        self.doc.apply_update((await self.expect(Sync)).update)
        return welcome

    async def write(self, cs: int, key: str, value: str) -> None:
        before = self.doc.get_state()
        self.doc.get("data", type=Map)[key] = value
        update = self.doc.get_update(before)
        await self.wire.send(encode(Push(self.channel, cs, 0, (), update)))

    async def expect(self, kind: type[M]) -> M:
        with fail_after(20):
            while True:
                for at, message in enumerate(self.received):
                    if isinstance(message, kind):
                        del self.received[at]
                        return message
                for message in decode_server_frames(await self.wire.receive()):
                    if isinstance(message, Ping):
                        await self.wire.send(encode(Pong(message.token)))
                    self.received.append(message)

    async def sees(self, key: str, value: str) -> None:
        while self.doc.get("data", type=Map).get(key) != value:
            self.doc.apply_update((await self.expect(Update)).update)


@asynccontextmanager
async def people(dial: Dial, port: int, *names: str) -> AsyncIterator[list[Person]]:
    async with AsyncExitStack() as stack:
        made = []
        for name in names:
            wire = await stack.enter_async_context(dial(port, name))
            made.append(Person(wire, name.encode().ljust(16, b"-")))
            await made[-1].enter()
        yield made


async def code_of(wire: Wire) -> int:
    with fail_after(20):
        try:
            while True:
                await wire.receive()
        except Gone as gone:
            return gone.code


async def test_an_edit_is_acknowledged_and_reaches_the_others(dial: Dial) -> None:
    async with hub() as (_, port), people(dial, port, "ann", "bob") as (ann, bob):
        await ann.write(1, "greeting", "안녕 🙂")
        assert (await ann.expect(Ack)).cs == 1
        await bob.sees("greeting", "안녕 🙂")
        await bob.write(1, "answer", "hello")
        await ann.sees("answer", "hello")


async def test_people_on_both_transports_are_in_one_room() -> None:
    async with (
        hub() as (_, port),
        people(dial_websocket, port, "ann") as (ann,),
        people(dial_polling, port, "bob") as (bob,),
    ):
        await ann.write(1, "from", "a socket")
        await bob.sees("from", "a socket")
        await bob.write(1, "from", "a poll")
        await ann.sees("from", "a poll")


async def test_many_edits_arrive_in_their_order_and_none_twice(dial: Dial) -> None:
    async with hub() as (_, port), people(dial, port, "ann", "bob") as (ann, bob):
        for number in range(1, 101):
            await ann.write(number, "number", str(number))
        while (await ann.expect(Ack)).cs < 100:
            pass
        await bob.sees("number", "100")
        seqs = [message.seq for message in bob.received if isinstance(message, Update)]
        assert seqs == sorted(set(seqs))


async def test_a_large_document_comes_in_one_piece(dial: Dial) -> None:
    async with hub() as (_, port):
        async with people(dial, port, "ann") as (ann,):
            for number in range(12):
                await ann.write(number + 1, f"big {number}", chr(97 + number) * 200_000)
            while (await ann.expect(Ack)).cs < 12:
                pass
        async with people(dial, port, "bob") as (bob,):
            for number in range(12):
                assert bob.doc.get("data", type=Map)[f"big {number}"] == chr(97 + number) * 200_000


async def test_several_frames_of_one_message_are_all_taken(dial: Dial) -> None:
    async with hub() as (_, port), dial(port) as wire:
        ann = Person(wire, b"r" * 16)
        await wire.send(
            encode(Hello(1, "tests", b"r" * 16)) + encode(Sub(DOCUMENT, True, b"", b"\0"))
        )
        await ann.expect(Welcome)
        assert (await ann.expect(Granted)).document == DOCUMENT


async def test_who_somebody_is_comes_from_the_request(dial: Dial) -> None:
    async with hub() as (_, port), dial(port, "bob") as wire:
        welcome = await Person(wire, b"r" * 16).enter()
        assert welcome.you.id == "bob"


async def test_presence_goes_with_a_connection_that_is_cut(dial: Dial) -> None:
    async with hub() as (here, port), people(dial, port, "ann", "bob") as (ann, bob):
        state = encode_awareness([AwarenessEntry(ann.doc.client_id, 1, '{"at": 1}')])
        await ann.wire.send(encode(Presence(ann.channel, state)))
        await bob.expect(Presence)
        polling = asyncio.create_task(code_of(ann.wire))  # a client always has a poll open
        await asyncio.wait({polling}, timeout=0.1)
        ann.wire.cut()
        with fail_after(3):
            await bob.expect(Presence)
        await until(lambda: len(here.sessions) == 1)
        await polling


@pytest.mark.rule("T2")
@pytest.mark.parametrize(
    ("message", "code"),
    [(b"\xff\xff\xff", 4400), ("text", 4400), ('{"a": 1}', 4400)],
    ids=["no frame", "text", "json"],
)
async def test_the_end_says_its_code(dial: Dial, message: bytes | str, code: int) -> None:
    async with hub() as (here, port), dial(port) as wire:
        await wire.send(message)
        assert await code_of(wire) == code
        await until(lambda: not here.sessions)


async def test_a_stop_is_announced_and_said(dial: Dial) -> None:
    async with hub() as (here, port), people(dial, port, "ann") as (ann,):
        draining = asyncio.create_task(here.drain(700))
        assert (await ann.expect(Drain)).delay_ms == 700
        assert await code_of(ann.wire) == CloseCode.RESTART
        await draining


async def test_a_page_of_another_origin_is_refused(dial: Dial) -> None:
    async with hub() as (here, port):
        with pytest.raises(Refused) as refused:
            async with dial(port, origin="http://elsewhere.example"):
                pass
        assert refused.value.status == 403
        async with dial(port, origin=f"http://127.0.0.1:{port}"):
            await until(lambda: len(here.sessions) == 1)


async def test_who_is_not_signed_in_is_refused(dial: Dial) -> None:
    async with hub() as (here, port):
        with pytest.raises((Refused, Gone)) as refused:
            async with dial(port, "nobody") as wire:
                await wire.receive()
        assert refused.value.args in [(401,), (CloseCode.NOT_SIGNED_IN,)]
        assert not here.sessions


@pytest.mark.rule("H3")
async def test_F29_a_client_that_falls_silent_is_gone_soon(dial: Dial) -> None:
    async with (
        hub(HubLimits(ping_s=0.2, dead_s=0.5)) as (here, port),
        people(dial, port, "ann") as (ann,),
    ):
        assert ann.channel
        with fail_after(5):
            await until(lambda: not here.sessions)


async def looked(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait until the hub has just looked after its connections."""
    done = asyncio.Event()
    tick = hub.tick
    monkeypatch.setattr(hub, "tick", lambda now_s: (tick(now_s), done.set()))
    with fail_after(5):
        await done.wait()


@pytest.mark.trust
@pytest.mark.rule("H3")
async def test_F24_who_falls_silent_is_counted_gone_in_8_seconds(
    dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hub() as (here, port), people(dial, port, "ann") as (ann,):
        await looked(here, monkeypatch)  # the longest it can take: just missed by each look
        await ann.wire.send(encode(Pong(1)))
        began_s = time.monotonic()
        polling = asyncio.create_task(code_of(ann.wire))
        while here.counters.connections:
            await asyncio.sleep(0.005)
            assert time.monotonic() - began_s < 20
        assert time.monotonic() - began_s < 8.0
        assert await polling == CloseCode.SILENT


async def test_no_hello_ends_a_connection(dial: Dial) -> None:
    async with hub(HubLimits(hello_s=0.2)) as (here, port), dial(port) as wire:
        assert await code_of(wire) == CloseCode.SILENT
        assert not here.sessions


@pytest.mark.rule("B4")
async def test_a_reader_that_stops_reading_is_let_go_and_others_miss_nothing(dial: Dial) -> None:
    limits = HubLimits(lag_bytes=100_000, behind_bytes=300_000, behind_s=1)
    async with hub(limits) as (here, port), people(dial, port, "stuck", "ann", "bob") as (_, *two):
        ann, bob = two
        sent = 0
        while here.counters.laggards == 0:
            sent += 1
            await ann.write(sent, "big", f"{sent} " + "x" * 200_000)
            await bob.sees("big", f"{sent} " + "x" * 200_000)
            assert sent < 1_000
        assert len(here.sessions) == 2


async def test_a_reader_that_lags_gets_one_difference_later(dial: Dial) -> None:
    limits = HubLimits(lag_bytes=10_000)
    async with hub(limits) as (_, port), people(dial, port, "slow", "ann") as (slow, ann):
        for number in range(1, 41):
            await ann.write(number, "big", f"{number} " + "x" * 20_000)
            while (await ann.expect(Ack)).cs < number:
                pass
        await slow.sees("big", "40 " + "x" * 20_000)


# ── long polling alone ──


@pytest.mark.rule("T3")
async def test_each_request_is_looked_at_not_only_the_first() -> None:
    async with hub() as (_, port), dial_polling(port) as wire:
        foreign = PollingWire(wire.url, {"Origin": "http://elsewhere.example"})
        element = PollingWire(wire.url, {"Sec-Fetch-Site": "cross-site"})
        bob = PollingWire(wire.url.replace("as=ann", "as=bob"), {})
        nobody = PollingWire(wire.url.replace("as=ann", "as=nobody"), {})
        for other, status in ((foreign, 403), (element, 403), (bob, 403), (nobody, 401)):
            other.sid = wire.sid
            for body in (None, "b" + "AAAA"):
                with pytest.raises(Refused) as refused:
                    await other.fetch(body)
                assert refused.value.status == status
            other.cut()
        assert (await Person(wire, b"r" * 16).enter()).you.id == "ann"


@pytest.mark.rule("T3")
async def test_no_script_of_another_page_reads_along() -> None:
    async with hub() as (_, port), dial_polling(port) as wire:
        wire.url += "&j=0"
        with pytest.raises(Refused) as refused:
            await wire.fetch()
        assert refused.value.status == 400


@pytest.mark.rule("T4")
async def test_F29_an_address_has_so_many_connections_and_no_more() -> None:
    limits = HubLimits(polling_per_address=3, hello_s=0.2)
    async with hub(limits) as (here, port), AsyncExitStack() as stack:
        for _ in range(3):
            await stack.enter_async_context(dial_polling(port, "anybody"))
        with pytest.raises(Refused) as refused:
            await stack.enter_async_context(dial_polling(port, "anybody"))
        assert refused.value.status == 503
        assert here.counters.polling == 3


@pytest.mark.rule("T4")
async def test_F29_connections_that_nobody_polls_again_are_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("moim_sync.polling_channel.FAREWELL_S", 0.2)
    async with hub(HubLimits(polling_per_address=200, hello_s=0.2)) as (here, port):
        async with AsyncExitStack() as stack:
            for _ in range(100):
                await stack.enter_async_context(dial_polling(port))
        assert here.counters.polling == 100
        with fail_after(10):
            await until(lambda: here.counters.polling == 0)
        assert not here.sessions


@pytest.mark.rule("T3")
@pytest.mark.parametrize(
    "body", ["x", "bA", "9", "2", "5", "4" + "\x1e4" * 40, "b" + "A" * 3_000_000]
)
async def test_packets_that_no_client_sends_end_only_their_connection(body: str) -> None:
    async with hub() as (_, port), people(dial_polling, port, "ann") as (ann,):
        async with dial_polling(port, "bob") as wire:
            with pytest.raises(Refused) as refused:
                await wire.fetch(body)
        assert refused.value.status in (400, 413)
        await ann.write(1, "still", "here")
        assert (await ann.expect(Ack)).cs == 1


@pytest.mark.trust
@pytest.mark.rule("T4")
@pytest.mark.timeout(400)
async def test_F29_ten_thousand_connections_left_behind_are_gone_in_30_s_and_cost_nothing() -> None:
    limits = HubLimits(polling_per_address=20_000)
    async with hub(limits) as (here, port):
        grown_mb = []
        for _ in range(2):
            before_mb = resident_mb()
            for _ in range(0, 5_000, 100):
                await asyncio.gather(*(abandoned(port) for _ in range(100)))
            with fail_after(30):
                while here.counters.polling:  # noqa: ASYNC110  it counts, and has no event
                    await asyncio.sleep(0.1)
            assert not here.sessions
            grown_mb.append(resident_mb() - before_mb)
        assert grown_mb[-1] < 10, f"memory grew by {grown_mb} MB"


async def abandoned(port: int) -> None:
    async with dial_polling(port, "anybody"):
        pass


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
