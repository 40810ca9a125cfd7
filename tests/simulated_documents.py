"""What the people of a story work on: how it is changed, and how to see that no edit is lost.

Every edit leaves a mark of its own, which must be there at the end, and the tokens that it writes
must not be there twice.
"""

import random
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from pycrdt import Array, Doc, Map, Text

from moim_data.documents.validation import problems
from moim_data.store import DocumentId

WORDS = ("ab", "한글", "🙂", "👩‍👩‍👧‍👦", "e\u0301", "שלום")
NAMES = ("ann", "bob", "eve", "kim", "lee", "zoe")
"""Of the devices, and of the people who use them."""
Content = Mapping[str, Any]


class OpenDocument:
    """A document without a schema, whose every type is used."""

    document = DocumentId("open/sim")
    roots: Mapping[str, Any] = {"made": Map, "shared": Map, "items": Array, "text": Text}
    kinds_of_edit = range(7)
    undoable = frozenset({0, 2, 3, 4, 5, 6})
    """Two people who both take back that they deleted an item bring it back twice, in Yjs as here:
    a taken-back deletion is a new item, of which the other's undo does not know."""
    undo_roots = ("shared", "items", "text")
    """Where undo reaches; never to the marks, which say of undoing itself that it arrived."""

    def may_undo(self, what: int, doc: "Doc[Any]") -> bool:
        """Whether an edit of that kind can be taken back without harm to anybody else's."""
        return what in self.undoable

    def mark(self, key: str, doc: "Doc[Any]") -> None:
        """Leave the mark `key`."""
        doc.get("made", type=Map)[key] = True

    def mend(self, key: str, doc: "Doc[Any]") -> None:
        """Put back what must be there, after an undo."""

    def seen(self, doc: "Doc[Any]") -> frozenset[str]:
        """Give the marks that are there."""
        return frozenset(doc.get("made", type=Map).keys())

    def change(self, what: int, key: str, chance: random.Random, doc: "Doc[Any]") -> dict[str, Any]:
        """Do one thing; give what it set, by path."""
        items, shared = doc.get("items", type=Array), doc.get("shared", type=Map)
        name = chance.choice("xyz")
        match what:
            case 0:
                doc.get("text", type=Text).insert(0, token(key, chance))
                return {"text": key}
            case 1 if len(items):
                del items[chance.randrange(len(items))]
            case 2:
                shared[name] = Map({"by": key})
            case 3:
                shared.pop(name, None)
            case 4:
                shared[f"{name}/deleted"] = chance.choice([key, None])
            case 5:
                shared[f"{name}/place"] = f"{chance.choice(['todo', 'done'])}|{key}"
            case _:
                items.append(token(key, chance))
        return {}

    def content(self, doc: "Doc[Any]") -> dict[str, Any]:
        """Give all that may have been touched."""
        return {name: doc.get(name, type=kind).to_py() for name, kind in self.roots.items()}

    def marks(self, content: Content) -> set[str]:
        """Give the marks that are there."""
        return set(content["made"])

    def typed(self, content: Content) -> set[str]:
        """Name the edits whose token is in a text: nobody deletes there, so all stay but undone."""
        return set(tokens(content["text"] or ""))

    def written(self, content: Content) -> Counter[str]:
        """Count the values that name an edit, by that edit."""
        shared = content["shared"].values()
        texts = [*content["items"], content["text"] or "", *map(_of_shared, shared)]
        return Counter(key for text in texts for key in tokens(text))

    def faults(self, content: Content) -> list[str]:
        """Name what is there twice, or should not be there at all."""
        return doubled([*content["items"], content["text"] or ""])


class Board(OpenDocument):
    """A project: an edit adds a card, or does something to one that is there."""

    document = DocumentId("project/sim")
    roots: Mapping[str, Any] = {"cards": Map, "columns": Map, "labels": Map, "info": Map}
    kinds_of_edit = range(10)
    undoable = frozenset(range(1, 10))
    """Who takes back that they made a card takes away what others did to it."""
    undo_roots = ("cards",)

    def may_undo(self, what: int, doc: "Doc[Any]") -> bool:
        return what in self.undoable and bool(doc.get("cards", type=Map))

    def mark(self, key: str, doc: "Doc[Any]") -> None:
        doc.get("labels", type=Map)[key] = Map({"name": "표", "colour": "red"})

    def mend(self, key: str, doc: "Doc[Any]") -> None:
        """Give a card a title that has lost it.

        A value that stands beside one that somebody else set unseen leaves nothing behind when it
        is taken back: undo, here as in Yjs, brings a former value back only next to nobody else's.
        """
        for card in doc.get("cards", type=Map).values():
            for field, value in (("title", f"<{key}>"), ("place", "todo|V")):
                if field not in card:
                    card[field] = value

    def seen(self, doc: "Doc[Any]") -> frozenset[str]:
        return frozenset(doc.get("labels", type=Map).keys())

    def change(self, what: int, key: str, chance: random.Random, doc: "Doc[Any]") -> dict[str, Any]:
        cards, columns = doc.get("cards", type=Map), doc.get("columns", type=Map)
        there = sorted(cards.keys())
        if what == 0 or not there:
            for column in ("todo", "done"):
                if column not in columns:
                    columns[column] = Map({"name": column, "place": "V"})
            cards[key] = Map({"title": "새 카드", "place": "todo|V", "notes": Text("")})
            return {}
        name = chance.choice(there[:4])
        field, value = self._drawn(what, key, chance)
        card = cards[name]
        if field == "notes":
            card["notes"].insert(0, value)
            return {f"cards/{name}/notes": key}
        if card.get(field) == value:
            return {}
        if value is None:
            card.pop(field)
        else:
            card[field] = value
        return {f"cards/{name}/{field}": value}

    def _drawn(self, what: int, key: str, chance: random.Random) -> tuple[str, Any]:
        """Draw a field and what it is set to; None takes it away."""
        match what:
            case 1 | 2:
                return "title", token(key, chance)
            case 3:
                return "title", "둘이 같은 생각"
            case 4:
                return "place", f"{chance.choice(['todo', 'done'])}|{chance.choice('ABCdef')}"
            case 5:
                return "deleted", [key.partition("-")[0], 1_795_000_000_000 + number_of(key)]
            case 6:
                return "deleted", None
            case 7:
                return f"label/{chance.choice('rgb')}", chance.choice([True, None])
            case 8:
                return "estimate", float(chance.choice([1, 2]))
            case _:
                return "notes", token(key, chance)

    def marks(self, content: Content) -> set[str]:
        return set(content["labels"])

    def typed(self, content: Content) -> set[str]:
        return {key for card in content["cards"].values() for key in tokens(card["notes"])}

    def written(self, content: Content) -> Counter[str]:
        cards = content["cards"].values()
        stamps = [card["deleted"] for card in cards if "deleted" in card]
        return Counter(
            [key for card in cards for key in tokens(card["title"] + card["notes"])]
            + [f"{name}-{int(at_ms) - 1_795_000_000_000}" for name, at_ms in stamps]
        )

    def faults(self, content: Content) -> list[str]:
        texts = [card["notes"] for card in content["cards"].values()]
        return doubled(texts) + list(map(str, problems("project", content)))


def number_of(key: str) -> int:
    """Give the number of an edit among those of its device."""
    return int(key.partition("-")[2])


def token(key: str, chance: random.Random) -> str:
    """Letters of all widths that name the edit which wrote them."""
    return f"<{key}{chance.choice(WORDS)}>"


def tokens(text: str) -> list[str]:
    """Name the edits whose token is in a text, as often as it is."""
    return re.findall(r"<([a-z]+-\d+)", text)


def _of_shared(value: Any) -> str:
    """Give the token of what stands in the map `shared`."""
    text = value["by"] if isinstance(value, dict) else str(value or "").rpartition("|")[2]
    return f"<{text}"


def doubled(texts: list[str]) -> list[str]:
    """Name the edits whose token is there more than once."""
    found = Counter(key for text in texts for key in tokens(text))
    return [f"{key} is there {times} times" for key, times in found.items() if times > 1]


_MARK_BYTES = re.compile(rb"[\x05-\x0f](?=(?:%s)-\d)" % "|".join(NAMES).encode())


def marks_of(update: bytes) -> set[str]:
    """Give the marks that an update names, from its bytes: a length, then a key."""
    found = set()
    for at in (match.start() for match in _MARK_BYTES.finditer(update)):
        key = update[at + 1 : at + 1 + update[at]]
        if re.fullmatch(rb"[a-z]+-\d+", key):
            found.add(key.decode())
    return found
