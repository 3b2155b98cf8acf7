"""The limits on jobs that run at once, as jobs of a world have them."""

from __future__ import annotations

from dataclasses import dataclass

SCENARIO = "scenario"
"""The basis of what the user wrote."""

PER_RESOURCE = "jobs_per_resource"
"""The queue of the backup and copy jobs of one resource."""

UPLINK = "uplink"
"""The queue of the jobs whose bytes pass over the line of premises; a slot is as much of it as one job fills."""


@dataclass(frozen=True)
class Limit:
    """A limit on jobs that run at once.

    Attributes:
        queue: which jobs, by the scenario's key: `backup_jobs`, `copy_jobs`, `restore_jobs`, `archive_restores`,
            `jobs_per_resource`; or `uplink`.
        scope: of which types or to which site, by the key of the limit or quota: `*`, `RDS`, `to:recovery`.
        place: where it counts: Region and account of a quota, the member of a limit per resource; empty for everywhere.
        slots: how many may run at once.
        basis: how it is known: a basis of the catalogue, or `SCENARIO`.
        source: keys of the catalogue's sources.
    """

    queue: str
    scope: str
    place: str
    slots: int
    basis: str
    source: tuple[str, ...] = ()

    @property
    def is_of_resource(self) -> bool:
        """Whether it is the limit on the jobs of one resource."""
        return self.queue == PER_RESOURCE

    @property
    def name(self) -> str:
        """What it is called: as the user writes it, `copy jobs to:recovery`, or as a quota with its place."""
        if self.is_of_resource:
            return f"jobs of {self.place}"
        if self.queue == UPLINK:
            return f"uplink of {self.place}"
        jobs = self.queue.replace("_", " ")
        if self.place:
            return f"{jobs} {'of all types' if self.scope == '*' else self.scope} to {self.place}"
        return jobs if self.scope == "*" else f"{jobs} {self.scope}"
