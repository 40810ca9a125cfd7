"""The webhooks of somebody, on their account's page."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

from moim.access.errors import AccessError
from moim.access.forms import FormHandler
from moim.errors import UsageError
from moim.webhooks.webhooks import checked_document
from moim_data.accounts import Webhook
from moim_data.errors import UnknownKind
from moim_data.webhook_rows import Attempt
from moim_sync.authorization import Action, Role

_SHOWN: Final = 3


class WebhookForms(FormHandler):
    """Forms that make webhooks, try them, and end them; `load` before `show`."""

    _hook_secret = ""
    _sent: Mapping[str, Sequence[Attempt]] = MappingProxyType({})

    async def load(self) -> None:
        """Find what the webhooks have sent last."""
        if self.account is not None:
            webhooks = self.desk.people.webhooks
            mine = webhooks.of(self.account.id)
            self._sent = {one.id: await webhooks.attempts(one, _SHOWN) for one in mine}

    def webhook_content(self) -> dict[str, Any]:
        """Give what the template needs for its part."""
        assert self.account is not None
        people = self.desk.people
        hooks = people.webhooks.of(self.account.id)
        account = people.accounts.by_id(self.account.id) or self.account
        roles = {account.role, *(one.role for one in people.accounts.exceptions(account))}
        return {
            "hooks": [self._told_hook(one) for one in hooks],
            "hook_secret": self._hook_secret,
            "may_hook": bool(hooks) or Role.OWNER in roles,
        }

    async def make_webhook(self) -> None:
        """Make one, for an owner of the document."""
        assert self.account is not None
        names = ("document", "url", "events", "label")
        asked = {name: self.get_body_argument(name, "") for name in names}
        try:
            document = checked_document(asked["document"].strip())
            gate = self.desk.access.gate
            if not gate.authorize(self.who, Action.MANAGE, document).allowed:
                return self.show("access.hooks.notOwner", status=403)
            made = await self.desk.people.webhooks.make(
                document,
                asked["url"],
                self.account,
                events=asked["events"].replace(",", " ").split(),
                label=asked["label"],
            )
        except (UsageError, UnknownKind):
            return self.show("access.hooks.bad", status=400)
        self._hook_secret = made.secret
        return self.show()

    async def change_webhook(self) -> None:
        """Remove one, turn it on, have it try, or draw another secret for it."""
        assert self.account is not None
        webhooks = self.desk.people.webhooks
        try:
            webhook = webhooks.held(self.get_body_argument("id", ""), self.account.id)
            match self.get_body_argument("do", ""):
                case "unhook":
                    await webhooks.remove(webhook)
                    return self.show("access.hooks.removed", good=True)
                case "hook-on":
                    await webhooks.turn_on(webhook)
                    return self.show("access.hooks.turnedOn", good=True)
                case "hook-test":
                    await webhooks.send_ping(webhook)
                    return self.show("access.hooks.tried", good=True)
                case _:
                    self._hook_secret = (await webhooks.rotate(webhook)).secret
                    return self.show()
        except AccessError:
            return self.show("access.stale", status=404)

    def _told_hook(self, webhook: Webhook) -> dict[str, Any]:
        table = self.table
        events = webhook.events.replace(" ", ", ") or table["access.hooks.all"]
        return {
            "id": webhook.id,
            "label": webhook.label or webhook.url,
            "url": webhook.url,
            "scope": f"{webhook.document} · {events}",
            "off": table[f"access.hooks.off.{webhook.off}"] if webhook.off else "",
            "sent": [self._told_attempt(one) for one in self._sent.get(webhook.id, ())],
        }

    def _told_attempt(self, attempt: Attempt) -> dict[str, str]:
        at = datetime.fromtimestamp(attempt.at_ms / 1000, UTC)
        word = "access.hooks.failed" if attempt.error else "access.hooks.taken"
        return {
            "at": f"{at:%Y-%m-%d %H:%M:%S} UTC",
            "what": self.table[word].format(number=attempt.attempt),
            "detail": str(attempt.status or attempt.error),
        }
