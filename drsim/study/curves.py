"""How probable it is that a data loss or a downtime exceeds a time: the whole distribution in a few hundred points."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drsim.study.summary import codes

COLUMNS = ("strategy", "disruption", "subject", "measure", "time_s", "probability")

MEASURES = ("data_loss_s", "downtime_s")

_EVEN, _LAST, _TAIL = 160, 20, 40
"""Points that lie evenly along a curve, the last ones, and those that crowd towards these: rare times matter most."""

Floats = NDArray[np.float64]


def exceedance_curves(strategy: str, disruption: str, incidents: pd.DataFrame) -> pd.DataFrame:
    """Return the exceedance curves of every subject under one strategy and one disruption.

    Args:
        strategy, disruption: their names.
        incidents: one row per drill and subject, with `subject`, `state`, `data_loss_s` and `downtime_s`.

    Returns:
        One row per point with `COLUMNS`: the share of drills [0 to 1] whose `measure` exceeds `time_s` [s], ascending
        from 0 s for each subject and measure. Each point is exact; of long curves some points are left out.
    """
    names, subject = codes(incidents["subject"])
    states, state = codes(incidents["state"])
    parts = []
    for k in dict.fromkeys(subject.tolist()):
        own = subject == k
        is_state = {name: state[own] == states.index(name) for name in states}
        for measure in MEASURES:
            times, shares = exceedance(is_state, incidents[measure].to_numpy(dtype=np.float64)[own])
            kept = _kept(len(times))
            keys = {"strategy": strategy, "disruption": disruption, "subject": names[k], "measure": measure}
            parts.append(pd.DataFrame({**keys, "time_s": times[kept], "probability": shares[kept]}))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS))


def exceedance(is_state: dict[str, NDArray[np.bool_]], values: Floats) -> tuple[Floats, Floats]:
    """Return times [s], ascending, and the share of drills that exceed each.

    A drill without recovery exceeds every time, an unaffected one none, nor does one that had no data to lose.

    Args:
        is_state: (drills,) which drills ended so, by state; none where a state is left out.
        values: (drills,) losses or downtimes [s], NaN where there is none.

    Returns:
        Two arrays of one shape, the first time 0.
    """
    lost = sum(int(is_state[name].sum()) for name in ("unrecoverable", "unprotected") if name in is_state)
    recovered = is_state.get("recovered", np.zeros(len(values), dtype=np.bool_))
    times, counts = np.unique(values[recovered & ~np.isnan(values)], return_counts=True)
    if not times.size or times[0] > 0:
        times, counts = np.append(0.0, times), np.append(0, counts)
    exceeding = lost + counts.sum() - np.cumsum(counts)
    return times, exceeding / max(len(values), 1)


def _kept(points: int) -> NDArray[np.intp]:
    """Return the places of the points to keep, first and last among them."""
    if points <= _EVEN + _LAST + _TAIL:
        return np.arange(points)
    from_end = np.concatenate([np.arange(_LAST), np.geomspace(_LAST, points / 4, _TAIL)])
    even = np.linspace(0, points - 1, _EVEN)
    return np.unique(np.round(np.concatenate([even, points - 1 - from_end])).astype(np.intp))
