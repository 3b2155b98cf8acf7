"""The bench: where drills are run again and again with something changed, all luck the same.

A bench has a scenario; what is changed of it, or of its worlds, is another bench, which works out only what the change
can touch (`drsim.world.sharing`, `drsim.engine.Rehearsal`). What it tells it tells as arrays and figures; tables are
made where somebody wants one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from drsim.engine import Alone, Rehearsal, fares_alone, frame_of_all, run_drills, runs_together, why_not_vectorised
from drsim.engine.exposure import Exposure, exposure
from drsim.scenario import Scenario
from drsim.scenario.part import part_of
from drsim.study.affected import Affected
from drsim.study.losses import Losses, losses_of
from drsim.study.settings import with_settings
from drsim.world import World, build_world
from drsim.world.sharing import shared
from drsim.world.unlimited import unlimited

OfScenario = Callable[[Scenario], Scenario]
OfWorld = Callable[[World], World]


def _same_scenario(scenario: Scenario) -> Scenario:
    return scenario


def _same_world(world: World) -> World:
    return world


class Bench:
    """The drills of a scenario.

    Args:
        scenario: a right one.
        disruptions: names of those under which it is drilled; all if left out.
        drills: of each unit, in place of the scenario's.
        seed: of all draws, in place of the scenario's.

    Attributes:
        scenario: with these drills and this seed.
        disruptions: as given.
        former: the bench that this one was changed from; None where it was not.
        on_world: the changes of each world, one after the other.

    Raises:
        InputError: drills or seed out of range.
    """

    def __init__(
        self,
        scenario: Scenario,
        disruptions: Sequence[str] = (),
        *,
        drills: int | None = None,
        seed: int | None = None,
    ) -> None:
        self.scenario = with_settings(scenario, drills=drills, seed=seed)
        self.disruptions = tuple(disruptions) or tuple(scenario.disruptions)
        self.former: Bench | None = None
        self.on_world: tuple[OfWorld, ...] = ()
        self._worlds: dict[str, World] = {}
        self._vectorised: dict[str, tuple[str, ...]] = {}
        self._rehearsals: dict[str, list[Rehearsal]] = {}

    def changed(self, on_scenario: OfScenario = _same_scenario, on_world: OfWorld = _same_world) -> Bench:
        """Return the bench with something changed, which shares all else; its drills have the luck of these.

        Args:
            on_scenario: the change of the scenario; nothing is checked again.
            on_world: the change of each strategy's world, where no scenario can say it.
        """
        bench = Bench(on_scenario(self.scenario), self.disruptions)
        bench.former, bench.on_world = self, (*self.on_world, on_world)
        return bench

    def world(self, strategy: str) -> World:
        """Return the world of a strategy; what a change leaves as it was is the same object in both."""
        if strategy not in self._worlds:
            world = build_world(self.scenario, strategy)
            for change in self.on_world:
                world = change(world)
            self._worlds[strategy] = shared(world, self.former.world(strategy)) if self.former else world
        return self._worlds[strategy]

    def exposure(self, strategy: str, disruption: str) -> Exposure:
        """Return how a disruption reaches the subjects of a strategy."""
        return exposure(self.world(strategy), disruption, self.scenario.drills)

    def affected(self, strategy: str, disruption: str) -> Affected:
        """Return the incidents of a strategy under a disruption, by subject, as arrays."""
        exposed = self.exposure(strategy, disruption)
        if disruption not in self.vectorised(strategy):
            return Affected.of(self.incidents(strategy, disruption), exposed)
        logs = [log for part in self.rehearsed(strategy) for log in part.logs[disruption]]
        return Affected.of_logs(logs, exposed)

    def losses(self, strategy: str, disruption: str) -> Losses:
        """Return what the incidents cost in time; restores are not counted."""
        return losses_of(self.affected(strategy, disruption), Counter())

    def incidents(self, strategy: str, disruption: str) -> pd.DataFrame:
        """Return the log of a strategy under a disruption, as `drsim.engine.run_drills` does."""
        if disruption not in self.vectorised(strategy):
            return run_drills(self.world(strategy), disruption, 0, self.scenario.drills)
        parts = self.rehearsed(strategy)
        return frame_of_all([part.logs[disruption] for part in parts], parts[0].places)

    def rehearsed(self, strategy: str) -> list[Rehearsal]:
        """Return the drills of a strategy that the vectorised clock takes, in parts that are worked out together."""
        if strategy not in self._rehearsals:
            names = self.vectorised(strategy)
            former = self.former if self.former and self.former.vectorised(strategy) == names else None
            known = {(part.run[0], part.run[-1]): part for part in former.rehearsed(strategy)} if former else {}
            world = self.world(strategy)
            self._rehearsals[strategy] = [
                Rehearsal(world, names, run, known.get((run[0], run[-1])), keeps=former is None)
                for run in runs_together(world, names, 0, self.scenario.drills)
            ]
        return self._rehearsals[strategy]

    def vectorised(self, strategy: str) -> tuple[str, ...]:
        """Return the disruptions under which the vectorised clock takes the drills of a strategy."""
        if strategy not in self._vectorised:
            world = self.world(strategy)
            names = (name for name in self.disruptions if why_not_vectorised(world, name) is None)
            self._vectorised[strategy] = tuple(names)
        return self._vectorised[strategy]

    def fates(self, resource: str, strategy: str, protections: Sequence[OfScenario]) -> Alone:
        """Return how a resource fares under many protections if there were nothing else, and slots for every job.

        The drills and their luck are those of this bench; where no limit binds and nothing waits for anything else, a
        resource fares so in the whole scenario, too.

        Args:
            resource: its name, `app.resource`; one that is nested in a stack fares with its stack.
            strategy: whose protection is meant.
            protections: changes of the scenario, of which each says how the resource is protected, and nothing else.

        Raises:
            KeyError: there is no such resource or strategy.
        """
        worlds = [self._alone(protection(self.scenario), resource, strategy) for protection in protections]
        return fares_alone(worlds, self.disruptions, np.arange(self.scenario.drills))

    def _alone(self, scenario: Scenario, resource: str, strategy: str) -> World:
        """Return the world of one resource, without limits."""
        world = build_world(part_of(scenario, resource), strategy)
        for change in self.on_world:
            world = change(world)
        return unlimited(world)

    def steady_costs(self, strategy: str) -> pd.DataFrame:
        """Return the steady costs of a strategy, as `drsim.study.costs.steady_costs` does."""
        from drsim.study.costs import steady_costs  # prices are read only where they are wanted

        return steady_costs(self.scenario, self.world(strategy))
