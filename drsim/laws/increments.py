"""How data grow and change: what an increment holds, and what logs do.

Equations: docs/explanation/model.md, "Jobs".
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from drsim.units import DAY_S, YEAR_S

Floats = NDArray[np.float64]


def grown(growth: float, moment_s: ArrayLike) -> Floats:
    """Return by what factor size and objects have grown at moments [s since start], at a yearly fraction."""
    return np.asarray((1 + growth) ** (np.asarray(moment_s, dtype=np.float64) / YEAR_S))


def fraction_unchanged(change_per_day: float, gap_s: ArrayLike) -> Floats:
    """Return the share of distinct bytes that a gap leaves as they were: (1 - c)^d over d days, any shape.

    Args:
        change_per_day: fraction c of distinct bytes changed within one day, 0 to 1.
        gap_s: time between two captures, any shape [s]. Infinite means nothing to build on: none of them.
    """
    gap = np.asarray(gap_s, dtype=np.float64)
    return np.where(np.isinf(gap), 0.0, (1 - change_per_day) ** (gap / DAY_S))


def fraction_changed(change_per_day: float, gap_s: ArrayLike) -> Floats:
    """Return the share of distinct bytes changed within a gap: 1 - (1 - c)^d over d days, any shape.

    It is what `fraction_unchanged` leaves, exact for gaps of seconds, too, of which next to nothing changes.

    Args:
        change_per_day: as of `fraction_unchanged`.
        gap_s: likewise; all of them over an infinite gap.

    Source: pricing-research `stored-increments`; checked by simulation (closed form C15b).
    """
    days = np.asarray(gap_s, dtype=np.float64) / DAY_S
    if change_per_day >= 1:
        return np.where(days > 0, 1.0, 0.0)
    finite = np.where(np.isinf(days), 0.0, days)
    return np.where(np.isinf(days), 1.0, -np.expm1(finite * math.log1p(-change_per_day)))


def changed_bytes(size_bytes: ArrayLike, change_per_day: float, gap_s: ArrayLike) -> Floats:
    """Return the distinct bytes changed within a gap [bytes]: S(1 - (1 - c)^d) over d days.

    Args:
        size_bytes: stored bytes S, any shape.
        change_per_day: as of `fraction_unchanged`.
        gap_s: likewise; all of S over an infinite gap.
    """
    return np.asarray(size_bytes, dtype=np.float64) * (1 - fraction_unchanged(change_per_day, gap_s))


def written_bytes(size_bytes: ArrayLike, change_per_day: float, span_s: ArrayLike) -> Floats:
    """Return how much is written in a span [bytes]: every write counts, not distinct bytes alone."""
    return np.asarray(size_bytes) * change_per_day * (np.asarray(span_s) / DAY_S)
