"""What `--demo` puts into a database that holds nothing yet."""

import asyncio
from datetime import date

from moim_data.documents.demo import demo_documents
from moim_data.documents.demo.history import demo_history
from moim_data.store import Append, DocumentId, Update, UpdateStore

WORKSPACE = DocumentId("workspace")
_AUTHOR = "demo"


async def prepare_workspace(store: UpdateStore) -> bool:
    """Make sure that there is a workspace; True when nothing has been written to it yet."""
    found = await asyncio.wrap_future(store.open(WORKSPACE, create=True))
    assert found is not None
    return found.seq == 0


async def seed_demo(store: UpdateStore, today: date, at_ms: int) -> None:
    """Put the demo's documents in. The workspace comes last: its content says that all is there."""
    documents = demo_documents(today)
    for document in sorted(documents, key=lambda document: document == WORKSPACE):
        found = await asyncio.wrap_future(store.open(document, create=True))
        assert found is not None
        if found.seq == 0:
            content = documents[document]
            row = Update(1, at_ms, _AUTHOR, b"", 0, content)
            history = demo_history(document, content, at_ms)
            await asyncio.wrap_future(store.append(Append(document, (row,), changes=history)))
