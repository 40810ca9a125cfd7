"""What must not grow: a hub that people come to and go from, and a board that is used for long."""

import asyncio
import gc
import itertools
import logging
from random import Random
from typing import Any

import psutil
import pytest
from pycrdt import Doc, Map, Text

from hub_rig import Rig, rig, until
from moim_data.documents.access import LocalAccess
from moim_data.documents.entities import Author
from moim_data.documents.project import ProjectDocument
from moim_sync.limits import HubLimits
from moim_sync.live_document import LiveDocument
from moim_sync.member import Member
from moim_sync.messages import Perm, Reject, Sub
from moim_sync.room import Room
from moim_sync.session import Session

pytestmark = pytest.mark.anyio
KINDS = (Session, Member, Room, LiveDocument, asyncio.Task)
DAYS, EDITS_A_DAY, CARDS = 30, 400, 200
GROWN_BYTES = 8 * 1024 * 1024


async def visit(hub: Rig, number: int) -> None:
    """Come, edit, and leave: in one of the ways that go wrong, or well."""
    client = hub.connect(f"p{number % 7}").hello()
    way = number % 6
    if way == 0:
        client.send(Sub("project/nobody-made-it", False, b"", b"\x00"))
        await client.get(Perm)
    elif way == 1:
        client.channel.write(b"\xff\xff\xff")
        await client.closed()
    else:
        document = "project/p" if way in (2, 3) else f"open/{number % 3}"
        board = await client.open(document)
        board.announce(number + 1, 1, "{}")
        if way == 2:
            board.push(board.edit(lambda doc: doc.get("info", type=Map).update({"prefix": 7})))
            await client.get(Reject)
        elif way == 3:
            board.push(board.set("x", 1, root="secret"))
            await client.get(Reject)
        elif way == 4:
            board.push(bytes.fromhex("01026a000401016d010128006a000154017c3f80000000"))
            await client.get(Reject)
        else:
            board.push(board.set("n", number))
            await board.acked()
    client.lose()
    await until(lambda: not hub.hub.sessions)
    hub.hub.tick(hub.hub.now_s() + 1)
    await until(lambda: not hub.hub.rooms)
    hub.tasks.clear()


async def alive() -> int:
    await asyncio.sleep(0)
    gc.collect()
    return sum(isinstance(thing, KINDS) for thing in gc.get_objects())


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "visits", [300, pytest.param(6_000, marks=pytest.mark.trust)], ids=lambda n: f"{n} visits"
)
async def test_F14_however_people_leave_nothing_of_them_stays(
    visits: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "moim_sync")  # records keep what they tell of
    process = psutil.Process()
    async with rig(limits=HubLimits(unload_after_s=0)) as hub:
        numbers = itertools.count()
        for number in itertools.islice(numbers, visits // 3):
            await visit(hub, number)
        before, memory_bytes = await alive(), process.memory_info().rss
        for number in itertools.islice(numbers, 2 * visits // 3):
            await visit(hub, number)
        assert await alive() <= before
        grown_bytes = process.memory_info().rss - memory_bytes
        assert grown_bytes < GROWN_BYTES, f"{grown_bytes} bytes in {2 * visits // 3} visits"


def fresh_copy(doc: "Doc[Any]") -> int:
    """The size of a document with the same content and no past."""
    copy: Doc[Any] = Doc()
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
def test_F20_a_month_of_use_leaves_a_board_at_most_three_times_its_content() -> None:
    random = Random(20261127)
    access = LocalAccess()
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
