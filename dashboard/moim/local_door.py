"""A Unix socket beside the database, where commands of this machine reach whoever holds it.

`moim import` and `moim export` speak `/sync` there, as a browser does; `moim user`, `moim token`,
`moim feed` and `moim webhook` ask at `/access`. Whoever may open the file may do all: they are the
owner. The socket (0600) is made after the database has been locked, so what lies there before is of
somebody who has died: it is removed. A command that finds a dead socket finds the database free as
well, and opens it itself.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_unix_socket
from tornado.web import Application

from moim.access.door import access_route
from moim.access.gate import Gate
from moim.access.people import People
from moim.identity import COMMANDS
from moim_sync.hub import Hub
from moim_sync.tornado_channel import routes

LONGEST_PATH_BYTES: Final = 100
"""Of a Unix socket; Linux takes 107."""


def socket_file(database: Path) -> Path:
    """Give where the socket of a database lies."""
    return database.with_name(database.name + ".sock")


@contextmanager
def local_door(database: Path, hub: Hub, people: People) -> Iterator[None]:
    """Serve the hub's documents and the accounts on the socket until it is left."""
    doors = [*routes(hub, lambda _: COMMANDS), access_route(Gate(people), people)]
    application = Application(doors, log_function=lambda _: None)
    server = HTTPServer(application)
    file = socket_file(database)
    with short_path(file) as path:
        server.add_socket(bind_unix_socket(str(path), mode=0o600))
    try:
        yield
    finally:
        server.stop()
        file.unlink(missing_ok=True)


@contextmanager
def short_path(file: Path) -> Iterator[Path]:
    """Give a path to the same file that fits into the address of a socket."""
    if len(os.fsencode(file)) <= LONGEST_PATH_BYTES:
        yield file
        return
    folder = os.open(file.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield Path(f"/proc/self/fd/{folder}") / file.name
    finally:
        os.close(folder)
