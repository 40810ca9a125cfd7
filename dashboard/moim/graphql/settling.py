"""Deciding about values of one's own that somebody else's replaced."""

from enum import Enum
from typing import Final

import strawberry

from moim.graphql.context import Info
from moim.graphql.failures import MutationFailure
from moim.graphql.inputs import EXPECTED
from moim_sync.api.decisions import Decision


@strawberry.enum(description="Whose value is to stay.")
class Side(Enum):
    """Of a conflict."""

    MINE = "mine"
    THEIRS = "theirs"


_DECISIONS: Final[dict[Side, Decision]] = {Side.MINE: "mine", Side.THEIRS: "theirs"}


@strawberry.input
class SettleConflictInput:
    """What is decided."""

    document: strawberry.ID = strawberry.field(description="As the conflict says: `project/launch`")
    id: strawberry.ID
    use: Side = strawberry.field(description="`MINE` is written, as an edit.")
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED)


@strawberry.type(description="What came of a decision.")
class SettleConflictPayload:
    """Either `failure` is null, or the conflict is as it was."""

    settled_id: strawberry.ID | None
    version: int | None = strawberry.field(description="Of the document, with the decision.")
    failure: MutationFailure | None


@strawberry.type
class ConflictMutation:
    """Settling."""

    @strawberry.mutation(
        description="Settle a conflict of one's own, in all windows and programs of the person."
    )
    async def settle_conflict(
        self, info: Info, input: SettleConflictInput
    ) -> SettleConflictPayload:
        """Keep theirs, or use mine."""
        decision = _DECISIONS[input.use]
        try:
            version = await info.context.caller.settle(
                input.document, input.id, decision, input.expected_version
            )
        except Exception as error:  # noqa: BLE001  each is told, or logged and told that it is ours
            return SettleConflictPayload(
                settled_id=None, version=None, failure=MutationFailure.of(error)
            )
        finally:
            info.context.renew()
        return SettleConflictPayload(settled_id=input.id, version=version, failure=None)
