"""A Trello board's JSON in: lists, cards, labels, people, checklists, comments, dates.

What moim has no field for (attachments, custom fields, places) becomes lines at the end of the
card's notes. Archived cards do not come in; they are listed. The file holds the newest actions
only, so old comments may be missing: the report says how many.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from moim_data.formats.errors import UnreadableFile
from moim_data.formats.json_fields import (
    Object,
    anything,
    in_order,
    number,
    objects,
    part,
    text,
    texts,
)
from moim_data.formats.records import IMPORTER, Imported, Record, readable_slug, slug_of
from moim_data.formats.report import Report

COLOURS: Final = {
    "green": "green",
    "lime": "green",
    "yellow": "yellow",
    "orange": "orange",
    "red": "red",
    "purple": "violet",
    "blue": "blue",
    "sky": "teal",
    "pink": "pink",
    "black": "blue",
    "grey": "blue",
}
MOST_CARDS: Final = 20_000
TITLE: Final = 500
NAME: Final = 200
COMMENT: Final = 20_000
NOTES: Final = 100_000

_STATUS: Final = {
    "backlog": "backlog",
    "ideas": "backlog",
    "to do": "ready",
    "todo": "ready",
    "할 일": "ready",
    "ready": "ready",
    "doing": "doing",
    "in progress": "doing",
    "하는 중": "doing",
    "진행 중": "doing",
    "review": "review",
    "검토": "review",
    "done": "done",
    "완료": "done",
    "끝": "done",
}


def looks_like_trello(read: object) -> bool:
    """Tell whether JSON is a board of Trello."""
    return isinstance(read, dict) and all(
        isinstance(read.get(key), list) for key in ("lists", "cards")
    )


def read_trello(read: object, file_name: str) -> Imported:
    """Read a board. Raises UnreadableFile."""
    if not isinstance(read, dict) or not looks_like_trello(read):
        raise UnreadableFile("expected a board of Trello with lists and cards, got other JSON")
    return _Board(read, file_name).read()


class _Board:
    def __init__(self, board: Object, file_name: str) -> None:
        self._board = board
        self._file = file_name
        self._report = Report("cards")
        self._records: list[Record] = []
        self._people = _people(board)
        self._used: set[str] = set()
        self._kept: Counter[str] = Counter()
        self._lists: dict[str, Object] = {}
        self._labels: set[str] = set()
        self._cards: set[str] = set()
        self._makers = {
            text(part(part(action, "data"), "card"), "id"): text(action, "idMemberCreator")
            for action in objects(board, "actions")
            if text(action, "type") == "createCard"
        }
        self._checklists: dict[str, list[Object]] = {}
        for checklist in objects(board, "checklists"):
            self._checklists.setdefault(text(checklist, "idCard"), []).append(checklist)

    def read(self) -> Imported:
        cards = anything(self._board, "cards")
        self._report.found = len(cards)
        if len(cards) > MOST_CARDS:
            raise UnreadableFile(
                f"expected at most {MOST_CARDS} cards in a board, got {len(cards)}"
            )
        self._columns()
        for label in objects(self._board, "labels"):
            self._label(label)
        self._all_cards(cards)
        self._comments()
        self._say_more()
        name = text(self._board, "name")[:NAME] or "Trello"
        own_id = text(self._board, "id") or self._file
        description = text(self._board, "desc")[:2000]
        return Imported(
            "project",
            readable_slug(name, own_id),
            name,
            COLOURS.get(text(part(self._board, "prefs"), "background").partition("_")[0], ""),
            {"description": description} if description else {},
            self._records,
            self._report,
            {_slug(person): self._people[person] for person in sorted(self._used)},
        )

    def _columns(self) -> None:
        for column in in_order(objects(self._board, "lists")):
            own = text(column, "id")
            if not own or own in self._lists:
                continue
            self._lists[own] = column
            name = text(column, "name")[:NAME]
            values: dict[str, Any] = {"name": name}
            status = _STATUS.get(name.strip().lower())
            if status is not None:
                values["status"] = status
            limit = number(column, "softLimit")
            if 1 <= limit <= 99:
                values["limit"] = int(limit)
            closed = "the list is archived in Trello" if column.get("closed") is True else ""
            self._add(
                "columns", own, values, name, group="", position=column.get("pos"), gone=closed
            )

    def _label(self, label: Object) -> None:
        own = text(label, "id")
        if not own or own in self._labels:
            return
        self._labels.add(own)
        colour = text(label, "color").partition("_")[0]
        name = text(label, "name")[:NAME] or colour.capitalize() or "Label"
        self._add("labels", own, {"name": name, "colour": COLOURS.get(colour, "blue")}, name)

    def _all_cards(self, cards: list[Any]) -> None:
        known = [card for card in cards if isinstance(card, dict)]
        for card in cards:
            if not isinstance(card, dict):
                self._report.leave_out(
                    "a card", "", f"expected an object, got {type(card).__name__}"
                )
        for card in in_order(known):
            self._card(card)

    def _card(self, card: Object) -> None:
        own, title = text(card, "id"), text(card, "name")
        where = f"card {number(card, 'idShort'):.0f}" if card.get("idShort") else "card"
        column = text(card, "idList")
        reason = self._why_not(own, column)
        if reason:
            self._report.leave_out(where, title, reason)
            return
        self._cards.add(own)
        labels = [*texts(card, "idLabels")]
        for label in objects(card, "labels"):
            self._label(label)
            labels.append(text(label, "id"))
        values: dict[str, Any] = {
            "title": self._cut(title, TITLE, where),
            "created": [self._person(self._makers.get(own, "")), _made_at(own)],
            "notes": self._cut(self._notes(card), NOTES, where),
            "labels": tuple(sorted({_slug(label) for label in labels if label in self._labels})),
            "members": self._members(texts(card, "idMembers")),
        }
        if number(card, "idShort") >= 1:
            values["number"] = int(number(card, "idShort"))
        for name in ("start", "due"):
            day = _day(text(card, name))
            if day:
                values[name] = day
        self._add(
            "cards",
            own,
            {name: value for name, value in values.items() if value not in ("", ())},
            title,
            where=where,
            counted=True,
            group=_slug(column),
            position=f"{column} {card.get('pos')}",
            gone="it is archived in Trello" if card.get("closed") is True else self._closed(column),
        )
        self._items(card, own)

    def _why_not(self, own: str, column: str) -> str:
        if not own:
            return "it has no id"
        if own in self._cards:
            return "the file has another card of this id"
        return "" if column in self._lists else "its list is not in the file"

    def _closed(self, column: str) -> str:
        name = text(self._lists[column], "name")
        closed = self._lists[column].get("closed") is True
        return f"its list {name[:60]!r} is archived in Trello" if closed else ""

    def _notes(self, card: Object) -> str:
        lines = list(self._more(card))
        body = text(card, "desc").rstrip()
        if not lines:
            return body
        return "\n".join([*([body, ""] if body else []), *lines])

    def _more(self, card: Object) -> Iterator[str]:
        """Give what has no field, as lines of the notes."""
        for one in objects(card, "attachments"):
            address = text(one, "url")
            name = text(one, "name").replace("]", ")").replace("[", "(") or address
            if re.match(r"https?://", address):
                self._kept["attachments"] += 1
                yield f"- [{name}](<{address}>)"
            elif name:
                self._kept["attachments"] += 1
                yield f"- {name}"
        for name, value in self._custom(card):
            self._kept["custom fields"] += 1
            yield f"- {name}: {value}"
        place = text(card, "locationName") or text(card, "address")
        if place:
            self._kept["locations"] += 1
            yield f"- {place}"
        if card.get("dueComplete") is True and card.get("due"):
            self._kept["due dates marked as complete"] += 1
            yield "- ✓ due date complete"

    def _custom(self, card: Object) -> Iterator[tuple[str, str]]:
        fields = {text(one, "id"): one for one in objects(self._board, "customFields")}
        for item in objects(card, "customFieldItems"):
            field = fields.get(text(item, "idCustomField"), {})
            value = next((str(each) for each in part(item, "value").values()), "")
            for option in objects(field, "options"):
                if text(option, "id") == text(item, "idValue"):
                    value = text(part(option, "value"), "text")
            if value:
                yield text(field, "name") or "?", value[:1000].replace("\x00", "")

    def _items(self, card: Object, own: str) -> None:
        lists = in_order(self._checklists.pop(own, []) or objects(card, "checklists"))
        for checklist in lists:
            prefix = f"{text(checklist, 'name')}: " if len(lists) > 1 else ""
            for item in in_order(objects(checklist, "checkItems")):
                key, title = text(item, "id"), prefix + text(item, "name")
                if not key:
                    continue
                values: dict[str, Any] = {"title": self._cut(title, TITLE, "a checklist item")}
                if text(item, "state") == "complete":
                    values["done"] = [IMPORTER, _made_at(key)]
                members = self._members([text(item, "idMember")])
                if members:
                    values["members"] = members
                position = f"{own} {checklist.get('pos')} {item.get('pos')}"
                self._add("items", key, values, title, group=_slug(own), position=position)
                if item.get("due"):
                    self._kept["due dates of checklist items (left out)"] += 1

    def _comments(self) -> None:
        for action in reversed(objects(self._board, "actions")):
            if text(action, "type") not in ("commentCard", "copyCommentCard"):
                continue
            data = part(action, "data")
            card = text(part(data, "card"), "id")
            body = self._cut(text(data, "text"), COMMENT, "a comment")
            if card not in self._cards or not text(action, "id"):
                self._kept["comments on cards that did not come in (left out)"] += 1
                continue
            said = [self._person(text(action, "idMemberCreator")), _at_ms(text(action, "date"))]
            values = {"card": _slug(card), "created": said, "body": body}
            self._add("comments", text(action, "id"), values, body)

    def _say_more(self) -> None:
        report = self._report
        for what, count in sorted(self._kept.items()):
            place = "" if "left out" in what else ": kept as lines of the notes"
            report.note(f"{count} {what}{place}")
        cards = objects(self._board, "cards")
        told = sum(int(number(part(card, "badges"), "comments")) for card in cards)
        actions = objects(self._board, "actions")
        here = sum(text(action, "type").endswith("ommentCard") for action in actions)
        if told > here:
            report.note(
                f"{told - here} comments are not in the file: Trello exports the newest 1000 "
                "actions"
            )
        elif len(actions) >= 1000:
            report.note("Trello exports the newest 1000 actions: older comments may be missing")
        if any(card.get("due") or card.get("start") for card in cards):
            report.note("cards have dates without a time of day: the day is that in UTC")
        if self._used:
            report.note(f"{len(self._used)} people were made known to the workspace")

    def _add(
        self,
        root: str,
        own: str,
        values: dict[str, Any],
        title: str,
        *,
        where: str = "",
        counted: bool = False,
        group: str | None = None,
        position: object = "",
        gone: str = "",
    ) -> None:
        where = where or f"{root.removesuffix('s')} {title[:40]!r}"
        record = Record(root, _slug(own), values, where, title, counted, group, str(position), gone)
        self._records.append(record)

    def _members(self, ids: list[str]) -> tuple[str, ...]:
        return tuple(sorted({self._person(each) for each in ids if each in self._people}))

    def _person(self, own: str) -> str:
        if own not in self._people:
            return IMPORTER
        self._used.add(own)
        return _slug(own)

    def _cut(self, words: str, most: int, where: str) -> str:
        if len(words) <= most:
            return words
        self._report.note(f"{where}: a text of {len(words)} characters was cut at {most}")
        return words[: most - 1] + "…"


def _people(board: Object) -> dict[str, str]:
    """Give the names of everybody in the file; who has left the board is in the actions only."""
    people: dict[str, str] = {}
    found = [*objects(board, "members")]
    for action in objects(board, "actions"):
        found += [part(action, "memberCreator"), part(action, "member")]
    for one in found:
        name = text(one, "fullName") or text(one, "username")
        if text(one, "id") and name:
            people.setdefault(text(one, "id"), name[:NAME])
    return people


def _slug(own: str) -> str:
    return own if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", own) else slug_of(own, prefix="t")


def _made_at(own: str) -> int:
    """Give when a thing was made, in milliseconds: an id of Trello begins with that."""
    return int(own[:8], 16) * 1000 if re.fullmatch(r"[0-9a-f]{24}", own) else 0


def _at_ms(told: str) -> int:
    try:
        return max(0, int(datetime.fromisoformat(told).timestamp() * 1000))
    except (ValueError, OverflowError):
        return 0


def _day(told: str) -> str:
    at_ms = _at_ms(told)
    return datetime.fromisoformat(told).date().isoformat() if at_ms else ""
