"""API tokens: what a program may do with one, and until when."""

from pathlib import Path

import pytest
from tornado.httpclient import HTTPClientError

from access_rig import DAY_S, Browser, House, house
from moim_data.errors import UnknownKind
from moim_sync.authorization import Action, Role
from moim_sync.messages import Granted, Hello, Perm, Push, Reject, Sub
from moim_sync.protocol import decode_server_frames, encode

pytestmark = pytest.mark.anyio
LAUNCH = "project/launch"
HELLO = Hello(1, "tests", b"r" * 16)


async def token_of(
    place: House,
    name: str,
    role: Role = Role.EDITOR,
    documents: tuple[str, ...] = (),
    write: bool = False,
    days: int = 30,
) -> str:
    account = place.made.get(name) or await place.person(name, role)
    _, secret = await place.people.tokens.make(
        account, label="test", documents=documents, may_write=write, days=days
    )
    return secret


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


async def status(place: House, secret: str, path: str) -> int:
    return (await Browser(place.url).ask(path, **bearer(secret))).code


async def messages(place: House, secret: str, *sent: bytes) -> list[object]:
    """What the server says to a program on `/sync` until it answers the last message."""
    socket = await Browser(place.url).socket("/sync", **bearer(secret))
    await socket.write_message(encode(HELLO), binary=True)
    heard: list[object] = []
    for message in sent:
        await socket.write_message(message, binary=True)
    while not heard or not isinstance(heard[-1], Granted | Perm | Reject):
        data = await socket.read_message()
        if data is None:
            break
        assert isinstance(data, bytes)
        heard += [one for one in decode_server_frames(data) if isinstance(one, Granted | Perm)]
    socket.close()
    return heard


async def test_a_token_reads_where_its_person_may(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        secret = await token_of(place, "Minji")
        assert await status(place, secret, f"/api/{LAUNCH}") == 200
        assert await status(place, secret, "/metrics") == 200
        await place.people.accounts.set_role(place.made["Minji"], Role.NONE, LAUNCH)
        assert await status(place, secret, f"/api/{LAUNCH}") == 403
        assert await status(place, secret, "/api/workspace") == 200


async def test_a_token_for_one_document_opens_no_other_on_any_door(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        secret = await token_of(place, "Minji", documents=(LAUNCH,), write=True)
        assert await status(place, secret, f"/api/{LAUNCH}") == 200
        assert await status(place, secret, "/api/calendar/team") == 403
        (granted,) = await messages(place, secret, encode(Sub(LAUNCH, False, b"", b"\0")))
        assert isinstance(granted, Granted)
        assert granted.role == "editor"
        (perm,) = await messages(place, secret, encode(Sub("page/home", False, b"", b"\0")))
        assert isinstance(perm, Perm)
        assert perm.code == "role"
        plain = await Browser(place.url).socket("/yjs/page/home", **bearer(secret))
        assert await plain.read_message() is None
        assert plain.close_code == 4403
        assert await status(place, secret, "/panel/project/token?project=launch") == 403


async def test_a_token_that_only_reads_makes_an_editor_a_viewer(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        secret = await token_of(place, "Minji", Role.OWNER)
        (granted,) = await messages(place, secret, encode(Sub(LAUNCH, False, b"", b"\0")))
        assert isinstance(granted, Granted)
        assert granted.role == "viewer"
        socket = await Browser(place.url).socket("/sync", **bearer(secret))
        await socket.write_message(encode(HELLO), binary=True)
        await socket.write_message(encode(Sub(LAUNCH, False, b"", b"\0")), binary=True)
        await socket.write_message(encode(Push(granted.channel, 1, 0, (), b"\0\0")), binary=True)
        rejects: list[Reject] = []
        while not rejects:
            data = await socket.read_message()
            assert isinstance(data, bytes)
            rejects = [one for one in decode_server_frames(data) if isinstance(one, Reject)]
        assert (rejects[0].hard, rejects[0].code) == (True, "role")
        socket.close()


async def test_a_token_that_may_write_never_makes_a_viewer_an_editor(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        secret = await token_of(place, "Minji", Role.VIEWER, write=True)
        (granted,) = await messages(place, secret, encode(Sub(LAUNCH, False, b"", b"\0")))
        assert isinstance(granted, Granted)
        assert granted.role == "viewer"


async def test_a_token_is_never_an_owner(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        secret = await token_of(place, "Minji", Role.OWNER, write=True)
        who = place.people.bearing(secret)
        assert place.gate.authorize(who, Action.WRITE, None).allowed
        assert not place.gate.authorize(who, Action.MANAGE, None).allowed
        answer = await Browser(place.url).ask("/account", **bearer(secret))
        assert answer.code == 302  # an account belongs to a person at a page


@pytest.mark.parametrize("end", ["expires", "revoked", "disabled", "never was"])
async def test_a_token_that_has_ended_is_refused_and_its_open_socket_closed(
    tmp_path: Path, end: str
) -> None:
    async with house(tmp_path) as place:
        secret = await token_of(place, "Minji")
        socket = await Browser(place.url).socket("/sync", **bearer(secret))
        await socket.write_message(encode(HELLO), binary=True)
        await socket.read_message()
        if end == "expires":
            place.clock.now_s += 30 * DAY_S
        elif end == "revoked":
            (token,) = place.people.tokens.of()
            await place.people.tokens.revoke(token.id)
        elif end == "disabled":
            await place.people.accounts.disable(place.made["Minji"], True)
        else:
            socket.close()
            socket = await Browser(place.url).socket("/sync", **bearer("moim_" + "x" * 43))
        while await socket.read_message() is not None:
            pass
        assert socket.close_code == 4401
        if end != "never was":
            assert await status(place, secret, "/api/workspace") == 401


async def test_a_bad_token_is_not_helped_by_a_good_cookie(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        browser = await place.visitor("Minji")
        assert (await browser.ask("/api/workspace", **bearer("moim_wrong"))).code == 401


async def test_what_is_kept_of_a_token_does_not_open_anything(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        secret = await token_of(place, "Minji")
        (token,) = place.people.tokens.of()
        kept = (tmp_path / "moim.db").read_bytes() + (tmp_path / "moim.db-wal").read_bytes()
        assert secret.encode() not in kept
        assert await status(place, token.hash.hex(), "/api/workspace") == 401
        assert await status(place, token.id, "/api/workspace") == 401


async def test_a_person_makes_and_revokes_tokens_of_their_own_only(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        minji, jun = await place.visitor("Minji"), await place.visitor("Jun")
        page = await minji.send("/account", do="token", label="notebook", days="30", write="1")
        secret = page.body.decode().split("<output>")[1].split("</output>")[0]
        assert await status(place, secret, "/api/workspace") == 200
        assert secret not in (await minji.ask("/account")).body.decode()
        (token,) = place.people.tokens.of()
        assert (await jun.send("/account", do="revoke", id=token.id)).code == 404
        assert await status(place, secret, "/api/workspace") == 200
        assert (await minji.send("/account", do="revoke", id=token.id)).code == 200
        assert await status(place, secret, "/api/workspace") == 401


async def test_a_token_for_something_that_is_no_document_is_refused(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        with pytest.raises(UnknownKind):
            await token_of(place, "Minji", documents=("project/../x",))
        assert place.people.tokens.of() == []
        browser = place.browser()
        await browser.sign_in("Minji")
        answer = await browser.send(
            "/account", do="token", label="x", days="30", documents="nonsense"
        )
        assert answer.code == 400


async def test_a_foreign_page_is_refused_whatever_it_brings(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        browser = await place.visitor("Minji")
        answer = await browser.ask("/api/workspace", Origin="https://evil.example")
        assert answer.code == 403
        with pytest.raises(HTTPClientError, match="403"):
            await browser.socket("/sync", Origin="https://evil.example")
