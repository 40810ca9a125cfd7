"""The page processes: started, warmed, watched, restarted, and ended with the hub.

A worker gets its settings as one line on its stdin and says `ready` on its stdout once it has
opened each page once. Its stdin stays open for as long as the hub lives: its end, however the hub
ended, is the worker's end too. Workers listen on sockets in a folder that only this user may enter.
"""

import asyncio
import json
import logging
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from moim.child_process import python_environment
from moim.errors import WorkerAway

log = logging.getLogger(__name__)

WORKER_COMMAND = (sys.executable, "-m", "moim.page_worker")
_READY_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 3.0
_FIRST_BACKOFF_S = 0.2
_LAST_BACKOFF_S = 5.0
_STEADY_S = 30.0  # one that lived this long is restarted at once


@dataclass(slots=True)
class PageWorker:
    """One page process and the socket it listens on."""

    number: int
    socket_path: str
    ready: bool = False
    pid: int = 0
    restarts: int = 0

    def clear_socket(self) -> None:
        """Take away the socket that a dead process left."""
        Path(self.socket_path).unlink(missing_ok=True)


@dataclass(slots=True)
class Backoff:
    """How long to wait before the next start: longer each time, up to a limit."""

    next_s: float = _FIRST_BACKOFF_S

    def after(self, lived_s: float) -> float:
        """Give the wait in seconds after a process that lived this long."""
        if lived_s > _STEADY_S:
            self.next_s = _FIRST_BACKOFF_S
        wait_s = self.next_s
        self.next_s = min(self.next_s * 2, _LAST_BACKOFF_S)
        return wait_s


@dataclass(slots=True)
class WorkerPool:
    """`count` page processes; an async context that owns them."""

    count: int
    options: Mapping[str, Any]
    """What each worker is told besides its number and socket; see `page_worker.Options`."""
    command: tuple[str, ...] = WORKER_COMMAND
    clock: Callable[[], float] = time.monotonic
    workers: list[PageWorker] = field(default_factory=list)
    _turn: int = 0
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    """Set, and replaced by another, when a worker gets ready."""
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        """Start all workers; does not wait until they are warm."""
        folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="moim-"))
        for number in range(self.count):
            worker = PageWorker(number, str(Path(folder, f"{number}.sock")))
            self.workers.append(worker)
            self._tasks.append(asyncio.create_task(self._keep(worker), name=f"worker-{number}"))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End all workers and take their sockets away."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._stack.aclose()

    @property
    def ready(self) -> int:
        """How many workers take requests now."""
        return sum(worker.ready for worker in self.workers)

    def pick(self) -> PageWorker:
        """Give the next ready worker in turn.

        Raises:
            WorkerAway: none is ready.
        """
        ready = [worker for worker in self.workers if worker.ready]
        if not ready:
            raise WorkerAway("no page worker is ready yet; try again in a moment")
        self._turn += 1
        return ready[self._turn % len(ready)]

    async def pick_soon(self, patience_s: float) -> PageWorker:
        """Give the next ready worker in turn, waiting for one that starts.

        Raises:
            WorkerAway: none got ready in time.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                while not self.ready:
                    await self._news.wait()
        return self.pick()

    def at(self, number: int) -> PageWorker:
        """Give the worker of this number.

        Raises:
            WorkerAway: there is none of this number, or it is not ready.
        """
        if number >= len(self.workers) or not self.workers[number].ready:
            raise WorkerAway(f"page worker {number} is not ready; try again in a moment")
        return self.workers[number]

    async def _keep(self, worker: PageWorker) -> None:
        backoff = Backoff()
        while True:
            started = self.clock()
            await self._run_once(worker)
            worker.restarts += 1
            await asyncio.sleep(backoff.after(self.clock() - started))

    async def _run_once(self, worker: PageWorker) -> None:
        worker.clear_socket()
        process = await asyncio.create_subprocess_exec(
            *self.command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=python_environment(),
            start_new_session=True,  # Ctrl-C is for the hub, which drains first
        )
        worker.pid = process.pid
        try:
            await self._warm(worker, process)
            code = await process.wait()
            log.warning("page worker %d (pid %d) ended with %d", worker.number, process.pid, code)
        finally:
            worker.ready = False
            await _end(process)

    async def _warm(self, worker: PageWorker, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        told = {**self.options, "number": worker.number, "socket_path": worker.socket_path}
        process.stdin.write(json.dumps(told).encode() + b"\n")
        try:
            line = await asyncio.wait_for(process.stdout.readline(), _READY_TIMEOUT_S)
        except TimeoutError:
            log.error("page worker %d was not ready in %.0f s", worker.number, _READY_TIMEOUT_S)
            process.kill()
            return
        worker.ready = line.strip() == b"ready"
        if worker.ready:
            news, self._news = self._news, asyncio.Event()
            news.set()
            log.info("page worker %d (pid %d) is ready", worker.number, process.pid)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _STOP_TIMEOUT_S)
    except TimeoutError:
        process.kill()
        await process.wait()
