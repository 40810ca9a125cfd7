"""A real `moim watch` in its own process, whose lines tests wait for."""

import json
import os
import queue
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from moim_process import COMMAND, PYTHONPATH

DEADLINE_S = 15.0


class Program:
    """A process; use it in `with`. `said` are lines of stderr, `told` those of stdout."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        folder: Path,
        env: Mapping[str, str],
        stdout: int = subprocess.PIPE,
    ) -> None:
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            env=dict(env),
            cwd=folder,
        )
        assert self.process.stderr is not None
        self._told = _lines(self.process.stdout) if self.process.stdout else queue.Queue()
        self._said = _lines(self.process.stderr)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.kill()
        self.process.wait()

    def told(self) -> str:
        """The next line about a change."""
        return _next(self._told)

    def told_json(self) -> dict[str, Any]:
        """The next line about a change, read as JSON."""
        change: dict[str, Any] = json.loads(self.told())
        return change

    def said(self, words: str) -> str:
        """The next line about the connection that holds these words."""
        while words not in (line := _next(self._said)):
            pass
        return line

    def rest(self) -> str:
        """What it has said besides, once it has ended."""
        lines: list[bytes] = []
        while (line := self._said.get(timeout=DEADLINE_S)) is not None:
            lines.append(line)
        return b"\n".join(lines).decode()

    def interrupt(self) -> int:
        """Ends it as Ctrl-C does; gives the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(DEADLINE_S)

    def ended(self) -> int:
        """Waits until it ends by itself; gives the exit code."""
        return self.process.wait(DEADLINE_S)


class WatchProcess(Program):
    """`moim watch DOCUMENT`."""

    def __init__(
        self,
        url: str,
        document: str,
        *flags: str,
        folder: Path,
        env: Mapping[str, str] | None = None,
        stdout: int = subprocess.PIPE,
    ) -> None:
        super().__init__(
            [*COMMAND, "watch", document, "--url", url, *flags],
            folder=folder,
            env={**os.environ, "PYTHONPATH": PYTHONPATH, **(env or {})},
            stdout=stdout,
        )


def _next(lines: "queue.Queue[bytes | None]") -> str:
    line = lines.get(timeout=DEADLINE_S)
    assert line is not None, "it has ended"
    return line.decode()


def _lines(stream: IO[bytes]) -> "queue.Queue[bytes | None]":
    """The lines as they come; None at the end."""
    lines: queue.Queue[bytes | None] = queue.Queue()

    def read() -> None:
        for line in stream:
            lines.put(line.rstrip(b"\n"))
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    return lines
