"""Spells of failures: a job fails if any spell at all covers it, however far back its cell lies."""

from __future__ import annotations

import numpy as np
import pytest

from drsim import draws
from drsim.distributions import Distribution, Exponential, Lognormal, Uniform
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
    run, day = np.arange(4)[:, None], np.arange(-5, 200, 17)[None, :]
    found = failure.failed(run, day, day * DAY)
    for r, d in np.ndindex(found.shape):
        assert found[r, d] == covered(failure, r, float(day[0, d]) * DAY)
    assert 0 < found.mean() < 1
    # one by one they are what they are where all runs meet all moments
    runs, days = np.broadcast_arrays(run, day)
    alone = failure.failed(runs.ravel(), days.ravel(), days.ravel() * DAY)
    assert np.array_equal(alone, found.ravel())
