"""A change of a document, as programs read it from the log."""

from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Change:
    """A change as a program has it: what somebody set a register to."""

    seq: int
    at_ms: int
    actor: str
    path: str
    value: Any = None
    """As plain values; None for what is gone, and where it was not kept."""

    @classmethod
    def read(cls, row: dict[str, Any]) -> Self:
        """Read one of an answer's changes."""
        return cls(row["seq"], row["at_ms"], row["actor"], row["path"], row.get("value"))
