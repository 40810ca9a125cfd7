"""What mutations take. A field that is left out stays as it is, one that is null is taken out."""

from enum import Enum
from typing import Any

import strawberry
from strawberry import UNSET

from moim.graphql.ids import key_within
from moim.graphql.scalars import Day, EventStatus, Moment, Priority
from moim_data.documents.series_changes import Scope

EXPECTED = "The version that was seen: what others wrote since is not overwritten."


@strawberry.input
class CreateCardInput:
    """A new card."""

    project: strawberry.ID
    title: str
    id: strawberry.ID | None = strawberry.field(
        default=None, description="`<project>/<a new key>`, drawn by the client; or left out."
    )
    column: strawberry.ID | None = strawberry.field(
        default=None, description="The first one when left out."
    )
    before: strawberry.ID | None = None
    notes: str | None = UNSET
    priority: Priority | None = UNSET
    estimate: float | None = UNSET
    start: Day | None = UNSET
    due: Day | None = UNSET
    labels: list[strawberry.ID] | None = UNSET
    members: list[strawberry.ID] | None = UNSET
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED)


@strawberry.input
class UpdateCardInput:
    """Fields of a card."""

    id: strawberry.ID
    title: str | None = UNSET
    notes: str | None = UNSET
    priority: Priority | None = UNSET
    estimate: float | None = UNSET
    start: Day | None = UNSET
    due: Day | None = UNSET
    labels: list[strawberry.ID] | None = UNSET
    members: list[strawberry.ID] | None = UNSET
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED)


@strawberry.input
class MoveCardInput:
    """Where a card goes."""

    id: strawberry.ID
    column: strawberry.ID | None = strawberry.field(
        default=None, description="Its own when left out."
    )
    before: strawberry.ID | None = None
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED)


@strawberry.input
class CreateItemInput:
    """A new line of a checklist."""

    card: strawberry.ID
    title: str
    id: strawberry.ID | None = strawberry.field(
        default=None, description="`<project>/<a new key>`, drawn by the client; or left out."
    )
    before: strawberry.ID | None = None
    done: bool = False
    members: list[strawberry.ID] | None = UNSET
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED)


@strawberry.input
class UpdateItemInput:
    """Fields of a line."""

    id: strawberry.ID
    title: str | None = UNSET
    done: bool | None = UNSET
    members: list[strawberry.ID] | None = UNSET
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED)


@strawberry.input
class MoveItemInput:
    """Where a line goes."""

    id: strawberry.ID
    card: strawberry.ID | None = strawberry.field(
        default=None, description="Its own when left out."
    )
    before: strawberry.ID | None = None
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED)


@strawberry.input
class CreateCommentInput:
    """Something new that is said."""

    card: strawberry.ID
    body: str
    id: strawberry.ID | None = strawberry.field(
        default=None, description="`<project>/<a new key>`, drawn by the client; or left out."
    )
    mentions: list[strawberry.ID] | None = UNSET
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED)


@strawberry.input
class UpdateCommentInput:
    """Other words."""

    id: strawberry.ID
    body: str | None = UNSET
    mentions: list[strawberry.ID] | None = UNSET
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED)


@strawberry.input
class DeleteInput:
    """What goes."""

    id: strawberry.ID
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED)


@strawberry.input
class WhenInput:
    """The time of an event."""

    start: Moment
    end: Moment
    zone: str = ""

    def wire(self) -> list[str]:
        """Give it as documents have it."""
        return [self.start, self.end, self.zone]


@strawberry.input
class CreateEventInput:
    """A new event."""

    calendar: strawberry.ID
    title: str
    when: WhenInput
    id: strawberry.ID | None = strawberry.field(
        default=None, description="`<calendar>/<a new key>`, drawn by the client; or left out."
    )
    rule: str | None = UNSET
    location: str | None = UNSET
    url: str | None = UNSET
    status: EventStatus | None = UNSET
    notes: str | None = UNSET
    members: list[strawberry.ID] | None = UNSET
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED)


@strawberry.enum(description="How far a change of one event of a series reaches.")
class SeriesScope(Enum):
    """From one of a series."""

    THIS = "this"
    FOLLOWING = "following"
    ALL = "all"


@strawberry.input(description="One event of a series, and how far a change of it reaches.")
class OccurrenceInput:
    """From where on."""

    recurrence_id: Moment = strawberry.field(description="As `Occurrence` has it.")
    scope: SeriesScope = SeriesScope.THIS

    @property
    def reach(self) -> Scope:
        """Give the scope as the core calls it."""
        return self.scope.value


@strawberry.input
class UpdateEventInput:
    """Fields of an event."""

    id: strawberry.ID
    title: str | None = UNSET
    when: WhenInput | None = UNSET
    rule: str | None = UNSET
    location: str | None = UNSET
    url: str | None = UNSET
    status: EventStatus | None = UNSET
    notes: str | None = UNSET
    members: list[strawberry.ID] | None = UNSET
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED)


@strawberry.enum(description="What a text belongs to.")
class TextOf(Enum):
    """Things that have a text each."""

    CARD = "card"
    COMMENT = "comment"
    EVENT = "event"
    CELL = "cell"

    @property
    def kind(self) -> str:
        """Give the kind of document it is in."""
        return {TextOf.EVENT: "calendar", TextOf.CELL: "page"}.get(self, "project")


@strawberry.enum(description="What the counts of operations are of.")
class TextUnit(Enum):
    """The units of `moim_data.documents.text_operations`."""

    UTF16 = "utf16"
    CODE_POINTS = "codepoints"
    UTF8 = "utf8"


@strawberry.input(
    description="One step over a text, from its start: exactly one of these. What is left stays."
)
class TextOperation:
    """One operation."""

    retain: int | None = strawberry.field(default=None, description="Passes over so many.")
    insert: str | None = strawberry.field(default=None, description="Puts this here.")
    delete: int | None = strawberry.field(default=None, description="Takes the next so many out.")

    def wire(self) -> dict[str, Any]:
        """Give it as the core takes it."""
        return {"retain": self.retain, "insert": self.insert, "delete": self.delete}


@strawberry.input
class EditTextInput:
    """Operations on a text as it was."""

    id: strawberry.ID = strawberry.field(
        description="`<project>/<card>`, `<project>/<comment>`, `<calendar>/<event>` or "
        "`<page>/<cell>`."
    )
    entity: TextOf = TextOf.CARD
    base_version: int = strawberry.field(
        description="The version of the document whose text the operations are of."
    )
    operations: list[TextOperation]
    unit: TextUnit = TextUnit.UTF16


def card_values(project: str, given: CreateCardInput | UpdateCardInput) -> dict[str, Any]:
    """Give the fields that were said, as documents have them. Raises InvalidValue."""
    values = _said(given, "title", "notes", "priority", "estimate", "start", "due", "members")
    if given.labels is not UNSET:
        values["labels"] = [key_within(project, one, "labels") for one in given.labels or ()]
    return values


def event_values(given: CreateEventInput | UpdateEventInput) -> dict[str, Any]:
    """Give the fields that were said, as documents have them."""
    return _said(given, "title", "when", "rule", "location", "url", "status", "notes", "members")


def item_values(given: CreateItemInput | UpdateItemInput) -> dict[str, Any]:
    """Give the fields that were said, as documents have them."""
    return _said(given, "title", "done", "members")


def comment_values(given: CreateCommentInput | UpdateCommentInput) -> dict[str, Any]:
    """Give the fields that were said, as documents have them."""
    return _said(given, "body", "mentions")


def _said(given: object, *names: str) -> dict[str, Any]:
    said = {name: getattr(given, name) for name in names if getattr(given, name) is not UNSET}
    return {name: _wire(name, value) for name, value in said.items()}


def _wire(name: str, value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, WhenInput):
        return value.wire()
    return [] if name in ("members", "mentions") and value is None else value
