"""Who is behind a request: a page process, a guest, somebody signed in, or a token's program."""

from typing import Final

from tornado.httputil import HTTPServerRequest
from tornado.web import create_signed_value, decode_signed_value

from moim.access.people import People
from moim.access.sign_ins import SIGN_IN_DAYS
from moim.identity import Guests
from moim_data.accounts import SignIn
from moim_sync.identity import Identity

SIGN_IN_COOKIE: Final = "moim_session"
_BEARER: Final = "bearer "


class Visitors:
    """Recognises people; `people` is None under `--auth none`, where all others are guests."""

    def __init__(self, guests: Guests, people: People | None = None, secret: str = "") -> None:
        self._guests = guests
        self._people = people
        self._secret = secret

    @property
    def sign_in(self) -> bool:
        """True when people have to sign in."""
        return self._people is not None

    def identify(self, request: HTTPServerRequest, token: str = "") -> Identity | None:
        """Give who it is; None for somebody who has to sign in.

        Args:
            token: one that came another way than in the request's headers.
        """
        people = self._people
        if people is None:
            return self._guests.identify(request)
        if token:
            return people.bearing(token)
        worker = self._guests.worker(request)
        if worker is not None:
            return worker
        authorization = request.headers.get("Authorization", "")
        if authorization[: len(_BEARER)].lower() == _BEARER:
            return people.bearing(authorization[len(_BEARER) :].strip())
        secret = self._secret_in(request)
        return None if secret is None else people.signed_in(secret)

    def bearing(self, request: HTTPServerRequest, token: str) -> Identity | None:
        """Give who it is, by a token that comes after the request; as `identify` has it."""
        if self._people is None:
            return self._guests.identify(request)
        return self._people.bearing(token)

    def welcome(self, request: HTTPServerRequest) -> bytes | None:
        """Give the cookie for a new guest who opens a page; None when there is none to set."""
        return self._guests.welcome(request)[1] if self._people is None else None

    def signed(self, secret: str) -> bytes:
        """Give the value of the cookie for a sign-in's secret."""
        return create_signed_value(self._secret, SIGN_IN_COOKIE, secret)

    def sign_in_of(self, request: HTTPServerRequest) -> SignIn | None:
        """Give the sign-in that a browser comes with; None when there is none that holds."""
        secret = self._secret_in(request)
        if secret is None or self._people is None:
            return None
        return self._people.sign_ins.find(secret)

    def _secret_in(self, request: HTTPServerRequest) -> str | None:
        morsel = request.cookies.get(SIGN_IN_COOKIE)
        if morsel is None:
            return None
        value = decode_signed_value(
            self._secret, SIGN_IN_COOKIE, morsel.value, max_age_days=SIGN_IN_DAYS
        )
        return None if value is None else value.decode("ascii", "replace")
