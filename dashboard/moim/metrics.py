"""What the hub process counts, as Prometheus reads it.

Nothing is kept here: each time somebody asks, the counters of the hub, its rooms and its sockets
are looked at. `docs/metrics.md` lists every name, and a test holds it to what is served.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import Final, Protocol

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from moim_data.writer import Waiting
from moim_sync.counters import BOUNDS_S, Timing
from moim_sync.hub import Hub
from moim_sync.room import Room

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
FALLBACK: Final = "polling"


class QueuedStore(Protocol):
    """A store that knows what waits for the disk."""

    @property
    def waiting(self) -> Waiting:
        """What was handed over and is not on disk yet."""


class WorkerCount(Protocol):
    """The page processes."""

    @property
    def ready(self) -> int:
        """How many take requests."""

    @property
    def count(self) -> int:
        """How many there should be."""


class Metrics:
    """The page `/metrics`, made when it is asked for."""

    def __init__(self, hub: Hub, store: QueuedStore, workers: WorkerCount) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(HubCollector(hub, store, workers))
        ProcessCollector(registry=self._registry)

    def page(self) -> bytes:
        """Give the numbers of this moment in Prometheus' text format."""
        return generate_latest(self._registry)


class HubCollector(Collector):
    """Reads one hub."""

    def __init__(self, hub: Hub, store: QueuedStore, workers: WorkerCount) -> None:
        self._hub = hub
        self._store = store
        self._workers = workers

    def describe(self) -> Iterator[Metric]:
        """Say nothing at registration: names are known when somebody asks."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Give every family of numbers."""
        yield from self._connections()
        yield from self._rooms()
        yield from self._queues()
        yield from self._totals()
        yield from self._webhooks()
        yield from self._timings()
        yield _gauge("page_workers_ready", "Page processes that take requests", self._workers.ready)
        yield _gauge("page_workers_wanted", "Page processes asked for", self._workers.count)

    def _connections(self) -> Iterator[Metric]:
        family = GaugeMetricFamily(
            "moim_connections", "Open connections", labels=("door", "transport")
        )
        doors = Counter((one.door, one.transport.kind) for one in self._hub.sessions)
        if self._hub.counters.graphql:
            doors["graphql", "websocket"] = self._hub.counters.graphql
        for labels, count in sorted(doors.items()):
            family.add_metric(labels, count)
        yield family
        ours = {kind: count for (door, kind), count in doors.items() if door == "sync"}
        share = ours.get(FALLBACK, 0) / max(1, sum(ours.values()))
        yield _gauge(
            "fallback_ratio", "Share of /sync connections that fell back to polling", share
        )

    def _rooms(self) -> Iterator[Metric]:
        rooms = self._loaded()
        yield _gauge("rooms", "Documents in memory", len(rooms))
        yield _gauge("members", "Subscriptions", sum(len(room.members) for room in rooms))
        pending = sum(room.waiting_updates for room in rooms)
        yield _gauge("pending_edits", "Edits that wait for the next flush of their room", pending)

    def _queues(self) -> Iterator[Metric]:
        waiting = self._store.waiting
        yield _gauge("writer_queue_rows", "Rows that wait for the disk", waiting.rows)
        yield _gauge("writer_queue_bytes", "Bytes that wait for the disk", waiting.size_bytes)
        sockets = [one.transport.waiting_bytes for one in self._hub.sessions]
        yield _gauge("send_queue_bytes", "Bytes that wait for readers, all together", sum(sockets))
        slowest = max(sockets, default=0)
        yield _gauge("send_queue_max_bytes", "Bytes that wait for the slowest reader", slowest)

    def _totals(self) -> Iterator[Metric]:
        counters = self._hub.counters
        for name, words, value in (
            ("updates", "Edits that came in", counters.updates_in),
            ("flushes", "Batches applied, committed and sent", counters.flushes),
            ("compensated", "Edits taken back in their flush", counters.compensated),
            ("conflicts", "Values of somebody that somebody else's replaced", counters.conflicts),
            ("quarantined", "Updates on which the CRDT failed", counters.quarantined),
            ("gaps", "Edits that needed what the server did not have", counters.gaps),
            ("laggards", "Readers closed because they were too far behind", counters.laggards),
            ("storage_refusals", "Commits that the disk refused", counters.storage_refusals),
        ):
            yield CounterMetricFamily(f"moim_{name}", words, value)
        yield _by_label("moim_rejects", "Edits refused", "code", counters.rejects)
        yield _by_label(
            "moim_graphql_operations", "GraphQL operations", "transport", counters.operations
        )
        yield _by_label("moim_connections_opened", "Connections made", "door", counters.opened)

    def _webhooks(self) -> Iterator[Metric]:
        counters = self._hub.counters
        yield _gauge("webhooks", "Webhooks that are on", counters.webhooks)
        words = "Of them, those whose receiver has not taken something yet"
        yield _gauge("webhooks_waiting", words, counters.webhooks_waiting)
        yield _by_label(
            "moim_webhook_attempts", "What webhooks sent", "outcome", counters.webhook_attempts
        )

    def _timings(self) -> Iterator[Metric]:
        counters = self._hub.counters
        yield _histogram("flush", "From taking a batch to having sent it", counters.flush)
        yield _histogram("ack", "From receiving an edit to acknowledging it", counters.ack)
        words = "How much later than asked for the event loop went on"
        yield _histogram("loop_delay", words, counters.loop_delay)

    def _loaded(self) -> list[Room]:
        return [room for room in set(self._hub.rooms.values()) if isinstance(room, Room)]


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"moim_{name}", words, value)


def _by_label(name: str, words: str, label: str, counts: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(name, words, labels=(label,))
    for value, count in sorted(counts.items()):
        family.add_metric((value,), count)
    return family


def _histogram(name: str, words: str, timing: Timing) -> HistogramMetricFamily:
    bounds = [*map(str, BOUNDS_S), "+Inf"]
    buckets = list(zip(bounds, accumulate(timing.buckets), strict=True))
    return HistogramMetricFamily(f"moim_{name}_seconds", words, buckets, timing.total_s)
