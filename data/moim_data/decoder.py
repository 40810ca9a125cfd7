"""Decodes documents in a process of its own: `python -m moim_data.decoder FILE`.

A row that kills the decoder kills that process only; the document in hand is then the one at fault,
and the next is given to another process. One name a line goes in, one JSON object a line comes out.
"""

import json
import os
import resource
import select
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from moim_data.compaction import build_snapshot
from moim_data.connection import open_reader
from moim_data.deep_stack import deepen_stack
from moim_data.document_rows import read_document
from moim_data.errors import CompactionFailed, DataError
from moim_data.snapshot_process import ending, environment
from moim_data.store import DocumentId

_POLITE = 5
_PATIENCE_S = 300.0
_MEMORY_BYTES = 4 * 1024 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Decoded:
    """SHA-256 of a document's state in hex, or what is wrong with it."""

    state: str = ""
    fault: str = ""


class Decoder:
    """Decodes the documents of a file, one after another, between `with` and its end."""

    def __init__(
        self, path: Path, *, program: tuple[str, ...] = ("-m", "moim_data.decoder")
    ) -> None:
        self._path = path
        self._program = program
        self._child: subprocess.Popen[bytes] | None = None

    def decode(self, document: DocumentId) -> Decoded:
        """Give the digest of what a server would serve; blocks for minutes at most."""
        child = self._child or self._start()
        stdin, stdout = _pipes(child)
        try:
            stdin.write(json.dumps(document).encode() + b"\n")
            stdin.flush()
        except BrokenPipeError:
            return self._died(child)
        if not select.select([stdout], [], [], _PATIENCE_S)[0]:
            self.close()
            return Decoded(fault=f"not decoded within {_PATIENCE_S:.0f} s")
        line = stdout.readline()
        return Decoded(**json.loads(line)) if line else self._died(child)

    def close(self) -> None:
        """End the process."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()
            for pipe in _pipes(child):
                pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _start(self) -> "subprocess.Popen[bytes]":
        self._child = subprocess.Popen(
            [sys.executable, *self._program, str(self._path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
        )
        return self._child

    def _died(self, child: "subprocess.Popen[bytes]") -> Decoded:
        code = child.wait()
        self.close()
        return Decoded(fault=f"decoding it ends the process with {ending(code)}")


def decode_document(path: Path, document: DocumentId) -> Decoded:
    """Read and decode a document in this process."""
    try:
        with closing(open_reader(path)) as connection:
            rows = read_document(connection, document)
        if rows is None:
            return Decoded(fault="it is not found by its name")
        updates = ((rows.snapshot.data,) if rows.snapshot else ()) + rows.tail.data
        state = build_snapshot(updates) if updates else b""
    except CompactionFailed as error:
        return Decoded(fault=str(error))
    except DataError as error:
        return Decoded(fault=str(error).removeprefix(f"{document}: "))
    return Decoded(state=sha256(state).hexdigest())


def main() -> int:
    """Answer each name on standard input, until it ends."""
    os.nice(_POLITE)
    deepen_stack()
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY_BYTES, _MEMORY_BYTES))
    path = Path(sys.argv[1])
    for line in sys.stdin:
        try:
            decoded = decode_document(path, DocumentId(json.loads(line)))
        except BaseException as error:  # noqa: BLE001  a panic of pycrdt is a finding
            decoded = Decoded(fault=f"it cannot be decoded: {error!r}"[:300])
        print(json.dumps({"state": decoded.state, "fault": decoded.fault}), flush=True)
    return 0


def _pipes(child: "subprocess.Popen[bytes]") -> tuple[IO[bytes], IO[bytes]]:
    assert child.stdin is not None
    assert child.stdout is not None
    return child.stdin, child.stdout


if __name__ == "__main__":
    sys.exit(main())
