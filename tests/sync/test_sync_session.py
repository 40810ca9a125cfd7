"""The `/sync` door, rule by rule."""

import asyncio

import pytest
from pycrdt import Doc, Map, Text

from hub_rig import person, restarted, rig, until
from moim_data.documents.kinds import parse_document_id
from moim_data.errors import StorageError, StorageFull
from moim_data.memory_store import MemoryDisk, MemoryStore
from moim_sync.errors import CloseCode
from moim_sync.limits import HubLimits
from moim_sync.memory_channel import memory_pair
from moim_sync.messages import (
    Ack,
    Drain,
    Granted,
    Hello,
    Limits,
    Perm,
    Ping,
    Pong,
    Resync,
    Sub,
    Sync,
    Unsub,
    Update,
    Welcome,
)
from moim_sync.protocol import encode
from moim_sync.room import Room
from moim_sync.session import shorten

pytestmark = pytest.mark.anyio
OPEN = "open/a"


@pytest.mark.rule("W1", "W2")
@pytest.mark.parametrize(
    "message",
    [b"", b"\xff", b"\x00\xe7\x07", encode(Ack(1, 1, 1)), encode(Drain(1))],
)
async def test_a_message_that_breaks_the_wire_ends_its_connection(message: bytes) -> None:
    async with rig() as hub:
        client = hub.connect()
        client.channel.write(message)
        assert await client.closed() == CloseCode.MALFORMED


@pytest.mark.rule("W1")
async def test_text_ends_the_connection() -> None:
    async with rig() as hub:
        _ours, theirs = memory_pair("/sync")
        session = hub.hub.sync(theirs, person("ann"))
        session.receive("hello")
        assert theirs.close_code == CloseCode.MALFORMED


@pytest.mark.rule("W3")
async def test_nothing_but_hello_comes_first() -> None:
    async with rig() as hub:
        client = hub.connect()
        client.send(Sub(OPEN, True, b"", b"\x00"))
        assert await client.closed() == CloseCode.MALFORMED


@pytest.mark.rule("W3")
async def test_a_connection_without_hello_ends_after_five_seconds() -> None:
    now_s = [100.0]
    async with rig(clock=lambda: now_s[0]) as hub:
        client = hub.connect()
        hub.hub.tick(104.9)
        assert client.server_end.close_code is None
        hub.hub.tick(105.1)
        assert client.server_end.close_code == CloseCode.SILENT


@pytest.mark.rule("H1")
async def test_another_protocol_version_ends_the_connection() -> None:
    async with rig() as hub:
        client = hub.connect()
        client.send(Hello(2, "tests", client.replica))
        assert await client.closed() == CloseCode.MALFORMED


@pytest.mark.rule("H1", "H2")
async def test_welcome_names_the_person_of_the_session_and_the_limits() -> None:
    async with rig() as hub:
        client = hub.connect("ann").hello(name="Somebody Else")
        welcome = await client.get(Welcome)
        assert welcome.you == person("ann").person, "only a guest may choose a name"
        assert welcome.epoch == hub.hub.epoch
        assert (welcome.limits, welcome.ping_s, welcome.dead_s) == (Limits(), 5, 8)


@pytest.mark.rule("H1")
async def test_a_guest_may_choose_a_name_and_never_an_id() -> None:
    async with rig() as hub:
        _ours, theirs = memory_pair("/sync")
        session = hub.hub.sync(theirs, person("guest-1", guest=True))
        session.receive(encode(Hello(1, "tests", b"r" * 16, "  예쁜 이름  ")))
        assert (session.who.id, session.who.name) == ("guest-1", "예쁜 이름")


@pytest.mark.rule("H2")
async def test_the_epoch_changes_with_each_start() -> None:
    async with rig() as first, rig() as second:
        assert first.hub.epoch != second.hub.epoch


@pytest.mark.rule("H3")
async def test_a_silent_client_is_pinged_then_dropped() -> None:
    now_s = [0.0]
    async with rig(clock=lambda: now_s[0]) as hub:
        client = hub.connect().hello()
        await client.get(Welcome)
        hub.hub.tick(5.0)
        ping = await client.get(Ping)
        now_s[0] = 6.0
        client.send(Pong(ping.token))
        await until(lambda: next(iter(hub.hub.sessions)).heard_s == 6.0)
        hub.hub.tick(13.9)
        assert client.server_end.close_code is None, "the answer counts as a sign of life"
        hub.hub.tick(14.1)
        assert client.server_end.close_code == CloseCode.SILENT


@pytest.mark.rule("H4")
async def test_a_drain_is_announced_and_everything_pushed_before_is_acked() -> None:
    async with rig() as hub:
        client = hub.connect().hello()
        board = await client.open(OPEN)
        board.push(board.set("a", 1))
        await until(lambda: hub.hub.counters.updates_in == 1)
        await hub.hub.drain(2_000)
        assert await client.closed() == CloseCode.RESTART
        assert (await client.get(Drain)).delay_ms == 2_000
        assert (await board.acked()).cs == 1


@pytest.mark.rule("H4")
async def test_who_comes_while_the_server_stops_is_sent_away_to_come_back() -> None:
    async with rig() as hub:
        await hub.connect("ann").hello().open(OPEN)
        await hub.hub.drain(1_000)
        assert await hub.connect("bob").closed() == CloseCode.RESTART
        with pytest.raises(StorageError):
            await hub.plain(OPEN)
        await until(lambda: not hub.hub.rooms)
        assert not hub.hub.sessions


@pytest.mark.rule("S1")
@pytest.mark.parametrize(
    ("document", "create", "code"),
    [
        ("open/none", False, "unknown"),
        ("nonsense", True, "malformed"),
        ("open/../x", True, "malformed"),
        ("secret/a", True, "malformed"),
    ],
)
async def test_a_document_that_cannot_be_opened_is_refused_and_the_connection_goes_on(
    document: str, create: bool, code: str
) -> None:
    async with rig() as hub:
        client = hub.connect().hello()
        client.send(Sub(document, create, b"", b"\x00"))
        perm = await client.get(Perm)
        assert (perm.channel, perm.document, perm.code) == (0, document, code)
        await client.open(OPEN)


@pytest.mark.rule("S1")
async def test_a_document_is_made_only_when_asked_for_even_by_two_at_once() -> None:
    async with rig() as hub:
        ann, bob = hub.connect("ann").hello(), hub.connect("bob").hello()
        ann.send(Sub(OPEN, False, b"", b"\x00"))
        bob.send(Sub(OPEN, True, b"", b"\x00"))
        assert (await bob.get(Granted)).document == OPEN
        assert isinstance(await ann.get(Perm), Perm)


@pytest.mark.rule("S1")
async def test_a_corrupt_document_is_called_corrupt_and_never_served_empty() -> None:
    disk = MemoryDisk()
    async with rig(MemoryStore(disk)) as hub:
        board = await hub.connect().hello().open(OPEN)
        board.push(board.set("a", 1))
        await board.acked()
    kept = disk.documents[parse_document_id(OPEN)]
    good = kept.updates[0]
    kept.updates[0] = type(good)(1, 0, "ann", good.replica, 1, good.data[:-3] + b"\xff\xff")
    async with rig(restarted(disk)) as hub:
        client = hub.connect().hello()
        client.send(Sub(OPEN, True, b"", b"\x00"))
        assert (await client.get(Perm)).code == "corrupt"


@pytest.mark.rule("S1")
async def test_a_store_that_makes_no_document_is_named() -> None:
    store = MemoryStore()
    store.refuse(StorageFull("the disk is full"))
    async with rig(store) as hub:
        client = hub.connect().hello()
        client.send(Sub(OPEN, True, b"", b"\x00"))
        assert (await client.get(Perm)).code == "storage"


@pytest.mark.rule("S1")
async def test_more_documents_than_the_limit_are_refused() -> None:
    async with rig(limits=HubLimits(push=Limits(channels=1))) as hub:
        client = hub.connect().hello()
        await client.open(OPEN)
        client.send(Sub("open/b", True, b"", b"\x00"))
        assert (await client.get(Perm)).code == "channels"


@pytest.mark.rule("S2")
async def test_a_grant_brings_the_state_the_presence_and_what_is_durable() -> None:
    async with rig() as hub:
        first = hub.connect("ann").hello()
        board = await first.open(OPEN)
        board.push(board.set("a", 1), cs=3)
        await board.acked()
        board.announce(7, 1, "{}")
        await board.presence()
        again = hub.connect("ann", first.replica).hello()
        seen = await again.open(OPEN)
        assert (seen.granted.kind, seen.granted.seq, seen.granted.cs_durable) == ("open", 1, 3)
        assert seen.value("a") == 1
        assert [entry.client_id for entry in await seen.presence()] == [7]


@pytest.mark.rule("S2")
async def test_sync_holds_only_what_the_state_vector_lacks() -> None:
    async with rig() as hub:
        board = await hub.connect("ann").hello().open(OPEN)
        board.push(board.set("a", "x" * 1000))
        await board.acked()
        other = hub.connect("bob").hello()
        other.send(Sub(OPEN, False, b"", board.doc.get_state()))
        assert len((await other.get(Sync)).update) < 50


@pytest.mark.rule("S3")
async def test_a_channel_number_means_the_same_document_to_everybody() -> None:
    async with rig() as hub:
        ann, bob = hub.connect("ann").hello(), hub.connect("bob").hello()
        await ann.open("open/other")
        assert (await ann.open(OPEN)).channel == (await bob.open(OPEN)).channel


@pytest.mark.rule("S4")
async def test_another_lineage_is_told_and_nothing_merged() -> None:
    async with rig() as hub:
        board = await hub.connect("ann").hello().open(OPEN)
        other = hub.connect("bob").hello()
        other.send(Sub(OPEN, True, b"l" * 16, b"\x00"))
        perm = await other.get(Perm)
        assert (perm.code, perm.message) == ("lineage", board.granted.lineage.hex())


@pytest.mark.rule("S5")
async def test_unsub_ends_updates_and_presence_and_late_frames_are_ignored() -> None:
    async with rig() as hub:
        ann, bob = hub.connect("ann").hello(), hub.connect("bob").hello()
        mine, theirs = await ann.open(OPEN), await bob.open(OPEN)
        mine.announce(7, 1, "{}")
        await theirs.presence()
        ann.send(Unsub(mine.channel))
        assert [entry.state for entry in await theirs.presence()] == ["null"]
        mine.push(mine.set("late", 1))
        theirs.push(theirs.set("a", 1))
        await theirs.acked()
        assert theirs.value("late") is None
        await ann.open("open/b")
        assert not [m for m in ann.heard if isinstance(m, Update | Ack)]


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
        board = await hub.connect("ann").hello().open(OPEN)
        board.push(board.set("a", 1), touched=("data/a",))
        await board.acked()
        board.push(board.set("a", 2), touched=("data/a",))
        await board.acked()
    write = store.disk.documents[parse_document_id(OPEN)].fields["data/a"]
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
        room = next(iter(hub.hub.rooms.values()))
        assert isinstance(room, Room)
        assert room.period_s(0.1) == pytest.approx(0.1 + hub.hub.limits.window_s)
        assert room.period_s(0.0005) == pytest.approx(0.0025)


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


async def test_a_failing_session_is_closed_with_4500_and_others_go_on() -> None:
    async with rig() as hub:
        ann, bob = hub.connect("ann").hello(), hub.connect("bob").hello()
        board = await ann.open(OPEN)
        await bob.get(Welcome)
        session = next(s for s in hub.hub.sessions if s.who.id == "bob")
        session.handle = None  # type: ignore[assignment,method-assign]
        bob.send(Pong(1))
        assert await bob.closed() == CloseCode.INTERNAL
        board.push(board.set("a", 1))
        await board.acked()


async def test_a_fast_sender_is_read_more_slowly_and_not_cut_off() -> None:
    now_s = [0.0]
    async with rig(limits=HubLimits(bytes_per_s=100), clock=lambda: now_s[0]) as hub:
        _ours, theirs = memory_pair("/sync")
        session = hub.hub.sync(theirs, person("ann"))
        assert session.receive(encode(Hello(1, "tests", b"r" * 16))) is None
        wait = session.receive(encode(Pong(1)) * 100)
        assert wait is not None
        wait.close()  # type: ignore[attr-defined]
        now_s[0] = 10.0
        assert session.receive(encode(Pong(1))) is None


def test_a_reason_is_cut_between_characters() -> None:
    assert shorten("가" * 60) == "가" * 40


async def test_a_document_over_its_size_takes_deletes_only() -> None:
    async with rig(limits=HubLimits(document_bytes=5_000)) as hub:
        board = await hub.connect("ann").hello().open(OPEN)
        board.push(board.edit(lambda doc: doc.get("t", type=Text).insert(0, "x" * 6_000)))
        await board.acked()
        more = hub.connect("bob").hello()
        full = await more.open(OPEN)
        full.push(full.set("a", 1))
        assert await more.closed() == CloseCode.OVER_LIMIT
        board.push(board.edit(lambda doc: doc.get("t", type=Text).clear()))
        await board.acked()
        board.push(board.set("a", 1))
        await board.acked()
