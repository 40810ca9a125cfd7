"""Inserts many rows in few steps.

Not `executemany`: SQLite is entered once a row there, and each entry lets go of the GIL, which a
busy event loop gives back only after 5 ms. A hundred rows would take half a second of waiting.
"""

import sqlite3
from collections.abc import Sequence

_ROWS_AT_ONCE = (64, 8, 1)
"""Few sizes, so that SQLite's prepared statements are used again."""


class RowInsert:
    """An INSERT of any number of rows.

    Args:
        head: `INSERT INTO table(columns)`.
        columns: how many columns that names.
        tail: what follows the values, such as ` ON CONFLICT ...`.
    """

    def __init__(self, head: str, columns: int, tail: str = "") -> None:
        one = f"({','.join('?' * columns)})"
        self._statements = {
            size: f"{head} VALUES {','.join([one] * size)}{tail}" for size in _ROWS_AT_ONCE
        }

    def insert(self, connection: sqlite3.Connection, rows: Sequence[tuple[object, ...]]) -> None:
        """Insert the rows, in order; inside the caller's transaction."""
        first = 0
        for size, statement in self._statements.items():
            while len(rows) - first >= size:
                values = [value for row in rows[first : first + size] for value in row]
                connection.execute(statement, values)
                first += size
