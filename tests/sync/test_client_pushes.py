"""What the Python client sends, and what it does about the answers."""

import shutil
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from pycrdt import Doc, Map

from client_documents import (
    WAIT_S,
    Connect,
    granted,
    set_value,
    shared,
    values,
    wait_until,
)
from client_rig import HubThread
from moim_data.documents.project import ProjectDocument
from moim_data.errors import StorageError
from moim_data.outbox import Outbox
from moim_sync.client import SyncClient
from moim_sync.errors import (
    CloseCode,
    MalformedUpdate,
)
from moim_sync.messages import Granted, Limits, Perm
from moim_sync.prescan import scan


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
