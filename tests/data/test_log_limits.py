"""What is kept of the log of changes, and what goes."""

from dataclasses import replace
from pathlib import Path

from data.store_contract import DEADLINE_S, LAUNCH, opened
from moim_data.change_rows import DAY_MS, LogLimits
from moim_data.documents.access import LocalAccess
from moim_data.documents.project import ProjectDocument
from moim_data.sqlite_store import SqliteStore
from moim_data.store import Append, LoggedChange, LogPlace, Update

NOW_MS = 1_800_000_000_000


def row(seq: int, path: str, days_ago: int) -> LoggedChange:
    return LoggedChange(seq, NOW_MS - days_ago * DAY_MS, "ann", path, str(seq))


def pruned(folder: Path, rows: list[LoggedChange], limits: LogLimits) -> list[LoggedChange]:
    """The log after a compaction."""
    store = SqliteStore(folder / "moim.db", clock=lambda: NOW_MS, log_limits=limits)
    try:
        opened(store)
        updates = tuple(Update(one.seq, one.at_ms, "ann", b"", 0, content(one.seq)) for one in rows)
        store.append(Append(LAUNCH, updates, changes=tuple(rows))).result(DEADLINE_S)
        assert store.compact(LAUNCH)
        return list(store.changes(LAUNCH, LogPlace(), 1_000).result(DEADLINE_S).changes)
    finally:
        store.close()


def content(seq: int) -> bytes:
    access = LocalAccess()
    ProjectDocument(access).info.description = str(seq)
    return access.doc.get_update()


def test_of_what_is_too_old_the_newest_row_of_each_path_stays(tmp_path: Path) -> None:
    rows = [
        row(1, "cards/a/title", 30),
        row(2, "cards/b/title", 29),
        row(3, "cards/a/title", 21),
        row(4, "cards/a/title", 5),
        row(5, "cards/a/title", 4),
    ]
    kept = pruned(tmp_path, rows, LogLimits(days=20))
    whole_from = LoggedChange(0, rows[2].at_ms, "", "", "")
    assert kept == [whole_from, *rows[1:]]


def test_more_rows_than_are_kept_go_from_the_old_end(tmp_path: Path) -> None:
    rows = [row(seq, f"cards/{'ab'[seq % 2]}/title", 1) for seq in range(1, 11)]
    kept = pruned(tmp_path, rows, LogLimits(rows=4))
    # rows 1-6 are past the horizon: of each path the newest of them stays
    assert [one.seq for one in kept] == [0, 5, 6, 7, 8, 9, 10]


def test_a_log_within_its_limits_stays_as_it_is(tmp_path: Path) -> None:
    rows = [row(1, "cards/a/title", 30), row(2, "cards/a/title", 29)]
    assert pruned(tmp_path, rows, LogLimits()) == rows


def test_many_rows_go_in_steps_and_are_gone(tmp_path: Path) -> None:
    rows = [replace(row(1, "cards/a/title", 30), value=str(n)) for n in range(1_700)]
    store = SqliteStore(tmp_path / "moim.db", clock=lambda: NOW_MS, log_limits=LogLimits(days=9))
    try:
        opened(store)
        update = Update(1, NOW_MS, "ann", b"", 0, content(1))
        store.append(Append(LAUNCH, (update,), changes=tuple(rows))).result(DEADLINE_S)
        assert store.compact(LAUNCH)
        kept = store.changes(LAUNCH, LogPlace(), 10_000).result(DEADLINE_S).changes
        assert [one.value for one in kept] == ["", "1699"]
    finally:
        store.close()
