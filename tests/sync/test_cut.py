"""Cutting an update: the pieces do what the whole does, and keep to the limits."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Array, Doc, Map, Text

from moim_data.documents.touched import TouchedPaths
from moim_data.documents.validation import problems_at
from moim_sync.cut import cut
from moim_sync.prescan import scan


def edited(seed: int, steps: int) -> Doc[Any]:
    """A document with every kind of content that Python writes, deletions included."""
    choose = random.Random(seed)
    doc: Doc[Any] = Doc()
    data, text, items = doc.get("data", type=Map), doc.get("t", type=Text), doc.get("a", type=Array)
    with doc.transaction():
        for _ in range(steps):
            key = f"k{choose.randrange(8)}"
            value = choose.choice(
                [1, 2.5, -(2**40), True, None, "글 👍", b"\x00\x01", [1, ["x"]], {"a": {"b": 1}}]
            )
            action = choose.randrange(7)
            if action < 2:
                data[key] = value
            elif action == 2:
                data[key] = Map({"title": "x", "notes": Text("가나다 👩‍👧"), "n": value})
            elif action == 3 and key in data:
                del data[key]
            elif action == 4:
                text.insert(0, choose.choice(["a", "한글", "👩‍👩‍👧"]))
            elif action == 5:
                text.insert(0, "a")  # one byte: pycrdt counts bytes, and would cut a letter in two
                text.format(0, 1, {"bold": True})
            else:
                items.append(value)
    return doc


def content(doc: Doc[Any]) -> tuple[Any, ...]:
    return (
        doc.get("data", type=Map).to_py(),
        str(doc.get("t", type=Text)),
        doc.get("a", type=Array).to_py(),
    )


@given(seed=st.integers(0, 10_000), steps=st.integers(1, 80), structs=st.integers(1, 30))
def test_the_pieces_do_what_the_whole_does(seed: int, steps: int, structs: int) -> None:
    doc = edited(seed, steps)
    pieces = cut(doc.get_update(), size_bytes=400, structs=structs, client_ids=64)
    again: Doc[Any] = Doc()
    for piece in pieces:
        assert scan(piece).structs <= structs
        again.apply_update(piece)
    assert again.get_update() == doc.get_update()
    assert content(again) == content(doc)


@pytest.mark.parametrize("size_bytes", [300, 100_000])
def test_deletions_of_what_was_there_before_come_with_the_last_piece(size_bytes: int) -> None:
    doc: Doc[Any] = Doc()
    data = doc.get("data", type=Map)
    with doc.transaction():
        for number in range(60):
            data[f"old {number}"] = number
    other: Doc[Any] = Doc()
    other.apply_update(doc.get_update())
    news: list[bytes] = []
    doc.observe(lambda event: news.append(event.update))
    with doc.transaction():
        for number in range(0, 60, 2):
            del data[f"old {number}"]
            data[f"new {number}"] = number
    pieces = cut(news[0], size_bytes=size_bytes, structs=8, client_ids=64)
    assert len(pieces) > 2
    for piece in pieces:
        other.apply_update(piece)
    assert content(other) == content(doc)


def test_an_update_of_many_client_ids_is_cut_by_them() -> None:
    doc: Doc[Any] = Doc()
    for number in range(70):
        other: Doc[Any] = Doc()
        other.get("data", type=Map)[f"k{number}"] = number
        doc.apply_update(other.get_update())
    pieces = cut(doc.get_update(), size_bytes=100_000, structs=2000, client_ids=64)
    again: Doc[Any] = Doc()
    for piece in pieces:
        assert len(scan(piece).ranges) <= 64
        again.apply_update(piece)
    assert content(again) == content(doc)


def test_a_small_update_is_given_back_as_it_is() -> None:
    update = edited(1, 5).get_update()
    assert cut(update, size_bytes=10_000, structs=2000, client_ids=64) == [update]


def test_pieces_keep_to_the_bytes_unless_one_struct_is_larger() -> None:
    doc: Doc[Any] = Doc()
    data = doc.get("data", type=Map)
    with doc.transaction():
        for number in range(100):
            data[f"k{number}"] = "x" * (5000 if number == 50 else 20)
    pieces = cut(doc.get_update(), size_bytes=1000, structs=2000, client_ids=64)
    assert sum(len(piece) > 1000 for piece in pieces) == 1


@pytest.mark.parametrize("structs", [10, 16, 40])
def test_every_piece_of_a_schema_document_leaves_whole_entities(structs: int) -> None:
    doc: Doc[Any] = Doc()
    columns = doc.get("columns", type=Map)
    cards = doc.get("cards", type=Map)
    with doc.transaction():
        columns["todo"] = Map({"name": "할 일", "place": "V"})
        for number in range(50):
            card = {"title": f"카드 {number}", "place": "todo|V", "notes": Text("글"), "number": 1}
            cards[f"c{number}"] = Map(card)
    again: Doc[Any] = Doc()
    touched = TouchedPaths("project", again)
    pieces = cut(doc.get_update(), size_bytes=100_000, structs=structs, client_ids=64)
    assert len(pieces) > 3
    for piece in pieces:
        again.apply_update(piece)
        assert problems_at("project", again, touched.take()) == []
