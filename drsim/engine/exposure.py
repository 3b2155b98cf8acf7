"""Whom a disruption can reach, and how often a year: from structure and rates alone, never counted from drills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


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
