"""Who asks for something at the door, and how a command of theirs is answered."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from moim_data.store import DocumentId
from moim_sync.api.caller import Caller
from moim_sync.api.socketio.request import Request
from moim_sync.command import Work


class Asker(Protocol):
    """The connection that an event came over."""

    caller: Caller

    async def subscribe(self, document: DocumentId, since: int | None) -> int:
        """Follow a document; gives the version up to which everything has been told."""

    async def unsubscribe(self, document: DocumentId) -> None:
        """Follow it no more."""

    def announce(self, document: DocumentId, state: Mapping[str, Any] | None) -> None:
        """Let the person be seen in a document that is followed, or no longer."""


Answer = dict[str, Any]
Event = Callable[[Asker, Request], Awaitable[Answer]]


async def run(asker: Asker, document: DocumentId, work: Work, expected: int | None) -> Answer:
    """Do it, and give the thing as it is with it."""
    done = await asker.caller.run(document, work, expected)
    return {**done.result, "version": done.seq}
