"""SharedText and Yjs edit one text: what is exchanged gives the same letters on both sides."""

import json
import random
import subprocess
from base64 import b64decode, b64encode
from typing import Any

import pytest
from pycrdt import Doc, Text, TransactionEvent

from moim_data.documents.access import LocalAccess
from moim_data.documents.text import SharedText
from peers.peer_process import FOLDER, node

PIECES = ["a", "", "가", "한글 문장", "👩‍👩‍👧‍👦", "🇰🇷", "é", "é", "\n", "𝒳", "ع", "\U0001f642"]


class YjsText:
    """A Y.Text in a Node process."""

    def __init__(self) -> None:
        assert (FOLDER / "node_modules").is_dir(), "run `make peers` first"
        self._process = subprocess.Popen(
            [node(), str(FOLDER / "yjs_text.mjs")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def tell(self, *deed: Any) -> dict[str, str]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(deed) + "\n")
        self._process.stdin.flush()
        answer: dict[str, str] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


def a_cut(choose: random.Random, length: int) -> tuple[int, int]:
    start, stop = sorted((choose.randrange(length + 1), choose.randrange(length + 1)))
    return start, min(stop, start + 4)


@pytest.mark.parametrize("seed", range(4))
def test_random_edits_of_both_sides_in_bursts_give_one_text(seed: int) -> None:
    print(f"seed {seed}")
    choose = random.Random(seed)
    doc: Doc[Any] = Doc()
    raw = doc.get("notes", type=Text)
    news: list[bytes] = []
    doc.observe(lambda event: _note(event, news))
    ours = SharedText(LocalAccess(doc), lambda: raw, "notes", lambda _: None)
    theirs = YjsText()
    try:
        length = 0
        for _ in range(40):
            from_js = []
            for _ in range(choose.randrange(4)):
                start, stop = a_cut(choose, length)
                answer = theirs.tell("edit", start, stop, choose.choice(PIECES))
                from_js.append(answer["update"])
                length = len(answer["text"])
            for _ in range(choose.randrange(4)):
                start, stop = a_cut(choose, len(ours))
                ours.replace(start, stop, choose.choice(PIECES))
            from_python, news[:] = list(news), []
            for update in from_js:
                if update:
                    doc.apply_update(b64decode(update))
            news.clear()
            answer = theirs.tell("edit", 0, 0, "")
            for made in from_python:
                answer = theirs.tell("apply", b64encode(made).decode())
            assert answer["text"] == str(ours)
            length = len(ours)
    finally:
        theirs.close()


def _note(event: TransactionEvent, news: list[bytes]) -> None:
    news.append(event.update)
