"""One document that a client of the door follows: its news, told one batch after the other.

A batch is read from the room when the client has room for it, so that nothing queues however slow
it is. The messages of a batch go by version; all but the last bear `more`: only with the last one
does the client have everything up to that version.
"""

import asyncio
from collections.abc import Callable
from logging import Logger
from typing import Final, Protocol

from moim_data.errors import DataError
from moim_data.store import DocumentId
from moim_sync.api.failure import Failure
from moim_sync.api.socketio.messages import (
    Message,
    change_message,
    conflict_message,
    id_of,
    kind_name,
    presence_message,
)
from moim_sync.api.socketio.packets import encode_event
from moim_sync.api.subscription import Ended, News, Subscription
from moim_sync.errors import CloseCode, SyncError
from moim_sync.messages import Conflict

ENDED: Final = {
    CloseCode.RESTART: "restart",
    CloseCode.REFUSED: "role",
    CloseCode.UNKNOWN_DOCUMENT: "unknown",
    CloseCode.STORAGE: "storage",
}
"""What a client is told of the end of a subscription; all else is `internal`."""


class NotBegun(SyncError):
    """A subscription ended before its first batch was told; `code` as ENDED says, or `ended`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Listener(Protocol):
    """The connection that is told."""

    log: Logger

    async def room(self) -> None:
        """Wait until the client may be told more."""

    def say(self, name: str, message: Message) -> None:
        """Tell it."""

    def put(self, text: str) -> None:
        """Tell it what has its text already."""


class Followed:
    """A subscription and the task that tells what is new in it.

    Args:
        now_ms: milliseconds since 1970, UTC.
    """

    def __init__(
        self,
        document: DocumentId,
        subscription: Subscription,
        listener: Listener,
        now_ms: Callable[[], int],
    ) -> None:
        self.document = document
        self.subscription = subscription
        self.caught_up: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        """The version that the first batch made, once it was told."""
        self._listener = listener
        self._now_ms = now_ms
        self._left = False

    def leave(self) -> None:
        """End it, because the client asked for that or has gone."""
        self._left = True
        self.subscription.close()

    async def run(self) -> None:
        """Tell what is new until it ends."""
        try:
            while True:
                await self._listener.room()
                await self._tell(await self.subscription.next())
        except Ended as ended:
            self._end(ENDED.get(ended.code, "internal"), str(ended))
        except (SyncError, DataError) as error:
            self._fail(Failure.of(error))
        except Exception as error:  # noqa: BLE001  the rim: one subscription harms no other
            self._fail(Failure.of(error))

    async def _tell(self, news: News) -> None:
        kind = kind_name(self.document)
        changes = sorted(news.changes, key=lambda change: change.seq)
        for at, change in enumerate(changes, 1):
            if self._left:
                return
            text = None if news.step is None else news.step.told.get(at)
            if text is None:
                more = at < len(changes)
                message = change_message(self.document, change, self._now_ms(), more)
                text = encode_event(f"{kind}:update", message)
                if news.step is not None:
                    news.step.told[at] = text
            self._listener.put(text)
            await self._listener.room()
        for one in news.conflicts:
            if isinstance(one, Conflict):
                name, message = "conflict:detected", conflict_message(self.document, one)
            else:
                name, message = "conflict:resolved", {kind: id_of(self.document), "id": one.id}
            self._listener.say(name, message)
            await self._listener.room()
        if news.people is not None:
            message = presence_message(self.document, news.people, news.seq, self._now_ms())
            self._listener.say("presence:update", message)
        if not self.caught_up.done():
            self.caught_up.set_result(news.seq)

    def _fail(self, failure: Failure) -> None:
        self.subscription.close()
        self._end(failure.code, failure.message)

    def _end(self, code: str, message: str) -> None:
        if not self.caught_up.done():
            self.caught_up.set_exception(NotBegun("ended" if self._left else code, message))
            self.caught_up.exception()  # perhaps nobody waits for it
            return
        if self._left:
            return
        about = {"id": id_of(self.document), "entity": kind_name(self.document)}
        self._listener.say("subscription:ended", {**about, "code": code, "message": message})
