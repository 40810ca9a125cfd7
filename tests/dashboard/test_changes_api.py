"""The log of changes, asked over HTTP as page processes and notebooks do."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from tornado.web import Application

from access_rig import open_access
from moim.changes_api import CHANGES, ChangesHandler, LogReader
from moim_data.memory_store import MemoryStore
from moim_data.store import Append, DocumentId, LoggedChange, Update
from moim_sync.hub import Hub

pytestmark = pytest.mark.anyio
LAUNCH = DocumentId("project/launch")
Ask = Callable[[str], Awaitable[tuple[int, Any]]]
ROWS = 2_500


@pytest.fixture
async def ask(listen: Any, fetch: Any) -> AsyncIterator[Ask]:
    store = MemoryStore()
    store.open(LAUNCH, create=True).result()
    # one edit with many changes, then one with two
    changes = [LoggedChange(1, 7, "ann", f"cards/c{n}", '{"title":"출시"}') for n in range(ROWS)]
    changes += [
        LoggedChange(2, 8, "bo", "cards/c1/notes", ""),
        LoggedChange(2, 8, "bo", "cards/c2", "null"),
    ]
    updates = (Update(1, 7, "ann", b"", 0, b"\0\0"), Update(2, 8, "bo", b"", 0, b"\0\0"))
    store.append(Append(LAUNCH, updates, changes=tuple(changes))).result()
    async with Hub(store) as hub:
        options = {"read": LogReader(hub).read, "access": open_access()}
        address = await listen(Application([(CHANGES, ChangesHandler, options)]))

        async def get(path: str) -> tuple[int, Any]:
            answer = await fetch(f"{address}/api/{path}")
            return answer.code, json.loads(answer.body)

        yield get


async def test_the_log_is_read_in_pages_whose_ends_meet(ask: Ask) -> None:
    found, since, more = [], "0", True
    while more:
        code, answer = await ask(f"{LAUNCH}/changes?since={since}")
        assert code == 200
        found += answer["changes"]
        since, more = answer["next"], answer["more"]
    assert len(found) == ROWS + 2
    assert [row["path"] for row in found[:ROWS]] == [f"cards/c{n}" for n in range(ROWS)]
    assert found[0] == {
        "seq": 1,
        "at_ms": 7,
        "actor": "ann",
        "path": "cards/c0",
        "value": {"title": "출시"},
    }
    assert found[-2:] == [
        {"seq": 2, "at_ms": 8, "actor": "bo", "path": "cards/c1/notes"},
        {"seq": 2, "at_ms": 8, "actor": "bo", "path": "cards/c2", "value": None},
    ]


async def test_a_version_stands_for_all_of_its_changes(ask: Ask) -> None:
    _, answer = await ask(f"{LAUNCH}/changes?since=1")
    assert [row["seq"] for row in answer["changes"]] == [2, 2]
    assert (await ask(f"{LAUNCH}/changes?since=2"))[1]["changes"] == []


async def test_a_question_without_an_answer_is_refused(ask: Ask) -> None:
    assert (await ask(f"{LAUNCH}/changes?since=soon"))[0] == 400
    assert (await ask(f"{LAUNCH}/changes?since=-1"))[0] == 400
    assert (await ask("project/never-made/changes"))[0] == 404
    assert (await ask("nothing/launch/changes"))[0] == 404
