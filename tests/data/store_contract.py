"""What every UpdateStore must do: a store's test file subclasses `StoreContract`.

A *shelf* is what outlasts a store: `open()` gives a store on it, as after a restart.
"""

from collections.abc import Iterator
from concurrent.futures import wait
from contextlib import closing
from dataclasses import replace
from typing import Protocol

import pytest

from moim_data.errors import StorageError
from moim_data.store import (
    Append,
    Conflict,
    DocumentId,
    FieldWrite,
    LoggedChange,
    LogPlace,
    StoredDocument,
    Update,
    UpdateStore,
)

LAUNCH = DocumentId("project/launch")
OTHER = DocumentId("open/other")
REPLICA = b"r" * 16
DEADLINE_S = 20


class Shelf(Protocol):
    """What outlasts a store."""

    def open(self) -> UpdateStore:
        """Give a store on what is kept; the test closes it."""


def update(seq: int, data: bytes | None = None, cs: int = 0) -> Update:
    return Update(
        seq, 1_700_000_000_000 + seq, "ann", REPLICA, cs or seq, data or b"update %d" % seq
    )


def batch(document: DocumentId, first: int, last: int) -> Append:
    return Append(
        document,
        tuple(update(seq) for seq in range(first, last + 1)),
        {REPLICA: last},
        (FieldWrite("cards/a/title", last, "ann", 1_000 + last),),
    )


def conflict(name: str) -> Conflict:
    path, strategy = "cards/a/title", "last-write-wins"
    return Conflict(name, path, strategy, 1, 1_700_000_000_000, "ann", "bo", "Bo", '"a"', '"출시"')


def logged(seq: int, path: str) -> LoggedChange:
    return LoggedChange(seq, 1_700_000_000_000 + seq, "ann", path, '"출시"')


def opened(
    store: UpdateStore, document: DocumentId = LAUNCH, *, create: bool = True
) -> StoredDocument:
    stored = store.open(document, create).result(DEADLINE_S)
    assert stored is not None
    return stored


class StoreContract:
    @pytest.fixture
    def store(self, shelf: Shelf) -> Iterator[UpdateStore]:
        store = shelf.open()
        yield store
        store.close()

    def test_an_unknown_document_is_absent_and_stays_so(self, store: UpdateStore) -> None:
        assert store.open(LAUNCH, create=False).result(DEADLINE_S) is None
        assert store.open(LAUNCH, create=False).result(DEADLINE_S) is None
        assert store.documents().result(DEADLINE_S) == []

    def test_a_document_is_made_empty_and_only_once(self, store: UpdateStore) -> None:
        first, second = opened(store), opened(store)
        assert first.created
        assert not second.created
        assert (first.seq, first.snapshot, first.updates, first.durable) == (0, None, (), {})
        assert len(first.lineage) == 16
        assert second.lineage == first.lineage

    def test_two_documents_have_two_lineages(self, store: UpdateStore) -> None:
        assert opened(store, LAUNCH).lineage != opened(store, OTHER).lineage

    def test_what_was_appended_comes_back_in_order_after_a_restart(self, shelf: Shelf) -> None:
        store = shelf.open()
        lineage = opened(store).lineage
        store.append(batch(LAUNCH, 1, 3)).result(DEADLINE_S)
        store.append(batch(LAUNCH, 4, 4)).result(DEADLINE_S)
        store.close()
        store = shelf.open()
        stored = opened(store, create=False)
        store.close()
        assert stored.lineage == lineage
        assert stored.seq == 4
        assert not stored.created
        assert stored.updates == tuple(b"update %d" % seq for seq in (1, 2, 3, 4))
        assert stored.durable == {REPLICA: 4}

    def test_a_document_is_given_as_it_was_after_each_update(self, store: UpdateStore) -> None:
        opened(store)
        store.append(batch(LAUNCH, 1, 3)).result(DEADLINE_S)
        for seq in range(4):
            version = store.version(LAUNCH, seq).result(DEADLINE_S)
            assert version is not None
            assert version.data == tuple(b"update %d" % one for one in range(1, seq + 1))
        with pytest.raises(StorageError):
            store.version(OTHER, 0).result(DEADLINE_S)

    def test_closing_finishes_what_is_queued(self, shelf: Shelf) -> None:
        store = shelf.open()
        opened(store)
        futures = [store.append(batch(LAUNCH, seq, seq)) for seq in range(1, 101)]
        store.close()
        assert all(future.done() and future.exception() is None for future in futures)
        store = shelf.open()
        assert opened(store).seq == 100
        store.close()

    def test_documents_are_kept_apart(self, store: UpdateStore) -> None:
        opened(store, LAUNCH)
        opened(store, OTHER)
        futures = [
            store.append(batch(document, seq, seq))
            for seq in range(1, 4)
            for document in (LAUNCH, OTHER)
        ]
        wait(futures, DEADLINE_S)
        assert opened(store, LAUNCH).seq == opened(store, OTHER).seq == 3
        assert len(opened(store, LAUNCH).updates) == 3
        assert store.documents().result(DEADLINE_S) == [OTHER, LAUNCH]

    def test_a_number_given_out_is_not_given_to_something_else(self, store: UpdateStore) -> None:
        opened(store)
        store.append(batch(LAUNCH, 1, 2)).result(DEADLINE_S)
        with pytest.raises(StorageError):
            store.append(batch(LAUNCH, 2, 3)).result(DEADLINE_S)
        assert opened(store).seq == 2

    def test_a_batch_after_a_hole_is_refused_whole(self, store: UpdateStore) -> None:
        opened(store)
        with pytest.raises(StorageError, match="expected updates from 1 on"):
            store.append(batch(LAUNCH, 2, 3)).result(DEADLINE_S)
        stored = opened(store)
        assert (stored.seq, stored.updates, stored.durable) == (0, (), {})

    def test_a_refused_batch_costs_its_neighbours_nothing(self, store: UpdateStore) -> None:
        opened(store, LAUNCH)
        opened(store, OTHER)
        good = [store.append(batch(LAUNCH, seq, seq)) for seq in range(1, 6)]
        bad = store.append(batch(OTHER, 7, 7))
        good += [store.append(batch(LAUNCH, seq, seq)) for seq in range(6, 11)]
        assert isinstance(bad.exception(DEADLINE_S), StorageError)
        assert [future.exception(DEADLINE_S) for future in good] == [None] * 10
        assert opened(store, LAUNCH).seq == 10
        assert opened(store, OTHER).seq == 0

    def test_a_document_that_was_not_opened_takes_no_updates(self, store: UpdateStore) -> None:
        with pytest.raises(StorageError, match="does not exist"):
            store.append(batch(LAUNCH, 1, 1)).result(DEADLINE_S)
        assert store.documents().result(DEADLINE_S) == []

    def test_what_a_replica_has_on_disk_never_goes_down(self, store: UpdateStore) -> None:
        opened(store)
        other = b"o" * 16
        store.append(Append(LAUNCH, (update(1),), {REPLICA: 9, other: 1})).result(DEADLINE_S)
        store.append(Append(LAUNCH, (update(2),), {REPLICA: 4})).result(DEADLINE_S)
        assert opened(store).durable == {REPLICA: 9, other: 1}

    def test_a_replica_can_be_noted_without_an_update(self, store: UpdateStore) -> None:
        opened(store)
        store.append(Append(LAUNCH, (), {REPLICA: 2})).result(DEADLINE_S)
        stored = opened(store)
        assert (stored.seq, stored.durable) == (0, {REPLICA: 2})

    def test_an_append_is_kept_although_its_waiter_gives_up(self, store: UpdateStore) -> None:
        opened(store)
        assert not store.append(batch(LAUNCH, 1, 1)).cancel()
        assert opened(store).seq == 1

    def test_a_closed_store_says_so(self, shelf: Shelf) -> None:
        store = shelf.open()
        opened(store)
        store.close()
        with pytest.raises(StorageError, match="closed"):
            store.append(batch(LAUNCH, 1, 1)).result(DEADLINE_S)

    def test_large_and_empty_updates_come_back_as_they_were(self, store: UpdateStore) -> None:
        opened(store)
        large = bytes(range(256)) * 8192
        rows = (update(1, large), Update(2, -5, "안 ☃", b"", 0, b""))
        store.append(Append(LAUNCH, rows)).result(DEADLINE_S)
        assert opened(store).updates == (large, b"")

    def test_the_last_writers_come_back(self, shelf: Shelf) -> None:
        with closing(shelf.open()) as store:
            opened(store)
            store.append(batch(LAUNCH, 1, 2)).result(DEADLINE_S)
            store.append(batch(LAUNCH, 3, 3)).result(DEADLINE_S)
        with closing(shelf.open()) as store:
            assert opened(store).fields == (FieldWrite("cards/a/title", 3, "ann", 1_003),)

    def test_a_conflict_is_there_until_it_is_settled(self, shelf: Shelf) -> None:
        first, second = conflict("c1"), conflict("c2")
        with closing(shelf.open()) as store:
            opened(store)
            opened(store, OTHER)
            told = replace(batch(LAUNCH, 1, 1), conflicts=(first, second))
            store.append(told).result(DEADLINE_S)
        with closing(shelf.open()) as store:
            assert opened(store).conflicts == (first, second)
            store.settle(OTHER, "c1", "mine").result(DEADLINE_S)
            assert opened(store).conflicts == (first, second)
            store.settle(LAUNCH, "c1", "mine").result(DEADLINE_S)
            store.settle(LAUNCH, "unknown", "mine").result(DEADLINE_S)
            assert opened(store).conflicts == (second,)
        with closing(shelf.open()) as store:
            assert opened(store).conflicts == (second,)

    def test_the_log_of_changes_comes_back_page_by_page_in_order(self, shelf: Shelf) -> None:
        first = (logged(1, "cards/a/title"), logged(1, "cards/b"), logged(2, "cards/a/place"))
        with closing(shelf.open()) as store:
            opened(store)
            store.append(replace(batch(LAUNCH, 1, 2), changes=first)).result(DEADLINE_S)
            store.append(replace(batch(LAUNCH, 3, 3), changes=(logged(3, "info/x"),))).result(
                DEADLINE_S
            )
        with closing(shelf.open()) as store:
            page = store.changes(LAUNCH, LogPlace(), 2).result(DEADLINE_S)
            assert (page.changes, page.next, page.more) == (first[:2], LogPlace(1, 2), True)
            rest = store.changes(LAUNCH, page.next, 2).result(DEADLINE_S)
            assert (rest.changes, rest.more) == ((first[2], logged(3, "info/x")), False)
            end = store.changes(LAUNCH, rest.next, 2).result(DEADLINE_S)
            assert (end.changes, end.next, end.more) == ((), rest.next, False)

    def test_the_log_of_a_document_that_is_not_there_is_empty(self, store: UpdateStore) -> None:
        assert store.changes(OTHER, LogPlace(), 5).result(DEADLINE_S).changes == ()

    def test_a_document_written_without_a_log_says_so(self, shelf: Shelf) -> None:
        with closing(shelf.open()) as store:
            assert opened(store).has_log
            store.append(batch(LAUNCH, 1, 1)).result(DEADLINE_S)
            assert not opened(store).has_log
            store.append(replace(batch(LAUNCH, 2, 2), changes=(logged(2, "cards/a"),))).result(
                DEADLINE_S
            )
            assert opened(store).has_log
