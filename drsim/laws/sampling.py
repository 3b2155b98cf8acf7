"""Random variables of jobs: a distribution with the stream of draws that it takes its quantiles from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from drsim import draws
from drsim.distributions import Constant, Distribution

Floats = NDArray[np.float64]

MIDPOINTS = (np.arange(512) + 0.5) / 512


Variable = tuple[Distribution, draws.Key]
"""A distribution and the stream of draws that it takes its quantiles from."""


def draw(distribution: Distribution, key: draws.Key, run: ArrayLike, index: ArrayLike) -> Floats:
    """Return values of a distribution, of the shape to which run and index broadcast; a constant draws nothing."""
    return draw_all([(distribution, key)], run, index)[0]


def draw_all(wanted: Sequence[Variable], run: ArrayLike, index: ArrayLike) -> list[Floats]:
    """Return values of several distributions, each of the shape to which run and index broadcast.

    All quantiles are drawn at once, which costs little more than drawing those of one.
    """
    shape = np.broadcast_shapes(np.shape(run), np.shape(index))
    keys = [key for distribution, key in wanted if not isinstance(distribution, Constant)]
    quantiles = iter(draws.uniforms(keys, run, index) if keys else ())
    return [
        np.full(shape, d.value) if isinstance(d, Constant) else np.asarray(d.ppf(next(quantiles))) for d, _ in wanted
    ]


@lru_cache(4096)
def p_at_most(distribution: Distribution, value: float) -> float:
    """Return the probability that a draw, rounded to the time grid, is no larger than a value."""
    return float(p_below(distribution, np.array([value + 0.5 / draws.GRID]))[0])


def p_below(distribution: Distribution, values: Floats) -> Floats:
    """Return the probability of a draw below each value, by bisection of the quantile function.

    What no draw of drsim falls below has probability 0, what all do 1.
    """
    low, high = np.full(values.shape, 1 - draws.LARGEST), np.full(values.shape, draws.LARGEST)
    never, always = distribution.ppf(low) >= values, distribution.ppf(high) < values
    for _ in range(50):
        middle = (low + high) / 2
        is_below = distribution.ppf(middle) < values
        low, high = np.where(is_below, middle, low), np.where(is_below, high, middle)
    return np.where(never, 0.0, np.where(always, 1.0, high))


def ceiling(distribution: Distribution) -> float:
    """Return what no draw exceeds: the distribution's bound, or its quantile at the largest possible draw."""
    return distribution.sup if math.isfinite(distribution.sup) else distribution.quantile(draws.LARGEST)


def least(distribution: Distribution) -> float:
    """Return what no draw falls below: the quantile at the smallest possible one."""
    return distribution.quantile(1 - draws.LARGEST)
