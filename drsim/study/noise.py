"""What of a difference between two runs of the same drills is more than the luck of these.

Both runs have the same luck, drill for drill. So the drills are drawn anew, with replacement, for both alike (the
bootstrap, in pairs): what differs the same way whichever drills are drawn does not hang on a few of them.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from drsim import draws

Floats = NDArray[np.float64]

RESAMPLES = 400
"""How often the drills are drawn anew."""

SAME_WAY = 0.995
"""Share of these in which a difference has to go the way it goes in the drills themselves.

So high since a score of differences is looked at: at 95 % one of these would be luck.
"""

_WHOLE = 1e-9
"""What a rank may be off by and still be whole, as a float."""


class Resamples:
    """Drills, and as many drawn from them again and again.

    Args:
        drills: how many.
    """

    def __init__(self, drills: int) -> None:
        stream = draws.key(0, "drills", "resamples")
        quantiles = draws.uniform(stream, np.arange(RESAMPLES)[:, np.newaxis], np.arange(drills))
        drawn = (quantiles * drills).astype(np.intp)
        self._drills = np.vstack([np.arange(drills, dtype=np.intp), drawn])

    def percentile(self, figures: Floats, q: float) -> Floats:
        """Return a percentile in the drills themselves, then in each of the resamples, (1 + RESAMPLES,).

        Args:
            figures: (drills,), NaN of a drill that does not count, infinite of one that ranks last and has none.
            q: the fraction, such as 0.95.

        Returns:
            Infinite where the drill at the percentile has no figure, NaN where no drill counts.
        """
        ordered = np.sort(figures[self._drills], axis=1)  # what does not count comes last
        counts = np.count_nonzero(~np.isnan(ordered), axis=1)
        ranks = q * np.maximum(counts - 1, 0)
        lower, upper = np.floor(ranks + _WHOLE).astype(np.intp), np.ceil(ranks - _WHOLE).astype(np.intp)
        rows = np.arange(len(ordered))
        below, above = ordered[rows, lower], ordered[rows, upper]
        # between two neighbours, of which the upper may have no figure
        step = np.where(np.isfinite(above), above, 0.0) - np.where(np.isfinite(below), below, 0.0)
        weights = np.where(upper > lower, ranks - lower, 0.0)
        return np.asarray(np.where(np.isfinite(above), below + weights * step, above))


def difference(one: Floats, other: Floats) -> Floats:
    """Return how much more one percentile is than another, as `Resamples.percentile` returns them.

    Infinite where only one of them is; none where both are, or where no drill counts.
    """
    with np.errstate(invalid="ignore"):
        differences = np.nan_to_num(one - other, nan=0.0, posinf=math.inf, neginf=-math.inf)
    return np.where(one == other, 0.0, differences)


def is_beyond(differences: Floats) -> bool:
    """Return whether a difference is more than the luck of the drills.

    Args:
        differences: (1 + RESAMPLES,), of `difference`.
    """
    way = np.sign(differences[0])
    return bool(way) and float(np.mean(np.sign(differences[1:]) == way)) >= SAME_WAY
