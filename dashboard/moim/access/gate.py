"""The gate: the one place that decides what somebody may do with a document.

Every door asks `Gate.authorize` and nothing else: `/sync`, `/yjs`, `/api`, the pages and their
Panel sessions, the local socket. It only looks into memory, so it may be asked at every step.
"""

from collections.abc import Callable
from typing import Final

from moim.access.people import People
from moim.identity import COMMANDS, PAGES, PAGES_READING, WEBHOOKS, colour_of
from moim_data.store import DocumentId
from moim_sync.authorization import REFUSED, Action, Decision, Role, decide
from moim_sync.identity import SERVER, Identity

_OURS: Final = {
    SERVER.id: Role.OWNER,
    COMMANDS.id: Role.OWNER,
    PAGES.id: Role.EDITOR,
    PAGES_READING.id: Role.VIEWER,
    WEBHOOKS.id: Role.OWNER,
}
"""Our own programs, by ids that no person has. Commands may do all: they may open the
file; and so may whoever makes a webhook by one."""


class Gate:
    """Decides; `people` is None under `--auth none`, where everybody is an editor."""

    def __init__(self, people: People | None = None) -> None:
        self.people = people

    def authorize(
        self, identity: Identity | None, action: Action, document: DocumentId | None
    ) -> Decision:
        """Say whether somebody may do something with a document, or be here at all."""
        role = self._role(identity, document)
        return REFUSED if role is None else decide(role, action)

    def speaks_for(self, identity: Identity, person: str) -> Identity | None:
        """Give the person whose edits a page process brings; nobody else brings any but their own.

        A page process knows people from the hub only. A guest goes by the name that others see.
        """
        if identity.id != PAGES.id or person in _OURS:
            return None
        if self.people is not None:
            return self.people.using_pages(person)
        return Identity(person, "", colour_of(person))

    def on_change(self, notify: Callable[[], None]) -> None:
        """Call `notify` each time that what somebody may do has changed."""
        if self.people is not None:
            self.people.ledger.watch(notify)

    def _role(self, identity: Identity | None, document: DocumentId | None) -> Role | None:
        if identity is None:
            return None
        ours = _OURS.get(identity.id)
        if ours is not None:
            return ours
        return Role.EDITOR if self.people is None else self.people.role_of(identity, document)
