"""`panel serve app.py --plugins moim.plugin`: the documents in the same process as the pages.

The database is `moim.db`, or MOIM_DB; an empty one gets the demo unless MOIM_DEMO=0. Only pages of
this machine may connect, unless MOIM_ORIGIN names others or MOIM_TRUST_NETWORK=1 lets all in.
"""

from collections.abc import Awaitable
from functools import cache
from typing import Any

from tornado.web import HTTPError, RequestHandler

from moim.api import DocumentHandler
from moim.calendar_occurrences import Question
from moim.changes_api import CHANGES, ChangesHandler, LogReader, LogReading
from moim.documents_reader import DocumentsReader, Reading
from moim.errors import MoimError, UsageError
from moim.identity import GUEST_COOKIE, GUEST_COOKIE_DAYS
from moim.occurrences_api import OCCURRENCES, OccurrencesHandler
from moim.settings import environment, plugin_settings
from moim.single_process import SingleProcess, command_line, refuse_processes
from moim_data.errors import DataError
from moim_data.store import DocumentId, LogPlace
from moim_sync.hub import Hub
from moim_sync.identity import Identity
from moim_sync.polling_channel import PollingDoor, PollingHandler
from moim_sync.tornado_channel import DoorHandler, PlainHandler, SyncHandler

try:
    refuse_processes(command_line())
except UsageError as error:
    raise SystemExit(f"moim: {error}") from None


@cache
def single_process() -> SingleProcess:
    """Give the one of this process, made from the environment."""
    return SingleProcess(plugin_settings(environment()))


class _Visited(RequestHandler):
    """A request of somebody who may be the first: the hub starts, and a new guest gets a cookie."""

    _identity: Identity | None = None

    async def _started_hub(self) -> Hub:
        try:
            return await single_process().hub()
        except (MoimError, DataError) as error:
            raise HTTPError(503, reason=str(error)) from error

    def _meet(self, is_browser: bool) -> None:
        guests = single_process().guests
        if not is_browser:
            self._identity = guests.identify(self.request)
            return
        self._identity, cookie = guests.welcome(self.request)
        if cookie is not None:
            self.set_cookie(
                GUEST_COOKIE,
                cookie,
                expires_days=GUEST_COOKIE_DAYS,
                httponly=True,
                samesite="Lax",
                secure=self.request.protocol == "https",
            )

    def _identify_guest(self, _: RequestHandler) -> Identity | None:
        return self._identity

    def _allow(self, _: Any) -> bool:
        return single_process().origins.allowed(self.request)


class _Door(_Visited, DoorHandler):
    """A door whose hub starts with the first visitor."""

    def initialize(self) -> None:  # type: ignore[override]
        super().initialize(None, self._identify_guest, self._allow)  # type: ignore[arg-type]

    async def prepare(self) -> None:  # type: ignore[override]
        """Start the hub if nobody has; give a new guest a cookie with the handshake."""
        self.hub = await self._started_hub()
        super().prepare()
        self._meet("Origin" in self.request.headers)


class LazySyncHandler(_Door, SyncHandler):
    """`/sync`."""


class LazyPlainHandler(_Door, PlainHandler):
    """`/yjs/<document>`."""


@cache
def _polling_door(hub: Hub) -> PollingDoor:
    return PollingDoor(hub)


class LazyPollingHandler(_Visited, PollingHandler):
    """`/sync/poll`."""

    def initialize(self) -> None:  # type: ignore[override]
        """Take who may connect; the door comes with the hub."""
        super().initialize(None, self._identify_guest, self._allow)  # type: ignore[arg-type]

    async def prepare(self) -> None:  # type: ignore[override]
        """Start the hub if nobody has; give a new guest a cookie with the handshake."""
        self._door = _polling_door(await self._started_hub())
        if self._allow(self.request):
            self._meet(not self._sid)  # a browser's own GET bears no Origin
        super().prepare()


class LazyDocumentHandler(DocumentHandler):
    """`/api/<document>`."""

    def initialize(self) -> None:  # type: ignore[override]
        """Take the documents of this process."""
        super().initialize(self._read_here, single_process().access)

    def _read_here(self, document: Any) -> Awaitable[Reading | None]:
        async def read() -> Reading | None:
            return await DocumentsReader(await single_process().hub()).read(document)

        return read()


class LazyOccurrencesHandler(OccurrencesHandler):
    """`/api/calendar/<id>/occurrences`."""

    def initialize(self) -> None:  # type: ignore[override]
        """Take the documents of this process."""
        super().initialize(self._expand_here, single_process().access)

    def _expand_here(self, calendar: DocumentId, question: Question) -> Awaitable[Reading | None]:
        async def read() -> Reading | None:
            reader = DocumentsReader(await single_process().hub())
            return await reader.occurrences(calendar, question)

        return read()


class LazyChangesHandler(ChangesHandler):
    """`/api/<document>/changes`."""

    def initialize(self) -> None:  # type: ignore[override]
        """Take the documents of this process."""
        super().initialize(self._read_here, single_process().access)

    def _read_here(self, document: DocumentId, after: LogPlace) -> Awaitable[LogReading]:
        async def read() -> LogReading:
            return await LogReader(await single_process().hub()).read(document, after)

        return read()


ROUTES = [
    (r"/sync", LazySyncHandler),
    (r"/sync/poll/?", LazyPollingHandler),
    (r"/yjs/([^?#]+)", LazyPlainHandler),
    (OCCURRENCES, LazyOccurrencesHandler),
    (CHANGES, LazyChangesHandler),
    (r"/api/(.+)", LazyDocumentHandler),
]
