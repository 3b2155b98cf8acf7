"""What the jobs before incidents left behind, in many drills at once.

The array form of `drsim.engine.history`: asked about one run of a stream in each of some drills, it draws the luck of
the runs that matter, finds the burst of jobs that each belongs to (`drsim.laws.queue`), and works that burst through
from the idle instant before it.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from drsim.engine.luck import CopyTimes, Ends, Times, ends, times
from drsim.engine.vectorised.slots import serve
from drsim.engine.world import Component, Stream, World
from drsim.laws.points import is_beyond_copying
from drsim.laws.queue import burst_begins, resource_burst_begins

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

_RUNS_BEYOND = 3.0
"""Runs of a stream that a window holds, in many drills, beyond those that may keep its pools busy."""
_MANY = 4096
_PIECE = 16384
"""Runs that are drawn at a time: what is worked on then stays in the processor's cache."""


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


@dataclass(frozen=True)
class _Held:
    """From when until when jobs hold their slots where nobody waits, (..., jobs) each [s since start]."""

    from_s: Floats
    until_s: Floats


def unhindered(stream: Stream, run: Ints, positions: Ints) -> Left:
    """Return what runs left behind that never have to wait for a slot; arguments and arrays (n, runs, ...)."""
    return _unhindered(stream, times(stream, run, positions), ends(stream, run, positions))[0]


def _unhindered(stream: Stream, drawn: Times, after: tuple[Ends, ...]) -> tuple[Left, _Held]:
    backup, *copies = after
    starts = drawn.ready_s < drawn.scheduled_s + stream.start_window_s
    captured = np.where(starts, drawn.ready_s, np.nan)
    begins = [np.where(starts, drawn.ready_s, np.inf)]
    until = [begins[0] + np.minimum(drawn.duration_s, stream.completion_window_s)]
    good = ~backup.fails & (drawn.duration_s <= stream.completion_window_s)
    available = [np.where(good, until[0], np.inf)]
    lives = [(stream.cold_after_s, stream.delete_after_s, backup.expiry_s)]
    for action, copy, end in zip(stream.copies, drawn.copies, copies, strict=True):
        begin = available[1 + action.parent] + copy.delay_s
        lost = is_beyond_copying(captured, *lives[1 + action.parent], begin)
        done = begin + np.where(lost, 0.0, copy.duration_s)
        begins.append(begin)
        until.append(done)
        available.append(np.where(end.fails | lost, np.inf, done))
        lives.append((action.cold_after_s, action.delete_after_s, end.expiry_s))
    left = Left(captured, np.stack(available, axis=-1), np.stack([end.expiry_s for end in after], axis=-1))
    return left, _Held(np.stack(begins, axis=-1), np.stack(until, axis=-1))


class _Laws:
    """The streams of a component, as arrays by stream (S), job of a run (backup, then copies) and limit."""

    def __init__(self, world: World, component: Component) -> None:
        self.streams = streams = [world.streams[s] for s in component.streams]
        self.plan_start_s, self.reach_s = world.plan_start_s, component.reach_s
        ranks = np.array([world.members[st.member].streams.index(s) for s, st in zip(component.streams, streams)])
        self.rank = ranks if len(component.members) > 1 else None
        shared = [0.0 if limit.own else 1 / limit.slots for limit in world.limits]
        self.shares = [[sum(shared[i] for i in limits) for limits in _limits_of(st)] for st in streams]
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
        self.crowds = [_crowds(need, self.slots) for need in needs]
        self.order = np.array([st.order for st in streams])
        self.start_window_s = np.array([st.start_window_s for st in streams])
        self.completion_window_s = np.array([st.completion_window_s for st in streams])


def _crowds(needs: list[list[int]], slots: list[int]) -> list[tuple[int, list[int]]]:
    """Return slots and jobs for every limit that one run alone can fill, given the limits on each of its jobs."""
    users = [[j for j, need in enumerate(needs) if i in need] for i in range(len(slots))]
    return [(slots[i], jobs) for i, jobs in enumerate(users) if len(jobs) > slots[i]]


def _has_waits(crowds: list[tuple[int, list[int]]], held: _Held) -> Bools:
    """Return where a job of one run that is alone has to wait for another of the same run."""
    found = np.zeros(held.from_s.shape[:-1], dtype=bool)
    for slots, jobs in crowds:
        begin, until = held.from_s[..., jobs], held.until_s[..., jobs]
        meets = (begin[..., :, None] >= begin[..., None, :]) & (begin[..., :, None] < until[..., None, :])
        meets &= ~np.eye(len(jobs), dtype=bool)
        found |= (meets.sum(axis=-1) >= slots).any(axis=-1)
    return found


def _limits_of(stream: Stream) -> list[tuple[int, ...]]:
    return [stream.limits, *(c.limits for c in stream.copies)]


@dataclass
class _Runs:
    """The luck of runs of several streams, (n, runs) and (n, runs, jobs), in any order; stream -1 for none."""

    stream: Ints
    position: Ints
    scheduled_s: Floats
    ready_s: Floats
    chain_s: Floats
    share_s: Floats
    duration_s: Floats
    delay_s: Floats

    @classmethod
    def none(cls, shape: tuple[int, int], jobs: int) -> _Runs:
        """Return room for runs, none being there: they were scheduled and ready long ago, and take no time."""
        return cls(
            stream=np.full(shape, -1),
            position=np.zeros(shape, dtype=np.int64),
            scheduled_s=np.full(shape, -np.inf),
            ready_s=np.full(shape, -np.inf),
            chain_s=np.zeros(shape),
            share_s=np.zeros(shape),
            duration_s=np.zeros((*shape, jobs)),
            delay_s=np.zeros((*shape, jobs)),
        )

    def draw(
        self,
        part: tuple[slice, slice],
        stream: Stream,
        i: int,
        shares: Sequence[float],
        run: Ints,
        positions: Ints,
    ) -> None:
        """Draw how long runs of one stream take.

        Args:
            part: rows and columns that they fill.
            stream: the stream, number `i` of the component.
            shares: how long each job of a run keeps the shared pools full for each second it takes.
            run: (rows, 1) which draws each row has.
            positions: (rows, columns) positions in the stream's times; negative ones are no runs.
        """
        exists = positions >= 0
        positions = np.maximum(positions, 0)
        drawn = times(stream, run, positions)
        chain = np.minimum(drawn.duration_s, stream.completion_window_s)
        share = chain * shares[0]
        self.duration_s[(*part, 0)] = drawn.duration_s
        for j, (copy, full) in enumerate(zip(drawn.copies, shares[1:], strict=True), start=1):
            chain = chain + copy.delay_s + copy.duration_s
            share = share + copy.duration_s * full
            self.duration_s[(*part, j)], self.delay_s[(*part, j)] = copy.duration_s, copy.delay_s
        self.stream[part], self.position[part] = i, positions
        self.scheduled_s[part], self.ready_s[part] = drawn.scheduled_s, drawn.ready_s
        self.chain_s[part], self.share_s[part] = chain, share
        if not exists.all():
            missing = ~exists
            self.stream[part][missing] = -1
            self.scheduled_s[part][missing] = self.ready_s[part][missing] = -np.inf
            self.chain_s[part][missing] = self.share_s[part][missing] = 0.0

    def copy(self, columns: slice, other: _Runs, rows: Ints, there: slice) -> None:
        """Take over columns of some rows of others."""
        for f in fields(self):
            getattr(self, f.name)[:, columns] = getattr(other, f.name)[rows, there]

    def pick(self, row: Ints, column: Ints) -> _Runs:
        """Return runs by row (n,) and column (n, runs), -1 for none."""
        r = row[:, None]
        names = [f.name for f in fields(self) if f.name != "stream"]
        return _Runs(
            np.where(column >= 0, self.stream[r, column], -1),
            **{name: getattr(self, name)[r, column] for name in names},
        )


def _work_through(laws: _Laws, runs: _Runs, fails: Bools, expiry: Floats) -> tuple[Floats, Floats]:
    """Return when runs that begin with idle pools are captured, (n, runs), and available, (n, runs, jobs).

    Args:
        laws: of the component.
        runs: bursts, one in each row.
        fails, expiry: (n, runs, jobs) how the jobs end.
    """
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
    fails = fails.copy()
    fails[..., 0] |= late

    def begin(lane: Ints, nth: Ints, job: Ints, at_s: Floats) -> Floats:
        of = s[lane, nth]
        first = job == 0
        captured[lane[first], nth[first]] = at_s[first]
        source = laws.parent[of, job]
        lost = ~first & is_beyond_copying(
            captured[lane, nth],
            laws.cold_after_s[of, source],
            laws.delete_after_s[of, source],
            expiry[lane, nth, source],
            at_s,
        )
        ends = at_s + np.where(lost, 0.0, worked[lane, nth, job])
        good = ~(lost | fails[lane, nth, job])
        lane, nth, job, of, at = lane[good], nth[good], job[good], of[good], ends[good]
        available[lane, nth, job] = at
        for child in range(1, jobs):
            follows = laws.parent[of, child] == job
            if not follows.any():
                continue
            here, there = lane[follows], nth[follows]
            due = at[follows] + runs.delay_s[here, there, child]
            held = laws.is_limited[of[follows], child]
            queued[here[held], there[held], child] = due[held]
            if not held.all():
                begin(here[~held], there[~held], np.full((~held).sum(), child), due[~held])
        return ends

    starts = (runs.stream >= 0) & (runs.ready_s < deadline)
    held = laws.is_limited[s, 0]
    queued[..., 0] = np.where(starts & held, runs.ready_s, np.inf)
    lane, nth = np.nonzero(starts & ~held)
    if lane.size:
        begin(lane, nth, np.zeros(lane.size, dtype=np.int64), runs.ready_s[lane, nth])
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

    def __init__(
        self,
        laws: _Laws,
        run: Ints,
        span_s: tuple[Floats, Floats],
        closed: Bools,
        known: tuple[_Window, Ints] | None = None,
    ) -> None:
        """Draw the runs and find their bursts.

        Args:
            laws: of the component.
            run: (n,) whose draws each row has.
            span_s: (n,) each, all runs scheduled from here to there are held, perhaps some before [s since start].
            closed: (n,) whether no run after the span matters.
            known: a window whose spans end where these do, and its rows that are drawn already.
        """
        self._laws, self._run, self._span_s, self._closed = laws, run, span_s, closed
        lo_s, hi_s = span_s
        starts = np.array([np.searchsorted(st.times_s, lo_s, side="left") for st in laws.streams])
        self.stop = np.array([np.searchsorted(st.times_s, hi_s, side="right") for st in laws.streams])
        self._spans = (self.stop - starts).max(axis=1, initial=0)
        if known is not None:
            self._spans = np.maximum(self._spans, known[0]._spans)  # noqa: SLF001
        self.first = self.stop - self._spans[:, None]
        self._offset = np.cumsum(self._spans) - self._spans
        shape = (len(run), int(self._spans.sum()))
        self.runs = _Runs.none(shape, laws.jobs)
        for i in range(len(laws.streams)):
            self._draw(i, known)
        exists = self.runs.stream >= 0
        bounds = [self.runs.scheduled_s, self.runs.ready_s, self.runs.chain_s, self.runs.share_s]
        if np.count_nonzero(self._spans) == 1:
            # what is no run stands first here, and nothing stands between two runs
            self.order = self.place = np.broadcast_to(np.arange(shape[1]), shape)
            self._last = np.full(len(run), shape[1] - 1)
        else:
            scheduled = np.where(exists, self.runs.scheduled_s, np.inf)
            self.order = np.argsort(scheduled, axis=1, kind="stable")
            self.place = np.empty_like(self.order)
            np.put_along_axis(self.place, self.order, np.broadcast_to(np.arange(shape[1]), shape), axis=1)
            bounds = [np.take_along_axis(a, self.order, axis=1) for a in (scheduled, *bounds[1:])]
            self._last = np.maximum(exists.sum(axis=1) - 1, 0)
        # runs before those held are done when the last of them is, whatever its luck
        before = [
            np.where(first > 0, st.times_s[np.clip(first, 1, len(st.times_s)) - 1], -np.inf)
            for st, first in zip(laws.streams, self.first, strict=True)
            if st.times_s.size
        ]
        busy = np.max(before, axis=0) + laws.reach_s
        if laws.rank is None:
            self.begins = resource_burst_begins(*bounds, busy)
        else:
            rank = np.take_along_axis(laws.rank[self.runs.stream], self.order, axis=1)
            self.begins = burst_begins(*bounds, rank, busy)
        self.captured_s = np.full(shape, np.nan)
        self.available_s = np.full((*shape, laws.jobs), np.inf)
        self.expiry_s = np.zeros((*shape, laws.jobs))
        self.fails = np.zeros((*shape, laws.jobs), dtype=bool)
        self.is_known = np.zeros(shape, dtype=bool)

    def _draw(self, i: int, known: tuple[_Window, Ints] | None) -> None:
        """Draw the runs of stream number `i`, piece by piece, but for those that are known."""
        laws = self._laws
        offset, span = int(self._offset[i]), int(self._spans[i])
        new = span
        if known is not None:
            window, rows = known
            same = int(window._spans[i])  # noqa: SLF001
            new -= same
            there = int(window._offset[i])  # noqa: SLF001
            self.runs.copy(slice(offset + new, offset + span), window.runs, rows, slice(there, there + same))
        if not new:
            return
        step = max(1, _PIECE // new)
        for lo in range(0, len(self._run), step):
            part = slice(lo, lo + step), slice(offset, offset + new)
            positions = self.first[i, part[0], None] + np.arange(new)
            self.runs.draw(part, laws.streams[i], i, laws.shares[i], self._run[part[0], None], positions)

    def further_back(self, rows: Ints, back_s: float) -> _Window:
        """Return a window of some of the rows that begins earlier."""
        lo_s, hi_s = (a[rows] for a in self._span_s)
        lo_s = np.maximum(lo_s - back_s, self._laws.plan_start_s)
        return _Window(self._laws, self._run[rows], (lo_s, hi_s), self._closed[rows], known=(self, rows))

    def _begin_of(self, i: Ints, row: Ints, position: Ints) -> tuple[Bools, Ints]:
        """Return which runs lie in the window, and the places where their bursts begin, -1 where that is unknown."""
        column = position - self.first[i, row]
        inside = (row >= 0) & (column >= 0) & (position < self.stop[i, row])
        at = self.place[row, np.where(inside, self._offset[i] + column, 0)]
        return inside, np.where(inside, self.begins[row, at], -1)

    def is_blind(self, i: Ints, row: Ints, position: Ints) -> Bools:
        """Return of which runs, of stream number `i` each, a window that begins earlier would know more."""
        inside, begin = self._begin_of(i, row, position)
        return inside & (begin < 0)

    def covers(self, i: Ints, row: Ints, position: Ints) -> Bools:
        """Return of which runs, of stream number `i` each, the whole burst is known; in row -1 none is."""
        begin = self._begin_of(i, row, position)[1]
        # the last burst may go on beyond a window that ends before the incident
        return (begin >= 0) & (self._closed[row] | (begin != self.begins[row, self._last[row]]))

    def look(self, i: Ints, row: Ints, position: Ints) -> Left:
        """Return what runs, of stream number `i` each, left behind, in the rows given; their bursts are known."""
        column = self._offset[i] + position - self.first[i, row]
        missing = np.flatnonzero(~self.is_known[row, column])
        if missing.size:
            self._simulate(row[missing], column[missing])
        return Left(self.captured_s[row, column], self.available_s[row, column], self.expiry_s[row, column])

    def _simulate(self, row: Ints, column: Ints) -> None:
        """Work through the bursts that the given runs belong to."""
        begin = self.begins[row, self.place[row, column]]
        # several runs of one burst may have been asked about
        _, first = np.unique(row * self.begins.shape[1] + begin, return_index=True)
        row, begin = row[first], begin[first]
        beyond = np.minimum(begin + 1, self.begins.shape[1] - 1)
        alone = (begin == self._last[row]) | (self.begins[row, beyond] != begin)
        waits = self._alone(row[alone], self.order[row[alone], begin[alone]])
        rows, begins = row[~alone], begin[~alone]
        mine = self.begins[rows] == begins[:, None]
        mine &= np.arange(mine.shape[1]) <= self._last[rows][:, None]
        of, places = np.nonzero(mine)
        self._end(rows[of], self.order[rows[of], places])
        self._together(
            np.concatenate([row[alone][waits], rows]),
            np.concatenate([begin[alone][waits], begins]),
            np.concatenate([np.ones(waits.sum(), dtype=np.int64), mine.sum(axis=1)]),
        )

    def _end(self, row: Ints, column: Ints) -> list[tuple[int, Ints, tuple[Ends, ...]]]:
        """Draw how the jobs of runs end; return it by stream, with the positions in `row` and `column`."""
        found = []
        for i, stream in enumerate(self._laws.streams):
            these = np.flatnonzero(self.runs.stream[row, column] == i)
            if these.size:
                r, c = row[these], column[these]
                drawn = ends(stream, self._run[r][:, None], self.runs.position[r, c][:, None])
                for j, end in enumerate(drawn):
                    self.fails[r, c, j], self.expiry_s[r, c, j] = end.fails[:, 0], end.expiry_s[:, 0]
                found.append((i, these, drawn))
        return found

    def _alone(self, row: Ints, column: Ints) -> Bools:
        """Work through runs that are bursts by themselves, but for those whose own jobs have to wait: return these."""
        waits = np.zeros(len(row), dtype=bool)
        for i, these, drawn in self._end(row, column):
            r, c = row[these], column[these]
            runs = self.runs
            copies = range(1, len(drawn))
            lasting = Times(
                runs.scheduled_s[r, c][:, None],
                runs.ready_s[r, c][:, None],
                runs.duration_s[r, c, 0][:, None],
                tuple(CopyTimes(runs.delay_s[r, c, j][:, None], runs.duration_s[r, c, j][:, None]) for j in copies),
            )
            left, held = _unhindered(self._laws.streams[i], lasting, drawn)
            self.captured_s[r, c] = left.captured_s[:, 0]
            self.available_s[r, c, : len(drawn)] = left.available_s[:, 0]
            waits[these] = _has_waits(self._laws.crowds[i], held)[:, 0]
        self.is_known[row[~waits], column[~waits]] = True
        return waits

    def _together(self, row: Ints, begin: Ints, length: Ints) -> None:
        """Work through bursts by their queues, those of about one length together."""
        for size in np.unique(1 << np.ceil(np.log2(length)).astype(np.int64)):
            alike = np.flatnonzero((length <= size) & (2 * length > size))
            picked = row[alike]
            places = begin[alike][:, None] + np.arange(size)
            valid = np.arange(size) < length[alike][:, None]
            columns = self.order[picked[:, None], np.where(valid, places, 0)]
            runs = self.runs.pick(picked, np.where(valid, columns, -1))
            r = picked[:, None]
            captured, available = _work_through(self._laws, runs, self.fails[r, columns], self.expiry_s[r, columns])
            rows, columns = np.broadcast_to(r, columns.shape)[valid], columns[valid]
            self.captured_s[rows, columns] = captured[valid]
            self.available_s[rows, columns] = available[valid]
            self.is_known[rows, columns] = True


class _Rows:
    """Which row of a window holds the runs around a moment of a drill.

    Args:
        drill: (rows,) of which drill each row is, ascending.
        lo_s: (rows,) its first moment [s since start], ascending in each drill.
    """

    def __init__(self, drill: Ints, lo_s: Floats) -> None:
        self._drill, self._lo_s = drill, lo_s
        self._names = self._name(drill, lo_s)

    def take(self, rows: Ints) -> _Rows:
        """Return the names of some of the rows."""
        return _Rows(self._drill[rows], self._lo_s[rows])

    def find(self, drill: Ints, at_s: Floats) -> Ints:
        """Return the row that begins last before a moment, -1 for none."""
        row = np.searchsorted(self._names, self._name(drill, at_s), side="right") - 1
        return np.where((row >= 0) & (self._drill[row] == drill), row, -1)

    @staticmethod
    def _name(drill: Ints, moment_s: Floats) -> Ints:
        # drill, then whole seconds: moments lie within some hundred years of the start
        return (drill << 34) + np.floor(np.maximum(moment_s, -(2.0**33))).astype(np.int64)


def _spans(drill: Ints, at_s: Floats, before_s: float, after_s: float) -> tuple[Ints, Floats, Floats]:
    """Return drill, begin and end [s] of the spans around moments that may be looked at together."""
    order = np.lexsort((at_s, drill))
    drill, at_s = drill[order], at_s[order]
    apart = np.ones(len(drill), dtype=bool)
    apart[1:] = (drill[1:] != drill[:-1]) | (at_s[1:] - at_s[:-1] > before_s + after_s)
    first = np.flatnonzero(apart)
    last = np.append(first[1:], len(drill)) - 1
    return drill[first], at_s[first] - before_s, at_s[last] + after_s


def _nothing(n: int, places: int) -> Left:
    return Left(np.full(n, np.nan), np.full((n, places), np.inf), np.zeros((n, places)))


@dataclass(frozen=True)
class Question:
    """What did runs of a stream leave behind? Drills and positions of the runs, (m,) each."""

    stream: int
    drill: Ints
    position: Ints


T = TypeVar("T")
Inquiry = Generator[Question, Left, T]
"""Work that has questions on its way to a result."""


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
        self._windows: dict[int, list[tuple[_Rows, _Window]]] = {}
        self._laws: dict[int, _Laws] = {}

    def consult(self, work: Sequence[tuple[Ints, Inquiry[T]]]) -> list[T]:
        """Return the results of inquiries, whose questions are answered together: that costs little more than one.

        Args:
            work: inquiries, each with the drills of these histories that it numbers from 0.
        """
        results: dict[int, T] = {}
        asked: dict[int, Question] = {}

        def go_on(i: int, answer: Left | None) -> None:
            asked.pop(i, None)
            try:
                asked[i] = work[i][1].send(answer)  # type: ignore[arg-type]
            except StopIteration as stop:
                results[i] = stop.value

        for i in range(len(work)):
            go_on(i, None)
        world = self._world
        while asked:
            by_component: dict[int, list[int]] = {}
            for i, q in asked.items():
                by_component.setdefault(world.component_of[world.streams[q.stream].member], []).append(i)
            for inquiries in by_component.values():
                questions = [asked[i] for i in inquiries]
                left = self.look(
                    np.concatenate([np.full(len(q.drill), q.stream) for q in questions]),
                    np.concatenate([work[i][0][q.drill] for i, q in zip(inquiries, questions, strict=True)]),
                    np.concatenate([q.position for q in questions]),
                )
                until = np.cumsum([len(q.drill) for q in questions])
                for i, q, end in zip(inquiries, questions, until.tolist(), strict=True):
                    mine = slice(end - len(q.drill), end)
                    go_on(i, Left(left.captured_s[mine], left.available_s[mine], left.expiry_s[mine]))
        return [results[i] for i in range(len(work))]

    def look(self, stream: Ints, drill: Ints, position: Ints) -> Left:
        """Return what one run each of streams of one component left behind in drills; all arguments (m,)."""
        world = self._world
        c = world.component_of[world.streams[stream[0]].member]
        component = world.components[c]
        if not component.limits:
            return self._unhindered(stream, drill, position)
        if c not in self._laws:
            self._laws[c] = _Laws(world, component)
            self._windows[c] = []
        found = _nothing(len(drill), self._laws[c].jobs)
        numbers = {s: i for i, s in enumerate(component.streams)}
        streams, which = np.unique(stream, return_inverse=True)
        i = np.array([numbers[s] for s in streams.tolist()])[which]
        at = np.empty(len(drill))
        for k, s in enumerate(streams.tolist()):
            at[which == k] = world.streams[s].times_s[position[which == k]]
        rest = np.arange(len(drill))
        for rows, window in self._windows[c]:
            rest = self._answer(found, rows, window, i, drill, position, at, rest)
        gap = self._gap_s(component)
        # few drills can afford to look far, and are the ones that have to
        beyond = gap * _RUNS_BEYOND * math.sqrt(max(1.0, min(_MANY / max(rest.size, 1), 256.0)))
        before, after = component.reach_s + beyond, beyond
        if not component.settles:
            before = after = math.inf
        while rest.size:
            of, lo, hi = _spans(drill[rest], at[rest], before, after)
            hi = np.minimum(hi, self._until[of])
            span = np.maximum(lo, world.plan_start_s), hi
            window = _Window(self._laws[c], self._run[of], span, hi >= self._until[of])
            rows, back = _Rows(of, lo), beyond
            while True:
                self._windows[c].append((rows, window))
                rest = self._answer(found, rows, window, i, drill, position, at, rest)
                row = rows.find(drill[rest], at[rest])
                blind = np.unique(row[window.is_blind(i[rest], row, position[rest])])
                if not blind.size:
                    break
                window, rows = window.further_back(blind, back), rows.take(blind)
                back *= 2
            after = max(3 * after, component.reach_s)
        return found

    def _unhindered(self, stream: Ints, drill: Ints, position: Ints) -> Left:
        streams = np.unique(stream).tolist()
        found = _nothing(len(drill), 1 + max(len(self._world.streams[s].copies) for s in streams))
        for s in streams:
            these = np.flatnonzero(stream == s)
            left = unhindered(self._world.streams[s], self._run[drill[these]][:, None], position[these][:, None])
            places = left.available_s.shape[-1]
            found.captured_s[these] = left.captured_s[:, 0]
            found.available_s[these, :places] = left.available_s[:, 0]
            found.expiry_s[these, :places] = left.expiry_s[:, 0]
        return found

    def _answer(
        self,
        found: Left,
        rows: _Rows,
        window: _Window,
        i: Ints,
        drill: Ints,
        position: Ints,
        at_s: Floats,
        rest: Ints,
    ) -> Ints:
        """Fill in what a window knows; return which questions are left."""
        if not rest.size:
            return rest
        row = rows.find(drill[rest], at_s[rest])
        known = window.covers(i[rest], row, position[rest])
        these = rest[known]
        if these.size:
            left = window.look(i[these], row[known], position[these])
            found.captured_s[these] = left.captured_s
            found.available_s[these] = left.available_s
            found.expiry_s[these] = left.expiry_s
        return rest[~known]

    def _gap_s(self, component: Component) -> float:
        """Return the shortest usual time between runs of a stream [s]."""
        gaps = [float(np.median(np.diff(t))) for s in component.streams if len(t := self._world.streams[s].times_s) > 1]
        return min(gaps, default=0.0)
