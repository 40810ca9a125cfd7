"""What a file said when it was last imported: one short digest a field.

Kept in a document of its own, `open/import-…`, so that an import needs nothing but documents,
whoever holds the database. With it an import is a three-way merge: a field that the file has not
changed since belongs to the people who have edited it here.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from pycrdt import Map

from moim_data.documents.access import Access
from moim_data.store import DocumentId

_ROOT: Final = "imported"
_DIGEST: Final = 10
Digests = Mapping[str, str]
"""Digests by field name."""


class LastImport:
    """The digests by `root/id`; arguments as for ProjectDocument."""

    def __init__(self, access: Access) -> None:
        self._access = access
        with access.lock:
            content = access.doc.get(_ROOT, type=Map).to_py() or {}
        self._kept = {str(path): _digests(value) for path, value in content.items()}
        self._new: dict[str, dict[str, str]] = {}

    def of(self, path: str) -> Digests | None:
        """Give the digests of an entity, None when no file has brought it."""
        return self._kept.get(path)

    def paths(self) -> list[str]:
        """Name everything that files have brought."""
        return list(self._kept)

    def set(self, path: str, digests: dict[str, str]) -> None:
        """Note what the file says now; `write` brings it into the document."""
        if self._kept.get(path) != digests:
            self._new[path] = digests

    def forget(self, path: str) -> None:
        """Note that the file does not say it any more."""
        if path in self._kept:
            self._new[path] = {}

    def write(self) -> None:
        """Write what is new, in one transaction. Comes after the document itself: a file whose
        import was cut short is imported again, and not taken for unchanged.
        """
        with self._access.transaction():
            root = self._access.doc.get(_ROOT, type=Map)
            for path, digests in self._new.items():
                if digests:
                    root[path] = json.dumps(digests, sort_keys=True, separators=(",", ":"))
                elif path in root:
                    del root[path]
        self._new.clear()


def last_import_id(document: str) -> DocumentId:
    """Give the id of the document that goes with another."""
    return DocumentId(f"open/import-{hashlib.sha256(document.encode()).hexdigest()[:24]}")


def digest(value: Any) -> str:
    """Give a digest of a value that is the same for what the document makes of it."""
    text = json.dumps(_canonical(value), sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST]


def _canonical(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_canonical(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _digests(value: object) -> dict[str, str]:
    try:
        read = json.loads(str(value))
    except ValueError:
        return {}
    return {str(name): str(each) for name, each in read.items()} if isinstance(read, dict) else {}
