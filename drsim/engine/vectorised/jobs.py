"""What bursts of jobs leave behind, in many drills at once: without queues where nobody waits, by queues elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from drsim.engine.luck import Ends, Times, ends, times
from drsim.engine.vectorised.calendar import Calendar
from drsim.engine.vectorised.slots import Slots, serve
from drsim.laws.points import is_beyond_copying
from drsim.world.streams import Stream

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


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

    @classmethod
    def nothing(cls, n: int, places: int) -> Left:
        """Return n runs that left nothing."""
        return cls(np.full(n, np.nan), np.full((n, places), np.inf), np.zeros((n, places)))

    def part(self, some: slice) -> Left:
        """Return what some of the runs left."""
        return Left(self.captured_s[some], self.available_s[some], self.expiry_s[some])


@dataclass(frozen=True)
class Held:
    """From when until when jobs hold their slots where nobody waits, (..., jobs) each [s since start]."""

    from_s: Floats
    until_s: Floats


@dataclass(frozen=True)
class Bursts:
    """Bursts of runs, one in each row; all arrays (n, runs) or (n, runs, jobs).

    Attributes:
        stream: number of each run's stream in the calendar, -1 for none.
        scheduled_s, ready_s, duration_s, delay_s, fails, expiry_s: the luck of its jobs.
    """

    stream: Ints
    scheduled_s: Floats
    ready_s: Floats
    duration_s: Floats
    delay_s: Floats
    fails: Bools
    expiry_s: Floats


def unhindered(stream: Stream, run: Ints, positions: Ints) -> Left:
    """Return what runs of a stream without limits left behind, (n,) each and (n, places)."""
    return schedule(stream, times(stream, run, positions), ends(stream, run, positions))[0]


def schedule(stream: Stream, drawn: Times, after: Sequence[Ends]) -> tuple[Left, Held]:
    """Return what runs leave behind whose jobs find their slots free, and when they hold these.

    Args:
        stream: of which they are.
        drawn: how long their jobs take.
        after: how they end, the backup's first; arrays of the same shape.
    """
    backup, *copies = after
    captured, until_s, made_s = _backed_up(stream, drawn, backup)
    begins = [np.where(np.isnan(captured), np.inf, captured)]
    until, available = [until_s], [made_s]
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
    return left, Held(np.stack(begins, axis=-1), np.stack(until, axis=-1))


def in_turn(stream: Stream, drawn: Times, after: Sequence[Ends]) -> Left:
    """Return what runs that are alone leave behind where all their jobs share one slot, each copying the backup.

    The copies get it as they are due, at equal moments as they are written: what the queue would do, at once.

    Args:
        stream: of which they are.
        drawn: how long their jobs take, (n,).
        after: how they end, the backup's first.
    """
    backup, *copies = after
    captured, free_s, made_s = _backed_up(stream, drawn, backup)
    due, duration = (
        np.stack(figures, axis=-1)
        for figures in ([made_s + copy.delay_s for copy in drawn.copies], [copy.duration_s for copy in drawn.copies])
    )
    fails = np.stack([end.fails for end in copies], axis=-1)
    available = np.empty((len(captured), 1 + len(copies)))
    available[:, 0] = made_s
    rows = np.arange(len(captured))
    for nth in np.argsort(due, axis=-1, kind="stable").T:
        begin = np.maximum(due[rows, nth], free_s)
        lost = is_beyond_copying(captured, stream.cold_after_s, stream.delete_after_s, backup.expiry_s, begin)
        free_s = begin + np.where(lost, 0.0, duration[rows, nth])
        available[rows, 1 + nth] = np.where(lost | fails[rows, nth], np.inf, free_s)
    return Left(captured, available, np.stack([end.expiry_s for end in after], axis=-1))


def _backed_up(stream: Stream, drawn: Times, end: Ends) -> tuple[Floats, Floats, Floats]:
    """Return when backups that find their slots free are captured, let go of them and are usable; nan or inf: never."""
    starts = drawn.ready_s < drawn.scheduled_s + stream.start_window_s
    until = np.where(starts, drawn.ready_s, np.inf) + np.minimum(drawn.duration_s, stream.completion_window_s)
    good = ~end.fails & (drawn.duration_s <= stream.completion_window_s)
    return np.where(starts, drawn.ready_s, np.nan), until, np.where(good, until, np.inf)


def has_waits(crowds: list[tuple[int, list[int]]], held: Held) -> Bools:
    """Return where a job of one run that is alone has to wait for another of the same run.

    Args:
        crowds: slots and jobs for every limit that the run alone can fill.
        held: when its jobs would hold their slots if they were free, (..., jobs).
    """
    waits = np.zeros(held.from_s.shape[:-1], dtype=bool)
    for slots, jobs in crowds:
        begin, until = held.from_s[..., jobs], held.until_s[..., jobs]
        meets = (begin[..., :, None] >= begin[..., None, :]) & (begin[..., :, None] < until[..., None, :])
        meets &= ~np.eye(len(jobs), dtype=bool)
        waits |= (meets.sum(axis=-1) >= slots).any(axis=-1)
    return waits


_AT_ONCE = 64
"""Runs that come into view at a time: every grant looks at all those that are in view and not done."""


def work_through(calendar: Calendar, bursts: Bursts) -> tuple[Floats, Floats]:
    """Return when runs that begin with idle pools are captured, (n, runs), and available, (n, runs, jobs).

    Args:
        calendar: of the component.
        bursts: all of their runs, in the order of the calendar.
    """
    n, width = bursts.stream.shape
    jobs = _Jobs.of(calendar, bursts)
    if width <= _AT_ONCE:
        jobs.serve(calendar, np.full(n, np.inf), None)
        return jobs.captured_s, jobs.available_s
    # no job of the runs from a column on is queued before these moments
    unseen = np.full((n, width + 1), np.inf)
    unseen[:, :-1] = np.minimum.accumulate(jobs.queued_s.min(axis=2)[:, ::-1], axis=1)[:, ::-1]
    pool = Slots(n, calendar.slots, width * calendar.jobs)
    view = np.zeros(0, dtype=np.int64)
    for begin in range(0, width, _AT_ONCE):
        end = min(begin + _AT_ONCE, width)
        view = np.concatenate([view, np.arange(begin, end)])
        seen = jobs.take(view)
        seen.serve(calendar, unseen[:, end], pool)
        jobs.put(view, seen)
        view = view[(seen.queued_s < np.inf).any(axis=(0, 2))]
    return jobs.captured_s, jobs.available_s


@dataclass(frozen=True)
class _Jobs:
    """The jobs of bursts on their way, all arrays (n, runs) or (n, runs, jobs).

    Attributes:
        nth: which run of its burst each is.
        stream: number of its stream.
        deadline_s: when its backup gives up.
        worked_s, delay_s, fails, expiry_s: the luck of the jobs, the completion window being taken into account.
        captured_s, available_s: what has become of them.
        queued_s: when each is queued; inf for one that is not yet, no longer or never.
    """

    nth: Ints
    stream: Ints
    deadline_s: Floats
    worked_s: Floats
    delay_s: Floats
    fails: Bools
    expiry_s: Floats
    captured_s: Floats
    available_s: Floats
    queued_s: Floats

    @classmethod
    def of(cls, calendar: Calendar, bursts: Bursts) -> _Jobs:
        """Return the jobs of bursts before any slot is granted; what needs none has begun."""
        s = np.maximum(bursts.stream, 0)
        deadline, completion = bursts.scheduled_s + calendar.start_window_s[s], calendar.completion_window_s[s]
        worked, fails = bursts.duration_s.copy(), bursts.fails.copy()
        fails[..., 0] |= worked[..., 0] > completion
        worked[..., 0] = np.minimum(worked[..., 0], completion)
        starts = (bursts.stream >= 0) & (bursts.ready_s < deadline)
        held = calendar.is_limited[s, 0]
        queued = np.full(worked.shape, np.inf)
        queued[..., 0] = np.where(starts & held, bursts.ready_s, np.inf)
        jobs = cls(
            nth=np.broadcast_to(np.arange(s.shape[1]), s.shape),
            stream=s,
            deadline_s=deadline,
            worked_s=worked,
            delay_s=bursts.delay_s,
            fails=fails,
            expiry_s=bursts.expiry_s,
            captured_s=np.full(s.shape, np.nan),
            available_s=np.full(worked.shape, np.inf),
            queued_s=queued,
        )
        lane, nth = np.nonzero(starts & ~held)
        if lane.size:
            jobs._begin(calendar, lane, nth, np.zeros_like(lane), bursts.ready_s[lane, nth])
        return jobs

    def take(self, view: Ints) -> _Jobs:
        """Return the jobs of some of the runs."""
        # in the order of memory that lets `serve` write into them
        return _Jobs(*(np.take(getattr(self, f.name), view, axis=1) for f in fields(self)))

    def put(self, view: Ints, some: _Jobs) -> None:
        """Take over what has become of some of the runs."""
        for name in ("captured_s", "available_s", "queued_s"):
            getattr(self, name)[:, view] = getattr(some, name)

    def serve(self, calendar: Calendar, stop_s: Floats, pool: Slots | None) -> None:
        """Grant slots until a moment in each row, (n,)."""
        n, width, jobs = self.worked_s.shape
        until = np.full(self.worked_s.shape, np.inf)
        until[..., 0] = self.deadline_s
        written = (calendar.order[self.stream] * jobs)[..., None] + np.arange(jobs)
        order = written * (int(self.nth.max(initial=0)) + 1) + self.nth[..., None]
        serve(
            self.queued_s.reshape(n, width * jobs),
            calendar.limits[self.stream].reshape(n, width * jobs, -1),
            calendar.slots,
            order.reshape(n, width * jobs),
            lambda lane, column, at_s: self._begin(calendar, lane, column // jobs, column % jobs, at_s),
            deadline_s=until.reshape(n, width * jobs),
            stop_s=stop_s,
            pool=pool,
        )

    def _begin(self, calendar: Calendar, lane: Ints, nth: Ints, job: Ints, at_s: Floats) -> Floats:
        """Begin jobs; return when they end, having queued the copies that follow."""
        of = self.stream[lane, nth]
        first = job == 0
        self.captured_s[lane[first], nth[first]] = at_s[first]
        source = calendar.parent[of, job]
        lost = ~first & is_beyond_copying(
            self.captured_s[lane, nth],
            calendar.cold_after_s[of, source],
            calendar.delete_after_s[of, source],
            self.expiry_s[lane, nth, source],
            at_s,
        )
        done = at_s + np.where(lost, 0.0, self.worked_s[lane, nth, job])
        good = ~(lost | self.fails[lane, nth, job])
        lane, nth, job, of, at = lane[good], nth[good], job[good], of[good], done[good]
        self.available_s[lane, nth, job] = at
        for child in range(1, calendar.jobs):
            follows = calendar.parent[of, child] == job
            if not follows.any():
                continue
            here, there = lane[follows], nth[follows]
            due = at[follows] + self.delay_s[here, there, child]
            held = calendar.is_limited[of[follows], child]
            self.queued_s[here[held], there[held], child] = due[held]
            if not held.all():
                free = ~held
                self._begin(calendar, here[free], there[free], np.full(free.sum(), child), due[free])
        return done
