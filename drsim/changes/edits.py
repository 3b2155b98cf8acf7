"""Edits of a scenario, by where they act: a rule, a copy action, resources, a disruption, the response.

An edit makes a new scenario. Nothing is checked again, and what does not change stays the same object.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from drsim.catalogue import Parameter
from drsim.changes.model import Edit
from drsim.distributions import Distribution
from drsim.scenario import CopyAction, Lifecycle, Rule, Scenario, Strategy
from drsim.scenario.model import Resource

CopyPlace = Sequence[str | int]
"""Where a copy action stands below its rule (`drsim.scenario.plans.copies`)."""


def together(edits: Iterable[Edit]) -> Edit:
    """Return several edits as one, made one after the other."""
    steps = tuple(edits)

    def edit(scenario: Scenario) -> Scenario:
        for step in steps:
            scenario = step(scenario)
        return scenario

    return edit


# the estate


def on_resources(names: Collection[str], change: Callable[[Resource], Resource]) -> Edit:
    """Return the edit of some resources, named `app.resource` or `app.stack.nested`."""

    def below(prefix: str, resources: dict[str, Resource]) -> dict[str, Resource]:
        edited = {}
        for key, resource in resources.items():
            name = f"{prefix}.{key}"
            changed = change(resource) if name in names else resource
            if resource.nested:
                changed = changed.model_copy(update={"nested": below(name, resource.nested)})
            edited[key] = changed
        return edited

    def edit(scenario: Scenario) -> Scenario:
        applications = {
            app: written.model_copy(update={"resources": below(app, written.resources)})
            if any(name.split(".", 1)[0] == app for name in names)
            else written
            for app, written in scenario.applications.items()
        }
        return scenario.model_copy(update={"applications": applications})

    return edit


def with_override(names: Collection[str], parameter: str, value: Parameter) -> Edit:
    """Return the edit that gives some resources a parameter of their own."""
    return on_resources(
        names, lambda resource: resource.model_copy(update={"overrides": {**resource.overrides, parameter: value}})
    )


def on_steps(wanted: Collection[tuple[str, str]], **values: object) -> Edit:
    """Return the edit of some recovery steps, named by application and step."""

    def edit(scenario: Scenario) -> Scenario:
        applications = {
            app: written.model_copy(
                update={
                    "steps": {
                        key: step.model_copy(update=values) if (app, key) in wanted else step
                        for key, step in written.steps.items()
                    }
                }
            )
            for app, written in scenario.applications.items()
        }
        return scenario.model_copy(update={"applications": applications})

    return edit


def only_applications(scenario: Scenario, names: Collection[str]) -> Scenario:
    """Return the scenario with some of its applications alone; the luck of these stays as it was."""
    applications = {app: written for app, written in scenario.applications.items() if app in names}
    return scenario.model_copy(update={"applications": applications})


# plans


def in_rule(plan: str, number: int, change: Callable[[Rule], Rule]) -> Edit:
    """Return the edit of one rule of a plan, by its number there."""

    def edit(scenario: Scenario) -> Scenario:
        written = scenario.backup_plans[plan]
        rules = tuple(change(rule) if i == number else rule for i, rule in enumerate(written.rules))
        return scenario.model_copy(
            update={"backup_plans": {**scenario.backup_plans, plan: written.model_copy(update={"rules": rules})}}
        )

    return edit


def on_rule(plan: str, number: int, **values: object) -> Edit:
    """Return the edit of some values of a rule."""
    return in_rule(plan, number, lambda rule: rule.model_copy(update=values))


def rule_lifecycle(plan: str, number: int, lifecycle: Lifecycle) -> Edit:
    """Return the edit of a rule's lifecycle."""
    return on_rule(plan, number, lifecycle=lifecycle)


def in_copies(
    actions: tuple[CopyAction, ...], place: CopyPlace, change: Callable[[CopyAction], CopyAction] | None
) -> tuple[CopyAction, ...]:
    """Return copy actions with one of them changed, or taken away where no change is given."""
    here, below = place[0], place[2:]
    edited: list[CopyAction] = []
    for i, action in enumerate(actions):
        if i != here:
            edited.append(action)
        elif below:
            edited.append(action.model_copy(update={"then": in_copies(action.then, below, change)}))
        elif change is not None:
            edited.append(change(action))
    return tuple(edited)


def in_copy(plan: str, number: int, place: CopyPlace, change: Callable[[CopyAction], CopyAction]) -> Edit:
    """Return the edit of one copy action of a rule."""
    return in_rule(
        plan,
        number,
        lambda rule: rule.model_copy(update={"copy_actions": in_copies(rule.copy_actions, place, change)}),
    )


def copy_lifecycle(plan: str, number: int, place: CopyPlace, lifecycle: Lifecycle) -> Edit:
    """Return the edit of a copy action's lifecycle."""
    return in_copy(plan, number, place, lambda action: action.model_copy(update={"lifecycle": lifecycle}))


def copy_delay(plan: str, number: int, place: CopyPlace, delay: Distribution) -> Edit:
    """Return the edit of a copy action's delay."""
    return in_copy(plan, number, place, lambda action: action.model_copy(update={"delay": delay}))


# strategies


def on_strategy(strategy: str, change: Callable[[Strategy], Strategy]) -> Edit:
    """Return the edit of one strategy."""

    def edit(scenario: Scenario) -> Scenario:
        changed = change(scenario.strategies[strategy])
        return scenario.model_copy(update={"strategies": {**scenario.strategies, strategy: changed}})

    return edit


def with_plans_apart(strategy: str, name: str, plans: Mapping[str, str]) -> Edit:
    """Return the edit that gives a strategy, or one of a new name made from it, plans of its own.

    Args:
        strategy: its name.
        name: of the strategy that gets the plans: the same, or a new one beside it.
        plans: names of the new plans, by those that they are made from.
    """

    def edit(scenario: Scenario) -> Scenario:
        written = scenario.strategies[strategy]
        backup = tuple((selector, tuple(plans.get(p, p) for p in chosen)) for selector, chosen in written.backup)
        made = {new: scenario.backup_plans[old].model_copy(update={"file": None}) for old, new in plans.items()}
        changed = written.model_copy(update={"backup": backup}) if plans else written
        return scenario.model_copy(
            update={
                "backup_plans": {**scenario.backup_plans, **made},
                "strategies": {**scenario.strategies, name: changed},
            }
        )

    return edit


# what holds for every strategy


def on_disruption(name: str, **values: object) -> Edit:
    """Return the edit of some values of a disruption."""

    def edit(scenario: Scenario) -> Scenario:
        changed = scenario.disruptions[name].model_copy(update=values)
        return scenario.model_copy(update={"disruptions": {**scenario.disruptions, name: changed}})

    return edit


def on_response(**values: object) -> Edit:
    """Return the edit of some values of the response."""
    return lambda scenario: scenario.model_copy(update={"response": scenario.response.model_copy(update=values)})


def on_limits(**values: object) -> Edit:
    """Return the edit of some limits on jobs at the same time."""
    return lambda scenario: scenario.model_copy(update={"limits": scenario.limits.model_copy(update=values)})
