"""How probable each value of a distribution is, as curves on a logarithmic axis."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drsim.distributions import Distribution
from drsim.units import format_duration, format_size

Floats = NDArray[np.float64]

_GRID = np.concatenate(
    [np.linspace(0.002, 0.05, 13)[:-1], np.linspace(0.05, 0.95, 91), np.linspace(0.95, 0.998, 13)[1:]]
)
"""Quantiles at which a distribution is looked at, closer together at its ends."""


LEAST = {"duration": 1.0, "rate": 1e5, "object-rate": 0.1}
"""What a logarithmic axis begins with, by kind: 1 s, 0.1 MB/s, one object in 10 s."""


def written(value: float, kind: str) -> str:
    """Return a time, a throughput or an amount a second with its unit."""
    if kind == "duration":
        return format_duration(value)
    return f"{format_size(value)}/s" if kind == "rate" else f"{value:,.3g} /s" if value < 1000 else f"{value:,.0f} /s"


def density(distribution: Distribution, least: float) -> tuple[Floats, Floats]:
    """Return values in ascending order and the density at them, on a logarithmic axis, as a share of its peak.

    Both are empty for a constant, or where everything lies below the least value.

    Args:
        distribution: of times, throughputs or amounts.
        least: what a logarithmic axis begins with.
    """
    x = np.maximum(distribution.ppf(_GRID), 0.5 * least)
    middle, width = np.sqrt(x[1:] * x[:-1]), np.diff(np.log(x))
    # where a distribution is cut off, many quantiles are one value
    is_drawn = (width > 1e-9) & (x[:-1] >= least)
    if not is_drawn.any():
        return np.empty(0), np.empty(0)
    heights = np.diff(_GRID)[is_drawn] / width[is_drawn]
    return middle[is_drawn], heights / heights.max()
