"""Who somebody is, and whether the page they come from is ours.

Under `--auth password` people sign in (`moim.access`). Under `--auth none` everybody is a guest: a
page sets a signed cookie with the guest's id and a friendly first name; programs that bring no
cookie are anonymous guests. A name that the person chooses travels in HELLO and never changes the
id.
"""

import hashlib
import hmac
import ipaddress
import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from tornado.httputil import HTTPServerRequest
from tornado.web import create_signed_value, decode_signed_value

from moim.errors import SecretUnreadable
from moim.settings import Settings
from moim_sync.identity import Identity

GUEST_COOKIE = "moim_guest"
GUEST_COOKIE_DAYS = 400
WORKER_HEADER = "X-Moim-Worker"
ROLE_HEADER = "X-Moim-Role"
"""From the hub to a page process: the role of the person whose session it is. And back: with
`viewer`, a page process opens documents that it cannot edit."""
PERSON_HEADER = "X-Moim-Person"
"""From the hub to a page process: whose session it is."""

HUES = ("red", "orange", "yellow", "green", "teal", "blue", "violet", "pink")
_NAMES = {
    "en": (
        ("Quiet", "Bright", "Gentle", "Swift", "Merry", "Calm", "Keen", "Warm"),
        ("Otter", "Heron", "Maple", "Badger", "Wren", "Fox", "Pine", "Hare"),
    ),
    "ko": (
        ("조용한", "빛나는", "다정한", "날쌘", "즐거운", "차분한", "슬기로운", "따뜻한"),
        ("수달", "두루미", "단풍", "오소리", "굴뚝새", "여우", "소나무", "토끼"),
    ),
}


PAGES = Identity("pages", "moim", "blue")
"""Our own page workers. They publish no presence, so nobody sees them."""
PAGES_READING = Identity("pages-reading", "moim", "blue")
"""The same for sessions of people who may only read."""
COMMANDS = Identity("import", "moim", "blue")
"""Who writes what a command brings in. It publishes no presence, so nobody sees it."""

FEEDS = Identity("feeds", "moim", "blue")
"""Who reads a feed that is nobody's: a guest, where everybody is one."""
WEBHOOKS = Identity("webhooks", "moim", "blue")
"""Who reads for a webhook of the server's own, made by a command and so by the file's owner."""


def new_guest(
    language: str, anonymous: bool = False, random: Callable[[int], str] = secrets.token_hex
) -> Identity:
    """Make a guest with a friendly name in English or Korean."""
    guest_id = f"guest-{random(6)}"
    name = friendly_name(guest_id, language)
    return Identity(guest_id, name, colour_of(guest_id), guest=True, anonymous=anonymous)


def friendly_name(guest_id: str, language: str) -> str:
    """Give the name that an id starts with; the same id has the same one."""
    first, second = _NAMES.get(language, _NAMES["en"])
    number = _number(guest_id)
    return f"{first[number % len(first)]} {second[number // 8 % len(second)]}"


def colour_of(person_id: str) -> str:
    """Give the hue of a person, from the id alone, so that it is the same everywhere."""
    return HUES[_number(person_id) // 64 % len(HUES)]


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


def language_of(accept_language: str) -> str:
    """Choose between our two languages by a browser's Accept-Language header."""
    first = accept_language.split(",")[0].strip().lower()
    return "ko" if first.startswith("ko") else "en"


class Guests:
    """Signs guests' cookies and reads them back; also knows our own page workers."""

    def __init__(self, secret: str, worker_secret: str = "") -> None:
        self._secret = secret
        self._worker_secret = worker_secret

    def welcome(self, request: HTTPServerRequest) -> tuple[Identity, bytes | None]:
        """Give who opens the page, and the cookie value to set; None when there is a good one."""
        guest = self._from_cookie(request)
        if guest is not None:
            return guest, None
        guest = new_guest(language_of(request.headers.get("Accept-Language", "")))
        value = json.dumps({"id": guest.id, "name": guest.name})
        return guest, create_signed_value(self._secret, GUEST_COOKIE, value)

    def identify(self, request: HTTPServerRequest) -> Identity:
        """Give who is behind a request; without a good cookie, a guest of this connection only."""
        worker = self.worker(request)
        if worker is not None:
            return worker
        return self._from_cookie(request) or new_guest("en", anonymous=True)

    def worker(self, request: HTTPServerRequest) -> Identity | None:
        """Give our own page worker, when it is one that asks."""
        claimed = request.headers.get(WORKER_HEADER, "").encode()
        if not self._worker_secret or not hmac.compare_digest(
            claimed, self._worker_secret.encode()
        ):
            return None
        return PAGES_READING if request.headers.get(ROLE_HEADER) == "viewer" else PAGES

    def _from_cookie(self, request: HTTPServerRequest) -> Identity | None:
        morsel = request.cookies.get(GUEST_COOKIE)
        if morsel is None:
            return None
        value = decode_signed_value(
            self._secret, GUEST_COOKIE, morsel.value, max_age_days=GUEST_COOKIE_DAYS
        )
        if value is None:
            return None
        fields = json.loads(value)
        return Identity(fields["id"], fields["name"], colour_of(fields["id"]), guest=True)


class Origins:
    """Which pages may talk to us, and under which names we may be addressed."""

    def __init__(self, settings: Settings) -> None:
        self._public = frozenset(settings.origins)
        self._public_hosts = frozenset(urlsplit(origin).netloc for origin in settings.origins)
        # With passwords, a foreign name that points here brings no cookie: nothing to guard.
        self._any_host = settings.trust_network or settings.auth == "password"
        self._https = frozenset(
            urlsplit(origin).netloc for origin in settings.origins if origin.startswith("https:")
        )

    def is_https(self, request: HTTPServerRequest) -> bool:
        """True when the browser came by https, perhaps to a proxy in front of us."""
        return request.protocol == "https" or request.host.lower() in self._https

    def url_of(self, request: HTTPServerRequest) -> str:
        """Give the server's address as whoever asks knows it."""
        return f"{'https' if self.is_https(request) else 'http'}://{request.host}"

    def address_of(self, request: HTTPServerRequest) -> str:
        """Give where somebody comes from; behind our own proxy, what that one says last."""
        address = request.remote_ip or ""
        if self._public and _is_loopback(address):
            address = request.headers.get("X-Forwarded-For", address).rpartition(",")[2].strip()
        return _network_of(address)

    def host_allowed(self, request: HTTPServerRequest) -> bool:
        """False for a foreign name that was made to point at this machine (DNS rebinding)."""
        host = request.host.lower()
        name = urlsplit(f"//{host}").hostname or ""
        local = name in ("localhost", "127.0.0.1", "::1") or name.endswith(".localhost")
        return local or self._any_host or host in self._public_hosts

    def allowed(self, request: HTTPServerRequest) -> bool:
        """True for our own pages, and for programs, which send no Origin."""
        if not self.host_allowed(request):
            return False
        origin = request.headers.get("Origin")
        if origin is None:
            return True
        origin = origin.lower()
        same = urlsplit(origin).netloc == request.host.lower() and origin.startswith("http")
        return same or origin in self._public


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _network_of(address: str) -> str:
    """Give the address, or of IPv6 the part that one household has as a whole."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if known.version == 4:
        return str(known)
    return str(ipaddress.ip_network((known, 64), strict=False))


def read_secret(file: Path) -> str:
    """Give the secret in `file`, made on first use, readable by its owner only.

    Raises:
        SecretUnreadable: the file cannot be made or read, or holds no secret.
    """
    try:
        _make_secret(file)
        secret = file.read_text().strip()
    except OSError as error:
        raise SecretUnreadable(
            f"cannot use the cookie secret {file}: {error.strerror}. Make its folder writable, or "
            "the file readable, for the user that runs moim."
        ) from error
    if len(secret) < 32:
        raise SecretUnreadable(
            f"{file} holds no secret of 32 characters; delete it to get a new one"
        )
    return secret


def _make_secret(file: Path) -> None:
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w") as out:
        out.write(secrets.token_hex(32))
