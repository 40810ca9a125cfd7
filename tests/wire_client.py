"""A program that speaks `/sync` frame by frame, so that tests may also speak it wrongly."""

import time
from collections.abc import Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self, TypeVar

import pycrdt
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from moim_sync.messages import (
    Ack,
    ClientMessage,
    Granted,
    Hello,
    Perm,
    Ping,
    Pong,
    Push,
    ServerMessage,
    Sub,
    Sync,
    Update,
    Welcome,
)
from moim_sync.protocol import SUBPROTOCOL, decode_server_frames, encode

Message = TypeVar("Message", bound=ServerMessage)


class WireClient:
    """One connection of one replica; PINGs are answered while it waits for something."""

    def __init__(
        self,
        url: str,
        replica: bytes,
        name: str = "Tester",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.replica = replica
        self._hello = Hello(1, "tests", replica, name)
        self._open = ExitStack()
        self._socket = self._open.enter_context(
            connect(
                url.replace("http", "ws", 1) + "/sync",
                subprotocols=[SUBPROTOCOL],  # type: ignore[list-item]
                additional_headers=headers,
                max_size=None,
                compression=None,
            )
        )
        self.received: list[ServerMessage] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._open.close()

    def send(self, *messages: ClientMessage) -> None:
        """Sends the messages as the frames of one WebSocket message."""
        self._socket.send(b"".join(map(encode, messages)))

    def send_raw(self, data: bytes | str) -> None:
        """Sends what no correct client would."""
        self._socket.send(data)

    def hello(self) -> Welcome:
        self.send(self._hello)
        return self.expect(Welcome)

    def subscribe(
        self, document: str, doc: pycrdt.Doc[Any], *, create: bool = False, lineage: bytes = b""
    ) -> Granted:
        """Opens the document and brings `doc` up to date."""
        self.send(Sub(document, create, lineage, doc.get_state()))
        granted = self.expect(Granted)
        doc.apply_update(self.expect(Sync).update)
        return granted

    def refused(self, document: str) -> Perm:
        """Opens a document that may not be opened, and gives the answer."""
        self.send(Sub(document, False, b"", b"\0"))
        return self.expect(Perm)

    def push(self, channel: int, cs: int, update: bytes) -> None:
        self.send(Push(channel, cs, 0, (), update))

    def acked(self, channel: int, cs: int, timeout_s: float = 10) -> Ack:
        """Waits until everything up to `cs` is acknowledged."""
        while True:
            ack = self.expect(Ack, timeout_s)
            if ack.channel == channel and ack.cs >= cs:
                return ack

    def acks_until(self, ends_at: float) -> list[Ack]:
        """The acks that come until a moment of the monotonic clock."""
        try:
            while True:
                self._receive(ends_at - time.monotonic())
        except TimeoutError:
            acks = [message for message in self.received if isinstance(message, Ack)]
            self.received.clear()
            return acks

    def expect(self, kind: type[Message], timeout_s: float = 10) -> Message:
        """Waits for the next message of a kind; others are left in `received` in their order."""
        ends_at = time.monotonic() + timeout_s
        while True:
            for index, message in enumerate(self.received):
                if isinstance(message, kind):
                    del self.received[index]
                    return message
            self._receive(ends_at - time.monotonic())

    def catch_up(self, doc: pycrdt.Doc[Any], seq: int, timeout_s: float = 10) -> None:
        """Applies updates to `doc` until it holds everything up to `seq`."""
        while True:
            update = self.expect(Update, timeout_s)
            doc.apply_update(update.update)
            if update.seq >= seq:
                return

    def close_code(self, timeout_s: float = 10) -> int:
        """Waits for the server to end the connection; gives its close code."""
        ends_at = time.monotonic() + timeout_s
        while True:
            try:
                self._receive(ends_at - time.monotonic())
            except ConnectionClosed as closed:
                return closed.rcvd.code if closed.rcvd else 1006
            except OSError:
                return 1006

    def _receive(self, timeout_s: float) -> None:
        data = self._socket.recv(timeout=max(timeout_s, 0.001))
        assert isinstance(data, bytes), f"expected binary messages only, got {data!r}"
        for message in decode_server_frames(data):
            if isinstance(message, Ping):
                self.send(Pong(message.token))
            else:
                self.received.append(message)
