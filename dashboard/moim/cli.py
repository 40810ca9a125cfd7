"""The command `moim`.

Exit codes: 0 done, 1 failed, 2 usage, 3 file in use, 4 port taken, 5 file damaged.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Final

from moim.access.arguments import add_access_arguments
from moim.errors import MoimError, UsageError
from moim.settings import add_serve_arguments, environment, flag_of, read_settings
from moim.watch.arguments import add_watch_arguments
from moim.webhooks.arguments import add_webhook_arguments
from moim_data.errors import DataError, FileTaken, FoundDamaged, StorageInUse
from moim_data.formats.errors import UnreadableFile
from moim_sync.errors import SyncError

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_IN_USE = 3
EXIT_DAMAGED = 5


def main(argv: Sequence[str] | None = None, environ: Mapping[str, str] | None = None) -> int:
    """Run one command and give its exit code; what went wrong is one line on stderr."""
    environ = environment() if environ is None else environ
    try:
        arguments = _parser(environ).parse_args(argv)
        return _COMMANDS[arguments.command](arguments, environ)
    except StorageInUse as error:
        return _fail(error, EXIT_IN_USE)
    except FoundDamaged as error:
        return _fail(error, EXIT_DAMAGED)
    except (UnreadableFile, FileTaken) as error:
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
    add_watch_arguments(commands, environ)
    add_webhook_arguments(commands, environ)
    backup = commands.add_parser("backup", help="write a checked copy, while a server runs or not")
    backup.add_argument("file", type=Path, metavar="FILE", help="where the copy is written")
    backup.add_argument(
        "--force",
        action=argparse.BooleanOptionalAction,
        default=flag_of(environ, "MOIM_FORCE"),
        help="overwrite FILE when it is there",
    )
    restore = commands.add_parser("restore", help="put a backup in the place of the database")
    restore.add_argument("file", type=Path, metavar="FILE", help="a file that backup has written")
    check = commands.add_parser("check", help="verify everything in a database file")
    check.add_argument(
        "--json",
        action=argparse.BooleanOptionalAction,
        default=flag_of(environ, "MOIM_JSON"),
        help="print the report as JSON",
    )
    for command in (bring, export, backup, restore, check):
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


def _backup(arguments: argparse.Namespace, _: Mapping[str, str]) -> int:
    _require_file(arguments.db)
    load_sqlite_utils_alone()
    from moim_data.backup import back_up

    report = back_up(arguments.db, arguments.file, overwrite=arguments.force)
    print(report.lines()[-1])
    return 0


def _restore(arguments: argparse.Namespace, _: Mapping[str, str]) -> int:
    _require_file(arguments.file)
    load_sqlite_utils_alone()
    from moim_data.restore import restore

    print("\n".join(restore(arguments.file, arguments.db, datetime.now()).lines()))
    return 0


def _check(arguments: argparse.Namespace, _: Mapping[str, str]) -> int:
    _require_file(arguments.db)
    load_sqlite_utils_alone()
    from moim_data.check import check_database

    report = check_database(arguments.db)
    if arguments.json:
        print(json.dumps(report.to_dict(), ensure_ascii=False, indent=2))
    else:
        print("\n".join(report.lines()))
    return 0 if report.sound else EXIT_DAMAGED


def _require_file(path: Path) -> None:
    if not path.exists():
        raise UsageError(f"{path} does not exist: name a database file")


def _access(arguments: argparse.Namespace, environ: Mapping[str, str]) -> int:
    load_sqlite_utils_alone()
    from moim.access.commands import run_access

    return run_access(arguments, environ)


def _webhook(arguments: argparse.Namespace, _: Mapping[str, str]) -> int:
    load_sqlite_utils_alone()
    from moim.webhooks.commands import run_webhook

    return run_webhook(arguments)


def _watch(arguments: argparse.Namespace, _: Mapping[str, str]) -> int:
    load_sqlite_utils_alone()
    from moim.watch.command import run_watch

    return run_watch(arguments)


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
    "backup": _backup,
    "restore": _restore,
    "check": _check,
    "user": _access,
    "token": _access,
    "feed": _access,
    "watch": _watch,
    "webhook": _webhook,
}


if __name__ == "__main__":
    raise SystemExit(main())
