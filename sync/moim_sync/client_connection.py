"""The one socket of a Python client, in a daemon thread with an event loop of its own.

It connects, opens every document, sends what waits and hands over what comes, until it is closed;
after a cut it comes back by itself: first try within 300 ms, then later, at most 2.5 s apart, each
time after a random part of the interval, so that a hundred clients do not return as one.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Final

from websockets.asyncio.client import ClientConnection as Socket
from websockets.asyncio.client import connect, unix_connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.typing import Subprotocol

from moim_data.errors import ReplicaReused
from moim_sync.errors import CloseCode, MalformedUpdate, SyncError
from moim_sync.messages import (
    Ack,
    Conflict,
    Drain,
    Granted,
    Hello,
    Limits,
    Perm,
    Person,
    Ping,
    Pong,
    Presence,
    Reject,
    Resolved,
    Resync,
    ServerMessage,
    Sync,
    Unsub,
    Update,
    Welcome,
)
from moim_sync.protocol import SUBPROTOCOL, decode_server_frames, encode
from moim_sync.shared_document import SharedDocument

log = logging.getLogger(__name__)

FIRST_RETRY_S: Final = 0.3
LONGEST_RETRY_S: Final = 2.5
OPEN_TIMEOUT_S: Final = 5.0
HELLO_TIMEOUT_S: Final = 8.0
PATIENCE: Final = 7 / 8
"""Of `dead_s`: by then a dead line is not only found, but let go of."""
MAX_MESSAGE_BYTES: Final = 64 * 1024 * 1024
JOIN_TIMEOUT_S: Final = 5.0
SETBACKS: Final = (CloseCode.TOO_SLOW, CloseCode.INTERNAL, CloseCode.STORAGE)
"""Close codes after which a client gives the server more time with each try."""
RESYNCS_PER_CONNECTION: Final = 3


class Phase(Enum):
    """Where a connection stands."""

    OFFLINE = "offline"
    ONLINE = "online"
    STOPPED = "stopped"
    """The server ended it for good."""
    CLOSED = "closed"


class ClientConnection:
    """Carries documents over one WebSocket; `open`, `wake`, `close` may be called from any thread.

    Args:
        hello: gives the first message, anew for each connection.
        renew_replica: draws a new replica id, when the server knows more of ours than we do.
        random: gives a number in [0, 1).
        socket_file: a Unix socket to connect to, in place of the address.
    """

    def __init__(
        self,
        url: str,
        *,
        hello: Callable[[], Hello],
        renew_replica: Callable[[], object],
        headers: Mapping[str, str],
        random: Callable[[], float],
        socket_file: Path | None = None,
    ) -> None:
        self.url = url
        self.phase = Phase.OFFLINE
        self.you: Person | None = None
        self.stopped: tuple[int, str] | None = None
        self._hello = hello
        self._renew_replica = renew_replica
        self._headers = dict(headers)
        self._connect = connect if socket_file is None else partial(unix_connect, str(socket_file))
        self._random = random
        self._limits = Limits()
        self._dead_s = HELLO_TIMEOUT_S
        self._drain_s: float | None = None
        self._failures = 0
        self._setbacks = 0
        self._documents: dict[str, SharedDocument] = {}
        self._channels: dict[int, SharedDocument] = {}
        self._resyncs: dict[str, int] = {}
        self._socket: Socket | None = None
        self._loop = asyncio.new_event_loop()
        self._to_send = asyncio.Event()
        self._retry = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._sending: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, name="moim client", daemon=True)
        self._thread.start()

    def open(self, document: SharedDocument) -> None:
        """Open a document, now and with every later connection."""
        self._call(self._open, document)

    def leave(self, document: SharedDocument) -> None:
        """Close a document; its unsent edits stay in the outbox."""
        self._call(self._leave, document)

    def wake(self) -> None:
        """Look what there is to send."""
        self._call(self._to_send.set)

    def retry_now(self) -> None:
        """Try to connect at once instead of waiting for the next time."""
        self._call(self._retry.set)

    def close(self) -> None:
        """Close the socket and end the thread."""
        self._call(self._close)
        if threading.current_thread() is not self._thread:
            # not for ever: the caller may hold something that the thread waits for
            self._thread.join(JOIN_TIMEOUT_S)

    def _call(self, function: Callable[..., object], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(function, *arguments)
        except RuntimeError:
            log.debug("the client is closed; %s is not called", function)

    # from here on everything runs in the thread of the connection

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._main())
        finally:
            self._loop.close()

    async def _main(self) -> None:
        self._task = asyncio.current_task()
        try:
            while self.phase is Phase.OFFLINE:
                await self._connect_once()
                self._disconnected()
                if self.phase is Phase.OFFLINE:
                    await self._pause()
            # a stopped client keeps its documents and outbox, and waits to be closed
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            pass
        finally:
            self._disconnected()
            self.phase = Phase.CLOSED

    async def _connect_once(self) -> None:
        try:
            await self._session()
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else 1006
            self._ended(code, closed.rcvd.reason if closed.rcvd else "")
        except InvalidStatus as refused:
            status = refused.response.status_code
            self._ended({401: 4401, 403: 4403}.get(status, 1006), f"HTTP status {status}")
        except ReplicaReused as reused:
            log.warning("%s", reused)
            self._renew_replica()
        except (OSError, TimeoutError, InvalidHandshake, SyncError) as error:
            log.info("%s: %s", self.url, error)
        except Exception:  # the rim of a session: it must come back
            log.exception("%s: the connection failed", self.url)

    async def _session(self) -> None:
        async with self._connect(
            uri=self.url,
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            additional_headers=self._headers,
            proxy=None,
            compression=None,
            ping_interval=None,
            open_timeout=OPEN_TIMEOUT_S,
            close_timeout=1,
            max_size=MAX_MESSAGE_BYTES,
        ) as socket:
            await socket.send(encode(self._hello()))
            self._socket = socket
            self._dead_s = HELLO_TIMEOUT_S
            sender = asyncio.create_task(self._send_what_waits(socket))
            try:
                while True:
                    data = await self._heard(socket)
                    for message in decode_server_frames(data):
                        await self._take(socket, message)
            finally:
                sender.cancel()
                await asyncio.wait([sender])
                if not sender.cancelled() and sender.exception() is not None:
                    log.info("%s: sending ended: %r", self.url, sender.exception())

    async def _heard(self, socket: Socket) -> bytes:
        try:
            async with asyncio.timeout(self._dead_s * PATIENCE):
                return bytes(await socket.recv(decode=False))
        except TimeoutError:
            socket.transport.abort()  # nobody is there to answer a closing handshake
            raise

    async def _send_what_waits(self, socket: Socket) -> None:
        while True:
            await self._to_send.wait()
            self._to_send.clear()
            await self._send_all(socket)

    async def _send_all(self, socket: Socket) -> None:
        for document in list(self._channels.values()):
            while push := document.next_push():
                await socket.send(encode(push))
            while resolve := document.next_resolve():
                await socket.send(encode(resolve))
            if presence := document.next_presence():
                await socket.send(encode(presence))

    async def _take(self, socket: Socket, message: ServerMessage) -> None:
        match message:
            case Ping():
                await socket.send(encode(Pong(message.token)))
            case Welcome():
                await self._welcomed(socket, message)
            case Granted():
                self._granted(message)
            case Drain():
                self._drain_s = message.delay_ms / 1000
            case Perm():
                await self._refused(socket, message)
            case _:
                document = self._channels.get(message.channel)
                # frames may still be on the way for a document that was left
                if document is not None:
                    await self._take_for(socket, document, message)

    async def _take_for(
        self, socket: Socket, document: SharedDocument, message: ServerMessage
    ) -> None:
        match message:
            case Reject():
                log.warning("%s: an edit was refused: %s", document.id, message.message)
                if document.rejected(message):
                    # what comes before the new grant is for the copy that is no more
                    del self._channels[message.channel]
                    await socket.send(encode(document.subscription()))
            case Conflict() | Resolved():
                document.told_conflict(message)
            case Update() | Sync():
                self._take_update(document, message)
            case Ack():
                document.acknowledged(message.cs)
            case Presence():
                document.presence.received(message.update)
            case Resync():
                self._close_gap(document, message)

    def _take_update(self, document: SharedDocument, message: Update | Sync) -> None:
        try:
            if isinstance(message, Update):
                document.received(message.seq, message.update)
            else:
                document.synced(message.update)
                self._to_send.set()
        except MalformedUpdate as error:
            # asking again would bring the same bytes: leave it, keep its outbox, and say so
            log.error("%s", error)
            self._leave(document)
            document.disconnected()
            document.refused(Perm(message.channel, document.id, "malformed", str(error)))

    async def _welcomed(self, socket: Socket, welcome: Welcome) -> None:
        self.you = welcome.you
        self.phase = Phase.ONLINE
        self._limits = welcome.limits
        self._dead_s = welcome.dead_s
        self._failures = 0
        self._drain_s = None
        for document in list(self._documents.values()):
            await socket.send(encode(document.subscription()))

    def _granted(self, granted: Granted) -> None:
        document = self._documents.get(granted.document)
        if document is not None:
            self._channels[granted.channel] = document
            document.granted(granted, self._limits)

    async def _refused(self, socket: Socket, perm: Perm) -> None:
        document = self._documents.get(perm.document)
        if document is None:
            return
        if perm.code == "ok":
            document.allowed()
            self._to_send.set()
        elif perm.code == "role" and perm.message != "none":
            document.role = perm.message
        elif perm.code == "lineage":
            document.renew(bytes.fromhex(perm.message))
            await socket.send(encode(document.subscription()))
        else:
            document.refused(perm)
            if perm.code == "storage":
                self._loop.call_later(LONGEST_RETRY_S, self._ask_again, socket, document)

    def _ask_again(self, socket: Socket, document: SharedDocument) -> None:
        """Open a document again that the storage refused, unless it was granted meanwhile."""
        asked = self._documents.get(document.id) is document and self._socket is socket
        if asked and document not in self._channels.values():
            self._send_soon(socket, encode(document.subscription()))

    def _close_gap(self, document: SharedDocument, resync: Resync) -> None:
        count = self._resyncs.get(document.id, 0) + 1
        self._resyncs[document.id] = count
        if count > RESYNCS_PER_CONNECTION:
            log.error("%s: the server lacks something that is not here either", document.id)
            return
        document.close_gap(resync.state_vector)
        self._to_send.set()

    def _open(self, document: SharedDocument) -> None:
        self._documents[document.id] = document
        if self.stopped is not None:
            document.stopped(*self.stopped)
        if self.phase is Phase.ONLINE and self._socket is not None:
            self._send_soon(self._socket, encode(document.subscription()))

    def _leave(self, document: SharedDocument) -> None:
        self._documents.pop(document.id, None)
        for channel, other in list(self._channels.items()):
            if other is document:
                del self._channels[channel]
                if self._socket is not None:
                    self._send_soon(self._socket, encode(Unsub(channel)))

    def _send_soon(self, socket: Socket, frame: bytes) -> None:
        async def send() -> None:
            try:
                await socket.send(frame)
            except ConnectionClosed:
                log.debug("%s: closed before a document was opened or left", self.url)

        task = self._loop.create_task(send())
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    def _disconnected(self) -> None:
        self._socket = None
        self._channels.clear()
        self._resyncs.clear()
        if self.phase is Phase.ONLINE:
            self.phase = Phase.OFFLINE
        for document in self._documents.values():
            document.disconnected()

    def _ended(self, code: int, reason: str) -> None:
        log.info("%s: closed with %s %s", self.url, code, reason)
        self._setbacks = self._setbacks + 1 if code in SETBACKS else 0
        final = code in CloseCode.__members__.values() and CloseCode(code).is_final
        if final:
            self.stopped = (code, reason)
            self.phase = Phase.STOPPED
            for document in self._documents.values():
                document.stopped(code, reason)

    async def _pause(self) -> None:
        interval_s = retry_interval_s(max(self._failures, self._setbacks))
        if self._drain_s is not None:
            interval_s, self._drain_s = self._drain_s, None
        self._failures += 1
        self._retry.clear()
        try:
            async with asyncio.timeout(self._random() * interval_s):
                await self._retry.wait()
        except TimeoutError:
            pass

    def _close(self) -> None:
        if self._task is not None:
            self._task.cancel()


def retry_interval_s(failures: int) -> float:
    """Give the interval of which a random part is waited after that many failures."""
    doubled = 1 << min(failures, 8)
    return min(LONGEST_RETRY_S, FIRST_RETRY_S * doubled)
