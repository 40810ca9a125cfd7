"""What the charts of flow draw and say, and where they have it from."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from flow_story import BOARD, NOW_MS, STORY
from moim.change import Change
from moim.change_reader import ChangePage
from moim.colours import PALETTES
from moim.errors import ReadingFailed
from moim.insights.flow.history import history_of
from moim.insights.flow_chart import FlowChart, Look, Moment
from moim.insights.project_log import ProjectLog
from moim.language import LANGUAGES, words
from moim.pages.flow import FLOW_CHARTS
from moim.session_tokens import CHARTS
from moim_data.documents.access import LocalAccess
from moim_data.documents.shape import read_schema

SAID = {
    "cumulative": "Now: To do 1, Doing 1, Done 2.",
    "burndown": "2 points remain; on Nov 03 it was 8.",
    "burnup": "8 of 10 points are done.",
    "cycle": "Of 2 cards, half were done within 2 days and 85 % within 6.",
    "throughput": "This week: 1 done. Average of the full weeks before (1): 1.",
    "ageing": "1 under way; the oldest is “d” with 5 days. 0 of them take longer than the 6 days "
    "that 85 % stayed within.",
    "workload": "Open, in points: Ann 2, bo 2.",
}


def chart(name: str, language: str = "en", theme: str = "light") -> FlowChart:
    return FLOW_CHARTS[name](Look(PALETTES[theme], words(language), ZoneInfo("UTC")))


def moment(rows: Any = STORY, columns: Any = BOARD) -> Moment:
    return Moment(history_of(rows, columns), NOW_MS, {"ann": "Ann"})


def test_every_chart_of_the_schema_can_be_drawn_and_asked_for() -> None:
    cell = read_schema("page.schema.json")["$defs"]["cell"]["properties"]
    assert list(CHARTS) == cell["chart"]["enum"] == ["people", *FLOW_CHARTS]


@pytest.mark.parametrize("name", SAID)
def test_a_chart_is_told_in_a_sentence(name: str) -> None:
    assert chart(name).show(moment()) == SAID[name]


def test_a_forecast_is_told_with_three_days_and_is_the_same_in_every_window() -> None:
    first, second = (chart("forecast").show(moment()) for _ in range(2))
    assert first == second
    assert first.startswith("2 cards are open. They will be done by Nov ")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", FLOW_CHARTS)
def test_every_chart_has_words_for_nothing_and_goes_on_from_there(name: str, language: str) -> None:
    drawn = chart(name, language, "dark")
    nothing = drawn.show(moment([]))
    assert nothing
    assert "{" not in nothing
    assert drawn.show(moment([], [])), "not even columns"
    told = drawn.show(moment())
    assert told != nothing
    assert "{" not in told
    assert drawn.show(moment()) == told


def test_the_bars_of_a_day_stand_on_each_other() -> None:
    drawn = chart("cumulative")
    drawn.show(moment())
    data = drawn.figure.renderers[0].data_source.data
    last = max(data["left"])
    bars = [
        (label, bottom, top)
        for label, bottom, top, left in zip(
            data["label"], data["bottom"], data["top"], data["left"], strict=True
        )
        if left == last
    ]
    assert bars == [("Done", 0, 2), ("Doing", 2, 3), ("To do", 3, 4)]


def test_what_is_known_from_some_day_on_says_so() -> None:
    rows = [Change(1, NOW_MS - 86_400_000, "", "", None), *STORY]
    assert chart("cumulative").show(moment(rows)).endswith("Known since Nov 09.")


class Document(LocalAccess):
    """Says that it has changed when the test does."""

    def __init__(self) -> None:
        super().__init__()
        self.notify: list[Callable[[], None]] = []

    def watch(self, notify: Callable[[], None]) -> Callable[[], None]:
        self.notify.append(notify)
        return lambda: self.notify.remove(notify)


class Server:
    """Answers with two changes at a time."""

    def __init__(self, changes: list[Any]) -> None:
        self.changes = changes
        self.lineage = "one"
        self.asked: list[str] = []
        self.away = False

    def read(self, since: str) -> ChangePage:
        self.asked.append(since)
        if self.away:
            raise ReadingFailed("the server is away")
        at = int(since)
        page = self.changes[at : at + 2]
        return ChangePage(
            self.lineage, tuple(page), str(at + len(page)), at + 2 < len(self.changes)
        )


@pytest.fixture
def server() -> Server:
    return Server(list(STORY[:5]))


@pytest.fixture
def document() -> Document:
    return Document()


@pytest.fixture
def log(document: Document, server: Server) -> ProjectLog:
    return ProjectLog(document, server.read, lambda work: work())


def test_a_log_is_read_when_a_chart_watches_and_followed_from_there(
    log: ProjectLog, document: Document, server: Server
) -> None:
    assert server.asked == []
    assert log.history(BOARD) is None
    told: list[int] = []
    stop = log.watch(lambda: told.append(1))
    assert server.asked == ["0", "2", "4"]
    assert told
    first = log.history(BOARD)
    assert first is not None
    assert first is log.history(BOARD), "nothing is computed twice"
    server.changes += STORY[5:]
    document.notify[0]()
    whole = log.history(BOARD)
    assert whole is not None
    assert len(whole.cards) == 5
    assert server.asked[3] == "5", "only what is new is asked for"
    stop()
    assert document.notify == []
    assert log.history(BOARD) is None, "a log that nobody watches is let go"


def test_two_charts_share_one_reading(log: ProjectLog, document: Document, server: Server) -> None:
    ends = [log.watch(lambda: None) for _ in range(2)]
    assert len(document.notify) == 1
    ends[0]()
    assert log.history(BOARD) is not None
    ends[1]()
    ends[1]()
    assert document.notify == []


def test_a_log_of_a_restored_document_is_read_from_the_beginning(
    log: ProjectLog, document: Document, server: Server
) -> None:
    log.watch(lambda: None)
    server.lineage, server.changes = "two", list(STORY[:1])
    document.notify[0]()
    found = log.history(BOARD)
    assert found is not None
    assert found.cards == ("a",)


def test_a_log_that_cannot_be_read_is_asked_for_again_with_the_next_change(
    log: ProjectLog, document: Document, server: Server
) -> None:
    server.away = True
    log.watch(lambda: None)
    assert log.history(BOARD) is None
    server.away = False
    document.notify[0]()
    assert log.history(BOARD) is not None
