"""A Python program and a browser at one board."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

import moim
from board_page import BoardPage
from moim_process import MoimProcess
from watch_process import WatchProcess

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

WAIT_S = 10.0


@pytest.fixture
def workspace(demo: MoimProcess) -> Iterator[Any]:
    with moim.connect(demo.url) as connected:
        yield connected


def test_three_lines_of_python_change_a_title_in_the_browser(
    demo: MoimProcess, board: BoardPage
) -> None:
    card = board.order(board.columns()[0])[0]
    program = f"""
import moim
ws = moim.connect({demo.url!r})
ws.project("launch").cards[{card!r}].title = "파이썬에서 🐍"
ws.close()
"""
    from moim_process import PYTHONPATH

    subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": PYTHONPATH},
        check=True,
        timeout=30,
    )
    board.expect_title(card, "파이썬에서 🐍")


def test_python_sees_what_the_browser_writes(workspace: Any, board: BoardPage) -> None:
    project = workspace.project("launch")
    here = threading.Event()

    def look() -> None:
        titles = {card["title"] for card in project.cards.records()}
        if "Written in the browser" in titles:
            here.set()

    stop = project.watch(look)
    card = board.add_card(board.columns()[0], "Written in the browser")
    assert here.wait(WAIT_S)
    stop()
    assert project.cards[card].title == "Written in the browser"


def test_python_adds_and_moves_a_card_that_the_browser_shows(
    workspace: Any, board: BoardPage
) -> None:
    first, second = board.columns()[:2]
    card = workspace.project("launch").cards.add("Added in Python", column=first)
    board.expect_title(card.id, "Added in Python")
    workspace.project("launch").move(card.id, column=second)
    expect(board.column(second).locator(f'[data-id="{card.id}"]')).to_be_visible()


def test_a_watch_on_a_terminal_names_who_edits_in_the_browser(
    demo: MoimProcess, board: BoardPage
) -> None:
    card = board.order(board.columns()[0])[0]
    with WatchProcess(demo.url, "project/launch", "--json", folder=demo.folder) as watching:
        watching.said("watching project/launch")
        board.rename(card, "브라우저에서 ✏️")
        told = watching.told_json()
    assert (told["id"], told["field"], told["new"]) == (card, "title", "브라우저에서 ✏️")
    assert told["who"]["id"].startswith("guest-")
    assert told["who"]["name"]
