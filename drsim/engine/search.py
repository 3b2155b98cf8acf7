"""The search for a clean point as both clocks go about it: the runs that people may have to look at, and what of them.

Nobody knows what is clean. People go back along the points of the rule and vault from which they will restore, newest
first, and inspect each that no scan has flagged, until one is clean.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from drsim.engine.continuous import latest_start_s
from drsim.engine.options import Place, kept_s
from drsim.laws.points import gone_s
from drsim.laws.search import is_flagged, is_infected
from drsim.world.model import World
from drsim.world.streams import Scan, Stream

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


def suspect_runs(
    world: World, stream: Stream, place: Place, occurred_s: ArrayLike, contaminated_s: ArrayLike
) -> tuple[Ints, Ints]:
    """Return the first of the runs that may have left an infected point, and the one after the last, (n,) each.

    Args:
        world: the strategy's world.
        stream: whose runs they are.
        place: where their points lie.
        occurred_s: when the service stopped, (n,) [s since start].
        contaminated_s: after which moment what is captured is no good, (n,) [s since start].
    """
    kept_since_s = np.asarray(occurred_s) - stream.start_window_s - kept_s(stream, place)
    since_s = np.maximum(np.asarray(contaminated_s) - latest_start_s(world, stream), kept_since_s)
    since_s = np.maximum(since_s, place.since_s)
    times = stream.times_s
    first, stop = np.searchsorted(times, since_s, side="left"), np.searchsorted(times, occurred_s, side="right")
    return first, np.maximum(first, stop)


def are_tried(
    stream: Stream,
    place: Place,
    left: tuple[Floats, Floats, Floats],
    runs: tuple[Ints, Ints],
    moments: tuple[Floats, Floats],
    is_missed: Bools,
) -> Bools:
    """Return which runs left a point that people inspect in vain, (m,).

    Args:
        stream: whose runs they are.
        place: where their points lie.
        left: when each was captured, (m,), when backup and copies became usable, (m, places) [s since start], and the
            delays of their expiry, likewise [s].
        runs: number of the drill and position of each run, (m,) each.
        moments: when the service stopped, and since when it was damaged, (m,) each [s since start].
        is_missed: whether scans do not know what has got in, (m,).
    """
    captured_s, available_s, expiry_s = left
    occurred_s, contaminated_s = moments
    copy = 1 + place.copy
    expires_s = captured_s + place.delete_after_s + expiry_s[:, copy]
    if place.goes is not None:
        expires_s = np.minimum(expires_s, gone_s(available_s[:, 1:], place.goes.completed, place.goes.over))
    tried: Bools = is_infected(captured_s, available_s[:, copy], expires_s, occurred_s, contaminated_s)
    if stream.scan is None or not tried.any():
        return tried
    flagged = is_flagged(available_s[:, 0], scans_s(stream, stream.scan, *runs), is_missed, occurred_s)
    return np.asarray(tried & ~flagged)


def scans_s(stream: Stream, scan: Scan, run: Ints, positions: Ints) -> Floats:
    """Return how long the scans of the points of runs take, (m,) [s].

    Args:
        stream: whose runs they are.
        scan: of their points.
        run: (m,) numbers of the drills.
        positions: (m,) of the runs in the stream's times.
    """
    size, objects = scan.amounts(stream)
    return scan.work.durations(run, stream.indices[positions], size[positions], objects[positions])
