"""What the jobs before an incident left behind, computed run by run and only as far back as somebody asks.

Draws need no predecessors, so a burst of jobs can be simulated from any instant at which its pools are known to be idle
(`drsim.laws.queue`). Asked about one run, the history finds the burst that the run belongs to, has the clock simulate
that burst from its idle instant on, and keeps the outcome.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from drsim.engine.luck import Ends, Times, ends, left_to_do, times
from drsim.laws.points import gone_s
from drsim.laws.queue import burst_begins
from drsim.world.groups import shares
from drsim.world.model import Component, World
from drsim.world.streams import DeletionEvent

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

Run = tuple[int, int]
"""A run of a stream: index of the stream, position in its times."""

_BATCH = 4
"""Runs that are sampled at once where jobs never wait for each other."""


@dataclass(frozen=True, slots=True)
class Job:
    """The luck of one run: its backup job and the copy jobs that follow from it, all known before any is simulated."""

    scheduled_s: float
    ready_s: float
    deadline_s: float
    duration_s: float
    fails: bool
    expiry_s: float
    copies: tuple[tuple[float, float, bool, float], ...]
    """(delay, duration, fails, expiry delay) of each copy action."""


@dataclass(frozen=True, slots=True)
class JobRecord:
    """One job as it happened, for the story of an incident.

    Attributes:
        kind: `backup` or `copy`.
        stream: index of its stream.
        copy: which copy action of the stream, -1 for the backup.
        queued_s, started_s, ended_s: moments [s since start]; nan where it never came to that.
        result: AWS's word for how it ended.
        waited_for: index of the limit that it had to wait for, -1 if it did not wait.
    """

    kind: str
    stream: int
    copy: int
    queued_s: float
    started_s: float
    ended_s: float
    result: str
    waited_for: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run left behind.

    Attributes:
        captured_s: when its backup job started; nan where it never did.
        available_s: when the backup (first) and each copy became usable; inf where it never did.
        expiry_s: expiry delays, likewise.
        records: the jobs.
        gone_s: when each goes because copies of it are made, inf where its retention alone decides, likewise.
    """

    captured_s: float
    available_s: tuple[float, ...]
    expiry_s: tuple[float, ...]
    records: tuple[JobRecord, ...]
    gone_s: tuple[float, ...]


def went_s(goes: DeletionEvent | None, available_s: Sequence[float]) -> float:
    """Return when a point goes because its copies became usable [s since start]; inf where its retention decides."""
    return math.inf if goes is None else float(gone_s(available_s, goes.completed, goes.over))


Simulate = Callable[[World, Component, list[tuple[Run, Job]]], dict[Run, Outcome]]
"""Simulates the jobs of one burst, from an instant at which its pools are idle."""


class History:
    """The histories of n incidents, each with luck of its own.

    Args:
        world: the strategy's world.
        run: (n,) whose draws each history has.
        until_s: (n,) no run scheduled later is ever asked about or simulated [s since start].
        anchor_s: (n,) about where questions will begin [s since start].
        simulate: the clock.
        wanted: (n, members) about whom questions are expected; others may be asked about, too.
        from_start: simulate every burst from the plan's start instead of from the nearest idle instant.
    """

    def __init__(
        self,
        world: World,
        run: Ints,
        until_s: Floats,
        anchor_s: Floats,
        simulate: Simulate,
        wanted: NDArray[np.bool_],
        *,
        from_start: bool = False,
    ) -> None:
        self._world = world
        self._run = run
        self._until = until_s
        self._anchor = anchor_s
        self._simulate = simulate
        self._from_start = from_start
        self._wanted = wanted
        self._outcomes: list[dict[Run, Outcome]] = [{} for _ in run]
        self._jobs: list[dict[Run, Job]] = [{} for _ in run]
        self._bursts: list[dict[Run, list[Run]]] = [{} for _ in run]
        self._begun: set[int] = set()

    def runs_back(self, oldest_s: dict[int, float], from_s: float) -> Iterator[tuple[float, Run]]:
        """Yield scheduled moment and run of streams' runs at or before `from_s`, latest first.

        Args:
            oldest_s: for each stream, the moment before which its runs are of no interest [s since start].
            from_s: where to begin [s since start].
        """
        heap: list[tuple[float, int, int]] = []
        for s, oldest in oldest_s.items():
            times = self._world.streams[s].times_s
            position = int(np.searchsorted(times, from_s, side="right")) - 1
            if position >= 0 and times[position] >= oldest:
                heappush(heap, (-float(times[position]), s, position))
        while heap:
            time, s, position = heappop(heap)
            if position > 0 and (earlier := float(self._world.streams[s].times_s[position - 1])) >= oldest_s[s]:
                heappush(heap, (-earlier, s, position - 1))
            yield -time, (s, position)

    def outcome(self, e: int, run: Run) -> Outcome:
        """Return what a run of incident `e` left behind."""
        known = self._outcomes[e]
        if run not in known:
            component = self._world.components[self._world.component_of[self._world.streams[run[0]].member]]
            burst = self._burst(e, component, run)
            jobs = self._jobs[e]
            known.update(self._simulate(self._world, component, [(r, jobs[r]) for r in burst]))
        return known[run]

    def _burst(self, e: int, component: Component, run: Run) -> list[Run]:
        """Return the runs that have to be simulated together with `run`."""
        if self._from_start:
            return self._whole(e, component)
        if not component.limits:
            if run not in self._jobs[e]:
                self._sample_batch(run, e)
            return [run]
        if not component.settles:
            return self._whole(e, component)
        bursts = self._bursts[e]
        if run not in bursts and run[0] not in self._begun:
            self._begun.add(run[0])
            self._open_newest(component, run[0])
        width = component.reach_s
        at = float(self._world.streams[run[0]].times_s[run[1]])
        while run not in bursts:
            self._open(component, np.array([e]), np.array([at]), width)
            if run not in bursts and at - width <= self._world.plan_start_s:
                return self._whole(e, component)
            width *= 2
        return bursts[run]

    def _open_newest(self, component: Component, s: int) -> None:
        """Find the bursts around the newest run of a stream in every incident at once, since that is cheaper."""
        times = self._world.streams[s].times_s
        wanted = np.flatnonzero(self._wanted[:, component.members].any(axis=1))
        last = np.searchsorted(times, np.minimum(self._anchor, self._until), side="right") - 1
        missing = [e for e in wanted.tolist() if last[e] >= 0 and (s, int(last[e])) not in self._bursts[e]]
        if missing:
            self._open(component, np.array(missing), times[last[missing]], component.reach_s)

    def _whole(self, e: int, component: Component) -> list[Run]:
        """Return every run of the component up to the incident: the clock runs from the plan's start."""
        until = float(self._until[e])
        runs: list[Run] = []
        for s in component.streams:
            stop = int(np.searchsorted(self._world.streams[s].times_s, until, side="right"))
            self._sample(s, np.array([e]), np.arange(stop)[None, :])
            runs += [(s, p) for p in range(stop)]
        times = self._world.streams
        return sorted(runs, key=lambda r: (times[r[0]].times_s[r[1]], r))

    def _sample_batch(self, run: Run, e: int) -> None:
        """Sample the runs at and before `run`; the first time for all incidents at once, since that is cheaper."""
        s, position = run
        times = self._world.streams[s].times_s
        if s not in self._begun:
            self._begun.add(s)
            elements = np.flatnonzero(self._wanted[:, self._world.streams[s].member])
            last = np.searchsorted(times, np.minimum(self._anchor[elements], self._until[elements]), side="right") - 1
            self._sample(s, elements, last[:, None] - np.arange(_BATCH)[None, ::-1])
        if run not in self._jobs[e]:
            self._sample(s, np.array([e]), position - np.arange(4 * _BATCH)[None, ::-1])

    def _open(self, component: Component, elements: Ints, at_s: Floats, width_s: float) -> None:
        """Find the bursts between a time before and after a moment of each given incident.

        The window begins so much earlier that older runs are done before the first of these. Bursts that begin when
        they are, and end within the window, are kept.
        """
        world, past = self._world, component.past
        if past is None:
            return
        lo = past.drain.look_from_s(at_s - width_s)
        hi = np.minimum(self._until[elements], at_s + width_s)
        columns: list[tuple[int, Ints, dict[str, Floats]]] = []
        for s in component.streams:
            times = world.streams[s].times_s
            first, stop = np.searchsorted(times, lo, side="left"), np.searchsorted(times, hi, side="right")
            span = int((stop - first).max(initial=0))
            positions = stop[:, None] - np.arange(span, 0, -1)[None, :]
            positions = np.where(positions >= first[:, None], positions, -1)
            columns.append((s, positions, self._sample(s, elements, positions)))
        if not columns:
            return
        owner = np.concatenate([np.full(p.shape[1], s) for s, p, _ in columns])
        position = np.concatenate([p for _, p, _ in columns], axis=1)
        scheduled, ready, chain, share = (
            np.concatenate([sample[name] for _, _, sample in columns], axis=1)
            for name in ("scheduled", "ready", "chain", "share")
        )
        order = np.lexsort((np.broadcast_to(owner, scheduled.shape), scheduled), axis=1)
        scheduled, ready, chain, share, position = (
            np.take_along_axis(a, order, axis=1) for a in (scheduled, ready, chain, share, position)
        )
        rank = np.array([world.members[st.member].streams.index(s) for s, st in enumerate(world.streams)])
        stream_of = owner[order]
        busy = past.drain.done_at_s(np.nextafter(lo, -np.inf))
        begins = burst_begins(scheduled, ready, chain, share, rank[stream_of], busy)
        for i, e in enumerate(elements.tolist()):
            self._keep(
                e, begins[i].tolist(), stream_of[i].tolist(), position[i].tolist(), closed=hi[i] >= self._until[e]
            )

    def _keep(self, e: int, begins: list[int], streams: list[int], positions: list[int], *, closed: bool) -> None:
        """Remember the bursts of incident `e` whose beginning is known and whose end lies within the window."""
        groups: dict[int, list[Run]] = {}
        for begin, s, p in zip(begins, streams, positions, strict=True):
            if p >= 0:
                groups.setdefault(begin, []).append((s, p))
        if not closed and groups:
            del groups[max(groups)]
        groups.pop(-1, None)
        for burst in groups.values():
            for run in burst:
                self._bursts[e].setdefault(run, burst)

    def _sample(self, s: int, elements: Ints, positions: Ints) -> dict[str, Floats]:
        """Draw the luck of runs of one stream and keep it; return what the search for bursts needs, inf for no run."""
        stream = self._world.streams[s]
        component = self._world.components[self._world.component_of[stream.member]]
        if not stream.times_s.size:
            empty = np.zeros(positions.shape)
            return {"scheduled": empty, "ready": empty, "chain": empty, "share": empty}
        valid = positions >= 0
        run, at = self._run[elements][:, None], np.where(valid, positions, 0)
        drawn = times(stream, run, at)
        self._remember(s, elements, positions, drawn, ends(stream, run, at))
        chain, share = left_to_do(stream, drawn, shares(self._world, component, stream))
        return {
            "scheduled": np.where(valid, drawn.scheduled_s, np.inf),
            "ready": np.where(valid, drawn.ready_s, -np.inf),
            "chain": np.where(valid, chain, 0.0),
            "share": np.where(valid, share, 0.0),
        }

    def _remember(self, s: int, elements: Ints, positions: Ints, drawn: Times, after: tuple[Ends, ...]) -> None:
        window = self._world.streams[s].start_window_s
        first, *others = after
        backups = (drawn.scheduled_s, drawn.ready_s, drawn.duration_s, first.fails, first.expiry_s)
        scheduled, ready, duration, fails, expiry = (a.tolist() for a in backups)
        copies = [
            tuple(a.tolist() for a in (c.delay_s, c.duration_s, end.fails, end.expiry_s))
            for c, end in zip(drawn.copies, others, strict=True)
        ]
        for i, e in enumerate(elements.tolist()):
            jobs = self._jobs[e]
            for j, p in enumerate(positions[i].tolist()):
                if p >= 0 and (s, p) not in jobs:
                    due = scheduled[i][j]
                    jobs[s, p] = Job(
                        due,
                        ready[i][j],
                        due + window,
                        duration[i][j],
                        fails[i][j],
                        expiry[i][j],
                        tuple((c[0][i][j], c[1][i][j], c[2][i][j], c[3][i][j]) for c in copies),
                    )
