"""Who can make a difference to a subject: what it waits for, and what its jobs and restores queue with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from drsim.catalogue import Catalogue
from drsim.engine.strike import may_strike
from drsim.scenario import Scenario, Strategy, Subject, subjects
from drsim.scenario.subjects import application_of
from drsim.world import World


@dataclass(frozen=True)
class Reach:
    """What can make a difference to a subject.

    Attributes:
        applications: whose recovery can: those that it waits for, and those that queue for the same slots.
        resources: whose jobs can, by name.
        struck: resources that the disruption can strike, by name.
    """

    applications: frozenset[str]
    resources: frozenset[str]
    struck: frozenset[str]


def reach(world: World, disruption: str, *subjects: str) -> Reach:
    """Return what can make a difference to any of some subjects under a disruption.

    Args:
        world: the strategy's world.
        disruption: its name.
        subjects: `app` or `app.resource` each.
    """
    names = {application_of(subject) for subject in subjects}
    apps = {i for i, application in enumerate(world.applications) if application.name in names}
    users: dict[int, set[int]] = {}
    for m, member in enumerate(world.members):
        law = member.restoration
        for i in {i for limits in law.all_limits for i in limits}:
            users.setdefault(i, set()).add(m)
    # half the slots are the least that is tried
    full = [sharers for i, sharers in users.items() if len(sharers) > max(1, world.limits[i].slots // 2)]
    while True:
        wider = set(apps)
        for a in apps:
            wider.update(world.applications[a].after)
        for sharers in full:
            sharing = {world.resources[world.members[m].resource].app for m in sharers}
            if sharing & wider:
                wider |= sharing
        if wider == apps:
            break
        apps = wider
    resources = {r for a in apps for r in world.applications[a].resources}
    for component in world.components:
        here = {world.members[m].resource for m in component.members}
        if any(r in resources and not world.resources[r].stateless for r in here):
            resources |= here
    struck = {world.members[m].resource for m in np.flatnonzero(may_strike(world, disruption)).tolist()}
    return Reach(
        frozenset(world.applications[a].name for a in apps),
        frozenset(world.resources[r].name for r in resources),
        frozenset(world.resources[r].name for r in struck),
    )


@dataclass(frozen=True)
class Studied:
    """What is studied: a subject of a scenario under one strategy and one disruption.

    Attributes:
        scenario: what the user wrote.
        world: the world of the strategy.
        disruption: its name.
        subject: `app` or `app.resource`.
    """

    scenario: Scenario
    world: World
    disruption: str
    subject: str

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue."""
        return self.scenario.catalogue

    @property
    def strategy(self) -> Strategy:
        """The strategy as written."""
        return self.scenario.strategies[self.world.strategy]

    @property
    def application(self) -> str:
        """The subject's application."""
        return application_of(self.subject)

    @cached_property
    def subjects(self) -> dict[str, Subject]:
        """The resources by name."""
        return subjects(self.scenario)

    @cached_property
    def reach(self) -> Reach:
        """What can make a difference to the subject."""
        return reach(self.world, self.disruption, self.subject)

    @cached_property
    def before(self) -> frozenset[str]:
        """The subject's application and those that it waits for."""
        upstream, more = set[str](), {self.application}
        while more:
            upstream |= more
            more = {b for a in more for b in self.scenario.applications[a].waits_for} - upstream
        return frozenset(upstream)

    @cached_property
    def _beside_data(self) -> frozenset[str]:
        """Resources whose jobs can make those of resources with data wait, or that have data themselves."""
        world, neighbours = self.world, set[int]()
        for component in world.components:
            of_component = {world.members[m].resource for m in component.members}
            if any(not world.resources[r].stateless for r in of_component):
                neighbours |= of_component
        return frozenset(world.resources[r].name for r in neighbours)

    def moving(self, resources: Iterable[str]) -> frozenset[str]:
        """Return those resources whose backup and copy jobs can make a difference to the subject."""
        return frozenset(resources) & self.reach.resources & self._beside_data
