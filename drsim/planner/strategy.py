"""A choice as a strategy: as few backup plans as there are different ones, each with as few selectors as do."""

from __future__ import annotations

from collections.abc import Mapping

from drsim.planner.protection import Protection
from drsim.scenario import BackupPlan, Replication, Scenario, Strategy, Subject, subjects
from drsim.scenario.subjects import application_of

PLANNED = "planned"
"""What the strategy is called, and its plans before their numbers."""


def protected(scenario: Scenario, resource: str, protection: Protection) -> Scenario:
    """Return a scenario whose one strategy, `PLANNED`, protects one resource, and nothing else.

    Args:
        scenario: a right one, with the vaults and strategies that the protection names.
        resource: its name.
        protection: of the resource.
    """
    return with_strategy(scenario, {resource: protection})


def with_strategy(scenario: Scenario, protections: Mapping[str, Protection], *, beside: bool = False) -> Scenario:
    """Return a scenario with the strategy that protects its resources so.

    Args:
        scenario: a right one, with the vaults and strategies that the protections name.
        protections: by resource.
        beside: whether the strategies and plans of the scenario stay beside it.
    """
    known = subjects(scenario) if any(p.kept is not None for p in protections.values()) else {}
    plans, users = _plans(protections, set(scenario.backup_plans))
    replication = {name: use for name, p in protections.items() if (use := p.replication) is not None}
    for name, protection in protections.items():
        if protection.kept is not None:
            strategy = scenario.strategies[protection.kept]
            for subject in _with_nested(known, name):
                for kept in strategy.plans_of(*subject.selectable):
                    users.setdefault(kept, []).append(subject.name)
                    plans[kept] = scenario.backup_plans[kept]
                if (feature := _feature(strategy, subject)) is not None:
                    replication[subject.name] = feature
    standbys = {application_of(name): p.standby for name, p in protections.items() if p.standby is not None}
    planned = Strategy(
        backup=tuple((selector, tuple(names)) for selector, names in _selections(users, protections).items()),
        replication=replication,
        standby={name: standby.standby for name, standby in standbys.items()},
    )
    return scenario.model_copy(
        update={
            "backup_plans": {**scenario.backup_plans, **plans} if beside else plans,
            "strategies": {**scenario.strategies, PLANNED: planned} if beside else {PLANNED: planned},
        }
    )


def _with_nested(known: Mapping[str, Subject], name: str) -> list[Subject]:
    """Return a resource with what is nested in it."""
    return [subject for key, subject in known.items() if key == name or key.startswith(f"{name}.")]


def _feature(strategy: Strategy, subject: Subject) -> Replication | None:
    selector = strategy.feature_of(*subject.selectable)
    return strategy.features.get(selector) if selector is not None else None


def _plans(
    protections: Mapping[str, Protection], taken: set[str]
) -> tuple[dict[str, BackupPlan], dict[str, list[str]]]:
    """Return the backup plans by name, those with most resources first, and the resources of each."""
    by_rules: dict[tuple[object, ...], list[str]] = {}
    for name, protection in protections.items():
        if protection.rules:
            by_rules.setdefault(protection.rules, []).append(name)
    plans: dict[str, BackupPlan] = {}
    users: dict[str, list[str]] = {}
    number = 0
    for resources in sorted(by_rules.values(), key=lambda names: (-len(names), names)):
        number += 1
        while f"{PLANNED}-{number}" in taken:
            number += 1
        plan = protections[resources[0]].plan
        if plan is not None:
            plans[f"{PLANNED}-{number}"], users[f"{PLANNED}-{number}"] = plan, resources
    return plans, users


def _selections(users: Mapping[str, list[str]], protections: Mapping[str, Protection]) -> dict[str, list[str]]:
    """Return selectors with their plans: all resources, all of an application, or single ones; none meets another."""
    selections: dict[str, list[str]] = {}
    for plan, resources in users.items():
        if len(resources) == len(protections):
            selections.setdefault("*", []).append(plan)
            continue
        of_apps: dict[str, list[str]] = {}
        for name in resources:
            of_apps.setdefault(application_of(name), []).append(name)
        for app, names in of_apps.items():
            if set(names) == {name for name in protections if application_of(name) == app}:
                selections.setdefault(f"{app}.*", []).append(plan)
            else:
                for name in names:
                    selections.setdefault(name, []).append(plan)
    return selections
