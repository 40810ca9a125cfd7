"""What GraphQL operations read, do and follow, on documents in memory."""

import asyncio
from typing import Any

import pytest
from pycrdt import Map

from graphql_rig import GraphqlRig, graphql
from hub_rig import Rig, person, until
from moim.calendar_occurrences import Question
from moim.documents_reader import DocumentsReader, Reading
from moim.graphql.expansions import Expansions
from moim_data.store import DocumentId
from moim_sync.api.caller import Caller
from moim_sync.api.commands import update_card
from moim_sync.authorization import Role

pytestmark = pytest.mark.anyio

BOARD = """query($id: ID!) { project(id: $id) {
  __typename id name colour version prefix description
  columns { id name status limit } labels { id name colour } members { id name colour }
  cards { id number title notes priority estimate start due column { id } labels { id name }
    members { id name } created { by } deleted { by } } } }"""
CARD = "card { id title estimate column { id } labels { id } deleted { by } }"
ANSWER = f"{{ {CARD} deletedId version failure {{ code message paths {{ path expected got }} }} }}"
CREATE = f"mutation($i: CreateCardInput!) {{ createCard(input: $i) {ANSWER} }}"
UPDATE = f"mutation($i: UpdateCardInput!) {{ updateCard(input: $i) {ANSWER} }}"
MOVE = f"mutation($i: MoveCardInput!) {{ moveCard(input: $i) {ANSWER} }}"
DELETE = f"mutation($i: DeleteInput!) {{ deleteCard(input: $i) {ANSWER} }}"
EVENT = "event { id title when { start end zone } rule location } deletedId version"
EVENT_ANSWER = f"{{ {EVENT} failure {{ code paths {{ path }} }} }}"
NOVEMBER = '(from: "2026-11-01", to: "2026-12-01")'
FOLLOW = """subscription($since: Int) { projectChanged(id: "p", since: $since) {
  version project { id version name }
  cards { id title estimate column { id name } labels { id } members { id name } }
  columns { id name } labels { id name }
  deleted { type id } changes { type id fields by isGone version }
  rearranged { id cards { id } columns { id } } } }"""


async def version(door: GraphqlRig) -> int:
    return int((await door.data('{ project(id: "p") { version } }'))["version"])


async def test_a_board_is_read_in_one_query_with_ids_for_a_cache() -> None:
    async with graphql() as door:
        board = await door.data(BOARD, id="p")
        assert board["__typename"] == "Project"
        assert (board["id"], board["name"], board["colour"]) == ("p", "Plan", "BLUE")
        assert [one["id"] for one in board["columns"]] == ["p/todo", "p/done"]
        assert board["columns"][0]["status"] == "READY"
        assert board["columns"][1]["limit"] == 3
        one, two = board["cards"]
        assert (one["id"], one["title"], one["estimate"]) == ("p/c1", "하나 🚀", 3)
        assert one["column"] == {"id": "p/todo"}
        assert one["labels"] == [{"id": "p/red", "name": "Red"}]
        assert one["members"] == [{"id": "minji", "name": "김민지"}]
        assert (two["id"], two["labels"], two["deleted"]) == ("p/c2", [], None)
        assert await door.data(BOARD, id="project/p") == board


async def test_the_workspace_lists_what_one_may_read() -> None:
    async with graphql() as door:
        found = await door.data(
            "{ workspace { id name projects { id name } calendars { id name zone }"
            " members { id } } }"
        )
        assert found["name"] == "모임"
        assert [one["id"] for one in found["projects"]] == ["p", "secret"]
        assert found["calendars"] == [{"id": "t", "name": "Team", "zone": "Asia/Seoul"}]
        assert found["members"] == [{"id": "minji"}]
        assert await door.data("{ projects { id } }") == [{"id": "p"}, {"id": "secret"}]
        door.gate.of["bob in project/secret"] = Role.NONE
        assert await door.data("{ projects { id } }", who="bob") == [{"id": "p"}]
        door.gate.of["bob in workspace"] = Role.NONE
        assert (await door.refused("{ members { id } }", who="bob"))["extensions"]["code"] == "role"
        board = await door.data(BOARD, who="bob", id="p")
        assert (board["name"], board["members"]) == (None, [])
        assert board["cards"][0]["members"] == [{"id": "minji", "name": None}]
        assert await door.data("{ members { id name } }") == [{"id": "minji", "name": "김민지"}]


async def test_a_card_is_made_with_the_id_of_its_client_changed_moved_and_deleted() -> None:
    async with graphql() as door:
        before = await version(door)
        made = await door.data(
            CREATE,
            i={"project": "p", "id": "p/mine", "title": "새 카드", "labels": ["p/red"]}
            | {"column": "p/done", "estimate": 2, "priority": "HIGH", "due": "2026-12-24"},
        )
        assert made["failure"] is None
        assert made["version"] == before + 1
        assert (made["card"]["id"], made["card"]["column"]) == ("p/mine", {"id": "p/done"})
        assert made["card"]["labels"] == [{"id": "p/red"}]
        changed = await door.data(UPDATE, i={"id": "p/mine", "title": "둘", "estimate": None})
        assert (changed["card"]["title"], changed["card"]["estimate"]) == ("둘", None)
        assert changed["card"]["labels"] == [{"id": "p/red"}]  # what was left out stays
        moved = await door.data(MOVE, i={"id": "p/mine", "column": "p/todo", "before": "p/c2"})
        assert moved["card"]["column"] == {"id": "p/todo"}
        cards = (await door.data(BOARD, id="p"))["cards"]
        assert [one["id"] for one in cards] == ["p/c1", "p/mine", "p/c2"]
        gone = await door.data(DELETE, i={"id": "p/mine"})
        assert (gone["deletedId"], gone["card"]["deleted"]) == ("p/mine", {"by": "ann"})
        assert len((await door.data(BOARD, id="p"))["cards"]) == 2


async def test_each_refusal_says_by_its_code_what_a_program_may_do() -> None:
    async with graphql() as door:
        door.gate.of["vera"] = Role.VIEWER

        async def refusal(query: str, who: str = "ann", **i: Any) -> Any:
            answer = await door.data(query, who=who, i=i)
            assert answer["failure"] is not None, answer
            return answer

        assert (await refusal(UPDATE, id="p/nobody", title="x"))["failure"]["code"] == "UNKNOWN"
        assert (await refusal(UPDATE, id="no/c1", title="x"))["failure"]["code"] == "UNKNOWN"
        assert (await refusal(UPDATE, id="../c1", title="x"))["failure"]["code"] == "UNKNOWN"
        assert (await refusal(UPDATE, id="c1", title="x"))["failure"]["code"] == "INVALID"
        assert (await refusal(MOVE, id="p/c1", column="p/no"))["failure"]["code"] == "UNKNOWN"
        elsewhere = await refusal(UPDATE, id="p/c1", labels=["q/red"])
        assert elsewhere["failure"]["code"] == "INVALID"
        title = await refusal(UPDATE, id="p/c1", title="x" * 501)
        assert title["failure"]["paths"][0]["path"] == "cards/c1/title"
        assert (await refusal(UPDATE, id="p/c1", due="soon"))["failure"]["code"] == "INVALID"
        twice = await refusal(CREATE, project="p", id="p/c1", title="again")
        assert twice["failure"]["code"] == "INVALID"
        assert twice["card"]["title"] == "하나 🚀"  # who asks again for want of an answer has it
        viewer = await refusal(UPDATE, "vera", id="p/c1", title="x")
        assert viewer["failure"]["code"] == "ROLE"
        assert viewer["card"]["title"] == "하나 🚀"
        assert await version(door) == 1


async def test_an_expected_version_gives_a_conflict_with_what_is_there_now() -> None:
    async with graphql() as door:
        seen = await version(door)
        await door.data(UPDATE, who="bob", i={"id": "p/c1", "title": "bob's"})
        refused = await door.data(
            UPDATE, i={"id": "p/c1", "title": "ann's", "expectedVersion": seen}
        )
        assert refused["failure"]["code"] == "CONFLICT"
        (path,) = refused["failure"]["paths"]
        assert (path["path"], path["got"]) == ("cards/c1/title", '"bob\'s"')
        assert refused["card"]["title"] == "bob's"
        assert refused["version"] > seen
        other = await door.data(UPDATE, i={"id": "p/c1", "estimate": 8, "expectedVersion": seen})
        assert other["failure"] is None


async def test_events_are_made_changed_and_deleted() -> None:
    create = f"mutation($i: CreateEventInput!) {{ createEvent(input: $i) {EVENT_ANSWER} }}"
    update = f"mutation($i: UpdateEventInput!) {{ updateEvent(input: $i) {EVENT_ANSWER} }}"
    delete = f"mutation($i: DeleteInput!) {{ deleteEvent(input: $i) {EVENT_ANSWER} }}"
    noon = {"start": "2026-11-05T12:00", "end": "2026-11-05T13:00", "zone": "Asia/Seoul"}
    async with graphql() as door:
        made = await door.data(
            create, i={"calendar": "t", "id": "t/lunch", "title": "점심", "when": noon}
        )
        assert made["event"]["when"] == noon
        changed = await door.data(
            update,
            i={"id": "t/lunch", "when": {**noon, "end": "2026-11-05T14:00"}, "location": "3층"},
        )
        assert changed["failure"] is None
        assert changed["event"]["when"]["end"] == "2026-11-05T14:00"
        assert (changed["event"]["location"], changed["event"]["title"]) == ("3층", "점심")
        wrong = await door.data(update, i={"id": "t/lunch", "when": {**noon, "end": "2026-11-04"}})
        assert wrong["failure"]["code"] == "INVALID"
        gone = await door.data(delete, i={"id": "t/lunch"})
        assert (gone["deletedId"], gone["failure"]) == ("t/lunch", None)


async def test_events_between_two_days_are_expanded_with_their_exceptions() -> None:
    query = (
        f'{{ calendar(id: "t") {{ id version events{NOVEMBER} {{ id title isException status'
        " when { start end zone } event { id title members { name } } } } }"
    )
    async with graphql() as door:
        found = (await door.data(query))["events"]
        assert [one["title"] for one in found] == ["매주", "다름", "매주", "Party", "매주"]
        assert [one["isException"] for one in found] == [False, True, False, False, False]
        assert found[1]["id"] == "t/weekly/2026-11-09T09:00"
        assert found[1]["event"] == {
            "id": "t/weekly", "title": "매주", "members": [{"name": "김민지"}]
        }  # fmt: skip
        assert found[3]["status"] == "TENTATIVE"
        for days, words in (("2026-11-01", "days"), ("tomorrow", "YYYY-MM-DD")):
            error = await door.refused(
                f'{{ calendar(id: "t") {{ events(from: "2026-11-01", to: "{days}") {{ id }} }} }}'
            )
            assert error["extensions"]["code"] == "invalid"
            assert words in error["message"]


async def test_who_asks_for_the_same_days_of_a_calendar_has_them_expanded_once() -> None:
    async with graphql() as door:
        asked: list[DocumentId] = []
        reader = DocumentsReader(door.hub)

        async def read(document: DocumentId, question: Question) -> Reading | None:
            asked.append(document)
            return await reader.occurrences(document, question)

        expansions = Expansions(read)
        question = Question.read({"from": "2026-11-01", "to": "2026-12-01", "zone": "UTC"})
        team = DocumentId("calendar/t")
        found = await asyncio.gather(*(expansions.of(team, question, 1) for _ in range(5)))
        assert len(asked) == 1
        assert all(one == found[0] for one in found)
        await expansions.of(team, question, 2)
        assert len(asked) == 2


async def test_a_message_holds_all_fields_of_what_has_changed_and_says_who_did_it() -> None:
    async with graphql() as door, door.follow(FOLLOW) as messages:
        following = asyncio.ensure_future(messages.next())
        await until_followed(door)
        await door.data(UPDATE, who="bob", i={"id": "p/c1", "estimate": 5})
        message = await following
        assert message["cards"] == [
            {
                "id": "p/c1",
                "title": "하나 🚀",
                "estimate": 5,
                "column": {"id": "p/todo", "name": "To do"},
                "labels": [{"id": "p/red"}],
                "members": [{"id": "minji", "name": "김민지"}],
            }
        ]
        assert message["rearranged"] is None
        (change,) = message["changes"]
        assert (change["type"], change["fields"], change["by"]) == ("Card", ["estimate"], "bob")
        assert message["version"] == message["project"]["version"] == change["version"] == 2
        await door.data(DELETE, who="bob", i={"id": "p/c1"})
        message = await messages.next()
        assert message["deleted"] == [{"type": "Card", "id": "p/c1"}]
        assert message["cards"] == []
        assert message["rearranged"]["cards"] == [{"id": "p/c2"}]


async def until_followed(door: GraphqlRig, document: str = "project/p") -> None:

    room = await door.hub.open(DocumentId(document), create=False)
    await until(lambda: len(room.members) > 0)


async def test_who_comes_back_with_a_version_is_told_what_came_since_once() -> None:
    async with graphql() as door:
        seen = await version(door)
        await door.data(UPDATE, i={"id": "p/c1", "title": "a"})
        await door.data(UPDATE, i={"id": "p/c1", "title": "b"})
        await door.data(UPDATE, i={"id": "p/c2", "title": "c"})
        async with door.follow(FOLLOW, since=seen) as messages:
            message = await messages.next()
            assert [one["title"] for one in message["cards"]] == ["b", "c"]
            assert message["version"] == seen + 3
        async with door.follow(FOLLOW, since=message["version"]) as messages:
            following = asyncio.ensure_future(messages.next())
            await until_followed(door)
            await door.data(UPDATE, i={"id": "p/c2", "title": "d"})
            assert [one["title"] for one in (await following)["cards"]] == ["d"]


async def test_a_calendar_tells_of_the_days_that_are_followed_and_of_what_left_them() -> None:
    follow = (
        'subscription { calendarChanged(id: "t", from: "2026-11-18", to: "2026-11-25") {'
        " version events { id title } deleted { id } changes { type id fields } } }"
    )
    update = "mutation($i: UpdateEventInput!) { updateEvent(input: $i) { failure { code } } }"
    delete = "mutation($i: DeleteInput!) { deleteEvent(input: $i) { failure { code } } }"
    create = "mutation($i: CreateEventInput!) { createEvent(input: $i) { failure { code } } }"

    def on(day: str) -> dict[str, str]:
        return {"start": f"2026-{day}T09:00", "end": f"2026-{day}T10:00"}

    async with graphql() as door, door.follow(follow) as messages:
        following = asyncio.ensure_future(messages.next())
        await until_followed(door, "calendar/t")
        far = {"calendar": "t", "id": "t/far", "title": "far", "when": on("03-01")}
        await door.data(create, i=far)
        await door.data(update, i={"id": "t/party", "title": "Fest"})
        message = await following
        assert message["events"] == [{"id": "t/party", "title": "Fest"}]
        await door.data(update, i={"id": "t/far", "title": "still far"})
        await door.data(update, i={"id": "t/party", "when": on("02-01")})
        assert [one["id"] for one in (await messages.next())["events"]] == ["t/party"]
        await door.data(update, i={"id": "t/party", "title": "gone from here"})
        await door.data(update, i={"id": "t/far", "when": on("11-20")})
        assert [one["id"] for one in (await messages.next())["events"]] == ["t/far"]
        await door.data(delete, i={"id": "t/far"})
        assert (await messages.next())["deleted"] == [{"id": "t/far"}]


async def test_what_left_the_days_while_one_was_away_is_told_with_since() -> None:
    follow = (
        "subscription($since: Int) { calendarChanged("
        'id: "t", from: "2026-11-18", to: "2026-11-25", since: $since) { events { id } } }'
    )
    update = "mutation($i: UpdateEventInput!) { updateEvent(input: $i) { failure { code } } }"
    march = {"start": "2026-03-01", "end": "2026-03-02"}
    async with graphql() as door:
        seen = (await door.data('{ calendar(id: "t") { version } }'))["version"]
        await door.data(update, i={"id": "t/party", "when": march})
        async with door.follow(follow, since=seen) as messages:
            assert (await messages.next())["events"] == [{"id": "t/party"}]


async def test_what_differs_in_one_of_a_series_is_told_with_its_event() -> None:
    follow = (
        'subscription { calendarChanged(id: "t") { events { id } deleted { id }'
        " changes { type id fields } } }"
    )
    from moim_data.documents.access import LocalAccess
    from moim_data.documents.calendar import CalendarDocument

    def differ(doc: Any) -> None:
        calendar = CalendarDocument(LocalAccess(doc))
        calendar.exceptions.exception("weekly", "2026-11-16T09:00").update(title="또 다름")

    async with graphql() as door, door.follow(follow) as messages:
        following = asyncio.ensure_future(messages.next())
        await until_followed(door, "calendar/t")
        await Caller(door.hub, person("bob")).run("calendar/t", differ)
        message = await following
        assert message["events"] == [{"id": "t/weekly"}]
        assert message["deleted"] == []
        assert message["changes"] == [
            {"type": "Occurrence", "id": "t/weekly/2026-11-16T09:00", "fields": ["title"]}
        ]


async def test_presence_is_told_at_first_and_whenever_it_changes() -> None:
    follow = 'subscription { presenceChanged(id: "project/p") { id people { id name windows } } }'
    async with graphql() as door, door.follow(follow) as messages:
        assert await messages.next() == {"id": "project/p", "people": []}
        bob = await door.made.connect("bob").hello().open("project/p")
        bob.announce(7, 1, '{"card": "c1"}')
        (one,) = (await messages.next())["people"]
        assert one == {"id": "project/p/bob", "name": "Bob", "windows": [{"card": "c1"}]}
        assert (await door.data('{ presence(id: "project/p") { people { id } } }'))["people"] == [
            {"id": "project/p/bob"}
        ]
        bob.client.lose()
        while (await messages.next())["people"]:
            pass


async def test_a_conflict_is_told_to_whose_value_went_and_again_when_it_is_settled() -> None:
    follow = """subscription { conflictDetected(id: "project/p") {
      id type entity path mine theirs by isSettled } }"""
    async with graphql() as door, door.follow(follow) as messages:
        following = asyncio.ensure_future(messages.next())
        await until_followed(door)
        await overwrite(door.made)
        message = await following
        assert (message["type"], message["entity"]) == ("Card", "p/c1")
        assert (message["mine"], message["theirs"], message["by"]) == ("ann's", "bob's", "bob")
        assert message["isSettled"] is False
        room = await door.hub.open(DocumentId("project/p"), create=False)
        room.settle(message["id"], "ann", "seen")
        assert await messages.next() == {**message, "isSettled": True}


SETTLE = """mutation($i: SettleConflictInput!) { settleConflict(input: $i) {
  settledId version failure { code paths { path got } } } }"""


async def test_a_conflict_is_settled_by_a_mutation_or_says_why_not() -> None:
    async with graphql() as door:
        room = await door.hub.open(DocumentId("project/p"), create=False)
        await overwrite(door.made)
        (conflict,) = room.conflicts_of("ann")
        decided = {"document": "project/p", "id": conflict.id, "use": "MINE"}
        strangers = await door.data(SETTLE, who="bob", i=decided)
        assert strangers["failure"]["code"] == "UNKNOWN"
        stale = await door.data(SETTLE, i={**decided, "expectedVersion": conflict.version - 1})
        assert (stale["settledId"], stale["failure"]["code"]) == (None, "CONFLICT")
        assert stale["failure"]["paths"] == [{"path": "cards/c1/title", "got": '"bob\'s"'}]
        done = await door.data(SETTLE, i={**decided, "expectedVersion": conflict.version})
        assert (done["settledId"], done["failure"]) == (conflict.id, None)
        assert done["version"] == await version(door)
        assert (await door.data(BOARD, id="p"))["cards"][0]["title"] == "ann's"
        assert (await door.data(SETTLE, i=decided))["failure"]["code"] == "UNKNOWN"


async def overwrite(made: Rig) -> None:
    """Let Bob's value of a title stay, over one of Ann's that he has not seen."""
    # of two values set unseen by each other, that of the higher client id stays
    bob = await made.connect("bob").hello().open("project/p", client_id=2**53 - 1)
    unseen = bob.granted.seq
    push = bob.edit(lambda doc: doc.get("cards", type=Map)["c1"].update({"title": "bob's"}))
    ann = Caller(made.hub, person("ann"))
    await ann.run("project/p", update_card(person("ann"), "c1", {"title": "ann's"}))
    bob.push(push, touched=("cards/c1/title",), values=('"bob\'s"',), base_seq=unseen)
    await bob.acked()


async def test_a_stranger_to_a_document_is_refused_before_it_is_said_to_exist() -> None:
    async with graphql() as door:
        door.gate.of["eve"] = Role.NONE
        for query in (
            '{ project(id: "p") { id } }',
            '{ project(id: "nothing-here") { id } }',
            '{ calendar(id: "t") { id } }',
            "{ workspace { id } }",
            '{ presence(id: "project/p") { id } }',
        ):
            assert (await door.refused(query, who="eve"))["extensions"]["code"] == "role", query
        async with door.follow(FOLLOW, who="eve") as messages:
            assert (await messages.result())["errors"][0]["extensions"]["code"] == "role"
        for query in ('{ project(id: "no") { id } }', '{ presence(id: "open/x") { id } }'):
            assert (await door.refused(query))["extensions"]["code"] == "unknown"


async def test_what_fails_in_the_server_is_logged_under_the_number_that_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail(document: DocumentId, question: Question) -> Reading | None:
        raise RuntimeError("a secret of /etc/passwd")

    async with graphql(expansions=Expansions(fail)) as door:
        error = await door.refused(f'{{ calendar(id: "t") {{ events{NOVEMBER} {{ id }} }} }}')
        assert error["extensions"]["code"] == "internal"
        assert "secret" not in str(error)
        number = error["message"].rpartition(" ")[2]
        assert number in caplog.text
        assert "a secret of /etc/passwd" in caplog.text


LINE = "item { id title done { by } members { id } deleted { by } } deletedId version"
LINES = f"{{ {LINE} card {{ id checklist {{ id }} }} failure {{ code }} }}"
SAID = "comment { id body author { id } mentions { id } edited deleted { by } } deletedId version"
SAYS = f"{{ {SAID} card {{ id comments {{ id }} }} failure {{ code }} }}"


def mutation(name: str, answer: str) -> str:
    given = "Delete" if name.startswith("delete") else name[0].upper() + name[1:]
    return f"mutation($i: {given}Input!) {{ {name}(input: $i) {answer} }}"


async def test_a_checklist_is_made_ticked_moved_and_deleted_and_read_with_its_card() -> None:
    async with graphql() as door:
        for key in ("i1", "i2"):
            line = {"card": "p/c1", "id": f"p/{key}", "title": key, "members": ["minji"]}
            made = await door.data(mutation("createItem", LINES), i=line)
            assert (made["failure"], made["item"]["members"]) == (None, [{"id": "minji"}])
        assert made["card"] == {"id": "p/c1", "checklist": [{"id": "p/i1"}, {"id": "p/i2"}]}
        ticked = await door.data(mutation("updateItem", LINES), i={"id": "p/i1", "done": True})
        assert ticked["item"]["done"] == {"by": "ann"}
        assert ticked["item"]["title"] == "i1"
        before = {"id": "p/i2", "before": "p/i1"}
        moved = await door.data(mutation("moveItem", LINES), i=before)
        assert moved["card"]["checklist"] == [{"id": "p/i2"}, {"id": "p/i1"}]
        other = await door.data(mutation("moveItem", LINES), i={"id": "p/i2", "card": "p/c2"})
        assert other["card"] == {"id": "p/c2", "checklist": [{"id": "p/i2"}]}
        gone = await door.data(mutation("deleteItem", LINES), i={"id": "p/i1"})
        assert (gone["deletedId"], gone["card"]["checklist"]) == ("p/i1", [])
        cards = await door.data('{ project(id: "p") { cards { id checklist { id cardId } } } }')
        assert [one["checklist"] for one in cards["cards"]] == [
            [],
            [{"id": "p/i2", "cardId": "p/c2"}],
        ]
        absent = {"card": "p/nowhere", "title": "x"}
        refused = await door.data(mutation("createItem", LINES), i=absent)
        assert (refused["item"], refused["failure"]["code"]) == (None, "UNKNOWN")


async def test_comments_are_said_told_with_their_card_and_edited_by_their_author_only() -> None:
    follow = """subscription { projectChanged(id: "p") {
      comments { id body card { id comments { id body } } } items { id } cards { id }
      deleted { type id } } }"""
    async with graphql() as door, door.follow(follow) as messages:
        following = asyncio.ensure_future(messages.next())
        await until_followed(door)
        words = {"card": "p/c1", "id": "p/m1", "body": "안녕 @민지", "mentions": ["minji"]}
        said = await door.data(mutation("createComment", SAYS), i=words)
        assert said["failure"] is None
        assert said["comment"]["author"] == {"id": "ann"}
        assert said["comment"]["mentions"] == [{"id": "minji"}]
        message = await following
        told = {"id": "p/m1", "body": "안녕 @민지"}
        assert message["comments"] == [{**told, "card": {"id": "p/c1", "comments": [told]}}]
        assert (message["items"], message["cards"]) == ([], [])
        for name in ("updateComment", "deleteComment"):
            change = {"id": "p/m1"} | ({"body": "x"} if name == "updateComment" else {})
            refused = await door.data(mutation(name, SAYS), who="bob", i=change)
            assert refused["failure"] == {"code": "ROLE"}
            assert refused["comment"]["body"] == "안녕 @민지"
        edited = await door.data(
            mutation("updateComment", SAYS), i={"id": "p/m1", "body": "다시", "mentions": None}
        )
        assert (edited["comment"]["body"], edited["comment"]["mentions"]) == ("다시", [])
        assert edited["comment"]["edited"] is not None
        gone = await door.data(mutation("deleteComment", SAYS), i={"id": "p/m1"})
        assert (gone["deletedId"], gone["card"]["comments"]) == ("p/m1", [])
        while not (message := await messages.next())["deleted"]:
            pass
        assert message["deleted"] == [{"type": "Comment", "id": "p/m1"}]


async def test_one_of_a_series_or_all_that_follow_are_changed_and_taken_out() -> None:
    update = f"""mutation($i: UpdateEventInput!, $of: OccurrenceInput) {{
      updateEvent(input: $i, of: $of) {EVENT_ANSWER} }}"""
    delete = f"""mutation($i: DeleteInput!, $of: OccurrenceInput) {{
      deleteEvent(input: $i, of: $of) {EVENT_ANSWER} }}"""
    days = f"""{{ calendar(id: "t") {{ events{NOVEMBER} {{
      id title isException when {{ start }} event {{ id }} }} }} }}"""
    async with graphql() as door:
        third = {"recurrenceId": "2026-11-16T09:00"}
        one = await door.data(update, i={"id": "t/weekly", "title": "셋째"}, of=third)
        assert (one["failure"], one["event"]["title"]) == (None, "매주")
        four = {"start": "2026-11-16T14:00", "end": "2026-11-16T15:00", "zone": "Asia/Seoul"}
        tail = await door.data(
            update, i={"id": "t/weekly", "when": four}, of={**third, "scope": "FOLLOWING"}
        )
        assert tail["event"]["id"] == "t/weekly-20261116T0900"
        assert tail["event"]["rule"] == "FREQ=WEEKLY;COUNT=2"
        gone = await door.data(
            delete, i={"id": "t/weekly"}, of={"recurrenceId": "2026-11-02T09:00"}
        )
        assert (gone["failure"], gone["deletedId"]) == (None, None)
        found = (await door.data(days))["events"]
        assert [(one["when"]["start"], one["title"], one["isException"]) for one in found[:2]] == [
            ("2026-11-09T09:00", "다름", True),
            ("2026-11-16T14:00", "셋째", True),
        ]
        assert found[-1]["when"]["start"] == "2026-11-23T14:00"
        absent = await door.data(
            update, i={"id": "t/weekly", "title": "x"}, of={"recurrenceId": "2026-11-03T09:00"}
        )
        assert absent["failure"]["code"] == "UNKNOWN"
        alone = await door.data(
            delete, i={"id": "t/party"}, of={"recurrenceId": "2026-11-20", "scope": "ALL"}
        )
        assert alone["failure"]["code"] == "INVALID"


async def test_the_workspace_is_followed_as_far_as_one_may_read() -> None:
    follow = """subscription($since: Int) { workspaceChanged(since: $since) {
      version workspace { projects { id } } projects { id name colour } calendars { id name }
      members { id name } deleted { type id } changes { type id fields } } }"""
    async with graphql() as door:
        door.gate.of["bob in project/secret"] = Role.NONE
        room = await door.hub.open(DocumentId("workspace"), create=False)
        seen = room.seq

        async def edit(root: str, key: str, **values: Any) -> None:
            with room.ydoc.transaction():
                top = room.ydoc.get(root, type=Map)
                if key not in top:
                    top[key] = Map({"name": "New", "colour": "red", "place": "Z"})
                top[key].update(values)
            await room.settled()

        await edit("projects", "secret", name="Other")
        await edit("projects", "p", name="새 계획")
        await edit("members", "joon", name="준", colour="teal")
        async with door.follow(follow, who="bob", since=seen) as messages:
            message = await messages.next()
            assert message["version"] == room.seq
            assert message["projects"] == [{"id": "p", "name": "새 계획", "colour": "BLUE"}]
            assert message["workspace"] == {"projects": [{"id": "p"}]}
            assert message["members"] == [{"id": "joon", "name": "준"}]
            assert {one["id"] for one in message["changes"]} == {"p", "joon"}
            following = asyncio.ensure_future(messages.next())
            await edit("projects", "secret", name="Again")
            await edit("calendars", "t", deleted=["ann", 1])
            message = await following
            assert message["deleted"] == [{"type": "Calendar", "id": "t"}]
            assert (message["projects"], message["calendars"]) == ([], [])
