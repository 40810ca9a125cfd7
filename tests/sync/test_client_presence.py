"""Presence as a client keeps it, and the thread that tells watchers."""

import threading

from moim_sync.client_presence import DocumentPresence
from moim_sync.dispatcher import Dispatcher
from moim_sync.y_protocol import AwarenessEntry, decode_awareness, encode_awareness


def presence() -> DocumentPresence:
    return DocumentPresence(7, lambda own: None)


def state(client_id: int, clock: int, text: str) -> bytes:
    return encode_awareness([AwarenessEntry(client_id, clock, text)])


MINJI = '{"user":{"id":"minji","name":"김민지","colour":"pink"},"n":%d}'


def test_the_own_state_is_sent_once_and_again_with_each_connection_under_a_higher_clock() -> None:
    own = presence()
    assert own.take_unsent() is None
    own.set({"drag": 1})
    (first,) = decode_awareness(own.take_unsent() or b"")
    assert own.take_unsent() is None
    own.disconnected()
    (second,) = decode_awareness(own.take_unsent() or b"")
    assert second.state == first.state == '{"drag":1}'
    assert second.clock > first.clock
    own.set(None)
    (last,) = decode_awareness(own.take_unsent() or b"")
    assert last.state == "null"
    own.disconnected()
    assert own.take_unsent() is None


def test_windows_of_one_person_are_one_entry() -> None:
    seen = presence()
    seen.received(state(1, 1, MINJI % 1))
    seen.received(state(2, 1, MINJI % 2))
    (person,) = seen.people
    assert (person.id, person.name, person.colour) == ("minji", "김민지", "pink")
    assert [dict(window) for window in person.states] == [{"n": 1}, {"n": 2}]


def test_older_states_own_states_and_states_without_a_person_are_left_out() -> None:
    seen = presence()
    seen.received(state(1, 5, MINJI % 5))
    seen.received(state(1, 4, MINJI % 4))
    seen.received(state(7, 1, MINJI % 7))
    seen.received(state(3, 1, "{}"))
    assert [dict(window) for window in seen.people[0].states] == [{"n": 5}]
    assert len(seen.people) == 1
    seen.received(state(1, 6, "null"))
    assert seen.people == []


def test_nobody_is_seen_without_a_connection() -> None:
    seen = presence()
    seen.received(state(1, 1, MINJI % 1))
    seen.disconnected()
    assert seen.people == []


class Watched:
    def __init__(self) -> None:
        self.calls = 0
        self.called = threading.Semaphore(0)

    def notify_watchers(self) -> None:
        self.calls += 1
        self.called.release()


def test_marks_within_the_interval_are_told_in_one_call_and_later_ones_in_another() -> None:
    dispatcher = Dispatcher("test", coalesce_s=0.3)
    watched, other = Watched(), Watched()
    for _ in range(100):
        dispatcher.mark(watched)
        dispatcher.mark(other)
    assert watched.called.acquire(timeout=5)
    assert other.called.acquire(timeout=5)
    assert (watched.calls, other.calls) == (1, 1)
    dispatcher.mark(watched)
    assert watched.called.acquire(timeout=5)
    assert (watched.calls, other.calls) == (2, 1)
    dispatcher.close()
