"""`text:edit` of the Socket.IO door."""

import asyncio
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from moim_data.sqlite_store import SqliteStore
from moim_data.store import DocumentId
from moim_sync.api.caller import Caller
from moim_sync.api.commands import create_card, update_card
from socketio_rig import BOARD, DoorRig, door, person

pytestmark = pytest.mark.anyio
BOB = person("bob")
CARD = {"project": "p", "id": "c1"}


async def card(place: DoorRig, notes: str) -> int:
    """A card with notes; the version that has it."""
    work = create_card(BOB, {"title": "one", "notes": notes}, id="c1")
    return (await Caller(place.hub, BOB).run(BOARD, work)).seq


async def test_a_late_edit_is_merged_answered_with_the_text_and_told_to_everybody() -> None:
    async with door() as place:
        ann, bob = await place.client(), await place.client("bob")
        seen = await card(place, "😀 end")
        await bob.ask("subscribe", {"project": "p"})
        edit = {**CARD, "baseVersion": seen}
        begin = await bob.ask("text:edit", {**edit, "operations": [{"insert": "start "}]})
        assert begin == {"ok": True, "id": "c1", "version": seen + 1, "text": "start 😀 end"}
        late = [{"retain": 2.0}, {"insert": "!"}]  # the face is two units, a float as in JavaScript
        done = await ann.ask("text:edit", {**edit, "entity": "card", "operations": late})
        assert done == {"ok": True, "id": "c1", "version": seen + 2, "text": "start 😀! end"}
        points = {"unit": "codepoints", "operations": [{"retain": 1}, {"insert": "?"}]}
        done = await ann.ask("text:edit", {**edit, **points})
        assert done["text"] in ("start 😀!? end", "start 😀?! end")
        told = await bob.get("project:update", lambda told: told["version"] == seen + 3)
        assert (told["changes"], told["userId"]) == ({"notes": done["text"]}, "ann")


@pytest.mark.parametrize(
    ("payload", "code", "path"),
    [
        ({"id": ""}, "invalid", "id"),
        ({"id": "no"}, "unknown", None),
        ({"project": "nowhere"}, "unknown", None),
        ({"calendar": "p"}, "invalid", "project"),
        ({"entity": "column"}, "invalid", "entity"),
        ({"entity": "event"}, "invalid", "events"),
        ({"baseVersion": None}, "invalid", "baseVersion"),
        ({"baseVersion": -1}, "invalid", "baseVersion"),
        ({"baseVersion": 1000}, "invalid", "baseVersion"),
        ({"operations": None}, "invalid", "operations"),
        ({"operations": [{"insert": "x", "delete": 1}]}, "invalid", "operations/0"),
        ({"operations": [{"retain": 6}]}, "invalid", "operations/0"),
        ({"operations": [{"retain": 1}, {"insert": "x"}]}, "invalid", "operations/0"),
        ({"unit": "bytes"}, "invalid", "unit"),
    ],
)
async def test_what_cannot_be_done_is_answered_with_a_code_and_changes_nothing(
    payload: dict[str, Any], code: str, path: str | None
) -> None:
    async with door() as place:
        ann = await place.client()
        seen = await card(place, "😀abc")
        good = {**CARD, "baseVersion": seen, "operations": [{"insert": "x"}]}
        answer = await ann.ask("text:edit", {**good, **payload})
        assert (answer["ok"], answer["code"]) == (False, code), answer
        assert [one["path"] for one in answer["paths"]] == ([] if path is None else [path])
        assert (await ann.ask("text:edit", {**good, "operations": []}))["text"] == "😀abc"


async def test_a_version_that_is_not_kept_is_answered_with_the_text_of_now(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path / "moim.db")) as store:
        async with door(store=store) as place:
            ann = await place.client()
            seen = await card(place, "one")
            for notes in ("two", "three"):
                assert await asyncio.to_thread(store.compact, DocumentId(BOARD))
                now = await Caller(place.hub, BOB).run(
                    BOARD, update_card(BOB, "c1", {"notes": notes})
                )
            assert await asyncio.to_thread(store.compact, DocumentId(BOARD))
            edit = {**CARD, "operations": [{"delete": 1}]}
            answer = await ann.ask("text:edit", {**edit, "baseVersion": seen})
            assert (answer["ok"], answer["code"]) == (False, "version-too-old")
            assert (answer["version"], answer["text"]) == (now.seq, "three")
            again = await ann.ask("text:edit", {**edit, "baseVersion": answer["version"]})
            assert again["text"] == "hree"
