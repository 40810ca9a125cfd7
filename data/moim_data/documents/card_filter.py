"""The language of board filters: `@me due<7d label:bug -"two words"`.

`frontend/core/card_filter.ts` reads it the same way; both are held to `tests/vectors/filter.json`.
What is no term of the language is a word to look for, so that any text is a filter.
"""

import operator
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal, Self

from moim_data.documents.project import Card, ProjectDocument
from moim_data.errors import InvalidValue

Kind = Literal["word", "number", "person", "label", "priority", "is", "due"]
Compare = Callable[[date, date], bool]

_TERM: Final = re.compile(r'(?:[^\s"]|"[^"]*(?:"|$))+')
_KEYED: Final = re.compile(
    r"(?:(label|priority|is):|(due)(:|<=|>=|<|>))(.*)", re.IGNORECASE | re.DOTALL
)
_NUMBER: Final = re.compile(r"#([0-9]{1,9})")
_AHEAD: Final = re.compile(r"([0-9]{1,4})([dw])")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NEAR: Final = {"today": 0, "tomorrow": 1}
_VALUES: Final = {
    "priority": {"low", "medium", "high", "urgent", "none"},
    "is": {"done", "open"},
}
_DAYS_A_WEEK: Final = 7
_COMPARE: Final[Mapping[str, Compare]] = {
    ":": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Term:
    """What a card must be, or must not be."""

    kind: Kind
    value: str | int | None = None
    """None where a due date is compared."""
    negated: bool = False
    than: str = ""
    """`:`, `<`, `<=`, `>` or `>=`, of a due date."""
    days: int | None = None
    """From today on; None when compared with `day`."""
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """A term whose value says nothing; it filters nothing."""

    term: str
    key: str
    """`due`, `priority`, `is` or `label`."""


@dataclass(frozen=True, slots=True)
class Reader:
    """To whom, and when, a filter is read."""

    me: str | None
    """The person's id; None for nobody."""
    today: date
    members: Mapping[str, str]
    """Names by person id."""


@dataclass(frozen=True, slots=True)
class CardFilter:
    """A filter that was read; `problems` names what was not understood."""

    terms: tuple[Term, ...]
    problems: tuple[Problem, ...]

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a filter as a board does; any text is one."""
        terms, problems = [], []
        for raw in _TERM.findall(text):
            negated = raw.startswith("-") and len(raw) > 1
            found = _term_of(raw[1:] if negated else raw, negated)
            if isinstance(found, str):
                problems.append(Problem(raw, found))
            else:
                terms.append(found)
        return cls(tuple(terms), tuple(problems))

    @classmethod
    def checked(cls, text: str) -> Self:
        """Read a filter of a program, which has no half-typed terms.

        Raises:
            InvalidValue: a term has a value that says nothing, as `due:soon`.
        """
        read = cls.read(text)
        if read.problems:
            wrong = [problem.term for problem in read.problems]
            raise InvalidValue(f"filter: expected terms with known values, got {wrong}", "filter")
        return read

    def cards(self, project: ProjectDocument, reader: Reader) -> list[Card]:
        """Give the cards that every term is true of, in the order of the board."""
        known = _Known(
            {label.id: _folded(label.name) for label in project.labels.values()},
            {key: _folded(name) for key, name in reader.members.items()},
            {column.id for column in project.columns.values() if column.status == "done"},
            reader,
        )
        return [
            card
            for card in project.cards.values()
            if all(known.holds(term, card) != term.negated for term in self.terms)
        ]


def _folded(text: str) -> str:
    """Compared without case; NFC because some systems type Korean in pieces (NFD)."""
    return unicodedata.normalize("NFC", text).lower()


def _term_of(text: str, negated: bool) -> Term | str:
    """Give a term, or the key whose value says nothing."""
    keyed = _KEYED.fullmatch(text)
    value = _folded((keyed[4] if keyed else text).replace('"', ""))
    if keyed and keyed[2]:
        return _due_term(keyed[3], value, negated) or "due"
    if keyed:
        return _keyed_term(keyed[1].lower(), value, negated)
    if number := _NUMBER.fullmatch(value):
        return Term("number", int(number[1]), negated)
    if len(value) > 1 and value.startswith("@"):
        return Term("person", value[1:], negated)
    return Term("word", value, negated)


def _keyed_term(key: Any, value: str, negated: bool) -> Term | str:
    known = _VALUES.get(key)
    is_known = value != "" if known is None else value in known
    return Term(key, value, negated) if is_known else str(key)


def _due_term(than: str, value: str, negated: bool) -> Term | None:
    if value in _NEAR:
        return Term("due", None, negated, than, _NEAR[value])
    if than == ":" and value in {"overdue", "none", "any"}:
        return Term("due", value, negated)
    if _DAY.fullmatch(value):
        try:
            return Term("due", None, negated, than, None, date.fromisoformat(value))
        except ValueError:
            return None
    ahead = _AHEAD.fullmatch(value)
    if ahead is None:
        return None
    days = int(ahead[1]) * (_DAYS_A_WEEK if ahead[2] == "w" else 1)
    return Term("due", None, negated, than, days)


@dataclass(frozen=True, slots=True)
class _Known:
    """What a filter's words mean in one project."""

    labels: Mapping[str, str]
    members: Mapping[str, str]
    done: set[str]
    reader: Reader

    def holds(self, term: Term, card: Card) -> bool:
        value = term.value
        match term.kind:
            case "number":
                return card.number == value
            case "priority":
                return (card.priority or "none") == value
            case "is":
                return (card.column in self.done) == (value == "done")
            case "due":
                return self._is_due(term, card)
        return self._is_named(term.kind, str(value), card)

    def _is_named(self, kind: Kind, name: str, card: Card) -> bool:
        labels = [self.labels[key] for key in card.labels if key in self.labels]
        members = [self.members.get(key, "") for key in card.members]
        if kind == "label":
            return not labels if name == "none" else any(name in label for label in labels)
        if kind == "word":
            return any(name in text for text in (_folded(card.title), *labels, *members))
        if name == "me":
            return self.reader.me in card.members
        return not members if name == "none" else any(name in member for member in members)

    def _is_due(self, term: Term, card: Card) -> bool:
        due, today = card.due, self.reader.today
        if term.value == "none":
            return due is None
        if due is None:
            return False
        if term.value == "any":
            return True
        if term.value == "overdue":
            return due < today and card.column not in self.done
        day = term.day or today + timedelta(days=term.days or 0)
        return _COMPARE[term.than](due, day)
