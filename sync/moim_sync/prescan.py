"""A look through a Yjs V1 update before any CRDT call: is it whole and modest, what does it need?

pycrdt recurses while it decodes, so that nested content of some 50 kB kills the process; other
bytes make it panic; counts in an update can claim what no byte backs. `scan` reads an update once,
front to back, with a stack of its own, builds nothing, and refuses

- with MalformedUpdate what no client may send: bytes that end early or go on after the end, Skips,
  sub-documents, V2, numbers written longer than needed or beyond 2^53, clocks beyond 2^31, empty
  structs, items that hang on each other in a ring (they would wait for good), text that is neither
  UTF-8 nor JSON where it should be (a browser throws on it, for everybody);
- with OverLimit what is more than `ScanLimits` allow.

The format is that of lib0 and Yjs 13.6 (`UpdateEncoderV1`, `Item.write`, `DeleteSet`).
"""

from collections import defaultdict
from collections.abc import Mapping
from heapq import heappop, heappush
from typing import Final, NamedTuple

from moim_sync.content_scan import CONTENT, pass_key, read_number
from moim_sync.errors import MalformedUpdate, OverLimit
from moim_sync.lib0 import read_string
from moim_sync.scan_limits import FIRST_SYNC, LIVE, ScanLimits

__all__ = ["FIRST_SYNC", "LIVE", "Scan", "ScanLimits", "scan"]

MAX_CLOCK: Final = 2**31


class Scan(NamedTuple):
    """What an update brings and what it needs; clocks end before `end`."""

    ranges: dict[int, tuple[int, int]]
    """Per client id the clocks of its structs, `(start, end)`; they have no holes."""
    needs: dict[int, int]
    """Per client id the end of the clocks that deletes, and links of others, point into."""
    gcs: tuple[tuple[int, int, int], ...]
    """`(client, start, end)` of each GC struct: clocks claimed without content."""
    structs: int
    depth: int
    roots: frozenset[str]
    """Names of the root types that items hang on by name; one that is new is always among them."""

    def gap(self, state: Mapping[int, int]) -> tuple[int, int] | None:
        """Give the first `(client, clock)` that is neither in `state` nor here; None if whole.

        `state` is the state vector of the document that the update would be applied to.
        """
        for client, (start, _) in self.ranges.items():
            if start > state.get(client, 0):
                return client, state.get(client, 0)
        for client, end in self.needs.items():
            known = state.get(client, 0)
            if end > known and end > self.ranges.get(client, (0, 0))[1]:
                return client, max(known, self.ranges.get(client, (0, 0))[1])
        return None


def scan(update: bytes, limits: ScanLimits = LIVE) -> Scan:
    """Give what a Yjs V1 update holds, in one pass and without recursion.

    Raises:
        MalformedUpdate: it is not one, or holds what no client may send.
        OverLimit: it is larger, deeper or more numerous than `limits`.
    """
    if len(update) > limits.size_bytes:
        raise OverLimit(
            f"expected an update of at most {limits.size_bytes} bytes, got {len(update)}"
        )
    try:
        return _scan(update, limits)
    except IndexError:
        raise MalformedUpdate(
            f"expected a whole update, got {len(update)} bytes cut short"
        ) from None


def _scan(data: bytes, limits: ScanLimits) -> Scan:
    clients, at = read_number(data, 0)
    if clients > limits.client_ids:
        raise OverLimit(f"expected at most {limits.client_ids} client ids, got {clients}")
    ranges: dict[int, tuple[int, int]] = {}
    found = _Found()
    structs = 0
    for _ in range(clients):
        count, at = read_number(data, at)
        client_at = at
        client, at = read_number(data, at)
        own = data[client_at:at]
        start, at = read_number(data, at)
        structs += count
        if structs > limits.structs:
            raise OverLimit(f"expected at most {limits.structs} structs, got {structs} or more")
        if count == 0 or client in ranges:
            raise MalformedUpdate(f"expected one list of structs for client {client}")
        clock, at = _structs(data, at, count, (client, own, start), found, limits)
        if clock > MAX_CLOCK:
            raise MalformedUpdate(f"expected clocks up to 2^31, got {clock} of client {client}")
        ranges[client] = (start, clock)
    if found.hollow > limits.hollow_clocks:
        raise OverLimit(
            f"expected at most {limits.hollow_clocks} clocks without content, got {found.hollow}"
        )
    if clients > 1 and found.waits:
        _refuse_rings(ranges, found.waits)
    at = _deletes(data, at, found.needs, limits)
    if at != len(data):
        raise MalformedUpdate(f"expected an update of {at} bytes, got {len(data)}")
    roots = frozenset(read_string(name, 0)[0] for name in found.roots)
    return Scan(ranges, found.needs, tuple(found.gcs), structs, found.depth, roots)


class _Found:
    """What the lists of structs add up to."""

    __slots__ = ("depth", "gcs", "hollow", "needs", "roots", "waits")

    def __init__(self) -> None:
        self.needs: dict[int, int] = {}
        self.gcs: list[tuple[int, int, int]] = []
        self.waits: _Waits = defaultdict(list)
        self.roots: set[bytes] = set()
        self.hollow = 0
        self.depth = 0


def _structs(
    data: bytes,
    at: int,
    count: int,
    author: tuple[int, bytes, int],
    found: _Found,
    limits: ScanLimits,
) -> tuple[int, int]:
    """Read the structs of one client: `author` is its id, the id's bytes, and the first clock.

    Gives the clock and the position after them. A document may have half a million, so that the
    commonest (an item of one clock that hangs on the same client's items) takes few steps.
    """
    client, own, clock = author
    own_size = len(own)
    for _ in range(count):
        info = data[at]
        at += 1
        if info == 0:
            length, at = read_number(data, at)
            found.gcs.append((client, clock, clock + length))
            found.hollow += length
        else:
            content = info & 0x1F
            if not 0 < content < 9:
                raise MalformedUpdate(f"expected content of types 1-8, got {_named(content)}")
            links = _LINKS[info >> 6]
            if links == 0:
                named = data[at]
                at += 1
                if named == 1:
                    name_at = at
                    at = pass_key(data, at, limits)
                    found.roots.add(data[name_at:at])
                elif named == 0:
                    links = 1
                else:
                    raise MalformedUpdate(f"expected a parent's name (1) or id (0), got {named}")
            while links:
                links -= 1
                if data.startswith(own, at):
                    end, at = read_number(data, at + own_size)
                    if end >= clock:
                        raise MalformedUpdate(f"expected an origin before clock {clock}, got {end}")
                else:
                    other, at = read_number(data, at)
                    end, at = read_number(data, at)
                    found.waits[client].append((clock, other, end + 1))
                    if end >= found.needs.get(other, 0):
                        found.needs[other] = end + 1
            if info & 0xE0 == 0x20:
                at = pass_key(data, at, limits)
            length, at, nested = CONTENT[content](data, at, limits)
            if nested > found.depth:
                found.depth = nested
            if content == 1:
                found.hollow += length
        if length == 0:
            raise MalformedUpdate(f"expected structs of at least one clock at byte {at}")
        clock += length
    return clock, at


_LINKS: Final = (0, 1, 1, 2)
"""Origins that follow, by the two high bits of an item's info: left, right."""

_Waits = defaultdict[int, list[tuple[int, int, int]]]
"""Per client id: `(clock, author, end)`, an item and the clocks of another client that it needs."""


def _refuse_rings(ranges: Mapping[int, tuple[int, int]], waits: _Waits) -> None:
    """Integrate the clocks in thought, each client up to the first item that must wait."""
    for queue in waits.values():
        queue.reverse()
    reached = {client: start for client, (start, _) in ranges.items()}
    asleep: dict[int, list[tuple[int, int]]] = defaultdict(list)
    ready = list(ranges)
    while ready:
        client = ready.pop()
        queue = waits[client]
        while queue:
            _, author, end = queue[-1]
            end = min(end, ranges.get(author, (0, 0))[1])
            if end > reached.get(author, 0):
                heappush(asleep[author], (end, client))
                break
            queue.pop()
        reached[client] = queue[-1][0] if queue else ranges[client][1]
        while asleep[client] and asleep[client][0][0] <= reached[client]:
            ready.append(heappop(asleep[client])[1])
    stuck = [client for client, queue in waits.items() if queue]
    if stuck:
        raise MalformedUpdate(f"expected items in some order, got a ring among clients {stuck[:4]}")


def _deletes(data: bytes, at: int, needs: dict[int, int], limits: ScanLimits) -> int:
    clients, at = read_number(data, at)
    total = 0
    seen = set()
    for _ in range(clients):
        client, at = read_number(data, at)
        count, at = read_number(data, at)
        total += count
        if total > limits.deletes:
            raise OverLimit(f"expected at most {limits.deletes} deletes, got {total} or more")
        if count == 0 or client in seen:
            raise MalformedUpdate(f"expected one list of deletes for client {client}")
        seen.add(client)
        last = 0
        for _ in range(count):
            clock, at = read_number(data, at)
            length, at = read_number(data, at)
            if length == 0:
                raise MalformedUpdate(f"expected deletes of at least one clock at byte {at}")
            if clock + length > last:
                last = clock + length
        if last > MAX_CLOCK:
            raise MalformedUpdate(f"expected clocks up to 2^31, got {last} of client {client}")
        if last > needs.get(client, 0):
            needs[client] = last
    return at


def _named(content: int) -> str:
    return {0: "a GC with flags", 9: "a sub-document", 10: "a Skip"}.get(content, str(content))
