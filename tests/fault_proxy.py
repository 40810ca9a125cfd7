"""A bad network in this process: a TCP proxy that delays, stalls, cuts and breaks into pieces.

It stands before a real server; the actions are those of toxiproxy. Every method may be called from
any thread. Bytes come in order and unchanged, or not at all, as TCP promises.
"""

import asyncio
import random
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, Self

Direction = Literal["up", "down"]
"""`up` is from the client to the server."""
_WAIT_S = 10.0
_PIECE_BYTES = 7


@dataclass(eq=False)
class _Link:
    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    tasks: list["asyncio.Task[None]"] = field(default_factory=list)


class FaultProxy:
    """Listens on a free port while `with` lasts; `target` may change while it does.

    Args:
        target: the port of the server on this machine.
        seed: draws the jitter.
    """

    def __init__(self, target: int, *, seed: int = 0) -> None:
        self.target = target
        self.latency_s = 0.0
        self.jitter_s = 0.0
        self.splits = False
        """True: pieces of a few bytes, each a packet of its own."""
        self.accepted = 0
        self._held = threading.Event()
        self._chance = random.Random(seed)
        self._links: list[_Link] = []
        self._serving: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._flows: dict[Direction, asyncio.Event] = {
            "up": asyncio.Event(),
            "down": asyncio.Event(),
        }
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        self._call(self._start)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._call(self._end)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_WAIT_S)
        self._loop.close()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def stall(self, *directions: Direction) -> None:
        """Let nothing through that way, and close nothing."""
        self._held.clear()
        for direction in directions or ("up", "down"):
            self._soon(self._flows[direction].clear)

    def wait_held(self) -> None:
        """Wait until something that was to go on is held by the last `stall`."""
        assert self._held.wait(_WAIT_S), "nothing came that the stall could hold"

    def flow(self) -> None:
        """Let through what was held, and what comes."""
        for event in self._flows.values():
            self._soon(event.set)

    def reset(self, which: int | None = None) -> None:
        """Cut one connection, or all, with a RST."""
        self._each(which, _reset)

    def half_close(self, direction: Direction, which: int | None = None) -> None:
        """End one way of one connection, or of all, as a FIN does."""

        def end(link: _Link) -> None:
            writer = link.server if direction == "up" else link.client
            if not writer.is_closing():
                writer.write_eof()

        self._each(which, end)

    def _each(self, which: int | None, work: Callable[[_Link], None]) -> None:
        def run() -> None:
            links = list(self._links)
            if which is not None and links:
                links = [links[which % len(links)]]
            for link in links:
                work(link)

        self._soon(run)

    def _soon(self, work: Callable[[], object]) -> None:
        self._loop.call_soon_threadsafe(work)

    def _call(self, work: Callable[[], Any]) -> None:
        asyncio.run_coroutine_threadsafe(work(), self._loop).result(_WAIT_S)

    async def _start(self) -> None:
        for event in self._flows.values():
            event.set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def _end(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in [task for link in self._links for task in link.tasks]:
            task.cancel()
        await asyncio.gather(*self._serving)

    async def _serve(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        self.accepted += 1
        serving = asyncio.current_task()
        assert serving is not None
        self._serving.add(serving)
        serving.add_done_callback(self._serving.discard)
        try:
            answers, server = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            client.transport.abort()
            return
        link = _Link(client, server)
        self._links.append(link)
        for writer in (client, server):
            writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link.tasks = [
            asyncio.create_task(self._pump(reader, server, "up")),
            asyncio.create_task(self._pump(answers, client, "down")),
        ]
        await asyncio.gather(*link.tasks, return_exceptions=True)
        self._links.remove(link)
        for writer in (client, server):
            writer.transport.abort()
            with suppress(OSError):
                await writer.wait_closed()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, direction: Direction
    ) -> None:
        try:
            while data := await reader.read(65536):
                if self.latency_s:
                    await asyncio.sleep(self.latency_s + self._chance.random() * self.jitter_s)
                if not self._flows[direction].is_set():
                    self._held.set()
                await self._flows[direction].wait()
                await self._write(writer, data)
            writer.write_eof()
        except (OSError, RuntimeError):
            writer.transport.abort()

    async def _write(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        if not self.splits:
            writer.write(data)
            await writer.drain()
            return
        at = 0
        while at < len(data):
            size = self._chance.randrange(1, _PIECE_BYTES + 1)
            writer.write(data[at : at + size])
            await writer.drain()
            await asyncio.sleep(0)
            at += size


def _reset(link: _Link) -> None:
    for writer in (link.client, link.server):
        # A close that lingers for no time at all is a RST.
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort()
