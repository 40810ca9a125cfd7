"""Servers inside the test's own loop, for parts that need no whole `moim serve`; and the command
for examples of pages."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPResponse
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

from moim_process import COMMAND, PYTHONPATH

Listen = Callable[[Application], Awaitable[str]]
Fetch = Callable[..., Awaitable[HTTPResponse]]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def listen() -> AsyncIterator[Listen]:
    """Serves an application on a free port and gives its address."""
    async with AsyncExitStack() as stack:

        async def start(application: Application) -> str:
            server = HTTPServer(application)
            sockets = bind_sockets(0, "127.0.0.1")
            server.add_sockets(sockets)
            stack.push_async_callback(server.close_all_connections)
            stack.callback(server.stop)
            return f"http://127.0.0.1:{sockets[0].getsockname()[1]}"

        yield start


@pytest.fixture
def fetch() -> Fetch:
    """One request; answers of any status are given back, bodies as they were sent."""

    async def ask(url: str, **options: Any) -> HTTPResponse:
        client = AsyncHTTPClient(force_instance=True)
        try:
            return await client.fetch(url, raise_error=False, decompress_response=False, **options)
        finally:
            client.close()

    return ask


@pytest.fixture
def with_moim(tmp_path: Path) -> dict[str, str]:
    """An environment in which `moim` is this program."""
    folder = tmp_path / "bin"
    folder.mkdir()
    command = " ".join(f"'{word}'" for word in COMMAND)
    (folder / "moim").write_text(f'#!/bin/sh\nexec {command} "$@"\n')
    (folder / "moim").chmod(0o755)
    return {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "PYTHONPATH": PYTHONPATH}
