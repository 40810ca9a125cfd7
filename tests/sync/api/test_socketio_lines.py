"""Connections of the Socket.IO door: how they begin and end, over WebSockets and polling."""

import asyncio
import json

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPResponse

from hub_rig import until
from moim_sync.api.caller import Caller
from moim_sync.api.commands import create_card
from moim_sync.api.socketio.door import PACKET_BYTES, PING_INTERVAL_S, PING_TIMEOUT_S
from moim_sync.limits import HubLimits
from socketio_rig import BOARD, DoorRig, SocketIo, dial, door, person

pytestmark = pytest.mark.anyio
BOB = person("bob")
SUBSCRIBE = '421["subscribe",{"project":"p"}]'


async def works(client: SocketIo) -> None:
    """It gives answers."""
    assert (await client.ask("subscribe", {"project": "p"}))["ok"]


async def test_connections_come_and_go_and_leave_nothing() -> None:
    async with door() as place:
        for _ in range(20):
            ann = await place.client()
            await ann.ask("subscribe", {"project": "p"})
            await ann.close()
        await until(lambda: not place.door.connections)
        server = place.door._server
        assert server is not None
        await until(lambda: not server.environ)
        assert not place.door._clients
        assert not server.eio.sockets
        assert not place.hub.followers
        assert place.hub.counters.connections == 0


async def test_who_says_nothing_is_let_go_and_gets_no_document() -> None:
    async with door(limits=HubLimits(hello_s=0.05)) as place:
        silent = await dial(place.url, Who="ann")
        silent.write(SUBSCRIBE)
        await silent.ended()
        assert silent.heard == []
        late = await dial(place.url, Who="ann")
        await late.ended()
        assert not place.door.connections


async def test_a_stranger_is_told_to_sign_in_and_nothing_else() -> None:
    async with door() as place:
        stranger = await dial(place.url, Who="nobody")
        stranger.write("40")
        told = await stranger.get("connect_error")
        assert told["data"] == {"code": "sign-in"}
        stranger.write(SUBSCRIBE)
        await stranger.ended()
        assert stranger.heard == []
        assert place.hub.counters.opened["socketio"] == 0


async def test_a_token_in_the_first_packet_counts_before_what_the_request_says() -> None:
    async with door() as place:
        client = await (await dial(place.url, Who="nobody")).enter({"token": "ann"})
        await works(client)


async def test_who_leaves_and_enters_again_on_one_line_is_served() -> None:
    async with door() as place:
        ann = await place.client()
        await works(ann)
        ann.write("41")
        await until(lambda: not place.hub.followers)
        await ann.enter()
        await works(ann)
        assert place.hub.counters.connections == 1


async def test_the_servers_stop_ends_connections_so_that_clients_come_back() -> None:
    async with door() as place:
        ann = await place.client()
        await works(ann)
        await place.hub.drain(0)
        await ann.ended()
        assert ann.told("disconnect") == []  # that would keep the client from coming back
        assert ann.told("session:ended") == []


async def test_the_server_is_imported_with_the_first_connection_only() -> None:
    async with door() as place:
        assert place.door._starting is None
        await place.client()
        assert place.door._server is not None


# Polling


async def request(
    place: DoorRig, query: str, body: str | None = None, who: str = "ann"
) -> HTTPResponse:
    client = AsyncHTTPClient(force_instance=True)
    try:
        return await client.fetch(
            f"{place.url}/socket.io/?EIO=4&transport=polling{query}",
            method="GET" if body is None else "POST",
            body=body,
            headers={"Who": who},
            raise_error=False,
        )
    finally:
        client.close()


async def polling(place: DoorRig, who: str = "ann") -> str:
    """A connection over polling that has come in; gives its id."""
    opened = await request(place, "", who=who)
    assert opened.code == 200
    sid: str = json.loads(opened.body[1:])["sid"]
    assert (await request(place, f"&sid={sid}", "40", who)).code == 200
    assert (await request(place, f"&sid={sid}", who=who)).body.startswith(b"40{")
    return sid


async def test_polling_takes_events_and_gives_answers_and_news() -> None:
    async with door() as place:
        sid = await polling(place)
        await request(place, f"&sid={sid}", SUBSCRIBE)
        text = (await request(place, f"&sid={sid}")).body.decode()
        while "431[" not in text:
            text += (await request(place, f"&sid={sid}")).body.decode()
        assert "presence:update" in text
        assert '431[{"ok":true,"id":"p","version":1}]' in text
        await Caller(place.hub, BOB).run(BOARD, create_card(BOB, {"title": "새 카드 🚀"}))
        assert "새 카드 🚀" in (await request(place, f"&sid={sid}")).body.decode()
        assert place.door.connections[sid].transport.waiting_bytes == 0


@pytest.mark.parametrize("body", ["x", "\x1e", "9", "4" * (PACKET_BYTES + 1), "4a\x1e" * 20])
async def test_a_post_that_is_none_ends_its_connection_alone(body: str) -> None:
    async with door() as place:
        sid, other = await polling(place), await place.client("bob")
        assert (await request(place, f"&sid={sid}", body)).code == 400
        assert sid not in place.door.connections
        await works(other)


async def test_a_connections_id_is_no_use_to_somebody_else() -> None:
    async with door() as place:
        sid = await polling(place)
        assert (await request(place, f"&sid={sid}", SUBSCRIBE, "eve")).code == 403
        assert (await request(place, f"&sid={sid}", who="eve")).code == 403
        assert (await request(place, f"&sid={sid}", SUBSCRIBE)).code == 200


async def test_a_poll_that_is_cut_off_ends_the_connection() -> None:
    async with door() as place:
        sid = await polling(place)
        line = AsyncHTTPClient(force_instance=True)
        address = f"{place.url}/socket.io/?EIO=4&transport=polling&sid={sid}"
        poll = line.fetch(address, headers={"Who": "ann"}, request_timeout=0.2)
        with pytest.raises(Exception, match="Timeout"):
            await poll
        await until(lambda: not place.door.connections)
        server = place.door._server
        assert server is not None
        await until(lambda: not (server.environ or place.door._clients or server.eio.sockets))
        assert place.hub.counters.connections == 0


async def test_one_address_has_so_many_polling_connections_and_no_more() -> None:
    async with door(limits=HubLimits(polling_per_address=2)) as place:
        for _ in range(2):
            await polling(place)
        assert (await request(place, "")).code == 503


async def test_a_client_that_changes_over_to_a_websocket_stays_who_it_is() -> None:
    async with door() as place:
        sid = await polling(place)
        poll = asyncio.create_task(request(place, f"&sid={sid}"))
        line = await dial(f"{place.url}", f"&sid={sid}", Who="ann")
        line.write("2probe")
        await line.get("probe")
        assert (await poll).body == b"6"
        line.write("5")
        await works(line)
        assert place.door.connections[sid].transport.kind == "websocket"
        await line.close()
        await until(lambda: not place.door.connections)


async def test_a_probe_that_fails_leaves_the_client_with_polling() -> None:
    async with door() as place:
        sid = await polling(place)
        line = await dial(f"{place.url}", f"&sid={sid}", Who="ann")
        line.write("2probe")
        await line.get("probe")
        await line.close()
        assert (await request(place, f"&sid={sid}", SUBSCRIBE)).code == 200
        assert place.door.connections[sid].transport.kind == "polling"


async def test_who_has_gone_without_a_word_is_let_go_and_may_come_back() -> None:
    now_s = 0.0
    async with door(clock=lambda: now_s) as place:
        ann, bob = await place.client(), await place.client("bob")
        await works(ann)
        now_s = PING_INTERVAL_S + PING_TIMEOUT_S - 1.0
        place.hub.tick(now_s)
        await works(bob)  # a sign of life
        now_s += 2.0
        place.hub.tick(now_s)
        await ann.ended()
        assert ann.told("disconnect") == []
        await works(bob)
        assert len(place.door.connections) == 1
