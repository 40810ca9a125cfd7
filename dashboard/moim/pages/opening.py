"""A project that a session opens, as often as it takes, and is filled with once it is here."""

from collections.abc import Callable

from moim.binding import Follower, follower
from moim.page_documents import OpenProject, OpensProjects
from moim_data.errors import UnknownKind

_LOOK_AGAIN_MS = 1_500
_PATIENT_TRIES = 2


class Opening:
    """Opens a project; calls `fill` in the session with it, `say` with a word about the wait.

    A project that is not there is looked for again: somebody may just have made it, and their edits
    are still on the way.
    """

    def __init__(
        self,
        documents: OpensProjects,
        project: str,
        fill: Callable[[OpenProject], None],
        say: Callable[[str], None],
    ) -> None:
        self._documents = documents
        self._project = project
        self._take = fill
        self._say = say
        self._follower: Follower = follower()
        self._tries = 0

    def start(self) -> None:
        """Begin; what is here already is filled in before this returns."""
        self._say("page.loading")
        self._open()

    def _open(self) -> None:
        self._tries += 1
        try:
            opened = self._documents.open_project(self._project)
        except UnknownKind:
            self._say("page.unknown")
            return
        self._follower.at_end(opened.release)
        if opened.is_here:
            self._fill(opened, None)
            return
        self._documents.when_synced(
            opened, lambda error: self._follower.soon(lambda: self._fill(opened, error))
        )

    def _fill(self, opened: OpenProject, error: str | None) -> None:
        if error is None and opened.id in opened.workspace.projects:
            self._take(opened)
            return
        opened.release()
        if self._tries > _PATIENT_TRIES:
            self._say("page.unknown")
        self._follower.later(self._open, _LOOK_AGAIN_MS)
