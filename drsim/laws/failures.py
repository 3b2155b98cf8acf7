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
    failed: list[Bools] = [np.full(shape, f.p >= 1) for f in failures]
    alone = [i for i, f in enumerate(failures) if 0 < f.p < 1 and not f.comes_in_spells]
    if alone:
        for i, quantile in zip(alone, draws.uniforms([failures[i].key for i in alone], run, index), strict=True):
            failed[i] = np.broadcast_to(quantile < failures[i].p, shape)
    spells = [i for i, f in enumerate(failures) if f.comes_in_spells]
    alone_keys = all(not isinstance(failures[i].key, np.ndarray) for i in spells)
    if spells and alone_keys and _is_grid(np.shape(run), moment.shape, shape):
        covered = _on_grid([failures[i] for i in spells], np.asarray(run, dtype=np.int64).ravel(), moment.ravel())
        for i, hits in zip(spells, covered, strict=True):
            failed[i] = hits
    elif spells:
        runs = np.broadcast_to(np.asarray(run, dtype=np.int64), shape).ravel()
        covered = _in_spells([failures[i] for i in spells], runs, np.broadcast_to(moment, shape).ravel())
        for i, hits in zip(spells, covered, strict=True):
            failed[i] = hits.reshape(shape)
    return failed


def _is_grid(run: tuple[int, ...], moment: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """Tell whether all runs, down, meet all moments, across."""
    return len(shape) == 2 and run == (shape[0], 1) and moment in ((shape[1],), (1, shape[1])) and min(shape) > 1


def _on_grid(failures: Sequence[Failure], run: NDArray[np.int64], moment: Floats) -> list[Bools]:
    """Return which moments, across, a spell of each law covers in which runs, down: (runs, moments) each.

    Spells are drawn once for each run and cell, however many moments lie there.
    """
    order = np.argsort(moment, kind="stable")
    ascending = moment[order]
    by_law = []
    for failure in failures:
        cell_s, table, longest_s = failure.spells
        reached = np.unique(_cells_in_reach(moment, cell_s, longest_s)[1])
        (quantile,) = draws.uniforms([failure.key], run[:, None], reached[None, :])
        rows, cells = np.nonzero(quantile > table[0])
        numbers = np.searchsorted(table, quantile[rows, cells])
        row, cell = np.repeat(rows, numbers), np.repeat(reached[cells], numbers)
        nth = _counted(numbers)
        where, length = draws.words(np.asarray(failure.key, dtype=np.uint64), run[row], cell, nth, [0, 1])
        begins = (cell + where) * cell_s
        ends = begins + failure.lasts.ppf(length)  # type: ignore[union-attr]
        # how many spells begin by a moment, less those that are over
        change = np.zeros((len(run), len(moment) + 1), dtype=np.int64)
        np.add.at(change, (row, np.searchsorted(ascending, begins, side="left")), 1)
        np.add.at(change, (row, np.searchsorted(ascending, ends, side="left")), -1)
        covered = np.empty((len(run), len(moment)), dtype=bool)
        covered[:, order] = np.cumsum(change[:, :-1], axis=1) > 0
        by_law.append(covered)
    return by_law


def _in_spells(failures: Sequence[Failure], run: NDArray[np.int64], moment: Floats) -> list[Bools]:
    """Return which moments a spell of each law covers, all arrays (n,)."""
    by_cell: dict[tuple[float, float], list[int]] = {}
    for k, failure in enumerate(failures):
        by_cell.setdefault((failure.spells[0], failure.spells[2]), []).append(k)
    # one row for each spell that could reach a moment
    law_parts, place_parts, cell_parts, nth_parts, key_parts = [], [], [], [], []
    keys_of = [np.broadcast_to(np.asarray(f.key, dtype=np.uint64), moment.shape) for f in failures]
    for (cell_s, longest_s), laws_alike in by_cell.items():
        near, cell = _cells_in_reach(moment, cell_s, longest_s)
        keys = [keys_of[k][near] if isinstance(failures[k].key, np.ndarray) else failures[k].key for k in laws_alike]
        quantiles = draws.uniforms(keys, run[near], cell)
        for k, quantile in zip(laws_alike, quantiles, strict=True):
            table = failures[k].spells[1]
            holding = np.flatnonzero(quantile > table[0])
            numbers = np.searchsorted(table, quantile[holding])
            owner = np.repeat(holding, numbers)
            law_parts.append(np.full(owner.size, k))
            place_parts.append(near[owner])
            key_parts.append(keys_of[k][near[owner]])
            cell_parts.append(cell[owner])
            nth_parts.append(_counted(numbers))
    law, at, cell, nth = (np.concatenate(parts) for parts in (law_parts, place_parts, cell_parts, nth_parts))
    where, length = draws.words(np.concatenate(key_parts), run[at], cell, nth, [0, 1])
    covered = [np.zeros(len(moment), dtype=bool) for _ in failures]
    for k, failure in enumerate(failures):
        rows = np.flatnonzero(law == k)
        places = at[rows]
        begins = (cell[rows] + where[rows]) * failure.spells[0]
        hits = (begins <= moment[places]) & (moment[places] < begins + failure.lasts.ppf(length[rows]))  # type: ignore[union-attr]
        covered[k][places[hits]] = True
    return covered


def _cells_in_reach(moment: Floats, cell_s: float, longest_s: float) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """Return pairs of a moment and a calendar cell of which some spell may cover it: place of the moment, and cell."""
    last = np.floor(moment / cell_s).astype(np.int64)
    near, cells = [np.arange(len(moment))], [last]
    for back in range(1, math.ceil(longest_s / cell_s) + 1):
        # a spell begins before its cell ends, and is over when the longest one would be
        reached = np.flatnonzero(moment < (last - back + 1) * cell_s + longest_s)
        near.append(reached)
        cells.append(last[reached] - back)
    return np.concatenate(near), np.concatenate(cells)


def _counted(numbers: NDArray[np.intp]) -> NDArray[np.int64]:
    """Return the places of spells within their cells, 1, 2, .. for each number of them, one after another."""
    return np.arange(1, int(numbers.sum()) + 1) - np.repeat(np.cumsum(numbers) - numbers, numbers)


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
