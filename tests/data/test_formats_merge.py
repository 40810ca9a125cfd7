"""A file that comes in again: what it says anew, and what people have made of it since."""

from pycrdt import Map

from data.file_contents import ImportedFile, calendar, event, fixture
from moim_data.documents.calendar import CalendarDocument
from moim_data.documents.project import ProjectDocument

START = "DTSTART:20250303T093000"


def test_the_same_file_twice_changes_nothing() -> None:
    for name in ("team.ics", "changed_series.ics", "odd.ics", "board.json"):
        file = ImportedFile()
        first = file.take(fixture(name)).report
        state = file.access.doc.get_state()
        second = file.take(fixture(name)).report
        assert (second.made, second.updated, second.unchanged) == (0, 0, first.made), name
        assert file.access.doc.get_state() == state, f"{name}: written again"


def test_what_people_changed_in_fields_that_the_file_leaves_alone_stays() -> None:
    file = ImportedFile()
    file.take(calendar(*event(START, "LOCATION:here")))
    (key,) = file.root("events")
    CalendarDocument(file.access).events[key].title = "ours"
    report = file.take(calendar(*event(START, "LOCATION:there"))).report
    assert report.updated == 1
    assert (file.titled("ours")["location"], report.notes) == ("there", [])


def test_what_the_file_changes_is_taken_from_it_and_said_where_people_had_changed_it_too() -> None:
    file = ImportedFile()
    file.take(calendar(*event(START, title="first")))
    (key,) = file.root("events")
    CalendarDocument(file.access).events[key].title = "ours"
    report = file.take(calendar(*event(START, title="second"))).report
    assert file.titled("second")
    assert any("title had been changed here as well" in note for note in report.notes)


def test_a_field_that_the_file_takes_out_goes() -> None:
    file = ImportedFile()
    file.take(calendar(*event(START, "LOCATION:here", "DESCRIPTION:notes")))
    file.take(calendar(*event(START)))
    assert "location" not in file.titled("t")
    assert file.titled("t")["notes"] == ""


def test_what_people_deleted_stays_deleted_and_is_listed() -> None:
    file = ImportedFile()
    file.take(calendar(*event(START)))
    (key,) = file.root("events")
    CalendarDocument(file.access).events.delete(key)
    report = file.take(calendar(*event(START, title="again"))).report
    assert [one.reason for one in report.left_out] == [
        "it was deleted here; restore it to have it back"
    ]


def test_an_event_that_is_not_in_the_file_any_more_stays_and_is_counted() -> None:
    file = ImportedFile()
    file.take(calendar(*event(START), *event(START, uid="other", title="other")))
    report = file.take(calendar(*event(START))).report
    assert file.titled("other")
    assert any(note.startswith("1 events of an earlier import") for note in report.notes)


def test_an_exception_that_the_file_takes_back_is_taken_back() -> None:
    file = ImportedFile()
    series = (START, "RRULE:FREQ=DAILY;COUNT=3")
    file.take(calendar(*event(*series, "EXDATE:20250304T093000")))
    assert len(file.shown()) == 2
    file.take(calendar(*event(*series)))
    assert len(file.shown()) == 3


def test_an_exception_that_people_made_is_left_alone() -> None:
    file = ImportedFile()
    series = calendar(*event(START, "RRULE:FREQ=DAILY;COUNT=3"))
    file.take(series)
    (key,) = file.root("events")
    CalendarDocument(file.access).exceptions.exception(key, "2025-03-04T09:30").title = "ours"
    file.take(series)
    assert "ours" in [title for _, title in file.shown()]


def test_a_card_that_people_moved_stays_until_the_board_moves_it() -> None:
    file = ImportedFile()
    file.take(fixture("board.json"))
    project = ProjectDocument(file.access)
    card = "600000000000000000000001"
    done = project.columns.named("Done").id
    project.move(card, done)
    file.take(fixture("board.json"))
    assert project.cards[card].column == done
    moved = fixture("board.json").replace(b'"pos": 1024', b'"pos": 99999')
    file.take(moved)
    assert project.cards[card].column == project.columns.named("To do").id
    assert [one.title for one in project.cards.in_column("5f0000000000000000000001")] == [
        "Second of equals",
        "Third of equals",
        "First card",
    ]


def test_a_card_that_was_archived_since_goes_from_the_board() -> None:
    file = ImportedFile()
    file.take(fixture("board.json"))
    text = (
        fixture("board.json").decode().replace('"name": "In Done",', '"name": "In Done", "x": 1,')
    )
    closed = text.replace('"idShort": 4,', '"idShort": 4, "@": 0,')
    index = closed.index('"idShort": 4,')
    closed = closed[:index] + closed[index:].replace('"closed": false', '"closed": true', 1)
    report = file.take(closed).report
    assert report.updated == 1
    assert "In Done" not in [card["title"] for card in _live(file, "cards")]


def test_what_the_file_may_not_say_is_listed_and_the_rest_comes_in() -> None:
    file = ImportedFile()
    board = fixture("board.json").decode().replace('"name": "In Done"', '"name": "\\ud800 half"')
    report = file.take(board).report
    assert report.adds_up
    assert report.made == 4


def _live(file: ImportedFile, root: str) -> list[dict[str, object]]:
    content = file.access.doc.get(root, type=Map).to_py() or {}
    return [one for one in content.values() if "deleted" not in one]
