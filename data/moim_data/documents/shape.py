"""What a schema file allows, compiled: one small check per field instead of a walk per document.

Only the keywords below are understood; any other keyword in a schema file is an error when it is
loaded, so that no rule is ever passed over in silence. Beside them stands `x-moim` on a field:
`{"type": "text"}` is a Y.Text, `{"set": "labels"}` names the set that one key per member makes up,
`{"override": "title"}` the field that a key `<entity>/<which>/<field>` gives one of a series,
`{"rule": "when"}` a rule of the table RULES, for values whose parts only make sense together, and
`{"refers": "columns"}` says that the value, up to a `|`, is the id of an entity of that root. What
happens when two people write is in the table `strategies` of the schema, and `told` says whether
they hear of it (`Field`).
"""

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Final

from moim_data.documents.kinds import KINDS
from moim_data.documents.when import when_problem

Check = Callable[[object], str | None]
"""Gives None for a good value, else the words for what was expected."""

_NOTES: Final = {"$schema", "title", "description", "x-moim", "$ref"}


@dataclass(frozen=True, slots=True)
class Field:
    """One register, or one Y.Text, of an entity."""

    name: str
    kind: str
    """`string`, `integer`, `number`, `date`, `list`, `choice`, `flag` for what is true or absent,
    `text` for a Y.Text, or the name of its rule."""
    check: Check
    strategy: str
    """`last-write-wins`, `crdt` or `operational-transform`: what happens when two people write."""
    told: bool | str
    """Whether people are told that a value did not stay; `before |`: only its first part counts."""
    refers: str | None
    """The root whose ids the value, or its part before `|`, is one of."""

    def same_to_people(self, one: object, other: object) -> bool:
        """Tell whether two values differ in nothing that is worth a notice."""
        if self.told is False:
            return True
        if self.told == "before |":
            one, other = (str(value).partition("|")[0] for value in (one, other))
        return one == other


@dataclass(frozen=True, slots=True)
class MemberSet:
    """A set kept as one key per member: `<prefix>/<member>: true`."""

    name: str
    prefix: str
    key: re.Pattern[str]
    check: Check


@dataclass(frozen=True, slots=True)
class Override:
    """A field of one of a series, under a flat key that two people make without losing one."""

    field: Field
    key: re.Pattern[str]

    @property
    def check(self) -> Check:
        """The check of the value under such a key."""
        return self.field.check


@dataclass(frozen=True, slots=True)
class EntityShape:
    """What one entity may hold."""

    fields: Mapping[str, Field]
    sets: Mapping[str, MemberSet]
    required: tuple[str, ...]
    overrides: Mapping[str, Override]
    references: tuple[Field, ...] = ()
    """Those of the fields that name an entity of a root."""

    def register_of(self, key: str) -> Field | None:
        """Give the field that a key as it stands in the document is; None for sets and unknown."""
        field = self.fields.get(key)
        if field is not None:
            return field
        for override in self.overrides.values():
            if override.key.search(key):
                return override.field
        return None

    def check_of(self, key: str) -> Check | None:
        """Give the check of a key as it stands in the document; None when it is unknown."""
        field = self.fields.get(key)
        if field is not None:
            return field.check
        patterns: Iterable[MemberSet | Override] = (*self.sets.values(), *self.overrides.values())
        for pattern in patterns:
            if pattern.key.search(key):
                return pattern.check
        return None


@dataclass(frozen=True, slots=True)
class RootShape:
    """A root map: of entities by id, or itself one entity when `single`."""

    name: str
    single: bool
    entity: EntityShape
    id_check: Check


@dataclass(frozen=True, slots=True)
class DocumentShape:
    """Everything that documents of one kind may hold."""

    kind: str
    version: int
    roots: Mapping[str, RootShape]


@cache
def shape_of(kind: str) -> DocumentShape | None:
    """Give the shape of a kind of the table KINDS; None when it has no schema."""
    name = KINDS[kind].schema
    return None if name is None else compile_shape(read_schema(name))


def read_schema(name: str) -> dict[str, Any]:
    """Read a schema file of `schemas/`."""
    text = (files("moim_data.documents") / "schemas" / name).read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def compile_shape(schema: Mapping[str, Any]) -> DocumentShape:
    """Make the shape of a schema. Raises ValueError for keywords that are not understood."""
    _only(schema, "$defs", "type", "properties", "additionalProperties")
    roots = (_root(name, node, schema) for name, node in schema["properties"].items())
    return DocumentShape(
        schema["title"], schema["x-moim"]["version"], {root.name: root for root in roots}
    )


def _root(name: str, node: Mapping[str, Any], schema: Mapping[str, Any]) -> RootShape:
    entity = node["additionalProperties"]
    if entity is False:
        return RootShape(name, True, _entity(node, schema), lambda _: "no id")
    _only(node, "type", "propertyNames", "additionalProperties")
    id_check = compile_check(node["propertyNames"], schema)
    return RootShape(name, False, _entity(_resolved(entity, schema), schema), id_check)


def _entity(node: Mapping[str, Any], schema: Mapping[str, Any]) -> EntityShape:
    _only(node, "type", "additionalProperties", "required", "properties", "patternProperties")
    fields = [_field(name, sub, schema) for name, sub in node["properties"].items()]
    patterns = node.get("patternProperties", {}).items()
    sets = [_set(key, sub, schema) for key, sub in patterns if "set" in sub["x-moim"]]
    overrides = [_override(key, sub, schema) for key, sub in patterns if "set" not in sub["x-moim"]]
    return EntityShape(
        {field.name: field for field in fields},
        {members.name: members for members in sets},
        tuple(node.get("required", ())),
        {override.field.name: override for override in overrides},
        tuple(field for field in fields if field.refers is not None),
    )


def _field(name: str, node: Mapping[str, Any], schema: Mapping[str, Any]) -> Field:
    rule = _resolved(node, schema)
    special = {**rule.get("x-moim", {}), **node.get("x-moim", {})}
    kind, strategies = _kind(rule), schema["x-moim"]["strategies"]
    return Field(
        name,
        kind,
        compile_check(rule, schema),
        special.get("strategy", strategies["text" if kind == "text" else "register"]),
        special.get("told", True),
        special.get("refers"),
    )


def _kind(rule: Mapping[str, Any]) -> str:
    special = rule.get("x-moim", {})
    if "type" in special or "rule" in special:
        return str(special.get("type", special.get("rule")))
    if "const" in rule:
        return "flag"
    if "enum" in rule:
        return "choice"
    if rule.get("format") == "date":
        return "date"
    return "list" if rule["type"] == "array" else str(rule["type"])


def _set(pattern: str, node: Mapping[str, Any], schema: Mapping[str, Any]) -> MemberSet:
    prefix, slash, _ = pattern.removeprefix("^").partition("/")
    if not slash:
        raise ValueError(f"expected a set's pattern as ^prefix/..., got {pattern!r}")
    key = _pattern(pattern)
    return MemberSet(node["x-moim"]["set"], prefix, key, compile_check(node, schema))


def _override(pattern: str, node: Mapping[str, Any], schema: Mapping[str, Any]) -> Override:
    return Override(_field(node["x-moim"]["override"], node, schema), _pattern(pattern))


def _resolved(node: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = node.get("$ref")
    if reference is None:
        return node
    _only(node)
    rule: Mapping[str, Any] = schema["$defs"][reference.removeprefix("#/$defs/")]
    return rule


def _only(node: Mapping[str, Any], *known: str) -> None:
    unknown = set(node) - _NOTES - set(known)
    if unknown:
        raise ValueError(f"expected {sorted(known)} in a schema, got also {sorted(unknown)}")


def _pattern(pattern: str) -> re.Pattern[str]:
    # JSON Schema's $ is the end; Python's $ would let a line feed pass before it
    return re.compile(pattern.removesuffix("$") + r"\Z" if pattern.endswith("$") else pattern)


def compile_check(node: Mapping[str, Any], schema: Mapping[str, Any]) -> Check:
    """Make the check of one value's rule."""
    rule = _resolved(node, schema)
    if "const" in rule:
        _only(rule, "const")
        return _choice([rule["const"]])
    if "enum" in rule:
        _only(rule, "enum")
        return _choice(rule["enum"])
    check = _CHECKS[rule["type"]](rule, schema)
    name = rule.get("x-moim", {}).get("rule")
    if name is None:
        return check
    if name not in RULES:
        raise ValueError(f"expected one of the rules {', '.join(RULES)}, got {name!r}")
    return _and(check, RULES[name])


def _and(first: Check, then: Callable[[Any], str | None]) -> Check:
    return lambda value: first(value) or then(value)


def _choice(values: list[object]) -> Check:
    expected = "one of " + ", ".join(map(str, values)) if len(values) > 1 else str(values[0])
    exact = {(type(value), value) for value in values}

    def check(value: object) -> str | None:
        return None if isinstance(value, str | bool) and (type(value), value) in exact else expected

    return check


def _string(rule: Mapping[str, Any], _: Mapping[str, Any]) -> Check:
    _only(rule, "type", "minLength", "maxLength", "pattern", "format")
    least, most = rule.get("minLength", 0), rule.get("maxLength", math.inf)
    pattern = _pattern(rule.get("pattern", ""))
    is_date = _known_format(rule) == "date"
    expected = _string_words(rule)

    def check(value: object) -> str | None:
        if not isinstance(value, str) or not least <= len(value) <= most:
            return expected
        good = is_unicode(value) and pattern.search(value) and (not is_date or _is_date(value))
        return None if good else expected

    return check


def _known_format(rule: Mapping[str, Any]) -> str | None:
    known: str | None = rule.get("format")
    if known not in (None, "date"):
        raise ValueError(f"expected format date, got {known!r}")
    return known


def _string_words(rule: Mapping[str, Any]) -> str:
    if rule.get("format") == "date":
        return "a date YYYY-MM-DD"
    words = ["text"]
    if "maxLength" in rule:
        words.append(f"of at most {rule['maxLength']} characters")
    if "pattern" in rule:
        words.append(f"that matches {rule['pattern']}")
    return " ".join(words)


def is_unicode(text: str) -> bool:
    """Tell whether text can be kept: half a surrogate pair cannot be written as UTF-8."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _number(rule: Mapping[str, Any], _: Mapping[str, Any]) -> Check:
    _only(rule, "type", "minimum", "maximum")
    least, most = rule.get("minimum", -math.inf), rule.get("maximum", math.inf)
    whole = rule["type"] == "integer"
    expected = ("an integer" if whole else "a number") + f" from {least} to {most}"

    def check(value: object) -> str | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return expected
        good = math.isfinite(value) and least <= value <= most
        return None if good and (not whole or value == int(value)) else expected

    return check


def _boolean(rule: Mapping[str, Any], _: Mapping[str, Any]) -> Check:
    _only(rule, "type")
    return lambda value: None if isinstance(value, bool) else "true or false"


def _array(rule: Mapping[str, Any], schema: Mapping[str, Any]) -> Check:
    _only(rule, "type", "prefixItems", "items", "minItems")
    checks = [compile_check(item, schema) for item in rule["prefixItems"]]
    if rule.get("items") is not False or rule.get("minItems") != len(checks):
        raise ValueError("expected lists of a fixed length: items false, minItems their number")
    words = [item.get("$ref", "value").rpartition("/")[2] for item in rule["prefixItems"]]
    expected = f"[{', '.join(words)}]"

    def check(value: object) -> str | None:
        if not isinstance(value, list) or len(value) != len(checks):
            return expected
        good = all(one(item) is None for one, item in zip(checks, value, strict=True))
        return None if good else expected

    return check


_CHECKS: Final[Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], Check]]] = {
    "string": _string,
    "integer": _number,
    "number": _number,
    "boolean": _boolean,
    "array": _array,
}

RULES: Final[Mapping[str, Callable[[Any], str | None]]] = {"when": when_problem}
"""Rules by name; each is given only values whose parts are as the schema says. TypeScript has the
same table, in `store/schema.ts`."""
