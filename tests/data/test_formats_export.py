"""iCalendar out: what goes out comes back the same, and others can read it."""

from datetime import datetime, timedelta
from string import ascii_letters, digits
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from pycrdt import Map, Text

from data.file_contents import ImportedFile, fixture, imported, read_by_others
from moim_data.documents.recurrence import SeriesEvent, SeriesStarts
from moim_data.documents.rule import Limits
from moim_data.documents.wall_time import moment_of, wall_of
from moim_data.documents.when import moment
from moim_data.formats.ical_export import write_icalendar
from moim_data.formats.records import slug_of

ENTRY = {"name": "팀; Team, all\\of us", "colour": "violet"}
words = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t"), max_size=90
)
some_words = words.filter(bool)
zones = st.sampled_from(("", "UTC", "Asia/Seoul", "America/New_York", "Australia/Lord_Howe"))
slugs = st.text(ascii_letters + digits + "_-", min_size=1, max_size=64)
uids = st.text(ascii_letters + digits + " @.;,:\\-", min_size=2, max_size=61)
kept = st.sampled_from(
    (
        "CATEGORIES:a,b",
        'X-THING;X-P="a:b":with \\n and \\, signs',
        "BEGIN:VALARM\nTRIGGER:-PT5M\nACTION:DISPLAY\nEND:VALARM",
        "ORGANIZER;CN=박서연:mailto:a@example.org\nSEQUENCE:4",
    )
)
rules = st.sampled_from(
    (
        "FREQ=DAILY",
        "FREQ=WEEKLY;BYDAY=MO,WE",
        "FREQ=MONTHLY;INTERVAL=2;BYDAY=-1FR",
        "FREQ=YEARLY",
        "FREQ=DAILY;COUNT=9",
        "COUNT=7;FREQ=WEEKLY",
    )
)


@st.composite
def whens(draw: st.DrawFn) -> list[str]:
    start = draw(st.datetimes(datetime(1995, 1, 1), datetime(2035, 1, 1))).replace(microsecond=0)
    if draw(st.booleans()):
        start = start.replace(second=0)
    length = draw(st.timedeltas(timedelta(0), timedelta(days=5)))
    if draw(st.booleans()):
        days = timedelta(days=1 + length.days)
        return [moment(start.date()), moment(start.date() + days), ""]
    end = (start + length).replace(microsecond=0)
    return [moment(start), moment(end), draw(zones)]


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    event: dict[str, Any] = {"title": draw(words), "when": draw(whens()), "notes": draw(words)}
    for name, values in (
        ("location", some_words),
        ("url", st.just("https://example.org/a,b;c")),
        ("status", st.sampled_from(("confirmed", "tentative", "cancelled"))),
        ("kept", kept),
        ("rule", rules),
        ("created", st.tuples(slugs, st.integers(0, 2**41)).map(list)),
        ("member/seoyeon", st.just(True)),
    ):
        if draw(st.booleans()):
            event[name] = draw(values)
    if "COUNT" not in event.get("rule", "COUNT") and draw(st.booleans()):
        until = datetime.fromisoformat(event["when"][0][:10]) + timedelta(days=40)
        all_day = "T" not in event["when"][0]
        event["rule"] += f";UNTIL={until:%Y%m%d}{'' if all_day else 'T120000'}"
    if "rule" in event and draw(st.booleans()):
        event["extra"] = _further(event["when"][0])
    return event


def _further(start: str) -> str:
    if "T" not in start:
        return "RDATE;VALUE=DATE:20360105,20360107\nEXRULE:FREQ=YEARLY;COUNT=1"
    return "RDATE:20360105T101500\nRDATE;VALUE=PERIOD:20360107T090000/20360107T110000"


@st.composite
def exceptions(draw: st.DrawFn, event: dict[str, Any]) -> dict[str, Any]:
    """Exceptions of some of the first starts of a series, by `recurrence id/field`."""
    if "rule" not in event:
        return {}
    series = SeriesStarts(SeriesEvent.of("", event), Limits(steps=100_000, deadline_s=60))
    first = wall_of(event["when"][0])
    starts = sorted(series.between(first, first + 400 * 86_400_000))[:6]
    found: dict[str, Any] = {}
    for wall in starts:
        which = moment_of(wall, "T" not in event["when"][0])
        kind = draw(st.sampled_from(("", "", "excluded", "title", "when", "status")))
        if kind == "excluded":
            found[f"{which}/excluded"] = True
        elif kind == "title":
            found[f"{which}/title"] = f"!{event['title']}"
            found[f"{which}/notes"] = f"!{event['notes']}"
        elif kind == "when":
            found[f"{which}/when"] = ["2037-01-01T10:00", "2037-01-01T11:00", "Asia/Seoul"]
        elif kind == "status" and event.get("status") != "cancelled":
            found[f"{which}/status"] = "cancelled"
    return found


@st.composite
def calendars(draw: st.DrawFn) -> dict[str, Any]:
    content: dict[str, Any] = {"info": {}, "events": {}, "exceptions": {}}
    if draw(st.booleans()):
        content["info"] = {"description": draw(some_words), "zone": "Asia/Seoul"}
    for key in draw(st.lists(slugs, max_size=4, unique=True)):
        event = draw(events())
        uid = draw(st.none() | uids)
        if uid is not None and uid == uid.strip() and not uid.endswith("@moim"):
            event["uid"] = uid
            key = slug_of(uid)
        if key in content["events"]:
            continue
        content["events"][key] = event
        content["exceptions"] |= {f"{key}/{name}": v for name, v in draw(exceptions(event)).items()}
    return content


@settings(max_examples=60, deadline=None)
@given(calendars())
@example({"info": {"description": " ", "zone": "Asia/Seoul"}, "events": {}, "exceptions": {}})
def test_a_calendar_that_goes_out_and_comes_in_is_the_same(content: dict[str, Any]) -> None:
    file = imported(write_icalendar("team", ENTRY, content))
    assert file.imported is not None
    assert (file.imported.id, file.imported.name, file.imported.colour) == (
        "team",
        ENTRY["name"],
        ENTRY["colour"],
    )
    back = file.content()
    assert back["events"] == _as_kept(content["events"])
    assert back["exceptions"] == content["exceptions"]
    if content["info"]:
        assert back["info"] == content["info"]


def _as_kept(events: dict[str, Any]) -> dict[str, Any]:
    """Through a document, as numbers and texts come out of one."""
    file = ImportedFile()
    root = file.access.doc.get("events", type=Map)
    for key, event in events.items():
        root[key] = Map({**event, "notes": Text(event["notes"])})
    return file.root("events")


def test_what_other_programs_gave_is_given_back_and_read_by_them() -> None:
    for name in ("team.ics", "changed_series.ics", "in_one_zone.ics"):
        file = imported(fixture(name))
        out = write_icalendar("team", ENTRY, file.content())
        assert read_by_others(out) == file.shown()
    out = write_icalendar("team", ENTRY, imported(fixture("team.ics")).content())
    lines = out.replace(b"\r\n ", b"").decode().split("\r\n")
    assert 'ORGANIZER;CN="Seoyeon Park":mailto:seoyeon@example.org' in lines
    assert "TRIGGER:-PT5M" in lines
    assert "X-GUESTS:4" in lines
    assert "RRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR;UNTIL=20250430T003000Z" in lines
    assert "X-MOIM-EXCEPTION" not in out.decode()


def test_no_line_is_longer_than_75_bytes_or_cuts_a_character() -> None:
    out = write_icalendar("team", ENTRY, _one_event(title="회의 🙂" * 60))
    assert all(len(line) <= 75 for line in out.split(b"\r\n"))
    assert [line.decode() for line in out.split(b"\r\n")]


def test_what_stands_in_a_document_cannot_break_the_file() -> None:
    evil = "X:1\nEND:VEVENT\nEND:VCALENDAR\nBEGIN:VEVENT\nno line at all"
    content = _one_event(
        title="a\r\nEND:VEVENT",
        kept=evil,
        rule="FREQ=DAILY\nX:2",
        uid="u\nATTENDEE:x",
        url="h\r\nX:3",
    )
    calendar = Calendar.from_ical(write_icalendar("team", ENTRY, content))
    (event,) = calendar.walk("VEVENT")
    assert "ATTENDEE" not in event
    assert str(event["SUMMARY"]) == "a\nEND:VEVENT"


def _one_event(**values: Any) -> dict[str, Any]:
    event = {"title": "t", "when": ["2025-01-01T10:00", "2025-01-01T11:00", "Asia/Seoul"], **values}
    return {"info": {}, "events": {"one": event}, "exceptions": {}}
