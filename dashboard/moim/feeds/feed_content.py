"""A feed as iCalendar. `python -m moim.feeds.feed_content <what it shows>` reads a line of JSON and
the documents' updates, one after another, and writes the file.
"""

import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from moim.document_content import plain, values_of
from moim_data.formats.ical_feed import Shown, write_feed
from moim_data.store import DocumentId

_NICE = 10
Entry = dict[str, Any]


def packed(
    name: str,
    address: str,
    documents: Sequence[tuple[DocumentId, Entry, bytes]],
    left_out: Sequence[DocumentId] = (),
) -> bytes:
    """Give what `main` reads: names, and each document with its entry and its whole state."""
    shown = [[document, entry, len(update)] for document, entry, update in documents]
    line = json.dumps(
        {"name": name, "address": address, "documents": shown, "left_out": list(left_out)}
    )
    return b"".join([line.encode(), b"\n", *(update for *_, update in documents)])


def feed_file(shows: str, data: bytes) -> bytes:
    """Give the file of a feed from what `packed` gave."""
    line, _, updates = data.partition(b"\n")
    asked = json.loads(line)
    shown, at = [], 0
    for document, entry, size_bytes in asked["documents"]:
        update = updates[at : at + size_bytes]
        shown.append(Shown(document, entry, plain(values_of(document, update))))
        at += size_bytes
    return write_feed(shows, asked["name"], shown, asked["address"], asked["left_out"])


def main() -> None:
    """Read the documents from stdin, write the file to stdout."""
    os.nice(_NICE)
    sys.stdout.buffer.write(feed_file(sys.argv[1], sys.stdin.buffer.read()))


if __name__ == "__main__":
    main()
