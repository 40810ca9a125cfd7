"""Cuts one large update into several that a server takes one by one.

A bulk edit (an import, a board filled by a script) can be larger than one PUSH may be. It is cut
between structs, where it can before a new entity of a root map, so that every piece leaves whole
entities; deletions come last. The format is that of Yjs 13.6 (`UpdateEncoderV1`), and the update is
one this process made: nothing is checked here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from moim_sync.lib0 import read_string, read_varuint, varuint

SMALLEST_STRUCT_BYTES: Final = 4
_HEAD_BYTES: Final = 40


@dataclass(frozen=True, slots=True)
class _Struct:
    start: int
    end: int
    clock: int
    begins_entity: bool


@dataclass(slots=True)
class _Run:
    """The structs of one client id, in the order of their clocks."""

    client: int
    structs: list[_Struct] = field(default_factory=list)


def cut(update: bytes, *, size_bytes: int, structs: int, client_ids: int) -> list[bytes]:
    """Give updates which, applied in order, do what `update` does.

    Each has at most `structs` structs of one client id and `size_bytes` bytes, unless a single
    struct is larger; an update within all limits is given back as it is.
    """
    few_ids = read_varuint(update, 0)[0] <= client_ids
    if few_ids and len(update) <= min(size_bytes, structs * SMALLEST_STRUCT_BYTES):
        return [update]
    runs, end = _runs(update)
    few_structs = sum(len(run.structs) for run in runs) <= structs
    if few_ids and few_structs and len(update) <= size_bytes:
        return [update]
    pieces = [
        (run, part) for run in runs for part in _parts(run, size_bytes - _HEAD_BYTES, structs)
    ]
    bodies = [_written(update, run.client, part) for run, part in pieces]
    deletes = update[end:]
    if bodies and len(bodies[-1]) + len(deletes) <= size_bytes:
        return [body + b"\x00" for body in bodies[:-1]] + [bodies[-1] + deletes]
    return [body + b"\x00" for body in bodies] + [b"\x00" + deletes]


def _written(update: bytes, client: int, part: list[_Struct]) -> bytes:
    head = varuint(1) + varuint(len(part)) + varuint(client) + varuint(part[0].clock)
    return head + update[part[0].start : part[-1].end]


def _parts(run: _Run, size_bytes: int, structs: int) -> Iterator[list[_Struct]]:
    """Give runs of structs within the limits, ending before a new entity where there is one."""
    start = 0
    good_end = 0
    for index, struct in enumerate(run.structs):
        if struct.begins_entity:
            good_end = index
        too_large = struct.end - run.structs[start].start > size_bytes
        if index > start and (too_large or index - start == structs):
            end = good_end if good_end > start else index
            yield run.structs[start:end]
            start = end
    yield run.structs[start:]


def _runs(update: bytes) -> tuple[list[_Run], int]:
    """Give the structs by client id, and where the deletions begin."""
    clients, at = read_varuint(update, 0)
    runs = []
    for _ in range(clients):
        count, at = read_varuint(update, at)
        client, at = read_varuint(update, at)
        clock, at = read_varuint(update, at)
        run = _Run(client)
        for _ in range(count):
            start = at
            length, at, begins_entity = _pass(update, at)
            run.structs.append(_Struct(start, at, clock, begins_entity))
            clock += length
        runs.append(run)
    return runs, at


def _pass(data: bytes, at: int) -> tuple[int, int, bool]:
    """Give a struct's length in clocks, its end, and whether it is a new entity of a root map."""
    info = data[at]
    at += 1
    if info in (0, 10):  # GC, Skip
        length, at = read_varuint(data, at)
        return length, at, False
    origins = (info >> 7) + (info >> 6 & 1)
    for _ in range(2 * origins):
        _, at = read_varuint(data, at)
    in_root = False
    if origins == 0:
        named, at = read_varuint(data, at)
        in_root = named == 1
        at = read_string(data, at)[1] if in_root else _numbers(data, at, 2)
        if info & 0x20:
            _, at = read_string(data, at)
    length, at = _CONTENT[info & 0x1F](data, at)
    return length, at, in_root


def _numbers(data: bytes, at: int, count: int) -> int:
    for _ in range(count):
        _, at = read_varuint(data, at)
    return at


def _deleted(data: bytes, at: int) -> tuple[int, int]:
    return read_varuint(data, at)


def _strings(data: bytes, at: int) -> tuple[int, int]:
    count, at = read_varuint(data, at)
    for _ in range(count):
        at = _bytes(data, at)
    return count, at


def _text(data: bytes, at: int) -> tuple[int, int]:
    text, at = read_string(data, at)
    return len(text.encode("utf-16-le")) // 2, at


def _one_value(data: bytes, at: int) -> tuple[int, int]:
    return 1, _bytes(data, at)


def _format(data: bytes, at: int) -> tuple[int, int]:
    return 1, _bytes(data, _bytes(data, at))


def _type(data: bytes, at: int) -> tuple[int, int]:
    kind, at = read_varuint(data, at)
    return 1, _bytes(data, at) if kind in (3, 5) else at


def _anys(data: bytes, at: int) -> tuple[int, int]:
    count, at = read_varuint(data, at)
    for _ in range(count):
        at = _any(data, at)
    return count, at


def _any(data: bytes, at: int) -> int:
    tag = data[at]
    at += 1
    if tag in (116, 119):
        return _bytes(data, at)
    if tag == 125:
        return _numbers(data, at, 1)
    if tag in (117, 118):
        count, at = read_varuint(data, at)
        for _ in range(count):
            at = _any(data, _bytes(data, at) if tag == 118 else at)
        return at
    return at + {122: 8, 123: 8, 124: 4}.get(tag, 0)


def _bytes(data: bytes, at: int) -> int:
    size, at = read_varuint(data, at)
    return at + size


_CONTENT: Final[dict[int, Callable[[bytes, int], tuple[int, int]]]] = {
    1: _deleted,
    2: _strings,
    3: _one_value,
    4: _text,
    5: _one_value,
    6: _format,
    7: _type,
    8: _anys,
}
