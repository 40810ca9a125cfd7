"""Follows one document over the Python client and says what changes in it."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, NoReturn

from moim.errors import UsageError
from moim.watch.errors import WatchEnded
from moim.watch.followed import Followed
from moim.watch.names import Names
from moim.watch.told_change import ToldChange, told_change
from moim_data.documents.kinds import kind_of
from moim_data.documents.shape import DocumentShape, shape_of
from moim_data.store import DocumentId
from moim_sync.client import SyncClient
from moim_sync.errors import CloseCode

WORKSPACE: Final = "workspace"
_PASSING: Final = "storage"
"""The code of a refusal that goes by without us."""


class Watcher:
    """Tells what changes in a document of a server, until it is refused.

    Args:
        tell: called with each change, in order, in the thread of `run`.
        say: called with what people should know of the connection.

    Raises:
        UsageError: documents of this kind have no schema, so nothing can be said of them.
    """

    def __init__(
        self,
        client: SyncClient,
        document: DocumentId,
        tell: Callable[[ToldChange], None],
        say: Callable[[str], None],
    ) -> None:
        shape = shape_of(kind_of(document).name)
        if shape is None:
            raise UsageError(f"{document} has no schema: expected workspace or <kind>/<id>")
        self._client = client
        self._tell = tell
        self._say = say
        self._news = threading.Event()
        self._document = Followed(client.document(document), shape)
        self._workspace = Followed(client.document(WORKSPACE), _workspace_shape())
        for followed in (self._document, self._workspace):
            followed.shared.watch(self._news.set)
        self._names = Names()
        self._said = ""

    def run(self) -> NoReturn:
        """Go on until the server ends it for good: WatchEnded; UsageError for a wrong name."""
        # what happened before anybody listened; a first try to connect may be under way
        self._look(says_away=False)
        while True:
            self._news.wait()
            self._news.clear()
            self._look()

    def _look(self, *, says_away: bool = True) -> None:
        self._stop_when_refused()
        self._workspace.take()
        members = (self._workspace.content or {}).get("members", {})
        self._names.see(self._document.shared.presence.by_client, members)
        changes, content = self._document.take(), self._document.content
        self._say_how_it_stands(says_away)
        at = datetime.fromtimestamp(self._client.clock(), UTC)
        for change in changes:
            document = self._document.shared.id
            self._tell(told_change(change, document, content or {}, self._names, at))

    def _say_how_it_stands(self, says_away: bool) -> None:
        if self._document.is_synced:
            first = f"watching {self._document.shared.id}"
            self._say_once("live", "connected again" if self._said else first)
        elif says_away and self._client.status == "offline":
            self._say_once("away", f"{self._client.url} is away; trying again until it answers")

    def _say_once(self, state: str, words: str) -> None:
        if self._said != state:
            self._said = state
            self._say(words)

    def _stop_when_refused(self) -> None:
        stopped = self._client.stopped
        if stopped is not None:
            raise WatchEnded(_stopped_words(*stopped))
        refusal = self._document.shared.refusal
        if refusal is None or refusal.code == _PASSING:
            return
        name = self._document.shared.id
        if refusal.code == "unknown":
            raise UsageError(f"{name} does not exist at {self._client.url}")
        if refusal.code == "role":
            raise WatchEnded(f"you may not read {name}: ask an owner for a role in it")
        raise WatchEnded(f"{name} cannot be watched: {refusal.code}: {refusal.message}")


def _workspace_shape() -> DocumentShape:
    shape = shape_of(WORKSPACE)
    assert shape is not None
    return shape


def _stopped_words(code: int, reason: str) -> str:
    if code == CloseCode.NOT_SIGNED_IN:
        return "this server asks who you are: send a token with --token or MOIM_TOKEN"
    return f"the server ended the connection for good: {code} {reason}"
