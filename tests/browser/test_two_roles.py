"""Two people with passwords at one board: an editor, and somebody who may only look."""

import os
import subprocess
from collections.abc import Callable
from typing import Any

import pycrdt
import pytest
from playwright.sync_api import BrowserContext, expect

from board_page import BoardPage
from browser_windows import Window, Windows
from moim_process import COMMAND, PYTHONPATH, MoimProcess
from moim_sync.messages import Granted, Push, Reject
from moim_sync.protocol import decode_server_frames, encode

pytestmark = [pytest.mark.browser, pytest.mark.trust, pytest.mark.timeout(180)]
LAUNCH = "project/launch"
PASSWORD = "correct horse"
SOCKETS = """
window.sockets = [];
window.WebSocket = class extends WebSocket {
  constructor(...words) {
    super(...words);
    this.heard = [];
    window.sockets.push(this);
    this.addEventListener("message", async ({ data }) => {
      const bytes = new Uint8Array(data instanceof Blob ? await data.arrayBuffer() : data);
      this.heard.push(Array.from(bytes));
    });
  }
};
"""
"""Keeps the page's own sockets where whoever sits before it can reach them."""


@pytest.fixture
def server(serve: Callable[..., MoimProcess]) -> MoimProcess:
    made = serve("--demo", "--auth", "password", "--workers", "0")
    for name, role in (("Ed", "editor"), ("Vic", "viewer")):
        moim(made, "user", "add", name, "--role", role, stdin=PASSWORD)
    return made


def moim(server: MoimProcess, *words: str, stdin: str = "") -> None:
    subprocess.run(
        [*COMMAND, *words],
        input=stdin,
        env={**os.environ, "PYTHONPATH": PYTHONPATH},
        cwd=server.folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )


def sign_in(windows: Windows, server: MoimProcess, name: str, script: str = "") -> Window:
    """A window of somebody who went to the board and was asked who they are."""
    context = windows.person()
    if script:
        context.add_init_script(script)
    window = windows.open(f"{server.url}/project/launch", context)
    window.page.fill('[name="name"]', name)
    window.page.fill('[name="password"]', PASSWORD)
    window.page.press('[name="password"]', "Enter")
    window.page.wait_for_url(f"{server.url}/project/launch")
    return window


def cards_of(server: MoimProcess, window: Window) -> dict[str, Any]:
    answer = window.page.request.get(f"{server.url}/api/{LAUNCH}")
    assert answer.status == 200
    cards: dict[str, Any] = answer.json()["data"]["cards"]
    return cards


def test_a_viewer_sees_edits_live_and_edits_once_a_command_says_so(
    windows: Windows, server: MoimProcess
) -> None:
    ed = BoardPage(sign_in(windows, server, "Ed")).ready()
    vic = BoardPage(sign_in(windows, server, "Vic")).ready()
    expect(vic.page.get_by_role("link", name="Your account").first).to_be_visible()
    column = ed.columns()[0]
    card = ed.add_card(column, "Book the venue")
    vic.expect_title(card, "Book the venue")
    moim(server, "user", "role", "Vic", "editor")
    theirs = vic.add_card(column, "Bring a cake")
    ed.expect_title(theirs, "Bring a cake")
    vic.expect_pill("saved")
    assert cards_of(server, ed.window)[theirs]["title"] == "Bring a cake"


def test_a_viewer_cannot_edit_by_a_push_on_the_pages_own_socket(
    windows: Windows, server: MoimProcess
) -> None:
    ed = BoardPage(sign_in(windows, server, "Ed")).ready()
    window = sign_in(windows, server, "Vic", SOCKETS)
    BoardPage(window).ready()
    before = cards_of(server, ed.window)
    granted = next(
        message
        for message in heard(window)
        if isinstance(message, Granted) and message.document == LAUNCH
    )
    assert granted.role == "viewer"
    forged: pycrdt.Doc[Any] = pycrdt.Doc()
    forged.get("info", type=pycrdt.Map)["description"] = "forged"
    push = encode(Push(granted.channel, 1, granted.seq, (), forged.get_update()))
    window.page.evaluate(
        """bytes => window.sockets.find(socket => socket.url.endsWith("/sync"))
             .send(new Uint8Array(bytes))""",
        list(push),
    )
    window.page.wait_for_function("window.sockets.some(socket => socket.heard.length)")
    rejects = [one for one in until_rejected(window) if one.channel == granted.channel]
    assert (rejects[0].hard, rejects[0].code) == (True, "role")
    card = ed.add_card(ed.columns()[0], "After the forgery")
    ed.expect_pill("saved")
    after = cards_of(server, ed.window)
    assert {key: after[key] for key in before} == before
    assert card in after


def heard(window: Window) -> list[Any]:
    """What the server has said to the page on `/sync`."""
    messages = window.page.evaluate(
        """window.sockets.filter(socket => socket.url.endsWith("/sync"))
             .flatMap(socket => socket.heard)"""
    )
    return [one for message in messages for one in decode_server_frames(bytes(message))]


def until_rejected(window: Window) -> list[Reject]:
    reject = 126
    window.page.wait_for_function(
        "kind => window.sockets.some(socket => socket.heard.some(heard => heard[1] === kind))",
        arg=reject,
    )
    return [one for one in heard(window) if isinstance(one, Reject)]


def test_who_is_disabled_is_let_go_and_led_to_the_sign_in(
    windows: Windows, server: MoimProcess
) -> None:
    windows.allow_server_away()
    window = sign_in(windows, server, "Ed", SOCKETS)
    BoardPage(window).ready()
    window.page.evaluate(
        """void (window.ended = new Promise(done => window.sockets
             .find(socket => socket.url.endsWith("/sync"))
             .addEventListener("close", ({ code }) => done(code))))"""
    )
    moim(server, "user", "disable", "Ed")
    assert window.page.evaluate("window.ended") == 4401
    window.page.get_by_role("link", name="Sign in").click()
    window.page.wait_for_url(f"{server.url}/login?next=%2Fproject%2Flaunch")
    answer = window.page.request.get(f"{server.url}/project/launch", max_redirects=0)
    assert (answer.status, answer.headers["location"]) == (
        302,
        "/login?next=%2Fproject%2Flaunch",
    )


def test_what_one_person_has_not_sent_is_never_sent_as_the_next_one_of_the_browser(
    windows: Windows, server: MoimProcess
) -> None:
    windows.allow_server_away()
    moim(server, "user", "add", "Joe", stdin=PASSWORD)
    window = sign_in(windows, server, "Ed")
    ed = BoardPage(window).ready()
    column = ed.columns()[0]
    ed.expect_pill("saved")
    server.stop()
    unsent = ed.add_card(column, "Ed's own")
    ed.expect_pill("offline")
    window.page.close()
    server.start()
    context = window.page.context
    context.clear_cookies(name="moim_session")  # as if the sign-in had ended meanwhile
    joe = BoardPage(again(windows, server, "Joe", context)).ready()
    saved = joe.add_card(column, "Joe's own")
    joe.expect_pill("saved")
    cards = cards_of(server, joe.window)
    assert saved in cards
    assert unsent not in cards
    assert joe.card(unsent).count() == 0
    leave(joe.window, server)
    back = BoardPage(again(windows, server, "Ed", context)).ready()
    back.expect_title(unsent, "Ed's own")
    back.expect_pill("saved")
    assert cards_of(server, back.window)[unsent]["title"] == "Ed's own"


def again(windows: Windows, server: MoimProcess, name: str, context: BrowserContext) -> Window:
    window = windows.open(f"{server.url}/login?next=/project/launch", context)
    window.page.fill('[name="name"]', name)
    window.page.fill('[name="password"]', PASSWORD)
    window.page.press('[name="password"]', "Enter")
    window.page.wait_for_url(f"{server.url}/project/launch")
    return window


def leave(window: Window, server: MoimProcess) -> None:
    window.page.goto(f"{server.url}/logout")
    window.page.get_by_role("button", name="Sign out").click()
    window.page.wait_for_url(f"{server.url}/login")
