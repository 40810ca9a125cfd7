"""`/sync`, to the readers: flushes, order, laggards."""

from time import monotonic, thread_time

import pytest

from hub_rig import rig, until
from moim_data.memory_store import MemoryStore
from moim_sync.errors import CloseCode
from moim_sync.limits import HubLimits
from moim_sync.messages import (
    Sub,
    Update,
    Welcome,
)
from moim_sync.pace import Pace

pytestmark = pytest.mark.anyio
OPEN = "open/a"


@pytest.mark.rule("B1")
async def test_an_open_flush_is_one_row_and_a_schema_push_its_own() -> None:
    store = MemoryStore()
    async with rig(store) as hub:
        client = hub.connect("ann").hello()
        free = await client.open(OPEN)
        project = await client.open("project/p")
        store.hold()
        free.push(free.set("a", 0))
        project.push(project.set("description", "0", root="info"))
        await until(lambda: store.held == 2)
        for value in range(1, 4):
            free.push(free.set("a", value))
            project.push(project.set("description", str(value), root="info"))
        await until(lambda: hub.hub.counters.updates_in == 8)
        store.release()
        await free.acked()
        assert (await project.acked()).seq == 4
    rows = {name: len(kept.updates) for name, kept in store.disk.documents.items()}
    assert rows == {OPEN: 2, "project/p": 4}


@pytest.mark.rule("B1", "B2")
async def test_updates_rise_without_gaps_after_sync() -> None:
    async with rig() as hub:
        ann, bob = hub.connect("ann").hello(), hub.connect("bob").hello()
        board = await ann.open(OPEN)
        board.push(board.set("a", 0))
        await board.acked()
        seen = await bob.open(OPEN)
        for value in range(1, 30):
            board.push(board.set("a", value))
            if value % 3 == 0:
                await board.acked()
        await board.acked()
        numbers = [seen.granted.seq]
        while seen.value("a") != 29:
            numbers.append((await seen.update()).seq)
        assert numbers == sorted(set(numbers))


async def test_the_only_author_of_a_flush_hears_no_echo() -> None:
    async with rig() as hub:
        ann, bob = hub.connect("ann").hello(), hub.connect("bob").hello()
        board, seen = await ann.open(OPEN), await bob.open(OPEN)
        board.push(board.set("a", 1))
        await board.acked()
        await seen.update()
        assert not [m for m in ann.heard if isinstance(m, Update)]


@pytest.mark.rule("B3")
async def test_the_first_update_is_flushed_at_once_and_later_ones_within_a_window() -> None:
    async with rig() as hub:
        board = await hub.connect().hello().open(OPEN)
        for _ in range(20):
            board.push(board.set("a", 1))
            await board.acked()
        timing = hub.hub.counters.flush
        assert timing.count >= 20
        pace = Pace(monotonic, thread_time, hub.hub.limits.window_s)
        assert pace.period_s(0.1) == pytest.approx(0.1 + hub.hub.limits.window_s)
        assert pace.period_s(0.0005) == pytest.approx(0.0025)


@pytest.mark.rule("B4", "F23")
async def test_F23_a_laggard_gets_one_difference_when_it_has_drained() -> None:
    limits = HubLimits(lag_bytes=1_000, behind_bytes=1_000_000)
    async with rig(limits=limits) as hub:
        ann, bob = hub.connect("ann").hello(), hub.connect("bob").hello()
        board, seen = await ann.open(OPEN), await bob.open(OPEN)
        bob.server_end.hold()
        for value in range(20):
            board.push(board.set("a", f"{value}" * 300))
            await board.acked()
        assert bob.server_end.waiting_bytes < 3_000
        bob.server_end.release()
        updates = [await seen.update()]
        while updates[-1].seq < 20:
            updates.append(await seen.update())
        assert len(updates) < 8
        assert seen.value("a") == "19" * 300


@pytest.mark.rule("B4", "F23")
async def test_F23_a_reader_too_far_behind_is_closed_and_its_memory_freed() -> None:
    limits = HubLimits(lag_bytes=1_000, behind_bytes=20_000)
    async with rig(limits=limits) as hub:
        ann, bob = hub.connect("ann").hello(), hub.connect("bob").hello()
        board = await ann.open(OPEN)
        await bob.open(OPEN)
        bob.server_end.hold()
        while bob.server_end.close_code is None:
            board.push(board.set("a", "x" * 2_000))
            await board.acked()
        assert bob.server_end.close_code == CloseCode.TOO_SLOW
        assert len(hub.hub.sessions) == 1


@pytest.mark.rule("B4")
async def test_a_first_sync_larger_than_the_bounds_may_take_its_time_while_it_moves() -> None:
    now_s = [0.0]
    limits = HubLimits(lag_bytes=100, behind_bytes=1_000, dead_s=999)
    async with rig(limits=limits, clock=lambda: now_s[0]) as hub:
        ann, bob = hub.connect("ann").hello(), hub.connect("bob").hello()
        board = await ann.open(OPEN)
        for number in range(4):
            board.push(board.set(f"k{number}", "x" * 5_000))
        await board.acked()
        await bob.get(Welcome)
        bob.server_end.hold()
        for name in (OPEN, "open/b", "open/c"):
            bob.send(Sub(name, True, b"", b"\x00"))
        await until(lambda: bob.server_end.waiting_bytes > 20_000)
        board.push(board.set("a", 1))
        await board.acked()
        for _ in range(3):
            now_s[0] += 9
            bob.server_end.release(1)
            hub.hub.tick(now_s[0])
        assert bob.server_end.close_code is None
        bob.server_end.hold()
        bob.server_end.release()
        await bob.get(Update)


@pytest.mark.rule("B4")
async def test_a_reader_ten_seconds_behind_is_closed() -> None:
    now_s = [0.0]
    limits = HubLimits(lag_bytes=0, dead_s=99)
    async with rig(limits=limits, clock=lambda: now_s[0]) as hub:
        ann, bob = hub.connect("ann").hello(), hub.connect("bob").hello()
        board = await ann.open(OPEN)
        await bob.open(OPEN)
        bob.server_end.hold()
        for _ in range(2):
            board.push(board.set("a", 1))
            await board.acked()
            now_s[0] += 1
        hub.hub.tick(5.0)
        assert bob.server_end.close_code is None
        hub.hub.tick(12.1)
        assert bob.server_end.close_code == CloseCode.TOO_SLOW
