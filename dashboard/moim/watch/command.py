"""The command `moim watch`."""

import argparse
import io
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from moim.errors import UsageError
from moim.watch.told_change import ToldChange
from moim.watch.watcher import Watcher
from moim_data.documents.kinds import parse_document_id
from moim_data.errors import UnknownKind
from moim_data.store import DocumentId
from moim_sync.client import SyncClient


def run_watch(arguments: argparse.Namespace) -> int:
    """Print changes until Ctrl-C or SIGTERM, or until nobody reads them any more.

    Raises:
        UsageError: no such document, or no such address.
        WatchEnded: the server does not give the document.
    """
    try:
        with _ended_by_signals():
            _watch(arguments)
    except KeyboardInterrupt:
        return 0
    except BrokenPipeError:
        # what is buffered must not be written when Python ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return 0


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Make Ctrl-C and SIGTERM a KeyboardInterrupt, also where a shell has them ignored."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    former = [signal.signal(number, signal.default_int_handler) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, former, strict=True):
            signal.signal(number, handler)


def _watch(arguments: argparse.Namespace) -> None:
    document = _document(arguments.id)
    headers = {"Authorization": f"Bearer {arguments.token}"} if arguments.token else {}
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # names are in any script, whatever the locale says of a pipe
            stream.reconfigure(encoding="utf-8", errors="replace")

    def tell(change: ToldChange) -> None:
        print(change.json_line() if arguments.json else change.line(), flush=True)

    with _client(arguments.url, headers) as client:
        Watcher(client, document, tell, _say).run()


def _document(name: str) -> DocumentId:
    try:
        return parse_document_id(name)
    except UnknownKind as error:
        raise UsageError(f"watch: {error}") from error


def _client(url: str, headers: Mapping[str, str]) -> SyncClient:
    try:
        return SyncClient(url, outbox=None, headers=headers)
    except ValueError as error:
        raise UsageError(f"--url: {error}") from error


def _say(words: str) -> None:
    print(f"moim: {words}", file=sys.stderr, flush=True)
