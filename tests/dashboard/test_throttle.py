"""How long somebody waits who guesses passwords."""

import pytest

from access_rig import Clock, cheap_passwords
from moim.access import throttle
from moim.access.accounts import name_key
from moim.access.errors import BadPassword
from moim.access.throttle import Throttle


def tries(made: Throttle, key: str, count: int) -> list[float]:
    return [made.take(key) for _ in range(count)]


def test_a_few_tries_are_free_and_then_the_wait_doubles_up_to_its_limit() -> None:
    clock = Clock()
    made = Throttle(3, 10, clock)
    assert tries(made, "a", 3) == [0, 0, 0]
    waits = []
    for _ in range(6):
        waits.append(made.take("a"))
        clock.now_s += waits[-1]
        assert made.take("a") == 0
    assert waits == [1, 2, 4, 8, 10, 10]


def test_a_try_that_comes_too_soon_counts_nothing() -> None:
    clock = Clock()
    made = Throttle(1, 60, clock)
    tries(made, "a", 50)
    clock.now_s += 1
    assert made.take("a") == 0
    assert made.take("a") == 2


def test_keys_do_not_share_their_tries() -> None:
    made = Throttle(1, 60, Clock())
    assert made.take("a") == 0
    assert made.take("a") > 0
    assert made.take("b") == 0


def test_tries_are_forgotten_after_an_hour_and_when_somebody_succeeds() -> None:
    clock = Clock()
    made = Throttle(1, 7_200, clock)
    for _ in range(2):
        made.take("a")
    made.forgive("a")
    assert made.take("a") == 0
    clock.now_s += 3_601
    assert tries(made, "a", 2) == [0, 1]


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "_REMEMBERED", 3)
    made = Throttle(1, 60, Clock())
    for key in "abcd":
        made.take(key)
    assert made.take("d") > 0
    assert made.take("a") == 0  # the oldest was let go


def test_names_that_look_the_same_are_one() -> None:
    assert name_key("ＭＩＮＪＩ ") == name_key("minji")
    assert name_key("한") == name_key("\u1112\u1161\u11ab")


@pytest.mark.anyio
async def test_a_password_matches_however_it_was_composed() -> None:
    passwords = cheap_passwords()
    kept = await passwords.hash("비밀번호는아주길게")
    assert await passwords.matches(kept, "\u1107\u1175밀번호는아주길게")
    assert not await passwords.matches(kept, "비밀번호는아주짧게")
    assert not await passwords.matches(kept, "x" * 10_000)
    assert not await passwords.matches("no hash", "비밀번호는아주길게")
    assert not await passwords.matches(None, "비밀번호는아주길게")


@pytest.mark.anyio
@pytest.mark.parametrize("password", ["", "1234567", "x" * 257])
async def test_a_password_that_will_not_do_is_refused(password: str) -> None:
    with pytest.raises(BadPassword):
        await cheap_passwords().hash(password)
