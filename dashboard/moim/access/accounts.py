"""Accounts, their roles, and the invites that lead to them."""

import secrets
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256

from moim.access.errors import AccessError, BadName, InviteGone
from moim.access.ledger import Ledger
from moim_data.accounts import Account, AccountRecords, DocumentRole, Invite
from moim_sync.authorization import Role

NAME_CHARACTERS = 60
INVITE_DAYS = 7
DAY_MS = 86_400_000


def secret_hash(secret: str) -> bytes:
    """Give what is kept of a random secret; it is long enough to need no salt."""
    return sha256(secret.encode()).digest()


def name_key(name: str) -> str:
    """Give a name as it is compared: whoever looks the same is the same."""
    return unicodedata.normalize("NFKC", name).casefold().strip()


class Accounts:
    """Who there is, and what each of them is to a document."""

    def __init__(
        self,
        ledger: Ledger,
        records: AccountRecords,
        random: Callable[[int], str] = secrets.token_hex,
    ) -> None:
        self._ledger = ledger
        self._random = random
        self._by_id = {account.id: account for account in records.accounts}
        self._by_key = {account.key: account for account in records.accounts}
        self._roles = {(one.account, one.document): one for one in records.roles}
        self._invites = {invite.hash: invite for invite in records.invites}

    def all(self) -> list[Account]:
        """Give every account, by name."""
        return sorted(self._by_id.values(), key=lambda account: account.key)

    def exceptions(self, account: Account) -> Sequence[DocumentRole]:
        """Give the roles that somebody has in single documents."""
        return [one for (owner, _), one in sorted(self._roles.items()) if owner == account.id]

    def by_id(self, account_id: str) -> Account | None:
        """Give the account of an id, disabled ones too."""
        return self._by_id.get(account_id)

    def by_name(self, name: str) -> Account | None:
        """Give the account of a name, however it is written."""
        return self._by_key.get(name_key(name))

    def named(self, name: str) -> Account:
        """Give the account of a name. Raises AccessError when there is none."""
        account = self.by_name(name)
        if account is None:
            raise AccessError(f"nobody is called {name!r}: `moim user list` names everybody")
        return account

    def role_of(self, account: Account, document: str | None) -> Role:
        """Give somebody's role in a document, or in those without a role of their own."""
        exception = self._roles.get((account.id, document or ""))
        return Role(exception.role if exception else account.role)

    async def add(self, name: str, password_hash: str, role: Role) -> Account:
        """Make an account. Raises BadName."""
        async with self._ledger.lock:
            return await self._add(name, password_hash, role, None)

    async def set_role(self, account: Account, role: Role, document: str | None = None) -> None:
        """Give somebody a role, everywhere or as an exception in one document."""
        if document is None:
            await self._change(account.id, role=role.value)
            return
        async with self._ledger.lock:
            exception = DocumentRole(account.id, document, role.value)
            await self._ledger.write([exception])
            self._roles[account.id, document] = exception
        self._ledger.changed()

    async def clear_role(self, account: Account, document: str) -> None:
        """Take the exception in a document away."""
        async with self._ledger.lock:
            exception = self._roles.get((account.id, document))
            if exception is None:
                raise AccessError(f"{account.name} has no role of their own in {document}")
            await self._ledger.write(delete=[exception])
            del self._roles[account.id, document]
        self._ledger.changed()

    async def disable(self, account: Account, disabled: bool) -> None:
        """Keep somebody out, or let them in again."""
        await self._change(account.id, disabled=int(disabled))

    async def set_password(self, account: Account, password_hash: str) -> None:
        """Keep another password; what ends by it is the caller's to say."""
        await self._change(account.id, password=password_hash)

    async def invite(self, role: Role, days: int = INVITE_DAYS) -> str:
        """Make an invite for one person; gives its code, which is kept nowhere."""
        code = self._random(16)
        now = self._ledger.clock()
        invite = Invite(secret_hash(code), role.value, now, now + days * DAY_MS)
        stale = [one for one in self._invites.values() if one.expires_ms <= now]
        async with self._ledger.lock:
            await self._ledger.write([invite], stale)
            for one in stale:
                self._invites.pop(one.hash, None)
            self._invites[invite.hash] = invite
        return code

    def invited(self, code: str) -> Invite:
        """Give the invite of a code. Raises InviteGone."""
        invite = self._invites.get(secret_hash(code))
        if invite is None or invite.expires_ms <= self._ledger.clock():
            raise InviteGone("this invite has been used or is out of date: ask for another")
        return invite

    async def accept(self, code: str, name: str, password_hash: str) -> Account:
        """Make the account that an invite leads to, once. Raises InviteGone, BadName."""
        async with self._ledger.lock:
            invite = self.invited(code)
            account = await self._add(name, password_hash, Role(invite.role), invite)
            del self._invites[invite.hash]
            return account

    async def _add(
        self, name: str, password_hash: str, role: Role, invite: Invite | None
    ) -> Account:
        name = self.check_name(name)
        account = Account(
            f"user-{self._random(6)}",
            name,
            name_key(name),
            password_hash,
            role.value,
            0,
            self._ledger.clock(),
        )
        await self._ledger.write([account], [invite] if invite else [])
        self._put(account)
        return account

    def check_name(self, name: str) -> str:
        """Give a name as it is kept. Raises BadName."""
        name = " ".join(unicodedata.normalize("NFC", name).split())
        if not 0 < len(name) <= NAME_CHARACTERS or not name.isprintable():
            raise BadName(f"expected a name of 1 to {NAME_CHARACTERS} characters")
        if name_key(name) in self._by_key:
            raise BadName(f"somebody is called {name!r} already")
        return name

    async def _change(self, account_id: str, **fields: object) -> None:
        async with self._ledger.lock:
            account = replace(self._by_id[account_id], **fields)  # type: ignore[arg-type]
            await self._ledger.write([account])
            self._put(account)
        self._ledger.changed()

    def _put(self, account: Account) -> None:
        self._by_id[account.id] = self._by_key[account.key] = account
