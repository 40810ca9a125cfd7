import pytest

from data.store_contract import LAUNCH, StoreContract, batch, opened
from moim_data.errors import StorageFull
from moim_data.memory_store import MemoryDisk, MemoryStore
from moim_data.store import UpdateStore


class MemoryShelf:
    def __init__(self) -> None:
        self._disk = MemoryDisk()

    def open(self) -> UpdateStore:
        return MemoryStore(self._disk)


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def shelf(self) -> MemoryShelf:
        return MemoryShelf()


def test_a_held_append_is_not_done_before_its_release() -> None:
    store = MemoryStore()
    opened(store)
    store.hold()
    future = store.append(batch(LAUNCH, 1, 1))
    assert not future.done()
    assert opened(store).seq == 0
    store.release()
    assert future.done()
    assert opened(store).seq == 1


def test_a_refused_append_is_kept_when_it_is_handed_over_again() -> None:
    store = MemoryStore()
    opened(store)
    store.refuse(StorageFull("no room"))
    assert isinstance(store.append(batch(LAUNCH, 1, 1)).exception(), StorageFull)
    store.refuse(None)
    assert store.append(batch(LAUNCH, 1, 1)).exception() is None
