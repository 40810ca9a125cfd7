"""An event that cannot take place is taken back by the server, whoever sends it."""

from collections.abc import Callable
from typing import Any

import pytest
from pycrdt import Doc, Map, Text

from hub_rig import restarted, rig
from moim_data.memory_store import MemoryDisk, MemoryStore

pytestmark = pytest.mark.anyio
CALENDAR = "calendar/team"
ONE = "su/2026-11-26T09:30"
GOOD = ["2026-11-26T10:30", "2026-11-26T10:45", "Asia/Seoul"]
BACKWARDS = ["2026-11-26T10:30", "2026-11-26T10:15", "Asia/Seoul"]


def add_series(doc: "Doc[Any]") -> None:
    doc.get("events", type=Map)["su"] = Map(
        {
            "title": "Stand-up",
            "when": ["2026-11-25T09:30", "2026-11-25T09:45", "Asia/Seoul"],
            "rule": "FREQ=DAILY",
            "notes": Text(""),
        }
    )
    doc.get("exceptions", type=Map)[f"{ONE}/when"] = GOOD


def event(when: Any) -> Callable[["Doc[Any]"], object]:
    return lambda doc: doc.get("events", type=Map)["su"].update({"when": when})


def exception(when: Any) -> Callable[["Doc[Any]"], object]:
    return lambda doc: doc.get("exceptions", type=Map).update({f"{ONE}/when": when})


BAD_EDITS = {
    "an event that ends before it starts": event(BACKWARDS),
    "whole days that end on the day they begin": event(["2026-11-26", "2026-11-26", ""]),
    "a day that does not exist": event(["2026-02-30", "2026-03-01", ""]),
    "whole days with a zone": event(["2026-11-26", "2026-11-27", "Asia/Seoul"]),
    "a date and a time": event(["2026-11-26", "2026-11-26T10:00", ""]),
    "a zone that does not exist": event([*GOOD[:2], "Asia/Soul"]),
    "one of a series that ends before it starts": exception(BACKWARDS),
    "one of a series in no zone": exception([*GOOD[:2], "KST"]),
    "a new event that ends before it starts": lambda doc: doc.get("events", type=Map).update(
        {"new": Map({"title": "x", "when": BACKWARDS, "notes": Text("")})}
    ),
}


def content(doc: "Doc[Any]") -> dict[str, Any]:
    return {root: doc.get(root, type=Map).to_py() for root in ("events", "exceptions")}


@pytest.mark.parametrize("name", BAD_EDITS)
async def test_a_when_that_breaks_the_rule_is_taken_back_before_anybody_sees_it(name: str) -> None:
    disk = MemoryDisk()
    async with rig(MemoryStore(disk)) as hub:
        ann, bob = hub.connect("ann").hello(), hub.connect("bob").hello()
        mine, seen = await ann.open(CALENDAR), await bob.open(CALENDAR)
        mine.push(mine.edit(add_series))
        await mine.acked()
        await seen.update()
        good = content(seen.doc)
        assert good["exceptions"] == {f"{ONE}/when": GOOD}
        mine.push(mine.edit(BAD_EDITS[name]))
        await mine.update()
        await mine.acked()
        await seen.update()
        assert content(mine.doc) == content(seen.doc) == good
        mine.push(mine.edit(event(GOOD)))
        await mine.acked()
        await seen.update()
        assert content(seen.doc)["events"]["su"]["when"] == GOOD, "the next edit still lands"
    async with rig(restarted(disk)) as hub:
        fresh = await hub.connect("eve").hello().open(CALENDAR)
        assert content(fresh.doc) == content(seen.doc)
