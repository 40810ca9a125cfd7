"""docs/insights.md: its example runs on a server's log, and it names what there is."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from moim.errors import ReadingFailed
from moim.session_tokens import CHARTS
from moim_process import ROOT, MoimProcess

PAGE = (ROOT / "docs" / "insights.md").read_text()
(EXAMPLE,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def test_the_example_runs_on_a_servers_log_and_sees_what_is_done_next(
    serve: Callable[..., MoimProcess],
) -> None:
    demo = serve("--demo", "--workers", "0")
    names: dict[str, Any] = {}
    program = EXAMPLE.replace("http://localhost:5006", demo.url)
    exec(program.replace("connect(", "connect(outbox=None, url="), names)
    ws, launch = names["ws"], names["launch"]
    try:
        assert names["flow"].amounts[:, -1].tolist() == [6, 5, 5, 2, 6, 0]
        assert len(names["took"]) == names["weeks"].counts.sum() == 6
        launch.move("ln-118", "done")
        launch.wait_saved()
        newest = ws.changes("project/launch")[-1]
        assert newest.path == "cards/ln-118/place"
        assert newest.value.startswith("done|")
        assert newest.seq == 2
        with pytest.raises(ReadingFailed, match="404"):
            ws.changes("project/never-made")
    finally:
        ws.close()


def test_every_chart_stands_in_the_table() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    assert tuple(row for row in rows if row not in ("path", "value", "at_ms")) == CHARTS
