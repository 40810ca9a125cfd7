"""The doors of a hub as Tornado handlers: `Application(routes(hub, identify))`.

Whoever makes the application says who a request belongs to, and which pages may connect; the
handlers ask before they accept. Frames to readers are built once and handed to all their sockets.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

from tornado.httputil import HTTPServerRequest
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, RequestHandler
from tornado.websocket import WebSocketClosedError, WebSocketHandler, WebSocketProtocol

from moim_data.documents.kinds import parse_document_id
from moim_data.errors import CorruptDocument, DataError, StorageError, UnknownKind
from moim_sync.authorization import Action
from moim_sync.errors import CloseCode, NotAllowed, UnknownDocument
from moim_sync.hub import Hub
from moim_sync.identity import Identity
from moim_sync.protocol import SUBPROTOCOL
from moim_sync.session import Session, shorten
from moim_sync.websocket_frames import frame_of, quickened, send

Identify = Callable[[RequestHandler], Identity | None]
"""Gives who a request belongs to; None refuses it (4401)."""
PIECE_BYTES: Final = 256 * 1024
"""A large frame is written in pieces, so that `waiting_bytes` shows how far it has come."""
OriginAllowed = Callable[[HTTPServerRequest], bool]


class TornadoTransport:
    """The sending half of one WebSocket, without deflate, writing whole frames to its stream."""

    kind = "websocket"

    _last: tuple[bytes, bytes] = (b"", b"")
    """The last message and its frame: a flush hands the same bytes to every socket in a row."""

    def __init__(self, handler: WebSocketHandler) -> None:
        self.drained: Callable[[], None] | None = None
        self.waiting_bytes = 0
        self._handler = handler

    def write(self, message: bytes) -> None:
        """Send one binary message, or nothing when the connection has ended."""
        connection = self._handler.ws_connection
        if connection is None or connection.is_closing() or connection.stream is None:
            return
        last, frame = TornadoTransport._last
        if last is not message:
            frame = frame_of(message)
            if len(frame) <= PIECE_BYTES:
                TornadoTransport._last = (message, frame)
        for at in range(0, len(frame), PIECE_BYTES):
            piece = frame[at : at + PIECE_BYTES]
            try:
                sent = send(connection.stream, piece)
            except StreamClosedError:
                return
            if sent is not None:
                self.waiting_bytes += len(piece)
                sent.add_done_callback(partial(self._sent, len(piece)))

    def ping(self) -> None:
        """Send a WebSocket ping."""
        try:
            self._handler.ping()
        except WebSocketClosedError:
            return

    def close(self, code: int, reason: str) -> None:
        """Start the closing handshake; who has been silent is not waited for."""
        connection = self._handler.ws_connection
        self._handler.close(code, reason)
        if code == CloseCode.SILENT and connection is not None and connection.stream is not None:
            # Else it would learn of its end 5 s later: over a line that is open one way only, the
            # close frame arrives, and its answer never does.
            connection.stream.close()

    def _sent(self, size_bytes: int, _: object) -> None:
        self.waiting_bytes -= size_bytes
        if not self.waiting_bytes and self.drained is not None:
            self.drained()


class DoorHandler(WebSocketHandler):
    """What both doors share: who, from where, how large, and the end of a connection."""

    def initialize(self, hub: Hub, identify: Identify, origin_allowed: OriginAllowed) -> None:
        """Take what the routes carry."""
        self.hub = hub
        self.session: Session | None = None
        self._identify = identify
        self._origin_allowed = origin_allowed
        self._transport = TornadoTransport(self)

    def prepare(self) -> None:
        """Refuse other people's pages before anything else is looked at."""
        if not self._origin_allowed(self.request):
            raise HTTPError(403, reason="this page may not connect")

    def check_origin(self, origin: str) -> bool:
        """Accept: `prepare` has looked at the origin already."""
        return True

    @property
    def max_message_size(self) -> int:
        """Bytes of the largest message."""
        return self.hub.limits.message_bytes

    @property
    def ping_interval(self) -> float:
        """No pings of Tornado's own: the hub asks for a sign of life."""
        return 0.0

    def get_websocket_protocol(self) -> WebSocketProtocol | None:
        """Read frames the cheap way."""
        return quickened(super().get_websocket_protocol())

    def on_message(self, message: str | bytes) -> Awaitable[None] | None:
        """Hand a message to the session; what is returned holds the socket back."""
        return None if self.session is None else self.session.receive(message)

    def on_pong(self, data: bytes) -> None:
        """Note the sign of life."""
        if self.session is not None:
            self.session.heard()

    def on_close(self) -> None:
        """Let the session go."""
        if self.session is not None:
            self.session.lost()

    def who(self) -> Identity | None:
        """Give who connects, or close the connection."""
        identity = self._identify(self)
        welcome = self.hub.authorize(identity, Action.ENTER, None).allowed
        if identity is None or not welcome:
            self.close(CloseCode.NOT_SIGNED_IN, "sign in first")
            return None
        return identity


class SyncHandler(DoorHandler):
    """`/sync`."""

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        """Choose ours; a client that asks for none gets it as well."""
        return SUBPROTOCOL if SUBPROTOCOL in subprotocols else None

    def open(self, *args: str, **kwargs: str) -> None:
        """Start the session."""
        self.set_nodelay(True)
        identity = self.who()
        if identity is not None:
            self.session = self.hub.sync(self._transport, identity)


class PlainHandler(DoorHandler):
    """`/yjs/<document>`."""

    async def open(self, *args: str, **kwargs: str) -> None:
        """Open the document and start the session; Tornado reads no message before that."""
        self.set_nodelay(True)
        identity = self.who()
        if identity is None:
            return
        try:
            document = parse_document_id(args[0])
            session = await self.hub.plain(document, self._transport, identity)
        except (DataError, UnknownDocument, NotAllowed) as error:
            self.close(_close_code(error), shorten(str(error)))
            return
        if self.ws_connection is None:
            session.lost()  # the socket went while the document was loading
        else:
            self.session = session


def _close_code(error: Exception) -> CloseCode:
    if isinstance(error, NotAllowed):
        return CloseCode.REFUSED
    if isinstance(error, UnknownKind | UnknownDocument):
        return CloseCode.UNKNOWN_DOCUMENT
    if isinstance(error, CorruptDocument):
        return CloseCode.INTERNAL
    return CloseCode.STORAGE if isinstance(error, StorageError) else CloseCode.INTERNAL


def same_origin(request: HTTPServerRequest) -> bool:
    """True for pages of this very host, and for programs, which send no Origin."""
    origin = request.headers.get("Origin")
    return origin is None or origin.partition("://")[2].lower() == request.host.lower()


def routes(
    hub: Hub, identify: Identify, origin_allowed: OriginAllowed = same_origin
) -> list[tuple[str, type[WebSocketHandler], dict[str, Any]]]:
    """Give the routes of both doors for any Tornado application."""
    shared = {"hub": hub, "identify": identify, "origin_allowed": origin_allowed}
    return [
        (r"/sync", SyncHandler, shared),
        (r"/yjs/([^?#]+)", PlainHandler, shared),
    ]
