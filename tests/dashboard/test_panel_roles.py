"""What a person's Panel session shows and may do: their role, as the hub says it."""

import json
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from access_rig import Browser, house
from dashboard.test_page_workers import asked, ready, until
from moim.access.visitors import SIGN_IN_COOKIE
from moim.forwarding import forwarded_headers
from moim.identity import PERSON_HEADER, ROLE_HEADER, WORKER_HEADER
from moim.panel_grant import grant
from moim_process import COMMAND, MoimProcess, free_port
from moim_sync.authorization import Role
from moim_sync.messages import Ack, Granted, Hello, Push, Reject, Sub
from moim_sync.protocol import decode_server_frames, encode

LAUNCH = "project/launch"
PASSWORD = "correct horse"
ASKED = "/panel/project/token?project=launch"
SETTINGS = "Project settings"

Headers = Mapping[str, str]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Served"]:
    folder = tmp_path_factory.mktemp("panel")
    server = MoimProcess(folder, free_port(), "--demo", "--auth", "password", "--workers", "1")
    with server:
        place = Served(server)
        for name, role in (("Ed", "editor"), ("Vic", "viewer"), ("Out", "editor")):
            place.moim("user", "add", name, "--role", role, stdin=PASSWORD)
        place.moim("user", "role", "Out", "none", "--document", LAUNCH)
        until(lambda: ready(server) == 1, "the worker is ready")
        yield place


class Served:
    def __init__(self, server: MoimProcess) -> None:
        self.server = server

    def moim(self, *words: str, stdin: str = "") -> str:
        done = subprocess.run(
            [*COMMAND, *words],
            input=stdin,
            env=self.server._env,
            cwd=self.server.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout.strip()

    def bearer(self, name: str) -> Headers:
        return {"Authorization": f"Bearer {self.moim('token', 'create', name, '--write')}"}

    def token(self, headers: Headers) -> str:
        status, body = self.server.get(ASKED, headers, timeout_s=30)
        assert status == 200, body
        token: str = json.loads(body)["token"]
        return token

    @contextmanager
    def settled(self, headers: Headers) -> Iterator[tuple[ClientConnection, str]]:
        """A session and its document, with the project in it.

        The first one of a process waits for the documents, and shows them only once a browser has
        said that its views stand; a later one finds them there.
        """
        ends_at = time.monotonic() + 20
        while True:
            with self.open(self.token(headers), headers) as session:
                found = content(session)
                if "Loading" not in found:
                    yield session, found
                    return
            assert time.monotonic() < ends_at, "the project never came into a session"

    def open(self, token: str, headers: Headers) -> ClientConnection:
        made = connect(
            f"ws://127.0.0.1:{self.server.port}/panel/project/ws",
            subprotocols=[Subprotocol("bokeh"), Subprotocol(token)],
            additional_headers=headers,
            open_timeout=20,
            max_size=None,
            legacy=True,
        )
        assert json.loads(made.recv(20))["msgtype"] == "ACK"
        made.recv(20)
        made.recv(20)
        return made


def content(session: ClientConnection) -> str:
    return json.dumps(asked(session, "PULL-DOC"))


def ended(session: ClientConnection) -> None:
    """Read until the other side closes; raises ConnectionClosed then, TimeoutError after 1 s."""
    while True:
        session.recv(1)


@pytest.mark.timeout(120)
def test_a_viewers_session_has_no_field_that_edits_and_an_editors_has(served: Served) -> None:
    ed, vic = served.bearer("Ed"), served.bearer("Vic")
    with served.settled(ed) as (_, found):
        assert SETTINGS in found
    with served.settled(vic) as (_, found):
        assert SETTINGS not in found


@pytest.mark.timeout(120)
def test_a_call_that_a_viewer_forges_finds_nothing_that_edits(served: Served) -> None:
    ed, vic = served.bearer("Ed"), served.bearer("Vic")
    before = served.server.get(f"/api/{LAUNCH}", vic)[1]
    with served.settled(ed) as (theirs, _):
        fields = _ids_of(asked(theirs, "PULL-DOC"), "TextAreaInput")
        assert fields
        with served.settled(vic) as (session, _):
            for field in fields:
                patch = {
                    "events": [
                        {
                            "kind": "ModelChanged",
                            "model": {"id": field},
                            "attr": "value",
                            "new": "forged",
                        }
                    ]
                }
                header = {"msgid": "9", "msgtype": "PATCH-DOC"}
                for part in (header, {}, patch):
                    session.send(json.dumps(part))
                assert _answer(session) == "ERROR"
    assert served.server.get(f"/api/{LAUNCH}", vic)[1] == before


def _ids_of(value: Any, kind: str) -> list[str]:
    if isinstance(value, list):
        return [one for inner in value for one in _ids_of(inner, kind)]
    if not isinstance(value, dict):
        return []
    own = [value["id"]] if kind in str(value.get("name", "")) and "id" in value else []
    return own + [one for inner in value.values() for one in _ids_of(inner, kind)]


def _answer(session: ClientConnection) -> str:
    """The type of the next whole message of Bokeh's protocol that answers something."""
    while True:
        header = json.loads(session.recv(10))
        session.recv(10)
        session.recv(10)
        if header.get("msgtype") in ("ERROR", "OK"):
            return str(header["msgtype"])


@pytest.mark.timeout(120)
def test_tokens_are_for_documents_that_their_person_may_read(served: Served) -> None:
    assert served.server.get(ASKED)[0] == 401
    out = served.bearer("Out")
    assert served.server.get(ASKED, out)[0] == 403
    assert served.server.get("/panel/page/token?chart=people,launch", out)[0] == 403
    assert served.server.get("/panel/page/token?chart=people,website", out, 30)[0] == 200
    assert served.server.get("/panel/project?project=launch", out)[0] == 403
    assert served.server.get("/panel/project?project=website&project=launch", out)[0] == 403


@pytest.mark.timeout(120)
def test_a_token_opens_a_session_for_its_own_person_only(served: Served) -> None:
    ed, vic = served.bearer("Ed"), served.bearer("Vic")
    token = served.token(ed)
    for headers, status in ((vic, 403), ({}, 401)):
        with pytest.raises(InvalidStatus) as refused:
            served.open(token, headers)
        assert refused.value.response.status_code == status
    forged = token[:-4] + ("AAAA" if not token.endswith("AAAA") else "BBBB")
    with pytest.raises(InvalidStatus):
        served.open(forged, ed)


@pytest.mark.timeout(120)
def test_nobody_gives_themselves_a_role_by_a_header(served: Served) -> None:
    vic = served.bearer("Vic")
    forged = {**vic, ROLE_HEADER: "owner", PERSON_HEADER: "user-x", WORKER_HEADER: "guess"}
    with served.settled(forged) as (_, found):
        assert SETTINGS not in found
    assert served.server.get("/panel/project?project=launch", forged, 30)[0] == 200


@pytest.mark.timeout(120)
def test_a_session_ends_within_a_second_of_its_persons_role(served: Served) -> None:
    vic = served.bearer("Vic")
    with served.settled(vic) as (session, _):
        served.moim("user", "role", "Vic", "editor", "--document", LAUNCH)
        served.moim("user", "role", "Vic", "editor", "--document", "workspace")
        with pytest.raises(ConnectionClosed):
            ended(session)
    with served.settled(vic) as (session, found):
        assert SETTINGS in found
        served.moim("user", "disable", "Vic")
        with pytest.raises(ConnectionClosed):
            ended(session)
    served.moim("user", "enable", "Vic")
    served.moim("user", "role", "Vic", "default", "--document", LAUNCH)
    served.moim("user", "role", "Vic", "default", "--document", "workspace")


@pytest.mark.anyio
async def test_the_hub_lets_a_page_process_edit_nothing_for_a_reader(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        headers = {WORKER_HEADER: "w" * 64, ROLE_HEADER: "viewer"}
        socket = await Browser(place.url).socket("/sync", **headers)
        for message in (Hello(1, "tests", b"r" * 16), Sub(LAUNCH, False, b"", b"\0")):
            await socket.write_message(encode(message), binary=True)
        heard: list[Any] = []
        while not any(isinstance(one, Reject) for one in heard):
            data = await socket.read_message()
            assert isinstance(data, bytes)
            heard += decode_server_frames(data)
            for one in heard:
                if isinstance(one, Granted):
                    assert one.role == "viewer"
                    push = Push(one.channel, 1, 0, (), b"\0\0")
                    await socket.write_message(encode(push), binary=True)
        socket.close()


@pytest.mark.rule("G4")
@pytest.mark.anyio
async def test_a_page_process_edits_for_somebody_what_they_may_edit(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        editor = await place.person("Ed", Role.EDITOR)
        viewer = await place.person("Vic", Role.VIEWER)
        assert await brought(place.url, editor.id) is Ack
        assert await brought(place.url, viewer.id) is Reject
        assert await brought(place.url, "user-unknown") is None


async def brought(url: str, who: str) -> type | None:
    """What the hub answers a page process that brings somebody's edit; None: it hangs up."""
    socket = await Browser(url).socket("/sync", **{WORKER_HEADER: "w" * 64})
    replica = who.encode().ljust(16, b"-")[:16]
    for message in (Hello(1, "tests", replica), Sub(LAUNCH, False, b"", b"\0")):
        await socket.write_message(encode(message), binary=True)
    while data := await socket.read_message():
        assert isinstance(data, bytes)
        for one in decode_server_frames(data):
            if isinstance(one, Granted):
                push = Push(one.channel, 1, 0, (), b"\0\0", person=who)
                await socket.write_message(encode(push), binary=True)
            elif isinstance(one, Ack | Reject):
                socket.close()
                return type(one)
    return None


@pytest.mark.anyio
async def test_a_session_has_the_weakest_role_of_what_it_shows(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        account = await place.person("Minji", Role.OWNER)
        who = place.people.signed_in(await place.people.sign_ins.begin(account))
        assert who is not None

        def role() -> Role | None:
            given = grant(place.gate, who, {"project": ["launch"]})
            return None if given is None else given.role

        assert role() is Role.OWNER
        await place.people.accounts.set_role(account, Role.VIEWER, "workspace")
        assert role() is Role.VIEWER
        await place.people.accounts.set_role(account, Role.NONE, LAUNCH)
        assert role() is None


def test_a_page_process_hears_nothing_that_somebody_signed_in_with() -> None:
    sent = HTTPHeaders(
        {
            "Host": "moim",
            "Cookie": f"a=1; {SIGN_IN_COOKIE}=secret; b=2",
            "Authorization": "Bearer secret",
        }
    )
    start = RequestStartLine("GET", "/panel/project", "HTTP/1.1")
    request = HTTPServerRequest(start_line=start, headers=sent)
    request.remote_ip = "127.0.0.1"
    heard = forwarded_headers(request)
    assert "secret" not in str(heard)
    assert heard["Cookie"] == "a=1; b=2"
