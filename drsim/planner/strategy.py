"""A choice as a strategy: as few backup plans as there are different ones, each with as few selectors as do."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from drsim.planner.protection import Protection, Readiness
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


def as_in(scenario: Scenario, resources: Iterable[str], strategy: str) -> dict[str, Protection]:
    """Return the protections of resources as they are in a strategy.

    Args:
        scenario: with the strategy.
        resources: their names.
        strategy: its name.
    """
    standbys = scenario.strategies[strategy].standby
    return {
        name: Protection(kept=strategy, standby=Readiness.of(standbys.get(application_of(name)))) for name in resources
    }


def with_strategies(
    scenario: Scenario, choices: Mapping[str, Mapping[str, Protection]], declared: Collection[str]
) -> Scenario:
    """Return a scenario with strategies beside its own, without the vaults that none of them uses.

    Args:
        scenario: a right one, with the vaults and strategies that the protections name.
        choices: name of a strategy -> protections by resource.
        declared: names of the vaults that stay, used or not.
    """
    for name, protections in choices.items():
        scenario = with_strategy(scenario, protections, beside=True, name=name)
    rules = [rule for protections in choices.values() for p in protections.values() for rule in p.rules]
    needed = {*declared, *(vault for rule in rules for vault in rule.vaults)}
    vaults = {name: vault for name, vault in scenario.vaults.items() if name in needed}
    return scenario.model_copy(update={"vaults": vaults})


def with_strategy(
    scenario: Scenario, protections: Mapping[str, Protection], *, beside: bool = False, name: str = PLANNED
) -> Scenario:
    """Return a scenario with the strategy that protects its resources so.

    Args:
        scenario: a right one, with the vaults and strategies that the protections name.
        protections: by resource.
        beside: whether the strategies and plans of the scenario stay beside it.
        name: of the strategy, and of its plans before their numbers.
    """
    known = subjects(scenario) if any(p.kept is not None for p in protections.values()) else {}
    plans, users = _plans(protections, set(scenario.backup_plans), name)
    replication = {resource: use for resource, p in protections.items() if (use := p.replication) is not None}
    for resource, protection in protections.items():
        if protection.kept is not None:
            strategy = scenario.strategies[protection.kept]
            for subject in _with_nested(known, resource):
                for kept in strategy.plans_of(*subject.selectable):
                    users.setdefault(kept, []).append(subject.name)
                    plans[kept] = scenario.backup_plans[kept]
                if (feature := _feature(strategy, subject)) is not None:
                    replication[subject.name] = feature
    standbys = {application_of(resource): p.standby for resource, p in protections.items() if p.standby is not None}
    planned = Strategy(
        backup=tuple((selector, tuple(names)) for selector, names in _selections(users, protections).items()),
        replication=replication,
        standby={app: standby.standby for app, standby in standbys.items()},
    )
    return scenario.model_copy(
        update={
            "backup_plans": {**scenario.backup_plans, **plans} if beside else plans,
            "strategies": {**scenario.strategies, name: planned} if beside else {name: planned},
        }
    )


def _with_nested(known: Mapping[str, Subject], name: str) -> list[Subject]:
    """Return a resource with what is nested in it."""
    return [subject for key, subject in known.items() if key == name or key.startswith(f"{name}.")]


def _feature(strategy: Strategy, subject: Subject) -> Replication | None:
    selector = strategy.feature_of(*subject.selectable)
    return strategy.features.get(selector) if selector is not None else None


def _plans(
    protections: Mapping[str, Protection], taken: set[str], prefix: str
) -> tuple[dict[str, BackupPlan], dict[str, list[str]]]:
    """Return the backup plans by name, those with most resources first, and the resources of each."""
    by_rules: dict[tuple[object, ...], list[str]] = {}
    for resource, protection in protections.items():
        if protection.rules:
            by_rules.setdefault(protection.rules, []).append(resource)
    plans: dict[str, BackupPlan] = {}
    users: dict[str, list[str]] = {}
    number = 0
    for resources in sorted(by_rules.values(), key=lambda names: (-len(names), names)):
        number += 1
        while f"{prefix}-{number}" in taken:
            number += 1
        plan = protections[resources[0]].plan
        if plan is not None:
            plans[f"{prefix}-{number}"], users[f"{prefix}-{number}"] = plan, resources
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
