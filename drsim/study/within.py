"""As many drills as a time allows: for whoever waits for the answer."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

from drsim.engine import World, build_world, why_not_vectorised
from drsim.engine.exposure import exposure
from drsim.errors import ClockError
from drsim.scenario import Scenario
from drsim.study.drills import choose, found_out, most_drills, rows_of_a_drill, with_settings
from drsim.study.results import Result
from drsim.study.work import Found, Piece, Stopwatch, work

FEWEST = 20
"""Drills that are done whatever the time: where queues are long, these take hardly longer than one."""

MOST_JOBS = 30_000
"""Jobs that a drill may have to go through, at most: about a tenth of a second for each disruption."""

_FEW_JOBS = 400
"""Jobs of a drill, at most, where drills are so quick that all are done in one go."""

_GROWTH = 4
"""By how much a piece of the work is larger than the one before, at most: larger ones are quicker for each drill."""


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
    begun, watch = time.monotonic(), Stopwatch()
    names = choose(scenario, (strategy,), disruptions)["disruption"]
    world = build_world(scenario, strategy)
    is_vectorised = all(why_not_vectorised(world, name) is None for name in names)
    jobs = _jobs_of_a_drill(world)
    held = most_drills(sum(rows_of_a_drill(exposure(world, name, drills)) for name in names))
    number = min(held, drills if jobs <= _FEW_JOBS and is_vectorised else min(drills, FEWEST))
    founds: list[list[Found]] = []
    done, pace = 0, _Pace()
    while number:
        before = time.monotonic()
        piece = Piece(strategy, names, done, done + number, is_vectorised)
        founds.append(work({strategy: world}, piece, whole=False))
        done += number
        if progress is not None:
            progress(done, drills)
        now = time.monotonic()
        pace.took(number, now - before)
        affordable = pace.drills_in(seconds - (now - begun))
        rest = drills - done
        # a few more would tell hardly more
        number = 0 if affordable < min(rest, done / _GROWTH) else int(min(rest, _GROWTH * number, affordable, held))
    return found_out(with_settings(scenario, drills=done), world, names, founds, watch)


class _Pace:
    """How long pieces of the work take: a while each, and more for each drill, as the last two pieces tell."""

    def __init__(self) -> None:
        self._last = self._former = (0, 0.0)

    def took(self, drills: int, seconds: float) -> None:
        """Note how long a piece took."""
        self._former, self._last = self._last, (drills, seconds)

    def drills_in(self, seconds: float) -> float:
        """Return how many drills a piece may have that is to take a time [s], about."""
        (fewer, quicker), (more, slower) = sorted((self._former, self._last))
        per_drill = max((slower - quicker) / (more - fewer), 0.0) if more > fewer else slower / more
        at_least = slower - per_drill * more
        if seconds <= at_least:
            return 0.0
        return (seconds - at_least) / per_drill if per_drill else math.inf


def _jobs_of_a_drill(world: World) -> float:
    """Return about how many jobs each drill has to go through: those that may still be felt when it strikes.

    Raises:
        ClockError: each drill would have to go through too many jobs, since pools may never fall idle.
    """
    span_s = world.horizon_s - world.plan_start_s
    found, piled_up, names = 0.0, 0, set[str]()
    for component in world.components:
        if not component.limits:
            continue
        streams = [world.streams[s] for s in component.streams]
        jobs = sum(len(stream.times_s) * (1 + len(stream.copies)) for stream in streams)
        if component.settles:
            found += jobs * min(1.0, component.reach_s / span_s)
        else:
            piled_up += jobs
            names |= {world.members[m].entity for m in component.members}
    if piled_up > MOST_JOBS:
        raise ClockError(
            f"jobs of {', '.join(sorted(names)[:4])} may be due faster than they can be done, and pile up: each drill "
            f"would have to go through all {piled_up:,} since the plan's start. At most {MOST_JOBS:,} are taken here; "
            "drsim run takes more"
        )
    return found + piled_up
