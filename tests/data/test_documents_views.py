"""Typed views: what the schema says is what Python may read and write."""

import copy
import datetime
import itertools
import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy
import pytest
from pycrdt import Doc, Map

from moim_data.documents.access import LocalAccess
from moim_data.documents.entities import Author
from moim_data.documents.project import ProjectDocument
from moim_data.documents.shape import compile_shape, read_schema
from moim_data.documents.touched import TouchedPaths
from moim_data.documents.validation import problems
from moim_data.documents.workspace import WorkspaceDocument
from moim_data.errors import InvalidValue, UnknownEntity


def author(seed: int = 1) -> Author:
    return Author(lambda: "minji", lambda: 1_790_000_000.5, random.Random(seed).random)


def board(access: LocalAccess | None = None) -> ProjectDocument:
    project = ProjectDocument(access or LocalAccess(), author())
    project.columns.add(id="todo", name="할 일", status="backlog")
    project.columns.add(id="done", name="Done", status="done", limit=3)
    project.labels.add("Sync", "violet", id="sync")
    return project


def content(project: ProjectDocument) -> dict[str, Any]:
    doc = project.access.doc
    return {
        name: doc.get(name, type=Map).to_py() for name in ("info", "columns", "labels", "cards")
    }


def test_a_title_is_set_and_read_by_attribute() -> None:
    project = board()
    project.cards.add("first", "todo", id="c1")
    project.cards["c1"].title = "새 제목 👋"
    assert project.cards["c1"].title == "새 제목 👋"
    assert problems("project", content(project)) == []


def test_a_card_is_made_whole_with_number_stamp_sets_and_notes() -> None:
    project = board()
    card = project.cards.add(
        "문구", "할 일", labels=["sync"], members=["minji", "tom"], due=datetime.date(2026, 12, 3)
    )
    assert len(card.id) == 12
    assert card.to_dict() == {
        "id": card.id,
        "title": "문구",
        "place": card.place,
        "number": 1,
        "notes": "",
        "due": datetime.date(2026, 12, 3),
        "created": ("minji", 1_790_000_000_500),
        "labels": ["sync"],
        "members": ["minji", "tom"],
    }
    assert project.cards.add("next", "todo").number == 2
    assert problems("project", content(project)) == []


def test_integers_come_back_as_int_and_numbers_as_float() -> None:
    project = board()
    card = project.cards.add("x", "todo", estimate=2.5)
    assert type(card.number) is int
    assert card.estimate == 2.5
    assert type(project.columns["done"].limit) is int
    card.estimate = numpy.float64(3)
    card.number = numpy.int64(7)
    assert (card.estimate, card.number) == (3.0, 7)


def test_dates_may_be_given_as_dates_or_as_text() -> None:
    card = board().cards.add("x", "todo")
    card.due = datetime.datetime(2026, 11, 23, 9, 30)
    assert card.due == datetime.date(2026, 11, 23)
    card.due = "2026-12-24"
    assert card.due == datetime.date(2026, 12, 24)
    card.due = None
    assert card.due is None
    assert "due" not in card.to_dict()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("title", 3, "expected text of at most 500 characters, got 3"),
        ("title", None, "expected a value, got None"),
        ("title", "half \ud83d", "expected text"),
        ("estimate", float("nan"), "expected a number from 0 to 1000, got nan"),
        ("estimate", True, "expected a number"),
        ("number", 1.5, "expected an integer from 1"),
        ("number", 2**70, "expected an integer from 1"),
        ("priority", "none", "expected one of low, medium, high, urgent, got 'none'"),
        ("due", "tomorrow", "expected a date YYYY-MM-DD, got 'tomorrow'"),
        ("place", "todo", "expected text that matches"),
        ("notes", "x" * 100_001, "expected text of at most 100000 characters"),
    ],
)
def test_a_bad_value_is_refused_with_its_path_and_nothing_is_written(
    field: str, value: object, words: str
) -> None:
    project = board()
    card = project.cards.add("x", "todo", id="c1")
    before = content(project)
    with pytest.raises(InvalidValue) as error:
        setattr(card, field, value)
    assert error.value.path == f"cards/c1/{field}"
    assert words in str(error.value)
    assert content(project) == before


def test_an_unknown_field_is_refused_naming_the_known_ones() -> None:
    card = board().cards.add("x", "todo", id="c1")
    with pytest.raises(AttributeError, match="no field 'colour', only title"):
        card.colour = "red"
    with pytest.raises(AttributeError, match="no field 'colour'"):
        _ = card.colour
    with pytest.raises(InvalidValue, match="cards/c1/colour"):
        card.update(colour="red")


def test_an_update_of_several_fields_writes_all_or_none() -> None:
    card = board().cards.add("x", "todo", id="c1")
    with pytest.raises(InvalidValue, match="estimate"):
        card.update(title="y", estimate=-1)
    assert card.title == "x"
    card.update(title="y", estimate=1, labels=["sync"])
    assert (card.title, card.estimate, list(card.labels)) == ("y", 1, ["sync"])


def test_a_field_added_to_the_schema_needs_no_line_of_python() -> None:
    schema = copy.deepcopy(read_schema("project.schema.json"))
    schema["$defs"]["card"]["properties"]["effort"] = {
        "type": "integer",
        "minimum": 1,
        "maximum": 5,
    }
    project = ProjectDocument(LocalAccess(), author(), compile_shape(schema))
    project.columns.add(id="todo", name="To do")
    card = project.cards.add("x", effort=2)
    assert card.effort == 2
    card.effort = 5
    assert project.cards.records()[0]["effort"] == 5
    with pytest.raises(InvalidValue, match="expected an integer from 1 to 5, got 6"):
        card.effort = 6


def test_sets_are_one_key_per_member_and_write_only_what_differs() -> None:
    project = board()
    card = project.cards.add("x", "todo", id="c1", members=["a", "b"])
    touched = TouchedPaths("project", project.access.doc)
    card.members = ["b", "c"]
    assert set(touched.take()) == {"cards/c1/member/a", "cards/c1/member/c"}
    card.members.add("b")
    card.members.discard("zzz")
    assert touched.take() == ()
    assert "c" in card.members
    assert card.members == {"b", "c"}
    with pytest.raises(InvalidValue, match="expected an id"):
        card.members.add("two words")


def test_moving_puts_a_card_before_another_or_at_the_end_and_writes_one_register() -> None:
    project = board()
    for name in "abcd":
        project.cards.add(name, "todo", id=name)
    touched = TouchedPaths("project", project.access.doc)
    project.move("d", before="a")
    assert [card.id for card in project.cards.in_column("todo")] == ["d", "a", "b", "c"]
    project.move("a", "Done")
    project.move("b", "done", before="a")
    assert [card.id for card in project.cards.in_column("done")] == ["b", "a"]
    assert touched.take() == ("cards/d/place", "cards/a/place", "cards/b/place")
    with pytest.raises(UnknownEntity, match=r"cards/c does not exist; there are b"):
        project.move("a", "done", before="c")
    with pytest.raises(
        UnknownEntity, match="columns/nowhere does not exist; there are 할 일, Done"
    ):
        project.move("a", "nowhere")


def test_many_cards_are_made_at_once_in_order_before_another_or_none_at_all() -> None:
    project = board()
    project.cards.add("first", "todo", id="a")
    project.cards.add("last", "todo", id="z")
    made = project.cards.add_all(
        [{"title": "b", "id": "b"}, {"title": "c", "id": "c", "labels": ["sync"]}], before="z"
    )
    assert [card.id for card in made] == ["b", "c"]
    assert [card.id for card in project.cards.in_column("todo")] == ["a", "b", "c", "z"]
    assert [card.number for card in made] == [3, 4]
    assert problems("project", content(project)) == []
    with pytest.raises(InvalidValue, match="estimate"):
        project.cards.add_all([{"title": "d"}, {"title": "e", "estimate": -1}])
    with pytest.raises(InvalidValue, match="expected a new id"):
        project.cards.add_all([{"title": "d", "id": "d"}, {"title": "e", "id": "d"}])
    assert len(project.cards) == 4


def test_many_cards_go_behind_two_that_drew_the_same_key() -> None:
    project = board()
    for name in "ab":
        project.cards.add(name, "todo", id=name).place = "todo|V"
    project.cards.add_all([{"title": "c", "id": "c"}], before="b")
    assert [card.id for card in project.cards.in_column("todo")] == ["a", "b", "c"]


def test_cards_that_drew_the_same_key_are_parted_by_the_next_insertion() -> None:
    project = board()
    for name in "ab":
        project.cards.add(name, "todo", id=name).place = "todo|V"
    project.cards.add("c", "todo", before="b", id="c")
    assert [card.id for card in project.cards.in_column("todo")] == ["a", "c", "b"]


def test_columns_are_ordered_and_moved() -> None:
    project = board()
    project.columns.add(id="review", name="Review", before="done")
    assert list(project.columns) == ["todo", "review", "done"]
    project.columns.move("done", before="todo")
    assert list(project.columns) == ["done", "todo", "review"]


def test_deleted_entities_leave_the_lists_and_can_be_restored() -> None:
    project = board()
    project.cards.add("x", "todo", id="c1")
    project.cards.delete("c1")
    assert list(project.cards) == []
    assert project.cards.records() == []
    assert project.cards["c1"].deleted == ("minji", 1_790_000_000_500)
    project.cards.restore("c1")
    assert list(project.cards) == ["c1"]
    with pytest.raises(UnknownEntity, match="cards/c2 does not exist; there are c1"):
        project.cards["c2"]


def test_an_entity_taken_out_by_somebody_else_raises_and_is_not_made_again() -> None:
    project = board()
    card = project.cards.add("x", "todo", id="c1")
    del project.access.doc.get("cards", type=Map)["c1"]
    with pytest.raises(UnknownEntity):
        card.title = "y"
    with pytest.raises(UnknownEntity):
        _ = card.title
    assert "c1" not in project.cards


def test_a_workspace_lists_projects_in_order_and_members() -> None:
    workspace = WorkspaceDocument(LocalAccess(), author())
    workspace.info.name = "하늘연구소"
    workspace.projects.add(id="launch", name="Launch 2.0", colour="blue")
    workspace.projects.add(id="web", name="웹사이트 개편", colour="pink", before="launch")
    workspace.members.add("minji", "김민지", colour="pink")
    assert list(workspace.projects) == ["web", "launch"]
    assert workspace.projects.named("Launch 2.0").id == "launch"
    assert workspace.members["minji"].name == "김민지"
    doc = workspace.access.doc
    data = {name: doc.get(name, type=Map).to_py() for name in ("info", "projects", "members")}
    assert problems("workspace", data) == []


def test_four_threads_write_and_read_one_document_and_nothing_is_lost() -> None:
    access = LocalAccess(Doc(allow_multithreading=True))
    project = board(access)

    def write(name: str) -> None:
        for number in range(100):
            project.cards.add(f"{name} {number}", "todo", id=f"{name}{number}")
            project.cards[f"{name}{number}"].estimate = number

    def read() -> None:
        for _ in range(50):
            assert all("title" in card for card in project.cards.records())

    with ThreadPoolExecutor(4) as pool:
        writers = [pool.submit(write, name) for name in "abc"]
        for done in [*writers, pool.submit(read)]:
            done.result(30)
    assert len(project.cards) == 300
    keys = [card.key for card in project.cards.in_column("todo")]
    assert all(a < b for a, b in itertools.pairwise(keys))
    assert sorted(card["number"] for card in project.cards.records()) == list(range(1, 301))
