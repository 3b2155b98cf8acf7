"""A choice as a strategy: as few backup plans as there are different ones, each with as few selectors as say who has it."""

from __future__ import annotations

from collections.abc import Mapping

from drsim.planner.space import Protection
from drsim.scenario import BackupPlan, Scenario, Standby, Strategy
from drsim.scenario.subjects import application_of

PLANNED = "planned"
"""What the strategy is called, and its plans before their numbers."""


def with_strategy(
    scenario: Scenario,
    protections: Mapping[str, Protection],
    standbys: Mapping[str, Standby],
    *,
    beside: bool = False,
) -> Scenario:
    """Return a scenario with the strategy that protects its resources so.

    Args:
        scenario: a right one, with the vaults that the protections use.
        protections: by resource.
        standbys: by application.
        beside: whether the strategies and plans of the scenario stay beside it.
    """
    plans, users = _plans(protections, set(scenario.backup_plans) if beside else set())
    strategy = Strategy(
        backup=tuple((selector, tuple(names)) for selector, names in _selections(users, protections).items()),
        replication={name: use for name, p in protections.items() if (use := p.replication) is not None},
        standby=dict(standbys),
    )
    return scenario.model_copy(
        update={
            "backup_plans": {**scenario.backup_plans, **plans} if beside else plans,
            "strategies": {**scenario.strategies, PLANNED: strategy} if beside else {PLANNED: strategy},
        }
    )


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
            return {"*": [plan]}
        of_apps: dict[str, list[str]] = {}
        for name in resources:
            of_apps.setdefault(application_of(name), []).append(name)
        for app, names in of_apps.items():
            if names == [name for name in protections if application_of(name) == app]:
                selections.setdefault(f"{app}.*", []).append(plan)
            else:
                for name in names:
                    selections.setdefault(name, []).append(plan)
    return selections
