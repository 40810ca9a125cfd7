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
Content = Mapping[str, Any]


class OpenDocument:
    """A document without a schema, whose every type is used."""

    document = DocumentId("open/sim")
    roots: Mapping[str, Any] = {"made": Map, "shared": Map, "items": Array, "text": Text}

    def change(self, key: str, chance: random.Random, doc: "Doc[Any]") -> None:
        """Do one thing, and leave the mark `key`."""
        doc.get("made", type=Map)[key] = True
        items, shared = doc.get("items", type=Array), doc.get("shared", type=Map)
        name = chance.choice("xyz")
        match chance.randrange(7):
            case 0:
                doc.get("text", type=Text).insert(0, token(key, chance))
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

    def content(self, doc: "Doc[Any]") -> dict[str, Any]:
        """Give all that may have been touched."""
        return {name: doc.get(name, type=kind).to_py() for name, kind in self.roots.items()}

    def marks(self, content: Content) -> set[str]:
        """Give the marks that are there."""
        return set(content["made"])

    def faults(self, content: Content) -> list[str]:
        """Name what is there twice, or should not be there at all."""
        return doubled([*content["items"], content["text"] or ""])


class Board(OpenDocument):
    """A project: every edit adds a card and does something to another one."""

    document = DocumentId("project/sim")
    roots: Mapping[str, Any] = {"cards": Map, "columns": Map, "info": Map}

    def change(self, key: str, chance: random.Random, doc: "Doc[Any]") -> None:
        cards = doc.get("cards", type=Map)
        columns = doc.get("columns", type=Map)
        for column in ("todo", "done"):
            if column not in columns:
                columns[column] = Map({"name": column, "place": "V"})
        others = sorted(cards.keys())
        cards[key] = Map({"title": "새 카드", "place": "todo|V", "notes": Text("")})
        if not others:
            return
        card = cards[chance.choice(others)]
        match chance.randrange(6):
            case 0:
                card["title"] = token(key, chance)
            case 1:
                card["place"] = f"{chance.choice(['todo', 'done'])}|{chance.choice('ABCdef')}"
            case 2:
                card["deleted"] = [key.partition("-")[0], 1_795_000_000_000]
            case 3:
                card.pop("deleted", None)
            case 4:
                card[f"label/{chance.choice('rgb')}"] = True
            case _:
                card["notes"].insert(0, token(key, chance))

    def marks(self, content: Content) -> set[str]:
        return set(content["cards"])

    def faults(self, content: Content) -> list[str]:
        texts = [
            text for card in content["cards"].values() for text in (card["title"], card["notes"])
        ]
        return doubled(texts) + list(map(str, problems("project", content)))


def token(key: str, chance: random.Random) -> str:
    """Letters of all widths that name the edit which wrote them."""
    return f"<{key}{chance.choice(WORDS)}>"


def doubled(texts: list[str]) -> list[str]:
    """Name the edits whose token is there more than once."""
    found = Counter(key for text in texts for key in re.findall(r"<([a-z]+-\d+)", text))
    return [f"{key} is there {times} times" for key, times in found.items() if times > 1]
