"""Estimates from drills and how sure they are: percentiles, probabilities and means with their intervals.

Intervals are stated at 95 % unless asked otherwise. What a sample cannot bound is None, never a large number.
Sources: order statistics: David and Nagaraja, "Order Statistics", 2003, §7.1; Clopper and Pearson, Biometrika 26,
1934.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

CONFIDENCE = 0.95

_FAR = 10
"""Standard deviations from the mean beyond which a binomial count is never seen."""

_WHOLE = 1e-9
"""How far from a whole number a float may be that is one."""

# scipy is imported where it is used: it is slow to load, and the doors need names from this package only


def neighbours(n: int, q: float) -> tuple[int, int, float]:
    """Return between which of `n` observations in order a quantile lies, and how far it is from the lower one.

    Args:
        n: observations, at least one.
        q: the fraction, such as 0.95.

    Returns:
        The places of both, from 0, and the weight of the upper one, 0 to 1 (NumPy's default). Where the rank is a whole
        number both are the observation of that rank.
    """
    rank = q * (n - 1)
    # a rank that is whole but for the last digits of a float is whole
    lower, upper = math.floor(rank + _WHOLE), math.ceil(rank - _WHOLE)
    return lower, upper, rank - lower if upper > lower else 0.0


def percentiles(sample: ArrayLike, qs: Sequence[float], beyond: int = 0) -> Floats:
    """Return quantiles of a sample, interpolated linearly (NumPy's default); NaN where there is none.

    Args:
        sample: observations, shape (n,), in any order.
        qs: fractions, 0 to 1, such as 0.95.
        beyond: further observations that rank above all of these and have no figure, such as drills without recovery.
            A quantile of which either neighbour is one of them has none.

    Returns:
        Shape (len(qs),), in the sample's unit.
    """
    values = np.sort(np.asarray(sample, dtype=np.float64))
    quantiles = np.full(len(qs), math.nan)
    for k, q in enumerate(qs):
        lower, upper, weight = neighbours(max(values.size + beyond, 1), q)
        if upper < values.size:
            quantiles[k] = values[lower] + weight * (values[upper] - values[lower])
    return quantiles


def quantile_interval(
    sample: ArrayLike, q: float, confidence: float = CONFIDENCE, *, beyond: int = 0
) -> tuple[float | None, float | None]:
    """Return an interval that holds the quantile `q`, whatever the distribution is: two order statistics.

    [X(l), X(u)] holds the quantile with probability P(l <= Bin(n, q) <= u - 1), or more where values tie; of the pairs
    that reach the confidence it is the one with the fewest ranks between them.
    Where the sample is too small for both ends, the end that it can bound alone is given and the other is None: fewer
    than 299 observations bound p99 from below only, at 95 %. Fewer than six bound no median, and an empty one nothing.

    Args:
        sample: observations, shape (n,), in any order.
        q: the fraction, such as 0.95.
        confidence: probability that the interval holds the quantile.
        beyond: as for `percentiles`; an end that falls on one of these is None.
    """
    values = np.asarray(sample, dtype=np.float64)
    ranks = quantile_ranks(values.size + beyond, q, confidence)
    places = [rank - 1 for rank in ranks if rank and rank <= values.size]
    ordered = np.partition(values, places) if places else values
    low, high = (float(ordered[rank - 1]) if rank and rank <= values.size else None for rank in ranks)
    return low, high


@lru_cache(maxsize=4096)
def quantile_ranks(n: int, q: float, confidence: float = CONFIDENCE) -> tuple[int | None, int | None]:
    """Return the ranks, from 1, of the two order statistics of `quantile_interval`; None where there is none.

    Args:
        n: observations.
        q: the fraction, such as 0.95.
        confidence: probability that the interval holds, at least.
    """
    from scipy.special import bdtr

    if not n:
        return None, None
    # farther from the middle no count is likely enough to matter: there P is 0 or 1 to 1e-20
    middle, spread = n * q, _FAR * math.sqrt(n * q * (1 - q)) + _FAR**2
    first, last = max(0, math.floor(middle - spread)), min(n, math.ceil(middle + spread))
    below = bdtr(np.arange(first, last, dtype=np.float64), n, q)  # P(Bin <= first), ..., P(Bin <= last - 1)
    before = below[:-1]  # P(Bin < l) for l = first + 1, ..., last - 1
    upper = first + np.searchsorted(below, before + confidence) + 1
    lower = np.arange(first + 1, last)
    possible = upper <= last
    if possible.any():
        lower, upper, before = lower[possible], upper[possible], before[possible]
        best = np.lexsort((before - below[upper - 1 - first], upper - lower))[0]
        return int(lower[best]), int(upper[best])
    # one end alone: P(X(l) <= quantile) = P(Bin >= l), P(quantile <= X(u)) = P(Bin <= u - 1)
    low = first + int(np.searchsorted(below, 1 - confidence, side="right"))
    high = first + int(np.searchsorted(below, confidence)) + 1
    if low and high <= n:
        return None, None  # either end would hold, both together would not
    return low or None, high if high <= n else None


def probability_interval(k: ArrayLike, n: ArrayLike, confidence: float = CONFIDENCE) -> tuple[Floats, Floats]:
    """Return the interval of a probability seen `k` times in `n` drills: that of Clopper and Pearson, two-sided.

    Each end misses with (1 - confidence)/2 at most, whatever the probability is, where all drills agree, too: never
    seen in n is below 1 - 0.025^(1/n), always seen above 0.025^(1/n), at 95 %.

    Args:
        k: hits, 0 to n; any shape.
        n: drills; broadcasts with `k`. No drills bound nothing: 0 to 1.
        confidence: probability that the interval holds, at least.

    Returns:
        Lower and upper ends, in the common shape.
    """
    from scipy.special import betaincinv

    hits, drills = np.asarray(k, dtype=np.float64), np.asarray(n, dtype=np.float64)
    tail = (1 - confidence) / 2
    low = np.where(hits > 0, betaincinv(np.maximum(hits, 1), drills - hits + 1, tail), 0.0)
    high = np.where(hits < drills, betaincinv(hits + 1, np.maximum(drills - hits, 1), 1 - tail), 1.0)
    return low, high


def unanimous_drills(p: float, confidence: float = CONFIDENCE) -> int:
    """Return how many drills it takes, all of them hits, to show that a probability is `p` at least.

    The smallest n with ((1 - confidence)/2)^(1/n) >= p: 72 for 95 %, 368 for 99 %, 3,688 for 99.9 %.

    Args:
        p: below 1.
        confidence: that of `probability_interval`.
    """
    tail = (1 - confidence) / 2
    return 1 if p <= tail else math.ceil(math.log(tail) / math.log(p) - _WHOLE)
