"""As many drills as a time allows: for whoever waits for the answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from drsim.engine import World, build_world
from drsim.engine.world import Component
from drsim.errors import ClockError
from drsim.scenario import Scenario
from drsim.study.drills import run
from drsim.study.results import Result

FEWEST = 5
"""Drills of a first trial."""

MOST_JOBS = 20_000
"""Jobs that a drill may have to go through, at most: about a tenth of a second for each disruption."""

_MOST_CELLS = 500_000
"""Jobs of all drills of a disruption, at most, where they pile up: what bounds the memory."""

_STEP = 4
"""By how much the next trial is larger than the last."""


def run_within(
    scenario: Scenario,
    strategy: str,
    disruptions: Sequence[str],
    drills: int,
    seconds: float,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Result:
    """Return what drills of a strategy find out, of as many drills as a time allows; `Result.run` says how many.

    Most plans take milliseconds a drill at most, and get all. Where jobs pile up, a drill may take a hundred times as
    long. Drills are numbered, so that the result of some is that of a study which asks for these.

    Args:
        scenario: with the strategy.
        strategy: its name.
        disruptions: names; all where empty.
        drills: per disruption, at most.
        seconds: about how long it may take [s].
        progress: called with the drills done and the drills to do.

    Raises:
        ClockError: so many jobs pile up that not even a few drills can be done in a short time.
    """
    jobs = _piled_up_jobs(scenario, strategy)
    begun = time.monotonic()
    number = drills
    if jobs:
        # all jobs of all drills are in memory at a time
        drills = min(drills, max(FEWEST, _MOST_CELLS // jobs))
        number = min(FEWEST, drills)
    while True:
        before = time.monotonic()
        found = run(
            scenario,
            strategies=(strategy,),
            disruptions=disruptions,
            drills=number,
            workers=1,
            keep_incidents=False,
            progress=progress if number == drills else None,
        )
        now = time.monotonic()
        left, each = seconds - (now - begun), (now - before) / number
        if number == drills or _STEP * number * each > left:
            return found
        # what one of a few drills takes is rather too much, so that what all would take is, too
        number = drills if drills * each < left else min(drills, _STEP * number)


def _piled_up(world: World) -> list[Component]:
    """Return the members whose pools may never fall idle, so that each drill goes through all their jobs."""
    return [component for component in world.components if component.limits and not component.settles]


def _piled_up_jobs(scenario: Scenario, strategy: str) -> int:
    """Return how many jobs each drill has to go through, from the plan's start; 0 where pools fall idle.

    Raises:
        ClockError: each drill would have to go through too many jobs.
    """
    world = build_world(scenario, strategy)
    piled_up = _piled_up(world)
    streams = [world.streams[s] for component in piled_up for s in component.streams]
    jobs = sum(len(stream.times_s) * (1 + len(stream.copies)) for stream in streams)
    if jobs > MOST_JOBS:
        names = ", ".join(sorted({world.members[m].entity for c in piled_up for m in c.members})[:4])
        raise ClockError(
            f"jobs of {names} may be due faster than they can be done, and pile up: each drill would have to go "
            f"through all {jobs:,} since the plan's start. At most {MOST_JOBS:,} are taken here; drsim run takes more"
        )
    return jobs
