"""Everybody of a database, and what they come in by, in memory: what `--auth password` asks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from moim.access.accounts import Accounts
from moim.access.feeds import Feeds
from moim.access.ledger import Keeps, Ledger, now_ms
from moim.access.sign_ins import SignIns
from moim.access.tokens import Tokens, limited
from moim.identity import FEEDS, WEBHOOKS, colour_of
from moim.webhooks.webhooks import Webhooks
from moim_data.accounts import Account, Feed, Webhook
from moim_sync.authorization import Role
from moim_sync.identity import Identity

_SIGN_IN = "sign-in:"
_TOKEN = "token:"
_FEED = "feed:"
_WEBHOOK = "webhook:"
_PAGES = "pages"


@dataclass(frozen=True, slots=True)
class People:
    """The accounts of one file."""

    ledger: Ledger
    accounts: Accounts
    sign_ins: SignIns
    tokens: Tokens
    feeds: Feeds
    webhooks: Webhooks

    @classmethod
    async def load(cls, store: Keeps, clock: Callable[[], int] = now_ms) -> Self:
        """Read everything that is kept. Raises StorageError."""
        ledger = Ledger(store, clock)
        records = await ledger.load()
        return cls(
            ledger,
            Accounts(ledger, records),
            SignIns(ledger, records),
            Tokens(ledger, records),
            Feeds(ledger, records),
            Webhooks(ledger, records),
        )

    def signed_in(self, secret: str) -> Identity | None:
        """Give who signed in with the secret of this cookie; None when it does not hold."""
        sign_in = self.sign_ins.find(secret)
        if sign_in is None:
            return None
        return self._identity(sign_in.account, _SIGN_IN + sign_in.hash.hex())

    def bearing(self, secret: str) -> Identity | None:
        """Give whom a program with this token acts for; None when the token does not hold."""
        token = self.tokens.find(secret)
        return None if token is None else self._identity(token.account, _TOKEN + token.id)

    def subscribed(self, feed: Feed) -> Identity | None:
        """Give for whom a feed is read; None when they must not be here."""
        return self._identity(feed.account, _FEED + feed.id) if feed.account else FEEDS

    def hooking(self, webhook: Webhook) -> Identity | None:
        """Give for whom a webhook reads; None when they must not be here."""
        if not webhook.account:
            return WEBHOOKS
        return self._identity(webhook.account, _WEBHOOK + webhook.id)

    def using_pages(self, account_id: str) -> Identity | None:
        """Give somebody for whom a page process speaks; None when there is nobody of this id."""
        return self._identity(account_id, _PAGES)

    def role_of(self, who: Identity, document: str | None) -> Role | None:
        """Give somebody's role in a document, or in general; None when they must not be here."""
        account = self.accounts.by_id(who.id)
        if account is None or account.disabled:
            return None
        role = self.accounts.role_of(account, document)
        if who.credential.startswith(_SIGN_IN):
            held = self.sign_ins.holding(who.credential.removeprefix(_SIGN_IN))
            return None if held is None else role
        if who.credential == _PAGES:
            return role  # the hub ends the session when the sign-in ends
        if who.credential.startswith(_FEED):
            feed = self.feeds.holding(who.credential.removeprefix(_FEED))
            return None if feed is None else role.at_most(Role.VIEWER)
        if who.credential.startswith(_WEBHOOK):
            webhook = self.webhooks.find(who.credential.removeprefix(_WEBHOOK))
            return None if webhook is None else role
        token = self.tokens.holding(who.credential.removeprefix(_TOKEN))
        return None if token is None else limited(role, token, document)

    def account_of(self, who: Identity) -> Account | None:
        """Give the account of somebody who came by the page, not by a token."""
        return self.accounts.by_id(who.id) if who.credential.startswith(_SIGN_IN) else None

    def _identity(self, account_id: str, credential: str) -> Identity | None:
        account = self.accounts.by_id(account_id)
        if account is None or account.disabled:
            return None
        return Identity(account.id, account.name, colour_of(account.id), credential=credential)
