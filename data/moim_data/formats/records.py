"""What a file holds, in the words of documents, before any document is touched."""

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any

from moim_data.formats.report import Report

IMPORTER = "import"
"""The person id of what nobody here has made."""


@dataclass(slots=True)
class Record:
    """One entity of a document, or one exception of a series (root `exceptions`, `event/which`).

    `values` are those of the document, sets as tuples. One that is ordered has a `group` (the
    column of a card, empty for a column itself): its place is drawn when it is written, after the
    record before it.
    """

    root: str
    id: str
    values: dict[str, Any]
    where: str = ""
    title: str = ""
    counted: bool = True
    group: str | None = None
    position: str = ""
    """What the file says about the place; when that changes, it is placed anew."""
    gone: str = ""
    """Why it is not shown any more, when the file says that; empty else."""

    @property
    def path(self) -> str:
        """`root/id`."""
        return f"{self.root}/{self.id}"


@dataclass(slots=True)
class Imported:
    """Everything in a file that moim has a place for."""

    kind: str
    id: str
    """The slug of the document when nobody says another."""
    name: str
    colour: str
    """Empty when the file says none."""
    info: dict[str, str]
    records: list[Record]
    report: Report
    members: dict[str, str] = field(default_factory=dict)
    """Names of people by person id."""


def slug_of(*parts: str, prefix: str = "i") -> str:
    """Give the same id for the same words, always."""
    digest = hashlib.sha256("\x00".join(parts).encode()).hexdigest()
    return prefix + digest[:19]


def readable_slug(name: str, *parts: str) -> str:
    """Give a slug that looks like `name` and is the same for the same words."""
    words = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-")
    end = hashlib.sha256("\x00".join(parts or (name,)).encode()).hexdigest()[:8]
    return f"{words}-{end}" if words else f"imported-{end}"
