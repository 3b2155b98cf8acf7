"""The rules of the plans as uncertain inputs: intervals and retentions that the user decides, and may yet change."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from drsim.changes.model import Change, Edit
from drsim.changes.reach import Studied
from drsim.changes.rules import COPY_LIFECYCLE, LIFECYCLE, SCHEDULE
from drsim.changes.uncertain import SCENARIO, STEPS, End, Input, Label
from drsim.scenario import Lifecycle, Rule, copies
from drsim.units import HOUR_S, YEAR_S, format_duration
from drsim.world.plans import plan_runs

_EVERY_LEAST_S = HOUR_S
"""The shortest interval of a rule that AWS takes. Source: `ab-plan-options`."""


def rules_of(of: Studied) -> Iterator[tuple[str, int, Rule]]:
    """Yield the rules that apply to anything: plan, number and rule."""
    selecting = {plan for s in of.subjects.values() for plan in of.strategy.plans_of(*s.selectable)}
    written = dict.fromkeys(plan for _, plans in of.strategy.backup for plan in plans)
    for plan in filter(selecting.__contains__, written):
        for number, rule in enumerate(of.scenario.backup_plans[plan].rules):
            yield plan, number, rule


def inputs(of: Studied) -> Iterator[Input]:
    """Yield interval and retention of the rules, and retention of their copies."""
    start = of.scenario.start.timestamp()
    several = len({plan for plan, _, _ in rules_of(of)}) > 1
    for plan, number, rule in rules_of(of):
        of_rule = f"rule {rule.rule_name}" + (f" of {plan}" if several else "")
        times = plan_runs(of.scenario.backup_plans[plan], start, 0.0, YEAR_S)[number].all_times_s
        if len(times) > 1:
            yield _interval(Label("interval", of_rule), plan, number, float(np.median(np.diff(times))))
        yield _rule_retention(of, Label("retention", of_rule), plan, number, rule)
        yield from _copy_retentions(of, plan, number, rule)


def _interval(label: Label, plan: str, number: int, gap_s: float) -> Input:
    def end(factor: float, word: str) -> End | None:
        every_s = max(gap_s * factor, _EVERY_LEAST_S)
        if every_s == gap_s:
            return None
        words = word if every_s == gap_s * factor else "the shortest"
        return End(f"{format_duration(every_s)} ({words})", SCHEDULE.edit(plan, number, every_s))

    low, high = (end(*step) for step in STEPS)
    return Input("plan", label, low, high, SCENARIO, in_costs=True, change=SCHEDULE)


def _rule_retention(of: Studied, label: Label, plan: str, number: int, rule: Rule) -> Input:
    most_s = of.catalogue.rules.continuous_maximum.value if rule.enable_continuous_backup else math.inf
    low, high = _retentions(
        of, rule.lifecycle, rule.target_vault, most_s, lambda life: LIFECYCLE.edit(plan, number, life)
    )
    return _retention(label, low, high, LIFECYCLE)


def _copy_retentions(of: Studied, plan: str, number: int, rule: Rule) -> Iterator[Input]:
    for place, action in copies(rule.copy_actions):
        if action.lifecycle is None:
            continue
        vault = action.destination_vault

        def edit(life: Lifecycle, place: tuple[str | int, ...] = place) -> Edit:
            return COPY_LIFECYCLE.edit(plan, number, place, life)

        low, high = _retentions(of, action.lifecycle, vault, math.inf, edit)
        yield _retention(Label("retention", f"copy of {rule.rule_name} to {vault}"), low, high, COPY_LIFECYCLE)


def _retention(label: Label, low: End | None, high: End | None, change: Change) -> Input:
    return Input("plan", label, low, high, SCENARIO, in_costs=True, change=change)


def _retentions(
    of: Studied, life: Lifecycle, vault: str, most_s: float, edit: Callable[[Lifecycle], Edit]
) -> tuple[End | None, End | None]:
    """Return half and double of a retention, no shorter and no longer than AWS and the vault's lock accept."""
    written, rules = of.scenario.vaults.get(vault), of.catalogue.rules
    least_s = 0.0 if life.cold_storage_after is None else life.cold_storage_after + rules.cold_minimum.value
    if written is not None:
        accepted = written.retentions(rules.air_gapped_minimum.value)
        least_s, most_s = max(least_s, accepted[0]), min(most_s, accepted[1])
    kept_s = life.delete_after

    def end(factor: float, word: str) -> End | None:
        if kept_s is None:
            return None
        to_s = min(max(kept_s * factor, least_s), most_s)
        if to_s == kept_s:
            return None
        words = word if to_s == kept_s * factor else "as far as AWS lets"
        return End(f"{format_duration(to_s)} ({words})", edit(life.model_copy(update={"delete_after": to_s})))

    low, high = (end(*step) for step in STEPS)
    return low, high
