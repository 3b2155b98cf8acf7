"""Notices of money: what grows for ever, and rebuilds that are too short to compare with."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from drsim.errors import Alike, Edit, Weight
from drsim.scenario import CopyAction, Lifecycle
from drsim.scenario.nodes import Loc
from drsim.scenario.registry import Finding, Repair, listed
from drsim.study.bench import Bench
from drsim.study.costs.amounts import LATER_YEARS, Amount
from drsim.study.costs.estate import Estate
from drsim.study.costs.steady import steady_bill
from drsim.study.notices.registry import Job, Outlook, notice, of_resources, rounded
from drsim.units import HOUR_S, format_duration, format_number
from drsim.world import World
from drsim.world.model import Application


class _Growing(NamedTuple):
    """Jobs whose points are kept for ever, and the lines of the bill that they make grow."""

    job: Job
    amounts: dict[int, Amount]


@notice("kept-for-ever", Weight.COSTS)
def kept_for_ever(outlook: Outlook) -> Iterator[Finding]:
    """What is stored comes to an end."""
    groups: dict[Loc, list[_Growing]] = {}
    growing = [amount for amount in outlook.bill if amount.later]
    for job in outlook.jobs:
        made = job.stream if job.copy is None else job.copy
        place = outlook.estate.place(made.vault)
        lines = {id(a): a for a in growing if a.subject == job.resource.name and a.place == place}
        is_point = job.copy is not None or job.stream.is_point
        ever = math.isinf(made.delete_after_s) and job.chances.p_stays(job.stream, job.copy) > 0
        if lines and is_point and ever and not outlook.is_void(job):
            groups.setdefault(job.loc, []).append(_Growing(job, lines))
    by_loc = {loc: {key: a for kept in group for key, a in kept.amounts.items()} for loc, group in groups.items()}
    for loc, group in groups.items():
        job, amounts = group[0].job, by_loc[loc]
        usd, costs = _later(amounts.values())
        # rules that keep points in one vault have lines of the bill in common
        beside = [other for other, lines in by_loc.items() if other != loc and not lines.keys().isdisjoint(amounts)]
        costs += f", with those of {listed([groups[other][0].job.name for other in beside])}" if beside else ""
        share = sum(
            a.later[0] * a.usd_per_unit / sum(k in lines for lines in by_loc.values()) for k, a in amounts.items()
        )
        names = tuple(dict.fromkeys(kept.job.resource.name for kept in group))
        made = job.stream if job.copy is None else job.copy
        of = f"points of {job.name}" if job.copy is None else job.name
        are = "are" if job.copy is None else "is"
        of += ", where a copy is not made," * (made.goes is not None)
        yield Finding(
            (*loc, "lifecycle"),
            of_resources(names, f"{of} in {outlook.estate.place(made.vault)} {are} kept for ever: {costs}"),
            "without `delete_after` nothing is deleted, and what is stored grows from month to month",
            "write `delete_after` where that is not meant, such as `delete_after: 365 d`, or `age` if the rule is "
            "younger than a year",
            _ended(job, loc),
            (Repair("write `delete_after` where that is not meant"),),
            usd_per_month=0.0 if math.isnan(share) else share,
            alike=Alike(of, usd[-1], names),
        )


def _later(amounts: Iterable[Amount]) -> tuple[list[float], str]:
    """Return what amounts that grow come to in `LATER_YEARS` [USD/month], and the words for it."""
    growing = list(amounts)
    usd = [sum(a.later[k] * a.usd_per_unit for a in growing) for k in range(len(LATER_YEARS))]
    return usd, ", ".join(f"{rounded(price)} after {years} y" for years, price in zip(LATER_YEARS, usd, strict=True))


@notice("copy-without-lifecycle", Weight.MISLEADS)
def copy_without_lifecycle(outlook: Outlook) -> Iterator[Finding]:
    """A copy says itself how long it is kept.

    Source: AWS documents that one without a lifecycle has that of its source; consoles and tools have been seen to
    send an empty lifecycle in its place, which never ends.
    """
    groups: dict[Loc, list[Job]] = {}
    for job in outlook.jobs:
        is_written = job.placed is None or job.placed.action.lifecycle is not None
        if job.copy is not None and not is_written and math.isfinite(job.copy.delete_after_s):
            groups.setdefault(job.loc, []).append(job)
    growing = [amount for amount in _endless(outlook, frozenset(groups)).bill if amount.later] if groups else []
    for loc, jobs in groups.items():
        first, place = jobs[0], outlook.estate.place(jobs[0].copy.vault) if jobs[0].copy else ""
        resources = dict.fromkeys(job.resource.name for job in jobs)
        _, costs = _later(a for a in growing if a.subject in resources and a.place == place)
        kept = format_duration(first.copy.delete_after_s if first.copy else math.inf)
        yield Finding(
            loc,
            of_resources(
                list(resources), f"{first.name} names no `lifecycle`: it is kept as what it is made from, {kept}"
            ),
            f"so AWS documents it; a tool that sends an empty lifecycle instead has it kept for ever: {costs}",
            f"write how long it is kept, such as `lifecycle: {{delete_after: {kept}}}`",
            _written(first, loc),
        )


def _endless(outlook: Outlook, locs: frozenset[Loc]) -> Outlook:
    """Return the outlook of a scenario whose copies at these places never end."""

    def ended_never(actions: Sequence[CopyAction], loc: Loc) -> list[CopyAction]:
        endless = []
        for i, action in enumerate(actions):
            lifecycle = Lifecycle() if (*loc, i) in locs else action.lifecycle
            then = ended_never(action.then, (*loc, i, "then"))
            endless.append(action.model_copy(update={"lifecycle": lifecycle, "then": then}))
        return endless

    plans = dict(outlook.scenario.backup_plans)
    for name, plan in plans.items():
        rules = []
        for i, rule in enumerate(plan.rules):
            made = ended_never(rule.copy_actions, ("backup_plans", name, "rules", i, "copy_actions"))
            rules.append(rule.model_copy(update={"copy_actions": made}))
        plans[name] = plan.model_copy(update={"rules": rules})
    scenario = outlook.scenario.model_copy(update={"backup_plans": plans})
    world = Bench(scenario, strategies=[outlook.strategy]).world(outlook.strategy)
    return Outlook(Estate.of(scenario, world), outlook.drills)


def _written(job: Job, loc: Loc) -> tuple[Edit, ...]:
    """Return the lifecycle that a copy has from its source, written at the copy."""
    if job.placed is None:
        return ()
    written = job.placed.lifecycle.model_dump(mode="json", exclude_defaults=True)
    return tuple(Edit((*loc, "lifecycle", key), value) for key, value in written.items() if value is not None)


def _ended(job: Job, loc: Loc) -> tuple[Edit, ...]:
    """Return what ends a lifecycle, which a copy action may only have inherited."""
    if job.rule is None:
        return ()
    edits = [Edit((*loc, "lifecycle", "delete_after"), "365 d")]
    if job.placed is not None and job.placed.action.lifecycle is None:
        written = job.placed.lifecycle.model_dump(mode="json", exclude_defaults=True)
        edits += [Edit((*loc, "lifecycle", key), value) for key, value in written.items() if value is not None]
    return tuple(edits)


@notice("like-changes-nothing", Weight.TIDINESS)
def like_changes_nothing(outlook: Outlook) -> Iterator[Finding]:
    """Prices that are put in the place of estimates change the bill."""
    like = outlook.scenario.prices.like
    if like is None:
        return
    estate = outlook.estate
    plain = replace(estate, prices=replace(estate.prices, otherwise=None))
    if [amount.price.value for amount in outlook.bill] == [amount.price.value for amount in steady_bill(plain)]:
        found = f"no price of the monthly bill changes by `like: {like}`"
        rule = (
            "it stands in the place of prices that the list estimates or lacks: the list knows all of these, or "
            f"{like} has none to give, or the same"
        )
        repair = f"remove it, or write `prices: {{regions: {{R: {{like: {like}}}}}}}`, which goes before what is known"
        keys = ("like", "factor") if outlook.scenario.prices.factor is not None else ("like",)
        yield Finding(("prices", "like"), found, rule, repair, tuple(Edit(("prices", key)) for key in keys))


@notice("rebuild-too-short", Weight.MISLEADS)
def rebuild_too_short(outlook: Outlook) -> Iterator[Finding]:
    """Data are restored sooner on average than the business would be rebuilt without them."""
    world = outlook.estate.world
    for app in world.applications:
        written = outlook.scenario.applications[app.name]
        slowest = _slowest(world, app)
        if written.rebuild is None or slowest is None or slowest[0] <= written.rebuild.mean:
            continue
        hours, days = slowest[0] / HOUR_S, math.ceil(slowest[0] / HOUR_S / 24) + 1
        yield Finding(
            ("applications", app.name, "rebuild"),
            f"{app.name}: to restore {slowest[1]} takes {format_number(hours)} h on average, its rebuild "
            f"{format_number(written.rebuild.mean / HOUR_S)} h",
            "the rebuild is too short to compare by money: what loses everything would come out cheaper",
            f"write as `rebuild` how long the business is down when its data are lost for good, such as "
            f"`rebuild: {days} d`",
            (Edit(("applications", app.name, "rebuild"), f"{days} d"),),
        )


def _slowest(world: World, app: Application) -> tuple[float, str] | None:
    """Return the longest mean time to recover a resource with data, people's included [s], and its name."""
    people_s = sum(law.mean for law in (world.detect, world.declare, world.validation, world.redirection))
    times = []
    for resource in (world.resources[r] for r in app.resources):
        if not resource.stateless:
            works = world.members[resource.members[0]].restoration.works_at(resource.site)
            seconds = (float(work.expected_s(resource.size_bytes, resource.objects)) for work in works)
            times.append((people_s + math.fsum(seconds), resource.name))
    return max(times, default=None)
