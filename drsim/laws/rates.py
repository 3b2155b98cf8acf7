"""Rare events: how often they happen, as far as a count can tell, and how long they last."""

from __future__ import annotations

import math
from collections.abc import Sequence

# scipy is imported where it is used: it is slow to load, and hardly anybody fits rates


def rate_interval(events: int, exposure: float, coverage: float) -> tuple[float, float]:
    """Return the ends of the exact interval of a yearly rate of which so many events were seen [1/year].

    Both ends leave half of what `coverage` leaves out: quantiles of gamma distributions, after Garwood (1936).

    Args:
        events: that were seen.
        exposure: years of all units in which they would have been [year].
        coverage: probability that the interval holds the rate, at least.
    """
    from scipy.stats import gamma

    tail = (1 - coverage) / 2
    low = float(gamma.ppf(tail, events)) if events else 0.0
    return low / exposure, float(gamma.ppf(1 - tail, events + 1)) / exposure


def share_p(events: int, of: int, share: float) -> float:
    """Return the probability that so many events of a list or more fall to a part of it by chance.

    Args:
        events: that fell to the part.
        of: events of the whole list.
        share: of the part in the exposure.
    """
    from scipy.stats import binom

    return float(binom.sf(events - 1, of, share))


def lognormal(values: Sequence[float]) -> tuple[float, float]:
    """Return median and spread (of the logarithm) of the lognormal that fits values best.

    Args:
        values: two or more, positive; the spread is that of a sample.
    """
    logarithms = [math.log(value) for value in values]
    mean = sum(logarithms) / len(logarithms)
    spread = math.sqrt(sum((x - mean) ** 2 for x in logarithms) / (len(logarithms) - 1))
    return math.exp(mean), spread
