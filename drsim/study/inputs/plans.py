"""The rules of the plans and the sizes of the estate: what the user decides or knows, and may yet change."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from drsim.distributions import Distribution
from drsim.scenario import Lifecycle, Rule, copies
from drsim.scenario.subjects import application_of
from drsim.study import edits
from drsim.study.edits import Edit
from drsim.study.inputs.model import SCENARIO, End, Input, ends_of, show
from drsim.study.inputs.reach import Studied
from drsim.units import HOUR_S, YEAR_S, format_duration, format_size
from drsim.world.plans import plan_runs

_EVERY_LEAST_S = HOUR_S
"""The shortest interval of a rule that AWS takes. Source: `ab-plan-options`."""

_STEPS = ((0.5, "half"), (2.0, "double"))


def rules_of(of: Studied) -> Iterator[tuple[str, int, Rule]]:
    """Yield the rules that apply to anything: plan, number and rule."""
    used = {plan for s in of.subjects.values() for plan in of.strategy.plans_of(*s.selectable)}
    written = dict.fromkeys(plan for _, plans in of.strategy.backup for plan in plans)
    for plan in filter(used.__contains__, written):
        for number, rule in enumerate(of.scenario.backup_plans[plan].rules):
            yield plan, number, rule


def rule_value(plan: str, number: int, key: str) -> Callable[[object], Edit]:
    """Return what puts a value into a rule."""
    return lambda value: edits.on_rule(plan, number, lambda rule: rule.model_copy(update={key: value}))


def copy_value(plan: str, number: int, place: tuple[str | int, ...], key: str) -> Callable[[object], Edit]:
    """Return what puts a value into a copy action."""
    return lambda value: edits.on_copy(plan, number, place, lambda action: action.model_copy(update={key: value}))


def plans(of: Studied) -> Iterator[Input]:
    """Yield interval and retention of the rules, and retention of their copies and of native features."""
    start = of.scenario.start.timestamp()
    several = len({plan for plan, _, _ in rules_of(of)}) > 1
    for plan, number, rule in rules_of(of):
        label = f"rule {rule.rule_name}" + (f" of {plan}" if several else "")
        times = plan_runs(of.scenario.backup_plans[plan], start, 0.0, YEAR_S)[number].all_times_s
        if len(times) > 1:
            yield _interval(f"{label}: interval", plan, number, float(np.median(np.diff(times))))
        most_s = of.catalogue.rules.continuous_maximum.value if rule.enable_continuous_backup else math.inf
        edit = rule_value(plan, number, "lifecycle")
        yield _retention(of, f"{label}: retention", rule.lifecycle, rule.target_vault, most_s, edit)
        for place, action in copies(rule.copy_actions):
            if action.lifecycle is not None:
                to = action.destination_vault
                edit = copy_value(plan, number, place, "lifecycle")
                yield _retention(
                    of, f"copy of {rule.rule_name} to {to}: retention", action.lifecycle, to, math.inf, edit
                )
    for selector, use in of.strategy.features.items():
        if use.retention is not None:
            yield _window(of, selector, f"{selector}, {use.feature}: retention", use.retention)


def _interval(name: str, plan: str, number: int, gap_s: float) -> Input:
    def end(by: float, word: str) -> End | None:
        every = max(gap_s * by, _EVERY_LEAST_S)
        if every == gap_s:
            return None
        edit = edits.on_rule(plan, number, lambda rule: rule.model_copy(update={"every": every, "schedule": None}))
        return End(f"{format_duration(every)} ({word if every == gap_s * by else 'the shortest'})", edit)

    low, high = (end(*step) for step in _STEPS)
    return Input("plan", name, low, high, SCENARIO, in_costs=True)


def _retention(
    of: Studied, name: str, life: Lifecycle, vault: str, most_s: float, edit: Callable[[Lifecycle], Edit]
) -> Input:
    """Return a retention as an input, no shorter and no longer than AWS and the vault's lock accept."""
    written, rules = of.scenario.vaults.get(vault), of.catalogue.rules
    least_s = 0.0 if life.cold_storage_after is None else life.cold_storage_after + rules.cold_minimum.value
    if written is not None:
        accepted = written.retentions(rules.air_gapped_minimum.value)
        least_s, most_s = max(least_s, accepted[0]), min(most_s, accepted[1])
    kept = life.delete_after

    def end(by: float, word: str) -> End | None:
        if kept is None:
            return None
        to = min(max(kept * by, least_s), most_s)
        if to == kept:
            return None
        said = word if to == kept * by else "as far as AWS lets"
        return End(f"{format_duration(to)} ({said})", edit(life.model_copy(update={"delete_after": to})))

    low, high = (end(*step) for step in _STEPS)
    return Input("plan", name, low, high, SCENARIO, in_costs=True)


def _window(of: Studied, selector: str, name: str, kept: float) -> Input:
    """Return the retention of a native feature as an input."""

    def end(by: float, word: str) -> End:
        edit = edits.on_replication(of.world.strategy, selector, retention=kept * by)
        return End(f"{format_duration(kept * by)} ({word})", edit)

    low, high = (end(*step) for step in _STEPS)
    return Input("plan", name, low, high, SCENARIO, in_costs=True)


def estate(of: Studied) -> Iterator[Input]:
    """Yield sizes and change rates: of the subject's own application one by one, of all others together."""
    apart = [[n] for n in of.subjects if application_of(n) == of.application]
    others = [n for n in of.subjects if application_of(n) != of.application]
    groups = [*apart, others] if others else apart
    for names in groups:
        yield _size(of, names)
    by_type: dict[str, list[str]] = {}
    for name, subject in of.subjects.items():
        if subject.resource.change_rate is None:
            by_type.setdefault(subject.resource.type, []).append(name)
    for kind, names in by_type.items():
        leaf = of.catalogue.types[kind].change_rate
        low, high = ends_of(leaf.value, "change-rate", _changing(names))
        moved = bool(of.moving(names))
        label, known, own = f"{kind}: change rate", (leaf.basis, leaf.source), tuple(names)
        yield Input("estate", label, low, high, *known, moved, in_costs=True, parameter="change_rate", resources=own)
    for names in groups:
        written = [n for n in names if of.subjects[n].resource.change_rate]
        if written:
            yield _change_rate(of, written)


def _changing(names: Sequence[str]) -> Callable[[Distribution], Edit]:
    def edit(value: Distribution) -> Edit:
        rate = min(1.0, value.mean)
        return edits.on_resources(names, lambda resource: resource.model_copy(update={"change_rate": rate}))

    return edit


def _size(of: Studied, names: Sequence[str]) -> Input:
    def end(by: float, word: str) -> End:
        edit = edits.on_resources(
            names,
            lambda r: r.model_copy(
                update={"size": r.size * by, "objects": None if r.objects is None else r.objects * by}
            ),
        )
        value = format_size(by * of.subjects[names[0]].resource.size)
        return End(f"{value} ({word})" if len(names) == 1 else word, edit)

    low, high = (end(*step) for step in _STEPS)
    name = f"{names[0]}: size" if len(names) == 1 else "size of all other resources"
    # a restore takes longer, too
    moved = bool(of.moving(names)) or any(application_of(n) in of.reach.applications for n in names)
    return Input("estate", name, low, high, SCENARIO, in_drills=moved, in_costs=True)


def _change_rate(of: Studied, names: Sequence[str]) -> Input:
    def changed(rate: float | None, by: float) -> float | None:
        return None if rate is None else min(1.0, rate * by)

    def end(by: float, word: str) -> End:
        edit = edits.on_resources(names, lambda r: r.model_copy(update={"change_rate": changed(r.change_rate, by)}))
        value = changed(of.subjects[names[0]].resource.change_rate, by) or 0.0
        return End(f"{show(value, 'change-rate')} ({word})" if len(names) == 1 else word, edit)

    low, high = (end(*step) for step in _STEPS)
    name = f"{names[0]}: change rate" if len(names) == 1 else "change rates of all other resources"
    return Input("estate", name, low, high, SCENARIO, in_drills=bool(of.moving(names)), in_costs=True)
