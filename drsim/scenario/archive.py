"""Checks that warn of the archive of a type: points move there only with an opt-in and from rare runs only.

Source: the developer guide of AWS Backup (plan options), its API reference (Lifecycle).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from drsim.errors import DrsimError, Edit, Weight
from drsim.scenario.capabilities import closest_starts, has_archive, moves_to_cold
from drsim.scenario.nodes import Loc
from drsim.scenario.plan_checks import runs_in_first_year
from drsim.scenario.plans import Lifecycle, Rule
from drsim.scenario.prices import price_list
from drsim.scenario.registry import Case, Finding, Repair, by_type, check, listed
from drsim.units import DAY_S, GIB, YEAR_S, format_duration


class Lifespan(NamedTuple):
    """Points of a rule or of a copy action: how long they are kept, where, and whose they are.

    Attributes:
        plan: name of their plan.
        rule: that makes them, or what is copied.
        lifecycle: theirs.
        vault: where they lie.
        age: how far back they reach where they are kept for ever [s]; None for a year.
        loc: place of the lifecycle.
        written: whether the lifecycle stands there; copies without one have that of the points copied.
    """

    plan: str
    rule: Rule
    lifecycle: Lifecycle
    vault: str
    age: float | None
    loc: Loc
    written: bool


def _kept(case: Case) -> Iterator[Lifespan]:
    for placed in case.rules:
        rule = placed.rule
        vault = rule.target_air_gapped_vault or rule.target_vault
        yield Lifespan(
            placed.plan_name, rule, rule.lifecycle, vault, rule.age, (*placed.loc, "lifecycle"), written=True
        )
    for copy in case.copies:
        action, loc = copy.action, (*copy.loc, "lifecycle")
        written = action.lifecycle is not None
        where = action.destination_vault
        yield Lifespan(copy.placed.plan_name, copy.placed.rule, copy.lifecycle, where, action.age, loc, written=written)


@check("archive-ignored", warning=Weight.COSTS)
def archive_ignored(case: Case) -> Iterator[Finding]:
    """A move to the archive does nothing without the opt-in, or for a rule that runs more often than the type says."""
    on = case.scenario.as_of
    for kept in _kept(case):
        if kept.lifecycle.cold_storage_after is None:
            continue
        for kind, subjects in by_type(case, case.subjects_of[kept.plan]):
            least_s = kind.archive_s
            if least_s is None or not has_archive(kind, on) or moves_to_cold(kind, kept.rule, kept.lifecycle, on):
                continue
            days, opted = closest_starts(kept.rule), kept.lifecycle.opt_in_to_archive
            often = days * DAY_S < least_s
            why = [] if opted else ["`opt_in_to_archive` is not set"]
            why += [f"starts of `{kept.rule.rule_name}` lie {format_duration(days * DAY_S)} apart"] if often else []
            found = f"the move of {kind.label} ({listed(subjects)}) to the archive is ignored: {' and '.join(why)}"
            rule = (
                "AWS archives where the lifecycle opts in, points of rules whose starts are never less than "
                f"{format_duration(least_s)} apart; these stay warm{_price(case, kept, subjects)}"
            )
            steps = [] if opted else ["write `opt_in_to_archive: true`"]
            steps += [f"run the rule every {format_duration(least_s)} or more rarely"] if often else []
            loc = (*kept.loc, "cold_storage_after")
            opt = () if often else (Edit((*kept.loc, "opt_in_to_archive"), value=True),)
            instead = Repair("leave `cold_storage_after` out", (Edit(loc),))
            repair = f"{' and '.join(steps)}, or leave it out"
            if often:
                repair = f"leave `cold_storage_after` out, or {' and '.join(steps)}"
                opt = (Edit(loc),)
            yield Finding(loc, found, rule, repair, opt, (instead,))


@check("archive-opt-in", warning=Weight.TIDINESS)
def archive_opt_in(case: Case) -> Iterator[Finding]:
    """An opt-in to the archive does something only where points of a type with one move to cold storage."""
    for kept in _kept(case):
        if not (kept.written and kept.lifecycle.opt_in_to_archive):
            continue
        types = by_type(case, case.subjects_of[kept.plan])
        if kept.lifecycle.cold_storage_after is None:
            rule, repair = "nothing moves to cold storage", "write `cold_storage_after`, or leave it out"
        elif not any(has_archive(kind, case.scenario.as_of) for kind, _ in types):
            known = [name for name, kind in case.catalogue.types.items() if has_archive(kind, case.scenario.as_of)]
            rule, repair = f"only {', '.join(known)} has an archive, and no such resource is selected", "leave it out"
        else:
            continue
        found = f"`opt_in_to_archive` of `{kept.rule.rule_name}` changes nothing"
        loc = (*kept.loc, "opt_in_to_archive")
        yield Finding(loc, found, rule, repair, (Edit(loc),), (Repair("leave it out", (Edit(loc),)),))


def _price(case: Case, kept: Lifespan, subjects: list[str]) -> str:
    """Return what the points that stay warm cost, and what they would in the archive; nothing where that is unknown.

    As many points as the rule makes between the move and their end hold what has changed since the point before; in
    the archive each would hold all.
    """
    scenario, life = case.scenario, kept.lifecycle
    runs = len(runs_in_first_year(kept.rule, scenario))
    end = life.delete_after if life.delete_after is not None else kept.age if kept.age is not None else YEAR_S
    points = runs * (end - (life.cold_storage_after or 0.0)) / YEAR_S
    vault = scenario.vaults.get(kept.vault)
    if points <= 0 or vault is None:
        return ""
    try:
        prices = price_list(scenario)
    except DrsimError:
        return ""
    warm_usd = cold_usd = 0.0
    for name in subjects:
        subject, kind = case.subjects[name], case.types[name]
        region = scenario.sites[vault.site or scenario.applications[subject.application].site].region
        warm, cold = prices.warm_storage(kind.name, region).value, prices.cold_storage(kind.name, region).value
        if warm is None or cold is None:
            return ""
        rate = kind.changed_per_day(subject.resource.change_rate)
        gib = subject.resource.size * subject.resource.count / GIB
        warm_usd += points * gib * (1 - (1 - rate) ** (YEAR_S / DAY_S / runs)) * warm
        cold_usd += points * gib * cold
    after = format_duration(life.cold_storage_after or 0.0)
    return f": those older than {after} at about {warm_usd:,.2f} USD/month, in the archive at {cold_usd:,.2f}"
