"""What became of a file: everything found in it is made, updated, unchanged, or listed with why."""

from dataclasses import asdict, dataclass, field
from typing import Any, Final

LISTED: Final = 200
"""Lines of the report that people read; `--json` gives all."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One thing that did not come in."""

    where: str
    """The line of the file, or the id in it."""
    title: str
    reason: str


@dataclass(slots=True)
class Report:
    """The sum of an import: `found == made + updated + unchanged + len(left_out)`."""

    what: str = "events"
    """What is counted."""
    document: str = ""
    name: str = ""
    found: int = 0
    made: int = 0
    updated: int = 0
    unchanged: int = 0
    left_out: list[LeftOut] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def leave_out(self, where: str, title: str, reason: str) -> None:
        """List something that does not come in."""
        self.left_out.append(LeftOut(where, shown(title), reason))

    def note(self, text: str) -> None:
        """Say something that people should know, once."""
        if text not in self.notes:
            self.notes.append(text)

    @property
    def adds_up(self) -> bool:
        """True when nothing was lost without a word."""
        return self.found == self.made + self.updated + self.unchanged + len(self.left_out)

    def to_dict(self) -> dict[str, Any]:
        """Give what `--json` prints."""
        return asdict(self)

    def lines(self) -> list[str]:
        """Give it for people."""
        lines = [
            f"{self.document}: {shown(self.name)}" if self.name else self.document,
            f"  {self.what} found {self.found}: made {self.made}, updated {self.updated}, "
            f"unchanged {self.unchanged}, left out {len(self.left_out)}",
        ]
        lines += [
            f"  left out: {one.where} {one.title!r}: {one.reason}" for one in self.left_out[:LISTED]
        ]
        if len(self.left_out) > LISTED:
            lines.append(f"  ... and {len(self.left_out) - LISTED} more; --json lists all")
        lines += [f"  note: {shown(note, 400)}" for note in self.notes]
        return lines


def shown(text: str, most: int = 80) -> str:
    """Give text that fits into a line of a report and does nothing to a terminal."""
    clean = "".join(char if char.isprintable() else " " for char in text[: most + 1])
    return clean if len(text) <= most else clean[: most - 1] + "…"
