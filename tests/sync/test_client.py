"""The Python client against a real hub over real sockets."""

import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from pycrdt import Map

from client_documents import (
    WAIT_S,
    Connect,
    set_value,
    states,
    values,
    wait_until,
)
from client_rig import HubThread
from moim_data.documents.project import ProjectDocument
from moim_data.outbox import Outbox
from moim_process import PYTHONPATH
from moim_sync.client import SyncClient
from moim_sync.errors import (
    DocumentRefused,
    NotInTime,
)
from moim_sync.limits import HubLimits
from moim_sync.messages import Limits


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


def test_presence_comes_back_after_a_cut(hub: HubThread, connect: Connect) -> None:
    one = connect().document("open/a", create=True)
    other = connect().document("open/a", create=True)
    one.presence.set({"editing": "c1"})
    wait_until(other, lambda: len(other.presence.people) == 1)
    hub.cut()
    one.presence.set({"editing": "c2"})
    wait_until(other, lambda: [*map(states, other.presence.people)] == [[{"editing": "c2"}]])
