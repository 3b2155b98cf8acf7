"""The checks across fields, registered by the identifier that their problems carry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from drsim.catalogue import Catalogue, ResourceType
from drsim.errors import Alike, Edit, Weight
from drsim.scenario.model import Scenario, Site
from drsim.scenario.nodes import Loc
from drsim.scenario.plans import BackupPlan, CopyAction, Lifecycle, Rule, copies
from drsim.scenario.subjects import Subject, subjects


class Repair(NamedTuple):
    """What to write instead.

    Attributes:
        text: in words, as advice.
        edits: the same as changes of the scenario's data; none where it takes more knowledge than the scenario holds.
    """

    text: str
    edits: tuple[Edit, ...] = ()


class Finding(NamedTuple):
    """What a check found.

    Attributes:
        loc: the keys that lead to it.
        found: what stands there.
        rule: what should hold.
        repair: what to write instead, in words.
        edits: the same as changes, where that is possible.
        instead: what else would repair it, best first: for where the first one leads into another problem.
        usd_per_month: what it costs, where it is priced [USD].
        weight: what it is about, where that is not what its check always is about.
        alike: with what of other strategies it is told as one.
        rests_on: other places that it follows from; where the value of one is refused nothing follows.
    """

    loc: Loc
    found: str
    rule: str
    repair: str = ""
    edits: tuple[Edit, ...] = ()
    instead: tuple[Repair, ...] = ()
    usd_per_month: float = 0.0
    weight: Weight | None = None
    alike: Alike | None = None
    rests_on: tuple[Loc, ...] = ()

    @property
    def repairs(self) -> tuple[Repair, ...]:
        """All ways to repair it, best first."""
        return (*((Repair(self.repair, self.edits),) if self.repair else ()), *self.instead)


class PlacedRule(NamedTuple):
    """A rule with its plan and its place."""

    plan_name: str
    plan: BackupPlan
    rule: Rule
    loc: Loc


class PlacedCopy(NamedTuple):
    """A copy action with its rule, the vault it copies from, the lifecycle of its copies, and its place."""

    placed: PlacedRule
    action: CopyAction
    source_vault: str
    lifecycle: Lifecycle
    loc: Loc


@dataclass(frozen=True)
class Case:
    """A scenario under check, with the listings that several checks need."""

    scenario: Scenario
    catalogue: Catalogue

    @cached_property
    def subjects(self) -> dict[str, Subject]:
        """Every resource by name."""
        return subjects(self.scenario)

    @cached_property
    def rules(self) -> list[PlacedRule]:
        """Every rule."""
        return [
            PlacedRule(name, plan, rule, ("backup_plans", name, "rules", i))
            for name, plan in self.scenario.backup_plans.items()
            for i, rule in enumerate(plan.rules)
        ]

    @cached_property
    def copies(self) -> list[PlacedCopy]:
        """Every copy action, chained ones too."""
        placed_copies = []
        for placed in self.rules:
            above: dict[Loc, tuple[str, Lifecycle]] = {(): (placed.rule.target_vault, placed.rule.lifecycle)}
            for place, action in copies(placed.rule.copy_actions):
                source, inherited = above[place[:-2]]
                lifecycle = action.lifecycle or inherited
                above[place] = (action.destination_vault, lifecycle)
                placed_copies.append(
                    PlacedCopy(placed, action, source, lifecycle, (*placed.loc, "copy_actions", *place))
                )
        return placed_copies

    @cached_property
    def types(self) -> dict[str, ResourceType]:
        """The type of every resource whose type is known, by the resource's name."""
        known = {name: self.catalogue.find_type(s.resource.type) for name, s in self.subjects.items()}
        of = {name: self.subjects[name].resource for name in known}
        return {name: kind.used(of[name].options, of[name].objects or 0.0) for name, kind in known.items() if kind}

    @cached_property
    def plans_of(self) -> dict[str, dict[str, list[str]]]:
        """Plans by strategy and resource: all that select it, each once, in the order written."""
        return {
            strategy: {name: list(written.plans_of(*subject.selectable)) for name, subject in self.subjects.items()}
            for strategy, written in self.scenario.strategies.items()
        }

    @cached_property
    def subjects_of(self) -> dict[str, dict[str, None]]:
        """Resources, in the order written, that a plan protects in some strategy, by plan."""
        by_plan: dict[str, dict[str, None]] = {name: {} for name in self.scenario.backup_plans}
        for chosen in self.plans_of.values():
            for subject, plans in chosen.items():
                for plan in plans:
                    by_plan.setdefault(plan, {})[subject] = None
        return by_plan

    @cached_property
    def features_of(self) -> dict[str, dict[str, str | None]]:
        """Selectors of the replications that strategies give to resources, by strategy and resource."""
        # a selector without a feature is refused by a check of its own
        return {
            name: {subject.name: strategy.feature_of(*subject.selectable) for subject in self.subjects.values()}
            for name, strategy in self.scenario.strategies.items()
        }

    def home_of(self, subject: str) -> str:
        """Return the name of the site at which a resource lies."""
        return self.scenario.applications[self.subjects[subject].application].site

    def ends_of(self, copy: PlacedCopy, home: str) -> tuple[Site, Site, str]:
        """Return the sites that a copy leads from and to for resources at a site, and the lock of its vault."""
        sites, vaults = self.scenario.sites, self.scenario.vaults
        source, target = vaults[copy.source_vault], vaults[copy.action.destination_vault]
        return sites[source.site or home], sites[target.site or home], target.lock

    def feature_of(self, strategy: str, subject: str) -> str | None:
        """Return the selector of the replication that a strategy gives to a resource, or None."""
        return self.features_of[strategy][subject]


def by_type(case: Case, names: Iterable[str]) -> list[tuple[ResourceType, list[str]]]:
    """Return resources whose type is known, by their type with its options."""
    by_label: dict[str, tuple[ResourceType, list[str]]] = {}
    for name in names:
        if (kind := case.types.get(name)) is not None:
            by_label.setdefault(kind.label, (kind, []))[1].append(name)
    return list(by_label.values())


def listed(names: Sequence[str]) -> str:
    """Return a list for a message: three names and how many more."""
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"


Check = Callable[[Case], Iterator[Finding]]

ERRORS: dict[str, Check] = {}
"""Checks for what makes a scenario wrong, or what AWS would refuse."""

WARNINGS: dict[str, Check] = {}
"""Checks for what AWS accepts and then ignores or suppresses, and what else is worth knowing."""

WEIGHTS: dict[str, Weight] = {}
"""What the findings of each warning are about, where they do not say it themselves."""


def check(name: str, *, warning: Weight | None = None) -> Callable[[Check], Check]:
    """Register a check by its identifier.

    Args:
        name: the identifier.
        warning: what its findings are about; None where they make a scenario wrong.
    """

    def register(function: Check) -> Check:
        table = ERRORS if warning is None else WARNINGS
        if name in ERRORS or name in WARNINGS:
            raise ValueError(f"two checks are called {name}")
        table[name] = function
        if warning is not None:
            WEIGHTS[name] = warning
        return function

    return register
