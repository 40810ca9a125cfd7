"""The Socket.IO door in the test's own loop, and clients that speak its packets word by word."""

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from anyio import fail_after
from pycrdt import Map
from tornado.httpclient import HTTPRequest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from tornado.websocket import WebSocketClientConnection, websocket_connect

from hub_rig import Rig, person, rig
from moim_data.documents.access import LocalAccess
from moim_data.documents.project import ProjectDocument
from moim_sync.api.socketio.door import SocketIoDoor
from moim_sync.api.socketio.handler import SocketIoHandler, socketio_routes
from moim_sync.identity import Identity

DEADLINE_S = 20.0
BOARD = "project/p"


class SocketIo:
    """A client on a WebSocket; answers pings, keeps what it hears until it is asked for it."""

    def __init__(self, line: WebSocketClientConnection) -> None:
        self.line = line
        self.heard: list[tuple[str, Any]] = []
        self.closed = asyncio.Event()
        self.sid = ""
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._changed = asyncio.Event()
        self._reads = asyncio.Event()
        self._reads.set()
        self._last_id = 0
        self._reading = asyncio.create_task(self._read())

    async def enter(self, auth: Any = None) -> "SocketIo":
        """Say CONNECT and wait for the answer."""
        self.write("40" + ("" if auth is None else json.dumps(auth)))
        await self.get("connect")
        return self

    def write(self, frame: str | bytes) -> None:
        self.line.write_message(frame, binary=isinstance(frame, bytes))

    def emit(self, name: str, *payload: Any) -> None:
        """An event that asks for no answer."""
        self.write("42" + json.dumps([name, *payload]))

    def asked(self, name: str, *payload: Any) -> "asyncio.Future[Any]":
        """The answer that is to come."""
        self._last_id += 1
        answer = self._answers[self._last_id] = asyncio.get_running_loop().create_future()
        self.write(f"42{self._last_id}" + json.dumps([name, *payload]))
        return answer

    async def ask(self, name: str, *payload: Any) -> Any:
        with fail_after(DEADLINE_S):
            return await self.asked(name, *payload)

    async def get(self, name: str, where: Callable[[Any], bool] = lambda _: True) -> Any:
        """The next message of this name; what was heard before it stays."""
        with fail_after(DEADLINE_S):
            while True:
                for at, (what, message) in enumerate(self.heard):
                    if what == name and where(message):
                        del self.heard[at]
                        return message
                assert not self.closed.is_set(), f"closed before {name}; heard {self.heard}"
                self._changed.clear()
                await self._changed.wait()

    def told(self, name: str) -> list[Any]:
        return [message for what, message in self.heard if what == name]

    async def ended(self) -> int | None:
        """Wait for the end; give the close code."""
        with fail_after(DEADLINE_S):
            await self.closed.wait()
        return self.line.close_code

    def pause(self) -> None:
        """Read nothing until `go_on`."""
        self._reads.clear()

    def go_on(self) -> None:
        self._reads.set()

    async def close(self) -> None:
        self.line.close()
        await self.ended()

    async def _read(self) -> None:
        while (frame := await self.line.read_message()) is not None:
            await self._reads.wait()
            if isinstance(frame, str):
                self._take(frame)
            self._changed.set()
        self.closed.set()
        self._changed.set()

    def _take(self, frame: str) -> None:
        if frame == "2":
            self.write("3")
        elif frame == "3probe":
            self.heard.append(("probe", None))
        elif frame.startswith("0"):
            self.sid = json.loads(frame[1:])["sid"]
        elif frame.startswith("40"):
            self.heard.append(("connect", json.loads(frame[2:])))
        elif frame.startswith("41"):
            self.heard.append(("disconnect", None))
        elif frame.startswith("44"):
            self.heard.append(("connect_error", json.loads(frame[2:])))
        elif frame.startswith("42"):
            self.heard.append(tuple(json.loads(frame[2:])))
        elif frame.startswith("43"):
            digits, _, rest = frame[2:].partition("[")
            self._answers.pop(int(digits)).set_result(json.loads("[" + rest)[0])


async def dial(url: str, query: str = "", **headers: str) -> SocketIo:
    """A connection that has said nothing yet."""
    address = url.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket" + query
    return SocketIo(await websocket_connect(HTTPRequest(address, headers=headers)))


class DoorRig:
    """A hub with the door on a free port; who comes is named in the header `Who`."""

    def __init__(self, made: Rig, url: str, door: SocketIoDoor) -> None:
        self.hub = made.hub
        self.rig = made
        self.url = url
        self.door = door

    async def client(self, name: str = "ann", auth: Any = None) -> SocketIo:
        return await (await dial(self.url, Who=name)).enter(auth)

    def bytes_sent(self, client: SocketIo) -> int:
        """What the kernel has sent on the server's socket of a client."""
        handler = self.door.connections[client.sid].handler
        assert isinstance(handler, SocketIoHandler)
        assert handler.ws_connection is not None
        return bytes_sent(handler.ws_connection.stream.socket)


def bytes_sent(line: socket.socket) -> int:
    """Linux' count of a TCP socket, retransmissions included (`tcpi_bytes_sent`)."""
    info = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 232)
    count: int = struct.unpack_from("Q", info, 200)[0]
    return count


@asynccontextmanager
async def door(*boards: str, **options: Any) -> AsyncIterator[DoorRig]:
    """A hub with projects of two columns, or calendars, and its door."""

    def identify(handler: Any, token: str) -> Identity | None:
        name = token or handler.request.headers.get("Who", "ann")
        return None if name == "nobody" else person(name)

    async with rig(**options) as made:
        for board in boards or (BOARD,):
            await _make(made, board)
        routes = socketio_routes(made.hub, identify, lambda request: True)
        server = HTTPServer(Application(routes))
        sockets = bind_sockets(0, "127.0.0.1")
        server.add_sockets(sockets)
        url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
        try:
            yield DoorRig(made, url, routes[0][2]["door"])
        finally:
            server.stop()
            await made.hub.drain(0)
            await server.close_all_connections()


async def _make(made: Rig, board: str) -> None:
    client = await made.connect("maker").hello().open(board)

    def seed(doc: Any) -> None:
        if board.startswith("calendar/"):
            doc.get("info", type=Map)["zone"] = "UTC"
            return
        project = ProjectDocument(LocalAccess(doc))
        project.columns.add(id="todo", name="To do")
        project.columns.add(id="done", name="Done")

    client.push(client.edit(seed))
    await client.acked()
    client.client.lose()
