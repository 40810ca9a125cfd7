"""Feeds: what is at their addresses, for whom, and until when."""

import json
import re
import sqlite3
from contextlib import closing
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from icalendar import Calendar
from pycrdt import Map, Text

from access_rig import House, house
from moim.access.errors import AccessError
from moim_data.accounts import Account
from moim_data.store import DocumentId
from moim_sync.authorization import Action, Role

pytestmark = pytest.mark.anyio
TEAM, LAUNCH = "calendar/team", "project/launch"
SEOUL = ZoneInfo("Asia/Seoul")

CONTENT: dict[str, dict[str, dict[str, Any]]] = {
    "workspace": {
        "projects": {
            "launch": {"name": "출시, 2.0", "colour": "blue", "place": "V"},
            "old": {"name": "Old", "colour": "red", "place": "X", "deleted": ["minji", 5]},
        },
        "calendars": {"team": {"name": "팀 🗓", "colour": "teal", "place": "V"}},
        "members": {"minji": {"name": "민지"}},
    },
    TEAM: {
        "events": {
            "stand": {
                "title": "스탠드업 ☀️",
                "when": ["2026-11-23T09:00", "2026-11-23T09:15", "Asia/Seoul"],
                "rule": "FREQ=DAILY;COUNT=5",
                "member/minji": True,
            },
            "trip": {"title": "Trip", "when": ["2026-12-07", "2026-12-10", ""]},
            "gone": {
                "title": "Gone",
                "when": ["2026-12-07", "2026-12-10", ""],
                "deleted": ["minji", 5],
            },
        },
        "exceptions": {
            "stand/2026-11-24T09:00/excluded": True,
            "stand/2026-11-25T09:00/title": "스탠드업, 늦게",
            "stand/2026-11-25T09:00/when": [
                "2026-11-25T11:00", "2026-11-25T11:15", "Asia/Seoul",
            ],
        },
    },
    "project/old": {"cards": {"c": {"title": "Old", "place": "todo|V", "due": "2026-12-01"}}},
    LAUNCH: {
        "columns": {
            "todo": {"name": "Todo", "place": "V", "status": "ready"},
            "done": {"name": "Done", "place": "X", "status": "done"},
        },
        "cards": {
            "span": {
                "title": "두 주; 길다",
                "place": "todo|V",
                "start": "2026-11-24",
                "due": "2026-12-04",
                "notes": "줄 하나\n줄 둘",
                "member/minji": True,
            },
            "due": {"title": "Only due", "place": "done|V", "due": "2026-12-01"},
            "none": {"title": "No date", "place": "todo|X", "member/minji": True},
            "gone": {
                "title": "Gone", "place": "todo|Y", "due": "2026-12-01", "deleted": ["minji", 5],
            },
        },
    },
}  # fmt: skip


async def fill(place: House) -> None:
    """Puts the content in as server code does."""
    for document, roots in CONTENT.items():
        room = await place.hub.open(DocumentId(document), create=True)
        with room.ydoc.transaction():
            for root, values in roots.items():
                target = room.ydoc.get(root, type=Map)
                for key, value in values.items():
                    target[key] = Map(with_texts(value)) if isinstance(value, dict) else value
        await room.settled()


def with_texts(entity: dict[str, Any]) -> dict[str, Any]:
    return {key: Text(value) if key == "notes" else value for key, value in entity.items()}


async def feed(place: House, shows: str, name: str | None = None) -> str:
    """A feed's address."""
    account = None if name is None else await owner(place, name)
    _, secret = await place.people.feeds.make(shows, account)
    return f"/feeds/{secret}.ics"


async def owner(place: House, name: str) -> Account:
    return place.made.get(name) or await place.person(name, Role.VIEWER)


async def events_at(place: House, address: str) -> list[tuple[str, date]]:
    """What an independent reader finds from November on, by title and start."""
    answer = await place.browser().ask(address)
    assert answer.code == 200, answer.body
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(answer.body)
    found = recurring_ical_events.of(calendar).between((2026, 11, 1), (2027, 1, 1))
    return sorted(((str(one["SUMMARY"]), one["DTSTART"].dt) for one in found), key=str)


async def test_a_calendar_is_read_with_its_series_and_exceptions(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        await fill(place)
        address = await feed(place, TEAM, "Minji")
        found = await events_at(place, address)
        nine = [datetime(2026, 11, day, 9, tzinfo=SEOUL) for day in (23, 26, 27)]
        later = datetime(2026, 11, 25, 11, tzinfo=SEOUL)
        assert [one for one in found if one[0] == "스탠드업 ☀️"] == [
            ("스탠드업 ☀️", start) for start in nine
        ]
        assert ("스탠드업, 늦게", later) in found
        assert ("Trip", date(2026, 12, 7)) in found
        assert len(found) == 5
        calendar = Calendar.from_ical((await place.browser().ask(address)).body)
        assert calendar["X-WR-CALNAME"] == "팀 🗓"


async def test_a_project_is_read_as_its_dated_cards(tmp_path: Path) -> None:
    async with house(tmp_path, auth="none") as place:
        await fill(place)
        address = await feed(place, LAUNCH)
        assert await events_at(place, address) == [
            ("✓ Only due", date(2026, 12, 1)),
            ("두 주; 길다", date(2026, 11, 24)),
        ]
        body = (await place.browser().ask(address)).body
        (span,) = (one for one in Calendar.from_ical(body).walk("VEVENT") if "주" in one["SUMMARY"])
        assert span["DTEND"].dt == date(2026, 12, 5)
        assert span["DESCRIPTION"] == "줄 하나\n줄 둘"
        assert span["URL"] == f"{place.url}/project/launch?card=span"
        assert span["TRANSP"] == "TRANSPARENT"
        assert span["CATEGORIES"].cats == ["출시, 2.0"]


async def test_a_person_is_read_as_what_they_take_part_in_and_may_read(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        await fill(place)
        address = await feed(place, "person/minji", "Minji")
        titles = {title for title, _ in await events_at(place, address)}
        assert titles == {"스탠드업 ☀️", "스탠드업, 늦게", "두 주; 길다"}
        await place.people.accounts.set_role(place.made["Minji"], Role.NONE, LAUNCH)
        titles = {title for title, _ in await events_at(place, address)}
        assert titles == {"스탠드업 ☀️", "스탠드업, 늦게"}
        mine = await feed(place, "mine", "Minji")
        assert await events_at(place, mine) == []
        room = await place.hub.open(DocumentId(TEAM), create=False)
        room.ydoc.get("events", type=Map)["trip"][f"member/{place.made['Minji'].id}"] = True
        await room.settled()
        assert await events_at(place, mine) == [("Trip", date(2026, 12, 7))]


async def test_what_is_known_is_answered_with_304_until_something_shown_changes(
    tmp_path: Path,
) -> None:
    async with house(tmp_path, auth="none") as place:
        await fill(place)
        address, person = await feed(place, TEAM), await feed(place, "person/minji")
        browser = place.browser()
        first = await browser.ask(address)
        etag = first.headers["Etag"]
        assert first.headers["Cache-Control"] == "private, no-cache"
        changed = parsedate_to_datetime(first.headers["Last-Modified"])
        assert abs((datetime.now(changed.tzinfo) - changed).total_seconds()) < 60
        again = await browser.ask(address, If_None_Match=etag)
        assert (again.code, again.body, again.headers["Etag"]) == (304, b"", etag)
        assert again.headers["Cache-Control"] == "private, no-cache"
        of_person = (await browser.ask(person)).headers["Etag"]

        async def edit(document: str, root: str, key: str, field: str, value: str) -> None:
            room = await place.hub.open(DocumentId(document), create=False)
            room.ydoc.get(root, type=Map)[key][field] = value
            await room.settled()

        await edit(LAUNCH, "cards", "due", "title", "Another document")
        assert (await browser.ask(address, If_None_Match=etag)).code == 304
        assert (await browser.ask(person, If_None_Match=of_person)).code == 200
        await edit(TEAM, "events", "trip", "title", "A longer trip")
        changed_answer = await browser.ask(address, If_None_Match=etag)
        assert changed_answer.code == 200
        assert "A longer trip" in changed_answer.body.decode()
        etag = changed_answer.headers["Etag"]
        await edit("workspace", "calendars", "team", "place", "Z")
        assert (await browser.ask(address, If_None_Match=etag)).code == 304
        await edit("workspace", "calendars", "team", "name", "Renamed")
        assert (await browser.ask(address, If_None_Match=etag)).code == 200


async def test_head_says_what_get_says_without_the_file(tmp_path: Path) -> None:
    async with house(tmp_path, auth="none") as place:
        await fill(place)
        address = await feed(place, LAUNCH)
        got = await place.browser().ask(address)
        head = await place.browser().ask(address, method="HEAD")
        assert (head.code, head.body) == (200, b"")
        for name in ("Content-Length", "Content-Type", "Etag", "Last-Modified", "Cache-Control"):
            assert head.headers[name] == got.headers[name]


async def test_whoever_may_not_read_gets_the_answer_of_an_unknown_secret(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        await fill(place)
        address, person = await feed(place, TEAM, "Minji"), await feed(place, "mine", "Minji")
        minji, accounts = place.made["Minji"], place.people.accounts
        browser = place.browser()

        async def answers(path: str) -> tuple[int, bytes, dict[str, str]]:
            answer = await browser.ask(path)
            headers = {name: value for name, value in answer.headers.items() if name != "Date"}
            return answer.code, answer.body, headers

        unknown = await answers("/feeds/unknown.ics")
        assert unknown[0] == 404
        assert (await answers(address))[0] == 200
        place.gate.asked.clear()
        await accounts.set_role(minji, Role.NONE, TEAM)
        assert await answers(address) == unknown
        assert (minji.id, Action.READ, TEAM, False) in place.gate.asked
        await accounts.clear_role(minji, TEAM)
        assert (await answers(address))[0] == 200
        await accounts.disable(minji, True)
        assert await answers(address) == unknown
        assert await answers(person) == unknown
        await accounts.disable(minji, False)
        assert await answers(await feed(place, "calendar/absent", "Minji")) == unknown
        assert await answers(await feed(place, "project/old", "Minji")) == unknown
        assert await answers(await feed(place, TEAM)) == unknown  # nobody's, among people
        (of_team,) = (one for one in place.people.feeds.of(minji.id) if one.shows == TEAM)
        await place.people.feeds.revoke(of_team.id)
        assert await answers(address) == unknown


async def test_names_of_the_workspace_are_not_told_to_who_may_not_read_it(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        await fill(place)
        address = await feed(place, LAUNCH, "Minji")
        await place.people.accounts.set_role(place.made["Minji"], Role.NONE, "workspace")
        body = (await place.browser().ask(address)).body.decode()
        assert "Only due" in body
        assert "출시" not in body


async def test_guesses_wait_and_a_revoked_feed_keeps_nobody_out(tmp_path: Path) -> None:
    async with house(tmp_path, auth="none") as place:
        await fill(place)
        address, browser = await feed(place, LAUNCH), place.browser()
        for _ in range(30):
            assert (await browser.ask("/feeds/revoked.ics")).code == 404
        assert (await browser.ask(address, method="HEAD")).code == 200
        codes = [(await browser.ask(f"/feeds/guess{number}.ics")).code for number in range(30)]
        assert codes[:19] == [404] * 19
        assert codes[-1] == 429
        late = await browser.ask(address)
        assert late.code == 429
        assert int(late.headers["Retry-After"]) >= 1
        place.clock.now_s += 1_000
        assert (await browser.ask(address, method="HEAD")).code == 200


async def test_a_revoked_feed_is_gone_where_everybody_is_a_guest(tmp_path: Path) -> None:
    async with house(tmp_path, auth="none") as place:
        await fill(place)
        address, browser = await feed(place, LAUNCH), place.browser()
        assert (await browser.ask(address)).code == 200
        await place.people.feeds.revoke(place.people.feeds.of()[0].id)
        assert (await browser.ask(address)).code == 404
        disabled = await feed(place, LAUNCH, "Minji")
        assert (await browser.ask(disabled)).code == 200
        await place.people.accounts.disable(place.made["Minji"], True)
        assert (await browser.ask(disabled)).code == 404


def kept_bytes(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("moim.db*"))


async def test_secrets_are_kept_as_hashes_and_over_a_restart(tmp_path: Path) -> None:
    async with house(tmp_path, auth="none") as place:
        await fill(place)
        address = await feed(place, LAUNCH)
    secret = address.removeprefix("/feeds/").removesuffix(".ics")
    assert len(secret) == 43
    kept = kept_bytes(tmp_path)
    assert b"project/launch" in kept
    assert secret.encode() not in kept
    async with house(tmp_path, auth="none") as place:
        assert (await place.browser().ask(address)).code == 200


async def test_what_no_feed_can_show_is_refused(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        for shows in ("page/home", "workspace", "mine", "project/", "a/b", "open/x", "person/a/b"):
            with pytest.raises(AccessError, match="mine"):
                await place.people.feeds.make(shows, None)
        assert place.people.feeds.of() == []


async def test_people_make_and_revoke_feeds_of_their_own_on_their_page(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        await fill(place)
        minji, jun = await place.visitor("Minji", Role.VIEWER), await place.visitor("Jun")
        page = await minji.send("/account", do="feed", label="<폰>", shows=LAUNCH)
        found = re.search(rf"{place.url}(/feeds/[\w-]{{43}}\.ics)</output>", page.body.decode())
        assert found, page.body.decode()
        assert "&lt;폰&gt;" in page.body.decode()
        assert len(await events_at(place, found[1])) == 2
        assert found[1] not in (await minji.ask("/account")).body.decode()
        page = await minji.send("/account", do="feed", shows="")
        assert "What is mine" in page.body.decode()
        assert (await minji.send("/account", do="feed", shows="page/home")).code == 400
        for one in place.people.feeds.of():
            assert (await jun.send("/account", do="unfeed", id=one.id)).code == 404
        assert len(place.people.feeds.of()) == 2
        for one in place.people.feeds.of():
            assert (await minji.send("/account", do="unfeed", id=one.id)).code == 200
        assert (await place.browser().ask(found[1])).code == 404
        forged = await minji.post("/account", {"do": "feed"}, Origin=place.url)
        assert forged.code == 403


async def test_a_failing_feed_does_not_log_its_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from moim.errors import ReadingFailed
    from moim.feeds.feed_reader import FeedReader

    async def fails(*_: object) -> bytes:
        raise ReadingFailed("its process ended")

    monkeypatch.setattr(FeedReader, "write", fails)
    async with house(tmp_path, auth="none") as place:
        await fill(place)
        address = await feed(place, LAUNCH)
        answer = await place.browser().ask(address)
        assert (answer.code, json.loads(answer.body)) == (500, {"error": "its process ended"})
        assert "/feeds/..." in caplog.text
        assert address not in caplog.text


async def test_a_damaged_document_is_left_out_of_a_persons_feed_and_hinders_nothing_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    torn = DocumentId("calendar/torn")
    async with house(tmp_path, auth="none") as place:
        await fill(place)
        workspace = await place.hub.open(DocumentId("workspace"), create=False)
        workspace.ydoc.get("calendars", type=Map)["torn"] = Map({"name": "Torn", "place": "Y"})
        room = await place.hub.open(torn, create=True)
        room.ydoc.get("info", type=Map)["description"] = "soon torn"
        for one in (workspace, room):
            await one.settled()
        address, of_torn = await feed(place, "person/minji"), await feed(place, torn)
        whole = await place.browser().ask(address)
    with closing(sqlite3.connect(tmp_path / "moim.db")) as file, file:
        file.execute("DELETE FROM upd WHERE doc = (SELECT id FROM doc WHERE name = ?)", [torn])
    async with house(tmp_path, auth="none") as place:
        browser = place.browser()
        rest = await browser.ask(address, If_None_Match=whole.headers["Etag"])
        assert rest.code == 200
        calendar = Calendar.from_ical(rest.body)
        assert calendar["X-WR-CALDESC"].endswith(" calendar/torn")
        found = {str(one["SUMMARY"]) for one in calendar.walk("VEVENT")}
        assert found == {"스탠드업 ☀️", "스탠드업, 늦게", "두 주; 길다"}
        assert (await browser.ask(address, If_None_Match=rest.headers["Etag"])).code == 304
        assert caplog.text.count("feeds cannot show calendar/torn") == 1
        own = await browser.ask(of_torn)
        assert own.code == 503
        assert json.loads(own.body)["error"].startswith("calendar/torn: update 1 is missing")
        for path in ("/healthz", "/metrics"):
            assert (await browser.ask(path)).code == 200
