"""What came of one mutation: the command behind it, and what is there afterwards."""

from collections.abc import Callable
from typing import Any, TypeAlias

import strawberry

from moim.graphql.context import Context
from moim.graphql.failures import MutationFailure
from moim.graphql.ids import joined
from moim_sync.command import Done, Work

Plan: TypeAlias = tuple[str, str | None, Work]
"""The document's owner, the key of the thing (None: drawn), and what is to be done."""


class Outcome:
    """What came of one mutation, whatever it is about."""

    def __init__(self) -> None:
        self.owner = ""
        self.is_there = False
        """Whether the person may read the document."""
        self.values: Any = None
        """The thing as it is now, also when nothing was done."""
        self.version: int | None = None
        self.failure: MutationFailure | None = None

    @property
    def deleted_id(self) -> strawberry.ID | None:
        """The thing that it is about, when that is gone."""
        gone = self.values is not None and "deleted" in self.values
        return joined(self.owner, self.values["id"]) if gone else None

    @classmethod
    async def of(
        cls,
        context: Context,
        kind: str,
        root: str,
        plan: Callable[[], Plan],
        expected: int | None,
    ) -> "Outcome":
        """Do what is planned in a document of a kind, to a thing of this root."""
        outcome, key = cls(), None
        try:
            outcome.owner, key, work = plan()
            document = f"{kind}/{outcome.owner}"
            done = await context.caller.run(document, work, expected)
            outcome._succeed(done)
        except Exception as error:  # noqa: BLE001  each is told, or logged and told that it is ours
            outcome.failure = MutationFailure.of(error)
            await outcome._look(context, kind, root, key)
        context.renew()
        return outcome

    def _succeed(self, done: Done) -> None:
        self.is_there, self.values, self.version = True, done.result, done.seq

    async def _look(self, context: Context, kind: str, root: str, key: str | None) -> None:
        """See what is there instead, for who may read it."""
        try:
            document = f"{kind}/{self.owner}"
            self.version, _ = await context.head(document)
            self.is_there = True
            self.values = None if key is None else await context.thing(document, root, key)
        except Exception as error:  # noqa: BLE001  the failure that is told comes from before
            MutationFailure.of(error)
