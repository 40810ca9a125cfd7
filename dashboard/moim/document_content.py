"""A document as JSON. `python -m moim.document_content <id>` reads an update and writes the JSON.

Turning a document into values holds the GIL: 1 ms for 40 kB, 0.7 s for 10,000 cards. So the hub
does it itself for small documents only, and has a process of its own do it for others.
"""

import hashlib
import json
import os
import sys
from typing import Any

from pycrdt import Array, Doc, Map, Text

from moim_data.documents.kinds import kind_of, parse_document_id
from moim_data.documents.shape import shape_of
from moim_data.store import DocumentId

_NICE = 10


def content_json(document: DocumentId, update: bytes) -> bytes:
    """Give `{"digest": ..., "data": ...}` of a document whose whole state is `update`."""
    data = plain(values_of(document, update))
    return _json({"digest": digest_of(data), "data": data})


def values_of(document: DocumentId, update: bytes) -> dict[str, Any]:
    """Give root maps by name, texts as strings; a root of `open/*` as what it looks like."""
    doc: Doc[Any] = Doc()
    doc.apply_update(update)
    shape = shape_of(kind_of(document).name)
    if shape is not None:
        return {name: doc.get(name, type=Map).to_py() or {} for name in shape.roots}
    return {name: _untyped_root(doc, name) for name in sorted(doc.keys())}


def _untyped_root(doc: "Doc[Any]", name: str) -> Any:
    """An update does not say what a root is; the reading that shows something is the one."""
    return (
        doc.get(name, type=Map).to_py()
        or doc.get(name, type=Text).to_py()
        or doc.get(name, type=Array).to_py()
        or {}
    )


def digest_of(data: Any) -> str:
    """Give the SHA-256, in hex, of the JSON with sorted keys and no spaces.

    Numbers without a fraction are written without one, so that Python and JavaScript agree.
    """
    return hashlib.sha256(_json(plain(data))).hexdigest()


def plain(value: Any) -> Any:
    """Give a value as JSON has it: whole floats as ints, bytes as hex, anything else as text."""
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
    return str(value)


def _json(value: Any) -> bytes:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.encode()


def main() -> None:
    """Read an update from stdin, write the JSON to stdout."""
    os.nice(_NICE)
    document = parse_document_id(sys.argv[1])
    sys.stdout.buffer.write(content_json(document, sys.stdin.buffer.read()))


if __name__ == "__main__":
    main()
