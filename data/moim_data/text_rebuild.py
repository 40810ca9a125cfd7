"""An edit by index of a text as it was: the update that it comes to, for the document as it is.

The document is built from the log as it was at that version, in a copy; the operations are done
there, by a client id that nobody had. What comes out is a Yjs update like that of a client that had
been away since: applied to the document of now it meets what others did by the rules of the CRDT.
So it converges by construction, and needs no transformation of indices.

    python -m moim_data.text_rebuild    one edit on standard input, its answer on standard output

for large documents: pycrdt holds the GIL for as long as it works.
"""

import json
import os
import resource
import sys
from dataclasses import dataclass
from typing import Any, Final

from pycrdt import Doc, Map, Text, TransactionEvent

from moim_data.deep_stack import deepen_stack
from moim_data.documents.access import LocalAccess
from moim_data.documents.shape import shape_of
from moim_data.documents.text import SharedText
from moim_data.documents.text_operations import TextOperations
from moim_data.errors import InvalidValue, SplitCharacter
from moim_data.store import StoredVersion

_CPU_LIMIT_S: Final = 60


@dataclass(frozen=True, slots=True)
class TextPlace:
    """Where a text is in a document."""

    kind: str
    root: str
    id: str
    field: str

    @property
    def path(self) -> str:
        """`root/id/field`."""
        return f"{self.root}/{self.id}/{self.field}"

    def found(self, doc: "Doc[Any]") -> Text | None:
        """Give the text; None when it, or the thing it belongs to, is not there."""
        entity = doc.get(self.root, type=Map).get(self.id)
        text = entity.get(self.field) if isinstance(entity, Map) else None
        return text if isinstance(text, Text) else None


def rebuilt_update(
    version: StoredVersion, place: TextPlace, operations: TextOperations, client_id: int
) -> bytes | None:
    """Give what operations on a version come to, as an update; None when the text was not there.

    Args:
        client_id: one that no edit of the document bears.

    Raises:
        InvalidValue, SplitCharacter: the operations do not fit the text of that version.
    """
    doc: Doc[Any] = Doc(client_id=client_id)
    with doc.transaction():
        for update in version.data:
            doc.apply_update(update)
    text = place.found(doc)
    if text is None:
        return None
    made: list[bytes] = []

    def note(event: TransactionEvent) -> None:
        made.append(event.update)

    subscription = doc.observe(note)
    # Whether the text gets too long is for the document of now to say.
    shared = SharedText(LocalAccess(doc), lambda: text, place.path, lambda _: None)
    shared.splice(operations.splices)
    doc.unobserve(subscription)
    return made[0] if made else b""


def encode_task(
    version: StoredVersion, place: TextPlace, operations: TextOperations, client_id: int
) -> bytes:
    """Write what the process reads."""
    head = {
        "place": [place.kind, place.root, place.id, place.field],
        "operations": operations.as_json(),
        "unit": operations.unit,
        "client_id": client_id,
        "sizes": [len(update) for update in version.data],
    }
    return b"".join([json.dumps(head).encode(), b"\n", *version.data])


def answer_to(task: bytes) -> bytes:
    """Do a task, and give what `decode_answer` reads."""
    line, _, data = task.partition(b"\n")
    head = json.loads(line)
    updates, start = [], 0
    for size in head["sizes"]:
        updates.append(data[start : start + size])
        start += size
    operations = TextOperations.read(head["operations"], head["unit"])
    place = TextPlace(*head["place"])
    try:
        found = rebuilt_update(StoredVersion(tuple(updates)), place, operations, head["client_id"])
    except InvalidValue as error:
        kind = b"s" if isinstance(error, SplitCharacter) else b"i"
        return kind + json.dumps([str(error), error.path]).encode()
    return b"-" if found is None else b"u" + found


def decode_answer(answer: bytes) -> bytes | None:
    """Give what `rebuilt_update` gave in the process, and raise what it raised.

    Raises:
        ValueError: it is no answer.
    """
    kind, rest = answer[:1], answer[1:]
    if kind == b"u":
        return rest
    if kind == b"-":
        return None
    if kind in (b"i", b"s"):
        raise (SplitCharacter if kind == b"s" else InvalidValue)(*json.loads(rest))
    raise ValueError(f"expected an update or a refusal, got {answer[:20]!r}")


def text_place(kind: str, root: str, id: str) -> TextPlace:
    """Give where the text of a thing is: each thing has one at most.

    Raises:
        InvalidValue: things of this root have none.
    """
    shape = shape_of(kind)
    found = shape.roots.get(root) if shape is not None else None
    fields = found.entity.fields.values() if found is not None else ()
    for field in fields:
        if field.kind == "text":
            return TextPlace(kind, root, id, field.name)
    raise InvalidValue(f"{root}: expected what has a text, in a {kind}", root)


def main() -> int:
    """Answer on standard output."""
    deepen_stack()
    # The server may have been killed: nobody would end us then.
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_LIMIT_S, _CPU_LIMIT_S))
    answer = answer_to(sys.stdin.buffer.read())
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
    # Taking the document apart would take as long again.
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
