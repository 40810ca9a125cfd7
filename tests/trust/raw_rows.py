"""Reads a document out of the database file with sqlite3 and pycrdt alone.

It shares no code with `moim_data`: what it does not find, a fault of the store cannot hide.
"""

import sqlite3
from pathlib import Path
from typing import Any

import pycrdt


class RawRows:
    """The rows of a file whose server is gone."""

    def __init__(self, database: Path) -> None:
        self._db = sqlite3.connect(database)
        assert self._db.execute("PRAGMA integrity_check").fetchone() == ("ok",)

    def close(self) -> None:
        self._db.close()

    def document(self, name: str) -> pycrdt.Doc[Any]:
        """Newest snapshot, then every later update, in order."""
        doc: pycrdt.Doc[Any] = pycrdt.Doc()
        (row,) = self._db.execute("SELECT id FROM doc WHERE name = ?", [name]).fetchone() or (None,)
        if row is None:
            return doc
        upto, state = self._db.execute(
            "SELECT upto_seq, data FROM snap WHERE doc = ? ORDER BY upto_seq DESC LIMIT 1", [row]
        ).fetchone() or (0, None)
        if state is not None:
            parts = self._db.execute(
                "SELECT data FROM snap_part WHERE doc = ? AND upto_seq = ? ORDER BY part",
                [row, upto],
            )
            doc.apply_update(state + b"".join(part for (part,) in parts))
        expected = upto
        for seq, update in self._db.execute(
            "SELECT seq, data FROM upd WHERE doc = ? AND seq > ? ORDER BY seq", [row, upto]
        ):
            expected += 1
            assert seq == expected, f"{name}: update {expected} is missing, found {seq}"
            doc.apply_update(update)
        return doc

    def durable(self, name: str) -> dict[bytes, int]:
        """The highest `cs` per replica that the rows claim to hold."""
        rows = self._db.execute(
            "SELECT replica, cs FROM replica JOIN doc ON doc.id = replica.doc WHERE name = ?",
            [name],
        )
        return {bytes(replica): cs for replica, cs in rows}
