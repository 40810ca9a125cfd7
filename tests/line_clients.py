"""Clients on the far side of a bad line, of every kind: what one suite asks of all of them.

Kinds: the Python client over a WebSocket, and the browser's client (its TypeScript, in Node) over a
WebSocket and over long polling.
"""

import json
import os
import subprocess
import threading
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from queue import Queue
from typing import Any, Protocol

from pycrdt import Map

from client_documents import values, wait_until
from moim_process import ROOT
from moim_sync.client import SyncClient
from moim_sync.errors import DocumentRefused
from moim_sync.shared_document import SharedDocument
from peers.peer_process import node

FRONTEND = ROOT / "dashboard" / "frontend"
ANSWER_S = 20.0


class LineDocument(Protocol):
    """A document of one client."""

    @property
    def pending(self) -> int:
        """How many edits are not acknowledged."""

    @property
    def is_synced(self) -> bool:
        """True while the server sends what others do."""

    def set(self, **new: object) -> None:
        """Makes one edit."""

    def values(self) -> dict[str, Any]:
        """What is there."""

    def wait_until(self, condition: Callable[[], bool], timeout_s: float) -> None:
        """Waits for a change that makes it true."""

    def wait_refused(self, timeout_s: float) -> str:
        """Waits until the server does not give it; gives why."""


class LineClient(Protocol):
    """A client of `/sync` that comes back by itself."""

    @property
    def is_connected(self) -> bool:
        """True from WELCOME until the connection is given up."""

    def document(self, name: str, *, create: bool = False) -> LineDocument:
        """Opens a document, or gives the one that is open."""

    def close(self) -> None:
        """Ends it."""


class PythonClient:
    """The Python client."""

    def __init__(self, url: str) -> None:
        self._client = SyncClient(url, outbox=None)
        self._documents: dict[str, PythonDocument] = {}

    @property
    def is_connected(self) -> bool:
        return self._client.status in ("live", "syncing")

    def document(self, name: str, *, create: bool = False) -> "PythonDocument":
        if name not in self._documents:
            shared = self._client.document(name, create=create)
            self._documents[name] = PythonDocument(shared)
        return self._documents[name]

    def close(self) -> None:
        self._client.close()


class PythonDocument:
    def __init__(self, shared: SharedDocument) -> None:
        self._shared = shared

    @property
    def pending(self) -> int:
        return self._shared.pending

    @property
    def is_synced(self) -> bool:
        return self._shared.is_synced

    def set(self, **new: object) -> None:
        with self._shared.transaction():
            self._shared.doc.get("data", type=Map).update(new)

    def values(self) -> dict[str, Any]:
        return values(self._shared)

    def wait_until(self, condition: Callable[[], bool], timeout_s: float) -> None:
        wait_until(self._shared, condition, timeout_s)

    def wait_refused(self, timeout_s: float) -> str:
        try:
            self._shared.wait_synced(timeout_s)
        except DocumentRefused as refused:
            return str(refused)
        raise AssertionError("the document was not refused")


class CoreProcess:
    """Clients of the browser's core in one Node process (`frontend/testing/line_clients.ts`)."""

    def __init__(self, folder: Path) -> None:
        program = folder / "line_clients.cjs"
        build = [str(FRONTEND / "node_modules" / ".bin" / "esbuild"), "testing/line_clients.ts"]
        options = ["--bundle", "--platform=node", "--format=cjs", "--log-level=warning"]
        path = {"PATH": f"{Path(node()).parent}{os.pathsep}{os.environ['PATH']}"}
        subprocess.run(
            [*build, *options, f"--outfile={program}"],
            cwd=FRONTEND,
            env=os.environ | path,
            check=True,
            timeout=60,
        )
        self.states: dict[int, dict[str, Any]] = {}
        self.changed = threading.Condition()
        self._numbers = count(1)
        self._asking = threading.Lock()
        self._answers: Queue[Any] = Queue(1)
        self._process = subprocess.Popen(
            [node(), str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def connect(self, url: str, transport: str) -> "CoreClient":
        """Makes a client that goes over nothing else."""
        number = next(self._numbers)
        self.tell(number, "connect", url.replace("http", "ws", 1) + "/sync", transport)
        return CoreClient(self, number)

    def tell(self, client: int, deed: str, *details: object) -> Any:
        """Gives what the process answers."""
        with self._asking:
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps([client, deed, *details]) + "\n")
            self._process.stdin.flush()
            return self._answers.get(timeout=ANSWER_S)

    def close(self) -> None:
        """Ends the process, and all clients with it."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            said = json.loads(line)
            if "client" in said:
                with self.changed:
                    self.states[said["client"]] = said["state"]
                    self.changed.notify_all()
            else:
                self._answers.put(said["answer"])


class CoreClient:
    """One client of the browser's core."""

    def __init__(self, process: CoreProcess, number: int) -> None:
        self.process = process
        self._number = number

    @property
    def state(self) -> Mapping[str, Any]:
        return self.process.states[self._number]

    @property
    def is_connected(self) -> bool:
        return bool(self.state["phase"] == "connected")

    def tell(self, deed: str, *details: object) -> Any:
        return self.process.tell(self._number, deed, *details)

    def document(self, name: str, *, create: bool = False) -> "CoreDocument":
        self.tell("open", name, create)
        return CoreDocument(self, name)

    def close(self) -> None:
        self.tell("close")


class CoreDocument:
    def __init__(self, client: CoreClient, name: str) -> None:
        self._client = client
        self._name = name

    @property
    def pending(self) -> int:
        return int(self._state["pending"])

    @property
    def is_synced(self) -> bool:
        return bool(self._state["live"])

    def set(self, **new: object) -> None:
        self._client.tell("set", self._name, new)

    def values(self) -> dict[str, Any]:
        return dict(self._client.tell("values", self._name))

    def wait_until(self, condition: Callable[[], bool], timeout_s: float) -> None:
        changed = self._client.process.changed
        ends = threading.Event()
        timer = threading.Timer(timeout_s, ends.set)
        timer.start()
        try:
            while not condition():
                assert not ends.is_set(), self._client.state
                with changed:
                    changed.wait(0.1)
        finally:
            timer.cancel()

    def wait_refused(self, timeout_s: float) -> str:
        self.wait_until(lambda: self._state["missing"] is not None, timeout_s)
        return str(self._state["missing"])

    @property
    def _state(self) -> Mapping[str, Any]:
        state: Mapping[str, Any] = self._client.state["documents"][self._name]
        return state
