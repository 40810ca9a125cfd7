"""Documents as JSON, and how the server itself is doing."""

from collections.abc import Awaitable, Callable
from typing import Any

from moim.access.access import Access, GuardedHandler, SharedHandler
from moim.documents_reader import Reading
from moim.errors import ReadingFailed
from moim.metrics import CONTENT_TYPE
from moim.web import BaseHandler
from moim_data.documents.kinds import parse_document_id
from moim_data.errors import CorruptDocument, StorageError, UnknownKind
from moim_data.store import DocumentId
from moim_sync.authorization import Action

ReadDocument = Callable[[DocumentId], Awaitable[Reading | None]]
"""Reads a document without making it; None when it is absent."""


class DocumentHandler(SharedHandler):
    """GET `/api/<kind>/<id>` and `/api/workspace` give `{lineage, seq, digest, data}`."""

    def initialize(self, read: ReadDocument, access: Access) -> None:
        """Take the reader of documents, and who may ask it."""
        self._read = read
        self.access = access

    async def get(self, document: str) -> None:
        """Answer with the document; 404 unknown, 503 not now, 500 when it cannot be read.

        403 for a person who may not read it, whether it exists or not.
        """
        try:
            wanted = parse_document_id(document)
            if not self.may(Action.READ, wanted):
                return self.refuse(403, f"you may not read {document}")
            reading = await self._read(wanted)
        except UnknownKind as error:
            return self.refuse(404, str(error))
        except (CorruptDocument, ReadingFailed) as error:
            return self.refuse(500, str(error))
        except StorageError as error:
            return self.refuse(503, str(error))
        if reading is None:
            return self.refuse(404, f"no document {document}")
        return self.send_json_text(answer(reading))


def answer(reading: Reading) -> bytes:
    """Give a reading as `/api` says it: JSON `{lineage, seq, digest, data}`."""
    head = f'{{"lineage":"{reading.lineage.hex()}","seq":{reading.seq},'
    return head.encode() + reading.content[1:]


class HealthHandler(BaseHandler):
    """GET `/healthz`: 200 from the moment that documents are served, before pages are."""

    def initialize(self, health: Callable[[], dict[str, Any]]) -> None:
        """Take what tells how the server is doing."""
        self._health = health

    def get(self) -> None:
        """Answer with a few numbers."""
        self.send_json({"status": "ok", **self._health()})


class MetricsHandler(GuardedHandler):
    """GET `/metrics`: the hub's numbers for Prometheus, to whoever may come in."""

    def initialize(self, page: Callable[[], bytes], access: Access) -> None:
        """Take what makes the page, and who may ask for it."""
        self._page = page
        self.access = access

    def get(self) -> None:
        """Answer with the numbers of this moment."""
        self.set_header("Content-Type", CONTENT_TYPE)
        self.set_header("Cache-Control", "no-store")
        self.finish(self._page())
