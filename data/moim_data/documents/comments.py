"""What people say about cards."""

from collections.abc import Iterable, Iterator
from typing import Any

from moim_data.documents.entities import Entities
from moim_data.documents.entity import Entity, MemberView
from moim_data.documents.text import SharedText


class Comment(Entity):
    """One thing that was said about a card."""

    __slots__ = ()
    card: str
    created: tuple[str, int]
    body: SharedText
    mentions: MemberView
    edited: int | None


class Comments(Entities[Comment]):
    """The comments of a project; iterating gives ids, the oldest first."""

    def add(
        self,
        card: str,
        body: str,
        mentions: Iterable[str] = (),
        *,
        id: str | None = None,
        **values: Any,
    ) -> Comment:
        """Say something about a card; `mentions` takes ids of people. Raises InvalidValue."""
        created = values.pop("created", None) or self._author.stamp()
        said = {"card": card, "body": body, "mentions": tuple(mentions), "created": created}
        return self._make(id, {**said, **values})

    def edit(self, comment: str, body: str, mentions: Iterable[str] | None = None) -> None:
        """Say it in other words; that it was edited stays to be seen."""
        with self._access.transaction():
            edited = self[comment]
            edited.body.set(body)
            edited.edited = self._author.now_ms()
            if mentions is not None:
                edited.mentions.set(mentions)

    def of(self, card: str) -> list[Comment]:
        """Give what was said about a card, the oldest first."""
        with self._access.lock:
            return [comment for comment in self.values() if comment.card == card]

    def _called(self, row: dict[str, Any]) -> str:
        return f"{row['created'][0]}: {row['body']}"

    def _rank(self, entity: Any) -> Any:
        created = entity.get("created")
        return created[1] if isinstance(created, list) and len(created) == 2 else 0


class CardComments:
    """The comments of one card; iterating gives them, the oldest first."""

    def __init__(self, comments: Comments, card: str) -> None:
        self._comments = comments
        self._card = card

    def __iter__(self) -> Iterator[Comment]:
        return iter(self._comments.of(self._card))

    def __len__(self) -> int:
        return len(self._comments.of(self._card))

    def __repr__(self) -> str:
        return "\n".join(f"{comment.created[0]}: {comment.body}" for comment in self)

    def add(self, body: str, mentions: Iterable[str] = (), **values: Any) -> Comment:
        """Say something; `mentions` takes ids of people. Raises InvalidValue."""
        return self._comments.add(self._card, body, mentions, **values)
