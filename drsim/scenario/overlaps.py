"""A check that warns of rules of one plan whose start windows overlap, and says what is left.

Source: the developer guide of AWS Backup (plan options), which makes one backup then, that of the longer retention.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from drsim.errors import Edit, Weight
from drsim.laws.schedule import kept_runs, meet
from drsim.scenario.nodes import Loc
from drsim.scenario.plan_checks import cron_of, runs_in_first_year
from drsim.scenario.plans import BackupPlan, Rule
from drsim.scenario.registry import Case, Finding, Repair, check, listed
from drsim.units import MINUTE_S, format_duration

Floats = NDArray[np.float64]


@check("overlapping-rules", warning=Weight.LOSES_MORE)
def overlapping_rules(case: Case) -> Iterator[Finding]:
    """Where start windows of two rules of a plan overlap, only the rule with the longer retention makes a point."""
    for name, plan in case.scenario.backup_plans.items():
        runs = [runs_in_first_year(rule, case.scenario) for rule in plan.rules]
        windows, kept = [rule.start_window for rule in plan.rules], [_kept_s(rule) for rule in plan.rules]
        made = [times[is_made] for times, is_made in zip(runs, kept_runs(runs, windows, kept), strict=True)]
        for i, j in combinations(range(len(plan.rules)), 2):
            winner, loser = (i, j) if kept[i] >= kept[j] else (j, i)
            number = int(np.count_nonzero(meet(runs[loser], windows[loser], made[winner], windows[winner])))
            if number:
                names = plan.rules[loser].rule_name, plan.rules[winner].rule_name
                total, left = len(runs[loser]), len(made[loser])
                found = f"start windows of `{names[0]}` and `{names[1]}` overlap, {number} of {total} a year"
                loc: Loc = ("backup_plans", name, "rules", loser)
                repairs = [*_apart(case, plan, loser, loc), *_otherwise(case, plan, loser, loc, left)]
                others = "" if left == total - number else ", the plan's other rules counted in"
                rest = f"{left or 'none'} a year {'is' if left == 1 else 'are'} left{others}"
                rule = _what_is_left(case, name, plan.rules[loser], plan.rules[winner], rest)
                yield Finding(loc, found, rule, *repairs[0], instead=tuple(repairs[1:]))


def _meet_in_a_year(case: Case, rule: Rule, other: Rule, runs: Floats) -> bool:
    """Return whether start windows of a rule, whose runs are given, meet some of another's in the first year."""
    others = runs_in_first_year(other, case.scenario)
    return bool(meet(runs, rule.start_window, others, other.start_window).any())


def _kept_s(rule: Rule) -> float:
    return math.inf if rule.lifecycle.delete_after is None else rule.lifecycle.delete_after


def _what_is_left(case: Case, plan: str, loser: Rule, winner: Rule, rest: str) -> str:
    """Return what AWS makes of two rules that overlap: of resources that are protected continuously, and of others.

    Args:
        case: the scenario.
        plan: name of the rules' plan.
        loser: the rule that makes no snapshot then.
        winner: the other one.
        rest: how many snapshots of the loser are left, in words.
    """
    names = case.subjects_of.get(plan, {})
    can = [n for n in names if n in case.types and case.types[n].can("continuous", case.scenario.as_of) is True]
    others = [n for n in names if n not in can]
    made = f"AWS then makes no snapshot by `{loser.rule_name}`: {rest}"
    parts = []
    if winner.enable_continuous_backup and can:
        copied = " and the snapshots that it copies" if winner.copy_actions else ", which makes no snapshots"
        parts.append(f"of {listed(can)} there is the continuous backup of `{winner.rule_name}`{copied}")
    elif loser.enable_continuous_backup and can:
        copied = ", without the snapshots that it copies" if loser.copy_actions else ""
        parts.append(f"the continuous backup of {listed(can)} goes on{copied}")
        others = [*others, *can]
    else:
        others = list(names)
    if others or not names:
        whose = f" of {listed(others)}" if parts and others else ""
        parts.append(f"only the snapshot{whose} by `{winner.rule_name}` is made, which is kept longer or stands first")
    return f"{made}; {' and '.join(parts)}"


def _apart(case: Case, plan: BackupPlan, loser: int, loc: Loc) -> Iterator[Repair]:
    """Yield what keeps a rule apart from all others of its plan: shorter start windows, or another hour."""
    rules = list(plan.rules)
    least_s = case.catalogue.rules.start_window_minimum.value
    least = f"{least_s / MINUTE_S:g} min"
    long = [k for k, rule in enumerate(rules) if rule.start_window > least_s]
    short = [rule.model_copy(update={"start_window": min(rule.start_window, least_s)}) for rule in rules]
    if long and _is_clear(case, short, loser):
        names = listed([f"`{rules[k].rule_name}`" for k in long])
        edits = tuple(Edit((*loc[:-1], k, "start_window"), least) for k in long)
        yield Repair(f"write `start_window: {least}` for {names}", edits)
    fields = cron_of(rules[loser])
    if fields is None or rules[loser].every is not None:
        return
    minutes, _, rest = fields.text.removeprefix("cron(").strip().split(maxsplit=2)

    def at(hours: Sequence[int]) -> Repair | None:
        moved = f"cron({minutes} {','.join(map(str, hours))} {rest}"
        moved_rule = rules[loser].model_copy(update={"schedule": moved})
        if not hours or not _is_clear(case, [*rules[:loser], moved_rule, *rules[loser + 1 :]], loser):
            return None
        words = f"write `schedule: {moved}` for `{moved_rule.rule_name}`"
        return Repair(words, (Edit((*loc, "schedule"), moved),))

    if len(fields.hours) > 1:
        tries = [[hour for hour in fields.hours if at([hour]) is not None]]
    else:
        tries = [[(fields.hours[0] + shift) % 24] for shift in range(1, 24)]
    if repair_found := next((repair for hours in tries if (repair := at(hours)) is not None), None):
        yield repair_found


def _otherwise(case: Case, plan: BackupPlan, loser: int, loc: Loc, left: int) -> Iterator[Repair]:
    """Yield what is left to do about a rule for which no other hour has been found.

    Args:
        case: the scenario.
        plan: the rules' plan.
        loser: position of the rule that makes no snapshot.
        loc: its place.
        left: runs of it that do not overlap, in a year.
    """
    losing = plan.rules[loser]
    others = [rule for k, rule in enumerate(plan.rules) if k != loser]
    least_s = case.catalogue.rules.start_window_minimum.value
    window_s = losing.start_window if losing.every is not None else min(losing.start_window, least_s)
    shorter = "" if window_s == losing.start_window else f" with `start_window: {format_duration(window_s)}`"
    if _room_s(case, others) >= window_s:
        yield Repair(f"run `{losing.rule_name}` at other times{shorter}")
        return
    runs = runs_in_first_year(losing, case.scenario)
    met = [rule for rule in others if _meet_in_a_year(case, losing, rule, runs)]
    rarer = f"run {listed([f'`{rule.rule_name}`' for rule in met])} more rarely, and `{losing.rule_name}` in between"
    if left == 0 and not losing.enable_continuous_backup:
        yield Repair(f"leave `{losing.rule_name}` out, which makes no snapshot, or {rarer}", (Edit(loc),))
    yield Repair(rarer)


def _room_s(case: Case, rules: Sequence[Rule]) -> float:
    """Return the longest time between the start windows of rules, in the first year [s]."""
    runs = [runs_in_first_year(rule, case.scenario) for rule in rules]
    begins = np.concatenate(runs)
    ends = np.concatenate(
        [begins_of_rule + rule.start_window for begins_of_rule, rule in zip(runs, rules, strict=True)]
    )
    order = np.argsort(begins, kind="stable")
    latest = np.maximum.accumulate(ends[order])
    return float(np.max(begins[order][1:] - latest[:-1], initial=0.0)) if len(begins) > 1 else math.inf


def _is_clear(case: Case, rules: list[Rule], which: int) -> bool:
    """Return whether the start windows of a rule overlap none of the others'."""
    runs = runs_in_first_year(rules[which], case.scenario)
    return not any(_meet_in_a_year(case, rules[which], other, runs) for k, other in enumerate(rules) if k != which)
