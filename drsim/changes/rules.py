"""Backup rules: when they run, how long points are kept and where copies of them go."""

from __future__ import annotations

import math
from collections.abc import Iterator

from drsim.catalogue.model import ResourceType, Rules
from drsim.changes import edits
from drsim.changes.knob import FOR_EVER, NEVER, Knob, Target, plans_of, scale, seconds, spelt
from drsim.changes.model import Change, Edit, ScenarioChange
from drsim.cron import CronError, occurrences, parse_cron
from drsim.scenario import CopyAction, Lifecycle, Rule, Scenario, copies, subjects
from drsim.scenario.plans import RETENTIONS_S, Scan
from drsim.units import DAY_S, HOUR_S, YEAR_S, format_duration

OFF, ON = "off", "on"
_SCANS = {OFF: None, "incremental": Scan(mode="incremental"), "full": Scan(mode="full")}
AS_RULE, NO_COPY = "as the rule", "no copy"

_EVERY_S = (
    *(k * HOUR_S for k in (1, 2, 4, 6, 8, 12)),
    *(k * DAY_S for k in (1, 2, 7, 30)),
)
_WINDOWS_S = tuple(k * HOUR_S for k in (1, 2, 4, 8, 12, 24))
_COLD_S = tuple(k * DAY_S for k in (1, 7, 14, 30, 60, 90, 180))


def _runs_every(plan: str, number: int, every_s: float) -> Edit:
    return edits.on_rule(plan, number, every=every_s, schedule=None)


def _starts_within(plan: str, number: int, window_s: float) -> Edit:
    return edits.on_rule(plan, number, start_window=window_s)


def _with_lifecycle(plan: str, number: int, **values: float | None) -> Edit:
    """Return the edit of some values of a rule's lifecycle; infinity is never."""

    def changed(rule: Rule) -> Rule:
        return rule.model_copy(update={"lifecycle": _lived(rule.lifecycle, **values)})

    return edits.in_rule(plan, number, changed)


def _lived(lifecycle: Lifecycle, **values: float | None) -> Lifecycle:
    written = {key: None if value is None or math.isinf(value) else value for key, value in values.items()}
    return lifecycle.model_copy(update=written)


def _kept_for(plan: str, number: int, kept_s: float) -> Edit:
    return _with_lifecycle(plan, number, delete_after=kept_s)


def _cold_after(plan: str, number: int, age_s: float) -> Edit:
    return _with_lifecycle(plan, number, cold_storage_after=age_s)


def _is_continuous(plan: str, number: int, choice: bool) -> Edit:  # noqa: FBT001  it is what is chosen
    return edits.on_rule(plan, number, enable_continuous_backup=choice)


def _scanned(plan: str, number: int, choice: str) -> Edit:
    """Return the edit of the scans of a rule's points: `OFF`, or a mode."""
    return edits.on_rule(plan, number, scan=_SCANS[choice])


def _copied(plan: str, number: int, vault: str, kept: float | str) -> Edit:
    """Return the edit of the first copy of a rule into a vault.

    Args:
        plan: name of the plan.
        number: of the rule in it.
        vault: that receives the copies.
        kept: how long copies are kept [s], infinity for ever; or `AS_RULE`, `NO_COPY`.
    """

    def kept_so(action: CopyAction) -> CopyAction:
        if isinstance(kept, str):
            return action.model_copy(update={"lifecycle": None})
        return action.model_copy(update={"lifecycle": _lived(action.lifecycle or Lifecycle(), delete_after=kept)})

    def changed(rule: Rule) -> Rule:
        place = next((at for at, action in copies(rule.copy_actions) if action.destination_vault == vault), None)
        if place is not None:
            actions = edits.in_copies(rule.copy_actions, place, None if kept == NO_COPY else kept_so)
        elif kept == NO_COPY:
            return rule
        else:
            action = CopyAction(destination_vault=vault)
            actions = (*rule.copy_actions, action if kept == AS_RULE else kept_so(action))
        return rule.model_copy(update={"copy_actions": actions})

    return edits.in_rule(plan, number, changed)


def _rule_overridden(plan: str, number: int, parameter: str, value: object) -> Edit:
    def changed(rule: Rule) -> Rule:
        return rule.model_copy(update={"overrides": {**rule.overrides, parameter: value}})

    return edits.in_rule(plan, number, changed)


def _copy_overridden(plan: str, number: int, place: edits.CopyPlace, parameter: str, value: object) -> Edit:
    def changed(action: CopyAction) -> CopyAction:
        return action.model_copy(update={"overrides": {**action.overrides, parameter: value}})

    return edits.in_copy(plan, number, place, changed)


SCHEDULE = ScenarioChange("rule.schedule", "rule", "how often a rule runs", _runs_every, _EVERY_S)
START_WINDOW = ScenarioChange("rule.start-window", "rule", "how long a job may wait", _starts_within, _WINDOWS_S)
RETENTION = ScenarioChange("rule.retention", "rule", "how long points are kept", _kept_for, (*RETENTIONS_S, math.inf))
COLD_STORAGE = ScenarioChange("rule.cold-storage", "rule", "when points turn cold", _cold_after, (*_COLD_S, math.inf))
CONTINUOUS = ScenarioChange("rule.continuous", "rule", "continuous protection", _is_continuous, (False, True))
SCAN = ScenarioChange("rule.scan", "rule", "malware scans of points", _scanned, tuple(_SCANS))
COPY = ScenarioChange("rule.copy", "rule", "copies into another vault", _copied, (NO_COPY, *RETENTIONS_S, math.inf))
LIFECYCLE = ScenarioChange("rule.lifecycle", "rule", "the lifecycle of points", edits.rule_lifecycle)
COPY_LIFECYCLE = ScenarioChange("rule.copy-lifecycle", "rule", "the lifecycle of copies", edits.copy_lifecycle)
COPY_DELAY = ScenarioChange("rule.copy-delay", "rule", "the wait before a copy", edits.copy_delay)
RULE_LAW = ScenarioChange("rule.law", "rule", "a parameter of a rule's jobs", _rule_overridden)
COPY_LAW = ScenarioChange("rule.copy-law", "rule", "a parameter of a copy's jobs", _copy_overridden)

CHANGES: tuple[Change, ...] = (
    *(SCHEDULE, START_WINDOW, RETENTION, COLD_STORAGE, CONTINUOUS, SCAN, COPY, LIFECYCLE),
    *(COPY_LIFECYCLE, COPY_DELAY, RULE_LAW, COPY_LAW),
)


def knobs(scenario: Scenario, strategy: str) -> Iterator[Knob]:
    """Yield what can be chosen of the rules of a strategy."""
    for plan in plans_of(scenario.strategies[strategy]):
        for number, rule in enumerate(scenario.backup_plans[plan].rules):
            yield _schedule_knob(scenario, plan, number, rule)
            yield from _rule_knobs(scenario.catalogue.rules, plan, number, rule)
            if any(kind.scans_malware(scenario.as_of) for kind in _types(scenario)):
                yield _scan_knob(plan, number, rule)
            for vault in scenario.vaults:
                if vault not in (rule.target_vault, rule.target_air_gapped_vault):
                    yield _copy_knob(plan, number, rule, vault)


def _schedule_knob(scenario: Scenario, plan: str, number: int, rule: Rule) -> Knob:
    least = format_duration(scenario.catalogue.rules.interval_minimum.value)
    about = f"An interval instead of the schedule; AWS takes no shorter ones than {least}."
    if rule.schedule is not None:
        about += f" The schedule's times are {rule.schedule_timezone}."

    def edit(target: Target, text: str) -> Edit:
        return SCHEDULE.edit(target.plan, number, seconds(text))

    key, owner, (present, options) = f"rule/{plan}/{number}/every", (plan, rule.rule_name), _intervals(scenario, rule)
    return Knob(SCHEDULE, key, owner, "Schedule", present, options, edit, about=about, plan=plan)


def _intervals(scenario: Scenario, rule: Rule) -> tuple[str, tuple[str, ...]]:
    """Return how often a rule runs, and how often it might; a schedule stands among intervals of about its own."""
    if rule.every is not None:
        return scale(rule.every, _EVERY_S)
    text = rule.schedule or ""
    try:
        start = int(scenario.start.timestamp())
        runs = len(occurrences(parse_cron(text), rule.schedule_timezone, start, start + int(YEAR_S)))
    except CronError:
        runs = 0
    mean_s = YEAR_S / runs if runs else math.inf
    # a schedule of about a day stands before the interval of a day
    shorter = [s for s in _EVERY_S if s < 0.999 * mean_s]
    return text, (*map(spelt, shorter), text, *(spelt(s) for s in _EVERY_S[len(shorter) :]))


def _rule_knobs(limits: Rules, plan: str, number: int, rule: Rule) -> Iterator[Knob]:
    key, owner, lifecycle = f"rule/{plan}/{number}", (plan, rule.rule_name), rule.lifecycle

    def timed(change: ScenarioChange[str, int, float], name: str, label: str, options: Options, about: str) -> Knob:
        def edit(target: Target, text: str) -> Edit:
            return change.edit(target.plan, number, seconds(text))

        return Knob(change, f"{key}/{name}", owner, label, *options, edit, about=about, plan=plan)

    def continuous(target: Target, text: str) -> Edit:
        return CONTINUOUS.edit(target.plan, number, text == ON)

    window, kept = scale(rule.start_window, _WINDOWS_S), scale(_never(lifecycle.delete_after), RETENTIONS_S, FOR_EVER)
    cold = scale(_never(lifecycle.cold_storage_after), _COLD_S, NEVER)
    yield timed(START_WINDOW, "start_window", "Start window", window, "A job not started by then expires.")
    yield timed(RETENTION, "delete_after", "Kept for", kept, "")
    about = f"Cold points stay cold for {format_duration(limits.cold_minimum.value)} at least."
    yield timed(COLD_STORAGE, "cold_storage_after", "To cold storage after", cold, about)
    most = format_duration(limits.continuous_maximum.value)
    about = f"For types that can; others get snapshots at the schedule. Kept for {most} at most."
    present = ON if rule.enable_continuous_backup else OFF
    yield Knob(
        CONTINUOUS, f"{key}/continuous", owner, "Continuous", present, (OFF, ON), continuous, about=about, plan=plan
    )


def _types(scenario: Scenario) -> list[ResourceType]:
    """Return the types of the resources of a scenario."""
    return [scenario.catalogue.type_of(subject.resource) for subject in subjects(scenario).values()]


def _scan_knob(plan: str, number: int, rule: Rule) -> Knob:
    def edit(target: Target, text: str) -> Edit:
        return SCAN.edit(target.plan, number, text)

    present = OFF if rule.scan is None else rule.scan.mode
    about = "For malware, of types that can; what is flagged need not be looked at in the search for a clean point."
    key, owner = f"rule/{plan}/{number}/scan", (plan, rule.rule_name)
    return Knob(SCAN, key, owner, "Scans", present, tuple(_SCANS), edit, ordered=False, about=about, plan=plan)


Options = tuple[str, tuple[str, ...]]
"""The present value and all that can be chosen."""


def _never(value: float | None) -> float:
    return math.inf if value is None else value


def _copy_knob(plan: str, number: int, rule: Rule, vault: str) -> Knob:
    action = next((a for _, a in copies(rule.copy_actions) if a.destination_vault == vault), None)
    present, options = NO_COPY, (NO_COPY, *map(spelt, RETENTIONS_S), FOR_EVER)
    if action is not None and action.lifecycle is None:
        present, options = AS_RULE, (NO_COPY, AS_RULE, *map(spelt, RETENTIONS_S), FOR_EVER)
    elif action is not None and action.lifecycle is not None:
        present, choices = scale(_never(action.lifecycle.delete_after), RETENTIONS_S, FOR_EVER)
        options = (NO_COPY, *choices)

    def edit(target: Target, text: str) -> Edit:
        return COPY.edit(target.plan, number, vault, text if text in (NO_COPY, AS_RULE) else seconds(text))

    label, about = f"Copies to {vault}", "How long the copies are kept."
    key, owner = f"rule/{plan}/{number}/copy/{vault}", (plan, rule.rule_name)
    return Knob(COPY, key, owner, label, present, options, edit, about=about, plan=plan)
