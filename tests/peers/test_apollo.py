"""A front end with the real Apollo Client beside people of other doors."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import moim
from moim.workspace import Workspace
from moim_process import MoimProcess, free_port
from peers.peer_process import FOLDER, node

pytestmark = pytest.mark.timeout(120)

BOARD = """query Board($id: ID!) { project(id: $id) { id version
  columns { id name } cards { id title estimate column { id } labels { id name } } } }"""
TITLES = "query Titles($id: ID!) { project(id: $id) { id cards { id title } } }"
FOLLOW = """subscription Follow($id: ID!, $since: Int) { projectChanged(id: $id, since: $since) {
  version project { id version } cards { id title estimate column { id } labels { id name } }
  deleted { id } rearranged { id cards { id } columns { id } } } }"""
UPDATE = """mutation Update($input: UpdateCardInput!) { updateCard(input: $input) {
  card { id title estimate } version failure { code message paths { path got } } } }"""
CREATE = """mutation Create($input: CreateCardInput!) { createCard(input: $input) {
  card { id title estimate column { id } labels { id name } } version
  project { id cards { id } } failure { code } } }"""
LAUNCH = {"id": "launch"}


class ApolloProgram:
    """`apollo_program.mjs`; every call is one command and gives its answer."""

    def __init__(self, url: str) -> None:
        assert (FOLDER / "node_modules").is_dir(), "run `make peers` first"
        self._process = subprocess.Popen(
            [node(), str(FOLDER / "apollo_program.mjs"), url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __getattr__(self, deed: str) -> Callable[..., Any]:
        def tell(*details: Any) -> Any:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(json.dumps([deed, *details]) + "\n")
            self._process.stdin.flush()
            answer = json.loads(self._process.stdout.readline())
            assert not (isinstance(answer, dict) and "failed" in answer), answer
            return answer

        return tell

    def until(self, ask: Callable[[], Any], what: str) -> Any:
        ends_at = time.monotonic() + 15
        while not (found := ask()):
            assert time.monotonic() < ends_at, what
            time.sleep(0.01)
        return found

    def title_in(self, name: str, card: str) -> str | None:
        """What a watched query shows as the title of a card."""
        cards = (self.seen(name)["data"] or {"project": {"cards": []}})["project"]["cards"]
        return next((one["title"] for one in cards if one["id"] == card), None)

    def follow_board(self, *queries: tuple[str, str]) -> int:
        """Watch queries and follow their project from the version that was read."""
        for name, text in queries:
            self.watch(name, text, LAUNCH)
            self.until(lambda name=name: self.seen(name)["data"], f"{name} shows nothing")
        version = int(self.seen(queries[0][0])["data"]["project"]["version"])
        self.follow("board", FOLLOW, {**LAUNCH, "since": version})
        return version

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MoimProcess]:
    """One server for the module: each test has cards of its own."""
    folder = tmp_path_factory.mktemp("apollo")
    with MoimProcess(folder, free_port(), "--demo", "--workers", "0") as started:
        yield started


@pytest.fixture
def apollo(server: MoimProcess) -> Iterator[ApolloProgram]:
    program = ApolloProgram(server.url)
    yield program
    program.close()


@pytest.fixture
def other(server: MoimProcess) -> Iterator[Workspace]:
    """Somebody else, who knows nothing of GraphQL."""
    with moim.connect(server.url, outbox=None) as workspace:
        yield workspace


def operations(server: MoimProcess) -> int:
    """How many operations the server has had over HTTP."""
    _, page = server.get("/metrics")
    for line in page.decode().splitlines():
        if line.startswith('moim_graphql_operations_total{transport="http"}'):
            return int(float(line.rpartition(" ")[2]))
    return 0


def test_a_message_puts_the_new_values_into_the_cache_without_another_request(
    server: MoimProcess, apollo: ApolloProgram, other: Workspace
) -> None:
    apollo.follow_board(("board", BOARD), ("titles", TITLES))
    renders = [apollo.seen(name)["renders"] for name in ("board", "titles")]
    before, sent = operations(server), apollo.sent()
    card = other.project("launch").cards["ln-142"]
    card.title = "다른 사람의 제목 🚀"
    for name in ("board", "titles"):
        apollo.until(
            lambda name=name: apollo.title_in(name, "launch/ln-142") == card.title,
            f"{name} does not show it",
        )
        assert apollo.seen(name)["renders"] > renders.pop(0)
    card.estimate = 13
    apollo.until(
        lambda: apollo.cached("Card:launch/ln-142")["estimate"] == 13, "no estimate in the cache"
    )
    assert apollo.title_in("titles", "launch/ln-142") == card.title
    assert (operations(server), apollo.sent()) == (before, sent)


def test_cards_that_come_move_and_go_are_in_the_lists_without_another_request(
    server: MoimProcess, apollo: ApolloProgram, other: Workspace
) -> None:
    apollo.follow_board(("board", BOARD), ("titles", TITLES))
    before = operations(server)
    launch = other.project("launch")
    launch.cards.add("마지막 카드", "done", id="late")
    apollo.until(lambda: apollo.title_in("titles", "launch/late"), "the new card is not shown")
    last = apollo.seen("board")["data"]["project"]["cards"][-1]
    assert (last["id"], last["column"]["id"]) == ("launch/late", "launch/done")
    launch.cards.move("late", "backlog", "ln-142")
    apollo.until(
        lambda: apollo.seen("board")["data"]["project"]["cards"][0]["id"] == "launch/late",
        "the card is not at the top",
    )
    launch.cards.delete("late")
    apollo.until(lambda: not apollo.title_in("titles", "launch/late"), "the card is still there")
    assert operations(server) == before


def test_an_optimistic_answer_is_shown_at_once_and_stays_when_the_server_agrees(
    server: MoimProcess, apollo: ApolloProgram
) -> None:
    apollo.watch("titles", TITLES, LAUNCH)
    apollo.until(lambda: apollo.seen("titles")["data"], "nothing is shown")
    wanted = {"id": "launch/ln-139", "title": "sofort"}
    guess = {"__typename": "CardPayload", "version": None, "failure": None}
    guess["card"] = {"__typename": "Card", "estimate": None, **wanted}
    apollo.begin("update", UPDATE, {"input": wanted}, {"updateCard": guess})
    assert apollo.title_in("titles", "launch/ln-139") == "sofort"
    answer = apollo.end("update")["updateCard"]
    assert answer["failure"] is None
    assert apollo.title_in("titles", "launch/ln-139") == "sofort"
    assert apollo.cached("Card:launch/ln-139")["estimate"] == answer["card"]["estimate"] == 5
    assert server.document("project/launch")["data"]["cards"]["ln-139"]["title"] == "sofort"


def test_an_optimistic_answer_that_is_refused_is_rolled_back(
    server: MoimProcess, apollo: ApolloProgram, other: Workspace
) -> None:
    version = apollo.follow_board(("board", BOARD), ("titles", TITLES))
    other.project("launch").cards["ln-137"].title = "theirs"
    other.wait_saved()
    wanted = {"id": "launch/ln-137", "title": "mine", "expectedVersion": version}
    guess = {"__typename": "CardPayload", "version": None, "failure": None}
    guess["card"] = {"__typename": "Card", "id": wanted["id"], "title": "mine", "estimate": 3}
    apollo.begin("update", UPDATE, {"input": wanted}, {"updateCard": guess})
    assert apollo.title_in("titles", "launch/ln-137") == "mine"
    failure = apollo.end("update")["updateCard"]["failure"]
    assert failure["code"] == "CONFLICT"
    assert failure["paths"] == [
        {"__typename": "FailurePath", "path": "cards/ln-137/title", "got": '"theirs"'}
    ]
    assert apollo.title_in("titles", "launch/ln-137") == "theirs"
    invalid = {"id": "launch/ln-137", "title": "x" * 501}
    guess["card"]["title"] = "too long"
    apollo.begin("again", UPDATE, {"input": invalid}, {"updateCard": guess})
    assert apollo.title_in("titles", "launch/ln-137") == "too long"
    assert apollo.end("again")["updateCard"]["failure"]["code"] == "INVALID"
    assert apollo.title_in("titles", "launch/ln-137") == "theirs"


EDIT = """mutation Edit($input: EditTextInput!) { editText(input: $input) {
  text version failure { code } } }"""


def test_a_text_is_edited_by_index_while_somebody_types_in_it(
    server: MoimProcess, apollo: ApolloProgram, other: Workspace
) -> None:
    notes = other.project("launch").cards["ln-142"].notes
    notes.set("출시 🚀 준비")
    other.wait_saved()
    seen = server.document("project/launch")["seq"]
    notes.insert(0, "D-3: ")
    other.wait_saved()
    operations = [{"retain": 5}, {"insert": " 그리고 점검"}]
    wanted = {"id": "launch/ln-142", "baseVersion": seen, "operations": operations}
    apollo.begin("edit", EDIT, {"input": wanted})
    answer = apollo.end("edit")["editText"]
    assert (answer["failure"], answer["text"]) == (None, "D-3: 출시 🚀 그리고 점검 준비")
    apollo.until(lambda: str(notes) == answer["text"], "the typist does not see it")


def test_a_card_made_under_an_id_of_the_client_is_one_card_in_the_end(
    server: MoimProcess, apollo: ApolloProgram, other: Workspace
) -> None:
    apollo.follow_board(("board", BOARD), ("titles", TITLES))
    before = operations(server)
    made = {"project": "launch", "id": "launch/own", "title": "mine"}
    apollo.begin("create", CREATE, {"input": made}, None)
    assert apollo.end("create")["createCard"]["failure"] is None
    for name in ("board", "titles"):
        assert apollo.title_in(name, "launch/own") == "mine"
    other.project("launch").cards["own"].title = "ours"
    apollo.until(lambda: apollo.title_in("board", "launch/own") == "ours", "not heard")
    ids = [one["id"] for one in apollo.seen("board")["data"]["project"]["cards"]]
    assert ids.count("launch/own") == 1
    assert operations(server) == before + 1


def test_after_a_kill_of_the_server_a_client_hears_what_it_missed(
    server: MoimProcess, apollo: ApolloProgram, other: Workspace
) -> None:
    apollo.follow_board(("board", BOARD), ("titles", TITLES))
    cards = other.project("launch").cards
    cards["ln-135"].title = "before"
    apollo.until(lambda: apollo.title_in("titles", "launch/ln-135") == "before", "not heard")
    server.kill()
    cards["ln-135"].title = "meanwhile"
    server.start()
    apollo.until(lambda: apollo.title_in("titles", "launch/ln-135") == "meanwhile", "not heard")
