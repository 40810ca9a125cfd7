"""Validation: the checks agree with jsonschema, and see what only a live document shows."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pycrdt import Array, Doc, Map, Text

from moim_data.documents.kinds import KINDS
from moim_data.documents.shape import RULES, compile_shape, read_schema, shape_of
from moim_data.documents.touched import TouchedPaths
from moim_data.documents.validation import problems, problems_at

PROJECT: dict[str, Any] = {
    "info": {"description": "", "prefix": "LN"},
    "columns": {"todo": {"name": "할 일", "place": "V", "status": "backlog", "limit": 3}},
    "labels": {"sync": {"name": "Sync", "colour": "violet"}},
    "cards": {
        "c1": {
            "title": "모바일 👩‍👩‍👧",
            "place": "todo|V0Z",
            "number": 142.0,
            "notes": "long",
            "label/sync": True,
            "member/minji": True,
            "priority": "high",
            "estimate": 2.5,
            "start": "2026-11-23",
            "due": "2026-12-03",
            "created": ["minji", 1_790_000_000_000],
        }
    },
}

BAD_CARD_VALUES = [
    ("title", 3),
    ("title", "x" * 501),
    ("title", None),
    ("title", ["x"]),
    ("place", "todo"),
    ("place", "todo|V0"),
    ("place", "to do|V"),
    ("place", "todo|V\n"),
    ("number", 0),
    ("number", 1.5),
    ("number", True),
    ("number", "1"),
    ("notes", 5),
    ("label/sync", False),
    ("label/sync", 1),
    ("label/", True),
    ("label/a b", True),
    ("member/minji", "yes"),
    ("priority", "none"),
    ("estimate", -1),
    ("estimate", float("nan")),
    ("estimate", float("inf")),
    ("estimate", "3"),
    ("start", "2026-02-30"),
    ("due", "2026-1-1"),
    ("due", 20261123),
    ("created", ["minji"]),
    ("created", ["minji", "now"]),
    ("created", ["minji", 1, 2]),
    ("deleted", []),
    ("deleted", True),
    ("colour", "red"),
]


def oracle(kind: str) -> Draft202012Validator:
    name = KINDS[kind].schema
    assert name is not None
    return Draft202012Validator(
        read_schema(name), format_checker=Draft202012Validator.FORMAT_CHECKER
    )


def test_a_good_document_has_no_problems() -> None:
    assert problems("project", PROJECT) == []
    assert list(oracle("project").iter_errors(PROJECT)) == []


@pytest.mark.parametrize(("field", "value"), BAD_CARD_VALUES, ids=str)
def test_a_bad_value_is_named_by_its_path_with_what_was_expected(field: str, value: object) -> None:
    document = copy.deepcopy(PROJECT)
    document["cards"]["c1"][field] = value
    (problem,) = problems("project", document)
    assert problem.path == f"cards/c1/{field}"
    assert problem.expected
    assert problem.got
    assert str(problem).startswith(f"cards/c1/{field}: expected ")


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("cardz", {"cardz": {}}),
        ("cards", {"cards": "text"}),
        ("cards/c 1", {"cards": {"c 1": {"title": "x", "place": "a|V"}}}),
        ("cards/c1", {"cards": {"c1": "x"}}),
        ("cards/c1/title", {"cards": {"c1": {"place": "a|V"}}}),
        ("info/name", {"info": {"name": "x"}}),
        ("columns/a/status", {"columns": {"a": {"name": "x", "place": "V", "status": "later"}}}),
    ],
)
def test_unknown_roots_unknown_keys_and_missing_values_are_problems(
    path: str, change: dict[str, Any]
) -> None:
    (problem,) = problems("project", change)
    assert problem.path == path


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 2000)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(["high", "done", "red", "todo|V", "V", "2026-11-23", "2026-13-01", "LN"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


def fields_of(kind: str) -> Iterator[tuple[str, str]]:
    shape = shape_of(kind)
    assert shape is not None
    for root in shape.roots.values():
        for field in root.entity.fields.values():
            if field.kind not in RULES:  # jsonschema knows nothing of them
                yield root.name, field.name
        for members in root.entity.sets.values():
            yield root.name, f"{members.prefix}/x"


@pytest.mark.parametrize("kind", ["project", "workspace", "calendar", "page"])
@given(data=st.data())
def test_the_compiled_checks_and_jsonschema_agree_on_any_value(
    kind: str, data: st.DataObject
) -> None:
    root_name, field = data.draw(st.sampled_from(sorted(fields_of(kind))))
    value = data.draw(JSON_VALUES)
    shape = shape_of(kind)
    assert shape is not None
    root = shape.roots[root_name]
    check = root.entity.check_of(field)
    assert check is not None
    entity = {field: value}
    document = {root_name: entity if root.single else {"x": entity}}
    path = [root_name, field] if root.single else [root_name, "x", field]
    errors = oracle(kind).iter_errors(document)
    refused = any(list(error.path)[: len(path)] == path for error in errors)
    assert (check(value) is not None) == refused


def test_text_that_utf8_cannot_hold_is_refused() -> None:
    document = copy.deepcopy(PROJECT)
    document["cards"]["c1"]["title"] = "half \ud83d"
    (problem,) = problems("project", document)
    assert problem.path == "cards/c1/title"


def test_a_kind_without_a_schema_has_no_problems() -> None:
    assert problems("open", {"anything": 1}) == []
    assert problems_at("open", Doc(), ["any/path"]) == []


def test_a_schema_with_a_word_nobody_reads_is_refused_when_it_is_loaded() -> None:
    schema = read_schema("project.schema.json")
    schema["$defs"]["card"]["properties"]["title"]["maxGraphemes"] = 3
    with pytest.raises(ValueError, match="maxGraphemes"):
        compile_shape(schema)


class Live:
    """A live project document, and what its transactions touched."""

    def __init__(self) -> None:
        self.doc: Doc[Any] = Doc()
        self.touched = TouchedPaths("project", self.doc)
        self.cards = self.doc.get("cards", type=Map)
        self.info = self.doc.get("info", type=Map)
        card = {**PROJECT["cards"]["c1"], "notes": Text("긴 글")}
        columns = self.doc.get("columns", type=Map)
        with self.doc.transaction():
            columns["todo"] = Map({"name": "To do", "place": "V"})
        self.touched.take()
        with self.doc.transaction():
            self.cards["c1"] = Map(card)

    def problems(self) -> list[str]:
        return [problem.path for problem in problems_at("project", self.doc, self.touched.take())]


def test_touched_paths_name_registers_and_whole_entities() -> None:
    live = Live()
    assert live.touched.take() == ("cards/c1",)
    with live.doc.transaction():
        live.cards["c1"]["title"] = "new"
        live.cards["c1"]["label/other"] = True
        del live.cards["c1"]["due"]
        live.cards["c1"]["notes"].insert(0, "x")
        live.info["prefix"] = "MO"
    assert sorted(live.touched.take()) == [
        "cards/c1/due",
        "cards/c1/label/other",
        "cards/c1/notes",
        "cards/c1/title",
        "info/prefix",
    ]
    del live.cards["c1"]
    assert live.touched.take() == ("cards/c1",)
    assert live.touched.take() == ()


def test_a_closed_collector_hears_nothing_more() -> None:
    live = Live()
    live.touched.take()
    live.touched.close()
    live.info["prefix"] = "MO"
    assert live.touched.take() == ()


def test_good_edits_of_a_live_document_have_no_problems() -> None:
    live = Live()
    assert live.problems() == []
    live.cards["c1"]["estimate"] = 3
    live.cards["c1"]["notes"].insert(0, "x")
    del live.cards["c1"]["due"]
    assert live.problems() == []


@pytest.mark.parametrize(("field", "value"), BAD_CARD_VALUES, ids=str)
def test_a_bad_value_in_a_live_document_is_found_by_its_touched_path(
    field: str, value: object
) -> None:
    live = Live()
    live.touched.take()
    live.cards["c1"][field] = value
    assert live.problems() == [f"cards/c1/{field}"]


def test_notes_must_be_shared_text_and_registers_must_not_be() -> None:
    live = Live()
    live.touched.take()
    live.cards["c1"]["notes"] = "plain"
    assert live.problems() == ["cards/c1/notes"]
    live.cards["c1"]["notes"] = Text("x" * 100_001)
    assert live.problems() == ["cards/c1/notes"]
    for shared in (Text("x"), Map({}), Array([])):
        live.cards["c1"]["title"] = shared
        assert live.problems() == ["cards/c1/title"]


def test_what_lies_deeper_than_the_schema_is_found_at_its_register() -> None:
    live = Live()
    live.touched.take()
    live.cards["c1"]["title"] = Map({"deep": Map({})})
    live.touched.take()
    live.cards["c1"]["title"]["deep"]["er"] = 1
    assert live.problems() == ["cards/c1/title"]


def test_entities_that_are_no_shared_maps_and_unknown_roots_are_found() -> None:
    live = Live()
    live.touched.take()
    live.cards["c2"] = {"title": "x", "place": "todo|V"}
    live.cards["c 3"] = Map({"title": "x", "place": "todo|V"})
    assert live.problems() == ["cards/c2", "cards/c 3"]
    live.doc.get("extra", type=Map)["x"] = 1
    live.info["prefix"] = "MO"
    assert live.problems() == ["extra"]


@pytest.mark.parametrize("whole", [True, False], ids=["a new card", "a moved card"])
def test_a_card_in_a_column_that_was_never_there_is_a_problem(whole: bool) -> None:
    live = Live()
    live.touched.take()
    if whole:
        live.cards["c2"] = Map({"title": "x", "place": "nowhere|V"})
    else:
        live.cards["c1"]["place"] = "nowhere|V"
    assert live.problems() == ["cards/c2/place" if whole else "cards/c1/place"]


def test_a_card_in_a_deleted_column_is_no_problem() -> None:
    live = Live()
    live.doc.get("columns", type=Map)["todo"]["deleted"] = ["ann", 1]
    live.cards["c1"]["place"] = "todo|W"
    assert live.problems() == []


def test_a_comment_on_a_card_that_was_never_there_is_a_problem() -> None:
    live = Live()
    live.touched.take()
    comment = Map({"card": "gone", "created": ["ann", 1]})
    live.doc.get("comments", type=Map)["k1"] = comment
    assert live.problems() == ["comments/k1/card"]


def test_taking_a_required_value_out_is_a_problem() -> None:
    live = Live()
    live.touched.take()
    del live.cards["c1"]["title"]
    assert live.problems() == ["cards/c1/title"]
