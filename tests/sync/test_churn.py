"""People come, edit, fail and leave by the thousand: nothing of them stays behind.

Every way to leave is taken, the bad ones above all, since it is the error paths that forget.
"""

import asyncio
import gc
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from pycrdt import Doc, Map

from hub_rig import Rig, rig, until
from moim_data.errors import StorageFull
from moim_data.memory_store import MemoryStore
from moim_sync.edit import Edit
from moim_sync.limits import HubLimits
from moim_sync.member import Member
from moim_sync.memory_channel import MemoryChannel
from moim_sync.messages import Ack, Granted, Perm, Presence, Push, ServerMessage, Sub, Sync, Unsub
from moim_sync.protocol import encode
from moim_sync.room import Room
from moim_sync.session import Session
from moim_sync.y_protocol import AwarenessEntry, encode_awareness

pytestmark = pytest.mark.anyio

SEED = 20261127
AT_ONCE = 10
KINDS = (Session, Member, Room, Edit, MemoryChannel, asyncio.Task)
"""Of what there must be as much afterwards as before."""


class Visitor:
    """One person's visit: a document of their own, made from what the server gives."""

    def __init__(self, hub: Rig, slot: int) -> None:
        self.client = hub.connect(f"person-{slot}", replica=slot.to_bytes(16, "big")).hello()
        self.doc: Doc[Any] = Doc(client_id=1000 + slot)
        self.channel = self.cs = 0

    async def open(self, document: str) -> None:
        granted = None
        while granted is None:  # a document that a full disk could not make is asked for again
            self.client.send(Sub(document, True, b"", b"\x00"))
            answer = await self.client.get(ServerMessage, _answers_sub)  # type: ignore[arg-type]
            granted = answer if isinstance(answer, Granted) else None
        self.channel, self.cs = granted.channel, granted.cs_durable
        self.doc.apply_update((await self.client.get(Sync)).update)

    def edit(self, key: str, value: object) -> bytes:
        before = self.doc.get_state()
        self.doc.get("data", type=Map)[key] = value
        return self.doc.get_update(before)

    def push(self, update: bytes) -> None:
        self.cs += 1
        self.client.send(Push(self.channel, self.cs, 0, (), update))


def _answers_sub(message: object) -> bool:
    return isinstance(message, Granted) or (isinstance(message, Perm) and message.channel == 0)


ENDINGS = ("leave", "unsub", "cut", "malformed", "half a frame", "gap", "presence", "held")


async def come_and_go(hub: Rig, chance: random.Random, slot: int, document: str) -> None:
    """A visit, and one of the ways in which it ends."""
    visitor = Visitor(hub, slot)
    await visitor.open(document)
    visitor.push(visitor.edit(f"key-{chance.randrange(20)}", slot))
    client, channel = visitor.client, visitor.channel
    match chance.choice(ENDINGS):
        case "leave":
            await client.get(Ack)
        case "unsub":
            client.send(Unsub(channel))
        case "malformed":
            visitor.push(b"\x01\xff\xff")
            await client.closed()
        case "half a frame":
            client.channel.write(encode(Push(channel, 99, 0, (), b"\x00\x00"))[:-1])
            await client.closed()
        case "gap":
            visitor.edit("lost", 1)
            visitor.push(visitor.edit("builds on what is lost", 2))
        case "presence":
            state = encode_awareness([AwarenessEntry(1000 + slot, 1, '{"cursor": null}')])
            client.send(Presence(channel, state))
        case "held":
            client.server_end.hold()
            client.send(Sub(document, True, b"", b"\x00"))
    client.lose()


async def churn(hub: Rig, store: MemoryStore, chance: random.Random, first: int) -> None:
    """Some people at once, now and then on a disk that refuses; then everybody is gone."""
    if chance.random() < 0.1:
        store.refuse(StorageFull("full"))
    documents = [f"open/churn-{first // 1000}-{number}" for number in range(3)]
    visits = [
        come_and_go(hub, chance, slot, chance.choice(documents)) for slot in range(1, AT_ONCE + 1)
    ]
    working = asyncio.gather(*visits)
    await asyncio.sleep(0.001)
    store.refuse(None)
    await working
    await asyncio.gather(*hub.tasks)
    hub.tasks.clear()
    hub.hub.tick(hub.hub.now_s())
    await until(lambda: not hub.hub.rooms, "every room is unloaded")


def there() -> Counter[type]:
    """How many objects of each kind there are."""
    gc.collect()
    return Counter(kind for each in gc.get_objects() for kind in KINDS if isinstance(each, kind))


def memory_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.parametrize(
    ("cycles", "growth_bytes"),
    [
        pytest.param(300, None, id="300"),
        # The store in memory keeps every update.
        pytest.param(
            30_000, 60_000_000, id="30000", marks=[pytest.mark.trust, pytest.mark.timeout(900)]
        ),
    ],
)
async def test_F14_nothing_stays_of_those_who_came_and_failed_and_left(
    cycles: int, growth_bytes: int | None
) -> None:
    chance = random.Random(SEED)
    store = MemoryStore()
    async with rig(store, limits=HubLimits(unload_after_s=0, window_s=0)) as hub:
        for first in range(1, 200, AT_ONCE):
            await churn(hub, store, chance, first)
        before, before_bytes = there(), memory_bytes()
        for first in range(200, 200 + cycles, AT_ONCE):
            await churn(hub, store, chance, first)
        # Of the last ones a few may still be held by what they were waiting for.
        assert all(count <= before[kind] + 2 * AT_ONCE for kind, count in there().items())
        assert hub.hub.sessions == set()
        assert hub.hub.counters.connections == 0
        if growth_bytes is not None:
            grown = memory_bytes() - before_bytes
            print(f"{cycles} visits, {grown / 1e6:.1f} MB more")
            assert grown < growth_bytes
