"""Protection added to a world: longer retentions, copies, replicas, backups of what had none.

As AWS would do it: what it cannot copy or replicate stays as it is. All luck stays; jobs that a change adds have the
luck that they would have in a scenario with it. Where the plans say nothing of such a job, the catalogue does.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np

from drsim import draws
from drsim.catalogue import ReplicationFeature
from drsim.changes import worlds
from drsim.changes.model import Change, WorldChange, WorldEdit
from drsim.distributions import Constant
from drsim.laws.failures import Failure
from drsim.laws.increments import fraction_changed
from drsim.laws.jobs import Work
from drsim.laws.schedule import every_runs
from drsim.scenario import Site as WrittenSite
from drsim.scenario.capabilities import can_copy
from drsim.scenario.plans import COMPLETION_WINDOW_S, START_WINDOW_S
from drsim.scenario.resolve import Parameters
from drsim.units import DAY_S
from drsim.world.model import Member, Replica, Site, World
from drsim.world.native import is_retained, replica, snapshots
from drsim.world.premises import in_step, lanes, over_uplink
from drsim.world.streams import Copy, Stream
from drsim.world.work import work_of

_NONE = Constant(0.0)


def _kept_for(members: Collection[int], kept_s: float) -> WorldEdit:
    """Return the edit with which points and copies of some members are kept for a time [s] at least."""
    return worlds.on_streams(members, lambda _, stream: _kept_longer(stream, kept_s))


def _kept_longer(stream: Stream, kept_s: float) -> Stream:
    copies = tuple(replace(c, delete_after_s=max(c.delete_after_s, kept_s)) for c in stream.copies)
    return replace(stream, delete_after_s=max(stream.delete_after_s, kept_s), copies=copies)


def _running_since(members: Collection[int], moment_s: float) -> WorldEdit:
    """Return the edit with which the plans of some members have run since before a moment [s since start]."""

    def edit(world: World) -> World:
        changed = worlds.on_streams(members, lambda _, stream: _earlier(stream, moment_s))(world)
        begins = (stream.begin_s for stream in changed.streams)
        return replace(changed, plan_start_s=min(changed.plan_start_s, moment_s, *begins))

    return edit


def _earlier(stream: Stream, moment_s: float) -> Stream:
    """Return a stream that began before a moment, its first weeks repeated before themselves, with luck of their own.

    What it keeps for ever, it keeps from then on.
    """
    missing = stream.begin_s - moment_s
    if missing <= 0:
        return stream
    by_s = (math.ceil(missing / (7 * DAY_S)) + 4) * 7 * DAY_S
    n = int(np.searchsorted(stream.times_s, stream.begin_s + by_s))
    n_all = int(np.searchsorted(stream.all_times_s, stream.begin_s + by_s))
    if n == 0 or n >= len(stream.times_s):
        return stream
    back = stream.indices[n] - stream.indices[0]
    return replace(
        stream,
        times_s=np.concatenate((stream.times_s[:n] - by_s, stream.times_s)),
        indices=np.concatenate((stream.indices[:n] - back, stream.indices)),
        all_times_s=np.concatenate((stream.all_times_s[:n_all] - by_s, stream.all_times_s)),
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
    levels = (catalogue.type_of(world.resources[member.resource]).parameters, catalogue.defaults)
    return Parameters(tuple({name: leaf.value for name, leaf in level.items()} for level in levels))


def _backed_up(members: Sequence[int], kept_s: float) -> WorldEdit:
    """Return the edit with daily backups of some members, kept for a time [s], each into a vault beside it."""

    def edit(world: World) -> World:
        for m in members:
            world = _with_backups(world, m, kept_s)
        return world

    return edit


def _vault_site(world: World, home: int) -> int:
    """Return where a vault for what stands at a site lies: beside it; of premises in a Region, in the same account."""
    if not world.sites[home].is_on_premises:
        return home
    account = world.sites[home].account
    in_aws = [i for i, site in enumerate(world.sites) if not site.is_on_premises]
    return min(in_aws, key=lambda i: (world.sites[i].account != account, i), default=home)


def _with_backups(world: World, m: int, kept_s: float) -> World:
    member, values = world.members[m], _values(world, world.members[m])
    resource, kind = world.resources[member.resource], worlds.type_of(world, world.members[m])
    at, keys = _vault_site(world, resource.site), resource.backup_keys or ()
    world, vault = worlds.with_vault(world, "a new vault", at, keys=keys)
    rule = "daily"
    named = f"{member.entity}/{rule}"
    times, indices = every_runs(DAY_S, world.plan_start_s, world.horizon_s + 1.0)
    work, start_delay = work_of(values, world.seed, named, "backup"), values.required("start_delay")
    home = world.sites[resource.site]
    if home.uplink is not None:
        lane = home.uplink / lanes(home, world.catalogue)
        overhead, work = over_uplink(values, kind, lane, world.seed, named, "backup", "backup")
        start_delay = in_step(start_delay, overhead)
    failure = values.failure("backup_failure")
    changed = np.ones(len(times))
    if kind.snapshots_incremental:
        changed[1:] = fraction_changed(kind.change_rate.value.quantile(0.5), np.full(len(times) - 1, DAY_S))
    stream = Stream(
        name=named,
        rule=rule,
        member=m,
        order=len(world.streams),
        times_s=times,
        indices=indices,
        all_times_s=times,
        start_window_s=START_WINDOW_S,
        completion_window_s=kind.completion_window_s(COMPLETION_WINDOW_S),
        start_delay=start_delay,
        start_key=draws.key(world.seed, named, "backup", 3),
        work=work,
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
    return worlds.with_stream(world, m, stream)


def may_copy(world: World, member: Member, source: Site, target: Site) -> bool:
    """Return whether AWS copies a member's points from one site to another."""
    law = member.restoration
    if source.region != target.region and not law.can_copy_region:
        return False
    if source.account != target.account and not law.can_copy_account:
        return False
    here, there = (WrittenSite(region=s.region, account=s.account) for s in (source, target))
    return can_copy(worlds.type_of(world, member), here, there, "none") is True


def copies_more(world: World, member: Member, stream: Stream, site: Site, lost_key: str = "") -> bool:
    """Return whether a stream's points can be copied to a place, and none go there yet.

    Args:
        world: of the strategy.
        member: whose stream it is.
        stream: its points.
        site: the place.
        lost_key: what lies under it there does not count; empty for none.
    """
    vaults = [world.vaults[job.vault] for job in stream.jobs]
    spared = (vault for vault in vaults if lost_key not in vault.keys)
    taken = {(world.sites[v.site].region, world.sites[v.site].account) for v in spared}
    if vaults[0].native or (site.region, site.account) in taken:
        return False
    return may_copy(world, member, world.sites[vaults[0].site], site)


def _copied(members: Collection[int], site: Site, lost_key: str = "") -> WorldEdit:
    """Return the edit with copies of all points of some members at a place, kept as long as these.

    Args:
        members: whose points.
        site: the place.
        lost_key: key under which the copies must not lie; empty for none.
    """

    def edit(world: World) -> World:
        world, at = worlds.with_site(world, site)
        world, vault = worlds.with_vault(world, f"vault-at-{site.name}", at)

        def with_copy(world: World, stream: Stream) -> Stream:
            member = world.members[stream.member]
            if not copies_more(world, member, stream, site, lost_key):
                return stream
            return replace(stream, copies=(*stream.copies, _copy(world, member, stream, vault, at)))

        return worlds.on_streams(members, with_copy)(world)

    return edit


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
    kind = worlds.type_of(world, world.members[m])
    features = [f for f in kind.replication.values() if f.scope != "same-site" and f.kind != "point-in-time"]
    return min(features, key=lambda f: f.kind != "replica", default=None)


def _replicated(features: Mapping[int, ReplicationFeature], site: Site) -> WorldEdit:
    """Return the edit with features of the services at work, to a site.

    Args:
        features: by member.
        site: that receives the data.
    """

    def edit(world: World) -> World:
        world, at = worlds.with_site(world, site)
        for m, feature in features.items():
            named = f"{world.members[m].entity}/{feature.name}"
            if feature.kind == "replica":
                world = _with_replica(world, m, replica(named, feature, at, world.seed))
            else:
                world = _with_snapshots(world, m, named, feature, at)
        return world

    return edit


def _with_replica(world: World, m: int, live: Replica) -> World:
    return worlds.on_members([m], lambda member: replace(member, replicas=(*member.replicas, live)))(world)


def _with_snapshots(world: World, m: int, named: str, feature: ReplicationFeature, site: int) -> World:
    """Return the world with a service's own snapshots of a member at a site."""
    member = world.members[m]
    world, vault = worlds.with_vault(world, feature.name, site, native=True)
    stream = snapshots(
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
    return worlds.with_stream(world, m, stream)


PLAN = WorldChange("plan.daily", "plan", "daily backups of what had none", _backed_up)
RUNNING = WorldChange("plan.running", "plan", "since when plans have run", _running_since)
RETENTION = WorldChange("plan.retention", "plan", "how long points and copies are kept at least", _kept_for)
COPIES = WorldChange("plan.copies", "plan", "copies of every point at a place", _copied)
REPLICATION = WorldChange("plan.replication", "plan", "replication by the services themselves", _replicated)

CHANGES: tuple[Change, ...] = (PLAN, RUNNING, RETENTION, COPIES, REPLICATION)
