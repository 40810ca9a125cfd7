"""The load generator, a process of its own: `python load.py <json>`.

What it measured goes into the file that the JSON names; a line on stdout says that it is about to
send.

Open loop: edits have planned times, and latency counts from the planned time, so that a generator
or a server that falls behind is not kind to itself.
"""

import asyncio
import json
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import uvloop

from doors import Door, make_door
from moim_sync.prescan import FIRST_SYNC, scan
from workload import Workload, make_seed, make_workload

CONNECT_AT_ONCE = 10
LIMITS = FIRST_SYNC


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do, as the benchmark asks."""

    kind: str
    host: str
    port: int
    document: str
    clients: int = 100
    writers: int = 10
    rate: float = 100.0
    seconds: float = 3.0
    drain_s: float = 2.0
    cards: int = 200
    seed: int = 1


async def run_load(plan: Plan) -> dict[str, Any]:
    """Send edits at a rate, all clients reading; give latencies and what never arrived."""
    edits = int(plan.rate * plan.seconds)
    work = make_workload(plan.cards, plan.writers, edits, plan.seed)
    doors = await _enter(plan, work.seed)
    for door in doors:
        door.arrivals.updates.clear()
        door.arrivals.updates_at_s.clear()
        door.arrivals.acks.clear()
        door.arrivals.acks_at_s.clear()
    frames = _frames(work, doors)
    before = _cpu_s()
    print("ready", flush=True)
    start_s = time.monotonic() + 0.3
    planned = start_s + np.arange(edits) / plan.rate
    lags = await _send(work, doors, frames, planned.tolist())
    await _drain(work, doors, plan.drain_s)
    took_s = time.monotonic() - start_s
    cpu_s = _cpu_s() - before
    result = _measure(plan, work, doors, planned)
    result |= {
        "send_lag_p95_ms": float(np.percentile(lags, 95)) * 1000,
        "generator_cpu": cpu_s / took_s,
        "closed": sum(door.socket is None or door.socket.closed for door in doors),
        "close_codes": sorted({door.socket.close_code for door in doors if door.socket}),
    }
    for door in doors:
        if door.socket is not None:
            door.socket.close()
    return result


async def run_fill(plan: Plan) -> dict[str, Any]:
    """Put a project of so many cards into a document and stay a little."""
    seed = make_seed(plan.cards)
    door = make_door(plan.kind, plan.document)
    async with asyncio.timeout(20):
        await door.open(plan.host, plan.port)
        await door.put(seed)
    await asyncio.sleep(plan.drain_s)
    assert door.socket is not None
    door.socket.close()
    return {"bytes": sum(map(len, seed))}


async def run_join(plan: Plan) -> dict[str, Any]:
    """Let everybody join at once; give the seconds until each has the whole document."""
    wanted = sum(map(len, make_seed(plan.cards))) // 2
    doors = [make_door(plan.kind, plan.document) for _ in range(plan.clients)]
    start_s = time.monotonic()

    async def join(door: Door) -> float:
        async with asyncio.timeout(plan.drain_s):
            await door.open(plan.host, plan.port)
            if len(door.synced.result()) < wanted:
                raise ConnectionError("the document is not all there")
        return time.monotonic() - start_s

    came = await asyncio.gather(*(join(door) for door in doors), return_exceptions=True)
    for door in doors:
        if door.socket is not None:
            door.socket.close()
    times = [each for each in came if isinstance(each, float)]
    return {
        "joined": len(times),
        "of": len(doors),
        "p50_ms": _percentile(times, 50),
        "p95_ms": _percentile(times, 95) if len(times) == len(doors) else None,
        "max_ms": max(times) * 1000 if len(times) == len(doors) else None,
        "errors": sorted({repr(each)[:100] for each in came if not isinstance(each, float)}),
    }


async def run_read(plan: Plan) -> dict[str, Any]:
    """Give the clocks of the document per client id."""
    door = make_door(plan.kind, plan.document)
    async with asyncio.timeout(20):
        await door.open(plan.host, plan.port)
    ranges = scan(door.synced.result(), LIMITS).ranges
    assert door.socket is not None
    door.socket.close()
    return {"clocks": {str(client): end for client, (_, end) in ranges.items()}}


async def _enter(plan: Plan, seed: list[bytes]) -> list[Door]:
    """Put the seed in, then let the clients join, some at a time."""
    first = make_door(plan.kind, plan.document)
    async with asyncio.timeout(30):
        await first.open(plan.host, plan.port)
        await first.put(seed)
        doors = [make_door(plan.kind, plan.document) for _ in range(plan.clients)]
        for at in range(0, len(doors), CONNECT_AT_ONCE):
            some = doors[at : at + CONNECT_AT_ONCE]
            await asyncio.gather(*(door.open(plan.host, plan.port) for door in some))
        for door in doors:
            if len(door.synced.result()) < sum(map(len, seed)) // 2:
                raise ConnectionError("a client joined without the seed")
    assert first.socket is not None
    first.socket.close()
    return doors


def _frames(work: Workload, doors: list[Door]) -> list[bytes]:
    numbers = [0] * len(doors)
    frames = []
    for edit in work.edits:
        numbers[edit.writer] += 1
        frames.append(doors[edit.writer].frame(edit, numbers[edit.writer]))
    return frames


async def _send(
    work: Workload, doors: list[Door], frames: list[bytes], planned: list[float]
) -> list[float]:
    sockets = [doors[edit.writer].socket for edit in work.edits]
    lags = []
    at, total = 0, len(frames)
    while at < total:
        now_s = time.monotonic()
        while at < total and planned[at] <= now_s:
            socket = sockets[at]
            assert socket is not None
            socket.send(frames[at])
            lags.append(now_s - planned[at])
            at += 1
        if at < total:
            await asyncio.sleep(max(0.0, planned[at] - time.monotonic()))
    return lags


async def _drain(work: Workload, doors: list[Door], drain_s: float) -> None:
    """Wait until everybody has everything, at most `drain_s`."""
    indices = _Indices(work, type(doors[0]))
    until_s = time.monotonic() + drain_s
    writers = np.array([edit.writer for edit in work.edits])
    arrived = [writers == n for n in range(len(doors))]  # nobody waits for one's own
    seen = [0] * len(doors)
    while time.monotonic() < until_s:
        for n, door in enumerate(doors):
            updates = door.arrivals.updates
            while seen[n] < len(updates):
                arrived[n][indices.of(updates[seen[n]])] = True
                seen[n] += 1
        if all(
            mine.all() or door.socket is None or door.socket.closed
            for mine, door in zip(arrived, doors, strict=True)
        ):
            return
        await asyncio.sleep(0.05)


class _Indices:
    """Which edits a message holds; equal messages are looked into once."""

    def __init__(self, work: Workload, door: type[Door]) -> None:
        self._door = door
        self._known: dict[bytes, np.ndarray] = {}
        self._by_client: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        for writer, client_id in enumerate(work.client_ids):
            mine = [n for n, edit in enumerate(work.edits) if edit.writer == writer]
            ends = np.array([work.edits[n].end for n in mine], dtype=np.int64)
            self._by_client[client_id] = (ends, np.array(mine, dtype=np.int64))

    def of(self, message: bytes) -> np.ndarray:
        """Give the numbers of the edits in a message."""
        found = self._known.get(message)
        if found is None:
            found = self._known[message] = self._look(message)
        return found

    def _look(self, message: bytes) -> np.ndarray:
        update = self._door.update_of(message)  # type: ignore[attr-defined]
        parts = []
        for client_id, (start, end) in scan(update, LIMITS).ranges.items():
            if client_id in self._by_client:
                ends, numbers = self._by_client[client_id]
                first, last = np.searchsorted(ends, [start, end], side="right")
                parts.append(numbers[first:last])
        return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)


def _measure(plan: Plan, work: Workload, doors: list[Door], planned: np.ndarray) -> dict[str, Any]:
    indices = _Indices(work, type(doors[0]))
    writers = np.array([edit.writer for edit in work.edits])
    seen_by_others = np.zeros(len(work.edits), dtype=bool)
    latencies, missing, messages = [], 0, 0
    for n, door in enumerate(doors):
        arrived = np.full(len(work.edits), np.inf)
        for message, at_s in zip(door.arrivals.updates, door.arrivals.updates_at_s, strict=True):
            held = indices.of(message)
            arrived[held] = np.minimum(arrived[held], at_s)
        messages += len(door.arrivals.updates)
        others = writers != n
        seen_by_others |= others & np.isfinite(arrived)
        mine = (arrived - planned)[others]
        missing += int(np.isinf(mine).sum())
        latencies.append(mine)
    every = np.concatenate(latencies) if latencies else np.empty(0)
    acks, acked = _acks(work, doors, planned)
    return {
        "edits": len(work.edits),
        "delivered": int(np.isfinite(every).sum()),
        "missing": missing,
        "messages": messages,
        "p50_ms": _percentile(every, 50),
        "p95_ms": _percentile(every, 95),
        "p99_ms": _percentile(every, 99),
        "ack_p50_ms": _percentile(acks, 50),
        "ack_p95_ms": _percentile(acks, 95),
        "unacked": int(np.isinf(acks).sum()) if len(acks) else None,
        "seen": _ends(work, seen_by_others),
        "acked": _ends(work, acked),
    }


def _acks(work: Workload, doors: list[Door], planned: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    acked_at = np.full(len(work.edits), np.inf)
    if not any(door.arrivals.acks for door in doors):
        return np.empty(0), np.isfinite(acked_at)
    for writer in range(len(work.client_ids)):
        mine = [n for n, edit in enumerate(work.edits) if edit.writer == writer]
        done = 0
        arrivals = doors[writer].arrivals
        for cs, at_s in zip(arrivals.acks, arrivals.acks_at_s, strict=True):
            while done < min(cs, len(mine)):
                acked_at[mine[done]] = at_s
                done += 1
    return acked_at - planned, np.isfinite(acked_at)


def _ends(work: Workload, which: np.ndarray) -> dict[str, list[int]]:
    """Give the clocks after the chosen edits, per client id."""
    ends: dict[str, list[int]] = {}
    for n in np.flatnonzero(which):
        edit = work.edits[n]
        ends.setdefault(str(work.client_ids[edit.writer]), []).append(edit.end)
    return ends


def _percentile(seconds: Any, q: int) -> float | None:
    values = np.asarray(seconds)
    if not len(values):
        return None
    value = float(np.percentile(values, q, method="higher"))
    return value * 1000 if np.isfinite(value) else None


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


RUNS = {"load": run_load, "fill": run_fill, "join": run_join, "read": run_read}


def main() -> None:
    asked = json.loads(sys.argv[1])
    run = RUNS[asked.pop("run")]
    into = Path(asked.pop("into"))
    into.write_text(json.dumps(uvloop.run(run(Plan(**asked)))))


if __name__ == "__main__":
    main()
