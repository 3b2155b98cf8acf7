"""Whether a job leaves anything behind: failures alone, or in spells in which every job fails.

Equations: docs/explanation/model.md, "Jobs".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from drsim import draws
from drsim.distributions import Distribution
from drsim.laws.sampling import MIDPOINTS, ceiling

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


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
        reaching = np.minimum(gap[..., None], self.lasts.ppf(MIDPOINTS)).mean(axis=-1)
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
