"""GET and HEAD `/feeds/<secret>.ics`."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from moim.access.access import Access
from moim.access.accounts import secret_hash
from moim.access.people import People
from moim.access.throttle import Throttle
from moim.errors import ReadingFailed
from moim.feeds.feed_reader import FeedReader, FeedState
from moim.web import BaseHandler
from moim_data.errors import StorageError
from moim_data.store import DocumentId
from moim_sync.authorization import Action
from moim_sync.identity import Identity

FEED: Final = r"/feeds/([^/]{1,200})\.ics"
_TRIES_OF_AN_ADDRESS: Final = 20
_LONGEST_WAIT_S: Final = 900.0
_REMEMBERED: Final = 10_000


class Guesses:
    """Makes whoever tries one secret after another wait.

    A wrong one counts once for an address: a calendar program goes on asking for a revoked feed,
    and must not keep others out who come from there.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._throttle = Throttle(_TRIES_OF_AN_ADDRESS, _LONGEST_WAIT_S, clock)
        self._wrong: OrderedDict[tuple[str, bytes], None] = OrderedDict()

    def wait_s(self, address: str, secret: str, is_right: bool) -> float:
        """Count a try and give 0, or give the seconds until the next one."""
        wait_s = self._throttle.take(address)
        key = (address, secret_hash(secret))
        if wait_s > 0:
            return wait_s
        if is_right or key in self._wrong:
            self._throttle.undo(address)
        else:
            self._wrong[key] = None
            if len(self._wrong) > _REMEMBERED:
                self._wrong.popitem(last=False)
        return 0.0


class FeedDoor:
    """What the handler needs: who may, whose feed it is, and what reads it."""

    def __init__(
        self, access: Access, people: People, reader: FeedReader, clock: Callable[[], float]
    ) -> None:
        self.access = access
        self.people = people
        self.reader = reader
        self.guesses = Guesses(clock)

    def route(self) -> tuple[str, type[BaseHandler], dict[str, Any]]:
        """Give the route."""
        return FEED, FeedHandler, {"door": self}


class FeedHandler(BaseHandler):
    """The file of a feed. Whoever has the address reads it, as far as the feed's person may.

    An unknown secret, somebody who must not be here, and what is not there or may not be read are
    one and the same answer.
    """

    _etag: str | None = None

    def initialize(self, door: FeedDoor) -> None:
        """Take what is needed."""
        self._door = door

    async def get(self, secret: str) -> None:
        """Answer with the file, 304 for one that is known, 404; 429 to whoever guesses.

        503 when what it shows is damaged: a program keeps the file that it has, and asks again.
        """
        feed = self._door.people.feeds.find(secret)
        address = self._door.access.origins.address_of(self.request)
        wait_s = self._door.guesses.wait_s(address, secret, feed is not None)
        if wait_s > 0:
            self.set_header("Retry-After", str(int(wait_s) + 1))
            return self.refuse(429, "too many addresses that are no feeds: wait a while")
        who = self._door.people.subscribed(feed) if feed else None
        if not self._door.access.gate.authorize(who, Action.ENTER, None).allowed:
            return self._absent()
        assert feed is not None
        try:
            await self._answer(feed.shows, who)
        except ReadingFailed as error:
            self.refuse(500, str(error))
        except StorageError as error:
            self.refuse(503, str(error))

    head = get

    def compute_etag(self) -> str | None:
        """Give the tag of what is shown, which is known before it is written."""
        return self._etag

    async def _answer(self, shows: str, who: Identity | None) -> None:
        def may(document: DocumentId) -> bool:
            return self._door.access.gate.authorize(who, Action.READ, document).allowed

        state = await self._door.reader.look(
            shows, may, self._door.access.origins.url_of(self.request)
        )
        if state is None:
            return self._absent()
        self._say_state(state)
        if self.check_etag_header():
            self.set_status(304)
            self.finish()
            return None
        data = await self._door.reader.write(state)
        self.set_header("Content-Type", "text/calendar; charset=utf-8")
        self.set_header("Content-Disposition", f'inline; filename="{shows.replace("/", "-")}.ics"')
        self.finish(data)
        return None

    def _say_state(self, state: FeedState) -> None:
        self._etag = state.etag
        self.set_etag_header()
        # asked again each time: a revoked feed must not live on in a cache
        self.set_header("Cache-Control", "private, no-cache")
        self.set_header("Last-Modified", datetime.fromtimestamp(state.written_ms / 1000, UTC))

    def _absent(self) -> None:
        self.refuse(404, "no such feed")
