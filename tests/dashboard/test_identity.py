import os
import re
from pathlib import Path

import pytest
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from moim.errors import SecretUnreadable
from moim.identity import (
    GUEST_COOKIE,
    HUES,
    PAGES,
    WORKER_HEADER,
    Guests,
    Origins,
    colour_of,
    new_guest,
    read_secret,
)
from moim.settings import Settings
from moim_data.documents.kinds import SLUG

SECRET = "s" * 64


def request(host: str = "127.0.0.1:5006", **headers: str) -> HTTPServerRequest:
    named = HTTPHeaders({name.replace("_", "-"): value for name, value in headers.items()})
    named["Host"] = host
    start = RequestStartLine("GET", "/", "HTTP/1.1")
    return HTTPServerRequest(start_line=start, headers=named)


def test_a_guest_is_recognised_by_the_cookie_of_the_first_visit() -> None:
    guests = Guests(SECRET)
    guest, cookie = guests.welcome(request())
    assert cookie is not None
    back = request(Cookie=f"{GUEST_COOKIE}={cookie.decode()}")
    assert guests.identify(back) == guest
    assert guests.welcome(back) == (guest, None)
    assert guest.guest
    assert not guest.anonymous


def test_a_cookie_of_another_secret_is_no_identity() -> None:
    _, cookie = Guests("t" * 64).welcome(request())
    assert cookie is not None
    stranger = Guests(SECRET).identify(request(Cookie=f"{GUEST_COOKIE}={cookie.decode()}"))
    assert stranger.anonymous


def test_who_brings_no_cookie_is_a_new_anonymous_guest_each_time() -> None:
    guests = Guests(SECRET)
    first, second = guests.identify(request()), guests.identify(request())
    assert first.anonymous
    assert second.anonymous
    assert first.id != second.id


@pytest.mark.parametrize(("accepts", "script"), [("ko-KR,ko;q=0.9", "[가-힣]"), ("fr", "[A-Z]")])
def test_a_guest_has_a_friendly_name_in_the_browsers_language(accepts: str, script: str) -> None:
    guest, _ = Guests(SECRET).welcome(request(Accept_Language=accepts))
    assert re.match(script, guest.name)
    assert SLUG.fullmatch(guest.id)
    assert guest.colour in HUES


def test_colours_follow_from_ids_and_all_of_them_occur() -> None:
    guests = [new_guest("en") for _ in range(400)]
    assert all(colour_of(guest.id) == guest.colour for guest in guests)
    assert {guest.colour for guest in guests} == set(HUES)


def test_only_the_workers_secret_makes_a_page_worker() -> None:
    guests = Guests(SECRET, worker_secret="w" * 64)
    assert guests.identify(request(**{WORKER_HEADER: "w" * 64})) == PAGES
    assert guests.identify(request(**{WORKER_HEADER: "x" * 64})).anonymous
    assert guests.identify(request(**{WORKER_HEADER: "키"})).anonymous
    assert Guests(SECRET).identify(request(**{WORKER_HEADER: ""})).anonymous


@pytest.mark.parametrize(
    ("host", "origin", "allowed"),
    [
        ("127.0.0.1:5006", None, True),
        ("localhost:5006", "http://localhost:5006", True),
        ("LOCALHOST:5006", "http://localhost:5006", True),
        ("[::1]:5006", "http://[::1]:5006", True),
        ("127.0.0.1:5006", "http://localhost:5006", False),
        ("127.0.0.1:5006", "http://127.0.0.1:5007", False),
        ("127.0.0.1:5006", "https://evil.example", False),
        ("127.0.0.1:5006", "null", False),
        ("127.0.0.1:5006", "file://127.0.0.1:5006", False),
        ("evil.example:5006", "http://evil.example:5006", False),
        ("evil.example:5006", None, False),
        ("127.0.0.1.evil.example", None, False),
        ("moim.example", "https://moim.example", True),
        ("127.0.0.1:5006", "https://moim.example", True),
    ],
)
def test_only_our_own_pages_and_programs_are_let_in(
    host: str, origin: str | None, allowed: bool
) -> None:
    origins = Origins(Settings(origins=("https://moim.example",)))
    asked = request(host) if origin is None else request(host, Origin=origin)
    assert origins.allowed(asked) is allowed


def test_on_a_trusted_network_any_name_of_this_server_is_ours_and_no_other_page() -> None:
    origins = Origins(Settings(host="0.0.0.0", trust_network=True))
    assert origins.allowed(request("moim.lan:5006", Origin="http://moim.lan:5006"))
    assert not origins.allowed(request("moim.lan:5006", Origin="http://evil.example"))


def test_the_secret_is_kept_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    file = tmp_path / "moim.db.secret"
    os.umask(0o022)
    assert read_secret(file) == read_secret(file)
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_secret_that_cannot_be_used_is_a_named_error(tmp_path: Path) -> None:
    with pytest.raises(SecretUnreadable, match="absent"):
        read_secret(tmp_path / "absent" / "moim.db.secret")
    (tmp_path / "empty").touch()
    with pytest.raises(SecretUnreadable, match="delete it"):
        read_secret(tmp_path / "empty")
