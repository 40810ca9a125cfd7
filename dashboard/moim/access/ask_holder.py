"""Asks whoever holds the database file about its accounts, or opens the file when nobody does."""

import asyncio
import http.client
import json
import socket
import time
from contextlib import closing
from pathlib import Path
from typing import Final

from moim.access.door import ACCESS, Answer, Question, ask
from moim.access.errors import AccessError
from moim.access.people import People
from moim.local_door import short_path, socket_file
from moim_data.errors import StorageInUse
from moim_data.sqlite_store import SqliteStore

_ANSWER_S: Final = 20.0
_LOOK_AGAIN_S: Final = 0.05
_MAKES_THE_FILE: Final = ("user add", "user invite")


def ask_holder(database: Path, question: Question) -> Answer:
    """Give the answer.

    Raises:
        AccessError: the question does not fit the accounts.
        StorageInUse: another process holds the file and does not answer.
        StorageError: the file cannot be used.
    """
    if question["do"] not in _MAKES_THE_FILE and not database.exists():
        raise AccessError(f"{database} does not exist: name the database file with --db")
    ends_at = time.monotonic() + _ANSWER_S
    while True:
        try:
            return asyncio.run(_ask_file(database, question))
        except StorageInUse:
            answer = _ask_door(database, question)
            if answer is not None:
                return answer
            if time.monotonic() >= ends_at:
                raise
            time.sleep(_LOOK_AGAIN_S)  # the holder is just coming or going


async def _ask_file(database: Path, question: Question) -> Answer:
    with closing(SqliteStore(database)) as store:
        return await ask(await People.load(store), question)


def _ask_door(database: Path, question: Question) -> Answer | None:
    with short_path(socket_file(database)) as path:
        connection = _UnixConnection(str(path))
        try:
            connection.request("POST", ACCESS, json.dumps(question))
            response = connection.getresponse()
            answer: Answer = json.loads(response.read())
        except OSError:
            return None
        finally:
            connection.close()
    if response.status != 200:
        raise AccessError(answer["error"])
    return answer


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=_ANSWER_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)
