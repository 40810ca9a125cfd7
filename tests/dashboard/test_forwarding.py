import asyncio
import json
import os
import resource
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from bokeh.util.token import check_session_id_signature, generate_jwt_token
from tornado.httpclient import HTTPClientError
from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream
from tornado.netutil import bind_unix_socket
from tornado.tcpclient import TCPClient
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketClosedError, WebSocketHandler, websocket_connect

from access_rig import open_access
from dashboard.conftest import Fetch, Listen
from moim.access.gate import Gate
from moim.errors import WorkerAway
from moim.forwarding import ForwardHandler, SessionIds, worker_of_token
from moim.identity import WORKER_HEADER
from moim.panel_grant import OpenSessions

MB = 1024 * 1024


@dataclass
class Upstream:
    number: int
    socket_path: str
    server: HTTPServer
    sent_bytes: int = 0


class Choice:
    """All upstreams are ready, in turn, until one is closed."""

    count = 2

    def __init__(self, upstreams: list[Upstream]) -> None:
        self.upstreams = upstreams
        self.turn = 0

    def pick(self) -> Upstream:
        if not self.upstreams:
            raise WorkerAway("no page worker is ready yet")
        self.turn += 1
        return self.upstreams[self.turn % len(self.upstreams)]

    async def pick_soon(self, patience_s: float) -> Upstream:
        return self.pick()

    def at(self, number: int) -> Upstream:
        if number >= len(self.upstreams):
            raise WorkerAway(f"page worker {number} is not ready")
        return self.upstreams[number]


class Tell(RequestHandler):
    def initialize(self, upstream: Upstream) -> None:
        self.upstream = upstream

    def get(self) -> None:
        self.finish(
            {
                "worker": self.upstream.number,
                "method": self.request.method,
                "uri": self.request.uri,
                "headers": dict(self.request.headers.get_all()),
                "body": self.request.body.decode(),
            }
        )

    post = get


class Flood(RequestHandler):
    """100 MB, as fast as they are taken."""

    def initialize(self, upstream: Upstream) -> None:
        self.upstream = upstream

    async def get(self) -> None:
        for _ in range(100):
            self.write(b"x" * MB)
            await self.flush()
            self.upstream.sent_bytes += MB


class Echo(WebSocketHandler):
    """Says which worker it is, then echoes; floods when told to."""

    def initialize(self, upstream: Upstream) -> None:
        self.upstream = upstream

    def check_origin(self, origin: str) -> bool:
        raise AssertionError(f"no Origin should reach a worker, got {origin}")

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        return subprotocols[0] if len(subprotocols) == 2 else None

    def open(self) -> None:
        self.write_message(str(self.upstream.number))

    async def on_message(self, message: str | bytes) -> None:
        if message == "close":
            self.close(4242, "as asked")
        elif message == "flood":
            try:
                for _ in range(100):
                    await self.write_message(b"x" * MB, binary=True)
                    self.upstream.sent_bytes += MB
            except WebSocketClosedError:
                return
        else:
            await self.write_message(message, binary=isinstance(message, bytes))


@pytest.fixture
async def upstreams(tmp_path: Path) -> AsyncIterator[list[Upstream]]:
    async with AsyncExitStack() as stack:
        made = []
        for number in range(2):
            path = str(tmp_path / f"{number}.sock")
            application = Application(websocket_max_message_size=200 * MB)
            upstream = Upstream(number, path, HTTPServer(application))
            told = {"upstream": upstream}
            application.add_handlers(
                ".*", [(r"/flood", Flood, told), (r"/ws", Echo, told), (r"/.*", Tell, told)]
            )
            upstream.server.add_socket(bind_unix_socket(path))
            stack.push_async_callback(upstream.server.close_all_connections)
            stack.callback(upstream.server.stop)
            made.append(upstream)
        yield made


@pytest.fixture
def sessions() -> SessionIds:
    return SessionIds("k" * 64)


@pytest.fixture
async def hub(upstreams: list[Upstream], sessions: SessionIds, listen: Listen) -> str:
    options = {
        "workers": Choice(upstreams),
        "access": open_access(),
        "open_sessions": OpenSessions(Gate()),
        "sessions": sessions,
        "worker_secret": "w" * 64,
    }
    return await listen(Application([(r".*", ForwardHandler, options)]))


def token_for(sessions: SessionIds, worker: int) -> str:
    return generate_jwt_token(sessions.new(worker), secret_key=sessions.key, signed=True)


def socket_of(hub: str, path: str = "/ws") -> str:
    return hub.replace("http://", "ws://") + path


@pytest.mark.anyio
async def test_a_request_arrives_whole_and_its_answer_comes_back(hub: str, fetch: Fetch) -> None:
    answer = await fetch(
        f"{hub}/some/page?x=1&y=%ED%95%9C", method="POST", body="안녕", headers={"X-Own": "kept"}
    )
    told = json.loads(answer.body)
    assert (told["method"], told["uri"]) == ("POST", "/some/page?x=1&y=%ED%95%9C")
    assert told["body"] == "안녕"
    assert told["headers"]["X-Own"] == "kept"
    assert told["headers"]["Host"] == hub.removeprefix("http://")


@pytest.mark.anyio
async def test_a_client_cannot_give_itself_what_the_hub_gives(
    hub: str, fetch: Fetch, sessions: SessionIds
) -> None:
    answer = await fetch(
        f"{hub}/page",
        headers={
            WORKER_HEADER: "mine",
            "Bokeh-Session-Id": "w1-mine",
            "X-Forwarded-For": "8.8.8.8",
            "X-Forwarded-Proto": "https",
            "Connection": "close, X-Hop",
            "X-Hop": "dropped",
            "Origin": hub,
        },
    )
    told = json.loads(answer.body)
    headers = told["headers"]
    assert headers[WORKER_HEADER] == "w" * 64
    assert headers["X-Forwarded-For"] == "127.0.0.1"
    assert headers["X-Forwarded-Proto"] == "http"
    assert "X-Hop" not in headers
    assert "Origin" not in headers
    session_id = headers["Bokeh-Session-Id"]
    assert session_id.startswith(f"w{told['worker']}-")
    assert check_session_id_signature(session_id, sessions.key, signed=True)


@pytest.mark.anyio
@pytest.mark.parametrize("worker", [0, 1])
async def test_a_socket_goes_to_the_worker_that_its_token_names(
    hub: str, sessions: SessionIds, worker: int
) -> None:
    for _ in range(3):
        socket = await websocket_connect(
            socket_of(hub), subprotocols=["bokeh", token_for(sessions, worker)]
        )
        assert await socket.read_message() == str(worker)
        assert socket.selected_subprotocol == "bokeh"
        socket.close()


@pytest.mark.anyio
async def test_messages_of_any_kind_and_size_pass_and_close_codes_too(hub: str) -> None:
    socket = await websocket_connect(socket_of(hub), max_message_size=20 * MB)
    await socket.read_message()
    for message in ("한글 🎉", b"\x00\xff", b"z" * 8 * MB):
        await socket.write_message(message, binary=isinstance(message, bytes))
        assert await socket.read_message() == message
    await socket.write_message("close")
    assert await socket.read_message() is None
    assert (socket.close_code, socket.close_reason) == (4242, "as asked")


@pytest.mark.anyio
async def test_a_socket_whose_worker_is_gone_is_told_so_and_not_sent_elsewhere(
    hub: str, sessions: SessionIds
) -> None:
    with pytest.raises(HTTPClientError) as refused:
        await websocket_connect(
            socket_of(hub), subprotocols=["bokeh", token_for(sessions, worker=7)]
        )
    assert refused.value.code == 502


@pytest.mark.parametrize(
    "token",
    ["", ".", "%%%", "e30", "bnVsbA", "WzFd", "eyJzZXNzaW9uX2lkIjogMX0", "x" * 9, "키"],
)
def test_a_malformed_token_names_no_worker(token: str) -> None:
    assert worker_of_token(token) is None


@pytest.mark.anyio
@pytest.mark.parametrize("path", ["/page", "/ws"])
async def test_a_foreign_page_is_refused_before_a_worker_hears_of_it(
    hub: str, fetch: Fetch, path: str
) -> None:
    answer = await fetch(f"{hub}{path}", headers={"Origin": "https://evil.example"})
    assert answer.code == 403


@pytest.mark.anyio
async def test_while_no_worker_answers_the_client_is_told_when_to_come_back(
    hub: str, fetch: Fetch, upstreams: list[Upstream]
) -> None:
    for upstream in upstreams:
        upstream.server.stop()
        os.unlink(upstream.socket_path)
    answer = await fetch(f"{hub}/page")
    assert answer.code == 502
    assert int(answer.headers["Retry-After"]) > 0
    upstreams.clear()
    assert (await fetch(f"{hub}/page")).code == 502


async def settled(upstream: Upstream) -> int:
    """What was sent when nothing more went for a while: the reader has stopped it."""
    sent = -1
    async with asyncio.timeout(20):
        while sent != upstream.sent_bytes or sent == 0:
            sent = upstream.sent_bytes
            await asyncio.sleep(0.3)
    return sent


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def read_slowly(stream: IOStream, upstreams: list[Upstream]) -> None:
    """Let the sender run until it is held back, see that little was taken, then read all."""
    before_mb = peak_mb()
    async with asyncio.timeout(20):
        while not any(upstream.sent_bytes for upstream in upstreams):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    sender = next(upstream for upstream in upstreams if upstream.sent_bytes)
    assert await settled(sender) < 30 * MB
    assert peak_mb() - before_mb < 30
    received = 0
    async with asyncio.timeout(40):
        while received < 100 * MB:
            received += len(await stream.read_bytes(MB, partial=True))
    assert peak_mb() - before_mb < 30


@pytest.mark.anyio
async def test_a_slow_reader_of_100_mb_holds_back_the_worker_and_not_our_memory(
    hub: str, upstreams: list[Upstream]
) -> None:
    host, port = hub.removeprefix("http://").split(":")
    stream = await TCPClient().connect(host, int(port), max_buffer_size=2 * MB)
    await stream.write(f"GET /flood HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
    await read_slowly(stream, upstreams)
    stream.close()


@pytest.mark.anyio
async def test_a_slow_reader_of_a_websocket_holds_back_the_worker_and_not_our_memory(
    hub: str, upstreams: list[Upstream]
) -> None:
    host, port = hub.removeprefix("http://").split(":")
    stream = await TCPClient().connect(host, int(port), max_buffer_size=2 * MB)
    lines = [
        "GET /ws HTTP/1.1",
        f"Host: {host}:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]
    await stream.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    await stream.read_until(b"\r\n\r\n")
    mask = b"\0\0\0\0"
    await stream.write(b"\x81\x85" + mask + b"flood")
    await read_slowly(stream, upstreams)
    stream.close()
