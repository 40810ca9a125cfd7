"""`editText` of the GraphQL door."""

from typing import Any

import pytest

from graphql_rig import GraphqlRig, graphql
from moim_data.memory_store import MemoryStore
from moim_data.store import DocumentId, StoredVersion
from moim_sync.authorization import Role
from moim_sync.text_rebuilder import TextRebuilder

pytestmark = pytest.mark.anyio
EDIT = """mutation($i: EditTextInput!) { editText(input: $i) {
  id text version failure { code message paths { path } } } }"""
NOTES = '{ project(id: "p") { version cards { id notes } } }'


async def notes(door: GraphqlRig) -> tuple[int, str]:
    project = await door.data(NOTES)
    return project["version"], project["cards"][0]["notes"]


async def edited(door: GraphqlRig, base: int, *operations: Any, **more: Any) -> Any:
    wanted = {"id": "p/c1", "baseVersion": base, "operations": list(operations), **more}
    return await door.data(EDIT, i=wanted)


async def test_a_late_edit_is_merged_and_answered_with_the_text() -> None:
    async with graphql() as door:
        seen = (await edited(door, 1, {"insert": "end"}))["version"]
        text = "end"
        first = await edited(door, seen, {"insert": "🚀 "})
        assert first == {
            "id": "p/c1",
            "text": "🚀 " + text,
            "version": seen + 1,
            "failure": None,
        }
        late = await edited(door, seen, {"retain": len(text)}, {"insert": "!"})
        assert (late["text"], late["version"]) == (f"🚀 {text}!", seen + 2)
        operations = {"retain": 4}, {"insert": "→"}
        by_bytes = await edited(door, late["version"], *operations, unit="UTF8")
        assert by_bytes["text"] == f"🚀→ {text}!"
        assert await notes(door) == (by_bytes["version"], by_bytes["text"])


async def test_an_event_is_edited_in_its_calendar() -> None:
    async with graphql() as door:
        found = await door.data(
            '{ calendar(id: "t") { version events(from: "2026-01-01", to: "2026-12-31")'
            " { event { id notes } } } }"
        )
        event = found["events"][0]["event"]
        wanted = {"id": event["id"], "entity": "EVENT"}
        done = await edited(door, found["version"], {"insert": "bring it: "}, **wanted)
        assert done["text"] == "bring it: " + event["notes"]


async def test_each_refusal_says_by_its_code_what_a_program_may_do() -> None:
    async with graphql() as door:
        seen, text = await notes(door)
        for wanted, code, path in (
            ({"id": "p/nobody"}, "UNKNOWN", []),
            ({"id": "p"}, "INVALID", ["id"]),
            ({"baseVersion": seen + 1}, "INVALID", ["baseVersion"]),
            ({"baseVersion": -1}, "INVALID", ["baseVersion"]),
            ({"operations": [{"delete": 10_000}]}, "INVALID", ["operations/0"]),
            ({"operations": [{"retain": 1, "delete": 1}]}, "INVALID", ["operations/0"]),
            ({"operations": [{}]}, "INVALID", ["operations/0"]),
        ):
            answer = await edited(door, seen, {"insert": "x"}, **wanted)
            assert answer["failure"]["code"] == code
            assert [one["path"] for one in answer["failure"]["paths"]] == path
            assert (answer["text"], answer["version"]) == (None, None)
        door.gate.of["ann"] = Role.VIEWER
        assert (await edited(door, seen, {"insert": "x"}))["failure"]["code"] == "ROLE"
        assert await notes(door) == (seen, text)


class ForgetfulStore(MemoryStore):
    """Keeps no old versions."""

    def _version(self, document: DocumentId, seq: int) -> StoredVersion | None:
        return None


async def test_a_version_that_is_not_kept_is_answered_with_the_text_of_now() -> None:
    async with graphql() as door:
        door.hub.rebuilder = TextRebuilder(ForgetfulStore())
        seen, text = await notes(door)
        now = await edited(door, seen, {"insert": "new "})
        old = await edited(door, seen, {"insert": "x"})
        assert old["failure"]["code"] == "VERSION_TOO_OLD"
        assert (old["text"], old["version"]) == (f"new {text}", now["version"])
