"""What bursts of jobs leave behind, in many drills at once: without queues where nobody waits, by queues elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drsim.engine.luck import Ends, Times, ends, times
from drsim.engine.vectorised.calendar import Calendar
from drsim.engine.vectorised.slots import serve
from drsim.engine.world import Stream
from drsim.laws.points import is_beyond_copying

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
    return left, Held(np.stack(begins, axis=-1), np.stack(until, axis=-1))


def has_waits(crowds: list[tuple[int, list[int]]], held: Held) -> Bools:
    """Return where a job of one run that is alone has to wait for another of the same run.

    Args:
        crowds: slots and jobs for every limit that the run alone can fill.
        held: when its jobs would hold their slots if they were free, (..., jobs).
    """
    found = np.zeros(held.from_s.shape[:-1], dtype=bool)
    for slots, jobs in crowds:
        begin, until = held.from_s[..., jobs], held.until_s[..., jobs]
        meets = (begin[..., :, None] >= begin[..., None, :]) & (begin[..., :, None] < until[..., None, :])
        meets &= ~np.eye(len(jobs), dtype=bool)
        found |= (meets.sum(axis=-1) >= slots).any(axis=-1)
    return found


def work_through(calendar: Calendar, bursts: Bursts) -> tuple[Floats, Floats]:
    """Return when runs that begin with idle pools are captured, (n, runs), and available, (n, runs, jobs).

    Args:
        calendar: of the component.
        bursts: all of their runs.
    """
    n, width = bursts.stream.shape
    jobs = calendar.jobs
    s = np.maximum(bursts.stream, 0)
    deadline = bursts.scheduled_s + calendar.start_window_s[s]
    captured = np.full((n, width), np.nan)
    available = np.full((n, width, jobs), np.inf)
    queued = np.full((n, width, jobs), np.inf)
    worked, fails = bursts.duration_s.copy(), bursts.fails.copy()
    fails[..., 0] |= worked[..., 0] > calendar.completion_window_s[s]
    worked[..., 0] = np.minimum(worked[..., 0], calendar.completion_window_s[s])

    def begin(lane: Ints, nth: Ints, job: Ints, at_s: Floats) -> Floats:
        of = s[lane, nth]
        first = job == 0
        captured[lane[first], nth[first]] = at_s[first]
        source = calendar.parent[of, job]
        lost = ~first & is_beyond_copying(
            captured[lane, nth],
            calendar.cold_after_s[of, source],
            calendar.delete_after_s[of, source],
            bursts.expiry_s[lane, nth, source],
            at_s,
        )
        ends = at_s + np.where(lost, 0.0, worked[lane, nth, job])
        good = ~(lost | fails[lane, nth, job])
        lane, nth, job, of, at = lane[good], nth[good], job[good], of[good], ends[good]
        available[lane, nth, job] = at
        for child in range(1, jobs):
            follows = calendar.parent[of, child] == job
            if not follows.any():
                continue
            here, there = lane[follows], nth[follows]
            due = at[follows] + bursts.delay_s[here, there, child]
            held = calendar.is_limited[of[follows], child]
            queued[here[held], there[held], child] = due[held]
            if not held.all():
                begin(here[~held], there[~held], np.full((~held).sum(), child), due[~held])
        return ends

    starts = (bursts.stream >= 0) & (bursts.ready_s < deadline)
    held = calendar.is_limited[s, 0]
    queued[..., 0] = np.where(starts & held, bursts.ready_s, np.inf)
    lane, nth = np.nonzero(starts & ~held)
    if lane.size:
        begin(lane, nth, np.zeros(lane.size, dtype=np.int64), bursts.ready_s[lane, nth])
    until = np.full((n, width, jobs), np.inf)
    until[..., 0] = deadline
    order = (calendar.order[s] * jobs)[..., None] + np.arange(jobs)
    serve(
        queued.reshape(n, width * jobs),
        calendar.limits[s].reshape(n, width * jobs, -1),
        calendar.slots,
        order.reshape(n, width * jobs) * width + np.repeat(np.arange(width), jobs),
        lambda lane, column, at_s: begin(lane, column // jobs, column % jobs, at_s),
        deadline_s=until.reshape(n, width * jobs),
    )
    return captured, available
