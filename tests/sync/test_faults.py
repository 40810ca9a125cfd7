"""Clients of a real server over a bad network: the promises hold, and most of the time too.

The same cases run with every kind of client (`line_clients.py`: Python's, and the browser's over
both of its transports) and over every kind of line; then a run with random faults measures how long
clients were connected while the network could carry them, and looks for every edit at its end.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest

from fault_proxy import Direction, FaultProxy
from line_clients import CoreProcess, LineClient, LineDocument, PythonClient
from measures import STABILITY_TARGET, Measures
from moim_process import MoimProcess, free_port

SEED = 20261127
WAIT_S = 30.0
SAMPLE_S = 0.005
NOTICED_S = 5.0
"""Within which a cut is noticed: by what it does to the connection, not by the silence after it."""
NAMES = count(1)
DEAD_S = 8.0
"""Within which a half-open connection must be found out."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MoimProcess]:
    with MoimProcess(tmp_path_factory.mktemp("moim"), free_port(), "--workers", "0") as process:
        yield process


@pytest.fixture
def proxy(server: MoimProcess) -> Iterator[FaultProxy]:
    with FaultProxy(server.port, seed=SEED) as made:
        yield made


Connect = Callable[[], LineClient]


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CoreProcess]:
    process = CoreProcess(tmp_path_factory.mktemp("core"))
    yield process
    process.close()


@pytest.fixture(params=["python", "browser, websocket", "browser, polling"])
def connect(request: pytest.FixtureRequest, proxy: FaultProxy) -> Iterator[Connect]:
    """Clients of one kind on the far side of the bad network."""
    made: list[LineClient] = []
    kind, _, transport = request.param.partition(", ")

    def client() -> LineClient:
        if kind == "python":
            made.append(PythonClient(proxy.url))
        else:
            core: CoreProcess = request.getfixturevalue("core")
            made.append(core.connect(proxy.url, transport))
        return made[-1]

    yield client
    for one in made:
        one.close()


@pytest.fixture
def document() -> str:
    """A name that no other test takes."""
    return f"open/line-{next(NAMES)}"


def wait_saved(*documents: LineDocument) -> None:
    for one in documents:
        one.wait_until(lambda one=one: one.is_synced and not one.pending, WAIT_S)


LINES: dict[str, dict[str, Any]] = {
    "a good line": {},
    "a slow line": {"latency_s": 0.03, "jitter_s": 0.05},
    "a line in pieces": {"splits": True},
    "a slow line in pieces": {"latency_s": 0.01, "splits": True},
}


@pytest.fixture(params=LINES)
def line(request: pytest.FixtureRequest, proxy: FaultProxy) -> str:
    for name, value in LINES[request.param].items():
        setattr(proxy, name, value)
    return str(request.param)


@pytest.mark.rule("A1", "B2")
def test_edits_of_two_people_arrive_whole_and_are_acknowledged(
    connect: Connect, line: str, document: str
) -> None:
    ours, theirs = (connect().document(document, create=True) for _ in range(2))
    for number in range(30):
        ours.set(**{f"ann-{number}": "값 🙂" * number})
        theirs.set(**{f"bob-{number}": number})
    wait_saved(ours, theirs)
    ours.wait_until(lambda: len(ours.values()) == 60, WAIT_S)
    theirs.wait_until(lambda: len(theirs.values()) == 60, WAIT_S)
    assert ours.values() == theirs.values()


def test_a_large_edit_is_cut_into_pieces_and_arrives_whole(
    connect: Connect, line: str, document: str
) -> None:
    ours, theirs = (connect().document(document, create=True) for _ in range(2))
    size = 20_000 if "pieces" in line else 400_000
    ours.set(**{f"part-{number}": "x" * (size // 4) for number in range(4)})
    wait_saved(ours)
    theirs.wait_until(lambda: len(theirs.values()) == 4, WAIT_S)
    assert theirs.values() == ours.values()


def test_a_document_that_is_not_there_is_refused_by_its_reason(connect: Connect, line: str) -> None:
    assert "unknown" in connect().document("project/nobody-made-this").wait_refused(WAIT_S)


@pytest.mark.parametrize("cut", ["reset", "half-closed up", "half-closed down"])
def test_F12_an_edit_is_unsaved_until_it_is_acknowledged_after_a_cut(
    connect: Connect, proxy: FaultProxy, server: MoimProcess, document: str, cut: str
) -> None:
    shared = connect().document(document, create=True)
    shared.set(before=1)
    wait_saved(shared)
    proxy.stall("up")
    shared.set(during=2)
    assert shared.pending == 1
    # What is only about to be sent, over a line of its own as polling does, is not cut.
    proxy.wait_held()
    match cut:
        case "reset":
            proxy.reset()
        case "half-closed up":
            proxy.half_close("up")
        case "half-closed down":
            proxy.half_close("down")
    shared.wait_until(lambda: not shared.is_synced, NOTICED_S)
    assert shared.pending == 1, "nobody has it yet"
    proxy.flow()
    wait_saved(shared)
    assert server.document(document)["data"]["data"] == {"before": 1, "during": 2}


@pytest.mark.trust
@pytest.mark.rule("H3")
@pytest.mark.parametrize(
    ("directions", "edits"),
    [(("up",), 0), (("down",), 0), (("up", "down"), 0), (("up", "down"), 40)],
    ids=["up", "down", "both", "both, with much to send"],
)
def test_F24_a_connection_that_carries_nothing_is_found_out_in_8_seconds(
    connect: Connect,
    proxy: FaultProxy,
    document: str,
    directions: tuple[Direction, ...],
    edits: int,
) -> None:
    client = connect()
    shared = client.document(document, create=True)
    shared.wait_until(lambda: shared.is_synced, WAIT_S)
    proxy.stall(*directions)
    began_s = time.monotonic()
    for number in range(edits):  # together more than fits into the buffers on the way
        shared.set(**{f"waits-{number}": "x" * 200_000})
    wait_until_offline(client, DEAD_S + 5)
    took_s = time.monotonic() - began_s
    proxy.flow()
    wait_saved(shared)
    assert took_s < DEAD_S


def wait_until_offline(client: LineClient, timeout_s: float) -> None:
    ends_at = time.monotonic() + timeout_s
    while client.is_connected:
        assert time.monotonic() < ends_at, "the dead connection was not noticed"
        threading.Event().wait(SAMPLE_S)


@dataclass
class Person:
    """A client that wants to be connected and edits all the time."""

    name: str
    client: LineClient
    document: LineDocument
    edits: int = 0
    connected_s: float = 0.0
    wanted_s: float = 0.0

    def edit(self) -> None:
        self.edits += 1
        self.document.set(**{f"{self.name}-{self.edits}": self.edits})


class FaultRun:
    """Faults at random moments; between them it is measured who is connected."""

    def __init__(self, proxy: FaultProxy, people: list[Person], seed: int, every_s: float) -> None:
        self.proxy = proxy
        self.people = people
        self.faults: list[str] = []
        self._chance = random.Random(seed)
        self._every_s = every_s
        self._stalled_until_s = 0.0

    def run(self, duration_s: float) -> None:
        before_s = time.monotonic()
        ends_at = before_s + duration_s
        next_fault_s = before_s + self._every_s / 2
        next_edit_s = before_s
        while before_s < ends_at:
            threading.Event().wait(SAMPLE_S)
            now_s = time.monotonic()
            self._sample(now_s - before_s)
            before_s = now_s
            if self._stalled_until_s and now_s > self._stalled_until_s:
                self._stalled_until_s = 0.0
                self.proxy.flow()
            if now_s > next_edit_s:
                next_edit_s = now_s + 0.02
                self._chance.choice(self.people).edit()
            if now_s > next_fault_s and not self._stalled_until_s:
                next_fault_s = now_s + self._chance.uniform(0.5, 1.5) * self._every_s
                self._fault(now_s)
        self.proxy.flow()

    def _sample(self, passed_s: float) -> None:
        if self._stalled_until_s:
            return  # nobody could be connected over a line that carries nothing
        for person in self.people:
            person.wanted_s += passed_s
            person.connected_s += passed_s * person.client.is_connected

    def _fault(self, now_s: float) -> None:
        fault = self._chance.choice(
            ["reset one", "half-close", "slow", "pieces", "good", "stall", "stall up"]
        )
        self.faults.append(fault)
        one = self._chance.randrange(len(self.people))
        match fault:
            case "reset one":
                self.proxy.reset(one)
            case "half-close":
                self.proxy.half_close(self._chance.choice(["up", "down"]), one)
            case "slow":
                self.proxy.latency_s, self.proxy.jitter_s = 0.02, 0.1
            case "pieces":
                self.proxy.splits = True
            case "good":
                self.proxy.latency_s, self.proxy.splits = 0.0, False
            case "stall":
                self.proxy.stall()
                self._stalled_until_s = now_s + self._chance.uniform(0.2, 2.0)
            case "stall up":
                self.proxy.stall("up")
                self._stalled_until_s = now_s + self._chance.uniform(0.2, 2.0)


@pytest.mark.rule("A1", "B2")
@pytest.mark.parametrize(
    ("seed", "duration_s", "every_s"),
    [
        pytest.param(SEED, 6.0, 1.0, id="6 s"),
        pytest.param(
            SEED + 1, 100.0, 8.0, id="100 s", marks=[pytest.mark.trust, pytest.mark.timeout(400)]
        ),
    ],
)
def test_clients_under_faults_are_connected_nearly_always_and_lose_nothing(
    connect: Connect,
    proxy: FaultProxy,
    server: MoimProcess,
    document: str,
    measures: Measures,
    seed: int,
    duration_s: float,
    every_s: float,
) -> None:
    people = []
    for name in ("ann", "bob", "eve"):
        client = connect()
        people.append(Person(name, client, client.document(document, create=True)))
    for person in people:
        wait_saved(person.document)
    run = FaultRun(proxy, people, seed, every_s)
    run.run(duration_s)
    wait_saved(*(person.document for person in people))
    expected = {f"{one.name}-{n}": n for one in people for n in range(1, one.edits + 1)}
    served = server.document(document)
    kept = served["data"]["data"]
    contents = [kept]
    for person in people:
        mine = person.document
        mine.wait_until(lambda mine=mine: len(mine.values()) == len(expected), WAIT_S)
        contents.append(mine.values())
    found = sum(kept.get(key) == value for key, value in expected.items())
    measures.queue(found, len(expected))
    assert measures.quiet_point(tuple(sorted(one.items())) for one in contents)
    assert found == len(expected)
    connected_s = sum(person.connected_s for person in people)
    wanted_s = sum(person.wanted_s for person in people)
    print(f"seed {seed}: {connected_s / wanted_s:.2%} connected; {' '.join(run.faults)}")
    if duration_s > 60:
        measures.connection(connected_s, wanted_s)
        assert connected_s / wanted_s >= STABILITY_TARGET
    assert len(expected) > duration_s * 10
