import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pycrdt import Array, Doc, Map, Text

from moim.document_content import content_json, digest_of
from moim.documents_reader import DocumentsReader
from moim_data.documents.access import LocalAccess
from moim_data.documents.project import ProjectDocument
from moim_data.memory_store import MemoryStore
from moim_data.store import Append, DocumentId, Update
from moim_sync.hub import Hub

PROJECT = DocumentId("project/big")
OPEN = DocumentId("open/notes")


def project_update() -> bytes:
    access = LocalAccess()
    with access.transaction():
        project = ProjectDocument(access)
        project.columns.add(id="todo", name="할 일", status="ready")
        for number in range(30):
            project.cards.add(f"카드 {number} 🙂", "todo", id=f"c{number}", estimate=1.5)
    return access.doc.get_update()


def open_update() -> bytes:
    doc: Doc[Any] = Doc()
    doc["map"] = Map({"a": 1, "b": [True, None]})
    doc["text"] = Text("한글")
    doc["list"] = Array([1.5, "x"])
    return doc.get_update()


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    store = MemoryStore()
    for document, update in ((PROJECT, project_update()), (OPEN, open_update())):
        store.open(document, create=True).result()
        store.append(Append(document, (Update(1, 0, "test", b"", 0, update),))).result()
    hub = Hub(store)
    async with hub:
        yield hub


@pytest.mark.anyio
async def test_a_big_document_is_read_in_a_process_to_the_same_json(hub: Hub) -> None:
    here = await DocumentsReader(hub, here_bytes=10**9).read(PROJECT)
    elsewhere = await DocumentsReader(hub, here_bytes=0).read(PROJECT)
    assert here == elsewhere
    assert here is not None
    content = json.loads(here.content)
    assert content["data"]["cards"]["c7"]["title"] == "카드 7 🙂"
    assert content["data"]["cards"]["c7"]["number"] == 8
    assert here.seq == 1


@pytest.mark.anyio
async def test_an_open_document_is_read_as_what_it_looks_like(hub: Hub) -> None:
    reading = await DocumentsReader(hub).read(OPEN)
    assert reading is not None
    assert json.loads(reading.content)["data"] == {
        "list": [1.5, "x"],
        "map": {"a": 1, "b": [True, None]},
        "text": "한글",
    }


@pytest.mark.anyio
async def test_an_absent_document_is_not_made(hub: Hub) -> None:
    reader = DocumentsReader(hub)
    assert await reader.read(DocumentId("open/absent")) is None
    assert await reader.read(DocumentId("open/absent")) is None


def test_equal_documents_have_equal_digests_whatever_their_history() -> None:
    first, second = (Doc[Any](), Doc[Any]())
    for doc, order in ((first, "ab"), (second, "ba")):
        root = doc.get("map", type=Map)
        for key in order:
            root[key] = 1
        root["c"] = 1
        del root["c"]
    digests = {
        json.loads(content_json(OPEN, doc.get_update()))["digest"] for doc in (first, second)
    }
    assert digests == {digest_of({"map": {"a": 1.0, "b": 1}})}
