"""`moim import FILE`: reads a file in this process, then brings it in as an edit like any other.

Order matters where it can be cut short: people first, so that cards name somebody; the document;
what the file said, for the next time; last the entry in the workspace, which makes it visible. A
file that cannot be read changes nothing, and importing again completes what was interrupted.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pycrdt import Map

from moim.database_client import open_synced, reach
from moim.errors import Interrupted, UsageError
from moim.identity import colour_of
from moim_data.documents.entities import Author
from moim_data.documents.kinds import parse_document_id
from moim_data.documents.workspace import WorkspaceDocument
from moim_data.errors import UnknownKind
from moim_data.formats.document_import import DocumentImport
from moim_data.formats.files import read_file
from moim_data.formats.last_import import LastImport, last_import_id
from moim_data.formats.records import IMPORTER, Imported
from moim_data.formats.report import Report
from moim_sync.client import SyncClient
from moim_sync.errors import ClientError
from moim_sync.shared_document import SharedDocument

SAVE_S: Final = 120.0
LARGEST_BYTES: Final = 12 * 1024 * 1024
"""Of what a file brings into one document; the hub takes documents of 16 MB."""
_ENTRIES: Final = {"calendar": "calendars", "project": "projects"}


def import_file(file: Path, database: Path, into: str | None) -> Report:
    """Bring a file into a document of the database, and give the report.

    Args:
        into: `calendar/<id>`, `project/<id>` or the id alone; None: a document of its own, which
            the next import of the same file finds again.

    Raises:
        UnreadableFile: nothing was changed.
        UsageError: there is no such document, or one of another kind.
        Interrupted: only a part is saved.
        DataError, ClientError: the database cannot be reached.
    """
    imported = read_file(file)
    _require_size(imported)
    with reach(database) as client:
        return _Session(client, imported, into).bring_in()


class _Session:
    def __init__(self, client: SyncClient, imported: Imported, into: str | None) -> None:
        self._client = client
        self._imported = imported
        self._around = open_synced(client, "workspace", create=True)
        self._author = Author(lambda: IMPORTER, client.clock, client.random)
        self._workspace = WorkspaceDocument(self._around, self._author)
        self._id = imported.id if into is None else self._existing(into)
        self._document = f"{imported.kind}/{self._id}"
        imported.report.document = self._document

    def bring_in(self) -> Report:
        shared = open_synced(self._client, self._document, create=True)
        notes = open_synced(self._client, last_import_id(self._document), create=True)
        try:
            self._add_people()
            last = LastImport(notes)
            before = shared.pending
            DocumentImport(shared, self._imported.kind, last, self._author).apply(self._imported)
            assert self._imported.report.adds_up, "found is not made, updated, unchanged, left out"
            self._save(shared, before)
            self._require_kept(shared)
            last.write()
            self._add_entry()
            self._client.wait_saved(SAVE_S)
        except ClientError as error:
            raise Interrupted(
                f"{self._document}: the import was interrupted, {shared.pending} parts of it are "
                f"not saved ({error}). Import the file again to complete it; nothing is doubled."
            ) from error
        return self._imported.report

    def _save(self, shared: SharedDocument, before: int) -> None:
        parts = shared.pending - before
        shared.wait_saved(SAVE_S)
        if parts > 1:
            self._imported.report.note(f"it was saved in {parts} parts, one after another")

    def _existing(self, into: str) -> str:
        kind, slash, own = into.rpartition("/")
        if slash and kind != self._imported.kind:
            what = f"a {self._imported.kind}"
            raise UsageError(f"--into {into}: the file holds {what}, expected {what} to put it in")
        entries = self._entries()
        if own not in entries or own not in entries.ids():
            known = ", ".join(f"{self._imported.kind}/{each}" for each in list(entries)[:8])
            raise UsageError(f"--into {into}: there is none; there are {known or 'none at all'}")
        try:
            return parse_document_id(f"{self._imported.kind}/{own}").partition("/")[2]
        except UnknownKind as error:
            raise UsageError(f"--into {into}: {error}") from error

    def _entries(self) -> Any:
        return getattr(self._workspace, _ENTRIES[self._imported.kind])

    def _add_people(self) -> None:
        with self._around.transaction():
            for person, name in self._imported.members.items():
                if person not in self._workspace.members:
                    self._workspace.members.add(person, name)

    def _add_entry(self) -> None:
        """Name the document in the workspace; an entry that is there keeps its name."""
        entries = self._entries()
        with self._around.transaction():
            if self._id not in entries:
                name = self._imported.name
                colour = self._imported.colour or colour_of(self._document)
                created = self._author.now_ms()
                entries.add(id=self._id, name=name, colour=colour, created=created)
            elif self._id not in entries.ids():
                entries.restore(self._id)
                self._imported.report.note("it had been deleted here and was brought back")
            self._imported.report.name = str(entries[self._id].name)

    def _require_kept(self, shared: SharedDocument) -> None:
        """Look whether the server has taken anything back, as it does with what it refuses."""
        with shared.lock:
            roots: Mapping[str, Any] = {
                root: shared.doc.get(root, type=Map)
                for root in {record.root for record in self._imported.records}
                if root != "exceptions"
            }
            lost = [
                record.path
                for record in self._imported.records
                if record.root in roots and not record.gone and record.id not in roots[record.root]
            ]
        left_out = len(self._imported.report.left_out)
        if len(lost) > left_out:
            raise Interrupted(
                f"{self._document}: the server did not take {lost[0]} and {len(lost) - 1} others"
            )


def _require_size(imported: Imported) -> None:
    size_bytes = sum(
        len(json.dumps(record.values, ensure_ascii=False)) + len(record.id)
        for record in imported.records
    )
    if size_bytes > LARGEST_BYTES:
        raise UsageError(
            f"the file brings {size_bytes // 1024 // 1024} MB into one document, expected at most "
            f"{LARGEST_BYTES // 1024 // 1024}: export a shorter time, or cut it"
        )
