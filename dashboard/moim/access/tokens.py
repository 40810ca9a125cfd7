"""API tokens: what a program may do for somebody, in which documents, until when."""

import secrets
from collections.abc import Callable, Sequence

from moim.access.accounts import DAY_MS, secret_hash
from moim.access.errors import AccessError
from moim.access.ledger import Ledger
from moim_data.accounts import Account, AccountRecords, ApiToken
from moim_data.documents.kinds import parse_document_id
from moim_sync.authorization import Role

PREFIX = "moim_"
"""So that people and scanners know a token when they see one."""
LABEL_CHARACTERS = 60


class Tokens:
    """The tokens that hold, by the hash of their secret and by id."""

    def __init__(
        self,
        ledger: Ledger,
        records: AccountRecords,
        random: Callable[[int], str] = secrets.token_urlsafe,
    ) -> None:
        self._ledger = ledger
        self._random = random
        self._by_hash = {token.hash: token for token in records.tokens}
        self._by_id = {token.id: token for token in records.tokens}

    async def make(
        self,
        account: Account,
        *,
        label: str,
        documents: Sequence[str] = (),
        may_write: bool,
        days: int,
    ) -> tuple[ApiToken, str]:
        """Make a token; gives it and its secret, which is kept nowhere.

        Args:
            documents: where it may be used; empty for everywhere.
            days: how long it holds; 0 for good.

        Raises:
            UnknownKind: one of the documents is none.
        """
        for document in documents:
            parse_document_id(document)
        now = self._ledger.clock()
        secret = PREFIX + self._random(32)
        token = ApiToken(
            secrets.token_hex(4),
            secret_hash(secret),
            account.id,
            label.strip()[:LABEL_CHARACTERS],
            " ".join(documents),
            int(may_write),
            now,
            now + days * DAY_MS if days else 0,
        )
        await self._ledger.write([token])
        self._by_hash[token.hash] = self._by_id[token.id] = token
        return token, secret

    def find(self, secret: str) -> ApiToken | None:
        """Give the token of a secret; None when there is none that holds."""
        found = self._by_hash.get(secret_hash(secret))
        return None if found is None else self.holding(found.id)

    def holding(self, token_id: str) -> ApiToken | None:
        """Give the token of an id; None when it is revoked or out of date."""
        found = self._by_id.get(token_id)
        if found is None or 0 < found.expires_ms <= self._ledger.clock():
            return None
        return found

    def of(self, account_id: str | None = None) -> list[ApiToken]:
        """Give somebody's tokens, or everybody's, oldest first; those out of date too."""
        mine = [one for one in self._by_id.values() if account_id in (None, one.account)]
        return sorted(mine, key=lambda token: (token.created_ms, token.id))

    async def revoke(self, token_id: str, account_id: str | None = None) -> ApiToken:
        """End a token, of this account only if one is given. Raises AccessError."""
        token = self._by_id.get(token_id)
        if token is None or account_id not in (None, token.account):
            raise AccessError(f"no token {token_id!r}: `moim token list` names all")
        await self._ledger.write(delete=[token])
        self._by_id.pop(token.id, None)
        self._by_hash.pop(token.hash, None)
        self._ledger.changed()
        return token


def limited(role: Role, token: ApiToken, document: str | None) -> Role:
    """Give what is left of a person's role when a token acts for them."""
    if document is not None and token.documents and document not in token.documents.split():
        return Role.NONE
    return role.at_most(Role.EDITOR if token.may_write else Role.VIEWER)
