"""What clients may ask about checklists and comments of cards, by the event's name."""

from collections.abc import Mapping
from typing import Final

from moim_sync.api import card_parts
from moim_sync.api.socketio.asker import Answer, Asker, Event, run
from moim_sync.api.socketio.request import Request


async def create_item(asker: Asker, request: Request) -> Answer:
    """Make a line of a checklist."""
    document, card = request.document("project"), request.text("card")
    placed = {name: request.optional_text(name) for name in ("id", "before")}
    expected = request.version("expectedVersion")
    work = card_parts.create_item(asker.caller.who, card, request.values(), **placed)
    return await run(asker, document, work, expected)


async def update_item(asker: Asker, request: Request) -> Answer:
    """Set fields of a line."""
    document, id = request.document("project"), request.text("id")
    expected = request.version("expectedVersion")
    work = card_parts.update_item(asker.caller.who, id, request.values())
    return await run(asker, document, work, expected)


async def move_item(asker: Asker, request: Request) -> Answer:
    """Put a line somewhere else."""
    document, id = request.document("project"), request.text("id")
    placed = {name: request.optional_text(name) for name in ("card", "before")}
    work = card_parts.move_item(asker.caller.who, id, **placed)
    return await run(asker, document, work, request.version("expectedVersion"))


async def delete_item(asker: Asker, request: Request) -> Answer:
    """Mark a line as deleted."""
    document, id = request.document("project"), request.text("id")
    work = card_parts.delete_item(asker.caller.who, id)
    return await run(asker, document, work, request.version("expectedVersion"))


async def create_comment(asker: Asker, request: Request) -> Answer:
    """Say something about a card."""
    document, card = request.document("project"), request.text("card")
    id, expected = request.optional_text("id"), request.version("expectedVersion")
    work = card_parts.create_comment(asker.caller.who, card, request.values(), id=id)
    return await run(asker, document, work, expected)


async def update_comment(asker: Asker, request: Request) -> Answer:
    """Say it in other words."""
    document, id = request.document("project"), request.text("id")
    expected = request.version("expectedVersion")
    work = card_parts.update_comment(asker.caller.who, id, request.values())
    return await run(asker, document, work, expected)


async def delete_comment(asker: Asker, request: Request) -> Answer:
    """Mark a comment as deleted."""
    document, id = request.document("project"), request.text("id")
    work = card_parts.delete_comment(asker.caller.who, id)
    return await run(asker, document, work, request.version("expectedVersion"))


PART_EVENTS: Final[Mapping[str, Event]] = {
    "item:create": create_item,
    "item:update": update_item,
    "item:move": move_item,
    "item:delete": delete_item,
    "comment:create": create_comment,
    "comment:update": update_comment,
    "comment:delete": delete_comment,
}
