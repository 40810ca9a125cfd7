"""The kinds of documents. A new kind is one schema file (or none) and one row here."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from moim_data.errors import UnknownKind
from moim_data.store import DocumentId

SLUG = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Kind:
    """What is special about documents of one kind."""

    name: str
    schema: str | None
    """File name in `schemas/`; None: any content is allowed."""
    single: bool = False
    """True: there is one such document and its id is the kind's name."""
    made_on_first_use: bool = False
    """True: a plain Yjs client may make one by opening it."""


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("workspace", "workspace.schema.json", single=True),
        Kind("project", "project.schema.json"),
        Kind("calendar", "calendar.schema.json"),
        Kind("page", "page.schema.json"),
        Kind("open", None, made_on_first_use=True),
    )
}


def parse_document_id(text: str) -> DocumentId:
    """Give the id when it is well formed and its kind is known.

    Raises:
        UnknownKind: it is not `workspace` or `<kind>/<slug>` of a kind in KINDS.
    """
    name, slash, slug = text.partition("/")
    kind = KINDS.get(name)
    if kind is None or bool(slash) == kind.single or (slash and not SLUG.fullmatch(slug)):
        raise UnknownKind(f"expected {_expected()}, got {text[:100]!r}")
    return DocumentId(text)


def kind_of(document: DocumentId) -> Kind:
    """Give the row of the table that a document belongs to."""
    return KINDS[document.partition("/")[0]]


def _expected() -> str:
    forms = (kind.name if kind.single else f"{kind.name}/<slug>" for kind in KINDS.values())
    return " or ".join(forms) + " with a slug of 1-64 characters A-Z a-z 0-9 _ -"
