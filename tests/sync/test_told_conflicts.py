"""Decisions about conflicts, until the server knows them."""

from dataclasses import replace

import pytest

from moim_sync.messages import Conflict, Resolve
from moim_sync.told_conflicts import ToldConflicts

LOST = Conflict(
    1, "c1", "cards/a", "cards/a/title", "last-write-wins", 5, 0, "bob", "Bob", "x", "y"
)


def decided() -> ToldConflicts:
    told = ToldConflicts()
    told.told(LOST)
    told.settle(LOST, "mine")
    return told


@pytest.mark.rule("C3")
def test_a_decision_whose_answer_was_lost_is_said_again_and_not_asked_again() -> None:
    told = decided()
    assert told.open == ()
    assert told.next_resolve(1) == Resolve(1, "c1", "mine")
    assert told.next_resolve(1) is None
    told.disconnected()
    told.told(LOST)
    assert told.open == (), "the server tells it again as it has not heard, or not answered"
    assert told.next_resolve(2) == Resolve(2, "c1", "mine")
    told.resolved("c1")
    told.disconnected()
    assert told.next_resolve(3) is None


@pytest.mark.rule("C3")
def test_a_value_lost_after_the_decision_is_told_as_another() -> None:
    told = decided()
    later = replace(LOST, version=6, theirs=3)
    told.told(later)
    assert told.open == (later,)


@pytest.mark.rule("C3")
def test_what_was_decided_in_another_window_is_open_no_more() -> None:
    told = ToldConflicts()
    told.told(LOST)
    told.resolved("c1")
    assert told.open == ()
