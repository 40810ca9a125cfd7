"""Edits made beforehand: the load generator sends bytes and keeps no document.

The document is a project of cards, as moim's schema has it. Every writer sets titles and places of
random cards, having seen the seed and its own edits: the items of one writer hang on its own items,
and different writers overwrite one another.
"""

import random
from dataclasses import dataclass

from pycrdt import Doc, Map

CARDS_AT_ONCE = 100
COLUMNS = ("backlog", "doing", "done")


@dataclass(frozen=True, slots=True)
class Edit:
    """One update of one writer; `end` is its clock after it."""

    writer: int
    update: bytes
    end: int
    touched: str


@dataclass(frozen=True, slots=True)
class Workload:
    """What a run sends: first the seed, then the edits in turn."""

    seed: list[bytes]
    client_ids: list[int]
    edits: list[Edit]


def make_seed(cards: int) -> list[bytes]:
    """Give a project of so many cards, in updates of at most CARDS_AT_ONCE cards."""
    doc: Doc = Doc(client_id=7)
    updates: list[bytes] = []
    subscription = doc.observe(lambda event: updates.append(event.update))
    columns, board = doc.get("columns", type=Map), doc.get("cards", type=Map)
    with doc.transaction():
        doc.get("info", type=Map)["prefix"] = "BM"
        for n, name in enumerate(COLUMNS):
            columns[name] = Map({"name": name, "place": f"a{n + 1}"})
    for first in range(0, cards, CARDS_AT_ONCE):
        with doc.transaction():
            for n in range(first, min(cards, first + CARDS_AT_ONCE)):
                board[f"c{n}"] = Map(_card(n))
    del subscription
    return updates


def _card(n: int) -> dict[str, object]:
    return {
        "title": f"Card {n} of the benchmark, before anybody edits it",
        "place": f"{COLUMNS[n % 3]}|a{n + 1}x",
        "number": n + 1,
        "priority": "medium",
        "due": "2026-12-24",
    }


def make_workload(cards: int, writers: int, edits: int, seed: int) -> Workload:
    """Give the edits of all writers, in turn."""
    chance = random.Random(seed)
    base = make_seed(cards)
    client_ids = [chance.randrange(2**31, 2**32) for _ in range(writers)]
    pens = [_Pen(base, writer, client_id) for writer, client_id in enumerate(client_ids)]
    made = [pens[n % writers].write(chance, n, cards) for n in range(edits)]
    return Workload(base, client_ids, made)


class _Pen:
    def __init__(self, base: list[bytes], writer: int, client_id: int) -> None:
        self.writer = writer
        self.end = 0
        self._doc: Doc = Doc(client_id=client_id)
        self._cards = self._doc.get("cards", type=Map)
        for update in base:
            self._doc.apply_update(update)
        self._cards_by_key: dict[str, Map] = {}
        self._updates: list[bytes] = []
        self._subscription = self._doc.observe(lambda event: self._updates.append(event.update))

    def write(self, chance: random.Random, n: int, cards: int) -> Edit:
        key = f"c{chance.randrange(cards)}"
        card = self._cards_by_key.setdefault(key, self._cards[key])
        if chance.random() < 0.7:
            field, value = "title", f"Card {key} as writer {self.writer} has it, {n}"
        else:
            field, value = "place", f"{chance.choice(COLUMNS)}|b{n}x"
        card[field] = value
        self.end += 1  # a register is one item, one clock
        return Edit(self.writer, self._updates.pop(), self.end, f"cards/{key}/{field}")
