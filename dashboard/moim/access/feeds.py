"""Feeds: secret addresses at which calendar programs, which cannot sign in, read for somebody."""

import secrets
from collections.abc import Callable

from moim.access.accounts import secret_hash
from moim.access.errors import AccessError
from moim.access.ledger import Ledger
from moim_data.accounts import Account, AccountRecords, Feed
from moim_data.documents.kinds import SLUG

LABEL_CHARACTERS = 60
MINE = "mine"
"""What one says for `person/<own id>`."""
PERSON = "person"
_SHOWN = ("calendar", "project", PERSON)


class Feeds:
    """The feeds that there are, by the hash of their secret and by id."""

    def __init__(
        self,
        ledger: Ledger,
        records: AccountRecords,
        random: Callable[[int], str] = secrets.token_urlsafe,
    ) -> None:
        self._ledger = ledger
        self._random = random
        self._by_hash = {feed.hash: feed for feed in records.feeds}
        self._by_id = {feed.id: feed for feed in records.feeds}

    async def make(self, shows: str, account: Account | None, label: str = "") -> tuple[Feed, str]:
        """Make a feed; gives it and its secret, which is kept nowhere.

        Args:
            shows: `calendar/<id>`, `project/<id>`, `person/<id>`, or `mine` with an account.
            account: for whom it is read, at most as far as they may; None for nobody's, which
                answers only where everybody is a guest.

        Raises AccessError when that cannot be shown.
        """
        shows = _checked(shows, account)
        secret = self._random(32)
        owner = account.id if account else ""
        label = label.strip()[:LABEL_CHARACTERS]
        now = self._ledger.clock()
        feed = Feed(secrets.token_hex(4), secret_hash(secret), owner, shows, label, now)
        await self._ledger.write([feed])
        self._by_hash[feed.hash] = self._by_id[feed.id] = feed
        return feed, secret

    def find(self, secret: str) -> Feed | None:
        """Give the feed of a secret; None when there is none."""
        return self._by_hash.get(secret_hash(secret))

    def holding(self, feed_id: str) -> Feed | None:
        """Give the feed of an id; None when it is revoked."""
        return self._by_id.get(feed_id)

    def of(self, account_id: str | None = None) -> list[Feed]:
        """Give somebody's feeds, or everybody's, oldest first."""
        mine = [one for one in self._by_id.values() if account_id in (None, one.account)]
        return sorted(mine, key=lambda feed: (feed.created_ms, feed.id))

    async def revoke(self, feed_id: str, account_id: str | None = None) -> Feed:
        """End a feed, of this account only if one is given. Raises AccessError."""
        feed = self._by_id.get(feed_id)
        if feed is None or account_id not in (None, feed.account):
            raise AccessError(f"no feed {feed_id!r}: `moim feed list` names all")
        await self._ledger.write(delete=[feed])
        self._by_id.pop(feed.id, None)
        self._by_hash.pop(feed.hash, None)
        return feed


def feed_path(secret: str) -> str:
    """Give the path of a feed's address."""
    return f"/feeds/{secret}.ics"


def _checked(shows: str, account: Account | None) -> str:
    if shows == MINE:
        if account is None:
            raise AccessError("mine: say whose, by --for NAME; or person/<id> of a member")
        return f"{PERSON}/{account.id}"
    kind, _, slug = shows.partition("/")
    if kind not in _SHOWN or not SLUG.fullmatch(slug):
        raise AccessError(
            f"expected calendar/<id>, project/<id>, person/<id> or mine, got {shows[:100]!r}"
        )
    return shows
