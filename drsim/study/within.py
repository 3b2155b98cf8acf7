"""As many drills as a time allows: for whoever waits for the answer."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

import pandas as pd

from drsim.engine import why_not_vectorised
from drsim.engine.exposure import exposure
from drsim.scenario import Scenario
from drsim.study.conclusion import Drilled, concluded
from drsim.study.incidents import NotKept
from drsim.study.pieces import Piece, most_drills, rows_of_a_drill
from drsim.study.record import clock_record
from drsim.study.reduction import PairLog, reduced
from drsim.study.results import Result
from drsim.study.settings import choose, with_settings
from drsim.study.summary import ranking
from drsim.study.work import DrillLog, Stopwatch, work
from drsim.world import World, build_world

FEWEST = 8
"""Drills that are done whatever the time, unless jobs pile up: these take hardly longer than three."""

MOST_JOBS = 30_000
"""Jobs that a drill has to go through, about a tenth of a second for each disruption, above which fewer are done."""

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
    is_part: bool = False,
    world: World | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Result:
    """Return the result of drills of a strategy, of as many drills as a time allows; `Result.run` says how many.

    Most plans take milliseconds a drill at most, and get all. Where jobs pile up, a drill may take a hundred times as
    long. Drills are numbered, so that the result of some is that of a study which asks for these.

    Args:
        scenario: with the strategy.
        strategy: its name.
        disruptions: names; all where empty.
        drills: per disruption, at most.
        seconds: about how long it may take [s].
        is_part: whether it is to be joined with others, so that what is said of the scenario is left out: its text, and
            what laws and prices tell of it.
        world: of the strategy; built if left out.
        progress: called with the drills done and the drills to do.
    """
    watch, until = Stopwatch(), time.monotonic() + seconds
    chosen = choose(scenario, (strategy,), disruptions)
    names = chosen["disruption"]
    world = world or build_world(scenario, strategy)
    pieces, done = _drilled(world, names, drills, until, progress)
    studied = with_settings(scenario, drills=done)
    exposures = {(strategy, name): exposure(world, name, done) for name in names}
    logs = (
        PairLog((strategy, name), done, log)
        for name, logs in zip(names, zip(*pieces, strict=True), strict=True)
        for log in logs
    )
    tables = reduced(studied, exposures, logs, None)
    reasons = {pair: why for pair in exposures if (why := why_not_vectorised(world, pair[1])) is not None}
    clock = clock_record("auto", list(exposures), reasons)
    drilled = Drilled(studied, {strategy: world}, chosen, clock, watch.seconds())
    return concluded(drilled, tables, NotKept(), is_part=is_part)


def ranking_within(
    scenario: Scenario,
    strategy: str,
    disruption: str,
    drills: int,
    seconds: float,
    measure: str,
    subject: str,
    *,
    world: World | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[tuple[int, ...], int]:
    """Return the numbers of the drills that affected a subject, least downtime or loss first, and of how many drills.

    Args:
        scenario: with the strategy.
        strategy: its name.
        disruption: its name.
        drills: at most.
        seconds: about how long it may take [s].
        measure: a column of the log, of one of `drsim.study.measures`.
        subject: `app` or `app.resource`.
        world: of the strategy; built if left out.
        progress: called with the drills done and the drills to do.
    """
    until = time.monotonic() + seconds
    names = choose(scenario, (strategy,), (disruption,))["disruption"]
    world = world or build_world(scenario, strategy)
    pieces, done = _drilled(world, names, drills, until, progress)
    incidents = pd.concat([log.incidents for (log,) in pieces], ignore_index=True)
    return ranking(incidents, exposure(world, disruption, done), measure, subject), done


def _drilled(
    world: World,
    names: Sequence[str],
    drills: int,
    until: float,
    progress: Callable[[int, int], None] | None,
) -> tuple[list[list[DrillLog]], int]:
    """Return the logs of each piece of a strategy's drills, by disruption, and how many drills there were in time.

    Args:
        world: of the strategy.
        names: of disruptions.
        drills: of each, at most.
        until: when the time is over, on the monotonic clock [s].
        progress: called with the drills done and the drills to do.
    """
    is_vectorised = all(why_not_vectorised(world, name) is None for name in names)
    jobs = _jobs_of_a_drill(world)
    block = most_drills(sum(rows_of_a_drill(exposure(world, name, drills)) for name in names))
    few = FEWEST if jobs <= MOST_JOBS else max(1, int(FEWEST * MOST_JOBS / jobs))
    number = min(block, drills if jobs <= _FEW_JOBS and is_vectorised else min(drills, few))
    logs: list[list[DrillLog]] = []
    done, pace = 0, _Pace()
    while number:
        before = time.monotonic()
        piece = Piece(world.strategy, tuple(names), done, done + number, is_vectorised)
        logs.append(work({world.strategy: world}, piece, whole=False))
        done += number
        if progress is not None:
            progress(done, drills)
        now = time.monotonic()
        pace.took(number, now - before)
        affordable = pace.drills_in(until - now)
        rest = drills - done
        # a few more would tell hardly more
        number = 0 if affordable < min(rest, done / _GROWTH) else int(min(rest, _GROWTH * number, affordable, block))
    return logs, done


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
    """Return about how many jobs each drill has to go through: those that may still be felt when it strikes."""
    span_s = world.horizon_s - world.plan_start_s
    total = 0.0
    for component in world.components:
        if component.limits:
            streams = [world.streams[s] for s in component.streams]
            jobs = sum(len(stream.times_s) * (1 + len(stream.copies)) for stream in streams)
            # where pools may never fall idle, all since the plan's start
            total += jobs * (min(1.0, component.reach_s / span_s) if component.settles else 1.0)
    return total
