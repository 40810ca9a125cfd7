"""The process that builds a snapshot, seen from the store.

The answer is the sequence number the snapshot reaches, the one of the snapshot
it was built on, a hash and the bytes. Nothing else is shared, so a process that dies leaves the log
as it was.
"""

import os
import signal
import struct
import subprocess
import sys
import threading
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import moim_data
from moim_data.errors import CompactionFailed
from moim_data.snapshots import Snapshot
from moim_data.store import DocumentId

NOTHING_TO_DO = b""
"""The answer when no update follows the newest good snapshot."""

_HEAD = struct.Struct(">QQ32s")
_PATIENCE_S = 300.0


@dataclass(frozen=True, slots=True)
class BuiltSnapshot:
    """A verified snapshot; `base_seq` is where the good snapshot it was built on ends, or 0."""

    snapshot: Snapshot
    base_seq: int


class SnapshotProcess:
    """Runs one such process at a time for one file."""

    def __init__(self, path: Path, *, program: tuple[str, ...] = ("-m", "moim_data.compaction")):
        self._path = path
        self._program = program
        self._mutex = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def build(self, document: DocumentId) -> BuiltSnapshot | None:
        """Give a snapshot, None when nothing is new; blocks. Raises CompactionFailed."""
        child = self._start(document)
        try:
            answer, complaint = child.communicate(timeout=_PATIENCE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
            raise CompactionFailed(f"{document}: no snapshot within {_PATIENCE_S:.0f} s") from None
        finally:
            self._child = None
        if child.returncode != 0:
            raise CompactionFailed(
                f"{document}: the snapshot process ended with {ending(child.returncode)}: "
                f"{_last_line(complaint)}; the log is complete and goes on growing"
            )
        return decode_answer(document, answer)

    def stop(self) -> None:
        """Kill the process that runs, if any, and start no other."""
        with self._mutex:
            self._stopped = True
            if self._child is not None:
                self._child.kill()

    def _start(self, document: DocumentId) -> "subprocess.Popen[bytes]":
        with self._mutex:
            if self._stopped:
                raise CompactionFailed(f"{document}: the store is closed")
            self._child = subprocess.Popen(
                [sys.executable, *self._program, str(self._path), document],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment(),
            )
            return self._child


def encode_answer(snapshot: Snapshot, base_seq: int) -> bytes:
    """Write what `decode_answer` reads."""
    digest = sha256(snapshot.data).digest()
    return _HEAD.pack(snapshot.upto_seq, base_seq, digest) + snapshot.data


def decode_answer(document: DocumentId, answer: bytes) -> BuiltSnapshot | None:
    """Read the answer of the process; raises CompactionFailed when it is not whole."""
    if answer == NOTHING_TO_DO:
        return None
    data = answer[_HEAD.size :]
    if len(answer) < _HEAD.size:
        raise CompactionFailed(f"{document}: the snapshot process answered {len(answer)} bytes")
    upto_seq, base_seq, digest = _HEAD.unpack_from(answer)
    if sha256(data).digest() != digest:
        raise CompactionFailed(f"{document}: the answer of the snapshot process is damaged")
    return BuiltSnapshot(Snapshot(upto_seq, data), base_seq)


def environment() -> dict[str, str]:
    """Give the environment in which a child of ours finds this package."""
    # The child must find the same package, also when it is not installed but on our path.
    root = str(Path(moim_data.__file__).parent.parent)
    known = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([root, known] if known else [root])}


def ending(code: int) -> str:
    """Say in words how a process ended."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def _last_line(complaint: bytes) -> str:
    lines = complaint.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "without a word"
