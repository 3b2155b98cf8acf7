"""A part of a scenario: one resource, as if there were nothing else."""

from __future__ import annotations

from drsim.scenario.model import Scenario
from drsim.scenario.subjects import application_of


def part_of(scenario: Scenario, resource: str) -> Scenario:
    """Return a scenario in which there is only one resource, with the application that it is of.

    Of an application nothing stays but the resource: it waits for nobody, and has no steps. A resource that is nested
    in a stack stays with all of that stack. Nothing is checked again.

    Args:
        scenario: a right one.
        resource: name of the resource, `app.resource`.

    Raises:
        KeyError: there is no such resource.
    """
    app = application_of(resource)
    application = scenario.applications[app]
    name = resource.removeprefix(f"{app}.").partition(".")[0]
    left = application.resources[name].model_copy(update={"after": ()})
    alone = application.model_copy(update={"resources": {name: left}, "steps": {}, "after": (), "requires": ()})
    return scenario.model_copy(update={"applications": {app: alone}})
