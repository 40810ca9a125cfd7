"""Who a connection belongs to. Whoever accepts connections says so; a client never does."""

from dataclasses import dataclass, field

from moim_sync.messages import Person


@dataclass(frozen=True, slots=True)
class Identity:
    """A signed-in person, a guest, or a program."""

    id: str
    name: str
    colour: str
    guest: bool = False
    """True: the name may be chosen by the client, under `--auth none`."""
    anonymous: bool = False
    """True: the id was drawn for this connection only, so a reconnect cannot be recognised."""
    credential: str = field(default="", compare=False)
    """What it was recognised by (a sign-in, a token), for whoever decides what it may do."""

    @property
    def person(self) -> Person:
        """What others are shown."""
        return Person(self.id, self.name, self.colour)

    def is_same_as(self, other: "Identity") -> bool:
        """True when two connections may be the same person, as far as anyone can tell."""
        return self.id == other.id or (self.anonymous and other.anonymous)


SERVER = Identity("server", "moim", "blue")
"""Who writes what server code changes in `room.ydoc`."""
ANYBODY = Identity("anonymous", "Guest", "blue", guest=True, anonymous=True)
"""Whoever comes through a channel of code that knows no people."""
