"""What AWS does by itself: how far replication lags, and how many jobs run at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from drsim.catalogue import Leaf, ReplicationFeature
from drsim.distributions import Distribution
from drsim.scenario import nearest
from drsim.study.inputs.model import SCENARIO, End, Input, world_ends
from drsim.study.inputs.reach import Studied
from drsim.world import World
from drsim.world.groups import components
from drsim.world.model import Member, Restoration

_WORDS = {"lag": "lag", "promote": "promotion", "detection": "failover by itself"}


def replication(of: Studied) -> Iterator[Input]:
    """Yield lags and promotions of the replication features that the strategy uses."""
    seen: set[tuple[str, str]] = set()
    for name, subject in of.subjects.items():
        selector = nearest(of.strategy.replication, *subject.selectable)
        if selector is None or name not in of.reach.resources:
            continue
        kind = of.catalogue.types[subject.resource.type]
        feature = kind.replication.get(of.strategy.features[selector].feature)
        if feature is None or (kind.name, feature.name) in seen:
            continue
        seen.add((kind.name, feature.name))
        for key, words in _WORDS.items():
            leaf: Leaf[Distribution] | None = getattr(feature, key)
            # what fails over by itself has its own time for that, promotion included
            if leaf is not None and not (key == "promote" and feature.automatic):
                low, high = world_ends(leaf.value, _replicated(kind.name, feature, key))
                label, known = f"{kind.name}, {feature.name}: {words}", (leaf.basis, leaf.source)
                yield Input("replication", label, low, high, *known, parameter=key)


def _replicated(kind: str, feature: ReplicationFeature, key: str) -> Callable[[Distribution], Callable[[World], World]]:
    """Return the change of a feature's lag, promotion or detection for all resources of a type."""

    def put(value: Distribution) -> Callable[[World], World]:
        def changed(world: World, member: Member) -> Member:
            field = "lag" if key == "lag" else "promote"
            replicas = (replace(r, **{field: value}) if r.name == feature.name else r for r in member.replicas)  # type: ignore[arg-type]
            logs = (
                replace(c, log_lag=value) if key == "lag" and world.vaults[c.vault].name == feature.name else c
                for c in member.continuous
            )
            return replace(member, replicas=tuple(replicas), continuous=tuple(logs))

        def change(world: World) -> World:
            lags = key == "lag" and feature.kind == "snapshots"
            mine = [world.resources[m.resource].type == kind for m in world.members]
            members = (changed(world, m) if own else m for m, own in zip(world.members, mine, strict=True))
            streams = (
                # a service's own snapshots take their lag to become usable
                replace(s, work=replace(s.work, whole=value))
                if lags and mine[s.member] and s.name.endswith(f"/{feature.name}") and world.vaults[s.vault].native
                else s
                for s in world.streams
            )
            return replace(world, members=tuple(members), streams=tuple(streams))

        return change

    return put


def quotas(of: Studied) -> Iterator[Input]:
    """Yield the limits on concurrent jobs that can make the subject wait, at half and double their slots."""
    world = of.world
    for i, limit in enumerate(world.limits):
        low, high = max(1, limit.slots // 2), limit.slots * 2
        if limit.is_of_resource or not (_restores_wait(of, i, low) or _jobs_wait(of, i, low)):
            continue
        ends = [
            None if slots == limit.slots else End(f"{slots} ({word})", on_world=_Slots(limit.name, slots))
            for slots, word in ((low, "half"), (high, "double"))
        ]
        yield Input("quota", limit.name, ends[0], ends[1], *_known(of, limit.name), parameter="slots")


def _restores_wait(of: Studied, limit: int, slots: int) -> bool:
    """Return whether copies and restores of a recovery that matters may have to wait for one of so many slots."""
    world = of.world
    users = [world.resources[m.resource] for m in world.members if _may_use(m.restoration, limit)]
    return len(users) > slots and any(r.name in of.reach.struck & of.reach.resources for r in users if not r.stateless)


def _may_use(law: Restoration, limit: int) -> bool:
    return any(limit in limits for limits in (*law.restore_limits, *law.copy_limits))


def _jobs_wait(of: Studied, limit: int, slots: int) -> bool:
    """Return whether backups and copies that matter may have to wait for one of so many slots."""
    world = with_slots(of.world, limit, slots)
    own = {m for component in world.components if limit in component.limits for m in component.members}
    return bool(of.moving(world.resources[world.members[m].resource].name for m in own))


def with_slots(world: World, limit: int, slots: int) -> World:
    """Return the world with another number of slots of a limit."""
    limits = tuple(replace(each, slots=slots) if i == limit else each for i, each in enumerate(world.limits))
    changed = replace(world, limits=limits)
    found = components(changed)
    owner = {m: c for c, component in enumerate(found) for m in component.members}
    return replace(changed, components=found, component_of=tuple(owner[m] for m in range(len(world.members))))


@dataclass(frozen=True)
class _Slots:
    """The change of a limit's slots, by its name: its number depends on who else is there."""

    name: str
    slots: int

    def __call__(self, world: World) -> World:
        """Return the changed world."""
        limit = next((i for i, each in enumerate(world.limits) if each.name == self.name), None)
        return world if limit is None else with_slots(world, limit, self.slots)


def _known(of: Studied, name: str) -> tuple[str, tuple[str, ...]]:
    """Return basis and source of a limit: the catalogue's quota, or what the scenario says."""
    queue = next(q for q in of.catalogue.quotas if name.startswith(q.replace("_", " ")))
    if getattr(of.scenario.limits, queue) is not None:
        return SCENARIO, ()
    rest = name.removeprefix(queue.replace("_", " ")).strip()
    quotas_of = of.catalogue.quotas[queue]
    leaf = quotas_of[next((k for k in sorted(quotas_of, key=len, reverse=True) if rest.startswith(f"{k} to ")), "*")]
    return leaf.basis, leaf.source
