"""By when have pools of slots drained? A bound that is known before anything is drawn.

The bound of `drsim.laws.queue` on when all runs up to a scheduled moment are done, E = max(E before, ready) + work,
exceeds that moment by the largest of the sums, over the moments from some earlier one on, of work less the gap to the
next moment. What the moments add is independent. So for theta > 0, and with l = ln E[exp(theta work)] of each moment,
exp(theta sum - sum of (l - theta gap)) is a martingale of mean 1 as one goes back from moment to moment, and by Ville's
inequality the sum exceeds x for any beginning with a probability of at most exp(b - theta x), where b is the largest of
the sums of l - theta gap. For alike moments that is Lundberg's bound on ruin.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drsim import draws
from drsim.distributions import Constant, Distribution, Empirical
from drsim.laws.jobs import Work

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SURPRISE = 1e-18
"""Probability with which pools may be busy for longer than a bound says: far below that of any single draw, 2^-32."""

_MARGIN = -math.log(SURPRISE)
_STEPS = 2.0**32
"""Quantiles that can be drawn, each as likely as any other."""
HALF_TICK_S = 0.5 / draws.GRID
"""What rounding to the time grid adds to a duration at most [s]."""
_AT_ONCE = 1 << 18
"""Figures worked on at a time."""
_OCTAVES = 3
"""How many octaves of thetas are looked at, below those that suit the busy and the quiet parts of the past."""
_SKIPPED = 2
"""One in so many thetas is looked at where the best is not needed."""
_PARTS = 4
"""Parts of the past that may be busier than all of it."""


@dataclass(frozen=True)
class Drain:
    """What is known of a component's past before anything is drawn; all arrays (moments,).

    Attributes:
        moments_s: scheduled moments, ascending, each once [s since start].
        done_s: by when all runs scheduled up to each of them are done, but for a probability of `SURPRISE`; ascending.
        from_s: from when on runs have to be looked at for the burst at each moment to be known, usually.
    """

    moments_s: Floats
    done_s: Floats
    from_s: Floats

    def done_at_s(self, last_s: Floats) -> Floats:
        """Return by when the runs scheduled up to moments are done; -inf where there are none."""
        known = np.concatenate(([-math.inf], self.done_s))
        return known[np.searchsorted(self.moments_s, last_s, side="right")]

    def look_from_s(self, moment_s: Floats) -> Floats:
        """Return from when on runs have to be looked at for the bursts at moments to be known, usually."""
        place = np.searchsorted(self.moments_s, moment_s, side="right") - 1
        return np.where(place >= 0, np.minimum(self.from_s[place], moment_s), moment_s)


@dataclass(frozen=True)
class DrainSince(Drain):
    """What is known of the drills in which jobs have moved no more than usual since some moment.

    Attributes:
        since_s: (moments,) latest such moment with which `done_s` holds at each; -inf where it does with none.
    """

    since_s: Floats

    def holds(self, last_s: Floats, since_s: Floats) -> NDArray[np.bool_]:
        """Return whether `done_at_s` of moments holds in drills whose jobs move no more than usual since others."""
        known = np.concatenate(([math.inf], self.since_s))
        holds: NDArray[np.bool_] = since_s <= known[np.searchsorted(self.moments_s, last_s, side="right")]
        return holds


class Theta(NamedTuple):
    """Values of theta [1/s] from a grid that all components share: factor times 2^(k/4) for k of a range."""

    low: int
    high: int
    factor: float = 1.0
    step: int = 1

    @classmethod
    def between(cls, low: float, high: float) -> Theta:
        """Return the grid that covers a range."""
        return cls(math.floor(4 * math.log2(low)), math.ceil(4 * math.log2(high)))

    @property
    def values(self) -> Floats:
        """The values, ascending [1/s]."""
        return self.factor * 2.0 ** (np.arange(self.low, self.high + 1, self.step) / 4)

    def thinned(self, step: int, most: int) -> Theta:
        """Return one in `step` of the smallest thetas, of which there are `most`."""
        return self._replace(high=min(self.high, self.low + most - 1), step=step)

    def times(self, factor: float) -> Theta:
        """Return the grid times a factor."""
        return self._replace(factor=self.factor * factor)


def useful_thetas(span_s: float, gap_s: float) -> Theta:
    """Return the thetas that tell of excesses between a quarter of a gap and a quarter of a span [s]."""
    return Theta.between(_MARGIN / (span_s / 4), _MARGIN / (gap_s / 4))


def _cells() -> tuple[Floats, Floats]:
    """Return upper edges and probabilities of cells of quantiles, finer towards 1.

    Edges are whole numbers of the generator's steps, so that a cell holds as many quantiles as its width says.
    """
    body = np.rint(np.arange(1, 64) / 64 * _STEPS)
    tail = _STEPS - np.rint(2.0 ** (np.arange(28 * 3) / 3))
    edges = np.unique(np.concatenate([body, tail, [_STEPS]])) / _STEPS
    return edges, np.diff(edges, prepend=0.0)


_EDGES, _PROBABILITIES = _cells()


@lru_cache(maxsize=1024)
def cells_of(distribution: Distribution, *, inverse: bool) -> tuple[Floats, Floats]:
    """Return values that draws do not exceed, and with which probability each; with `inverse` of 1 / the draws."""
    if isinstance(distribution, Empirical):
        # as many quantiles as a share of 1 / n holds, and one more at its ends
        values = np.array(distribution.values)
        probabilities = np.full(len(values), 1 / len(values) + 1 / _STEPS)
    else:
        largest = np.minimum(_EDGES, draws.LARGEST)
        values, probabilities = distribution.ppf(1 - largest if inverse else largest), _PROBABILITIES
    return 1 / values if inverse else values, probabilities


@lru_cache(maxsize=16_384)
def log_mgf(distribution: Distribution, theta: Theta, most: float = math.inf, amount: float | None = None) -> Floats:
    """Return an upper bound of ln E[exp(theta X)] for each theta, (thetas,).

    Args:
        distribution: of X, or of the rate at which an amount is worked off.
        theta: at which.
        most: X is cut off here [s].
        amount: X is the time that this amount takes.
    """
    if isinstance(distribution, Constant):
        value = distribution.value if amount is None else amount / distribution.value
        return theta.values * min(value, most)
    values, probabilities = cells_of(distribution, inverse=amount is not None)
    return _log_mean(np.minimum(values if amount is None else amount * values, most), probabilities, theta)


def _log_mean(values: Floats, probabilities: Floats, theta: Theta) -> Floats:
    """Return ln E[exp(theta X)] of an X that takes values, for each theta."""
    exponents = np.multiply.outer(theta.values, values)
    top = exponents.max(axis=1)
    exponents -= top[:, None]
    logs: Floats = np.maximum(top + np.log(np.exp(exponents, out=exponents) @ probabilities), 0.0)
    return logs


def log_mgf_of_work(work: Work, size: float, objects: float, theta: Theta, most: float = math.inf) -> Floats:
    """Return an upper bound of ln E[exp(theta duration)] of jobs of a size that are cut off at `most`, (thetas,)."""
    rounded = theta.values * HALF_TICK_S
    whole = work.known(size, objects)
    if whole is not None:
        return log_mgf(whole, theta, most) + rounded
    phases = [log_mgf(rate, theta, most, amount) for rate, amount in work.phases(size, objects)]
    logs = log_mgf(work.fixed, theta, most) + rounded
    if phases:
        logs = logs + log_of_largest(phases)
    return logs if most == math.inf else np.minimum(logs, theta.values * most + rounded)


def log_of_largest(logs: list[Floats]) -> Floats:
    """Return an upper bound of ln E[exp(largest of X, Y, ..)] of non-negative X, Y, .. from their own.

    exp(largest) - 1 is no more than the sum of exp(X) - 1, exp(Y) - 1, ..
    """
    largest, *others = logs
    for other in others:
        low, high = np.minimum(largest, other), np.maximum(largest, other)
        largest = high + np.log1p(np.exp(low - high) - np.exp(-high))
    return largest


def not_above_larger(logs: Floats, theta: Theta) -> Floats:
    """Return the least upper bounds of ln E[exp(theta X)] that follow from some, (..., thetas).

    ln E[exp(theta X)] / theta never falls with theta, so what bounds it at a larger theta does so at smaller ones.
    """
    values = theta.values
    return np.minimum.accumulate((logs / values)[..., ::-1], axis=-1)[..., ::-1] * values


@lru_cache(maxsize=1024)
def usually_ready_s(delay: Distribution, window_s: float) -> float:
    """Return after which delay jobs are usually ready [s]; those that are not when their window ends never start."""
    return min(delay.quantile(0.95), window_s) + HALF_TICK_S


@lru_cache(maxsize=1024)
def log_mgf_of_rest(delay: Distribution, window_s: float, theta: Theta) -> Floats:
    """Return an upper bound of ln E[exp(theta rest)], rest being what a delay takes beyond the usual, (thetas,)."""
    values, probabilities = cells_of(delay, inverse=False)
    rest = np.minimum(values, window_s) + HALF_TICK_S - usually_ready_s(delay, window_s)
    return _log_mean(np.maximum(rest, 0.0), probabilities, theta)


def done_by(moments_s: Floats, kind: Ints, log_mgf_of_kind: Floats, late_s: float, theta: Theta) -> Floats:
    """Return by when all runs up to each moment are done, but for a probability of `SURPRISE`, (moments,) [s].

    Args:
        moments_s: (moments,) scheduled moments, ascending, all different.
        kind: (moments,) of which kind each is.
        log_mgf_of_kind: (kinds, thetas) ln E[exp(theta work)] of what a moment of each kind brings.
        late_s: how long after a moment its runs are ready, what is counted as work of the moment apart [s].
        theta: the thetas.
    """
    gaps = np.diff(moments_s, prepend=moments_s[0])
    # all in seconds: ln E[exp(theta work)] / theta lies between the mean and the largest possible work
    work_s = (log_mgf_of_kind / theta.values).T
    least, best = _useful(work_s, kind, gaps)
    done = np.full(len(moments_s), np.inf)
    step = max(1, _AT_ONCE // len(moments_s))
    for low in range(least, best, step):
        rows = slice(low, min(low + step, best))
        work = work_s[rows][:, kind]
        drift = np.cumsum(work - gaps, axis=1)
        # the largest sum from any moment on, whose runs are ready that late
        work -= drift
        np.maximum.accumulate(work, axis=1, out=work)
        work += drift
        work += (late_s + _MARGIN / theta.values[rows])[:, None]
        np.minimum(done, work.min(axis=0), out=done)
    # whatever is done by a moment is done later, too
    return np.minimum.accumulate((moments_s + done)[::-1])[::-1]


def _useful(work_s: Floats, kind: Ints, gaps_s: Floats) -> tuple[int, int]:
    """Return the range of thetas from which the best bounds come; arguments as in `done_by`.

    Of thetas under which moments bring more than there is time for, and of much smaller ones, the bound is worse. Where
    plans were quieter at first there is time in all under thetas that are too large for the busy part.
    """
    parts = zip(np.array_split(gaps_s, _PARTS), np.array_split(kind, _PARTS), strict=True)
    spare_s = [np.sum(gaps) - work_s @ np.bincount(kinds, minlength=work_s.shape[1]) for gaps, kinds in parts]
    best, *of_parts = (max(int(np.searchsorted(-spare, 0.0)), 1) for spare in (sum(spare_s), *spare_s))
    return max(0, min(best, sorted(of_parts)[1]) - _OCTAVES * 4), best


def look_from(moments_s: Floats, done_s: Floats, expected_s: Floats) -> Floats:
    """Return the latest moment from which on, with the work expected from there, everything is done by each moment.

    Args:
        moments_s: (moments,).
        done_s: (moments,) by when everything up to each is done.
        expected_s: (moments,) about how much work there is up to each.
    """
    before = np.concatenate(([0.0], expected_s[:-1]))
    slack = np.concatenate(([-math.inf], done_s[:-1])) - before
    enough = moments_s - before
    return moments_s[np.maximum(_latest(slack, enough), 0)]


def latest_since(
    moments_s: Floats, done_s: Floats, usually_done_s: Floats, log_mgf_of_moment: Floats, theta: Theta
) -> Floats:
    """Return the latest moment since which jobs have to move no more than usual for a bound to hold, (moments,).

    Everything up to a moment is done by the later of two: when it would be had all jobs ever moved no more than usual,
    and when those up to an earlier one are done plus the work that came after. The latter is bounded as in `done_by`,
    and must be no later than the former, but for a probability of `SURPRISE`.

    Args:
        moments_s: (moments,).
        done_s: (moments,) by when everything up to each is done, whatever jobs move.
        usually_done_s: (moments,) likewise, had all jobs moved no more than usual.
        log_mgf_of_moment: (moments, thetas) ln E[exp(theta work)] of what moments usually bring.
        theta: the thetas.
    """
    since = np.full(len(moments_s), -np.inf)
    for value, logs in zip(theta.values[::_SKIPPED], log_mgf_of_moment.T[::_SKIPPED], strict=True):
        work = np.cumsum(logs / value)
        place = _latest(done_s - work, usually_done_s - work - _MARGIN / value)
        since = np.maximum(since, np.where(place >= 0, moments_s[place], -np.inf))
    return since


def _latest(slack: Floats, enough: Floats) -> Ints:
    """Return for each place the last one up to there whose slack is enough, -1 for none."""
    # slack of the best beginning from each moment on
    best = np.minimum.accumulate(slack[::-1])[::-1]
    place = np.searchsorted(best, enough, side="right") - 1
    here = np.arange(len(slack))
    # where more is due than can be done, the best beginning of all may be one after the moment itself
    if ((place > here) & (slack > enough)).any():
        place = _last_at_most(slack, enough)
    return np.minimum(place, here)


def _last_at_most(values: Floats, most: Floats) -> Ints:
    """Return for each place the last one up to there whose value is at most that given, -1 for none."""
    nearest = np.full(len(values), -1, dtype=np.int64)
    # places that no later one is as good as, and their values, which ascend
    places: list[int] = []
    ascending: list[float] = []
    for here, (value, limit) in enumerate(zip(values.tolist(), most.tolist(), strict=True)):
        while ascending and ascending[-1] >= value:
            ascending.pop()
            places.pop()
        ascending.append(value)
        places.append(here)
        if last := bisect_right(ascending, limit):
            nearest[here] = places[last - 1]
    return nearest
