"""Front ends on the real `socket.io-client` from npm, on a real server."""

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

import moim
from moim_process import COMMAND, PYTHONPATH, ROOT, MoimProcess
from moim_sync.api.socketio import door, events, session
from moim_sync.api.socketio.transport import LAG_BYTES
from peers.peer_process import FOLDER, NodeProcess, node

WAIT_S = 15.0
TRANSPORTS = (["websocket"], ["polling"], ["polling", "websocket"])
PAGE = (ROOT / "docs" / "socketio.md").read_text()


class FrontEnd(NodeProcess):
    """`socketio_peer.mjs`."""

    def __init__(self, url: str, **options: Any) -> None:
        super().__init__("socketio_peer.mjs", url, json.dumps(options))

    def ask(self, name: str, **payload: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.tell("ask", name, payload)
        assert answer.get("ok"), answer
        return answer


@pytest.fixture
def front_ends(demo: MoimProcess) -> Iterator[list[FrontEnd]]:
    """One for each way to travel, all following the demo's project and calendar."""
    with ExitStack() as stack:
        made = [stack.enter_context(FrontEnd(demo.url, transports=one)) for one in TRANSPORTS]
        for one in made:
            one.tell("connected")
            assert one.tell("follow", "project", "launch", 0)["ok"]
            assert one.tell("follow", "calendar", "team", 0)["ok"]
        yield made


def as_the_server_has_them(demo: MoimProcess, document: str, root: str) -> dict[str, str]:
    content = demo.document(document)["data"][root]
    return {key: one["title"] for key, one in content.items() if "deleted" not in one}


def agree(demo: MoimProcess, front_ends: list[FrontEnd]) -> None:
    """Every store comes to what the server has."""
    for document, root, entity in (
        ("project/launch", "cards", "card"),
        ("calendar/team", "events", "event"),
    ):
        wanted = as_the_server_has_them(demo, document, root)
        for one in front_ends:
            one.wait_until("titles", entity, is_=wanted, timeout_s=WAIT_S)


def test_front_ends_of_all_transports_edit_and_hear_each_other(
    demo: MoimProcess, front_ends: list[FrontEnd]
) -> None:
    agree(demo, front_ends)
    assert [one.tell("transport") for one in front_ends[:2]] == ["websocket", "polling"]
    for number, one in enumerate(front_ends):
        made = one.ask("card:create", project="launch", title=f"새 카드 {number} 🚀")
        seen = one.ask("card:move", project="launch", id=made["id"], column="doing")
        assert seen["column"] == "doing"
        other = front_ends[number - 1]
        theirs = other.ask(
            "card:update", project="launch", id=made["id"], changes={"title": f"{number}!"}
        )
        stale = {"project": "launch", "id": made["id"], "expectedVersion": seen["version"]}
        refused = one.tell("ask", "card:update", {**stale, "title": "too late"})
        assert (refused["ok"], refused["code"]) == (False, "conflict")
        assert refused["paths"][0]["got"] == f'"{number}!"'
        fresh = {**stale, "expectedVersion": theirs["version"], "title": f"{number} in the end"}
        one.ask("card:update", **fresh)
        event = one.ask(
            "event:create",
            calendar="team",
            title=f"회의 {number}",
            when=["2026-12-01T09:00", "2026-12-01T10:00", "Asia/Seoul"],
        )
        one.ask("event:update", calendar="team", id=event["id"], title=f"회의 {number}!")
    gone = front_ends[0].ask("card:create", project="launch", title="not for long")
    front_ends[1].ask("card:delete", project="launch", id=gone["id"])
    with moim.connect(demo.url, outbox=None) as ws:
        ws.project("launch").cards.add("by the Python client", "In progress")
        ws.wait_saved(WAIT_S)
    agree(demo, front_ends)
    for one in front_ends:
        assert one.tell("twice") == []
        assert one.tell("heard", "error") == []
    assert demo.get("/healthz")[0] == 200


def test_front_ends_come_back_after_a_kill_with_all_that_they_missed_and_nothing_twice(
    demo: MoimProcess, front_ends: list[FrontEnd]
) -> None:
    one = front_ends[0]
    one.ask("card:create", project="launch", id="before", title="before")
    for other in front_ends:
        other.wait_until("thing", "card/before", "title", is_="before")
    demo.kill()
    demo.start()
    with moim.connect(demo.url, outbox=None) as ws:
        for number in range(30):
            ws.project("launch").cards.add(f"while you were away {number}", "In progress")
        ws.project("launch").cards["before"].title = "and after"
        ws.wait_saved(WAIT_S)
    for other in front_ends:
        other.wait_until("thing", "card/before", "title", is_="and after", timeout_s=WAIT_S)
    agree(demo, front_ends)
    for other in front_ends:
        assert other.tell("twice") == []
        assert [told["ok"] for told in other.tell("heard", "subscribed again")] == [True, True]
        assert other.tell("states")[-1] == "connect"
    front_ends[0].tell("cut")
    front_ends[1].ask("card:update", project="launch", id="before", title="cut off")
    one.wait_until("thing", "card/before", "title", is_="cut off", timeout_s=WAIT_S)


def run(server: MoimProcess, *words: str, stdin: str = "") -> str:
    """A command of `moim` in the server's folder; gives what it printed."""
    done = subprocess.run(
        [*COMMAND, *words],
        input=stdin,
        env={**os.environ, "PYTHONPATH": PYTHONPATH},
        cwd=server.folder,
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        check=True,
    )
    return done.stdout.strip()


def test_a_wrong_token_is_told_and_a_right_one_comes_in(serve: Callable[..., MoimProcess]) -> None:
    server = serve("--demo", "--workers", "0", "--auth", "password")
    run(server, "user", "add", "Minji", stdin="correct horse battery")
    secret = run(server, "token", "create", "Minji", "--write")
    with FrontEnd(server.url, auth={"token": "moim_wrong"}) as stranger:
        stranger.wait_until("refused", is_={"code": "sign-in"})
        assert "connect" not in stranger.tell("states")
    with FrontEnd(server.url, auth={"token": secret}) as program:
        assert program.tell("connected")
        assert program.ask("card:create", project="launch", title="x")["title"] == "x"


def test_a_text_is_edited_by_index_while_somebody_types_in_it(
    demo: MoimProcess, front_ends: list[FrontEnd]
) -> None:
    edits = {
        "project": "launch",
        "id": front_ends[0].ask("card:create", project="launch", title="t")["id"],
    }
    seen = front_ends[0].ask("card:update", **edits, notes="출시 🚀 준비")["version"]
    with moim.connect(demo.url, outbox=None) as workspace:
        workspace.project("launch").cards[edits["id"]].notes.insert(0, "D-3: ")
        workspace.wait_saved()
    for number, one in enumerate(front_ends):
        operations = [{"retain": 5}, {"insert": f" ({number})"}]
        answer = one.ask("text:edit", **edits, baseVersion=seen, operations=operations)
    assert sorted(re.findall(r"[0-2]", answer["text"].removeprefix("D-3: 출시 🚀"))) == [
        "0",
        "1",
        "2",
    ]
    for one in front_ends:
        one.wait_until(
            "thing", f"card/{edits['id']}", "notes", is_=answer["text"], timeout_s=WAIT_S
        )


def test_the_example_of_the_page_runs(demo: MoimProcess) -> None:
    (example,) = re.findall(r"^```js\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert "http://localhost:5006" in example
    program = example.replace("http://localhost:5006", demo.url) + "\nsocket.disconnect();"
    shown = subprocess.run(
        [node(), "--input-type=module", "--eval", program],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        timeout=WAIT_S,
    )
    assert shown.stderr == ""
    assert shown.stdout == "From my front end high\n"
    assert "From my front end" in as_the_server_has_them(demo, "project/launch", "cards").values()


def test_the_page_names_every_event_and_every_limit() -> None:
    for name in events.EVENTS:
        assert f"`{name}`" in PAGE, name
    for limit in (
        f"{door.PACKET_BYTES // 1024} kB",
        f"{session.EVENTS_PER_S} a second, {session.BURST} after",
        f"{session.MOST_REFUSED} such",
        f"| {session.AT_ONCE} |",
        f"| {session.SUBSCRIPTIONS} |",
        f"{LAG_BYTES // 1024} kB",
        f"{session.BEHIND_BYTES // 1024 // 1024} MB",
    ):
        assert limit in PAGE, limit
