"""What must not grow for ever: a board that is used for long."""

from random import Random
from typing import Any

import pytest
from pycrdt import Doc, Map, Text

from moim_data.documents.access import LocalAccess
from moim_data.documents.entities import Author
from moim_data.documents.project import ProjectDocument

DAYS, EDITS_A_DAY, CARDS = 30, 400, 200


def fresh_copy(doc: "Doc[Any]") -> int:
    """The size of a document with the same content and no past."""
    copy: Doc[Any] = Doc(client_id=doc.client_id)
    with copy.transaction():
        for root in ("info", "columns", "labels", "cards"):
            target = copy.get(root, type=Map)
            for key, value in (doc.get(root, type=Map).to_py() or {}).items():
                if isinstance(value, dict):
                    fields = {
                        name: Text(field) if name == "notes" else field
                        for name, field in value.items()
                    }
                    target[key] = Map(fields)
                else:
                    target[key] = value
    return len(copy.get_update())


@pytest.mark.trust
@pytest.mark.timeout(300)
def test_F20_a_month_of_use_leaves_a_board_at_most_three_times_its_content() -> None:
    random = Random(20261127)
    access = LocalAccess(Doc(client_id=2**30))  # ids of different lengths make different sizes
    project = ProjectDocument(access, Author(random=random.random))
    with access.transaction():
        for name in ("todo", "doing", "done"):
            project.columns.add(id=name, name=name)
    for number in range(CARDS):
        notes = "무엇을 왜 하는지 적는다. " * 4
        project.cards.add(id=f"c{number}", title=f"카드 {number}", column="todo", notes=notes)
    for edit in range(DAYS * EDITS_A_DAY):
        key = f"c{random.randrange(CARDS)}"
        card = project.cards[key]
        match edit % 4:
            case 0:
                project.cards.move(key, random.choice(("todo", "doing", "done")))
            case 1:
                card.due = f"2026-12-{random.randrange(1, 29):02d}"
            case 2:
                card.estimate = random.randrange(1, 9)
            case _:
                card.title = f"카드 {edit}"
    used, fresh = len(access.doc.get_update()), fresh_copy(access.doc)
    print(f"a board after {DAYS * EDITS_A_DAY} edits: {used} bytes, {fresh} when written afresh")
    assert used <= 3 * fresh
