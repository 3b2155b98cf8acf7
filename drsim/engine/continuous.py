"""To which moment continuous protection can restore a member: the logs since a base that completed.

A moment is restored from the newest base whose job began at or before it and has completed by the time the service
stops. The service keeps the base that the oldest moment of the window needs, so that a base does not expire. The log
after a base may have a gap; until the next base that completes, later moments are restored to the gap's beginning.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from drsim import draws
from drsim.distributions import Distribution
from drsim.engine.strike import Occurrences, Strikes
from drsim.laws.points import gap_begins, wanted_moment
from drsim.laws.sampling import ceiling, draw
from drsim.world.model import Continuous, Replica, World
from drsim.world.streams import Stream

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def is_gone(strikes: Strikes, protection: Continuous | Replica | Stream) -> bool:
    """Return whether protection went with the resource that was deleted."""
    return strikes.disruption.deletes_resource and not protection.retained_on_delete


def lags_s(incidents: Occurrences, lag: Distribution, key: int) -> Floats:
    """Return how far a replica or a log lies behind in each incident, (n,) [s]."""
    return incidents.once(key, lambda: draws.on_grid(draw(lag, key, incidents.run, incidents.incident)))


def wanted_s(incidents: Occurrences, continuous: Continuous) -> Floats:
    """Return the moments that restores are to go to, (n,) [s since start]."""
    lag = lags_s(incidents, continuous.log_lag, continuous.lag_key)
    return np.asarray(wanted_moment(incidents.occurred_s, incidents.contaminated_s, lag))


def latest_start_s(world: World, stream: Stream) -> float:
    """Return how long after its scheduled moment a backup job starts at the latest [s]."""
    if world.components[world.component_of[stream.member]].limits:
        return stream.start_window_s
    return min(stream.start_window_s, ceiling(stream.start_delay))


def base_streams(world: World, continuous: Continuous) -> list[int]:
    """Return the streams that may have left bases: not those whose jobs all fail."""
    return [s for s in continuous.bases if world.streams[s].failure.p < 1]


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
