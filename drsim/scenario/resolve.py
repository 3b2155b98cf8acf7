"""Which value of a parameter applies: the nearest override, else the type's, else the catalogue's default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from drsim.catalogue import Catalogue, FailureLaw, Parameter, ResourceType
from drsim.distributions import Constant, Distribution
from drsim.scenario.model import Resource, Scenario

LAW = ("fixed", "rate", "object_rate")
"""The parameters of a job's law, by which its duration follows from size and objects."""


@dataclass(frozen=True)
class Parameters:
    """Values by level, nearest first: copy action, rule, resource, type, `*`, and last the catalogue's own two."""

    levels: tuple[Mapping[str, Parameter], ...]

    def below(self, *nearer: Mapping[str, Parameter]) -> Parameters:
        """Return the same with nearer levels in front."""
        return Parameters((*(n for n in nearer if n), *self.levels))

    def find(self, *names: str) -> tuple[str, Parameter] | None:
        """Return the nearest of several parameters; of one level the one named first."""
        for level in self.levels:
            for name in names:
                if name in level:
                    return name, level[name]
        return None

    def distribution(self, name: str) -> Distribution | None:
        """Return a parameter that is a distribution; None where nothing gives one."""
        nearest = self.find(name)
        return nearest[1] if nearest and isinstance(nearest[1], Distribution) else None

    def required(self, name: str) -> Distribution:
        """Return a parameter that is a distribution; nothing at all counts as zero."""
        return self.distribution(name) or Constant(0.0)

    def failure(self, *names: str) -> FailureLaw:
        """Return the nearest of several failure laws; none counts as never."""
        nearest = self.find(*names)
        return nearest[1] if nearest and isinstance(nearest[1], FailureLaw) else FailureLaw(0.0)

    def law(self, job: str) -> tuple[Distribution | None, dict[str, Distribution | None]]:
        """Return the law of a kind of job: its whole duration where that is nearest, else the parts of the law.

        Args:
            job: `backup`, `copy` or `restore`.
        """
        whole = f"{job}_duration"
        nearest = self.find(whole, *(f"{job}_{part}" for part in LAW))
        if nearest and nearest[0] == whole and isinstance(nearest[1], Distribution):
            return nearest[1], {}
        return None, {part: self.distribution(f"{job}_{part}") for part in LAW}


def parameters(scenario: Scenario, catalogue: Catalogue, kind: ResourceType, resource: Resource) -> Parameters:
    """Return the parameters of a resource, from its own overrides down to the catalogue's defaults."""
    levels: tuple[Mapping[str, Parameter], ...] = (
        resource.overrides,
        scenario.overrides.get(kind.name, {}),
        scenario.overrides.get("*", {}),
        {name: leaf.value for name, leaf in kind.parameters.items()},
        {name: leaf.value for name, leaf in catalogue.defaults.items()},
    )
    return Parameters(tuple(level for level in levels if level))
