"""When the rules of backup plans run, and for how long the plans have run before the first drill."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drsim.catalogue import Catalogue
from drsim.cron import local_days, parse_cron
from drsim.laws.sampling import ceiling
from drsim.laws.schedule import cron_runs, every_runs, first_of_days, kept_runs, suppression_reach_s
from drsim.scenario import BackupPlan, CopyAction, Lifecycle, Rule, Scenario
from drsim.units import DAY_S, YEAR_S

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MARGIN_S = 30 * DAY_S
"""How much longer a rule has run than its oldest point needs: queues and increments have settled by then."""


@dataclass(frozen=True)
class Runs:
    """The runs of one rule of a plan: those that are made, and all that are scheduled."""

    times_s: Floats
    indices: Ints
    all_times_s: Floats
    all_indices: Ints

    def since(self, begin_s: float) -> Runs:
        """Return the runs that are scheduled at or after a moment [s since start]."""
        return self._picked(self.times_s >= begin_s, self.all_times_s >= begin_s)

    def daily(self, start_epoch_s: float, tz: str) -> Runs:
        """Return the first run of each calendar day of a time zone, of those made and of all.

        Args:
            start_epoch_s: the scenario's start [s since 1970-01-01 UTC].
            tz: IANA name of the zone.
        """
        made, scheduled = (
            first_of_days(local_days(np.floor(times + start_epoch_s).astype(np.int64), tz))
            for times in (self.times_s, self.all_times_s)
        )
        return self._picked(made, scheduled)

    def _picked(self, made: Bools, scheduled: Bools) -> Runs:
        """Return some of the runs that are made, and of all."""
        return Runs(self.times_s[made], self.indices[made], self.all_times_s[scheduled], self.all_indices[scheduled])


def plan_runs(plan: BackupPlan, start_epoch_s: float, lo_s: float, hi_s: float) -> tuple[Runs, ...]:
    """Return the runs of each rule of a plan from `lo_s` to `hi_s` [s since start], overlapping ones suppressed."""
    windows = [rule.start_window for rule in plan.rules]
    reach = suppression_reach_s(windows)
    retentions = [never(rule.lifecycle.delete_after) for rule in plan.rules]
    all_runs = [_rule_runs(rule, start_epoch_s, lo_s - reach, hi_s + reach) for rule in plan.rules]
    kept = kept_runs([times for times, _ in all_runs], windows, retentions)
    of_rules = []
    for (times, indices), keep in zip(all_runs, kept, strict=True):
        within = (times >= lo_s) & (times <= hi_s)
        of_rules.append(Runs(times[within & keep], indices[within & keep], times[within], indices[within]))
    return tuple(of_rules)


def _rule_runs(rule: Rule, start_epoch_s: float, lo_s: float, hi_s: float) -> tuple[Floats, Ints]:
    if rule.every is not None:
        return every_runs(rule.every, lo_s, hi_s + 1.0)
    fields = parse_cron(rule.schedule or "")
    return cron_runs(fields, rule.schedule_timezone, round(start_epoch_s), lo_s, hi_s + 1.0)


def rule_begin_s(rule: Rule, warm_up_s: float | None) -> float:
    """Return since when a rule has run [s since start]: so long that all is there at the start that it keeps.

    What is kept for ever reaches back for its `age`. For what expires it is the longest retention of rule and copies,
    plus the longest path to a copy, plus 30 days.

    Args:
        rule: the rule, whose copies count.
        warm_up_s: for how long the plans have run [s], where the scenario says so; nothing is older.
    """
    kept = [(rule.lifecycle, rule.age), *_kept_copies(rule.copy_actions, rule.lifecycle)]
    path = rule.start_window + rule.completion_window + max(_hops(rule.copy_actions))
    spans = [age_s(age) for lifecycle, age in kept if lifecycle.delete_after is None]
    spans += [
        lifecycle.delete_after + min(path, YEAR_S) + MARGIN_S
        for lifecycle, _ in kept
        if lifecycle.delete_after is not None
    ]
    return -min(max(spans), never(warm_up_s))


def since_s(lifecycle: Lifecycle, age: float | None, warm_up_s: float | None) -> float:
    """Return before which moment nothing is kept under a lifecycle [s since start], -inf where retention says so.

    Args:
        lifecycle: the lifecycle.
        age: how far back reaches what is kept for ever [s], as written.
        warm_up_s: as for `rule_begin_s`.
    """
    return -math.inf if lifecycle.delete_after is not None else -min(age_s(age), never(warm_up_s))


def age_s(age: float | None) -> float:
    """Return how far back reaches what is kept for ever [s]: a year where nothing is written."""
    return YEAR_S if age is None else age


def native_begin_s(keep_s: float, plan_start_s: float) -> float:
    """Return since when a service has protected by itself what it keeps for `keep_s` [s since start]."""
    return max(plan_start_s, -YEAR_S if math.isinf(keep_s) else -keep_s - MARGIN_S)


def warm_up_s(scenario: Scenario, catalogue: Catalogue) -> float:
    """Return for how long any plan has run at the start, at most [s]: as written, else as the oldest rule needs."""
    if scenario.warm_up is not None:
        return scenario.warm_up
    spans = [-rule_begin_s(rule, None) for plan in scenario.backup_plans.values() for rule in plan.rules]
    keeps = [use.retention or 0.0 for strategy in scenario.strategies.values() for use in strategy.features.values()]
    for kind in {r.type for a in scenario.applications.values() for r in a.resources.values()}:
        features = catalogue.types[kind].replication.values()
        keeps += [YEAR_S if f.retention is None else f.retention.value for f in features]
    return max([*spans, *(keep + MARGIN_S for keep in keeps)], default=MARGIN_S)


def _kept_copies(actions: tuple[CopyAction, ...], inherited: Lifecycle) -> list[tuple[Lifecycle, float | None]]:
    """Return lifecycle and age of all copies, those of copies too."""
    kept: list[tuple[Lifecycle, float | None]] = []
    for action in actions:
        lifecycle = action.lifecycle or inherited
        kept += [(lifecycle, action.age), *_kept_copies(action.then, lifecycle)]
    return kept


def _hops(actions: tuple[CopyAction, ...]) -> list[float]:
    """Return the lengths of the paths to copies beyond the backup [s], a copy itself counted as a day."""
    lengths = [0.0]
    for action in actions:
        lengths += [ceiling(action.delay) + DAY_S + rest for rest in _hops(action.then)]
    return lengths


def never(seconds: float | None) -> float:
    """Return a span [s], infinite where it was left out."""
    return math.inf if seconds is None else seconds
