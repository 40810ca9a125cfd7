"""What programs may do to the checklists and comments of cards; as `commands.py`.

A line is ticked off with `done: true`; who did so, and when, comes with it. A comment is its
author's own: nobody else puts other words into it or takes it away.
"""

from collections.abc import Iterator
from typing import Any, Final

from pycrdt import Doc, Map

from moim_data.documents.comments import Comment
from moim_data.documents.entities import Author
from moim_data.documents.project import ProjectDocument
from moim_data.documents.validation import describe
from moim_data.errors import InvalidValue
from moim_sync.api.typed_views import Values, content_of, project_of, require_fields
from moim_sync.api.writes import Paths, writes
from moim_sync.command import Planned, Work
from moim_sync.errors import NotAllowed
from moim_sync.identity import Identity

_SAID: Final = frozenset({"body", "mentions"})
"""What programs set of a comment."""


def create_item(
    who: Identity,
    card: str,
    values: Values,
    *,
    id: str | None = None,
    before: str | None = None,
) -> Work:
    """Make a line of a card's checklist before another, or at its end."""

    def work(doc: "Doc[Any]") -> Any:
        require_fields("items", values, "title")
        project = project_of(doc, who)
        fields = _ticked("items", values)
        done = fields.pop("done", False)
        fields["done"] = Author(lambda: who.id).stamp() if done else None
        title = fields.pop("title")
        item = project.items.add(project.cards[card].id, title, before, id=id, **fields)
        return content_of("project", doc, item)

    return work


def update_item(who: Identity, id: str, values: Values) -> Work:
    """Set fields of a line."""

    def work(doc: "Doc[Any]") -> Any:
        require_fields(f"items/{id}", values)
        items = project_of(doc, who).items
        fields = _ticked(f"items/{id}", values)
        done = fields.pop("done", None)
        items[id].update(**fields)
        if done is not None:
            items.tick(id, done)
        return content_of("project", doc, items[id])

    return Planned(work, _paths_of_item(id, values))


def move_item(
    who: Identity, id: str, *, card: str | None = None, before: str | None = None
) -> Work:
    """Put a line before another, or at the end of a card's checklist (its own when not said)."""

    def work(doc: "Doc[Any]") -> Any:
        project = project_of(doc, who)
        project.items.move(id, before, None if card is None else project.cards[card].id)
        return content_of("project", doc, project.items[id])

    return Planned(work, writes("project", "items", id, {"place": ""}))


def delete_item(who: Identity, id: str) -> Work:
    """Mark a line as deleted."""

    def work(doc: "Doc[Any]") -> Any:
        items = project_of(doc, who).items
        items.delete(id)
        return content_of("project", doc, items[id])

    return Planned(work, writes("project", "items", id, {"deleted": ()}))


def create_comment(who: Identity, card: str, values: Values, *, id: str | None = None) -> Work:
    """Say something about a card."""

    def work(doc: "Doc[Any]") -> Any:
        _require_said("comments", values)
        project = project_of(doc, who)
        mentions = values.get("mentions", ())
        said = project.comments.add(project.cards[card].id, values["body"], mentions, id=id)
        return content_of("project", doc, said)

    return work


def update_comment(who: Identity, id: str, values: Values) -> Work:
    """Say it in other words; that it was edited stays to be seen."""

    def work(doc: "Doc[Any]") -> Any:
        _require_said(f"comments/{id}", values, is_new=False)
        project = project_of(doc, who)
        comment = _own(project, who, id)
        if any(paths(doc)):
            comment.update(**values, edited=Author().now_ms())
        return content_of("project", doc, comment)

    paths = writes("project", "comments", id, values)
    return Planned(work, paths)


def delete_comment(who: Identity, id: str) -> Work:
    """Mark a comment as deleted."""

    def work(doc: "Doc[Any]") -> Any:
        project = project_of(doc, who)
        comment = _own(project, who, id)
        project.comments.delete(id)
        return content_of("project", doc, comment)

    return Planned(work, writes("project", "comments", id, {"deleted": ()}))


def _ticked(path: str, values: Values) -> dict[str, Any]:
    done = values.get("done") or False
    if not isinstance(done, bool):
        full = f"{path}/done"
        raise InvalidValue(f"{full}: expected true or false, got {describe(done)}", full)
    return {**values, "done": done} if "done" in values else dict(values)


def _paths_of_item(id: str, values: Values) -> Paths:
    others = writes("project", "items", id, {k: v for k, v in values.items() if k != "done"})

    def paths(doc: "Doc[Any]") -> Iterator[str]:
        yield from others(doc)
        item = doc.get("items", type=Map).get(id)
        if isinstance(item, Map) and "done" in values and bool(values["done"]) != ("done" in item):
            yield f"items/{id}/done"

    return paths


def _require_said(path: str, values: Values, is_new: bool = True) -> None:
    require_fields(path, values, *(("body",) if is_new else ()))
    for name in values:
        if name not in _SAID:
            full = f"{path}/{name}"
            raise InvalidValue(f"{full}: expected body or mentions", full)
    body = values.get("body", "" if is_new else "-")
    if not isinstance(body, str) or not body.strip():
        full = f"{path}/body"
        raise InvalidValue(f"{full}: expected a text, got {describe(body)}", full)


def _own(project: ProjectDocument, who: Identity, id: str) -> Comment:
    comment = project.comments[id]
    if comment.created[0] != who.id:
        raise NotAllowed(f"comments/{id}: a comment is its author's own")
    return comment
