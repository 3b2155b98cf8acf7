"""What only prices and probabilities tell before anything is drilled.

What grows for ever, backups that as good as never complete, rebuilds that are too short.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from drsim.engine import World, build_world
from drsim.engine.world import Stream
from drsim.errors import Problem
from drsim.scenario import Scenario
from drsim.study.costs.estate import Estate
from drsim.study.costs.for_ever import ForEver, kept_for_ever
from drsim.study.costs.kept import Chances
from drsim.units import HOUR_S, format_duration

_SELDOM = 0.5
"""Probability of leaving a point, a first one in all the time that is looked at, below which it is worth a word."""


def money_notices(scenario: Scenario) -> tuple[Problem, ...]:
    """Return what is kept for ever and what that costs, which backups seldom complete, which rebuilds are too short.

    Args:
        scenario: checked.
    """
    found: list[Problem] = []
    for name in scenario.strategies:
        world = build_world(scenario, name)
        found += (_for_ever(name, kept) for kept in kept_for_ever(scenario, world))
        found += _seldom_complete(Estate.of(scenario, world))
        found += _short_rebuilds(scenario, world)
    return tuple(dict.fromkeys(found))


def _for_ever(strategy: str, kept: ForEver) -> Problem:
    costs = ", ".join(f"{_usd(usd)} after {years} y" for years, usd in kept.usd_per_month.items())
    return Problem(
        "",
        0,
        "kept-for-ever",
        f"{kept.subject} under {strategy}: points in {kept.place} are kept for ever: {costs}",
        "without `delete_after` nothing is deleted, and what is stored grows from month to month",
        "write `delete_after` where that is not meant, or `age` if the rule is not a year old",
    )


def _usd(usd: float) -> str:
    return "an unknown price" if math.isnan(usd) else f"{usd:,.2f} USD/month"


def _seldom_complete(estate: Estate) -> Iterator[Problem]:
    """Yield the rules whose backups of a resource seldom leave a point, with what most of them do not pass."""
    for resource in estate.world.resources:
        chances = Chances(estate, resource)
        for rule in chances.rules:
            there, each, _ = chances.of_rule(rule)
            share = there * each
            if share >= _SELDOM:
                continue
            often = "never completes" if not share else f"completes with a probability of {share:.2g}"
            first = chances.builds_on(rule)
            why, repair = _why_seldom(rule, chances)
            yield Problem(
                "",
                0,
                "backup-never-completes",
                f"{resource.name} under {estate.world.strategy}: a {'first ' * first}backup by "
                f"`{rule.name.rpartition('/')[2]}` {often}{' in a year' * (first and share > 0)}: {why}",
                "a job that is ended or fails leaves no point" + ", so that the next is a first one, too" * first,
                repair,
            )


def _why_seldom(rule: Stream, chances: Chances) -> tuple[str, str]:
    """Return the hurdle that most backups of a rule do not pass, and what to write."""
    hurdles, resource = chances.hurdles(rule), chances.resource
    if hurdles.succeeds == min(hurdles):
        return f"{100 * rule.failure.p:.3g} % of its jobs fail", "write a lower `backup_failure`, if that is not meant"
    if hurdles.starts == min(hurdles):
        window, delay = format_duration(rule.start_window_s), format_duration(rule.start_delay.mean)
        return (
            f"it has to start within {window}, and starts after {delay} on average",
            f"write a `start_window` well above {delay}",
        )
    lasts = format_duration(float(rule.work.expected_s(resource.size_bytes, resource.objects)))
    return (
        f"it takes {lasts} on average, and has to complete within {format_duration(rule.completion_window_s)}",
        f"write a `completion_window` well above {lasts}",
    )


def _short_rebuilds(scenario: Scenario, world: World) -> Iterator[Problem]:
    """Yield the applications whose data are restored more slowly on average than the business would be rebuilt."""
    for app in world.applications:
        written = scenario.applications[app.name]
        if written.rebuild is None:
            continue
        people_s = sum(law.mean for law in (world.detect, world.declare, world.validation, world.redirection))
        restores = {
            world.resources[r].name: float(
                law.work.expected_s(world.resources[r].size_bytes, world.resources[r].objects)
            )
            for r in app.resources
            for law in [world.members[world.resources[r].members[0]].restoration]
            if not world.resources[r].stateless
        }
        slowest = max(restores, key=lambda name: restores[name], default=None)
        if slowest is not None and people_s + restores[slowest] > written.rebuild.mean:
            hours = (people_s + restores[slowest]) / HOUR_S
            yield Problem(
                "",
                0,
                "rebuild-too-short",
                f"{app.name}: to restore {slowest} takes {hours:,.3g} h on average, its rebuild "
                f"{written.rebuild.mean / HOUR_S:,.3g} h",
                "the rebuild is too short to compare by money: what loses everything would come out cheaper",
                "write as `rebuild` how long the business is down when its data are lost for good",
            )
