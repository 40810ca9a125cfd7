"""Rows of accounts."""

import sqlite3
from pathlib import Path

import pytest

from moim_data.accounts import (
    Account,
    ApiToken,
    DocumentRole,
    Feed,
    Invite,
    Record,
    SignIn,
    Webhook,
    delete_record,
    load_records,
    put_record,
)
from moim_data.errors import StorageError
from moim_data.sqlite_store import SqliteStore

MINJI = Account("user-1", "Minji", "minji", "hash", "owner", 0, 1)
RECORDS: tuple[Record, ...] = (
    MINJI,
    DocumentRole("user-1", "project/launch", "viewer"),
    Invite(b"i" * 32, "editor", 1, 2),
    SignIn(b"s" * 32, "user-1", 1, 2),
    ApiToken("beef", b"t" * 32, "user-1", "notebook", "workspace", 1, 1, 0),
    Feed("f00d", b"f" * 32, "user-1", "calendar/team", "phone", 1),
    Webhook("ab", "user-1", "project/launch", "https://x/", "card", "", "s", "", 0, "", 1),
)


def put(store: SqliteStore, *records: Record) -> None:
    def work(connection: sqlite3.Connection) -> None:
        for record in records:
            put_record(connection, record)

    store.keep(work).result()


def loaded(store: SqliteStore) -> tuple[Record, ...]:
    found = store.keep(load_records).result()
    return (
        *found.accounts,
        *found.roles,
        *found.invites,
        *found.sign_ins,
        *found.tokens,
        *found.feeds,
        *found.webhooks,
    )


def test_what_is_put_is_there_after_a_restart_and_gone_when_deleted(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "moim.db")
    put(store, *RECORDS)
    store.close()
    store = SqliteStore(tmp_path / "moim.db")
    assert loaded(store) == RECORDS
    for record in RECORDS:
        store.keep(lambda db, record=record: delete_record(db, record)).result()  # type: ignore[misc]
    assert loaded(store) == ()
    store.close()


def test_a_record_takes_the_place_of_its_own_and_never_of_another(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "moim.db")
    put(store, MINJI)
    put(store, Account("user-1", "Minji Kim", "minji kim", "hash", "viewer", 0, 1))
    thief = Account("user-2", "MINJI KIM", "minji kim", "other", "owner", 0, 2)
    with pytest.raises(StorageError):
        put(store, thief)
    (kept,) = loaded(store)
    assert isinstance(kept, Account)
    assert (kept.id, kept.name, kept.role) == ("user-1", "Minji Kim", "viewer")
    store.close()


def test_a_batch_is_kept_whole_or_not_at_all(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "moim.db")
    put(store, MINJI)
    with pytest.raises(StorageError):
        put(store, RECORDS[3], Account("user-2", "x", "minji", "h", "viewer", 0, 1))
    assert loaded(store) == (MINJI,)
    store.close()
