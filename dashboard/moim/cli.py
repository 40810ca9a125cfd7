"""The command `moim`. Exit codes: 0 done, 1 failed, 2 usage, 3 file in use, 4 port taken."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module

from moim.errors import MoimError
from moim.settings import add_serve_arguments, environment, read_settings
from moim_data.errors import DataError, StorageInUse

EXIT_FAILED = 1
EXIT_IN_USE = 3


def main(argv: Sequence[str] | None = None, environ: Mapping[str, str] | None = None) -> int:
    """Run one command and give its exit code; what went wrong is one line on stderr."""
    environ = environment() if environ is None else environ
    try:
        arguments = _parser(environ).parse_args(argv)
        return _serve(arguments, environ)
    except StorageInUse as error:
        return _fail(error, EXIT_IN_USE)
    except DataError as error:
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
    return parser


def _serve(arguments: argparse.Namespace, environ: Mapping[str, str]) -> int:
    settings = read_settings(arguments, environ)
    load_sqlite_utils_alone()
    from moim.server import serve  # the loop and its libraries, only when something is served

    return serve(settings)


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


if __name__ == "__main__":
    raise SystemExit(main())
