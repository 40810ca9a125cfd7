"""One update on its way through a room."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from moim_sync.identity import Identity
from moim_sync.prescan import Scan

if TYPE_CHECKING:
    from moim_sync.member import Member


@dataclass(slots=True)
class Edit:
    """An update that passed the pre-scan and waits to be applied."""

    author: "Member"
    update: bytes
    scan: Scan
    received_s: float
    cs: int = 0
    """The number its replica gave it; 0 on `/yjs`, which has none."""
    touched: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    """JSON of what each touched register was set to; empty, or "" where it is not told."""
    base_seq: int | None = None
    """What the author had seen; None where nobody says."""
    on_behalf_of: Identity | None = None
    """Whose edit the author brings, when it is not its own."""

    @property
    def who(self) -> Identity:
        """Give whose edit it is."""
        return self.on_behalf_of or self.author.who
