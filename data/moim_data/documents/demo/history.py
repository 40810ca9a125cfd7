"""The past of the demo's documents, as rows of the log of changes: invented, as its cards are.

Every entity was made when its stamp says; a card began in the first column and went on through the
others, on working days, until it was where the document has it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

from pycrdt import Doc, Map

from moim_data.documents.demo.board import LIST_BEGAN_DAYS_AGO
from moim_data.documents.registers import entity_json, to_json, whole
from moim_data.documents.shape import shape_of
from moim_data.store import DocumentId, LoggedChange

_DAY_MS: Final = 86_400_000
_SATURDAY: Final = 5
_SEQ: Final = 1


def demo_history(document: DocumentId, update: bytes, at_ms: int) -> tuple[LoggedChange, ...]:
    """Give the log of a document of the demo that is written at `at_ms`, oldest row first."""
    kind = document.partition("/")[0]
    shape = shape_of(kind)
    assert shape is not None, kind
    doc: Doc[Any] = Doc()
    doc.apply_update(update)
    content = {name: whole(doc.get(name, type=Map).to_py() or {}) for name in shape.roots}
    began_ms = at_ms - LIST_BEGAN_DAYS_AGO * _DAY_MS
    rows: list[LoggedChange] = []
    for name, root in shape.roots.items():
        for key, registers in ({"": content[name]} if root.single else content[name]).items():
            person, made_ms = _made(registers.get("created"), began_ms)
            made = dict(registers)
            if name == "cards" and "columns" in content:
                moves = list(_moves(key, registers["place"], content["columns"], made_ms, at_ms))
                made["place"], rest = moves[0][1], moves[1:]
                rows += [
                    LoggedChange(_SEQ, when, person, f"{name}/{key}/place", to_json(place))
                    for when, place in rest
                ]
            path = f"{name}/{key}".rstrip("/")
            rows.append(LoggedChange(_SEQ, made_ms, person, path, entity_json(root.entity, made)))
    return tuple(sorted(rows, key=lambda row: (row.at_ms, row.path)))


def _made(stamp: Any, began_ms: int) -> tuple[str, int]:
    """Give who made something, and when; some stamps say only when, some things bear none."""
    if isinstance(stamp, list):
        return stamp[0], stamp[1]
    return "", began_ms if stamp is None else stamp


def _moves(
    card: str, place: str, columns: dict[str, Any], made_ms: int, now_ms: int
) -> Iterator[tuple[int, str]]:
    """Give when a card came to which place; the last one is where it is."""
    order = sorted(columns, key=lambda key: columns[key]["place"])
    at = order.index(place.partition("|")[0])
    luck = Random(card)
    # done with an even hand over its life, so that no week looks busier than another
    parts = sorted(luck.random() for _ in range(at))
    times = [made_ms, *(_working(made_ms + part * (now_ms - made_ms), luck) for part in parts)]
    times = [min(max(when, made_ms), now_ms) for when in times]
    for number, when in enumerate(sorted(times)):
        yield when, place if number == at else f"{order[number]}|V"


def _working(at_ms: float, luck: Random) -> int:
    """Move a moment into working hours: a weekend's to the Friday before."""
    moment = datetime.fromtimestamp(at_ms / 1000, UTC)
    moment -= timedelta(max(0, moment.weekday() - _SATURDAY + 1))
    return round(moment.replace(hour=luck.randrange(8, 17)).timestamp() * 1000)
