"""Place keys: the vectors shared with TypeScript, and what must hold for any of them."""

import itertools
import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moim_data.documents.place import (
    LONGEST,
    Place,
    between,
    insert_at,
    is_key,
    join,
    keys_between,
    split,
)

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "vectors" / "place.json").read_text()
)
KEYS = st.from_regex(r"[0-9A-Za-z]{0,8}[1-9A-Za-z]", fullmatch=True)
SEEDS = st.integers(0, 2**32)


def drawn(values: Sequence[float]) -> Callable[[], float]:
    source = iter(values)
    return lambda: next(source)


@pytest.mark.parametrize("case", VECTORS["between"], ids=lambda c: f"{c['before']}..{c['after']}")
def test_between_gives_the_key_of_the_vectors(case: dict[str, Any]) -> None:
    assert between(case["before"], case["after"], drawn(case["random"])) == case["key"]


@pytest.mark.parametrize("case", VECTORS["keys_between"], ids=lambda c: str(c["count"]))
def test_bulk_keys_are_those_of_the_vectors(case: dict[str, Any]) -> None:
    keys = keys_between(case["before"], case["after"], case["count"], drawn(case["random"]))
    if "keys" in case:
        assert keys == case["keys"]
    else:
        assert (len(keys), keys[0], keys[-1]) == (case["count"], case["first"], case["last"])


@pytest.mark.parametrize("case", VECTORS["insert_at"], ids=lambda c: f"{c['keys']}"[:40])
def test_insertions_are_those_of_the_vectors(case: dict[str, Any]) -> None:
    insertion = insert_at(case["keys"], case["index"], drawn(case["random"]))
    assert insertion.key == case["key"]
    assert {str(index): key for index, key in insertion.rekeyed.items()} == case["rekeyed"]


def test_keys_and_places_are_told_from_other_text() -> None:
    assert all(is_key(key) for key in VECTORS["keys"]["good"])
    assert not any(is_key(key) for key in VECTORS["keys"]["bad"])
    for text, column, key in VECTORS["places"]["good"]:
        assert split(text) == Place(column, key)
        assert join(column, key) == text
    for text in VECTORS["places"]["bad"]:
        with pytest.raises(ValueError, match="expected"):
            split(text)


@given(a=KEYS, b=KEYS, seed=SEEDS)
def test_a_key_lies_strictly_between_its_neighbours(a: str, b: str, seed: int) -> None:
    low, high = min(a, b), max(a, b)
    source = random.Random(seed).random
    below, above = between(None, low, source), between(high, None, source)
    assert is_key(below)
    assert is_key(above)
    assert below < low
    assert high < above
    if low < high:
        middle = between(low, high, source)
        assert is_key(middle)
        assert low < middle < high


@given(a=KEYS, b=KEYS, count=st.integers(1, 200), seed=SEEDS)
def test_bulk_keys_rise_strictly_between_their_neighbours(
    a: str, b: str, count: int, seed: int
) -> None:
    low, high = min(a, b), max(a, b)
    for before, after in [(None, low), (high, None), (None, None), (low, high)]:
        if before is not None and before == after:
            continue
        keys = keys_between(before, after, count, random.Random(seed).random)
        chain = [before or "", *keys, after or "~"]
        assert all(x < y for x, y in itertools.pairwise(chain))
        assert all(is_key(key) for key in keys)


@given(a=KEYS, b=KEYS, one=SEEDS, other=SEEDS)
def test_two_bulk_inserts_at_one_spot_never_interleave(
    a: str, b: str, one: int, other: int
) -> None:
    low, high = (min(a, b), max(a, b)) if a != b else (None, a)
    first = keys_between(low, high, 20, random.Random(one).random)
    second = keys_between(low, high, 20, random.Random(other).random)
    assert first == second or first[-1] < second[0] or second[-1] < first[0]


@given(before=st.none() | KEYS, one=SEEDS, other=SEEDS)
def test_two_people_who_insert_at_one_spot_get_different_keys(
    before: str | None, one: int, other: int
) -> None:
    draws = [random.Random(seed).random() for seed in (one, other)]
    first, second = (between(before, None, drawn([draw])) for draw in draws)
    # one part in 62**3 of the gap is the finest that a draw can tell apart
    assert first != second or abs(draws[0] - draws[1]) < 1 / 62**3 * 2


@pytest.mark.parametrize("end", ["last", "first"])
def test_ten_thousand_insertions_at_an_open_end_stay_within_seven_digits(end: str) -> None:
    source = random.Random(7).random
    key = between(None, None, source)
    longest = 0
    for _ in range(10_000):
        key = between(key, None, source) if end == "last" else between(None, key, source)
        longest = max(longest, len(key))
    assert longest <= 7


def test_two_hundred_insertions_into_one_closing_gap_stay_under_the_limit() -> None:
    source = random.Random(7).random
    low, high = "V", "W"
    for _ in range(200):
        high = between(low, high, source)
    assert len(high) <= LONGEST


@settings(deadline=None)
@given(
    picks=st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=120),
    seed=SEEDS,
)
def test_insertions_keep_the_order_whatever_has_to_be_repaired(
    picks: list[tuple[float, bool]], seed: int
) -> None:
    """Some keys are forced to be equal to their neighbour, as two people might draw them."""
    source = random.Random(seed).random
    order: list[int] = []
    keys: list[str] = []
    for name, (where, clash) in enumerate(picks):
        index = int(where * len(keys))
        insertion = insert_at(keys, index, source)
        for other, key in insertion.rekeyed.items():
            keys[other] = key
        order.insert(index, name)
        keys.insert(index, insertion.key)
        assert keys == sorted(keys)
        assert index == 0 or keys[index - 1] < keys[index]
        assert index + 1 == len(keys) or keys[index] < keys[index + 1]
        assert len(insertion.key) <= LONGEST
        if clash and index > 0:
            keys[index] = keys[index - 1]


def test_a_key_that_would_be_too_long_moves_only_its_neighbours_apart() -> None:
    keys = [*(f"A{n:03d}1" for n in range(500)), *("V" * 47 + d for d in "123456789"), "W"]
    insertion = insert_at(keys, 504, random.Random(1).random)
    assert len(insertion.key) <= LONGEST // 2
    assert 4 < len(insertion.rekeyed) < 20
    assert all(len(key) <= LONGEST // 2 for key in insertion.rekeyed.values())


def test_ends_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(ValueError, match="before < after"):
        between("B", "A", random.Random(1).random)
    with pytest.raises(ValueError, match="does not end in 0"):
        between("A0", None, random.Random(1).random)
