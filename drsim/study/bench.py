"""The bench: the one place where worlds are built and drills are run, again and again with something changed.

A bench has a scenario, and all luck is the same; what is changed of it, or of its worlds, is another bench, which works
out only what the change can touch (`drsim.world.sharing`, `drsim.engine.Rehearsal`). What it tells it tells as arrays
and figures; tables are made where somebody wants one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from drsim.engine import Alone, Rehearsal, fares_alone, frame_of_all, run_drills, runs_together, why_not_vectorised
from drsim.engine.exposure import Exposure, exposure
from drsim.scenario import Scenario
from drsim.scenario.part import part_of
from drsim.study.affected import Affected
from drsim.study.losses import Losses, losses_of
from drsim.study.pieces import Lives, Pair, Piece
from drsim.study.replay import Replay, replay
from drsim.study.settings import choose, with_settings
from drsim.study.work import DrillLog, live_through, work_through
from drsim.world import World, build_world
from drsim.world.sharing import shared
from drsim.world.unlimited import unlimited

if TYPE_CHECKING:
    from drsim.study.costs import ForEver
    from drsim.study.costs.amounts import Amount

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
        strategies: names of those that are drilled; all if left out.
        drills: of each unit, in place of the scenario's.
        seed: of all draws, in place of the scenario's.
        horizon_s: how long after the start the plans go on, in place of the scenario's horizon [s].

    Attributes:
        scenario: with these drills and this seed.
        disruptions, strategies: those asked for, in the scenario's order.
        horizon_s: as given.
        former: the bench that this one was changed from; None where it was not.
        on_world: the changes of each world, one after the other.

    Raises:
        InputError: drills or seed out of range; names that are not in the scenario.
    """

    def __init__(
        self,
        scenario: Scenario,
        disruptions: Sequence[str] | None = None,
        *,
        strategies: Sequence[str] | None = None,
        drills: int | None = None,
        seed: int | None = None,
        horizon_s: float | None = None,
    ) -> None:
        self.scenario = with_settings(scenario, drills=drills, seed=seed)
        chosen = choose(scenario, strategies, disruptions)
        self.strategies, self.disruptions = chosen["strategy"], chosen["disruption"]
        self.horizon_s = horizon_s
        self.former: Bench | None = None
        self._is_rebuilt = True
        self.on_world: tuple[OfWorld, ...] = ()
        self._worlds: dict[str, World] = {}
        self._refusals: dict[str, dict[str, str]] = {}
        self._exposures: dict[Pair, Exposure] = {}
        self._rehearsals: dict[str, list[Rehearsal]] = {}

    def changed(self, on_scenario: OfScenario = _same_scenario, on_world: OfWorld = _same_world) -> Bench:
        """Return the bench with something changed, which shares all else; its drills have the luck of these.

        Args:
            on_scenario: the change of the scenario; nothing is checked again.
            on_world: the change of each strategy's world, where no scenario can say it.
        """
        bench = Bench(
            on_scenario(self.scenario), self.disruptions, strategies=self.strategies, horizon_s=self.horizon_s
        )
        bench.former, bench.on_world = self, (*self.on_world, on_world)
        # what changes in the worlds alone is changed in those that there are
        bench._is_rebuilt = on_scenario is not _same_scenario
        return bench

    def part(
        self,
        strategies: Sequence[str] | None = None,
        disruptions: Sequence[str] | None = None,
        *,
        drills: int | None = None,
    ) -> Bench:
        """Return the bench of some strategies and disruptions, or of other drills, with the worlds of this one.

        Args:
            strategies: names; those of this bench if left out.
            disruptions: names, likewise.
            drills: of each unit, likewise.

        Raises:
            InputError: names that are not in the scenario; drills out of range.
        """
        bench = Bench(
            self.scenario,
            disruptions or self.disruptions,
            strategies=strategies or self.strategies,
            drills=drills,
            horizon_s=self.horizon_s,
        )
        bench.former, bench.on_world, bench._is_rebuilt = self.former, self.on_world, self._is_rebuilt
        bench._worlds = self._worlds
        return bench

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """The strategies and disruptions that are drilled, by strategy."""
        return tuple((strategy, disruption) for strategy in self.strategies for disruption in self.disruptions)

    @property
    def worlds(self) -> Mapping[str, World]:
        """The worlds of all strategies that are drilled, by name."""
        return {strategy: self.world(strategy) for strategy in self.strategies}

    def world(self, strategy: str) -> World:
        """Return the world of a strategy; what a change leaves as it was is the same object in both."""
        if strategy not in self._worlds:
            former = self.former.world(strategy) if self.former else None
            if former is None or self._is_rebuilt:
                world = build_world(self.scenario, strategy, horizon_s=self.horizon_s)
                for change in self.on_world:
                    world = change(world)
            else:
                world = self.on_world[-1](former)
            self._worlds[strategy] = world if former is None else shared(world, former)
        return self._worlds[strategy]

    def exposure(self, strategy: str, disruption: str) -> Exposure:
        """Return how a disruption reaches the subjects of a strategy."""
        pair = strategy, disruption
        if pair not in self._exposures:
            self._exposures[pair] = exposure(self.world(strategy), disruption, self.scenario.drills)
        return self._exposures[pair]

    def logs(
        self, pieces: Sequence[Piece], workers: int | None, expected_s: float = 0.0, *, whole: bool
    ) -> Generator[list[DrillLog]]:
        """Yield the logs of pieces of the drills; arguments as for `drsim.study.work.work_through`."""
        worlds = {piece.strategy: self.world(piece.strategy) for piece in pieces}
        return work_through(worlds, pieces, workers, expected_s, whole=whole)

    def replay(self, strategy: str, disruption: str, drill: int, unit: int, former: Replay | None = None) -> Replay:
        """Return a drill of a strategy, played again; arguments as for `drsim.study.replay.replay`."""
        return replay(self.world(strategy), disruption, drill, unit, former)

    def lives(self, pieces: Sequence[Lives], workers: int) -> Generator[pd.DataFrame]:
        """Yield the incidents of pieces of lives; arguments as for `drsim.study.work.live_through`."""
        return live_through(self.worlds, pieces, workers)

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
        refusals = self.refusals(strategy)
        return tuple(name for name in self.disruptions if name not in refusals)

    def refusals(self, strategy: str) -> Mapping[str, str]:
        """Return the disruptions under which the vectorised clock does not take the drills of a strategy, and why."""
        if strategy not in self._refusals:
            world = self.world(strategy)
            whys = {name: why_not_vectorised(world, name) for name in self.disruptions}
            self._refusals[strategy] = {name: why for name, why in whys.items() if why is not None}
        return self._refusals[strategy]

    @property
    def refused(self) -> dict[Pair, str]:
        """The pairs whose drills the vectorised clock does not take, and why."""
        return {(s, d): why for s in self.strategies for d, why in self.refusals(s).items()}

    def fates(self, resource: str, strategy: str, protections: Sequence[OfScenario]) -> Alone:
        """Return how a resource fares under many protections if there were nothing else, and slots for every job.

        The drills and their luck are those of this bench; where no limit binds and nothing waits for anything else, a
        resource fares so in the whole scenario, too.

        Args:
            resource: its name, `app.resource`; one that is nested in a stack fares with its stack.
            strategy: whose protection is meant.
            protections: changes of the scenario, at least one; each says how the resource is protected, and nothing
                else.

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

    def steady_bill(self, strategy: str) -> list[Amount]:
        """Return the amounts of the bill of an average month, as `drsim.study.costs.steady_bill` does."""
        from drsim.study.costs import steady_bill
        from drsim.study.costs.estate import Estate

        return steady_bill(Estate.of(self.scenario, self.world(strategy)))

    def kept_for_ever(self, strategy: str) -> list[ForEver]:
        """Return what a strategy keeps for ever, as `drsim.study.costs.kept_for_ever` does."""
        from drsim.study.costs import kept_for_ever

        return kept_for_ever(self.scenario, self.world(strategy))
