"""How much each backup and copy job moves: increments where type and lineage allow, else everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from drsim.catalogue import ResourceType
from drsim.laws.increments import fraction_changed, grown
from drsim.laws.schedule import standing_gap
from drsim.scenario import Resource
from drsim.scenario.capabilities import has_archive
from drsim.world.bases import base_of
from drsim.world.lineages import Lineage, lineage_of
from drsim.world.model import Site, Vault
from drsim.world.streams import Copy, Stream

Floats = NDArray[np.float64]

Points = tuple[Floats, float]
"""Points of one job: scheduled moments of the runs, ascending [s since start], and for how long one can build on them
[s]."""


def sized(
    streams: Sequence[Stream], resource: Resource, kind: ResourceType, vaults: Sequence[Vault], sites: Sequence[Site]
) -> list[Stream]:
    """Return the streams of one member, each job of each run with the amount that it moves.

    An increment builds on the newest earlier point of its lineage that is still there.

    Args:
        streams: all streams of the member.
        resource: the resource as written.
        kind: its type.
        vaults: by index.
        sites: by index.
    """
    size, objects, growth = resource.size, resource.objects or 0.0, resource.growth or 0.0
    rate = kind.changed_per_day(resource.change_rate)
    lineage = [lineage_of(kind, v, vault, sites[vault.site]) for v, vault in enumerate(vaults)]
    points = _points(streams, kind, lineage)

    def part(job: Stream | Copy, times: Floats) -> Floats:
        changed = np.ones(len(times))
        if kind.snapshots_incremental:
            changed = fraction_changed(rate, standing_gap(times, points[lineage[job.vault]]))
        return changed * grown(growth, times)

    streams_sized = []
    for stream in streams:
        backup, *others = (part(job, stream.times_s) for job in stream.jobs)
        copies = tuple(
            replace(copy, size_bytes=size * moved, objects=objects * moved)
            for copy, moved in zip(stream.copies, others, strict=True)
        )
        streams_sized.append(replace(stream, size_bytes=size * backup, objects=objects * backup, copies=copies))
    if not kind.snapshots_incremental:
        return streams_sized
    founders: dict[Lineage, list[Stream]] = {}
    for stream in streams_sized:
        if not vaults[stream.vault].native:
            founders.setdefault(lineage[stream.vault], []).append(stream)
    bases = {name: base_of(of_lineage, size, objects, growth) for name, of_lineage in founders.items()}
    return [replace(s, base=None if vaults[s.vault].native else bases[lineage[s.vault]]) for s in streams_sized]


def _points(streams: Sequence[Stream], kind: ResourceType, lineage: Sequence[Lineage]) -> dict[Lineage, list[Points]]:
    """Return the points of each lineage that others can build on, as far as the schedule says."""
    of_lineage: dict[Lineage, list[Points]] = {}
    for stream in streams:
        vain: set[int] = set()
        for nth, job in enumerate(stream.jobs, start=-1):
            points = of_lineage.setdefault(lineage[job.vault], [])
            if job.failure.p >= 1 or (isinstance(job, Copy) and job.parent in vain):
                vain.add(nth)
            elif job.goes is None:  # what goes with its copies is gone before the next run
                points.append((stream.times_s[stream.times_s >= job.since_s], _usable_s(kind, job)))
    return of_lineage


def _usable_s(kind: ResourceType, job: Stream | Copy) -> float:
    """Return how long others can build on a point [s]: in an archive it is a full, apart from the others."""
    return min(job.delete_after_s, job.cold_after_s) if has_archive(kind) else job.delete_after_s
