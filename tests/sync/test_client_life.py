"""How connections, documents and clients end, and what stays."""

import gc
import threading
import time
import weakref
from pathlib import Path

import pytest
from pycrdt import Map

from client_documents import (
    WAIT_S,
    Connect,
    set_value,
    shared,
    values,
    wait_closed,
    wait_until,
)
from client_rig import HubThread
from moim_data.documents.project import ProjectDocument
from moim_data.errors import StorageFull
from moim_data.outbox import Outbox
from moim_sync.client import SyncClient
from moim_sync.client_connection import retry_interval_s
from moim_sync.errors import (
    ConnectionStopped,
    DocumentClosed,
    DocumentRefused,
    NotInTime,
    TransactionOpen,
)
from moim_sync.limits import HubLimits


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
            # the hub looks after its connections twice a second: this is beyond `dead_s`
            hub.call(hub.ticks(6))
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


def test_who_watches_a_document_hears_that_the_client_was_stopped_before_it_was_opened(
    hub: HubThread, connect: Connect
) -> None:
    hub.run(lambda: setattr(hub, "_identify", lambda _: None))
    hub.stop()
    hub.start()
    client = connect()
    with pytest.raises(ConnectionStopped):
        client.document("open/a").wait_synced(WAIT_S)
    heard = threading.Event()
    client.document("open/b").watch(heard.set)
    assert heard.wait(WAIT_S)


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
