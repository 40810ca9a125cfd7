"""What clients may ask of the door, by the event's name; each gives the fields of its answer."""

from collections.abc import Mapping
from typing import Final, cast

from moim_sync.api import commands
from moim_sync.api.decisions import Decision
from moim_sync.api.failure import Failure
from moim_sync.api.series import delete_occurrence, scope_of, update_occurrence
from moim_sync.api.socketio.asker import Answer, Asker, Event, run
from moim_sync.api.socketio.messages import failure_message, id_of
from moim_sync.api.socketio.part_events import PART_EVENTS
from moim_sync.api.socketio.request import Request
from moim_sync.api.text_edit import TextEdit
from moim_sync.errors import VersionTooOld


async def subscribe(asker: Asker, request: Request) -> Answer:
    """Follow a document from now on, or from the version `since`."""
    document = request.document()
    version = await asker.subscribe(document, request.version("since"))
    return {"id": id_of(document), "version": version}


async def unsubscribe(asker: Asker, request: Request) -> Answer:
    """Follow a document no more."""
    document = request.document()
    await asker.unsubscribe(document)
    return {"id": id_of(document)}


async def presence(asker: Asker, request: Request) -> Answer:
    """Be seen in a document, at a card or an event; `away` is to be seen no longer."""
    document = request.document()
    place = request.optional_text("card") or request.optional_text("event")
    away = request.flag("away")
    state = request.rest()
    if place:
        # as our own pages say it, so that they show the face there
        state = {"editing": {"entity": place, "field": None}, **state}
        state["card" if document.startswith("project/") else "event"] = place
    asker.announce(document, None if away else state)
    return {"id": id_of(document)}


async def create_card(asker: Asker, request: Request) -> Answer:
    """Make a card."""
    document = request.document("project")
    placed = {name: request.optional_text(name) for name in ("id", "column", "before")}
    expected = request.version("expectedVersion")
    work = commands.create_card(asker.caller.who, request.values(), **placed)
    return await run(asker, document, work, expected)


async def update_card(asker: Asker, request: Request) -> Answer:
    """Set fields of a card."""
    document, id = request.document("project"), request.text("id")
    expected = request.version("expectedVersion")
    work = commands.update_card(asker.caller.who, id, request.values())
    return await run(asker, document, work, expected)


async def move_card(asker: Asker, request: Request) -> Answer:
    """Put a card somewhere else."""
    document, id = request.document("project"), request.text("id")
    placed = {name: request.optional_text(name) for name in ("column", "before")}
    work = commands.move_card(asker.caller.who, id, **placed)
    return await run(asker, document, work, request.version("expectedVersion"))


async def delete_card(asker: Asker, request: Request) -> Answer:
    """Mark a card as deleted."""
    document, id = request.document("project"), request.text("id")
    work = commands.delete_card(asker.caller.who, id)
    return await run(asker, document, work, request.version("expectedVersion"))


async def create_event(asker: Asker, request: Request) -> Answer:
    """Make an event."""
    document, id = request.document("calendar"), request.optional_text("id")
    expected = request.version("expectedVersion")
    work = commands.create_event(asker.caller.who, request.values(), id=id)
    return await run(asker, document, work, expected)


async def update_event(asker: Asker, request: Request) -> Answer:
    """Set fields of an event, of a whole series, or of some of its events."""
    document, id = request.document("calendar"), request.text("id")
    expected = request.version("expectedVersion")
    which, how_far = request.optional_text("occurrence"), request.optional_text("scope")
    scope, who = scope_of(which, how_far), asker.caller.who
    if which is None or scope is None:
        work = commands.update_event(who, id, request.values())
    else:
        work = update_occurrence(who, id, which, scope, request.values())
    return await run(asker, document, work, expected)


async def delete_event(asker: Asker, request: Request) -> Answer:
    """Mark an event as deleted, with the whole series, or take out some of its events."""
    document, id = request.document("calendar"), request.text("id")
    which, how_far = request.optional_text("occurrence"), request.optional_text("scope")
    scope, who = scope_of(which, how_far), asker.caller.who
    if which is None or scope is None:
        work = commands.delete_event(who, id)
    else:
        work = delete_occurrence(who, id, which, scope)
    return await run(asker, document, work, request.version("expectedVersion"))


async def resolve_conflict(asker: Asker, request: Request) -> Answer:
    """Settle a conflict of the person: keep theirs, or use mine."""
    document, id = request.document(), request.text("id")
    decision = request.choice("use", ("theirs", "mine"))
    expected = request.version("expectedVersion")
    version = await asker.caller.settle(document, id, cast(Decision, decision), expected)
    return {"id": id, "version": version}


async def edit_text(asker: Asker, request: Request) -> Answer:
    """Edit a text by index, as it was in the version `baseVersion`."""
    edit = TextEdit.read(
        request.document("project", "calendar", "page"),
        request.optional_text("entity"),
        request.text("id"),
        request.needed_version("baseVersion"),
        request.value("operations"),
        request.value("unit"),
    )
    try:
        done = await asker.caller.edit_text(edit)
    except VersionTooOld as error:
        refused = failure_message(Failure.of(error))
        return {**refused, "version": error.version, "text": error.text}
    return {"id": edit.place.id, "version": done.seq, "text": done.result}


EVENTS: Final[Mapping[str, Event]] = {
    "subscribe": subscribe,
    "unsubscribe": unsubscribe,
    "presence": presence,
    "card:create": create_card,
    "card:update": update_card,
    "card:move": move_card,
    "card:delete": delete_card,
    "event:create": create_event,
    "event:update": update_event,
    "event:delete": delete_event,
    **PART_EVENTS,
    "conflict:resolve": resolve_conflict,
    "text:edit": edit_text,
}
