"""What people, labels and documents are called that a change refers to by their ids."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from moim_sync.client_presence import PresentPerson
from moim_sync.document_changes import Content
from moim_sync.messages import Person

_REMEMBERED: Final = 2_000
"""Windows of people; who closed theirs a moment ago is still the author of what comes now."""
_ROOTS: Final[Mapping[str, str]] = {"label": "labels"}


class Names:
    """Knows people by the ids of their windows and by their own."""

    def __init__(self) -> None:
        self._windows: OrderedDict[int, Person] = OrderedDict()
        self._members: Mapping[str, Any] = {}

    def see(self, present: Mapping[int, PresentPerson], members: Mapping[str, Any]) -> None:
        """Take note of who is there, and of the members of the workspace."""
        for client, person in present.items():
            self._windows[client] = Person(person.id, person.name, person.colour)
            self._windows.move_to_end(client)
        while len(self._windows) > _REMEMBERED:
            self._windows.popitem(last=False)
        self._members = members

    def of_one(self, clients: Iterable[int]) -> Person | None:
        """Give the person at these windows; None unless all of them are known and one person's."""
        found = [self._windows.get(client) for client in clients]
        ids = {person.id if person else None for person in found}
        return found[0] if len(ids) == 1 else None

    def of_person(self, person: str) -> Person | None:
        """Give the person of an id; None when nobody has told their name."""
        if not person:
            return None
        member = self._members.get(person)
        if isinstance(member, dict) and member.get("name"):
            return Person(person, str(member["name"]), str(member.get("colour", "")))
        return next((one for one in self._windows.values() if one.id == person), None)

    def of_member(self, kind: str, key: str, content: Content) -> str:
        """Give what a member of a set is called: a label, a person, else its id."""
        if kind in ("member", "mention"):
            person = self.of_person(key)
            return person.name if person else key
        entity = content.get(_ROOTS.get(kind, ""), {}).get(key, {})
        return str(entity.get("name") or key)
