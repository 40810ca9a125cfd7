"""Passwords: how they are hashed, how they are checked, and which are refused.

A name that nobody has costs the same as a wrong password, so that the time of the answer does not
tell which names there are. Hashing takes tens of milliseconds and megabytes: it runs in threads, a
few at a time.
"""

import asyncio
import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from moim.access.errors import BadPassword

FEWEST = 8
MOST = 256
_AT_ONCE = 2


class Passwords:
    """Hashes and checks passwords; `hasher` says at what cost."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobodys = self._hasher.hash(secrets.token_hex(16))
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def hash(self, password: str) -> str:
        """Give what is kept of a password. Raises BadPassword."""
        prepared = prepare(password)
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, prepared)

    async def matches(self, kept: str | None, password: str) -> bool:
        """Compare a password with what is kept, None for nobody; takes the same time for both."""
        if len(password) > 4 * MOST:
            password = ""
        async with self._turns:
            found = await asyncio.to_thread(self._verify, kept or self._nobodys, password)
        return found and kept is not None

    def is_dated(self, kept: str) -> bool:
        """True when the password should be hashed again, because the costs have risen."""
        return self._hasher.check_needs_rehash(kept)

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, unicodedata.normalize("NFKC", password))
        except (Argon2Error, InvalidHashError):
            return False


def prepare(password: str) -> str:
    """Give a password as it is hashed; input methods write one text in several ways.

    Raises:
        BadPassword: too short or too long.
    """
    composed = unicodedata.normalize("NFKC", password[: 4 * MOST])
    if not FEWEST <= len(composed) <= MOST:
        raise BadPassword(f"expected a password of {FEWEST} to {MOST} characters")
    return composed
