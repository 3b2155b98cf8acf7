"""What differs by more than the luck of the drills is told from what does not."""

from __future__ import annotations

import math

import numpy as np

from drsim.study.noise import Resamples, difference, is_beyond
from drsim.study.statistics import percentiles


def drills_of(count: int) -> np.ndarray:
    """Return a figure of each drill, all of them different."""
    return np.random.default_rng(4).permutation(np.linspace(1.0, 100.0, count))


def test_the_first_percentile_is_that_of_the_drills() -> None:
    """The drills themselves come first: what does not count is left out, what has no figure ranks last."""
    figures = drills_of(50)
    figures[[3, 7]] = math.nan
    figures[11] = math.inf
    known = figures[np.isfinite(figures)]
    first = Resamples(50).percentile(figures, 0.9)[0]
    assert math.isclose(first, percentiles(known, [0.9], beyond=1)[0])
    assert Resamples(50).percentile(np.full(50, math.inf), 0.9)[0] == math.inf
    assert math.isnan(Resamples(50).percentile(np.full(50, math.nan), 0.9)[0])


def test_what_every_drill_shows_is_beyond_luck_and_what_one_shows_is_not() -> None:
    """A shift of all drills is no luck however small it is; the worst drill alone moves a percentile by luck."""
    figures, resamples = drills_of(60), Resamples(60)
    before = resamples.percentile(figures, 0.95)
    assert is_beyond(difference(resamples.percentile(figures + 0.01, 0.95), before))
    worst = figures.copy()
    worst[np.argsort(figures)[-4:-3]] += 50.0
    moved = difference(resamples.percentile(worst, 0.95), before)
    assert moved[0] > 0
    assert not is_beyond(moved)
    assert not is_beyond(difference(before, before))


def test_no_recovery_at_one_end_is_a_difference() -> None:
    """Without recovery at one end alone the difference is infinite, at both there is none."""
    inf, nan = math.inf, math.nan
    differences = difference(np.array([inf, inf, 3.0, nan]), np.array([2.0, inf, inf, nan]))
    assert differences.tolist() == [inf, 0.0, -inf, 0.0]
