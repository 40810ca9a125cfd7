"""A document of a client whose changes are taken, also over a change of its lineage."""

from moim_data.documents.shape import DocumentShape
from moim_sync.document_changes import Change, Content, DocumentChanges, changes_between
from moim_sync.shared_document import SharedDocument


class Followed:
    """Gives what changed since the last look; nothing before the server gave the document once."""

    def __init__(self, shared: SharedDocument, shape: DocumentShape) -> None:
        self.shared = shared
        self._shape = shape
        self._changes: DocumentChanges | None = None
        self._doc: object = None
        self.is_synced = False
        """As of the last look."""

    @property
    def content(self) -> Content | None:
        """The document as of the last look; None before the first that found one."""
        return self._changes.content if self._changes else None

    def take(self) -> list[Change]:
        """Look. A document of another lineage is compared as a whole."""
        with self.shared.lock:
            self.is_synced = self.shared.is_synced
            if self._changes is not None and self._doc is self.shared.doc:
                return self._changes.take()
            if not self.is_synced:
                return []
            former = self.content
            if self._changes is not None:
                self._changes.close()
            self._changes = DocumentChanges(self._shape, self.shared.doc)
            self._doc = self.shared.doc
            now = self._changes.content
            return changes_between(former, now, self._shape) if former is not None else []
