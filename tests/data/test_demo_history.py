"""The past that the demo is given: of the documents that it has, and over before they were made."""

import datetime
import json
from typing import Any

import pytest
from pycrdt import Doc, Map

from moim_data.documents.demo import demo_documents
from moim_data.documents.demo.history import demo_history
from moim_data.documents.registers import whole
from moim_data.store import DocumentId, LoggedChange

TODAY = datetime.date(2026, 11, 23)
NOW_MS = round(1_000 * datetime.datetime.combine(TODAY, datetime.time(9), datetime.UTC).timestamp())
DOCUMENTS = demo_documents(TODAY)
LAUNCH = DocumentId("project/launch")


def history(document: DocumentId = LAUNCH) -> tuple[LoggedChange, ...]:
    return demo_history(document, DOCUMENTS[document], NOW_MS)


def cards() -> dict[str, Any]:
    doc: Doc[Any] = Doc()
    doc.apply_update(DOCUMENTS[LAUNCH])
    found: dict[str, Any] = whole(doc.get("cards", type=Map).to_py())
    return found


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_past_is_in_order_and_over(document: DocumentId) -> None:
    moments = [row.at_ms for row in history(document)]
    assert moments == sorted(moments)
    assert moments[-1] <= NOW_MS
    assert {row.seq for row in history(document)} == {1}


def test_the_past_of_every_card_ends_where_the_document_has_it() -> None:
    places: dict[str, str] = {}
    for row in history():
        if row.path.startswith("cards/"):
            _, card, *field = row.path.split("/")
            assert (card in places) == bool(field), "made once, before it was moved"
            value = json.loads(row.value)
            places[card] = value if field else value["place"]
    assert places == {card: registers["place"] for card, registers in cards().items()}


def test_cards_have_moved_on_working_days_over_several_weeks() -> None:
    moves = [row.at_ms for row in history() if row.path.endswith("/place")]
    days = {datetime.datetime.fromtimestamp(at_ms / 1_000, datetime.UTC).date() for at_ms in moves}
    assert len(days) > 10
    assert (max(days) - min(days)).days > 14


def test_the_past_is_the_same_each_time_and_holds_no_texts() -> None:
    first, second = (
        [(row.at_ms, row.path, json.loads(row.value)) for row in history()] for _ in range(2)
    )
    assert first == second
    assert not any('"notes"' in row.value for row in history())
