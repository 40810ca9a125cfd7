"""Edits of texts by index, for programs that know no CRDT and may be behind.

A program says which version of the document it has seen, and what it does to the text of that
version. If nobody has written in the text since, that is done to the text of now. If somebody has,
the document is rebuilt as it was, edited there, and what comes out is merged like the edit of
somebody who had been away (`moim_data.text_rebuild`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Self

from pycrdt import Doc

from moim_data.documents.access import LocalAccess
from moim_data.documents.entities import Author, Entities
from moim_data.documents.entity import Entity
from moim_data.documents.kinds import kind_of, parse_document_id
from moim_data.documents.shape import shape_of
from moim_data.documents.text_operations import TextOperations
from moim_data.errors import InvalidValue
from moim_data.store import DocumentId
from moim_data.text_rebuild import TextPlace, text_place
from moim_sync.command import Work
from moim_sync.errors import VersionForgotten
from moim_sync.room import Room

ROOTS: Final = {"card": "cards", "comment": "comments", "event": "events", "cell": "cells"}
"""What has a text, and the root it is in."""
USUAL: Final = {"project": "card", "calendar": "event", "page": "cell"}
"""What is meant in a kind of document when nobody says what."""


class Overtaken(Exception):
    """Somebody has written in the text since the version that was seen."""


@dataclass(frozen=True, slots=True)
class TextEdit:
    """One edit, read and checked as far as it can be without the document."""

    document: DocumentId
    place: TextPlace
    base_seq: int
    operations: TextOperations

    @classmethod
    def read(
        cls,
        document: str,
        entity: str | None,
        id: str,
        base_version: int,
        operations: object,
        unit: object = None,
    ) -> Self:
        """Take what a program says.

        Args:
            entity: `card`, `comment`, `event` or `cell`; None: the usual one of the document.

        Raises:
            InvalidValue: the message says what is wrong.
            UnknownKind: there is no such document.
        """
        wanted = parse_document_id(document)
        kind = kind_of(wanted).name
        said = entity or USUAL.get(kind, "")
        if said not in ROOTS:
            known = ", ".join(ROOTS)
            raise InvalidValue(f"entity: expected one of {known}, got {said[:40]!r}", "entity")
        if base_version < 0:
            message = f"baseVersion: expected a version, got {base_version}"
            raise InvalidValue(message, "baseVersion")
        place = text_place(kind, ROOTS[said], id)
        return cls(wanted, place, base_version, TextOperations.read(operations, unit))

    def at_once(self, room: Room) -> Work:
        """Edit the text as it is, if it still is as it was; raises Overtaken if it is not."""

        def work(doc: "Doc[Any]") -> str:
            entity = self._entity(doc)
            if self.base_seq > room.seq:
                raise InvalidValue(
                    f"baseVersion: expected at most {room.seq}, got {self.base_seq}", "baseVersion"
                )
            if room.last_written(self.place.path) > self.base_seq:
                raise Overtaken
            return self._done(entity, lambda: self._text(entity).splice(self.operations.splices))

        return work

    def merged(self, update: bytes) -> Work:
        """Let an update in that was made on the version that was seen."""

        def work(doc: "Doc[Any]") -> str:
            return self._done(self._entity(doc), lambda: self._merge(doc, update))

        return work

    def begun(self) -> Work:
        """Edit a text that was not there in the version that was seen: what is put in, is first."""

        def work(doc: "Doc[Any]") -> str:
            entity = self._entity(doc)
            splices = self.operations.splices("")
            return self._done(entity, lambda: self._text(entity).splice(lambda _: splices))

        return work

    def read_now(self, doc: "Doc[Any]") -> str:
        """Give the text as it is; empty when there is none."""
        return str(self.place.found(doc) or "")

    def _merge(self, doc: "Doc[Any]", update: bytes) -> None:
        if not update:
            return
        before = self.read_now(doc)
        doc.apply_update(update)
        if self.operations.inserts and self.read_now(doc) == before:
            # it was put into a text that is not the one of now
            raise VersionForgotten(f"{self.place.path} was made anew since {self.base_seq}")

    def _done(self, entity: Entity, edit: Callable[[], None]) -> str:
        before = str(self._text(entity))
        edit()
        after = str(self._text(entity))
        if after != before and "edited" in entity.fields:
            entity.edited = Author().now_ms()
        return after

    def _text(self, entity: Entity) -> Any:
        return getattr(entity, self.place.field)

    def _entity(self, doc: "Doc[Any]") -> Entity:
        shape = shape_of(self.place.kind)
        assert shape is not None, f"{self.place.kind} has no schema"
        root = shape.roots[self.place.root]
        entity = Entities(LocalAccess(doc), root, Entity, Author())[self.place.id]
        if self.place.root == "cells" and entity.kind != "note":
            path = self.place.path
            raise InvalidValue(f"{path}: expected a note, got a cell of kind {entity.kind}", path)
        return entity
