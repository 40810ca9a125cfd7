"""What `moim user`, `moim token`, `moim feed` and `moim webhook` ask of whoever holds the file: one
address, JSON both ways.

Only passwords' hashes come here, made by the command itself. Whoever comes is the owner, because
the socket can be used by the owner of the file only; the gate is asked all the same.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from moim.access.accounts import INVITE_DAYS
from moim.access.errors import AccessError
from moim.access.feeds import feed_path
from moim.access.gate import Gate
from moim.access.people import People
from moim.errors import UsageError
from moim.identity import COMMANDS
from moim.web import BaseHandler
from moim.webhooks.questions import WEBHOOK_ANSWERS
from moim_data.accounts import Account, ApiToken, Feed
from moim_data.documents.kinds import parse_document_id
from moim_data.errors import DataError, UnknownKind
from moim_sync.authorization import Action, Role

ACCESS: Final = "/access"

Question = Mapping[str, Any]
Answer = dict[str, Any]


def access_route(gate: Gate, people: People) -> tuple[str, type[BaseHandler], dict[str, Any]]:
    """Give the route of the address."""
    return ACCESS, AccessHandler, {"gate": gate, "people": people}


class AccessHandler(BaseHandler):
    """POST `{do, ...}`: answers `{...}`, or 400 `{error}`."""

    def initialize(self, gate: Gate, people: People) -> None:
        """Take the accounts, and who decides."""
        self._gate = gate
        self._people = people

    async def post(self) -> None:
        """Do what the question says."""
        if not self._gate.authorize(COMMANDS, Action.MANAGE, None).allowed:
            return self.refuse(403, "only the owner of the file may do this")
        try:
            answer = await ask(self._people, json.loads(self.request.body))
        except (UsageError, DataError) as error:
            return self.refuse(400, str(error))
        return self.send_json(answer)


async def ask(people: People, question: Question) -> Answer:
    """Do what a command asks; give what it tells. Raises AccessError, DataError."""
    try:
        return await _ANSWERS[question["do"]](people, question)
    except UnknownKind as error:
        raise AccessError(str(error)) from error


async def _add(people: People, question: Question) -> Answer:
    account = await people.accounts.add(
        question["name"], question["password"], Role(question["role"])
    )
    return {"account": told(people, account)}


async def _invite(people: People, question: Question) -> Answer:
    days = question.get("days", INVITE_DAYS)
    return {"code": await people.accounts.invite(Role(question["role"]), days), "days": days}


async def _role(people: People, question: Question) -> Answer:
    document = question.get("document")
    if document is not None:
        parse_document_id(document)
    account = people.accounts.named(question["name"])
    if question["role"] == "default":
        await people.accounts.clear_role(account, document or "")
    else:
        await people.accounts.set_role(account, Role(question["role"]), document)
    return {"account": told(people, people.accounts.named(question["name"]))}


async def _disable(people: People, question: Question) -> Answer:
    account = people.accounts.named(question["name"])
    await people.accounts.disable(account, True)
    await people.sign_ins.end_all(account.id)
    return {"account": told(people, people.accounts.named(question["name"]))}


async def _enable(people: People, question: Question) -> Answer:
    await people.accounts.disable(people.accounts.named(question["name"]), False)
    return {"account": told(people, people.accounts.named(question["name"]))}


async def _password(people: People, question: Question) -> Answer:
    account = people.accounts.named(question["name"])
    await people.accounts.set_password(account, question["password"])
    await people.sign_ins.end_all(account.id)
    return {"account": told(people, account)}


async def _list(people: People, _: Question) -> Answer:
    return {"accounts": [told(people, account) for account in people.accounts.all()]}


async def _make_token(people: People, question: Question) -> Answer:
    token, secret = await people.tokens.make(
        people.accounts.named(question["name"]),
        label=question["label"],
        documents=question["documents"],
        may_write=question["write"],
        days=question["days"],
    )
    return {"token": told_token(people, token), "secret": secret}


async def _list_tokens(people: People, _: Question) -> Answer:
    return {"tokens": [told_token(people, token) for token in people.tokens.of()]}


async def _revoke(people: People, question: Question) -> Answer:
    return {"token": told_token(people, await people.tokens.revoke(question["id"]))}


async def _make_feed(people: People, question: Question) -> Answer:
    name = question["name"]
    account = people.accounts.named(name) if name else None
    feed, secret = await people.feeds.make(question["shows"], account, question["label"])
    alone = account is None and bool(people.accounts.all())
    return {"feed": told_feed(people, feed), "path": feed_path(secret), "is_lonely": alone}


async def _list_feeds(people: People, _: Question) -> Answer:
    return {"feeds": [told_feed(people, feed) for feed in people.feeds.of()]}


async def _revoke_feed(people: People, question: Question) -> Answer:
    return {"feed": told_feed(people, await people.feeds.revoke(question["id"]))}


def told(people: People, account: Account) -> Answer:
    """Give what may be told of an account."""
    exceptions = people.accounts.exceptions(account)
    return {
        "id": account.id,
        "name": account.name,
        "role": account.role,
        "disabled": bool(account.disabled),
        "documents": {one.document: one.role for one in exceptions},
    }


def told_token(people: People, token: ApiToken) -> Answer:
    """Give what may be told of a token."""
    owner = people.accounts.by_id(token.account)
    return {
        "id": token.id,
        "name": owner.name if owner else token.account,
        "label": token.label,
        "documents": token.documents.split(),
        "write": bool(token.may_write),
        "expires_ms": token.expires_ms,
    }


def told_feed(people: People, feed: Feed) -> Answer:
    """Give what may be told of a feed."""
    owner = people.accounts.by_id(feed.account)
    return {
        "id": feed.id,
        "name": owner.name if owner else feed.account,
        "shows": feed.shows,
        "label": feed.label,
        "created_ms": feed.created_ms,
    }


_ANSWERS: Final[Mapping[str, Callable[[People, Question], Awaitable[Answer]]]] = {
    "user add": _add,
    "user invite": _invite,
    "user role": _role,
    "user disable": _disable,
    "user enable": _enable,
    "user password": _password,
    "user list": _list,
    "token create": _make_token,
    "token list": _list_tokens,
    "token revoke": _revoke,
    "feed add": _make_feed,
    "feed list": _list_feeds,
    "feed revoke": _revoke_feed,
    **WEBHOOK_ANSWERS,
}
