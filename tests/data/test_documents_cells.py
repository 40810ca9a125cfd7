"""A page in Python: an ordered list of cells."""

import random

import pytest
from pycrdt import Map

from moim_data.documents.access import LocalAccess
from moim_data.documents.entities import Author
from moim_data.documents.page import PageDocument
from moim_data.documents.touched import TouchedPaths
from moim_data.documents.validation import problems
from moim_data.errors import InvalidValue, UnknownEntity


def home() -> PageDocument:
    author = Author(lambda: "minji", lambda: 1_790_000_000.5, random.Random(1).random)
    page = PageDocument(LocalAccess(), author)
    page.cells.add("note", id="hello", text="# 안녕하세요")
    page.cells.add("board", id="board", project="launch", height=480)
    page.cells.add(
        "calendar", id="days", calendars=["team", "releases"], projects=["launch"], view="month"
    )
    return page


def test_cells_are_made_whole_and_only_a_note_has_text() -> None:
    page = home()
    assert page.cells["hello"].to_dict() == {
        "id": "hello",
        "kind": "note",
        "place": page.cells["hello"].place,
        "text": "# 안녕하세요",
        "created": ("minji", 1_790_000_000_500),
        "calendars": [],
        "projects": [],
    }
    assert page.cells["days"].calendars == {"team", "releases"}
    assert repr(page.cells) == "cells: 3\n  hello  note\n  board  board\n  days  calendar"
    doc = page.access.doc
    data = {name: doc.get(name, type=Map).to_py() for name in ("info", "cells")}
    assert "text" not in data["cells"]["board"]
    assert problems("page", data) == []
    with pytest.raises(InvalidValue, match="expected text in a note only"):
        page.cells.add("board", text="no place for it")
    with pytest.raises(InvalidValue, match="expected one of note, board, calendar, chart"):
        page.cells.add("clock")
    assert len(page.cells) == 3


def test_the_text_of_a_note_is_edited_in_place() -> None:
    page = home()
    page.cells["hello"].text.append("\n\nHello 👋")
    assert str(page.cells["hello"].text) == "# 안녕하세요\n\nHello 👋"


def test_cells_are_added_moved_and_deleted_in_order() -> None:
    page = home()
    touched = TouchedPaths("page", page.access.doc)
    page.cells.add("chart", id="chart", before="board", project="launch", chart="people")
    assert list(page.cells) == ["hello", "chart", "board", "days"]
    assert touched.take() == ("cells/chart",)
    page.cells.move("days", before="hello")
    page.cells.move("hello")
    assert list(page.cells) == ["days", "chart", "board", "hello"]
    assert touched.take() == ("cells/days/place", "cells/hello/place")
    page.cells.delete("board")
    assert list(page.cells) == ["days", "chart", "hello"]
    page.cells.restore("board")
    assert list(page.cells) == ["days", "chart", "board", "hello"]
    with pytest.raises(UnknownEntity, match="cells/nowhere does not exist"):
        page.cells.move("days", before="nowhere")


def test_what_a_calendar_shows_is_written_key_by_key() -> None:
    page = home()
    touched = TouchedPaths("page", page.access.doc)
    page.cells["days"].calendars = ["team", "interviews"]
    page.cells["days"].projects.discard("launch")
    assert set(touched.take()) == {
        "cells/days/calendar/releases",
        "cells/days/calendar/interviews",
        "cells/days/project/launch",
    }
