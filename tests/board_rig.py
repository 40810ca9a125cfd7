"""A hub with a board on it, for tests of what doors do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from hub_rig import Rig, rig
from moim_data.documents.access import LocalAccess
from moim_data.documents.project import ProjectDocument

BOARD = "project/p"


@asynccontextmanager
async def board(**options: Any) -> AsyncIterator[Rig]:
    """A hub with a project of two columns, made by a client that has gone."""
    async with rig(**options) as rigged:
        client = await rigged.connect("maker").hello().open(BOARD)

        def seed(doc: Any) -> None:
            project = ProjectDocument(LocalAccess(doc))
            project.columns.add(id="todo", name="To do")
            project.columns.add(id="done", name="Done")

        client.push(client.edit(seed))
        await client.acked()
        client.client.lose()
        yield rigged
