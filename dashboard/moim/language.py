"""The words of the native parts, in the page's language."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "ko")


@cache
def words(language: str) -> Mapping[str, str]:
    """Give the string table of a language; English for one that we do not speak."""
    name = language if language in LANGUAGES else LANGUAGES[0]
    table: dict[str, str] = json.loads(
        (files("moim") / "strings" / f"{name}.json").read_text(encoding="utf-8")
    )
    return table
