"""The language of board filters, as its vectors say."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from moim_data.documents.access import LocalAccess
from moim_data.documents.card_filter import CardFilter, Reader, Term
from moim_data.documents.project import ProjectDocument

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "filter.json").read_text()
)
READER = Reader(VECTORS["me"], date.fromisoformat(VECTORS["today"]), VECTORS["members"])


def plain(term: Term) -> dict[str, Any]:
    """A term as the vectors have it."""
    found: dict[str, Any] = {"not": term.negated, "kind": term.kind}
    if term.value is not None:
        return {**found, "value": term.value}
    found["than"] = term.than
    if term.day is not None:
        return {**found, "date": term.day.isoformat()}
    return {**found, "days": term.days}


@pytest.fixture(scope="module")
def project() -> ProjectDocument:
    access = LocalAccess()
    with access.transaction():
        made = ProjectDocument(access)
        for key, status in VECTORS["columns"].items():
            made.columns.add(id=key, name=key, status=status)
        for key, name in VECTORS["labels"].items():
            made.labels.add(name, "red", id=key)
        for fields in VECTORS["cards"]:
            values = {key: value for key, value in fields.items() if value is not None}
            if "due" in values:
                values["due"] = date.fromisoformat(values["due"])
            made.cards.add(values.pop("title"), values.pop("column"), **values)
    return made


@pytest.mark.parametrize("vector", VECTORS["parse"], ids=lambda vector: vector["filter"])
def test_a_filter_is_read_as_its_vector_says(vector: dict[str, Any]) -> None:
    read = CardFilter.read(vector["filter"])
    assert [plain(term) for term in read.terms] == vector["terms"]
    problems = [{"term": problem.term, "key": problem.key} for problem in read.problems]
    assert problems == vector["problems"]


@pytest.mark.parametrize("vector", VECTORS["match"], ids=lambda vector: vector["filter"])
def test_a_filter_shows_the_cards_of_its_vector(
    project: ProjectDocument, vector: dict[str, Any]
) -> None:
    shown = CardFilter.read(vector["filter"]).cards(project, READER)
    assert sorted(card.id for card in shown) == vector["shown"]
