"""Which members' jobs can make each other wait, and how far back that can be felt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from drsim.engine.luck import Times
from drsim.engine.world import Component, Copy, Stream, World
from drsim.laws.jobs import ceiling, grown
from drsim.units import MINUTE_S

Floats = NDArray[np.float64]

CALM = 0.7
"""Share of its slots' time that a limit may be in use on average, if its pool is to fall idle between bursts."""

SETTLING = 3.0
"""How much longer than on average the shared pools are given to drain, before they count as empty of older runs."""


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
    found = components(world)
    owner = {m: c for c, component in enumerate(found) for m in component.members}
    return replace(world, components=found, component_of=tuple(owner[m] for m in range(len(world.members))))


def shares(world: World, component: Component, stream: Stream) -> list[float]:
    """Return how long each job of a run keeps the shared pools of its component full for each second it takes."""
    shared = {i for i in component.limits if not world.limits[i].own}
    return [sum(1 / world.limits[i].slots for i in job.limits if i in shared) for job in stream.jobs]


def left_to_do(stream: Stream, drawn: Times, full: Sequence[float]) -> tuple[Floats, Floats]:
    """Return what the search for bursts (`drsim.laws.queue`) needs of runs: chain and share of each [s].

    Args:
        stream: of which they are.
        drawn: how long their jobs take.
        full: of `shares`.
    """
    chain = np.minimum(drawn.duration_s, stream.completion_window_s)
    share = chain * full[0]
    for copy, each in zip(drawn.copies, full[1:], strict=True):
        chain = chain + copy.delay_s + copy.duration_s
        if each:
            share = share + copy.duration_s * each
    return chain, share


def _all_limits(stream: Stream) -> set[int]:
    return set().union(*(job.limits for job in stream.jobs))


def _can_bind(world: World, i: int, members: set[int]) -> bool:
    """Return whether a job can ever wait for limit `i`: not if there are slots for all jobs that can run at once."""
    most = 0
    for m in members:
        streams = [world.streams[s] for s in world.members[m].streams]
        own = [world.limits[j].slots for st in streams for j in _all_limits(st) if world.limits[j].own]
        alone = len(streams) == 1 and not streams[0].copies and _longest_s(streams[0]) <= _gap_s(streams[0])
        if alone:
            most += 1
        elif own and not world.limits[i].own:
            most += min(own)
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


Expected = list[tuple[tuple[int, ...], float]]
"""Limits and mean length [s] of each job of a run."""


def _expected(stream: Stream) -> Expected:
    # where a full rarely fits its window most runs move everything
    full = stream.base is not None and stream.work.expected_s(*_largest(stream, stream)) > stream.completion_window_s

    def mean_s(job: Stream | Copy) -> float:
        moved = _largest(stream, job) if full else (float(np.mean(job.size_bytes)), float(np.mean(job.objects)))
        return float(job.work.expected_s(*moved))

    copies = [(c.limits, mean_s(c)) for c in stream.copies]
    return [(stream.limits, min(mean_s(stream), stream.completion_window_s)), *copies]


def _drain_s(world: World, expected: list[Expected], limits: frozenset[int]) -> float:
    """Return how long one run of every stream keeps the shared pools full on average [s]."""
    shared = {i for i in limits if not world.limits[i].own}
    total = 0.0
    for jobs in expected:
        for needs, mean in jobs:
            total += sum(mean / world.limits[i].slots for i in needs if i in shared)
    return total


def _loads(world: World, streams: list[Stream], expected: list[Expected]) -> dict[int, float]:
    """Return the share of each limit's slots that is in use on average, all jobs counted at their expected length."""
    busy: dict[int, float] = {}
    for stream, jobs in zip(streams, expected, strict=True):
        span = max(world.horizon_s - stream.begin_s, 1.0)
        for needs, mean in jobs:
            for i in needs:
                busy[i] = busy.get(i, 0.0) + mean * len(stream.times_s) / span
    return {i: share / world.limits[i].slots for i, share in busy.items()}


def _component(world: World, members: list[int], binding: set[int]) -> Component:
    indices = tuple(s for m in members for s in world.members[m].streams)
    streams = [world.streams[s] for s in indices if world.streams[s].times_s.size]
    limits = frozenset(i for st in streams for i in _all_limits(st) if i in binding)
    if not limits or not streams:
        return Component(tuple(members), indices, limits, 0.0, settles=True)
    expected = [_expected(st) for st in streams]
    reach = max(_longest_s(st) for st in streams) + SETTLING * _drain_s(world, expected, limits)
    reach = max(reach, MINUTE_S)  # a window needs a width even where jobs take no time
    loads = _loads(world, streams, expected)
    calm = all(loads[i] < CALM for i in limits)
    settles = calm and 6 * reach < world.horizon_s - world.plan_start_s
    return Component(tuple(members), indices, limits, reach, settles=settles)
