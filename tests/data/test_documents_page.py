"""docs/documents.md says what the schema files say."""

import re
from pathlib import Path

import pytest

from moim_data.documents.kinds import KINDS
from moim_data.documents.shape import DocumentShape, shape_of

PAGE = (Path(__file__).parent.parent.parent / "docs" / "documents.md").read_text()

WORDS = {
    "string": ("string", "place key", "place key>", "capital letters"),
    "integer": ("integer", "instant"),
    "number": ("number",),
    "date": ("date",),
    "list": ("[person id, instant]",),
    "when": ("[start, end, zone]",),
    "flag": ("true",),
    "choice": ("colour", "`"),
    "text": ("Y.Text",),
}


def rows(kind: str) -> list[tuple[str, str, bool, str]]:
    """Root, field, always set, words for the type; one row may name several fields."""
    section = re.split(rf"^## `{kind}.*`$", PAGE, flags=re.M)[1].split("\n## ")[0]
    found = []
    root = ""
    for line in section.splitlines():
        if not line.startswith("|") or line.startswith(("| root", "| ---")):
            continue
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        root = cells[0].strip("`") or root
        names = re.findall(r"`([^`]+)`", cells[2])
        found.extend((root, name, "**" in cells[2], cells[3]) for name in names)
    return found


def described(shape: DocumentShape) -> set[tuple[str, str, bool]]:
    found = set()
    for root in shape.roots.values():
        for field in root.entity.fields:
            found.add((root.name, field, field in root.entity.required))
        for members in root.entity.sets.values():
            found.add((root.name, members.prefix, False))
        found.update((root.name, name, False) for name in root.entity.overrides)
    return found


def with_schema() -> list[str]:
    return [kind.name for kind in KINDS.values() if kind.schema]


@pytest.mark.parametrize("kind", with_schema())
def test_the_page_lists_every_field_of_a_kind_and_no_other(kind: str) -> None:
    shape = shape_of(kind)
    assert shape is not None
    listed = {(root, name.partition("/")[0], always) for root, name, always, _ in rows(kind)}
    assert listed == described(shape)


@pytest.mark.parametrize("kind", with_schema())
def test_the_page_gives_every_field_the_type_of_the_schema(kind: str) -> None:
    shape = shape_of(kind)
    assert shape is not None
    for root, name, _, words in rows(kind):
        entity = shape.roots[root].entity
        override = entity.overrides.get(name)
        field = override.field if override else entity.fields.get(name)
        known = ("true",) if field is None else WORDS[field.kind]
        assert any(word in words for word in known), f"{root}/{name}: {words}"


def test_the_page_has_a_section_for_every_kind_and_every_colour() -> None:
    for kind in KINDS:
        assert re.search(rf"^## `{kind}", PAGE, flags=re.M), kind
    shape = shape_of("project")
    assert shape is not None
    colour = shape.roots["labels"].entity.fields["colour"]
    line = re.search(r"colours one of `([a-z ]+)`", PAGE.replace("\n", " "))
    assert line is not None
    assert all(colour.check(name) is None for name in line[1].split())
    assert colour.check("brown") == "one of " + ", ".join(line[1].split())
