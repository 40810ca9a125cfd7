"""The tables, as steps that are applied once each and in order (sqlite-utils' `Migrations`).

A step that has been released is never edited: a change of the tables is a new step.
"""

from sqlite_utils import Database, Migrations

store_migrations = Migrations("moim_data.store")


@store_migrations(name="1_documents")
def _documents(db: Database) -> None:
    db.execute(
        "CREATE TABLE doc(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,"
        " lineage BLOB NOT NULL, epoch INTEGER NOT NULL, next_seq INTEGER NOT NULL,"
        " state TEXT NOT NULL, crc INTEGER NOT NULL)"
    )
    db.execute(
        "CREATE TABLE upd(doc INTEGER NOT NULL, seq INTEGER NOT NULL, ts INTEGER NOT NULL,"
        " actor TEXT NOT NULL, replica BLOB NOT NULL, cs INTEGER NOT NULL, crc INTEGER NOT NULL,"
        " data BLOB NOT NULL, PRIMARY KEY(doc, seq)) WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE replica(doc INTEGER NOT NULL, replica BLOB NOT NULL, cs INTEGER NOT NULL,"
        " seen INTEGER NOT NULL, crc INTEGER NOT NULL, PRIMARY KEY(doc, replica)) WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE snap(doc INTEGER NOT NULL, upto_seq INTEGER NOT NULL, ts INTEGER NOT NULL,"
        " kind TEXT NOT NULL, sha BLOB NOT NULL, data BLOB NOT NULL, PRIMARY KEY(doc, upto_seq))"
    )


@store_migrations(name="2_last_writers")
def _last_writers(db: Database) -> None:
    db.execute(
        "CREATE TABLE field(doc INTEGER NOT NULL, path TEXT NOT NULL, seq INTEGER NOT NULL,"
        " actor TEXT NOT NULL, PRIMARY KEY(doc, path)) WITHOUT ROWID"
    )


@store_migrations(name="3_history")
def _history(db: Database) -> None:
    db.execute(
        "CREATE TABLE version(id INTEGER PRIMARY KEY, doc INTEGER NOT NULL, seq INTEGER NOT NULL,"
        " ts INTEGER NOT NULL, actor TEXT NOT NULL, label TEXT NOT NULL, snap_seq INTEGER NOT NULL)"
    )
    db.execute(
        "CREATE TABLE change(doc INTEGER NOT NULL, seq INTEGER NOT NULL, actor TEXT NOT NULL,"
        " ts INTEGER NOT NULL, path TEXT NOT NULL, old TEXT, new TEXT)"
    )
    db.execute("CREATE INDEX change_doc_seq ON change(doc, seq)")


@store_migrations(name="4_shelf")
def _shelf(db: Database) -> None:
    db.execute(
        "CREATE TABLE shelf(doc INTEGER NOT NULL, replica BLOB NOT NULL, cs INTEGER NOT NULL,"
        " code INTEGER NOT NULL, paths TEXT NOT NULL, data BLOB NOT NULL, ts INTEGER NOT NULL)"
    )


@store_migrations(name="5_snapshot_parts")
def _snapshot_parts(db: Database) -> None:
    db.execute(
        "CREATE TABLE snap_part(doc INTEGER NOT NULL, upto_seq INTEGER NOT NULL,"
        " part INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY(doc, upto_seq, part))"
    )


@store_migrations(name="6_conflicts")
def _conflicts(db: Database) -> None:
    db.execute(
        "CREATE TABLE conflict(id TEXT PRIMARY KEY, doc INTEGER NOT NULL, seq INTEGER NOT NULL,"
        " ts INTEGER NOT NULL, path TEXT NOT NULL, strategy TEXT NOT NULL, loser TEXT NOT NULL,"
        " winner TEXT NOT NULL, winner_name TEXT NOT NULL, mine TEXT NOT NULL,"
        " theirs TEXT NOT NULL, action TEXT NOT NULL, settled INTEGER NOT NULL) WITHOUT ROWID"
    )
    db.execute("CREATE INDEX conflict_open ON conflict(doc, action, seq)")


@store_migrations(name="7_accounts")
def _accounts(db: Database) -> None:
    db.execute(
        "CREATE TABLE account(id TEXT PRIMARY KEY, name TEXT NOT NULL, key TEXT NOT NULL UNIQUE,"
        " password TEXT NOT NULL, role TEXT NOT NULL, disabled INTEGER NOT NULL,"
        " created_ms INTEGER NOT NULL) WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE document_role(account TEXT NOT NULL, document TEXT NOT NULL,"
        " role TEXT NOT NULL, PRIMARY KEY(account, document)) WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE invite(hash BLOB PRIMARY KEY, role TEXT NOT NULL,"
        " created_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL) WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE sign_in(hash BLOB PRIMARY KEY, account TEXT NOT NULL,"
        " created_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL) WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE api_token(id TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE,"
        " account TEXT NOT NULL, label TEXT NOT NULL, documents TEXT NOT NULL,"
        " may_write INTEGER NOT NULL, created_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL)"
        " WITHOUT ROWID"
    )


@store_migrations(name="8_feeds")
def _feeds(db: Database) -> None:
    db.execute(
        "CREATE TABLE feed(id TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE, account TEXT NOT NULL,"
        " shows TEXT NOT NULL, label TEXT NOT NULL, created_ms INTEGER NOT NULL) WITHOUT ROWID"
    )


@store_migrations(name="9_webhooks")
def _webhooks(db: Database) -> None:
    db.execute(
        "CREATE TABLE webhook(id TEXT PRIMARY KEY, account TEXT NOT NULL, document TEXT NOT NULL,"
        " url TEXT NOT NULL, events TEXT NOT NULL, label TEXT NOT NULL, secret TEXT NOT NULL,"
        " former_secret TEXT NOT NULL, former_until_ms INTEGER NOT NULL, off TEXT NOT NULL,"
        " created_ms INTEGER NOT NULL) WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE webhook_place(webhook TEXT PRIMARY KEY, lineage BLOB NOT NULL,"
        " seq INTEGER NOT NULL) WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE webhook_delivery(number INTEGER PRIMARY KEY AUTOINCREMENT,"
        " webhook TEXT NOT NULL, message TEXT NOT NULL, body TEXT NOT NULL, state TEXT NOT NULL,"
        " attempts INTEGER NOT NULL, made_ms INTEGER NOT NULL, begun_ms INTEGER NOT NULL,"
        " due_ms INTEGER NOT NULL)"
    )
    db.execute("CREATE INDEX webhook_delivery_state ON webhook_delivery(webhook, state, number)")
    db.execute(
        "CREATE TABLE webhook_attempt(number INTEGER PRIMARY KEY, webhook TEXT NOT NULL,"
        " delivery INTEGER NOT NULL, at_ms INTEGER NOT NULL, attempt INTEGER NOT NULL,"
        " status INTEGER NOT NULL, took_ms INTEGER NOT NULL, error TEXT NOT NULL)"
    )
    db.execute("CREATE INDEX webhook_attempt_webhook ON webhook_attempt(webhook, number)")


@store_migrations(name="10_times_of_writes")
def _times_of_writes(db: Database) -> None:
    db.execute("ALTER TABLE field ADD COLUMN ts INTEGER NOT NULL DEFAULT 0")


@store_migrations(name="11_change_log")
def _change_log(db: Database) -> None:
    db.execute("DROP TABLE change")  # nothing was ever written to it
    db.execute(
        "CREATE TABLE change(doc INTEGER NOT NULL, seq INTEGER NOT NULL, n INTEGER NOT NULL,"
        " at_ms INTEGER NOT NULL, actor TEXT NOT NULL, path TEXT NOT NULL, value TEXT NOT NULL,"
        " PRIMARY KEY(doc, seq, n)) WITHOUT ROWID"
    )


outbox_migrations = Migrations("moim_data.outbox")


@outbox_migrations(name="1_offline_edits")
def _offline_edits(db: Database) -> None:
    db.execute(
        "CREATE TABLE profile(one INTEGER PRIMARY KEY CHECK(one = 1), replica BLOB NOT NULL)"
    )
    db.execute(
        "CREATE TABLE doc(name TEXT PRIMARY KEY, lineage BLOB NOT NULL, seq INTEGER NOT NULL,"
        " last_cs INTEGER NOT NULL) WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE state(id INTEGER PRIMARY KEY, doc TEXT NOT NULL, lineage BLOB NOT NULL,"
        " crc INTEGER NOT NULL, data BLOB NOT NULL)"
    )
    db.execute("CREATE INDEX state_doc ON state(doc, lineage, id)")
    db.execute(
        "CREATE TABLE entry(doc TEXT NOT NULL, lineage BLOB NOT NULL, cs INTEGER NOT NULL,"
        " base_seq INTEGER NOT NULL, touched TEXT NOT NULL, at_ms INTEGER NOT NULL,"
        " crc INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY(doc, lineage, cs)) WITHOUT ROWID"
    )


@outbox_migrations(name="2_refused_edits")
def _refused_edits(db: Database) -> None:
    db.execute("ALTER TABLE entry ADD COLUMN vals TEXT NOT NULL DEFAULT '[]'")
    db.execute(
        "CREATE TABLE refused(id INTEGER PRIMARY KEY, doc TEXT NOT NULL, at_ms INTEGER NOT NULL,"
        " code TEXT NOT NULL, message TEXT NOT NULL, touched TEXT NOT NULL, vals TEXT NOT NULL,"
        " data BLOB NOT NULL)"
    )
    db.execute("CREATE INDEX refused_doc ON refused(doc, id)")
