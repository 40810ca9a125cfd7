"""Random logs of real updates: several people edit one document and meet now and then."""

from random import Random
from typing import Any

from pycrdt import Array, Doc, Map, Text

WORDS = ("a", "né", "카드", "😀👍🏽", "")
PEOPLE = 3


class EditLog:
    """Draws `length` edits; `updates` is the log as a server would keep it, without gaps."""

    def __init__(self, random: Random, length: int) -> None:
        self._random = random
        self.updates: list[bytes] = []
        self._server: Doc[Any] = Doc()
        self._people: list[Doc[Any]] = [
            Doc(client_id=random.getrandbits(32)) for _ in range(PEOPLE)
        ]
        self._unsent: list[list[bytes]] = [[] for _ in range(PEOPLE)]
        # Subscriptions live as long as they are referred to.
        self._subscriptions = [
            document.observe(lambda event, kept=kept: kept.append(event.update))
            for document, kept in zip(self._people, self._unsent, strict=True)
        ]
        for _ in range(length):
            self._edit(random.randrange(PEOPLE))
        for person in range(PEOPLE):
            self._meet(person)

    def _edit(self, person: int) -> None:
        document = self._people[person]
        random_ = self._random
        match random_.randrange(7):
            case 0:
                document.get("info", type=Map)[random_.choice("abc")] = self._value()
            case 1:
                cards = document.get("cards", type=Map)
                cards[random_.choice("xyz")] = Map({"title": self._word(), "notes": Text("é")})
            case 2:
                self._edit_card(document.get("cards", type=Map))
            case 3:
                self._edit_list(document.get("list", type=Array))
            case 4:
                document.get("text", type=Text).insert(0, self._word())
            case 5:
                info = document.get("info", type=Map)
                info.pop(random_.choice("abc"), None)
            case _:
                self._meet(person)

    def _edit_card(self, cards: "Map[Any]") -> None:
        for card in sorted(cards.keys()):
            with cards.doc.transaction():
                cards[card]["title"] = self._word()
                cards[card]["notes"].insert(0, self._word())

    def _edit_list(self, items: "Array[Any]") -> None:
        if len(items) and self._random.random() < 0.4:
            del items[self._random.randrange(len(items))]
        else:
            items.insert(self._random.randrange(len(items) + 1), self._value())

    def _meet(self, person: int) -> None:
        document, unsent = self._people[person], self._unsent[person]
        for update in unsent:
            self._server.apply_update(update)
            self.updates.append(update)
        document.apply_update(self._server.get_update(document.get_state()))
        unsent.clear()

    def _value(self) -> object:
        return self._random.choice((self._random.random(), self._word(), None, True, [1, {"k": 2}]))

    def _word(self) -> str:
        return self._random.choice(WORDS)


def contents(*updates: bytes) -> dict[str, Any]:
    """What a person would see after these updates."""
    document: Doc[Any] = Doc()
    for update in updates:
        document.apply_update(update)
    return {
        "info": document.get("info", type=Map).to_py(),
        "cards": document.get("cards", type=Map).to_py(),
        "list": document.get("list", type=Array).to_py(),
        "text": str(document.get("text", type=Text)),
    }
