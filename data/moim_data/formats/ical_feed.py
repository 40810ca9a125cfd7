"""What a feed shows, as iCalendar: a calendar, a project's dated cards, or what one person takes
part in of all of them.

A card is a whole-day event from its start to its due day, which keeps nobody busy.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from moim_data.formats.ical_export import write_icalendar
from moim_data.formats.ical_lines import escape
from moim_data.store import DocumentId

REFRESH: Final = ("REFRESH-INTERVAL;VALUE=DURATION:PT15M", "X-PUBLISHED-TTL:PT15M")
"""How often programs may ask; many ask less often whatever one says."""
_LEFT_OUT: Final = "서버가 읽을 수 없어 빠진 것 / Left out, because the server cannot read it:"
"""In both languages: nobody knows who will read the file."""
Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """A document that a feed shows."""

    document: DocumentId
    entry: Content
    """What the workspace says of it: `name`, `colour`."""
    content: Content
    """It as plain values."""

    @property
    def kind(self) -> str:
        """`calendar` or `project`."""
        return self.document.partition("/")[0]

    @property
    def slug(self) -> str:
        """Its id without the kind."""
        return self.document.partition("/")[2]


def write_feed(
    shows: str,
    name: str,
    documents: Sequence[Shown],
    address: str,
    left_out: Sequence[DocumentId] = (),
) -> bytes:
    """Give the file.

    Args:
        shows: `calendar/<id>`, `project/<id>` or `person/<id>`.
        name: of the person; the others have theirs from the workspace.
        documents: the one that is shown, or all of a person's.
        address: of the server, for the links to cards.
        left_out: what should be in a person's file and cannot be read; the file says so.
    """
    kind, _, slug = shows.partition("/")
    if kind == "calendar":
        return write_icalendar(slug, documents[0].entry, documents[0].content, REFRESH)
    # no id that a calendar of ours could have: importing the file must not touch one
    feed = f"{kind}.{slug}"
    if kind == "project":
        content = {"events": dict(_cards(documents[0], address))}
        return write_icalendar(feed, documents[0].entry, content, REFRESH)
    taking_part = {**_taking_part(slug, documents, address), **_said_of(left_out)}
    return write_icalendar(feed, {"name": name}, taking_part, REFRESH)


def _said_of(left_out: Sequence[DocumentId]) -> Content:
    if not left_out:
        return {}
    return {"info": {"description": f"{_LEFT_OUT} {', '.join(left_out)}"}}


def _taking_part(person: str, documents: Sequence[Shown], address: str) -> Content:
    events: dict[str, Content] = {}
    exceptions: dict[str, Any] = {}
    uids: set[str] = set()
    member = f"member/{person}"
    for shown in documents:
        found = _cards(shown, address) if shown.kind == "project" else _events(shown)
        for key, event in found:
            if member in event:
                # one file may be imported into two calendars
                uid = event["uid"] if event["uid"] not in uids else f"{shown.slug}.{event['uid']}"
                uids.add(uid)
                events[f"{shown.kind}.{shown.slug}.{key}"] = {**event, "uid": uid}
        for key, value in (shown.content.get("exceptions") or {}).items():
            exceptions[f"{shown.kind}.{shown.slug}.{key}"] = value
    return {"events": events, "exceptions": exceptions}


def _events(shown: Shown) -> Iterator[tuple[str, Content]]:
    for key, event in (shown.content.get("events") or {}).items():
        yield key, {**event, "uid": event.get("uid") or f"{key}@moim"}


def _cards(shown: Shown, address: str) -> Iterator[tuple[str, Content]]:
    columns = shown.content.get("columns") or {}
    name = str(shown.entry.get("name") or shown.slug)
    for key, card in (shown.content.get("cards") or {}).items():
        days = _days(card.get("start"), card.get("due"))
        if days is None or "deleted" in card:
            continue
        column = columns.get(str(card.get("place")).partition("|")[0]) or {}
        done = "✓ " if column.get("status") == "done" else ""
        members = {field: True for field in card if field.startswith("member/")}
        yield (
            key,
            {
                **members,
                "title": f"{done}{card.get('title', '')}",
                "when": [*days, ""],
                "notes": card.get("notes"),
                "url": f"{address}/project/{shown.slug}?card={key}",
                "uid": f"{key}.{shown.slug}@moim",
                "created": card.get("created"),
                "kept": f"CATEGORIES:{escape(' '.join(name.split()))}\nTRANSP:TRANSPARENT",
            },
        )


def _days(start: Any, due: Any) -> tuple[str, str] | None:
    """Give the first day and the day after the last; None without any date."""
    known = sorted(date.fromisoformat(day) for day in (start, due) if isinstance(day, str))
    if not known or known[-1] == date.max:
        return None
    return known[0].isoformat(), (known[-1] + timedelta(days=1)).isoformat()
