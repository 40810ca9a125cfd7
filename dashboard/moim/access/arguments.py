"""The flags of `moim user`, `moim token` and `moim feed`."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from moim.settings import flag_of

ROLES: Final = ("owner", "editor", "viewer", "none")
GIVEN_ROLES: Final = ("owner", "editor", "viewer")


def add_access_arguments(commands: argparse.Action, environ: Mapping[str, str]) -> None:
    """Declare the commands; the environment gives defaults."""
    assert isinstance(commands, argparse._SubParsersAction)
    user = commands.add_parser("user", help="accounts: who may sign in, and what they may do")
    _add_user(_Parts(user, environ))
    token = commands.add_parser("token", help="API tokens: what a program may do for somebody")
    _add_token(_Parts(token, environ))
    feed = commands.add_parser("feed", help="feeds: secret addresses for calendar programs")
    _add_feed(_Parts(feed, environ))


class _Parts:
    def __init__(self, parser: argparse.ArgumentParser, environ: Mapping[str, str]) -> None:
        self._parts = parser.add_subparsers(dest="part", required=True, metavar="WHAT")
        self.environ = environ

    def add(self, name: str, words: str) -> argparse.ArgumentParser:
        part: argparse.ArgumentParser = self._parts.add_parser(name, help=words)
        part.add_argument(
            "--db",
            type=Path,
            default=self.environ.get("MOIM_DB", "moim.db"),
            help="database file, whether a server holds it or not (default moim.db)",
        )
        return part

    def switch(self, part: argparse.ArgumentParser, flag: str, words: str) -> None:
        part.add_argument(
            f"--{flag}",
            action=argparse.BooleanOptionalAction,
            default=flag_of(self.environ, f"MOIM_{flag.upper()}"),
            help=words,
        )


def _add_user(parts: _Parts) -> None:
    environ = parts.environ
    add = parts.add("add", "make an account; its password is asked for, or read from stdin")
    add.add_argument("name", metavar="NAME")
    invite = parts.add("invite", "print the address at which one person makes an account")
    for part in (add, invite):
        part.add_argument(
            "--role",
            choices=GIVEN_ROLES,
            default=environ.get("MOIM_ROLE", "editor"),
            help="in every document without a role of its own (default editor)",
        )
    invite.add_argument(
        "--days",
        type=_days,
        default=environ.get("MOIM_DAYS", "7"),
        help="how long it may be used (default 7)",
    )
    invite.add_argument(
        "--url", default=environ.get("MOIM_URL", ""), help="the server's address, put before it"
    )
    role = parts.add("role", "change what somebody may do, at once")
    role.add_argument("name", metavar="NAME")
    role.add_argument(
        "role",
        choices=(*ROLES, "default"),
        metavar="ROLE",
        help="owner, editor, viewer, none; default takes the exception of --document away",
    )
    role.add_argument(
        "--document",
        default=environ.get("MOIM_DOCUMENT"),
        metavar="ID",
        help="in this document only: workspace, project/<id>, calendar/<id>, page/<id>",
    )
    for name, words in (
        ("disable", "keep somebody out, at once"),
        ("enable", "let somebody in again"),
        ("password", "give somebody another password, and sign them out everywhere"),
    ):
        parts.add(name, words).add_argument("name", metavar="NAME")
    parts.switch(parts.add("list", "name everybody"), "json", "as JSON")


def _add_token(parts: _Parts) -> None:
    environ = parts.environ
    create = parts.add("create", "make a token and print it, once")
    create.add_argument("name", metavar="NAME", help="for whom it acts")
    create.add_argument(
        "--label", default=environ.get("MOIM_LABEL", ""), help="what it is for, in your words"
    )
    create.add_argument(
        "--document",
        action="append",
        dest="documents",
        metavar="ID",
        default=None,
        help="where it may be used; may be repeated (MOIM_DOCUMENT: with commas); else everywhere",
    )
    parts.switch(create, "write", "it may edit, where its person may; else it only reads")
    create.add_argument(
        "--days",
        type=_days,
        default=environ.get("MOIM_DAYS", "90"),
        help="how long it holds (default 90; 0 for good)",
    )
    parts.switch(parts.add("list", "name all tokens"), "json", "as JSON")
    parts.add("revoke", "end a token, at once").add_argument("id", metavar="ID")


def _add_feed(parts: _Parts) -> None:
    environ = parts.environ
    add = parts.add("add", "make a feed and print its address, once")
    add.add_argument(
        "shows",
        metavar="WHAT",
        help="calendar/<id>, project/<id> (its dated cards), or mine: what somebody takes part in",
    )
    add.add_argument(
        "--for",
        dest="name",
        default=environ.get("MOIM_FOR"),
        metavar="NAME",
        help="whose it is: it shows what they may read; nobody's without",
    )
    add.add_argument(
        "--label", default=environ.get("MOIM_LABEL", ""), help="what it is for, in your words"
    )
    add.add_argument(
        "--url", default=environ.get("MOIM_URL", ""), help="the server's address, put before it"
    )
    parts.switch(parts.add("list", "name all feeds"), "json", "as JSON")
    parts.add("revoke", "end a feed, at once").add_argument("id", metavar="ID")


def _days(text: str) -> int:
    days = int(text)
    if not 0 <= days <= 3650:
        raise argparse.ArgumentTypeError(f"expected 0 to 3650 days, got {days}")
    return days
