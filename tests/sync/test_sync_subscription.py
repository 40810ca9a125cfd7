"""`/sync`, documents on a connection: SUB, grants and refusals, UNSUB."""

import pytest

from hub_rig import restarted, rig
from moim_data.documents.kinds import parse_document_id
from moim_data.errors import StorageFull
from moim_data.memory_store import MemoryDisk, MemoryStore
from moim_sync.limits import HubLimits
from moim_sync.messages import (
    Ack,
    Granted,
    Limits,
    Perm,
    Sub,
    Sync,
    Unsub,
    Update,
)

pytestmark = pytest.mark.anyio
OPEN = "open/a"


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
