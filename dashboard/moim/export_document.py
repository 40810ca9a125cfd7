"""`moim export ID`: a calendar as iCalendar, or any document as JSON."""

import json
import os
import sys
from pathlib import Path
from typing import Any, Final

from moim.database_client import open_synced, reach
from moim.document_content import digest_of, plain, values_of
from moim.errors import ExportFailed, UsageError
from moim_data.documents.kinds import parse_document_id
from moim_data.errors import UnknownKind
from moim_data.formats.ical_export import write_icalendar
from moim_data.store import DocumentId
from moim_sync.client import SyncClient
from moim_sync.errors import DocumentRefused

FORMATS: Final = ("ics", "json")


def export_document(name: str, database: Path, wanted: str | None, out: Path | None) -> None:
    """Write a document to a file, or to stdout.

    Raises:
        UsageError: there is no such document, or it cannot be written so.
        ExportFailed: the file cannot be written.
        DataError, ClientError: the database cannot be reached.
    """
    try:
        document = parse_document_id(name)
    except UnknownKind as error:
        raise UsageError(f"export: {error}") from error
    chosen = _format(document, wanted, out)
    if not database.exists():
        raise UsageError(f"{database} does not exist: name the database with --db")
    with reach(database) as client:
        data = _written(client, document, chosen)
    _put(data, out)


def _format(document: DocumentId, wanted: str | None, out: Path | None) -> str:
    is_calendar = document.startswith("calendar/")
    if wanted is None and out is not None and out.suffix.lower() in (".ics", ".json"):
        wanted = out.suffix[1:].lower()
    chosen = wanted or ("ics" if is_calendar else "json")
    if chosen == "ics" and not is_calendar:
        raise UsageError(f"{document} is no calendar: expected --format json for it")
    return chosen


def _written(client: SyncClient, document: DocumentId, chosen: str) -> bytes:
    try:
        shared = open_synced(client, document)
    except DocumentRefused as error:
        raise UsageError(f"{document} does not exist, or cannot be read: {error}") from error
    with shared.lock:
        content = plain(values_of(document, shared.doc.get_update()))
    if chosen == "ics":
        slug = document.partition("/")[2]
        return write_icalendar(slug, _entry(client, slug), content)
    whole = {"document": document, "digest": digest_of(content), "data": content}
    return json.dumps(whole, ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"


def _entry(client: SyncClient, calendar: str) -> dict[str, Any]:
    around = open_synced(client, "workspace")
    with around.lock:
        content = plain(values_of(DocumentId("workspace"), around.doc.get_update()))
    entry = content.get("calendars", {}).get(calendar, {})
    return entry if isinstance(entry, dict) else {}


def _put(data: bytes, out: Path | None) -> None:
    if out is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    part = out.with_name(out.name + ".part")
    try:
        part.write_bytes(data)
        os.replace(part, out)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ExportFailed(f"cannot write {out}: {error.strerror or error}") from error
