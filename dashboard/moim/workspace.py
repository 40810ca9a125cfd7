"""A workspace as Python programs use it: `moim.connect(url).project("launch").cards`."""

import atexit
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self, TypeVar, cast

from moim.change import Change
from moim.change_reader import ChangeReader
from moim.shared_calendar import Calendar
from moim.shared_page import Page
from moim.shared_project import Project
from moim.shared_view import SharedView
from moim_data.documents.card_filter import CardFilter, Reader
from moim_data.documents.entities import Author, E, Entities
from moim_data.documents.kinds import SLUG
from moim_data.documents.project import Card
from moim_data.documents.when import is_zone
from moim_data.documents.workspace import WorkspaceDocument
from moim_data.errors import InvalidValue, StorageInUse, UnknownEntity
from moim_sync.client import Status, SyncClient, sync_url
from moim_sync.errors import ClientError, DocumentRefused, NotInTime
from moim_sync.messages import Person
from moim_sync.shared_document import SharedDocument

OUTBOXES: Final = 32
"""Programs of one person that may be connected to one server at a time."""
CLOSE_TIMEOUT_S: Final = 3.0


V = TypeVar("V", bound=SharedView)


class Workspace(WorkspaceDocument):
    """A connected workspace; made by `connect`. Use it in `with`, or call `close`.

    `projects`, `calendars`, `pages` and `members` are mappings by id, in order; `info.name` is the
    workspace's name.
    """

    def __init__(self, client: SyncClient, timeout_s: float) -> None:
        self.client = client
        self._timeout_s = timeout_s
        self._author = Author(self._person, client.clock, client.random)
        self._open: dict[str, SharedView] = {}
        self.document = client.document("workspace")
        super().__init__(self.document, self._author)
        with _unless_forbidden():
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
        return self._opened(Project, "project", self._id_in(self.projects, name))

    def calendar(self, name: str) -> Calendar:
        """Give a calendar by its id or its name; as `project`."""
        return self._opened(Calendar, "calendar", self._id_in(self.calendars, name))

    def page(self, name: str) -> Page:
        """Give a page by its id or its name; as `project`."""
        return self._opened(Page, "page", self._id_in(self.pages, name))

    def cards(self, project: str, filter: str = "", today: date | None = None) -> list[Card]:
        """Give the cards of a project that a board with this filter shows, in its order.

        Args:
            filter: as `@me due<7d label:bug`; docs/getting-around.md.
            today: the day that `due` counts from; the machine's own when not said.

        Raises:
            UnknownEntity, DocumentRefused: as `project`.
            InvalidValue: a term has a value that says nothing, as `due:soon`.
        """
        read = CardFilter.checked(filter)
        names = {member.id: member.name for member in self.members.values()}
        reader = Reader(self._person(), today or date.today(), names)
        return read.cards(self.project(project), reader)

    def add_project(self, name: str, colour: str = "blue") -> Project:
        """Make a project with three columns."""
        entry = self.projects.add(name=name, colour=colour, created=self._author.now_ms())
        project = self._made(Project, f"project/{entry.id}")
        with project.transaction():
            project.begin()
        return project

    def add_calendar(self, name: str, colour: str = "teal", zone: str | None = None) -> Calendar:
        """Make a calendar; `zone` is the IANA zone of new events, that of their maker without."""
        if zone is not None and not is_zone(zone):
            raise InvalidValue(
                f"info/zone: expected the IANA name of a zone, got {zone!r}", "info/zone"
            )
        entry = self.calendars.add(name=name, colour=colour, created=self._author.now_ms())
        calendar = self._made(Calendar, f"calendar/{entry.id}")
        calendar.info.zone = zone
        return calendar

    def add_page(self, name: str) -> Page:
        """Make a page with an empty note."""
        entry = self.pages.add(name=name, created=self._author.now_ms())
        page = self._made(Page, f"page/{entry.id}")
        with page.transaction():
            page.begin()
        return page

    def changes(self, document: str) -> list[Change]:
        """Give all that the server's log of changes has of a document, oldest first.

        Args:
            document: `project/<id>`, as in the address.

        Raises:
            ReadingFailed: the server does not answer, or does not give it.
        """
        return ChangeReader(self.client.url, self.client.headers).all(document)

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

    def _opened(self, view: Callable[[SharedDocument, Author], V], kind: str, key: str) -> V:
        name = f"{kind}/{key}"
        if name not in self._open:
            document = self.client.document(name)
            try:
                _wait_for_content(document, self._timeout_s)
            except ClientError:
                self.client.release(document)
                raise
            self._open[name] = view(document, self._author)
        return cast(V, self._open[name])  # a kind has one view

    def _made(self, view: Callable[[SharedDocument, Author], V], name: str) -> V:
        made = view(self.client.document(name, create=True), self._author)
        self._open[name] = made
        return made

    def _id_in(self, entries: Entities[E], name: str) -> str:
        try:
            return entries.named(name).id
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
    token: str | None = None,
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
        token: of `moim token create`, where the server asks for one.
        headers: sent with the handshake.
        outbox: the file for unsent edits; "auto" is one in the user's data folder (XDG_DATA_HOME)
            for this server and this program, None keeps them in memory.

    Raises:
        ValueError: the address is none.
        StorageError: the outbox cannot be used; the message says why.
        DocumentRefused, ConnectionStopped: the server will not have this client.
    """
    if token is not None:
        headers = {**(headers or {}), "Authorization": f"Bearer {token}"}
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


@contextmanager
def _unless_forbidden() -> Iterator[None]:
    """Go on without the workspace where a token is for single documents."""
    try:
        yield
    except DocumentRefused as error:
        if error.code != "role":
            raise


def _wait_for_content(document: SharedDocument, timeout_s: float) -> None:
    """Wait for the server's content; go on without it when the server does not answer."""
    with suppress(NotInTime):
        document.wait_synced(timeout_s)
