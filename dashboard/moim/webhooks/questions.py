"""What `moim webhook` asks of whoever holds the file."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Any, Final

from moim.access.errors import AccessError
from moim.access.gate import Gate
from moim.access.people import People
from moim.webhooks.webhooks import checked_document
from moim_data.accounts import Webhook
from moim_sync.authorization import Action

Question = Mapping[str, Any]
Answer = dict[str, Any]
_SHOWN: Final = 50


async def _add(people: People, question: Question) -> Answer:
    document, name = checked_document(question["document"]), question["name"]
    account = people.accounts.named(name) if name else None
    if account is not None:
        who = people.using_pages(account.id)
        if not Gate(people).authorize(who, Action.MANAGE, document).allowed:
            raise AccessError(f"{account.name} is not owner of {document}")
    made = await people.webhooks.make(
        document, question["url"], account, events=question["events"], label=question["label"]
    )
    return {"webhook": await _told(people, made), "secret": made.secret}


async def _list(people: People, _: Question) -> Answer:
    return {"webhooks": [await _told(people, one) for one in people.webhooks.of()]}


async def _remove(people: People, question: Question) -> Answer:
    webhook = people.webhooks.held(question["id"])
    told = await _told(people, webhook)
    await people.webhooks.remove(webhook)
    return {"webhook": told}


async def _rotate(people: People, question: Question) -> Answer:
    webhook = people.webhooks.held(question["id"])
    made = await people.webhooks.rotate(webhook, question["hours"])
    return {"webhook": await _told(people, made), "secret": made.secret}


async def _enable(people: People, question: Question) -> Answer:
    webhook = await people.webhooks.turn_on(people.webhooks.held(question["id"]))
    return {"webhook": await _told(people, webhook)}


async def _log(people: People, question: Question) -> Answer:
    webhook = people.webhooks.held(question["id"])
    number = question.get("delivery")
    attempts = await people.webhooks.attempts(webhook, _SHOWN, number)
    return {"webhook": await _told(people, webhook), "attempts": [asdict(one) for one in attempts]}


async def _test(people: People, question: Question) -> Answer:
    number = await people.webhooks.send_ping(people.webhooks.held(question["id"]))
    return {"delivery": number, "is_served": people.webhooks.is_served}


async def _redeliver(people: People, question: Question) -> Answer:
    webhook = people.webhooks.held(question["id"])
    number = await people.webhooks.send_again(webhook, question["message"])
    return {"delivery": number, "is_served": people.webhooks.is_served}


async def _told(people: People, webhook: Webhook) -> Answer:
    owner = people.accounts.by_id(webhook.account)
    last = await people.webhooks.attempts(webhook, 1)
    return {
        "id": webhook.id,
        "document": webhook.document,
        "url": webhook.url,
        "name": owner.name if owner else webhook.account,
        "label": webhook.label,
        "events": webhook.events.split(),
        "off": webhook.off,
        "waiting": await people.webhooks.waiting(webhook),
        "last": asdict(last[0]) if last else None,
        "created_ms": webhook.created_ms,
    }


WEBHOOK_ANSWERS: Final[Mapping[str, Callable[[People, Question], Awaitable[Answer]]]] = {
    "webhook add": _add,
    "webhook list": _list,
    "webhook remove": _remove,
    "webhook rotate": _rotate,
    "webhook enable": _enable,
    "webhook log": _log,
    "webhook test": _test,
    "webhook redeliver": _redeliver,
}
