"""What can go wrong with what is kept."""


class DataError(Exception):
    """Root of all errors of moim_data."""


class StorageError(DataError):
    """The store could not do what was asked; the message names the file and what to do."""


class StorageInUse(StorageError):
    """Another process holds the database file; `pid` is its process id, 0 if unknown."""

    def __init__(self, message: str, pid: int) -> None:
        super().__init__(message)
        self.pid = pid


class StorageReadOnly(StorageError):
    """The database file or its folder cannot be written."""


class StorageFull(StorageError):
    """The disk has no room left; nothing of the batch was kept."""


class StorageBusy(StorageError):
    """Too much waits for the disk; nothing of this was kept: read no more, hand it over again."""


class CompactionFailed(StorageError):
    """The snapshot of a document could not be made; its log is untouched and complete."""


class ReplicaReused(StorageError):
    """A server has edits of this replica that its outbox never made: the file is an old copy."""


class CorruptDocument(StorageError):
    """Rows of this document exist and cannot be read; it is not absent."""


class CorruptDatabase(StorageError):
    """The file is not a SQLite database of moim, or SQLite says it is damaged."""


class FoundDamaged(CorruptDatabase):
    """A file was checked and is not sound; the message lists what was found."""


class FileTaken(StorageError):
    """A file of this name is there, and nobody said that it may be overwritten."""


class UnknownKind(DataError):
    """The document id is malformed or names no kind of the table KINDS."""


class InvalidValue(DataError):
    """A value does not fit the schema; `path` is `root/id/field`."""

    def __init__(self, message: str, path: str) -> None:
        super().__init__(message)
        self.path = path


class SplitCharacter(InvalidValue):
    """An edit by index would begin or end inside a character; `path` says which operation."""


class UnknownEntity(DataError, LookupError):
    """The document has no entity of this id (or name); the message says what there is."""
