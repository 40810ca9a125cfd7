"""The command `moim`. Exit codes: 0 done, 1 failed, 2 usage, 3 file in use, 4 port taken."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Final

from moim.access.arguments import add_access_arguments
from moim.errors import MoimError
from moim.settings import add_serve_arguments, environment, flag_of, read_settings
from moim_data.errors import DataError, StorageInUse
from moim_data.formats.errors import UnreadableFile
from moim_sync.errors import SyncError

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_IN_USE = 3


def main(argv: Sequence[str] | None = None, environ: Mapping[str, str] | None = None) -> int:
    """Run one command and give its exit code; what went wrong is one line on stderr."""
    environ = environment() if environ is None else environ
    try:
        arguments = _parser(environ).parse_args(argv)
        return _COMMANDS[arguments.command](arguments, environ)
    except StorageInUse as error:
        return _fail(error, EXIT_IN_USE)
    except UnreadableFile as error:
        return _fail(error, EXIT_USAGE)
    except (DataError, SyncError) as error:
        return _fail(error, EXIT_FAILED)
    except MoimError as error:
        return _fail(error, error.exit_code)


def _parser(environ: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="moim", description="A self-hosted, local-first team dashboard."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="serve the dashboard and its documents")
    add_serve_arguments(serve, environ)
    bring = commands.add_parser("import", help="bring in an iCalendar file or a Trello board")
    bring.add_argument("file", type=Path, metavar="FILE", help="what it is, is told by its content")
    bring.add_argument(
        "--into",
        default=environ.get("MOIM_INTO"),
        metavar="ID",
        help="an existing calendar or project; without it the file gets one of its own",
    )
    bring.add_argument(
        "--json",
        action=argparse.BooleanOptionalAction,
        default=flag_of(environ, "MOIM_JSON"),
        help="print the report as JSON",
    )
    export = commands.add_parser("export", help="write a calendar or any other document to a file")
    export.add_argument(
        "id", metavar="ID", help="calendar/<id>, project/<id>, page/<id>, workspace"
    )
    export.add_argument(
        "--format",
        choices=("ics", "json"),
        default=environ.get("MOIM_FORMAT"),
        help="default: ics for a calendar, json for others",
    )
    export.add_argument(
        "--out",
        type=Path,
        default=environ.get("MOIM_OUT"),
        metavar="FILE",
        help="default: standard output",
    )
    add_access_arguments(commands, environ)
    for command in (bring, export):
        command.add_argument(
            "--db",
            type=Path,
            default=environ.get("MOIM_DB", "moim.db"),
            help="database file, whether a server holds it or not (default moim.db)",
        )
    return parser


def _serve(arguments: argparse.Namespace, environ: Mapping[str, str]) -> int:
    settings = read_settings(arguments, environ)
    load_sqlite_utils_alone()
    from moim.server import serve  # the loop and its libraries, only when something is served

    return serve(settings)


def _import(arguments: argparse.Namespace, _: Mapping[str, str]) -> int:
    load_sqlite_utils_alone()
    from moim.import_file import import_file

    report = import_file(arguments.file, arguments.db, arguments.into)
    if arguments.json:
        print(json.dumps(report.to_dict(), ensure_ascii=False, indent=2))
    else:
        print("\n".join(report.lines()))
    return 0


def _export(arguments: argparse.Namespace, _: Mapping[str, str]) -> int:
    load_sqlite_utils_alone()
    from moim.export_document import export_document

    export_document(arguments.id, arguments.db, arguments.format, arguments.out)
    return 0


def _access(arguments: argparse.Namespace, environ: Mapping[str, str]) -> int:
    load_sqlite_utils_alone()
    from moim.access.commands import run_access

    return run_access(arguments, environ)


def load_sqlite_utils_alone() -> None:
    """Import sqlite-utils without pandas, which it would load for a feature that we do not use.

    In the hub that is half of the time to start, and memory that every collection walks.
    """
    if "pandas" not in sys.modules:
        sys.modules["pandas"] = None  # type: ignore[assignment]  # makes its import an ImportError
        try:
            import_module("sqlite_utils.db")
        finally:
            del sys.modules["pandas"]


def _fail(error: Exception, exit_code: int) -> int:
    print(f"moim: {error}", file=sys.stderr)
    return exit_code


_COMMANDS: Final[Mapping[str, Callable[[argparse.Namespace, Mapping[str, str]], int]]] = {
    "serve": _serve,
    "import": _import,
    "export": _export,
    "user": _access,
    "token": _access,
}


if __name__ == "__main__":
    raise SystemExit(main())
