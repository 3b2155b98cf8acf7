"""The limits on jobs that run at once, and which of them each job needs a slot of."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from drsim.catalogue import Catalogue, Leaf
from drsim.scenario import Scenario
from drsim.world.model import Limit, Site


class Pools:
    """Collects limits as jobs ask for them.

    A limit that the user writes holds for all jobs together, per type, or per destination site. Where the scenario is
    silent AWS's quotas hold, which count per destination Region and account, and of which that for all types (`*`)
    counts the fully managed ones only.
    """

    def __init__(self, scenario: Scenario, catalogue: Catalogue, sites: tuple[Site, ...]) -> None:
        self._written = scenario.limits
        self._catalogue = catalogue
        self._sites = sites
        self._site_names = list(scenario.sites)
        self._index: dict[str, int] = {}
        self._limits: list[Limit] = []

    @property
    def limits(self) -> tuple[Limit, ...]:
        """All limits that any job has asked for."""
        return tuple(self._limits)

    def backup(self, kind: str, at: int, entity: str) -> tuple[int, ...]:
        """Return the limits on a backup job of a type into a vault at a site."""
        return self._shared("backup_jobs", kind, at) + self._of_resource(kind, entity)

    def copy(self, kind: str, to: int, entity: str = "") -> tuple[int, ...]:
        """Return the limits on a copy job of a type to a site."""
        return self._shared("copy_jobs", kind, to) + (self._of_resource(kind, entity) if entity else ())

    def restore(self, kind: str, at: int) -> tuple[int, ...]:
        """Return the limits on a restore job of a type at a site."""
        return self._shared("restore_jobs", kind, at)

    def _of_resource(self, kind: str, entity: str) -> tuple[int, ...]:
        """Return the limit on jobs of one resource."""
        written = self._written.jobs_per_resource
        quotas = _values(self._catalogue.quotas["jobs_per_resource"]) if written is None else written
        slots = quotas.get(kind, quotas.get("*"))
        return () if slots is None else (self._limit(f"jobs of {entity}", slots, is_of_resource=True),)

    def _shared(self, queue: str, kind: str, site: int) -> tuple[int, ...]:
        written: Mapping[str, int | None] | None = getattr(self._written, queue)
        name = queue.replace("_", " ")
        if written is not None:
            keys = ("*", kind, f"to:{self._site_names[site]}")
            return self._all(written, keys, lambda key: name if key == "*" else f"{name} {key}")
        place = f"{self._sites[site].region}/{self._sites[site].account}"
        managed = self._catalogue.types[kind].can("full-management") is True
        scope = ("*", kind) if managed else (kind,)
        quotas = _values(self._catalogue.quotas[queue])
        return self._all(quotas, scope, lambda key: f"{name} {'of all types' if key == '*' else key} to {place}")

    def _all(
        self, quotas: Mapping[str, int | None], keys: tuple[str, ...], name: Callable[[str], str]
    ) -> tuple[int, ...]:
        return tuple(self._limit(name(key), slots) for key in keys if (slots := quotas.get(key)) is not None)

    def _limit(self, name: str, slots: int, *, is_of_resource: bool = False) -> int:
        if name not in self._index:
            self._index[name] = len(self._limits)
            self._limits.append(Limit(name, slots, is_of_resource))
        return self._index[name]


def _values(quotas: Mapping[str, Leaf[int | None]]) -> dict[str, int | None]:
    return {key: leaf.value for key, leaf in quotas.items()}
