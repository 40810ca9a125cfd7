"""What takes place in a calendar, as JSON. `python -m moim.calendar_occurrences <id> <question>`
reads an update and writes the answer.

Rules are walked in a process of their own: one that comes to nothing keeps a processor busy until
its deadline.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from time import monotonic
from typing import Any, Self

from moim.document_content import values_of
from moim_data.documents.kinds import parse_document_id
from moim_data.documents.recurrence import (
    Exceptions,
    Occurrence,
    SeriesEvent,
    exceptions_by_event,
    expansion,
)
from moim_data.documents.rule import Limits
from moim_data.documents.when import is_zone
from moim_data.store import DocumentId

LONGEST_DAYS = 400
"""A year, and what a month's view shows on either side."""
DEADLINE_S = 5.0
_SERIES = Limits(deadline_s=0.5)
_MOST = 20_000
_NICE = 10


class BadQuestion(Exception):
    """The words of a question cannot be answered; its text says what was expected."""


@dataclass(frozen=True, slots=True)
class Question:
    """Which days of which zone are asked for."""

    start: str
    end: str
    """The day after the last."""
    zone: str
    everything: bool
    """False: only the series that the browser does not expand."""

    @classmethod
    def read(cls, words: Mapping[str, str]) -> Self:
        """Take `from`, `to`, `zone` and `all`. Raises BadQuestion."""
        first, last = _day(words, "from"), _day(words, "to")
        if not timedelta() < last - first <= timedelta(days=LONGEST_DAYS):
            raise BadQuestion(f"from, to: expected 1 to {LONGEST_DAYS} days, got {last - first}")
        zone = words.get("zone", "")
        if not zone or not is_zone(zone):
            raise BadQuestion(f"zone: expected the IANA name of a time zone, got {zone[:64]!r}")
        if words.get("all", "0") not in ("0", "1"):
            raise BadQuestion(f"all: expected 0 or 1, got {words['all'][:16]!r}")
        return cls(first.isoformat(), last.isoformat(), zone, words.get("all") == "1")


def _day(words: Mapping[str, str], name: str) -> date:
    text = words.get(name, "")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise BadQuestion(f"{name}: expected a date YYYY-MM-DD, got {text[:32]!r}")
    return day


def occurrences_json(document: DocumentId, update: bytes, question: Question) -> bytes:
    """Give `{"occurrences": [...], "cut": [event ids], "unread": {event id: [lines]}}`."""
    data = values_of(document, update)
    exceptions = exceptions_by_event(data["exceptions"])
    answer: dict[str, Any] = {"occurrences": [], "cut": [], "unread": {}}
    deadline = monotonic() + DEADLINE_S
    for event in _asked(data["events"], question):
        left_s, room = deadline - monotonic(), _MOST - len(answer["occurrences"])
        if left_s <= 0 or room <= 0:
            answer["cut"].append(event.id)
            continue
        limits = replace(_SERIES, deadline_s=min(_SERIES.deadline_s, left_s))
        _add(answer, event, exceptions.get(event.id, {}), question, limits, room)
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


def _asked(events: Mapping[str, Any], question: Question) -> Iterator[SeriesEvent]:
    for key in sorted(events):
        event = SeriesEvent.of(key, events[key])
        if event.is_served or (question.everything and not event.deleted):
            yield event


def _add(
    answer: dict[str, Any],
    event: SeriesEvent,
    exceptions: Exceptions,
    question: Question,
    limits: Limits,
    room: int,
) -> None:
    start, end = (datetime.fromisoformat(day) for day in (question.start, question.end))
    found = expansion(event, exceptions, start, end, question.zone, limits)
    answer["occurrences"].extend(map(_plain, found.occurrences[:room]))
    if found.cut or len(found.occurrences) > room:
        answer["cut"].append(event.id)
    if found.unread:
        answer["unread"][event.id] = list(found.unread)


def _plain(occurrence: Occurrence) -> dict[str, Any]:
    """As TypeScript has it."""
    return {
        "event": occurrence.event,
        "recurrenceId": occurrence.recurrence_id,
        "when": list(occurrence.when),
        "title": occurrence.title,
        "location": occurrence.location,
        "status": occurrence.status,
        "isException": occurrence.is_exception,
    }


def main() -> None:
    """Read an update from stdin, write the JSON to stdout."""
    os.nice(_NICE)
    document, question = parse_document_id(sys.argv[1]), Question(**json.loads(sys.argv[2]))
    sys.stdout.buffer.write(occurrences_json(document, sys.stdin.buffer.read(), question))


def question_words(question: Question) -> str:
    """Give a question as `main` takes it."""
    return json.dumps(asdict(question))


if __name__ == "__main__":
    main()
