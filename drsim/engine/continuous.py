"""To which moment continuous protection can restore a member: the logs since a base that completed.

A moment is restored from the newest base whose job began at or before it and has completed by the time the service
stops. The service keeps the base that the oldest moment of the window needs, so that a base does not expire. The log
after a base may have a gap; until the next base that completes, later moments are restored to the gap's beginning.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from drsim import draws
from drsim.distributions import Distribution
from drsim.engine.history import History, Run
from drsim.engine.strike import Strikes
from drsim.engine.world import Continuous, Replica, Stream, World
from drsim.laws.jobs import ceiling, draw
from drsim.laws.points import gap_begins, is_usable, restored_moment, wanted_moment

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Restorable(NamedTuple):
    """The moment to which a restore goes, and the base from which logs are replayed to it [s since start]."""

    captured_s: float
    base_s: float


def is_gone(strikes: Strikes, protection: Continuous | Replica | Stream) -> bool:
    """Return whether protection went with the resource that was deleted."""
    return strikes.disruption.deletes_resource and not protection.retained_on_delete


def lags_s(strikes: Strikes, lag: Distribution, key: int) -> Floats:
    """Return how far a replica or a log lies behind in each incident, (n,) [s]."""
    return strikes.once(key, lambda: draws.on_grid(draw(lag, key, strikes.run, strikes.incident)))


def wanted_s(strikes: Strikes, continuous: Continuous) -> Floats:
    """Return the moments that restores are to go to, (n,) [s since start]."""
    lag = lags_s(strikes, continuous.log_lag, continuous.lag_key)
    return np.asarray(wanted_moment(strikes.occurred_s, strikes.contaminated_s, lag))


def latest_start_s(world: World, stream: Stream) -> float:
    """Return how long after its scheduled moment a backup job starts at the latest [s]."""
    if world.components[world.component_of[stream.member]].limits:
        return stream.start_window_s
    return min(stream.start_window_s, ceiling(stream.start_delay))


def base_streams(world: World, continuous: Continuous) -> list[int]:
    """Return the streams that may have left bases: not those whose jobs all fail."""
    return [s for s in continuous.bases if world.streams[s].failure.p < 1]


def restorable(world: World, strikes: Strikes, e: int, continuous: Continuous, history: History) -> Restorable | None:
    """Return the newest good moment that continuous protection restores in incident `e`; None where there is none."""
    wanted, occurred = float(wanted_s(strikes, continuous)[e]), float(strikes.occurred_s[e])
    if wanted < occurred - continuous.window_s:
        return None
    base = _newest_base(world, continuous, e, history, wanted, occurred)
    if base is None:
        return None
    (s, position), begun = base
    stream = world.streams[s]
    at = np.array([position])
    run, index, scheduled = strikes.run[[e]], stream.indices[at], stream.times_s[at]
    gap = gaps_s(world, continuous, run, index, scheduled, np.array([begun]))
    captured, reached = restored_moment(wanted, float(gap[0]), occurred, continuous.window_s)
    return Restorable(float(captured), begun) if reached else None


def _newest_base(
    world: World, continuous: Continuous, e: int, history: History, wanted: float, occurred: float
) -> tuple[Run, float] | None:
    """Return the newest base that serves a moment, and when its job began; None where none ever completed."""
    streams = base_streams(world, continuous)
    jitter = max((latest_start_s(world, world.streams[s]) for s in streams), default=0.0)
    best: tuple[Run, float] | None = None
    for scheduled, run in history.runs_back(dict.fromkeys(streams, -math.inf), wanted):
        if best is not None and scheduled + jitter < best[1]:
            break
        outcome = history.outcome(e, run)
        begun = outcome.captured_s
        if is_usable(begun, outcome.available_s[0], math.inf, occurred, wanted) and (best is None or begun > best[1]):
            best = run, begun
    return best


def gaps_s(
    world: World, continuous: Continuous, run: Ints, index: Ints, scheduled_s: Floats, begun_s: Floats
) -> Floats:
    """Return where the log after completed bases breaks off [s since start]; inf where it does not. All (m,).

    Args:
        world: the strategy's world.
        continuous: whose bases they are.
        run: numbers of the drills or lives.
        index: numbers of the bases' runs.
        scheduled_s: their scheduled moments [s since start].
        begun_s: when their jobs began [s since start].
    """
    law = continuous.log_failure
    if law.p <= 0 or not len(run):
        return np.full(len(run), np.inf)
    broken = law.failed(run, index, scheduled_s)
    due = _next_due_s(world, continuous, scheduled_s)
    begins = draws.on_grid(gap_begins(begun_s, due, draws.uniform(continuous.gap_key, run, index)))
    return np.where(broken, begins, np.inf)


def _next_due_s(world: World, continuous: Continuous, scheduled_s: ArrayLike) -> Floats:
    """Return when the base after each is due [s since start]; past the last one by as much as it is past its own."""
    times = world.streams[continuous.bases[0]].all_times_s
    last = 2 * times[-1] - times[-2] if len(times) > 1 else max(world.horizon_s, float(times[-1]))
    return np.append(times, last)[np.searchsorted(times, scheduled_s, side="right")]
