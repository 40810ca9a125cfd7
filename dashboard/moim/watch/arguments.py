"""The flags of `moim watch`."""

import argparse
from collections.abc import Mapping

from moim.settings import flag_of


def add_watch_arguments(commands: argparse.Action, environ: Mapping[str, str]) -> None:
    """Declare the command; the environment gives defaults."""
    assert isinstance(commands, argparse._SubParsersAction)
    watch = commands.add_parser("watch", help="print what changes in a document, as it comes")
    watch.add_argument("id", metavar="ID", help="project/<id>, calendar/<id>, page/<id>, workspace")
    watch.add_argument(
        "--url",
        default=environ.get("MOIM_URL", "http://127.0.0.1:5006"),
        help="the server's address (default http://127.0.0.1:5006)",
    )
    watch.add_argument(
        "--token",
        default=environ.get("MOIM_TOKEN"),
        help="of `moim token create`; others on this machine see flags, but not MOIM_TOKEN",
    )
    watch.add_argument(
        "--json",
        action=argparse.BooleanOptionalAction,
        default=flag_of(environ, "MOIM_JSON"),
        help="a line of JSON for each change",
    )
