"""Every address of the server asks the gate before it answers, or stands on the list of those that
show nothing of anybody. A new address that does neither fails here.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.routing import PathMatches, Rule
from tornado.web import Application
from tornado.websocket import WebSocketHandler, websocket_connect

from access_rig import House, house
from moim import plugin
from moim.local_door import local_door, socket_file
from moim_sync.authorization import Action, Role
from socketio_rig import dial

pytestmark = pytest.mark.anyio

ANYBODYS = {
    "/healthz$": "that the server lives, for whoever watches it",
    "/favicon\\.ico$": "a picture",
    "/service-worker\\.js$": "a part of the program, the same for everybody",
    "/static/.*$": "the program, the same for everybody",
    "/login$": "how one comes in",
    "/logout$": "asks the gate who comes, sends others to sign in",
    "/invite/([0-9a-f]{32})$": "how one comes in, by a code of 128 random bits",
    "/socket\\.io/?$": "a line on which nothing is said to who has not come in, see below",
}
"""Patterns of addresses that answer to whoever asks, and what they show."""

SAMPLES = {
    "/api/(calendar/[A-Za-z0-9_-]{1,64})/occurrences$": (
        "/api/calendar/team/occurrences?from=2026-11-01&to=2026-12-01&zone=UTC"
    ),
    "/api/(workspace|[a-z]+/[A-Za-z0-9_-]{1,64})/changes$": "/api/project/launch/changes",
    "/api/(.+)$": "/api/project/launch",
    "/sync/poll/?$": "/sync/poll/?EIO=4&transport=polling",
    "/yjs/([^?#]+)$": "/yjs/project/launch",
    "/panel/([a-z]{1,32})/token$": "/panel/project/token?project=launch",
    "/(?:project|calendar|page)/[A-Za-z0-9_-]{1,64}$": "/project/launch",
    "/feeds/([^/]{1,200})\\.ics$": "/feeds/no-such-secret.ics",
    ".*$": "/panel/project?project=launch",
}
"""An address for each pattern that is none itself."""

SECRETS = {"/feeds/([^/]{1,200})\\.ics$"}
"""Patterns of secret addresses: who has no right to one is told that there is none."""


FIRST_WORDS = {"/graphql$": ("graphql-transport-ws", '{"type": "connection_init"}')}
"""The subprotocol of a socket, and what is said first: the gate is asked when it has come."""


def rules_of(application: Application) -> Iterator[tuple[str, type[Any]]]:
    """Every pattern of an application and its handler, however deep the router."""

    def walk(rules: list[Rule]) -> Iterator[tuple[str, type[Any]]]:
        for rule in rules:
            inner = getattr(rule.target, "rules", None)
            if inner is not None:
                yield from walk(inner)
            elif isinstance(rule.matcher, PathMatches):
                yield rule.matcher.regex.pattern, rule.target

    return walk(application.default_router.rules)


def address_of(pattern: str) -> str:
    address = SAMPLES.get(pattern, pattern.rstrip("$"))
    assert address.startswith("/"), f"name an address for the pattern {pattern} in SAMPLES"
    return address


async def answer_of(place: House, pattern: str, handler: type[Any]) -> int:
    """The status that a stranger gets; a socket's close code when it is accepted at first."""
    address = address_of(pattern)
    if not issubclass(handler, WebSocketHandler):
        return (await place.browser().ask(address)).code
    url = place.url.replace("http", "ws", 1) + address
    try:
        request = HTTPRequest(url, headers={"Origin": place.url})
        protocol, words = FIRST_WORDS.get(pattern, (None, None))
        socket = await websocket_connect(request, subprotocols=[protocol] if protocol else None)
    except HTTPClientError as error:
        return error.code
    if words is not None:
        await socket.write_message(words)
    assert await socket.read_message() is None, f"{address} said something to a stranger"
    return socket.close_code or 0


async def test_no_address_answers_a_stranger_without_asking_the_gate(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        rules = list(rules_of(place.application))
        assert len(rules) > 12
        for pattern, handler in rules:
            if pattern in ANYBODYS:
                continue
            place.gate.asked.clear()
            code = await answer_of(place, pattern, handler)
            refused = (404,) if pattern in SECRETS else (302, 401, 403, 4401, 4403)
            assert code in refused, f"{pattern} answered a stranger with {code}"
            assert place.gate.asked, f"{pattern} did not ask the gate"
            assert not any(allowed for *_, allowed in place.gate.asked)


async def test_no_address_gives_a_document_to_who_may_not_read_it(tmp_path: Path) -> None:
    documents = ("/api/project/launch", "/api/workspace", "/panel/project/token?project=launch")
    occurrences = SAMPLES["/api/(calendar/[A-Za-z0-9_-]{1,64})/occurrences$"]
    async with house(tmp_path) as place:
        nobody = await place.visitor("Nobody", Role.NONE)
        for address in (*documents, occurrences):
            place.gate.asked.clear()
            answer = await nobody.ask(address)
            assert answer.code == 403, f"{address} answered {answer.code}"
            assert any(action is Action.READ for _, action, _, _ in place.gate.asked)


async def test_what_is_on_the_list_is_there_and_answers_without_a_document(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        patterns = {pattern for pattern, _ in rules_of(place.application)}
        assert set(ANYBODYS) <= patterns
        assert set(SAMPLES) <= patterns


async def test_the_line_of_socket_io_asks_before_it_says_or_does_anything(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        stranger = await dial(place.url, Origin=place.url)
        place.gate.asked.clear()
        stranger.write("40")
        assert (await stranger.get("connect_error"))["data"] == {"code": "sign-in"}
        assert [(who, action) for who, action, *_ in place.gate.asked] == [(None, Action.ENTER)]
        stranger.write('420["subscribe",{"project":"launch"}]')
        await stranger.ended()
        assert stranger.heard == []


async def test_the_doors_of_the_plugin_ask_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listen: Any
) -> None:
    class OneProcess:
        """Stands for the process of `panel serve`, whose end would end this one's loop."""

        def __init__(self, place: House) -> None:
            self.gate = place.gate
            self.access = place.services.access
            self.origins = self.access.origins
            self.guests = self.access.visitors._guests
            self._hub = place.hub

        async def hub(self) -> Any:
            return self._hub

    async with house(tmp_path, auth="none") as place:
        monkeypatch.setattr(plugin, "single_process", lambda: OneProcess(place))
        place.url = await listen(Application(plugin.ROUTES))
        for pattern, handler in plugin.ROUTES:
            place.gate.asked.clear()
            pattern = pattern + "$"
            if issubclass(handler, WebSocketHandler):
                browser = place.browser()
                (await browser.socket(address_of(pattern))).close()
            else:
                await place.browser().ask(address_of(pattern))
            assert place.gate.asked, f"{pattern} did not ask the gate"


async def test_the_local_door_asks_and_only_its_owner_may_use_it(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        database = tmp_path / "door.db"
        with local_door(database, place.hub, place.people):
            assert socket_file(database).stat().st_mode & 0o777 == 0o600
