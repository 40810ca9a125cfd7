"""What a client sends with an event: one object, read field by field."""

from collections.abc import Mapping
from typing import Any, Final

from moim_data.documents.kinds import parse_document_id
from moim_data.documents.validation import describe
from moim_data.errors import InvalidValue
from moim_data.store import DocumentId

KINDS: Final = ("project", "calendar")
WORKSPACE: Final = "workspace"
HIGHEST_VERSION: Final = 2**53 - 1
"""What a JavaScript number holds."""


class Request:
    """The payload of one event; each method raises InvalidValue with the field it is about."""

    def __init__(self, arguments: tuple[Any, ...]) -> None:
        if len(arguments) != 1 or not isinstance(arguments[0], dict):
            got = describe(arguments[0]) if len(arguments) == 1 else f"{len(arguments)} values"
            raise InvalidValue(f"expected one object with the event, got {got}", "")
        self._fields: Mapping[str, Any] = arguments[0]
        self._read: set[str] = set()

    def document(self, *kinds: str) -> DocumentId:
        """Give which document it is about: `{project: id}`, `{calendar: id}`.

        Where any kind will do, it may be `{workspace: true}`.
        """
        if not kinds and self.flag(WORKSPACE):
            self._read.update(KINDS)
            given = [kind for kind in KINDS if self._fields.get(kind) is not None]
            if given:
                raise InvalidValue(f"workspace: expected it alone, got a {given[0]} too", WORKSPACE)
            return DocumentId(WORKSPACE)
        kinds = kinds or KINDS
        given = [kind for kind in kinds if self._fields.get(kind) is not None]
        if len(given) != 1:
            wanted = " or ".join(f"{{{kind}: id}}" for kind in kinds)
            raise InvalidValue(f"{kinds[0]}: expected {wanted}, got {len(given)} ids", kinds[0])
        self._read.update(KINDS)
        id = self.text(given[0])
        return parse_document_id(f"{given[0]}/{id}")

    def text(self, name: str) -> str:
        """Give a text that has to be there."""
        value = self.optional_text(name)
        if not value:
            raise InvalidValue(f"{name}: expected a text, got none", name)
        return value

    def optional_text(self, name: str) -> str | None:
        """Give a text; None when it is not there."""
        self._read.add(name)
        value = self._fields.get(name)
        if value is not None and not isinstance(value, str):
            raise InvalidValue(f"{name}: expected a text, got {describe(value)}", name)
        return value

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        """Give one of a few words."""
        value = self.text(name)
        if value not in choices:
            wanted = " or ".join(choices)
            raise InvalidValue(f"{name}: expected {wanted}, got {describe(value)}", name)
        return value

    def version(self, name: str) -> int | None:
        """Give a version of a document; None when it is not there."""
        self._read.add(name)
        value = self._fields.get(name)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if value is None or (type(value) is int and 0 <= value <= HIGHEST_VERSION):
            return value
        raise InvalidValue(f"{name}: expected a version, got {describe(value)}", name)

    def needed_version(self, name: str) -> int:
        """Give a version that has to be there."""
        if (value := self.version(name)) is None:
            raise InvalidValue(f"{name}: expected a version, got none", name)
        return value

    def value(self, name: str) -> Any:
        """Give a value as it came; None when it is not there."""
        self._read.add(name)
        return self._fields.get(name)

    def flag(self, name: str) -> bool:
        """Give true or false; false when it is not there."""
        self._read.add(name)
        value = self._fields.get(name)
        if value is not None and not isinstance(value, bool):
            raise InvalidValue(f"{name}: expected true or false, got {describe(value)}", name)
        return bool(value)

    def values(self) -> dict[str, Any]:
        """Give the fields of the thing: those in `changes`, and those that nobody has read yet."""
        self._read.add("changes")
        changes = self._fields.get("changes", {})
        if not isinstance(changes, dict):
            raise InvalidValue(f"changes: expected an object, got {describe(changes)}", "changes")
        return {**self.rest(), **changes}

    def rest(self) -> dict[str, Any]:
        """Give the fields that nobody has read yet."""
        return {key: value for key, value in self._fields.items() if key not in self._read}
