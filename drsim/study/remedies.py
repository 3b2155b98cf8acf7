"""Changes of the protection that could have saved what an incident left without a way back.

Each makes a world in which what was lost is protected otherwise, as AWS would do it: what it cannot copy or replicate
stays as it is. All luck stays; jobs that a change adds have the luck that they would have in a scenario with it. Where
the present plans say nothing of such a job, the catalogue does.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from drsim import draws
from drsim.catalogue import ReplicationFeature, ResourceType, load_catalogue
from drsim.distributions import Constant
from drsim.engine import Recovery, World
from drsim.engine.components import components
from drsim.engine.native import replica, snapshots
from drsim.engine.world import Copy, Member, Site, Stream, Vault
from drsim.laws.jobs import Failure, Work, fraction_changed
from drsim.laws.schedule import every_runs
from drsim.laws.survival import ATTACKS, UNREACHABLE, in_attackers_reach
from drsim.scenario import Site as WrittenSite
from drsim.scenario.capabilities import can_copy
from drsim.scenario.resolve import Parameters
from drsim.units import DAY_S, HOUR_S, format_duration

PLAN, KEEP, LOCK, COPY, REPLICATE, TEST = "plan", "keep", "lock", "copy", "replicate", "test"
"""What a remedy changes; two that change the same are alternatives of each other."""

_KEPT_S = tuple(k * DAY_S for k in (35, 60, 90, 180, 365, 730, 2555))
"""Retentions that are tried: the first that reaches back before the contamination."""

_NONE = Constant(0.0)
_NEW_REGION, _NEW_ACCOUNT = "another Region", "another account"
"""Sites for scenarios that have none where it is needed."""

_SLACK_S = DAY_S
"""By how much more than needed a retention reaches back: jobs take time, and points expire early or late."""


@dataclass(frozen=True)
class Remedy:
    """A change of the protection.

    Attributes:
        kind: `PLAN`, `KEEP`, `LOCK`, `COPY`, `REPLICATE` or `TEST`.
        what: in words.
        of: resources that it protects otherwise, with what is to be said of each beside `what`; empty for nothing.
        change: makes the world with it.
    """

    kind: str
    what: str
    of: dict[int, str]
    change: Callable[[World], World]

    def words(self, world: World, resources: Sequence[int]) -> str:
        """Return it in words, as far as it concerns some resources."""
        by_detail: dict[str, list[str]] = {}
        for r in resources:
            if self.of.get(r):
                by_detail.setdefault(self.of[r], []).append(world.resources[r].name)
        details = [f"{detail} for {_listed(names)}" for detail, names in by_detail.items()]
        return f"{self.what}: {', '.join(details)}" if details else self.what


def remedies(world: World, recovery: Recovery) -> tuple[Remedy, ...]:
    """Return the changes that are worth trying for what could not be recovered, in the order in which they combine.

    Args:
        world: of the strategy.
        recovery: what happened.
    """
    lost = [m for m, member in recovery.members.items() if member.state in ("unrecoverable", "unprotected")]
    if not lost:
        return ()
    return tuple(_Remedies(world, recovery, lost).found())


def obstacles(world: World, recovery: Recovery, resources: Iterable[int]) -> tuple[str, ...]:
    """Return in sentences what AWS cannot do for those of some resources that could not be recovered.

    Args:
        world: of the strategy.
        recovery: what happened.
        resources: which ones.
    """
    wanted = set(resources)
    lost = [
        m
        for m, member in recovery.members.items()
        if world.members[m].resource in wanted and member.state in ("unrecoverable", "unprotected")
    ]
    return tuple(_Remedies(world, recovery, lost).obstacles()) if lost else ()


def combined(world: World, chosen: Iterable[Remedy]) -> World:
    """Return the world with some changes made."""
    for remedy in chosen:
        world = remedy.change(world)
    found = components(world)
    owner = {m: c for c, component in enumerate(found) for m in component.members}
    return replace(world, components=found, component_of=tuple(owner[m] for m in range(len(world.members))))


class _Remedies:
    """Finds what is worth trying in one incident."""

    def __init__(self, world: World, recovery: Recovery, lost: Sequence[int]) -> None:
        self.world, self.recovery, self.lost = world, recovery, tuple(lost)
        self.occurred_s = recovery.occurred_s
        self.dwell_s = recovery.occurred_s - float(recovery.strikes.contaminated_s[recovery.e])
        self.kind = recovery.strikes.disruption.kind

    def found(self) -> Iterator[Remedy]:
        """Yield the changes: plans first, which the others then apply to."""
        bare = [m for m in self.lost if self.recovery.members[m].state == "unprotected"]
        if bare:
            yield self._plan(bare)
        yield from self._longer()
        yield from self._locked()
        yield from self._copied()
        yield from self._replicated()
        if any(self.recovery.members[m].failed for m in self.lost):
            of = self._of(self.lost)
            yield Remedy(TEST, "no useless recovery point (tested restores)", of, lambda w: _tested(w, self.lost))

    def obstacles(self) -> Iterator[str]:
        """Yield what AWS cannot do for what was lost: copies out of the disruption's reach, replication."""
        places = self._places()
        if not places:
            return
        home = {m: self.world.sites[self.world.resources[self.world.members[m].resource].site] for m in self.lost}
        fixed = [
            m for m in self.lost if not any(_may_copy(self.world, self.world.members[m], home[m], p) for p in places)
        ]
        if fixed:
            far = "account" if self.kind in ATTACKS else "Region"
            yield f"AWS Backup cannot copy {self._types(fixed)} to another {far}"
        alone = [m for m in self.lost if _feature(_type(self.world, self.world.members[m])) is None]
        if alone and self.kind not in ATTACKS and self.dwell_s == 0:
            yield f"{self._types(alone)} cannot be replicated by the service itself"

    def _types(self, members: Iterable[int]) -> str:
        return _listed(list(dict.fromkeys(_type(self.world, self.world.members[m]).name for m in members)))

    def _of(self, members: Iterable[int]) -> dict[int, str]:
        return {self.world.members[m].resource: "" for m in members}

    # plans and retention

    def _kept(self, needed_s: float) -> float:
        """Return the first retention that reaches far enough back [s]; inf for none."""
        return next((s for s in _KEPT_S if s >= needed_s), math.inf)

    def _plan(self, members: Sequence[int]) -> Remedy:
        """Return the change that backs up what nothing protects, every day."""
        kept = self._kept(self.dwell_s + DAY_S + _SLACK_S if self.dwell_s else 0.0)
        kept = _KEPT_S[-1] if math.isinf(kept) else kept
        of = dict.fromkeys(self._of(members), f"daily backups, kept for {format_duration(kept)},")

        def change(world: World) -> World:
            world = _reaching_back(world, self.occurred_s - kept, ())
            for m in members:
                world = _backed_up(world, m, kept)
            return world

        return Remedy(PLAN, "a backup plan", of, change)

    def _longer(self) -> Iterator[Remedy]:
        """Yield the change that keeps points for long enough, where what hid lay hidden for longer."""
        if self.dwell_s <= 0:
            return
        members = [m for m in self.lost if self.world.members[m].streams]
        streams = [self.world.streams[s] for m in members for s in self.world.members[m].streams]
        ages = [s.delete_after_s for s in streams] + [c.delete_after_s for s in streams for c in s.copies]
        gaps = [float(np.diff(s.times_s).max()) for s in streams if len(s.times_s) > 1]
        if not ages or not gaps:
            return
        needed = self.dwell_s + min(gaps) + _SLACK_S
        kept = self._kept(needed)
        if min(ages) >= needed or math.isinf(kept):
            return
        present = list(dict.fromkeys(format_duration(age) for age in sorted(ages) if age < kept))
        every = "all " if max(ages) >= kept else ""
        what = f"{every}recovery points kept for {format_duration(kept)} instead of {_listed(present)}"

        def change(world: World) -> World:
            world = _reaching_back(world, self.occurred_s - kept, members)
            return _with_streams(world, members, lambda _, s: _kept_for(s, kept))

        yield Remedy(KEEP, what, self._of(members), change)

    # places

    def _locked(self) -> Iterator[Remedy]:
        """Yield the change that locks the vaults which an attacker could reach."""
        if self.kind not in ATTACKS:
            return
        own = {
            v
            for m in self.lost
            for v in (
                *(c.vault for c in self.world.members[m].continuous),
                *(x.vault for s in self.world.members[m].streams for x in self.world.streams[s].jobs),
            )
        }
        vaults = [v for v in sorted(own) if _is_open(self.world.vaults[v], self.kind)]
        bare = [m for m in self.lost if self.recovery.members[m].state == "unprotected"]
        if not vaults and not bare:
            return
        names = [self.world.vaults[v].name for v in vaults]
        what = f"a compliance lock on the vault{'s' * (len(names) != 1)} {_listed(names)}" if names else ""

        def change(world: World) -> World:
            # also of the vault that a plan has just made
            before = len(self.world.vaults)
            locked = [
                replace(v, lock="compliance") if i in vaults or (i >= before and _is_open(v, self.kind)) else v
                for i, v in enumerate(world.vaults)
            ]
            return replace(world, vaults=tuple(locked))

        yield Remedy(LOCK, what or "a compliance lock on their vault", self._of(self.lost), change)

    def _places(self) -> list[Site]:
        """Return places out of the disruption's reach, the nearest of those of the scenario first, else a new one."""
        if self.kind not in (*ATTACKS, *UNREACHABLE):
            return []  # points are as good here as they are elsewhere
        member = self.world.members[self.lost[0]]
        home = self.world.sites[self.world.resources[member.resource].site]
        survives = self.recovery.strikes.replica_ok
        places = {(s.region, s.account): s for s, ok in zip(self.world.sites, survives, strict=True) if ok}
        if places:
            return sorted(places.values(), key=lambda s: (s.region != home.region) + (s.account != home.account))
        if self.kind in ATTACKS:
            return [Site(_NEW_ACCOUNT, home.region, _NEW_ACCOUNT, None)]
        return [Site(_NEW_REGION, _NEW_REGION, home.account, None)]

    def _copied(self) -> Iterator[Remedy]:
        """Yield the changes that copy every point of what was lost to a place; further places where they take more."""
        covered: set[int] = set()
        for site in self._places():
            members = [m for m in self.lost if self._gets_copies(m, site)]
            if not set(members) <= covered:
                what = f"a copy of every recovery point in a vault {self._at(site)}"
                yield Remedy(COPY, what, self._of(members), lambda w, x=members, s=site: _copied(w, x, s))  # type: ignore[misc]
                covered |= set(members)

    def _gets_copies(self, m: int, site: Site) -> bool:
        member = self.world.members[m]
        if self.recovery.members[m].state == "unprotected":
            return _may_copy(self.world, member, self.world.sites[self.world.resources[member.resource].site], site)
        return any(_copies_more(self.world, member, self.world.streams[s], site) for s in member.streams)

    def _at(self, site: Site) -> str:
        """Return where a vault lies, and what makes it safe there."""
        if site.name in (_NEW_ACCOUNT, _NEW_REGION):
            return f"in {site.name}"
        return f"at {site.name} ({f'account {site.account}' if self.kind in ATTACKS else site.region})"

    # what the services do by themselves

    def _replicated(self) -> Iterator[Remedy]:
        """Yield the change that has services keep what was lost elsewhere, where they can."""
        if self.kind in ATTACKS or self.dwell_s > 0:
            return  # what has damaged the data has damaged its replica
        for site in self._places()[:1]:
            features = {m: _feature(_type(self.world, self.world.members[m])) for m in self.lost}
            wanted = {m: f for m, f in features.items() if f is not None and not self._has(m, f)}
            if wanted:
                of = {self.world.members[m].resource: f.name for m, f in wanted.items()}
                what = f"native replication {self._at(site).replace('at ', 'to ', 1).replace('in ', 'to ', 1)}"
                yield Remedy(REPLICATE, what, of, lambda w, s=site, x=wanted: _replicated(w, x, s))  # type: ignore[misc]

    def _has(self, m: int, feature: ReplicationFeature) -> bool:
        """Return whether a feature is at work already."""
        member = self.world.members[m]
        streams = {self.world.streams[s].name for s in member.streams}
        return f"{member.entity}/{feature.name}" in streams or any(r.name == feature.name for r in member.replicas)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 6 else f"{', '.join(names[:6])} and {len(names) - 6} more"


def _is_open(vault: Vault, kind: str) -> bool:
    return not vault.native and in_attackers_reach(kind, vault.lock)


# changes of a world


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


def _with_streams(world: World, members: Iterable[int], change: Callable[[World, Stream], Stream]) -> World:
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


def _tested(world: World, members: Iterable[int]) -> World:
    for m in members:
        law = world.members[m].restoration
        world = _with_member(world, m, restoration=replace(law, failure=Failure(0.0, None, law.failure.key)))
    return world


def _kept_for(stream: Stream, kept_s: float) -> Stream:
    copies = tuple(replace(c, delete_after_s=max(c.delete_after_s, kept_s)) for c in stream.copies)
    return replace(stream, delete_after_s=max(stream.delete_after_s, kept_s), copies=copies)


def _reaching_back(world: World, moment_s: float, members: Sequence[int]) -> World:
    """Return the world in which the plans of some members have run since before a moment [s since start]."""
    missing = world.plan_start_s - moment_s
    if missing <= 0:
        return world
    weeks = (math.ceil(missing / (7 * DAY_S)) + 4) * 7 * DAY_S
    found = _with_streams(world, members, lambda w, s: _earlier(s, w.plan_start_s, weeks))
    return replace(found, plan_start_s=world.plan_start_s - weeks)


def _earlier(stream: Stream, begins_s: float, by_s: float) -> Stream:
    """Return a stream that begins earlier, its first weeks repeated before themselves, with luck of their own."""
    n = int(np.searchsorted(stream.times_s, begins_s + by_s))
    every = int(np.searchsorted(stream.all_times_s, begins_s + by_s))
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
            )
            for c in stream.copies
        ),
    )


def _values(world: World, member: Member) -> Parameters:
    """Return the catalogue's figures for a member's type: what a scenario replaces is not known of new jobs."""
    catalogue = load_catalogue()
    levels = (catalogue.types[world.resources[member.resource].type].parameters, catalogue.defaults)
    return Parameters(tuple({name: leaf.value for name, leaf in level.items()} for level in levels))


def _type(world: World, member: Member) -> ResourceType:
    return load_catalogue().types[world.resources[member.resource].type]


def _backed_up(world: World, m: int, kept_s: float) -> World:
    """Return the world with daily backups of a member, into a vault beside it."""
    member, values = world.members[m], _values(world, world.members[m])
    resource, kind = world.resources[member.resource], _type(world, world.members[m])
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
    )
    return _with_stream(world, m, stream)


def _may_copy(world: World, member: Member, source: Site, target: Site) -> bool:
    """Return whether AWS copies a member's points from one site to another."""
    law = member.restoration
    if source.region != target.region and not law.can_copy_region:
        return False
    if source.account != target.account and not law.can_copy_account:
        return False
    here, there = (WrittenSite(region=s.region, account=s.account) for s in (source, target))
    return can_copy(_type(world, member), here, there, "none") is True


def _copies_more(world: World, member: Member, stream: Stream, site: Site) -> bool:
    """Return whether a stream's points can be copied to a place, and none go there yet."""
    vaults = [world.vaults[job.vault] for job in stream.jobs]
    taken = {(world.sites[v.site].region, world.sites[v.site].account) for v in vaults}
    if vaults[0].native or (site.region, site.account) in taken:
        return False
    return _may_copy(world, member, world.sites[vaults[0].site], site)


def _copied(world: World, members: Sequence[int], site: Site) -> World:
    """Return the world with copies of all points of some members at a place, kept as long as these."""
    world, at = _placed(world, site)
    world, vault = _vaulted(world, f"vault-at-{site.name}", at)

    def change(changed: World, stream: Stream) -> Stream:
        member = changed.members[stream.member]
        if not _copies_more(changed, member, stream, site):
            return stream
        return replace(stream, copies=(*stream.copies, _copy(changed, member, stream, vault, at)))

    return _with_streams(world, members, change)


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
        failure=Failure(known.p, known.lasts, draws.key(world.seed, label, "copy_failure")),
        size_bytes=stream.size_bytes,
        objects=stream.objects,
        delete_after_s=stream.delete_after_s,
        cold_after_s=stream.cold_after_s,
        expiry_delay=stream.expiry_delay,
        expiry_key=draws.key(world.seed, label, "expiry_delay"),
        limits=(*law.copy_limits[at], *(i for i in stream.limits if world.limits[i].own)),
    )


def _feature(kind: ResourceType) -> ReplicationFeature | None:
    """Return by what a type is kept elsewhere: a live replica, else snapshots; None where it has neither."""
    features = [f for f in kind.replication.values() if f.scope != "same-site" and f.kind != "point-in-time"]
    return min(features, key=lambda f: f.kind != "replica", default=None)


def _replicated(world: World, wanted: dict[int, ReplicationFeature], site: Site) -> World:
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
            )
            world = _with_stream(world, m, made)
    return world
