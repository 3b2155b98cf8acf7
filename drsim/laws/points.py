"""Which recovery points can be used, and which can still be copied: the laws that both clocks apply.

All arguments may be floats or arrays that broadcast together; moments in seconds since start.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

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


def restorable_moment(
    occurred_s: Times, contaminated_s: Times, log_lag_s: Times, window_s: float, plan_start_s: float
) -> tuple[Times, Truths]:
    """Return the newest good moment that continuous protection can restore, and whether its window reaches so far."""
    captured = np.minimum(occurred_s - log_lag_s, contaminated_s)
    return captured, captured >= np.maximum(occurred_s - window_s, plan_start_s)


def replayed_logs(captured_s: Times, anchors_s: NDArray[np.float64]) -> Times:
    """Return how much log follows the newest anchor at or before a moment [s of its making]; 0 without an anchor.

    Args:
        captured_s: the moment that is restored [s since start].
        anchors_s: (anchors,) moments of the anchors, ascending [s since start].
    """
    anchor = np.searchsorted(anchors_s, captured_s, side="right") - 1
    if not anchors_s.size:
        return captured_s * 0.0
    return np.where(anchor >= 0, captured_s - anchors_s[np.maximum(anchor, 0)], 0.0)
