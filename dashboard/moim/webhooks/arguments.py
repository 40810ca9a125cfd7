"""The flags of `moim webhook`."""

import argparse
from collections.abc import Mapping
from pathlib import Path

from moim.settings import flag_of
from moim.webhooks.schedule import OVERLAP_HOURS

_LONGEST_OVERLAP_HOURS = 24 * 30


def add_webhook_arguments(commands: argparse.Action, environ: Mapping[str, str]) -> None:
    """Declare the command; the environment gives defaults."""
    assert isinstance(commands, argparse._SubParsersAction)
    webhook = commands.add_parser("webhook", help="webhooks: changes sent to addresses of yours")
    parts = webhook.add_subparsers(dest="part", required=True, metavar="WHAT")

    def part(name: str, words: str, *, needs_id: bool = True) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = parts.add_parser(name, help=words)
        if needs_id:
            made.add_argument("id", metavar="ID", help="as `moim webhook list` names it")
        made.add_argument(
            "--db",
            type=Path,
            default=environ.get("MOIM_DB", "moim.db"),
            help="database file, whether a server holds it or not (default moim.db)",
        )
        return made

    _add_add(part("add", "make a webhook and print its secret, once", needs_id=False), environ)
    listed = part("list", "name all webhooks", needs_id=False)
    part("remove", "send nothing more, at once")
    rotate = part("rotate", "draw another secret and print it, once")
    rotate.add_argument(
        "--hours",
        type=_hours,
        default=environ.get("MOIM_HOURS", str(OVERLAP_HOURS)),
        help=f"how long the former one also signs (default {OVERLAP_HOURS}; 0: not at all)",
    )
    part("enable", "go on with one that is off, where it stopped")
    logged = part("log", "tell what was sent and what came of it, newest first")
    part("test", "send a test and tell what came of it")
    part("redeliver", "send a message again, under its id").add_argument(
        "message", metavar="MESSAGE", help="as `moim webhook log` names it"
    )
    for one in (listed, logged):
        one.add_argument(
            "--json",
            action=argparse.BooleanOptionalAction,
            default=flag_of(environ, "MOIM_JSON"),
            help="as JSON",
        )


def _add_add(add: argparse.ArgumentParser, environ: Mapping[str, str]) -> None:
    add.add_argument("document", metavar="ID", help="project/<id>, calendar/<id> or workspace")
    add.add_argument("url", metavar="URL", help="where changes are posted")
    add.add_argument(
        "--for",
        dest="name",
        default=environ.get("MOIM_FOR"),
        metavar="NAME",
        help="whose it is: it sends while they own the document; without, it is the server's",
    )
    add.add_argument(
        "--events",
        type=_names,
        default=environ.get("MOIM_EVENTS", ""),
        metavar="NAMES",
        help="what is told, with commas: card, column, event, info, ... (default all)",
    )
    add.add_argument(
        "--label", default=environ.get("MOIM_LABEL", ""), help="what it is for, in your words"
    )


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _hours(text: str) -> int:
    hours = int(text)
    if not 0 <= hours <= _LONGEST_OVERLAP_HOURS:
        raise argparse.ArgumentTypeError(
            f"expected 0 to {_LONGEST_OVERLAP_HOURS} hours, got {hours}"
        )
    return hours
