"""SharedText counts characters as Python does, whatever they weigh in UTF-8 or UTF-16."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Doc, Text

from moim_data.documents.access import LocalAccess
from moim_data.documents.text import SharedText
from moim_data.errors import InvalidValue

ROOT = Path(__file__).parent.parent.parent

PIECES = st.text(st.sampled_from(list("aß한글👩‍👧é́🇰🇷\u202eع\n\x00")), max_size=6) | st.sampled_from(
    ["👩‍👩‍👧‍👦", "가나다", "🇰🇷", "é", ""]
)


def shared(text: str = "", limit: int = 1000) -> SharedText:
    doc: Doc[Text] = Doc()
    doc["notes"] = raw = Text(text)
    return SharedText(
        LocalAccess(doc),
        lambda: raw,
        "cards/c1/notes",
        lambda value: None if len(str(value)) <= limit else f"at most {limit} characters",
    )


@given(
    start=PIECES, edits=st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), PIECES), max_size=15)
)
def test_any_edits_give_what_a_str_would_give(
    start: str, edits: list[tuple[float, float, str]]
) -> None:
    text, expected = shared(start), start
    for one, other, piece in edits:
        first, last = sorted((round(one * len(expected)), round(other * len(expected))))
        text.replace(first, last, piece)
        expected = expected[:first] + piece + expected[last:]
        assert str(text) == expected
        assert len(text) == len(expected)


@given(old=PIECES, new=PIECES, more=PIECES)
def test_setting_gives_the_new_text_and_keeps_what_both_share(
    old: str, new: str, more: str
) -> None:
    text = shared(old + more + new)
    text.set(new + more + old)
    assert text == new + more + old


def test_setting_changes_only_what_differs_so_that_two_people_both_keep_theirs() -> None:
    one = shared("하나 둘 셋")
    doc = one._access.doc
    other: Doc[Text] = Doc()
    other["notes"] = raw = Text()
    other.apply_update(doc.get_update())
    one.set("하나! 둘 셋")
    SharedText(LocalAccess(other), lambda: raw, "x", lambda _: None).set("하나 둘 셋👍")
    doc.apply_update(other.get_update())
    assert str(one) == "하나! 둘 셋👍"


def test_insert_delete_and_append_take_character_indices() -> None:
    text = shared("가👩‍👧나")
    text.insert(1, "🙂")
    assert str(text) == "가🙂👩‍👧나"
    text.delete(0, 2)
    text.append("끝")
    assert str(text) == "👩‍👧나끝"


@pytest.mark.parametrize(("start", "stop"), [(-1, 0), (0, 4), (2, 1)])
def test_indices_outside_the_text_are_refused(start: int, stop: int) -> None:
    text = shared("가나다")
    with pytest.raises(IndexError, match=r"<= 3, got"):
        text.delete(start, stop)
    assert str(text) == "가나다"


def test_half_a_character_and_too_long_a_text_are_refused() -> None:
    text = shared("abc", limit=4)
    with pytest.raises(InvalidValue, match="cards/c1/notes: expected whole characters"):
        text.insert(0, "\ud83d")
    with pytest.raises(InvalidValue, match="at most 4 characters"):
        text.insert(0, "xy")
    with pytest.raises(InvalidValue, match="at most 4 characters"):
        text.set("abcde")
    assert str(text) == "abc"


def test_no_other_module_edits_raw_text() -> None:
    """pycrdt counts bytes: an index that is right in Python cuts letters in two."""
    edits = re.compile(r"^from pycrdt import .*\bText\b|^    Text,$")
    found = {
        str(path.relative_to(ROOT))
        for folder in ("data", "sync", "dashboard/moim")
        for path in (ROOT / folder).rglob("*.py")
        if any(edits.search(line) for line in path.read_text().splitlines())
    }
    reads_only = {
        "dashboard/moim/document_content.py",
        "data/moim_data/documents/validation.py",
        "data/moim_data/text_rebuild.py",
        "sync/moim_sync/document_changes.py",
    }
    makes_only = {
        "data/moim_data/documents/entities.py",
        "data/moim_data/documents/entity.py",
        "data/moim_data/documents/series_changes.py",
    }
    assert found - reads_only - makes_only == {"data/moim_data/documents/text.py"}
