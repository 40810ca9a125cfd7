"""Files that are broken, huge or hostile: an error, or a line of the report, and soon."""

import json
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest

from data.file_contents import ImportedFile, calendar, event, fixture, imported
from moim_data.documents.kinds import parse_document_id
from moim_data.documents.shape import shape_of
from moim_data.documents.validation import problems
from moim_data.formats.errors import UnreadableFile
from moim_data.formats.files import LARGEST_BYTES, read_bytes, read_file

SEEDS = range(150)
START = "DTSTART:20250101T100000"


def _mutated(data: bytes, random: Random) -> bytes:
    """Cuts, doubles and overwrites pieces, as a broken disk or a bad program does."""
    out = bytearray(data)
    for _ in range(random.randint(1, 12)):
        at, size = random.randrange(len(out) + 1), random.randint(1, 60)
        kind = random.randrange(5)
        if kind == 0:
            del out[at : at + size]
        elif kind == 1:
            out[at:at] = bytes(random.randrange(256) for _ in range(size))
        elif kind == 2:
            out[at:at] = out[max(0, at - size * 9) : at]
        elif kind == 3:
            out[at : at + 1] = random.choice((b"\x00", b"\n", b":", b";", b'"', b"\\", b"9" * 40))
        else:
            out[at:at] = random.choice(
                (b"BEGIN:VEVENT\r\n", b"END:VEVENT\r\n", b"\r\n ", b"[" * 99)
            )
    return bytes(out)


def _assert_fits(file: ImportedFile, kind: str) -> None:
    shape = shape_of(kind)
    assert shape is not None
    content = {name: file.root(name) for name in shape.roots}
    assert problems(kind, content) == []


@pytest.mark.parametrize("name", ["team.ics", "changed_series.ics", "odd.ics", "board.json"])
def test_whatever_is_broken_a_file_is_refused_or_adds_up_and_fits_the_schema(name: str) -> None:
    kind = "project" if name == "board.json" else "calendar"
    came_in = 0
    for seed in SEEDS:
        file = ImportedFile()
        try:
            file.take(_mutated(fixture(name), Random(seed)))
        except UnreadableFile:
            assert not file.root("events" if kind == "calendar" else "cards")
            continue
        came_in += 1
        _assert_fits(file, kind)
    assert came_in > 0


def _retyped(value: Any, random: Random) -> Any:
    """Puts things of other types into JSON, everywhere."""
    if random.random() < 0.06:
        return random.choice((None, 7, -1e308, "x" * 600, [], {}, [[]], True, "\ud800", 10**400))
    if isinstance(value, dict):
        return {key: _retyped(each, random) for key, each in value.items()}
    if isinstance(value, list):
        return [_retyped(each, random) for each in value]
    return value


def test_wrong_types_anywhere_in_a_board_cost_what_they_stand_for_only() -> None:
    came_in = 0
    for seed in SEEDS:
        board = _retyped(json.loads(fixture("board.json")), Random(seed))
        file = ImportedFile()
        try:
            file.take(json.dumps(board))
        except UnreadableFile:
            continue
        came_in += 1
        _assert_fits(file, "project")
    assert came_in > len(SEEDS) // 3


@pytest.mark.parametrize(
    "lines",
    [
        (START, "RRULE:FREQ=SECONDLY"),
        (START, "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"),
        (START, "RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", "EXRULE:FREQ=SECONDLY"),
        (START, "RRULE:FREQ=MINUTELY;COUNT=100000"),
        (START, "RRULE:" + ";".join(["FREQ=DAILY"] * 20_000)),
        (START, "RRULE:FREQ=DAILY;BYSECOND=" + ",".join(["1"] * 30_000)),
        (START, "RDATE:" + ",".join(["20250101T100000"] * 15_000)),
        (START, "DESCRIPTION:" + "x" * 1_000_000),
        (START, "X-A;" + "P=1;" * 40_000 + ":v"),
        (START, "X-A:" + '"' * 100_000),
        ("DTSTART:99991231T235959", "DURATION:P999999W"),
        ("DTSTART:00010101T000000Z",),
        ("DTSTART;TZID=" + "../" * 1000 + "etc/passwd:20250101T100000",),
        (START, *["BEGIN:VALARM"] * 50_000),
        (START, *["BEGIN:VEVENT", START, "END:VEVENT"] * 12),
    ],
)
def test_hostile_lines_take_no_time(lines: tuple[str, ...]) -> None:
    began = time.process_time()
    file = imported(calendar(*event(*lines)))
    assert file.imported is not None
    _assert_fits(file, "calendar")
    file.shown()
    assert time.process_time() - began < 5


def test_rules_of_a_zone_are_never_expanded() -> None:
    evil = ("BEGIN:STANDARD", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "DTSTART:19000101T000000")
    zone = ("BEGIN:VTIMEZONE", "TZID:evil", *evil, "RRULE:FREQ=SECONDLY", "END:STANDARD")
    began = time.process_time()
    imported(calendar(*zone, "END:VTIMEZONE", *event("DTSTART;TZID=evil:20250101T100000"))).titled(
        "t"
    )
    assert time.process_time() - began < 3


def test_many_components_are_refused_with_the_number_that_is_allowed() -> None:
    with pytest.raises(UnreadableFile, match="at most 100000 components"):
        read_bytes(calendar(*["BEGIN:VALARM", "END:VALARM"] * 100_001).encode(), "many.ics")


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "large.ics"
    with file.open("wb") as out:
        out.truncate(3 * LARGEST_BYTES)
    with pytest.raises(UnreadableFile, match="larger than 20 MB"):
        read_file(file)


@pytest.mark.parametrize("data", [b"", b"\x00" * 500, b"hello", b"\x89PNG\r\n", b"BEGIN:VCARD\n"])
def test_a_file_of_no_known_format_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFile, match="neither iCalendar"):
        read_bytes(data, "file")


def test_control_characters_come_in_nowhere() -> None:
    file = imported(calendar(*event(START, "LOCATION:a\x00b\x1b[31mc", title="x\x07y")))
    assert file.titled("xy")["location"] == "ab[31mc"


def test_documents_have_ids_that_are_allowed_whatever_the_file_is_called() -> None:
    for name in ("..", "a/b", "ㅎㅎ.ics", "x" * 300):
        read = read_bytes(calendar(*event(START)).encode(), name)
        assert parse_document_id(f"{read.kind}/{read.id}")
