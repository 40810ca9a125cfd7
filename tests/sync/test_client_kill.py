"""Python clients and a real server that is killed again and again while they edit."""

import random
import threading
from collections.abc import Callable

import pytest

import moim
from moim.workspace import Workspace
from moim_process import MoimProcess

SEED = 20261123
WAIT_S = 20.0


class Editor(threading.Thread):
    """Writes numbers into cards, one after another, until told to stop."""

    def __init__(self, workspace: Workspace, number: int) -> None:
        super().__init__(daemon=True)
        self.stopping = threading.Event()
        self.written: dict[str, str] = {}
        self._project = workspace.project("launch")
        self._number = number
        self._choose = random.Random(SEED + number)

    def run(self) -> None:
        count = 0
        while not self.stopping.wait(0.002):
            count += 1
            # each editor has cards of its own, so that every last value must be found
            card = f"mine-{self._number}-{self._choose.randrange(30)}"
            title = f"글 {self._number} {count}"
            if card in self._project.cards:
                self._project.cards[card].title = title
            else:
                self._project.cards.add(title, "backlog", id=card)
            self.written[card] = title


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    "rounds", [2, pytest.param(20, marks=pytest.mark.trust)], ids=lambda rounds: f"{rounds} kills"
)
def test_every_edit_of_two_programs_is_there_after_kills_of_the_server(
    serve: Callable[..., MoimProcess], rounds: int
) -> None:
    print(f"seed {SEED}")
    choose = random.Random(SEED)
    server = serve("--demo", "--workers", "0")
    with moim.connect(server.url) as one, moim.connect(server.url) as other:
        editors = [Editor(one, 1), Editor(other, 2)]
        for editor in editors:
            editor.start()
        for _ in range(rounds):
            threading.Event().wait(choose.uniform(0.2, 0.8))
            server.kill()
            server.start()
        for editor in editors:
            editor.stopping.set()
            editor.join(WAIT_S)
        one.wait_saved(WAIT_S)
        other.wait_saved(WAIT_S)
        server.kill()
        server.start()
        with moim.connect(server.url, outbox=None) as fresh:
            cards = {card["id"]: card["title"] for card in fresh.project("launch").cards.records()}
        written = editors[0].written | editors[1].written
        assert len(written) > rounds
        assert {card: cards.get(card) for card in written} == written
