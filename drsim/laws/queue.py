"""When is a pool of slots known to be idle?

A clock may begin at any instant at which no job is waiting or running, since draws need no predecessors.
Consider what is left to do: the sum over limited pools of (work left through the pool / its slots), plus the longest
chain of jobs and delays left on one resource. While anything is left it shrinks by at least a second each second: a job
that waits finds either a full pool, whose term shrinks, or its own resource busy, whose chain shrinks; and if nothing
waits, every chain does. So everything is done no later than

    E = max(E before, ready) + sum over pools (new work / slots) + longest new chain,

new runs with one scheduled moment being taken together. The idea is Graham's bound for list scheduling (`graham`:
R. L. Graham, "Bounds on multiprocessing timing anomalies", 1969).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def burst_begins(
    scheduled_s: Floats, ready_s: Floats, chain_s: Floats, share_s: Floats, rank: Ints, busy_until_s: Floats
) -> Ints:
    """Return for each run the position at which the burst that it belongs to begins, or -1 where that is unknown.

    Just before a burst begins, nothing waits and nothing runs.

    Args:
        scheduled_s: (n, runs) scheduled moments, ascending along runs; inf pads rows that are shorter.
        ready_s: (n, runs) moments at which the runs are ready to start [s], at or after `scheduled_s`.
        chain_s: (n, runs) length of backup, delays and copies one after another [s].
        share_s: (n, runs) sum over the shared pools of work through the pool over its slots [s].
        rank: (n, runs) which of its resource's streams a run belongs to, counted from 0.
        busy_until_s: (n,) until when earlier runs, which are not listed, may keep the pools busy [s].
    """
    n, runs = scheduled_s.shape
    begins = np.full((n, runs), -1, dtype=np.int64)
    rows = np.arange(n)
    begin = np.full(n, -1, dtype=np.int64)
    done = busy_until_s.copy()
    moment = np.full(n, -np.inf)
    ready, share = np.full(n, -np.inf), np.zeros(n)
    chain = np.zeros((n, int(rank.max(initial=0)) + 1))
    for j in range(runs):
        now = scheduled_s[:, j]
        later = now > moment
        if later.any():
            settled = np.maximum(done, ready) + share + chain.sum(axis=1)
            done = np.where(later, settled, done)
            begin[later & (now >= done)] = j
            ready[later], share[later], chain[later] = -np.inf, 0.0, 0.0
            moment = now
        ready = np.maximum(ready, ready_s[:, j])
        share = share + share_s[:, j]
        chain[rows, rank[:, j]] = np.maximum(chain[rows, rank[:, j]], chain_s[:, j])
        begins[:, j] = begin
    return begins


def resource_burst_begins(
    scheduled_s: Floats, ready_s: Floats, chain_s: Floats, share_s: Floats, busy_until_s: Floats
) -> Ints:
    """Return what `burst_begins` returns where all runs are of one resource, at once instead of run by run.

    New runs are taken one after another even at one moment, which can only find more begins. The bound
    E = max(E before, ready) + work becomes the largest, over the runs so far, of ready plus all work from there on.

    Args:
        scheduled_s: as for `burst_begins`.
        ready_s: as for `burst_begins`.
        chain_s: as for `burst_begins`.
        share_s: as for `burst_begins`.
        busy_until_s: (n,) until when earlier runs, which are not listed, may keep the pools busy [s].
    """
    work = np.cumsum(chain_s + share_s, axis=1)
    before = np.concatenate([np.zeros((len(work), 1)), work[:, :-1]], axis=1)
    from_s = np.concatenate([busy_until_s[:, None], ready_s[:, :-1] - before[:, :-1]], axis=1)
    done = np.maximum.accumulate(from_s, axis=1) + before
    earlier = np.concatenate([np.full((len(work), 1), -np.inf), scheduled_s[:, :-1]], axis=1)
    begins = (scheduled_s >= done) & (scheduled_s > earlier)
    return np.maximum.accumulate(np.where(begins, np.arange(work.shape[1]), -1), axis=1)
