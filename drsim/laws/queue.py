"""When is a pool of slots known to be idle?

A clock may begin at any instant at which no job is waiting or running, since draws need no predecessors.
The bound used here is Graham's: from the moment the last job of a burst is ready, every later instant finds either a full
pool or a job of the same resource's chain in progress, so that the burst ends no later than

    last ready moment + sum over pools (work through the pool / its slots) + longest chain of one resource.

Source: R. L. Graham, "Bounds on multiprocessing timing anomalies", 1969 (`graham`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def burst_begins(
    scheduled_s: Floats, ready_s: Floats, chain_s: Floats, share_s: Floats, resource: Ints, busy_until_s: Floats
) -> Ints:
    """Return for each run the position at which the burst that it belongs to begins, or -1 where that is unknown.

    Just before a burst begins, nothing waits and nothing runs.

    Args:
        scheduled_s: (n, runs) scheduled moments, ascending along runs; inf pads rows that are shorter.
        ready_s: (n, runs) moments at which the runs are ready to start [s], at or after `scheduled_s`.
        chain_s: (n, runs) length of backup, delays and copies one after another [s].
        share_s: (n, runs) sum over the limited pools of work through the pool over its slots [s].
        resource: (n, runs) which resource a run belongs to, 0 to resources - 1.
        busy_until_s: (n,) until when earlier runs, which are not listed, may keep the pools busy [s].
    """
    n, runs = scheduled_s.shape
    begins = np.full((n, runs), -1, dtype=np.int64)
    rows = np.arange(n)
    begin = np.full(n, -1, dtype=np.int64)
    end = busy_until_s.copy()
    ready = np.full(n, -np.inf)
    share = np.zeros(n)
    chains = np.zeros((n, int(resource.max(initial=0)) + 1))
    longest = np.zeros(n)
    for j in range(runs):
        fresh = scheduled_s[:, j] >= end
        begin[fresh] = j
        ready[fresh], share[fresh], longest[fresh] = -np.inf, 0.0, 0.0
        chains[fresh] = 0.0
        ready = np.maximum(ready, ready_s[:, j])
        share = share + share_s[:, j]
        chains[rows, resource[:, j]] += chain_s[:, j]
        longest = np.maximum(longest, chains[rows, resource[:, j]])
        # while the beginning is unknown the older runs' bound comes on top, since they may delay all of these
        known = begin >= 0
        end = np.where(known, ready + share + longest, np.maximum(busy_until_s, ready) + share + longest)
        begins[:, j] = begin
    return begins
