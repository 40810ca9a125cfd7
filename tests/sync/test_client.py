"""The Python client against a real hub over real sockets."""

import gc
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pycrdt import Doc, Map

from client_rig import HubThread
from moim_data.documents.project import ProjectDocument
from moim_data.errors import StorageError, StorageFull
from moim_data.outbox import Outbox
from moim_data.store import DocumentId
from moim_process import PYTHONPATH
from moim_sync.client import SyncClient
from moim_sync.client_connection import retry_interval_s
from moim_sync.client_presence import PresentPerson
from moim_sync.errors import (
    CloseCode,
    ConnectionStopped,
    DocumentClosed,
    DocumentRefused,
    MalformedUpdate,
    NotInTime,
    TransactionOpen,
)
from moim_sync.limits import HubLimits
from moim_sync.messages import Granted, Limits, Perm
from moim_sync.prescan import scan
from moim_sync.shared_document import SharedDocument

WAIT_S = 10.0


@pytest.fixture
def hub() -> Iterator[HubThread]:
    made = HubThread()
    yield made
    made.close()


Connect = Callable[..., SyncClient]


@pytest.fixture
def connect(hub: HubThread) -> Iterator[Connect]:
    made: list[SyncClient] = []

    def client(outbox: Path | None = None, **options: Any) -> SyncClient:
        made.append(SyncClient(hub.url, outbox=outbox, **options))
        return made[-1]

    yield client
    for one in made:
        one.close()


def shared(outbox: Outbox, document: str = "open/a") -> SharedDocument:
    """A document that no connection carries."""
    return SharedDocument(
        DocumentId(document), outbox, create=True, wake=lambda: None, changed=lambda _: None
    )


def set_value(document: SharedDocument, key: str, value: object) -> None:
    with document.transaction():
        document.doc.get("data", type=Map)[key] = value


def values(document: SharedDocument) -> dict[str, Any]:
    with document.lock:
        return document.doc.get("data", type=Map).to_py() or {}


def wait_until(document: SharedDocument, condition: Callable[[], bool]) -> None:
    """Wait for a change that makes the condition true."""
    happened = threading.Event()

    def look() -> None:
        if condition():
            happened.set()

    unwatch = document.watch(look)
    look()
    assert happened.wait(WAIT_S), values(document)
    unwatch()


def test_an_edit_is_on_the_servers_disk_when_wait_saved_returns(
    hub: HubThread, connect: Connect
) -> None:
    document = connect().document("open/a", create=True)
    set_value(document, "title", "안녕 👋")
    assert document.pending == 1
    document.wait_saved(WAIT_S)
    assert document.pending == 0
    (kept,) = hub.disk.documents.values()
    assert len(kept.updates) == 1
    assert set(kept.durable.values()) == {1}


def test_two_clients_see_each_others_edits(connect: Connect) -> None:
    one = connect().document("open/a", create=True)
    other = connect().document("open/a", create=True)
    set_value(one, "from one", 1)
    wait_until(other, lambda: values(other).get("from one") == 1)
    set_value(other, "from other", 2)
    wait_until(one, lambda: values(one).get("from other") == 2)


def test_the_status_follows_the_connection_and_the_outbox(hub: HubThread, connect: Connect) -> None:
    client = connect()
    document = client.document("open/a", create=True)
    document.wait_synced(WAIT_S)
    assert client.status == "live"
    hub.shut()
    wait_until(document, lambda: client.status == "offline")
    set_value(document, "x", 1)
    assert client.pending == 1
    hub.unshut()
    client.wait_saved(WAIT_S)
    wait_until(document, lambda: client.status == "live")
    client.close()
    assert client.status == "closed"


def test_edits_made_offline_arrive_after_reconnecting(hub: HubThread, connect: Connect) -> None:
    document = connect().document("open/a", create=True)
    document.wait_synced(WAIT_S)
    hub.shut()
    for number in range(50):
        set_value(document, f"key {number}", number)
    assert document.pending == 50
    hub.unshut()
    document.wait_saved(WAIT_S)
    other = connect().document("open/a")
    other.wait_synced(WAIT_S)
    assert values(other) == {f"key {number}": number for number in range(50)}


def test_a_server_that_stops_and_starts_again_loses_nothing(
    hub: HubThread, connect: Connect
) -> None:
    document = connect().document("open/a", create=True)
    set_value(document, "before", 1)
    document.wait_saved(WAIT_S)
    hub.stop()
    set_value(document, "meanwhile", 2)
    with pytest.raises(NotInTime, match="1 edits wait in the outbox"):
        document.wait_saved(0.05)
    hub.start()
    document.wait_saved(WAIT_S)
    other = connect().document("open/a")
    other.wait_synced(WAIT_S)
    assert values(other) == {"before": 1, "meanwhile": 2}


def test_a_killed_process_leaves_its_edits_to_the_next_one(
    hub: HubThread, connect: Connect, tmp_path: Path
) -> None:
    outbox = tmp_path / "outbox.db"
    program = f"""
import os
from moim_sync.client import SyncClient
from pycrdt import Map
client = SyncClient("http://127.0.0.1:9", outbox={str(outbox)!r})
document = client.document("open/a", create=True)
for number in range(20):
    with document.transaction():
        document.doc.get("data", type=Map)[f"key {{number}}"] = "오프라인"
os._exit(9)
"""
    ended = subprocess.run([sys.executable, "-c", program], env={"PYTHONPATH": PYTHONPATH})
    assert ended.returncode == 9
    document = connect(outbox).document("open/a", create=True)
    assert len(values(document)) == 20
    document.wait_saved(WAIT_S)
    other = connect().document("open/a")
    other.wait_synced(WAIT_S)
    assert values(other) == {f"key {number}": "오프라인" for number in range(20)}


def test_a_new_process_starts_with_what_is_kept_without_a_server(
    hub: HubThread, connect: Connect, tmp_path: Path
) -> None:
    writer = connect().document("open/a", create=True)
    set_value(writer, "title", "kept")
    writer.wait_saved(WAIT_S)
    first = connect(tmp_path / "outbox.db")
    first.document("open/a").wait_synced(WAIT_S)
    first.close()
    hub.shut()
    again = connect(tmp_path / "outbox.db").document("open/a")
    assert values(again) == {"title": "kept"}
    assert again.pending == 0


def test_an_unknown_document_is_refused_by_name_and_waiters_hear_it_at_once(
    connect: Connect,
) -> None:
    document = connect().document("project/nowhere")
    with pytest.raises(DocumentRefused, match="project/nowhere: unknown") as refused:
        document.wait_synced(WAIT_S)
    assert refused.value.code == "unknown"


@pytest.mark.rule("S4")
def test_another_document_under_the_same_name_moves_unsent_edits_aside(
    hub: HubThread, connect: Connect, tmp_path: Path
) -> None:
    client = connect(tmp_path / "outbox.db")
    document = client.document("open/a", create=True)
    set_value(document, "shared", 1)
    document.wait_saved(WAIT_S)
    hub.shut()
    set_value(document, "unsent", 2)
    hub.stop()
    hub.disk.documents.clear()
    hub.start()
    hub.unshut()
    fresh = connect().document("open/a", create=True)
    set_value(fresh, "new", 3)
    fresh.wait_saved(WAIT_S)
    wait_until(document, lambda: values(document) == {"new": 3})
    assert document.pending == 0
    assert document.set_aside == 1
    client.close()
    with Outbox(tmp_path / "outbox.db") as outbox:
        (aside,) = outbox.aside(document.id)
        assert len(aside.entries) == 1


@pytest.mark.rule("P3")
def test_a_difference_goes_to_a_server_that_lost_what_it_had(
    hub: HubThread, connect: Connect
) -> None:
    """A restored backup knows the document, and lacks edits it had acknowledged."""
    document = connect().document("open/a", create=True)
    set_value(document, "first", 1)
    document.wait_saved(WAIT_S)
    set_value(document, "second", 2)
    document.wait_saved(WAIT_S)
    hub.shut()
    hub.stop()
    (kept,) = hub.disk.documents.values()
    del kept.updates[1:]
    for replica in kept.durable:
        kept.durable[replica] = 1
    hub.start()
    set_value(document, "third", 3)
    hub.unshut()
    document.wait_saved(WAIT_S)
    other = connect().document("open/a")
    other.wait_synced(WAIT_S)
    assert values(other) == {"first": 1, "second": 2, "third": 3}


@pytest.mark.parametrize("seed", range(3))
def test_clients_with_random_edits_and_cuts_end_up_equal(
    hub: HubThread, connect: Connect, seed: int
) -> None:
    print(f"seed {seed}")
    choose = random.Random(seed)
    clients = [connect(random=random.Random(seed + number).random) for number in range(3)]
    documents = [client.document("open/a", create=True) for client in clients]
    for _ in range(300):
        document = choose.choice(documents)
        key = f"key {choose.randrange(20)}"
        action = choose.random()
        if action < 0.85:
            set_value(document, key, choose.randrange(1000))
        elif action < 0.9:
            with document.transaction():
                data = document.doc.get("data", type=Map)
                if key in data:
                    del data[key]
        elif action < 0.97:
            hub.cut()
        else:
            hub.stop()
            hub.start()
    for document in documents:
        document.wait_saved(WAIT_S)
    fresh = connect().document("open/a")
    fresh.wait_synced(WAIT_S)
    expected = values(fresh)
    for document in documents:
        wait_until(document, lambda document=document: values(document) == expected)


def test_four_threads_edit_one_document_and_every_edit_arrives(connect: Connect) -> None:
    document = connect().document("open/a", create=True)

    def write(name: str) -> None:
        for number in range(50):
            set_value(document, f"{name} {number}", number)

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    document.wait_saved(WAIT_S)
    other = connect().document("open/a")
    other.wait_synced(WAIT_S)
    assert len(values(other)) == 200


def test_a_transaction_is_one_edit_and_a_failing_one_keeps_what_it_did(connect: Connect) -> None:
    document = connect().document("open/a", create=True)
    with document.transaction():
        set_value(document, "a", 1)
        set_value(document, "b", 2)
    document.wait_synced(WAIT_S)
    document.wait_saved(WAIT_S)

    def fails_halfway() -> None:
        with document.transaction():
            set_value(document, "c", 3)
            raise KeyError

    with pytest.raises(KeyError):
        fails_halfway()
    document.wait_saved(WAIT_S)
    other = connect().document("open/a")
    other.wait_synced(WAIT_S)
    assert values(other) == {"a": 1, "b": 2, "c": 3}


def test_a_bulk_edit_is_cut_into_pieces_that_a_server_takes(connect: Connect) -> None:
    document = connect().document("project/big", create=True)
    project = ProjectDocument(document)
    with project.access.transaction():
        project.columns.add(id="todo", name="To do")
        project.cards.add_all({"title": f"카드 {number}"} for number in range(600))
    assert document.pending > 1
    document.wait_saved(WAIT_S)
    other = connect().document("project/big")
    other.wait_synced(WAIT_S)
    cards = ProjectDocument(other).cards
    assert [card.title for card in cards.values()] == [f"카드 {number}" for number in range(600)]
    assert document.pending == 0


def test_small_limits_of_a_server_are_kept_to() -> None:
    hub = HubThread(HubLimits(push=Limits(push_bytes=2000, structs=30)))
    try:
        with SyncClient(hub.url, outbox=None) as client:
            document = client.document("open/a", create=True)
            document.wait_synced(WAIT_S)
            with document.transaction():
                for number in range(200):
                    document.doc.get("data", type=Map)[f"key {number}"] = "x" * 50
            document.wait_saved(WAIT_S)
            assert client.stopped is None
    finally:
        hub.close()


def test_a_watcher_is_told_once_of_many_edits_and_a_failing_one_stops_nobody(
    connect: Connect,
) -> None:
    document = connect().document("open/a", create=True)
    document.wait_synced(WAIT_S)
    calls: list[int] = []

    def fails() -> None:
        raise RuntimeError("mine")

    document.watch(fails)
    unwatch = document.watch(lambda: calls.append(len(values(document))))
    for number in range(100):
        set_value(document, f"key {number}", number)
    wait_until(document, lambda: bool(calls) and calls[-1] == 100)
    assert len(calls) < 50
    unwatch()
    count = len(calls)
    set_value(document, "more", 1)
    wait_until(document, lambda: "more" in values(document))
    assert len(calls) == count


def test_presence_reaches_the_others_and_goes_with_the_client(connect: Connect) -> None:
    first, second = connect(name="민지"), connect()
    one = first.document("open/a", create=True)
    other = second.document("open/a", create=True)
    other.wait_synced(WAIT_S)
    one.presence.set({"drag": {"card": "c1"}})
    wait_until(other, lambda: len(other.presence.people) == 1)
    (person,) = other.presence.people
    assert person.name == "민지"
    assert states(person) == [{"drag": {"card": "c1"}}]
    one.presence.set(None)
    wait_until(other, lambda: other.presence.people == [])
    one.presence.set({})
    wait_until(other, lambda: len(other.presence.people) == 1)
    first.close()
    wait_until(other, lambda: other.presence.people == [])


def states(person: PresentPerson) -> list[dict[str, Any]]:
    return [dict(state) for state in person.states]


def test_presence_comes_back_after_a_cut(hub: HubThread, connect: Connect) -> None:
    one = connect().document("open/a", create=True)
    other = connect().document("open/a", create=True)
    one.presence.set({"editing": "c1"})
    wait_until(other, lambda: len(other.presence.people) == 1)
    hub.cut()
    one.presence.set({"editing": "c2"})
    wait_until(other, lambda: [*map(states, other.presence.people)] == [[{"editing": "c2"}]])


@pytest.mark.parametrize("update", ["ff", "0101", "010102042801016d06017900017c3f80"])
def test_bytes_that_are_no_update_change_nothing_and_are_named(tmp_path: Path, update: str) -> None:
    with Outbox(tmp_path / "outbox.db") as outbox:
        document = shared(outbox)
        set_value(document, "kept", 1)
        with pytest.raises(MalformedUpdate, match="open/a"):
            document.received(1, bytes.fromhex(update))
        assert values(document) == {"kept": 1}
        set_value(document, "more", 2)
        assert document.pending == 2


def test_an_edit_that_the_disk_refused_is_kept_with_the_next_one(tmp_path: Path) -> None:
    with Outbox(tmp_path / "outbox.db") as outbox:
        document = shared(outbox)
        set_value(document, "a", 1)
        other = sqlite3.connect(outbox.path or "")
        other.execute(
            "CREATE TRIGGER full BEFORE INSERT ON entry BEGIN SELECT RAISE(FAIL, 'x'); END"
        )
        other.commit()
        with pytest.raises(StorageError):
            set_value(document, "b", 2)
        assert values(document) == {"a": 1, "b": 2}
        assert document.pending == 2
        other.execute("DROP TRIGGER full")
        other.commit()
        other.close()
        set_value(document, "c", 3)
        assert [entry.cs for entry in outbox.pending(document.id)] == [1, 2, 3]


def test_an_old_copy_of_an_outbox_draws_a_new_replica_and_loses_nothing(
    hub: HubThread, connect: Connect, tmp_path: Path
) -> None:
    first = connect(tmp_path / "outbox.db")
    document = first.document("open/a", create=True)
    set_value(document, "one", 1)
    document.wait_saved(WAIT_S)
    first.close()
    shutil.copy(tmp_path / "outbox.db", tmp_path / "copy.db")
    again = connect(tmp_path / "outbox.db")
    document = again.document("open/a")
    set_value(document, "two", 2)
    document.wait_saved(WAIT_S)
    again.close()
    copy = connect(tmp_path / "copy.db").document("open/a")
    set_value(copy, "three", 3)
    copy.wait_saved(WAIT_S)
    fresh = connect().document("open/a")
    fresh.wait_synced(WAIT_S)
    assert values(fresh) == {"one": 1, "two": 2, "three": 3}


@pytest.mark.rule("P1", "S2")
def test_many_waiting_edits_leave_in_few_pushes_with_the_highest_number(tmp_path: Path) -> None:
    with Outbox(tmp_path / "outbox.db") as outbox:
        document = shared(outbox)
        for number in range(250):
            set_value(document, f"key {number}", number)
        document.granted(Granted(7, "open/a", "open", b"l" * 16, "editor", 0, 0), Limits())
        assert document.next_push() is None
        document.synced(b"\x00\x00")
        pushes = list(iter(document.next_push, None))
        assert [push.cs for push in pushes] == [64, 128, 192, 250]
        assert all(scan(push.update).structs <= 2000 for push in pushes)
        whole: Doc[Any] = Doc()
        for push in pushes:
            whole.apply_update(push.update)
        assert len(whole.get("data", type=Map)) == 250
        document.acknowledged(200)
        assert document.pending == 50


def granted(document: SharedDocument) -> None:
    """Let a document that no connection carries think that a server has granted it."""
    document.granted(Granted(7, document.id, "open", b"l" * 16, "editor", 0, 0), Limits())
    document.synced(b"\x00\x00")


@pytest.mark.rule("P2")
def test_edits_sent_together_name_the_earliest_that_their_author_had_seen(tmp_path: Path) -> None:
    source: Doc[Any] = Doc()
    source.get("data", type=Map)["theirs"] = 1
    with Outbox(tmp_path / "outbox.db") as outbox:
        document = shared(outbox)
        set_value(document, "before", 1)
        document.received(5, source.get_update())
        set_value(document, "after", 2)
        assert [entry.base_seq for entry in outbox.pending(document.id)] == [0, 5]
        granted(document)
        push = document.next_push()
        assert push is not None
        assert (push.cs, push.base_seq) == (2, 0)


def test_after_a_gap_one_difference_stands_for_all_that_waits(tmp_path: Path) -> None:
    with Outbox(tmp_path / "outbox.db") as outbox:
        document = shared(outbox)
        granted(document)
        set_value(document, "sent", 1)
        assert document.next_push() is not None
        for number in range(100):
            set_value(document, f"unsent {number}", number)
        document.close_gap(b"\x00")
        (push,) = iter(document.next_push, None)
        server: Doc[Any] = Doc()
        server.apply_update(push.update)
        assert len(server.get("data", type=Map)) == 101
        document.acknowledged(push.cs)
        assert document.pending == 0


@pytest.mark.rule("A3")
def test_what_was_sent_to_a_refusing_disk_is_sent_again_when_it_works(tmp_path: Path) -> None:
    with Outbox(tmp_path / "outbox.db") as outbox:
        document = shared(outbox)
        granted(document)
        set_value(document, "x", 1)
        first = document.next_push()
        assert document.next_push() is None
        document.refused(Perm(7, document.id, "storage", "no room left"))
        document.allowed()
        assert document.next_push() == first


@pytest.mark.rule("H4")
def test_after_a_drain_a_client_waits_a_part_of_the_delay(hub: HubThread) -> None:
    with SyncClient(hub.url, outbox=None, random=lambda: 0.9) as client:
        document = client.document("open/a", create=True)
        document.wait_synced(WAIT_S)
        hub.call(hub.hub.drain(1500))
        wait_until(document, lambda: client.status == "offline")
        began_s = time.monotonic()
        hub.run(lambda: setattr(hub.hub, "draining", False))
        wait_until(document, lambda: client.status == "live")
        assert time.monotonic() - began_s > 0.9


def test_a_server_that_is_burdened_is_given_more_time_with_each_try(hub: HubThread) -> None:
    with SyncClient(hub.url, outbox=None, random=lambda: 0.99) as client:
        document = client.document("open/a", create=True)
        document.wait_synced(WAIT_S)
        waited_s = []
        for _ in range(2):
            hub.run(lambda: [one.end(CloseCode.TOO_SLOW, "") for one in [*hub.hub.sessions]])
            wait_until(document, lambda: client.status == "offline")
            began_s = time.monotonic()
            wait_until(document, lambda: client.status == "live")
            waited_s.append(time.monotonic() - began_s)
        assert waited_s[1] > 0.9


def test_what_waits_is_cut_again_for_a_server_that_takes_less(tmp_path: Path) -> None:
    with Outbox(tmp_path / "outbox.db") as outbox:
        document = shared(outbox)
        set_value(document, "first", 1)
        with document.transaction():
            for number in range(300):
                document.doc.get("data", type=Map)[f"key {number}"] = number
        set_value(document, "last", 2)
        assert document.pending == 3
        small = Limits(push_bytes=2000, structs=50)
        document.granted(Granted(7, "open/a", "open", b"l" * 16, "editor", 0, 0), small)
        document.synced(b"\x00\x00")
        pushes = list(iter(document.next_push, None))
        whole: Doc[Any] = Doc()
        for push in pushes:
            assert len(push.update) <= 2000
            assert scan(push.update).structs <= 50
            whole.apply_update(push.update)
        assert len(whole.get("data", type=Map)) == 302
        document.acknowledged(pushes[-1].cs)
        assert document.pending == 0
        assert outbox.pending(document.id) == ()


def test_what_is_kept_is_merged_now_and_then_and_stays_whole(tmp_path: Path) -> None:
    source: Doc[Any] = Doc()
    news: list[bytes] = []
    source.observe(lambda event: news.append(event.update))
    for number in range(450):
        source.get("data", type=Map)[f"key {number % 7}"] = number
    with Outbox(tmp_path / "outbox.db") as outbox:
        document = shared(outbox)
        set_value(document, "own", 1)
        for seq, update in enumerate(news, 1):
            document.received(seq, update)
        kept = outbox.state(document.id)
        assert len(kept.updates) < 230
        assert kept.seq == 450
        again = shared(outbox)
        assert values(again) == values(document)
        assert values(again)["own"] == 1
        assert again.pending == 1


def test_an_edit_carries_nothing_of_what_others_did(tmp_path: Path) -> None:
    source: Doc[Any] = Doc()
    source.get("data", type=Map)["theirs"] = 1
    with Outbox(tmp_path / "outbox.db") as outbox:
        document = shared(outbox)
        document.received(1, source.get_update())
        set_value(document, "mine", 2)
        (entry,) = outbox.pending(document.id)
        alone: Doc[Any] = Doc()
        alone.apply_update(entry.update)
        assert alone.get("data", type=Map).to_py() == {"mine": 2}
        assert entry.base_seq == 1


def test_views_go_on_with_another_document_that_takes_the_place_of_theirs(tmp_path: Path) -> None:
    with Outbox(tmp_path / "outbox.db") as outbox:
        document = shared(outbox, "project/p")
        project = ProjectDocument(document)
        project.columns.add(id="todo", name="To do")
        document.renew(b"1" * 16)
        assert list(project.columns) == ["todo"]
        document.renew(b"2" * 16)
        assert list(project.columns) == []
        assert document.set_aside == 1
        project.columns.add(id="new", name="New")
        assert list(project.columns) == ["new"]
        assert document.pending == 1


@pytest.mark.rule("H3")
def test_a_connection_that_says_nothing_is_dropped_and_made_again() -> None:
    hub = HubThread(HubLimits(ping_s=0.3, dead_s=1.2))
    try:
        with SyncClient(hub.url, outbox=None) as client:
            document = client.document("open/a", create=True)
            document.wait_synced(WAIT_S)
            hub.run(hub.gate.stall)
            set_value(document, "x", 1)
            wait_until(document, lambda: client.status == "offline")
            hub.run(hub.gate.flow)
            document.wait_saved(WAIT_S)
    finally:
        hub.close()


@pytest.mark.rule("H3")
def test_a_quiet_client_answers_pings_and_stays_connected() -> None:
    hub = HubThread(HubLimits(ping_s=0.5, dead_s=1.8))
    try:
        with SyncClient(hub.url, outbox=None) as client:
            document = client.document("open/a", create=True)
            document.wait_synced(WAIT_S)
            (session,) = hub.run(lambda: list(hub.hub.sessions))
            # the hub looks after its connections once a second: this is beyond `dead_s`
            hub.call(hub.ticks(4))
            assert hub.run(lambda: list(hub.hub.sessions)) == [session]
            assert client.status == "live"
    finally:
        hub.close()


def test_an_edit_that_touches_more_than_a_push_may_name_names_its_entities(
    tmp_path: Path,
) -> None:
    with Outbox(tmp_path / "outbox.db") as outbox:
        document = shared(outbox, "project/p")
        project = ProjectDocument(document)
        project.columns.add(id="todo", name="To do")
        cards = project.cards.add_all([{"title": "x", "id": f"c{n}"} for n in range(200)])
        with document.transaction():
            for card in cards:
                card.title = "y"
                card.estimate = 1
        touched = outbox.pending(document.id)[-1].touched
        assert set(touched) == {f"cards/c{n}" for n in range(200)}


def test_a_document_released_with_unsaved_edits_is_left_once_they_are_saved(
    hub: HubThread, connect: Connect
) -> None:
    client = connect()
    document = client.document("open/a", create=True)
    document.wait_synced(WAIT_S)
    hub.shut()
    set_value(document, "late", 1)
    client.release(document)
    assert client.document("open/a") is document
    client.release(document)
    hub.unshut()
    with pytest.raises(DocumentClosed):
        wait_closed(document)
    fresh = connect().document("open/a")
    fresh.wait_synced(WAIT_S)
    assert values(fresh) == {"late": 1}


def wait_closed(document: SharedDocument) -> None:
    """Ends with DocumentClosed: a watcher hears nothing of a closed document, a waiter does."""
    document._wait(lambda: False, WAIT_S, "to be closed")


def test_a_refused_document_is_asked_for_again_when_it_is_opened_again(connect: Connect) -> None:
    client = connect()
    document = client.document("open/a")
    with pytest.raises(DocumentRefused):
        document.wait_synced(WAIT_S)
    connect().document("open/a", create=True).wait_synced(WAIT_S)
    client.document("open/a").wait_synced(WAIT_S)
    other = client.document("open/b")
    with pytest.raises(DocumentRefused):
        other.wait_synced(WAIT_S)
    client.document("open/b", create=True).wait_synced(WAIT_S)


def test_a_released_document_takes_no_memory_any_more(connect: Connect) -> None:
    client = connect()
    document = client.document("open/a", create=True)
    set_value(document, "x", 1)
    document.wait_saved(WAIT_S)
    gone = threading.Event()
    weakref.finalize(document, gone.set)
    client.release(document)
    del document
    deadline = time.monotonic() + WAIT_S
    while not gone.wait(0.02):
        gc.collect()
        assert time.monotonic() < deadline


def test_a_released_document_is_left_and_its_last_user_closes_it(
    hub: HubThread, connect: Connect
) -> None:
    client = connect()
    one, again = client.document("open/a", create=True), client.document("open/a")
    assert one is again
    one.wait_synced(WAIT_S)
    client.release(one)
    set_value(one, "still", 1)
    one.wait_saved(WAIT_S)
    client.release(again)
    with pytest.raises(DocumentClosed):
        set_value(one, "no more", 1)
    opened = client.document("open/a")
    opened.wait_synced(WAIT_S)
    assert values(opened) == {"still": 1}


def test_a_closed_client_refuses_edits_and_documents(connect: Connect) -> None:
    client = connect()
    document = client.document("open/a", create=True)
    client.close()
    client.close()
    with pytest.raises(DocumentClosed, match="connect again"):
        set_value(document, "x", 1)
    with pytest.raises(DocumentClosed):
        client.document("open/b")
    with pytest.raises(DocumentClosed):
        document.wait_synced(WAIT_S)


def test_a_final_close_stops_the_client_and_says_why(hub: HubThread, connect: Connect) -> None:
    hub.run(lambda: setattr(hub, "_identify", lambda _: None))
    hub.stop()
    hub.start()
    client = connect()
    document = client.document("open/a", create=True)
    set_value(document, "kept", 1)
    with pytest.raises(ConnectionStopped, match="4401"):
        document.wait_saved(WAIT_S)
    assert client.status == "closed"
    assert client.stopped is not None
    assert document.pending == 1


def test_the_first_retry_is_within_300_ms_and_none_later_than_2_5_s() -> None:
    intervals = [retry_interval_s(failures) for failures in range(2000)]
    assert intervals[0] == 0.3
    assert intervals[:5] == sorted(intervals[:5])
    assert max(intervals) == intervals[-1] == 2.5


@pytest.mark.rule("A3")
def test_while_the_servers_disk_refuses_edits_wait_and_arrive_when_it_works_again(
    hub: HubThread, connect: Connect
) -> None:
    document = connect().document("open/a", create=True)
    set_value(document, "before", 1)
    document.wait_saved(WAIT_S)
    hub.run(lambda: hub.store.refuse(StorageFull("no room left")))
    set_value(document, "x", 1)
    with pytest.raises(DocumentRefused, match="storage: no room left"):
        document.wait_saved(WAIT_S)
    set_value(document, "y", 2)
    assert document.pending == 2
    hub.run(lambda: hub.store.refuse(None))
    wait_until(document, lambda: document.refusal is None)
    document.wait_saved(WAIT_S)
    fresh = connect().document("open/a")
    fresh.wait_synced(WAIT_S)
    assert values(fresh) == {"before": 1, "x": 1, "y": 2}


def test_a_document_the_disk_could_not_make_is_asked_for_again_by_itself(
    hub: HubThread, connect: Connect
) -> None:
    hub.run(lambda: hub.store.refuse(StorageFull("no room left")))
    document = connect().document("open/a", create=True)
    with pytest.raises(DocumentRefused, match="storage"):
        document.wait_synced(WAIT_S)
    hub.run(lambda: hub.store.refuse(None))
    wait_until(document, lambda: document.is_synced)


@pytest.mark.rule("A1")
def test_nothing_leaves_the_outbox_before_the_commit(hub: HubThread, connect: Connect) -> None:
    document = connect().document("open/a", create=True)
    document.wait_synced(WAIT_S)
    hub.run(hub.store.hold)
    set_value(document, "x", 1)
    with pytest.raises(NotInTime):
        document.wait_saved(0.3)
    assert document.pending == 1
    hub.run(hub.store.release)
    document.wait_saved(WAIT_S)


def test_a_client_is_not_closed_inside_a_transaction(hub: HubThread, connect: Connect) -> None:
    client = connect()
    document = client.document("open/a", create=True)
    with document.transaction():
        document.doc.get("data", type=Map)["x"] = 1
        with pytest.raises(TransactionOpen, match="leave the transaction"):
            client.close()
    document.wait_saved(WAIT_S)
    client.close()


@pytest.mark.parametrize("url", ["localhost:5006", "ftp://x", "", "http://"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="expected an address like"):
        SyncClient(url, outbox=None)
