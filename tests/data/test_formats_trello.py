"""A board of Trello in."""

import json

import pytest

from data.file_contents import ImportedFile, fixture, imported
from moim_data.documents.project import ProjectDocument
from moim_data.formats.errors import UnreadableFile

TODO = "5f0000000000000000000001"


@pytest.fixture
def board() -> ImportedFile:
    return imported(fixture("board.json"))


def test_lists_and_cards_stand_in_the_order_of_the_board(board: ImportedFile) -> None:
    project = ProjectDocument(board.access)
    assert [column.name for column in project.columns.values()] == ["To do", "Done"]
    assert [card.title for card in project.cards.in_column(TODO)] == [
        "First card",
        "Second of equals",
        "Third of equals",
    ]
    assert [column.status for column in project.columns.values()] == ["ready", "done"]
    assert project.columns.named("Done").limit == 4


def test_labels_without_a_name_are_called_by_their_colour(board: ImportedFile) -> None:
    labels = {label["name"]: label["colour"] for label in board.root("labels").values()}
    assert labels == {"Sky": "teal", "버그 Bug": "red", "plain": "blue"}


def test_dates_people_and_labels_come_with_the_card(board: ImportedFile) -> None:
    card = ProjectDocument(board.access).cards["600000000000000000000001"]
    assert (str(card.start), str(card.due), card.number) == ("2025-06-01", "2025-06-30", 1)
    assert list(card.members) == ["5fb000000000000000000001", "5fb000000000000000000002"]
    assert len(card.labels) == 2


def test_who_left_the_board_is_known_from_the_actions(board: ImportedFile) -> None:
    assert board.imported is not None
    assert sorted(board.imported.members.values()) == ["Tom, who left", "박서연"]


def test_checklists_keep_order_and_state(board: ImportedFile) -> None:
    items = sorted(board.root("items").values(), key=lambda item: str(item["place"]))
    assert [(item["title"], "done" in item) for item in items] == [
        ("first", True),
        ("second", False),
    ]


def test_comments_come_in_and_missing_ones_are_said(board: ImportedFile) -> None:
    said = sorted((one["created"][1], one["body"]) for one in board.root("comments").values())
    assert [body for _, body in said] == ["Earlier 🙂", "Later"]
    assert board.imported is not None
    assert any(note.startswith("1 comments are not in") for note in board.imported.report.notes)


def test_what_has_no_field_stands_in_the_notes_and_in_the_report(board: ImportedFile) -> None:
    notes = board.titled("First card")["notes"]
    assert notes.splitlines() == [
        "Body of the card",
        "",
        "- [Plan (draft)](<https://example.org/plan>)",
        "- Budget: 12",
        "- Size: Large",
        "- ✓ due date complete",
    ]
    assert board.imported is not None
    assert "2 custom fields: kept as lines of the notes" in board.imported.report.notes


def test_every_card_of_the_file_is_made_or_listed(board: ImportedFile) -> None:
    assert board.imported is not None
    report = board.imported.report
    assert report.found == len(json.loads(fixture("board.json"))["cards"]) == 8
    assert {one.title: one.reason for one in report.left_out} == {
        "": "expected an object, got str",
        "In no list": "its list is not in the file",
        "In an archived list": "its list 'Old' is archived in Trello",
        "Archived": "it is archived in Trello",
    }


def test_an_address_that_is_not_of_the_web_is_no_link() -> None:
    text = fixture("board.json").replace(b"https://example.org/plan", b"javascript:alert(1)")
    assert "javascript:" not in imported(text).titled("First card")["notes"]


@pytest.mark.parametrize(
    "data", [b"{}", b"[]", b"[" * 100_000, b'{"lists": 1, "cards": []}', b'{"lists"', b"\xff\xfe{"]
)
def test_other_json_is_refused_with_a_reason(data: bytes) -> None:
    with pytest.raises(UnreadableFile):
        imported(data)
