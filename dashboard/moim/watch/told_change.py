"""A change as it is told: who, what thing, which field, from what to what."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from moim.watch.names import Names
from moim_sync.document_changes import Change, Content
from moim_sync.messages import Person

LONGEST: Final = 60
"""Characters of a value in a line."""
_THINGS: Final[Mapping[str, str]] = {
    "columns": "column",
    "labels": "label",
    "cards": "card",
    "items": "item",
    "comments": "comment",
    "events": "event",
    "exceptions": "event",
    "cells": "cell",
    "projects": "project",
    "calendars": "calendar",
    "pages": "page",
    "members": "member",
}
_STAMPED: Final[Mapping[str, tuple[str, str]]] = {
    "deleted": ("deleted", "restored"),
    "done": ("ticked", "unticked"),
}
"""Fields that say who and when: the words for one that comes and one that goes."""
_UNSEEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
"""What would end the line, move a terminal's cursor or turn the text around."""


@dataclass(frozen=True, slots=True)
class ToldChange:
    """One change."""

    at: datetime
    """When it came here, with its zone."""
    document: str
    who: Person | None
    thing: str
    id: str
    title: str
    field: str
    """Empty for something made or taken out whole."""
    path: str
    old: Any
    new: Any
    words: str
    """What happened, in short."""

    def line(self) -> str:
        """Give it as one line for people, in their own time zone."""
        parts = [f"{self.at.astimezone():%H:%M:%S}", self.who.name if self.who else ""]
        title = f" {_quoted(self.title)}" if self.title else ""
        parts += [self.thing + title, self.words]
        return "  ".join(_one_line(part) for part in parts if part)

    def json_line(self) -> str:
        """Give it as a line of JSON, with whole values."""
        who = {"id": self.who.id, "name": self.who.name} if self.who else None
        told = {
            "time": self.at.isoformat(timespec="milliseconds"),
            "document": self.document,
            "who": who,
            "thing": self.thing,
            "id": self.id,
            "title": self.title,
            "field": self.field or None,
            "path": self.path,
            "old": self.old,
            "new": self.new,
        }
        return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def told_change(
    change: Change, document: str, now: Content, names: Names, at: datetime
) -> ToldChange:
    """Put a change into words.

    Args:
        now: the document with it, where titles are read.
    """
    root, _, rest = change.path.partition("/")
    key, _, field = ("", "", rest) if root == "info" else rest.partition("/")
    entity = _entity(root, key, now) or change.old
    if root == "exceptions":
        which, _, field = field.partition("/")
        title = f"{_title(entity, now)} on {which}"
    else:
        title = _title(entity if key else {}, now)
    return ToldChange(
        at=at,
        document=document,
        who=names.of_person(_stamped_by(field, change)) or names.of_one(change.clients),
        thing=_THINGS.get(root, document.partition("/")[0]),
        id=key,
        title=title,
        field=field,
        path=change.path,
        old=change.old,
        new=change.new,
        words=_words(field, change, now, names),
    )


def _entity(root: str, key: str, content: Content) -> Mapping[str, Any] | None:
    root = "events" if root == "exceptions" else root
    entity = content.get(root, {}).get(key)
    return entity if isinstance(entity, dict) else None


def _title(entity: Any, content: Content) -> str:
    """Give what people call a thing; a comment goes by its card."""
    if not isinstance(entity, dict):
        return ""
    if "card" in entity:
        entity = content.get("cards", {}).get(entity["card"], {})
    title = entity.get("title") or entity.get("name") or entity.get("kind") or ""
    return str(title)


def _stamped_by(field: str, change: Change) -> str:
    """Give the id of the person that the change itself names; empty when it names none."""
    value = change.new
    if not field and isinstance(value, dict):
        value = value.get("created")
    elif field not in _STAMPED:
        value = None
    return str(value[0]) if isinstance(value, list) and len(value) == 2 else ""


def _words(field: str, change: Change, now: Content, names: Names) -> str:
    old, new = change.old, change.new
    if not field:
        return "made" if old is None else "taken out" if new is None else "made anew"
    if field in _STAMPED:
        return _STAMPED[field][new is None]
    if field == "place":
        return _moved(str(old or ""), str(new or ""), now)
    kind, slash, member = field.partition("/")
    if slash:
        sign = "+" if old is None else "-"
        return f"{kind} {sign}{names.of_member(kind, member, now)}"
    return f"{field}: {_changed(old, new)}"


def _moved(old: str, new: str, now: Content) -> str:
    column, goal = old.rpartition("|")[0], new.rpartition("|")[0]
    if column == goal:
        return "moved"
    holders = {**now.get("columns", {}), **now.get("cards", {})}
    return f"place: {_holder(column, holders)} -> {_holder(goal, holders)}"


def _holder(key: str, holders: Mapping[str, Any]) -> str:
    holder = holders.get(key, {})
    return _quoted(str(holder.get("name") or holder.get("title") or key)) if key else "none"


def _changed(old: Any, new: Any) -> str:
    if isinstance(old, str) and isinstance(new, str):
        old, new = _apart(old, new)
    return f"{_value(old)} -> {_value(new)}"


def _apart(old: str, new: str) -> tuple[str, str]:
    """Leave out what two long texts begin with alike, so that the difference can be seen."""
    if max(len(old), len(new)) <= LONGEST:
        return old, new
    same = next((at for at, pair in enumerate(zip(old, new, strict=False)) if len({*pair}) > 1), -1)
    if same < 0:
        same = min(len(old), len(new))
    start = max(0, same - 12)
    return ("…" + old[start:], "…" + new[start:]) if start else (old, new)


def _value(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, str):
        plain = re.fullmatch(r"[a-z]{1,12}|[0-9]{4}-[0-9]{2}-[0-9]{2}", value)
        return value if plain and value != "none" else _quoted(value)
    if isinstance(value, list) and len(value) == 3:
        start, end, zone = map(str, value)
        return " ".join(filter(None, (f"{start}/{end}", zone)))
    return json.dumps(value, ensure_ascii=False)


def _quoted(text: str) -> str:
    text = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    return '"' + text.replace('"', "'") + '"'


def _one_line(text: str) -> str:
    return _UNSEEN.sub(" ", text)
