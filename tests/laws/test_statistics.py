"""Intervals hold what they promise to hold, as often as they promise."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.special import ndtri

from drsim.study.statistics import (
    neighbours,
    percentiles,
    probability_interval,
    quantile_interval,
    quantile_ranks,
    unanimous_drills,
)
from tests.examples import examples

Floats = NDArray[np.float64]
Interval = Callable[[int, int], tuple[Floats, Floats]]


def wilson(k: ArrayLike, n: ArrayLike, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Return Wilson's score interval (JASA 22, 1927), which is right on average over probabilities and not for each."""
    hits, trials = np.asarray(k, dtype=np.float64), np.asarray(n, dtype=np.float64)
    z = float(ndtri((1 + confidence) / 2))
    middle = hits + z**2 / 2
    half = z * np.sqrt(hits * (trials - hits) / np.maximum(trials, 1) + z**2 / 4)
    low = np.where(hits == 0, 0.0, (middle - half) / (trials + z**2))
    high = np.where(hits == trials, 1.0, (middle + half) / (trials + z**2))
    return low, high


def coverage(ranks: tuple[float | None, float | None], n: int, q: float) -> float:
    """Return the probability that the order statistics of these ranks hold the quantile, by the binomial law."""
    low, high = ranks
    bin_ = stats.binom(n, q)
    return float(bin_.cdf(n if high is None else high - 1) - (0 if low is None else bin_.cdf(low - 1)))


def test_interval_of_p95_in_a_thousand() -> None:
    """Of 1000 incidents the 937th and the 964th hold p95 with probability 0.950417, in any order given."""
    ranks = np.arange(1.0, 1001.0)
    assert quantile_interval(ranks, 0.95) == (937, 964)
    assert quantile_interval(np.random.default_rng(1).permutation(ranks), 0.95) == (937, 964)
    assert coverage((937, 964), 1000, 0.95) == pytest.approx(0.950417, abs=5e-7)


def test_interval_of_p95_holds_in_repeated_samples() -> None:
    """The interval of p95 holds the true one in 95.04 % of samples of a lognormal, within five standard errors."""
    rng = np.random.default_rng(22)
    truth = math.exp(stats.norm.ppf(0.95))
    samples = np.exp(rng.standard_normal((2000, 1000)))
    hits = 0
    for sample in samples:
        low, high = quantile_interval(sample, 0.95)
        assert low is not None
        assert high is not None
        hits += low <= truth <= high
    assert hits / 2000 == pytest.approx(0.950417, abs=5 * 0.21708 / math.sqrt(2000))


@examples(150)
@given(
    n=st.integers(1, 800),
    q=st.sampled_from([0.01, 0.5, 0.9, 0.95, 0.99]),
    confidence=st.sampled_from([0.8, 0.95, 0.99]),
)
def test_quantile_interval_by_brute_force(n: int, q: float, confidence: float) -> None:
    """The ranks reach the confidence, no pair with fewer between them does, and one end is missing only if it must."""
    low, high = quantile_interval(np.arange(1.0, n + 1), q, confidence)
    if low is not None or high is not None:
        assert coverage((low, high), n, q) >= confidence - 1e-12
    cdf = stats.binom(n, q).cdf(np.arange(n))
    if low is None or high is None:
        assert cdf[-1] - cdf[0] < confidence  # not even the smallest and the largest
        ends_alone = (1 - cdf[0] >= confidence, cdf[-1] >= confidence)
        assert (low is not None, high is not None) == (ends_alone if sum(ends_alone) < 2 else (False, False))
    else:
        width = int(high - low)
        assert 1 <= low < high <= n
        if width > 1:
            narrower = cdf[width - 1 :] - cdf[: n - width + 1]
            assert narrower.max() < confidence + 1e-12


@pytest.mark.parametrize("n", [1, 50, 2_000, 42_000])
@pytest.mark.parametrize("q", [0.001, 0.5, 0.95, 0.99, 0.999])
def test_far_counts_do_not_matter_to_the_ranks(n: int, q: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ranks are those that a search through all counts finds."""
    ranks = quantile_ranks.__wrapped__
    near = ranks(n, q)
    monkeypatch.setattr("drsim.study.statistics._FAR", 1e6)
    assert ranks(n, q) == near


def test_small_samples_bound_one_end_or_none() -> None:
    """59 drills are the fewest that bound p95 from above and 299 those that bound p99; none bounds nothing."""
    assert quantile_interval(np.arange(58.0), 0.95)[1] is None
    assert quantile_interval(np.arange(59.0), 0.95)[1] == 58
    assert quantile_interval(np.arange(298.0), 0.99)[1] is None
    assert quantile_interval(np.arange(299.0), 0.99)[1] == 298
    assert quantile_interval(np.arange(5.0), 0.5) == (None, None)
    assert quantile_interval(np.arange(6.0), 0.5) == (0, 5)
    assert quantile_interval([], 0.95) == (None, None)


def test_percentiles_interpolate_linearly() -> None:
    """Percentiles interpolate between neighbours; an empty sample has none."""
    assert percentiles([4, 1, 3, 2], [0, 0.5, 0.95, 1]).tolist() == pytest.approx([1, 2.5, 3.85, 4])
    assert np.isnan(percentiles([], [0.5, 0.95])).all()


def test_mean_of_the_largest_of_a_hundred() -> None:
    """The largest of 100 losses, uniform from 2 h to 26 h, is 25.762376 h on average: 2 + 24 x 100/101."""
    losses = 2 + 24 * np.random.default_rng(3).random((10_000, 100))
    largest = [percentiles(sample, [1.0])[0] for sample in losses]
    assert np.mean(largest) == pytest.approx(2 + 24 * 100 / 101, abs=5 * 0.23528 / 100)


@examples(200)
@given(
    sample=st.lists(st.floats(0, 1e9), max_size=60),
    beyond=st.integers(0, 60),
    q=st.sampled_from([0, 0.5, 0.9, 0.95, 0.99, 1]),
)
def test_percentiles_rank_what_has_no_figure_last(sample: list[float], beyond: int, q: float) -> None:
    """They are NumPy's of all observations, and there is none where a neighbour of the rank has no figure."""
    percentile = float(percentiles(sample, [q], beyond)[0])
    if not sample or neighbours(len(sample) + beyond, q)[1] >= len(sample):
        assert math.isnan(percentile)
    else:
        # whatever stands in the place of those beyond does not matter, being no neighbour
        observations = [*sample, *[max(sample)] * beyond]
        assert percentile == pytest.approx(float(np.quantile(observations, q)), rel=1e-9, abs=1e-9)


def test_a_mixture_of_recoveries_and_losses() -> None:
    """11 of 100 lost, the rest evenly from 1 to 10 h: p50 is the 56.2nd percentile of the recovered, p95 is none."""
    hours = np.linspace(1, 10, 89)
    p50, p95 = percentiles(hours, [0.5, 0.95], 11)
    assert p50 == pytest.approx(float(np.quantile(hours, 49.5 / 88)))
    assert p50 == pytest.approx(1 + 9 * 0.5625)
    assert math.isnan(p95)


def test_a_whole_rank_has_no_second_neighbour() -> None:
    """Of 21 observations p95 is the 20th itself, whatever the last one is, and so for every number with whole ranks."""
    assert neighbours(21, 0.95) == (19, 19, 0)
    assert percentiles(np.arange(20.0), [0.95], 1)[0] == 19
    for hundreds in range(1, 200):
        assert neighbours(100 * hundreds + 1, 0.99) == (99 * hundreds, 99 * hundreds, 0)
    # 0.7 x 90 is a little less than 63 in floats, 0.7 x 170 a little less than 119
    assert neighbours(91, 0.7) == (63, 63, 0)
    assert percentiles(np.arange(119.0 + 1), [0.7], 51)[0] == 119


def test_a_rank_beside_a_whole_one_has_two_neighbours() -> None:
    """What is a millionth from a whole rank, on either side, is interpolated."""
    assert list(neighbours(21, 0.5 + 1e-7)) == pytest.approx([10, 11, 2e-6])
    assert list(neighbours(21, 0.5 - 1e-7)) == pytest.approx([9, 10, 1 - 2e-6])


@examples(100)
@given(n=st.integers(0, 500), beyond=st.integers(0, 500), q=st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_ends_of_intervals_are_ranks_of_all(n: int, beyond: int, q: float) -> None:
    """An end is the observation of its rank among all, and none where that one has no figure."""
    interval = quantile_interval(np.arange(float(n)), q, beyond=beyond)
    for rank, end in zip(quantile_ranks(n + beyond, q), interval, strict=True):
        assert end == (None if rank is None or rank > n else rank - 1)


@pytest.mark.parametrize(("q", "lost"), [(0.5, 0.0), (0.5, 0.3), (0.9, 0.05), (0.95, 0.0), (0.95, 0.045)])
def test_intervals_of_percentiles_hold_over_many_seeds(q: float, lost: float) -> None:
    """Over 500 seeds 94 % of the intervals hold the true percentile of a mixture of recoveries and losses."""
    hits, drills, truth = 0, 400, -math.log1p(-q / (1 - lost))
    for seed in range(500):
        rng = np.random.default_rng(seed)
        times = rng.exponential(size=drills)[rng.random(drills) >= lost]
        low, high = quantile_interval(times, q, beyond=drills - len(times))
        hits += (low is None or low <= truth) and (high is None or truth <= high)
    assert hits / 500 >= 0.94


def test_unanimous_drills_leave_two_and_a_half_percent() -> None:
    """None in n reaches from exactly 0 up to 1 - 0.025^(1/n), all in n down to its mirror image."""
    for n in (1, 7, 72, 500, 3_688, 10**6):
        low, high = probability_interval([0, n], n)
        assert low.tolist() == [0, pytest.approx(0.025 ** (1 / n), rel=1e-12)]
        assert high.tolist() == [pytest.approx(-math.expm1(math.log(0.025) / n), rel=1e-9), 1]


def test_drills_that_show_an_attainment() -> None:
    """72 affected drills show 95 %, 368 show 99 %, 3,688 show 99.9 %: the fewest whose interval reaches it."""
    assert [unanimous_drills(p) for p in (0.5, 0.9, 0.95, 0.99, 0.999)] == [6, 36, 72, 368, 3_688]
    for p in np.linspace(0.05, 0.9995, 400):
        n = unanimous_drills(float(p))
        assert probability_interval(n, n)[0] >= p
        assert n == 1 or probability_interval(n - 1, n - 1)[0] < p
    assert unanimous_drills(0) == unanimous_drills(0.025) == 1


@pytest.mark.parametrize("interval", [wilson, probability_interval])
def test_no_trials_bound_nothing(interval: Interval) -> None:
    """Without a trial a probability lies between 0 and 1."""
    low, high = interval(0, 0)
    assert (float(low), float(high)) == (0, 1)


def test_known_intervals() -> None:
    """The intervals of 10 in 100 and of 3 in 10 are those of scipy's binomial test."""
    for k, n in ((10, 100), (3, 10), (1, 500), (0, 7), (7, 7)):
        test = stats.binomtest(k, n)
        exact, score = test.proportion_ci(0.95, method="exact"), test.proportion_ci(0.95, method="wilson")
        for interval, expected in ((probability_interval, exact), (wilson, score)):
            low, high = interval(k, n)
            assert float(low) == pytest.approx(expected.low, abs=1e-12)
            assert float(high) == pytest.approx(expected.high, abs=1e-12)


def hit_rate(ends: tuple[Floats, Floats], n: int, p: Floats) -> float:
    """Return the smallest probability over `p` that the interval of what Bin(n, p) shows holds p."""
    low, high = ends
    weights = stats.binom.pmf(np.arange(n + 1), n, p[:, None])
    return float((weights * ((low <= p[:, None]) & (p[:, None] <= high))).sum(axis=1).min())


@pytest.mark.parametrize("n", [1, 2, 5, 20, 72, 500, 2_000])
def test_coverage_of_probability_intervals(n: int) -> None:
    """Exactly computed, they hold 95 % at least for every p on a fine grid, at its ends too; Wilson's hold less."""
    tails = np.geomspace(1e-3 / n, 0.5, 800)
    p = np.concatenate([tails, 1 - tails, np.linspace(0, 1, 201)])
    k = np.arange(n + 1)
    assert hit_rate(probability_interval(k, n), n, p) >= 0.95
    if n >= 20:
        assert hit_rate(wilson(k, n), n, p) < 0.85


@examples(100)
@given(n=st.integers(1, 10**7), share=st.floats(0, 1))
def test_probability_interval_moves_the_right_way(n: int, share: float) -> None:
    """The interval holds the estimate, mirrors with hits and misses, and one more hit raises both ends."""
    k = round(share * n)
    low, high = (float(end) for end in probability_interval(k, n))
    assert 0 <= low <= k / n <= high <= 1
    assert high - low > 0
    mirrored = [float(end) for end in probability_interval(n - k, n)]
    assert [1 - high, 1 - low] == pytest.approx(mirrored, abs=1e-9)
    if k < n:
        more = [float(end) for end in probability_interval(k + 1, n)]
        assert more[0] > low
        assert more[1] > high or (k + 1 == n and more[1] == 1)


def test_intervals_are_vectorised() -> None:
    """Arrays of hits and drills broadcast, and each element is what it is alone."""
    k, n = np.arange(4)[:, None], np.array([3, 30])
    for interval in (wilson, probability_interval):
        low, high = interval(k, n)
        assert low.shape == high.shape == (4, 2)
        alone = interval(2, 30)
        assert (low[2, 1], high[2, 1]) == (float(alone[0]), float(alone[1]))
