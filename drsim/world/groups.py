"""Which members' jobs can make each other wait, and how far back that can be felt."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from drsim.laws.increments import grown
from drsim.laws.sampling import ceiling
from drsim.world.drain import Past
from drsim.world.model import Component, World
from drsim.world.streams import Copy, Stream

Floats = NDArray[np.float64]


def components(world: World) -> tuple[Component, ...]:
    """Return the members in groups that share no limit which can bind."""
    users: dict[int, set[int]] = {}
    for stream in world.streams:
        for i in _all_limits(stream):
            users.setdefault(i, set()).add(stream.member)
    binding = {i for i, members in users.items() if _can_bind(world, i, members)}
    group = list(range(len(world.members)))

    def root(m: int) -> int:
        while group[m] != m:
            group[m] = group[group[m]]
            m = group[m]
        return m

    for i in binding:
        first, *others = sorted(users[i])
        for m in others:
            group[root(m)] = root(first)
    gathered: dict[int, list[int]] = {}
    for m in range(len(world.members)):
        gathered.setdefault(root(m), []).append(m)
    return tuple(_component(world, members, binding) for members in gathered.values())


def grouped(world: World) -> World:
    """Return a world whose members are grouped by the limits that they share, whatever groups it had."""
    groups = components(world)
    owner = {m: c for c, component in enumerate(groups) for m in component.members}
    return replace(world, components=groups, component_of=tuple(owner[m] for m in range(len(world.members))))


def shares(world: World, component: Component, stream: Stream) -> list[float]:
    """Return how long each job of a run keeps the shared pools of its component full for each second it takes."""
    shared = {i for i in component.limits if not world.limits[i].is_of_resource}
    return [sum(1 / world.limits[i].slots for i in job.limits if i in shared) for job in stream.jobs]


def stands_in_line(world: World, component: Component) -> bool:
    """Tell whether all jobs of a component need the same one slot and none of another limit that can bind."""
    if [world.limits[i].slots for i in component.limits] != [1]:
        return False
    streams = [world.streams[s] for s in component.streams]
    return all(component.limits.intersection(job.limits) for st in streams if st.times_s.size for job in st.jobs)


def _all_limits(stream: Stream) -> set[int]:
    return set().union(*(job.limits for job in stream.jobs))


def _can_bind(world: World, i: int, members: set[int]) -> bool:
    """Return whether a job can ever wait for limit `i`: not if there are slots for all jobs that can run at once."""
    most = 0
    for m in members:
        streams = [world.streams[s] for s in world.members[m].streams]
        slots_of_resource = [
            world.limits[j].slots for st in streams for j in _all_limits(st) if world.limits[j].is_of_resource
        ]
        waits_for_nobody = len(streams) == 1 and not streams[0].copies and _longest_s(streams[0]) <= _gap_s(streams[0])
        if waits_for_nobody:
            most += 1
        elif slots_of_resource and not world.limits[i].is_of_resource:
            most += min(slots_of_resource)
        else:
            return True
    return most > world.limits[i].slots


def _gap_s(stream: Stream) -> float:
    return float(np.diff(stream.times_s).min(initial=np.inf))


def _longest_s(stream: Stream) -> float:
    """Return the longest time from a scheduled moment to the end of the last job that follows, unless one waits [s]."""
    return min(ceiling(stream.start_delay), stream.start_window_s) + sum(length for _, length in _jobs(stream))


def _jobs(stream: Stream) -> list[tuple[tuple[int, ...], float]]:
    """Return limits and greatest length [s] of each job of a run, a copy's delay counted in."""
    backup = stream.work.longest_s(*_largest(stream, stream))
    jobs = [(stream.limits, min(backup, stream.completion_window_s))]
    for copy in stream.copies:
        length = copy.work.longest_s(*_largest(stream, copy))
        jobs.append((copy.limits, ceiling(copy.delay) + length))
    return jobs


def _largest(stream: Stream, job: Stream | Copy) -> tuple[float, float]:
    """Return the most bytes and objects that a job of a stream ever moves."""
    base = stream.base
    if base is None:
        return float(job.size_bytes.max(initial=0)), float(job.objects.max(initial=0))
    factor = float(np.max(grown(base.growth, stream.times_s), initial=0))
    return base.size_bytes * factor, base.objects * factor


def _component(world: World, members: list[int], binding: set[int]) -> Component:
    indices = tuple(s for m in members for s in world.members[m].streams)
    streams = [world.streams[s] for s in indices]
    limits = frozenset(i for st in streams if st.times_s.size for i in _all_limits(st) if i in binding)
    component = Component(tuple(members), indices, limits)
    if not limits:
        return component
    running = [s for s in indices if world.streams[s].times_s.size]
    past = Past(
        streams=tuple(world.streams[s] for s in running),
        ranks=tuple(world.members[world.streams[s].member].streams.index(s) for s in running),
        shares=tuple(tuple(shares(world, component, world.streams[s])) for s in running),
        limits=limits,
        span_s=world.horizon_s - min(world.streams[s].begin_s for s in running),
    )
    return replace(component, past=past)
