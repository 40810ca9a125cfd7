"""Frames arrive in any pieces and mixtures, and mean the same as through Tornado's own reader."""

import asyncio
import random
from collections.abc import Awaitable, Iterator
from contextlib import suppress

import pytest
from anyio import fail_after
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from tornado.websocket import WebSocketHandler, WebSocketProtocol, WebSocketProtocol13
from websockets.frames import Frame, Opcode

from moim_sync.websocket_frames import ChunkedProtocol, can_quicken, frame_of, quickened

pytestmark = pytest.mark.anyio
HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


class Recorder(WebSocketHandler):
    heard: list[bytes | str]
    waits = False
    quick = True

    def get_websocket_protocol(self) -> WebSocketProtocol | None:
        stock = super().get_websocket_protocol()
        return quickened(stock) if self.quick else stock

    def on_message(self, message: str | bytes) -> Awaitable[None] | None:
        self.heard.append(message)
        return asyncio.sleep(0) if self.waits else None

    def on_ping(self, data: bytes) -> None:
        self.heard.append(b"ping " + data)

    def on_close(self) -> None:
        self.heard.append(f"closed {self.close_code}")


async def heard_from(data: bytes, pieces: Iterator[int], quick: bool, waits: bool) -> list[object]:
    heard: list[bytes | str] = []
    handler = type("Recording", (Recorder,), {"heard": heard, "quick": quick, "waits": waits})
    server = HTTPServer(Application([("/", handler)], websocket_max_message_size=300_000))
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    reader, writer = await asyncio.open_connection(*sockets[0].getsockname())
    try:
        writer.write(HANDSHAKE)
        await reader.readuntil(b"\r\n\r\n")
        with suppress(ConnectionError), fail_after(5):  # the server may hang up on bad frames
            at = 0
            while at < len(data):
                size = next(pieces)
                writer.write(data[at : at + size])
                await writer.drain()
                await asyncio.sleep(0)
                at += size
            while await reader.read(65_536):
                pass
        with fail_after(5):
            while not (heard and str(heard[-1]).startswith("closed")):  # noqa: ASYNC110
                await asyncio.sleep(0.001)
    finally:
        writer.close()
        server.stop()
    return list(heard)


def masked(opcode: Opcode, data: bytes, fin: bool = True) -> bytes:
    return Frame(opcode, data, fin=fin).serialize(mask=True)


def story(chance: random.Random) -> bytes:
    frames = []
    for _ in range(chance.randrange(1, 40)):
        data = chance.randbytes(chance.choice([0, 1, 5, 125, 126, 1_000, 65_535, 65_536, 200_000]))
        match chance.randrange(8):
            case 0:
                frames.append(masked(Opcode.PING, data[:100]))
            case 1:
                half = len(data) // 2
                frames.append(masked(Opcode.BINARY, data[:half], fin=False))
                if chance.random() < 0.5:
                    frames.append(masked(Opcode.PING, b"between"))
                frames.append(masked(Opcode.CONT, data[half:]))
            case 2:
                frames.append(masked(Opcode.TEXT, "글".encode()))
            case _:
                frames.append(masked(Opcode.BINARY, data[: chance.choice([10, 200_000])]))
    end = chance.randrange(4)
    if end == 0:
        frames.append(masked(Opcode.BINARY, b"x" * 300_001))
    elif end == 1:
        frames.append(b"\xf2\x80" + chance.randbytes(10))
    frames.append(masked(Opcode.CLOSE, b"\x03\xe8"))
    return b"".join(frames)


@pytest.mark.parametrize("waits", [False, True])
@pytest.mark.parametrize("seed", range(12))
async def test_any_mixture_in_any_pieces_is_heard_as_tornado_hears_it(
    seed: int, waits: bool
) -> None:
    chance = random.Random(seed)
    data = story(chance)
    most = chance.choice([3_000, 70_000, 1_000_000])
    pieces = iter(lambda: chance.randrange(1, most), 0)
    whole = iter(lambda: 1_000_000, 0)
    theirs = await heard_from(data, whole, quick=False, waits=waits)
    assert await heard_from(data, pieces, quick=True, waits=waits) == theirs


async def test_messages_split_at_every_byte_arrive() -> None:
    data = b"".join(masked(Opcode.BINARY, bytes([n]) * n) for n in range(0, 140, 7))
    data += masked(Opcode.CLOSE, b"\x03\xe8")
    heard = await heard_from(data, iter(lambda: 1, 0), quick=True, waits=False)
    assert heard == [bytes([n]) * n for n in range(0, 140, 7)] + ["closed 1000"]


def test_the_pinned_tornado_can_be_quickened() -> None:
    assert can_quicken()


def test_a_tornado_that_looks_different_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(WebSocketProtocol13, "_read_bytes")
    assert not can_quicken()
    assert not issubclass(type(quickened(None)), ChunkedProtocol)


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536, 100_000])
def test_a_frame_says_its_length_as_rfc_6455_does(size: int) -> None:
    message = b"x" * size
    assert frame_of(message) == Frame(Opcode.BINARY, message).serialize(mask=False)
