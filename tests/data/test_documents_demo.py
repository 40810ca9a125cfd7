"""The demo's documents follow their schemas and keep their ids."""

import datetime
from collections import Counter
from typing import Any

from pycrdt import Doc, Map

from moim_data.documents.access import LocalAccess
from moim_data.documents.demo import demo_documents
from moim_data.documents.kinds import kind_of, parse_document_id
from moim_data.documents.project import ProjectDocument
from moim_data.documents.shape import shape_of
from moim_data.documents.validation import problems, problems_at
from moim_data.documents.workspace import WorkspaceDocument

TODAY = datetime.date(2026, 11, 23)


def load(update: bytes) -> Doc[Any]:
    doc: Doc[Any] = Doc()
    doc.apply_update(update)
    return doc


def test_every_demo_document_follows_its_schema() -> None:
    for document, update in demo_documents(TODAY).items():
        assert parse_document_id(document) == document
        kind = kind_of(document).name
        shape = shape_of(kind)
        assert shape is not None
        doc = load(update)
        data = {name: doc.get(name, type=Map).to_py() for name in shape.roots}
        assert problems(kind, data) == []
        paths = [f"{root}/{key}" for root in data if root != "info" for key in data[root]]
        assert problems_at(kind, doc, paths) == []


def test_the_workspace_lists_eight_people_and_every_project_document() -> None:
    documents = demo_documents(TODAY)
    workspace = WorkspaceDocument(LocalAccess(load(documents["workspace"])))  # type: ignore[index]
    assert workspace.info.name == "하늘연구소"
    assert len(workspace.members) == 8
    assert {f"project/{key}" for key in workspace.projects} == set(documents) - {"workspace"}
    assert next(iter(workspace.projects)) == "launch"


def test_the_launch_board_has_five_columns_and_cards_due_around_today() -> None:
    documents = demo_documents(TODAY)
    launch = ProjectDocument(LocalAccess(load(documents["project/launch"])))  # type: ignore[index]
    assert list(launch.columns) == ["backlog", "ready", "doing", "review", "done"]
    assert len(launch.labels) == 8
    assert Counter(card.column for card in launch.cards.values()) == {
        "backlog": 6,
        "ready": 5,
        "doing": 5,
        "review": 2,
        "done": 6,
    }
    first = launch.cards.in_column("backlog")[0]
    assert (first.id, first.title) == ("ln-142", "Rate-limit share links and invite mails")
    due = [card.due for card in launch.cards.values() if card.due is not None]
    assert min(due) < TODAY < max(due)
    assert TODAY in due
    known = {*launch.labels}
    assert all(set(card.labels) <= known for card in launch.cards.values())


def test_two_calls_give_the_same_content() -> None:
    def content(update: bytes) -> dict[str, Any]:
        doc = load(update)
        return {name: doc.get(name, type=Map).to_py() for name in doc.keys()}  # noqa: SIM118

    one, other = demo_documents(TODAY), demo_documents(TODAY)
    assert {name: content(one[name]) for name in one} == {
        name: content(other[name]) for name in other
    }
