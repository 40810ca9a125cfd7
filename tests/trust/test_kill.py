"""The hub and its storage are killed again and again under load: what was acknowledged is there.

Every round, four writers edit for a while (500 edits/s together), then the process gets SIGKILL at
a random moment. What is on disk is read by `RawRows` before anything else opens the file, and once
more over a new connection after the restart.
"""

import random
import threading
import time
from collections.abc import Callable
from typing import Any

import pycrdt
import pytest
from websockets.exceptions import ConnectionClosed

from measures import Measures
from moim_process import MoimProcess
from trust.raw_rows import RawRows
from wire_client import WireClient

WRITERS = 4
EDITS_PER_S = 500
SEED = 20261123


class Writer(threading.Thread):
    """Edits at a steady rate until the connection breaks, and notes what was acknowledged."""

    def __init__(self, url: str, document: str, number: int) -> None:
        super().__init__(daemon=True)
        self.name = f"w{number}"
        self.document = document
        self.replica = number.to_bytes(16, "big")
        self.sent = 0
        self.acked = 0
        self._url = url
        self.editing = threading.Event()
        self.fault: BaseException | None = None

    def run(self) -> None:
        try:
            with WireClient(self._url, self.replica) as client:
                self._edit(client)
        except (ConnectionClosed, ConnectionError, EOFError):
            pass  # the kill that this test is about
        except BaseException as error:  # noqa: BLE001 - the test thread tells it
            self.fault = error

    def _edit(self, client: WireClient) -> None:
        client.hello()
        doc: pycrdt.Doc[Any] = pycrdt.Doc()
        channel = client.subscribe(self.document, doc, create=True).channel
        started = time.monotonic()
        while True:
            due = started + self.sent * WRITERS / EDITS_PER_S
            if due <= time.monotonic():
                self.sent += 1
                client.push(channel, self.sent, self.edit(doc, self.sent))
                continue
            for ack in client.acks_until(due):
                self.acked = max(self.acked, ack.cs)
                self.editing.set()

    def edit(self, doc: pycrdt.Doc[Any], number: int) -> bytes:
        before = doc.get_state()
        key = f"{self.name}-{number}"
        if self.document.startswith("open/"):
            doc.get("edits", type=pycrdt.Map)[key] = number
        else:
            columns = doc.get("columns", type=pycrdt.Map)
            if "todo" not in columns:
                columns["todo"] = pycrdt.Map({"name": "할 일", "place": "V"})
            doc.get("cards", type=pycrdt.Map)[key] = pycrdt.Map(
                {"title": f"카드 {number} 🙂", "place": f"todo|{number:06d}V"}
            )
        return doc.get_update(before)

    def expected(self) -> set[str]:
        """The keys of everything that was acknowledged."""
        return {f"{self.name}-{number}" for number in range(1, self.acked + 1)}


def keys_of(doc: pycrdt.Doc[Any], document: str) -> set[str]:
    root = "edits" if document.startswith("open/") else "cards"
    return set(doc.get(root, type=pycrdt.Map).to_py() or {})


def one_round(server: MoimProcess, document: str, after_s: float) -> list[Writer]:
    """Writers edit; the server is killed `after_s` seconds after all of them got an ack."""
    writers = [Writer(server.url, document, number) for number in range(1, WRITERS + 1)]
    for writer in writers:
        writer.start()
    for writer in writers:
        assert writer.editing.wait(20), f"{writer.name} got no ack: {writer.fault!r}"
    threading.Event().wait(after_s)
    server.kill()
    for writer in writers:
        writer.join(20)
        assert not writer.is_alive()
        assert writer.fault is None, repr(writer.fault)
    return writers


def check_rows(server: MoimProcess, writers: list[Writer]) -> None:
    rows = RawRows(server.database)
    document = writers[0].document
    kept, durable = keys_of(rows.document(document), document), rows.durable(document)
    for writer in writers:
        assert writer.expected() <= kept, f"{document}: acknowledged edits of {writer.name} lost"
        claimed = durable.get(writer.replica, 0)
        assert writer.acked <= claimed <= writer.sent
        assert {f"{writer.name}-{n}" for n in range(1, claimed + 1)} <= kept
    rows.close()


def check_served(server: MoimProcess, writers: list[Writer]) -> None:
    with WireClient(server.url, writers[0].replica) as client:
        client.hello()
        doc: pycrdt.Doc[Any] = pycrdt.Doc()
        granted = client.subscribe(writers[0].document, doc)
        kept = keys_of(doc, writers[0].document)
    assert granted.cs_durable >= writers[0].acked
    for writer in writers:
        assert writer.expected() <= kept


def kill_rounds(server: MoimProcess, rounds: int, seed: int) -> int:
    """Gives how many edits were acknowledged and found again."""
    moments = random.Random(seed)
    found = 0
    for number in range(rounds):
        kind = "open" if number % 2 else "project"
        document = f"{kind}/kill-{number}"
        writers = one_round(server, document, after_s=moments.uniform(0, 0.8))
        check_rows(server, writers)
        server.start()
        check_served(server, writers)
        found += sum(writer.acked for writer in writers)
    return found


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("rounds", "seed"),
    [
        pytest.param(3, SEED, id="3 kills"),
        # The other 850 of a thousand kill the store alone: tests/data/test_crashes.py.
        pytest.param(150, SEED + 1, id="150 kills", marks=pytest.mark.trust),
    ],
)
def test_F11_acknowledged_edits_survive_kills_of_the_server(
    serve: Callable[..., MoimProcess], measures: Measures, rounds: int, seed: int
) -> None:
    found = kill_rounds(serve("--workers", "0"), rounds=rounds, seed=seed)
    print(f"seed {seed}: {found} acknowledged edits, all found after {rounds} SIGKILLs")
    measures.queue(found, found)
    measures.kills += rounds
    assert found > rounds * WRITERS
