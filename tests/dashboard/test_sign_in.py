"""Signing in and out, invites and accounts, as a browser sees them."""

import logging
from pathlib import Path

import pytest

from access_rig import DAY_S, PASSWORD, Browser, house
from moim.access.access import local_path
from moim.access.sign_ins import SIGN_IN_DAYS
from moim.access.visitors import SIGN_IN_COOKIE
from moim_sync.authorization import Role

pytestmark = pytest.mark.anyio
NEW = "battery staple"


async def test_who_is_not_signed_in_is_led_to_the_sign_in_and_back(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        await place.person("Minji")
        browser = place.browser()
        sent = await browser.ask("/project/launch?card=ln-118")
        assert sent.code == 302
        assert sent.headers["Location"] == "/login?next=%2Fproject%2Flaunch%3Fcard%3Dln-118"
        assert sent.headers["Cache-Control"] == "no-store"
        back = await browser.sign_in("minji", wanted="/project/launch?card=ln-118")
        assert (back.code, back.headers["Location"]) == (303, "/project/launch?card=ln-118")
        assert (await browser.ask("/api/project/launch")).code == 200


@pytest.mark.parametrize(
    ("wanted", "leads_to"),
    [
        ("/page/home?cell=x", "/page/home?cell=x"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/\t/evil.example", "/"),
        ("/\n/evil.example", "/"),
        ("evil.example", "/"),
        ("", "/"),
        ("/login?next=/login", "/"),
        ("/logout", "/"),
    ],
)
async def test_signing_in_leads_to_addresses_of_ours_only(wanted: str, leads_to: str) -> None:
    assert local_path(wanted) == leads_to


async def test_a_foreign_address_is_not_followed_after_signing_in(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        await place.person("Minji")
        answer = await place.browser().sign_in("Minji", wanted="https://evil.example/")
        assert answer.headers["Location"] == "/"
        browser = await place.visitor("Jun")
        again = await browser.ask("/login?next=//evil.example")
        assert again.headers["Location"] == "/"


async def test_a_wrong_password_and_an_unknown_name_are_answered_alike(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        await place.person("Minji")
        wrong = await place.browser().sign_in("Minji", "wrong wrong")
        unknown = await place.browser().sign_in("Nobody", "wrong wrong")
        assert (wrong.code, unknown.code) == (401, 401)

        def told(body: bytes, name: str) -> str:
            text = body.decode().replace(name, "NAME")
            return text[: text.index('name="form"')] + text[text.index('name="next"') :]

        assert told(wrong.body, "Minji") == told(unknown.body, "Nobody")
        assert SIGN_IN_COOKIE not in str(wrong.headers)


async def test_an_unknown_name_costs_a_password_check_as_well(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        checked: list[str] = []
        verify = place.passwords._verify

        def note(kept: str, password: str) -> bool:
            checked.append(kept)
            return verify(kept, password)

        place.passwords._verify = note  # type: ignore[method-assign]
        await place.browser().sign_in("Nobody", "wrong wrong")
        assert len(checked) == 1


async def test_the_cookie_is_closed_to_scripts_and_other_sites(tmp_path: Path) -> None:
    async with house(tmp_path, origins=("https://moim.example",)) as place:
        await place.person("Minji")
        browser = place.browser()
        answer = await browser.sign_in("Minji")
        (cookie,) = [
            line
            for line in answer.headers.get_list("Set-Cookie")
            if line.startswith(SIGN_IN_COOKIE) and "1970" not in line
        ]
        parts = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"httponly", "samesite=lax", "path=/"} <= parts
        assert "secure" not in parts
        form = await browser.form("/logout", Host="moim.example")
        assert form
        over_https = place.browser()
        token = await over_https.form("/login", Host="moim.example")
        fields = {"form": token, "name": "Minji", "password": PASSWORD}
        answer = await over_https.post(
            "/login", fields, Host="moim.example", Origin="https://moim.example"
        )
        assert answer.code == 303
        secure = [line for line in answer.headers.get_list("Set-Cookie") if "Secure" in line]
        assert any(line.startswith(SIGN_IN_COOKIE) for line in secure)


@pytest.mark.parametrize("path", ["/login", "/logout", "/account"])
async def test_a_form_of_another_page_is_refused(tmp_path: Path, path: str) -> None:
    async with house(tmp_path) as place:
        browser = await place.visitor("Minji")
        stranger = place.browser()
        form = await (stranger if path == "/login" else browser).form(path)
        who = stranger if path == "/login" else browser
        fields = {"form": form, "name": "Minji", "password": PASSWORD, "do": "everywhere"}
        for headers in (
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": place.url, "Sec_Fetch_Site": "cross-site"},
        ):
            assert (await who.post(path, fields, **headers)).code == 403
        for wrong in ("", "0" * 64, await place.browser().form("/login")):
            answer = await who.post(path, {**fields, "form": wrong}, Origin=place.url)
            assert answer.code == 403
        assert (await browser.ask("/api/workspace")).code == 200  # still signed in


async def test_the_form_of_one_sign_in_is_no_good_for_another(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        minji, jun = await place.visitor("Minji"), await place.visitor("Jun")
        fields = {"form": await minji.form("/account"), "do": "everywhere"}
        assert (await jun.post("/account", fields, Origin=place.url)).code == 403


async def test_a_sign_in_gets_a_secret_that_nobody_has_seen_before(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        await place.person("Minji")
        planted = place.services.access.visitors.signed("planted-by-somebody").decode()
        browser = place.browser()
        browser.cookies[SIGN_IN_COOKIE] = planted
        await browser.sign_in("Minji")
        assert browser.cookies[SIGN_IN_COOKIE] != planted
        thief = place.browser()
        thief.cookies[SIGN_IN_COOKIE] = planted
        assert (await thief.ask("/api/workspace")).code == 401


async def test_signing_in_as_another_ends_the_sign_in_that_the_browser_had(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        browser = await place.visitor("Minji")
        former = place.browser()
        former.cookies = dict(browser.cookies)
        code = await place.people.accounts.invite(Role.EDITOR)
        assert (await browser.send(f"/invite/{code}", name="Jun", password=NEW)).code == 303
        assert (await browser.ask("/api/workspace")).code == 200
        assert (await former.ask("/api/workspace")).code == 401


async def test_a_cookie_that_was_signed_elsewhere_or_changed_is_nobody(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        browser = await place.visitor("Minji")
        value = browser.cookies[SIGN_IN_COOKIE]
        forged = place.browser()
        for bad in (value[:-1] + ("0" if value[-1] != "0" else "1"), "x", ""):
            forged.cookies[SIGN_IN_COOKIE] = bad
            assert (await forged.ask("/api/workspace")).code == 401


async def test_signing_out_ends_the_sign_in_on_the_server(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        browser = await place.visitor("Minji")
        kept = browser.cookies[SIGN_IN_COOKIE]
        assert (await browser.ask("/logout")).code == 200  # a link signs nobody out
        answer = await browser.send("/logout")
        assert (answer.code, answer.headers["Location"]) == (303, "/login")
        assert SIGN_IN_COOKIE not in browser.cookies
        browser.cookies[SIGN_IN_COOKIE] = kept
        assert (await browser.ask("/api/workspace")).code == 401


async def test_signing_out_everywhere_ends_every_browser_and_no_other_persons(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as place:
        first = await place.visitor("Minji")
        second, other = place.browser(), await place.visitor("Jun")
        await second.sign_in("Minji")
        assert (await second.send("/account", do="everywhere")).code == 303
        assert (await first.ask("/api/workspace")).code == 401
        assert (await second.ask("/api/workspace")).code == 401
        assert (await other.ask("/api/workspace")).code == 200


async def test_a_sign_in_ends_after_its_time(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        browser = await place.visitor("Minji")
        place.clock.now_s += (SIGN_IN_DAYS - 1) * DAY_S
        assert (await browser.ask("/api/workspace")).code == 200
        place.clock.now_s += DAY_S
        assert (await browser.ask("/api/workspace")).code == 401


async def test_sign_ins_are_kept_over_a_restart_and_so_is_their_end(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        kept, gone = await place.visitor("Minji"), await place.visitor("Jun")
        cookies = dict(gone.cookies)
        await gone.send("/logout")
    async with house(tmp_path) as place:
        kept.url = gone.url = place.url
        assert (await kept.ask("/api/workspace")).code == 200
        gone.cookies = cookies
        assert (await gone.ask("/api/workspace")).code == 401


async def test_a_disabled_account_is_out_at_once_and_cannot_sign_in(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        browser = await place.visitor("Minji")
        await place.people.accounts.disable(place.made["Minji"], True)
        assert (await browser.ask("/api/workspace")).code == 401
        assert (await place.browser().sign_in("Minji")).code == 401
        await place.people.accounts.disable(place.made["Minji"], False)
        assert (await place.browser().sign_in("Minji")).code == 303


async def test_tries_for_one_name_wait_longer_and_longer_from_wherever_they_come(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as place:
        await place.person("Minji")
        for _ in range(5):
            assert (await place.browser().sign_in("Minji", "wrong wrong")).code == 401
        refused = await place.browser().sign_in("minji ")  # with the right password
        assert refused.code == 429
        assert 0 < int(refused.headers["Retry-After"]) <= 2
        place.clock.now_s += 2
        assert (await place.browser().sign_in("Minji", "wrong wrong")).code == 401
        refused = await place.browser().sign_in("Minji")
        assert 2 < int(refused.headers["Retry-After"]) <= 3
        place.clock.now_s += 3
        assert (await place.browser().sign_in("Minji")).code == 303
        assert (await place.browser().sign_in("Minji", "wrong wrong")).code == 401


async def test_tries_from_one_address_wait_whatever_names_they_try(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        await place.person("Minji")
        browser: Browser = place.browser()
        codes = [(await browser.sign_in(f"name {n}", "wrong wrong")).code for n in range(22)]
        assert codes[:20] == [401] * 20
        assert codes[20:] == [429] * 2
        place.clock.now_s += 3_700
        assert (await browser.sign_in("Minji")).code == 303


async def test_people_who_sign_in_well_are_no_tries_against_their_address(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        await place.person("Minji")
        codes = [(await place.browser().sign_in("Minji")).code for _ in range(25)]
        assert codes == [303] * 25


async def test_a_form_of_any_length_is_not_read(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        browser = place.browser()
        fields = {"form": await browser.form("/login"), "name": "x" * 20_000, "password": "y"}
        assert (await browser.post("/login", fields, Origin=place.url)).code == 413


async def test_an_invite_makes_one_account_with_its_role(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        code = await place.people.accounts.invite(Role.VIEWER)
        browser = place.browser()
        page = await browser.ask(f"/invite/{code}", Accept_Language="ko")
        assert "보기 권한" in page.body.decode()
        answer = await browser.send(f"/invite/{code}", name="준호", password=NEW)
        assert (answer.code, answer.headers["Location"]) == (303, "/")
        assert place.people.accounts.named("준호").role == "viewer"
        assert (await browser.ask("/api/workspace")).code == 200
        assert (await place.browser().ask(f"/invite/{code}")).code == 404
        assert (await place.browser().sign_in("준호", NEW)).code == 303


@pytest.mark.parametrize(
    ("name", "password"),
    [("minji", NEW), ("", NEW), ("a\u202eb", NEW), ("x" * 61, NEW), ("Jun", "short")],
)
async def test_an_invite_is_not_used_up_by_a_name_or_password_that_will_not_do(
    tmp_path: Path, name: str, password: str
) -> None:
    async with house(tmp_path) as place:
        await place.person("Minji")
        code = await place.people.accounts.invite(Role.EDITOR)
        browser = place.browser()
        answer = await browser.send(f"/invite/{code}", name=name, password=password)
        assert answer.code == 400
        assert (await browser.send(f"/invite/{code}", name="Jun", password=NEW)).code == 303


async def test_an_invite_ends_after_its_time(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        code = await place.people.accounts.invite(Role.EDITOR, days=7)
        place.clock.now_s += 7 * DAY_S
        assert (await place.browser().ask(f"/invite/{code}")).code == 404


async def test_another_password_needs_the_former_and_signs_other_browsers_out(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as place:
        browser = await place.visitor("Minji")
        other = place.browser()
        await other.sign_in("Minji")
        change = {"do": "password", "new": NEW, "again": NEW}
        assert (await browser.send("/account", current="wrong wrong", **change)).code == 401
        differs = {**change, "again": "something else"}
        assert (await browser.send("/account", current=PASSWORD, **differs)).code == 400
        assert (await browser.send("/account", current=PASSWORD, **change)).code == 303
        assert (await browser.ask("/api/workspace")).code == 200
        assert (await other.ask("/api/workspace")).code == 401
        assert (await place.browser().sign_in("Minji")).code == 401
        assert (await place.browser().sign_in("Minji", NEW)).code == 303


async def test_pages_run_no_script_and_escape_what_people_type(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        await place.person("<b>bold</b>")
        browser = place.browser()
        page = await browser.send("/login", name='"><script>x', password="wrong wrong")
        assert b"<script" not in page.body
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        await browser.sign_in("<b>bold</b>")
        page = await browser.ask("/account")
        assert b"<b>bold" not in page.body
        assert b"&lt;b&gt;bold" in page.body


async def test_every_page_is_there_in_both_languages(tmp_path: Path) -> None:
    async with house(tmp_path) as place:
        browser = place.browser()
        assert "로그인" in (await browser.ask("/login", Accept_Language="ko-KR")).body.decode()
        assert "Sign in" in (await browser.ask("/login?lang=en")).body.decode()
        korean = await browser.ask("/login", Accept_Language="ko-KR")  # the choice is kept
        assert "Sign in" in korean.body.decode()


async def test_no_password_and_no_secret_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        async with house(tmp_path) as place:
            browser = await place.visitor("Minji")
            await place.browser().sign_in("Minji", "a wrong secret")
            await browser.send("/account", do="token", label="x", days="30")
            await browser.ask("/api/workspace")
        told = caplog.text
    for secret in (PASSWORD, "a wrong secret", browser.cookies[SIGN_IN_COOKIE], "moim_session="):
        assert secret not in told
