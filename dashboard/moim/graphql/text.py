"""Edits of texts by index, for GraphQL clients."""

import strawberry

from moim.graphql.context import Context
from moim.graphql.failures import MutationFailure
from moim.graphql.ids import parted
from moim.graphql.inputs import EditTextInput
from moim_sync.api.text_edit import TextEdit
from moim_sync.errors import VersionTooOld


@strawberry.type(description="What came of an edit of a text.")
class TextPayload:
    """Either `failure` is null, or nothing was changed."""

    id: strawberry.ID
    text: str | None = strawberry.field(
        description="As it is in `version`, with this edit and what others did; also after "
        "`VERSION_TOO_OLD`. Null after other failures."
    )
    version: int | None = strawberry.field(
        description="Of the document; the `baseVersion` of the next edit of this text."
    )
    failure: MutationFailure | None


async def edited(context: Context, input: EditTextInput) -> TextPayload:
    """Edit a text and give what came of it."""
    payload = TextPayload(id=input.id, text=None, version=None, failure=None)
    try:
        done = await context.caller.edit_text(_read(input))
        payload.text, payload.version = done.result, done.seq
    except Exception as error:  # noqa: BLE001  each is told, or logged and told that it is ours
        payload.failure = MutationFailure.of(error)
        if isinstance(error, VersionTooOld):
            payload.text, payload.version = error.text, error.version
    context.renew()
    return payload


def _read(input: EditTextInput) -> TextEdit:
    owner, key = parted(input.id, "id")
    return TextEdit.read(
        f"{input.entity.kind}/{owner}",
        input.entity.value,
        key,
        input.base_version,
        [one.wire() for one in input.operations],
        input.unit.value,
    )
