"""Changes of the protection that could have saved what an incident left without a way back.

Each makes a world in which what was lost is protected otherwise (`drsim.changes.protection`), for one incident and with
the same luck.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from drsim.catalogue import ReplicationFeature
from drsim.changes import protection, worlds
from drsim.changes.model import Change, WorldEdit
from drsim.changes.restores import TESTED, TESTED_WORDS
from drsim.changes.vaults import LOCK_IN_WORLD
from drsim.engine import Recovery
from drsim.laws.survival import Takes, in_reach, replica_survives, vault_survives
from drsim.scenario.plans import RETENTIONS_S, USUAL_RETENTION_S
from drsim.units import DAY_S, format_duration
from drsim.world import World
from drsim.world.groups import grouped
from drsim.world.model import Site, Vault

_NEW_REGION, _NEW_ACCOUNT = "another Region", "another account"
"""Sites for scenarios that have none where it is needed."""

_SLACK_S = DAY_S
"""By how much more than needed a retention reaches back: jobs take time, and points expire early or late."""


@dataclass(frozen=True)
class Remedy:
    """A change of the protection.

    Attributes:
        change: what it changes; two remedies of one change are alternatives of each other.
        what: in words.
        of: resources that it protects otherwise, with what is to be said of each beside `what`; empty for nothing.
        edit: makes the world with it.
    """

    change: Change
    what: str
    of: dict[int, str]
    edit: WorldEdit

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
    return tuple(_Remedies(world, recovery, lost).remedies())


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
        world = remedy.edit(world)
    return grouped(world)


class _Remedies:
    """Finds what is worth trying in one incident."""

    def __init__(self, world: World, recovery: Recovery, lost: Sequence[int]) -> None:
        self.world, self.recovery, self.lost = world, recovery, tuple(lost)
        self.occurred_s = recovery.occurred_s
        self.dwell_s = recovery.occurred_s - float(recovery.strikes.contaminated_s[recovery.e])
        self.takes = recovery.strikes.disruption.takes
        # a new vault lies under a key of its own, so that only those that there are can be lost with one
        self.key = recovery.strikes.unit.key if self.takes.vaults == "key" else ""
        # what no backup plan protects, though its service may
        self.bare = tuple(m for m in lost if not any(self._is_planned(s) for s in world.members[m].streams))

    def _is_planned(self, s: int) -> bool:
        return not self.world.vaults[self.world.streams[s].vault].native

    def remedies(self) -> Iterator[Remedy]:
        """Yield the changes: plans first, which the others then apply to."""
        if self.bare:
            yield self._plan(self.bare)
        yield from self._longer()
        yield from self._locked()
        yield from self._copied()
        yield from self._replicated()
        if any(self.recovery.members[m].failed for m in self.lost):
            yield Remedy(TESTED, TESTED_WORDS, self._of(self.lost), TESTED.edit(self.lost))

    def obstacles(self) -> Iterator[str]:
        """Yield what AWS cannot do for what was lost: copies out of the disruption's reach, replication."""
        places = self._places(self._keeps_points)
        if not places:
            return
        fixed = [m for m in self.lost if not any(self._may_copy(m, place) for place in places)]
        if fixed:
            away = "into another vault" if self.key else f"to another {'account' if self.takes.is_attack else 'Region'}"
            yield f"AWS Backup cannot copy {self._types(fixed)} {away}"
        alone = [m for m in self.lost if protection.replication_of(self.world, m) is None]
        if alone and not self.takes.is_attack and self.dwell_s == 0:
            yield f"{self._types(alone)} cannot be replicated by the service itself"

    def _types(self, members: Iterable[int]) -> str:
        return _listed(list(dict.fromkeys(worlds.type_of(self.world, self.world.members[m]).name for m in members)))

    def _of(self, members: Iterable[int]) -> dict[int, str]:
        return {self.world.members[m].resource: "" for m in members}

    # plans and retention

    def _kept(self, needed_s: float) -> float:
        """Return the first usual retention that reaches far enough back [s]; inf for none."""
        return next((s for s in self._retentions_s() if s >= needed_s), math.inf)

    def _retentions_s(self) -> tuple[float, ...]:
        """Return the retentions that are tried: the usual one and longer ones, as far as plans may keep points."""
        most_s = self.world.catalogue.rules.retention_maximum.value
        return tuple(s for s in RETENTIONS_S if USUAL_RETENTION_S <= s <= most_s) or (most_s,)

    def _plan(self, members: Sequence[int]) -> Remedy:
        """Return the change that backs up what no plan protects, every day."""
        kept = self._kept(self.dwell_s + DAY_S + _SLACK_S if self.dwell_s else 0.0)
        kept = self._retentions_s()[-1] if math.isinf(kept) else kept
        of = dict.fromkeys(self._of(members), f"daily backups, kept for {format_duration(kept)},")

        def edit(world: World) -> World:
            since = protection.RUNNING.edit((), self.occurred_s - kept)
            return protection.PLAN.edit(members, kept)(since(world))

        what = "a backup plan into a vault under another key" if self.key else "a backup plan"
        return Remedy(protection.PLAN, what, of, edit)

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

        def edit(world: World) -> World:
            since = protection.RUNNING.edit(members, self.occurred_s - kept)
            return protection.RETENTION.edit(members, kept)(since(world))

        yield Remedy(protection.RETENTION, what, self._of(members), edit)

    # places

    def _locked(self) -> Iterator[Remedy]:
        """Yield the change that locks the vaults which an attacker could reach."""
        if not self.takes.is_attack:
            return
        holding = {
            v
            for m in self.lost
            for v in (
                *(c.vault for c in self.world.members[m].continuous),
                *(x.vault for s in self.world.members[m].streams for x in self.world.streams[s].jobs),
            )
        }
        vaults = [v for v in sorted(holding) if _is_open(self.world.vaults[v], self.takes)]
        if not vaults and not self.bare:
            return
        names = [self.world.vaults[v].name for v in vaults]
        what = f"a compliance lock on the vault{'s' * (len(names) != 1)} {_listed(names)}" if names else ""

        known = len(self.world.vaults)

        def edit(world: World) -> World:
            # also of the vault that a plan has just made
            made = (v for v in range(known, len(world.vaults)) if _is_open(world.vaults[v], self.takes))
            return LOCK_IN_WORLD.edit((*vaults, *made), "compliance")(world)

        yield Remedy(LOCK_IN_WORLD, what or "a compliance lock on their vault", self._of(self.lost), edit)

    def _places(self, survives: Callable[[Site], bool]) -> list[Site]:
        """Return places out of the disruption's reach, the nearest of those of the scenario first, else a new one."""
        if not self.takes.reaches_places:
            return []  # points are as good here as they are elsewhere
        home = self._home(self.lost[0])
        sites = {_place(site): site for site in (*self.world.sites, home) if not site.is_on_premises}
        nearest = sorted(sites.values(), key=lambda s: (s.region != home.region) + (s.account != home.account))
        further = (
            Site(_NEW_REGION, _NEW_REGION, home.account, None),
            Site(_NEW_ACCOUNT, home.region, _NEW_ACCOUNT, None),
        )
        return [site for site in nearest if survives(site)] or [site for site in further if survives(site)][:1]

    def _keeps_points(self, site: Site) -> bool:
        """Return whether points in a new vault at a place, without a lock, are out of the disruption's reach."""
        attacked = np.ones(1, dtype=bool)
        return bool(vault_survives(self.takes, "none", **self._struck(site), key_struck=False, attacked=attacked).all())

    def _keeps_replicas(self, site: Site) -> bool:
        """Return whether what services keep elsewhere by themselves survives at a place, which is not home to all."""
        is_away = any(_place(site) != _place(self._home(m)) for m in self.lost)
        return is_away and replica_survives(self.takes, **self._struck(site))

    def _struck(self, site: Site) -> dict[str, bool]:
        unit = self.recovery.strikes.unit
        return {"region_struck": site.region == unit.region, "account_struck": site.account == unit.account}

    def _copied(self) -> Iterator[Remedy]:
        """Yield the changes that copy every point of what was lost to a place; further places where they take more."""
        covered: set[int] = set()
        under = "under another key " if self.key else ""
        for site in self._places(self._keeps_points):
            members = [m for m in self.lost if self._gets_copies(m, site)]
            if not set(members) <= covered:
                what = f"a copy of every recovery point in a vault {under}{self._at(site)}"
                yield Remedy(
                    protection.COPIES, what, self._of(members), protection.COPIES.edit(members, site, self.key)
                )
                covered |= set(members)

    def _gets_copies(self, m: int, site: Site) -> bool:
        if m in self.bare:
            return self._may_copy(m, site)
        member = self.world.members[m]
        streams = (self.world.streams[s] for s in member.streams)
        return any(protection.copies_more(self.world, member, stream, site, self.key) for stream in streams)

    def _may_copy(self, m: int, site: Site) -> bool:
        return protection.may_copy(self.world, self.world.members[m], self._home(m), site)

    def _home(self, m: int) -> Site:
        return self.world.sites[self.world.resources[self.world.members[m].resource].site]

    def _at(self, site: Site) -> str:
        """Return where a vault lies, and what makes it safe there."""
        if site.name in (_NEW_ACCOUNT, _NEW_REGION):
            return f"in {site.name}"
        return f"at {site.name} ({f'account {site.account}' if self.takes.is_attack else site.region})"

    # what the services do by themselves

    def _replicated(self) -> Iterator[Remedy]:
        """Yield the change that has services keep what was lost elsewhere, where they can."""
        if self.takes.is_attack or self.dwell_s > 0:
            return  # what has damaged the data has damaged its replica
        covered: set[int] = set()
        for site in self._places(self._keeps_replicas):
            features = {m: f for m in self.lost if m not in covered and (f := self._missing(m, site)) is not None}
            if features:
                of = {self.world.members[m].resource: feature.name for m, feature in features.items()}
                what = f"native replication {self._at(site).replace('at ', 'to ', 1).replace('in ', 'to ', 1)}"
                yield Remedy(protection.REPLICATION, what, of, protection.REPLICATION.edit(features, site))
                covered |= features.keys()

    def _missing(self, m: int, site: Site) -> ReplicationFeature | None:
        """Return what would keep a member at a place that is not its own; None where nothing does, or it is at work."""
        feature = protection.replication_of(self.world, m)
        if feature is None or _place(site) == _place(self._home(m)) or self._has(m, feature):
            return None
        return feature

    def _has(self, m: int, feature: ReplicationFeature) -> bool:
        """Return whether a feature is at work already."""
        member = self.world.members[m]
        streams = {self.world.streams[s].name for s in member.streams}
        return f"{member.entity}/{feature.name}" in streams or any(r.name == feature.name for r in member.replicas)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 6 else f"{', '.join(names[:6])} and {len(names) - 6} more"


def _place(site: Site) -> tuple[str, str]:
    """Return the Region and account of a site: its zones are one place."""
    return site.region, site.account


def _is_open(vault: Vault, takes: Takes) -> bool:
    return not vault.native and in_reach(takes, vault.lock)
