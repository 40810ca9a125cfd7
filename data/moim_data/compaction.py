"""Builds a verified snapshot of one document: `python -m moim_data.compaction FILE DOCUMENT`.

Runs in a process of its own, because pycrdt holds the GIL for as long as it works, and because a
row that kills the decoder must kill nothing else. It reads the file through a connection that
cannot write, and answers on standard output; the store does the writing. See `snapshot_process`.

A snapshot is believed when two ways lead to the same bytes: the updates applied one by one, and the
updates merged as bytes and applied at once; each is then written, loaded into a fresh document and
written again, which joins blocks that only history kept apart. A gap in the log (an update whose
predecessor is missing) is refused, since the CRDT would leave what follows it out of the snapshot.
"""

import os
import resource
import sys
from collections.abc import Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

from pycrdt import Doc, get_update, merge_updates

from moim_data.connection import open_read_only
from moim_data.deep_stack import deepen_stack
from moim_data.document_rows import read_document
from moim_data.errors import CompactionFailed, DataError
from moim_data.snapshot_process import NOTHING_TO_DO, encode_answer
from moim_data.snapshots import Snapshot
from moim_data.store import DocumentId

_POLITE = 5
_MERGED_AT_ONCE = 50
_CPU_LIMIT_S = 240


def build_snapshot(updates: Sequence[bytes]) -> bytes:
    """Give one update that holds what these do, in order; raises CompactionFailed.

    Args:
        updates: at least one Yjs V1 update, a snapshot first if there is one.
    """
    merged = _merged(updates)
    at_once = _loaded([merged])
    # First, since applying a log with gaps one by one takes the square of its length.
    if get_update(merged, at_once.get_state())[:1] != b"\x00":
        raise CompactionFailed("the log has a gap: an update depends on one that is not there")
    snapshot = _normal(_loaded(updates))
    if sha256(snapshot).digest() != sha256(_normal(at_once)).digest():
        raise CompactionFailed("the snapshot does not hold what the log holds")
    if _loaded([snapshot]).get_update() != snapshot:
        raise CompactionFailed("the snapshot does not load as it was written")
    return snapshot


def compact_file(path: Path, document: DocumentId) -> bytes:
    """Give the answer for the store: see `snapshot_process.encode_answer`."""
    with closing(open_read_only(path)) as connection:
        rows = read_document(connection, document)
    if rows is None:
        raise CompactionFailed(f"{document} does not exist")
    if not rows.tail.data:
        return NOTHING_TO_DO
    base = rows.snapshot
    data = build_snapshot(((base.data,) if base else ()) + rows.tail.data)
    return encode_answer(Snapshot(rows.seq, data), base.upto_seq if base else 0)


def main() -> int:
    """Answer on standard output; 1 and a line on standard error when there is no snapshot."""
    os.nice(_POLITE)
    deepen_stack()
    # The store may have been killed: nobody would end us then.
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_LIMIT_S, _CPU_LIMIT_S))
    try:
        answer = compact_file(Path(sys.argv[1]), DocumentId(sys.argv[2]))
    except DataError as error:
        print(error, file=sys.stderr)
        return 1
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
    return 0


def _merged(updates: Sequence[bytes]) -> bytes:
    # In small groups, then the groups: merging many at once takes the square of their number.
    while len(updates) > 1:
        groups = range(0, len(updates), _MERGED_AT_ONCE)
        updates = [merge_updates(*updates[first : first + _MERGED_AT_ONCE]) for first in groups]
    return updates[0]


def _loaded(updates: Sequence[bytes]) -> "Doc[Any]":
    document: Doc[Any] = Doc()
    for update in updates:
        document.apply_update(update)
    return document


def _normal(document: "Doc[Any]") -> bytes:
    return _loaded([document.get_update()]).get_update()


if __name__ == "__main__":
    sys.exit(main())
