"""Roles on both doors: who may read, who may edit, and what happens when that changes."""

from contextlib import AbstractAsyncContextManager

import pytest
from pycrdt import Doc, Map

from hub_rig import Rig, person, rig, until
from moim_sync.authorization import REFUSED, Action, Decision, Role, decide
from moim_sync.errors import CloseCode, NotAllowed
from moim_sync.identity import Identity
from moim_sync.messages import Conflict, Perm, Presence, Push, Reject, Resync, Sub, Update
from moim_sync.y_protocol import encode_sync_step2, encode_sync_update

pytestmark = pytest.mark.anyio
BOARD = "open/board"


class Roles:
    """What the test says that people are; nobody it does not know may be here."""

    def __init__(self, **roles: Role) -> None:
        self.roles: dict[str, Role | None] = {**roles}

    def __call__(self, identity: Identity | None, action: Action, document: str | None) -> Decision:
        role = self.roles.get(identity.id) if identity else None
        return REFUSED if role is None else decide(role, action)


def rig_of(roles: Roles) -> AbstractAsyncContextManager[Rig]:
    return rig(authorize=roles)


@pytest.mark.parametrize(
    ("role", "reads", "writes", "manages"),
    [
        (Role.NONE, False, False, False),
        (Role.VIEWER, True, False, False),
        (Role.EDITOR, True, True, False),
        (Role.OWNER, True, True, True),
    ],
)
async def test_a_role_allows_what_its_name_says(
    role: Role, reads: bool, writes: bool, manages: bool
) -> None:
    allowed = [decide(role, action).allowed for action in Action]
    assert allowed == [True, reads, writes, manages]


@pytest.mark.rule("G1")
@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR, Role.OWNER])
async def test_a_subscriber_is_told_its_role(role: Role) -> None:
    async with rig_of(Roles(ann=role)) as rigged:
        await rigged.hub.open(BOARD, create=True)  # type: ignore[arg-type]
        opened = await rigged.connect().hello().open(BOARD)
        assert opened.granted.role == role.value


@pytest.mark.rule("G1", "E2")
async def test_a_viewers_push_is_refused_for_good_and_reaches_nobody() -> None:
    async with rig_of(Roles(ann=Role.EDITOR, vic=Role.VIEWER)) as rigged:
        ann = await rigged.connect().hello().open(BOARD)
        vic = await rigged.connect("vic").hello().open(BOARD)
        vic.push(vic.set("title", "forged"))
        reject = await vic.client.get(Reject)
        assert (reject.cs, reject.hard, reject.code) == (1, True, "role")
        vic.push(vic.set("title", "forged again"))
        ann.push(ann.set("title", "mine"))
        await ann.acked()
        await vic.update()
        assert ann.value("title") == "mine"
        assert not [one for one in vic.client.heard if isinstance(one, Reject)]
        assert not [one for one in ann.client.heard if isinstance(one, Update)]
        room = await rigged.hub.open(BOARD, create=False)  # type: ignore[arg-type]
        assert room.seq == 1


def pages_speak(identity: Identity, name: str) -> Identity | None:
    return person(name) if identity.id == "pages" else None


@pytest.mark.rule("G4")
async def test_an_edit_that_a_page_process_brings_is_that_of_its_person() -> None:
    roles = Roles(pages=Role.EDITOR, ann=Role.EDITOR, vic=Role.VIEWER)
    async with rig(authorize=roles, speaks_for=pages_speak) as rigged:
        pages = await rigged.connect("pages").hello().open("project/p")
        pages.push(pages.set("description", "of ann", root="info"), person="ann")
        await pages.acked()
        room = await rigged.hub.open("project/p", create=False)  # type: ignore[arg-type]
        stored = rigged.store.open(room.document, False).result()
        assert {write.path: write.actor for write in stored.fields} == {"info/description": "ann"}
        pages.push(pages.set("description", "of vic", root="info"), person="vic")
        reject = await pages.client.get(Reject)
        assert (reject.hard, reject.code) == (True, "role")


@pytest.mark.rule("G4", "C1")
async def test_a_conflict_about_an_edit_brought_for_somebody_is_told_to_them() -> None:
    roles = Roles(pages=Role.EDITOR, ann=Role.EDITOR, bob=Role.EDITOR)
    async with rig(authorize=roles, speaks_for=pages_speak) as rigged:
        pages = await rigged.connect("pages").hello().open("project/p")
        field = ("info/description",)
        ann = await rigged.connect("ann").hello().open("project/p")
        bob = await rigged.connect("bob").hello().open("project/p")
        pages.push(
            pages.set("description", "of ann", root="info"),
            touched=field,
            values=('"of ann"',),
            person="ann",
        )
        await pages.acked()
        of_bob = bob.set("description", "of bob", root="info")
        bob.push(of_bob, touched=field, values=('"of bob"',))
        await bob.acked()
        await pages.update()
        stayed = pages.value("description", root="info")
        conflict = await (bob if stayed == "of ann" else ann).client.get(Conflict)
        assert conflict.path == "info/description"
        assert conflict.theirs == stayed
        assert not [one for one in pages.client.heard if isinstance(one, Conflict)]


@pytest.mark.rule("G4")
async def test_nobody_else_may_bring_the_edit_of_another() -> None:
    roles = Roles(ann=Role.EDITOR, bob=Role.EDITOR)
    async with rig(authorize=roles, speaks_for=pages_speak) as rigged:
        bob = await rigged.connect("bob").hello().open("project/p")
        bob.push(bob.set("description", "forged", root="info"), person="ann")
        assert await bob.client.closed() == CloseCode.MALFORMED
        room = await rigged.hub.open("project/p", create=False)  # type: ignore[arg-type]
        assert room.seq == 0


@pytest.mark.rule("E2")
async def test_who_was_refused_may_edit_after_another_sub_when_the_role_is_given() -> None:
    roles = Roles(ann=Role.EDITOR, vic=Role.VIEWER)
    async with rig_of(roles) as rigged:
        await rigged.connect().hello().open(BOARD)
        vic = await rigged.connect("vic").hello().open(BOARD)
        vic.push(vic.set("title", "too early"))
        await vic.client.get(Reject)
        roles.roles["vic"] = Role.EDITOR
        rigged.hub.recheck()
        vic.push(vic.set("title", "still refused"))
        again = await vic.client.open(BOARD)
        assert again.granted.role == "editor"
        again.push(again.set("title", "now"))
        await again.acked()
        room = await rigged.hub.open(BOARD, create=False)  # type: ignore[arg-type]
        assert room.ydoc.get("data", type=Map).get("title") == "now"


@pytest.mark.rule("G2")
async def test_a_role_that_changes_is_told_on_the_open_channel_and_counts_at_once() -> None:
    roles = Roles(vic=Role.EDITOR)
    async with rig_of(roles) as rigged:
        vic = await rigged.connect("vic").hello().open(BOARD)
        for role in (Role.VIEWER, Role.OWNER, Role.EDITOR):
            roles.roles["vic"] = role
            rigged.hub.recheck()
            perm = await vic.client.get(Perm)
            assert (perm.channel, perm.document) == (vic.channel, BOARD)
            assert (perm.code, perm.message) == ("role", role.value)
        vic.push(vic.set("title", "as an editor"))
        await vic.acked()


@pytest.mark.rule("G2")
async def test_a_role_of_none_ends_the_subscription_and_takes_the_face_away() -> None:
    roles = Roles(ann=Role.EDITOR, vic=Role.VIEWER)
    async with rig_of(roles) as rigged:
        ann = await rigged.connect().hello().open(BOARD)
        vic = await rigged.connect("vic").hello().open(BOARD)
        vic.announce(7, 1, "{}")
        await ann.presence()
        await vic.presence()  # one's own comes back as well
        roles.roles["vic"] = Role.NONE
        rigged.hub.recheck()
        perm = await vic.client.get(Perm)
        assert (perm.code, perm.message) == ("role", "none")
        (gone,) = await ann.presence()
        assert (gone.client_id, gone.state) == (7, "null")
        ann.push(ann.set("title", "unseen"))
        await ann.acked()
        vic.client.send(Sub(BOARD, False, b"", b"\x00"))
        assert (await vic.client.get(Perm)).code == "role"
        assert not [one for one in vic.client.heard if isinstance(one, Update | Presence)]


async def test_an_edit_that_waits_for_another_is_let_go_with_the_role() -> None:
    roles = Roles(ann=Role.EDITOR, vic=Role.EDITOR)
    async with rig_of(roles) as rigged:
        ann = await rigged.connect().hello().open(BOARD)
        vic = await rigged.connect("vic").hello().open(BOARD)
        first = ann.set("title", "one")
        vic.doc.apply_update(first)  # by another way than the server, which has not seen it
        vic.push(vic.set("title", "two"))
        await vic.client.get(Resync)
        roles.roles["vic"] = Role.VIEWER
        rigged.hub.recheck()
        ann.push(first)  # what the other edit waited for
        await ann.acked()
        ann.push(ann.set("other", "later"))
        await ann.acked()
        room = await rigged.hub.open(BOARD, create=False)  # type: ignore[arg-type]
        assert room.ydoc.get("data", type=Map).get("title") == "one"


async def test_a_role_that_stays_is_not_told_again() -> None:
    async with rig_of(Roles(ann=Role.EDITOR)) as rigged:
        ann = await rigged.connect().hello().open(BOARD)
        rigged.hub.recheck()
        rigged.hub.tick(rigged.hub.now_s())
        ann.push(ann.set("title", "mine"))
        await ann.acked()
        assert not [one for one in ann.client.heard if isinstance(one, Perm)]


@pytest.mark.rule("S1")
async def test_a_document_that_may_not_be_read_is_neither_told_of_nor_made() -> None:
    async with rig_of(Roles(ann=Role.NONE, vic=Role.VIEWER)) as rigged:
        await rigged.hub.open("open/there", create=True)  # type: ignore[arg-type]
        ann = rigged.connect().hello()
        for document in ("open/there", "open/absent"):
            ann.send(Sub(document, True, b"", b"\x00"))
            perm = await ann.get(Perm)
            assert (perm.channel, perm.code, perm.message) == (0, "role", "none")
        vic = rigged.connect("vic").hello()
        vic.send(Sub("open/absent", True, b"", b"\x00"))
        assert (await vic.get(Perm)).code == "unknown"
        assert "open/absent" not in rigged.hub.rooms


async def test_a_push_and_a_presence_on_a_channel_of_somebody_else_do_nothing() -> None:
    async with rig_of(Roles(ann=Role.EDITOR, eve=Role.EDITOR)) as rigged:
        ann = await rigged.connect().hello().open(BOARD)
        eve = rigged.connect("eve").hello()
        forged: Doc[Map[str]] = Doc()
        forged.get("data", type=Map)["title"] = "forged"
        eve.send(Push(ann.channel, 1, 0, (), forged.get_update()))
        ann.push(ann.set("title", "mine"))
        await ann.acked()
        assert ann.value("title") == "mine"
        assert not [one for one in ann.client.heard if isinstance(one, Update)]


async def test_a_sign_in_that_ends_closes_both_doors_with_4401() -> None:
    roles = Roles(ann=Role.EDITOR)
    async with rig_of(roles) as rigged:
        ann = await rigged.connect().hello().open(BOARD)
        plain = await rigged.plain(BOARD, "ann")
        roles.roles["ann"] = None
        rigged.hub.tick(rigged.hub.now_s())
        assert await ann.client.closed() == CloseCode.NOT_SIGNED_IN
        assert await plain.closed() == CloseCode.NOT_SIGNED_IN


async def test_a_stranger_is_closed_before_saying_anything() -> None:
    async with rig_of(Roles()) as rigged:
        assert await rigged.connect("eve").closed() == CloseCode.NOT_SIGNED_IN


@pytest.mark.rule("G3")
@pytest.mark.parametrize("encode", [encode_sync_update, encode_sync_step2])
async def test_a_plain_program_of_a_viewer_reads_and_is_closed_when_it_writes(
    encode: object,
) -> None:
    async with rig_of(Roles(ann=Role.EDITOR, vic=Role.VIEWER)) as rigged:
        ann = await rigged.connect().hello().open(BOARD)
        vic = await rigged.plain(BOARD, "vic")
        await vic.get(b"\x00\x00")
        ann.push(ann.set("title", "mine"))
        assert await vic.get(b"\x00\x02")
        forged: Doc[Map[str]] = Doc()
        forged.get("data", type=Map)["title"] = "forged"
        vic.send(encode(forged.get_update()))  # type: ignore[operator]
        assert b"you may not edit" in await vic.get(b"\x02\x00")
        assert await vic.closed() == CloseCode.REFUSED
        room = await rigged.hub.open(BOARD, create=False)  # type: ignore[arg-type]
        assert room.ydoc.get("data", type=Map).get("title") == "mine"


@pytest.mark.rule("G3")
async def test_a_plain_viewer_that_comes_back_repeats_deletions_and_stays() -> None:
    async with rig_of(Roles(ann=Role.EDITOR, vic=Role.VIEWER)) as rigged:
        ann = await rigged.connect().hello().open(BOARD)
        ann.push(ann.set("title", "mine"))
        await ann.acked()
        vic = await rigged.plain(BOARD, "vic")
        await vic.get(b"\x00\x00")
        gone: Doc[Map[str]] = Doc()
        gone.apply_update(ann.doc.get_update())
        del gone.get("data", type=Map)["title"]
        repeated = gone.get_update(ann.doc.get_state())
        vic.send(encode_sync_step2(repeated))
        ann.push(ann.set("other", "later"))
        assert await vic.get(b"\x00\x02")
        assert vic.server_end.close_code is None
        room = await rigged.hub.open(BOARD, create=False)  # type: ignore[arg-type]
        assert room.ydoc.get("data", type=Map).get("title") == "mine"


@pytest.mark.rule("G3")
async def test_a_plain_program_is_let_go_when_it_may_not_read_any_more() -> None:
    roles = Roles(vic=Role.VIEWER)
    async with rig_of(roles) as rigged:
        await rigged.hub.open(BOARD, create=True)  # type: ignore[arg-type]
        vic = await rigged.plain(BOARD, "vic")
        roles.roles["vic"] = Role.NONE
        rigged.hub.recheck()
        assert await vic.closed() == CloseCode.REFUSED
        with pytest.raises(NotAllowed):
            await rigged.plain(BOARD, "vic")


async def test_a_role_taken_away_while_a_document_loads_opens_nothing() -> None:
    roles = Roles(vic=Role.VIEWER)
    async with rig_of(roles) as rigged:
        room = await rigged.hub.open(BOARD, create=True)  # type: ignore[arg-type]
        held: list[object] = []
        room.when_readable = held.append  # type: ignore[method-assign]
        vic = rigged.connect("vic").hello()
        vic.send(Sub(BOARD, False, b"", b"\x00"))
        await until(lambda: held, "the subscription to wait for the room")
        roles.roles["vic"] = Role.NONE
        held[0]()  # type: ignore[operator]
        assert (await vic.get(Perm)).code == "role"
        assert not room.members


async def test_under_no_access_rules_everybody_is_an_editor() -> None:
    async with rig() as rigged:
        opened = await rigged.connect("ann").hello().open(BOARD)
        assert opened.granted.role == "editor"
        assert person("ann").credential == ""
