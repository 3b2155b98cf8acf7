"""Worlds with something changed: other retentions, copies, replicas, backups of what had none.

As AWS would do it: what it cannot copy or replicate stays as it is. All luck stays; jobs that a change adds have the
luck that they would have in a scenario with it. Where the plans say nothing of such a job, the catalogue does.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np

from drsim import draws
from drsim.catalogue import ReplicationFeature, ResourceType
from drsim.distributions import Constant
from drsim.laws.failures import Failure
from drsim.laws.increments import fraction_changed
from drsim.laws.jobs import Work
from drsim.laws.schedule import every_runs
from drsim.scenario import Site as WrittenSite
from drsim.scenario.capabilities import can_copy
from drsim.scenario.resolve import Parameters
from drsim.units import DAY_S, HOUR_S
from drsim.world.model import Member, Site, Vault, World
from drsim.world.native import is_retained, replica, snapshots
from drsim.world.streams import Copy, Stream

_NONE = Constant(0.0)


def _placed(world: World, site: Site) -> tuple[World, int]:
    """Return the world with a site, and the site's index; nothing limits jobs at a new one."""
    if site in world.sites:
        return world, world.sites.index(site)
    members = tuple(
        replace(
            m,
            restoration=replace(
                m.restoration,
                copy_limits=(*m.restoration.copy_limits, ()),
                restore_limits=(*m.restoration.restore_limits, ()),
            ),
        )
        for m in world.members
    )
    return replace(world, sites=(*world.sites, site), members=members), len(world.sites)


def _vaulted(world: World, name: str, site: int, *, native: bool = False) -> tuple[World, int]:
    """Return the world with a new vault without a lock, and the vault's index."""
    return replace(world, vaults=(*world.vaults, Vault(name, site, "none", native))), len(world.vaults)


def with_streams(world: World, members: Iterable[int], change: Callable[[World, Stream], Stream]) -> World:
    """Return the world with the streams of some members changed."""
    own = {s for m in members for s in world.members[m].streams}
    streams = tuple(change(world, stream) if s in own else stream for s, stream in enumerate(world.streams))
    return replace(world, streams=streams)


def _with_member(world: World, m: int, **changes: object) -> World:
    changed = replace(world.members[m], **changes)  # type: ignore[arg-type]
    return replace(world, members=(*world.members[:m], changed, *world.members[m + 1 :]))


def _with_stream(world: World, m: int, stream: Stream) -> World:
    """Return the world with one more stream, of a member."""
    world = replace(world, streams=(*world.streams, stream))
    return _with_member(world, m, streams=(*world.members[m].streams, len(world.streams) - 1))


def tested(world: World, members: Iterable[int]) -> World:
    """Return the world in which no recovery point of some members turns out useless, since restores are tested."""
    for m in members:
        law = world.members[m].restoration
        world = _with_member(world, m, restoration=replace(law, failure=Failure(0.0, None, law.failure.key)))
    return world


def kept_for(stream: Stream, kept_s: float) -> Stream:
    """Return a stream whose points and copies are kept for a time [s] at least."""
    copies = tuple(replace(c, delete_after_s=max(c.delete_after_s, kept_s)) for c in stream.copies)
    return replace(stream, delete_after_s=max(stream.delete_after_s, kept_s), copies=copies)


def reaching_back(world: World, moment_s: float, members: Sequence[int]) -> World:
    """Return the world in which the plans of some members have run since before a moment [s since start]."""
    found = with_streams(world, members, lambda _, s: _earlier(s, moment_s))
    begins = [moment_s, *(stream.begin_s for stream in found.streams)]
    return replace(found, plan_start_s=min([found.plan_start_s, *begins]))


def _earlier(stream: Stream, moment_s: float) -> Stream:
    """Return a stream that began before a moment, its first weeks repeated before themselves, with luck of their own.

    What it keeps for ever, it keeps from then on.
    """
    missing = stream.begin_s - moment_s
    if missing <= 0:
        return stream
    by_s = (math.ceil(missing / (7 * DAY_S)) + 4) * 7 * DAY_S
    n = int(np.searchsorted(stream.times_s, stream.begin_s + by_s))
    every = int(np.searchsorted(stream.all_times_s, stream.begin_s + by_s))
    if n == 0 or n >= len(stream.times_s):
        return stream
    back = stream.indices[n] - stream.indices[0]
    return replace(
        stream,
        times_s=np.concatenate((stream.times_s[:n] - by_s, stream.times_s)),
        indices=np.concatenate((stream.indices[:n] - back, stream.indices)),
        all_times_s=np.concatenate((stream.all_times_s[:every] - by_s, stream.all_times_s)),
        size_bytes=np.concatenate((stream.size_bytes[:n], stream.size_bytes)),
        objects=np.concatenate((stream.objects[:n], stream.objects)),
        copies=tuple(
            replace(
                c,
                size_bytes=np.concatenate((c.size_bytes[:n], c.size_bytes)),
                objects=np.concatenate((c.objects[:n], c.objects)),
                since_s=c.since_s - by_s,
            )
            for c in stream.copies
        ),
        begin_s=stream.begin_s - by_s,
        since_s=stream.since_s - by_s,
    )


def _values(world: World, member: Member) -> Parameters:
    """Return the catalogue's figures for a member's type: what a scenario replaces is not known of new jobs."""
    catalogue = world.catalogue
    levels = (catalogue.types[world.resources[member.resource].type].parameters, catalogue.defaults)
    return Parameters(tuple({name: leaf.value for name, leaf in level.items()} for level in levels))


def type_of(world: World, member: Member) -> ResourceType:
    """Return the resource type of a member."""
    return world.catalogue.types[world.resources[member.resource].type]


def backed_up(world: World, m: int, kept_s: float) -> World:
    """Return the world with daily backups of a member, into a vault beside it."""
    member, values = world.members[m], _values(world, world.members[m])
    resource, kind = world.resources[member.resource], type_of(world, world.members[m])
    world, vault = _vaulted(world, "a new vault", resource.site)
    named = f"{member.entity}/daily"
    times, indices = every_runs(DAY_S, world.plan_start_s, world.horizon_s + 1.0)
    whole, parts = values.law("backup")
    failure = values.failure("backup_failure")
    changed = np.ones(len(times))
    if kind.snapshots_incremental:
        changed[1:] = fraction_changed(kind.change_rate.value.quantile(0.5), np.full(len(times) - 1, DAY_S))
    stream = Stream(
        name=named,
        member=m,
        order=len(world.streams),
        times_s=times,
        indices=indices,
        all_times_s=times,
        start_window_s=8 * HOUR_S,
        completion_window_s=7 * DAY_S,
        start_delay=values.required("start_delay"),
        start_key=draws.key(world.seed, named, "backup", 3),
        work=Work.drawn(
            world.seed, named, "backup", whole, parts.get("fixed"), parts.get("rate"), parts.get("object_rate")
        ),
        failure=Failure(failure.p, failure.lasts, draws.key(world.seed, named, "backup_failure")),
        size_bytes=resource.size_bytes * changed,
        objects=resource.objects * changed,
        is_point=True,
        vault=vault,
        delete_after_s=kept_s,
        cold_after_s=math.inf,
        expiry_delay=values.required("expiry_delay"),
        expiry_key=draws.key(world.seed, named, "expiry_delay"),
        limits=(),
        copies=(),
        begin_s=world.plan_start_s,
    )
    return _with_stream(world, m, stream)


def may_copy(world: World, member: Member, source: Site, target: Site) -> bool:
    """Return whether AWS copies a member's points from one site to another."""
    law = member.restoration
    if source.region != target.region and not law.can_copy_region:
        return False
    if source.account != target.account and not law.can_copy_account:
        return False
    here, there = (WrittenSite(region=s.region, account=s.account) for s in (source, target))
    return can_copy(type_of(world, member), here, there, "none") is True


def copies_more(world: World, member: Member, stream: Stream, site: Site) -> bool:
    """Return whether a stream's points can be copied to a place, and none go there yet."""
    vaults = [world.vaults[job.vault] for job in stream.jobs]
    taken = {(world.sites[v.site].region, world.sites[v.site].account) for v in vaults}
    if vaults[0].native or (site.region, site.account) in taken:
        return False
    return may_copy(world, member, world.sites[vaults[0].site], site)


def copied(world: World, members: Sequence[int], site: Site) -> World:
    """Return the world with copies of all points of some members at a place, kept as long as these."""
    world, at = _placed(world, site)
    world, vault = _vaulted(world, f"vault-at-{site.name}", at)

    def change(changed: World, stream: Stream) -> Stream:
        member = changed.members[stream.member]
        if not copies_more(changed, member, stream, site):
            return stream
        return replace(stream, copies=(*stream.copies, _copy(changed, member, stream, vault, at)))

    return with_streams(world, members, change)


def _copy(world: World, member: Member, stream: Stream, vault: int, at: int) -> Copy:
    """Return the copy action of a stream into a vault."""
    law, label = member.restoration, f"{stream.name}>{world.vaults[vault].name}"
    work = law.copy_work
    known = stream.copies[0].failure if stream.copies else _values(world, member).failure("copy_failure")
    return Copy(
        parent=-1,
        vault=vault,
        delay=_NONE,
        delay_key=draws.key(world.seed, label, "copy", 3),
        work=Work.drawn(world.seed, label, "copy", work.whole, work.fixed, work.rate, work.object_rate),
        failure=known
        if isinstance(known, Failure) and known.shared
        else Failure.drawn(world.seed, label, "copy_failure", known.p, known.lasts),
        size_bytes=stream.size_bytes,
        objects=stream.objects,
        delete_after_s=stream.delete_after_s,
        cold_after_s=stream.cold_after_s,
        expiry_delay=stream.expiry_delay,
        expiry_key=draws.key(world.seed, label, "expiry_delay"),
        limits=(*law.copy_limits[at], *(i for i in stream.limits if world.limits[i].is_of_resource)),
        since_s=stream.since_s,
    )


def replication_of(world: World, m: int) -> ReplicationFeature | None:
    """Return by what a member is kept elsewhere: a live replica, else snapshots; None where its type has neither."""
    kind = type_of(world, world.members[m])
    features = [f for f in kind.replication.values() if f.scope != "same-site" and f.kind != "point-in-time"]
    return min(features, key=lambda f: f.kind != "replica", default=None)


def replicated(world: World, wanted: dict[int, ReplicationFeature], site: Site) -> World:
    """Return the world with features of the services at work, to a site."""
    world, at = _placed(world, site)
    for m, feature in wanted.items():
        member = world.members[m]
        named = f"{member.entity}/{feature.name}"
        if feature.kind == "replica":
            own = replica(named, feature, at, world.seed)
            world = _with_member(world, m, replicas=(*member.replicas, own))
        else:
            world, vault = _vaulted(world, feature.name, at, native=True)
            made = snapshots(
                named,
                feature,
                _values(world, member),
                member=m,
                order=len(world.streams),
                vault=vault,
                keep_s=feature.retention.value if feature.retention else math.inf,
                span=(world.plan_start_s, world.horizon_s),
                seed=world.seed,
                account=world.sites[world.resources[member.resource].site].account,
                retained=is_retained(feature, None),
            )
            world = _with_stream(world, m, made)
    return world
