"""A workspace as Python programs use it: `moim.connect(url).project("launch").cards`."""

import atexit
import os
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self

from moim_data.documents.entities import Author
from moim_data.documents.kinds import SLUG
from moim_data.documents.project import ProjectDocument
from moim_data.documents.workspace import WorkspaceDocument
from moim_data.errors import StorageInUse, UnknownEntity
from moim_sync.client import Status, SyncClient, sync_url
from moim_sync.client_presence import DocumentPresence
from moim_sync.errors import ClientError, NotInTime
from moim_sync.messages import Person
from moim_sync.shared_document import SharedDocument

OUTBOXES: Final = 32
"""Programs of one person that may be connected to one server at a time."""
THREE_COLUMNS: Final = (
    ("todo", "To do", "ready"),
    ("doing", "Doing", "doing"),
    ("done", "Done", "done"),
)
CLOSE_TIMEOUT_S: Final = 3.0


class Project(ProjectDocument):
    """One board, shared: what is set here is in every browser, and the other way round."""

    def __init__(self, document: SharedDocument, author: Author) -> None:
        super().__init__(document, author)
        self.document = document
        self.id = document.id.removeprefix("project/")

    def __repr__(self) -> str:
        return f"<Project {self.id}: {len(self.cards)} cards, {len(self.columns)} columns>"

    def transaction(self) -> AbstractContextManager[None]:
        """Make several edits one: others see all of them at once, and one PUSH carries them."""
        return self.document.transaction()

    def watch(self, notify: Callable[[], None]) -> Callable[[], None]:
        """Call `notify` after changes, at most every 50 ms, on a thread of ours; give its end."""
        return self.document.watch(notify)

    def wait_saved(self, timeout_s: float = 5.0) -> None:
        """Wait until every edit is on the server's disk; see SharedDocument.wait_saved."""
        self.document.wait_saved(timeout_s)

    @property
    def pending(self) -> int:
        """The number of edits that are not yet on the server's disk."""
        return self.document.pending

    @property
    def presence(self) -> DocumentPresence:
        """Who else has this board open."""
        return self.document.presence


class Workspace(WorkspaceDocument):
    """A connected workspace; made by `connect`. Use it in `with`, or call `close`.

    `projects` and `members` are mappings by id, in order; `info.name` is the workspace's name.
    """

    def __init__(self, client: SyncClient, timeout_s: float) -> None:
        self.client = client
        self._timeout_s = timeout_s
        self._author = Author(self._person, client.clock, client.random)
        self._open: dict[str, Project] = {}
        self.document = client.document("workspace")
        super().__init__(self.document, self._author)
        _wait_for_content(self.document, timeout_s)

    def __repr__(self) -> str:
        name = self.info.name or "workspace"
        return f"<{name} at {self.client.url}: {self.status}, {len(self.projects)} projects>"

    def project(self, name: str) -> Project:
        """Give a project by its id or its name.

        What is kept here of it is there at once; else this waits for the server, at most the
        timeout of `connect`, and goes on without it.

        Raises:
            UnknownEntity: no project is called so.
            DocumentRefused: the server does not give it.
        """
        key = self._project_id(name)
        if key not in self._open:
            document = self.client.document(f"project/{key}")
            try:
                _wait_for_content(document, self._timeout_s)
            except ClientError:
                self.client.release(document)
                raise
            self._open[key] = Project(document, self._author)
        return self._open[key]

    def add_project(self, name: str, colour: str = "blue") -> Project:
        """Make a project with three columns."""
        entry = self.projects.add(name=name, colour=colour, created=self._author.now_ms())
        project = Project(self.client.document(f"project/{entry.id}", create=True), self._author)
        with project.transaction():
            for key, title, status in THREE_COLUMNS:
                project.columns.add(id=key, name=title, status=status)
        self._open[entry.id] = project
        return project

    @property
    def status(self) -> Status:
        """`live`, `syncing`, `offline` or `closed`."""
        return self.client.status

    @property
    def you(self) -> Person | None:
        """Who the server says this is."""
        return self.client.you

    @property
    def pending(self) -> int:
        """The number of edits that are not yet on the server's disk."""
        return self.client.pending

    def wait_saved(self, timeout_s: float = 5.0) -> None:
        """Wait until every edit is on the server's disk; see SyncClient.wait_saved."""
        self.client.wait_saved(timeout_s)

    def close(self, timeout_s: float = CLOSE_TIMEOUT_S) -> None:
        """Give what waits a last chance to arrive, then close; what did not stays in the outbox."""
        atexit.unregister(self.close)
        if self.client.status == "syncing":
            with suppress(ClientError):
                self.client.wait_saved(timeout_s)
        self.client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _project_id(self, name: str) -> str:
        try:
            return self.projects.named(name).id
        except UnknownEntity:
            # without the workspace at hand an id is taken as it is: it may be kept here
            if self.document.is_synced or not SLUG.fullmatch(name):
                raise
            return name

    def _person(self) -> str | None:
        return self.client.you.id if self.client.you else None


def connect(
    url: str,
    *,
    name: str | None = None,
    headers: Mapping[str, str] | None = None,
    outbox: Path | str | Literal["auto"] | None = "auto",
    timeout_s: float = 5.0,
) -> Workspace:
    """Connect to a moim server.

    It waits for the workspace at most `timeout_s`, then goes on with what is kept on this machine.
    Every edit is on disk when it returns and is sent as soon as the server answers, by this program
    or the next one that connects to the same server.

    Args:
        url: as in the browser, `http://localhost:5006`.
        name: the display name of a guest.
        headers: sent with the handshake, as a token.
        outbox: the file for unsent edits; "auto" is one in the user's data folder (XDG_DATA_HOME)
            for this server and this program, None keeps them in memory.

    Raises:
        ValueError: the address is none.
        StorageError: the outbox cannot be used; the message says why.
        DocumentRefused, ConnectionStopped: the server will not have this client.
    """
    client = _client(url, name, headers, outbox)
    try:
        workspace = Workspace(client, timeout_s)
    except BaseException:
        client.close()
        raise
    # a script that ends right after an edit still delivers it
    atexit.register(workspace.close)
    return workspace


def _client(
    url: str, name: str | None, headers: Mapping[str, str] | None, outbox: Path | str | None
) -> SyncClient:
    if outbox != "auto":
        return SyncClient(url, outbox=outbox, name=name, headers=headers)
    folder = outbox_folder()
    stem = re.sub(r"[^A-Za-z0-9.-]+", "-", sync_url(url).partition("://")[2].removesuffix("/sync"))
    for number in range(1, OUTBOXES):
        with suppress(StorageInUse):
            file = folder / f"{stem}.{number}.db"
            return SyncClient(url, outbox=file, name=name, headers=headers)
    return SyncClient(url, outbox=folder / f"{stem}.{OUTBOXES}.db", name=name, headers=headers)


def outbox_folder() -> Path:
    """Give the folder of automatic outbox files, made when absent."""
    home = os.environ.get("XDG_DATA_HOME")
    base = Path(home) if home else Path.home() / ".local" / "share"
    folder = base / "moim"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _wait_for_content(document: SharedDocument, timeout_s: float) -> None:
    """Wait for the server's content; go on without it when the server does not answer."""
    with suppress(NotInTime):
        document.wait_synced(timeout_s)
