"""By when the jobs of a component are done, and from where on its past has to be looked at.

The law is in `drsim.laws.drain`; here is what each scheduled moment of a component brings.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from drsim.laws.drain import (
    HALF_TICK_S,
    SURPRISE,
    Drain,
    DrainSince,
    Theta,
    done_by,
    latest_since,
    log_mgf,
    log_mgf_of_rest,
    log_mgf_of_work,
    log_of_largest,
    look_from,
    not_above_larger,
    useful_thetas,
    usually_ready_s,
)
from drsim.laws.increments import grown
from drsim.laws.longest import Chain, Grid, Job, log_mgf_of_longest, log_shorter
from drsim.laws.sampling import ceiling, p_at_most
from drsim.units import MINUTE_S
from drsim.world.streams import Copy, Stream

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_REACHES = 3
"""How many reaches the plans have to go on for."""
_FINE = 24
"""Smallest thetas for which chains are looked at finely."""
_SPELLS = 3
"""How many of the longest spells of failure may follow each other: at the generator's resolution more never do."""
_WORTH = 20.0
"""How many runs a look back has to save for a second bound to be worth its while."""
_KINDS = 24
"""Sizes of a stream's runs that are told apart; more are rounded up to an eighth of an octave."""


def amounts(stream: Stream, job: Stream | Copy) -> tuple[Floats, Floats]:
    """Return the bytes and the objects that no run of a job of a stream moves more than, (runs,) each.

    Where the increments of a stream wait for a full that may not fit its window, runs count as fulls until one is sure
    to have fitted.
    """
    base = stream.base
    if base is None:
        return job.size_bytes, job.objects
    full = np.arange(len(stream.times_s)) < _waits(stream)
    factor = grown(base.growth, stream.times_s)
    return (
        np.where(full, np.maximum(job.size_bytes, base.size_bytes * factor), job.size_bytes),
        np.where(full, np.maximum(job.objects, base.objects * factor), job.objects),
    )


def _waits(stream: Stream) -> float:
    """Return after how many runs of a stream a full is sure to have fitted its window; inf where none may ever."""
    base, n = stream.base, len(stream.times_s)
    if base is None or not n:
        return 0
    size, objects = (amount * grown(base.growth, stream.times_s[-1:])[0] for amount in (base.size_bytes, base.objects))
    fits = stream.work.p_within(stream.completion_window_s, float(size), float(objects))
    alone = 0.0 if stream.failure.comes_in_spells else stream.failure.p
    misses = 1 - p_at_most(stream.start_delay, stream.start_window_s) * fits * (1 - alone)
    if misses >= 1:
        return math.inf
    needed = math.log(SURPRISE) / math.log(misses) if misses > 0 else 1.0
    # spells that follow each other for longer than this are rarer still
    spells = _SPELLS * ceiling(stream.failure.lasts) if stream.failure.comes_in_spells and stream.failure.lasts else 0.0
    gap = float(np.median(np.diff(stream.times_s))) if n > 1 else math.inf
    return needed + spells / gap


@dataclass(frozen=True)
class Past:
    """The past of the streams of a component, which have runs; what is known of it is worked out when first asked for.

    Attributes:
        streams: the streams.
        ranks: (streams,) which of its resource's streams each is.
        shares: for each stream and each job of its runs, how long it keeps the shared pools full a second.
        limits: which limits can bind.
        span_s: how long the plans go on [s].
    """

    streams: tuple[Stream, ...]
    ranks: tuple[int, ...]
    shares: tuple[tuple[float, ...], ...]
    limits: frozenset[int]
    span_s: float

    @cached_property
    def drain(self) -> Drain:
        """By when its jobs are done."""
        drain = self._drain(finely=False)
        if len(self.streams) > len(set(self.ranks)) and not self._settles(drain):
            drain = self._drain(finely=True)
        return drain

    def _drain(self, *, finely: bool) -> Drain:
        """Return by when its jobs are done; `finely` takes longer and finds less where chains of many may be long."""
        moments, theta, runs, brings = self.load(finely=finely)
        logs = brings.log_mgf()
        late = max(usually_ready_s(st.start_delay, st.start_window_s) for st in self.streams)
        done = done_by(moments, brings.kind, logs, late, theta)
        if not any(self.limits & set(copy.limits) for st in self.streams for copy in st.copies):
            done = np.minimum(done, _done_at_last(moments, runs))
        expected = (logs[:, 0] / theta.values[0])[brings.kind]
        return Drain(moments, done, look_from(moments, done, np.cumsum(expected)))

    def load(self, *, finely: bool) -> tuple[Floats, Theta, list[_Runs], _Moments]:
        """Return the moments of all runs, the thetas that suit them, the runs by stream, and what moments bring."""
        moments = np.unique(np.concatenate([st.times_s for st in self.streams]))
        span = max(float(moments[-1] - moments[0]), MINUTE_S)
        gap = float(np.median(np.diff(moments))) if len(moments) > 1 else span
        theta = useful_thetas(span, gap)
        runs = [_Runs.of_stream(st, full, theta) for st, full in zip(self.streams, self.shares, strict=True)]
        brings = _Moments(moments, theta)
        for rank in sorted(set(self.ranks)):
            # long tails last: what bounds the longest of many short chains does not bound it where one may be long
            of_rank = sorted((one for one, r in zip(runs, self.ranks, strict=True) if r == rank), key=_Runs.tail)
            is_fine = finely and len(of_rank) > 1
            grid = Grid.holding([chain for one in of_rank for chain in one.chains]) if is_fine else None
            for one in of_rank:
                brings.add(one, grid)
            brings.end_of_rank()
        return moments, theta, runs, brings

    @cached_property
    def once_full(self) -> DrainSince | None:
        """By when its jobs are done since increments have the fulls that they need; None where that is of no use."""
        if all(stream.base is None for stream in self.streams) or self._runs_back(self.drain) < _WORTH:
            return None
        usual = replace(self, streams=tuple(replace(stream, base=None) for stream in self.streams))
        known = usual.drain
        if self._runs_back(self.drain) - self._runs_back(known) < _WORTH:
            return None
        moments, theta, _, brings = usual.load(finely=False)
        since = latest_since(moments, self.drain.done_s, known.done_s, brings.log_mgf()[brings.kind], theta)
        return DrainSince(moments, known.done_s, known.from_s, since)

    def _runs_back(self, known: Drain) -> float:
        """Return how many runs have to be looked at for the burst at a moment to be known, on average."""
        due = np.sort(np.concatenate([stream.times_s for stream in self.streams]))
        return float(np.mean(np.searchsorted(due, known.moments_s) - np.searchsorted(due, known.from_s)))

    @cached_property
    def gap_s(self) -> float:
        """The shortest usual time between runs of a stream [s]."""
        gaps = [float(np.median(np.diff(st.times_s))) for st in self.streams if len(st.times_s) > 1]
        return min(gaps, default=self.span_s)

    @cached_property
    def reach_s(self) -> float:
        """How far back from a run one usually has to look to know what it meets, a run of its stream at least [s]."""
        return self._reach_s(self.drain)

    def _reach_s(self, known: Drain) -> float:
        return max(float(np.mean(known.moments_s - known.from_s)), self.gap_s)

    @property
    def settles(self) -> bool:
        """Whether the plans go on for so much longer that looking at windows onto the past is quicker than at all."""
        return self._settles(self.drain)

    def _settles(self, known: Drain) -> bool:
        return _REACHES * self._reach_s(known) < self.span_s


@dataclass(frozen=True)
class _Runs:
    """The runs of a stream by kind: by how much their jobs move.

    Attributes:
        stream: the stream.
        kind: (runs,) kind of each.
        chains: for each kind its jobs.
        share, chain: (kinds, thetas) upper bounds of ln E[exp(theta share)] of runs (`drsim.laws.queue`), and by how
            much more that is with their chains.
        rest: (thetas,) the same of what their lateness is beyond the usual.
    """

    stream: Stream
    kind: Ints
    chains: list[Chain]
    share: Floats
    chain: Floats
    rest: Floats

    @classmethod
    def of_stream(cls, stream: Stream, shares: Sequence[float], theta: Theta) -> _Runs:
        """Return the runs of a stream."""
        rows = np.array([a for job in stream.jobs for a in amounts(stream, job)])
        kind, table = _told_apart(rows)
        if table.shape[1] > _KINDS:
            with np.errstate(divide="ignore"):
                rounded = np.exp2(np.ceil(np.log2(rows) * 8) / 8)
            kind, table = _told_apart(np.maximum(rows, rounded))
        chains = [_chain(stream, column, shares) for column in table.T.tolist()]
        share, chain = zip(*(_log_mgfs(jobs, theta) for jobs in chains), strict=True)
        rest = log_mgf_of_rest(stream.start_delay, stream.start_window_s, theta)
        return cls(stream, kind, chains, np.array(share), np.array(chain), rest)

    def tail(self) -> float:
        """Return how long the chains may be: of the latest run."""
        return float(self.chain[self.kind[-1], -1])


def _told_apart(rows: Floats) -> tuple[Ints, Floats]:
    """Return for each column which of the different ones it is, and these, (rows, different)."""
    if not (rows[:, 1:] != rows[:, :1]).any():
        return np.zeros(rows.shape[1], dtype=np.int64), rows[:, :1]
    columns = np.ascontiguousarray(rows.T)
    names = columns.view(f"V{columns.itemsize * columns.shape[1]}").ravel()
    _, first, kind = np.unique(names, return_index=True, return_inverse=True)
    return kind, columns[first].T


def _chain(stream: Stream, moved: list[float], shares: Sequence[float]) -> Chain:
    """Return the jobs of runs that move bytes, objects, bytes, objects, ..."""
    delays = (None, *(copy.delay for copy in stream.copies))
    mosts = (stream.completion_window_s, *(math.inf for _ in stream.copies))
    # whose draws they are makes no difference
    works = (replace(job.work, keys=(0, 0, 0)) for job in stream.jobs)
    return tuple(Job(*fields) for fields in zip(works, moved[::2], moved[1::2], delays, mosts, shares, strict=True))


@lru_cache(maxsize=1024)
def _log_mgfs(chain: Chain, theta: Theta) -> tuple[Floats, Floats]:
    """Return share and chain of `_Runs` for runs of one kind."""
    share, both = np.zeros((2, len(theta.values)))
    for job in chain:
        if job.share:
            share = share + log_mgf_of_work(job.work, job.size, job.objects, theta.times(job.share), job.most)
        both = both + log_mgf_of_work(job.work, job.size, job.objects, theta.times(1 + job.share), job.most)
        if job.delay:
            both = both + log_mgf(job.delay, theta) + theta.values * HALF_TICK_S
    return share, np.maximum(both - share, 0.0)


class _Moments:
    """What each moment of a component brings: kinds of moments, told apart stream by stream.

    A moment's work is, as in `drsim.laws.queue`, the sum of its runs' shares of the shared pools, and for each rank the
    longest chain of any resource. Lateness beyond the usual, the longest of any run, counts as work, too.
    """

    def __init__(self, moments_s: Floats, theta: Theta) -> None:
        self._moments_s, self._theta = moments_s, theta
        self.kind: Ints = np.zeros(len(moments_s), dtype=np.int64)
        none = np.zeros((1, len(theta.values)))
        # before this rank; with its shares; what its chains add; lateness
        self._before, self._work, self._chain, self._rest = none, none, none, none
        self._fine = np.flatnonzero(np.isin(theta.values, theta.thinned(2, _FINE).values))
        self._start_rank()

    def _start_rank(self) -> None:
        codes = len(self._before)
        self._share = np.zeros((codes, len(self._fine)))
        self._shorter = np.zeros((codes, len(self._fine), 1))

    def add(self, runs: _Runs, grid: Grid | None) -> None:
        """Add the runs of a stream to their moments; with a grid, chains are looked at finely."""
        place = np.searchsorted(self._moments_s, runs.stream.times_s)
        pairs, pair = np.unique(self.kind[place] * len(runs.chains) + runs.kind, return_inverse=True)
        self.kind[place] = len(self._work) + pair
        before, kinds = np.divmod(pairs, len(runs.chains))
        work = self._work[before] + runs.share[kinds]
        total = work + log_of_largest([self._chain[before], runs.chain[kinds]])
        share, shorter = self._share[before], self._shorter[before]
        if grid is not None:
            thetas = self._theta.thinned(2, _FINE)
            shares, shorters = zip(*(log_shorter(chain, thetas, grid) for chain in runs.chains), strict=True)
            share, shorter = share + np.array(shares)[kinds], shorter + np.array(shorters)[kinds]
            finely = self._before[before][:, self._fine] + share + log_mgf_of_longest(shorter, thetas.values, grid)
            total[:, self._fine] = np.minimum(total[:, self._fine], finely)
        chain = np.maximum(not_above_larger(total, self._theta) - work, 0.0)
        rest = not_above_larger(log_of_largest([self._rest[before], runs.rest]), self._theta)
        self._keep(self._before[before], work, chain, rest, share, shorter)

    def _keep(self, *new: Floats) -> None:
        """Take up new kinds of moments, and leave those that no moment is of any more."""
        used, self.kind = np.unique(self.kind, return_inverse=True)
        old = (self._before, self._work, self._chain, self._rest, self._share, self._shorter)
        self._before, self._work, self._chain, self._rest, self._share, self._shorter = (
            np.concatenate([np.broadcast_to(o, (len(o), *n.shape[1:])), n])[used] for o, n in zip(old, new, strict=True)
        )

    def end_of_rank(self) -> None:
        """Let the chains of further streams come after those of the streams so far."""
        self._before = self._work = self._work + self._chain
        self._chain = np.zeros_like(self._chain)
        self._start_rank()

    def log_mgf(self) -> Floats:
        """Return an upper bound of ln E[exp(theta work)] for each kind of moment, (kinds, thetas)."""
        return self._work + self._rest


def _done_at_last(moments_s: Floats, runs: Sequence[_Runs]) -> Floats:
    """Return by when all runs up to each moment are done where no copy can wait: backups give up, the rest goes on."""
    last = np.full(len(moments_s), -np.inf)
    for of_stream in runs:
        stream = of_stream.stream
        longest = np.array([sum(job.longest_s for job in chain) for chain in of_stream.chains])[of_stream.kind]
        place = np.searchsorted(moments_s, stream.times_s)
        last[place] = np.maximum(last[place], stream.times_s + stream.start_window_s + longest)
    return np.maximum.accumulate(last)
