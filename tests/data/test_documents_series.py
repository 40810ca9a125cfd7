"""Changes of one of a series, of all that follow, and of all: as the browser makes them."""

import json
from pathlib import Path
from typing import Any

import pytest
from pycrdt import Doc, Map, Text

from moim_data.documents.access import LocalAccess
from moim_data.documents.calendar import CalendarDocument
from moim_data.documents.entities import Author
from moim_data.documents.rule_parts import RuleParts
from moim_data.documents.series_changes import SeriesChanges
from moim_data.documents.validation import problems
from moim_data.errors import InvalidValue, UnknownEntity

VECTORS = Path(__file__).parent.parent / "vectors"
CASES = json.loads((VECTORS / "series.json").read_text())
AUTHOR = Author(lambda: "minji", lambda: 1.0)
MONDAY = ["2026-11-02T09:00", "2026-11-02T10:00", "Asia/Seoul"]


def calendar(event: dict[str, Any], exceptions: dict[str, Any]) -> CalendarDocument:
    doc: Doc[Any] = Doc()
    doc.get("events", type=Map)["e"] = Map(event)
    for key, value in exceptions.items():
        doc.get("exceptions", type=Map)[key] = value
    return CalendarDocument(LocalAccess(doc), AUTHOR)


def content(of: CalendarDocument) -> dict[str, Any]:
    found = {root: of.access.doc.get(root, type=Map).to_py() for root in ("events", "exceptions")}
    return {root: json.loads(json.dumps(values)) or {} for root, values in found.items()}


def series(rule: str, **fields: Any) -> CalendarDocument:
    return calendar({"title": "스탠드업", "when": MONDAY, "rule": rule, **fields}, {})


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_change_of_a_series_is_that_of_the_browser(case: dict[str, Any]) -> None:
    of = calendar(case["event"], case["exceptions"])
    changes = SeriesChanges(of, AUTHOR, "e", case["which"])
    if case["change"] == "deleted":
        changes.remove(case["scope"])
    else:
        changes.change(case["change"], case["scope"])
    found = content(of)
    assert problems("calendar", found) == []
    for fields in found["events"].values():
        fields.pop("created", None)
    assert found == case["after"]


def test_the_second_part_has_all_fields_of_the_first_and_says_who_made_it() -> None:
    of = series("FREQ=WEEKLY", uid="made@elsewhere", url="https://example.org", notes=Text("안건"))
    changes = SeriesChanges(of, AUTHOR, "e", "2026-11-16T09:00")
    id = changes.change({"members": ["joon"], "notes": "다른 안건"}, "following")
    tail = of.events[id]
    assert (tail.created, tail.url, [*tail.members]) == (
        ("minji", 1000), "https://example.org", ["joon"],
    )  # fmt: skip
    assert (str(tail.notes), str(of.events["e"].notes)) == ("다른 안건", "안건")
    assert (tail.uid, of.events["e"].uid) == (None, "made@elsewhere")


@pytest.mark.parametrize(
    ("rule", "which", "change", "scope", "error"),
    [
        ("FREQ=WEEKLY", "2026-11-10T09:00", {"title": "x"}, "this", UnknownEntity),
        ("FREQ=WEEKLY;COUNT=2", "2026-11-16T09:00", {"title": "x"}, "following", UnknownEntity),
        ("FREQ=WEEKLY", "2026-11-09", {"title": "x"}, "this", UnknownEntity),
        ("FREQ=WEEKLY", "2026-11-09T09:00:00", {"title": "x"}, "this", InvalidValue),
        ("FREQ=WEEKLY", "someday", {"title": "x"}, "this", InvalidValue),
        ("", "2026-11-02T09:00", {"title": "x"}, "all", InvalidValue),
        ("FREQ=WEEKLY", "2026-11-09T09:00", {"rule": "FREQ=DAILY"}, "this", InvalidValue),
        ("FREQ=WEEKLY", "2026-11-09T09:00", {"members": ["joon"]}, "this", InvalidValue),
        ("FREQ=WEEKLY", "2026-11-09T09:00", {"excluded": True}, "this", InvalidValue),
        ("FREQ=WEEKLY", "2026-11-09T09:00", {"when": ["x", "y", ""]}, "this", InvalidValue),
        ("FREQ=WEEKLY", "2026-11-09T09:00", {"when": "x"}, "following", InvalidValue),
        ("FREQ=WEEKLY", "2026-11-09T09:00", {"title": "x", "when": None}, "all", InvalidValue),
        ("FREQ=WEEKLY", "2026-11-09T09:00", {"title": "x", "status": "no"}, "all", InvalidValue),
        ("FREQ=WEEKLY", "2026-11-09T09:00", {"rule": 7}, "following", InvalidValue),
        ("FREQ=MONTHLY;BYMONTHDAY=2,9", "2026-11-09T09:00", {"title": "x"}, "following",
         InvalidValue),
    ],
)  # fmt: skip
def test_what_cannot_be_done_to_a_series_leaves_it_as_it_was(
    rule: str, which: str, change: dict[str, Any], scope: Any, error: type[Exception]
) -> None:
    of = series(rule) if rule else calendar({"title": "one", "when": MONDAY}, {})
    before = content(of)
    with pytest.raises(error):
        SeriesChanges(of, AUTHOR, "e", which).change(change, scope)
    assert content(of) == before


def test_one_that_was_taken_out_cannot_be_changed_and_a_series_is_not_cut_twice_there() -> None:
    of = series("FREQ=WEEKLY")
    SeriesChanges(of, AUTHOR, "e", "2026-11-09T09:00").remove("this")
    with pytest.raises(UnknownEntity):
        SeriesChanges(of, AUTHOR, "e", "2026-11-09T09:00")
    SeriesChanges(of, AUTHOR, "e", "2026-11-16T09:00").change({"title": "x"}, "following")
    with pytest.raises(UnknownEntity):
        SeriesChanges(of, AUTHOR, "e", "2026-11-16T09:00")
    of.events["e"].rule = "FREQ=WEEKLY"
    with pytest.raises(InvalidValue, match="exists"):
        SeriesChanges(of, AUTHOR, "e", "2026-11-16T09:00").change({"title": "y"}, "following")


def test_rules_of_the_editor_are_put_together_as_they_were_taken_apart() -> None:
    vectors = json.loads((VECTORS / "recurrence.json").read_text())
    for rule in vectors["simple"]:
        parts = RuleParts.of(rule)
        assert parts is not None, rule
        assert RuleParts.of(parts.text()) == parts
    assert [rule for rule in vectors["exotic"] if RuleParts.of(rule) is not None] == []
