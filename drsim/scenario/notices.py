"""Checks that warn: what AWS accepts and then ignores or suppresses, and what a reader of results should know.

Sources: the developer guide of AWS Backup (feature availability, plan options, copies, vault lock).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from drsim.cron import local_days
from drsim.errors import Edit, Weight
from drsim.scenario.capabilities import can_copy, copy_needs
from drsim.scenario.nodes import Loc
from drsim.scenario.plan_checks import runs_in_first_year, whole_days
from drsim.scenario.plans import Lifecycle
from drsim.scenario.registry import Case, Finding, PlacedCopy, PlacedRule, Repair, by_type, check, listed
from drsim.units import DAY_S, format_duration

SINGLE_ACTION = "single-action-copy"


def _refused(case: Case, *, single_action: bool) -> Iterator[tuple[PlacedCopy, str, bool | None, list[str]]]:
    """Yield copy action, type, whether AWS makes the copy (False or None), and resources, where it may not.

    Args:
        case: the scenario.
        single_action: whether to yield what fails only because it changes Region and account at once, or the rest.
    """
    on = case.scenario.as_of
    for copy in case.copies:
        for kind, subjects in by_type(case, case.subjects_of[copy.placed.plan_name]):
            homes: dict[str, list[str]] = {}
            for subject in subjects:
                homes.setdefault(case.scenario.applications[case.subjects[subject].application].site, []).append(
                    subject
                )
            answers: dict[bool | None, list[str]] = {}
            for home, there in homes.items():
                ends = case.ends_of(copy, home)
                others = [kind.can(need, on) for need in copy_needs(*ends) if need != SINGLE_ACTION]
                only_single = SINGLE_ACTION in copy_needs(*ends) and all(others) and not kind.can(SINGLE_ACTION, on)
                if only_single == single_action:
                    answers.setdefault(can_copy(kind, *ends, on), []).extend(there)
            yield from ((copy, kind.label, answer, names) for answer, names in answers.items() if not answer)


@check("copy-ignored", warning=Weight.LOSES_MORE)
def copy_ignored(case: Case) -> Iterator[Finding]:
    """A copy action does nothing for a type that cannot be copied so."""
    for copy, name, answer, subjects in _refused(case, single_action=False):
        word = "may not be" if answer is None else "is not"
        found = f"the copy into `{copy.action.destination_vault}` {word} supported for {name} ({listed(subjects)})"
        yield Finding(copy.loc, found, "AWS then makes no copy of it; other types are copied")


@check("single-action-copy", warning=Weight.LOSES_MORE)
def single_action_copy(case: Case) -> Iterator[Finding]:
    """A copy to another Region and account at once does nothing for a type that takes two actions for it."""
    for copy, name, _, subjects in _refused(case, single_action=True):
        found = f"the copy of {name} ({listed(subjects)}) changes Region and account at once"
        rule = f"AWS makes no such copy of {name} on {case.scenario.as_of or 'any day'}"
        yield Finding(copy.loc, found, rule, "chain two copies with `then`")


@check("target-vault-elsewhere", warning=Weight.MISLEADS)
def target_vault_elsewhere(case: Case) -> Iterator[Finding]:
    """A rule backs up into a vault of the resource's own Region and account; elsewhere takes a copy."""
    for placed in case.rules:
        vault = case.scenario.vaults.get(placed.rule.target_vault)
        site = case.scenario.sites.get(vault.site) if vault and vault.site else None
        if site is None:
            continue
        there = []
        # what stands on premises has no vault beside it: its gateway is joined to an account, in whatever Region
        for name in case.subjects_of[placed.plan_name]:
            home = case.scenario.sites.get(case.scenario.applications[case.subjects[name].application].site)
            region = site.region if home and home.on_premises else home and home.region
            if home and (region, home.account) != (site.region, site.account):
                there.append(name)
        if there:
            found = f"the vault `{placed.rule.target_vault}` lies in another Region or account than {listed(there)}"
            rule = "AWS backs up only into a vault beside the resource; here the points appear there at once"
            repair = "back up into a vault beside the resource, and copy from there"
            yield Finding((*placed.loc, "target_vault"), found, rule, repair)


@check("air-gapped-ignored", warning=Weight.LOSES_MORE)
def air_gapped_ignored(case: Case) -> Iterator[Finding]:
    """A rule that backs up into an air-gapped vault leaves the points of a type without it in an ordinary vault."""
    for placed in case.rules:
        key = "target_vault" if placed.rule.target_air_gapped_vault is None else "target_air_gapped_vault"
        target = placed.rule.target_air_gapped_vault or placed.rule.target_vault
        vault = case.scenario.vaults.get(target)
        if vault is None or vault.lock != "air-gapped":
            continue
        for kind, subjects in by_type(case, case.subjects_of[placed.plan_name]):
            if not kind.can("air-gapped-vault", case.scenario.as_of):
                found = f"the air-gapped vault `{target}` does not take {kind.label} ({listed(subjects)})"
                yield Finding((*placed.loc, key), found, "its points stay in an ordinary, unlocked vault")


@check("cold-ignored", warning=Weight.COSTS)
def cold_ignored(case: Case) -> Iterator[Finding]:
    """A move to cold storage does nothing for a type without it."""
    moves: list[tuple[str, Loc, Lifecycle]] = [
        (placed.plan_name, (*placed.loc, "lifecycle"), placed.rule.lifecycle) for placed in case.rules
    ]
    moves += [(c.placed.plan_name, (*c.loc, "lifecycle"), c.action.lifecycle or Lifecycle()) for c in case.copies]
    for plan, loc, lifecycle in moves:
        if lifecycle.cold_storage_after is None:
            continue
        for kind, subjects in by_type(case, case.subjects_of[plan]):
            if not kind.can("cold-storage", case.scenario.as_of):
                found = f"the move to cold storage is not supported for {kind.label} ({listed(subjects)})"
                yield Finding((*loc, "cold_storage_after"), found, "AWS leaves these points in warm storage")


@check("continuous-ignored", warning=Weight.LOSES_MORE)
def continuous_ignored(case: Case) -> Iterator[Finding]:
    """A continuous rule makes snapshots of a type without continuous backup."""
    for placed in case.rules:
        if placed.rule.enable_continuous_backup:
            for kind, subjects in by_type(case, case.subjects_of[placed.plan_name]):
                if not kind.can("continuous", case.scenario.as_of):
                    found = f"continuous backup is not supported for {kind.label} ({listed(subjects)})"
                    loc = (*placed.loc, "enable_continuous_backup")
                    yield Finding(loc, found, "AWS makes snapshots of it at the rule's schedule")


@check("two-continuous-rules", warning=Weight.LOSES_MORE)
def two_continuous_rules(case: Case) -> Iterator[Finding]:
    """One continuous rule protects a resource; the others make snapshots or are merged into it."""
    seen: set[tuple[str, str]] = set()
    for chosen in case.plans_of.values():
        for subject, plans in chosen.items():
            if subject not in case.types or not case.types[subject].can("continuous", case.scenario.as_of):
                continue
            rules = [p for p in case.rules if p.plan_name in plans and p.rule.enable_continuous_backup]
            for second in rules[1:]:
                if (subject, str(second.loc)) not in seen:
                    seen.add((subject, str(second.loc)))
                    found = f"{subject} has a second continuous rule, `{second.rule.rule_name}`"
                    rule = (
                        "AWS keeps one continuous backup a resource: the longest retention in one vault, else the first"
                    )
                    loc = (*second.loc, "enable_continuous_backup")
                    yield Finding(loc, found, rule, *_one_continuous(rules[0], second))


def _one_continuous(first: PlacedRule, second: PlacedRule) -> tuple[str, tuple[Edit, ...], tuple[Repair, ...]]:
    """Return what leaves a resource with one continuous rule, best first."""
    flag, vault = Edit((*second.loc, "enable_continuous_backup")), first.rule.target_vault
    repair = "leave `enable_continuous_backup` out there, for snapshots"
    beside = Edit((*second.loc, "target_vault"), vault)
    moved = Repair(f"{repair}, and write `target_vault: {vault}`, beside the continuous backup", (flag, beside))
    name = second.rule.rule_name
    last = Repair(f"let `{first.rule.rule_name}` alone be continuous, and `{name}` make snapshots at other times")
    return repair, (flag,), (moved, last)


@check("daily-snapshots", warning=Weight.LOSES_MORE)
def daily_snapshots(case: Case) -> Iterator[Finding]:
    """Beside a continuous rule, snapshot rules of some types make one snapshot a day, whatever their frequency."""
    asked: dict[Loc, tuple[PlacedRule, list[str]]] = {}
    for chosen in case.plans_of.values():
        for subject, plans in chosen.items():
            kind = case.types.get(subject)
            if kind is None or not kind.daily_snapshots or not kind.can("continuous", case.scenario.as_of):
                continue
            rules = [placed for placed in case.rules if placed.plan_name in plans]
            if any(placed.rule.enable_continuous_backup for placed in rules):
                for placed in rules:
                    if not placed.rule.enable_continuous_backup:
                        asked.setdefault(placed.loc, (placed, []))[1].append(subject)
    for loc, (placed, subjects) in asked.items():
        runs = runs_in_first_year(placed.rule, case.scenario)
        days = len(np.unique(local_days(np.floor(runs).astype(np.int64), placed.rule.schedule_timezone)))
        if len(runs) > days:
            key = "schedule" if placed.rule.every is None else "every"
            name = listed(list(dict.fromkeys(subjects)))
            found = (
                f"`{placed.rule.rule_name}` asks for {len(runs)} snapshots a year of {name}, beside a continuous rule"
            )
            types = listed(sorted({case.types[subject].name for subject in subjects}))
            rule = f"AWS then takes one a day of {types}, {days} a year, and copies only these"
            yield Finding(
                (*loc, key), found, rule, "count on a loss of a day where only snapshots or their copies are left"
            )


@check("age-ignored", warning=Weight.TIDINESS)
def age_ignored(case: Case) -> Iterator[Finding]:
    """How far back points reach is told by their retention; only those kept for ever need an age."""
    ages = [(p.loc, p.rule.age, p.rule.lifecycle) for p in case.rules]
    ages += [(c.loc, c.action.age, c.lifecycle) for c in case.copies]
    for loc, age, lifecycle in ages:
        if age is not None and lifecycle.delete_after is not None:
            found = f"`age` is {format_duration(age)}, and points are kept {format_duration(lifecycle.delete_after)}"
            rule, place = "nothing reads it: they reach as far back as they are kept", (*loc, "age")
            yield Finding(place, found, rule, "remove it", (Edit(place),))


@check("lock-retention", warning=Weight.LOSES_FOR_GOOD)
def lock_retention(case: Case) -> Iterator[Finding]:
    """Jobs whose retention a vault's lock does not accept fail."""
    jobs: list[tuple[Loc, str, Lifecycle]] = [(p.loc, p.rule.target_vault, p.rule.lifecycle) for p in case.rules]
    jobs += [
        (p.loc, p.rule.target_air_gapped_vault, p.rule.lifecycle) for p in case.rules if p.rule.target_air_gapped_vault
    ]
    jobs += [(c.loc, c.action.destination_vault, c.lifecycle) for c in case.copies]
    for loc, name, lifecycle in jobs:
        vault = case.scenario.vaults[name]
        kept = math.inf if lifecycle.delete_after is None else lifecycle.delete_after
        low, high = vault.retentions(case.catalogue.rules.air_gapped_minimum.value)
        if not low <= kept <= high:
            shown = "for ever" if math.isinf(kept) else format_duration(kept)
            found = f"points in the vault `{name}` are kept {shown}"
            least, most = format_duration(low), "any time" if math.isinf(high) else format_duration(high)
            lock = "an air-gapped vault" if vault.lock == "air-gapped" else "its lock"
            rule = f"{lock} accepts {least} to {most}: every such job fails"
            place, right = (*loc, "lifecycle", "delete_after"), whole_days(low) if kept < low else _days_below(high)
            repair = f"write `delete_after: {right}`, or choose another vault"
            instead = Repair("choose another vault")
            yield Finding(place, found, rule, repair, (*_own_lifecycle(case, loc), Edit(place, right)), (instead,))


def _days_below(seconds: float) -> str:
    """Return a time in whole days, rounded down; as it is where it is shorter than one."""
    return f"{math.floor(seconds / DAY_S)} d" if seconds >= DAY_S else f"{seconds:.17g} s"


def _own_lifecycle(case: Case, loc: Loc) -> tuple[Edit, ...]:
    """Return what gives a copy action the lifecycle that it inherits, as its own; nothing where it has one."""
    copy = next((placed for placed in case.copies if placed.loc == loc and placed.action.lifecycle is None), None)
    if copy is None:
        return ()
    written = copy.lifecycle.model_dump(mode="json", exclude_defaults=True)
    return tuple(Edit((*loc, "lifecycle", key), value) for key, value in written.items() if key != "delete_after")


@check("short-copy-retention", warning=Weight.COSTS)
def short_copy_retention(case: Case) -> Iterator[Finding]:
    """Copies that are kept for less than a week may be full ones each time."""
    least_s = case.catalogue.rules.copy_minimum.value
    least = whole_days(least_s)
    for copy in case.copies:
        kept, vault = copy.lifecycle.delete_after, case.scenario.vaults.get(copy.action.destination_vault)
        low, high = (
            (0.0, math.inf) if vault is None else vault.retentions(case.catalogue.rules.air_gapped_minimum.value)
        )
        # what a lock refuses is told by another check, and is not kept at all
        if kept is not None and low <= kept < least_s <= high:
            found = f"copies in `{copy.action.destination_vault}` are kept {format_duration(kept)}"
            rule = "AWS advises at least a week, lest copies become full ones, which are billed so"
            loc = (*copy.loc, "lifecycle", "delete_after")
            edits = (*_own_lifecycle(case, copy.loc), Edit(loc, least))
            yield Finding(loc, found, rule, f"write `delete_after: {least}` or more", edits)


@check("unprotected", warning=Weight.LOSES_FOR_GOOD)
def unprotected(case: Case) -> Iterator[Finding]:
    """A resource with data is selected by a plan or a replication in every strategy."""
    for subject in case.subjects.values():
        missing = [
            strategy
            for strategy, chosen in case.plans_of.items()
            if not chosen[subject.name] and case.feature_of(strategy, subject.name) is None
        ]
        if missing and not subject.resource.stateless:
            found = f"nothing protects {subject.name} under {listed(missing)}"
            yield Finding(subject.loc, found, "it counts as unprotected there", "select it, or say `stateless: true`")


@check("unpriced-loss", warning=Weight.MISLEADS)
def unpriced_loss(case: Case) -> Iterator[Finding]:
    """Costs of downtime and data loss make a yearly loss only together with the cost of losing everything."""
    for name, app in case.scenario.applications.items():
        priced = app.downtime_cost is not None or app.data_loss_cost is not None
        if priced and app.unrecoverable_cost is None:
            found = f"{name} has no `unrecoverable_cost`"
            repair = "write what it would cost to lose everything, such as `unrecoverable_cost: 15000000 USD`"
            yield Finding(("applications", name), found, "its expected yearly loss is unpriced", repair)


@check("response-left-out", warning=Weight.MISLEADS)
def response_left_out(case: Case) -> Iterator[Finding]:
    """Human steps that are left out take no time, and results look better than they are."""
    response = case.scenario.response
    fields = {name: field for name, field in type(response).model_fields.items() if name != "inspection"}
    missing = [field.alias or name for name, field in fields.items() if name not in response.model_fields_set]
    if missing:
        found = f"`response` leaves out {', '.join(missing)}"
        edits = tuple(Edit(("response", name), "0 min") for name in missing)
        repair = "write 0 min to say so, or how long they take"
        yield Finding(("response",), found, "these steps take no time", repair, edits)


@check("never-ends", warning=Weight.TIDINESS)
def never_ends(case: Case) -> Iterator[Finding]:
    """A disruption that does not end by itself has neither duration nor steps that wait for its end."""
    for name, disruption in case.scenario.disruptions.items():
        kind = case.catalogue.disruptions.get(disruption.kind)
        if kind is None or kind.ends:
            continue
        impairs = any(p.sup > 0 for p in (disruption.impairs or {}).values())
        for key, given in (("duration", disruption.duration is not None), ("impairs", impairs)):
            if given:
                found, loc = f"`{key}` is given for `{name}`, of kind {kind.name}", ("disruptions", name, key)
                rule = "this kind never ends by itself: nothing reads it"
                yield Finding(loc, found, rule, "remove it", (Edit(loc),))


@check("not-read", warning=Weight.TIDINESS)
def not_read(case: Case) -> Iterator[Finding]:
    """What says more of a disruption than its kind has is read by nobody."""
    for name, disruption in case.scenario.disruptions.items():
        kind = case.catalogue.disruptions.get(disruption.kind)
        if kind is None:
            continue
        read = {
            "zone": kind.strikes == "zone",
            "service": kind.strikes == "service",
            "backups_attacked": kind.takes.value.is_attack,
        }
        for key, is_read in read.items():
            if not is_read and getattr(disruption, key) is not None:
                found, loc = f"`{key}` is given for `{name}`, of kind {kind.name}", ("disruptions", name, key)
                kinds = {"zone": "strikes a zone", "service": "strikes a service"}.get(key, "is an attack on backups")
                yield Finding(loc, found, f"only what {kinds} has it: nothing reads it", "remove it", (Edit(loc),))


@check("cloudformation", warning=Weight.LOSES_MORE)
def cloudformation(case: Case) -> Iterator[Finding]:
    """A stack recovers by its nested resources, one by one, and protects none of them continuously."""
    for subject in case.subjects.values():
        kind = case.types.get(subject.name)
        if kind is None or not kind.nests:
            continue
        if not subject.resource.nested:
            found = f"the stack {subject.name} has no `nested` resources"
            rule = "the point of a stack holds its template; data is restored from the points of what is nested in it"
            yield Finding(subject.loc, found, rule, "write its resources under `nested`")
            continue
        rules = {
            p.rule.rule_name
            for p in case.rules
            if p.rule.enable_continuous_backup and _selects(case, p.plan_name, subject.name)
        }
        for name in sorted(rules):
            found = f"the continuous rule `{name}` selects the stack {subject.name}"
            yield Finding(
                subject.loc, found, "AWS makes snapshots of what is nested in a stack, without point-in-time recovery"
            )


def _selects(case: Case, plan: str, subject: str) -> bool:
    return subject in case.subjects_of[plan]
