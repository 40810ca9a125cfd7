"""Hands what the hub does not own to a page worker, by splicing bytes.

The hub reads a request's head, opens a connection to a worker's socket, writes a rewritten head and
the body, then copies bytes both ways until a side ends. Frames, subprotocols, compression and sizes
pass unseen. A read waits until the write before it has gone out, so a slow reader holds back the
worker and not the hub's memory.

A browser's Bokeh session lives in one worker. Its session id says in which (`w<number>-...`): the
hub gives the id with the page, and reads it back from the token that the WebSocket brings.
"""

import asyncio
import base64
import hmac
import json
import logging
import re
import secrets
import socket
from hashlib import sha256
from typing import Protocol

from tornado.httputil import HTTPHeaders, HTTPServerRequest
from tornado.iostream import IOStream, StreamClosedError

from moim.access.access import Access, GuardedHandler
from moim.access.visitors import SIGN_IN_COOKIE
from moim.errors import WorkerAway
from moim.identity import PERSON_HEADER, ROLE_HEADER, WORKER_HEADER
from moim.panel_grant import Arguments, OpenSessions, PanelGrant, grant, read_token
from moim_data.errors import UnknownKind

log = logging.getLogger(__name__)

SESSION_HEADER = "Bokeh-Session-Id"
_CHUNK_BYTES = 256 * 1024
_CONNECT_TIMEOUT_S = 5.0
RETRY_AFTER_S = 2
_SESSION_ID = re.compile(r"w(\d{1,4})-")
# RFC 9110, 7.6.1: these end at each hop. The rest of the set is ours to give, not the client's.
_DROPPED = frozenset(
    name.lower()
    for name in (
        "Connection",
        "Keep-Alive",
        "Proxy-Authenticate",
        "Proxy-Authorization",
        "Proxy-Connection",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade",
        "Content-Length",
        "Expect",
        "Forwarded",
        "X-Forwarded-For",
        "X-Forwarded-Proto",
        "X-Forwarded-Host",
        "X-Real-Ip",
        "X-Scheme",
        "Origin",  # the hub has checked it; workers know no public names
        SESSION_HEADER,
        WORKER_HEADER,
        # Who somebody is, the hub says; what they prove it by is none of a page's business.
        ROLE_HEADER,
        PERSON_HEADER,
        "Authorization",
    )
)


class Worker(Protocol):
    """Where a page worker listens."""

    number: int
    socket_path: str


class WorkerChoice(Protocol):
    """Which worker takes a request."""

    count: int
    """How many there should be; 0: this server runs without."""

    def pick(self) -> Worker:
        """Give a ready worker; raises WorkerAway when there is none."""

    async def pick_soon(self, patience_s: float) -> Worker:
        """Give a ready worker, waiting for one that starts; raises WorkerAway."""

    def at(self, number: int) -> Worker:
        """Give the ready worker of this number; raises WorkerAway."""


class SessionIds:
    """Session ids that carry their worker, signed as Bokeh signs its own."""

    def __init__(self, key: str) -> None:
        self.key = key.encode()

    def new(self, worker: int) -> str:
        """Make the id of a session that will live in `worker`."""
        name = f"w{worker}-{secrets.token_urlsafe(24).replace('_', '-')}"
        digest = hmac.new(self.key, name.encode(), sha256).digest()
        return f"{name}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def worker_of_token(token: str) -> int | None:
    """Give the worker number in a Bokeh token; None when it names none. Never raises."""
    try:
        payload = token.split(".")[0]
        decoded = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        session_id = json.loads(decoded)["session_id"]
        found = _SESSION_ID.match(session_id)
    except (ValueError, KeyError, TypeError):
        return None
    return int(found[1]) if found else None


class ForwardHandler(GuardedHandler):
    """Everything that no other handler takes."""

    def initialize(
        self,
        workers: WorkerChoice,
        access: Access,
        sessions: SessionIds,
        open_sessions: OpenSessions,
        worker_secret: str,
    ) -> None:
        """Take who answers, and what must hold before they are asked."""
        self._workers = workers
        self.access = access
        self._sessions = sessions
        self._open_sessions = open_sessions
        self._worker_secret = worker_secret

    def check_xsrf_cookie(self) -> None:
        """Leave forms to the worker; the origin is checked here for every method."""

    async def get(self) -> None:
        """Forward, or answer why not."""
        assert self.who is not None
        if self._workers.count == 0:
            self.refuse(404, f"no such address: {self.request.path}")
            return
        arguments = self._session_arguments()
        given = None if arguments is None else self._grant(arguments)
        if arguments is None or given is None:
            self.refuse(403, "you may not open this")
            return
        try:
            worker = self._worker()
            upstream = await _connect(worker)
        except WorkerAway as error:
            self.set_header("Retry-After", str(RETRY_AFTER_S))
            self.refuse(502, str(error))
            return
        head = self._head(worker, given)
        client = self.detach()
        with self._open_sessions.hold(self.who, arguments, given, client, upstream):
            await splice(client, upstream, head + self.request.body)

    post = put = patch = delete = options = head = get

    def _session_arguments(self) -> Arguments | None:
        """Give what the session shows; None for a socket with a token that is not this person's."""
        if not _is_websocket(self.request):
            return self.request.query_arguments
        offered = self.request.headers.get("Sec-WebSocket-Protocol", "").split(",")
        found = read_token(offered[-1].strip(), self._sessions.key)
        if not self.access.visitors.sign_in:
            return found[1] if found else {}
        assert self.who is not None
        return found[1] if found and found[0] == self.who.id else None

    def _grant(self, arguments: Arguments) -> PanelGrant | None:
        assert self.who is not None
        try:
            return grant(self.access.gate, self.who, arguments)
        except UnknownKind:
            return None

    def _worker(self) -> Worker:
        if not _is_websocket(self.request):
            return self._workers.pick()
        offered = self.request.headers.get("Sec-WebSocket-Protocol", "").split(",")
        number = worker_of_token(offered[1].strip()) if len(offered) == 2 else None
        return self._workers.pick() if number is None else self._workers.at(number)

    def _head(self, worker: Worker, given: PanelGrant) -> bytes:
        headers = forwarded_headers(self.request)
        headers[WORKER_HEADER] = self._worker_secret
        for name, value in given.headers().items():
            headers[name] = value
        if not _is_websocket(self.request):
            headers[SESSION_HEADER] = self._sessions.new(worker.number)
        lines = [f"{self.request.method} {self.request.uri} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in headers.get_all()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def forwarded_headers(request: HTTPServerRequest) -> HTTPHeaders:
    """Give the client's headers as a worker may see them."""
    dropped = set(_DROPPED)
    for name in request.headers.get("Connection", "").split(","):
        dropped.add(name.strip().lower())
    headers = HTTPHeaders()
    for name, value in request.headers.get_all():
        if name.lower() not in dropped:
            headers.add(name, value)
    cookies = [part for part in headers.get("Cookie", "").split(";") if not _is_ours(part)]
    if "Cookie" in headers:
        headers["Cookie"] = ";".join(cookies).strip()
    headers["X-Forwarded-For"] = request.remote_ip or ""
    headers["X-Forwarded-Proto"] = request.protocol
    headers["X-Forwarded-Host"] = request.host
    if _is_websocket(request):
        headers["Connection"] = "Upgrade"
        headers["Upgrade"] = "websocket"
    else:
        headers["Connection"] = "close"
        headers["Content-Length"] = str(len(request.body))
    return headers


async def splice(client: IOStream, upstream: IOStream, first: bytes) -> None:
    """Write `first` upstream, then copy both ways until a side ends; both are closed after."""
    try:
        await upstream.write(first)
        copies = {
            asyncio.create_task(_copy(upstream, client)),
            asyncio.create_task(_copy(client, upstream)),
        }
        _, running = await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
        for copy in running:
            copy.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    except StreamClosedError:
        log.debug("a side was gone before the first byte")
    finally:
        client.close()
        upstream.close()


async def _copy(source: IOStream, target: IOStream) -> None:
    try:
        while True:
            await target.write(await source.read_bytes(_CHUNK_BYTES, partial=True))
    except StreamClosedError:
        return


async def _connect(worker: Worker) -> IOStream:
    stream = IOStream(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
    try:
        await asyncio.wait_for(stream.connect(worker.socket_path), _CONNECT_TIMEOUT_S)
    except (OSError, StreamClosedError, TimeoutError) as error:
        stream.close()
        raise WorkerAway(f"page worker {worker.number} does not answer; try again") from error
    return stream


def _is_ours(cookie: str) -> bool:
    """True for what somebody signed in with: a session's token would show it to the page."""
    return cookie.strip().partition("=")[0] == SIGN_IN_COOKIE


def _is_websocket(request: HTTPServerRequest) -> bool:
    return request.headers.get("Upgrade", "").lower() == "websocket"
