"""How long a job takes, and whether it leaves anything behind.

Equations: docs/explanation/model.md, "Jobs".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from drsim import draws
from drsim.distributions import Constant, Distribution
from drsim.laws.points import written_bytes
from drsim.units import YEAR_S

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_MIDPOINTS = (np.arange(512) + 0.5) / 512


Drawn = tuple[Distribution, draws.Key]
"""A distribution and the stream of draws that it takes its quantiles from."""


@dataclass(frozen=True)
class Work:
    """How long one kind of job takes on one resource.

    Either `whole` replaces the law, or a job lasts fixed + max(bytes / rate, objects / object rate), a phase
    without a rate taking no time. Every part is drawn once a job; the sum is rounded to the time grid once.

    Attributes:
        whole: the whole duration [s], where the user gave one.
        fixed: the part that no size changes [s].
        rate: throughput [bytes/s].
        object_rate: throughput [objects/s].
        keys: streams of draws for whole or fixed, rate, object rate.
    """

    whole: Distribution | None
    fixed: Distribution
    rate: Distribution | None
    object_rate: Distribution | None
    keys: tuple[draws.Key, draws.Key, draws.Key]

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
    def drawn_parts(self) -> list[Drawn]:
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
        return draws.on_grid(total + phase)

    def durations(self, run: ArrayLike, index: ArrayLike, size: ArrayLike = 0.0, objects: ArrayLike = 0.0) -> Floats:
        """Return the durations [s] on the grid, of the shape to which run, index, size and objects broadcast."""
        return self.lasting(draw_all(self.drawn_parts, run, index), size, objects)

    def expected_s(self, size: ArrayLike = 0.0, objects: ArrayLike = 0.0) -> Floats:
        """Return the mean duration [s]; of two data phases the one that is longer on average counts."""
        if self.whole is not None:
            return np.full(np.shape(size), self.whole.mean)
        phases = np.asarray(size) * self._slowness[0], np.asarray(objects) * self._slowness[1]
        return np.asarray(self.fixed.mean + np.maximum(*phases))

    def longest_s(self, size: float = 0.0, objects: float = 0.0) -> float:
        """Return what no drawn duration exceeds [s]."""
        if self.whole is not None:
            return ceiling(self.whole)
        phases = [0.0]
        for amount, rate in ((size, self.rate), (objects, self.object_rate)):
            if rate is not None and amount > 0:
                phases.append(amount / rate.quantile(1 - draws.LARGEST))
        return ceiling(self.fixed) + max(phases)

    def p_within(self, window_s: float, size: float = 0.0, objects: float = 0.0) -> float:
        """Return the probability that a job lasts no longer than a window [s]."""
        if self.longest_s(size, objects) <= window_s:
            return 1.0
        if self.shortest_s(size, objects) > window_s:
            return 0.0
        if self.whole is not None:
            return p_at_most(self.whole, window_s)
        phases = tuple(
            (rate, amount)
            for rate, amount in ((self.rate, size), (self.object_rate, objects))
            if rate is not None and amount > 0
        )
        return _p_within(self.fixed, phases, window_s)

    def shortest_s(self, size: float = 0.0, objects: float = 0.0) -> float:
        """Return what no drawn duration falls below [s]."""
        if self.whole is not None:
            return least(self.whole)
        phases = [0.0]
        for amount, rate in ((size, self.rate), (objects, self.object_rate)):
            if rate is not None and amount > 0:
                phases.append(amount / rate.quantile(draws.LARGEST))
        return least(self.fixed) + max(phases)

    @cached_property
    def _slowness(self) -> tuple[float, float]:
        """E[1/rate] of both rates."""
        return _slowness(self.rate), _slowness(self.object_rate)


def _slowness(rate: Distribution | None) -> float:
    """Return E[1/rate]; 0 without a rate."""
    return 0.0 if rate is None else float(np.mean(1 / rate.ppf(_MIDPOINTS)))


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
        return np.asarray(written_bytes(np.asarray(size_bytes), self.change_per_day, since))

    def expected_s(self, size_bytes: ArrayLike, since_base_s: ArrayLike) -> Floats:
        """Return the mean duration [s]."""
        return self.amount(size_bytes, since_base_s) * self._expected_pace

    @cached_property
    def _expected_pace(self) -> float:
        return self.factor.mean * _slowness(self.rate) if self.speed is None else _slowness(self.speed)


def draw(distribution: Distribution, key: draws.Key, run: ArrayLike, index: ArrayLike) -> Floats:
    """Return values of a distribution, of the shape to which run and index broadcast; a constant draws nothing."""
    return draw_all([(distribution, key)], run, index)[0]


def draw_all(wanted: Sequence[Drawn], run: ArrayLike, index: ArrayLike) -> list[Floats]:
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
    return float(_p_below(distribution, np.array([value + 0.5 / draws.GRID]))[0])


@lru_cache(4096)
def _p_within(fixed: Distribution, phases: tuple[tuple[Distribution, float], ...], window_s: float) -> float:
    """Return P(fixed + the longer of amount / rate <= window), by quadrature over the fixed part alone.

    Args:
        fixed: the part that no size changes [s].
        phases: rates [1/s] and their amounts, which take their time independently of each other.
        window_s: the window [s].
    """
    first = np.array([fixed.mean]) if isinstance(fixed, Constant) else fixed.ppf(_MIDPOINTS)
    rest = window_s + 0.5 / draws.GRID - first
    chance = (rest > 0).astype(np.float64)
    for rate, amount in phases:
        chance *= 1 - _p_below(rate, amount / np.where(rest > 0, rest, math.inf))
    return float(chance.mean())


def _p_below(distribution: Distribution, values: Floats) -> Floats:
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


@dataclass(frozen=True)
class Failure:
    """The probability that a job leaves nothing, alone or in spells.

    Without `lasts` every job fails on its own with probability `p`. With it, spells of failure arrive as a
    Poisson process of rate -log(1 - p) / E[lasts] and every job scheduled within one fails: in the long run
    a share `p` of the time is covered. Spells are placed by draws per calendar cell, so that any moment can be
    asked about without those before it. Laws that share a key share their spells, in drills of one number: equal laws
    then fail together, of laws with other probabilities the rarer one's spells are among the other's.

    Attributes:
        p: share of the jobs that fail.
        lasts: how long a spell lasts [s]; None where each job fails by itself.
        key: the stream of draws.
        shared: whether the key is that of an account, not of the job.
    """

    p: float
    lasts: Distribution | None
    key: draws.Key
    shared: bool = False

    @classmethod
    def drawn(
        cls, seed: int, entity: str, purpose: str, p: float, lasts: Distribution | None, account: str | None = None
    ) -> Failure:
        """Return a law drawn under the names of a job, or of the account whose jobs all fail in the same spells."""
        if account is None:
            return cls(p, lasts, draws.key(seed, entity, purpose))
        return cls(p, lasts, draws.key(seed, account, "failure spells"), shared=True)

    _CELL_MEANS = 40.0  # cells so long that a spell rarely reaches beyond the next one

    def failed(self, run: ArrayLike, index: ArrayLike, scheduled_s: ArrayLike) -> Bools:
        """Return which jobs fail, of the shape to which the arguments broadcast."""
        return failed_all([self], run, index, scheduled_s)[0]

    @property
    def comes_in_spells(self) -> bool:
        """Whether failures come in spells."""
        return 0 < self.p < 1 and self.lasts is not None and self.lasts.mean > 0

    def p_spared_again(self, gap_s: ArrayLike) -> Floats:
        """Return the probability that a job does not fail, given that one a gap before did not, of any shape [s].

        No spell that begins in the gap may last until its end; what began before the first of both is over.
        """
        gap = np.asarray(gap_s, dtype=np.float64)
        if self.lasts is None or not self.comes_in_spells:
            return np.full(gap.shape, 1 - self.p)
        reaching = np.minimum(gap[..., None], self.lasts.ppf(_MIDPOINTS)).mean(axis=-1)
        return np.asarray(np.exp(math.log1p(-self.p) * np.minimum(reaching / self.lasts.mean, 1.0)))

    def beyond(self, others: Sequence[Failure]) -> Failure:
        """Return by which law it fails where others do not: the spells that they share with it have not come."""
        shared = [f.p for f in others if f.comes_in_spells and self.comes_in_spells and f.key == self.key]
        if not shared:
            return self
        p = max(0.0, 1 - (1 - self.p) / (1 - max(shared)))
        return replace(self, p=p)

    @cached_property
    def spells(self) -> tuple[float, Floats, float]:
        """Length of a calendar cell [s], table of the numbers of spells in one, length that no spell exceeds [s]."""
        assert self.lasts is not None  # noqa: S101  asked only of what comes in spells
        cell_s = self._CELL_MEANS * self.lasts.mean
        table = _poisson_table(-math.log1p(-self.p) * self._CELL_MEANS)
        return cell_s, table, ceiling(self.lasts)


def failed_all(failures: Sequence[Failure], run: ArrayLike, index: ArrayLike, scheduled_s: ArrayLike) -> list[Bools]:
    """Return which jobs fail under each of several laws, each of the shape to which the other arguments broadcast.

    Args:
        failures: the laws.
        run: numbers of the drills or lives.
        index: numbers of the jobs' runs.
        scheduled_s: their scheduled moments [s since start].
    """
    moment = np.asarray(scheduled_s, dtype=np.float64)
    shape = np.broadcast_shapes(np.shape(run), np.shape(index), moment.shape)
    found: list[Bools] = [np.full(shape, f.p >= 1) for f in failures]
    alone = [i for i, f in enumerate(failures) if 0 < f.p < 1 and not f.comes_in_spells]
    if alone:
        for i, quantile in zip(alone, draws.uniforms([failures[i].key for i in alone], run, index), strict=True):
            found[i] = np.broadcast_to(quantile < failures[i].p, shape)
    spells = [i for i, f in enumerate(failures) if f.comes_in_spells]
    alone_keys = all(not isinstance(failures[i].key, np.ndarray) for i in spells)
    if spells and alone_keys and _is_grid(np.shape(run), moment.shape, shape):
        covered = _on_grid([failures[i] for i in spells], np.asarray(run, dtype=np.int64).ravel(), moment.ravel())
        for i, those in zip(spells, covered, strict=True):
            found[i] = those
    elif spells:
        runs = np.broadcast_to(np.asarray(run, dtype=np.int64), shape).ravel()
        covered = _in_spells([failures[i] for i in spells], runs, np.broadcast_to(moment, shape).ravel())
        for i, those in zip(spells, covered, strict=True):
            found[i] = those.reshape(shape)
    return found


def _is_grid(run: tuple[int, ...], moment: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """Tell whether all runs, down, meet all moments, across."""
    return len(shape) == 2 and run == (shape[0], 1) and moment in ((shape[1],), (1, shape[1])) and min(shape) > 1


def _on_grid(failures: Sequence[Failure], run: NDArray[np.int64], moment: Floats) -> list[Bools]:
    """Return which moments, across, a spell of each law covers in which runs, down: (runs, moments) each.

    Spells are drawn once for each run and cell, however many moments lie there.
    """
    order = np.argsort(moment, kind="stable")
    ascending = moment[order]
    found = []
    for failure in failures:
        cell_s, table, longest_s = failure.spells
        reached = np.unique(_cells_in_reach(moment, cell_s, longest_s)[1])
        (quantile,) = draws.uniforms([failure.key], run[:, None], reached[None, :])
        some, cells = np.nonzero(quantile > table[0])
        numbers = np.searchsorted(table, quantile[some, cells])
        whose, cell = np.repeat(some, numbers), np.repeat(reached[cells], numbers)
        nth = np.arange(1, whose.size + 1) - np.repeat(np.cumsum(numbers) - numbers, numbers)
        where, length = draws.words(np.asarray(failure.key, dtype=np.uint64), run[whose], cell, nth, [0, 1])
        begins = (cell + where) * cell_s
        ends = begins + failure.lasts.ppf(length)  # type: ignore[union-attr]
        # how many spells begin by a moment, less those that are over
        change = np.zeros((len(run), len(moment) + 1), dtype=np.int64)
        np.add.at(change, (whose, np.searchsorted(ascending, begins, side="left")), 1)
        np.add.at(change, (whose, np.searchsorted(ascending, ends, side="left")), -1)
        covered = np.empty((len(run), len(moment)), dtype=bool)
        covered[:, order] = np.cumsum(change[:, :-1], axis=1) > 0
        found.append(covered)
    return found


def _in_spells(failures: Sequence[Failure], run: NDArray[np.int64], moment: Floats) -> list[Bools]:
    """Return which moments a spell of each law covers, all arrays (n,)."""
    alike: dict[tuple[float, float], list[int]] = {}
    for k, failure in enumerate(failures):
        alike.setdefault((failure.spells[0], failure.spells[2]), []).append(k)
    # one row for each spell that could reach a moment
    laws, whose, cells, nths, keys = [], [], [], [], []
    everywhere = [np.broadcast_to(np.asarray(f.key, dtype=np.uint64), moment.shape) for f in failures]
    for (cell_s, longest_s), those in alike.items():
        near, cell = _cells_in_reach(moment, cell_s, longest_s)
        named = [everywhere[k][near] if isinstance(failures[k].key, np.ndarray) else failures[k].key for k in those]
        quantiles = draws.uniforms(named, run[near], cell)
        for k, quantile in zip(those, quantiles, strict=True):
            table = failures[k].spells[1]
            some = np.flatnonzero(quantile > table[0])
            numbers = np.searchsorted(table, quantile[some])
            owner = np.repeat(some, numbers)
            laws.append(np.full(owner.size, k))
            whose.append(near[owner])
            keys.append(everywhere[k][near[owner]])
            cells.append(cell[owner])
            nths.append(np.arange(1, owner.size + 1) - np.repeat(np.cumsum(numbers) - numbers, numbers))
    law, of, cell, nth = (np.concatenate(parts) for parts in (laws, whose, cells, nths))
    where, length = draws.words(np.concatenate(keys), run[of], cell, nth, [0, 1])
    covered = [np.zeros(len(moment), dtype=bool) for _ in failures]
    for k, failure in enumerate(failures):
        mine = np.flatnonzero(law == k)
        whom = of[mine]
        begins = (cell[mine] + where[mine]) * failure.spells[0]
        hits = (begins <= moment[whom]) & (moment[whom] < begins + failure.lasts.ppf(length[mine]))  # type: ignore[union-attr]
        covered[k][whom[hits]] = True
    return covered


def _cells_in_reach(moment: Floats, cell_s: float, longest_s: float) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """Return pairs of a moment and a calendar cell of which some spell may cover it: place of the moment, and cell."""
    last = np.floor(moment / cell_s).astype(np.int64)
    near, cells = [np.arange(len(moment))], [last]
    for back in range(1, math.ceil(longest_s / cell_s) + 1):
        # a spell begins before its cell ends, and is over when the longest one would be
        these = np.flatnonzero(moment < (last - back + 1) * cell_s + longest_s)
        near.append(these)
        cells.append(last[these] - back)
    return np.concatenate(near), np.concatenate(cells)


def _poisson_table(mean: float) -> Floats:
    """Return P(N <= n) for n = 0, 1, ... until it is 1 to within a draw's resolution."""
    term = math.exp(-mean)
    table, total, n = [term], term, 0
    while total < draws.LARGEST and n < 10_000:
        n += 1
        term *= mean / n
        total += term
        table.append(total)
    table[-1] = 1.0
    return np.array(table)


def grown(growth: float, moment_s: ArrayLike) -> Floats:
    """Return by what factor size and objects have grown at moments [s since start], at a yearly fraction."""
    return np.asarray((1 + growth) ** (np.asarray(moment_s, dtype=np.float64) / YEAR_S))


def fraction_changed(change_per_day: float, gap_s: ArrayLike) -> Floats:
    """Return the share of distinct bytes changed over a gap: 1 - (1 - c)^days; all of them over an infinite gap.

    Source: pricing-research `stored-increments`; checked by simulation (closed form C15b).
    """
    days = np.asarray(gap_s, dtype=np.float64) / 86400.0
    if change_per_day >= 1:
        return np.where(days > 0, 1.0, 0.0)
    finite = np.where(np.isinf(days), 0.0, days)
    return np.where(np.isinf(days), 1.0, -np.expm1(finite * math.log1p(-change_per_day)))
