"""`/graphql` over real sockets, before a hub with accounts: who, from where, and in which form."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from anyio import fail_after
from tornado.httpclient import HTTPClientError, HTTPRequest, HTTPResponse
from tornado.web import Application
from tornado.websocket import WebSocketClientConnection, websocket_connect

from access_rig import Browser, House, house
from hub_rig import until
from moim.documents_reader import DocumentsReader
from moim.graphql.door import GraphqlDoor
from moim.graphql.expansions import Expansions
from moim.graphql.limits import GraphqlLimits
from moim.graphql.socket_handler import graphql_routes
from moim_sync.authorization import Role

pytestmark = pytest.mark.anyio
QUERY = '{ project(id: "launch") { id version } }'
CREATE = 'mutation { createCard(input: {project: "launch", title: "x"}) { version } }'
FOLLOW = 'subscription { projectChanged(id: "launch") { version } }'
JSON = "application/json"


async def post(browser: Browser, value: Any, **headers: str) -> HTTPResponse:
    sent = {"Content_Type": JSON, "Origin": browser.url, **headers}
    body = value if isinstance(value, str) else json.dumps(value)
    return await browser.ask("/graphql", method="POST", body=body, **sent)


def read(answer: HTTPResponse) -> Any:
    assert answer.headers["Content-Type"].startswith("application/")
    return json.loads(answer.body)


async def token_of(place: House, name: str) -> str:
    _, secret = await place.people.tokens.make(
        place.made[name], label="test", documents=(), may_write=True, days=1
    )
    return secret


@asynccontextmanager
async def socket(
    place: House, browser: Browser | None = None, **headers: str
) -> AsyncIterator[WebSocketClientConnection]:
    kept = browser.cookies if browser else {}
    cookies = "; ".join(f"{name}={value}" for name, value in kept.items())
    sent = {"Origin": place.url, "Cookie": cookies, **headers}
    request = HTTPRequest(place.url.replace("http", "ws", 1) + "/graphql", headers=sent)
    connected = await websocket_connect(request, subprotocols=["graphql-transport-ws"])
    try:
        yield connected
    finally:
        connected.close()


async def say(connected: WebSocketClientConnection, **message: Any) -> None:
    await connected.write_message(json.dumps(message))


async def hear(connected: WebSocketClientConnection) -> Any:
    """The next message; None at the end, whose code is then in `close_code`."""
    with fail_after(10):
        heard = await connected.read_message()
    return None if heard is None else json.loads(heard)


async def test_a_query_is_answered_in_the_type_that_is_asked_for(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        ann = await place.visitor("Ann")
        plain = await post(ann, {"query": QUERY})
        assert (plain.code, plain.headers["Content-Type"]) == (200, f"{JSON}; charset=utf-8")
        assert read(plain) == {"data": {"project": {"id": "launch", "version": 0}}}
        modern = await post(ann, {"query": QUERY}, Accept="application/graphql-response+json")
        assert modern.headers["Content-Type"].startswith("application/graphql-response+json")
        assert read(modern) == read(plain)
        wrong = {"query": "{ nothing }"}
        assert (await post(ann, wrong)).code == 200
        refused = await post(ann, wrong, Accept="application/graphql-response+json")
        assert (refused.code, "data" in read(refused)) == (400, False)
        got = await ann.ask("/graphql?" + urlencode({"query": QUERY, "variables": "{}"}))
        assert read(got) == read(plain)


async def test_a_page_of_another_server_can_do_nothing(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        ann = await place.visitor("Ann")
        evil = "https://evil.example"
        assert (await post(ann, {"query": QUERY}, Origin=evil)).code == 403
        for form in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
            answer = await post(ann, {"query": CREATE}, Content_Type=form)
            assert (answer.code, read(answer)["errors"][0]["message"][:8]) == (415, "expected")
        by_get = await ann.ask("/graphql?" + urlencode({"query": CREATE}))
        assert (by_get.code, by_get.headers["Allow"]) == (405, "POST")
        with pytest.raises(HTTPClientError) as refused:
            async with socket(place, ann, Origin=evil):
                pass
        assert refused.value.code == 403


MALFORMED = (
    ("", 400),
    ("no json", 400),
    ("[" * 50_000, 400),
    ("7", 400),
    ("[]", 400),
    ("{}", 400),
    ('{"query": 7}', 400),
    ('{"query": "{ __typename }", "variables": []}', 400),
    ('{"query": "{ __typename }", "operationName": 1}', 400),
    ('{"query": "{ __typename }", "operationName": "None"}', 400),
    (json.dumps({"query": FOLLOW}), 400),
    (json.dumps([{"query": "{ __typename }"}] * 11), 400),
    (json.dumps({"query": "{ __typename }", "more": "x" * 300_000}), 413),
)


async def test_a_request_that_is_none_is_refused_and_the_next_is_answered(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        ann = await place.visitor("Ann")
        for body, status in MALFORMED:
            answer = await post(ann, body)
            assert answer.code == status, body[:80]
            assert read(answer)["errors"][0]["extensions"]["code"] in ("malformed", "limit")
            assert (await post(ann, {"query": "{ __typename }"})).code == 200


async def test_a_body_without_a_length_is_cut_off_at_the_limit(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        ann = await place.visitor("Ann")
        port = int(place.url.rpartition(":")[2])
        cookie = "; ".join(f"{name}={value}" for name, value in ann.cookies.items())
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n"
            "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
        )
        for _ in range(6):
            writer.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
        with fail_after(10):
            assert b" 413 " in await reader.readline()
        writer.close()


async def test_a_batch_is_answered_in_order_each_for_itself(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        ann = await place.visitor("Ann")
        batch = [{"query": QUERY}, {"query": "{ nothing }"}, {"no": 1}, {"query": "{ __typename }"}]
        answer = await post(ann, batch)
        assert answer.code == 200
        first, second, third, fourth = read(answer)
        assert first["data"]["project"]["id"] == "launch"
        assert second["errors"][0]["message"].startswith("Cannot query field")
        assert third["errors"][0]["extensions"]["code"] == "malformed"
        assert fourth == {"data": {"__typename": "Query"}}


async def test_a_stranger_is_told_to_sign_in_and_a_token_lets_in(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        ann = await place.visitor("Ann")
        stranger = place.browser()
        answer = await post(stranger, {"query": QUERY})
        assert (answer.code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        secret = await token_of(place, "Ann")
        bearer = {"Authorization": f"Bearer {secret}"}
        assert (await post(stranger, {"query": QUERY}, **bearer)).code == 200
        assert (await post(ann, {"query": QUERY}, Authorization="Bearer moim_no")).code == 401
        for headers, payload, welcome in (
            (bearer, {}, True),
            ({}, {"token": secret}, True),
            ({}, {"token": "moim_no"}, False),
            ({}, {}, False),
        ):
            async with socket(place, **headers) as connected:
                await say(connected, type="connection_init", payload=payload)
                heard = await hear(connected)
                assert heard == ({"type": "connection_ack"} if welcome else None), payload
                assert welcome or connected.close_code == 4403


async def test_a_socket_without_our_subprotocol_is_closed(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        ann = await place.visitor("Ann")
        connected = await ann.socket("/graphql")
        assert await hear(connected) is None
        assert connected.close_code == 4406


async def test_a_message_over_the_limit_ends_its_socket(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        ann = await place.visitor("Ann")
        async with socket(place, ann) as connected:
            await say(connected, type="connection_init", payload={"x": "x" * 300_000})
            assert await hear(connected) is None
            assert connected.close_code == 1009


async def test_a_socket_that_gives_no_sign_of_life_is_closed(tmp_path: Path, listen: Any) -> None:
    async with house(tmp_path) as place:
        ann = await place.visitor("Ann")
        limits = GraphqlLimits(ping_s=0.05, dead_s=0.05)
        expansions = Expansions(DocumentsReader(place.hub).occurrences)
        door = GraphqlDoor(place.hub, place.services.access, expansions, limits)
        url = await listen(Application(graphql_routes(door)))
        cookie = "; ".join(f"{name}={value}" for name, value in ann.cookies.items())
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        writer.write(
            f"GET /graphql HTTP/1.1\r\nHost: {url[7:]}\r\nCookie: {cookie}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n".encode()
        )
        with fail_after(10):
            assert b" 101 " in await reader.readline()
            await reader.readuntil(b"\x89\x00")  # a ping, that nobody answers
            await reader.readuntil(b"\x88")  # and a close
        writer.close()
        await until(lambda: place.hub.counters.graphql == 0)


async def test_who_is_disabled_or_signs_out_is_let_go_at_once(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as place:
        ann, eve = await place.visitor("Ann"), await place.visitor("Eve")
        async with socket(place, ann) as disabled, socket(place, eve) as signed_out:
            for one in (disabled, signed_out):
                await say(one, type="connection_init")
                assert (await hear(one))["type"] == "connection_ack"
                await say(one, type="subscribe", id="s", payload={"query": FOLLOW})
            await until(lambda: len(place.hub.followers) == 4)
            assert place.hub.counters.graphql == 2
            await place.people.accounts.disable(place.made["Ann"], True)
            assert await hear(disabled) is None
            await eve.send("/logout", "/account")
            assert await hear(signed_out) is None
            assert (disabled.close_code, signed_out.close_code) == (4403, 4403)
            await until(lambda: not place.hub.followers and not place.hub.counters.graphql)


async def test_who_becomes_a_viewer_writes_no_more_on_the_open_socket(tmp_path: Path) -> None:
    create = 'mutation { createCard(input: {project: "launch", title: "x"}) {'
    create += " failure { code } } }"
    async with house(tmp_path) as place:
        ann = await place.visitor("Ann")
        async with socket(place, ann) as connected:
            await say(connected, type="connection_init")
            await hear(connected)
            await place.people.accounts.set_role(place.made["Ann"], Role.VIEWER)
            await say(connected, type="subscribe", id="m", payload={"query": create})
            answer = (await hear(connected))["payload"]["data"]["createCard"]
            assert answer["failure"]["code"] == "ROLE"
