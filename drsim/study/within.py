"""As many drills as a time allows: for whoever waits for the answer."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import pandas as pd

from drsim.study.bench import Bench
from drsim.study.conclusion import concluded
from drsim.study.effort import jobs_due
from drsim.study.incidents import NotKept
from drsim.study.pieces import Piece, most_drills, rows_of_a_drill
from drsim.study.record import clock_record
from drsim.study.reduction import PairLog, reduced
from drsim.study.results import Result
from drsim.study.summary import ranking
from drsim.study.work import DrillLog, Stopwatch
from drsim.world import World

FEWEST = 8
"""Drills that are done whatever the time, unless jobs pile up: these take hardly longer than three."""

MOST_JOBS = 30_000
"""Jobs that a drill has to go through, about a tenth of a second for each disruption, above which fewer are done."""

_FEW_JOBS = 400
"""Jobs of a drill, at most, where drills are so quick that all are done in one go."""

_GROWTH = 4
"""By how much a piece of the work is larger than the one before, at most: larger ones are quicker for each drill."""


def run_within(
    bench: Bench,
    drills: int,
    seconds: float,
    *,
    is_part: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Result:
    """Return the result of drills of a bench, of as many drills as a time allows; `Result.run` says how many.

    Most plans take milliseconds a drill at most, and get all. Where jobs pile up, a drill may take a hundred times as
    long. Drills are numbered, so that the result of some is that of a study which asks for these.

    Args:
        bench: of one strategy.
        drills: per disruption, at most.
        seconds: about how long it may take [s].
        is_part: whether it is to be joined with others, so that what is said of the scenario is left out: its text, and
            what laws and prices tell of it.
        progress: called with the drills done and the drills to do.
    """
    watch = Stopwatch()
    pieces, done = _drilled(bench.part(drills=drills), time.monotonic() + seconds, progress)
    drilled = bench.part(drills=done)
    logs = (
        PairLog(pair, done, log)
        for pair, logs in zip(drilled.pairs, zip(*pieces, strict=True), strict=True)
        for log in logs
    )
    tables = reduced(drilled, logs)
    clock = clock_record("auto", drilled.pairs, drilled.refused)
    return concluded(drilled, clock, watch.seconds(), tables, NotKept(), is_part=is_part)


def ranking_within(
    bench: Bench,
    drills: int,
    seconds: float,
    measure: str,
    subject: str,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[tuple[int, ...], int]:
    """Return the numbers of the drills that affected a subject, least downtime or loss first, and of how many drills.

    Args:
        bench: of one strategy under one disruption.
        drills: at most.
        seconds: about how long it may take [s].
        measure: a column of the log, of one of `drsim.study.measures`.
        subject: `app` or `app.resource`.
        progress: called with the drills done and the drills to do.
    """
    pieces, done = _drilled(bench.part(drills=drills), time.monotonic() + seconds, progress)
    incidents = pd.concat([log.incidents for (log,) in pieces], ignore_index=True)
    (pair,) = bench.pairs
    return ranking(incidents, bench.part(drills=done).exposure(*pair), measure, subject), done


def _drilled(
    bench: Bench, until: float, progress: Callable[[int, int], None] | None
) -> tuple[list[list[DrillLog]], int]:
    """Return the logs of each piece of a strategy's drills, by disruption, and how many drills there were in time.

    Args:
        bench: of one strategy, with as many drills as there may be.
        until: when the time is over, on the monotonic clock [s].
        progress: called with the drills done and the drills to do.
    """
    (strategy,), drills = bench.strategies, bench.scenario.drills
    is_vectorised = not bench.refused
    jobs = _jobs_of_a_drill(bench.world(strategy))
    block = most_drills(sum(rows_of_a_drill(bench.exposure(*pair)) for pair in bench.pairs))
    few = FEWEST if jobs <= MOST_JOBS else max(1, int(FEWEST * MOST_JOBS / jobs))
    number = min(block, drills if jobs <= _FEW_JOBS and is_vectorised else min(drills, few))
    logs: list[list[DrillLog]] = []
    done, pace = 0, _Pace()
    while number:
        before = time.monotonic()
        piece = Piece(strategy, bench.disruptions, done, done + number, is_vectorised)
        logs += bench.logs([piece], workers=1, whole=False)
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
            jobs = jobs_due(world, component)
            # where pools may never fall idle, all since the plan's start
            total += jobs * (min(1.0, component.reach_s / span_s) if component.settles else 1.0)
    return total
