"""Browsers that people have signed in with: a random secret in a cookie, its hash on disk."""

import secrets
from collections.abc import Callable

from moim.access.accounts import DAY_MS, secret_hash
from moim.access.ledger import Ledger
from moim_data.accounts import Account, AccountRecords, SignIn

SIGN_IN_DAYS = 30


class SignIns:
    """The sign-ins that hold, by the hash of their secret."""

    def __init__(
        self,
        ledger: Ledger,
        records: AccountRecords,
        random: Callable[[int], str] = secrets.token_urlsafe,
    ) -> None:
        self._ledger = ledger
        self._random = random
        self._by_hash = {one.hash.hex(): one for one in records.sign_ins}

    async def begin(self, account: Account) -> str:
        """Sign somebody in; gives the secret for the cookie, which is kept nowhere."""
        secret = self._random(32)
        now = self._ledger.clock()
        sign_in = SignIn(secret_hash(secret), account.id, now, now + SIGN_IN_DAYS * DAY_MS)
        stale = [one for one in self._by_hash.values() if one.expires_ms <= now]
        await self._ledger.write([sign_in], stale)
        for one in stale:
            self._by_hash.pop(one.hash.hex(), None)
        self._by_hash[sign_in.hash.hex()] = sign_in
        return secret

    def find(self, secret: str) -> SignIn | None:
        """Give the sign-in of a cookie's secret; None when it does not hold."""
        return self.holding(secret_hash(secret).hex())

    def holding(self, digest: str) -> SignIn | None:
        """Give the sign-in of a hash in hex; None when it has ended."""
        found = self._by_hash.get(digest)
        return None if found is None or found.expires_ms <= self._ledger.clock() else found

    def count(self, account_id: str) -> int:
        """Say in how many browsers somebody is signed in."""
        now = self._ledger.clock()
        held = self._by_hash.values()
        return sum(one.account == account_id and one.expires_ms > now for one in held)

    async def end(self, sign_in: SignIn) -> None:
        """Sign one browser out."""
        await self._end([sign_in])

    async def end_all(self, account_id: str) -> int:
        """Sign somebody out everywhere; gives how many sign-ins that ended."""
        ending = [one for one in self._by_hash.values() if one.account == account_id]
        await self._end(ending)
        return len(ending)

    async def _end(self, ending: list[SignIn]) -> None:
        await self._ledger.write(delete=ending)
        for one in ending:
            self._by_hash.pop(one.hash.hex(), None)
        self._ledger.changed()
