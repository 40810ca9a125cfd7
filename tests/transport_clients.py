"""Clients of `/sync` over each transport, byte by byte, so that one suite runs over both."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol
from urllib.parse import urlsplit

import websockets
from websockets.exceptions import ConnectionClosed, InvalidStatus

from moim_sync.protocol import SUBPROTOCOL

END = "\x1e"
"""Between the packets of one body."""


class Refused(Exception):
    """The server does not let this connection in."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Gone(Exception):
    """The connection has ended; `code` says why, 1006 when nobody said it."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Wire(Protocol):
    """One connection."""

    async def send(self, message: bytes | str) -> None:
        """Sends one message."""

    async def receive(self) -> bytes:
        """Gives the next message; raises Gone."""

    def cut(self) -> None:
        """Goes away without a word."""


Dial = Callable[..., AbstractAsyncContextManager[Wire]]


class WebSocketWire:
    def __init__(self, socket: websockets.ClientConnection) -> None:
        self._socket = socket

    async def send(self, message: bytes | str) -> None:
        await self._socket.send(message)

    async def receive(self) -> bytes:
        try:
            message = await self._socket.recv()
        except ConnectionClosed:
            raise Gone(self._socket.close_code or 1006) from None
        assert isinstance(message, bytes)
        return message

    def cut(self) -> None:
        self._socket.transport.abort()


@asynccontextmanager
async def dial_websocket(
    port: int, who: str = "ann", origin: str | None = None
) -> AsyncIterator[WebSocketWire]:
    url = f"ws://127.0.0.1:{port}/sync?as={who}"
    options = {"max_size": None, "max_queue": 1, "compression": None, "close_timeout": 0.5}
    try:
        socket = await websockets.connect(url, subprotocols=[SUBPROTOCOL], origin=origin, **options)  # type: ignore[arg-type, list-item]
    except InvalidStatus as refused:
        raise Refused(refused.response.status_code) from None
    try:
        yield WebSocketWire(socket)
    finally:
        await socket.close()


class PollingWire:
    """An Engine.IO client that polls as long as somebody wants to receive."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        self.url = url
        self.sid = ""
        self._headers = headers
        self._arrived: list[str] = []
        self._code = 1006
        self._open: set[asyncio.StreamWriter] = set()

    async def open(self) -> None:
        (packet,) = (await self.fetch()).split(END)
        assert packet.startswith("0")
        self.sid = json.loads(packet[1:])["sid"]

    async def send(self, message: bytes | str) -> None:
        is_text = isinstance(message, str)
        packet = f"4{message}" if is_text else "b" + base64.b64encode(message).decode()
        await self.fetch(packet)

    async def receive(self) -> bytes:
        while True:
            if not self._arrived:
                try:
                    self._arrived = (await self.fetch()).split(END)
                except Refused:
                    raise Gone(self._code) from None
            packet = self._arrived.pop(0)
            if packet.startswith("b"):
                return base64.b64decode(packet[1:])
            await self._special(packet)

    async def _special(self, packet: str) -> None:
        match packet[:1]:
            case "4":
                self._code = json.loads(packet[1:])["code"]
            case "1":
                raise Gone(self._code)
            case "2":
                await self.fetch("3" + packet[1:])

    async def fetch(self, body: str | None = None) -> str:
        """Gives the body of an answer: to a poll, or to a POST of packets."""
        where = urlsplit(self.url)
        assert where.hostname
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        self._open.add(writer)
        try:
            writer.write(self._request(body))
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            answer = await reader.read()
        except (asyncio.IncompleteReadError, ConnectionError):
            raise Gone(1006) from None
        finally:
            self._open.discard(writer)
            writer.close()
        status = int(head.split()[1])
        if status != 200:
            raise Refused(status)
        return answer.decode()

    def _request(self, body: str | None) -> bytes:
        where = urlsplit(self.url)
        sid = f"&sid={self.sid}" if self.sid else ""
        method = "GET" if body is None else "POST"
        content = (body or "").encode()
        headers = {
            "Host": where.netloc,
            "Connection": "close",
            "Content-Length": len(content),
            **self._headers,
        }
        head = f"{method} {where.path}?{where.query}&EIO=4&transport=polling{sid} HTTP/1.1\r\n"
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"{head}{lines}\r\n".encode() + content

    def cut(self) -> None:
        for writer in self._open:
            writer.transport.abort()


@asynccontextmanager
async def dial_polling(
    port: int, who: str = "ann", origin: str | None = None
) -> AsyncIterator[PollingWire]:
    headers = {"Origin": origin} if origin else {}
    wire = PollingWire(f"http://127.0.0.1:{port}/sync/poll?as={who}", headers)
    try:
        await wire.open()
        yield wire
    finally:
        wire.cut()
