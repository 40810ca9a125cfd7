"""What webhooks promise: each change arrives, in order, as long as its person owns the document."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from moim.access.door import ask
from moim.access.errors import AccessError
from moim.errors import UsageError
from moim.webhooks.schedule import GIVE_UP_S, RETRY_S
from moim.webhooks.sender import Outcome
from moim.webhooks.webhooks import MOST_OF_ONE, MOST_ONCE
from moim_data.errors import StorageError
from moim_data.webhook_rows import KEPT_ATTEMPTS, Place, add_delivery, put_place
from moim_sync.authorization import Role
from webhook_rig import FAILED, LAUNCH, URL, MemoryReceiver, hooked

pytestmark = pytest.mark.anyio


async def test_a_change_is_told_as_the_doors_tell_it(tmp_path: Path) -> None:
    async with hooked(tmp_path) as here:
        await here.add_card("Before")
        await here.hook()
        async with here.delivering():
            card = await here.add_card("Banner", due="2031-12-02")
            (told,) = await here.receiver.got(1)
    assert told["type"] == "project.changed"
    assert told["timestamp"] == "2001-09-09T01:46:40.000Z"
    assert told["data"]["document"] == LAUNCH
    assert told["data"]["more"] is False
    (change,) = told["data"]["changes"]
    assert (change["id"], change["entity"], change["entityId"]) == ("launch", "card", card)
    assert change["changes"]["title"] == "Banner"
    assert change["changes"]["due"] == "2031-12-02"
    assert change["version"] == told["data"]["version"]
    assert change["userId"] == "import"


async def test_what_is_not_taken_is_sent_again_later_and_all_else_waits_behind_it(
    tmp_path: Path,
) -> None:
    async with hooked(tmp_path) as here:
        webhook = await here.hook()
        here.receiver.answers = [FAILED] * len(RETRY_S)
        async with here.delivering():
            await here.add_card("One")
            await here.receiver.got(1)
            await here.add_card("Two")
            for tried, pause_s in enumerate(RETRY_S, 1):
                await here.receiver.got(tried)
                await here.settled(lambda: here.place.hub.counters.webhooks_waiting == 1)
                here.timer.pass_s(pause_s - 1)
                await here.quiet()
                assert len(here.receiver.sent) == tried
                here.timer.pass_s(1)
            await here.receiver.got(len(RETRY_S) + 2)
            await here.settled(lambda: here.place.hub.counters.webhooks_waiting == 0)
        ids = [message for message, _ in here.receiver.sent]
        assert len(set(ids[:-1])) == 1
        assert here.receiver.titles == ["One"] * (len(RETRY_S) + 1) + ["Two"]
        attempts = await here.attempts(webhook)
        assert [one[0] for one in attempts] == [*range(1, len(RETRY_S) + 2), 1]
        assert attempts[0] == (1, 500, "answered 500")
        assert here.place.hub.counters.webhook_attempts == {"failed": len(RETRY_S), "delivered": 2}


async def test_a_receiver_that_comes_back_is_told_each_register_once(tmp_path: Path) -> None:
    async with hooked(tmp_path) as here:
        await here.hook()
        here.receiver.answers = [FAILED]
        async with here.delivering():
            card = await here.add_card("One")
            await here.receiver.got(1)
            for title in ("Two", "Three", "Four"):
                await here.rename(card, title)
            here.timer.pass_s(RETRY_S[0])
            await here.receiver.got(3)
        assert here.receiver.titles == ["One", "One", "Four"]


async def test_a_new_server_goes_on_where_the_last_one_stopped(tmp_path: Path) -> None:
    async with hooked(tmp_path) as here:
        await here.hook()
        here.receiver.answers = [FAILED]
        async with here.delivering():
            await here.add_card("One")
            await here.receiver.got(1)
            await here.settled(lambda: here.place.hub.counters.webhook_attempts["failed"] == 1)
        await here.add_card("Two")
        await here.add_card("Three")
        here.timer.pass_s(RETRY_S[0])
        async with here.delivering():
            await here.receiver.got(3)
        assert here.receiver.titles == ["One", "One", "Two", "Three"]
        assert here.receiver.sent[0] == here.receiver.sent[1]


async def test_what_was_being_sent_when_a_server_ended_is_sent_again_under_its_id(
    tmp_path: Path,
) -> None:
    async with hooked(tmp_path) as here:
        webhook = await here.hook()
        silent = MemoryReceiver()
        silent.held = asyncio.Event()
        async with here.delivering(silent):
            await here.add_card("One")
            await here.settled(lambda: here.place.hub.counters.webhooks_waiting == 1)
        assert await here.place.people.webhooks.waiting(webhook) == 1
        async with here.delivering():
            await here.receiver.got(1)
        assert here.receiver.titles == ["One"]


async def test_many_changes_come_in_pieces_and_none_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moim.webhooks.delivery_line.MOST_WRITES", 7)
    monkeypatch.setattr("moim.webhooks.messages.MESSAGE_BYTES", 1_000)
    async with hooked(tmp_path) as here:
        await here.hook()
        titles = [f"Card {number}" for number in range(40)]
        for title in titles:
            await here.add_card(title)
        async with here.delivering():
            await here.settled(lambda: len(here.receiver.titles) >= 40)
        assert here.receiver.titles == titles
        told = [body["data"] for _, body in here.receiver.sent]
        assert len(told) > 5
        versions = [one["version"] for one in told]
        assert versions == sorted(versions)
        assert {one["more"] for one in told} == {False, True}
        assert all(
            one["changes"][-1]["version"] == one["version"] for one in told if not one["more"]
        )


async def test_only_what_was_chosen_is_told(tmp_path: Path) -> None:
    async with hooked(tmp_path) as here:
        await here.hook(events=["column"])
        async with here.delivering():
            await here.add_card("Not told")
            room = await here.place.hub.open(LAUNCH, create=False)  # type: ignore[arg-type]
            with room.ydoc.transaction():
                room.ydoc["columns"]["todo"]["name"] = "Later"
            (told,) = await here.receiver.got(1)
        assert [one["entity"] for one in told["data"]["changes"]] == ["column"]


async def test_410_turns_a_webhook_off_at_once_and_enabling_it_loses_nothing(
    tmp_path: Path,
) -> None:
    async with hooked(tmp_path) as here:
        webhook = await here.hook()
        webhooks = here.place.people.webhooks
        here.receiver.answers = [Outcome(410, "answered 410")]
        async with here.delivering():
            await here.add_card("One")
            await here.settled(lambda: bool(webhooks.held(webhook.id).off))
            assert webhooks.held(webhook.id).off == "gone"
            assert here.place.hub.counters.webhooks == 0
            await here.add_card("Two")
            here.timer.pass_s(GIVE_UP_S)
            await here.quiet()
            assert len(here.receiver.sent) == 1
            with pytest.raises(AccessError, match="enable"):
                await webhooks.send_ping(webhooks.held(webhook.id))
            await webhooks.turn_on(webhooks.held(webhook.id))
            await here.receiver.got(3)
        assert here.receiver.titles == ["One", "One", "Two"]


async def test_days_of_failure_turn_a_webhook_off_with_a_note(tmp_path: Path) -> None:
    async with hooked(tmp_path) as here:
        webhook = await here.hook()
        webhooks = here.place.people.webhooks
        here.receiver.answers = [FAILED] * 1000
        begun = here.timer.now
        async with here.delivering():
            await here.add_card("One")
            while not webhooks.held(webhook.id).off:
                failed = here.place.hub.counters.webhook_attempts["failed"]
                here.timer.pass_s(max(RETRY_S))
                await here.settled(
                    lambda before=failed: (
                        here.place.hub.counters.webhook_attempts["failed"] > before
                        or bool(webhooks.held(webhook.id).off)
                    )
                )
                await here.quiet()
        days = (here.timer.now - begun) / 86_400_000
        assert 5 <= days < 6.5
        assert webhooks.held(webhook.id).off == "failing"


async def test_a_receiver_that_asks_for_time_gets_it(tmp_path: Path) -> None:
    async with hooked(tmp_path) as here:
        await here.hook()
        here.receiver.answers = [Outcome(503, "answered 503", retry_after_s=3_000)]
        async with here.delivering():
            await here.add_card("One")
            await here.receiver.got(1)
            await here.settled(lambda: here.place.hub.counters.webhook_attempts["failed"] == 1)
            here.timer.pass_s(2_999)
            await here.quiet()
            assert len(here.receiver.sent) == 1
            here.timer.pass_s(1)
            await here.receiver.got(2)


@pytest.mark.parametrize("end", ["viewer", "none", "disabled"])
async def test_who_owns_the_document_no_longer_is_sent_nothing_until_they_do_again(
    tmp_path: Path, end: str
) -> None:
    async with hooked(tmp_path) as here:
        webhook = await here.hook()
        others = await here.hook(account=None)
        told = here.receiver.told_to
        accounts = here.place.people.accounts
        async with here.delivering():
            await here.add_card("One")
            await here.receiver.got(2)
            if end == "disabled":
                await accounts.disable(here.owner, True)
            else:
                await accounts.set_role(here.owner, Role(end), LAUNCH)
            await here.add_card("Two")
            await here.receiver.got(3)
            here.timer.pass_s(3600)
            await here.quiet()
            assert [told.count(one.id) for one in (webhook, others)] == [1, 2]
            await accounts.disable(here.owner, False)
            await accounts.set_role(here.owner, Role.OWNER, LAUNCH)
            await here.receiver.got(4)
        assert sorted(here.receiver.titles) == ["One", "One", "Two", "Two"]
        assert told[3] == webhook.id


async def test_what_waits_is_not_sent_once_its_person_may_no_more(tmp_path: Path) -> None:
    async with hooked(tmp_path) as here:
        await here.hook()
        here.receiver.answers = [FAILED]
        async with here.delivering():
            await here.add_card("One")
            await here.receiver.got(1)
            await here.place.people.accounts.set_role(here.owner, Role.EDITOR)
            here.timer.pass_s(3600)
            await here.quiet()
            assert len(here.receiver.sent) == 1


async def test_a_webhook_of_the_server_itself_needs_no_account(tmp_path: Path) -> None:
    async with hooked(tmp_path, auth="none") as here:
        await here.hook(account=None)
        async with here.delivering():
            await here.add_card("One")
            await here.receiver.got(1)


async def test_a_document_of_another_lineage_is_told_as_a_resync(tmp_path: Path) -> None:
    async with hooked(tmp_path) as here:
        webhook = await here.hook()

        def of_another_copy(connection: sqlite3.Connection) -> None:
            put_place(connection, webhook.id, Place(b"x" * 16, 1))

        await here.place.people.ledger.keep(of_another_copy)
        async with here.delivering():
            (told,) = await here.receiver.got(1)
            assert told["type"] == "project.resync"
            version = (await here.caller.read(LAUNCH, lambda _: None))[0]
            assert told["data"] == {"document": LAUNCH, "version": version}
            await here.add_card("After")
            await here.receiver.got(2)
        assert here.receiver.titles == ["After"]


async def test_a_receiver_that_takes_its_time_delays_no_other(tmp_path: Path) -> None:
    async with hooked(tmp_path) as here:

        class Slow(MemoryReceiver):
            async def send(self, webhook, message, body, now_ms):  # type: ignore[no-untyped-def]
                if webhook.id == slow.id:
                    await asyncio.Event().wait()
                return await super().send(webhook, message, body, now_ms)

        slow = await here.hook()
        await here.hook()
        receiver = Slow()
        async with here.delivering(receiver):
            for number in range(5):
                await here.add_card(f"Card {number}")
                await receiver.got(number + 1)
        assert receiver.titles == [f"Card {number}" for number in range(5)]


async def test_a_test_and_a_message_sent_again_do_not_wait_behind_what_fails(
    tmp_path: Path,
) -> None:
    async with hooked(tmp_path) as here:
        webhook = await here.hook()
        webhooks = here.place.people.webhooks
        async with here.delivering():
            await here.add_card("One")
            await here.receiver.got(1)
            here.receiver.answers = [FAILED, FAILED]
            await here.add_card("Two")
            await here.receiver.got(2)
            number = await webhooks.send_ping(webhook)
            assert (await here.receiver.got(3))[2]["type"] == "ping"
            await webhooks.send_again(webhook, here.receiver.sent[0][0])
            await here.receiver.got(4)
            assert here.receiver.sent[3] == here.receiver.sent[0]
            with pytest.raises(AccessError, match="webhook log"):
                await webhooks.send_again(webhook, "msg_0")
            await here.settled(lambda: here.place.hub.counters.webhook_attempts["failed"] == 2)
            (ping,) = await webhooks.attempts(webhook, 10, number)
            assert (ping.attempt, ping.error) == (1, "answered 500")
            here.timer.pass_s(RETRY_S[0])
            await here.receiver.got(5)
        assert here.receiver.titles == ["One", "Two", "One", "Two"]


async def test_a_removed_webhook_sends_nothing_more_and_leaves_nothing(tmp_path: Path) -> None:
    async with hooked(tmp_path) as here:
        webhook = await here.hook()
        async with here.delivering():
            await here.add_card("One")
            await here.receiver.got(1)
            await here.place.people.webhooks.remove(webhook)
            await here.add_card("Two")
            await here.quiet()
            assert len(here.receiver.sent) == 1

        def rows(connection: sqlite3.Connection) -> list[int]:
            tables = ("webhook", "webhook_place", "webhook_delivery", "webhook_attempt")
            return [
                connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for table in tables
            ]

        assert await here.place.people.ledger.keep(rows) == [0, 0, 0, 0]


async def test_the_log_keeps_the_newest_attempts_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moim_data.webhook_rows.KEPT_ATTEMPTS", 3)
    monkeypatch.setattr("moim_data.webhook_rows.KEPT_DELIVERIES", 4)
    assert KEPT_ATTEMPTS == 200
    async with hooked(tmp_path) as here:
        webhook = await here.hook()
        async with here.delivering():
            for number in range(8):
                await here.add_card(f"Card {number}")
                await here.receiver.got(number + 1)
            await here.settled(lambda: here.place.hub.counters.webhooks_waiting == 0)

        def counts(connection: sqlite3.Connection) -> list[int]:
            return [
                connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for table in ("webhook_attempt", "webhook_delivery")
            ]

        assert await here.place.people.ledger.keep(counts) == [3, 4]
        kept = await here.place.people.webhooks.attempts(webhook, 10)
        assert [one.message for one in kept] == [
            message for message, _ in reversed(here.receiver.sent[-3:])
        ]


NONE = [
    ({"url": "ftp://x/"}, "https://"),
    ({"url": "https://user:word@example.org/"}, "without a name"),
    ({"url": "https://example.org/#part"}, "https://"),
    ({"url": "https:///hook"}, "https://"),
    ({"url": "https://example.org:0/"}, "https://"),
    ({"url": "https://example.org:99999/"}, "https://"),
    ({"url": "https://example.org/a b"}, "https://"),
    ({"url": "https://예.한국/"}, "https://"),
    ({"url": "https://example.org/" + "a" * 2000}, "https://"),
    ({"document": "page/home"}, "project/<id>"),
    ({"document": "project/nobody-made-it"}, "there is no"),
    ({"events": ["cards"]}, "expected some of card"),
]


async def test_what_no_webhook_can_be_is_refused(tmp_path: Path) -> None:
    async with hooked(tmp_path) as here:
        for options, told in NONE:
            with pytest.raises(UsageError, match=told):
                await here.hook(**options)
        assert here.place.people.webhooks.of() == []


async def test_only_an_owner_of_the_document_gets_one_by_the_command(tmp_path: Path) -> None:
    async with hooked(tmp_path) as here:
        people = here.place.people
        question = {"do": "webhook add", "document": LAUNCH, "url": URL, "events": [], "label": ""}
        jun = await here.place.person("Jun", Role.EDITOR)
        with pytest.raises(AccessError, match="Jun is not owner"):
            await ask(people, {**question, "name": "Jun"})
        await people.accounts.set_role(jun, Role.OWNER, LAUNCH)
        answer = await ask(people, {**question, "name": "Jun"})
        assert [one.id for one in people.webhooks.of(jun.id)] == [answer["webhook"]["id"]]


async def test_one_person_has_so_many_and_no_more(tmp_path: Path) -> None:
    async with hooked(tmp_path) as here:
        for _ in range(MOST_OF_ONE):
            await here.hook()
        with pytest.raises(AccessError, match=str(MOST_OF_ONE)):
            await here.hook()
        await here.hook(account=None)


async def test_of_tests_only_so_many_wait(tmp_path: Path) -> None:
    async with hooked(tmp_path) as here:
        webhook = await here.hook()
        for _ in range(MOST_ONCE):
            await here.place.people.webhooks.send_ping(webhook)
        with pytest.raises(AccessError, match=str(MOST_ONCE)):
            await here.place.people.webhooks.send_ping(webhook)


async def test_what_cannot_be_written_down_now_is_told_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hooked(tmp_path) as here:
        await here.hook()
        failures = [StorageError("the disk is full")]

        def fails_once(*arguments: Any) -> int:
            if failures:
                raise failures.pop()
            return add_delivery(*arguments)

        monkeypatch.setattr("moim.webhooks.delivery_line.add_delivery", fails_once)
        async with here.delivering():
            await here.add_card("One")
            await here.settled(lambda: not failures)
            await here.quiet()
            here.timer.pass_s(30)
            await here.receiver.got(1)
        assert here.receiver.titles == ["One"]
