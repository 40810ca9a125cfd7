"""What pages of the origins that were named with --origin may read (CORS), and no others."""

from pathlib import Path

import pytest

from access_rig import House, house

pytestmark = pytest.mark.anyio
NAMED, EVIL = "http://localhost:3000", "https://evil.example"
ADDRESSES = (
    "/api/project/launch",
    "/api/calendar/team/occurrences?from=2026-11-02&to=2026-11-09&zone=UTC",
    "/graphql?query={workspace{id}}",
)


async def token_of(place: House) -> str:
    account = await place.person("ada")
    _, secret = await place.people.tokens.make(
        account, label="test", documents=(), may_write=True, days=1
    )
    return secret


@pytest.mark.parametrize("address", ADDRESSES)
async def test_a_named_page_may_read_what_its_person_may(tmp_path: Path, address: str) -> None:
    async with house(tmp_path, origins=(NAMED,)) as place:
        bearer = f"Bearer {await token_of(place)}"
        browser = place.browser()
        answer = await browser.ask(address, Origin=NAMED, Authorization=bearer)
        assert answer.code == 200
        assert answer.headers["Access-Control-Allow-Origin"] == NAMED
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        assert answer.headers["Vary"] == "Origin"
        stranger = await browser.ask(address, Origin=NAMED)
        assert stranger.code == 401
        assert stranger.headers["Access-Control-Allow-Origin"] == NAMED


@pytest.mark.parametrize("address", ADDRESSES)
async def test_what_a_named_page_asks_leave_for_is_answered_before_anybody_signs_in(
    tmp_path: Path, address: str
) -> None:
    async with house(tmp_path, origins=(NAMED,)) as place:
        asked = {"Origin": NAMED, "Access_Control_Request_Method": "POST"}
        answer = await place.browser().ask(address, method="OPTIONS", **asked)
        assert answer.code == 204
        assert answer.headers["Access-Control-Allow-Origin"] == NAMED
        assert answer.headers["Access-Control-Allow-Methods"] == "GET, POST"
        assert answer.headers["Access-Control-Allow-Headers"] == "Authorization, Content-Type"
        assert answer.body == b""


@pytest.mark.parametrize("address", [*ADDRESSES, "/account", "/metrics"])
async def test_other_pages_get_no_leave(tmp_path: Path, address: str) -> None:
    async with house(tmp_path, origins=(NAMED,)) as place:
        bearer = f"Bearer {await token_of(place)}"
        for method in ("GET", "OPTIONS"):
            answer = await place.browser().ask(
                address, method=method, Origin=EVIL, Authorization=bearer
            )
            assert answer.code >= 400 or not answer.body
            assert not any(name.startswith("Access-Control") for name in answer.headers)


async def test_a_named_page_may_not_read_what_is_not_meant_for_it(tmp_path: Path) -> None:
    async with house(tmp_path, origins=(NAMED,)) as place:
        for address in ("/", "/metrics", "/account"):
            for method in ("GET", "OPTIONS"):
                answer = await place.browser().ask(address, method=method, Origin=NAMED)
                assert not any(name.startswith("Access-Control") for name in answer.headers)
