"""Which recovery points can be used, and which can still be copied: the laws that both clocks apply.

All arguments may be floats or arrays that broadcast together; moments in seconds since start.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

Times = Any
"""A float or an array of floats."""
Truths = Any
"""A bool or an array of bools."""


def is_usable(
    captured_s: Times, available_s: Times, expires_s: Times, occurred_s: Times, contaminated_s: Times
) -> Truths:
    """Return whether a point was there when the service stopped and holds data from before the damage.

    A point that was never captured (nan) is never usable.
    """
    return (available_s <= occurred_s) & (occurred_s < expires_s) & (captured_s <= contaminated_s)


def is_cold(captured_s: Times, cold_after_s: Times, moment_s: Times) -> Truths:
    """Return whether a point has moved to cold storage by a moment."""
    return moment_s - captured_s >= cold_after_s


def is_beyond_copying(
    captured_s: Times, cold_after_s: Times, delete_after_s: Times, expiry_delay_s: Times, moment_s: Times
) -> Truths:
    """Return whether a point is cold, which AWS does not copy, or gone, which nobody can read."""
    age_s = moment_s - captured_s
    return (age_s >= cold_after_s) | (age_s >= delete_after_s + expiry_delay_s)


def gone_s(available_s: Times, completed: Sequence[int], over: Sequence[int] = ()) -> Times:
    """Return when a point goes because its copies are made; infinite where one that has to be is not.

    Args:
        available_s: (..., copies) when each copy became usable; inf where it never did [s since start].
        completed: positions of the copies that all have to be completed.
        over: positions of those that only have to be over; one that failed is taken to be.
    """
    made = np.asarray(available_s)
    done = made[..., list(completed)].max(axis=-1)
    others = made[..., list(over)]
    last = np.where(np.isinf(others), -np.inf, others).max(axis=-1, initial=-np.inf)
    return np.where(np.isinf(done), np.inf, np.maximum(done, last))


def wanted_moment(occurred_s: Times, contaminated_s: Times, log_lag_s: Times) -> Times:
    """Return the newest moment that logs reach and whose data are good: what continuous protection is asked for."""
    return np.minimum(occurred_s - log_lag_s, contaminated_s)


def restored_moment(wanted_s: Times, gap_s: Times, occurred_s: Times, window_s: float) -> tuple[Times, Truths]:
    """Return the moment to which logs since a base restore, and whether the window reaches back to it.

    Args:
        wanted_s: of `wanted_moment`.
        gap_s: where the log after the base breaks off; inf where it does not.
        occurred_s: when the service stopped.
        window_s: how far back the protection reaches [s]; the base itself may be older.
    """
    captured = np.minimum(wanted_s, gap_s)
    return captured, captured >= occurred_s - window_s


def gap_begins(base_s: Times, due_s: Times, quantile: Times) -> Times:
    """Return where the log breaks off between a base and the moment at which the next one is due."""
    return base_s + quantile * np.maximum(due_s - base_s, 0.0)


def oldest_acceptable(newest_s: Times, occurred_s: Times, tolerance_s: float, rpo_s: Times) -> Times:
    """Return how old an option may be that is taken for being quicker than the newest one.

    Losses within the tolerance of the least count as equal; but what is beyond the RPO never displaces what is
    within it.
    """
    tolerated, within = newest_s - tolerance_s, occurred_s - rpo_s
    return np.where(newest_s >= within, np.maximum(tolerated, within), tolerated)
