"""When the rules of backup plans run, and for how long the plans have run before the first drill."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drsim.catalogue import Catalogue
from drsim.laws.jobs import ceiling
from drsim.laws.schedule import cron_runs, every_runs, kept_runs, suppression_reach_s
from drsim.scenario import BackupPlan, CopyAction, Lifecycle, Rule, Scenario
from drsim.scenario.cron import parse_cron
from drsim.units import DAY_S, YEAR_S

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Runs:
    """The runs of one rule of a plan: those that are made, and all that are scheduled."""

    times_s: Floats
    indices: Ints
    all_times_s: Floats
    all_indices: Ints


def plan_runs(plan: BackupPlan, start_epoch_s: float, lo_s: float, hi_s: float) -> tuple[Runs, ...]:
    """Return the runs of each rule of a plan from `lo_s` to `hi_s` [s since start], overlapping ones suppressed."""
    windows = [rule.start_window for rule in plan.rules]
    reach = suppression_reach_s(windows)
    retentions = [never(rule.lifecycle.delete_after) for rule in plan.rules]
    all_runs = [_rule_runs(rule, start_epoch_s, lo_s - reach, hi_s + reach) for rule in plan.rules]
    kept = kept_runs([times for times, _ in all_runs], windows, retentions)
    found = []
    for (times, indices), keep in zip(all_runs, kept, strict=True):
        within = (times >= lo_s) & (times <= hi_s)
        found.append(Runs(times[within & keep], indices[within & keep], times[within], indices[within]))
    return tuple(found)


def _rule_runs(rule: Rule, start_epoch_s: float, lo_s: float, hi_s: float) -> tuple[Floats, Ints]:
    if rule.every is not None:
        return every_runs(rule.every, lo_s, hi_s + 1.0)
    fields = parse_cron(rule.schedule or "")
    return cron_runs(fields, rule.schedule_timezone, round(start_epoch_s), lo_s, hi_s + 1.0)


def warm_up_s(scenario: Scenario, catalogue: Catalogue) -> float:
    """Return how long the plans have run at the start [s].

    As written, else the longest finite retention (for ever counts as a year), plus the longest path to a copy, plus
    30 days.
    """
    if scenario.warm_up is not None:
        return scenario.warm_up
    keeps, paths = [0.0], [0.0]
    for plan in scenario.backup_plans.values():
        for rule in plan.rules:
            lifecycles = [rule.lifecycle, *_lifecycles(rule.copy_actions)]
            keeps += [YEAR_S if lc.delete_after is None else lc.delete_after for lc in lifecycles]
            paths += [rule.start_window + rule.completion_window + hop for hop in _hops(rule.copy_actions)]
    for strategy in scenario.strategies.values():
        for use in strategy.replication.values():
            keeps.append(use.retention or 0.0)
    for kind in {r.type for a in scenario.applications.values() for r in a.resources.values()}:
        features = catalogue.types[kind].replication.values()
        keeps += [f.retention.value for f in features if f.retention is not None]
    return max(keeps) + min(max(paths), YEAR_S) + 30 * DAY_S


def _lifecycles(actions: tuple[CopyAction, ...]) -> list[Lifecycle]:
    found: list[Lifecycle] = []
    for action in actions:
        found += [action.lifecycle] if action.lifecycle else []
        found += _lifecycles(action.then)
    return found


def _hops(actions: tuple[CopyAction, ...]) -> list[float]:
    """Return the lengths of the paths to copies beyond the backup [s], a copy itself counted as a day."""
    found = [0.0]
    for action in actions:
        found += [ceiling(action.delay) + DAY_S + rest for rest in _hops(action.then)]
    return found


def never(seconds: float | None) -> float:
    """Return a span [s], infinite where it was left out."""
    return math.inf if seconds is None else seconds
