"""Random people, random edits, random faults: in the end every copy is equal and nothing is lost.

Each seed is one story: edits, held and dropped connections, a server that stops without warning and
starts over what is on disk, a disk that is slow or full. A seed that fails becomes a named test.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pycrdt import Array, Doc, Map, Text, TransactionEvent

from hub_rig import Rig, person, restarted, rig, until
from moim_data.documents.kinds import kind_of
from moim_data.documents.validation import problems
from moim_data.errors import StorageFull
from moim_data.memory_store import MemoryDisk, MemoryStore
from moim_data.store import DocumentId
from moim_sync.channel import receive_all
from moim_sync.hub import Hub
from moim_sync.limits import HubLimits
from moim_sync.memory_channel import MemoryChannel, memory_pair
from moim_sync.messages import (
    Ack,
    Granted,
    Hello,
    Perm,
    Ping,
    Pong,
    Push,
    Resync,
    ServerMessage,
    Sub,
    Sync,
    Update,
)
from moim_sync.protocol import decode_server_frames, encode

pytestmark = pytest.mark.anyio
OPEN = "open/a"
PROJECT = "project/p"
SEEDS = range(25)
STEPS = 120


class Person:
    """An honest client: an outbox in order, cleared by acks, resent after each grant."""

    document = OPEN
    roots: Mapping[str, type] = {"made": Map, "shared": Map, "items": Array, "text": Text}

    def __init__(self, name: str, chance: random.Random) -> None:
        self.name = name
        self.chance = chance
        self.doc: Doc[Any] = Doc()
        self.outbox: dict[int, bytes] = {}
        self.cs = 0
        self.made: set[str] = set()
        self.acked: set[str] = set()
        self.keys: dict[int, str] = {}
        self.lineage = b""
        self.seq = 0
        self.channel: MemoryChannel | None = None
        self.server_end: MemoryChannel | None = None
        self.number: int | None = None
        self.doc.observe(self._note)
        self._news: list[bytes] = []

    def _note(self, event: TransactionEvent) -> None:
        self._news.append(event.update)

    def connect(self, hub: Rig) -> None:
        self.disconnect()
        self.channel, self.server_end = memory_pair("/sync")
        session = hub.hub.sync(self.server_end, person(self.name))
        hub.spawn(receive_all(session, self.server_end))
        replica = self.name.encode().ljust(16, b"-")
        hello, sub = (
            Hello(1, "sim", replica),
            Sub(self.document, True, self.lineage, self.doc.get_state()),
        )
        self.channel.write(encode(hello) + encode(sub))

    def disconnect(self) -> None:
        if self.channel is not None:
            self.channel.close(1006)
        self.channel = self.number = None

    def edit(self) -> None:
        self._news.clear()
        key = f"{self.name}-{self.cs + 1}"
        with self.doc.transaction():
            if self._change(key):
                self.made.add(key)
        self.cs += 1
        self.keys[self.cs] = key
        self.outbox[self.cs] = self._news[0]
        if self.channel is not None and self.number is not None:
            self._push(self.cs, self._news[0])

    def _change(self, key: str) -> bool:
        self.doc.get("made", type=Map)[key] = True
        text = self.doc.get("text", type=Text)
        items = self.doc.get("items", type=Array)
        shared = self.doc.get("shared", type=Map)
        match self.chance.randrange(6):
            case 0:
                text.insert(0, self.chance.choice(["ab", "한글", "🙂"]))
            case 1 if len(items):
                del items[self.chance.randrange(len(items))]
            case 2:
                shared[self.chance.choice("xyz")] = Map({"by": self.name})
            case 3:
                shared.pop(self.chance.choice("xyz"), None)
            case _:
                items.append(self.cs)
        return True

    def content(self, doc: "Doc[Any]") -> dict[str, Any]:
        return {name: doc.get(name, type=kind).to_py() for name, kind in self.roots.items()}

    def _push(self, cs: int, update: bytes) -> None:
        assert self.channel is not None
        assert self.number is not None
        self.channel.write(encode(Push(self.number, cs, self.seq, (), update)))

    def listen(self) -> None:
        """Take in what has arrived."""
        if self.channel is None:
            return
        for message in self.channel.take():
            for frame in decode_server_frames(message):
                self._hear(frame)
        if self.server_end is not None and self.server_end.close_code is not None:
            self.disconnect()

    def _hear(self, frame: ServerMessage) -> None:
        match frame:
            case Granted():
                self.number, self.lineage = frame.channel, frame.lineage
                self._drop_up_to(frame.cs_durable)
                for cs, update in self.outbox.items():
                    self._push(cs, update)
            case Sync():
                self.doc.apply_update(frame.update)
            case Update():
                assert frame.seq > self.seq or self.seq == 0
                self.seq = frame.seq
                self.doc.apply_update(frame.update)
            case Ack():
                self._drop_up_to(frame.cs)
            case Resync() if self.outbox:
                self._push(self.cs, self.doc.get_update(frame.state_vector))
            case Ping() if self.channel is not None:
                self.channel.write(encode(Pong(frame.token)))
            case Perm():
                assert frame.code in ("storage", "ok")
                if frame.channel == 0:
                    self.disconnect()

    def _drop_up_to(self, cs: int) -> None:
        for done in [number for number in self.outbox if number <= cs]:
            del self.outbox[done]
            self.acked.add(self.keys[done])


class Planner(Person):
    """Works on a board, and now and then sets what the schema forbids."""

    document = PROJECT
    roots: Mapping[str, type] = {"cards": Map, "columns": Map, "info": Map}

    def _change(self, key: str) -> bool:
        cards = self.doc.get("cards", type=Map)
        card = self.chance.choice([*(one for one in sorted(cards.keys()) if " " not in one), None])
        match self.chance.randrange(6):
            case 0 if card is not None:
                cards[card]["estimate"] = -1
            case 1:
                cards[f"bad id {key}"] = Map({"title": 1})
            case 2 if card is not None:
                cards[card]["notes"].insert(0, self.chance.choice(["ab", "한글", "🙂"]))
            case 3 if card is not None:
                cards[card]["title"] = key
            case _:
                columns = self.doc.get("columns", type=Map)
                if "todo" not in columns:
                    columns["todo"] = Map({"name": "To do", "place": "V"})
                cards[key] = Map({"title": key, "place": "todo|V", "notes": Text("")})
                return True
        return False


@asynccontextmanager
async def doomed(store: MemoryStore) -> AsyncIterator[Rig]:
    """A hub that dies without a word at the end."""
    hub = Hub(store, limits=HubLimits(unload_after_s=0, lag_bytes=500))
    life = asyncio.create_task(hub.start())
    await hub.started.wait()
    made = Rig(hub, store)
    try:
        yield made
    finally:
        life.cancel()
        await asyncio.wait([life, *made.tasks], timeout=0.01)
        for task in made.tasks:
            task.cancel()


class World:
    """Everybody, over a disk that outlasts the servers."""

    def __init__(self, seed: int, kind: type[Person]) -> None:
        self.chance = random.Random(seed)
        self.disk = MemoryDisk()
        self.people = [kind(name, self.chance) for name in ("ann", "bob", "eve")]

    async def live(self) -> None:
        for _ in range(3):
            store = restarted(self.disk)
            async with doomed(store) as hub:
                for _ in range(STEPS):
                    self.step(hub, store)
                    for _ in range(self.chance.randrange(4)):
                        await asyncio.sleep(0)
                    for one in self.people:
                        one.listen()
                store.drop()
                for one in self.people:
                    one.disconnect()
        await self.heal()

    def step(self, hub: Rig, store: Any) -> None:
        one = self.chance.choice(self.people)
        match self.chance.randrange(14):
            case 0:
                one.disconnect()
            case 1 | 2 | 3:
                if one.channel is None:
                    one.connect(hub)
            case 4 if one.channel is not None:
                one.channel.hold()
            case 5 if one.channel is not None:
                one.channel.drop_held()
                one.disconnect()
            case 6 if one.server_end is not None:
                one.server_end.hold()
            case 7:
                for end in (one.channel, one.server_end):
                    if end is not None:
                        end.release()
            case 8:
                store.hold()
            case 9:
                store.release()
            case 10:
                store.refuse(StorageFull("full") if self.chance.random() < 0.3 else None)
            case 11:
                hub.hub.tick(hub.hub.now_s() + 1)
            case _:
                one.edit()

    async def heal(self) -> None:
        async with rig(restarted(self.disk)) as hub:
            for one in self.people:
                one.connect(hub)

            def quiet() -> bool:
                for one in self.people:
                    one.listen()
                return not any(one.outbox or one.number is None for one in self.people)

            await until(quiet, "every outbox is empty")
            room = next(iter(hub.hub.rooms.values()))
            await until(lambda: room.is_settled)  # type: ignore[attr-defined]
            for one in self.people:
                one.listen()
            server = self.people[0].content(room.ydoc)
            marks = server["made" if "made" in server else "cards"]
            for one in self.people:
                assert one.content(one.doc) == server, one.name
                assert one.made <= set(marks), "an edit is lost"
        async with rig(restarted(self.disk)) as hub:
            room = await hub.hub.get_room(self.people[0].document)
            assert self.people[0].content(room.ydoc) == server
            assert problems(kind_of(DocumentId(self.people[0].document)).name, server) == []


@pytest.mark.rule("A1", "A2", "P1", "B2")
@pytest.mark.parametrize("kind", [Person, Planner])
@pytest.mark.parametrize("seed", SEEDS)
async def test_every_copy_converges_and_no_edit_is_lost(seed: int, kind: type[Person]) -> None:
    await World(seed, kind).live()
