"""How members and applications fared by the schedule of the vectorised clock, as the roll-up takes it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from drsim.engine.rollup import ApplicationRecovery, Members, stacked
from drsim.engine.vectorised.paths import critical_paths
from drsim.engine.vectorised.recovery import Recoveries

Floats = NDArray[np.float64]


def recoveries_of(done: Recoveries) -> dict[int, ApplicationRecovery]:
    """Return how the applications fared of which a disruption strikes something in some drill."""
    paths = critical_paths(done)
    return {a: recovery_of(done, a, paths[a]) for a in done.targets.applications}


def recovery_of(done: Recoveries, a: int, path: Mapping[str, Floats]) -> ApplicationRecovery:
    """Return how an application fared.

    Args:
        done: the recovery of everything.
        a: the application.
        path: parts of the downtime along its critical path; none where nobody asks for them.
    """
    going = [r for r in done.world.applications[a].resources if done.targets.going(r)]
    return ApplicationRecovery(
        members={r: _members(done, r) for r in going},
        required={r: done.targets.required[r] for r in going},
        state=done.state[a],
        usable_s=done.usable_of[a],
        lost_s=done.lost_s(a),
        path=dict(path),
    )


def _members(done: Recoveries, r: int) -> Members:
    """Return how the members of a resource fared that have to be recovered in some drill."""
    numbers, strikes = done.targets.going(r), done.strikes
    fates = [done.fates[m] for m in numbers]
    usable, begun = stacked([done.usable_s[m] for m in numbers]), stacked([done.begun_s[m] for m in numbers])
    spare = done.targets.spare(r)
    if spare is not None:
        usable = np.where(spare, strikes.occurred_s, usable)
    full = usable + stacked([fate.full_after_s for fate in fates])
    held_up = stacked([fate.held_up for fate in fates])
    if held_up.any():
        full = np.where(held_up, full + np.maximum(0.0, strikes.ends_s - usable), full)
    nothing = np.zeros(len(strikes.run))
    parts = dict.fromkeys(part for fate in fates for part in fate.parts)
    return Members(
        is_struck=stacked([strikes.affected[:, m] for m in numbers]),
        is_going=stacked([done.targets.is_going(m) for m in numbers]),
        state=stacked([fate.state for fate in fates]),
        by=stacked([fate.by for fate in fates]),
        place=stacked([fate.place for fate in fates]),
        captured_s=stacked([fate.captured_s for fate in fates]),
        begun_s=begun,
        usable_s=usable,
        full_s=full,
        lost_s=stacked([np.where(done.is_lost(m), done.lost_of(m), np.nan) for m in numbers]),
        is_automatic=stacked([fate.automatic for fate in fates]),
        has_source=stacked([fate.has_option for fate in fates]),
        due_s=stacked([fate.due_s for fate in fates]),
        parts={part: stacked([fate.parts.get(part, nothing) for fate in fates]) for part in parts},
    )
