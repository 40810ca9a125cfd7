"""Wrong messages against a real hub, in a process that may die of them.

    python wire_fuzz.py fuzz SEED COUNT RECORD     COUNT messages, in rooms of a few each
    python wire_fuzz.py replay CASE                one recorded room again

Each room starts with honest edits. Then strangers come, one connection each, who speak both
protocols almost correctly: an update with a few bytes changed in a right frame, or a right frame
with a few bytes changed. An honest reader stays all the time. At the end the room, what is rebuilt
from its log, and the reader's copy must be equal, and nothing may have failed inside the hub.
RECORD always holds the room at hand, so that it is known what killed the process. One JSON line is
printed: what was done, and what was found.
"""

import asyncio
import json
import logging
import random
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pycrdt import Doc, Map, Text

from hub_rig import Rig, SyncClient, rig
from moim_data.deep_stack import deepen_stack
from moim_data.memory_store import MemoryStore
from moim_data.store import DocumentId
from moim_sync.errors import CloseCode
from moim_sync.limits import HubLimits
from moim_sync.messages import (
    ClientMessage,
    Hello,
    Pong,
    Presence,
    Push,
    Resolve,
    Sub,
    Sync,
    Unsub,
    Update,
)
from moim_sync.protocol import decode_server_frames, encode
from moim_sync.y_protocol import (
    AwarenessEntry,
    encode_awareness,
    encode_awareness_message,
    encode_sync_step1,
    encode_sync_update,
)
from mutated_updates import lives, mutate

STRANGERS = 10
"""Wrong messages in one room."""
CHANNEL = 1
"""Of the first document of a hub."""
PATIENCE_S = 20
REPLICA = b"stranger--------"
AWARENESS = encode_awareness([AwarenessEntry(9, 1, '{"user": {"name": "이브 🙂"}, "at": null}')])


@dataclass
class Case:
    """One room: what honest people did, and what strangers sent, in hex."""

    document: str
    door: str
    before: list[str]
    messages: list[str]


@dataclass
class Tally:
    """What was done, and what was found: each finding with the room that shows it."""

    messages: int = 0
    rooms: int = 0
    equal: int = 0
    """Rooms at whose end all copies were equal."""
    taken: int = 0
    """Messages after which the connection was still welcome."""
    quarantined: int = 0
    findings: list[dict[str, Any]] = field(default_factory=list)


class Faults(logging.Handler):
    """Collects what the hub logs with a traceback: nothing that is sent may have such an end."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            self.seen.append(f"{record.getMessage()}: {record.exc_info[1]!r}")


def planned_life(chance: random.Random, edits: int = 20) -> list[bytes]:
    """Updates of a board, some of them against its schema."""
    log: list[bytes] = []
    doc: Doc[Any] = Doc(client_id=chance.randrange(1, 2**31))
    kept = doc.observe(lambda event: log.append(event.update))
    cards = doc.get("cards", type=Map)
    for number in range(edits):
        names = sorted(cards.keys())
        card = chance.choice(names) if names else None
        match chance.randrange(8):
            case 0 if card:
                cards[card]["estimate"] = chance.choice([-1, 3, "x", None])
            case 1 if card:
                cards[card]["notes"].insert(0, chance.choice(["ab", "한글", "👩‍👩‍👧"]))
            case 2 if card:
                del cards[card]
            case 3 if card:
                cards[card]["title"] = chance.choice(["제목", 7, "x" * 300])
            case 4:
                doc.get("info", type=Map)["name"] = chance.choice(["보드", None, [1]])
            case _:
                place = chance.choice(["todo|V", "todo", 4])
                cards[f"c{number}"] = Map({"title": "카드", "place": place, "notes": Text("")})
    del kept
    return log


def make_case(chance: random.Random, open_lives: list[list[bytes]]) -> Case:
    """Draw a room: honest edits up to a moment, and strangers from there on."""
    planned = chance.random() < 0.35
    life = planned_life(chance) if planned else chance.choice(open_lives)
    others = [update for updates in open_lives for update in updates]
    at = chance.randrange(len(life))
    door = "yjs" if chance.random() < 0.25 else "sync"
    document = "project/fuzz" if planned else "open/fuzz"
    make = _plain_message if door == "yjs" else _sync_message
    messages = [
        make(chance, _wrong(chance, life[at : at + 3], others), document) for _ in range(STRANGERS)
    ]
    before = [update.hex() for update in life[:at]]
    return Case(document, door, before, [message.hex() for message in messages])


def _wrong(chance: random.Random, life: list[bytes], others: list[bytes]) -> bytes:
    """An update with a few bytes changed; now and then a right one, out of turn."""
    update = chance.choice(life)
    return update if chance.random() < 0.15 else mutate(chance, update, others)


def _sync_message(chance: random.Random, update: bytes, document: str) -> bytes:
    """A PUSH with this update, or any frame with a few bytes changed."""
    cs = chance.choice([0, 1, 2, 2**31, 2**53 - 1])
    touched = chance.choice([(), ("cards/c1/title",), ("m/x/q", "//", "x" * 256)])
    push = Push(CHANNEL, cs, chance.choice([0, 5, 2**40]), touched, update)
    if chance.random() < 0.7:
        return encode(push)
    frames: list[ClientMessage] = [
        push,
        Presence(CHANNEL, AWARENESS),
        Unsub(CHANNEL),
        Pong(3),
        Sub(document, True, b"", b"\x00"),
        Hello(1, "fuzz", REPLICA, "이브"),
        Resolve(CHANNEL, "x", "mine"),
    ]
    frame = encode(chance.choice(frames))
    return mutate(chance, frame, [encode(push), encode(chance.choice(frames))])


def _plain_message(chance: random.Random, update: bytes, _: str) -> bytes:
    if chance.random() < 0.7:
        return encode_sync_update(update)
    messages = [
        encode_sync_update(update),
        encode_sync_step1(b"\x01\x01\x05"),
        encode_awareness_message(AWARENESS),
    ]
    return mutate(chance, chance.choice(messages), messages)


async def play(case: Case, tally: Tally, faults: Faults) -> None:
    """Live through one room; what is wrong at its end is a finding."""
    limits = HubLimits(window_s=0)
    store = MemoryStore()
    async with rig(store, limits=limits) as hub:
        honest = hub.connect("ann").hello()
        opened = await honest.open(case.document)
        for update in map(bytes.fromhex, case.before):
            opened.doc.apply_update(update)
            opened.push(update)
        if case.before:
            await opened.acked()
        ends = [await _stranger(hub, case, bytes.fromhex(message)) for message in case.messages]
        room = await hub.hub.open(DocumentId(case.document), create=True)
        await room.settled()
        kept = store.disk.documents[DocumentId(case.document)]
        rebuilt: Doc[Any] = Doc()
        for row in kept.updates:
            rebuilt.apply_update(row.data)
        copies = {"room": room.ydoc, "log": rebuilt, "reader": _heard(honest, opened.doc)}
        digests = {name: normal(doc) for name, doc in copies.items()}
        tally.quarantined += hub.hub.counters.quarantined
    tally.messages += len(case.messages)
    tally.rooms += 1
    tally.equal += len(set(digests.values())) == 1
    tally.taken += ends.count(None)
    wrong = [f"closed with {code}" for code in ends if code in _UNEXPECTED]
    if len(set(digests.values())) > 1:
        wrong.append("the room, its log and its reader differ")
    wrong += faults.seen
    faults.seen = []
    if wrong:
        tally.findings.append({"what": wrong, "case": asdict(case)})


_UNEXPECTED = {CloseCode.INTERNAL, CloseCode.STORAGE, CloseCode.RESTART}


async def _stranger(hub: Rig, case: Case, message: bytes) -> int | None:
    """Send one message over a connection of its own; give the code it was closed with."""
    if case.door == "yjs":
        plain = await hub.plain(case.document, "ann")
        plain.send(message)
        channel, server_end = plain.channel, plain.server_end
    else:
        client = hub.connect("ann", REPLICA).hello()
        await client.open(case.document)
        client.channel.write(message)
        channel, server_end = client.channel, client.server_end
    channel.close(1000)
    await asyncio.wait([hub.tasks[-1]], timeout=PATIENCE_S)
    return server_end.close_code


def _heard(client: SyncClient, doc: "Doc[Any]") -> "Doc[Any]":
    """The reader's copy, after all that has come."""
    for message in client.channel.take():
        client.heard += decode_server_frames(message)
    for heard in client.heard:
        if isinstance(heard, Update | Sync):
            doc.apply_update(heard.update)
    return doc


def normal(doc: "Doc[Any]") -> bytes:
    """The state as bytes that do not tell in which pieces it came."""
    fresh: Doc[Any] = Doc()
    fresh.apply_update(doc.get_update())
    return fresh.get_update()


def run(cases: Sequence[Case] | None, seed: int, count: int, record: Path | None) -> Tally:
    """Play recorded rooms, or as many drawn ones as `count` messages need."""
    deepen_stack()
    faults = Faults()
    logging.getLogger().addHandler(faults)
    logging.getLogger().setLevel(logging.ERROR)
    tally = Tally()
    chance = random.Random(seed)
    open_lives = lives(random.Random(7))
    while tally.messages < count:
        case = cases[tally.messages] if cases else make_case(chance, open_lives)
        if record is not None:
            record.write_text(json.dumps(asdict(case)))
        signal.alarm(PATIENCE_S)
        asyncio.run(play(case, tally, faults))
        if cases:
            break
    signal.alarm(0)
    return tally


if __name__ == "__main__":
    if sys.argv[1] == "fuzz":
        done = run(None, int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
    else:
        done = run([Case(**json.loads(Path(sys.argv[2]).read_text()))], 0, 1, None)
    print(json.dumps(asdict(done)))
