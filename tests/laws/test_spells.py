"""Spells of failures: a job fails if any spell at all covers it, however far back its cell lies."""

from __future__ import annotations

import math

import numpy as np
import pytest

from drsim import draws
from drsim.distributions import Constant, Distribution, Exponential, Lognormal, Uniform
from drsim.laws.failures import Failure

DAY = 86400.0
KEY = draws.key(7, "shop.orders", "failure")
CELLS_BACK = 10


def covered(failure: Failure, run: int, moment: float) -> bool:
    """Return whether a spell covers a moment, asking every cell of a long past."""
    assert failure.lasts is not None
    cell_s, table, _ = failure.spells
    for cell in range(int(moment // cell_s) - CELLS_BACK, int(moment // cell_s) + 1):
        number = int(np.searchsorted(table, draws.uniform(KEY, run, cell)))
        for nth in range(1, number + 1):
            where, length = draws.words(KEY, run, cell, nth, [0, 1])
            begins = (cell + float(where)) * cell_s
            if begins <= moment < begins + failure.lasts.quantile(float(length)):
                return True
    return False


@pytest.mark.parametrize(
    "lasts",
    [Exponential(2 * DAY), Uniform(1 * DAY, 3 * DAY), Lognormal(1 * DAY, 1.0)],
    ids=lambda d: type(d).__name__,
)
def test_no_spell_in_reach_is_missed(lasts: Distribution) -> None:
    """Looking only as far back as the longest spell reaches finds what looking at every cell finds."""
    failure = Failure(0.3, lasts, KEY)
    run, day = np.arange(3)[:, None], np.arange(-5, 200, 23)[None, :]
    fails = failure.failed(run, day, day * DAY)
    for r, d in np.ndindex(fails.shape):
        assert fails[r, d] == covered(failure, r, float(day[0, d]) * DAY)
    assert 0 < fails.mean() < 1
    # one by one they are what they are where all runs meet all moments
    runs, days = np.broadcast_arrays(run, day)
    alone = failure.failed(runs.ravel(), days.ravel(), days.ravel() * DAY)
    assert np.array_equal(alone, fails.ravel())


def test_spells_cover_a_share_p_of_the_time() -> None:
    """Spells that arrive at a rate of -ln(1 - p) / E[lasts] cover p of all moments, within five standard errors.

    It makes no difference whether all runs meet all moments, or each pair of a run and a moment is asked for.
    """
    p, runs, moments = 0.5, 2000, 10
    failure = Failure(p, Uniform(1 * DAY, 3 * DAY), KEY)
    # further apart than any spell lasts, so that each is independent of the others
    moment_s = 4 * DAY * np.arange(1, moments + 1)
    run, index = np.arange(runs)[:, None], np.arange(moments)
    pairs = [pair.ravel() for pair in np.broadcast_arrays(run, index, moment_s)]
    for fails in (failure.failed(run, index, moment_s), failure.failed(*pairs)):
        assert fails.mean() == pytest.approx(p, abs=5 * math.sqrt(p * (1 - p) / (runs * moments)))


def test_as_many_fail_where_a_cell_of_the_calendar_begins() -> None:
    """There only spells of the cell before can cover a moment, and they cover the same share of all."""
    p, runs, moments = 0.5, 2000, 10
    failure = Failure(p, Uniform(1 * DAY, 3 * DAY), KEY)
    moment_s = failure.spells[0] * np.arange(1, moments + 1)
    share = failure.failed(np.arange(runs)[:, None], np.arange(moments), moment_s).mean()
    assert share == pytest.approx(p, abs=5 * math.sqrt(p * (1 - p) / (runs * moments)))


def test_a_job_that_follows_one_that_was_spared() -> None:
    """With spells of two days sqrt(1 - p) are spared again a day later, and 1 - p after two days and more."""
    failure = Failure(0.75, Constant(2 * DAY), KEY)
    assert failure.p_spared_again([0, 1 * DAY, 2 * DAY, 9 * DAY]) == pytest.approx([1, 0.5, 0.25, 0.25])
