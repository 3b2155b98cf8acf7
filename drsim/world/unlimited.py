"""A world in which no job ever waits for a slot: whatever else there is, everybody fares as if alone."""

from __future__ import annotations

from dataclasses import replace

from drsim.world.groups import grouped
from drsim.world.model import Member, World
from drsim.world.streams import Stream


def unlimited(world: World) -> World:
    """Return a world without its limits on backup, copy and restore jobs, those of one resource included."""
    streams = tuple(_free(stream) for stream in world.streams)
    members = tuple(_free_to_restore(member, len(world.sites)) for member in world.members)
    return grouped(replace(world, limits=(), streams=streams, members=members))


def _free(stream: Stream) -> Stream:
    return replace(stream, limits=(), copies=tuple(replace(copy, limits=()) for copy in stream.copies))


def _free_to_restore(member: Member, sites: int) -> Member:
    nowhere: tuple[tuple[int, ...], ...] = ((),) * sites
    law = member.restoration
    uplinks = {site: replace(uplink, limits=()) for site, uplink in law.uplinks.items()}
    law = replace(law, copy_limits=nowhere, restore_limits=nowhere, cold_limits=nowhere, uplinks=uplinks)
    return replace(member, restoration=law)
