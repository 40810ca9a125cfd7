"""A real `moim serve` in its own process, started, killed and started again by tests."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parents[1]
COMMAND = (sys.executable, "-c", "import sys; from moim.cli import main; sys.exit(main())")
PYTHONPATH = os.pathsep.join(str(ROOT / folder) for folder in ("data", "sync", "dashboard"))


def free_port() -> int:
    """A port of the loopback that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class MoimProcess:
    """One server on one port and one database file; it may be killed and started again."""

    health = "/healthz"

    def __init__(
        self,
        folder: Path,
        port: int,
        *options: str,
        command: Sequence[str] = COMMAND,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.port = port
        self.database = folder / "moim.db"
        self.log = folder / "server.log"
        self.url = f"http://127.0.0.1:{port}"
        self._arguments = [
            *command,
            *("serve", "--host", "127.0.0.1", "--port", str(port), "--db", str(self.database)),
            *options,
        ]
        self._env = dict(env) if env is not None else {**os.environ, "PYTHONPATH": PYTHONPATH}
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def spawn(self) -> "subprocess.Popen[bytes]":
        """Starts the process without waiting for it to answer."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._arguments,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._env,
                cwd=self.folder,
                start_new_session=True,
            )
        return self.process

    def start(self, deadline_s: float = 20) -> None:
        """Starts the process and waits until it answers 200."""
        self.spawn()
        self.wait_started(deadline_s)

    def wait_started(self, deadline_s: float = 20) -> None:
        """Waits until the process answers 200."""
        process = self.process
        assert process is not None
        ends_at = time.monotonic() + deadline_s
        while not self._healthy():
            if process.poll() is not None:
                raise AssertionError(f"moim serve ended with {process.returncode}:\n{self.text()}")
            if time.monotonic() > ends_at:
                self.kill()
                raise AssertionError(
                    f"no answer from {self.health} in {deadline_s} s:\n{self.text()}"
                )
            time.sleep(0.02)

    def _healthy(self) -> bool:
        try:
            return self.get(self.health, timeout_s=2)[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def stop(self, deadline_s: float = 15) -> int | None:
        """Ends the process as a supervisor would (SIGTERM) and gives its exit code."""
        if self.process is None or self.process.poll() is not None:
            return None if self.process is None else self.process.returncode
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(deadline_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"SIGTERM did not end moim serve in {deadline_s} s") from None

    def kill(self) -> None:
        """Ends the process as a power cut would (SIGKILL)."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def get(
        self, path: str, headers: Mapping[str, str] | None = None, timeout_s: float = 10
    ) -> tuple[int, bytes]:
        """One GET on a connection of its own; gives status and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)
        try:
            connection.request("GET", path, headers=dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def document(self, document: str) -> dict[str, Any]:
        """What `/api/<document>` says: lineage, seq, digest and data."""
        status, body = self.get(f"/api/{document}")
        assert status == 200, f"/api/{document} answered {status}: {body[:300]!r}"
        answer: dict[str, Any] = json.loads(body)
        return answer

    def text(self, tail_bytes: int = 8000) -> str:
        """The end of what the process printed."""
        return self.log.read_bytes()[-tail_bytes:].decode("utf-8", "replace")


class PanelProcess(MoimProcess):
    """`panel serve FILE --plugins moim.plugin`: hub and pages in one process."""

    def __init__(self, folder: Path, port: int, app: Path) -> None:
        super().__init__(folder, port)
        self.health = f"/{app.stem}"
        self._arguments = [
            *(sys.executable, "-m", "panel", "serve", str(app), "--plugins", "moim.plugin"),
            *("--address", "127.0.0.1", "--port", str(port)),
        ]
        self._env["MOIM_DB"] = str(self.database)
