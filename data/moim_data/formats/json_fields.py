"""Fields of JSON from strangers: of the type that was expected, or not there."""

import json
import math
from typing import Any

from moim_data.formats.errors import UnreadableFile

Object = dict[str, Any]


def read_json(data: bytes) -> Any:
    """Read a file of JSON. Raises UnreadableFile."""
    try:
        return json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"expected JSON in UTF-8, got other bytes at {error.start}") from error
    except RecursionError as error:
        raise UnreadableFile("the JSON is nested too deep to be read") from error
    except ValueError as error:
        raise UnreadableFile(f"expected JSON: {error}") from error


def text(one: Object, name: str) -> str:
    """Give a string without what no text may hold, empty when there is none."""
    value = one.get(name)
    if not isinstance(value, str):
        return ""
    return value.replace("\x00", "").encode("utf-8", "replace").decode()


def objects(one: Object, name: str) -> list[Object]:
    """Give the objects of a list."""
    return [each for each in anything(one, name) if isinstance(each, dict)]


def texts(one: Object, name: str) -> list[str]:
    """Give the strings of a list."""
    return [each for each in anything(one, name) if isinstance(each, str)]


def anything(one: Object, name: str) -> list[Any]:
    """Give a list, empty when there is none."""
    value = one.get(name)
    return value if isinstance(value, list) else []


def part(one: Object, name: str) -> Object:
    """Give an object, empty when there is none."""
    value = one.get(name)
    return value if isinstance(value, dict) else {}


def number(one: Object, name: str) -> float:
    """Give a number, 0 when there is none."""
    value = one.get(name)
    good = isinstance(value, (int, float)) and not isinstance(value, bool)
    try:
        return float(value) if good and math.isfinite(value) else 0.0  # type: ignore[arg-type]
    except OverflowError:
        return 0.0


def in_order(many: list[Object]) -> list[Object]:
    """Sort by `pos`; what has the same stays in the order of the file."""
    return sorted(many, key=lambda one: number(one, "pos"))
