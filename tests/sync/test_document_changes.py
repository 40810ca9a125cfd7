"""What changed in a document: told with both values, once, and with who may have written it."""

import random
from typing import Any

import pytest
from pycrdt import Doc, Map, Text

from moim_data.documents.access import LocalAccess
from moim_data.documents.project import ProjectDocument
from moim_data.documents.registers import whole
from moim_data.documents.shape import DocumentShape, shape_of
from moim_sync.document_changes import Change, DocumentChanges, changes_between


@pytest.fixture
def shape() -> DocumentShape:
    found = shape_of("project")
    assert found is not None
    return found


def told(changes: list[Change]) -> dict[str, tuple[Any, Any]]:
    return {change.path: (change.old, change.new) for change in changes}


def test_registers_of_one_look_are_told_once_with_first_and_last_value(
    shape: DocumentShape,
) -> None:
    access = LocalAccess()
    project = ProjectDocument(access)
    project.columns.add(id="todo", name="할 일")
    card = project.cards.add("하나", "todo", id="c1")
    changes = DocumentChanges(shape, access.doc)
    card.title = "둘"
    card.title = "셋"
    card.estimate = 2
    card.notes.append("줄")
    assert told(changes.take()) == {
        "cards/c1/title": ("하나", "셋"),
        "cards/c1/estimate": (None, 2),
        "cards/c1/notes": ("", "줄"),
    }
    card.title = "넷"
    card.title = "셋"
    assert changes.take() == []
    project.cards.add("새 카드", "todo", id="c2").members.add("minji")
    (made,) = changes.take()
    assert (made.path, made.old) == ("cards/c2", None)
    assert made.new["title"] == "새 카드"
    assert made.new["member/minji"] is True
    del access.doc.get("cards", type=Map)["c2"]
    (gone,) = changes.take()
    assert (gone.path, gone.old, gone.new) == ("cards/c2", made.new, None)


def test_each_change_bears_the_clients_of_its_transactions_only(shape: DocumentShape) -> None:
    access = LocalAccess()
    project = ProjectDocument(access)
    project.columns.add(id="todo", name="Todo")
    for key in ("c1", "c2"):
        project.cards.add("card", "todo", id=key)
    changes = DocumentChanges(shape, access.doc)
    others: list[Doc[Any]] = []
    for key in ("c1", "c2"):
        other: Doc[Any] = Doc()
        other.apply_update(access.doc.get_update())
        other.get("cards", type=Map)[key]["title"] = "changed"
        others.append(other)
    for other in others:
        access.doc.apply_update(other.get_update(access.doc.get_state()))
    found = {change.path: change.clients for change in changes.take()}
    assert found == {
        "cards/c1/title": {others[0].client_id},
        "cards/c2/title": {others[1].client_id},
    }


@pytest.mark.parametrize("seed", range(30))
def test_what_is_taken_is_the_difference_of_both_documents(seed: int, shape: DocumentShape) -> None:
    draw = random.Random(seed)
    doc: Doc[Any] = Doc()
    changes = DocumentChanges(shape, doc)

    def content() -> dict[str, Any]:
        return {name: whole(doc.get(name, type=Map).to_py() or {}) for name in shape.roots}

    for _ in range(12):
        before = content()
        for _ in range(draw.randrange(1, 5)):
            with doc.transaction():
                for _ in range(draw.randrange(1, 5)):
                    edit(doc, draw)
        compared = changes_between(before, content(), shape)
        assert flat(changes.take()) == flat(compared)
        assert changes.content == content()


def edit(doc: "Doc[Any]", draw: random.Random) -> None:
    root, key = doc.get(draw.choice(("cards", "columns")), type=Map), draw.choice("abc")
    info = doc.get("info", type=Map)
    match draw.randrange(6):
        case 0:
            root[key] = Map({"title": f"🙂{draw.random()}", "notes": Text("글")})
        case 1 if key in root:
            del root[key]
        case 2 if key in root:
            root[key][draw.choice(("title", "member/minji"))] = draw.random()
        case 3 if key in root:
            root[key].pop("title", None)
        case 4 if key in root and "notes" in root[key]:
            root[key]["notes"].insert(0, "가나")
        case _:
            info["description"] = draw.randrange(5)


def flat(changes: list[Change]) -> dict[str, tuple[Any, Any]]:
    """An entity that was made anew is the same as all of its registers."""
    found: dict[str, tuple[Any, Any]] = {}
    for change in changes:
        old, new = change.old, change.new
        if isinstance(old, dict) and isinstance(new, dict):
            for field in {**old, **new}:
                if old.get(field) != new.get(field):
                    found[f"{change.path}/{field}"] = (old.get(field), new.get(field))
        else:
            found[change.path] = (old, new)
    return found
