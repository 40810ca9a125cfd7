"""Checklists and comments of cards in Python."""

import itertools
import random

import pytest
from pycrdt import Map

from moim_data.documents.access import LocalAccess
from moim_data.documents.entities import Author
from moim_data.documents.project import Card, ProjectDocument
from moim_data.documents.touched import TouchedPaths
from moim_data.documents.validation import problems
from moim_data.errors import InvalidValue, UnknownEntity


def board() -> ProjectDocument:
    seconds = itertools.count(1_790_000_000)
    author = Author(lambda: "minji", lambda: float(next(seconds)), random.Random(1).random)
    project = ProjectDocument(LocalAccess(), author)
    project.columns.add(id="todo", name="할 일")
    project.cards.add("first", id="c1")
    project.cards.add("second", id="c2")
    return project


def lists(*titles: str) -> tuple[ProjectDocument, Card]:
    project = board()
    card = project.cards["c1"]
    for title in titles:
        card.checklist.add(title, id=title)
    return project, card


def follows_the_schema(project: ProjectDocument) -> bool:
    doc = project.access.doc
    roots = ("info", "columns", "labels", "cards", "items", "comments")
    return problems("project", {name: doc.get(name, type=Map).to_py() for name in roots}) == []


def test_a_checklist_has_its_lines_in_order_and_those_of_no_other_card() -> None:
    project, card = lists("a", "b", "c")
    project.cards["c2"].checklist.add("other", id="x", members=["tom"])
    card.checklist.move("c", before="a")
    assert [item.title for item in card.checklist] == ["c", "a", "b"]
    assert len(card.checklist) == 3
    assert [item.id for item in project.items.of("c2")] == ["x"]
    assert project.items["x"].members == {"tom"}
    assert (project.items["c"].card, card.checklist.done) == ("c1", 0)
    assert follows_the_schema(project)


def test_a_line_goes_to_another_card_and_a_deleted_one_is_not_counted() -> None:
    project, card = lists("a", "b")
    project.items.move("a", card="c2")
    assert [item.id for item in project.cards["c2"].checklist] == ["a"]
    project.items.delete("b")
    assert list(card.checklist) == []
    with pytest.raises(UnknownEntity, match="c1: items/b does not exist"):
        card.checklist.add("late", before="b")


def test_a_tick_says_who_and_when_and_a_second_one_changes_nothing() -> None:
    project, card = lists("a", "b")
    card.checklist.tick("a")
    who, at_ms = project.items["a"].done or ("", 0)
    assert who == "minji"
    touched = TouchedPaths("project", project.access.doc)
    card.checklist.tick("a")
    assert touched.take() == ()
    assert card.checklist.done == 1
    assert repr(card.checklist) == "[x] a\n[ ] b"
    card.checklist.tick("a", done=False)
    assert (project.items["a"].done, card.checklist.done) == (None, 0)
    assert at_ms > 1_790_000_000_000


def test_lines_that_drew_the_same_key_are_parted_by_the_next_insertion() -> None:
    project, card = lists("a", "b")
    for item in card.checklist:
        item.place = "c1|V"
    card.checklist.add("c", before="b", id="c")
    assert [item.id for item in card.checklist] == ["a", "c", "b"]
    assert follows_the_schema(project)


def test_what_people_say_stands_by_age_with_whom_it_names() -> None:
    project = board()
    card = project.cards["c1"]
    card.comments.add("먼저 할게요", id="z")
    card.comments.add("Thanks, @tom will look", ["tom"], id="a")
    project.comments.add("c2", "elsewhere")
    assert [str(comment.body) for comment in card.comments] == [
        "먼저 할게요",
        "Thanks, @tom will look",
    ]
    assert len(card.comments) == 2
    assert project.comments["a"].mentions == {"tom"}
    assert [row["id"] for row in project.comments.records()][:2] == ["z", "a"]
    assert repr(card.comments).startswith("minji: 먼저 할게요")
    assert follows_the_schema(project)


def test_a_comment_said_in_other_words_says_that_it_was_edited() -> None:
    project = board()
    said = project.cards["c1"].comments.add("Ask @tom", ["tom"])
    assert said.edited is None
    project.comments.edit(said.id, "Ask @sofia", ["sofia"])
    assert (str(said.body), list(said.mentions)) == ("Ask @sofia", ["sofia"])
    assert said.edited is not None
    assert said.edited > said.created[1]
    project.comments.delete(said.id)
    assert list(project.cards["c1"].comments) == []


def test_a_bad_line_or_comment_is_refused_with_its_path_and_nothing_is_written() -> None:
    project = board()
    with pytest.raises(InvalidValue) as error:
        project.items.add("c1", "x" * 501, id="i")
    assert error.value.path == "items/i/title"
    with pytest.raises(InvalidValue) as error:
        project.comments.add("c1", "x" * 20_001, id="c")
    assert error.value.path == "comments/c/body"
    assert (len(project.items), len(project.comments)) == (0, 0)
