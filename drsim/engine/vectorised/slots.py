"""Queues for slots, first come first served, in many drills at once.

Jobs are granted one by one in the order of their starts. The next to start is the one with the earliest moment at which
it is queued and every limit on it has a free slot; at equal moments priority decides, then the moment queued, then the
order written. That moment is the later of two things that are known: when the job is queued, and when the first slot of
each of its limits falls free. A job that is not granted yet can only start later, so the order of grants is the order
of time, and what a granted job sets off is queued no earlier than its own start.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

Begin = Callable[[Ints, Ints, Floats], Floats]
"""Begins jobs (drill, column) at moments; returns when they end, having queued what they set off."""


class Slots:
    """The slots of limits in n drills.

    Args:
        drills: n.
        slots: how many each limit has.
        jobs: no more than so many jobs ever ask, so that further slots need not be kept.
    """

    def __init__(self, drills: int, slots: Sequence[int], jobs: int) -> None:
        most = max((min(s, jobs) for s in slots), default=1)
        # one more limit stands for none: it is always free
        self._until = np.full((drills, len(slots) + 1, most), -np.inf)
        for i, s in enumerate(slots):
            self._until[:, i, s:] = np.inf
        self.none = len(slots)
        self.free_s = np.full((drills, len(slots) + 1), -np.inf)

    def take(self, drill: Ints, limits: Ints, until_s: Floats) -> None:
        """Hold a slot of each limit, (jobs, limits a job), until the given moments."""
        for k in range(limits.shape[1]):
            real = np.flatnonzero(limits[:, k] != self.none)
            d, i = drill[real], limits[real, k]
            held = self._until[d, i]
            rows = np.arange(len(real))
            held[rows, held.argmin(axis=1)] = until_s[real]
            self._until[d, i] = held
            self.free_s[d, i] = held.min(axis=1)


def serve(
    queued_s: Floats,
    limits: Ints,
    slots: Sequence[int],
    order: Ints,
    begin: Begin,
    *,
    priority: Ints | None = None,
    deadline_s: Floats | None = None,
    stop_s: Floats | None = None,
    pool: Slots | None = None,
) -> None:
    """Serve jobs until none is left that can start.

    Args:
        queued_s: (n, jobs) when each is queued; inf for one that is not queued yet, or never. `begin` may write moments
            into it, at or after the start of the job it begins. What has started or given up is set to inf.
        limits: (n, jobs, limits a job) limits that it needs a slot of; `len(slots)` stands for none.
        slots: how many slots each limit has.
        order: (n, jobs) order written, within a drill all different.
        begin: begins jobs.
        priority: (jobs,) lower ones first; all equal if left out.
        deadline_s: (n, jobs) a job that could not start before it gives up.
        stop_s: (n,) nothing is started at or after it; what is queued stays so.
        pool: the slots, where earlier jobs may hold some; all are free if left out.
    """
    n, jobs = queued_s.shape
    if not n or not jobs:
        return
    pool = pool or Slots(n, slots, jobs)
    last = np.iinfo(np.int64).max
    rows = np.arange(n)
    while True:
        # most of the time all rows go on: then nothing needs to be copied
        every = rows.size == n
        waiting = queued_s.copy() if every else queued_s[rows]
        free, wanted = (pool.free_s, limits) if every else (pool.free_s[rows], limits[rows])
        start = waiting
        for k in range(limits.shape[2]):
            start = np.maximum(start, np.take_along_axis(free, wanted[:, :, k], axis=1))
        if deadline_s is not None:
            late = (start >= deadline_s[rows]) & (waiting < np.inf)
            if late.any():
                waiting = np.where(late, np.inf, waiting)
                queued_s[rows] = waiting
                start = np.where(late, np.inf, start)
        first = start.min(axis=1)
        alive = first < (np.inf if stop_s is None else stop_s[rows])
        if not alive.all():
            rows, start, first, waiting = rows[alive], start[alive], first[alive], waiting[alive]
            if not rows.size:
                return
        can = start == first[:, None]
        if priority is not None:
            ranks = np.where(can, priority[None, :], last)
            can = ranks == ranks.min(axis=1)[:, None]
            can &= start == first[:, None]
        since = np.where(can, waiting, np.inf)
        can &= since == since.min(axis=1)[:, None]
        job = np.where(can, order[rows], last).argmin(axis=1)
        queued_s[rows, job] = np.inf
        ends = begin(rows, job, first)
        pool.take(rows, limits[rows, job], ends)
