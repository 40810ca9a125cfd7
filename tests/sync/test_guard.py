"""The guard of a document with a schema, alone."""

import gc
import sys

import pytest
from pycrdt import Doc, Map

from moim_sync.validation import Guard


def watched() -> tuple["Doc[object]", Guard]:
    """A board with one card, and its guard."""
    doc: Doc[object] = Doc()
    guard = Guard("project", doc)
    doc.get("cards", type=Map)["one"] = Map({"title": "one", "place": "todo|V"})
    return doc, guard


def test_a_guard_freed_within_a_transaction_leaves_the_document_usable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    raised: list[str] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda one: raised.append(one.exc_type.__name__))
    doc, guard = watched()
    circle: dict[str, object] = {"guard": guard}
    circle["circle"] = circle
    with doc.transaction():
        del guard, circle
        gc.collect()
        doc.get("cards", type=Map)["two"] = Map({"title": "two"})
    assert set(doc.get("cards", type=Map).keys()) == {"one", "two"}
    assert "PanicException" not in raised  # what other tests left may be freed here too


def test_a_closed_guard_lets_its_document_go_on_and_another_watch_it() -> None:
    doc, guard = watched()
    guard.close()
    again = Guard("project", doc)
    with doc.transaction(origin=Guard.origin):
        doc.get("cards", type=Map)["one"]["title"] = "new"
    touched, _ = again.look()
    assert touched == ("cards/one/title",)
