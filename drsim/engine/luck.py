"""The luck of a stream's runs: all that is drawn for its backup jobs and their copies, whole arrays at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drsim import draws
from drsim.engine.world import Stream
from drsim.laws.jobs import Drawn, draw_all

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class CopyLuck:
    """Delay and duration [s], failure and expiry delay [s] of the jobs of one copy action, each (n, runs)."""

    delay_s: Floats
    duration_s: Floats
    fails: Bools
    expiry_s: Floats


@dataclass(frozen=True)
class Luck:
    """The luck of runs of one stream, each array (n, runs); moments in seconds since start."""

    scheduled_s: Floats
    ready_s: Floats
    duration_s: Floats
    fails: Bools
    expiry_s: Floats
    copies: tuple[CopyLuck, ...]


def luck(stream: Stream, run: Ints, positions: Ints) -> Luck:
    """Return the luck of runs of a stream.

    Args:
        stream: the stream, which has runs.
        run: (n, 1) numbers of the drills or lives, which name all draws.
        positions: (n, runs) positions in the stream's times.
    """
    index, scheduled = stream.indices[positions], stream.times_s[positions]
    wanted: list[Drawn] = [
        (stream.start_delay, stream.start_key),
        (stream.expiry_delay, stream.expiry_key),
        *stream.work.drawn_parts,
    ]
    for c in stream.copies:
        wanted += [(c.delay, c.delay_key), (c.expiry_delay, c.expiry_key), *c.work.drawn_parts]
    values = iter(draw_all(wanted, run, index))
    start, expiry = next(values), next(values)
    parts = [next(values) for _ in stream.work.drawn_parts]
    copies = []
    for c in stream.copies:
        delay, kept = next(values), next(values)
        copied = c.work.lasting(
            [next(values) for _ in c.work.drawn_parts], c.size_bytes[positions], c.objects[positions]
        )
        fails = c.failure.failed(run, index, scheduled)
        copies.append(CopyLuck(draws.on_grid(delay), copied, fails, draws.on_grid(kept)))
    return Luck(
        scheduled_s=scheduled,
        ready_s=scheduled + draws.on_grid(start),
        duration_s=stream.work.lasting(parts, stream.size_bytes[positions], stream.objects[positions]),
        fails=stream.failure.failed(run, index, scheduled),
        expiry_s=draws.on_grid(expiry),
        copies=tuple(copies),
    )
