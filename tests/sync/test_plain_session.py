"""The `/yjs` door, rule by rule."""

import pytest
from pycrdt import Doc, Map, create_sync_message, create_update_message

from hub_rig import PlainClient, person, rig, until
from moim_data.documents.kinds import parse_document_id
from moim_data.memory_store import MemoryStore
from moim_sync.errors import CloseCode, UnknownDocument
from moim_sync.memory_channel import memory_pair
from moim_sync.y_protocol import (
    AwarenessEntry,
    SyncStep1,
    SyncStep2,
    SyncUpdate,
    decode_y_message,
    encode_awareness,
    encode_awareness_message,
)

pytestmark = pytest.mark.anyio
OPEN = "open/a"
STEP_1, STEP_2, UPDATE, AWARENESS = b"\x00\x00", b"\x00\x01", b"\x00\x02", b"\x01"


def set_key(doc: "Doc[object]", key: str, value: object) -> bytes:
    before = doc.get_state()
    doc.get("data", type=Map)[key] = value
    return create_update_message(doc.get_update(before))


async def synced(client: PlainClient, doc: "Doc[object]") -> None:
    client.send(create_sync_message(doc))
    message = decode_y_message(await client.get(STEP_2))
    assert isinstance(message, SyncStep2)
    doc.apply_update(message.update)


@pytest.mark.rule("Y1")
@pytest.mark.parametrize("message", [b"\x02\x00", b"\x04", b"\x78\x01", b"\x00\x05\x00"])
async def test_a_type_that_is_not_known_is_ignored(message: bytes) -> None:
    async with rig() as hub:
        client = await hub.plain(OPEN)
        client.send(message)
        await synced(client, Doc())
        assert client.server_end.close_code is None


@pytest.mark.rule("Y1")
@pytest.mark.parametrize("message", [b"", b"\x00", b"\x00\x02\x7f\x00", b"\xff\xff"])
async def test_a_message_cut_short_ends_the_connection(message: bytes) -> None:
    async with rig() as hub:
        client = await hub.plain(OPEN)
        client.send(message)
        assert await client.closed() == CloseCode.MALFORMED


@pytest.mark.rule("Y1")
async def test_only_types_of_y_websocket_are_ever_sent() -> None:
    async with rig() as hub:
        board = await hub.connect("ann").hello().open(OPEN)
        client = await hub.plain(OPEN)
        board.announce(1, 1, "{}")
        board.push(board.set("a", 1))
        await board.acked()
        await hub.hub.drain(1_000)
        kinds = {message[0] for message in client.channel.take()}
        assert kinds <= {0, 1}
        assert await client.closed() == CloseCode.RESTART


@pytest.mark.rule("Y2")
async def test_who_connects_is_asked_answered_and_told_who_is_there() -> None:
    async with rig() as hub:
        first = await hub.plain(OPEN, "ann")
        state = encode_awareness([AwarenessEntry(5, 1, "{}")])
        first.send(encode_awareness_message(state))
        await first.get(AWARENESS)
        doc: Doc[object] = Doc()
        first.send(set_key(doc, "a", 1))
        await until(lambda: hub.hub.counters.updates_in)
        second = await hub.plain(OPEN, "bob")
        asked = decode_y_message(await second.get(STEP_1))
        assert isinstance(asked, SyncStep1)
        await second.get(AWARENESS)
        mine: Doc[object] = Doc()
        await synced(second, mine)
        assert mine.get("data", type=Map)["a"] == 1


@pytest.mark.rule("Y2")
async def test_a_query_is_answered_with_everybody() -> None:
    async with rig() as hub:
        client = await hub.plain(OPEN)
        state = encode_awareness([AwarenessEntry(5, 1, "{}")])
        client.send(encode_awareness_message(state))
        await client.get(AWARENESS)
        client.send(b"\x03")
        await client.get(AWARENESS)


@pytest.mark.rule("Y2")
async def test_updates_go_out_after_the_commit_several_as_one() -> None:
    store = MemoryStore()
    async with rig(store) as hub:
        writer, reader = await hub.plain(OPEN, "ann"), await hub.plain(OPEN, "bob")
        doc: Doc[object] = Doc()
        mine: Doc[object] = Doc()
        await synced(reader, mine)
        store.hold()
        for value in range(10):
            writer.send(set_key(doc, f"k{value}", value))
        await until(lambda: hub.hub.counters.updates_in == 10 and store.held)
        assert reader.channel.take() == []
        store.release()
        updates = 0
        while "k9" not in mine.get("data", type=Map):
            message = decode_y_message(await reader.get(UPDATE))
            assert isinstance(message, SyncUpdate)
            mine.apply_update(message.update)
            updates += 1
        assert updates <= 2
        assert len(mine.get("data", type=Map)) == 10


@pytest.mark.rule("Y3")
async def test_a_silent_connection_is_pinged_then_dropped() -> None:
    now_s = [0.0]
    async with rig(clock=lambda: now_s[0]) as hub:
        _, theirs = memory_pair("/yjs/open/a")
        pings: list[float] = []
        theirs.ping = lambda: pings.append(now_s[0])  # type: ignore[method-assign]
        session = await hub.hub.plain(parse_document_id(OPEN), theirs, person("ann"))
        for second in range(1, 8):
            now_s[0] = float(second)
            hub.hub.tick(now_s[0])
        assert pings == [5.0]
        session.heard()
        now_s[0] = 14.0
        hub.hub.tick(now_s[0])
        assert theirs.close_code is None
        now_s[0] = 15.1
        hub.hub.tick(now_s[0])
        assert theirs.close_code == CloseCode.SILENT


@pytest.mark.rule("Y4")
async def test_only_open_documents_are_made_by_opening_them() -> None:
    async with rig() as hub:
        await hub.plain("open/new")
        with pytest.raises(UnknownDocument):
            await hub.plain("project/new")


@pytest.mark.rule("P3")
async def test_F18_an_update_with_a_gap_is_answered_with_sync_step_1() -> None:
    async with rig() as hub:
        client = await hub.plain(OPEN)
        await client.get(STEP_1)
        doc: Doc[object] = Doc()
        set_key(doc, "a", "lost on the way")
        client.send(set_key(doc, "a", "second"))
        asked = decode_y_message(await client.get(STEP_1))
        assert isinstance(asked, SyncStep1)
        client.send(b"\x00\x01" + create_update_message(doc.get_update(asked.state_vector))[2:])
        mine: Doc[object] = Doc()
        while mine.get("data", type=Map).get("a") != "second":
            await synced(client, mine)


@pytest.mark.rule("P4")
async def test_a_malformed_update_ends_the_connection_before_pycrdt_sees_it() -> None:
    async with rig() as hub:
        client = await hub.plain(OPEN)
        client.send(create_update_message(b"\x01\x01"))
        assert await client.closed() == CloseCode.MALFORMED
        assert hub.hub.counters.updates_in == 0


@pytest.mark.rule("P4")
@pytest.mark.parametrize("vector", [b"\x05", b"\xff\xff\xff\xff\xff\x7f", b"\x01\x01\xff\xff"])
async def test_a_malformed_state_vector_ends_the_connection(vector: bytes) -> None:
    async with rig() as hub:
        client = await hub.plain(OPEN)
        client.send(STEP_1 + bytes([len(vector)]) + vector)
        assert await client.closed() in (CloseCode.MALFORMED, CloseCode.OVER_LIMIT)


async def test_F2_an_edit_of_a_connection_that_is_gone_is_kept() -> None:
    store = MemoryStore()
    async with rig(store) as hub:
        client = await hub.plain(OPEN)
        client.send(set_key(Doc(), "a", 1))
        client.channel.close()
        await until(lambda: not hub.hub.sessions)
        mine: Doc[object] = Doc()
        await synced(await hub.plain(OPEN), mine)
        assert mine.get("data", type=Map)["a"] == 1
