"""The results of single strategies as the one of a study of them together."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from drsim.errors import Problem, by_weight
from drsim.scenario import Scenario, dump_scenario
from drsim.study.incidents import NotKept, stacked
from drsim.study.record import clock_record, record
from drsim.study.reduction import below
from drsim.study.results import Result, check_definitions


def joined(scenario: Scenario, results: Sequence[Result], notices: Sequence[Problem] | None = None) -> Result:
    """Return the results of single strategies, all of the same drills, as the one of a study of them together.

    A strategy's result depends on no other strategy, so that it is the same as if they had been run in one study, but
    for the incidents, which are not kept.

    Args:
        scenario: with all strategies of the results and the drills and seed of the study.
        results: in the scenario's order, each of `run` with one of its strategies and all disruptions.
        notices: of the scenario, by `drsim.study.notices.notices`; None for those that the results have.

    Raises:
        InputError: they have other definitions than this version's.
    """
    records = [result.run for result in results]
    check_definitions(*records)
    chosen = {
        "strategy": tuple(name for run in records for name in run["strategies"]),
        "disruption": tuple(records[0]["disruptions"]),
    }
    pairs = [(s, d) for s in chosen["strategy"] for d in chosen["disruption"]]
    reasons = {
        (slow["strategy"], slow["disruption"]): slow["why"]
        for run in records
        for slow in run["clock"]["on_process_clock"]
    }
    clock = clock_record(records[0]["clock"]["asked"], pairs, reasons)
    times = [run["timing"] for run in records]
    timing = {name: round(sum(seconds[name] for seconds in times), 3) for name in times[0]}
    return Result(
        NotKept(),
        pd.concat([result.summary for result in results], ignore_index=True),
        stacked([result.curves for result in results]),
        pd.concat([result.costs for result in results], ignore_index=True),
        pd.concat([result.events for result in results], ignore_index=True),
        _warnings(scenario, results, chosen["strategy"], notices),
        record(scenario, chosen, clock, timing, dump_scenario(scenario)),
        dependencies=below([result.dependencies for result in results]),
        catalogue=scenario.catalogue,
    )


def _warnings(
    scenario: Scenario, results: Sequence[Result], strategies: Sequence[str], notices: Sequence[Problem] | None
) -> tuple[Problem, ...]:
    """Return what is to be said of all strategies: what their drills tell names its strategy, all else is said anew."""
    from drsim.study.notices import together  # prices are read only where a study ends

    problems = [problem for result in results for problem in result.warnings]
    if notices is None:
        notices = together([problem for problem in problems if problem.under], strategies)
    of_drills = [problem for problem in problems if not (problem.under or problem.line)]
    return by_weight((*scenario.warnings, *notices, *of_drills))
