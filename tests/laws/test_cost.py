"""Cost laws against closed forms, published examples and a brute-force account of blocks."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from drsim.laws.cost import (
    billed_bytes,
    cheapest_interval,
    continuous_bytes,
    expected_yearly_loss,
    mean_points,
    stored_by_stream,
    stored_bytes,
    yearly_cost,
)
from drsim.laws.increments import changed_bytes, fraction_changed, fraction_unchanged
from drsim.laws.staying import Stream
from drsim.units import DAY_S, GIB, HOUR_S, MONTH_S
from tests.amounts import mean_stored, moved_per_month
from tests.examples import examples

Floats = NDArray[np.float64]

YEAR = (400 * DAY_S, 765 * DAY_S)


def every(period_s: float, retention_s: float, cold_after_s: float = math.inf, phase_s: float = 0.0) -> Stream:
    """A rule that has run long before the window and through it."""
    return Stream(np.arange(0.0, 800 * DAY_S, period_s) + phase_s, retention_s, cold_after_s)


def sampled(
    streams: list[Stream], at_s: float, size: float, rate: float, *, cold_full: bool = False
) -> tuple[float, float]:
    """Warm and cold bytes at one moment, from the set alive then."""
    born = np.concatenate([s.captured_s for s in streams])
    dies = np.concatenate([s.captured_s + s.retention_s for s in streams])
    cools = np.concatenate([s.captured_s + s.cold_after_s for s in streams])
    alive = (born <= at_s) & (at_s < dies)
    cold = alive & (at_s >= cools)
    if cold_full:
        return stored_bytes(np.sort(born[alive & ~cold]), size, rate, incremental=True), float(cold.sum()) * size
    whole, warm = (stored_bytes(np.sort(born[those]), size, rate, incremental=True) for those in (alive, alive & ~cold))
    return warm, whole - warm


def test_changed_bytes_compound_over_days() -> None:
    """Two days change what one day changes, and the same share of what it left."""
    assert changed_bytes(100.0, 0.2, DAY_S) == pytest.approx(20)
    assert changed_bytes(100.0, 0.2, 2 * DAY_S) == pytest.approx(20 + 0.2 * 80)
    gaps = np.array([0.0, DAY_S, math.inf])
    assert changed_bytes(100.0, 0.5, gaps) == pytest.approx([0, 50, 100])
    assert changed_bytes(100.0, 0.0, gaps) == pytest.approx([0, 0, 100])
    assert changed_bytes(100.0, 1.0, gaps) == pytest.approx([0, 100, 100])
    assert changed_bytes(np.array([100.0, 200.0]), 0.5, DAY_S) == pytest.approx([50, 100])


@given(rate=st.floats(0, 1), gap_s=st.floats(0, YEAR[1]) | st.just(math.inf))
def test_what_changes_is_what_does_not_stay(rate: float, gap_s: float) -> None:
    """The share of the bytes that a gap changes and the share that it leaves make up the whole."""
    assert fraction_changed(rate, gap_s) == pytest.approx(1 - fraction_unchanged(rate, gap_s), abs=1e-12)


def test_daily_points_of_efs_cost_79_dollars() -> None:
    """1000 GiB of EFS, 2 %/day, daily points kept 30 days, store 1580 GiB: 79.00 USD a month at 0.05."""
    stored = mean_stored([every(DAY_S, 30 * DAY_S)], YEAR, 1000 * GIB, 0.02, incremental=True)
    assert stored.cold == 0
    assert stored.warm / GIB == pytest.approx(1580, rel=1e-12)
    assert stored.total / GIB * 0.05 == pytest.approx(79.0, rel=1e-12)


def test_worked_example_of_ebs_and_rds() -> None:
    """35 daily snapshots of 400 GB changing 8 GB store 672 GB, and their copies move 243 GB a month."""
    ebs = every(DAY_S, 35 * DAY_S)
    assert mean_stored([ebs], YEAR, 400, 0.02, incremental=True).total * 0.05 == pytest.approx(33.60)
    moved = moved_per_month([ebs], YEAR, 400, 0.02, incremental=True)
    assert moved * 0.02 == pytest.approx(4.87, abs=0.005)
    rds = mean_stored([every(DAY_S, 7 * DAY_S)], YEAR, 300, 0.02, incremental=True).total
    assert rds == pytest.approx(336)
    assert billed_bytes(rds, 500) == 0
    assert billed_bytes(rds, 0) * 0.095 == pytest.approx(31.92)


def test_a_month_of_two_sizes_averages_them() -> None:
    """15 days of 400 GB and 15 days of 800 GB in a month of 30 days bill 600 GB-months."""
    month = (0.0, 30 * DAY_S)
    first = mean_stored([Stream(np.array([0.0]), 15 * DAY_S)], month, 400, 0.0, incremental=True)
    second = mean_stored([Stream(np.array([15 * DAY_S]), 15 * DAY_S)], month, 800, 0.0, incremental=True)
    assert first.total + second.total == pytest.approx(600)


@pytest.mark.parametrize(("period_h", "retention_h"), [(4, 10), (24, 840), (168, 2160), (5, 1)])
def test_mean_count_is_retention_over_interval(period_h: float, retention_h: float) -> None:
    """The mean number of points kept is retention over interval, whole or not (Little's law)."""
    window = (400 * DAY_S, 400 * DAY_S + 1000 * period_h * HOUR_S)
    stream = Stream(np.arange(0.0, window[1], period_h * HOUR_S), retention_h * HOUR_S)
    assert mean_points([stream], window).total == pytest.approx(retention_h / period_h, rel=1e-12)


def test_counts_of_rules_add() -> None:
    """Daily for 35 d, weekly for 90 d and monthly for 365 d keep 59.85 points: each rule adds retention over period."""
    # whole periods of all three rules
    window = (400 * DAY_S, (400 + 112 * 30.4375) * DAY_S)
    kept = ((DAY_S, 35 * DAY_S), (7 * DAY_S, 90 * DAY_S), (30.4375 * DAY_S, 365 * DAY_S))
    rules = [Stream(np.arange(0.0, window[1], period), retention) for period, retention in kept]
    assert mean_points(rules, window).total == pytest.approx(59.848929, abs=1e-6)


def test_rewritten_blocks_under_a_gfs_set() -> None:
    """Points aged 0-6, 13, 20, 27, 57, 87 and 117 days store what distinct blocks, uniform or 80/20, add up to."""
    captured = np.sort(-np.array([0, 1, 2, 3, 4, 5, 6, 13, 20, 27, 57, 87, 117]) * DAY_S)

    def daily(blocks: float, writes: float) -> float:
        return 1.0 - math.pow(1 - 1 / blocks, writes)

    assert changed_bytes(1000, daily(20000, 600), DAY_S) == pytest.approx(29.555194, abs=1e-6)
    assert changed_bytes(1000, daily(20000, 600), 7 * DAY_S) == pytest.approx(189.420010, abs=1e-6)
    uniform = stored_bytes(captured, 1000, daily(20000, 600), incremental=True)
    assert uniform == pytest.approx(3525.909660, abs=1e-6)
    hot = stored_bytes(captured, 200, daily(4000, 480), incremental=True)
    rest = stored_bytes(captured, 800, daily(16000, 120), incremental=True)
    assert hot + rest == pytest.approx(2702.519843, abs=1e-4)


def test_tiered_bill() -> None:
    """Daily points of 30 GB, warm for 35 d at 0.05 and cold to 365 d at 0.01, cost 151.50 USD a month."""
    stored = mean_stored([every(DAY_S, 365 * DAY_S, 35 * DAY_S)], YEAR, 30, 0.5, incremental=False)
    assert stored.warm == pytest.approx(1050)
    assert stored.cold == pytest.approx(9900)
    assert stored.warm * 0.05 + stored.cold * 0.01 == pytest.approx(151.5)


def test_full_and_incremental_sets_add() -> None:
    """7 increments of 30 GB beside 4 and 12 fulls of 1000 GB make 16,210 GB."""
    fulls = stored_bytes(np.arange(16.0), 1000, 0.03, incremental=False)
    assert fulls + float(changed_bytes(1000, 0.03, np.full(7, DAY_S)).sum()) == pytest.approx(16210)


def test_what_a_warm_point_refers_to_stays_warm() -> None:
    """With cold increments, the warm points hold everything once, and the cold ones only what has changed since."""
    stream = every(DAY_S, 120 * DAY_S, 30 * DAY_S)
    stored = mean_stored([stream], YEAR, 1000, 0.02, incremental=True)
    assert stored.warm == pytest.approx(1000 + 29 * 20)
    assert stored.cold == pytest.approx(90 * 20)


def test_what_no_warm_point_holds_is_cold() -> None:
    """Where points are cold before the next is made, nothing is warm in between."""
    stream = every(30 * DAY_S, 150 * DAY_S, 10 * DAY_S)
    window = (420 * DAY_S, 720 * DAY_S)
    stored = mean_stored([stream], window, 1000, 0.01, incremental=True)
    gap = 1000 * (1 - 0.99**30)
    assert stored.warm == pytest.approx(1000 / 3)
    assert stored.total == pytest.approx(1000 + 4 * gap)


Rules = list[tuple[int, int, int]]


@pytest.mark.parametrize(
    "rules",
    [
        [(1, 30, 8)],
        [(1, 12, 99), (7, 60, 20), (10, 90, 1)],
        [(2, 20, 5), (5, 80, 40), (30, 100, 99)],
        [(10, 100, 5)],
    ],
)
def test_blocks_that_are_counted(rules: Rules) -> None:
    """Versions of simulated blocks, cold where no warm point refers to them, add up to what the law says.

    Rules are periods, retentions and ages of the move to cold [days]; each block changes on a day with probability c.
    """
    blocks, c, days = 3000, 0.03, 320
    rng = np.random.default_rng(7)
    version = np.cumsum(rng.random((days, blocks)) < c, axis=0)
    born = np.concatenate([np.arange(0, days, period) for period, _, _ in rules])
    kept, warm_for = (
        np.concatenate([np.full(len(range(0, days, rule[0])), rule[k]) for rule in rules]) for k in (1, 2)
    )

    def distinct(points: NDArray[np.bool_]) -> int:
        seen = np.sort(version[born[points]], axis=0)
        return int(blocks * bool(len(seen)) + np.count_nonzero(np.diff(seen, axis=0)))

    window = range(110, 320)
    warm, whole = [], []
    for day in window:
        alive = (born <= day) & (day < born + kept)
        warm.append(distinct(alive & (day < born + warm_for)))
        whole.append(distinct(alive))
    streams = [Stream(np.arange(0.0, days, p) * DAY_S, k * DAY_S, w * DAY_S) for p, k, w in rules]
    stored = mean_stored(streams, (110 * DAY_S, 320 * DAY_S), blocks, c, incremental=True)
    assert stored.warm == pytest.approx(np.mean(warm), rel=0.01)
    assert stored.cold == pytest.approx(np.mean(whole) - np.mean(warm), rel=0.02)


def test_what_is_cold_is_split_between_streams() -> None:
    """The parts of the streams add up, none is negative, and what never moves to cold has nothing there."""
    streams = [
        every(DAY_S, 20 * DAY_S),
        every(7 * DAY_S, 90 * DAY_S, 30 * DAY_S),
        every(30 * DAY_S, 300 * DAY_S, DAY_S),
    ]
    parts = stored_by_stream(streams, YEAR, 1000, 0.02, incremental=True)
    whole = mean_stored(streams, YEAR, 1000, 0.02, incremental=True)
    assert parts[0].cold == 0
    assert min(parts[1].cold, parts[2].cold) > 0
    assert math.fsum(p.cold for p in parts) == pytest.approx(whole.cold)


def test_archived_snapshots_are_full_and_leave_the_chain() -> None:
    """With full cold points, each costs everything and the warm chain keeps a base of its own."""
    stream = every(DAY_S, 120 * DAY_S, 30 * DAY_S)
    stored = mean_stored([stream], YEAR, 1000, 0.02, incremental=True, cold_full=True)
    assert stored.warm == pytest.approx(1000 + 29 * 20)
    assert stored.cold == pytest.approx(90 * 1000)


@pytest.mark.parametrize("cold_full", [False, True])
def test_mean_is_the_mean_of_moments(cold_full: bool) -> None:  # noqa: FBT001 -- parametrised
    """The exact average of a GFS set with cold moves agrees with many moments, each worked out from the set alive."""
    rules = [
        every(DAY_S, 7.3 * DAY_S),
        every(7 * DAY_S, 40.1 * DAY_S, 20 * DAY_S),
        every(30 * DAY_S, 365 * DAY_S, 30 * DAY_S, phase_s=3 * HOUR_S),
        every(10 * DAY_S, 2 * DAY_S),
    ]
    window = (400 * DAY_S, 610 * DAY_S)
    exact = mean_stored(rules, window, 1000, 0.03, incremental=True, cold_full=cold_full)
    moments = np.linspace(*window, 4001)[:-1] + 1.0
    seen = np.array([sampled(rules, t, 1000, 0.03, cold_full=cold_full) for t in moments]).mean(axis=0)
    assert [exact.warm, exact.cold] == pytest.approx(list(seen), rel=2e-4)


def test_rules_at_the_same_moment_share_their_blocks() -> None:
    """A second rule that captures at the same moments and keeps no longer adds nothing."""
    daily = every(DAY_S, 30 * DAY_S)
    alone = mean_stored([daily], YEAR, 1000, 0.02, incremental=True)
    for rules in ([daily, every(7 * DAY_S, 30 * DAY_S)], [every(7 * DAY_S, 10 * DAY_S), daily]):
        assert mean_stored(rules, YEAR, 1000, 0.02, incremental=True).total == pytest.approx(alone.total)


def test_points_kept_for_ever_accumulate() -> None:
    """Points kept for ever store the base and each change since the first one."""
    stream = Stream(np.arange(0.0, 100 * DAY_S, DAY_S), math.inf)
    stored = mean_stored([stream], (50 * DAY_S, 51 * DAY_S), 1000, 0.02, incremental=True)
    assert stored.total == pytest.approx(1000 + 50 * 20)


def test_retention_no_longer_than_the_gap_is_full_each_time() -> None:
    """A retention that ends before the next capture leaves no base: every point and every copy is full."""
    short = every(DAY_S, DAY_S)
    assert mean_stored([short], YEAR, 1000, 0.02, incremental=True).total == pytest.approx(1000)
    assert moved_per_month([short], YEAR, 1000, 0.02, incremental=True) == pytest.approx(1000 * MONTH_S / DAY_S)


def test_copies_of_two_actions_build_on_each_other() -> None:
    """A weekly copy action beside a daily one to the same vault moves nothing more at the moments they share."""
    daily, weekly = every(DAY_S, 30 * DAY_S), every(7 * DAY_S, 90 * DAY_S)
    window = (400 * DAY_S, 750 * DAY_S)
    one = moved_per_month([daily], window, 1000, 0.02, incremental=True)
    two = moved_per_month([daily, weekly], window, 1000, 0.02, incremental=True)
    assert two == pytest.approx(one)
    full = moved_per_month([daily, weekly], window, 1000, 0.02, incremental=False)
    assert full == pytest.approx(1000 * (350 + 50) * MONTH_S / (350 * DAY_S))


def test_first_copy_is_full() -> None:
    """The first copy to a place moves everything, the next only what changed."""
    stream = Stream(np.array([0.0, DAY_S]), math.inf)
    moved = moved_per_month([stream], (0.0, MONTH_S), 1000, 0.02, incremental=True)
    assert moved == pytest.approx(1020)


def test_snapshots_inside_the_continuous_window_are_free() -> None:
    """Of points kept 365 days beside a continuous window of 35 days, 330 days are billed, each in full."""
    weekly = Stream(np.arange(0.0, 800 * DAY_S, 7 * DAY_S), 365 * DAY_S, free_until_s=35 * DAY_S)
    window = (400 * DAY_S, 764 * DAY_S)
    stored = mean_stored([weekly], window, 100, 0.05, incremental=False)
    assert stored.total == pytest.approx(100 * 330 / 7, rel=0.01)
    kept_short = Stream(weekly.captured_s, 30 * DAY_S, free_until_s=35 * DAY_S)
    assert mean_stored([kept_short], window, 100, 0.05, incremental=False).total == 0


def test_continuous_window_of_aurora_is_capped() -> None:
    """Seven days of a 100 GB volume bill at most 600 GB however much changes, and one day bills nothing."""
    most = continuous_bytes(100, 1.0, 7 * DAY_S, capped=True)
    assert billed_bytes(most, 100) == pytest.approx(600)
    assert billed_bytes(continuous_bytes(100, 0.5, DAY_S, capped=True), 100) == 0
    assert continuous_bytes(100, 0.02, 35 * DAY_S, capped=True) == pytest.approx(170)


def test_continuous_window_of_others_has_no_cap() -> None:
    """What is written anew three times a day is stored so often, beside the size itself."""
    assert continuous_bytes(100, 3.0, DAY_S, capped=False) == pytest.approx(400)


@given(
    days=st.lists(st.integers(0, 400), min_size=1, max_size=30, unique=True).map(sorted),
    rate=st.floats(0, 1),
    drop=st.integers(0, 29),
)
def test_stored_bytes_are_bounded_and_monotone(days: list[int], rate: float, drop: int) -> None:
    """S <= stored <= nS, more change never stores less, and deleting any point never stores more."""
    captured = np.array(days) * DAY_S
    stored = stored_bytes(captured, 1000, rate, incremental=True)
    slack = 1e-6
    assert 1000 - slack <= stored <= 1000 * len(days) + slack
    assert stored <= stored_bytes(captured, 1000, min(1.0, rate * 1.1), incremental=True) + slack
    if len(days) > 1:
        fewer = np.delete(captured, drop % len(days))
        assert stored_bytes(fewer, 1000, rate, incremental=True) <= stored + slack
    assert stored_bytes(captured, 1000, 0.0, incremental=True) == pytest.approx(1000)
    full = stored_bytes(captured, 1000, 1.0, incremental=False)
    assert full == 1000 * len(days)


@examples(50)
@given(
    rules=st.lists(st.tuples(st.integers(1, 20), st.integers(1, 60), st.integers(1, 60)), min_size=1, max_size=4),
    rate=st.floats(0, 1),
)
def test_mean_storage_is_bounded_and_monotone(rules: list[tuple[int, int, int]], rate: float) -> None:
    """Averaged storage lies between one and n fulls, whatever goes cold, and one more rule never lowers it."""
    streams = [Stream(np.arange(0.0, 200 * DAY_S, p * DAY_S), max(p, r) * DAY_S, cold * DAY_S) for p, r, cold in rules]
    window = (100 * DAY_S, 200 * DAY_S)
    stored = mean_stored(streams, window, 1000, rate, incremental=True)
    points = mean_points(streams, window)
    slack = 1e-6
    assert min(stored.warm, stored.cold, points.warm, points.cold) >= 0
    assert 1000 - slack <= stored.total <= 1000 * points.total + slack
    assert mean_stored(streams[:-1], window, 1000, rate, incremental=True).total <= stored.total + slack
    warm = [Stream(s.captured_s, s.retention_s) for s in streams]
    assert mean_stored(warm, window, 1000, rate, incremental=True).warm == pytest.approx(stored.total)


def test_cheapest_interval() -> None:
    """12 USD a backup, two failures a year and 5000 USD an hour lost make 4.585 h cheapest, and the optimum is flat."""
    cost = {"usd_per_backup": 12.0, "rate_per_year": 2.0, "data_loss_usd_per_s": 5000 / HOUR_S}
    best = cheapest_interval(**cost)
    assert best / HOUR_S == pytest.approx(4.585194, abs=1e-6)
    assert cheapest_interval(**cost, p_success=0.93) / HOUR_S == pytest.approx(4.274716, abs=1e-6)
    around = yearly_cost(np.array([best, best / 2, best * 2]), delay_s=2 * HOUR_S, **cost)
    assert around == pytest.approx([65851.94, 77314.92, 77314.92], abs=0.005)
    assert (around[1:] - 20000) / (around[0] - 20000) == pytest.approx(1.25)
    assert cheapest_interval(usd_per_backup=12, rate_per_year=2, data_loss_usd_per_s=0) == math.inf


def test_cheapest_interval_is_the_least_of_many() -> None:
    """No interval around the cheapest one costs less, with failing backups too."""
    cost = {"usd_per_backup": 3.0, "rate_per_year": 0.3, "data_loss_usd_per_s": 1.0, "p_success": 0.8}
    best = cheapest_interval(**cost)
    others = yearly_cost(best * np.linspace(0.5, 2, 301), delay_s=600, **cost)
    assert others.min() >= yearly_cost(best, delay_s=600, **cost) * (1 - 1e-12)


def test_expected_yearly_loss() -> None:
    """What is recovered costs downtime and data; what is lost its price, and downtime until the rebuild ends."""
    loss = expected_yearly_loss(
        np.array([0.5, 0.01]),
        np.array([2 * HOUR_S, 24 * HOUR_S]),
        np.array([HOUR_S, 24 * HOUR_S]),
        np.array([0.0, 0.1]),
        np.array([0.0, 3 * HOUR_S]),
        np.array([0.0, 100 * HOUR_S]),
        downtime_usd_per_s=20000 / HOUR_S,
        data_loss_usd_per_s=8000 / HOUR_S,
        unrecoverable_usd=15e6,
    )
    assert loss == pytest.approx([0.5 * 48000, 0.01 * (0.9 * 672_000 + 0.1 * (15e6 + 103 * 20_000))])


def test_losing_everything_without_a_price_is_unpriced() -> None:
    """Without a cost of losing everything there is no yearly loss, rather than a small one."""
    costs = {"downtime_usd_per_s": 1.0, "data_loss_usd_per_s": 1.0}
    assert expected_yearly_loss(1.0, 60.0, 60.0, 0.5, 60.0, 60.0, **costs, unrecoverable_usd=None) is None
