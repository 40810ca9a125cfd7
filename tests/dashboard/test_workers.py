import asyncio
import os
import signal
import sys
from collections.abc import Callable

import pytest

from moim.errors import WorkerAway
from moim.workers import Backoff, WorkerPool

READY = """
import json, sys
told = json.loads(sys.stdin.readline())
print("ready", flush=True)
sys.stdin.read()
"""
SILENT = "import sys; sys.stdin.read()"
BROKEN = "raise SystemExit(7)"


def pool(program: str, count: int = 1) -> WorkerPool:
    return WorkerPool(count, {"colour": "blue"}, command=(sys.executable, "-c", program))


async def until(done: Callable[[], bool], deadline_s: float = 20) -> None:
    async with asyncio.timeout(deadline_s):
        while not done():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


@pytest.mark.anyio
async def test_ready_workers_take_turns() -> None:
    async with pool(READY, count=2) as workers:
        with pytest.raises(WorkerAway):
            workers.pick()
        await until(lambda: workers.ready == 2)
        assert {workers.pick().number for _ in range(2)} == {0, 1}
        assert workers.at(1).number == 1
        with pytest.raises(WorkerAway, match="2"):
            workers.at(2)


@pytest.mark.anyio
async def test_a_dead_worker_is_away_and_comes_back() -> None:
    async with pool(READY) as workers:
        first = (await workers.pick_soon(20)).pid
        os.kill(first, signal.SIGKILL)
        await until(lambda: workers.ready == 0)
        with pytest.raises(WorkerAway):
            workers.at(0)
        assert (await workers.pick_soon(20)).pid != first


@pytest.mark.anyio
@pytest.mark.parametrize("program", [SILENT, BROKEN])
async def test_a_worker_that_never_gets_ready_takes_no_request(program: str) -> None:
    async with pool(program) as workers:
        with pytest.raises(WorkerAway):
            await workers.pick_soon(1)


@pytest.mark.anyio
async def test_no_process_and_no_socket_is_left() -> None:
    async with pool(READY, count=2) as workers:
        await until(lambda: workers.ready == 2)
        pids = [worker.pid for worker in workers.workers]
        folder = workers.workers[0].socket_path.rpartition("/")[0]
        assert os.stat(folder).st_mode & 0o777 == 0o700
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    with pytest.raises(FileNotFoundError):
        os.stat(folder)


def test_a_worker_that_keeps_dying_is_started_ever_more_rarely() -> None:
    backoff = Backoff()
    waits = [backoff.after(lived_s=0.1) for _ in range(8)]
    assert waits == sorted(waits)
    assert waits[0] < 0.5
    assert waits[-1] == waits[-2] <= 5
    assert backoff.after(lived_s=60) == waits[0]
