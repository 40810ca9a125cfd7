"""WebSocket frames the cheap way: parsed per received chunk, written as prepared bytes.

Tornado awaits three reads for each message, which costs several times what handling an edit does.
`ChunkedProtocol` reads what the socket has and takes plain frames (one binary message, whole,
masked, of modest size) out of it in a loop; everything else goes through Tornado's own code, fed
from the same chunk. It stands on private names of Tornado 6.6: `quickened` looks before it leaps.
"""

import asyncio
import struct
from collections.abc import Awaitable
from typing import Any, Final

from tornado import util, websocket
from tornado.iostream import IOStream, StreamClosedError
from tornado.websocket import WebSocketProtocol, WebSocketProtocol13

CHUNK_BYTES: Final = 65_536
MESSAGES_IN_A_ROW: Final = 64
"""After so many the loop sees to others first."""
FIN_BINARY: Final = 0x82
MASKED: Final = 0x80
NEEDED: Final = ("_receive_frame_loop", "_receive_frame", "_read_bytes", "_abort")

_mask: Any = getattr(util, "_websocket_mask", None)


def quickened(stock: WebSocketProtocol | None) -> WebSocketProtocol | None:
    """Give the quick protocol in place of Tornado's, or Tornado's where it is not as expected."""
    if type(stock) is not WebSocketProtocol13 or not can_quicken():
        return stock
    return ChunkedProtocol(stock.handler, stock.mask_outgoing, stock.params)


def can_quicken() -> bool:
    """True when this Tornado has what ChunkedProtocol overrides and calls."""
    present = all(callable(getattr(WebSocketProtocol13, name, None)) for name in NEEDED)
    return present and callable(_mask) and hasattr(websocket, "_YIELD_THRESHOLD")


def frame_of(message: bytes) -> bytes:
    """Give the unmasked WebSocket frame of a binary message (RFC 6455, section 5.2)."""
    size = len(message)
    if size < 126:
        return bytes((FIN_BINARY, size)) + message
    if size < 65_536:
        return struct.pack("!BBH", FIN_BINARY, 126, size) + message
    return struct.pack("!BBQ", FIN_BINARY, 127, size) + message


def send(stream: IOStream, frame: bytes) -> "asyncio.Future[None] | None":
    """Write a frame; None when the network took all of it at once, else what to wait for.

    Raises:
        StreamClosedError: the connection has ended.
    """
    if type(stream) is IOStream and not stream.writing() and stream.socket is not None:
        try:
            sent = stream.socket.send(frame)
        except OSError:
            sent = 0  # full, or broken: the stream finds out which and tells whom it concerns
        if sent == len(frame):
            return None
        frame = frame[sent:]
    future: asyncio.Future[None] = stream.write(frame)
    return None if future.done() and future.exception() is None else future


class ChunkedProtocol(WebSocketProtocol13):
    """Tornado's protocol with another way of reading."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._chunk = b""
        self._at = 0

    async def _receive_frame_loop(self) -> None:
        try:
            in_a_row = 0
            while not self.client_terminated:
                taken, wait = self._take_plain_frames()
                in_a_row += taken
                if wait is not None:
                    await wait
                elif not taken or self._at == len(self._chunk):
                    await self._receive_frame()
                    in_a_row += 1
                if in_a_row >= MESSAGES_IN_A_ROW:
                    in_a_row = 0
                    await asyncio.sleep(0)
        except StreamClosedError:
            self._abort()
        finally:
            self.handler.on_ws_connection_close(self.close_code, self.close_reason)

    def _take_plain_frames(self) -> tuple[int, Awaitable[None] | None]:
        """Hand over the plain frames at hand; give how many, and what one of them waits for."""
        taken = 0
        wait = None
        if self._fragmented_message_buffer is not None or self._decompressor is not None:
            return taken, wait
        data, at, most = self._chunk, self._at, self.params.max_message_size
        while wait is None and taken < MESSAGES_IN_A_ROW and not self.client_terminated:
            bounds = _plain_frame(data, at)
            if bounds is None or bounds[1] - bounds[0] - 4 > most:
                break
            start, at = bounds
            self._at = at
            taken += 1
            payload = _mask(data[start : start + 4], data[start + 4 : at])
            wait = self._run_callback(self.handler.on_message, payload)
        return taken, wait

    async def _read_bytes(self, n: int) -> bytes:
        have = len(self._chunk) - self._at
        if have < n:
            rest, self._chunk, self._at = self._chunk[self._at :], b"", 0
            if n - have > CHUNK_BYTES:
                self._wire_bytes_in += n
                return rest + await self.stream.read_bytes(n - have)
            while len(rest) < n:
                rest += await self.stream.read_bytes(CHUNK_BYTES, partial=True)
            self._chunk = rest
        data = self._chunk[self._at : self._at + n]
        self._at += n
        self._wire_bytes_in += n
        return data


def _plain_frame(data: bytes, at: int) -> tuple[int, int] | None:
    """Give where the mask of a plain frame starts and the frame ends; None when it is not plain."""
    left = len(data) - at
    if left < 6 or data[at] != FIN_BINARY or data[at + 1] < MASKED:
        return None
    size = data[at + 1] - MASKED
    start = at + 2
    if size == 126:
        if left < 8:
            return None
        size = data[at + 2] << 8 | data[at + 3]
        start = at + 4
    elif size == 127:
        return None
    end = start + 4 + size
    return (start, end) if end <= len(data) else None
