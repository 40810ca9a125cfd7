"""How work flows, worked out by hand and held to a plain reference."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from flow_story import BOARD, NOW_MS, STORY, Row, at, made, moved
from moim.insights.flow.history import Column, History, history_of, stages
from moim.insights.flow.measures import (
    ageing,
    burn,
    cumulative,
    finished,
    forecast,
    open_cards,
    percentiles,
    speaks_in_points,
    throughput_a_day,
    throughput_a_week,
    workload,
)

UTC_ZONE = ZoneInfo("UTC")
HOUR_MS = 3_600_000


@pytest.fixture
def story() -> History:
    return history_of(STORY, BOARD)


def test_columns_mean_what_their_status_says_or_else_their_place() -> None:
    assert stages(BOARD) == [0, 1, 2]
    said = [Column("a", "A", "ready"), Column("b", "B", "backlog"), Column("c", "C", "done")]
    assert stages([*said, Column("d", "D", "review")]) == [0, 0, 2, 1]
    assert stages([Column("only", "Only")]) == [1]


def test_cumulative_flow_is_what_lay_in_each_column_at_the_end_of_each_day(story: History) -> None:
    found = cumulative(story, NOW_MS, UTC_ZONE)
    assert found.days == [date(2026, 11, day) for day in range(2, 11)]
    #                                  2  3  4  5  6  7  8  9  10
    assert found.amounts[0].tolist() == [2, 0, 1, 0, 1, 1, 1, 1, 1]
    assert found.amounts[1].tolist() == [0, 2, 1, 2, 2, 2, 2, 1, 1]
    assert found.amounts[2].tolist() == [0, 0, 1, 2, 1, 1, 1, 2, 2]
    assert not found.amounts[3].any()


def test_burn_in_points_follows_the_estimates_of_the_day(story: History) -> None:
    found = burn(story, NOW_MS, UTC_ZONE, points=True)
    assert found.scope.tolist() == [8, 8, 8, 10, 10, 10, 10, 10, 10]
    assert found.done.tolist() == [0, 0, 5, 8, 3, 3, 3, 8, 8]
    assert found.remaining.tolist() == [8, 8, 3, 2, 7, 7, 7, 2, 2]
    later = history_of([*STORY, Row(at(10), "cards/d/estimate", 6.0)], BOARD)
    assert burn(later, NOW_MS, UTC_ZONE, points=True).remaining.tolist() == [
        8,
        8,
        3,
        2,
        7,
        7,
        7,
        2,
        6,
    ]
    assert burn(story, NOW_MS, UTC_ZONE).remaining.tolist() == [2, 2, 2, 2, 3, 3, 3, 2, 2]
    assert speaks_in_points(story)  # a, b, d of a, b, d, e
    assert not speaks_in_points(history_of([*STORY, Row(at(10), "cards/d/estimate")], BOARD))


def test_a_card_that_was_opened_again_is_done_once_with_all_its_time(story: History) -> None:
    found = finished(story)
    assert [story.cards[card] for card in found.card] == ["a", "b"]
    assert found.cycle_days.tolist() == [2, 6]
    assert found.moments.tolist() == [at(5), at(9)]


def test_what_was_deleted_counts_as_done_only_where_it_was_done(story: History) -> None:
    gone = [Row(at(10), "cards/a/deleted", ["ann", 1]), Row(at(10), "cards/b")]
    later = history_of([*STORY, *gone], BOARD)
    assert finished(later).cycle_days.tolist() == [2, 6]
    assert cumulative(later, NOW_MS, UTC_ZONE).amounts[2].tolist()[-2:] == [2, 0]
    back = history_of([*STORY, *gone, Row(at(11), "cards/a/deleted")], BOARD)
    assert finished(back).moments.tolist() == [at(5), at(9)], "bringing it back is not doing it"


def test_throughput_counts_each_card_in_the_week_it_was_done_last(story: History) -> None:
    weeks = throughput_a_week(story, NOW_MS, UTC_ZONE)
    assert weeks.begins == [date(2026, 11, 2), date(2026, 11, 9)]
    assert weeks.counts.tolist() == [1, 1]
    days = throughput_a_day(story, NOW_MS, UTC_ZONE)
    assert days.begins == [date(2026, 11, day) for day in range(2, 10)], "today is not over"
    assert days.counts.tolist() == [0, 0, 0, 1, 0, 0, 0, 1]


def test_days_are_those_of_the_zone() -> None:
    # 23:30 in UTC is the next morning in Seoul
    history = history_of([made(at(2, 23), "a", "todo"), moved(at(3, 23), "a", "done")], BOARD)
    in_utc = cumulative(history, at(4, 1), UTC_ZONE)
    assert (in_utc.days[0], in_utc.amounts[2].tolist()) == (date(2026, 11, 2), [0, 1, 1])
    in_seoul = cumulative(history, at(4, 1), ZoneInfo("Asia/Seoul"))
    assert (in_seoul.days[0], in_seoul.amounts[2].tolist()) == (date(2026, 11, 3), [0, 1])
    # on the 25th of October 2026 a day in Berlin has 25 hours
    moment = datetime(2026, 10, 25, 22, 30, tzinfo=UTC).timestamp() * 1000
    berlin = cumulative(
        history_of([made(round(moment), "a", "todo")], BOARD),
        round(moment) + HOUR_MS,
        ZoneInfo("Europe/Berlin"),
    )
    assert (berlin.days, berlin.amounts[0].tolist()) == (
        [date(2026, 10, 25), date(2026, 10, 26)],
        [1, 1],
    )


def test_percentiles_are_values_that_so_many_stay_within() -> None:
    # of 20 values, 10 are within the 10th, 17 within the 17th, 19 within the 19th
    assert percentiles(np.arange(1.0, 21.0)) == {50: 10, 85: 17, 95: 19}
    assert percentiles(np.array([3.0])) == {50: 3, 85: 3, 95: 3}
    assert percentiles(np.array([])) == {}


def test_what_is_under_way_ages_from_its_first_start(story: History) -> None:
    found = ageing(story, NOW_MS)
    assert [story.cards[card] for card in found.card] == ["d"]
    assert found.age_days.tolist() == [5]
    again = history_of(STORY[:-1], BOARD)  # b was opened again and started on the 3rd
    found = ageing(again, NOW_MS)
    assert dict(zip((again.cards[card] for card in found.card), found.age_days, strict=True)) == {
        "b": 7,
        "d": 5,
    }
    assert not found.at_least.any()


def test_open_cards_are_shared_out_among_people_the_busiest_first(story: History) -> None:
    # ann: d (started) and e (waits); bo: d; a is done
    loads = workload(story)
    assert [(load.person, load.waiting, load.started) for load in loads] == [
        ("ann", 1, 1),
        ("bo", 0, 1),
    ]
    left = history_of([*STORY, Row(at(10), "cards/e/member/ann")], BOARD)
    assert [load.person for load in workload(left)] == ["ann", "bo", None]
    assert workload(left, points=True)[0].started == 2


def test_a_forecast_of_the_same_number_each_day_is_certain() -> None:
    found = forecast(10, np.array([2, 2, 2]), np.random.default_rng(1))
    assert [found.within(percent) for percent in (50, 85, 95)] == [5, 5, 5]


def test_a_forecast_draws_days_as_they_were() -> None:
    # One card is left and every other day one was done: after n days it is done in 1 - 1/2^n of
    # the runs, so 50 % need 1 day, 85 % 3 and 95 % 5.
    found = forecast(1, np.array([0, 1]), np.random.default_rng(7), runs=20_000)
    assert [found.within(percent) for percent in (85, 95)] == [3, 5]
    assert found.within(50) in (1, 2)


def test_a_forecast_that_has_nothing_to_go_by_says_nothing() -> None:
    rng = np.random.default_rng(1)
    assert forecast(3, np.array([0, 0]), rng).within(50) is None
    assert forecast(3, np.array([], np.int64), rng).within(50) is None
    assert forecast(10_000, np.array([1]), rng).within(50) is None, "longer than is looked at"
    assert forecast(0, np.array([], np.int64), rng).within(95) == 0


def test_a_card_in_a_column_that_is_gone_is_under_way_and_shown_apart(story: History) -> None:
    without = history_of(STORY, [BOARD[0], BOARD[2]])
    found = cumulative(without, NOW_MS, UTC_ZONE)
    assert found.amounts[-1].tolist() == [0, 2, 1, 2, 2, 2, 2, 1, 1]
    assert finished(without).cycle_days.tolist() == [2, 6]
    renamed = history_of(STORY, [column._replace(name=column.name * 2) for column in BOARD])
    assert finished(renamed).cycle_days.tolist() == [2, 6]


def test_what_stood_before_the_log_is_shown_and_never_dated() -> None:
    begins = at(4)
    rows = [
        Row(begins, ""),
        made(begins, "old", "doing"),
        made(begins, "done long ago", "done"),
        made(at(5), "new", "doing"),
        moved(at(6), "old", "done"),
        moved(at(6), "new", "done"),
    ]
    history = history_of(rows, BOARD)
    assert history.known_from_ms == begins
    found = finished(history)
    assert found.cycle_days.tolist() == [1], "new; nobody knows when old was started"
    assert found.moments.tolist() == [at(6), at(6)], "but old was done on the 6th"
    assert (~found.start_known).sum() == 2
    assert cumulative(history, at(6), UTC_ZONE).amounts[2].tolist() == [1, 1, 3]
    under_way = ageing(history_of(rows[:-2], BOARD), at(6))
    assert under_way.at_least.tolist() == [True, False]


def test_an_empty_project_has_empty_charts() -> None:
    empty = history_of([], BOARD)
    assert cumulative(empty, NOW_MS, UTC_ZONE).amounts.shape == (4, 0)
    assert burn(empty, NOW_MS, UTC_ZONE).days == []
    assert len(finished(empty).card) == len(ageing(empty, NOW_MS).card) == 0
    assert throughput_a_week(empty, NOW_MS, UTC_ZONE).begins == []
    assert throughput_a_day(empty, NOW_MS, UTC_ZONE).begins == []
    assert workload(empty) == []
    assert open_cards(empty) == 0
    assert not speaks_in_points(empty)
    assert history_of(STORY, []).columns == ()


class Plain:
    """The same by brute force: the board is replayed, and looked at whenever that is asked."""

    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows

    def board_at(self, at_ms: int) -> dict[str, str]:
        """The column of each card that is there."""
        columns: dict[str, str] = {}
        deleted: set[str] = set()
        for row in self.rows:
            if row.at_ms >= at_ms:
                break
            card, _, name = row.path.removeprefix("cards/").partition("/")
            if name == "deleted":
                (deleted.discard if row.value is None else deleted.add)(card)
            elif name == "place" or isinstance(row.value, dict):
                place = row.value["place"] if isinstance(row.value, dict) else row.value
                columns[card] = place.partition("|")[0]
        return {card: column for card, column in columns.items() if card not in deleted}

    def done_moments(self) -> list[int]:
        """When each card came into its done column for the last time, in order."""
        moments: dict[str, int] = {}
        seen: dict[str, str] = {}
        for row in self.rows:
            now = self.board_at(row.at_ms + 1)
            for card, column in now.items():
                if column == "done" and seen.get(card) != "done":
                    moments[card] = row.at_ms
            seen |= now
        return sorted(moment for card, moment in moments.items() if seen[card] == "done")


def a_story(seed: int) -> list[Row]:
    random = Random(seed)
    moment, rows, cards = at(1), [], 0
    for _ in range(random.randrange(60)):
        moment += random.randrange(1, 30) * HOUR_MS
        card = f"c{random.randrange(cards)}" if cards else ""
        what = random.random()
        if what < 0.4 or not cards:
            rows.append(made(moment, f"c{cards}", random.choice(BOARD).id))
            cards += 1
        elif what < 0.85:
            rows.append(moved(moment, card, random.choice([*BOARD, Column("gone", "")]).id))
        else:
            rows.append(Row(moment, f"cards/{card}/deleted", random.choice([None, ["ann", 1]])))
    return rows


@pytest.mark.parametrize("seed", range(40))
def test_arrays_agree_with_a_board_that_is_replayed(seed: int) -> None:
    rows = a_story(seed)
    now_ms = rows[-1].at_ms + HOUR_MS if rows else at(1)
    history, plain = history_of(rows, BOARD), Plain(rows)
    found = cumulative(history, now_ms, UTC_ZONE)
    for day, amounts in zip(found.days, found.amounts.T, strict=True):
        end = datetime.combine(day + timedelta(1), datetime.min.time(), UTC)
        board = list(plain.board_at(round(end.timestamp() * 1000)).values())
        expected = [board.count(column.id) for column in (*BOARD, Column("gone", ""))]
        assert amounts.tolist() == expected, f"seed {seed}, {day}"
    assert finished(history).moments.tolist() == plain.done_moments(), f"seed {seed}"
    started = sum(column in ("doing", "gone") for column in plain.board_at(now_ms).values())
    assert len(ageing(history, now_ms).card) == started
