"""One process per file.

The lock is an advisory `flock` on a side file, not a pid file: the kernel lets go of it however the
process ends, so `kill -9` leaves nothing stale. The pid inside is only there to be told to people.
The side file is never removed, because two processes could then lock two files of one name.
"""

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from moim_data.errors import StorageError, StorageInUse, StorageReadOnly


class FileLock:
    """Holds `<path>.lock` from construction to `close`.

    Raises StorageInUse when another process holds it, StorageReadOnly when it cannot be made,
    StorageError when the folder does not exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(path.name + ".lock")
        self._descriptor = self._open(path)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = self._holder()
            os.close(self._descriptor)
            raise StorageInUse(
                f"{path} is in use by process {pid or '(unknown)'}: "
                "stop that one first, or name another file",
                pid,
            ) from None
        os.ftruncate(self._descriptor, 0)
        # On a full disk the lock holds all the same, only its holder stays unnamed.
        with suppress(OSError):
            os.pwrite(self._descriptor, b"%d\n" % os.getpid(), 0)

    def close(self) -> None:
        """Let go of the file; closing twice is harmless."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _open(self, path: Path) -> int:
        try:
            return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except FileNotFoundError as error:
            raise StorageError(
                f"the folder of {path} does not exist: make it, or name another file"
            ) from error
        except OSError as error:
            raise StorageReadOnly(
                f"{path} cannot be used, because its lock {self._path} cannot be written "
                f"({error.strerror}): make the folder writable, or name a file elsewhere"
            ) from error

    def _holder(self) -> int:
        text = os.pread(self._descriptor, 32, 0).strip()
        return int(text) if text.isdigit() else 0
