"""Samples of drills, held against exact values within five standard errors.

The vectorised clock makes them; the first few are made by the process clock, too, and are the same to the last bit.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drsim.engine import run_drills, run_vectorised
from tests.scenarios import HOUR, Parts, first_difference, world

Floats = NDArray[np.float64]

DRILLS = 2000
ON_BOTH_CLOCKS = 20
"""Drills that the process clock makes, too."""
SIGMAS = 5.0


def drilled(parts: Parts, drills: int = DRILLS) -> pd.DataFrame:
    """Return the log of drills of the disruption `it`, after both clocks have agreed on the first ones."""
    w = world(**parts)
    log = run_vectorised(w, "it", 0, drills)
    first = min(drills, ON_BOTH_CLOCKS)
    assert not first_difference(run_drills(w, "it", 0, first), log[log["drill"] < first])
    return log


def losses(parts: Parts, subject: str = "app.db", *, drills: int = DRILLS, column: str = "data_loss_s") -> Floats:
    """Return a figure of a subject in every drill [h]; nan where it did not recover."""
    log = drilled(parts, drills)
    return log.loc[log["subject"] == subject, column].to_numpy(dtype=np.float64) / HOUR


def holds(sample: Floats, **metrics: tuple[float, float]) -> None:
    """Check estimates against (exact value, kappa); `max` must not be exceeded, and be neared by kappa."""
    n = len(sample)
    for metric, (value, kappa) in metrics.items():
        if metric == "max":
            assert value - kappa <= sample.max() <= value + 1e-6
            continue
        estimate = sample.mean() if metric == "mean" else np.percentile(sample, float(metric[1:].replace("_", ".")))
        assert abs(estimate - value) <= SIGMAS * kappa / math.sqrt(n) + 1e-9 * abs(value), (metric, estimate, value)


def holds_share(hits: NDArray[np.bool_], p: float) -> None:
    """Check the share of drills that hit against a probability."""
    kappa = math.sqrt(p * (1 - p))
    assert abs(hits.mean() - p) <= SIGMAS * kappa / math.sqrt(len(hits)), (hits.mean(), p)
