"""What the Python client does about edits that did not hold, and values that did not stay."""

import json
from pathlib import Path
from typing import Any

import pytest
from pycrdt import Map

from client_documents import WAIT_S, Connect, shared, wait_until
from client_rig import HubThread
from moim_data.documents.project import ProjectDocument
from moim_data.outbox import Outbox
from moim_sync.errors import EditRefused
from moim_sync.shared_document import SharedDocument

PROJECT = "project/p"


def describe(document: SharedDocument, text: Any) -> None:
    """Set a register, past the typed views, as a program might that knows no schema."""
    with document.transaction():
        document.doc.get("info", type=Map)["description"] = text


def described(document: SharedDocument) -> Any:
    with document.lock:
        return document.doc.get("info", type=Map).get("description")


def opened(connect: Connect, file: Path | None = None) -> SharedDocument:
    document = connect(file).document(PROJECT, create=True)
    document.wait_synced(WAIT_S)
    return document


@pytest.mark.rule("E1")
def test_an_edit_that_breaks_the_schema_is_undone_told_and_kept(
    hub: HubThread, connect: Connect, tmp_path: Path
) -> None:
    document = opened(connect, tmp_path / "outbox.db")
    describe(document, "good")
    document.wait_saved(WAIT_S)
    describe(document, 7)
    with pytest.raises(EditRefused, match="description") as caught:
        document.wait_saved(WAIT_S)
    assert caught.value.code == "schema"
    assert [path.path for path in caught.value.paths] == ["info/description"]
    assert described(document) == "good"
    (kept,) = document.refused_edits
    assert (kept.touched, kept.values) == (("info/description",), ("7",))
    document.wait_saved(WAIT_S)
    document.forget_refused(kept)
    assert document.refused_edits == ()


@pytest.mark.rule("E1")
def test_F28_bad_edits_made_offline_do_not_hold_up_the_good_ones(
    hub: HubThread, connect: Connect, tmp_path: Path
) -> None:
    document = opened(connect, tmp_path / "outbox.db")
    hub.gate.open = False
    hub.gate.cut()
    wait_until(document, lambda: not document.is_synced)
    project = ProjectDocument(document)
    with document.transaction():
        project.columns.add(id="todo", name="To do")
    for number in range(50):
        if number in (7, 20, 41):
            describe(document, number)
        else:
            project.cards.add(id=f"c{number}", title=f"카드 {number}", column="todo")
    assert document.pending == 51
    hub.gate.open = True
    with pytest.raises(EditRefused):
        document.wait_saved(WAIT_S)
    assert [edit.values for edit in document.refused_edits] == [("7",), ("20",), ("41",)]
    fresh = opened(connect)
    assert len(fresh.doc.get("cards", type=Map)) == 47
    assert described(fresh) is None


@pytest.mark.rule("E2")
def test_after_a_hard_refusal_the_client_begins_anew_and_goes_on(
    hub: HubThread, connect: Connect, tmp_path: Path
) -> None:
    file = tmp_path / "outbox.db"
    document = opened(connect, file)
    describe(document, "good")
    document.wait_saved(WAIT_S)
    with document.transaction():
        document.doc.get("secret", type=Map)["x"] = 1
    with pytest.raises(EditRefused) as caught:
        document.wait_saved(WAIT_S)
    assert caught.value.code == "schema"
    document.wait_synced(WAIT_S)
    assert described(document) == "good"
    assert list(document.doc.keys()) != ["secret"]
    describe(document, "later")
    document.wait_saved(WAIT_S)
    assert described(opened(connect)) == "later"
    assert len(document.refused_edits) == 1


@pytest.mark.rule("E2", "R2")
def test_who_is_seen_is_seen_again_after_a_hard_refusal(hub: HubThread, connect: Connect) -> None:
    mine, yours = opened(connect), opened(connect)
    mine.presence.set({"at": "card"})
    wait_until(yours, lambda: [one.states for one in yours.presence.people] == [({"at": "card"},)])
    former = mine.doc.client_id
    with mine.transaction():
        mine.doc.get("secret", type=Map)["x"] = 1
    with pytest.raises(EditRefused):
        mine.wait_saved(WAIT_S)
    wait_until(yours, lambda: list(yours.presence.by_client) == [mine.doc.client_id])
    assert mine.doc.client_id != former


@pytest.mark.rule("C1", "P2")
def test_a_value_that_did_not_stay_is_told_with_both(hub: HubThread, connect: Connect) -> None:
    mine, yours = opened(connect), opened(connect)
    describe(mine, "before")
    mine.wait_saved(WAIT_S)
    wait_until(yours, lambda: described(yours) == "before")
    hub.gate.open = False
    hub.gate.cut()
    wait_until(mine, lambda: not mine.is_synced)
    wait_until(yours, lambda: not yours.is_synced)
    describe(mine, "mine")
    describe(yours, "yours")
    hub.gate.open = True
    mine.wait_saved(WAIT_S)
    yours.wait_saved(WAIT_S)
    higher = mine.doc.client_id > yours.doc.client_id
    loser = yours if higher else mine
    wait_until(loser, lambda: bool(loser.conflicts))
    (conflict,) = loser.conflicts
    assert conflict.path == "info/description"
    assert {conflict.mine, conflict.theirs} == {"mine", "yours"}
    assert conflict.mine == ("mine" if loser is mine else "yours")
    wait_until(loser, lambda: described(loser) == conflict.theirs)
    loser.settle(conflict, "theirs")
    wait_until(loser, lambda: not loser.conflicts)


def test_what_an_edit_tells_is_json_of_the_registers_it_set(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.db")
    document = shared(outbox, PROJECT)
    project = ProjectDocument(document)
    with document.transaction():
        project.columns.add(id="todo", name="To do")
        card = project.cards.add(id="c1", title="출시", column="todo")
    with document.transaction():
        card.title = "출시 🚀"
        card.estimate = 3
    _, entry = outbox.pending(document.id)
    outbox.close()
    assert dict(zip(entry.touched, map(json.loads, entry.values), strict=True)) == {
        "cards/c1/title": "출시 🚀",
        "cards/c1/estimate": 3,
    }
