"""docs/python.md: its examples run, and it names what there is."""

import datetime
import re
from collections.abc import Iterator
from typing import Any

import pytest

import moim
from client_rig import HubThread
from moim.shared_view import SharedView
from moim.workspace import Workspace
from moim_data.documents.demo import demo_documents
from moim_process import ROOT

PAGE = (ROOT / "docs" / "python.md").read_text()
EXAMPLES = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture
def hub() -> Iterator[HubThread]:
    made = HubThread(documents=demo_documents(datetime.date(2026, 11, 23)))
    yield made
    made.close()


def test_the_examples_run_from_top_to_bottom_and_arrive(hub: HubThread) -> None:
    program = "\n".join(EXAMPLES)
    assert "http://localhost:5006" in program
    names: dict[str, Any] = {}
    exec(program.replace("http://localhost:5006", hub.url), names)
    with moim.connect(hub.url, outbox=None) as other:
        titles = [event.title for event in other.calendar("team").events.values()]
        assert {"Talk about prices", "Holiday", "Trip", "Coffee", "Call"} <= set(titles)
        first = other.page("home").cells.values()[0]
        assert str(first.text).endswith("- Per seat is fine")
        assert other.calendar("Days off").info.zone == "Asia/Seoul"
        exceptions = other.calendar("team").exceptions.of(names["call"].id)
        assert [exception.excluded for exception in exceptions.values()] == [True]


def test_what_every_document_can_do_stands_in_the_table() -> None:
    can = {name for name in vars(SharedView) if not name.startswith("_")} - {"id"}
    rows = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `")]
    listed = {name for row in rows for name in re.findall(r"`(\w+)", row)}
    assert listed == can


def test_every_kind_that_can_be_opened_or_made_is_named() -> None:
    for name in vars(Workspace):
        if not name.startswith("_") and (
            name.startswith("add_") or f"add_{name}" in vars(Workspace)
        ):
            assert f"ws.{name}" in PAGE, name
