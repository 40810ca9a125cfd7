"""`/metrics`: every number that the page names, moved by what it counts."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from client_documents import set_value
from moim.metrics import Metrics
from moim_data.writer import Waiting
from moim_process import MoimProcess
from moim_sync.client import SyncClient
from moim_sync.counters import Counters

ROOT = Path(__file__).parents[2]
Serve = Callable[..., MoimProcess]
WAIT_S = 15.0


def samples(text: str) -> dict[str, float]:
    """Each sample by its name and labels."""
    return {
        sample.name + "".join(f"{{{value}}}" for _, value in sorted(sample.labels.items())): (
            sample.value
        )
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def read(server: MoimProcess) -> dict[str, float]:
    status, body = server.get("/metrics")
    assert status == 200
    return samples(body.decode())


def read_until(server: MoimProcess, condition: Callable[[dict[str, float]], bool]) -> None:
    ends_at = time.monotonic() + WAIT_S
    while not condition(page := read(server)):
        assert time.monotonic() < ends_at, page


@pytest.fixture
def server(serve: Serve) -> MoimProcess:
    return serve("--workers", "0")


@pytest.fixture
def client(server: MoimProcess) -> Iterator[SyncClient]:
    with SyncClient(server.url, outbox=None) as connected:
        yield connected


def test_edits_move_the_numbers(server: MoimProcess, client: SyncClient) -> None:
    before = read(server)
    shared = client.document("open/counted", create=True)
    for number in range(5):
        set_value(shared, "key", number)
        shared.wait_saved(WAIT_S)
    after = read(server)
    for name in ("moim_updates_total", "moim_flushes_total", "moim_ack_seconds_count"):
        assert after[name] - before[name] == 5, name
    assert after["moim_flush_seconds_bucket{+Inf}"] == after["moim_flush_seconds_count"] >= 5
    assert 0 < after["moim_ack_seconds_sum"] < 5 * WAIT_S
    assert after["moim_members"] - before["moim_members"] == 1
    assert after["moim_rooms"] > before["moim_rooms"]
    assert after["moim_connections{sync}{websocket}"] == 1
    assert after["moim_connections_opened_total{sync}"] == 1
    assert after["process_resident_memory_bytes"] > 1e6


def test_a_closed_connection_is_no_longer_counted_as_open(server: MoimProcess) -> None:
    with SyncClient(server.url, outbox=None) as client:
        client.document("workspace").wait_synced(WAIT_S)
        assert read(server)["moim_connections{sync}{websocket}"] == 1
    read_until(server, lambda page: "moim_connections{sync}{websocket}" not in page)
    assert read(server)["moim_connections_opened_total{sync}"] == 1


def test_the_loop_is_watched_all_the_time(server: MoimProcess) -> None:
    read_until(server, lambda page: page["moim_loop_delay_seconds_count"] > 2)


def fake_page(counters: Counters, kinds: tuple[str, ...] = ()) -> dict[str, float]:
    """The page of a hub with these counters, and `/sync` connections of these transports."""
    sessions = [
        SimpleNamespace(door="sync", transport=SimpleNamespace(kind=kind, waiting_bytes=size))
        for size, kind in enumerate(kinds)
    ]
    hub = SimpleNamespace(counters=counters, sessions=sessions, rooms={})
    store = SimpleNamespace(waiting=Waiting(3, 400))
    workers = SimpleNamespace(ready=1, count=2)
    return samples(Metrics(hub, store, workers).page().decode())  # type: ignore[arg-type]


def test_refusals_are_counted_by_code_and_fallbacks_as_a_share() -> None:
    counters = Counters(conflicts=4)
    counters.rejects["schema"] += 2
    counters.rejects["role"] += 1
    page = fake_page(counters, ("polling", "websocket", "websocket", "websocket"))
    assert page["moim_rejects_total{schema}"] == 2
    assert page["moim_rejects_total{role}"] == 1
    assert page["moim_conflicts_total"] == 4
    assert page["moim_fallback_ratio"] == 0.25
    assert page["moim_connections{sync}{polling}"] == 1
    assert (page["moim_send_queue_bytes"], page["moim_send_queue_max_bytes"]) == (6, 3)
    assert (page["moim_writer_queue_rows"], page["moim_writer_queue_bytes"]) == (3, 400)
    assert page["moim_page_workers_ready"] < page["moim_page_workers_wanted"]


def test_a_histogram_counts_up_to_each_bound() -> None:
    counters = Counters()
    for seconds in (0.0005, 0.003, 0.003, 60.0):
        counters.ack.add(seconds)
    page = fake_page(counters)
    buckets = [page[f"moim_ack_seconds_bucket{{{le}}}"] for le in ("0.001", "0.005", "5.0", "+Inf")]
    assert buckets == [1, 3, 3, 4]


def test_every_number_stands_in_its_page_and_the_other_way_round() -> None:
    page = (ROOT / "docs" / "metrics.md").read_text()
    told = set(re.findall(r"`(moim_\w+?)(?:\{[\w,]+\})?`", page.split("Worth an alarm")[0]))
    counters = Counters()
    counters.rejects["schema"] = counters.opened["sync"] = counters.operations["http"] = 1
    counters.webhook_attempts["delivered"] = 1
    found = {
        re.sub(r"_(bucket|count|sum|created)$", "", name.partition("{")[0])
        for name in fake_page(counters, ("websocket",))
        if name.startswith("moim_") and not name.partition("{")[0].endswith("_created")
    }
    assert told == found


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}])
def test_the_numbers_are_not_for_pages_of_others(
    server: MoimProcess, headers: dict[str, str]
) -> None:
    assert server.get("/metrics", headers)[0] == 403
