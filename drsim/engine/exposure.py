"""Whom a disruption can reach, and how often a year: from structure and rates alone, never counted from drills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from drsim.engine.world import World


@dataclass(frozen=True)
class Exposure:
    """How a disruption reaches the subjects of a world.

    Attributes:
        by_resource: whether the kind strikes one resource a drill.
        struck_per_year: subject (`app`, `app.resource`) -> how often it is struck [1/year]; what the disruption cannot
            reach is not there.
        dealt: application -> (struck resource, first drill, last drill + 1): whose drills are its own, where the kind
            strikes one resource.
        dependents: (dependent application, struck unit) -> how often it is taken down by a unit in which it does not
            stand itself [1/year].
    """

    by_resource: bool
    struck_per_year: Mapping[str, float]
    dealt: Mapping[str, tuple[tuple[str, int, int], ...]]
    dependents: Mapping[tuple[str, str], float]


def exposure(world: World, disruption: str, drills: int) -> Exposure:
    """Return how a disruption reaches the subjects of a world.

    Args:
        world: the strategy's world.
        disruption: its name.
        drills: of each unit, which are dealt among an application's resources.
    """
    d = world.disruptions[disruption]
    by_resource = d.strikes == "resource"
    rates: dict[str, float] = {}
    dealt: dict[str, tuple[tuple[str, int, int], ...]] = {}
    for app in world.applications:
        own = sorted(world.resources[r].name for r in app.resources if r in d.targets)
        if own:
            rate = d.rate_per_year / len(d.targets) if by_resource else d.rate_per_year
            rates |= dict.fromkeys(own, rate) | {app.name: rate * len(own) if by_resource else rate}
            edges = [drills * k // len(own) for k in range(len(own) + 1)]
            if by_resource:
                dealt[app.name] = tuple(zip(own, edges[:-1], edges[1:], strict=True))
    return Exposure(by_resource, rates, dealt, {})
