"""What every opened document of a workspace can do, whatever is in it."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from moim_sync.client_presence import DocumentPresence
from moim_sync.shared_document import SharedDocument


class SharedView:
    """A document that others have open as well: what is set here is in every browser."""

    document: SharedDocument

    @property
    def id(self) -> str:
        """Its id among the documents of its kind, as in the address."""
        return self.document.id.partition("/")[2]

    def transaction(self) -> AbstractContextManager[None]:
        """Make several edits one: others see all of them at once, and one PUSH carries them."""
        return self.document.transaction()

    def watch(self, notify: Callable[[], None]) -> Callable[[], None]:
        """Call `notify` after changes, at most every 50 ms, on a thread of ours; give its end."""
        return self.document.watch(notify)

    def wait_saved(self, timeout_s: float = 5.0) -> None:
        """Wait until every edit is on the server's disk; see SharedDocument.wait_saved."""
        self.document.wait_saved(timeout_s)

    @property
    def pending(self) -> int:
        """The number of edits that are not yet on the server's disk."""
        return self.document.pending

    @property
    def presence(self) -> DocumentPresence:
        """Who else has it open."""
        return self.document.presence
