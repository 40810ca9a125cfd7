"""People and what they come in by, as rows: accounts, roles, invites, sign-ins, tokens, feeds; and
where they have changes sent to: webhooks.

Secrets are kept as hashes only: passwords by argon2, the others (random, 256 bits) by SHA-256. Not
those of webhooks, because what is sent is signed with them. Each class is a table, its fields are
the columns and its first one the key (two for a role).
"""

import sqlite3
from dataclasses import astuple, dataclass, field, fields
from typing import Final, TypeVar


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in."""

    id: str
    name: str
    """As it was chosen; unique by `key`."""
    key: str
    """The name as it is compared."""
    password: str
    """Its argon2 hash."""
    role: str
    """In every document without a role of its own."""
    disabled: int
    created_ms: int


@dataclass(frozen=True, slots=True)
class DocumentRole:
    """What somebody is in one document, whatever they are elsewhere."""

    account: str
    document: str
    role: str


@dataclass(frozen=True, slots=True)
class Invite:
    """Lets one person make an account, once."""

    hash: bytes
    role: str
    created_ms: int
    expires_ms: int


@dataclass(frozen=True, slots=True)
class SignIn:
    """One browser that somebody has signed in with."""

    hash: bytes
    account: str
    created_ms: int
    expires_ms: int


@dataclass(frozen=True, slots=True)
class ApiToken:
    """Lets a program act for somebody, in some documents."""

    id: str
    hash: bytes
    account: str
    label: str
    documents: str
    """Document ids with spaces between them; empty for all."""
    may_write: int
    created_ms: int
    expires_ms: int
    """0: never."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A secret address at which calendar programs read something, for somebody."""

    id: str
    hash: bytes
    account: str
    """For whom it is read; empty for nobody's."""
    shows: str
    """`calendar/<id>`, `project/<id>`, or `person/<id>` for what that person takes part in."""
    label: str
    created_ms: int


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address to which what changes in a document is sent."""

    id: str
    account: str
    """For whom it reads; empty for the server's owner."""
    document: str
    url: str
    events: str
    """Names of entities with spaces between them; empty for all."""
    label: str
    secret: str = field(repr=False)
    """As receivers are given it: `whsec_` and base64."""
    former_secret: str = field(repr=False)
    """The one before, which also signs until `former_until_ms`."""
    former_until_ms: int
    off: str
    """Why nothing is sent, as a word; empty while it is on."""
    created_ms: int


Record = Account | DocumentRole | Invite | SignIn | ApiToken | Feed | Webhook
R = TypeVar("R", Account, DocumentRole, Invite, SignIn, ApiToken, Feed, Webhook)

_TABLES: Final[dict[type[Record], tuple[str, int]]] = {
    Account: ("account", 1),
    DocumentRole: ("document_role", 2),
    Invite: ("invite", 1),
    SignIn: ("sign_in", 1),
    ApiToken: ("api_token", 1),
    Feed: ("feed", 1),
    Webhook: ("webhook", 1),
}
"""Each table's name and how many of its first columns are its key."""


@dataclass(slots=True)
class AccountRecords:
    """All of it."""

    accounts: list[Account] = field(default_factory=list)
    roles: list[DocumentRole] = field(default_factory=list)
    invites: list[Invite] = field(default_factory=list)
    sign_ins: list[SignIn] = field(default_factory=list)
    tokens: list[ApiToken] = field(default_factory=list)
    feeds: list[Feed] = field(default_factory=list)
    webhooks: list[Webhook] = field(default_factory=list)


def load_records(connection: sqlite3.Connection) -> AccountRecords:
    """Give everything that is kept."""
    return AccountRecords(
        _rows(connection, Account),
        _rows(connection, DocumentRole),
        _rows(connection, Invite),
        _rows(connection, SignIn),
        _rows(connection, ApiToken),
        _rows(connection, Feed),
        _rows(connection, Webhook),
    )


def put_record(connection: sqlite3.Connection, record: Record) -> None:
    """Write a row, over the one of the same key; inside the caller's transaction."""
    table, key_columns = _TABLES[type(record)]
    columns = [one.name for one in fields(record)]
    # Not OR REPLACE: that would also delete another row which some unique column forbids.
    updates = [f"{column} = excluded.{column}" for column in columns[key_columns:]]
    connection.execute(
        f"INSERT INTO {table}({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
        f" ON CONFLICT({', '.join(columns[:key_columns])}) DO UPDATE SET {', '.join(updates)}",
        astuple(record),
    )


def delete_record(connection: sqlite3.Connection, record: Record) -> None:
    """Delete the row of the record's key; inside the caller's transaction."""
    table, key_columns = _TABLES[type(record)]
    columns = [one.name for one in fields(record)][:key_columns]
    where = " AND ".join(f"{column} = ?" for column in columns)
    connection.execute(f"DELETE FROM {table} WHERE {where}", astuple(record)[:key_columns])


def _rows(connection: sqlite3.Connection, kind: type[R]) -> list[R]:
    table, _ = _TABLES[kind]
    columns = ", ".join(one.name for one in fields(kind))
    return [kind(*row) for row in connection.execute(f"SELECT {columns} FROM {table}")]
