"""Checks that warn of when rules run and how long points are kept: too seldom, too short, or never.

Sources: the developer guide of AWS Backup (plan options, lifecycle).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np

from drsim.catalogue import ResourceType
from drsim.cron import CronError, first_and_last
from drsim.distributions import Distribution
from drsim.errors import Edit, Weight
from drsim.scenario.capabilities import can_copy, moves_to_cold
from drsim.scenario.nodes import Loc
from drsim.scenario.plan_checks import cron_of, runs_within, whole_days
from drsim.scenario.plans import Lifecycle, Rule
from drsim.scenario.registry import Case, Finding, PlacedCopy, Repair, check, listed
from drsim.scenario.selectors import matches
from drsim.units import DAY_S, YEAR_S, format_duration

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
            Repair(f"write a schedule that recurs, such as `schedule: {schedule}`", (Edit(loc, schedule),))
            for schedule in schedules
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
    # in two years each season is followed by the next; some rules run once a year, others on leap days alone
    for years in (2, 12, 60):
        runs = runs_within(rule, begin, years * YEAR_S)
        if len(runs) > 2 or years == 60:
            return float(np.diff(runs).max(initial=0.0)) if len(runs) > 1 else math.inf
    return math.inf


class PlacedLifecycle(NamedTuple):
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


def kept_by(case: Case, *, inherited: bool = False) -> Iterator[PlacedLifecycle]:
    """Yield the lifecycles of rules and copy actions that have points; those that copies inherit where asked for."""
    yield from (kept for kept in _every_kept(case, inherited=inherited) if _has_points(case, kept))


def _has_points(case: Case, kept: PlacedLifecycle) -> bool:
    """Return whether a rule runs at all, and within or so long before the horizon that points are there in it."""
    begin, rule = case.scenario.start.timestamp(), kept.rule
    fields = None if rule.every is not None else cron_of(rule)
    try:
        ever = None if fields is None else first_and_last(fields, rule.schedule_timezone)
    except CronError:
        return True
    if fields is None or ever is None:
        return fields is None
    lasts = kept.lifecycle.delete_after
    return ever[0] < begin + case.scenario.horizon and (lasts is None or ever[1] + lasts > begin)


def _every_kept(case: Case, *, inherited: bool) -> Iterator[PlacedLifecycle]:
    for placed in case.rules:
        rule = placed.rule
        yield PlacedLifecycle(f"`{rule.rule_name}`", (*placed.loc, "lifecycle"), rule.lifecycle, placed.plan_name, rule)
    for copy in case.copies:
        if inherited or copy.action.lifecycle is not None:
            name = f"the copy of `{copy.placed.rule.rule_name}` into `{copy.action.destination_vault}`"
            loc = (*copy.loc, "lifecycle")
            yield PlacedLifecycle(name, loc, copy.lifecycle, copy.placed.plan_name, copy.placed.rule, copy)


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


def _is_continuous(case: Case, kept: PlacedLifecycle) -> bool:
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
    kept: PlacedLifecycle | None


@check("retention-below-dwell", warning=Weight.LOSES_FOR_GOOD)
def retention_below_dwell(case: Case) -> Iterator[Finding]:
    """Points are kept for longer than contamination goes unnoticed, in as many incidents as are to be met."""
    asked: dict[tuple[Loc, float], _Outlasted] = {}
    plans = _Plans(case)
    for name, subject in case.subjects.items():
        spans = {} if subject.resource.stateless else _spans(case, name)
        for strategy in case.scenario.strategies if spans else ():
            longest = _longest(plans, strategy, name)
            for (disruption, q), span in spans.items() if longest is not None else ():
                dwell = _dwell(case, disruption, name)
                if longest is not None and dwell is not None and span >= longest.seconds:
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
    dwells = dict(sorted(entry.dwells.items(), key=lambda dwell: -dwell[1].quantile(q)))
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
    most_s = math.inf if vault is None else vault.retentions(case.catalogue.rules.air_gapped_minimum.value)[1]
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


def _spans(case: Case, subject: str) -> dict[tuple[str, float], float]:
    """Return how long contamination of a resource goes unnoticed [s], by disruption and the quantile that counts."""
    spans = {}
    objectives = case.scenario.applications[case.subjects[subject].application].objectives
    for disruption in case.scenario.disruptions:
        if dwell := _dwell(case, disruption, subject):
            wanted = objectives.under(disruption).attainment
            q = min(0.95 if wanted is None else wanted, SURE)
            if (span := dwell.quantile(q)) > 0:
                spans[disruption, q] = span
    return spans


class _Plans:
    """What plans keep longest, asked for once of all resources of a type at a site.

    Args:
        case: under check.
    """

    def __init__(self, case: Case) -> None:
        self.case = case
        self._kept: dict[str, list[PlacedLifecycle]] = {}
        for kept in kept_by(case, inherited=True):
            self._kept.setdefault(kept.plan, []).append(kept)
        self._copies = {copy.loc: copy for copy in case.copies}
        self._known: dict[tuple[str, str, str], Longest | None] = {}

    def longest(self, plan: str, home: str, kind: ResourceType | None) -> Longest | None:
        """Return what a plan keeps longest of resources of a type at a site; None where it keeps nothing."""
        key = plan, home, "" if kind is None else kind.name
        if key not in self._known:
            lasting = [
                Longest(_kept_s(kept), kept.name, (*kept.loc, "delete_after"), kept)
                for kept in self._kept.get(plan, ())
                if (kept.copy is None or self._is_made(kept.copy, home, kind))
                and not self._goes_at_once(kept, home, kind)
            ]
            self._known[key] = max(lasting, key=lambda longest: longest.seconds, default=None)
        return self._known[key]

    def _goes_at_once(self, kept: PlacedLifecycle, home: str, kind: ResourceType | None) -> bool:
        """Return whether points go as soon as they are copied: they keep nothing that the copies do not."""
        if kept.lifecycle.delete_after_event is None:
            return False
        copies = (copy for copy in self.case.copies if copy.loc[:-2] == kept.loc[:-1])
        return any(self._is_made(copy, home, kind) for copy in copies)

    def _is_made(self, copy: PlacedCopy, home: str, kind: ResourceType | None) -> bool:
        """Return whether AWS makes the copies of a copy action, and those that they are copies of."""
        if kind is None or can_copy(kind, *self.case.ends_of(copy, home), self.case.scenario.as_of) is not True:
            return False
        source = self._copies.get(copy.loc[:-2])
        return source is None or self._is_made(source, home, kind)


def _kept_s(kept: PlacedLifecycle) -> float:
    """Return how far back points reach [s]."""
    age = kept.rule.age if kept.copy is None else kept.copy.action.age
    lasts = kept.lifecycle.delete_after
    return (YEAR_S if age is None else age) if lasts is None else lasts


def _longest(plans: _Plans, strategy: str, subject: str) -> Longest | None:
    """Return what keeps points of a resource longest under a strategy; None where nothing keeps any."""
    case = plans.case
    home, kind = case.home_of(subject), case.types.get(subject)
    by_plan = [plans.longest(plan, home, kind) for plan in case.plans_of[strategy][subject]]
    longest_points = [longest for longest in by_plan if longest is not None]
    selector = case.feature_of(strategy, subject)
    if selector is not None and kind is not None:
        use = case.scenario.strategies[strategy].features[selector]
        feature = kind.replication.get(use.feature)
        if feature is not None and feature.kind != "replica":
            lasts = use.retention or (feature.retention.value if feature.retention else YEAR_S)
            loc: Loc = ("strategies", strategy, "replication", selector)
            longest_points.append(Longest(lasts, f"the feature `{use.feature}`", loc, None))
    return max(longest_points, key=lambda longest: longest.seconds, default=None)


@check("cold-too-soon", warning=Weight.COSTS)
def cold_too_soon(case: Case) -> Iterator[Finding]:
    """Points stay warm for eight days, so that the next ones can build on them."""
    warm_s, cold_s = case.catalogue.rules.warm_minimum.value, case.catalogue.rules.cold_minimum.value
    warm = whole_days(warm_s)
    for kept in kept_by(case):
        cold, delete = kept.lifecycle.cold_storage_after, kept.lifecycle.delete_after
        names = case.subjects_of.get(kept.plan, {})
        on = case.scenario.as_of
        moved = [n for n in names if n in case.types and moves_to_cold(case.types[n], kept.rule, kept.lifecycle, on)]
        if cold is None or cold >= warm_s or not moved:
            continue
        found = f"{kept.name} moves points of {listed(moved)} to cold storage after {format_duration(cold)}"
        rule = f"AWS makes a new full backup where none has stayed warm for {warm}, and bills it"
        loc, end = (*kept.loc, "cold_storage_after"), (*kept.loc, "delete_after")
        repair, edits = f"write `cold_storage_after: {warm}` or more", [Edit(loc, warm)]
        if delete is not None and delete < warm_s + cold_s:
            least = whole_days(warm_s + cold_s)
            repair, edits = (
                f"write `cold_storage_after: {warm}` and `delete_after: {least}` or more",
                [*edits, Edit(end, least)],
            )
        yield Finding(loc, found, rule, repair, tuple(edits))
