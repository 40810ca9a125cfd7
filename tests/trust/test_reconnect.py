"""All come back at once after the server was killed: soon, and with everything they had."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
from pycrdt import Map

from moim_process import MoimProcess
from moim_sync.client import SyncClient
from moim_sync.shared_document import SharedDocument

PEOPLE = 100
BACK_S = 3.0
WAIT_S = 30.0
BOARD = "open/everybody"


@pytest.fixture
def people(serve: Callable[..., MoimProcess]) -> Iterator[tuple[MoimProcess, list[SyncClient]]]:
    server = serve("--workers", "0")
    with ExitStack() as stack:
        clients = [
            stack.enter_context(SyncClient(server.url, outbox=None, name=f"p{number}"))
            for number in range(PEOPLE)
        ]
        yield server, clients


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[int(share * (len(values) - 1))]


def set_value(document: SharedDocument, key: str, value: Any) -> None:
    with document.transaction():
        document.doc.get("data", type=Map)[key] = value


@pytest.mark.trust
def test_F25_a_hundred_people_are_back_within_three_seconds_of_a_restart(
    people: tuple[MoimProcess, list[SyncClient]],
) -> None:
    server, clients = people
    boards = [client.document(BOARD, create=True) for client in clients]
    for board in boards:
        board.wait_synced(WAIT_S)
    server.kill()
    for number, board in enumerate(boards):
        set_value(board, f"p{number}", "made while the server was away")
    server.start()
    listens_s = time.monotonic()

    def back_after_s(board: SharedDocument) -> float:
        board.wait_saved(WAIT_S)
        return time.monotonic() - listens_s

    with ThreadPoolExecutor(PEOPLE) as each:
        waits_s = list(each.map(back_after_s, boards))
    for board in boards:
        board.wait_synced(WAIT_S)
    p95_s = percentile(waits_s, 0.95)
    print(f"100 people saved again after a restart: p95 {p95_s:.2f} s, all {max(waits_s):.2f} s")
    assert p95_s <= BACK_S
    saved = server.document(BOARD)["data"]["data"]
    assert set(saved) == {f"p{number}" for number in range(PEOPLE)}
