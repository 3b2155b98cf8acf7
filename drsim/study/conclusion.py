"""From drills whose incidents have been summed up to the result of a study: costs, notices and the record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from drsim.errors import Problem, by_weight
from drsim.scenario import Scenario, dump_scenario
from drsim.study.bench import Bench
from drsim.study.guard import check_tables
from drsim.study.incidents import Incidents
from drsim.study.losses import Losses
from drsim.study.pieces import Pair
from drsim.study.record import record
from drsim.study.reduction import Reduced
from drsim.study.results import Result
from drsim.world import World


def concluded(
    bench: Bench,
    clock: Mapping[str, Any],
    timing: Mapping[str, float],
    reduced: Reduced,
    log: Incidents,
    *,
    is_part: bool = False,
) -> Result:
    """Return the result of drills whose incidents have been summed up: with the costs and the record of the study.

    Args:
        bench: of the drills.
        clock: of `drsim.study.record.clock_record`.
        timing: how long the drills took [s], by what.
        reduced: the tables that were made of the incidents.
        log: where the incidents are.
        is_part: whether it is to be joined with others, so that what is said of the scenario is left out: its text, and
            what laws and prices tell of it.
    """
    scenario = bench.scenario
    costs, events, problems = _costs(scenario, bench.worlds, reduced.losses, is_part=is_part)
    chosen = {"strategy": bench.strategies, "disruption": bench.disruptions}
    run = record(scenario, chosen, clock, timing, "" if is_part else dump_scenario(scenario))
    check_tables({"summary": reduced.summary, "dependencies": reduced.dependencies, "costs": costs, "events": events})
    warnings = by_weight((*scenario.warnings, *problems))
    return Result(
        log,
        reduced.summary,
        reduced.curves,
        costs,
        events,
        warnings,
        run,
        dependencies=reduced.dependencies,
        catalogue=scenario.catalogue,
    )


def _costs(
    scenario: Scenario, worlds: Mapping[str, World], losses: Mapping[Pair, Losses], *, is_part: bool
) -> tuple[pd.DataFrame, pd.DataFrame, tuple[Problem, ...]]:
    """Return the steady cost per month and the cost of recoveries, over all strategies, and notices of each."""
    # prices are read only where a study ends
    from drsim.study.costs import event_costs, short_rebuilds, steady_table
    from drsim.study.costs.estate import Estate
    from drsim.study.notices import MEASURED, Outlook, foreseen

    outlooks = [Outlook(Estate.of(scenario, world), scenario.drills) for world in worlds.values()]
    steady = [steady_table(outlook.strategy, outlook.bill) for outlook in outlooks]
    events, rebuilds = [], list[Problem]()
    for outlook in outlooks:
        by_disruption = {
            d: pair_losses for (strategy, d), pair_losses in losses.items() if strategy == outlook.strategy
        }
        events.append(event_costs(scenario, worlds[outlook.strategy], by_disruption, outlook.estate))
        rebuilds += short_rebuilds(events[-1])
    notices = foreseen(scenario, outlooks, without=MEASURED) if not is_part else ()
    return pd.concat(steady, ignore_index=True), pd.concat(events, ignore_index=True), (*notices, *rebuilds)
