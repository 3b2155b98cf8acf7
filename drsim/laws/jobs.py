"""How long a job takes, and whether it leaves anything behind.

Equations: docs/explanation/model.md, "Jobs".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from drsim import draws
from drsim.distributions import Constant, Distribution
from drsim.laws.increments import written_bytes
from drsim.laws.sampling import MIDPOINTS, Variable, ceiling, draw, draw_all, least, p_at_most, p_below

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Work:
    """How long one kind of job takes on one resource.

    Either `whole` replaces the law, or a job lasts fixed + max(bytes / rate, objects / object rate), a phase
    without a rate taking no time, and never less than `least_s`. Every part is drawn once a job; the sum is rounded to
    the time grid once.

    Attributes:
        whole: the whole duration [s], where the user gave one.
        fixed: the part that no size changes [s].
        rate: throughput [bytes/s].
        object_rate: throughput [objects/s].
        keys: streams of draws for whole or fixed, rate, object rate.
        least_s: what a job lasts at least [s]: one that is paced to end at a time takes all of it.
    """

    whole: Distribution | None
    fixed: Distribution
    rate: Distribution | None
    object_rate: Distribution | None
    keys: tuple[draws.Key, draws.Key, draws.Key]
    least_s: float = 0.0

    @classmethod
    def paced(cls, lasts_s: float, fastest_bytes_s: float) -> Work:
        """Return the law of jobs that end after a time, or as soon as their bytes have passed if that is later.

        Nothing of it is drawn.

        Args:
            lasts_s: the time that was asked for [s].
            fastest_bytes_s: what one job moves at most [bytes/s].
        """
        return cls(None, Constant(0.0), Constant(fastest_bytes_s), None, (0, 0, 0), lasts_s)

    @classmethod
    def drawn(
        cls,
        seed: int,
        entity: str,
        job: str,
        whole: Distribution | None,
        fixed: Distribution | None,
        rate: Distribution | None,
        object_rate: Distribution | None,
    ) -> Work:
        """Return the law of a kind of job, drawn under the names of `entity` and `job`: three words of one block.

        The fourth is left for the wait before the job.
        """
        fixed_key, rate_key, object_key = (draws.key(seed, entity, job, word) for word in range(3))
        return cls(whole, fixed or Constant(0.0), rate, object_rate, (fixed_key, rate_key, object_key))

    @property
    def drawn_parts(self) -> list[Variable]:
        """What is drawn for each job, in the order that `lasting` takes."""
        if self.whole is not None:
            return [(self.whole, self.keys[0])]
        rates = ((self.rate, self.keys[1]), (self.object_rate, self.keys[2]))
        return [(self.fixed, self.keys[0]), *((rate, key) for rate, key in rates if rate is not None)]

    def lasting(self, parts: Sequence[Floats], size: ArrayLike = 0.0, objects: ArrayLike = 0.0) -> Floats:
        """Return the durations [s] on the grid that follow from drawn parts."""
        total, *rates = parts
        if not rates:
            return draws.on_grid(total)
        amounts = [a for a, rate in ((size, self.rate), (objects, self.object_rate)) if rate is not None]
        phase = np.asarray(amounts[0]) / rates[0]
        if len(rates) > 1:
            phase = np.maximum(phase, np.asarray(amounts[1]) / rates[1])
        return draws.on_grid(np.maximum(total + phase, self.least_s))

    def durations(self, run: ArrayLike, index: ArrayLike, size: ArrayLike = 0.0, objects: ArrayLike = 0.0) -> Floats:
        """Return the durations [s] on the grid, of the shape to which run, index, size and objects broadcast."""
        return self.lasting(draw_all(self.drawn_parts, run, index), size, objects)

    def expected_s(self, size: ArrayLike = 0.0, objects: ArrayLike = 0.0) -> Floats:
        """Return the mean duration [s]; of two data phases the one that is longer on average counts."""
        if self.whole is not None:
            return np.full(np.shape(size), self.whole.mean)
        phases = np.asarray(size) * self._slowness[0], np.asarray(objects) * self._slowness[1]
        return np.maximum(self.fixed.mean + np.maximum(*phases), self.least_s)

    def phases(self, size: float, objects: float) -> tuple[tuple[Distribution, float], ...]:
        """Return the rate and the amount of each phase that takes time, of one job, none where `whole` is given."""
        if self.whole is not None:
            return ()
        rates = ((self.rate, size), (self.object_rate, objects))
        return tuple((rate, amount) for rate, amount in rates if rate is not None and amount > 0)

    def longest_s(self, size: float = 0.0, objects: float = 0.0) -> float:
        """Return what no drawn duration exceeds [s]."""
        if self.whole is not None:
            return ceiling(self.whole)
        slowest = [amount / rate.quantile(1 - draws.LARGEST) for rate, amount in self.phases(size, objects)]
        return max(ceiling(self.fixed) + max(slowest, default=0.0), self.least_s)

    def p_within(self, window_s: float, size: float = 0.0, objects: float = 0.0) -> float:
        """Return the probability that a job lasts no longer than a window [s]."""
        if self.longest_s(size, objects) <= window_s:
            return 1.0
        if self.shortest_s(size, objects) > window_s:
            return 0.0
        if self.whole is not None:
            return p_at_most(self.whole, window_s)
        return _p_within(self.fixed, self.phases(size, objects), window_s)

    def shortest_s(self, size: float = 0.0, objects: float = 0.0) -> float:
        """Return what no drawn duration falls below [s]."""
        if self.whole is not None:
            return least(self.whole)
        quickest = [amount / rate.quantile(draws.LARGEST) for rate, amount in self.phases(size, objects)]
        return max(least(self.fixed) + max(quickest, default=0.0), self.least_s)

    def known(self, size: float = 0.0, objects: float = 0.0) -> Distribution | None:
        """Return the whole duration of a job of a size [s] where no parts have to be drawn for it; else None.

        Where a least duration mixes with what is drawn, it is taken for the longest.
        """
        return Constant(self.longest_s(size, objects)) if self.least_s else self.whole

    @cached_property
    def _slowness(self) -> tuple[float, float]:
        """E[1/rate] of both rates."""
        return _slowness(self.rate), _slowness(self.object_rate)


def _slowness(rate: Distribution | None) -> float:
    """Return E[1/rate]; 0 without a rate."""
    return 0.0 if rate is None else float(np.mean(1 / rate.ppf(MIDPOINTS)))


@dataclass(frozen=True)
class Replay:
    """How long it takes to apply the log since a base, after the base has been restored.

    Attributes:
        speed: times real time; where it is given, how much log there is does not count.
        rate: log applied [bytes/s]; without it and without a speed nothing is waited for.
        factor: bytes of log for each byte that is written.
        change_per_day: share of the data that is written in a day.
        key, factor_key: streams of draws of speed or rate, and of the factor.
    """

    speed: Distribution | None
    rate: Distribution | None
    factor: Distribution
    change_per_day: float
    key: draws.Key
    factor_key: draws.Key

    @property
    def is_waited_for(self) -> bool:
        """Whether it takes time at all."""
        return self.speed is not None or self.rate is not None

    def paces(self, run: ArrayLike, index: ArrayLike) -> Floats:
        """Return drawn times that a unit of `amount` takes, of the shape to which run and index broadcast."""
        if self.speed is not None:
            return 1 / draw(self.speed, self.key, run, index)
        if self.rate is None:
            return np.zeros(np.broadcast_shapes(np.shape(run), np.shape(index)))
        rate, factor = draw_all([(self.rate, self.key), (self.factor, self.factor_key)], run, index)
        return factor / rate

    def amount(self, size_bytes: ArrayLike, since_base_s: ArrayLike) -> Floats:
        """Return what takes time: the time since the base [s] under a speed, else what was written in it [bytes]."""
        since = np.asarray(since_base_s, dtype=np.float64)
        if self.speed is not None:
            return since
        return written_bytes(size_bytes, self.change_per_day, since)

    def expected_s(self, size_bytes: ArrayLike, since_base_s: ArrayLike) -> Floats:
        """Return the mean duration [s]."""
        return self.amount(size_bytes, since_base_s) * self._expected_pace

    @cached_property
    def _expected_pace(self) -> float:
        return self.factor.mean * _slowness(self.rate) if self.speed is None else _slowness(self.speed)


@lru_cache(4096)
def _p_within(fixed: Distribution, phases: tuple[tuple[Distribution, float], ...], window_s: float) -> float:
    """Return P(fixed + the longer of amount / rate <= window), by quadrature over the fixed part alone.

    Args:
        fixed: the part that no size changes [s].
        phases: rates [1/s] and their amounts, which take their time independently of each other.
        window_s: the window [s].
    """
    first = np.array([fixed.mean]) if isinstance(fixed, Constant) else fixed.ppf(MIDPOINTS)
    rest = window_s + 0.5 / draws.GRID - first
    chance = (rest > 0).astype(np.float64)
    for rate, amount in phases:
        chance *= 1 - p_below(rate, amount / np.where(rest > 0, rest, math.inf))
    return float(chance.mean())
