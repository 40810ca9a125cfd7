"""What a program may send wrongly: it is told, others go on, nothing is lost."""

import contextlib
import os
import random
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pycrdt
import pytest
from websockets.exceptions import ConnectionClosed

from moim_process import MoimProcess, free_port
from moim_sync.lib0 import var_bytes, var_string, varuint
from moim_sync.message_types import HELLO, PUSH, SUB, UPDATE
from moim_sync.messages import Hello, Unsub
from moim_sync.protocol import encode
from wire_client import WireClient

DOCUMENT = "open/bad-messages"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MoimProcess]:
    process = MoimProcess(tmp_path_factory.mktemp("moim"), free_port(), "--workers", "0")
    with process:
        yield process


@pytest.fixture
def client(server: MoimProcess) -> Iterator[WireClient]:
    with WireClient(server.url, os.urandom(16)) as connected:
        yield connected


@pytest.fixture
def bystander(server: MoimProcess) -> Iterator[Callable[[], None]]:
    """Somebody who works on undisturbed: calling it makes an edit and waits for its ack."""
    with WireClient(server.url, os.urandom(16)) as connected:
        connected.hello()
        doc: pycrdt.Doc[Any] = pycrdt.Doc()
        channel = connected.subscribe(DOCUMENT, doc, create=True).channel
        numbers = iter(range(1, 1000))

        def edit() -> None:
            cs = next(numbers)
            connected.push(channel, cs, one_edit(doc, f"key-{cs}", "값 🙂"))
            connected.acked(channel, cs)

        edit()
        yield edit
        edit()


def one_edit(doc: pycrdt.Doc[Any], key: str, value: object) -> bytes:
    before = doc.get_state()
    doc.get("edits", type=pycrdt.Map)[key] = value
    return doc.get_update(before)


def nested(depth: int) -> bytes:
    """An update with lists inside lists."""
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return one_edit(pycrdt.Doc(), "deep", value)


def test_a_text_message_ends_the_connection_with_4400(
    client: WireClient, bystander: Callable[[], None]
) -> None:
    client.send_raw("hello")
    assert client.close_code() == 4400
    bystander()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no frame"),
        (b"\xff", "half a varuint"),
        (b"\xff" * 12, "a varuint without end"),
        (varuint(0) + varuint(999), "unknown type"),
        (varuint(0) + varuint(HELLO) + varuint(2**40), "a string longer than the message"),
        (varuint(0) + varuint(HELLO) + var_string("[1, 2]"), "JSON that is no object"),
        (varuint(0) + varuint(HELLO) + var_string("{" * 5000), "JSON that does not end"),
        (varuint(1) + varuint(UPDATE) + varuint(1) + var_bytes(b""), "a server's message"),
        (encode(Hello(1, "tests", b"r" * 16))[:-1], "a frame cut short"),
        (encode(Hello(9, "tests", b"r" * 16)), "another protocol version"),
        (varuint(0) + varuint(SUB) + var_string("{}") + var_bytes(b"\0"), "SUB before HELLO"),
        (random.Random(7).randbytes(64), "noise"),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "",
)
def test_a_malformed_first_message_ends_only_its_own_connection(
    client: WireClient, bystander: Callable[[], None], data: bytes, why: str
) -> None:
    client.send_raw(data)
    assert client.close_code() in {4400, 4413}, why
    bystander()


def test_push_on_a_channel_that_was_never_opened_is_refused_or_ignored(
    client: WireClient, bystander: Callable[[], None]
) -> None:
    client.hello()
    client.push(200, 1, one_edit(pycrdt.Doc(), "intruder", 1))
    client.send(Unsub(200))
    bystander()


@pytest.mark.parametrize(
    "update", [b"", b"\0", b"\x01", random.Random(8).randbytes(200), b"\xff" * 64]
)
def test_an_update_that_is_none_ends_only_its_own_connection(
    client: WireClient, bystander: Callable[[], None], server: MoimProcess, update: bytes
) -> None:
    client.hello()
    channel = client.subscribe(DOCUMENT, pycrdt.Doc()).channel
    digest = server.document(DOCUMENT)["digest"]
    client.push(channel, 1, update)
    assert client.close_code() == 4400
    assert server.document(DOCUMENT)["digest"] == digest
    bystander()


def test_a_deeply_nested_update_is_over_a_limit(
    client: WireClient, bystander: Callable[[], None]
) -> None:
    client.hello()
    channel = client.subscribe(DOCUMENT, pycrdt.Doc()).channel
    client.push(channel, 1, nested(depth=200))
    assert client.close_code() == 4413
    bystander()


def test_an_oversized_push_is_over_a_limit(
    client: WireClient, bystander: Callable[[], None], server: MoimProcess
) -> None:
    limits = client.hello().limits
    channel = client.subscribe(DOCUMENT, pycrdt.Doc()).channel
    client.push(channel, 1, one_edit(pycrdt.Doc(), "big", "x" * (limits.push_bytes + 1)))
    assert client.close_code() == 4413
    assert "big" not in server.document(DOCUMENT)["data"].get("edits", {})
    bystander()


def test_a_huge_frame_ends_only_its_own_connection(
    client: WireClient, bystander: Callable[[], None]
) -> None:
    client.hello()
    head = varuint(1) + varuint(PUSH) + varuint(1) + varuint(0) + varuint(0)
    with contextlib.suppress(ConnectionClosed, OSError):  # cut off while it is still sending
        client.send_raw(head + var_bytes(b"\0" * 40_000_000))
    assert client.close_code() in {4413, 1009, 1006}
    bystander()


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("project/nobody-made-this", "unknown"),
        ("nokind/x", "malformed"),
        ("project/", "malformed"),
        ("project/../../etc/passwd", "malformed"),
        ("project/" + "x" * 65, "malformed"),
        ("", "malformed"),
    ],
)
def test_a_document_that_cannot_be_opened_is_answered_by_its_reason(
    client: WireClient, bystander: Callable[[], None], document: str, code: str
) -> None:
    client.hello()
    assert client.refused(document).code == code
    bystander()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/project/nobody-made-this", 404),
        ("/api/nokind/x", 404),
        ("/api/project/..%2F..%2Fetc%2Fpasswd", 404),
        ("/static/../cli.py", 404),
        ("/static/%2e%2e/cli.py", 404),
        ("/static/nothing-abc.js", 404),
    ],
)
def test_an_address_without_anything_behind_it_is_not_found(
    server: MoimProcess, path: str, status: int
) -> None:
    assert server.get(path)[0] == status


def test_a_foreign_origin_is_refused_at_every_door(server: MoimProcess) -> None:
    upgrade = {
        "Origin": "https://elsewhere.example",
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    for door in ("/sync", "/yjs/open/bad-messages"):
        assert server.get(door, upgrade)[0] == 403, door
    assert server.get(f"/api/{DOCUMENT}", {"Origin": "https://elsewhere.example"})[0] == 403


LEVELS_PER_PUSH = 1500


def deep_tree(levels: int) -> tuple[list[bytes], bytes]:
    """Updates that hang maps inside maps, and the small one that deletes them at the root.

    Deleting recurses in Rust, so the author needs the room on the stack that the server needs too.
    """
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    tree = inner = doc.get("edits", type=pycrdt.Map)
    made = []
    for _ in range(levels // LEVELS_PER_PUSH):
        before = doc.get_state()
        with doc.transaction():
            for _ in range(LEVELS_PER_PUSH):
                inner["deeper"] = pycrdt.Map()
                inner = inner["deeper"]
        made.append(doc.get_update(before))
    before = doc.get_state()
    del tree["deeper"]
    return made, doc.get_update(before)


def in_deep_thread(work: Callable[[], Any]) -> Any:
    """Gives what `work` gives, done on a stack of 512 MB."""
    results: list[Any] = []
    previous = threading.stack_size(512 * 1024 * 1024)
    thread = threading.Thread(target=lambda: results.append(work()))
    thread.start()
    threading.stack_size(previous)
    thread.join()
    return results[0]


def test_a_deep_tree_that_is_cut_at_its_root_does_not_end_the_server(
    client: WireClient, bystander: Callable[[], None]
) -> None:
    made, cut = in_deep_thread(lambda: deep_tree(levels=60_000))
    client.hello()
    channel = client.subscribe("open/deep-tree", pycrdt.Doc(), create=True).channel
    for cs, update in enumerate([*made, cut], start=1):
        client.push(channel, cs, update)
        bystander()
    client.acked(channel, len(made) + 1)
    bystander()
