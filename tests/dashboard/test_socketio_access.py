"""Who comes in at the Socket.IO door, as whom, and what they may do there as long as they may."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from access_rig import DAY_S, House, house
from moim_sync.authorization import Role
from socketio_rig import SocketIo, dial

pytestmark = pytest.mark.anyio
LAUNCH = "project/launch"
CARD = {"project": "launch", "title": "x"}


async def cookie_client(place: House, name: str, role: Role = Role.EDITOR) -> SocketIo:
    """Somebody who signed in with a browser."""
    browser = await place.visitor(name, role)
    cookie = "; ".join(f"{key}={value}" for key, value in browser.cookies.items())
    return await (await dial(place.url, Cookie=cookie, Origin=place.url)).enter()


async def token_of(place: House, name: str, **options: Any) -> str:
    account = place.made.get(name) or await place.person(name)
    options = {"documents": (), "may_write": True, "days": 30, **options}
    _, secret = await place.people.tokens.make(account, label="test", **options)
    return secret


async def reads(client: SocketIo, id: str = "launch") -> bool:
    ok: bool = (await client.ask("subscribe", {"project": id}))["ok"]
    return ok


async def test_a_cookie_a_header_and_a_token_in_auth_bring_the_person_in(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        by_cookie = await cookie_client(place, "Minji")
        secret = await token_of(place, "Minji")
        by_header = await (await dial(place.url, Authorization=f"Bearer {secret}")).enter()
        by_auth = await (await dial(place.url)).enter({"token": secret})
        for client in (by_cookie, by_header, by_auth):
            assert await reads(client)
            await client.ask("presence", {"project": "launch"})
            told = await client.get("presence:update", lambda one: one["people"])
            assert [one["id"] for one in told["people"]] == [place.made["Minji"].id]


@pytest.mark.parametrize(
    "auth",
    [None, {}, [], "token", {"token": ""}, {"token": "moim_no"}, {"token": 7}, {"token": []}],
)
async def test_nobody_gets_in_without_one_that_holds(tmp_path: Path, auth: Any) -> None:
    async with house(tmp_path) as place:
        stranger = await dial(place.url)
        stranger.write("40" + ("" if auth is None else json.dumps(auth)))
        told = await stranger.get("connect_error")
        assert told["data"] == {"code": "sign-in"}
        assert place.hub.sessions == set()


async def test_another_servers_page_gets_no_line(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        browser = await place.visitor("Minji")
        cookie = "; ".join(f"{key}={value}" for key, value in browser.cookies.items())
        with pytest.raises(HTTPClientError, match="403"):
            await dial(place.url, Cookie=cookie, Origin="https://evil.example")
        polling = "/socket.io/?EIO=4&transport=polling"
        assert (await browser.ask(polling, Origin="https://evil.example")).code == 403
        assert (await browser.ask(polling, Sec_Fetch_Site="cross-site")).code == 403
        assert (await browser.ask(polling + "&j=0")).code == 400
        assert (await browser.ask(polling)).code == 200


async def test_a_page_that_was_named_with_origin_may_read_what_polling_answers(
    tmp_path: Path,
) -> None:
    ours = "http://localhost:3000"
    async with house(tmp_path, origins=(ours,)) as place:
        answer = await place.browser().ask("/socket.io/?EIO=4&transport=polling", Origin=ours)
        assert answer.code == 200
        assert answer.headers["Access-Control-Allow-Origin"] == ours
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        asked = await place.browser().ask("/socket.io/", method="OPTIONS", Origin=ours)
        assert asked.code == 204
        assert "Authorization" in asked.headers["Access-Control-Allow-Headers"]


async def test_a_viewer_follows_and_edits_nothing(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        viewer = await cookie_client(place, "Vera", Role.VIEWER)
        assert await reads(viewer)
        answer = await viewer.ask("card:create", CARD)
        assert (answer["ok"], answer["code"]) == (False, "role")


async def test_a_token_for_one_document_follows_no_other(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        secret = await token_of(place, "Minji", documents=("calendar/team",), may_write=False)
        client = await (await dial(place.url)).enter({"token": secret})
        assert (await client.ask("subscribe", {"calendar": "team"}))["ok"]
        answer = await client.ask("subscribe", {"project": "launch"})
        assert (answer["ok"], answer["code"]) == (False, "role")
        event = {"calendar": "team", "title": "x", "when": ["2026-11-27", "2026-11-28", ""]}
        assert (await client.ask("event:create", event))["code"] == "role"


async def test_a_role_that_is_taken_away_ends_the_subscription_and_says_so(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        client = await cookie_client(place, "Minji")
        assert await reads(client)
        begun_s = time.monotonic()
        await place.people.accounts.set_role(place.made["Minji"], Role.NONE, LAUNCH)
        told = await client.get("subscription:ended")
        assert time.monotonic() - begun_s < 1
        assert (told["id"], told["entity"], told["code"]) == ("launch", "project", "role")
        assert place.hub.followers == set()
        assert (await client.ask("subscribe", {"project": "launch"}))["code"] == "role"
        assert (await client.ask("subscribe", {"calendar": "team"}))["ok"]


async def test_an_account_that_is_disabled_and_a_token_that_ends_end_the_connection(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as place:
        person = await cookie_client(place, "Minji")
        secret = await token_of(place, "Tom", days=1)
        program = await (await dial(place.url)).enter({"token": secret})
        for client in (person, program):
            assert await reads(client)
        begun_s = time.monotonic()
        await place.people.accounts.disable(place.made["Minji"], True)
        assert (await person.get("session:ended"))["code"] == "sign-in"
        await person.get("disconnect")
        assert time.monotonic() - begun_s < 1
        assert await reads(program)
        place.clock.now_s += 2 * DAY_S
        begun_s = time.monotonic()
        assert (await program.get("session:ended"))["code"] == "sign-in"
        assert time.monotonic() - begun_s < 2  # looked at once a second
        assert place.hub.followers == set()


async def test_signing_out_ends_the_connection_of_that_browser_alone(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        one = await cookie_client(place, "Minji")
        other = place.browser()
        await other.sign_in("Minji")
        cookie = "; ".join(f"{key}={value}" for key, value in other.cookies.items())
        two = await (await dial(place.url, Cookie=cookie)).enter()
        await other.send("/logout")
        assert (await two.get("session:ended"))["code"] == "sign-in"
        assert await reads(one)


async def test_guests_come_in_by_the_name_they_give(tmp_path: Path) -> None:
    async with house(tmp_path, auth="none") as place:
        client = await (await dial(place.url)).enter({"name": "민지", "token": "ignored"})
        assert await reads(client)
        await client.ask("presence", {"project": "launch"})
        told = await client.get("presence:update", lambda one: one["people"])
        assert told["people"][0]["name"] == "민지"
