"""What stands between some browsers and their server: an HTTP proxy that knows no WebSocket."""

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Literal, Self

CHUNK_BYTES = 65_536
Way = Literal["strips", "swallows", "passes"]


class UpgradeProxy:
    """Forwards to a port of this machine, one request a connection.

    Attributes:
        way: what becomes of a request for a WebSocket: its Upgrade is stripped, it is never
            answered, or it passes.
        upgrades: how many such requests came.
        paths: the paths of all other requests.

    WebSockets of paths that do not begin with `only` pass.
    """

    def __init__(self, port: int, way: Way = "strips", only: str = "/") -> None:
        self.way = way
        self._only = only
        self.upgrades = 0
        self.paths: list[str] = []
        self._target = port
        self._door = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = {self._door}
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._spawn(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for each in list(self._open):
            _end(each)

    def _spawn(self, work: object, *args: object) -> None:
        threading.Thread(target=work, args=args, daemon=True).start()  # type: ignore[arg-type]

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._door.accept()
                self._open.add(client)
                self._spawn(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        try:
            head, body = _read_head(client)
            lines = head.decode("latin-1").split("\r\n")
            is_upgrade = any(line.lower() == "upgrade: websocket" for line in lines)
            path = lines[0].split()[1]
            passes = self.way == "passes" or not path.startswith(self._only)
            if not is_upgrade:
                self.paths.append(path)
            elif not passes and not self._lets_through(client):
                return
            kept = lines if is_upgrade and passes else _for_one_request(lines)
            self._forward(client, "\r\n".join(kept).encode("latin-1") + b"\r\n\r\n" + body)
        except (OSError, IndexError):
            pass
        finally:
            self._open.discard(client)
            _end(client)

    def _lets_through(self, client: socket.socket) -> bool:
        self.upgrades += 1
        if self.way != "swallows":
            return True
        client.recv(1)  # until the browser gives up
        return False

    def _forward(self, client: socket.socket, request: bytes) -> None:
        with socket.create_connection(("127.0.0.1", self._target)) as server:
            server.sendall(request)
            self._spawn(_pipe, client, server)
            _pipe(server, client)


def _read_head(client: socket.socket) -> tuple[bytes, bytes]:
    read = b""
    while b"\r\n\r\n" not in read:
        more = client.recv(CHUNK_BYTES)
        if not more:
            raise OSError("the client went")
        read += more
    head, _, body = read.partition(b"\r\n\r\n")
    return head, body


def _for_one_request(lines: list[str]) -> list[str]:
    dropped = ("upgrade:", "connection:", "keep-alive:", "sec-websocket")
    kept = [line for line in lines if not line.lower().startswith(dropped)]
    return [*kept, "Connection: close"]


def _pipe(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(CHUNK_BYTES):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def _end(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
