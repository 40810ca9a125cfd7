"""Two people work on one document, one in Yjs, one in pycrdt: it is the same for both of them.

What each does is drawn from a seed, with letters of all widths; what they made goes to the other in
bursts, late, and some of it twice, as increments only. Where they meet, both must read the same,
and each the whole state of the other too. In their order, as rule P3 sees to: an update that
comes before what it builds on loses pycrdt some of it for good (F18).
"""

import json
import random
import subprocess
from base64 import b64decode, b64encode
from typing import Any

import pytest
from pycrdt import Array, Doc, Map, Text, TransactionEvent

from measures import Measures
from peers.peer_process import FOLDER, node

LETTERS = [
    "a",
    "가",
    "한글 문장",
    "👩‍👩‍👧‍👦",
    "🇰🇷",
    "e\u0301",
    "\n",
    "𝒳",
    "ع",
    "\U0001f642🙂",
    "❤️‍🔥",
    "各",
]
VALUES: list[Any] = [
    "제목🌱",
    "👩🏽‍🚀",
    None,
    True,
    0.5,
    ["🙂", None, {"키": "값"}],
    {"a": {"b": "𝒳"}},
]
KEYS = ("x", "y", "키", "🔑")
Deed = tuple[Any, ...]


class Yjs:
    """A person in a Node process, and beside it (1) an empty document."""

    def __init__(self, client_id: int) -> None:
        self.content: dict[str, Any] = {"map": {}, "list": [], "text": ""}
        self.state = ""
        assert (FOLDER / "node_modules").is_dir(), "run `make peers` first"
        self._process = subprocess.Popen(
            [node(), str(FOLDER / "yjs_program.mjs"), str(client_id), "5"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def do(self, *deed: Any) -> bytes:
        """Do it; give the update that it made, or none."""
        answer = self._ask(0, *deed)
        self.content, self.state = answer["content"], answer["state"]
        return b64decode(answer["update"])

    def apply(self, update: bytes) -> None:
        self.do("apply", b64encode(update).decode())

    def read(self, state: bytes) -> Any:
        """What the empty document holds after this."""
        return self._ask(1, "apply", b64encode(state).decode())["content"]

    def _ask(self, which: int, *deed: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([which, *deed]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"Yjs ended at {deed}"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


class Pycrdt:
    """A person in pycrdt."""

    def __init__(self, client_id: int) -> None:
        self.doc: Doc[Any] = Doc(client_id=client_id)
        self.map = self.doc.get("map", type=Map)
        self.list = self.doc.get("list", type=Array)
        self.text = self.doc.get("text", type=Text)
        self._news: list[bytes] = []
        self.doc.observe(self._note)

    def _note(self, event: TransactionEvent) -> None:
        self._news.append(event.update)

    def do(self, deed: str, *details: Any) -> bytes:
        """Do it; give the update that it made, or none."""
        self._news.clear()
        with self.doc.transaction():
            getattr(self, deed)(*details)
        return self._news[0] if self._news else b""

    def apply(self, update: bytes) -> None:
        self.doc.apply_update(update)

    def set(self, key: str, value: Any) -> None:
        self.map[key] = value

    def nest(self, key: str, inner: str, value: Any) -> None:
        self.map[key] = Map({inner: value})

    def inside(self, key: str, inner: str, value: Any) -> None:
        if isinstance(found := self.map.get(key), Map):
            found[inner] = value

    def unset(self, key: str) -> None:
        self.map.pop(key, None)

    def insert(self, at: int, values: list[Any]) -> None:
        for place, value in enumerate(values):
            self.list.insert(at + place, value)

    def remove(self, at: int) -> None:
        del self.list[at]

    def write(self, start: int, stop: int, letters: str) -> None:
        before = str(self.text)
        first, last = (len(before[:points].encode()) for points in (start, stop))
        if last > first:
            del self.text[first:last]
        if letters:
            self.text.insert(first, letters)

    @property
    def content(self) -> dict[str, Any]:
        return {"map": self.map.to_py(), "list": self.list.to_py(), "text": str(self.text)}


def deed_of(chance: random.Random, content: dict[str, Any]) -> Deed:
    """Draw what a person does next, seeing this content."""
    key, value = chance.choice(KEYS), chance.choice(VALUES)
    length, letters = len(content["list"]), len(content["text"])
    start = chance.randrange(letters + 1)
    match chance.randrange(9):
        case 0:
            return ("set", key, value)
        case 1:
            return ("nest", key, chance.choice(KEYS), value)
        case 2:
            return ("inside", key, chance.choice(KEYS), value)
        case 3:
            return ("unset", key)
        case 4:
            return ("insert", chance.randrange(length + 1), [value])
        case 5 if length:
            return ("remove", chance.randrange(length))
        case 6:
            return ("write", start, min(letters, start + chance.randrange(6)), "")
        case _:
            stop = min(letters, start + chance.choice((0, 0, 0, 3)))
            return (
                "write",
                start,
                stop,
                "".join(chance.choices(LETTERS, k=chance.randrange(1, 4))),
            )


class Program:
    """Both people at work."""

    def __init__(self, seed: int, yjs: Yjs, pycrdt: Pycrdt, measures: Measures) -> None:
        self._chance = random.Random(seed)
        self._measures = measures
        self._people = (yjs, pycrdt)
        self._waiting: tuple[list[bytes], list[bytes]] = ([], [])

    def run(self, steps: int) -> None:
        for _ in range(steps):
            who = self._chance.randrange(2)
            person = self._people[who]
            made = person.do(*deed_of(self._chance, person.content))
            if made:
                self._waiting[1 - who].append(made)
            if self._chance.random() < 0.15:
                self.exchange()
        self.exchange()

    def exchange(self) -> None:
        """Bring both what the other has made, some of it twice; then compare."""
        for person, waiting in zip(self._people, self._waiting, strict=True):
            updates = [*waiting, *self._chance.sample(waiting, k=min(1, len(waiting)))]
            waiting.clear()
            for update in updates:
                person.apply(update)
        contents = [readable(person.content) for person in self._people]
        assert self._measures.quiet_point(contents), contents


def readable(content: Any) -> str:
    return json.dumps(content, sort_keys=True, ensure_ascii=False)


def play(seed: int, steps: int, measures: Measures) -> None:
    """Let both work, then read each other's whole state."""
    ids = random.Random(seed).sample(range(10, 2**32), 2)
    yjs, pycrdt = Yjs(ids[0]), Pycrdt(ids[1])
    try:
        Program(seed, yjs, pycrdt, measures).run(steps)
        assert yjs.read(pycrdt.doc.get_update()) == pycrdt.content
    finally:
        yjs.close()
    reader = Pycrdt(5)
    reader.apply(b64decode(yjs.state))
    assert reader.content == yjs.content


@pytest.mark.parametrize(
    ("first", "count", "steps"),
    [
        pytest.param(1, 4, 80, id="4 programs"),
        pytest.param(
            1000, 120, 200, id="120 programs", marks=[pytest.mark.trust, pytest.mark.timeout(900)]
        ),
    ],
)
def test_F8_two_people_in_yjs_and_in_pycrdt_have_one_document(
    measures: Measures, first: int, count: int, steps: int
) -> None:
    for seed in range(first, first + count):
        print(f"seed {seed}")
        play(seed, steps, measures)
