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
            until = self._until[d, i]
            rows = np.arange(len(real))
            until[rows, until.argmin(axis=1)] = until_s[real]
            self._until[d, i] = until
            self.free_s[d, i] = until.min(axis=1)


_LAST = np.iinfo(np.int64).max


def serve(  # noqa: C901  one loop, whose every pass over the queue counts
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
    free = pool.free_s.reshape(-1)
    where = limits + (np.arange(n) * pool.free_s.shape[1])[:, None, None]
    in_order = bool((np.diff(order, axis=1) > 0).all())
    stop = np.full(n, np.inf) if stop_s is None else stop_s
    rows = np.arange(n)
    while rows.size:
        # most of the time all rows go on: then nothing needs to be copied
        all_go_on = rows.size == n
        waiting, need = (queued_s, where) if all_go_on else (queued_s[rows], where[rows])
        start = waiting
        for k in range(limits.shape[2]):
            start = np.maximum(start, free.take(need[:, :, k]))
        first = start.min(axis=1)
        alive = first < stop[rows]
        if not alive.all():
            rows = rows[alive]
            continue
        can = start == first[:, None]
        if priority is not None:
            ranks = np.where(can, priority[None, :], _LAST)
            can &= ranks == ranks.min(axis=1)[:, None]
        since = np.where(can, waiting, np.inf)
        job = since.argmin(axis=1)
        if not in_order:
            can = since == since[np.arange(len(rows)), job][:, None]
            if np.count_nonzero(can) > len(rows):
                job = np.where(can, order[rows], _LAST).argmin(axis=1)
        queued_s[rows, job] = np.inf
        if deadline_s is None:
            begins = rows
        else:
            in_time = first < deadline_s[rows, job]
            begins, job, first = rows[in_time], job[in_time], first[in_time]
            late = rows[~in_time]
            if late.size:
                # where one gives up others may have to, too
                given_up = start[~in_time] >= deadline_s[late]
                queued_s[late] = np.where(given_up, np.inf, queued_s[late])
        if begins.size:
            ends = begin(begins, job, first)
            pool.take(begins, limits[begins, job], ends)
