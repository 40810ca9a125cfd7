"""What the end of a run tells of the promises is what was measured, the bad included."""

from measures import Measures


def test_nothing_is_told_that_was_not_measured() -> None:
    assert Measures().lines() == []


def test_a_copy_that_differs_and_an_edit_that_is_lost_are_told() -> None:
    measures = Measures()
    assert measures.quiet_point(["a", "a"])
    assert not measures.quiet_point(["a", "b"])
    measures.queue(kept=7, edits=9)
    measures.connection(connected_s=98, wanted_s=100)
    told = "\n".join(measures.lines())
    assert "98.00% (connected 98 s of 100 s" in told
    assert "50.00% (1 of 2 quiet points" in told
    assert "2 lost of 9 edits" in told
