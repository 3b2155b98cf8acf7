"""Checks of what is said of planning: it names what there is, and leaves something to choose and to reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import get_args

from drsim.errors import Edit, Weight
from drsim.scenario.model import ON_PREMISES
from drsim.scenario.nodes import Loc
from drsim.scenario.plan_checks import whole_days
from drsim.scenario.planning import INTERVALS_S, MOST_POINTS, RETENTIONS_S, Allowed
from drsim.scenario.plans import Standby, Vault
from drsim.scenario.references import no_type, unknown
from drsim.scenario.registry import Case, Finding, Repair, check, listed
from drsim.units import MINUTE_S, format_duration

_HERE = "planning"


@check("unknown-in-planning")
def unknown_in_planning(case: Case) -> Iterator[Finding]:
    """What `planning` names exists."""
    scenario, planning = case.scenario, case.scenario.planning
    sites = [site for site in scenario.sites.values() if site.region != ON_PREMISES]
    features = {name for kind in case.catalogue.types.values() for name in kind.replication}
    locks, modes = (get_args(model.model_fields[key].annotation) for model, key in ((Vault, "lock"), (Standby, "mode")))
    names: tuple[tuple[str, str, Allowed | None, Iterable[str]], ...] = (
        ("disruptions", "disruption", planning.disruptions, scenario.disruptions),
        ("vaults", "vault", planning.vaults, scenario.vaults),
        ("regions", "Region of a site", planning.regions, dict.fromkeys(site.region for site in sites)),
        ("accounts", "account of a site", planning.accounts, dict.fromkeys(site.account for site in sites)),
        ("locks", "vault lock", planning.locks, locks),
        ("standby", "mode of standby", planning.standby, modes),
        ("replication", "feature", planning.replication, sorted(features)),
        ("avoid", "feature", planning.avoid, sorted(features)),
    )
    if planning.baseline is not None and planning.baseline not in scenario.strategies:
        yield unknown((_HERE, "baseline"), planning.baseline, "strategy", scenario.strategies)
    for key, kind, named, known in names:
        for loc, name in _listed((_HERE, key), named):
            if name not in known:
                yield unknown(loc, name, kind, known)
    for key, named in (("continuous", planning.continuous), ("cold", planning.cold)):
        for loc, name in _listed((_HERE, key), named):
            if case.catalogue.find_type(name) is None:
                yield no_type(case.catalogue, loc, name)


def _listed(loc: Loc, named: Allowed | None) -> Iterator[tuple[Loc, str]]:
    """Yield the names of a list with their places; of what allows all or nothing none."""
    if named is not None and not isinstance(named, bool):
        yield from (((*loc, i), name) for i, name in enumerate(named))


@check("out-of-range-in-planning")
def out_of_range_in_planning(case: Case) -> Iterator[Finding]:
    """What a plan may choose is what a rule may have: retentions that AWS takes, and a minute between backups."""
    planning, rules = case.scenario.planning, case.catalogue.rules
    least_s, most_s = rules.retention_minimum.value, rules.retention_maximum.value
    for i, kept_s in enumerate(planning.retentions or ()):
        if not least_s <= kept_s <= most_s:
            loc: Loc = (_HERE, "retentions", i)
            nearest = whole_days(least_s if kept_s < least_s else most_s)
            rule = f"AWS keeps points for {whole_days(least_s)} to {whole_days(most_s)}"
            yield Finding(
                loc, f"points expire after {format_duration(kept_s)}", rule, f"write {nearest}", (Edit(loc, nearest),)
            )
    for i, every_s in enumerate(planning.intervals or ()):
        if every_s < MINUTE_S:
            loc = (_HERE, "intervals", i)
            found, rule = f"backups {format_duration(every_s)} apart", "an interval is at least 1 min"
            yield Finding(loc, found, rule, "write 1 min or more", (Edit(loc, "1 min"),))


@check("no-rule-to-choose")
def no_rule_to_choose(case: Case) -> Iterator[Finding]:
    """Of the intervals and the retentions that a plan may choose some go together."""
    if any(True for _ in out_of_range_in_planning(case)):
        return  # what is refused itself is put right first
    planning = case.scenario.planning
    intervals, retentions = planning.intervals or INTERVALS_S, planning.retentions or RETENTIONS_S
    least_s, longest_s = planning.minimum_retention, max(retentions)
    parts: tuple[Loc, ...] = (
        *((_HERE, "intervals", i) for i in range(len(intervals))),
        *((_HERE, "retentions", i) for i in range(len(retentions))),
    )
    if longest_s < least_s:
        loc: Loc = (_HERE, "minimum_retention")
        longest = format_duration(longest_s)
        found = f"all is kept for {format_duration(least_s)} at least, and the longest retention is {longest}"
        rule, repair = "no retention is left to choose", f"write {longest} or less, or a longer one under `retentions`"
        yield Finding(loc, found, rule, repair, (Edit(loc, longest),), rests_on=parts)
        return
    kept = [kept_s for kept_s in retentions if kept_s >= least_s]
    if not any(every_s <= kept_s <= MOST_POINTS * every_s for every_s, kept_s in product(intervals, kept)):
        yield _apart(intervals, kept)._replace(rests_on=parts)


def _apart(intervals: Sequence[float], kept: Sequence[float]) -> Finding:
    """Return what to write where no retention goes with any interval [s]."""
    loc: Loc = (_HERE, "intervals")
    if min(intervals) > max(kept):
        longest = format_duration(max(kept))
        found = f"backups are {format_duration(min(intervals))} apart or more, and kept for {longest} or less"
        rule = "points are kept for as long as the time between two backups: no rule is left to choose"
        return Finding(loc, found, rule, f"write an interval of {longest} or less", (Edit(loc, [longest]),))
    fitting = [every_s for every_s in INTERVALS_S if every_s <= min(kept) <= MOST_POINTS * every_s]
    nearest, shortest = format_duration(min(fitting, default=min(kept))), format_duration(min(kept))
    found = f"backups are {format_duration(max(intervals))} apart or less, and kept for {shortest} or more"
    rule = f"a rule that may be chosen keeps up to {MOST_POINTS:,} points: none is left"
    repair = f"write an interval such as {nearest}, or a shorter retention"
    return Finding(loc, found, rule, repair, (Edit(loc, [nearest]),))


@check("planning-without-objectives")
def planning_without_objectives(case: Case) -> Iterator[Finding]:
    """Under some disruption that a plan has to meet an application has objectives."""
    named = case.scenario.planning.disruptions
    if named and all(name in case.scenario.disruptions and not _asking(case, name) for name in named):
        asking = [name for name in case.scenario.disruptions if _asking(case, name)]
        repair = f"write `disruptions: [{', '.join(asking)}]`" if asking else _ASK
        edits = (Edit((_HERE, "disruptions"), asking),) if asking else ()
        found = f"under {listed(named)} no application has objectives"
        rule, parts = "a plan is made for objectives", [(_HERE, "disruptions", i) for i in range(len(named))]
        yield Finding((_HERE, "disruptions"), found, rule, repair, edits, rests_on=tuple(parts))


_ASK = "give an application `objectives: {rpo: 1 h, rto: 4 h}`"


@check("disruption-without-objectives", warning=Weight.TIDINESS)
def disruption_without_objectives(case: Case) -> Iterator[Finding]:
    """Under each disruption that a plan has to meet an application has objectives."""
    named = case.scenario.planning.disruptions or ()
    for i, name in enumerate(named):
        if not _asking(case, name):
            loc = (_HERE, "disruptions", i)
            found, rule = f"under {name} no application has objectives", "there is nothing to be met under it"
            repair = f"remove it, which changes nothing, or {_ASK}"
            yield Finding(loc, found, rule, repair, (Edit(loc),), (Repair(_ASK),))


def _asking(case: Case, disruption: str) -> list[str]:
    """Return the applications that have objectives under a disruption."""
    return [name for name, app in case.scenario.applications.items() if app.objectives.under(disruption).is_asking]
