"""What one request of the GraphQL door may ask for, and the schema that it may ask of."""

import asyncio
import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from graphql_rig import graphql
from moim.graphql.limits import GraphqlLimits
from moim.graphql.pace import paced
from moim.graphql.scalars import Colour, ColumnStatus, EventStatus, Priority
from moim.graphql.schema import schema_text
from moim_data.documents.shape import read_schema

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[2]


def many(count: int, field: str) -> str:
    """A query of fields under different names."""
    return "{" + " ".join(f"a{n}: {field}" for n in range(count)) + "}"


def laughing(levels: int) -> str:
    """Fragments that each hold the next one twice."""
    parts = [f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(levels)]
    return f"{{ ...F0 }} {' '.join(parts)} fragment F{levels} on Query {{ members {{ id }} }}"


YEAR = 'from: "2026-01-01", to: "2026-12-31"'


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("{" + " members { id }" * 17 + "}", "16 times"),
        (many(30, 'project(id: "p") { cards { id labels { id } } }'), "costs at most"),
        ("{ projects { cards { id labels { id } members { id } } } }", "costs at most"),
        (many(4, "__schema { types { name } }"), "costs at most"),
        (many(30, f'calendar(id: "t") {{ events({YEAR}) {{ id }} }}'), "costs at most"),
        (laughing(12), "16 times"),
        (many(700, "__typename"), "Syntax Error"),
        ('{ project(id: "p") ' + "{ a " * 900 + "}" * 901, "deep"),
    ],
)
async def test_what_is_too_large_or_too_dear_is_refused_before_it_runs(
    query: str, words: str
) -> None:
    async with graphql() as door:
        answer = await door.run(query)
        assert "data" not in answer
        assert words in answer["errors"][0]["message"], answer


async def test_a_query_that_is_too_deep_is_refused() -> None:
    async with graphql(GraphqlLimits(depth=3)) as door:
        deep = '{ project(id: "p") { cards { labels { id } } } }'
        error = (await door.run(deep))["errors"][0]
        assert (error["extensions"]["code"], "3 deep" in error["message"]) == ("limit", True)
        assert "errors" not in await door.run('{ project(id: "p") { cards { id } } }')


async def test_operations_of_one_request_share_what_it_may_cost() -> None:
    query = '{ project(id: "p") { cards { id title } } }'
    async with graphql(GraphqlLimits(cost=100)) as door:
        context = door.context()
        answers = [await door.run(query, context=context) for _ in range(3)]
        assert ["errors" in one for one in answers] == [False, False, True]


async def test_an_answer_of_too_many_things_is_refused() -> None:
    async with graphql(GraphqlLimits(items=3)) as door:
        error = (await door.run('{ project(id: "p") { cards { id } } }'))["errors"][0]
        assert error["extensions"]["code"] == "limit"


async def test_a_long_list_gives_way_to_others() -> None:
    seconds = count()
    things = paced(list(range(100)), lambda: float(next(seconds)))
    taken: list[int] = []
    seen_between: list[int] = []

    async def other() -> None:
        while len(taken) < 100:
            seen_between.append(len(taken))
            await asyncio.sleep(0)

    beside = asyncio.create_task(other())
    async for one in things:  # type: ignore[attr-defined]
        taken += [one]
    await beside
    assert taken == list(range(100))
    assert len(set(seen_between)) > 90
    assert paced([1, 2]) == [1, 2]


async def test_a_fragment_in_itself_is_named_by_validation() -> None:
    async with graphql() as door:
        answer = await door.run("{ ...A } fragment A on Query { ...A }")
        assert "within itself" in answer["errors"][0]["message"]


async def test_the_schema_may_be_asked_for() -> None:
    async with graphql() as door:
        found = await door.data("{ __schema { types { name fields { name type { name } } } } }")
        assert "Card" in {one["name"] for one in found["types"]}


def test_the_schema_in_the_docs_is_the_one_that_is_served() -> None:
    kept = (ROOT / "docs" / "schema.graphql").read_text()
    assert kept == schema_text(), "run `python -m moim.graphql.schema > docs/schema.graphql`"


def test_choices_are_those_of_the_documents() -> None:
    def choices(kind: str, *path: str) -> list[str]:
        found: Any = read_schema(f"{kind}.schema.json")["$defs"]
        for name in path:
            found = found[name]
        return list(found["enum"])

    assert [one.value for one in Priority] == choices("project", "card", "properties", "priority")
    assert [one.value for one in ColumnStatus] == choices(
        "project", "column", "properties", "status"
    )
    assert [one.value for one in Colour] == choices("project", "colour")
    assert [one.value for one in EventStatus] == choices("calendar", "status")


def test_every_field_of_a_card_stands_in_the_schema() -> None:
    card = json.loads(json.dumps(read_schema("project.schema.json")))["$defs"]["card"]
    told = schema_text().partition("type Card {")[2].partition("\n}")[0]
    for name in (*card["properties"], "labels", "members", "column"):
        assert f"\n  {name}: " in told, name
