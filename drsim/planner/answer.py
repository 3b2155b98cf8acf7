"""What a search for a plan comes to: the plan, what it costs and reaches, what it changes, and what nothing reaches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from drsim.planner.drills import Fare
from drsim.planner.judge import Outcome
from drsim.planner.money import dollars
from drsim.planner.priorities import RestoreOrder
from drsim.planner.problem import Wanted
from drsim.planner.protection import Protection, Readiness
from drsim.planner.relax import Unmet
from drsim.scenario import Scenario


@dataclass(frozen=True)
class Confirmation:
    """Drills that the search never saw, with the plan in the whole scenario.

    Attributes:
        seed: of them.
        drills: of each unit.
        outcomes: of each application under each disruption that is to be met.
    """

    seed: int
    drills: int
    outcomes: tuple[Outcome, ...]

    @property
    def holds(self) -> bool:
        """Whether every share is at least what is asked for."""
        return all(outcome.holds for outcome in self.outcomes)


@dataclass(frozen=True)
class Change:
    """What becomes of a resource's protection.

    Attributes:
        resource: its name.
        before, after: in words.
        before_cost, after_cost: of each, in an average month [whole units].
        before_fares, after_fares: disruption -> how it fares.
    """

    resource: str
    before: str
    after: str
    before_cost: int
    after_cost: int
    before_fares: Mapping[str, Fare]
    after_fares: Mapping[str, Fare]

    @property
    def is_change(self) -> bool:
        """Whether anything changes."""
        return self.before != self.after


@dataclass(frozen=True)
class Effort:
    """What was done to find a plan.

    Attributes:
        drills, seed: by which plans were compared.
        possible: how many protections of single resources there are.
        evaluated: how many of them, or of their parts, were drilled.
        rounds: how many choices were looked at.
        judged: how many plans were drilled in the whole scenario.
        stopped: why the search ended before it had an answer; empty where it did not.
    """

    drills: int
    seed: int
    possible: int = 0
    evaluated: int = 0
    rounds: int = 0
    judged: int = 0
    stopped: str = ""


@dataclass(frozen=True)
class Plan:
    """The cheapest plan that was found, with its proof.

    Attributes:
        scenario: the scenario with the strategy `drsim.planner.PLANNED` beside its own.
        baseline: name of the strategy that it is compared with.
        wanted: what the plan was made to reach, relaxed where nothing reaches what is asked.
        unmet: what nothing reaches, with what would do.
        protections: of each resource.
        standbys: of each application that has one.
        cost, baseline_cost: bills of an average month [whole units]; what has no price is in neither.
        bound: what any plan costs at least that reaches what is wanted, with what its backup plans cost in people's
            time [whole units].
        confirmations: drills that the search never saw.
        missed: what the plan misses in them, or in the drills of the search where they do not show that it is met.
        plans_cost: what its backup plans cost in people's time, which is in no bill [whole units].
        changes: of each resource.
        effort: what was done to find it.
        unpriced: resource or application -> what it might have that was not chosen from, since it has no price.
        order: priorities of applications that restore the dearest first; None where none saves anything.
    """

    scenario: Scenario
    baseline: str
    wanted: Wanted
    unmet: tuple[Unmet, ...]
    protections: Mapping[str, Protection]
    standbys: Mapping[str, Readiness]
    cost: int
    baseline_cost: int
    bound: int
    confirmations: tuple[Confirmation, ...]
    changes: tuple[Change, ...]
    effort: Effort
    missed: tuple[Outcome, ...] = field(default=())
    plans_cost: int = 0
    unpriced: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    order: RestoreOrder | None = None

    @property
    def usd_per_month(self) -> float:
        """What it costs [USD/month]."""
        return dollars(self.cost)

    @property
    def bound_usd(self) -> float:
        """What any such plan costs at least [USD/month]."""
        return dollars(self.bound)

    @property
    def baseline_usd(self) -> float:
        """What the baseline costs [USD/month]."""
        return dollars(self.baseline_cost)

    @property
    def gap(self) -> float:
        """By which share of the bound the plan may be dearer than the cheapest; 0 where it is the cheapest."""
        cost = self.cost + self.plans_cost
        return (cost - self.bound) / self.bound if self.bound else float(cost > 0)

    @property
    def state(self) -> str:
        """`met`, `relaxed` where part of it is out of reach, or `undecided` where drills do not bear it out."""
        if self.missed or not self.confirmations:
            return "undecided"
        return "relaxed" if self.unmet else "met"
