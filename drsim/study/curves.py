"""How probable it is that a measure exceeds a value: the whole distribution in a few hundred points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drsim.study.dealing import codes, grouped
from drsim.study.measures import MEASURES, Measure

COLUMNS = ("strategy", "disruption", "subject", "measure", "value", "probability")

_EVEN, _LAST, _TAIL = 160, 20, 40
"""Points that lie evenly along a curve, the last ones, and those that crowd towards these: rare times matter most."""

Floats = NDArray[np.float64]


def exceedance_curves(
    strategy: str, disruption: str, incidents: pd.DataFrame, measures: Sequence[Measure] = MEASURES
) -> pd.DataFrame:
    """Return the exceedance curves of every subject under one strategy and one disruption.

    Args:
        strategy: its name.
        disruption: its name.
        incidents: one row per drill and affected subject, with `subject`, `state` and a column of each measure;
            those that count in the summary.
        measures: what to draw curves of.

    Returns:
        One row per point with `COLUMNS`: the share of the drills that reached the subject [0 to 1] whose `measure`
        exceeds `value` [s or bytes], ascending from 0 for each subject and measure. Each point is exact; of long curves
        some points are left out. What no drill reached has no curve.
    """
    names, subject = codes(incidents["subject"])
    recovered = (incidents["state"] == "recovered").to_numpy()
    figures = {m.column: incidents[m.column].to_numpy(dtype=np.float64) for m in measures}
    curves: list[tuple[int, int, Floats, Floats]] = []
    by_subject = grouped(subject, np.arange(len(subject)))
    for k, rows in sorted(by_subject.items(), key=lambda item: int(item[1][0])):
        is_recovered = recovered[rows]
        for m, column in enumerate(figures.values()):
            values, shares = exceedance(is_recovered, column[rows])
            kept = _kept(len(values))
            curves.append((k, m, values[kept], shares[kept]))
    points = [len(values) for _, _, values, _ in curves]
    one = np.zeros(sum(points), dtype=np.intp)
    texts = {
        "strategy": (one, [strategy]),
        "disruption": (one, [disruption]),
        "subject": (np.repeat([k for k, *_ in curves], points), names),
        "measure": (np.repeat([m for _, m, *_ in curves], points), list(figures)),
    }
    columns: dict[str, Any] = {
        name: pd.Categorical.from_codes(number, pd.Index(words)) for name, (number, words) in texts.items()
    }
    columns["value"] = np.concatenate([np.zeros(0), *(values for *_, values, _ in curves)])
    columns["probability"] = np.concatenate([np.zeros(0), *(shares for *_, shares in curves)])
    return pd.DataFrame(columns)


def exceedance(is_recovered: NDArray[np.bool_], values: Floats) -> tuple[Floats, Floats]:
    """Return values, ascending, and the share of drills that exceed each.

    A drill without recovery exceeds every value, one that had no data to lose none.

    Args:
        is_recovered: (drills,) which of the drills that reached the subject it recovered from; at least one drill.
        values: (drills,) of a measure [s or bytes], NaN where there is none.

    Returns:
        Two arrays of one shape, the first value 0.
    """
    exceeded, counts = np.unique(np.nan_to_num(values[is_recovered], nan=0.0), return_counts=True)
    if not exceeded.size or exceeded[0] > 0:
        exceeded, counts = np.append(0.0, exceeded), np.append(0, counts)
    return exceeded, (len(values) - np.cumsum(counts)) / len(values)


def _kept(points: int) -> NDArray[np.intp]:
    """Return the places of the points to keep, first and last among them."""
    if points <= _EVEN + _LAST + _TAIL:
        return np.arange(points)
    from_end = np.concatenate([np.arange(_LAST), np.geomspace(_LAST, points / 4, _TAIL)])
    even = np.linspace(0, points - 1, _EVEN)
    return np.unique(np.round(np.concatenate([even, points - 1 - from_end])).astype(np.intp))
