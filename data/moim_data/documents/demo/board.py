"""Boards of the demo: what one is written down as, and the document made of it."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from moim_data.documents.access import LocalAccess
from moim_data.documents.demo.people import PEOPLE, Days, mentioned
from moim_data.documents.project import Card, ProjectDocument

LIST_BEGAN_DAYS_AGO = 30


class Column(NamedTuple):
    """A column of a board."""

    id: str
    name: str
    status: str
    limit: int | None = None


class Label(NamedTuple):
    """A label of a board."""

    id: str
    name: str
    colour: str


class Said(NamedTuple):
    """A comment."""

    person: str
    days_ago: int
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A card; dates are days from today, lists are words apart by spaces."""

    number: int
    column: str
    title: str
    labels: str = ""
    members: str = ""
    priority: str | None = None
    estimate: float | None = None
    start: int | None = None
    due: int | None = None
    notes: str = ""
    checklist: tuple[str, ...] = ()
    """Lines; `+` before one that its first member has ticked off."""
    comments: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Board:
    """A project of the demo."""

    id: str
    name: str
    colour: str
    prefix: str
    description: str
    columns: tuple[Column, ...]
    labels: tuple[Label, ...]
    cards: tuple[Row, ...]


def board_update(board: Board, days: Days) -> bytes:
    """Make the document of a board; give it as one Yjs update."""
    access = LocalAccess()
    with access.transaction():
        document = ProjectDocument(access, days.author("seoyeon", LIST_BEGAN_DAYS_AGO))
        document.info.update(description=board.description, prefix=board.prefix)
        for column in board.columns:
            document.columns.add(**column._asdict())
        for label in board.labels:
            document.labels.add(label.name, label.colour, id=label.id)
        newest = max(row.number for row in board.cards)
        for row in board.cards:
            _add_row(access, board, row, max(1, (newest - row.number) // 2 + 1), days)
    return access.doc.get_update()


def _add_row(access: LocalAccess, board: Board, row: Row, days_ago: int, days: Days) -> None:
    first = (row.members or PEOPLE[row.number % len(PEOPLE)].id).split()[0]
    document = ProjectDocument(access, days.author(first, days_ago))
    card = document.cards.add(
        row.title,
        row.column,
        id=f"{board.prefix.lower()}-{row.number}",
        number=row.number,
        labels=row.labels.split(),
        members=row.members.split(),
        **_set(
            priority=row.priority,
            estimate=row.estimate,
            start=None if row.start is None else days.day(row.start),
            due=None if row.due is None else days.day(row.due),
            notes=row.notes or None,
        ),
    )
    for at, line in enumerate(row.checklist, 1):
        item = card.checklist.add(line.removeprefix("+"), id=f"{card.id}-{at}")
        card.checklist.tick(item.id, done=line.startswith("+"))
    _add_comments(access, card, row, days)


def _add_comments(access: LocalAccess, card: Card, row: Row, days: Days) -> None:
    for at, said in enumerate(row.comments, 1):
        author = days.author(said.person, said.days_ago, minute=11 * at)
        comments = ProjectDocument(access, author).comments
        comments.add(card.id, said.text, mentioned(said.text), id=f"{card.id}-{at}")


def _set(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
