"""`moim webhook add|list|remove|rotate|enable|log|redeliver|test`.

A secret is printed alone on stdout, once; what is said about it goes to stderr.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from moim.access.ask_holder import ask_holder
from moim.errors import MoimError
from moim.webhooks.schedule import GIVE_UP_S
from moim.webhooks.webhooks import Off

Arguments = argparse.Namespace
Answer = dict[str, Any]
_OUTCOME_S: Final = 20.0
_LOOK_AGAIN_S: Final = 0.1


class NotDelivered(MoimError):
    """A test, or a message sent again, was not taken."""


def run_webhook(arguments: Arguments) -> int:
    """Run one of them; prints what it did. Raises MoimError, DataError."""
    part = arguments.part
    asked = {name: getattr(arguments, name) for name in _ASKED[part]}
    answer = ask_holder(arguments.db, {"do": f"webhook {part}", **asked})
    _SAYINGS[part](arguments, answer)
    return 0


_ASKED: Final[Mapping[str, tuple[str, ...]]] = {
    "add": ("document", "url", "name", "events", "label"),
    "list": (),
    "remove": ("id",),
    "rotate": ("id", "hours"),
    "enable": ("id",),
    "log": ("id",),
    "test": ("id",),
    "redeliver": ("id", "message"),
}
"""Which arguments each takes along."""


def _say_secret(_: Arguments, answer: Answer) -> None:
    print(answer["secret"])
    print(f"moim: {_line(answer['webhook'])}; its secret is shown this once", file=sys.stderr)


def _say_all(arguments: Arguments, answer: Answer) -> None:
    if arguments.json:
        return _print_json(answer["webhooks"])
    for webhook in answer["webhooks"]:
        print(_line(webhook))
    return None


def _say_removed(_: Arguments, answer: Answer) -> None:
    print(f"removed {_line(answer['webhook'])}")


def _say_on(_: Arguments, answer: Answer) -> None:
    print(_line(answer["webhook"]))


def _say_log(arguments: Arguments, answer: Answer) -> None:
    if arguments.json:
        return _print_json(answer["attempts"])
    for attempt in answer["attempts"]:
        print(_attempt_line(attempt))
    return None


def _say_outcome(arguments: Arguments, answer: Answer) -> None:
    """Wait for what comes of it, when a server is there to send it."""
    if not answer["is_served"]:
        print("it goes out when a server runs; `moim webhook log` tells what came of it")
        return
    question = {"do": "webhook log", "id": arguments.id, "delivery": answer["delivery"]}
    ends_at = time.monotonic() + _OUTCOME_S
    while not (attempts := ask_holder(arguments.db, question)["attempts"]):
        if time.monotonic() >= ends_at:
            raise NotDelivered("not sent yet; `moim webhook log` will tell what came of it")
        time.sleep(_LOOK_AGAIN_S)
    if attempts[0]["error"]:
        raise NotDelivered(_attempt_line(attempts[0]))
    print(_attempt_line(attempts[0]))


_OFF: Final = {
    Off.GONE: "its receiver answered 410, that it is gone",
    Off.FAILING: f"its receiver took nothing for {GIVE_UP_S // 86_400} days",
}


def _print_json(told: object) -> None:
    print(json.dumps(told, ensure_ascii=False, indent=2))


def _line(webhook: Answer) -> str:
    events = ", ".join(webhook["events"]) or "all"
    label = f" ({webhook['label']})" if webhook["label"] else ""
    whose = f" for {webhook['name']}" if webhook["name"] else ""
    state = f"off: {_OFF[Off(webhook['off'])]}" if webhook["off"] else "on"
    waiting = f", {webhook['waiting']} waiting" if webhook["waiting"] else ""
    where = f"{webhook['document']} {events} -> {webhook['url']}"
    return f"{webhook['id']}  {where}{whose}{label}  {state}{waiting}"


def _attempt_line(attempt: Answer) -> str:
    at = datetime.fromtimestamp(attempt["at_ms"] / 1000, UTC)
    what = attempt["error"] or f"taken with {attempt['status']}"
    return (
        f"{attempt['message']}  {at:%Y-%m-%d %H:%M:%S}Z  attempt {attempt['attempt']}  "
        f"{attempt['took_ms']} ms  {what}"
    )


_SAYINGS: Final[Mapping[str, Callable[[Arguments, Answer], None]]] = {
    "add": _say_secret,
    "list": _say_all,
    "remove": _say_removed,
    "rotate": _say_secret,
    "enable": _say_on,
    "log": _say_log,
    "test": _say_outcome,
    "redeliver": _say_outcome,
}
