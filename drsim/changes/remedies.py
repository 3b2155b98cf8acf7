"""Changes of the protection that could have saved what an incident left without a way back.

Each makes a world in which what was lost is protected otherwise (`drsim.changes.protection`), for one incident and with
the same luck.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from drsim.catalogue import ReplicationFeature
from drsim.changes import protection, worlds
from drsim.changes.model import Change, WorldEdit
from drsim.changes.restores import TESTED, TESTED_WORDS
from drsim.changes.vaults import LOCK_IN_WORLD
from drsim.engine import Recovery
from drsim.laws.survival import Takes, in_reach
from drsim.units import DAY_S, format_duration
from drsim.world import World
from drsim.world.groups import grouped
from drsim.world.model import Site, Vault

_KEPT_S = tuple(k * DAY_S for k in (35, 60, 90, 180, 365, 730, 2555))
"""Retentions that are tried: the first that reaches back before the contamination."""

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
        places = self._places()
        if not places:
            return
        fixed = [m for m in self.lost if not any(self._may_copy(m, place) for place in places)]
        if fixed:
            far = "account" if self.takes.is_attack else "Region"
            yield f"AWS Backup cannot copy {self._types(fixed)} to another {far}"
        alone = [m for m in self.lost if protection.replication_of(self.world, m) is None]
        if alone and not self.takes.is_attack and self.dwell_s == 0:
            yield f"{self._types(alone)} cannot be replicated by the service itself"

    def _types(self, members: Iterable[int]) -> str:
        return _listed(list(dict.fromkeys(worlds.type_of(self.world, self.world.members[m]).name for m in members)))

    def _of(self, members: Iterable[int]) -> dict[int, str]:
        return {self.world.members[m].resource: "" for m in members}

    # plans and retention

    def _kept(self, needed_s: float) -> float:
        """Return the first retention that reaches far enough back [s]; inf for none."""
        return next((s for s in _KEPT_S if s >= needed_s), math.inf)

    def _plan(self, members: Sequence[int]) -> Remedy:
        """Return the change that backs up what no plan protects, every day."""
        kept = self._kept(self.dwell_s + DAY_S + _SLACK_S if self.dwell_s else 0.0)
        kept = _KEPT_S[-1] if math.isinf(kept) else kept
        of = dict.fromkeys(self._of(members), f"daily backups, kept for {format_duration(kept)},")

        def edit(world: World) -> World:
            since = protection.RUNNING.edit((), self.occurred_s - kept)
            return protection.PLAN.edit(members, kept)(since(world))

        return Remedy(protection.PLAN, "a backup plan", of, edit)

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

    def _places(self) -> list[Site]:
        """Return places out of the disruption's reach, the nearest of those of the scenario first, else a new one."""
        if not self.takes.reaches_places:
            return []  # points are as good here as they are elsewhere
        home = self._home(self.lost[0])
        survives = self.recovery.strikes.replica_ok
        sites = zip(self.world.sites, survives, strict=True)
        places = {(s.region, s.account): s for s, ok in sites if ok and not s.is_on_premises}
        if places:
            return sorted(places.values(), key=lambda s: (s.region != home.region) + (s.account != home.account))
        if self.takes.is_attack:
            return [Site(_NEW_ACCOUNT, home.region, _NEW_ACCOUNT, None)]
        return [Site(_NEW_REGION, _NEW_REGION, home.account, None)]

    def _copied(self) -> Iterator[Remedy]:
        """Yield the changes that copy every point of what was lost to a place; further places where they take more."""
        covered: set[int] = set()
        for site in self._places():
            members = [m for m in self.lost if self._gets_copies(m, site)]
            if not set(members) <= covered:
                what = f"a copy of every recovery point in a vault {self._at(site)}"
                yield Remedy(protection.COPIES, what, self._of(members), protection.COPIES.edit(members, site))
                covered |= set(members)

    def _gets_copies(self, m: int, site: Site) -> bool:
        if m in self.bare:
            return self._may_copy(m, site)
        member = self.world.members[m]
        return any(protection.copies_more(self.world, member, self.world.streams[s], site) for s in member.streams)

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
        for site in self._places()[:1]:
            features = {m: protection.replication_of(self.world, m) for m in self.lost}
            wanted = {m: f for m, f in features.items() if f is not None and not self._has(m, f)}
            if wanted:
                of = {self.world.members[m].resource: f.name for m, f in wanted.items()}
                what = f"native replication {self._at(site).replace('at ', 'to ', 1).replace('in ', 'to ', 1)}"
                yield Remedy(protection.REPLICATION, what, of, protection.REPLICATION.edit(wanted, site))

    def _has(self, m: int, feature: ReplicationFeature) -> bool:
        """Return whether a feature is at work already."""
        member = self.world.members[m]
        streams = {self.world.streams[s].name for s in member.streams}
        return f"{member.entity}/{feature.name}" in streams or any(r.name == feature.name for r in member.replicas)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 6 else f"{', '.join(names[:6])} and {len(names) - 6} more"


def _is_open(vault: Vault, takes: Takes) -> bool:
    return not vault.native and in_reach(takes, vault.lock)
