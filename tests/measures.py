"""What the tests measure of moim's promises, added up over one run of pytest and told at its end.

Three numbers, as the design says them: connection stability is connected time over wanted time in
runs with faults; consistency is the share of quiet points at which all copies were equal; the
offline queue is how many edits, made with or without a connection, were lost of how many.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

STABILITY_TARGET = 0.99
EDITS_TARGET = 100_000


@dataclass(slots=True)
class Measures:
    """Counts so far; nothing is measured where no test has added anything."""

    connected_s: float = 0.0
    wanted_s: float = 0.0
    equal: int = 0
    quiet_points: int = 0
    kept: int = 0
    edits: int = 0
    kills: int = 0
    wrong_messages: int = 0
    seeds: list[str] = field(default_factory=list)

    def connection(self, connected_s: float, wanted_s: float) -> None:
        """A client wanted to be connected for so long, and was."""
        self.connected_s += connected_s
        self.wanted_s += wanted_s

    def quiet_point(self, digests: Iterable[object]) -> bool:
        """All is sent and heard: whether all copies are equal."""
        same = len(set(digests)) == 1
        self.quiet_points += 1
        self.equal += same
        return same

    def queue(self, kept: int, edits: int) -> None:
        """So many edits were found again of so many that were made or acknowledged."""
        self.kept += kept
        self.edits += edits

    def lines(self) -> list[str]:
        """Say what was measured, with its target."""
        lines = []
        if self.wanted_s:
            share = self.connected_s / self.wanted_s
            lines.append(
                f"connection stability  {share:.2%} (connected {self.connected_s:.0f} s of "
                f"{self.wanted_s:.0f} s wanted, under faults; target {STABILITY_TARGET:.0%})"
            )
        if self.quiet_points:
            share = self.equal / self.quiet_points
            lines.append(
                f"consistency           {share:.2%} ({self.equal} of {self.quiet_points} quiet "
                "points with equal copies; target 100%)"
            )
        if self.edits:
            lost = self.edits - self.kept
            lines.append(
                f"offline queue         {lost} lost of {self.edits} edits (target 0 of "
                f"{EDITS_TARGET} or more)"
            )
        if self.kills:
            lines.append(f"                      over {self.kills} SIGKILLs of the server")
        if self.wrong_messages:
            lines.append(f"wrong messages        {self.wrong_messages} survived")
        return lines + [f"seeds                 {seed}" for seed in self.seeds]
