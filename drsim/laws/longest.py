"""The longest of many chains of jobs: how long it may be, known before anything is drawn.

The bound of `drsim.laws.drain.log_of_largest` counts at least the mean of each chain, which is much where there are
many. Here the distributions of chains are worked out on a grid of lengths. A length between two grid points is taken to
be one or the other, so that its mean stays: that makes the expectation of every convex function larger, and exp(theta
x) of a sum, or of the longest of sums, is convex in each part.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drsim.distributions import Constant, Distribution
from drsim.laws.drain import HALF_TICK_S, Theta, cells_of
from drsim.laws.jobs import Work
from drsim.laws.sampling import ceiling

Floats = NDArray[np.float64]

_POINTS = 320


class Job(NamedTuple):
    """A job of a chain.

    Attributes:
        work: its law.
        size, objects: what it moves.
        delay: before it is queued; none before a backup.
        most: how long it may take [s].
        share: how long it keeps the shared pools full for each second it takes.
    """

    work: Work
    size: float
    objects: float
    delay: Distribution | None
    most: float
    share: float

    @property
    def longest_s(self) -> float:
        """What it takes at most, its delay counted in [s]."""
        return self._within(self.most)

    @property
    def parts_s(self) -> float:
        """What its parts take at most, where each alone ends with `most` [s]."""
        return self._within(2 * self.most)

    def _within(self, most_s: float) -> float:
        delay = ceiling(self.delay) if self.delay else 0.0
        return min(self.work.longest_s(self.size, self.objects), most_s) + delay + 4 * HALF_TICK_S


Chain = tuple[Job, ...]
"""Jobs one after another."""


class Grid(NamedTuple):
    """Lengths of chains, from 0 on [s]."""

    step_s: float

    @classmethod
    def holding(cls, chains: Sequence[Chain]) -> Grid:
        """Return a grid that holds the longest of some chains."""
        longest = max(sum(job.parts_s for job in chain) for chain in chains)
        # each of the parts of a chain may be rounded up
        parts = max(4 * len(chain) for chain in chains)
        return cls(longest / (_POINTS - parts - 1))

    @property
    def lengths_s(self) -> Floats:
        """The lengths [s]."""
        return self.step_s * np.arange(_POINTS, dtype=np.float64)


@lru_cache(maxsize=128)
def log_shorter(chain: Chain, theta: Theta, grid: Grid) -> tuple[Floats, Floats]:
    """Return ln E[exp(theta share)] of a chain, (thetas,), and ln P(it is no longer), (thetas, lengths).

    The probabilities are those that count in E[exp(theta (share + chain))]: weighted by exp(theta share).
    """
    thetas = theta.values
    share = np.zeros(len(thetas))
    plain = np.zeros(_POINTS)
    plain[0] = 1.0
    weighted: list[Floats] = []
    for job in chain:
        lasts = _lasting(job, grid)
        if job.delay is not None:
            plain = _sum(plain, _part(job.delay, grid))
        if job.share:
            exponents = np.multiply.outer(job.share * thetas, grid.lengths_s)
            top = np.where(lasts > 0, exponents, 0.0).max(axis=1, keepdims=True)
            tilted = lasts * np.exp(np.minimum(exponents - top, 0.0))
            sums = tilted.sum(axis=1, keepdims=True)
            weighted.append(tilted / sums)
            share = share + (top + np.log(sums))[:, 0]
        else:
            plain = _sum(plain, lasts)
    distribution = np.broadcast_to(plain, (len(thetas), _POINTS))
    for tilted_by_job in weighted:
        distribution = np.array([_sum(a, b) for a, b in zip(distribution, tilted_by_job, strict=True)])
    longer = np.cumsum(distribution[:, ::-1], axis=1)[:, ::-1]
    longer = np.concatenate([longer[:, 1:], np.zeros((len(thetas), 1))], axis=1)
    with np.errstate(divide="ignore"):
        return share, np.log1p(-np.minimum(longer, 1.0))


def log_mgf_of_longest(log_shorter_all: Floats, thetas: Floats, grid: Grid) -> Floats:
    """Return ln E[exp(theta longest)] of independent chains, (..., thetas).

    Args:
        log_shorter_all: (..., thetas, lengths) sum over the chains of `log_shorter`.
        thetas: the thetas.
        grid: of lengths.
    """
    longer = -np.expm1(log_shorter_all[..., :-1])
    # beyond all floats there is nothing to learn from a theta
    with np.errstate(over="ignore", invalid="ignore"):
        steps = np.exp(np.multiply.outer(thetas, grid.lengths_s[:-1])) * np.expm1(thetas * grid.step_s)[:, None]
        logs: Floats = np.log1p(np.sum(np.where(longer > 0, longer * steps, 0.0), axis=-1))
    return logs


def _lasting(job: Job, grid: Grid) -> Floats:
    """Return the distribution of a job's duration, (lengths,)."""
    work = job.work
    whole = work.known(job.size, job.objects)
    if whole is not None:
        return _part(whole, grid, job.most)
    phases = [_part(rate, grid, job.most, amount) for rate, amount in work.phases(job.size, job.objects)]
    fixed = _part(work.fixed, grid, job.most)
    if len(phases) > 1:
        shorter = np.cumsum(phases[0]) * np.cumsum(phases[1])
        longer = [np.cumsum(p[::-1])[::-1] for p in phases]
        either = longer[0] + longer[1] - longer[0] * longer[1]
        # from whichever end is the smaller, which is the more exact
        phases = [np.maximum(np.where(shorter < 0.5, np.diff(shorter, prepend=0.0), -np.diff(either, append=0.0)), 0.0)]
    return _sum(fixed, phases[0]) if phases else fixed


def _part(distribution: Distribution, grid: Grid, most: float = math.inf, amount: float | None = None) -> Floats:
    """Return the distribution of a part of a duration, (lengths,); arguments as for `drsim.laws.drain.log_mgf`."""
    if isinstance(distribution, Constant):
        value = distribution.value if amount is None else amount / distribution.value
        values, probabilities = np.array([value]), np.ones(1)
    else:
        values, probabilities = cells_of(distribution, inverse=amount is not None)
        if amount is not None:
            values = amount * values
    exact = (np.minimum(values, most) + np.where(values > 0, HALF_TICK_S, 0.0)) / grid.step_s
    place = np.floor(exact).astype(np.int64)
    above = probabilities * (exact - place)
    distribution_on_grid = np.zeros(_POINTS)
    np.add.at(distribution_on_grid, place, probabilities - above)
    np.add.at(distribution_on_grid, place + 1, above)
    return distribution_on_grid


def _sum(one: Floats, other: Floats) -> Floats:
    """Return the distribution of the sum of two lengths."""
    # of lengths that hardly ever vary only few need to be gone through
    few, many = sorted((one, other), key=np.count_nonzero)
    places = np.flatnonzero(few)
    if len(places) <= 4:
        total = np.zeros(_POINTS)
        for place in places.tolist():
            total[place:] += few[place] * many[: _POINTS - place]
        return total
    return np.convolve(one, other)[:_POINTS]
