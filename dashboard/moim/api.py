"""Documents as JSON, and how the server itself is doing."""

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from moim.identity import Origins
from moim.web import BaseHandler
from moim_data.documents.kinds import parse_document_id
from moim_data.errors import CorruptDocument, StorageError, UnknownKind
from moim_data.store import DocumentId


@dataclass(frozen=True, slots=True)
class Reading:
    """A document at one moment; `data` is root maps by name, texts as strings."""

    lineage: bytes
    seq: int
    data: dict[str, Any]


ReadDocument = Callable[[DocumentId], Awaitable[Reading | None]]
"""Reads a document without making it; None when it is absent."""


def digest_of(data: Any) -> str:
    """Give the SHA-256, in hex, of the JSON with sorted keys and no spaces.

    Numbers without a fraction are written without one, so that Python and JavaScript agree.
    """
    text = json.dumps(plain(data), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def plain(value: Any) -> Any:
    """Give a value as JSON has it: whole floats as ints, bytes as hex."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    return str(value)  # XML of an `open/*` document


class DocumentHandler(BaseHandler):
    """GET `/api/<kind>/<id>` and `/api/workspace` give `{lineage, seq, digest, data}`."""

    def initialize(self, read: ReadDocument, origins: Origins) -> None:
        """Take the reader of documents."""
        self._read = read
        self._origins = origins

    async def get(self, document: str) -> None:
        """Answer with the document; 404 unknown, 503 when storage fails, 500 when corrupt."""
        if not self._origins.allowed(self.request):
            return self.refuse(403, "this page is not of this server")
        try:
            reading = await self._read(parse_document_id(document))
        except UnknownKind as error:
            return self.refuse(404, str(error))
        except CorruptDocument as error:
            return self.refuse(500, str(error))
        except StorageError as error:
            return self.refuse(503, str(error))
        if reading is None:
            return self.refuse(404, f"no document {document}")
        return self.send_json(answer(reading))


def answer(reading: Reading) -> dict[str, Any]:
    """Give a reading as `/api` says it."""
    data = plain(reading.data)
    return {
        "lineage": reading.lineage.hex(),
        "seq": reading.seq,
        "digest": digest_of(data),
        "data": data,
    }


class HealthHandler(BaseHandler):
    """GET `/healthz`: 200 from the moment that documents are served, before pages are."""

    def initialize(self, health: Callable[[], dict[str, Any]]) -> None:
        """Take what tells how the server is doing."""
        self._health = health

    def get(self) -> None:
        """Answer with a few numbers."""
        self.send_json({"status": "ok", **self._health()})


class MetricsHandler(HealthHandler):
    """GET `/metrics`: the same numbers as Prometheus reads them."""

    def get(self) -> None:
        """Answer with one gauge a line."""
        self.set_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        numbers = {k: v for k, v in self._health().items() if isinstance(v, (int, float))}
        self.finish("".join(f"moim_{name} {value}\n" for name, value in numbers.items()))
