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

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from heapq import heappop, heappush
from typing import Any, Final, NamedTuple

from moim_sync.errors import MalformedUpdate, OverLimit
from moim_sync.lib0 import MAX_INTEGER

MAX_CLOCK: Final = 2**31


class ScanLimits(NamedTuple):
    """What one update may hold; bytes are those of the whole update, a string or a key."""

    size_bytes: int = 262_144
    structs: int = 2_000
    deletes: int = 20_000
    client_ids: int = 64
    depth: int = 32
    string_bytes: int = 262_144
    key_bytes: int = 256
    hollow_clocks: int = 1_048_576
    """Clocks that GC and deleted content may claim: they cost the sender next to no bytes."""


LIVE: Final = ScanLimits()
"""For a PUSH and for an update on `/yjs`."""

FIRST_SYNC: Final = ScanLimits(
    size_bytes=16_777_216,
    structs=500_000,
    deletes=500_000,
    client_ids=500_000,
    string_bytes=16_777_216,
    hollow_clocks=16_777_216,
)
"""For an answer to SyncStep1: a whole document may arrive at once."""


class Scan(NamedTuple):
    """What an update brings and what it needs; clocks end before `end`."""

    ranges: dict[int, tuple[int, int]]
    """Per client id the clocks of its structs, `(start, end)`; they have no holes."""
    needs: dict[int, int]
    """Per client id the end of the clocks that origins, parents and deletes point into."""
    gcs: tuple[tuple[int, int, int], ...]
    """`(client, start, end)` of each GC struct: clocks claimed without content."""
    structs: int
    depth: int

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
    clients, at = _varuint(data, 0)
    if clients > limits.client_ids:
        raise OverLimit(f"expected at most {limits.client_ids} client ids, got {clients}")
    ranges: dict[int, tuple[int, int]] = {}
    needs: dict[int, int] = {}
    gcs: list[tuple[int, int, int]] = []
    waits: _Waits = defaultdict(list)
    structs = depth = hollow = 0
    for _ in range(clients):
        count, at = _varuint(data, at)
        client, at = _varuint(data, at)
        start, at = _varuint(data, at)
        structs += count
        if structs > limits.structs:
            raise OverLimit(f"expected at most {limits.structs} structs, got {structs} or more")
        if count == 0 or client in ranges:
            raise MalformedUpdate(f"expected one list of structs for client {client}")
        clock = start
        for _ in range(count):
            info = data[at]
            at += 1
            if info == 0:
                length, at = _varuint(data, at)
                gcs.append((client, clock, clock + length))
                hollow += length
            else:
                content = info & 0x1F
                if not 0 < content < 9:
                    raise MalformedUpdate(f"expected content of types 1-8, got {_named(content)}")
                at = _links(data, at, info, client, clock, needs, waits, limits)
                length, at, nested = _CONTENT[content](data, at, limits)
                if nested > depth:
                    depth = nested
                if content == 1:
                    hollow += length
            if length == 0:
                raise MalformedUpdate(f"expected structs of at least one clock at byte {at}")
            clock += length
        if clock > MAX_CLOCK:
            raise MalformedUpdate(f"expected clocks up to 2^31, got {clock} of client {client}")
        ranges[client] = (start, clock)
    if hollow > limits.hollow_clocks:
        raise OverLimit(
            f"expected at most {limits.hollow_clocks} clocks without content, got {hollow}"
        )
    if clients > 1 and waits:
        _refuse_rings(ranges, waits)
    at = _deletes(data, at, needs, limits)
    if at != len(data):
        raise MalformedUpdate(f"expected an update of {at} bytes, got {len(data)}")
    return Scan(ranges, needs, tuple(gcs), structs, depth)


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


def _varuint(data: bytes, at: int) -> tuple[int, int]:
    """Read a number of up to 8 bytes; lib0 never writes one longer than it needs to be."""
    value = data[at]
    if value < 0x80:
        return value, at + 1
    value &= 0x7F
    shift = 7
    while True:
        at += 1
        byte = data[at]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
        if shift > 49:
            raise MalformedUpdate(f"expected an integer of at most 8 bytes before byte {at}")
    if byte == 0 or value > MAX_INTEGER:
        raise MalformedUpdate(f"expected an integer up to 2^53 - 1 before byte {at + 1}")
    return value, at + 1


def _links(
    data: bytes,
    at: int,
    info: int,
    client: int,
    clock: int,
    needs: dict[int, int],
    waits: _Waits,
    limits: ScanLimits,
) -> int:
    """Note what an item hangs on: left and right origin, or else its parent and key."""
    links = (info >> 7) + (info >> 6 & 1)
    if links == 0:
        named, at = _varuint(data, at)
        if named == 1:
            at = _key(data, at, limits)
        elif named == 0:
            links = 1
        else:
            raise MalformedUpdate(f"expected a parent's name (1) or id (0), got {named}")
    for _ in range(links):
        author, at = _varuint(data, at)
        end, at = _varuint(data, at)
        if author != client:
            waits[client].append((clock, author, end + 1))
        elif end >= clock:
            raise MalformedUpdate(f"expected an origin before clock {clock}, got {end}")
        if end >= needs.get(author, 0):
            needs[author] = end + 1
    if info & 0xE0 == 0x20:
        at = _key(data, at, limits)
    return at


def _deletes(data: bytes, at: int, needs: dict[int, int], limits: ScanLimits) -> int:
    clients, at = _varuint(data, at)
    total = 0
    seen = set()
    for _ in range(clients):
        client, at = _varuint(data, at)
        count, at = _varuint(data, at)
        total += count
        if total > limits.deletes:
            raise OverLimit(f"expected at most {limits.deletes} deletes, got {total} or more")
        if count == 0 or client in seen:
            raise MalformedUpdate(f"expected one list of deletes for client {client}")
        seen.add(client)
        last = 0
        for _ in range(count):
            clock, at = _varuint(data, at)
            length, at = _varuint(data, at)
            if length == 0:
                raise MalformedUpdate(f"expected deletes of at least one clock at byte {at}")
            if clock + length > last:
                last = clock + length
        if last > MAX_CLOCK:
            raise MalformedUpdate(f"expected clocks up to 2^31, got {last} of client {client}")
        if last > needs.get(client, 0):
            needs[client] = last
    return at


def _string(data: bytes, at: int, most: int) -> tuple[str, int]:
    size, start = _varuint(data, at)
    at = start + size
    if size > most:
        raise OverLimit(f"expected a string of at most {most} bytes, got {size}")
    if at > len(data):
        raise MalformedUpdate(f"expected {size} bytes at byte {start}, got {len(data) - start}")
    try:
        return data[start:at].decode(), at
    except UnicodeDecodeError as error:
        raise MalformedUpdate(f"expected UTF-8 at byte {start}: {error.reason}") from None


def _key(data: bytes, at: int, limits: ScanLimits) -> int:
    return _string(data, at, limits.key_bytes)[1]


_Content = Callable[[bytes, int, ScanLimits], tuple[int, int, int]]
"""Reads content; gives its length in clocks, the position after it and how deep it is nested."""


def _deleted(data: bytes, at: int, limits: ScanLimits) -> tuple[int, int, int]:
    length, at = _varuint(data, at)
    return length, at, 0


def _json_list(data: bytes, at: int, limits: ScanLimits) -> tuple[int, int, int]:
    count, at = _varuint(data, at)
    depth = 0
    for _ in range(count):
        text, at = _string(data, at, limits.string_bytes)
        if text != "undefined":
            depth = max(depth, _json_depth(text, limits))
    return count, at, depth


def _binary(data: bytes, at: int, limits: ScanLimits) -> tuple[int, int, int]:
    size, at = _varuint(data, at)
    return 1, at + size, 0


def _text(data: bytes, at: int, limits: ScanLimits) -> tuple[int, int, int]:
    text, at = _string(data, at, limits.string_bytes)
    # Yjs counts UTF-16 code units: two for what lies beyond the basic plane.
    length = len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2
    return length, at, 0


def _embed(data: bytes, at: int, limits: ScanLimits) -> tuple[int, int, int]:
    text, at = _string(data, at, limits.string_bytes)
    return 1, at, _json_depth(text, limits)


def _format(data: bytes, at: int, limits: ScanLimits) -> tuple[int, int, int]:
    return _embed(data, _key(data, at, limits), limits)


def _type(data: bytes, at: int, limits: ScanLimits) -> tuple[int, int, int]:
    kind, at = _varuint(data, at)
    if kind > 6:
        raise MalformedUpdate(f"expected a shared type 0-6, got {kind}")
    if kind in (3, 5):  # an XML element or hook bears its name
        at = _key(data, at, limits)
    return 1, at, 0


def _any_list(data: bytes, at: int, limits: ScanLimits) -> tuple[int, int, int]:
    count, at = _varuint(data, at)
    at, depth = _any(data, at, count, limits)
    return count, at, depth


_CONTENT: Final[Mapping[int, _Content]] = {
    1: _deleted,
    2: _json_list,
    3: _binary,
    4: _text,
    5: _embed,
    6: _format,
    7: _type,
    8: _any_list,
}


def _named(content: int) -> str:
    return {0: "a GC with flags", 9: "a sub-document", 10: "a Skip"}.get(content, str(content))


def _any(data: bytes, at: int, left: int, limits: ScanLimits) -> tuple[int, int]:
    """Pass over `left` values of lib0's "any" encoding; give the end and the deepest nesting."""
    outer: list[tuple[int, bool]] = []
    keyed = False
    deepest = 0
    while True:
        while left == 0:
            if not outer:
                return at, deepest
            left, keyed = outer.pop()
        left -= 1
        if keyed:
            at = _key(data, at, limits)
        tag = data[at]
        at += 1
        if tag == 119:
            at = _string(data, at, limits.string_bytes)[1]
        elif tag in _FIXED_SIZES:
            at += _FIXED_SIZES[tag]
        elif tag == 125:
            at = _varint(data, at)
        elif tag in (117, 118):
            outer.append((left, keyed))
            keyed = tag == 118
            left, at = _varuint(data, at)
            deepest = max(deepest, len(outer))
            if deepest > limits.depth:
                raise OverLimit(f"expected nesting of at most {limits.depth} levels")
        elif tag == 116:
            size, at = _varuint(data, at)
            at += size
        else:
            raise MalformedUpdate(f"expected a value's type 116-127 at byte {at - 1}, got {tag}")


_FIXED_SIZES: Final = {120: 0, 121: 0, 122: 8, 123: 8, 124: 4, 126: 0, 127: 0}
"""Bytes after the tags of true, false, bigint, double, float, null and undefined."""


def _varint(data: bytes, at: int) -> int:
    end = at + 8
    while data[at] >= 0x80:
        at += 1
        if at == end:
            raise MalformedUpdate(f"expected an integer of at most 8 bytes before byte {at}")
    return at + 1


def _json_depth(text: str, limits: ScanLimits) -> int:
    """Give how deep a JSON text is nested, at most; refuse what JSON.parse would throw on."""
    depth = text.count("[") + text.count("{")
    if depth > limits.depth:
        depth = _brackets(text, limits.depth)
    try:
        _JSON.decode(text)
    except ValueError as error:
        raise MalformedUpdate(f"expected JSON: {error}") from None
    return depth


def _brackets(text: str, most: int) -> int:
    depth = deepest = 0
    quoted = escaped = False
    for character in text:
        if quoted:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                quoted = False
        elif character == '"':
            quoted = True
        elif character in "[{":
            depth += 1
            deepest = max(deepest, depth)
            if depth > most:
                raise OverLimit(f"expected nesting of at most {most} levels")
        elif character in "]}":
            depth -= 1
    return deepest


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


_JSON: Final = json.JSONDecoder(parse_constant=_no_constant)
