"""What the parts of a timeline have in common: one application in one incident, looked at closely."""

from __future__ import annotations

import math
from collections.abc import Iterator

from drsim.engine import Recovered
from drsim.report.incident_words import poorest
from drsim.study.explain import Incident


class About:
    """One application in an incident.

    Args:
        incident: looked at closely.
        application: its name.

    Attributes:
        a, app, result: the application's index, itself, and how it fared; None where nothing of it was struck.
        dependent: how it fared where it is down because of others only; None where it is not.
        down_s: its downtime [s]; nan where it was not recovered, or not reached.
        occurred: the stop of service [s since start].
        path: its critical path, empty where there is none.
        poorest: the resource that lost most, and its member that did.
    """

    def __init__(self, incident: Incident, application: str) -> None:
        self.incident, self.world, self.recovery = incident, incident.world, incident.recovery
        self.a = next(a for a, app in enumerate(self.world.applications) if app.name == application)
        self.app = self.world.applications[self.a]
        self.result = self.recovery.applications.get(self.a)
        self.occurred = self.recovery.occurred_s
        self.dependent = incident.dependent(self.a)
        fared = self.result or self.dependent
        recovered = fared is not None and fared.state == "recovered"
        self.down_s = fared.usable_s - self.occurred if fared is not None and recovered else math.nan
        is_down = self.a in self.recovery.down
        self.is_path = self.result is not None and recovered and is_down and self.result.by != "ride-out"
        self.path = self.recovery.path(self.a) if self.is_path else []
        self.poorest = None if self.result is None else poorest(incident, self.a)

    def parts(self) -> dict[str, float]:
        """Return the parts of the downtime [s], which add up to it; none where there is none."""
        if math.isnan(self.down_s):
            return {}
        return {"dependency_s": self.down_s} if self.result is None else self.incident.parts(self.a)

    def loss(self, member: Recovered) -> float:
        """Return what a member lost [s]."""
        return self.occurred - member.captured_s

    def struck(self) -> list[int]:
        """Return the resources that were struck."""
        return [r for r in self.app.resources if r in self.recovery.resources]

    def with_data(self) -> Iterator[int]:
        """Yield the members whose recovery points are shown: of each resource with data the one that lost most."""
        for r in self.struck():
            if self.world.resources[r].stateless:
                continue
            members, of_resource = self.recovery.members, self.recovery.resources[r]
            yield max(
                of_resource, key=lambda m: (members[m].state != "recovered", -or_else(members[m].captured_s, math.inf))
            )

    def decisive(self) -> str:
        """Return the resource that decided the data loss, or that was not recovered; empty where there is none."""
        lost = [self.world.members[m].entity for m in self.with_data() if self.state(m) != "recovered"]
        return lost[0] if lost else self.poorest[0] if self.poorest else ""

    def state(self, m: int) -> str:
        """Return what became of a member."""
        return self.recovery.members[m].state


def or_else(value: float, other: float) -> float:
    """Return a value, or another one where it is NaN."""
    return other if math.isnan(value) else value
