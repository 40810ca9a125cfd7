"""Tests of rooms run on asyncio, through anyio's pytest plugin; clients get a hub in a thread."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from client_documents import Connect
from client_rig import HubThread
from moim_sync.client import SyncClient


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def hub() -> Iterator[HubThread]:
    made = HubThread()
    yield made
    made.close()


@pytest.fixture
def connect(hub: HubThread) -> Iterator[Connect]:
    made: list[SyncClient] = []

    def client(outbox: Path | None = None, **options: Any) -> SyncClient:
        made.append(SyncClient(hub.url, outbox=outbox, **options))
        return made[-1]

    yield client
    for one in made:
        one.close()
