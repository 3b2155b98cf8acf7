"""What the jobs before incidents left behind, in many drills at once.

The array form of `drsim.engine.history`: asked about one run of a stream in each of some drills, it draws the luck of
the runs that matter, finds the burst of jobs that each belongs to (`drsim.laws.queue`), and works that burst through
from the idle instant before it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drsim.engine.luck import Luck, luck
from drsim.engine.vectorised.slots import serve
from drsim.engine.world import Component, Stream, World
from drsim.laws.points import is_beyond_copying
from drsim.laws.queue import burst_begins

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

_RUNS_BEYOND = 2.5
"""Runs of a stream that a window holds beyond what is needed to know when its pools are idle."""


@dataclass(frozen=True)
class Left:
    """What runs left behind.

    Attributes:
        captured_s: (...,) when the backup job started; nan where it never did.
        available_s: (..., places) when backup (first) and copies became usable; inf where they never did.
        expiry_s: (..., places) expiry delays [s].
    """

    captured_s: Floats
    available_s: Floats
    expiry_s: Floats


def unhindered(stream: Stream, drawn: Luck) -> Left:
    """Return what runs left behind that never have to wait for a slot; all arrays (n, runs, ...)."""
    deadline = drawn.scheduled_s + stream.start_window_s
    starts = drawn.ready_s < deadline
    captured = np.where(starts, drawn.ready_s, np.nan)
    whole = starts & ~drawn.fails & (drawn.duration_s <= stream.completion_window_s)
    available = [np.where(whole, drawn.ready_s + drawn.duration_s, np.inf)]
    expiry = [drawn.expiry_s]
    lives = [(stream.cold_after_s, stream.delete_after_s)]
    for action, copy in zip(stream.copies, drawn.copies, strict=True):
        begins = available[1 + action.parent] + copy.delay_s
        cold_after, delete_after = lives[1 + action.parent]
        lost = is_beyond_copying(captured, cold_after, delete_after, expiry[1 + action.parent], begins)
        available.append(np.where(copy.fails | lost, np.inf, begins + copy.duration_s))
        expiry.append(copy.expiry_s)
        lives.append((action.cold_after_s, action.delete_after_s))
    return Left(captured, np.stack(available, axis=-1), np.stack(expiry, axis=-1))


class _Laws:
    """The streams of a component, as arrays by stream (S), job of a run (backup, then copies) and limit."""

    def __init__(self, world: World, component: Component) -> None:
        streams = [world.streams[s] for s in component.streams]
        self.jobs = 1 + max((len(st.copies) for st in streams), default=0)
        binding = sorted(component.limits)
        self.slots = [world.limits[i].slots for i in binding]
        needs = [
            [[binding.index(i) for i in limits if i in component.limits] for limits in _limits_of(st)] for st in streams
        ]
        most = max((len(need) for jobs in needs for need in jobs), default=0)
        self.limits = np.full((len(streams), self.jobs, max(most, 1)), len(binding))
        self.parent = np.full((len(streams), self.jobs), -1)
        self.cold_after_s = np.full((len(streams), self.jobs), np.inf)
        self.delete_after_s = np.full((len(streams), self.jobs), np.inf)
        for i, st in enumerate(streams):
            for j, need in enumerate(needs[i]):
                self.limits[i, j, : len(need)] = need
            self.cold_after_s[i, 0], self.delete_after_s[i, 0] = st.cold_after_s, st.delete_after_s
            for j, c in enumerate(st.copies, start=1):
                self.parent[i, j] = 1 + c.parent
                self.cold_after_s[i, j], self.delete_after_s[i, j] = c.cold_after_s, c.delete_after_s
        self.is_limited = (self.limits != len(binding)).any(axis=2)
        self.order = np.array([st.order for st in streams])
        self.start_window_s = np.array([st.start_window_s for st in streams])
        self.completion_window_s = np.array([st.completion_window_s for st in streams])


def _limits_of(stream: Stream) -> list[tuple[int, ...]]:
    return [stream.limits, *(c.limits for c in stream.copies)]


@dataclass
class _Runs:
    """The luck of runs of several streams, (n, runs) and (n, runs, jobs), in any order; stream -1 for none."""

    stream: Ints
    scheduled_s: Floats
    ready_s: Floats
    duration_s: Floats
    delay_s: Floats
    fails: Bools
    expiry_s: Floats

    def pick(self, row: Ints, column: Ints) -> _Runs:
        """Return runs by row (n,) and column (n, runs), -1 for none."""
        r = row[:, None]
        return _Runs(
            np.where(column >= 0, self.stream[r, column], -1),
            *(a[r, column] for a in (self.scheduled_s, self.ready_s)),
            *(a[r, column] for a in (self.duration_s, self.delay_s, self.fails, self.expiry_s)),
        )


def _work_through(laws: _Laws, runs: _Runs) -> tuple[Floats, Floats]:
    """Return captured (n, runs) and available (n, runs, jobs) of runs that begin with idle pools."""
    n, width = runs.stream.shape
    jobs = laws.jobs
    s = np.maximum(runs.stream, 0)
    deadline = runs.scheduled_s + laws.start_window_s[s]
    captured = np.full((n, width), np.nan)
    available = np.full((n, width, jobs), np.inf)
    queued = np.full((n, width, jobs), np.inf)
    late = runs.duration_s[..., 0] > laws.completion_window_s[s]
    worked = runs.duration_s.copy()
    worked[..., 0] = np.minimum(worked[..., 0], laws.completion_window_s[s])
    fails = runs.fails.copy()
    fails[..., 0] |= late

    def begin(lane: Ints, run: Ints, job: Ints, at_s: Floats) -> Floats:
        of = s[lane, run]
        first = job == 0
        captured[lane[first], run[first]] = at_s[first]
        source = laws.parent[of, job]
        lost = ~first & is_beyond_copying(
            captured[lane, run],
            laws.cold_after_s[of, source],
            laws.delete_after_s[of, source],
            runs.expiry_s[lane, run, source],
            at_s,
        )
        ends = at_s + np.where(lost, 0.0, worked[lane, run, job])
        good = ~(lost | fails[lane, run, job])
        lane, run, job, of, at = lane[good], run[good], job[good], of[good], ends[good]
        available[lane, run, job] = at
        for child in range(1, jobs):
            follows = laws.parent[of, child] == job
            if not follows.any():
                continue
            here, there = lane[follows], run[follows]
            due = at[follows] + runs.delay_s[here, there, child]
            held = laws.is_limited[of[follows], child]
            queued[here[held], there[held], child] = due[held]
            if not held.all():
                begin(here[~held], there[~held], np.full((~held).sum(), child), due[~held])
        return ends

    starts = (runs.stream >= 0) & (runs.ready_s < deadline)
    held = laws.is_limited[s, 0]
    queued[..., 0] = np.where(starts & held, runs.ready_s, np.inf)
    lane, run = np.nonzero(starts & ~held)
    if lane.size:
        begin(lane, run, np.zeros(lane.size, dtype=np.int64), runs.ready_s[lane, run])
    until = np.full((n, width, jobs), np.inf)
    until[..., 0] = deadline
    order = (laws.order[s] * jobs)[..., None] + np.arange(jobs)
    serve(
        queued.reshape(n, width * jobs),
        laws.limits[s].reshape(n, width * jobs, -1),
        laws.slots,
        order.reshape(n, width * jobs) * width + np.repeat(np.arange(width), jobs),
        lambda lane, column, at_s: begin(lane, column // jobs, column % jobs, at_s),
        deadline_s=until.reshape(n, width * jobs),
    )
    return captured, available


class _Window:
    """The runs of a component in a span before and around one moment of each of some drills, and their bursts."""

    def __init__(self, world: World, component: Component, laws: _Laws, run: Ints, lo_s: Floats, hi_s: Floats) -> None:
        self._laws = laws
        self.first: list[Ints] = []
        self.offset: list[int] = []
        blocks: list[_Runs] = []
        bounds: list[tuple[Floats, Floats]] = []
        width = 0
        for i, s in enumerate(component.streams):
            times = world.streams[s].times_s
            first, stop = np.searchsorted(times, lo_s, side="left"), np.searchsorted(times, hi_s, side="right")
            span = int((stop - first).max(initial=0))
            self.first.append(first)
            self.offset.append(width)
            width += span
            if span:
                positions = first[:, None] + np.arange(span)
                block, chain, share = _draw(world, s, i, laws.jobs, run, positions, positions < stop[:, None])
                blocks.append(block)
                bounds.append((chain, share))
        self.offset.append(width)
        self.runs = _Runs(*(np.concatenate(parts, axis=1) for parts in zip(*map(_arrays, blocks), strict=True)))
        chain, share = (np.concatenate([b[k] for b in bounds], axis=1) for k in (0, 1))
        exists = self.runs.stream >= 0
        scheduled = np.where(exists, self.runs.scheduled_s, np.inf)
        self.order = np.argsort(scheduled, axis=1, kind="stable")
        place = np.empty_like(self.order)
        np.put_along_axis(place, self.order, np.broadcast_to(np.arange(width), self.order.shape), axis=1)
        self.place = place
        ready = np.where(exists, self.runs.ready_s, -np.inf)
        in_order = [
            np.take_along_axis(np.where(exists, a, 0.0) if a is chain or a is share else a, self.order, axis=1)
            for a in (scheduled, ready, chain, share)
        ]
        ranks = np.array([world.members[world.streams[s].member].streams.index(s) for s in component.streams])
        rank = np.take_along_axis(ranks[self.runs.stream], self.order, axis=1)
        busy = np.where(lo_s <= world.plan_start_s, -np.inf, lo_s + component.reach_s)
        self.begins = burst_begins(*in_order, rank, busy)
        # the last burst may go on beyond a window that ends before the incident
        self.count = exists.sum(axis=1)
        self.captured_s = np.full(exists.shape, np.nan)
        self.available_s = np.full((*exists.shape, laws.jobs), np.inf)
        self.is_known = np.zeros(exists.shape, dtype=bool)

    def covers(self, i: int, row: Ints, position: Ints, closed: Bools) -> Bools:
        """Return of which runs the whole burst is known: its begin, and its end too."""
        column = position - self.first[i][row]
        inside = (row >= 0) & (column >= 0) & (column < self.offset[i + 1] - self.offset[i])
        at = self.place[row, np.where(inside, self.offset[i] + column, 0)]
        begin = self.begins[row, at]
        last = self.begins[row, np.maximum(self.count[row] - 1, 0)]
        return inside & (begin >= 0) & (closed[row] | (begin != last))

    def look(self, i: int, row: Ints, position: Ints) -> Left:
        """Return what runs of stream number `i` left behind, in the rows given, the bursts of which are known."""
        column = self.offset[i] + position - self.first[i][row]
        missing = np.flatnonzero(~self.is_known[row, column])
        if missing.size:
            self._simulate(row[missing], column[missing])
        return Left(
            self.captured_s[row, column], self.available_s[row, column], self.runs.expiry_s[row, column]
        )

    def _simulate(self, row: Ints, column: Ints) -> None:
        """Work through the bursts that the given runs belong to, those of about one length together."""
        begin = self.begins[row, self.place[row, column]]
        mine = self.begins[row] == begin[:, None]
        mine &= np.arange(mine.shape[1]) < self.count[row][:, None]
        length = mine.sum(axis=1)
        for size in np.unique(1 << np.ceil(np.log2(length)).astype(np.int64)):
            alike = np.flatnonzero((length <= size) & (2 * length > size))
            picked, starts = row[alike], begin[alike]
            places = starts[:, None] + np.arange(size)
            valid = np.arange(size) < length[alike][:, None]
            columns = self.order[picked[:, None], np.where(valid, places, 0)]
            chosen = self.runs.pick(picked, np.where(valid, columns, -1))
            captured, available = _work_through(self._laws, chosen)
            rows = np.broadcast_to(picked[:, None], columns.shape)
            self.captured_s[rows[valid], columns[valid]] = captured[valid]
            self.available_s[rows[valid], columns[valid]] = available[valid]
            self.is_known[rows[valid], columns[valid]] = True


def _arrays(runs: _Runs) -> tuple[NDArray[np.generic], ...]:
    return (
        runs.stream, runs.scheduled_s, runs.ready_s, runs.duration_s, runs.delay_s, runs.fails, runs.expiry_s
    )  # fmt: skip


def _draw(
    world: World, s: int, i: int, jobs: int, run: Ints, positions: Ints, exists: Bools
) -> tuple[_Runs, Floats, Floats]:
    """Return the luck of runs of one stream, with chain and share of each for the search of bursts."""
    stream = world.streams[s]
    drawn = luck(stream, run[:, None], np.where(exists, positions, 0))
    chain = np.minimum(drawn.duration_s, stream.completion_window_s)
    share = chain * _share(world, stream.limits)
    shape = (*positions.shape, jobs)
    duration, delay, expiry = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    fails = np.zeros(shape, dtype=bool)
    duration[..., 0], fails[..., 0], expiry[..., 0] = drawn.duration_s, drawn.fails, drawn.expiry_s
    for j, (action, copy) in enumerate(zip(stream.copies, drawn.copies, strict=True), start=1):
        chain = chain + copy.delay_s + copy.duration_s
        share = share + copy.duration_s * _share(world, action.limits)
        duration[..., j], delay[..., j] = copy.duration_s, copy.delay_s
        fails[..., j], expiry[..., j] = copy.fails, copy.expiry_s
    found = _Runs(np.where(exists, i, -1), drawn.scheduled_s, drawn.ready_s, duration, delay, fails, expiry)
    return found, chain, share


def _share(world: World, limits: tuple[int, ...]) -> float:
    """Return how long a job keeps the shared pools full for each second it takes."""
    return sum(1 / world.limits[i].slots for i in limits if not world.limits[i].own)


class Outcomes:
    """The histories of n drills.

    Args:
        world: the strategy's world.
        run: (n,) whose draws each history has.
        until_s: (n,) no run scheduled later is ever asked about or matters [s since start].
    """

    def __init__(self, world: World, run: Ints, until_s: Floats) -> None:
        self._world = world
        self._run = run
        self._until = until_s
        self._windows: dict[int, list[tuple[Ints, _Window, Bools]]] = {}
        self._laws: dict[int, _Laws] = {}

    def look(self, s: int, drill: Ints, position: Ints) -> Left:
        """Return what one run of stream `s` left behind in each of the drills given, (m,) each."""
        world = self._world
        c = world.component_of[world.streams[s].member]
        component = world.components[c]
        if not component.limits:
            stream = world.streams[s]
            left = unhindered(stream, luck(stream, self._run[drill][:, None], position[:, None]))
            return Left(left.captured_s[:, 0], left.available_s[:, 0], left.expiry_s[:, 0])
        if c not in self._laws:
            self._laws[c] = _Laws(world, component)
            self._windows[c] = []
        places = self._laws[c].jobs
        m = len(drill)
        found = Left(np.full(m, np.nan), np.full((m, places), np.inf), np.zeros((m, places)))
        i = component.streams.index(s)
        rest = np.arange(m)
        for row_of, window, closed in self._windows[c]:
            rest = self._answer(found, window, row_of, closed, i, drill, position, rest)
        times = world.streams[s].times_s
        gap = self._gap_s(component)
        before, after = component.reach_s + _RUNS_BEYOND * gap, component.reach_s
        if not component.settles:
            before = after = math.inf
        while rest.size:
            elements, first = np.unique(drill[rest], return_index=True)
            at = times[position[rest][first]]
            lo, hi = np.maximum(at - before, world.plan_start_s), np.minimum(at + after, self._until[elements])
            window = _Window(world, component, self._laws[c], self._run[elements], lo, hi)
            row_of = np.full(len(self._run), -1)
            row_of[elements] = np.arange(len(elements))
            closed = hi >= self._until[elements]
            self._windows[c].append((row_of, window, closed))
            rest = self._answer(found, window, row_of, closed, i, drill, position, rest)
            before, after = 2 * before, 2 * after
        return found

    def _answer(
        self,
        found: Left,
        window: _Window,
        row_of: Ints,
        closed: Bools,
        i: int,
        drill: Ints,
        position: Ints,
        rest: Ints,
    ) -> Ints:
        """Fill in what a window knows; return which questions are left."""
        known = window.covers(i, row_of[drill[rest]], position[rest], closed)
        these = rest[known]
        if these.size:
            left = window.look(i, row_of[drill[these]], position[these])
            found.captured_s[these] = left.captured_s
            found.available_s[these] = left.available_s
            found.expiry_s[these] = left.expiry_s
        return rest[~known]

    def _gap_s(self, component: Component) -> float:
        """Return the shortest usual time between runs of a stream [s]."""
        gaps = [float(np.median(np.diff(t))) for s in component.streams if len(t := self._world.streams[s].times_s) > 1]
        return min(gaps, default=0.0)
