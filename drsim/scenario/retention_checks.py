"""Checks that warn of when rules run and how long points are kept: too seldom, too short, or never.

Sources: the developer guide of AWS Backup (plan options, lifecycle).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np

from drsim.distributions import Distribution
from drsim.errors import Edit, Weight
from drsim.scenario.capabilities import can_copy, moves_to_cold
from drsim.scenario.cron import CronError, first_and_last
from drsim.scenario.plan_checks import COLD_MINIMUM_S, cron_of, runs_within, whole_days
from drsim.scenario.plans import Lifecycle, Rule
from drsim.scenario.registry import Case, Finding, PlacedCopy, Repair, check, listed
from drsim.scenario.selectors import matches
from drsim.scenario.source import Loc
from drsim.units import DAY_S, YEAR_S, format_duration

WARM_MINIMUM_S = 8 * DAY_S
"""Points that stay warm for less have a new full made beside them."""

SURE = 0.999
"""The largest quantile of a dwell that retentions are compared to."""


@check("never-runs", warning=Weight.NEVER_HAPPENS)
def never_runs(case: Case) -> Iterator[Finding]:
    """A rule runs from before the horizon's end to beyond it."""
    begin = case.scenario.start.timestamp()
    end = begin + case.scenario.horizon
    for placed in case.rules:
        rule, name = placed.rule, placed.rule.rule_name
        fields = cron_of(rule)
        if rule.every is not None or fields is None:
            continue
        try:
            ever = first_and_last(fields, rule.schedule_timezone)
        except CronError:
            continue
        if ever is None:
            found, why = f"`{name}` never runs", "no day of any year fits its schedule: it makes no point"
        elif ever[1] < begin:
            found = f"`{name}` no longer runs: its last run was on {_day(ever[1])}"
            why = f"the horizon begins on {_day(begin)}: no point is made in it"
        elif ever[0] >= end:
            found = f"`{name}` does not run before {_day(ever[0])}"
            why = f"the horizon ends on {_day(end)}: no point is made by then"
        elif ever[1] + longest_gap(rule, begin) < end:
            found = f"`{name}` no longer runs after {_day(ever[1])}"
            why = f"the horizon ends on {_day(end)}: no point is made in the {format_duration(end - ever[1])} before"
        else:
            continue
        loc, schedules = (*placed.loc, "schedule"), _recurring(fields.text)
        repairs = [
            Repair(f"write a schedule that recurs, such as `schedule: {each}`", (Edit(loc, each),))
            for each in schedules
        ]
        yield Finding(loc, found, why, *repairs[0], instead=tuple(repairs[1:]))


def _recurring(text: str) -> list[str]:
    """Return schedules like one that never runs: in every year, then on the last day of the month, then monthly."""
    minutes, hours, days, months, weekdays, _ = text.removeprefix("cron(").removesuffix(")").split()
    tries = [(days, months, weekdays), ("L", months, "?"), ("1", "*", "?"), ("?", "*", "*")]
    return [f"cron({minutes} {hours} {d} {m} {w} *)" for d, m, w in tries]


def _day(epoch_s: float) -> str:
    return datetime.fromtimestamp(epoch_s, UTC).date().isoformat()


def longest_gap(rule: Rule, begin: float) -> float:
    """Return the longest time between two runs of a rule [s]; infinite where it runs once, or never.

    Args:
        rule: with a schedule or an interval.
        begin: from when on it is looked at [s since 1970-01-01 UTC].
    """
    if rule.every is not None:
        return rule.every
    for years in (1, 12, 60):
        runs = runs_within(rule, begin, years * YEAR_S)
        if len(runs) > 2 or years == 60:
            return float(np.diff(runs).max(initial=0.0)) if len(runs) > 1 else math.inf
    return math.inf


class Kept(NamedTuple):
    """A lifecycle as written, whose it is in words, its place, its rule, and its copy action if it is of one."""

    name: str
    loc: Loc
    lifecycle: Lifecycle
    plan: str
    rule: Rule
    copy: PlacedCopy | None = None

    @property
    def vault(self) -> str:
        """The vault that keeps the points."""
        return self.rule.target_vault if self.copy is None else self.copy.action.destination_vault


def kept_by(case: Case, *, inherited: bool = False) -> Iterator[Kept]:
    """Yield the lifecycles of rules and copy actions; those that copies inherit only where asked for."""
    for placed in case.rules:
        rule = placed.rule
        yield Kept(f"`{rule.rule_name}`", (*placed.loc, "lifecycle"), rule.lifecycle, placed.plan_name, rule)
    for copy in case.copies:
        if inherited or copy.action.lifecycle is not None:
            name = f"the copy of `{copy.placed.rule.rule_name}` into `{copy.action.destination_vault}`"
            loc = (*copy.loc, "lifecycle")
            yield Kept(name, loc, copy.lifecycle, copy.placed.plan_name, copy.placed.rule, copy)


@check("retention-below-interval", warning=Weight.LOSES_MORE)
def retention_below_interval(case: Case) -> Iterator[Finding]:
    """A point is kept until the next one is made."""
    begin = case.scenario.start.timestamp()
    for kept in kept_by(case):
        life = kept.lifecycle
        if life.delete_after is None or life.delete_after_event is not None or _is_continuous(case, kept):
            continue
        gap = longest_gap(kept.rule, begin)
        if not math.isfinite(gap) or life.delete_after >= gap:
            continue
        apart = f"its rule runs up to {format_duration(gap)} apart"
        found = f"{kept.name} keeps points for {format_duration(life.delete_after)}, and {apart}"
        rule = f"for up to {format_duration(gap - life.delete_after)} before a run none of its points is left"
        loc, least = (*kept.loc, "delete_after"), whole_days(gap + DAY_S)
        instead = Repair("run it more often")
        yield Finding(loc, found, rule, f"write `delete_after: {least}` or more", (Edit(loc, least),), (instead,))


def _is_continuous(case: Case, kept: Kept) -> bool:
    """Return whether a lifecycle is that of a continuous window, for all that its rule protects."""
    if kept.copy is not None or not kept.rule.enable_continuous_backup:
        return False
    names = [name for name in case.subjects_of.get(kept.plan, {}) if name in case.types]
    return all(case.types[name].can("continuous", case.scenario.as_of) is True for name in names)


class Longest(NamedTuple):
    """What keeps points of a resource longest: for how long [s], in words, and the lifecycle if a plan has it."""

    seconds: float
    name: str
    loc: Loc
    kept: Kept | None


@check("retention-below-dwell", warning=Weight.LOSES_FOR_GOOD)
def retention_below_dwell(case: Case) -> Iterator[Finding]:
    """Points are kept for longer than contamination goes unnoticed, in as many incidents as are to be met."""
    scenario = case.scenario
    asked: dict[tuple[Loc, float], _Outlasted] = {}
    every = list(kept_by(case, inherited=True))
    for strategy in scenario.strategies:
        for name, subject in case.subjects.items():
            longest = None if subject.resource.stateless else _longest(case, every, strategy, name)
            for disruption in scenario.disruptions if longest is not None else ():
                dwell = _dwell(case, disruption, name)
                objectives = scenario.applications[subject.application].objectives.under(disruption)
                q = min(objectives.attainment if objectives.attainment is not None else 0.95, SURE)
                if longest is not None and dwell is not None and 0 < dwell.quantile(q) >= longest.seconds:
                    entry = asked.setdefault((longest.loc, q), _Outlasted(longest, q, {}, [], []))
                    entry.dwells.setdefault(disruption, dwell)
                    entry.names.append(name)
                    entry.strategies.append(strategy)
    for entry in asked.values():
        yield _too_short(case, entry)


class _Outlasted(NamedTuple):
    """What keeps points for less than a share of the dwells: by disruption, and of which resources and strategies."""

    longest: Longest
    share: float
    dwells: dict[str, Distribution]
    names: list[str]
    strategies: list[str]


def _once(names: list[str]) -> str:
    return listed(list(dict.fromkeys(names)))


def _too_short(case: Case, entry: _Outlasted) -> Finding:
    longest, q = entry.longest, entry.share
    loc = longest.loc
    # the longest dwell first: what outlasts it outlasts the others
    dwells = dict(sorted(entry.dwells.items(), key=lambda each: -each[1].quantile(q)))
    span = next(iter(dwells.values())).quantile(q)
    share = max(share_above(dwell, longest.seconds) for dwell in dwells.values())
    many = "every dwell is" if all(d.is_constant for d in dwells.values()) else f"{100 * q:.3g} % of the dwells are"
    up_to, most = ("up to ", "up to ") if len(dwells) > 1 else ("" if many.startswith("every") else "up to ", "")
    found = (
        f"{longest.name} keeps {_once(entry.names)} longest under {_once(entry.strategies)}, "
        f"{format_duration(longest.seconds)}; under {listed([f'`{name}`' for name in dwells])} {many} {up_to}"
        f"{format_duration(span)}"
    )
    rule = (
        f"in {most}{100 * share:.3g} % of these incidents the contamination is older than the oldest point: "
        "nothing is left"
    )
    if longest.kept is None or longest.kept.lifecycle.delete_after is None:
        return Finding(loc, found, rule, f"keep points for more than {format_duration(span)}")
    days = whole_days(span + DAY_S)
    instead = Repair(f"add a snapshot rule that keeps points for {days} or more")
    vault = case.scenario.vaults.get(longest.kept.vault)
    most_s = math.inf if vault is None else vault.retentions[1]
    most = format_duration(most_s) if math.isfinite(most_s) else ""
    if most_s < span + DAY_S:
        taken = f"the lock of `{longest.kept.vault}` takes no more than {most}"
        instead = Repair(f"keep points for {days} or more in another vault: {taken}")
    repair = f"write `delete_after: {days}` or more{most and f', up to {most}'}"
    return Finding(loc, found, rule, repair, (Edit(loc, days),), (instead,))


def share_above(law: Distribution, value: float) -> float:
    """Return the share of a distribution at or above a value."""
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if law.quantile(middle) < value else (low, middle)
    return 1 - low if high < 1 else 0.0


def _dwell(case: Case, disruption: str, subject: str) -> Distribution | None:
    """Return the dwell of a disruption as the scenario has it, else the catalogue's; None where it cannot strike."""
    written = case.scenario.disruptions[disruption]
    kind = case.catalogue.disruptions.get(written.kind)
    resource = case.subjects[subject]
    if kind is None or not matches(written.target or "*", *resource.selectable):
        return None
    home = case.scenario.sites[case.scenario.applications[resource.application].site]
    site = case.scenario.sites[written.site] if written.site else home
    struck = {"account": site.account == home.account, "region": site.region == home.region}
    if not struck.get(kind.strikes, True):
        return None
    return written.dwell or kind.dwell.value


def _longest(case: Case, every: list[Kept], strategy: str, subject: str) -> Longest | None:
    """Return what keeps points of a resource longest under a strategy; None where nothing keeps any."""
    found: list[Longest] = []
    plans = case.plans_of[strategy][subject]
    for kept in every:
        if kept.plan in plans and (kept.copy is None or _is_copied(case, kept.copy, subject)):
            age = kept.rule.age if kept.copy is None else kept.copy.action.age
            lasts = kept.lifecycle.delete_after
            seconds = (YEAR_S if age is None else age) if lasts is None else lasts
            found.append(Longest(seconds, kept.name, (*kept.loc, "delete_after"), kept))
    selector = case.feature_of(strategy, subject)
    if selector is not None and subject in case.types:
        use = case.scenario.strategies[strategy].features[selector]
        feature = case.types[subject].replication.get(use.feature)
        if feature is not None and feature.kind != "replica":
            lasts = use.retention or (feature.retention.value if feature.retention else YEAR_S)
            loc: Loc = ("strategies", strategy, "replication", selector)
            found.append(Longest(lasts, f"the feature `{use.feature}`", loc, None))
    return max(found, key=lambda each: each.seconds, default=None)


def _is_copied(case: Case, copy: PlacedCopy, subject: str) -> bool:
    """Return whether AWS makes a copy action's copies of a resource."""
    scenario, kind = case.scenario, case.types.get(subject)
    home = scenario.applications[case.subjects[subject].application].site
    source, target = scenario.vaults[copy.source_vault], scenario.vaults[copy.action.destination_vault]
    sites = scenario.sites[source.site or home], scenario.sites[target.site or home]
    return kind is not None and can_copy(kind, *sites, target.lock, scenario.as_of) is True


@check("cold-too-soon", warning=Weight.COSTS)
def cold_too_soon(case: Case) -> Iterator[Finding]:
    """Points stay warm for eight days, so that the next ones can build on them."""
    for kept in kept_by(case):
        cold, delete = kept.lifecycle.cold_storage_after, kept.lifecycle.delete_after
        names = case.subjects_of.get(kept.plan, {})
        on = case.scenario.as_of
        moved = [n for n in names if n in case.types and moves_to_cold(case.types[n], kept.rule, kept.lifecycle, on)]
        if cold is None or cold >= WARM_MINIMUM_S or not moved:
            continue
        found = f"{kept.name} moves points of {listed(moved)} to cold storage after {format_duration(cold)}"
        rule = "AWS makes a new full backup where none has stayed warm for 8 d, and bills it"
        loc, end = (*kept.loc, "cold_storage_after"), (*kept.loc, "delete_after")
        repair, edits = "write `cold_storage_after: 8 d` or more", [Edit(loc, "8 d")]
        if delete is not None and delete < WARM_MINIMUM_S + COLD_MINIMUM_S:
            least = whole_days(WARM_MINIMUM_S + COLD_MINIMUM_S)
            repair, edits = (
                f"write `cold_storage_after: 8 d` and `delete_after: {least}` or more",
                [*edits, Edit(end, least)],
            )
        yield Finding(loc, found, rule, repair, tuple(edits))
