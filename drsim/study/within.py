"""As many drills as a time allows: for whoever waits for the answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from drsim.engine import build_world
from drsim.scenario import Scenario
from drsim.study.drills import run
from drsim.study.results import Result

FEWEST = 5
"""Drills of a first trial."""

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
    """
    begun = time.monotonic()
    number = drills if _is_quick(scenario, strategy) else min(FEWEST, drills)
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


def _is_quick(scenario: Scenario, strategy: str) -> bool:
    """Whether no drill has to look back to the plan's start, since all pools fall idle again and again."""
    return all(component.settles or not component.limits for component in build_world(scenario, strategy).components)
