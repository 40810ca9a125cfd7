"""iCalendar in: what is in the file is shown, or listed with a reason."""

import codecs

import pytest

from data.file_contents import (
    ImportedFile,
    calendar,
    counted_lines,
    event,
    fixture,
    imported,
    read_by_others,
)

READABLE_BY_OTHERS = ("team.ics", "changed_series.ics", "in_one_zone.ics")
FILES = (*READABLE_BY_OTHERS, "odd.ics")


@pytest.mark.parametrize("name", READABLE_BY_OTHERS)
def test_a_file_shows_what_an_independent_reader_finds_in_it(name: str) -> None:
    assert imported(fixture(name)).shown() == read_by_others(fixture(name))


@pytest.mark.parametrize("name", FILES)
def test_every_event_of_the_raw_lines_is_made_or_listed_with_a_reason(name: str) -> None:
    report = imported(fixture(name)).take(fixture(name)).report
    assert report.found == counted_lines(fixture(name))
    assert all(one.reason and one.where.startswith("line ") for one in report.left_out)


def test_what_cannot_be_shown_is_listed_with_its_line_and_the_reason() -> None:
    file = ImportedFile()
    report = file.take(fixture("odd.ics")).report
    listed = {one.title: (one.where, one.reason) for one in report.left_out}
    assert listed["Ends before it starts"] == (
        "line 4",
        "it ends (2025-01-01T09:00) before it starts (2025-01-01T10:00)",
    )
    assert "no DTSTART" in listed["Has no start"][1]
    assert "month must be in 1..12" in listed["Month thirteen"][1]
    assert "newer version of it at line 25" in listed["Old version"][1]
    assert "VTODO" in listed["A task"][1]
    assert "VJOURNAL" in listed["A journal entry"][1]
    assert "cut off" in listed["Cut off"][1]
    assert (report.made, len(report.left_out)) == (5, 7)
    assert file.titled("New version")["when"][0] == "2025-06-01T12:00"


def test_a_rule_that_is_not_understood_is_kept_for_the_export_and_said() -> None:
    file = imported(fixture("odd.ics"))
    strange = file.titled("A rule of another world")
    assert "rule" not in strange
    assert "RRULE:RSCALE=DANGI;FREQ=YEARLY" in strange["kept"]
    assert file.imported is not None
    assert any("RSCALE=DANGI" in note for note in file.imported.report.notes)


@pytest.mark.parametrize(
    ("lines", "when"),
    [
        (("DTSTART:20250101T100000Z",), ["2025-01-01T10:00", "2025-01-01T10:00", "UTC"]),
        (("DTSTART;VALUE=DATE:20250101",), ["2025-01-01", "2025-01-02", ""]),
        (
            ("DTSTART;VALUE=DATE:20250101", "DTEND;VALUE=DATE:20250101"),
            ["2025-01-01", "2025-01-02", ""],
        ),
        (("DTSTART;VALUE=DATE:20250101", "DURATION:P3D"), ["2025-01-01", "2025-01-04", ""]),
        (
            ("DTSTART:20250101T100000", "DURATION:PT1H30M"),
            ["2025-01-01T10:00", "2025-01-01T11:30", ""],
        ),
        (
            ("DTSTART;TZID=Asia/Seoul:20250101T100000", "DTEND:20250101T020000Z"),
            ["2025-01-01T10:00", "2025-01-01T11:00", "Asia/Seoul"],
        ),
        (
            ("DTSTART;VALUE=DATE:20250101T100000", "DTEND;VALUE=DATE:20250101T110000"),
            ["2025-01-01T10:00", "2025-01-01T11:00", ""],
        ),
        # a day of the clock, and 24 hours, over a change of clocks
        (
            ("DTSTART;TZID=Europe/Berlin:20250329T120000", "DURATION:P1D"),
            ["2025-03-29T12:00", "2025-03-30T12:00", "Europe/Berlin"],
        ),
        (
            ("DTSTART;TZID=Europe/Berlin:20250329T120000", "DURATION:PT24H"),
            ["2025-03-29T12:00", "2025-03-30T13:00", "Europe/Berlin"],
        ),
        (("DTSTART:20250101T100030",), ["2025-01-01T10:00:30", "2025-01-01T10:00:30", ""]),
    ],
)
def test_times_are_read_as_local_times_with_one_zone(
    lines: tuple[str, ...], when: list[str]
) -> None:
    assert imported(calendar(*event(*lines))).titled("t")["when"] == when


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("Asia/Seoul", "Asia/Seoul"),
        ("asia/seoul", "Asia/Seoul"),
        ("/mozilla.org/20050126_1/Europe/Berlin", "Europe/Berlin"),
        ("/freeassociation.sourceforge.net/America/Indiana/Knox", "America/Indiana/Knox"),
        ("Korea Standard Time", "Asia/Seoul"),
        ('"W. Europe Standard Time"', "Europe/Berlin"),
        ("GMT+09:00", "Etc/GMT-9"),
        ('"GMT+09:00"', "Etc/GMT-9"),
        ("Etc/UTC", "UTC"),
        ("Middle Earth", ""),
        ("../../etc/passwd", ""),
    ],
)
def test_zones_are_known_by_the_names_that_programs_give_them(name: str, zone: str) -> None:
    file = imported(calendar(*event(f"DTSTART;TZID={name}:20250101T100000")))
    assert file.titled("t")["when"][2] == zone


def test_a_zone_with_a_name_of_its_own_is_known_by_what_it_does() -> None:
    event = imported(fixture("team.ics")).titled("In an office of its own name")
    assert event["when"][2] == "Europe/Berlin"


@pytest.mark.parametrize(
    ("start", "rule", "kept"),
    [
        (
            "DTSTART;TZID=Asia/Seoul:20250303T093000",
            "FREQ=DAILY;UNTIL=20250430T003000Z",
            "FREQ=DAILY;UNTIL=20250430T093000",
        ),
        (
            "DTSTART:20250303T093000",
            "UNTIL=20250430;FREQ=DAILY",
            "UNTIL=20250430T235959;FREQ=DAILY",
        ),
        (
            "DTSTART;VALUE=DATE:20250303",
            "FREQ=DAILY;UNTIL=20250430T003000Z",
            "FREQ=DAILY;UNTIL=20250430",
        ),
        ("DTSTART:20250303T093000", "freq=weekly;byday=mo,we;", "FREQ=WEEKLY;BYDAY=MO,WE"),
    ],
)
def test_the_end_of_a_rule_becomes_local_time(start: str, rule: str, kept: str) -> None:
    assert imported(calendar(*event(start, f"RRULE:{rule}"))).titled("t")["rule"] == kept


def test_exceptions_are_told_in_the_form_of_their_series_whatever_form_the_file_gives() -> None:
    file = imported(
        calendar(
            *event(
                "DTSTART;TZID=Asia/Seoul:20250303T093000",
                "RRULE:FREQ=DAILY;COUNT=9",
                "EXDATE;VALUE=DATE:20250304",
                "EXDATE:20250305T003000Z",
                "EXDATE;TZID=America/New_York:20250305T193000",
            )
        )
    )
    assert sorted(key.split("/", 1)[1] for key in file.root("exceptions")) == [
        "2025-03-04T09:30/excluded",
        "2025-03-05T09:30/excluded",
        "2025-03-06T09:30/excluded",
    ]


def test_a_changed_event_before_its_series_in_the_file_is_an_exception_of_it() -> None:
    file = imported(fixture("changed_series.ics"))
    assert {key.split("/", 1)[1]: value for key, value in file.root("exceptions").items()} == {
        "2024-01-08T09:00/title": "Review, moved",
        "2024-01-08T09:00/when": ["2024-01-09T11:00", "2024-01-09T12:00", "Europe/Berlin"],
        "2024-01-15T09:00/excluded": True,
        "2024-02-26T10:00/excluded": True,
    }


def test_a_change_of_all_that_follow_cuts_the_series_in_two() -> None:
    file = imported(fixture("changed_series.ics"))
    assert file.titled("Review")["rule"] == "FREQ=WEEKLY;UNTIL=20240205T085959"
    assert file.titled("Review at ten")["rule"] == "FREQ=WEEKLY;COUNT=5"


def test_a_change_of_all_that_one_rule_cannot_say_changes_one_and_is_said() -> None:
    file = ImportedFile()
    report = file.take(
        calendar(
            *event("DTSTART:20250303T093000", "RRULE:FREQ=WEEKLY;BYDAY=MO"),
            *event(
                "RECURRENCE-ID;RANGE=THISANDFUTURE:20250310T093000",
                "DTSTART:20250311T093000",
                title="On Tuesdays",
            ),
        )
    ).report
    assert any("THISANDFUTURE" in note for note in report.notes)
    assert [title for _, title in file.shown()].count("On Tuesdays") == 1


def test_an_exception_that_is_no_start_of_its_series_is_shown_alone() -> None:
    file = imported(
        calendar(
            *event("DTSTART:20250303T093000", "RRULE:FREQ=WEEKLY;COUNT=2"),
            *event("RECURRENCE-ID:20250304T093000", "DTSTART:20250305T100000", title="stray"),
        )
    )
    assert ("2025-03-05T10:00:00", "stray") in file.shown()


def test_several_events_of_one_uid_and_version_all_come_in() -> None:
    file = imported(
        calendar(
            *event("DTSTART:20250303T093000"), *event("DTSTART:20250404T093000", title="other")
        )
    )
    assert len(file.shown()) == 2


def test_events_without_a_uid_are_the_same_when_all_of_them_is() -> None:
    nameless = ("BEGIN:VEVENT", "SUMMARY:n", "DTSTART:20250303T093000", "END:VEVENT")
    other = ("BEGIN:VEVENT", "SUMMARY:n", "DTSTART:20250304T093000", "END:VEVENT")
    file = ImportedFile()
    report = file.take(calendar(*nameless, *nameless, *other)).report
    assert (report.made, len(report.left_out)) == (2, 1)
    assert file.take(calendar(*nameless, *other)).report.unchanged == 2


def test_folds_inside_characters_and_escapes_are_undone() -> None:
    text = "SUMMARY:회의\\, 둘\\; \\\\n 그대로".encode()
    at = text.index("의".encode()) + 1
    folded = text[:at] + b"\r\n " + text[at:]
    data = calendar(*event("DTSTART:20250101T100000", title="@")).encode()
    file = imported(data.replace(b"SUMMARY:@", folded))
    assert [title for _, title in file.shown()] == ["회의, 둘; \\n 그대로"]


@pytest.mark.parametrize("ends", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_any_line_ends_are_read_with_and_without_a_byte_order_mark(ends: str, mark: bytes) -> None:
    text = calendar(*event("DTSTART:20250101T100000", title="줄"))
    assert len(imported(mark + text.replace("\r\n", ends).encode()).shown()) == 1


def test_other_encodings_are_read_and_said() -> None:
    text = calendar(*event("DTSTART:20250101T100000", title="Café"))
    file = imported(text.encode("cp1252"))
    assert file.titled("Café")
    assert file.imported is not None
    assert any("Windows-1252" in note for note in file.imported.report.notes)
    assert imported(codecs.BOM_UTF16_LE + text.encode("utf-16-le")).titled("Café")


def test_the_calendar_is_named_as_the_file_says() -> None:
    read = imported(fixture("team.ics"), "whatever.ics").imported
    assert read is not None
    assert (read.name, read.colour) == ("팀 일정 · Team", "violet")
    assert read.info == {
        "description": "Everything that the team plans, and more",
        "zone": "Asia/Seoul",
    }


def test_a_copy_that_a_browser_has_numbered_is_the_same_calendar() -> None:
    text = calendar(*event("DTSTART:20250101T100000"))
    first, second = (imported(text, name).imported for name in ("team.ics", "team (2).ics"))
    assert first is not None
    assert second is not None
    assert first.id == second.id
