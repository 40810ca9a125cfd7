"""The documents that this process's pages show: one client of the hub, in a thread of its own.

A page never waits for a document on its event loop: under `panel serve` the hub answers on that
very loop. It asks to be told when the document is here, and fills itself then.
"""

from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any, Protocol

from pycrdt import Doc

from moim.binding import Watched
from moim.change_reader import ChangePage, ChangeReader
from moim.identity import ROLE_HEADER
from moim.insights.project_log import FollowsHistory, ProjectLog
from moim_data.documents.access import LocalAccess
from moim_data.documents.demo import demo_documents
from moim_data.documents.project import ProjectDocument
from moim_data.documents.workspace import WorkspaceDocument
from moim_data.store import DocumentId
from moim_sync.client import SyncClient
from moim_sync.errors import SyncError
from moim_sync.shared_document import SharedDocument

_WAIT_S = 20.0
_SAVE_S = 2.0
_LOG_READERS = 2


@dataclass(frozen=True, slots=True)
class OpenProject:
    """A project and the workspace around it, held by one page."""

    id: str
    project: ProjectDocument
    workspace: WorkspaceDocument
    documents: tuple[Watched, Watched]
    is_here: bool
    """Whether all of it was here already when it was opened."""
    release: Callable[[], None] = field(repr=False)
    log: FollowsHistory = field(repr=False)
    """Read once a chart watches it."""


class OpensProjects(Protocol):
    """Where a page finds its documents."""

    def open_project(self, project: str) -> OpenProject:
        """Give a project; call `release` when the page has gone. Raises UnknownKind."""

    def when_synced(self, opened: OpenProject, tell: Callable[[str | None], None]) -> None:
        """Call `tell`, from any thread, once all is here: with None, or with what went wrong."""


class ActingFor:
    """A shared document in which everything that is written is somebody's own edit."""

    def __init__(self, shared: SharedDocument, person: str) -> None:
        self._shared = shared
        self._person = person

    @property
    def doc(self) -> "Doc[Any]":
        """The document; touch it under the lock only."""
        return self._shared.doc

    @property
    def lock(self) -> AbstractContextManager[object]:
        """The lock around every read."""
        return self._shared.lock

    def transaction(self, origin: Hashable = None) -> AbstractContextManager[object]:
        """Edit, as the person."""
        return self._shared.transaction(origin, self._person)

    def watch(self, notify: Callable[[], None]) -> Callable[[], None]:
        """Call `notify` after changes; gives a function that ends it."""
        return self._shared.watch(notify)


class PageDocuments:
    """Opens documents of the hub at `url` for pages."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self._client = SyncClient(url, outbox=None, headers=headers)
        self._changes = ChangeReader(url, headers)
        self._logs: dict[DocumentId, ProjectLog] = {}
        self._reading = ThreadPoolExecutor(_LOG_READERS, thread_name_prefix="moim logs")
        self._waiting = ThreadPoolExecutor(4, thread_name_prefix="moim pages")

    def open_project(self, project: str) -> OpenProject:
        """Give a project; call `release` when the page has gone, or twice. Raises UnknownKind."""
        shared = self._client.document(f"project/{project}")
        around = self._client.document("workspace")

        held = [shared, around]

        def release() -> None:
            while held:
                self._client.release(held.pop())

        return OpenProject(
            project,
            ProjectDocument(shared),
            WorkspaceDocument(around),
            (shared, around),
            shared.is_synced and around.is_synced,
            release,
            self._log_of(shared),
        )

    def _log_of(self, shared: SharedDocument) -> ProjectLog:
        """Give the log that all charts of a project share, as long as the document is open."""
        log = self._logs.get(shared.id)
        if log is None or log.document is not shared:
            read = partial(self._changes.page, shared.id)
            log = self._logs[shared.id] = ProjectLog(shared, read, self._reading.submit)
        return log

    def when_synced(self, opened: OpenProject, tell: Callable[[str | None], None]) -> None:
        """Call `tell`, from any thread, once all is here: with None, or with what went wrong."""

        documents = [one for one in opened.documents if isinstance(one, SharedDocument)]

        def wait() -> None:
            try:
                for document in documents:
                    document.wait_synced(_WAIT_S)
            except SyncError as error:
                tell(str(error))
            else:
                tell(None)

        if all(document.is_synced for document in documents):
            tell(None)
        else:
            self._waiting.submit(wait)

    def close(self) -> None:
        """End the connection, once what widgets have edited is on the hub's disk."""
        self._waiting.shutdown(wait=False, cancel_futures=True)
        with suppress(SyncError):
            self._client.wait_saved(_SAVE_S)
        self._client.close()
        self._reading.shutdown(wait=False, cancel_futures=True)


class DocumentsOf:
    """The documents of a page process as one person has them: what they edit is theirs."""

    def __init__(self, documents: PageDocuments, person: str) -> None:
        self._documents = documents
        self._person = person

    def open_project(self, project: str) -> OpenProject:
        """Give a project; call `release` when the page has gone. Raises UnknownKind."""
        opened = self._documents.open_project(project)
        shared, around = (
            ActingFor(one, self._person)
            for one in opened.documents
            if isinstance(one, SharedDocument)
        )
        return replace(opened, project=ProjectDocument(shared), workspace=WorkspaceDocument(around))

    def when_synced(self, opened: OpenProject, tell: Callable[[str | None], None]) -> None:
        """Call `tell`, from any thread, once all is here: with None, or with what went wrong."""
        self._documents.when_synced(opened, tell)


class SampleDocuments:
    """The demo's documents, nobody's: what a worker opens its pages with before anybody comes."""

    def open_project(self, project: str) -> OpenProject:
        """Give the demo's project of this id."""
        made = demo_documents(date(2026, 1, 1))
        shared, around = (
            _Sample(made[DocumentId(name)]) for name in (f"project/{project}", "workspace")
        )
        return OpenProject(
            project,
            ProjectDocument(shared),
            WorkspaceDocument(around),
            (shared, around),
            True,
            lambda: None,
            ProjectLog(shared, _no_changes, lambda work: work()),
        )

    def when_synced(self, opened: OpenProject, tell: Callable[[str | None], None]) -> None:
        """Call `tell` at once."""
        tell(None)


def _no_changes(since: str) -> ChangePage:
    return ChangePage("", (), since, False)


class _Sample(LocalAccess):
    def __init__(self, update: bytes) -> None:
        doc: Doc[Any] = Doc()
        doc.apply_update(update)
        super().__init__(doc)

    def watch(self, notify: Callable[[], None]) -> Callable[[], None]:
        return lambda: None


class _Hub:
    """The hub of this process's pages, as those who edit see it, and as those who only read."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self._url = url
        self._headers = headers
        self.edited = PageDocuments(url, headers)
        self._read: PageDocuments | None = None

    @property
    def read(self) -> PageDocuments:
        """Documents that the hub lets nobody edit; connected when somebody first needs them."""
        if self._read is None:
            self._read = PageDocuments(self._url, {**self._headers, ROLE_HEADER: "viewer"})
        return self._read

    def close(self) -> None:
        self.edited.close()
        if self._read is not None:
            self._read.close()


_of_this_process: _Hub | None = None


def use_hub(url: str, headers: Mapping[str, str]) -> PageDocuments:
    """Let the pages of this process find their documents at a hub's address."""
    global _of_this_process
    if _of_this_process is not None:
        _of_this_process.close()
    _of_this_process = _Hub(url, headers)
    return _of_this_process.edited


def page_documents(may_edit: bool = True, person: str = "") -> OpensProjects:
    """Give the documents of this process's pages, for people who may edit them or not.

    Args:
        person: who edits, as the hub says; without one, the edits are those of the pages.

    Raises:
        RuntimeError: nobody has said where the hub is.
    """
    if _of_this_process is None:
        raise RuntimeError(
            "no hub: run the page under `moim serve`, or as `panel serve ... --plugins moim.plugin`"
        )
    if not may_edit:
        return _of_this_process.read
    edited = _of_this_process.edited
    return DocumentsOf(edited, person) if person else edited
