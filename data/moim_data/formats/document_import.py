"""Brings the records of a file into a document, beside what people have done there.

For each field there are three values: what the file says, what it said last time, what is here. A
field that the file has not changed stays as it is here; one that it has changed is taken from the
file. What people deleted here stays deleted.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from pycrdt import Map

from moim_data.documents.access import Access
from moim_data.documents.entities import Author, Entities
from moim_data.documents.entity import Entity
from moim_data.documents.shape import DocumentShape, RootShape, shape_of
from moim_data.documents.text import plain
from moim_data.errors import InvalidValue
from moim_data.formats.last_import import Digests, LastImport, digest
from moim_data.formats.placing import Placing
from moim_data.formats.records import Imported, Record

_MADE_ONLY: Final = ("created", "number")
"""Written when an entity is made, and never again."""
_FLAT: Final = "exceptions"
_PLACE: Final = "place"


class _Change(NamedTuple):
    values: dict[str, Any]
    """To be written; None takes a field out."""
    contested: list[str]
    """Fields that had been changed here as well."""


class DocumentImport:
    """One document that a file goes into; arguments as for ProjectDocument."""

    def __init__(self, access: Access, kind: str, last: LastImport, author: Author) -> None:
        shape = shape_of(kind)
        assert shape is not None
        self._access = access
        self._shape: DocumentShape = shape
        self._last = last
        self._author = author
        self._roots = {
            name: _Entities(access, root, Entity, author)
            for name, root in shape.roots.items()
            if not root.single
        }

    def apply(self, imported: Imported) -> None:
        """Write everything in one transaction, and say in the report what became of it."""
        with self._access.transaction():
            self._info(imported.info)
            placing = Placing(self._access, imported.records, self._author.random)
            exceptions = self._exceptions()
            for record in imported.records:
                if record.root == _FLAT:
                    self._exception(imported, record, exceptions)
                else:
                    self._entity(imported, record, placing)
            self._taken_out(imported, exceptions)

    def _info(self, info: dict[str, str]) -> None:
        root = self._access.doc.get("info", type=Map)
        for name, value in info.items():
            check = self._shape.roots["info"].entity.check_of(name)
            # the file describes a document that says nothing of itself yet
            if name not in root and check is not None and check(value) is None:
                root[name] = value

    # Entities

    def _entity(self, imported: Imported, record: Record, placing: Placing) -> None:
        entities = self._roots[record.root]
        known = self._last.of(record.path)
        try:
            if record.id not in entities:
                outcome = self._make(record, entities, known, placing)
            else:
                outcome = self._update(imported, record, entities, known, placing)
        except InvalidValue as error:
            outcome = str(error)
        _count(imported, record, outcome)
        if outcome in ("made", "updated", "unchanged"):
            self._last.set(record.path, _digests_of(record))

    def _make(
        self, record: Record, entities: "_Entities", known: Digests | None, placing: Placing
    ) -> str:
        if record.gone:
            return record.gone
        if known is not None:
            return "it was imported before and is not here any more"
        values = dict(record.values)
        if record.group is not None:
            values[_PLACE] = placing.place(record)
        if "number" in values:
            values["number"] = placing.free_number(values["number"])
        entities.make(record.id, values)
        return "made"

    def _update(
        self,
        imported: Imported,
        record: Record,
        entities: "_Entities",
        known: Digests | None,
        placing: Placing,
    ) -> str:
        entity = entities[record.id]
        if entities.is_deleted(record.id):
            return record.gone or "it was deleted here; restore it to have it back"
        if record.gone:
            if known is None:
                return record.gone
            entity.deleted = self._author.stamp()
            return "updated"
        change = _merged(record.values, entities.current(record.id), known)
        if record.group is not None and known is not None and _has_moved(record, known):
            change.values[_PLACE] = placing.place(record)
        if not change.values:
            return "unchanged"
        entity.update(**entities.writable(change.values))
        _tell(imported, record, change)
        return "updated"

    # Exceptions of a series: flat keys in the root itself

    def _exceptions(self) -> dict[str, dict[str, Any]]:
        """Give what is there, fields by `event/which`."""
        found: dict[str, dict[str, Any]] = {}
        if _FLAT in self._shape.roots:
            for key, value in self._flat().to_py().items():  # type: ignore[union-attr]
                which, _, name = key.rpartition("/")
                found.setdefault(which, {})[name] = value
        return found

    def _flat(self) -> "Map[Any]":
        flat: Map[Any] = self._access.doc.get(_FLAT, type=Map)
        return flat

    def _exception(
        self, imported: Imported, record: Record, present: dict[str, dict[str, Any]]
    ) -> None:
        event = record.id.partition("/")[0]
        events = self._roots["events"]
        known = self._last.of(record.path)
        if event not in events or events.is_deleted(event):
            _count(imported, record, "the series it belongs to is not here")
            return
        change = _merged(record.values, present.get(record.id, {}), known)
        problem = next(filter(None, map(self._problem, self._keys(record.id, change.values))), None)
        if problem is not None:
            _count(imported, record, problem)
            return
        self._write_flat(record.id, change.values)
        _tell(imported, record, change)
        was_there = record.id in present or known is not None
        _count(
            imported, record, ("updated" if was_there else "made") if change.values else "unchanged"
        )
        self._last.set(record.path, _digests_of(record))

    def _keys(self, which: str, values: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        return ((f"{which}/{name}", value) for name, value in values.items())

    def _problem(self, item: tuple[str, Any]) -> str | None:
        key, value = item
        check = self._shape.roots[_FLAT].entity.check_of(key)
        if check is None:
            return f"expected a field of an exception, got {key}"
        expected = None if value is None else check(value)
        return None if expected is None else f"{key}: expected {expected}"

    def _write_flat(self, which: str, values: dict[str, Any]) -> None:
        root = self._flat()
        for key, value in self._keys(which, values):
            if value is not None:
                root[key] = value
            elif key in root:
                del root[key]

    def _taken_out(self, imported: Imported, present: dict[str, dict[str, Any]]) -> None:
        """Look at what an earlier file brought and this one does not have."""
        here = {record.path for record in imported.records}
        missing = [path for path in self._last.paths() if path not in here]
        absent = 0
        for path in missing:
            root, _, key = path.partition("/")
            if root == _FLAT and f"events/{key.partition('/')[0]}" in here:
                change = _merged({}, present.get(key, {}), self._last.of(path))
                self._write_flat(key, change.values)
                self._last.forget(path)
            elif root in ("events", "cards"):
                absent += 1
        if absent:
            imported.report.note(
                f"{absent} {imported.report.what} of an earlier import are not in this file; "
                "they stay as they are"
            )


class _Entities(Entities[Entity]):
    """One root map, written entity by entity."""

    def writable(self, values: dict[str, Any]) -> dict[str, Any]:
        """Give values as `Entity.update` takes them, where None takes a field out."""
        shape = self._root.entity
        empty: dict[str, Any] = dict.fromkeys(shape.sets, ())
        empty |= {name: "" for name, each in shape.fields.items() if each.kind == "text"}
        return {
            name: empty.get(name) if value is None else value
            for name, value in values.items()
            if value is not None or name not in shape.required
        }

    def make(self, key: str, values: dict[str, Any]) -> None:
        """Make an entity. Raises InvalidValue."""
        self._make(key, values)

    def is_deleted(self, key: str) -> bool:
        """True when people have deleted it."""
        return "deleted" in self._raw(key)

    def current(self, key: str) -> dict[str, Any]:
        """Give all fields as the document has them, sets as tuples."""
        return _current(self._root, self._raw(key))


def _current(root: RootShape, entity: "Map[Any]") -> dict[str, Any]:
    values: dict[str, Any] = {}
    members: dict[str, list[str]] = {}
    names = {one.prefix: name for name, one in root.entity.sets.items()}
    for key, value in entity.items():
        prefix, slash, member = key.partition("/")
        if slash and prefix in names:
            members.setdefault(names[prefix], []).append(member)
        else:
            values[key] = plain(value)
    # a text is made with its entity: an empty one is none
    values = {name: value for name, value in values.items() if value != ""}
    return values | {name: tuple(sorted(each)) for name, each in members.items()}


def _merged(said: dict[str, Any], here: dict[str, Any], known: Digests | None) -> _Change:
    """Decide field by field; see the story of this module."""
    change = _Change({}, [])
    for name in dict.fromkeys((*said, *(known or ()))):
        if name in _MADE_ONLY or name == _PLACE:
            continue
        new = None if said.get(name) == "" else said.get(name)
        if digest(new) == digest(here.get(name)):
            continue
        if known is None:
            if new is not None:
                change.values[name] = new
        elif known.get(name, digest(None)) != digest(new):
            change.values[name] = new
            if known.get(name, digest(None)) != digest(here.get(name)):
                change.contested.append(name)
    return change


def _has_moved(record: Record, known: Digests) -> bool:
    return known.get(_PLACE, "") != digest(record.position)


def _digests_of(record: Record) -> dict[str, str]:
    digests = {
        name: digest(value)
        for name, value in record.values.items()
        if name not in _MADE_ONLY and value != ""
    }
    if record.group is not None:
        digests[_PLACE] = digest(record.position)
    return digests


def _count(imported: Imported, record: Record, outcome: str) -> None:
    report = imported.report
    if not record.counted:
        if outcome not in ("made", "updated", "unchanged"):
            report.note(f"{record.where or record.path}: {outcome}")
    elif outcome == "made":
        report.made += 1
    elif outcome == "updated":
        report.updated += 1
    elif outcome == "unchanged":
        report.unchanged += 1
    else:
        report.leave_out(record.where, record.title, outcome)


def _tell(imported: Imported, record: Record, change: _Change) -> None:
    if change.contested:
        imported.report.note(
            f"{record.where} {record.title[:60]!r}: {', '.join(change.contested)} had been changed "
            "here as well as in the file; the file's was taken"
        )
