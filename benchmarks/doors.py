"""How a client speaks to each server: what it says first, how an edit travels, what it is sent.

Arrivals are told apart without a document: an update bears ranges of clocks per client id, and the
clocks of an edit are known from the day it was made.
"""

import asyncio
import os
from dataclasses import dataclass, field

from moim_sync.lib0 import read_bytes, read_string, var_string, varuint
from moim_sync.messages import (
    Ack,
    Granted,
    Hello,
    Perm,
    Ping,
    Pong,
    Push,
    Sub,
    Sync,
    Update,
    Welcome,
)
from moim_sync.protocol import SUBPROTOCOL, decode_server_frames, encode
from moim_sync.y_protocol import encode_sync_step1, encode_sync_step2, encode_sync_update
from websocket import WebSocket, client_frame
from workload import Edit

EMPTY_STATE, NOTHING = b"\x00", b"\x00\x00"


@dataclass(slots=True)
class Arrivals:
    """What one client was sent, as it came: update or acknowledged number, and when."""

    updates: list[bytes] = field(default_factory=list)
    updates_at_s: list[float] = field(default_factory=list)
    acks: list[int] = field(default_factory=list)
    acks_at_s: list[float] = field(default_factory=list)


class Door:
    """One client of a server."""

    subprotocol: str | None = None

    def __init__(self, document: str) -> None:
        self.document = document
        self.arrivals = Arrivals()
        self.synced: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        """The state that the server answered with."""
        self.socket: WebSocket | None = None

    @property
    def path(self) -> str:
        raise NotImplementedError

    async def open(self, host: str, port: int) -> None:
        """Connect and wait for the document."""
        self.socket = WebSocket(self.take)
        await self.socket.open(host, port, self.path, self.subprotocol)
        self.greet()
        await self.synced

    def send(self, payload: bytes) -> None:
        assert self.socket is not None
        self.socket.send(client_frame(payload))

    def greet(self) -> None:
        raise NotImplementedError

    def take(self, payload: bytes, at_s: float) -> None:
        raise NotImplementedError

    def frame(self, edit: Edit, number: int) -> bytes:
        """Give the WebSocket frame that carries an edit, the client's `number`th from 1."""
        raise NotImplementedError

    async def put(self, updates: list[bytes]) -> None:
        """Send updates and wait until the server has them."""
        raise NotImplementedError


class YDoor(Door):
    """y-websocket: moim's `/yjs/`, pycrdt-websocket."""

    prefix = b""

    def __init__(self, document: str, folder: str = "/") -> None:
        super().__init__(document)
        self._folder = folder

    @property
    def path(self) -> str:
        return self._folder + self.document

    def greet(self) -> None:
        self.send(self.prefix + encode_sync_step1(EMPTY_STATE))

    def take(self, payload: bytes, at_s: float) -> None:
        at = len(self.prefix)
        kind = payload[at : at + 2]
        if kind == b"\x00\x02":
            self.arrivals.updates.append(payload)
            self.arrivals.updates_at_s.append(at_s)
        elif kind == b"\x00\x00":
            self.send(self.prefix + encode_sync_step2(NOTHING))
        elif kind == b"\x00\x01" and not self.synced.done():
            self.synced.set_result(read_bytes(payload, at + 2)[0])

    def frame(self, edit: Edit, number: int) -> bytes:
        return client_frame(self.prefix + encode_sync_update(edit.update))

    async def put(self, updates: list[bytes]) -> None:
        for update in updates:
            self.send(self.prefix + encode_sync_update(update))
        while len(await self._state()) < sum(map(len, updates)) // 2:  # noqa: ASYNC110
            await asyncio.sleep(0.02)  # no server says when an update is in its document

    async def _state(self) -> bytes:
        self.synced = asyncio.get_running_loop().create_future()
        self.send(self.prefix + encode_sync_step1(EMPTY_STATE))
        return await self.synced

    @classmethod
    def update_of(cls, payload: bytes) -> bytes:
        """Give the Yjs update in a message that `take` kept."""
        return read_bytes(payload, 2)[0]


class HocuspocusDoor(YDoor):
    """y-websocket with the document's name before each message, and a word of sign-in first."""

    def __init__(self, document: str) -> None:
        super().__init__(document)
        self.prefix = var_string(document)

    @property
    def path(self) -> str:
        return "/"

    def greet(self) -> None:
        token = varuint(2) + varuint(0) + var_string("") + var_string("4.7.0")
        self.send(self.prefix + token)
        super().greet()

    @classmethod
    def update_of(cls, payload: bytes) -> bytes:
        _, at = read_string(payload, 0)
        return read_bytes(payload, at + 2)[0]


class SyncDoor(Door):
    """moim's `/sync`, with acknowledgements."""

    subprotocol = SUBPROTOCOL
    path = "/sync"

    def __init__(self, document: str) -> None:
        super().__init__(document)
        self.channel = 0
        self.acked: asyncio.Future[None] | None = None

    def greet(self) -> None:
        hello = Hello(1, "benchmark", os.urandom(16))
        self.send(encode(hello) + encode(Sub(self.document, True, b"", EMPTY_STATE)))

    def take(self, payload: bytes, at_s: float) -> None:
        if payload in _LONE_UPDATES:
            self.arrivals.updates.append(payload)
            self.arrivals.updates_at_s.append(at_s)
            return
        for frame in decode_server_frames(payload):
            match frame:
                case Update():
                    kept = encode(frame)
                    _LONE_UPDATES.add(kept)
                    self.arrivals.updates.append(kept)
                    self.arrivals.updates_at_s.append(at_s)
                case Ack():
                    self.arrivals.acks.append(frame.cs)
                    self.arrivals.acks_at_s.append(at_s)
                    if self.acked is not None and not self.acked.done():
                        self.acked.set_result(None)
                case Ping():
                    self.send(encode(Pong(frame.token)))
                case Granted():
                    self.channel = frame.channel
                case Sync():
                    self.synced.set_result(frame.update)
                case Perm():
                    raise ConnectionError(f"{frame.document}: {frame.code} {frame.message}")
                case Welcome():
                    pass

    def frame(self, edit: Edit, number: int) -> bytes:
        push = Push(self.channel, number, 1, (edit.touched,), edit.update)
        return client_frame(encode(push))

    async def put(self, updates: list[bytes]) -> None:
        for number, update in enumerate(updates, 1):
            self.acked = asyncio.get_running_loop().create_future()
            self.send(encode(Push(self.channel, number, 0, (), update)))
            await self.acked

    @classmethod
    def update_of(cls, payload: bytes) -> bytes:
        (update,) = decode_server_frames(payload)
        assert isinstance(update, Update)
        return update.update


_LONE_UPDATES: set[bytes] = set()
"""Messages that hold one UPDATE and nothing else; the same bytes go to most readers."""


def make_door(kind: str, document: str) -> Door:
    """Give a client of a server of this kind."""
    if kind == "yjs":
        return YDoor(document, "/yjs/")
    return {"sync": SyncDoor, "hocuspocus": HocuspocusDoor, "stock": YDoor}[kind](document)
