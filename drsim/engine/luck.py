"""The luck of a stream's runs: all that is drawn for its backup jobs and their copies, whole arrays at once.

In two halves, since how long jobs take says which of them can meet, and how they end matters only for those.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drsim import draws
from drsim.laws.failures import failed_all
from drsim.laws.increments import grown
from drsim.laws.sampling import Variable, draw_all
from drsim.world.streams import Base, Stream

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

_FIRST, _MOST = 32, 1_000_000
"""Runs of a lineage that are looked at first, and pairs of a drill and a run that are looked at together at most."""


@dataclass(frozen=True)
class CopyTimes:
    """Delay and duration [s] of the jobs of one copy action, each (n, runs)."""

    delay_s: Floats
    duration_s: Floats


@dataclass(frozen=True)
class Times:
    """How long the jobs of runs take, each array (n, runs); moments in seconds since start."""

    scheduled_s: Floats
    ready_s: Floats
    duration_s: Floats
    copies: tuple[CopyTimes, ...]


@dataclass(frozen=True)
class Ends:
    """How jobs end: whether they fail, and the delay [s] of their points' expiry; each (n, runs)."""

    fails: Bools
    expiry_s: Floats


def times(stream: Stream, run: Ints, positions: Ints) -> Times:
    """Return how long the jobs of runs of a stream take.

    Args:
        stream: the stream, which has runs.
        run: (n, 1) numbers of the drills or lives, which name all draws.
        positions: (n, runs) positions in the stream's times.
    """
    index, scheduled = stream.indices[positions], stream.times_s[positions]
    wanted: list[Variable] = [(stream.start_delay, stream.start_key), *stream.work.drawn_parts]
    for c in stream.copies:
        wanted += [(c.delay, c.delay_key), *c.work.drawn_parts]
    values = iter(draw_all(wanted, run, index))
    start = next(values)
    parts = [next(values) for _ in stream.work.drawn_parts]
    copies = []
    (size, *sizes), (count, *objects) = _amounts(stream, run, positions)
    for c, of_copy, objects_of_copy in zip(stream.copies, sizes, objects, strict=True):
        delay = draws.on_grid(next(values))
        drawn = [next(values) for _ in c.work.drawn_parts]
        copies.append(CopyTimes(delay, c.work.lasting(drawn, of_copy, objects_of_copy)))
    return Times(
        scheduled_s=scheduled,
        ready_s=scheduled + draws.on_grid(start),
        duration_s=stream.work.lasting(parts, size, count),
        copies=tuple(copies),
    )


def ends(stream: Stream, run: Ints, positions: Ints) -> tuple[Ends, ...]:
    """Return how the backup jobs (first) and the copy jobs of runs of a stream end; arguments as for `times`."""
    index, scheduled = stream.indices[positions], stream.times_s[positions]
    kept = draw_all([(job.expiry_delay, job.expiry_key) for job in stream.jobs], run, index)
    failed = failed_all([job.failure for job in stream.jobs], run, index, scheduled)
    return tuple(Ends(fails, draws.on_grid(expiry)) for fails, expiry in zip(failed, kept, strict=True))


def _amounts(stream: Stream, run: Ints, positions: Ints) -> tuple[list[Floats], list[Floats]]:
    """Return bytes and objects that the jobs of runs move, the backup's first; arguments as for `times`."""
    sizes = [job.size_bytes[positions] for job in stream.jobs]
    objects = [job.objects[positions] for job in stream.jobs]
    base = stream.base
    if base is None:
        return sizes, objects
    due = stream.times_s[positions]
    moment, order = first_full(base, run)
    in_full = (due < moment) | ((due == moment) & (stream.order <= order))
    factor = grown(base.growth, due)
    return (
        [np.where(in_full, base.size_bytes * factor, size) for size in sizes],
        [np.where(in_full, base.objects * factor, count) for count in objects],
    )


def first_full(base: Base, run: Ints) -> tuple[Floats, Floats]:
    """Return the run that is the first to leave a full, in drills: its scheduled moment [s since start] and order.

    It is the first that starts in its window, fits its completion window and does not fail. That it may have to queue
    is left aside: that would need all the jobs before it, of others too.

    Args:
        base: of the lineage.
        run: numbers of the drills, any shape. Both are infinite where there is none.
    """
    shape = np.shape(run)
    if base.never:
        return np.full(shape, np.inf), np.full(shape, np.inf)
    numbers = np.unique(run)
    moments, orders = (base.known.get(name, np.empty(0)) for name in ("moment_s", "order"))
    missing = int(numbers[-1]) + 1 - len(moments) if numbers.size else 0
    if missing > 0:
        moments, orders = (np.concatenate([a, np.full(missing, np.nan)]) for a in (moments, orders))
        base.known.update(moment_s=moments, order=orders)
    new = numbers[np.isnan(moments[numbers])]
    if new.size:
        moments[new], orders[new] = _search(base, new)
    return moments[run], orders[run]


def _search(base: Base, run: Ints) -> tuple[Floats, Floats]:
    """Look at the runs of a lineage from the first on, in drills (n,), until one leaves a full."""
    due = np.concatenate([trial.times_s for trial in base.trials])
    whose = np.repeat(np.arange(len(base.trials)), [len(trial.times_s) for trial in base.trials])
    position = np.concatenate([np.arange(len(trial.times_s)) for trial in base.trials])
    written = np.array([trial.order for trial in base.trials], dtype=np.float64)[whose]
    in_order = np.lexsort((written, due))
    moments, orders = np.full(len(run), np.inf), np.full(len(run), np.inf)
    open_drills, begin, width = np.arange(len(run)), 0, _FIRST
    while open_drills.size and begin < len(in_order):
        runs = in_order[begin : begin + max(1, min(width, _MOST // open_drills.size))]
        leaves_full = np.zeros((open_drills.size, len(runs)), dtype=bool)
        for t, trial in enumerate(base.trials):
            columns = np.flatnonzero(whose[runs] == t)
            if columns.size:
                leaves_full[:, columns] = _leaves_full(trial, run[open_drills], position[runs[columns]])
        is_settled = leaves_full.any(axis=1)
        first = runs[leaves_full.argmax(axis=1)[is_settled]]
        moments[open_drills[is_settled]], orders[open_drills[is_settled]] = due[first], written[first]
        open_drills, begin, width = open_drills[~is_settled], begin + len(runs), 2 * width
    return moments, orders


def _leaves_full(trial: Stream, run: Ints, positions: Ints) -> Bools:
    """Return in which drills which runs leave a full, (drills, runs)."""
    drawn = times(trial, run[:, None], positions[None, :])
    end = ends(trial, run[:, None], positions[None, :])[0]
    starts = drawn.ready_s < drawn.scheduled_s + trial.start_window_s
    leaves_full: Bools = starts & (drawn.duration_s <= trial.completion_window_s) & ~end.fails
    return leaves_full


def left_to_do(stream: Stream, drawn: Times, full: Sequence[float]) -> tuple[Floats, Floats]:
    """Return what the search for bursts (`drsim.laws.queue`) needs of runs: chain and share of each [s].

    Args:
        stream: of which they are.
        drawn: how long their jobs take.
        full: of `shares`.
    """
    chain = np.minimum(drawn.duration_s, stream.completion_window_s)
    share = chain * full[0]
    for copy, share_of_copy in zip(drawn.copies, full[1:], strict=True):
        chain = chain + copy.delay_s + copy.duration_s
        if share_of_copy:
            share = share + copy.duration_s * share_of_copy
    return chain, share
