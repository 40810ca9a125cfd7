"""`/sync`, from PUSH to ACK: what is refused, asked for again, kept and acknowledged."""

import asyncio

import pytest
from pycrdt import Doc, Map, Text

from hub_rig import restarted, rig, until
from moim_data.documents.kinds import parse_document_id
from moim_data.errors import StorageFull
from moim_data.memory_store import MemoryDisk, MemoryStore
from moim_sync.errors import CloseCode
from moim_sync.limits import HubLimits
from moim_sync.messages import (
    Ack,
    Perm,
    Reject,
    Resync,
    Sub,
    Sync,
    Update,
    Welcome,
)

pytestmark = pytest.mark.anyio
OPEN = "open/a"
PROJECT = "project/p"


@pytest.mark.rule("P1", "A1")
async def test_a_push_at_or_below_the_durable_number_is_acked_again_without_work() -> None:
    async with rig() as hub:
        board = await hub.connect().hello().open(OPEN)
        update = board.set("a", 1)
        board.push(update, cs=5)
        await board.acked()
        flushes = hub.hub.counters.flushes
        board.push(update, cs=4)
        ack = await board.acked(4)
        assert (ack.cs, ack.seq, hub.hub.counters.flushes) == (4, 1, flushes)


@pytest.mark.rule("P2")
async def test_touched_registers_are_kept_with_their_last_writer() -> None:
    store = MemoryStore()
    async with rig(store) as hub:
        board = await hub.connect("ann").hello().open(PROJECT)
        for text in ("first", "second"):
            board.push(board.set("description", text, root="info"), touched=("info/description",))
            await board.acked()
    write = store.disk.documents[parse_document_id(PROJECT)].fields["info/description"]
    assert (write.seq, write.actor) == (2, "ann")


@pytest.mark.rule("P3")
async def test_F18_an_update_without_its_predecessor_is_not_applied_but_asked_for() -> None:
    async with rig() as hub:
        ann, bob = hub.connect("ann").hello(), hub.connect("bob").hello()
        board, seen = await ann.open(OPEN), await bob.open(OPEN)
        board.push(board.set("a", "first"))
        await board.acked()
        await seen.update()
        board.set("a", "lost on the way")
        board.push(board.set("a", "third"), cs=3)
        resync = await ann.get(Resync)
        assert resync.reason == "gap"
        seen.push(seen.set("other", 1))
        await seen.acked()
        assert seen.value("a") == "first", "no reader sees a key vanish"
        board.push(board.doc.get_update(resync.state_vector), cs=3)
        assert (await board.acked(3)).cs == 3
        while seen.value("a") != "third":
            await seen.update()


@pytest.mark.rule("A1", "P3")
async def test_F18_an_ack_never_passes_over_an_edit_that_waits_for_another() -> None:
    async with rig() as hub:
        client = hub.connect("ann").hello()
        board, tab = await client.open(OPEN), Doc()
        board.set("a", "lost on the way")
        board.push(board.set("a", "gapped"), cs=2)
        await client.get(Resync)
        tab.get("data", type=Map)["b"] = "whole"
        board.push(tab.get_update(), cs=3)
        await until(lambda: hub.hub.counters.updates_in == 2)
        await until(lambda: next(iter(hub.hub.rooms.values())).is_settled)
        again = hub.connect("ann", client.replica).hello()
        seen = await again.open(OPEN)
        assert seen.value("b") == "whole"
        assert seen.granted.cs_durable <= 1
        board.push(board.doc.get_update(), cs=3)
        assert (await board.acked(3)).cs == 3


@pytest.mark.rule("P4")
@pytest.mark.parametrize(
    ("update", "code"),
    [
        (b"\x01", CloseCode.MALFORMED),
        (b"\x00\x00\x00", CloseCode.MALFORMED),
        (b"\x01\x01\x05\x00\x0a\x03\x00", CloseCode.MALFORMED),
    ],
)
async def test_what_fails_the_pre_scan_ends_the_connection(update: bytes, code: CloseCode) -> None:
    async with rig() as hub:
        client = hub.connect().hello()
        board = await client.open(OPEN)
        board.push(update)
        assert await client.closed() == code
        assert hub.hub.counters.updates_in == 0, "pycrdt was never called"


@pytest.mark.rule("P4")
async def test_F6_a_push_over_a_limit_ends_the_connection_with_4413() -> None:
    async with rig() as hub:
        client = hub.connect().hello()
        board = await client.open(OPEN)
        deep: object = 1
        for _ in range(40):
            deep = [deep]
        board.push(board.set("deep", deep))
        assert await client.closed() == CloseCode.OVER_LIMIT
        large = hub.connect("bob").hello()
        board = await large.open(OPEN)
        board.push(board.set("large", "x" * 300_000))
        assert await large.closed() == CloseCode.OVER_LIMIT


@pytest.mark.rule("A1", "A2")
async def test_nothing_is_acked_or_broadcast_before_the_commit() -> None:
    store = MemoryStore()
    async with rig(store) as hub:
        ann, bob = hub.connect("ann").hello(), hub.connect("bob").hello()
        board, seen = await ann.open(OPEN), await bob.open(OPEN)
        store.hold()
        board.push(board.set("a", 1))
        await until(lambda: store.held)
        plain = await hub.plain(OPEN)
        plain.send(b"\x00\x00\x01\x00")
        joiner = hub.connect("eve").hello()
        joiner.send(Sub(OPEN, False, b"", b"\x00"))
        await joiner.get(Welcome)
        await asyncio.sleep(0)
        for client in (ann, bob, joiner):
            assert client.channel.take() == []
        assert plain.channel.take() == []
        store.release()
        await board.acked()
        await seen.update()
        assert seen.value("a") == 1
        await joiner.get(Sync)


@pytest.mark.rule("A2")
async def test_a_number_that_was_seen_is_never_given_again() -> None:
    disk = MemoryDisk()
    numbers = []
    for value in range(3):
        async with rig(restarted(disk)) as hub:
            board = await hub.connect(f"p{value}").hello().open(OPEN)
            board.push(board.set("a", value))
            numbers.append((await board.acked()).seq)
    assert numbers == [1, 2, 3]


@pytest.mark.rule("A3")
async def test_a_store_that_refuses_is_announced_and_nothing_else_is_until_it_works() -> None:
    store = MemoryStore()
    async with rig(store) as hub:
        ann, bob = hub.connect("ann").hello(), hub.connect("bob").hello()
        board, seen = await ann.open(OPEN), await bob.open(OPEN)
        store.refuse(StorageFull("the disk is full"))
        board.push(board.set("a", 1))
        for client in (ann, bob):
            perm = await client.get(Perm)
            assert (perm.document, perm.code) == (OPEN, "storage")
        late = hub.connect("eve").hello()
        late.send(Sub(OPEN, False, b"", b"\x00"))
        assert (await late.get(Perm)).code == "storage"
        assert not [m for m in ann.heard + bob.heard if isinstance(m, Ack | Update)]
        store.refuse(None)
        assert (await ann.get(Perm)).code == "ok"
        await board.acked()
        assert (await seen.update()).seq == 1
        assert seen.value("a") == 1


@pytest.mark.rule("A3")
async def test_a_store_that_goes_on_refusing_lets_everybody_go_with_nothing_lost() -> None:
    store = MemoryStore()
    async with rig(store, limits=HubLimits(storage_patience_s=0)) as hub:
        client = hub.connect("ann").hello()
        board = await client.open(OPEN)
        store.refuse(StorageFull("the disk is full"))
        update = board.set("a", 1)
        board.push(update)
        assert await client.closed() == CloseCode.STORAGE
        store.refuse(None)
        board = await hub.connect("ann").hello().open(OPEN)
        assert (board.value("a"), board.granted.cs_durable) == (None, 0)


@pytest.mark.rule("I1")
async def test_a_client_id_of_a_live_connection_takes_no_items_from_somebody_else() -> None:
    async with rig() as hub:
        ann, eve = hub.connect("ann").hello(), hub.connect("eve").hello()
        board, forged = await ann.open(OPEN), await eve.open(OPEN)
        board.push(board.set("a", 1))
        await board.acked()
        known = (await forged.update()).update
        forged.push(known)
        await forged.acked()
        twin: Doc[object] = Doc(client_id=board.doc.client_id)
        twin.apply_update(board.doc.get_update())
        twin.get("data", type=Map)["a"] = "forged"
        forged.push(twin.get_update())
        assert await eve.closed() == CloseCode.MALFORMED
        assert board.value("a") == 1


@pytest.mark.rule("I1")
async def test_a_client_id_is_free_again_when_its_connection_has_gone() -> None:
    async with rig() as hub:
        ann = hub.connect("ann").hello()
        board = await ann.open(OPEN)
        board.push(board.set("a", 1))
        await board.acked()
        ann.lose()
        await until(lambda: not hub.hub.sessions)
        bob = await hub.connect("bob").hello().open(OPEN)
        bob.push(board.set("a", 2))
        await bob.acked()


async def test_a_document_over_its_size_takes_deletes_only() -> None:
    async with rig(limits=HubLimits(document_bytes=5_000)) as hub:
        board = await hub.connect("ann").hello().open(OPEN)
        board.push(board.edit(lambda doc: doc.get("t", type=Text).insert(0, "x" * 6_000)))
        await board.acked()
        more = hub.connect("bob").hello()
        full = await more.open(OPEN)
        full.push(full.set("a", 1))
        reject = await more.get(Reject)
        assert (reject.hard, reject.code) == (True, "limit")
        board.push(board.edit(lambda doc: doc.get("t", type=Text).clear()))
        await board.acked()
        board.push(board.set("a", 1))
        await board.acked()
