"""The past of a project's cards, as arrays: one step for each time that a card's state changed."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

WAITING: Final = 0
STARTED: Final = 1
DONE: Final = 2
GONE: Final = -1

_STAGES: Final = {"backlog": WAITING, "ready": WAITING, "done": DONE}
_FAR_MS: Final = 2**62


class Change(Protocol):
    """A row of the log: what a register was set to."""

    @property
    def at_ms(self) -> int:
        """When, since 1970, UTC."""

    @property
    def path(self) -> str:
        """`root/id/field`, or `root/id` for an entity; empty: known from here on."""

    @property
    def value(self) -> Any:
        """As plain values; None for what is gone or not kept."""


class Column(NamedTuple):
    """A column of the board as it is now; a list of them is in the board's order."""

    id: str
    name: str
    status: str | None = None


def stages(columns: Sequence[Column]) -> list[int]:
    """Give what each column means: by its status, else the first waits and the last is done."""
    by_place = [STARTED] * len(columns)
    if len(columns) > 1:
        by_place[0], by_place[-1] = WAITING, DONE
    return [
        place if column.status is None else _STAGES.get(column.status, STARTED)
        for column, place in zip(columns, by_place, strict=True)
    ]


@dataclass(slots=True)
class CardNow:
    """A card while the log is read."""

    index: int
    column: str = ""
    estimate: float = np.nan
    deleted: bool = False
    title: str = ""
    people: dict[str, None] = field(default_factory=dict)

    def take(self, name: str, value: Any) -> bool:
        """Set a register; True when that is a step."""
        before = (self.column, self.estimate, self.deleted)
        if name == "place":
            self.column = str(value or "").partition("|")[0]
        elif name == "estimate":
            self.estimate = float(value) if isinstance(value, int | float) else np.nan
        elif name == "deleted":
            self.deleted = value is not None
        elif name == "title":
            self.title = str(value or "")
        elif name.startswith("member/"):
            self._set_member(name.removeprefix("member/"), value is not None)
        now = (self.column, self.estimate, self.deleted)
        return repr(now) != repr(before)  # nan is not itself

    def _set_member(self, person: str, there: bool) -> None:
        if there:
            self.people[person] = None
        else:
            self.people.pop(person, None)


class HistoryReader:
    """Reads a log row by row; give it the rows that come later as well, then `history` again."""

    def __init__(self) -> None:
        self._cards: dict[str, CardNow] = {}
        self._steps: list[tuple[int, int, str, float]] = []
        self._known_from_ms: int | None = None
        self._last_ms = 0

    def add(self, changes: Iterable[Change]) -> None:
        """Take rows in the order of the log."""
        for change in changes:
            # clocks may be set back; a step is never before the one that it follows
            self._last_ms = max(self._last_ms, change.at_ms)
            if not change.path:
                self._known_from_ms = change.at_ms
            root, _, rest = change.path.partition("/")
            if root == "cards":
                self._add(*rest.partition("/")[::2], change.value)

    def _add(self, key: str, name: str, value: Any) -> None:
        card = self._cards.get(key)
        if card is None:
            card = self._cards[key] = CardNow(len(self._cards))
        if name:
            stepped = card.take(name, value)
        elif isinstance(value, dict):
            card.deleted = False
            stepped = sum(card.take(one, what) for one, what in value.items()) > 0
        else:
            stepped = card.take("deleted", True)
        if stepped:
            column = "" if card.deleted else card.column
            self._steps.append((card.index, self._last_ms, column, card.estimate))

    def history(self, columns: Sequence[Column]) -> "History":
        """Give what was read so far, for the board as its columns are now."""
        numbers = {column.id: number for number, column in enumerate(columns)}
        other = len(columns)
        card, at_ms, names, estimate = zip(*self._steps, strict=True) if self._steps else [()] * 4
        column = [numbers.get(name, other) if name else GONE for name in names]
        order = np.argsort(np.array(card, np.int64), kind="stable")
        return History(
            tuple(columns),
            tuple(self._cards),
            tuple(card.title for card in self._cards.values()),
            tuple(tuple(card.people) for card in self._cards.values()),
            np.array(card, np.int64)[order],
            np.array(at_ms, np.int64)[order],
            np.array(column, np.int64)[order],
            np.array(estimate, np.float64)[order],
            self._known_from_ms,
        )


@dataclass(frozen=True)
class History:
    """Steps of cards, card by card, each in order; a step lasts until the next of its card."""

    columns: tuple[Column, ...]
    cards: tuple[str, ...]
    """Ids; steps name cards by their place in here."""
    titles: tuple[str, ...]
    people: tuple[tuple[str, ...], ...]
    """Who has each card now."""
    card: Integers
    at_ms: Integers
    column: Integers
    """Its place among `columns`, their number for one that is gone, GONE while it is deleted."""
    estimate: Floats
    """In points; nan without."""
    known_from_ms: int | None
    """None: everything is known. Else what stood then is told as if it had been made then."""

    @cached_property
    def until_ms(self) -> Integers:
        """When each step ended; far in the future for the last of a card."""
        until = np.full(len(self.card), _FAR_MS, np.int64)
        same = self.card[1:] == self.card[:-1]
        until[:-1][same] = self.at_ms[1:][same]
        return until

    @cached_property
    def stage(self) -> Integers:
        """WAITING, STARTED, DONE or GONE; what lies in a column that is gone counts as started."""
        by_column = np.array([*stages(self.columns), STARTED, GONE], np.int64)
        return by_column[self.column]  # GONE is -1, the last

    @cached_property
    def last(self) -> Integers:
        """The step that each card is in now."""
        found = np.full(len(self.cards), -1, np.int64)
        np.maximum.at(found, self.card, np.arange(len(self.card)))
        return found[found >= 0]

    @cached_property
    def stood(self) -> Flags:
        """Steps that began before anything is known of them."""
        if self.known_from_ms is None:
            return np.zeros(len(self.card), np.bool_)
        return np.asarray(self.at_ms <= self.known_from_ms)

    @property
    def from_ms(self) -> int | None:
        """When the first step is; None for a project without cards."""
        return int(self.at_ms.min()) if len(self.at_ms) else None


def history_of(changes: Iterable[Change], columns: Sequence[Column]) -> History:
    """Read a whole log."""
    reader = HistoryReader()
    reader.add(changes)
    return reader.history(columns)


class _Row(NamedTuple):
    at_ms: int
    path: str
    value: Any


def stored_changes(rows: Iterable[Any]) -> list[Change]:
    """Make changes of the store's rows, whose values are JSON."""
    return [_Row(row.at_ms, row.path, json.loads(row.value or "null")) for row in rows]


def column_list(records: Iterable[Mapping[str, Any]]) -> list[Column]:
    """Make the list of columns from a project's records, which are in order."""
    return [Column(one["id"], one["name"], one.get("status")) for one in records]
