"""Checks of backup plans and vaults: what AWS refuses.

Sources: the API reference of AWS Backup (BackupRuleInput, Lifecycle), its developer guide (plan options, quotas,
vault lock).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from drsim.scenario.cron import CronError, CronFields, check_backup_cron, occurrences, parse_cron, time_zone
from drsim.scenario.model import Scenario, Site
from drsim.scenario.plans import AIR_GAPPED_MINIMUM_S, Lifecycle, Rule
from drsim.scenario.registry import Case, Finding, PlacedRule, check, listed
from drsim.scenario.source import Loc
from drsim.units import DAY_S, HOUR_S, MINUTE_S, YEAR_S, format_duration

COLD_MINIMUM_S = 90 * DAY_S
CONTINUOUS_MAXIMUM_S = 35 * DAY_S
RETENTION_S = (DAY_S, 36_500 * DAY_S)
START_WINDOW_MINIMUM_S = HOUR_S
RULES_MAXIMUM = 10
COPY_ACTIONS_MAXIMUM = 5


def cron_of(rule: Rule) -> CronFields | None:
    """Return the schedule of a rule, or None where it has none that can be read."""
    try:
        return parse_cron(rule.schedule) if rule.schedule is not None else None
    except CronError:
        return None


def runs_in_first_year(rule: Rule, scenario: Scenario) -> NDArray[np.float64]:
    """Return the runs of a rule in the year from `start` on [s since 1970-01-01 UTC], ascending."""
    lo = int(scenario.start.timestamp())
    if rule.every is not None:
        return np.asarray(lo + np.arange(math.ceil(YEAR_S / rule.every)) * rule.every, dtype=np.float64)
    fields = cron_of(rule)
    try:
        times = occurrences(fields, rule.schedule_timezone, lo, lo + int(YEAR_S)) if fields else np.array([])
    except CronError:
        times = np.array([])
    return np.asarray(times, dtype=np.float64)


def _lifecycles(case: Case) -> Iterator[tuple[Loc, Lifecycle, Rule]]:
    for placed in case.rules:
        yield (*placed.loc, "lifecycle"), placed.rule.lifecycle, placed.rule
    for copy in case.copies:
        if copy.action.lifecycle is not None:
            yield (*copy.loc, "lifecycle"), copy.action.lifecycle, copy.placed.rule


@check("lifecycle-too-short")
def lifecycle_too_short(case: Case) -> Iterator[Finding]:
    """A point that moves to cold storage stays there for 90 days."""
    for loc, lifecycle, _ in _lifecycles(case):
        cold, delete = lifecycle.cold_storage_after, lifecycle.delete_after
        if cold is not None and delete is not None and delete < cold + COLD_MINIMUM_S:
            found = f"points move to cold after {format_duration(cold)} and expire after {format_duration(delete)}"
            least = format_duration(cold + COLD_MINIMUM_S)
            repair = f"write `delete_after: {least}` or more, or leave `cold_storage_after` out"
            yield Finding((*loc, "delete_after"), found, "AWS keeps what is cold for at least 90 d", repair)


@check("retention-out-of-range")
def retention_out_of_range(case: Case) -> Iterator[Finding]:
    """A rule that AWS is to run keeps its points for 1 to 36,500 days."""
    for loc, lifecycle, rule in _lifecycles(case):
        delete = lifecycle.delete_after
        if delete is not None and rule.schedule is not None and not RETENTION_S[0] <= delete <= RETENTION_S[1]:
            found = f"points expire after {format_duration(delete)}"
            repair = "choose 1 d to 36500 d; with `every` instead of `schedule` anything goes"
            yield Finding((*loc, "delete_after"), found, "AWS keeps points for 1 d to 36500 d", repair)


@check("continuous-retention")
def continuous_retention(case: Case) -> Iterator[Finding]:
    """A continuous rule keeps at most 35 days."""
    for placed in case.rules:
        delete = placed.rule.lifecycle.delete_after
        if placed.rule.enable_continuous_backup and (delete is None or delete > CONTINUOUS_MAXIMUM_S):
            kept = "for ever" if delete is None else format_duration(delete)
            found = f"the continuous rule `{placed.rule.rule_name}` keeps {kept}"
            repair = "write `lifecycle: {delete_after: 35 d}` or less; keep longer with a rule of its own"
            loc = (*placed.loc, "lifecycle", "delete_after")
            yield Finding(loc, found, "AWS keeps continuous backups for at most 35 d", repair)


@check("schedule-and-every")
def schedule_and_every(case: Case) -> Iterator[Finding]:
    """A rule runs by a schedule or by an interval."""
    for placed in case.rules:
        if placed.rule.schedule is not None and placed.rule.every is not None:
            found = f"the rule `{placed.rule.rule_name}` has both `schedule` and `every`"
            yield Finding((*placed.loc, "every"), found, "a rule runs by one of them", "remove one")


@check("too-often")
def too_often(case: Case) -> Iterator[Finding]:
    """A rule runs at most once an hour, or once a minute if it is a what-if."""
    for placed in case.rules:
        fields = cron_of(placed.rule)
        refused = check_backup_cron(fields) if fields else None
        if refused:
            repair = "with `every` instead of `schedule`, shorter intervals can be tried"
            yield Finding((*placed.loc, "schedule"), refused, "AWS runs a rule at most once an hour", repair)
        every = placed.rule.every
        if every is not None and every < MINUTE_S:
            found = f"`every` is {format_duration(every)}"
            yield Finding((*placed.loc, "every"), found, "an interval is at least 1 min", "write a longer one")


@check("bad-cron")
def bad_cron(case: Case) -> Iterator[Finding]:
    """A schedule is a cron expression of AWS."""
    for placed in case.rules:
        if placed.rule.schedule is not None:
            try:
                parse_cron(placed.rule.schedule)
            except CronError as error:
                rule = "a schedule is an AWS cron expression of six fields"
                yield Finding((*placed.loc, "schedule"), str(error), rule, "for instance cron(0 5 ? * * *)")


@check("bad-time-zone")
def bad_time_zone(case: Case) -> Iterator[Finding]:
    """A time zone is one of the IANA names."""
    for placed in case.rules:
        try:
            time_zone(placed.rule.schedule_timezone)
        except CronError as error:
            rule = "a time zone is an IANA name"
            yield Finding((*placed.loc, "schedule_timezone"), str(error), rule, "for instance Europe/Berlin")


@check("short-start-window")
def short_start_window(case: Case) -> Iterator[Finding]:
    """The start window of a rule that AWS is to run has at least 60 minutes."""
    for placed in case.rules:
        window = placed.rule.start_window
        if placed.rule.schedule is not None and window < START_WINDOW_MINIMUM_S:
            found = f"the start window of `{placed.rule.rule_name}` is {format_duration(window)}"
            repair = "write `start_window: 60 min` or more; with `every` instead of `schedule` anything goes"
            yield Finding((*placed.loc, "start_window"), found, "AWS takes 60 min or more", repair)


@check("too-many-rules")
def too_many_rules(case: Case) -> Iterator[Finding]:
    """A plan has at most ten rules."""
    for name, plan in case.scenario.backup_plans.items():
        if len(plan.rules) > RULES_MAXIMUM:
            found = f"the plan `{name}` has {len(plan.rules)} rules"
            loc = ("backup_plans", name, "rules", RULES_MAXIMUM)
            yield Finding(loc, found, f"AWS takes at most {RULES_MAXIMUM}", "make two plans; a strategy may use both")


@check("too-many-copy-actions")
def too_many_copy_actions(case: Case) -> Iterator[Finding]:
    """A rule has at most five copy actions."""
    for placed in case.rules:
        number = len(placed.rule.copy_actions)
        if number > COPY_ACTIONS_MAXIMUM:
            found = f"the rule `{placed.rule.rule_name}` has {number} copy actions"
            loc = (*placed.loc, "copy_actions", COPY_ACTIONS_MAXIMUM)
            yield Finding(loc, found, f"AWS takes at most {COPY_ACTIONS_MAXIMUM}", "chain some of them with `then`")


@check("duplicate-rule-name")
def duplicate_rule_name(case: Case) -> Iterator[Finding]:
    """The names of a plan's rules differ."""
    seen: set[tuple[str, str]] = set()
    for placed in case.rules:
        key = (placed.plan_name, placed.rule.rule_name)
        if key in seen:
            found = f"two rules of the plan `{placed.plan_name}` are called `{placed.rule.rule_name}`"
            yield Finding((*placed.loc, "rule_name"), found, "the names of a plan's rules differ", "rename one")
        seen.add(key)


@check("copy-into-same-vault")
def copy_into_same_vault(case: Case) -> Iterator[Finding]:
    """A copy goes into another vault than the one it comes from."""
    for copy in case.copies:
        if copy.action.destination_vault == copy.source_vault:
            found = f"points of the vault `{copy.source_vault}` are copied into it"
            loc = (*copy.loc, "destination_vault")
            yield Finding(loc, found, "a copy goes into another vault", "name another vault")
        elif copy.action.destination_vault == copy.placed.rule.target_air_gapped_vault:
            found = f"points of the air-gapped vault `{copy.action.destination_vault}` are copied into it"
            loc = (*copy.loc, "destination_vault")
            yield Finding(loc, found, "the rule's points lie there already", "remove the copy action")


@check("air-gapped-target")
def air_gapped_target(case: Case) -> Iterator[Finding]:
    """A primary target that is air-gapped lies in the account and Region of the rule's other vault and resources."""
    for placed in case.rules:
        name, loc = placed.rule.target_air_gapped_vault, (*placed.loc, "target_air_gapped_vault")
        vault = case.scenario.vaults.get(name or "")
        if name is None or vault is None:
            continue
        if vault.lock != "air-gapped":
            found, rule = f"the vault `{name}` has the lock `{vault.lock}`", "the primary target is an air-gapped vault"
            yield Finding(loc, found, rule, "write `lock: air-gapped`, or remove the key")
        elif name == placed.rule.target_vault:
            found = f"the vault `{name}` is `target_vault`, too"
            rule = "what cannot be written there at once needs an ordinary vault before"
            yield Finding(loc, found, rule, "name an ordinary vault as `target_vault`")
        elif others := _elsewhere(case, placed, case.scenario.sites.get(vault.site or "")):
            found = f"the vault `{name}` lies in another Region or account than {listed(others)}"
            rule = "AWS takes an air-gapped vault of the same account and Region"
            yield Finding(loc, found, rule, "copy into that vault with `copy_actions`")


def _elsewhere(case: Case, placed: PlacedRule, site: Site | None) -> list[str]:
    """Return what a rule has in another Region or account than a site: its vault, its resources."""
    if site is None:
        return []  # the vault lies with each resource
    vault = case.scenario.vaults.get(placed.rule.target_vault)
    sites = {f"the vault `{placed.rule.target_vault}`": vault.site} if vault and vault.site else {}
    for name in case.subjects_of[placed.plan_name]:
        sites[name] = case.scenario.applications[case.subjects[name].application].site
    known = {name: case.scenario.sites[at] for name, at in sites.items() if at in case.scenario.sites}
    return [name for name, at in known.items() if (at.region, at.account) != (site.region, site.account)]


@check("delete-after-event")
def delete_after_event(case: Case) -> Iterator[Finding]:
    """What goes once it is copied has copies."""
    for placed in case.rules:
        if placed.rule.lifecycle.delete_after_event is not None and not placed.rule.copy_actions:
            yield _without_copies((*placed.loc, "lifecycle"), f"`{placed.rule.rule_name}` has no copy actions")
    for copy in case.copies:
        written = copy.action.lifecycle
        if written is not None and written.delete_after_event is not None and not copy.action.then:
            found = f"the copy into `{copy.action.destination_vault}` is not copied on"
            yield _without_copies((*copy.loc, "lifecycle"), found)


def _without_copies(loc: Loc, found: str) -> Finding:
    rule = "a point goes when all its copies are completed; without copies it never would, or at once"
    return Finding((*loc, "delete_after_event"), found, rule, "write a copy, or `delete_after` instead")


@check("vault-retention")
def vault_retention(case: Case) -> Iterator[Finding]:
    """The retentions that a vault lock accepts are a range, which begins at 7 days where the vault is air-gapped."""
    for name, vault in case.scenario.vaults.items():
        low, high = vault.min_retention, vault.max_retention
        if low is not None and high is not None and low > high:
            found = f"the vault `{name}` accepts {format_duration(low)} to {format_duration(high)}"
            yield Finding(
                ("vaults", name, "max_retention"),
                found,
                "the longest retention is not below the shortest",
                "exchange them",
            )
        if vault.lock == "air-gapped" and low is not None and low < AIR_GAPPED_MINIMUM_S:
            found = f"the air-gapped vault `{name}` accepts {format_duration(low)}"
            yield Finding(
                ("vaults", name, "min_retention"),
                found,
                "AWS wants at least 7 d there",
                "write `min_retention: 7 d` or more",
            )
        if vault.lock == "none" and (low is not None or high is not None):
            found = f"the vault `{name}` has no lock and yet a range of retentions"
            loc = ("vaults", name)
            yield Finding(
                loc, found, "only a locked vault refuses retentions", "write `lock: governance`, or leave it out"
            )
