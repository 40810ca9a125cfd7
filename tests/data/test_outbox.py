import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from moim_data.errors import CorruptDatabase, CorruptDocument, ReplicaReused, StorageInUse
from moim_data.outbox import Entry, LocalState, Outbox
from moim_data.store import DocumentId

LAUNCH = DocumentId("project/launch")
OTHER = DocumentId("project/other")
FIRST, SECOND = b"1" * 16, b"2" * 16

_PUSH_UNTIL_KILLED = """
import sys
from moim_data.outbox import Outbox
outbox = Outbox(sys.argv[1])
while True:
    print(outbox.push("project/launch", b"edit", base_seq=0).cs, flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox.db"


@pytest.fixture
def outbox(path: Path) -> Iterator[Outbox]:
    with Outbox(path) as outbox:
        yield outbox


def test_a_document_never_opened_here_is_empty(outbox: Outbox) -> None:
    assert outbox.state(LAUNCH) == LocalState(b"", 0, 0, ())
    assert outbox.pending(LAUNCH) == ()
    assert outbox.documents() == []


def test_edits_are_numbered_from_one_per_document(outbox: Outbox) -> None:
    numbers = [outbox.push(document, b"x", base_seq=0).cs for document in (LAUNCH, LAUNCH, OTHER)]
    assert numbers == [1, 2, 1]
    assert outbox.documents() == [LAUNCH, OTHER]


def test_edits_and_replica_are_there_after_reopening(path: Path) -> None:
    with Outbox(path) as outbox:
        replica = outbox.replica
        entry = outbox.push(LAUNCH, b"own", base_seq=7, touched=["cards/가/title"])
        outbox.receive(LAUNCH, b"theirs", 9)
    with Outbox(path) as outbox:
        assert outbox.replica == replica
        assert len(replica) == 16
        assert outbox.pending(LAUNCH) == (entry,)
        assert entry == Entry(1, 7, ("cards/가/title",), b"own")
        assert outbox.state(LAUNCH) == LocalState(b"", 9, 1, (b"own", b"theirs"))


def test_an_acknowledgement_takes_out_what_it_covers_and_leaves_the_state(outbox: Outbox) -> None:
    for update in (b"a", b"b", b"c"):
        outbox.push(LAUNCH, update, base_seq=0)
    outbox.acknowledge(LAUNCH, 2)
    assert [entry.update for entry in outbox.pending(LAUNCH)] == [b"c"]
    assert outbox.state(LAUNCH).updates == (b"a", b"b", b"c")


def test_numbers_go_on_after_everything_was_acknowledged(path: Path) -> None:
    with Outbox(path) as outbox:
        outbox.push(LAUNCH, b"a", base_seq=0)
        outbox.acknowledge(LAUNCH, 1)
    with Outbox(path) as outbox:
        assert outbox.push(LAUNCH, b"b", base_seq=0).cs == 2


def test_an_acknowledgement_of_what_was_never_made_is_refused(outbox: Outbox) -> None:
    outbox.push(LAUNCH, b"a", base_seq=0)
    before = outbox.replica
    with pytest.raises(ReplicaReused, match="older copy"):
        outbox.acknowledge(LAUNCH, 2)
    assert outbox.renew_replica() == outbox.replica != before
    assert [entry.cs for entry in outbox.pending(LAUNCH)] == [1]


def test_a_document_made_here_takes_over_the_lineage_of_the_server(outbox: Outbox) -> None:
    entry = outbox.push(LAUNCH, b"a", base_seq=0)
    assert outbox.set_lineage(LAUNCH, FIRST) is False
    assert outbox.state(LAUNCH) == LocalState(FIRST, 0, 1, (b"a",))
    assert outbox.pending(LAUNCH) == (entry,)
    assert outbox.aside(LAUNCH) == ()


def test_another_lineage_moves_aside_without_losing_an_edit(outbox: Outbox) -> None:
    outbox.set_lineage(LAUNCH, FIRST)
    outbox.receive(LAUNCH, b"theirs", 5)
    lost = outbox.push(LAUNCH, b"own", base_seq=5)
    assert outbox.set_lineage(LAUNCH, SECOND) is True
    assert outbox.state(LAUNCH) == LocalState(SECOND, 0, 1, ())
    assert outbox.pending(LAUNCH) == ()
    assert outbox.push(LAUNCH, b"new", base_seq=0).cs == 2

    (aside,) = outbox.aside(LAUNCH)
    assert (aside.lineage, aside.updates, aside.entries) == (FIRST, (b"theirs", b"own"), (lost,))
    outbox.discard_aside(LAUNCH, FIRST)
    assert outbox.aside(LAUNCH) == ()
    assert [entry.update for entry in outbox.pending(LAUNCH)] == [b"new"]


def test_a_lineage_that_comes_back_brings_its_edits_back(outbox: Outbox) -> None:
    outbox.set_lineage(LAUNCH, FIRST)
    entry = outbox.push(LAUNCH, b"own", base_seq=5)
    outbox.set_lineage(LAUNCH, SECOND)
    outbox.set_lineage(LAUNCH, FIRST)
    assert outbox.pending(LAUNCH) == (entry,)


def test_replacing_the_state_leaves_the_entries(outbox: Outbox) -> None:
    entry = outbox.push(LAUNCH, b"a", base_seq=0)
    outbox.receive(LAUNCH, b"b", 3)
    outbox.replace_state(LAUNCH, b"ab")
    assert outbox.state(LAUNCH) == LocalState(b"", 3, 1, (b"ab",))
    assert outbox.pending(LAUNCH) == (entry,)


def test_a_second_opener_is_told_who_holds_the_file(outbox: Outbox, path: Path) -> None:
    with pytest.raises(StorageInUse) as caught:
        Outbox(path)
    assert caught.value.pid == os.getpid()


def test_a_damaged_edit_is_not_given_out(path: Path) -> None:
    with Outbox(path) as outbox:
        outbox.push(LAUNCH, b"a", base_seq=0)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE entry SET data = x'62'")
    connection.commit()
    connection.close()
    with Outbox(path) as outbox, pytest.raises(CorruptDocument):
        outbox.pending(LAUNCH)


def test_the_file_of_a_store_is_not_an_outbox(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE doc(x)")
    connection.close()
    with pytest.raises(CorruptDatabase, match="another program"):
        Outbox(path)


def test_threads_may_push_at_once(outbox: Outbox) -> None:
    def push() -> None:
        for _ in range(50):
            outbox.push(LAUNCH, b"x", base_seq=0)

    threads = [threading.Thread(target=push) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [entry.cs for entry in outbox.pending(LAUNCH)] == list(range(1, 201))


def test_an_outbox_in_memory_needs_no_file() -> None:
    with Outbox(None) as outbox:
        outbox.push(LAUNCH, b"a", base_seq=0)
        assert outbox.state(LAUNCH).updates == (b"a",)


def test_every_pushed_edit_survives_a_kill(path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _PUSH_UNTIL_KILLED, str(path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    pushed = 0
    while pushed < 50:
        pushed = int(process.stdout.readline())
    process.kill()
    rest = [int(line) for line in process.stdout.read().splitlines()]
    process.wait()
    with Outbox(path) as outbox:
        kept = [entry.cs for entry in outbox.pending(LAUNCH)]
    assert kept == list(range(1, len(kept) + 1))
    assert len(kept) >= max([pushed, *rest])
