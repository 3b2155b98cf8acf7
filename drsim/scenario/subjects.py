"""The resources of a scenario with where they stand, stacks before what is nested in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from drsim.scenario.model import Resource, Scenario


def application_of(subject: str) -> str:
    """Return the application of a subject: of `app.resource`, or `app` itself."""
    return subject.partition(".")[0]


class Subject(NamedTuple):
    """A resource with where it stands.

    Attributes:
        name: `app.resource`, or `app.stack.nested` for a resource of a stack.
        application: name of its application.
        resource: the resource.
        loc: the keys that lead to it in the scenario.
        tags: its own, with those of its application and of the stack that it is nested in where it has none of a key.
    """

    name: str
    application: str
    resource: Resource
    loc: tuple[str, ...]
    tags: Mapping[str, str]

    @property
    def selectable(self) -> tuple[str, str, Mapping[str, str]]:
        """What selectors go by: name, type and tags."""
        return self.name, self.resource.type, self.tags


def subjects(scenario: Scenario) -> dict[str, Subject]:
    """Return every resource of a scenario by its name, in the order written, stacks before what is nested in them."""

    def below(
        prefix: str, app: str, resources: dict[str, Resource], loc: tuple[str, ...], tags: Mapping[str, str]
    ) -> Iterator[Subject]:
        for name, resource in resources.items():
            subject = Subject(f"{prefix}.{name}", app, resource, (*loc, name), {**tags, **resource.tags})
            yield subject
            yield from below(subject.name, app, resource.nested, (*subject.loc, "nested"), subject.tags)

    return {
        subject.name: subject
        for app, application in scenario.applications.items()
        for subject in below(app, app, application.resources, ("applications", app, "resources"), application.tags)
    }
