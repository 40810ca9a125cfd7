"""What client and server of `/sync` say to each other (PROTOCOL.md), one class a message.

Ids of replicas and lineages are 16 bytes here and 32 hex digits on the wire.
"""

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Person:
    """Who a connection belongs to, as the session says."""

    id: str
    name: str
    colour: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What one connection may send."""

    push_bytes: int = 262_144
    structs: int = 2_000
    client_ids: int = 64
    presence_per_s: int = 20
    presence_bytes: int = 2_048
    channels: int = 256


@dataclass(frozen=True, slots=True)
class Hello:
    """The first message: who speaks, and for which store of offline edits (16 bytes)."""

    protocol: int
    client: str
    replica: bytes
    name: str = ""


@dataclass(frozen=True, slots=True)
class Welcome:
    """The answer to Hello."""

    epoch: str
    you: Person
    limits: Limits
    ping_s: float
    dead_s: float


@dataclass(frozen=True, slots=True)
class Sub:
    """Open a document. `lineage` is 16 bytes, or empty without a local copy."""

    document: str
    create: bool
    lineage: bytes
    state_vector: bytes


@dataclass(frozen=True, slots=True)
class Granted:
    """WELCOME on a document's channel: the Sub is granted."""

    channel: int
    document: str
    kind: str
    lineage: bytes
    role: str
    seq: int
    cs_durable: int


@dataclass(frozen=True, slots=True)
class Unsub:
    """Close a document."""

    channel: int


@dataclass(frozen=True, slots=True)
class Sync:
    """Everything that the state vector of a Sub lacked."""

    channel: int
    update: bytes


@dataclass(frozen=True, slots=True)
class Presence:
    """An awareness update in the format of y-protocols."""

    channel: int
    update: bytes


@dataclass(frozen=True, slots=True)
class Push:
    """An edit, up to number `cs` of its replica."""

    channel: int
    cs: int
    base_seq: int
    touched: tuple[str, ...]
    update: bytes
    values: tuple[str, ...] = ()
    """JSON of what each touched register was set to, "" where it is not told; or empty."""
    person: str = ""
    """Whose edit it is, where a page process brings that of somebody who uses its page (G4)."""


@dataclass(frozen=True, slots=True)
class Ack:
    """Everything of this replica up to `cs` is on disk."""

    channel: int
    cs: int
    seq: int


@dataclass(frozen=True, slots=True)
class Update:
    """The merged updates of one flush, and the highest number in it."""

    channel: int
    seq: int
    update: bytes


@dataclass(frozen=True, slots=True)
class Resync:
    """A push was not applied; the server has this state vector."""

    channel: int
    reason: str
    state_vector: bytes


@dataclass(frozen=True, slots=True)
class Refusal:
    """A place that an edit may not set so, for the person who made it."""

    path: str
    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class Reject:
    """The edit `cs` does not hold. `hard`: it was never applied, nor is any later one (E2)."""

    channel: int
    cs: int
    hard: bool
    code: str
    message: str
    paths: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two people set one register unseen by each other, and `mine` did not stay (C1)."""

    channel: int
    id: str
    entity: str
    path: str
    strategy: str
    version: int
    timestamp: int
    user_id: str
    name: str
    mine: Any
    theirs: Any
    cs: int = 0
    """The PUSH of ours that lost; 0 when a value that was saved before lost."""


ResolveAction = Literal["theirs", "mine", "both", "seen"]


@dataclass(frozen=True, slots=True)
class Resolve:
    """The person has decided: theirs, mine, both, or seen."""

    channel: int
    id: str
    action: ResolveAction


@dataclass(frozen=True, slots=True)
class Resolved:
    """A conflict is settled, here or in another window of the same person."""

    channel: int
    id: str


@dataclass(frozen=True, slots=True)
class Perm:
    """A document cannot be opened or written; `code` as in S1, S4 and A3."""

    channel: int
    document: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Drain:
    """The server stops soon; come back after a random part of the delay."""

    delay_ms: int


@dataclass(frozen=True, slots=True)
class Ping:
    """Are you there?"""

    token: int


@dataclass(frozen=True, slots=True)
class Pong:
    """Yes; the same token."""

    token: int


ClientMessage = Hello | Sub | Unsub | Push | Presence | Pong | Resolve
ServerMessage = (
    Welcome
    | Granted
    | Sync
    | Presence
    | Ack
    | Update
    | Resync
    | Perm
    | Drain
    | Ping
    | Reject
    | Conflict
    | Resolved
)
