"""One slot, first come first served: the whole past of a component whose every job needs its one slot.

Where a pool may never fall idle there is no moment to begin at but that of the plans. With a single slot the next job
to start is always the one that has been queued for longest, so that the queue needs no look at what else waits: a job
begins when it is queued or when the one before it ends. Runs are drawn block by block as time goes on, in all drills at
once, and what is kept of each is when it was captured and when its points became usable.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from drsim.engine.luck import ends, times
from drsim.engine.vectorised.calendar import Calendar
from drsim.engine.vectorised.jobs import Left
from drsim.laws.points import is_beyond_copying

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

_BLOCK = 256
"""Runs that are drawn at a time."""
_PLACES = 4
"""Runs whose copies are under way for which there is room at first."""
_NEAR = 8
"""Backups in line that are looked at together when one gives up."""
_LAST = np.iinfo(np.int64).max


_WORKED, _DELAY, _EXPIRY, _FAILS = range(4)
"""What is drawn for a job: how long it holds the slot, how long it waits before it asks for it, the delay of the expiry
of what it makes [s], and whether it makes nothing (1)."""


@dataclass
class _Luck:
    """What is drawn for consecutive runs of the calendar in n drills.

    Attributes:
        queued_s: (n, runs) when the backup asks for the slot [s since start]; inf for one that never does.
        deadline_s: (n, runs) when it gives up.
        jobs: (n, runs, jobs, 4) of each job what is named above.
    """

    queued_s: Floats
    deadline_s: Floats
    jobs: Floats

    @classmethod
    def draw(cls, calendar: Calendar, run: Ints, first: int, last: int) -> _Luck:
        """Draw runs `first` to `last - 1` of the calendar in the drills of these numbers, (n,)."""
        shape = len(run), last - first
        luck = cls(np.empty(shape), np.empty(shape), np.zeros((*shape, calendar.jobs, 4)))
        streams = calendar.stream[first:last]
        for s in np.unique(streams).tolist():
            stream, columns = calendar.streams[s], np.flatnonzero(streams == s)
            position = calendar.position[first:last][columns]
            drawn = times(stream, run[:, None], position[None, :])
            deadline = drawn.scheduled_s + stream.start_window_s
            luck.queued_s[:, columns] = np.where(drawn.ready_s < deadline, drawn.ready_s, np.inf)
            luck.deadline_s[:, columns] = deadline
            of = luck.jobs[:, columns]
            for j, end in enumerate(ends(stream, run[:, None], position[None, :])):
                of[:, :, j, _FAILS], of[:, :, j, _EXPIRY] = end.fails, end.expiry_s
            of[:, :, 0, _WORKED] = np.minimum(drawn.duration_s, stream.completion_window_s)
            of[:, :, 0, _FAILS] += drawn.duration_s > stream.completion_window_s
            for j, copy in enumerate(drawn.copies, start=1):
                of[:, :, j, _WORKED], of[:, :, j, _DELAY] = copy.duration_s, copy.delay_s
            luck.jobs[:, columns] = of
        return luck

    def then(self, other: _Luck) -> _Luck:
        """Return these runs and others that follow them."""
        return _Luck(*(np.concatenate([getattr(self, f.name), getattr(other, f.name)], axis=1) for f in fields(self)))

    def part(self, drills: Ints, first: int) -> _Luck:
        """Return some of the drills, from one of the runs on."""
        return _Luck(*(getattr(self, f.name)[drills, first:] for f in fields(self)))


@dataclass
class _Copying:
    """Runs whose copies are under way, a few in each of n drills.

    Attributes:
        queued_s: (n, places, jobs) when each copy asks for the slot [s since start]; inf for one that does not, not yet
            or no longer.
        left: (n, places) how many of these there are; of a free place none.
        run: (n, places) place of the run in the calendar.
        captured_s: (n, places) moment whose data its points hold [s since start].
        jobs: (n, places, jobs, 4) as in `_Luck`.
    """

    queued_s: Floats
    left: Ints
    run: Ints
    captured_s: Floats
    jobs: Floats

    @classmethod
    def none(cls, n: int, places: int, jobs: int) -> _Copying:
        """Return places that are free."""
        shape = n, places
        return cls(
            np.full((*shape, jobs), np.inf),
            np.zeros(shape, np.int64),
            np.zeros(shape, np.int64),
            np.zeros(shape),
            np.zeros((*shape, jobs, 4)),
        )

    def drills(self, some: Ints) -> _Copying:
        """Return some of the drills."""
        return _Copying(*(getattr(self, f.name)[some] for f in fields(self)))

    def with_more(self) -> _Copying:
        """Return twice as many places."""
        more = _Copying.none(*self.queued_s.shape)
        return _Copying(*(np.concatenate([getattr(self, f.name), getattr(more, f.name)], axis=1) for f in fields(self)))


def _rows(jobs: Floats) -> Floats:
    """Return what is drawn for jobs, (n, runs, jobs, 4), with one row for each run of each drill."""
    return jobs.reshape(-1, *jobs.shape[2:])


class Line:
    """What all runs of a calendar left behind up to some moment, in n drills.

    Args:
        calendar: of a component whose jobs stand in line (`drsim.world.groups.stands_in_line`).
        run: (n,) whose draws each drill has.
        until_s: (n,) no run scheduled later matters [s since start].
    """

    def __init__(self, calendar: Calendar, run: Ints, until_s: Floats) -> None:
        self._calendar, self._run = calendar, run
        self._stop = np.searchsorted(calendar.times_s, until_s, side="right")
        runs = int(self._stop.max(initial=0))
        # by run first: what drills write at about one time then lies together
        self._captured_s = np.full((runs, len(run)), np.nan)
        self._available_s = np.full((runs, len(run), calendar.jobs), np.inf)
        queue = _Queue(calendar, np.arange(len(run)), self._captured_s, self._available_s)
        for begin in range(0, runs, _BLOCK):
            end = min(begin + _BLOCK, runs)
            # drills for which nothing matters from here on come to their end
            is_over = self._stop[queue.drill] <= end
            next_s = calendar.times_s[end] if end < len(calendar.times_s) else np.inf
            queue.come(_Luck.draw(calendar, run[queue.drill], begin, end))
            queue.serve(np.where(is_over, np.inf, next_s))
            queue.leave(is_over)

    @property
    def cells(self) -> int:
        """How many runs it holds."""
        return self._captured_s.size

    def is_blind(self, row: Ints, at: Ints) -> Bools:
        """Return of which runs more could be known: of none."""
        return np.zeros(np.broadcast_shapes(row.shape, at.shape), dtype=bool)

    def covers(self, row: Ints, at: Ints) -> Bools:
        """Return of which runs, at these places in the calendar and rows, -1 for none, all is known."""
        known: Bools = (row >= 0) & (at < self._stop[row])
        return known

    def look(self, row: Ints, at: Ints) -> Left:
        """Return what runs left behind, in the rows and at the places in the calendar given; they are covered."""
        calendar = self._calendar
        expiry = np.zeros((len(row), calendar.jobs))
        for stream, these in calendar.by_kind(at):
            for j, end in enumerate(ends(stream, self._run[row[these]], calendar.position[at[these]])):
                expiry[these, j] = end.expiry_s
        return Left(self._captured_s[at, row], self._available_s[at, row], expiry)


class _Queue:
    """The queue of a line, in n drills.

    Args:
        calendar: of the component.
        drill: (n,) which row of the results each has.
        captured_s: (runs, rows) where it is written when runs are captured.
        available_s: (runs, rows, jobs) where it is written when points become usable.
    """

    def __init__(self, calendar: Calendar, drill: Ints, captured_s: Floats, available_s: Floats) -> None:
        self.drill = drill
        self._calendar, self._captured_s, self._available_s = calendar, captured_s, available_s
        self._free_s = np.full(len(drill), -np.inf)
        self._copying = _Copying.none(len(drill), _PLACES, calendar.jobs)
        # backups that have not been served, and the place of the first of them in the calendar
        self._luck, self._first = _Luck.draw(calendar, np.zeros(len(drill), np.int64), 0, 0), 0

    def come(self, luck: _Luck) -> None:
        """Let backups of the runs that follow queue."""
        self._luck = self._luck.then(luck)
        runs = self._first + np.arange(self._luck.queued_s.shape[1])
        written = np.broadcast_to(self._written(runs, 0), self._luck.queued_s.shape)
        self._column = np.lexsort((written, self._luck.queued_s), axis=1)
        # a last column stands for nobody, who never asks and is never late
        self._queued_s, self._deadline_s = (
            np.append(np.take_along_axis(of, self._column, 1), np.full((len(of), 1), none), axis=1)
            for of, none in ((self._luck.queued_s, np.inf), (self._luck.deadline_s, np.nan))
        )
        # how many of them have had their turn
        self._served = np.zeros(len(self.drill), dtype=np.int64)

    def _written(self, run: Ints, job: Ints | int) -> Ints:
        """Return the order in which jobs are written, which decides between those queued at one moment."""
        calendar = self._calendar
        written: Ints = (calendar.order[calendar.stream[run]] * calendar.jobs + job) * len(calendar.times_s) + run
        return written

    def serve(self, until_s: Floats) -> None:
        """Serve all jobs queued before a moment of each drill, (n,)."""
        rows = np.arange(len(self.drill))
        while rows.size:
            backup_s = self._queued_s[rows, self._served[rows]]
            copies = self._copying.queued_s[rows].reshape(len(rows), -1)
            which = copies.argmin(axis=1)
            copy_s = copies[np.arange(len(rows)), which]
            first = np.minimum(backup_s, copy_s)
            goes_on = first < until_s[rows]
            if not goes_on.all():
                rows = rows[goes_on]
                continue
            is_copy = copy_s < backup_s
            at_once, asks = copies == first[:, None], backup_s == first
            if np.count_nonzero(at_once) + np.count_nonzero(asks) > len(rows):
                self._settle(np.flatnonzero(at_once.sum(axis=1) + asks > 1), rows, copies, first, which, is_copy)
            begin = np.maximum(self._free_s[rows], first)
            if is_copy.any():
                self._copy(rows[is_copy], which[is_copy], begin[is_copy])
            if not is_copy.all():
                self._back_up(rows[~is_copy], begin[~is_copy])

    def _settle(self, ties: Ints, rows: Ints, copies: Floats, first: Floats, which: Ints, is_copy: Bools) -> None:
        """Decide, in place, which of several jobs that were queued at one moment comes first: the one written first."""
        lanes = rows[ties]
        jobs = self._calendar.jobs
        written = self._written(self._copying.run[lanes][:, :, None], np.arange(jobs)).reshape(len(ties), -1)
        written = np.where(copies[ties] == first[ties, None], written, _LAST)
        which[ties] = written.argmin(axis=1)
        served = self._served[lanes]
        waits = self._queued_s[lanes, served] == first[ties]
        last = self._column.shape[1] - 1
        backup = self._written(self._first + self._column[lanes, np.minimum(served, last)], 0)
        is_copy[ties] = written.min(axis=1) < np.where(waits, backup, _LAST)

    def _back_up(self, lane: Ints, begin_s: Floats) -> None:
        """Let backups begin, or give up where their windows have passed."""
        served = self._served[lane]
        is_late = begin_s >= self._deadline_s[lane, served]
        self._served[lane] += 1
        if is_late.any():
            self._give_up(lane[is_late])
            lane, served, begin_s = lane[~is_late], served[~is_late], begin_s[~is_late]
        column = self._column[lane, served]
        run = self._first + column
        self._captured_s[run, self.drill[lane]] = begin_s
        drawn = _rows(self._luck.jobs)[lane * self._luck.queued_s.shape[1] + column, 0]
        end = begin_s + drawn[:, _WORKED]
        self._free_s[lane] = end
        good = drawn[:, _FAILS] == 0
        self._available_s[run, self.drill[lane], 0] = np.where(good, end, np.inf)
        if self._calendar.jobs > 1:
            if not good.all():
                lane, column, run, begin_s, end = lane[good], column[good], run[good], begin_s[good], end[good]
            self._take_in(lane, column, run, begin_s, end)

    def _take_in(self, lane: Ints, column: Ints, run: Ints, captured_s: Floats, end_s: Floats) -> None:
        """Find places for runs whose backups are made, and queue their copies."""
        stream = self._calendar.stream[run]
        follows = self._calendar.parent[stream] == 0
        left = self._copying.left[lane]
        place = left.argmin(axis=1)
        if left[np.arange(len(lane)), place].any():
            self._copying = self._copying.with_more()
            self._take_in(lane, column, run, captured_s, end_s)
            return
        copying = self._copying
        there = lane * left.shape[1] + place
        copying.left.reshape(-1)[there] = self._calendar.followers[stream, 0]
        copying.run.reshape(-1)[there], copying.captured_s.reshape(-1)[there] = run, captured_s
        jobs = _rows(self._luck.jobs)[lane * self._luck.queued_s.shape[1] + column]
        _rows(copying.jobs)[there] = jobs
        copying.queued_s.reshape(-1, follows.shape[1])[there] = np.where(
            follows, end_s[:, None] + jobs[:, :, _DELAY], np.inf
        )

    def _give_up(self, lane: Ints) -> None:
        """Let the next behind backups that gave up do the same, as far as the slot is not free before they must."""
        near = self._served[lane, None] + np.arange(_NEAR)
        near = np.minimum(near, self._queued_s.shape[1] - 1) + (lane * self._queued_s.shape[1])[:, None]
        late = np.maximum(self._free_s[lane, None], self._queued_s.take(near)) >= self._deadline_s.take(near)
        self._served[lane] += np.where(late.all(axis=1), _NEAR - 1, late.argmin(axis=1))

    def _copy(self, lane: Ints, which: Ints, begin_s: Floats) -> None:
        """Let copies begin."""
        calendar, copying = self._calendar, self._copying
        job = which % calendar.jobs
        there = lane * copying.run.shape[1] + which // calendar.jobs
        of = np.arange(len(lane))
        jobs = _rows(copying.jobs)[there]
        run = copying.run.take(there)
        stream = calendar.stream.take(run)
        parent = calendar.parent[stream]
        source = parent[of, job]
        lost = is_beyond_copying(
            copying.captured_s.take(there),
            calendar.cold_after_s[stream, source],
            calendar.delete_after_s[stream, source],
            jobs[of, source, _EXPIRY],
            begin_s,
        )
        end = begin_s + np.where(lost, 0.0, jobs[of, job, _WORKED])
        self._free_s[lane] = end
        queued = copying.queued_s.reshape(-1, calendar.jobs)
        queued[there, job] = np.inf
        made = np.where(lost | (jobs[of, job, _FAILS] > 0), np.inf, end)
        self._available_s[run, self.drill[lane], job] = made
        more = np.where(made < np.inf, calendar.followers[stream, job], 0)
        copying.left.reshape(-1)[there] += more - 1
        goes_on = np.flatnonzero(more)
        if goes_on.size:
            follows = parent[goes_on] == job[goes_on, None]
            then = end[goes_on, None] + jobs[goes_on, :, _DELAY]
            queued[there[goes_on]] = np.where(follows, then, queued[there[goes_on]])

    def leave(self, is_over: Bools) -> None:
        """Forget drills that have come to their end, (n,), and backups that have had their turn."""
        done = np.arange(self._column.shape[1]) < self._served[:, None]
        np.put_along_axis(self._luck.queued_s, self._column, np.where(done, np.inf, self._queued_s[:, :-1]), axis=1)
        stay = np.flatnonzero(~is_over)
        self.drill, self._free_s, self._copying = self.drill[stay], self._free_s[stay], self._copying.drills(stay)
        waits = np.flatnonzero((self._luck.queued_s[stay] < np.inf).any(axis=0))
        gone = int(waits[0]) if waits.size else self._column.shape[1]
        self._luck, self._first = self._luck.part(stay, gone), self._first + gone
