"""Servers with the demo's documents, started ahead of the tests that take them."""

import pytest

from moim_process import MoimProcess, free_port


class Demos:
    """Servers with the demo's documents; the next one starts while a test has the one before.

    They have no page workers: starting Panel takes seconds of CPU.
    """

    def __init__(self, folders: pytest.TempPathFactory) -> None:
        self._folders = folders
        self._next = self._spawned()

    def take(self) -> MoimProcess:
        """Gives a server that nobody has used, started."""
        server, self._next = self._next, self._spawned()
        server.wait_started()
        return server

    def close(self) -> None:
        self._next.kill()

    def _spawned(self) -> MoimProcess:
        server = MoimProcess(self._folders.mktemp("moim"), free_port(), "--demo", "--workers", "0")
        server.spawn()
        return server
