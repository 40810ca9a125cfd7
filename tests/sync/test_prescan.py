"""The pre-scan, held to Yjs, to pycrdt and to what has crashed them."""

import base64
import json
import os
import random
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from pycrdt import Doc, Map, Text

from moim_sync.errors import MalformedUpdate, OverLimit, WireError
from moim_sync.lib0 import var_bytes, var_string, varuint
from moim_sync.prescan import FIRST_SYNC, LIVE, ScanLimits, scan
from mutated_updates import decode_state, lives

CORPUS = Path(__file__).parent.parent / "corpus"
YJS = json.loads((CORPUS / "yjs.json").read_text())
CRASHERS = json.loads((CORPUS / "crashers.json").read_text())
YJS_REFUSED = json.loads((CORPUS / "yjs_refused.json").read_text())


def one_struct(info: int, body: bytes, clock: int = 0, client: int = 1) -> bytes:
    """Give an update of one struct, the item (if it is one) standing in the root `t`."""
    root = b"" if info in (0, 10) else b"\x01\x01t"
    head = b"\x01\x01" + varuint(client) + varuint(clock)
    return head + bytes([info]) + root + body + b"\x00"


def merge(state: dict[int, int], ranges: dict[int, tuple[int, int]]) -> dict[int, int]:
    return state | {client: max(end, state.get(client, 0)) for client, (_, end) in ranges.items()}


@pytest.mark.parametrize("life", YJS, ids=lambda life: life["name"])
def test_updates_of_yjs_pass_and_bring_the_clocks_that_yjs_says(life: dict[str, Any]) -> None:
    state: dict[int, int] = {}
    for update, expected in zip(life["updates"], life["states"], strict=True):
        result = scan(base64.b64decode(update), FIRST_SYNC)
        assert result.gap(state) is None
        state = merge(state, result.ranges)
        assert state == {int(client): clock for client, clock in expected.items()}


@pytest.mark.parametrize("seed", range(10))
def test_updates_of_pycrdt_pass_and_bring_the_clocks_that_pycrdt_says(seed: int) -> None:
    for life in lives(random.Random(seed)):
        doc = Doc()
        state: dict[int, int] = {}
        for update in life:
            result = scan(update)
            assert result.gap(state) is None
            doc.apply_update(update)
            state = merge(state, result.ranges)
            assert state == decode_state(doc.get_state())


def test_gc_structs_are_told_with_their_clocks() -> None:
    life = next(life for life in YJS if "GC structs" in life["name"])
    result = scan(base64.b64decode(life["updates"][0]), FIRST_SYNC)
    assert len(result.gcs) == 5
    for client, start, end in result.gcs:
        assert result.ranges[client][0] <= start < end <= result.ranges[client][1]


@pytest.mark.rule("P3")
@pytest.mark.parametrize("seed", range(10))
def test_F18_what_passes_leaves_nothing_waiting_in_pycrdt(seed: int) -> None:
    chance = random.Random(seed)
    for life in lives(chance):
        doc = Doc()
        for update in life:
            state = decode_state(doc.get_state())
            result = scan(update)
            if result.gap(state) is not None or chance.random() < 0.3:
                continue
            doc.apply_update(update)
            assert decode_state(doc.get_state()) == merge(state, result.ranges)


@pytest.mark.rule("P3")
def test_F18_a_gap_names_the_first_clock_that_lacks() -> None:
    origin_elsewhere = bytes([1, 1, 1, 5, 0x84, 2, 7, 1, 97, 0])
    result = scan(origin_elsewhere)
    assert result.gap({}) == (1, 0)
    assert result.gap({1: 4, 2: 8}) == (1, 4)
    assert result.gap({1: 5}) == (2, 0)
    assert result.gap({1: 5, 2: 7}) == (2, 7)
    assert result.gap({1: 5, 2: 8}) is None
    deletes_unknown = bytes([0, 1, 3, 1, 4, 2])
    assert scan(deletes_unknown).gap({3: 5}) == (3, 5)
    assert scan(deletes_unknown).gap({3: 6}) is None


@pytest.mark.rule("P4")
@pytest.mark.parametrize("name", YJS_REFUSED)
def test_what_a_client_may_not_send_is_refused(name: str) -> None:
    with pytest.raises(MalformedUpdate, match="expected"):
        scan(bytes.fromhex(YJS_REFUSED[name]))


@pytest.mark.rule("P4")
def test_no_part_of_an_update_passes_for_an_update() -> None:
    for life in lives(random.Random(3)):
        for update in life:
            for size in range(len(update)):
                with pytest.raises(MalformedUpdate):
                    scan(update[:size])
            with pytest.raises(MalformedUpdate):
                scan(update + b"\x00")


MALFORMED = {
    "an empty update": b"",
    "a Skip": one_struct(10, b"\x05"),
    "a sub-document": one_struct(9, var_string("guid") + b"\x76\x00"),
    "content of an unknown type": one_struct(11, b"\x01"),
    "content of a type beyond the table": one_struct(0x1F, b"\x01"),
    "a GC with flags": one_struct(0x80, b"\x01\x00\x01"),
    "an unknown shared type": one_struct(7, b"\x07"),
    "text that is not UTF-8": one_struct(4, var_bytes(b"\xff")),
    "empty text": one_struct(4, b"\x00"),
    "an empty any list": one_struct(8, b"\x00"),
    "an unknown any": one_struct(8, b"\x01\x73"),
    "an any integer of nine bytes": one_struct(8, b"\x01\x7d" + b"\xff" * 8 + b"\x00"),
    "an any double cut short": one_struct(8, b"\x01\x7b\x00"),
    "a binary cut short": one_struct(3, b"\x7f\x00"),
    "an embed that is not JSON": one_struct(5, var_string("{")),
    "an embed of NaN": one_struct(5, var_string("NaN")),
    "a format value that is not JSON": one_struct(6, b"\x01b" + var_string("'true'")),
    "a JSON value that is not JSON": one_struct(2, b"\x01" + var_string("undefine")),
    "an item that is its own origin": bytes([1, 1, 1, 5, 0x84, 1, 5, 1, 97, 0]),
    "a parent that comes later": bytes([1, 1, 1, 5, 0x04, 0, 1, 6, 1, 97, 0]),
    "items in a ring": bytes([2, 1, 1, 0, 0x84, 2, 0, 1, 97, 1, 2, 0, 0x84, 1, 0, 1, 98, 0]),
    "one client twice": bytes([2, 1, 1, 0, 0, 1, 1, 1, 1, 0, 1, 0]),
    "a client without structs": bytes([1, 0, 1, 0, 0]),
    "one client's deletes twice": bytes([0, 2, 1, 1, 0, 1, 1, 1, 1, 1]),
    "a client without deletes": bytes([0, 1, 1, 0]),
    "a delete of nothing": bytes([0, 1, 1, 1, 0, 0]),
    "a delete beyond 2^31": b"\x00\x01\x01\x01\x01" + varuint(2**31),
    "a client id of 2^53": b"\x01\x01" + b"\x80" * 7 + b"\x10" + b"\x00\x00\x01\x00",
    "a clock beyond 2^31": one_struct(4, b"\x01a", clock=2**31),
    "a number longer than needed": bytes([1, 1, 0x81, 0, 0, 0, 1, 0]),
}


@pytest.mark.rule("P4")
@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_update_is_refused(name: str) -> None:
    with pytest.raises(MalformedUpdate, match="expected"):
        scan(MALFORMED[name])


def test_two_clients_may_lean_on_each_other_in_turn() -> None:
    """Not a ring: 1:0, then 2:0 after it, then 1:1 after that."""
    first = [2, 1, 0, 0x04, 1, 1, 116, 1, 97, 0x84, 2, 0, 1, 99]
    second = [1, 2, 0, 0x84, 1, 0, 1, 98]
    update = bytes([2, *first, *second, 0])
    doc = Doc()
    doc.apply_update(update)
    assert merge({}, scan(update).ranges) == decode_state(doc.get_state()) == {1: 2, 2: 1}


@pytest.mark.rule("P4")
@pytest.mark.parametrize("case", CRASHERS, ids=lambda case: case["name"])
def test_F7_what_once_crashed_pycrdt_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(WireError):
        scan(bytes.fromhex(case["update"]))


@pytest.mark.timeout(600)
def test_F7_changed_updates_that_pass_neither_kill_nor_panic_pycrdt(tmp_path: Path) -> None:
    """MOIM_FUZZ sets how many are tried; each failing case is a new line of crashers.json."""
    count = os.environ.get("MOIM_FUZZ", "20000")
    seed = os.environ.get("MOIM_FUZZ_SEED", "1")
    record = tmp_path / "case.json"
    program = Path(__file__).parent.parent / "mutated_updates.py"
    child = subprocess.run(
        [sys.executable, program, seed, count, record],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        check=False,
    )
    assert child.returncode == 0, f"pycrdt died of {record.read_text()}"
    outcome = json.loads(child.stdout)
    assert outcome["passed"] > int(count) // 20
    assert outcome["panics"] == []


def any_nested(opening: bytes, levels: int) -> bytes:
    return one_struct(8, b"\x01" + opening * levels + b"\x7e")


BOMBS = {
    "arrays 26,500 deep": any_nested(b"\x75\x01", 26_500),
    "arrays 33 deep": any_nested(b"\x75\x01", 33),
    "objects 26,500 deep": any_nested(b"\x76\x01\x00", 26_500),
    "arrays that never end": one_struct(8, b"\x01" + b"\x75\x7f" * 130_000),
    "JSON 100,000 deep in an embed": one_struct(5, var_string("[" * 100_000 + "]" * 100_000)),
    "JSON 33 deep in a format": one_struct(6, b"\x01b" + var_string("[" * 33 + "]" * 33)),
    "JSON 100,000 deep in a list": one_struct(2, b"\x01" + var_string('{"":' * 60_000)),
    "an any list of 2^31": one_struct(8, varuint(2**31) + b"\x7e"),
    "an any list of 2^52": one_struct(8, varuint(2**52) + b"\x7e"),
    "a JSON list of 2^52": one_struct(2, varuint(2**52) + b"\x04null"),
    "an array of 2^52": one_struct(8, b"\x01\x75" + varuint(2**52)),
    "2^52 structs": b"\x01" + varuint(2**52) + b"\x01\x00\x00\x01\x00",
    "2^52 clients": varuint(2**52) + b"\x01\x01\x00\x00\x01\x00",
    "2^52 deletes": b"\x00\x01\x01" + varuint(2**52) + b"\x00\x01",
    "2^52 clients' deletes": b"\x00" + varuint(2**52) + b"\x01\x01\x00\x01",
    "deletes without end": b"\x00\x01\x01" + varuint(10**6) + b"\x00\x01" * 131_000,
    "a GC of 2^31 clocks": one_struct(0, varuint(2**31 - 1)),
    "deleted content of 2^31 clocks": one_struct(1, varuint(2**31 - 1)),
    "a string of 2^52 bytes": one_struct(4, varuint(2**52) + b"a"),
    "a key of 257 bytes": b"\x01\x01\x01\x00\x28\x01\x01m"
    + var_string("k" * 257)
    + b"\x01\x7e\x00",
    "a root's name of 257 bytes": b"\x01\x01\x01\x00\x04\x01"
    + var_string("r" * 257)
    + b"\x01a\x00",
    "a binary of 2^52 bytes": one_struct(3, varuint(2**52)),
    "257 kB": one_struct(4, var_string("a" * 263_000)),
    "2,001 structs": b"\x01" + varuint(2_001) + b"\x01\x00" + b"\x00\x01" * 2_001 + b"\x00",
    "65 client ids": b"\x41" + b"".join(b"\x01" + varuint(n) + b"\x00\x00\x01" for n in range(65)),
}


@pytest.mark.rule("P4")
@pytest.mark.parametrize("name", BOMBS)
def test_F6_a_bomb_is_refused_in_50_ms_and_20_MB(name: str) -> None:
    bomb = BOMBS[name]
    started = time.process_time()
    with pytest.raises((OverLimit, MalformedUpdate)):
        scan(bomb)
    assert time.process_time() - started < 0.05
    tracemalloc.start()
    try:
        with pytest.raises((OverLimit, MalformedUpdate)):
            scan(bomb)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


LARGEST = {
    "2,000 structs": b"\x01" + varuint(2_000) + b"\x01\x00" + b"\x00\x01" * 2_000 + b"\x00",
    "20,000 deletes": b"\x00\x01\x01" + varuint(20_000) + b"\x00\x01" * 20_000,
    "text of 256 kB": one_struct(4, var_string("가" * 87_000)),
    "JSON full of brackets": one_struct(5, var_string(json.dumps(["[" * 250_000]))),
    "130,000 empty arrays": one_struct(8, varuint(130_000) + b"\x75\x00" * 130_000),
}


@pytest.mark.parametrize("name", LARGEST)
def test_F6_the_most_that_limits_allow_is_scanned_in_100_ms(name: str) -> None:
    started = time.process_time()
    scan(LARGEST[name])
    assert time.process_time() - started < 0.1


def test_nesting_is_allowed_up_to_the_limit() -> None:
    assert scan(any_nested(b"\x75\x01", 32)).depth == 32
    assert scan(one_struct(5, var_string("[" * 32 + "]" * 32))).depth == 32
    assert scan(one_struct(5, var_string(json.dumps("[" * 500)))).depth == 0
    with pytest.raises(OverLimit, match="nesting"):
        scan(any_nested(b"\x75\x01", 3), ScanLimits(depth=2))


def test_a_first_sync_may_be_larger_than_a_live_update() -> None:
    update = one_struct(4, var_string("a" * 1_000_000))
    assert scan(update, FIRST_SYNC).ranges == {1: (0, 1_000_000)}
    with pytest.raises(OverLimit, match=str(LIVE.size_bytes)):
        scan(update)


def test_text_is_counted_in_utf_16_code_units() -> None:
    assert scan(one_struct(4, var_string("제목🌱"))).ranges == {1: (0, 4)}


NESTED_MAPS = """
import sys
from pycrdt import Doc, Map
from moim_sync.lib0 import varuint
from moim_data.deep_stack import deepen_stack
if sys.argv[1] == "deep":
    deepen_stack()
doc = Doc()
first = b"\\x27\\x01\\x01m\\x01k\\x01"
levels = [b"\\x27\\x00\\x01" + varuint(n) + b"\\x01k\\x01" for n in range(99_999)]
doc.apply_update(b"\\x01" + varuint(100_000) + b"\\x01\\x00" + first + b"".join(levels) + b"\\x00")
doc.apply_update(b"\\x00\\x01\\x01\\x01\\x00\\x01")
doc.get_update()
"""


@pytest.mark.parametrize(("stack", "survives"), [("deep", True), ("usual", False)])
def test_F6_deleting_100_000_nested_types_needs_a_deep_stack(stack: str, survives: bool) -> None:
    child = subprocess.run(
        [sys.executable, "-c", NESTED_MAPS, stack],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
        preexec_fn=usual_stack,
    )
    assert (child.returncode == 0) == survives


def usual_stack() -> None:
    import resource

    hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
    resource.setrlimit(resource.RLIMIT_STACK, (8 * 2**20, hard))


def test_the_names_of_root_types_are_given() -> None:
    doc: Doc[Any] = Doc()
    doc.get("cards", type=Map)["a"] = Map({"title": "x"})
    doc.get("글", type=Text).insert(0, "x")
    assert scan(doc.get_update()).roots == {"cards", "글"}
    before = doc.get_state()
    doc.get("cards", type=Map)["a"]["title"] = "y"
    assert scan(doc.get_update(before)).roots == set()
