"""What the fields of one operation share: who asks, and what was read for them already."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from typing import Any, TypeAlias

import strawberry

from moim.calendar_occurrences import Question
from moim.graphql.expansions import Expansions, Occurrences
from moim.graphql.limits import GraphqlLimits
from moim_data.store import DocumentId
from moim_sync.api.caller import Caller
from moim_sync.api.content import Content
from moim_sync.api.subscription import News
from moim_sync.authorization import Action
from moim_sync.errors import NotAllowed, UnknownDocument

Values: TypeAlias = Mapping[str, Any]
WORKSPACE = "workspace"


class OverLimit(Exception):
    """An operation asks for more than one may; its text says what the limit is."""


class Context:
    """One operation, or one message of a subscription: everything is read at most once."""

    def __init__(self, caller: Caller, expansions: Expansions, limits: GraphqlLimits) -> None:
        self.caller = caller
        self.limits = limits
        self.cost_left = limits.cost
        self._expansions = expansions
        self._items_left = limits.items
        self._read: dict[tuple[str, str], Any] = {}
        self._reading = asyncio.Lock()

    def renew(self) -> None:
        """Forget what was read: the next message or mutation is to see what is there then."""
        self._read.clear()

    def spend(self, cost: int) -> None:
        """Take what an operation costs from what its request may. Raises OverLimit."""
        if cost > self.cost_left:
            raise OverLimit(
                f"expected a request that costs at most {self.limits.cost}, got one of "
                f"{self.limits.cost - self.cost_left + cost}"
            )
        self.cost_left -= cost

    def count(self, items: int) -> None:
        """Take things of a list from what one answer may hold. Raises OverLimit."""
        self._items_left -= items
        if self._items_left < 0:
            raise OverLimit(f"expected an answer of at most {self.limits.items} things in lists")

    def may_read(self, document: str) -> bool:
        """Ask the gate."""
        return self.caller.hub.authorize(self.caller.who, Action.READ, DocumentId(document)).allowed

    async def head(self, document: str) -> tuple[int, Values]:
        """Give the version of a document and its `info`; raises as `Caller.read`."""
        return await self._once(document, "", lambda content: content.entity("info", "") or {})

    async def things(self, document: str, root: str) -> Mapping[str, Values]:
        """Give what of a root is not deleted, by id; raises as `Caller.read`."""
        return (await self.things_at(document, root))[1]

    async def things_at(self, document: str, root: str) -> tuple[int, Mapping[str, Values]]:
        """Give the same with the version of which it is."""

        def look(content: Content) -> Mapping[str, Values]:
            return {one["id"]: one for one in content.entities(root)}

        return await self._once(document, root, look)

    async def by_card(self, document: str, root: str) -> Mapping[str, list[Values]]:
        """Give what of a root is not deleted, by the card that it belongs to."""

        def look(content: Content) -> Mapping[str, list[Values]]:
            found: dict[str, list[Values]] = {}
            for one in content.entities(root):
                found.setdefault(str(one.get("card", "")), []).append(one)
            return found

        found: Mapping[str, list[Values]] = (await self._once(document, f"{root}/card", look))[1]
        return found

    async def thing(self, document: str, root: str, key: str) -> Values | None:
        """Give one thing, deleted or not; None when it was never there."""
        _, found = await self.caller.read(document, lambda content: content.entity(root, key))
        return found

    async def entries(self, root: str) -> Mapping[str, Values]:
        """Give what the workspace says of projects, calendars or members; empty for strangers."""
        try:
            return await self.things(WORKSPACE, root)
        except (NotAllowed, UnknownDocument):
            return {}

    async def occurrences(self, calendar: str, question: Question) -> Occurrences:
        """Give what takes place, by when it starts; raises as `Caller.read`."""
        document = DocumentId(f"calendar/{calendar}")
        seq, _ = await self.head(document)  # asks the gate, and whether there is such a calendar
        return await self._expansions.of(document, question, seq)

    async def follow(
        self, document: str, since: int | None, *, people: bool = False
    ) -> AsyncGenerator[News, None]:
        """Give what is new in a document, for as long as it is wanted; raises as `subscribe`.

        Who is there is told on demand alone: somebody takes hold of a card a moment before it
        changes, and the gap after that news would keep the change back.
        """
        subscription = await self.caller.subscribe(document, since, people=people)
        try:
            while True:
                self.renew()  # who waits holds nothing of the document
                news = await subscription.next()
                self._items_left = self.limits.items
                yield news
                await asyncio.sleep(self.limits.gap_s)
        finally:
            subscription.close()

    async def _once(
        self, document: str, part: str, look: Callable[[Content], Any]
    ) -> tuple[int, Any]:
        async with self._reading:
            key = (document, part)
            if key not in self._read:
                self._read[key] = await self.caller.read(document, look)
            found: tuple[int, Any] = self._read[key]
            return found


Info: TypeAlias = strawberry.Info[Context, None]


def by_place(things: Iterable[Values]) -> list[Values]:
    """Put things into the order that people see."""
    return sorted(things, key=lambda one: (str(one.get("place", "")), str(one["id"])))
