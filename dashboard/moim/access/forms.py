"""Forms that only our own pages can send, and the pages that hold them.

A form carries a keyed digest of a random value in a cookie and of the sign-in it was shown to:
another site can neither read nor guess it. The origin of the request is checked besides.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from tornado.template import Loader

from moim.access.access import Access, login_address
from moim.access.passwords import FEWEST, MOST, Passwords
from moim.access.people import People
from moim.access.sign_ins import SIGN_IN_DAYS
from moim.access.throttle import Throttle
from moim.access.visitors import SIGN_IN_COOKIE
from moim.identity import language_of
from moim.language import LANGUAGES, words
from moim.web import BaseHandler
from moim_data.accounts import Account
from moim_sync.authorization import Action
from moim_sync.identity import Identity

FORM_COOKIE: Final = "moim_form"
PERSON_COOKIE: Final = "moim_person"
"""For the page's script, which keeps what people have on this device apart; it proves nothing."""
LANGUAGE_COOKIE: Final = "moim_language"
_TRIES_OF_A_NAME: Final = 5
_LONGEST_WAIT_OF_A_NAME_S: Final = 60.0
_TRIES_OF_AN_ADDRESS: Final = 20
_LONGEST_WAIT_OF_AN_ADDRESS_S: Final = 900.0
_MOST_BYTES: Final = 16 * 1024
_FOLDER: Final = Path(__file__).parent
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Desk:
    """What the pages of signing in share."""

    access: Access
    people: People
    passwords: Passwords
    secret: str
    by_name: Throttle
    by_address: Throttle

    @classmethod
    def make(
        cls,
        access: Access,
        people: People,
        secret: str,
        clock: Callable[[], float],
        passwords: Passwords | None = None,
    ) -> "Desk":
        """Make one; `clock` gives seconds, monotonic."""
        return cls(
            access,
            people,
            passwords or Passwords(),
            secret,
            Throttle(_TRIES_OF_A_NAME, _LONGEST_WAIT_OF_A_NAME_S, clock),
            Throttle(_TRIES_OF_AN_ADDRESS, _LONGEST_WAIT_OF_AN_ADDRESS_S, clock),
        )


class FormHandler(BaseHandler):
    """A page with a form; `needs_account` says for whom."""

    needs_account = False
    page = ""
    account: Account | None = None
    who: Identity | None = None

    def initialize(self, desk: Desk) -> None:
        """Take what the pages share."""
        self.desk = desk

    def prepare(self) -> None:
        """Find out who comes; turn away forms of other pages and whoever has to sign in."""
        self.set_header("Cache-Control", "no-store")
        self.set_header("Content-Security-Policy", _POLICY)
        self.who = self.desk.access.visitors.identify(self.request)
        if self.desk.access.gate.authorize(self.who, Action.ENTER, None).allowed:
            assert self.who is not None
            self.account = self.desk.people.account_of(self.who)
        if len(self.request.body) > _MOST_BYTES:
            self.refuse(413, f"expected a form of at most {_MOST_BYTES} bytes")
        elif self.request.method == "POST" and not self._is_our_form():
            self.show("access.stale", status=403)
        elif self.needs_account and self.account is None:
            self.redirect(login_address(self.request.path))

    def show(self, note: str = "", *, good: bool = False, status: int = 200, **more: Any) -> None:
        """Answer with the page; `note` is a word of the string table, or empty."""
        self.set_status(status)
        table = self.table
        text = table[note].format(fewest=FEWEST, most=MOST, **more) if note else ""
        shared = {
            "page": self.page,
            "words": table,
            "language": self.language,
            "other_language": self._other_language(),
            "style": style_address(),
            "form": self._form_token(self._nonce()),
            "fewest": FEWEST,
            "note": text,
            "note_kind": "good" if good else "bad",
        }
        template = _templates().load(f"{self.page}.html")
        self.finish(template.generate(**shared, **self.content(), **more))

    def content(self) -> dict[str, Any]:
        """Give what this page's template needs."""
        return {}

    def too_many(self, *keys: tuple[Throttle, str]) -> bool:
        """Count a try; answer and give True when it comes too soon after others."""
        waits = [throttle.take(key) for throttle, key in keys]
        wait_s = max(waits)
        if wait_s <= 0:
            return False
        seconds = int(wait_s) + 1
        self.set_header("Retry-After", str(seconds))
        self.show("access.wait", status=429, seconds=seconds)
        return True

    @property
    def table(self) -> Mapping[str, str]:
        """The words of the person's language."""
        return words(self.language)

    @property
    def address(self) -> str:
        """Where the person comes from, as the throttle counts it."""
        return self.desk.access.origins.address_of(self.request)

    @property
    def language(self) -> str:
        """The language asked for by a link, else the kept one, else the browser's."""
        asked = self.get_query_argument("lang", "") or self.get_cookie(LANGUAGE_COOKIE, "")
        if asked in LANGUAGES:
            return str(asked)
        return language_of(self.request.headers.get("Accept-Language", ""))

    async def sign_in(self, account: Account) -> None:
        """Sign the browser in, under a secret that nobody has seen before."""
        secret = await self.desk.people.sign_ins.begin(account)
        await self.sign_out()
        self.put_cookie(SIGN_IN_COOKIE, self.desk.access.visitors.signed(secret), SIGN_IN_DAYS)
        self.put_cookie(PERSON_COOKIE, account.id, SIGN_IN_DAYS, httponly=False)

    async def sign_out(self) -> None:
        """End the sign-in that the browser came with, if there is one."""
        sign_in = self.desk.access.visitors.sign_in_of(self.request)
        if sign_in is not None:
            await self.desk.people.sign_ins.end(sign_in)
        for name in (SIGN_IN_COOKIE, PERSON_COOKIE):
            self.clear_cookie(name, path="/")

    def put_cookie(
        self, name: str, value: str | bytes, days: int | None = None, *, httponly: bool = True
    ) -> None:
        """Set a cookie that scripts cannot read and other sites do not send with their forms."""
        self.set_cookie(
            name,
            value,
            expires_days=days,
            path="/",
            httponly=httponly,
            samesite="Lax",
            secure=self.desk.access.origins.is_https(self.request),
        )

    def _nonce(self) -> str:
        nonce = self.get_cookie(FORM_COOKIE) or ""
        if len(nonce) != 43:
            nonce = secrets.token_urlsafe(32)
            self.put_cookie(FORM_COOKIE, nonce)
        if self.get_query_argument("lang", "") in LANGUAGES:
            self.put_cookie(LANGUAGE_COOKIE, self.language, 400)
        return nonce

    def _form_token(self, nonce: str) -> str:
        credential = self.who.credential if self.who else ""
        message = f"{nonce} {credential}".encode()
        return hmac.new(self.desk.secret.encode(), message, hashlib.sha256).hexdigest()

    def _is_our_form(self) -> bool:
        if not self.desk.access.origins.allowed(self.request):
            return False
        if self.request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            return False
        nonce = self.get_cookie(FORM_COOKIE) or ""
        sent = self.get_body_argument("form", "")
        return bool(nonce) and hmac.compare_digest(sent.encode(), self._form_token(nonce).encode())

    def _other_language(self) -> str:
        other = "en" if self.language == "ko" else "ko"
        wanted = self.get_argument("next", "")
        query = {"lang": other, **({"next": wanted} if wanted else {})}
        return f"{self.request.path}?{urlencode(query)}"


@cache
def _templates() -> Loader:
    return Loader(str(_FOLDER / "templates"))


@cache
def style_address() -> str:
    """Give the address of the style sheet, which changes with its content."""
    digest = hashlib.sha256((style_folder() / "access.css").read_bytes()).hexdigest()[:12]
    return f"/static/access/access.css?v={digest}"


def style_folder() -> Path:
    """Give the folder that stands below `/static/access/`."""
    return _FOLDER / "static"
