"""What there is to plan: the resources with what may protect them, and what they have to reach, alone and together."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from functools import cached_property, partial

import numpy as np

from drsim.planner.drills import Columns, ResourceDrills, groups_of
from drsim.planner.lazy import Joint, Lazy
from drsim.planner.look import Bits, Look
from drsim.planner.money import ResourceBill
from drsim.planner.offers import Offer
from drsim.planner.protection import Protection, Readiness
from drsim.planner.space import Choices, Space, standbys_of
from drsim.planner.strategy import PLANNED, with_strategy
from drsim.scenario import ObjectiveSet, Scenario, Subject, subjects
from drsim.scenario.prices import price_list
from drsim.study.bench import Bench

Wanted = Mapping[str, Mapping[str, ObjectiveSet]]
"""Application -> disruption -> what is to be reached."""


def wanted_of(
    scenario: Scenario, disruptions: Sequence[str] | None = None, attainment: float | None = None
) -> dict[str, dict[str, ObjectiveSet]]:
    """Return what a plan has to reach: the objectives of every application, by disruption.

    Args:
        scenario: a right one.
        disruptions: those that count; all under which an application has objectives if left out.
        attainment: in place of every application's.
    """
    wanted: dict[str, dict[str, ObjectiveSet]] = {}
    for app, application in scenario.applications.items():
        for name in scenario.disruptions if disruptions is None else disruptions:
            under = application.objectives.under(name)
            if under.is_asking:
                changed = under if attainment is None else under.model_copy(update={"attainment": attainment})
                wanted.setdefault(app, {})[name] = changed
    return wanted


class Estate:
    """The resources that are planned for, with their drills and what may protect them, whatever is to be reached.

    Args:
        scenario: a right one, with the vaults that may be used.
        disruptions: under which anything may be asked.
        space: what may be chosen.
        drills: of each unit by which plans are compared.
        keep: resource -> the strategy in which it stays protected as it is.
        seed: of all draws, in place of the scenario's.
        pause: called before drills are run; what it raises ends whatever asks.
        workers: processes that drill; what they find does not depend on it.

    Attributes:
        scenario, pause: as given.
        resources: names of those that are planned, those of an application beside each other.
        bench: the drills by which plans are compared, nothing being protected.
    """

    def __init__(
        self,
        scenario: Scenario,
        disruptions: Sequence[str],
        space: Space,
        drills: int,
        keep: Mapping[str, str] | None = None,
        seed: int | None = None,
        pause: Callable[[], None] = lambda: None,
        workers: int = 1,
    ) -> None:
        self.scenario, self._space, self._keep, self.pause = scenario, space, keep or {}, pause
        self._workers = workers
        self._subjects = {name: subject for name, subject in subjects(scenario).items() if name.count(".") == 1}
        self.resources = tuple(self._subjects)
        bare = with_strategy(scenario, {}, beside=True)
        self._offers: dict[tuple[int, Readiness | None], Offer] = {}
        self.bench = Bench(bare, disruptions, strategies=[PLANNED], drills=drills, seed=seed)

    def members(self, application: str) -> tuple[int, ...]:
        """Return the numbers of an application's resources."""
        return tuple(k for k, name in enumerate(self.resources) if self._subjects[name].application == application)

    def application_of(self, k: int) -> str:
        """Return the application of a resource, by its number."""
        return self._subjects[self.resources[k]].application

    @cached_property
    def columns(self) -> dict[str, Columns]:
        """The drills of each application."""
        world, drills = self.bench.world(PLANNED), self.bench.scenario.drills
        units = {d: [u.name for u in world.disruptions[d].units] for d in self.bench.disruptions}
        return {app: Columns.of(units, drills) for app in self.scenario.applications}

    @cached_property
    def drills(self) -> tuple[ResourceDrills, ...]:
        """The drills of each resource."""
        return tuple(
            ResourceDrills(self.bench, name, self.columns[subject.application], self._workers)
            for name, subject in self._subjects.items()
        )

    @cached_property
    def bills(self) -> tuple[ResourceBill, ...]:
        """What tells what each resource costs."""
        return tuple(ResourceBill(self.bench.scenario, name) for name in self.resources)

    @cached_property
    def choices(self) -> tuple[Choices, ...]:
        """What may protect each resource."""
        return tuple(map(self._choices, self._subjects.values()))

    def offer(self, k: int, standby: Readiness | None) -> Offer:
        """Return what may protect a resource under a standby of its application, by its number."""
        if (k, standby) not in self._offers:
            if standby is None:
                self._offers[k, standby] = Offer(self.choices[k], self.bills[k])
            else:
                self._offers[k, standby] = self.offer(k, None).under(standby)
        return self._offers[k, standby]

    def _choices(self, subject: Subject) -> Choices:
        scenario, app = self.scenario, subject.application
        standbys = {name: Readiness.of(s.standby.get(app)) for name, s in scenario.strategies.items()}
        priced = [
            standby for standby in standbys_of(scenario, app, self._space) if not self._without_price(app, standby)
        ]
        possible = list(dict.fromkeys([*priced, *standbys.values()]))
        kept, is_fixed = list(standbys.items()), subject.name in self._keep
        if is_fixed:
            kept = [(self._keep[subject.name], standby) for standby in possible]
        billing = price_list(scenario).billing(subject.resource.type)
        return Choices(
            scenario,
            subject,
            self._space,
            kept,
            possible,
            is_fixed=is_fixed,
            is_free_in_window=billing.window_free,
            is_priced=partial(self._is_priced, self.resources.index(subject.name)),
        )

    def _without_price(self, app: str, standby: Readiness | None) -> frozenset[str]:
        """Return what of a standby has no price: nobody can say that it is the cheapest."""
        nothing, there = Protection(), Protection(standby=standby)
        bills = [self.bills[k] for k in self.members(app)]
        return frozenset().union(*(bill.unpriced(there) - bill.unpriced(nothing) for bill in bills))

    def _is_priced(self, k: int, protection: Protection) -> bool:
        """Return whether a protection of a resource has no item without a price that it has not without it."""
        return not self.bills[k].unpriced(protection) - self.bills[k].unpriced(Protection())

    @cached_property
    def unpriced(self) -> dict[str, tuple[str, ...]]:
        """Resource or application -> what it might have that is not chosen from for want of a price, and why."""
        found: dict[str, tuple[str, ...]] = {}
        for k, (name, choices) in enumerate(zip(self.resources, self.choices, strict=True)):
            bill = self.bills[k]
            without = [
                f"{Protection(feature=feature).words} ({', '.join(sorted(bill.unpriced(Protection(feature=feature))))})"
                for feature in choices.unpriced
            ]
            if without:
                found[name] = tuple(without)
        for app in self.scenario.applications:
            standbys = [(s, self._without_price(app, s)) for s in standbys_of(self.scenario, app, self._space)]
            without = [f"{s.words} ({', '.join(sorted(why))})" for s, why in standbys if s is not None and why]
            if without:
                found[app] = tuple(without)
        return found

    def is_by_resource(self, disruption: str) -> bool:
        """Return whether a disruption strikes one resource at a time."""
        return self.bench.exposure(PLANNED, disruption).by_resource


class Problem:
    """What is to be reached with an estate.

    Args:
        estate: what there is.
        wanted: application -> disruption -> what is to be reached; only those that are to be met.
        plan_price: what each backup plan costs that is used at all [whole units].
        only: numbers of the resources that count; all of these applications if left out.

    Attributes:
        estate, wanted: as given.
        resources: numbers of the resources of the applications of which something is wanted.
    """

    def __init__(self, estate: Estate, wanted: Wanted, plan_price: int = 0, only: Container[int] | None = None) -> None:
        self._plan_price = plan_price
        self.estate, self.wanted = estate, wanted
        self.resources = tuple(k for app in wanted for k in estate.members(app) if only is None or k in only)

    @cached_property
    def looks(self) -> tuple[Look, ...]:
        """What is known of the protections of each resource of which something is wanted."""
        return tuple(map(self._look, self.resources))

    def _look(self, k: int) -> Look:
        estate, app = self.estate, self.estate.application_of(k)
        wanted, drills = self.wanted[app], estate.drills[k]

        def fates(protections: Sequence[Protection], is_lenient: bool) -> Bits:  # noqa: FBT001  a protocol's
            estate.pause()
            return drills.good(protections, wanted, is_lenient=is_lenient)

        at_home = [name for name in wanted if estate.is_by_resource(name)]
        groups = groups_of(wanted, estate.columns[app], drills.struck, at_home)
        return Look(estate.choices[k], fates, estate.bills[k], groups, partial(estate.offer, k), self._plan_price)

    @cached_property
    def applications(self) -> tuple[tuple[int, ...], ...]:
        """Places in `resources` of those of each application."""
        place = {k: i for i, k in enumerate(self.resources)}
        return tuple(tuple(place[k] for k in self.estate.members(app) if k in place) for app in self.wanted)

    @cached_property
    def joints(self) -> tuple[Joint, ...]:
        """What the resources of an application have to reach together: under each disruption that strikes several."""
        joints: list[Joint] = []
        for app, places in zip(self.wanted, self.applications, strict=True):
            if len(places) > 1:
                drills = [self.estate.drills[self.resources[i]] for i in places]
                struck = np.logical_or.reduce([d.struck for d in drills])
                at_once = {d: o for d, o in self.wanted[app].items() if not self.estate.is_by_resource(d)}
                groups = groups_of(at_once, self.estate.columns[app], struck)
                joints += [Joint(app, g.name, places, g.drills, g.least) for g in groups]
        return tuple(joints)

    def lazy(self) -> Lazy:
        """Return the choices that there are."""
        return Lazy(self.looks, self.applications, self.joints, self._plan_price)
