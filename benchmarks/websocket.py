"""A WebSocket client for load: frames are parsed as they come, nothing else stands between."""

import asyncio
import base64
import os
import time
from collections.abc import Callable
from typing import cast

PING, CLOSE, BINARY = 0x89, 0x88, 0x82


class WebSocket(asyncio.Protocol):
    """One connection. `on_message(payload, at_s)` is called for each binary message."""

    def __init__(self, on_message: Callable[[bytes, float], None]) -> None:
        self.on_message = on_message
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.closed = False
        self.close_code = 0
        self._transport: asyncio.Transport | None = None
        self._rest = b""
        self._head = b""

    def send(self, frame: bytes) -> None:
        """Write a frame made by `client_frame`."""
        if self._transport is not None and not self.closed:
            self._transport.write(frame)

    def close(self) -> None:
        """Drop the connection."""
        if self._transport is not None:
            self._transport.abort()

    async def open(self, host: str, port: int, path: str, subprotocol: str | None) -> None:
        """Connect and shake hands. Messages may come before this returns."""
        await asyncio.get_running_loop().create_connection(lambda: self, host, port)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: {host}:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
        ]
        if subprotocol:
            lines.append(f"Sec-WebSocket-Protocol: {subprotocol}")
        assert self._transport is not None
        self._transport.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        await self.opened

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none of asyncio's

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        if not self.opened.done():
            self.opened.set_exception(ConnectionError("closed before it was open"))

    def data_received(self, data: bytes) -> None:
        now_s = time.monotonic()
        if not self.opened.done():
            data = self._open(data)
        elif self._rest:
            data = self._rest + data
        at, size = 0, len(data)
        while size - at >= 2:
            length, start = data[at + 1], at + 2
            if length == 126:
                length, start = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
            elif length == 127:
                length, start = int.from_bytes(data[at + 2 : at + 10], "big"), at + 10
            end = start + length
            if start > size or end > size:
                break
            kind = data[at]
            if kind == BINARY:
                self.on_message(data[start:end], now_s)
            elif kind == PING:
                self.send(client_frame(data[start:end], 0x8A))
            elif kind == CLOSE:
                self.closed = True
                self.close_code = int.from_bytes(data[start : start + 2], "big")
            at = end
        self._rest = data[at:]

    def _open(self, data: bytes) -> bytes:
        self._head += data
        head, separator, rest = self._head.partition(b"\r\n\r\n")
        if not separator:
            return b""
        status = head.split(b"\r\n")[0]
        if b" 101 " in status + b" ":
            self.opened.set_result(None)
        else:
            self.opened.set_exception(ConnectionError(status.decode()))
        return rest


def client_frame(payload: bytes, kind: int = BINARY) -> bytes:
    """Give a frame with the mask 0: the server unmasks as ever, the generator need not mask."""
    size = len(payload)
    if size < 126:
        head = bytes((kind, 0x80 | size))
    elif size < 65_536:
        head = bytes((kind, 0x80 | 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((kind, 0x80 | 127)) + size.to_bytes(8, "big")
    return head + b"\x00\x00\x00\x00" + payload
