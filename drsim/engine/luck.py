"""The luck of a stream's runs: all that is drawn for its backup jobs and their copies, whole arrays at once.

In two halves, since how long jobs take says which of them can meet, and how they end matters only for those.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drsim import draws
from drsim.engine.world import Stream
from drsim.laws.jobs import Drawn, draw_all, failed_all

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


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
    wanted: list[Drawn] = [(stream.start_delay, stream.start_key), *stream.work.drawn_parts]
    for c in stream.copies:
        wanted += [(c.delay, c.delay_key), *c.work.drawn_parts]
    values = iter(draw_all(wanted, run, index))
    start = next(values)
    parts = [next(values) for _ in stream.work.drawn_parts]
    copies = []
    for c in stream.copies:
        delay = draws.on_grid(next(values))
        drawn = [next(values) for _ in c.work.drawn_parts]
        copies.append(CopyTimes(delay, c.work.lasting(drawn, c.size_bytes[positions], c.objects[positions])))
    return Times(
        scheduled_s=scheduled,
        ready_s=scheduled + draws.on_grid(start),
        duration_s=stream.work.lasting(parts, stream.size_bytes[positions], stream.objects[positions]),
        copies=tuple(copies),
    )


def ends(stream: Stream, run: Ints, positions: Ints) -> tuple[Ends, ...]:
    """Return how the backup jobs (first) and the copy jobs of runs of a stream end; arguments as for `times`."""
    index, scheduled = stream.indices[positions], stream.times_s[positions]
    kept = draw_all([(job.expiry_delay, job.expiry_key) for job in stream.jobs], run, index)
    failed = failed_all([job.failure for job in stream.jobs], run, index, scheduled)
    return tuple(Ends(fails, draws.on_grid(expiry)) for fails, expiry in zip(failed, kept, strict=True))
