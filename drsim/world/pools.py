"""The limits on jobs that run at once, and which of them each job needs a slot of."""

from __future__ import annotations

from collections.abc import Mapping

from drsim.catalogue import Catalogue, Leaf
from drsim.scenario import Scenario
from drsim.world.limits import PER_RESOURCE, SCENARIO, UPLINK, Limit
from drsim.world.model import Site
from drsim.world.premises import lanes


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
        self._known = {
            queue: _slots(getattr(scenario.limits, queue), quotas) for queue, quotas in catalogue.quotas.items()
        }
        self._index: dict[Limit, int] = {}

    @property
    def limits(self) -> tuple[Limit, ...]:
        """All limits that any job has asked for."""
        return tuple(self._index)

    def backup(self, kind: str, at: int, entity: str) -> tuple[int, ...]:
        """Return the limits on a backup job of a type into a vault at a site, of a member that stands in AWS."""
        return self._shared("backup_jobs", kind, at) + self._of_resource(kind, entity)

    def backup_over(self, kind: str, premises: int, at: int, entity: str) -> tuple[int, ...]:
        """Return the limits on a backup job of a member that stands on premises; quotas of gateways count there."""
        counts_at = premises if self._written.backup_jobs is None else at
        return self.uplink(premises) + self._shared("backup_jobs", kind, counts_at) + self._of_resource(kind, entity)

    def lane(self, site: int) -> float | None:
        """Return what one job may fill of the uplink of a site [bytes/s]; None where there is no uplink."""
        uplink = self._sites[site].uplink
        return None if uplink is None else uplink / lanes(self._sites[site], self._catalogue)

    def uplink(self, premises: int) -> tuple[int, ...]:
        """Return the limit of what passes over the line of premises at once."""
        site = self._sites[premises]
        limit = Limit(UPLINK, "*", site.name, lanes(site, self._catalogue), SCENARIO)
        return (self._index.setdefault(limit, len(self._index)),)

    def copy(self, kind: str, to: int, entity: str = "", *, paced: bool = False) -> tuple[int, ...]:
        """Return the limits on a copy job of a type to a site.

        What is to complete within a time is no job of AWS Backup, and its quota of the jobs of one resource does not
        bind it; a limit that the user writes does.

        Args:
            kind: the type.
            to: index of the site.
            entity: the member whose jobs it is one of; empty for nobody's.
            paced: whether it is to complete within a time.
        """
        is_bound = entity and not (paced and self._written.jobs_per_resource is None)
        return self._shared("copy_jobs", kind, to) + (self._of_resource(kind, entity) if is_bound else ())

    def restore(self, kind: str, at: int, home: int) -> tuple[int, ...]:
        """Return the limits on a restore job of a type at a site, of a member that stands at another one, its home.

        What gateways do at once counts on the premises, and binds nobody who stands there and is restored in AWS.
        """
        to_aws = self._sites[home].is_on_premises and not self._sites[at].is_on_premises
        return () if to_aws and self._written.restore_jobs is None else self._shared("restore_jobs", kind, at)

    def archive(self, kind: str, at: int) -> tuple[int, ...]:
        """Return the limits on a restore from the archive of a type at a site, beside those on any restore."""
        return self._shared("archive_restores", kind, at)

    def _of_resource(self, kind: str, entity: str) -> tuple[int, ...]:
        """Return the limit on jobs of one resource."""
        scope = kind if kind in self._known[PER_RESOURCE] else "*"
        return self._asked(PER_RESOURCE, (scope,), entity)

    def _shared(self, queue: str, kind: str, site: int) -> tuple[int, ...]:
        """Return the limits on a job of a type into a site, which it shares with others."""
        if getattr(self._written, queue) is not None:
            return self._asked(queue, ("*", kind, f"to:{self._site_names[site]}"), "")
        managed = self._catalogue.types[kind].can("full-management") is True
        scopes = ("*", kind) if managed else (kind,)
        return self._asked(queue, scopes, f"{self._sites[site].region}/{self._sites[site].account}")

    def _asked(self, queue: str, scopes: tuple[str, ...], place: str) -> tuple[int, ...]:
        """Return the limits of those scopes that have any, made where nobody has asked for them before."""
        known = self._known[queue]
        limits = (
            Limit(queue, scope, place, leaf.value, leaf.basis, leaf.source)
            for scope in scopes
            if (leaf := known.get(scope)) is not None and leaf.value is not None
        )
        return tuple(self._index.setdefault(limit, len(self._index)) for limit in limits)


def _slots(
    written: Mapping[str, int | None] | None, quotas: Mapping[str, Leaf[int | None]]
) -> dict[str, Leaf[int | None]]:
    """Return the slots of a queue by scope: as the scenario has them, else as the catalogue; None is unlimited."""
    if written is None:
        return dict(quotas)
    return {scope: Leaf(slots, str(slots), SCENARIO) for scope, slots in written.items()}
