"""A real hub on a real port in a thread, behind a gate that can be shut: for tests of clients."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

from moim_data.memory_store import MemoryDisk, MemoryStore
from moim_data.store import Append, DocumentId, Update
from moim_sync.hub import Hub
from moim_sync.identity import Identity
from moim_sync.limits import HubLimits
from moim_sync.tornado_channel import routes


class Gate:
    """A TCP proxy: its port stays while servers come and go, and it can be shut."""

    def __init__(self) -> None:
        self.target = 0
        self.open = True
        self._flows = asyncio.Event()
        self._flows.set()
        self._pairs: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    def cut(self) -> None:
        """Break every connection, as a network does."""
        for writer in self._pairs:
            writer.transport.abort()

    def stall(self) -> None:
        """Let nothing through, and close nothing: what a dead network looks like."""
        self._flows.clear()

    def flow(self) -> None:
        self._flows.set()

    def close(self) -> None:
        self.flow()
        self.cut()
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.open:
            writer.transport.abort()
            return
        try:
            onward = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        pair = {writer, onward[1]}
        self._pairs |= pair
        try:
            await asyncio.gather(self._pump(reader, onward[1]), self._pump(onward[0], writer))
        finally:
            self._pairs -= pair
            for end in pair:
                end.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                await self._flows.wait()
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        writer.transport.abort()


class HubThread:
    """A hub over a store in memory; `stop` and `start` again keep its disk and its address."""

    def __init__(
        self,
        limits: HubLimits | None = None,
        documents: Mapping[DocumentId, bytes] | None = None,
    ) -> None:
        self.disk = MemoryDisk()
        store = MemoryStore(self.disk)
        for document, update in (documents or {}).items():
            store.open(document, create=True)
            store.append(Append(document, (Update(1, 0, "seed", b"", 0, update),))).result()
        self.limits = limits or HubLimits()
        self.hub: Hub | None = None
        self.gate = Gate()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._people = 0
        self._stop: asyncio.Event | None = None
        self._life: asyncio.Task[None] | None = None
        self.call(self.gate.start())
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.gate.port}"

    def call(self, work: Any) -> Any:
        """Run a coroutine in the hub's thread and give its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def run(self, work: Callable[[], Any]) -> Any:
        """Call a function in the hub's thread and give its result."""

        async def called() -> Any:
            return work()

        return self.call(called())

    async def ticks(self, count: int) -> None:
        """Wait until the hub has looked after its connections that often."""
        assert self.hub is not None
        seen = asyncio.Semaphore(0)
        tick = self.hub.tick

        def counted(now_s: float) -> None:
            tick(now_s)
            seen.release()

        self.hub.tick = counted  # type: ignore[method-assign]
        for _ in range(count):
            await seen.acquire()

    def start(self) -> None:
        started = threading.Event()
        self._life = self.run(lambda: self._loop.create_task(self._serve(started)))
        assert started.wait(10)

    def stop(self) -> None:
        """Stop as a supervisor would: DRAIN, flush, close."""
        assert self._stop is not None
        self.run(self._stop.set)
        self.call(_ended(self._life))

    def shut(self) -> None:
        """Take the network away."""

        def shut() -> None:
            self.gate.open = False
            self.gate.cut()

        self.run(shut)

    def unshut(self) -> None:
        self.run(lambda: setattr(self.gate, "open", True))

    def cut(self) -> None:
        """Break every connection once."""
        self.run(self.gate.cut)

    def close(self) -> None:
        if self._life is not None and not self._life.done():
            self.stop()
        self.run(self.gate.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _identify(self, _: Any) -> Identity:
        """Draw somebody new for every connection, as guests without a cookie are."""
        self._people += 1
        name = f"Person {self._people}"
        return Identity(f"person-{self._people}", name, "blue", guest=True, anonymous=True)

    async def _serve(self, started: threading.Event) -> None:
        self._stop = asyncio.Event()
        self.store = store = MemoryStore(self.disk)
        async with Hub(store, limits=self.limits) as self.hub:
            server = HTTPServer(Application(routes(self.hub, self._identify)))
            (socket,) = bind_sockets(0, "127.0.0.1")
            server.add_socket(socket)
            self.gate.target = socket.getsockname()[1]
            started.set()
            await self._stop.wait()
            server.stop()
        store.close()


async def _ended(task: "asyncio.Task[None] | None") -> None:
    assert task is not None
    await task
