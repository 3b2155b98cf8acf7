"""What is worth knowing about money before anything is drilled: what grows for ever, rebuilds that are too short."""

from __future__ import annotations

import math
from collections.abc import Iterator

from drsim.engine import World, build_world
from drsim.errors import Problem
from drsim.scenario import Scenario
from drsim.study.costs.for_ever import ForEver, kept_for_ever
from drsim.units import HOUR_S


def money_notices(scenario: Scenario) -> tuple[Problem, ...]:
    """Return what a scenario's strategies keep for ever and what that costs, and which rebuilds are too short.

    Args:
        scenario: checked.
    """
    found: list[Problem] = []
    for name in scenario.strategies:
        world = build_world(scenario, name)
        found += (_for_ever(name, kept) for kept in kept_for_ever(scenario, world))
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
