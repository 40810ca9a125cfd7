"""The frames of /sync and /yjs, held to tests/vectors/protocol.json and to random ones."""

import json
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moim_sync import messages, y_protocol
from moim_sync.errors import CloseCode, MalformedMessage, OverLimit, WireError
from moim_sync.lib0 import read_varuint, varuint
from moim_sync.messages import ClientMessage, ServerMessage
from moim_sync.protocol import (
    decode_client_frames,
    decode_server_frames,
    encode,
    encode_ack,
    encode_presence,
    encode_update_frame,
)

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "protocol.json").read_text())
DECODERS = {
    "client": decode_client_frames,
    "server": decode_server_frames,
    "y-websocket": y_protocol.decode_y_message,
    "awareness": y_protocol.decode_awareness,
}


def rows(section: str) -> Any:
    return pytest.mark.parametrize("row", VECTORS[section], ids=lambda row: row["name"])


def from_row(row: dict[str, Any]) -> Any:
    """Build a message from its row: bytes are hex there, tuples lists."""
    values = {name: value for name, value in row.items() if name != "type"}
    kind = next(
        c for c in vars(messages).values() if getattr(c, "__name__", "").lower() == row["type"]
    )
    for field in fields(kind):
        if field.name not in values:
            continue
        value = values[field.name]
        if field.type is bytes:
            values[field.name] = bytes.fromhex(value)
        elif field.name == "paths":
            values[field.name] = tuple(messages.Refusal(**path) for path in value)
        elif field.name in ("mine", "theirs"):
            pass
        elif isinstance(value, list):
            values[field.name] = tuple(value)
        elif isinstance(value, dict):
            values[field.name] = field.type(**value)
    return kind(**values)


@pytest.mark.rule("G4")
@rows("page process")
def test_an_edit_that_a_page_process_brings_is_encoded_as_the_vectors_say(
    row: dict[str, Any],
) -> None:
    expected = [from_row(message) for message in row["messages"]]
    data = bytes.fromhex(row["hex"])
    assert decode_client_frames(data) == expected
    assert b"".join(map(encode, expected)) == data


@pytest.mark.parametrize("side", ["client", "server"])
def test_every_message_is_encoded_and_decoded_as_the_vectors_say(side: str) -> None:
    for row in VECTORS[side]:
        expected = [from_row(message) for message in row["messages"]]
        data = bytes.fromhex(row["hex"])
        assert DECODERS[side](data) == expected, row["name"]
        assert b"".join(map(encode, expected)) == data, row["name"]


def test_the_vectors_hold_every_message_of_both_sides() -> None:
    for side, union in (("client", ClientMessage), ("server", ServerMessage)):
        seen = {message["type"] for row in VECTORS[side] for message in row["messages"]}
        assert seen == {kind.__name__.lower() for kind in union.__args__}


@pytest.mark.rule("W1", "W2")
@rows("refused")
def test_a_refused_vector_ends_the_connection_with_its_code(row: dict[str, Any]) -> None:
    with pytest.raises(WireError) as caught:
        DECODERS[row["from"]](bytes.fromhex(row["hex"]))
    expected = {"malformed": MalformedMessage, "over_limit": OverLimit}[row["verdict"]]
    assert type(caught.value) is expected
    assert caught.value.close_code == (4413 if row["verdict"] == "over_limit" else 4400)


@rows("y_websocket")
def test_y_websocket_messages_are_read_as_the_vectors_say(row: dict[str, Any]) -> None:
    message = y_protocol.decode_y_message(bytes.fromhex(row["hex"]))
    if row["message"] is None:
        assert message is None
        return
    encoders = {
        "sync_step1": y_protocol.encode_sync_step1,
        "sync_step2": y_protocol.encode_sync_step2,
        "sync_update": y_protocol.encode_sync_update,
        "awareness": y_protocol.encode_awareness_message,
        "query_awareness": lambda: y_protocol.QUERY_AWARENESS,
    }
    kind, *body = (row["message"].get(key) for key in ("type", "state_vector", "update"))
    body = [bytes.fromhex(value) for value in body if value is not None]
    assert type(message).__name__.lower() == kind.replace("_", "")
    assert [getattr(message, field.name) for field in fields(message)] == body
    assert encoders[kind](*body).hex() == row["hex"]


@rows("awareness")
def test_awareness_is_encoded_and_decoded_as_the_vectors_say(row: dict[str, Any]) -> None:
    entries = [y_protocol.AwarenessEntry(**entry) for entry in row["entries"]]
    assert y_protocol.decode_awareness(bytes.fromhex(row["hex"])) == entries
    assert y_protocol.encode_awareness(entries).hex() == row["hex"]


def test_4408_alone_of_the_4400s_lets_a_client_come_back() -> None:
    comes_back = {code for code in CloseCode if not code.is_final}
    assert comes_back == {1012, 1013, 4408, 4500, 4503}


NUMBERS = st.integers(0, 2**53 - 1)
CHANNELS = st.integers(1, 2**53 - 1)
IDENTITIES = st.binary(min_size=16, max_size=16)
BLOBS = st.binary(max_size=300)
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
PATHS = st.lists(TEXTS, max_size=4).map(tuple)

VALUES = st.none() | TEXTS | st.booleans() | NUMBERS | st.lists(TEXTS, max_size=3)

CLIENT_MESSAGES = st.one_of(
    st.builds(messages.Hello, NUMBERS, TEXTS, IDENTITIES, TEXTS),
    st.builds(messages.Sub, TEXTS, st.booleans(), st.just(b"") | IDENTITIES, BLOBS),
    st.builds(messages.Unsub, CHANNELS),
    st.builds(messages.Push, CHANNELS, st.integers(1, 2**53 - 1), NUMBERS, PATHS, BLOBS),
    st.builds(
        messages.Push,
        CHANNELS,
        st.integers(1, 2**53 - 1),
        NUMBERS,
        st.just(("a/b/c", "a/b/d")),
        BLOBS,
        st.tuples(TEXTS.filter(bool), TEXTS),
    ),
    st.builds(messages.Presence, CHANNELS, BLOBS),
    st.builds(messages.Pong, NUMBERS),
    st.builds(
        messages.Resolve, CHANNELS, TEXTS, st.sampled_from(("theirs", "mine", "both", "seen"))
    ),
)
SERVER_MESSAGES = st.one_of(
    st.builds(
        messages.Welcome,
        TEXTS,
        st.builds(messages.Person, TEXTS, TEXTS, TEXTS),
        st.builds(messages.Limits, NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS),
        st.floats(0.1, 100),
        st.integers(1, 100),
    ),
    st.builds(messages.Granted, CHANNELS, TEXTS, TEXTS, IDENTITIES, TEXTS, NUMBERS, NUMBERS),
    st.builds(messages.Sync, CHANNELS, BLOBS),
    st.builds(messages.Presence, CHANNELS, BLOBS),
    st.builds(messages.Ack, CHANNELS, NUMBERS, NUMBERS),
    st.builds(messages.Update, CHANNELS, NUMBERS, BLOBS),
    st.builds(messages.Resync, CHANNELS, TEXTS, BLOBS),
    st.builds(messages.Perm, NUMBERS, TEXTS, TEXTS, TEXTS),
    st.builds(messages.Drain, NUMBERS),
    st.builds(
        messages.Reject,
        CHANNELS,
        NUMBERS,
        st.booleans(),
        TEXTS,
        TEXTS,
        st.lists(st.builds(messages.Refusal, TEXTS, TEXTS, TEXTS), max_size=3).map(tuple),
    ),
    st.builds(
        messages.Conflict,
        *(CHANNELS, TEXTS, TEXTS, TEXTS, TEXTS, NUMBERS, NUMBERS, TEXTS, TEXTS),
        *(VALUES, VALUES, NUMBERS),
    ),
    st.builds(messages.Resolved, CHANNELS, TEXTS),
    st.builds(messages.Ping, NUMBERS),
)


@given(st.lists(CLIENT_MESSAGES, min_size=1, max_size=4))
def test_what_a_client_encodes_a_server_decodes(sent: list[ClientMessage]) -> None:
    assert decode_client_frames(b"".join(map(encode, sent))) == sent


@given(st.lists(SERVER_MESSAGES, min_size=1, max_size=4))
def test_what_a_server_encodes_a_client_decodes(sent: list[ServerMessage]) -> None:
    assert decode_server_frames(b"".join(map(encode, sent))) == sent


@given(CHANNELS, NUMBERS, NUMBERS, BLOBS)
def test_the_fast_encoders_give_the_same_bytes(channel: int, a: int, b: int, blob: bytes) -> None:
    assert encode_update_frame(channel, a, blob) == encode(messages.Update(channel, a, blob))
    assert encode_ack(channel, a, b) == encode(messages.Ack(channel, a, b))
    assert encode_presence(channel, blob) == encode(messages.Presence(channel, blob))


@pytest.mark.rule("W1")
@pytest.mark.parametrize("decode", DECODERS.values(), ids=DECODERS)
@given(data=st.binary(max_size=80))
def test_any_bytes_decode_or_raise_a_wire_error(decode: Any, data: bytes) -> None:
    with suppress(WireError):
        decode(data)


@pytest.mark.rule("W1")
@given(CLIENT_MESSAGES, st.integers(0), st.integers(0, 255))
def test_a_frame_with_one_byte_changed_decodes_or_raises_a_wire_error(
    message: ClientMessage, at: int, byte: int
) -> None:
    frame = bytearray(encode(message))
    frame[at % len(frame)] = byte
    with suppress(WireError):
        decode_client_frames(bytes(frame))


@pytest.mark.rule("W1")
@given(CLIENT_MESSAGES, st.data())
def test_a_cut_frame_never_decodes(message: ClientMessage, data: st.DataObject) -> None:
    frame = encode(message)
    kept = data.draw(st.integers(0, len(frame) - 1))
    with pytest.raises(MalformedMessage):
        decode_client_frames(frame[:kept])


@given(NUMBERS)
def test_a_varuint_is_read_back(value: int) -> None:
    encoded = varuint(value)
    assert read_varuint(encoded + b"\xff", 0) == (value, len(encoded))


@pytest.mark.parametrize("value", [-1, 2**53])
def test_a_number_that_javascript_cannot_hold_is_not_encoded(value: int) -> None:
    with pytest.raises(ValueError, match="2\\^53"):
        varuint(value)
