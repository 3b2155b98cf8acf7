"""Small changes of a scenario, as what-if questions need them: the same scenario but for one thing.

A change makes a new scenario; nothing is checked again, so that a value may be put where only a study needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from drsim.catalogue import Parameter
from drsim.scenario import CopyAction, Rule, Scenario
from drsim.scenario.model import Resource

Edit = Callable[[Scenario], Scenario]
"""A change of a scenario."""


def on_resources(names: Collection[str], change: Callable[[Resource], Resource]) -> Edit:
    """Return the change of some resources, named `app.resource` or `app.stack.nested`."""

    def below(prefix: str, resources: dict[str, Resource]) -> dict[str, Resource]:
        found = {}
        for key, resource in resources.items():
            name = f"{prefix}.{key}"
            changed = change(resource) if name in names else resource
            if resource.nested:
                changed = changed.model_copy(update={"nested": below(name, resource.nested)})
            found[key] = changed
        return found

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
    """Return the change that gives some resources a parameter of their own."""
    return on_resources(
        names, lambda resource: resource.model_copy(update={"overrides": {**resource.overrides, parameter: value}})
    )


def on_rule(plan: str, number: int, change: Callable[[Rule], Rule]) -> Edit:
    """Return the change of one rule of a plan, by its place."""

    def edit(scenario: Scenario) -> Scenario:
        written = scenario.backup_plans[plan]
        rules = tuple(change(rule) if i == number else rule for i, rule in enumerate(written.rules))
        return scenario.model_copy(
            update={"backup_plans": {**scenario.backup_plans, plan: written.model_copy(update={"rules": rules})}}
        )

    return edit


def on_copy(plan: str, number: int, place: Sequence[str | int], change: Callable[[CopyAction], CopyAction]) -> Edit:
    """Return the change of one copy action, by its place below its rule (`drsim.scenario.plans.copies`)."""

    def below(actions: tuple[CopyAction, ...], rest: Sequence[str | int]) -> tuple[CopyAction, ...]:
        here, deeper = rest[0], rest[2:]
        return tuple(
            action
            if i != here
            else action.model_copy(update={"then": below(action.then, deeper)})
            if deeper
            else change(action)
            for i, action in enumerate(actions)
        )

    return on_rule(plan, number, lambda rule: rule.model_copy(update={"copy_actions": below(rule.copy_actions, place)}))


def on_disruption(name: str, **values: object) -> Edit:
    """Return the change of some values of a disruption."""

    def edit(scenario: Scenario) -> Scenario:
        changed = scenario.disruptions[name].model_copy(update=values)
        return scenario.model_copy(update={"disruptions": {**scenario.disruptions, name: changed}})

    return edit


def on_response(**values: object) -> Edit:
    """Return the change of some values of the response."""
    return lambda scenario: scenario.model_copy(update={"response": scenario.response.model_copy(update=values)})


def on_steps(wanted: Collection[tuple[str, str]], **values: object) -> Edit:
    """Return the change of some recovery steps, named by application and step."""

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


def on_replication(strategy: str, selector: str, **values: object) -> Edit:
    """Return the change of what a strategy says of the replication of a selector."""

    def edit(scenario: Scenario) -> Scenario:
        written = scenario.strategies[strategy]
        use = written.features[selector].model_copy(update=values)
        changed = written.model_copy(update={"replication": {**written.replication, selector: use}})
        return scenario.model_copy(update={"strategies": {**scenario.strategies, strategy: changed}})

    return edit


def only_applications(scenario: Scenario, names: Collection[str]) -> Scenario:
    """Return the scenario with some of its applications alone; the luck of these stays as it was."""
    applications = {app: written for app, written in scenario.applications.items() if app in names}
    return scenario.model_copy(update={"applications": applications})
