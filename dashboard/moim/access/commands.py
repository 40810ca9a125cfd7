"""`moim user`, `moim token` and `moim feed`. A password comes from a prompt or from stdin, never as
a word of the command, which others on the machine could read.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from getpass import getpass
from typing import Any, Final

from moim.access.ask_holder import ask_holder
from moim.access.door import Answer
from moim.access.errors import AccessError
from moim.access.passwords import Passwords

Arguments = argparse.Namespace


def run_access(arguments: Arguments, environ: Mapping[str, str]) -> int:
    """Run one of them; prints what it did. Raises AccessError, DataError."""
    name = f"{arguments.command} {arguments.part}"
    question = {"do": name, **_QUESTIONS[name](arguments, environ)}
    _SAYINGS[name](arguments, ask_holder(arguments.db, question))
    return 0


def read_password(name: str) -> str:
    """Ask for a password twice, or read it from stdin when nobody is there to be asked."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass(f"Password for {name}: ")
    if getpass("The same again: ") != first:
        raise AccessError("the two passwords differ")
    return first


def _hashed(name: str) -> str:
    return asyncio.run(Passwords().hash(read_password(name)))


def _name(arguments: Arguments, _: Mapping[str, str]) -> dict[str, Any]:
    return {"name": arguments.name}


def _nothing(_: Arguments, __: Mapping[str, str]) -> dict[str, Any]:
    return {}


def _add(arguments: Arguments, _: Mapping[str, str]) -> dict[str, Any]:
    password = _hashed(arguments.name)
    return {"name": arguments.name, "role": arguments.role, "password": password}


def _password(arguments: Arguments, _: Mapping[str, str]) -> dict[str, Any]:
    return {"name": arguments.name, "password": _hashed(arguments.name)}


def _invite(arguments: Arguments, _: Mapping[str, str]) -> dict[str, Any]:
    return {"role": arguments.role, "days": arguments.days}


def _role(arguments: Arguments, _: Mapping[str, str]) -> dict[str, Any]:
    if arguments.role == "default" and arguments.document is None:
        raise AccessError("default takes the exception in a document away: name it by --document")
    return {
        "name": arguments.name,
        "role": arguments.role,
        "document": arguments.document,
    }


def _create(arguments: Arguments, environ: Mapping[str, str]) -> dict[str, Any]:
    named = arguments.documents
    if named is None:
        named = [part.strip() for part in environ.get("MOIM_DOCUMENT", "").split(",")]
    return {
        "name": arguments.name,
        "label": arguments.label,
        "documents": [document for document in named if document],
        "write": arguments.write,
        "days": arguments.days,
    }


def _revoke(arguments: Arguments, _: Mapping[str, str]) -> dict[str, Any]:
    return {"id": arguments.id}


def _add_feed(arguments: Arguments, _: Mapping[str, str]) -> dict[str, Any]:
    return {"shows": arguments.shows, "name": arguments.name, "label": arguments.label}


_QUESTIONS: Final[Mapping[str, Callable[[Arguments, Mapping[str, str]], dict[str, Any]]]] = {
    "user add": _add,
    "user invite": _invite,
    "user role": _role,
    "user disable": _name,
    "user enable": _name,
    "user password": _password,
    "user list": _nothing,
    "token create": _create,
    "token list": _nothing,
    "token revoke": _revoke,
    "feed add": _add_feed,
    "feed list": _nothing,
    "feed revoke": _revoke,
}


def _say_account(_: Arguments, answer: Answer) -> None:
    print(_account_line(answer["account"]))


def _say_invite(arguments: Arguments, answer: Answer) -> None:
    print(f"{arguments.url.rstrip('/')}/invite/{answer['code']}")


def _say_accounts(arguments: Arguments, answer: Answer) -> None:
    _say_all(arguments, answer["accounts"], _account_line)


def _say_tokens(arguments: Arguments, answer: Answer) -> None:
    _say_all(arguments, answer["tokens"], _token_line)


def _say_all(
    arguments: Arguments, told: list[dict[str, Any]], line: Callable[[dict[str, Any]], str]
) -> None:
    if arguments.json:
        print(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        print("".join(f"{line(one)}\n" for one in told), end="")


def _say_secret(_: Arguments, answer: Answer) -> None:
    print(answer["secret"])
    print(f"moim: {_token_line(answer['token'])}; it is shown this once", file=sys.stderr)


def _say_token(_: Arguments, answer: Answer) -> None:
    print(f"revoked {_token_line(answer['token'])}")


def _say_address(arguments: Arguments, answer: Answer) -> None:
    print(f"{arguments.url.rstrip('/')}{answer['path']}")
    print(f"moim: {_feed_line(answer['feed'])}; it is shown this once", file=sys.stderr)
    if answer["is_lonely"]:
        print(
            "moim: nobody's: it answers where guests are welcome; name somebody with --for for a "
            "server with passwords",
            file=sys.stderr,
        )


def _say_feeds(arguments: Arguments, answer: Answer) -> None:
    _say_all(arguments, answer["feeds"], _feed_line)


def _say_feed(_: Arguments, answer: Answer) -> None:
    print(f"revoked {_feed_line(answer['feed'])}")


def _account_line(account: dict[str, Any]) -> str:
    exceptions = [f"{document}: {role}" for document, role in account["documents"].items()]
    disabled = ["disabled"] if account["disabled"] else []
    return ", ".join([f"{account['name']}  {account['role']}", *disabled, *exceptions])


def _token_line(token: dict[str, Any]) -> str:
    where = " ".join(token["documents"]) or "everywhere"
    what = "reads and edits" if token["write"] else "reads"
    ends = "for good"
    if token["expires_ms"]:
        ends = f"until {datetime.fromtimestamp(token['expires_ms'] / 1000, UTC):%Y-%m-%d}"
    label = f" ({token['label']})" if token["label"] else ""
    return f"{token['id']}  {token['name']}{label} {what} {where} {ends}"


def _feed_line(feed: dict[str, Any]) -> str:
    label = f" ({feed['label']})" if feed["label"] else ""
    since = f"{datetime.fromtimestamp(feed['created_ms'] / 1000, UTC):%Y-%m-%d}"
    return f"{feed['id']}  {feed['shows']} for {feed['name'] or 'nobody'}{label} since {since}"


_SAYINGS: Final[Mapping[str, Callable[[Arguments, Answer], None]]] = {
    "user add": _say_account,
    "user invite": _say_invite,
    "user role": _say_account,
    "user disable": _say_account,
    "user enable": _say_account,
    "user password": _say_account,
    "user list": _say_accounts,
    "token create": _say_secret,
    "token list": _say_tokens,
    "token revoke": _say_token,
    "feed add": _say_address,
    "feed list": _say_feeds,
    "feed revoke": _say_feed,
}
