"""Samples of drills, held against exact values within five standard errors."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from drsim.engine import run_drills
from tests.scenarios import HOUR, Parts, world

Floats = NDArray[np.float64]

DRILLS = 2000
SIGMAS = 5.0


def losses(parts: Parts, subject: str = "app.db", *, drills: int = DRILLS, column: str = "data_loss_s") -> Floats:
    """Return a figure of a subject in every drill [h]; nan where it did not recover."""
    log = run_drills(world(**parts), "it", 0, drills)
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
