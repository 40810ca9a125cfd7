"""Signing in and out, taking an invite, and one's own account."""

from datetime import UTC, datetime
from typing import Any, Final

from moim.access.access import local_path
from moim.access.accounts import name_key
from moim.access.errors import AccessError, BadName, BadPassword, InviteGone
from moim.access.feeds import MINE, PERSON, feed_path
from moim.access.forms import Desk, FormHandler
from moim.access.webhook_forms import WebhookForms
from moim.identity import colour_of
from moim.web import BaseHandler
from moim_data.accounts import ApiToken, Feed, Invite
from moim_data.errors import UnknownKind

_DAYS: Final = ("30", "90", "365")
_MOST_TOKENS: Final = 50
_MOST_FEEDS: Final = 50


def sign_in_routes(desk: Desk) -> list[tuple[str, type[BaseHandler], dict[str, Any]]]:
    """Give the routes of the pages."""
    shared = {"desk": desk}
    return [
        (r"/login", LoginHandler, shared),
        (r"/logout", LogoutHandler, shared),
        (r"/invite/([0-9a-f]{32})", InviteHandler, shared),
        (r"/account", AccountHandler, shared),
    ]


class LoginHandler(FormHandler):
    """`/login?next=`: name and password, then on to where somebody wanted."""

    page = "login"

    def get(self) -> None:
        """Show the form; on, if there is nothing to ask."""
        if self.account is not None:
            self.redirect(self._next())
        else:
            self.show()

    async def post(self) -> None:
        """Sign in, or say that it did not work, and never which half was wrong."""
        name, password = self.get_body_argument("name", ""), self._password()
        desk = self.desk
        key = name_key(name)
        if self.too_many((desk.by_address, self.address), (desk.by_name, key)):
            return
        kept = desk.people.accounts.by_name(name)
        matches = await desk.passwords.matches(kept.password if kept else None, password)
        account = desk.people.accounts.by_name(name)
        # Looked up again: while the password was compared, it may have been changed.
        if not matches or account is None or account != kept or account.disabled:
            self.show("access.wrong", status=401)
            return
        desk.by_name.forgive(key)
        desk.by_address.undo(self.address)
        await self.sign_in(account)
        if desk.passwords.is_dated(account.password):
            await desk.people.accounts.set_password(account, await desk.passwords.hash(password))
        self.redirect(self._next(), status=303)

    def content(self) -> dict[str, Any]:
        """Keep what was typed, but the password."""
        return {"next": self._next(), "name": self.get_body_argument("name", "")}

    def _password(self) -> str:
        return self.get_body_argument("password", "", strip=False)

    def _next(self) -> str:
        return local_path(self.get_argument("next", "/"))


class LogoutHandler(FormHandler):
    """`/logout`: ends this browser's sign-in."""

    page = "logout"
    needs_account = True

    def get(self) -> None:
        """Ask first: a link of another page must sign nobody out."""
        self.show()

    async def post(self) -> None:
        """Sign out."""
        await self.sign_out()
        self.redirect("/login", status=303)


class InviteHandler(FormHandler):
    """`/invite/<code>`: makes an account, once."""

    page = "invite"
    invite: Invite | None = None

    def get(self, code: str) -> None:
        """Show the form, or that the invite is gone."""
        if self._look(code):
            self.show()

    async def post(self, code: str) -> None:
        """Make the account and sign in."""
        desk = self.desk
        if not self._look(code) or self.too_many((desk.by_address, self.address)):
            return
        name = self.get_body_argument("name", "")
        try:
            desk.people.accounts.check_name(name)
            kept = await desk.passwords.hash(self.get_body_argument("password", "", strip=False))
            account = await desk.people.accounts.accept(code, name, kept)
        except BadName:
            self.show("access.badName", status=400)
        except BadPassword:
            self.show("access.badPassword", status=400)
        except InviteGone:
            self._gone()
        else:
            desk.by_address.undo(self.address)
            await self.sign_in(account)
            self.redirect("/", status=303)

    def content(self) -> dict[str, Any]:
        """Tell the role, and keep the name that was typed."""
        role = self.invite.role if self.invite else ""
        return {"role": role, "name": self.get_body_argument("name", "")}

    def _look(self, code: str) -> bool:
        try:
            self.invite = self.desk.people.accounts.invited(code)
        except InviteGone:
            self._gone()
            return False
        return True

    def _gone(self) -> None:
        self.invite = None
        self.show("access.inviteGone", status=404)


class AccountHandler(WebhookForms):
    """`/account`: password, tokens, feeds, webhooks, and signing out everywhere."""

    page = "account"
    needs_account = True
    _secret = ""
    _feed_address = ""

    async def get(self) -> None:
        """Show it all."""
        await self.load()
        if self.get_query_argument("changed", ""):
            self.show("access.password.changed", good=True)
        else:
            self.show()

    async def post(self) -> None:
        """Do what the form says."""
        await self.load()
        steps = {
            "password": self._change_password,
            "token": self._make_token,
            "revoke": self._revoke,
            "feed": self._make_feed,
            "unfeed": self._revoke_feed,
            "hook": self.make_webhook,
            **dict.fromkeys(("unhook", "hook-on", "hook-test", "hook-secret"), self.change_webhook),
            "everywhere": self._sign_out_everywhere,
        }
        step = steps.get(self.get_body_argument("do", ""))
        if step is None:
            self.show("access.stale", status=400)
        else:
            await step()

    def content(self) -> dict[str, Any]:
        """Tell of the account, without anything secret but what was just made."""
        assert self.account is not None
        people = self.desk.people
        account = people.accounts.by_id(self.account.id) or self.account
        return {
            "account": account,
            "hue": colour_of(account.id),
            "initial": account.name[:1].upper(),
            "exceptions": people.accounts.exceptions(account),
            "tokens": [self._told(token) for token in people.tokens.of(account.id)],
            "others": people.sign_ins.count(account.id) - 1,
            "secret": self._secret,
            "feeds": [self._told_feed(feed) for feed in people.feeds.of(account.id)],
            "feed_address": self._feed_address,
            **self.webhook_content(),
        }

    async def _change_password(self) -> None:
        assert self.account is not None
        desk, account = self.desk, self.account
        if self.too_many((desk.by_name, account.key)):
            return None
        new = self.get_body_argument("new", "", strip=False)
        if new != self.get_body_argument("again", "", strip=False):
            return self.show("access.differ", status=400)
        current = self.get_body_argument("current", "", strip=False)
        if not await desk.passwords.matches(account.password, current):
            return self.show("access.wrong", status=401)
        try:
            kept = await desk.passwords.hash(new)
        except BadPassword:
            return self.show("access.badPassword", status=400)
        desk.by_name.forgive(account.key)
        await desk.people.accounts.set_password(account, kept)
        await desk.people.sign_ins.end_all(account.id)
        await self.sign_in(account)
        # The form of this answer belongs to the new sign-in, so it is asked for anew.
        return self.redirect("/account?changed=1", status=303)

    async def _make_token(self) -> None:
        assert self.account is not None
        days = self.get_body_argument("days", "")
        mine = self.desk.people.tokens.of(self.account.id)
        if days not in _DAYS or len(mine) >= _MOST_TOKENS:
            return self.show("access.stale", status=400)
        try:
            _, self._secret = await self.desk.people.tokens.make(
                self.account,
                label=self.get_body_argument("label", ""),
                documents=self.get_body_argument("documents", "").split(),
                may_write=self.get_body_argument("write", "") == "1",
                days=int(days),
            )
        except UnknownKind:
            return self.show("access.tokens.badDocument", status=400)
        return self.show()

    async def _revoke(self) -> None:
        assert self.account is not None
        try:
            await self.desk.people.tokens.revoke(self.get_body_argument("id", ""), self.account.id)
        except AccessError:
            return self.show("access.stale", status=404)
        return self.show("access.tokens.revoked", good=True)

    async def _make_feed(self) -> None:
        assert self.account is not None
        feeds = self.desk.people.feeds
        if len(feeds.of(self.account.id)) >= _MOST_FEEDS:
            return self.show("access.stale", status=400)
        shows = self.get_body_argument("shows", "") or MINE
        try:
            _, secret = await feeds.make(shows, self.account, self.get_body_argument("label", ""))
        except AccessError:
            return self.show("access.feeds.bad", status=400)
        self._feed_address = self.desk.access.origins.url_of(self.request) + feed_path(secret)
        return self.show()

    async def _revoke_feed(self) -> None:
        assert self.account is not None
        try:
            await self.desk.people.feeds.revoke(self.get_body_argument("id", ""), self.account.id)
        except AccessError:
            return self.show("access.stale", status=404)
        return self.show("access.feeds.revoked", good=True)

    async def _sign_out_everywhere(self) -> None:
        assert self.account is not None
        await self.desk.people.sign_ins.end_all(self.account.id)
        await self.sign_out()
        self.redirect("/login", status=303)

    def _told_feed(self, feed: Feed) -> dict[str, str]:
        is_mine = feed.shows == f"{PERSON}/{feed.account}"
        shows = self.table["access.feeds.mine"] if is_mine else feed.shows
        return {"id": feed.id, "label": feed.label, "shows": shows}

    def _told(self, token: ApiToken) -> dict[str, str]:
        table = self.table
        what = table["access.tokens.edits" if token.may_write else "access.tokens.reads"]
        where = token.documents.replace(" ", ", ") or table["access.tokens.everywhere"]
        ends = table["access.tokens.forGood"]
        if token.expires_ms:
            day = datetime.fromtimestamp(token.expires_ms / 1000, UTC)
            ends = table["access.tokens.until"].format(day=f"{day:%Y-%m-%d}")
            if token.expires_ms <= self.desk.people.ledger.clock():
                ends = table["access.tokens.over"]
        return {"id": token.id, "label": token.label, "scope": f"{what} · {where} · {ends}"}
