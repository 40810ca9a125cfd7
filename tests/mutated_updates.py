"""Changed updates, applied to pycrdt in a process that may die of it.

    python mutated_updates.py SEED COUNT RECORD

Everything that passes the pre-scan and fits the document is applied, read, written, merged and
loaded again. RECORD always holds the case at hand, so that it is known what killed the process.
What panicked is printed as one JSON list.
"""

import json
import random
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from pycrdt import Array, Doc, Map, Text, merge_updates

from moim_sync.errors import WireError
from moim_sync.lib0 import read_varuint
from moim_sync.prescan import scan

TELLING = bytes.fromhex("00010203040506070809 0a0f102021272840444880818488a8c1c4c8747576777a7d7fff")
VALUES: list[Any] = ["제목🌱", 1, None, True, b"bin", [1, {"a": []}], 0.5]


def lives(random: random.Random) -> list[list[bytes]]:
    """Give the updates of some documents, each a list in the order they were made."""
    return [_life(random, authors=1 + n % 3, edits=12 + 6 * n) for n in range(8)]


def _life(random: random.Random, authors: int, edits: int) -> list[bytes]:
    log: list[bytes] = []
    docs = [Doc(client_id=n + 1) for n in range(authors)]
    kept = [doc.observe(lambda event: log.append(event.update)) for doc in docs]
    for _ in range(edits):
        doc = random.choice(docs)
        _edit(random, doc)
        if random.random() < 0.2:
            made = len(log)
            for other in docs:
                other.apply_update(doc.get_update(other.get_state()))
            del log[made:]
    log.append(docs[0].get_update())
    del kept
    return log


def _edit(random: random.Random, doc: Any) -> None:
    entries, text, items = _roots(doc)
    edits = [
        lambda: entries.update({random.choice("xy"): Map({"q": 1, "w": random.choice(VALUES)})}),
        lambda: entries.update({random.choice("xyz"): random.choice(VALUES)}),
        lambda: entries.pop(random.choice(sorted(entries)), None),
        lambda: text.insert(
            0, random.choice(["hello", "a"]), random.choice([None, {"bold": True}])
        ),
        lambda: text.insert_embed(0, {"img": "x"}),
        lambda: text.format(0, min(1, len(text)), {"em": random.choice([True, None])}),
        lambda: text.__delitem__(slice(0, min(2, len(text)))),
        lambda: items.insert(random.randrange(len(items) + 1), random.choice(VALUES)),
        lambda: items.append(random.choice([Map({"z": 1}), Array([1, 2]), Text("abc")])),
        lambda: items.pop(random.randrange(len(items))),
    ]
    with suppress(IndexError, ValueError, KeyError):
        random.choice(edits)()


def _roots(doc: Any) -> tuple[Any, Any, Any]:
    return doc.get("m", type=Map), doc.get("t", type=Text), doc.get("a", type=Array)


def mutate(random: random.Random, update: bytes, others: list[bytes]) -> bytes:
    """Give an update with one to five small changes of the kinds that have found faults before."""
    data = bytearray(update)
    for _ in range(random.choice([1, 1, 1, 2, 3, 5])):
        at = random.randrange(len(data) + 1)
        size = random.randrange(1, 9)
        other = random.choice(others)
        start = random.randrange(len(other))
        change = random.randrange(6)
        if change == 0:
            data[at : at + 1] = bytes([random.choice(TELLING)])
        elif change == 1:
            data[at : at + 1] = bytes(
                byte ^ (1 << random.randrange(8)) for byte in data[at : at + 1]
            )
        elif change == 2:
            data[at : at + 1] = bytes((byte + 1) & 0xFF for byte in data[at : at + 1])
        elif change == 3:
            del data[at : at + size // 2]
        elif change == 4:
            data[at : at + size] = other[start : start + size]
        else:
            data[at:at] = data[max(0, at - size) : at]
    return bytes(data)


def decode_state(state: bytes) -> dict[int, int]:
    """Give a state vector as a dict of client id to clock."""
    count, at = read_varuint(state, 0)
    clocks = {}
    for _ in range(count):
        client, at = read_varuint(state, at)
        clocks[client], at = read_varuint(state, at)
    return clocks


def live_through(before: list[bytes], update: bytes, after: list[bytes]) -> None:
    """Do to a document what a server and its readers do; RuntimeError is pycrdt's own refusal."""
    doc = Doc(client_id=99)
    for known in before:
        doc.apply_update(known)
    state = doc.get_state()
    result = scan(update)
    if result.gap(decode_state(state)) is not None:
        return
    with suppress(RuntimeError):
        doc.apply_update(update)
        expected = decode_state(state)
        for client, (_, end) in result.ranges.items():
            expected[client] = max(end, expected.get(client, 0))
        if decode_state(doc.get_state()) != expected:
            raise AssertionError(f"expected clocks {expected}, got {doc.get_state().hex()}")
        for later in after:
            doc.apply_update(later)
        doc.get_update(state)
        merge_updates(*before, update)
        entries, text, _ = _roots(doc)
        entries["x"] = Map({"r": 1})
        text.insert(0, "z")
        Doc().apply_update(doc.get_update())


def main(seed: int, count: int, record: Path) -> None:
    chance = random.Random(seed)
    documents = lives(random.Random(7))
    others = [update for life in documents for update in life]
    panics, passed = [], 0
    for _ in range(count):
        life = chance.choice(documents)
        at = chance.randrange(len(life))
        update = mutate(chance, life[at], others)
        try:
            scan(update)
        except WireError:
            continue
        passed += 1
        before = life[:at] if at < len(life) - 1 else []
        case = (before, update, life[at : at + chance.choice([0, 3, 100])])
        record.write_text(json.dumps([update.hex(), [known.hex() for known in before]]))
        try:
            live_through(*case)
        except BaseException as error:  # noqa: BLE001, pycrdt's panics are no Exceptions
            panics.append([f"{type(error).__name__}: {error}"[:200], record.read_text()])
    print(json.dumps({"passed": passed, "panics": panics}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
