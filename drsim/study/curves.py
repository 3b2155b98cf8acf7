"""How probable it is that a data loss or a downtime exceeds a time: the whole distribution in a few hundred points."""

from __future__ import annotations

from typing import Any

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
        strategy: its name.
        disruption: its name.
        incidents: one row per drill and subject, with `subject`, `state`, `data_loss_s` and `downtime_s`.

    Returns:
        One row per point with `COLUMNS`: the share of drills [0 to 1] whose `measure` exceeds `time_s` [s], ascending
        from 0 s for each subject and measure. Each point is exact; of long curves some points are left out.
    """
    names, subject = codes(incidents["subject"])
    states, state = codes(incidents["state"])
    found: list[tuple[int, int, Floats, Floats]] = []
    for k in dict.fromkeys(subject.tolist()):
        own = subject == k
        is_state = {name: state[own] == states.index(name) for name in states}
        for m, measure in enumerate(MEASURES):
            times, shares = exceedance(is_state, incidents[measure].to_numpy(dtype=np.float64)[own])
            kept = _kept(len(times))
            found.append((k, m, times[kept], shares[kept]))
    points = [len(times) for _, _, times, _ in found]
    one = np.zeros(sum(points), dtype=np.intp)
    texts = {
        "strategy": (one, [strategy]),
        "disruption": (one, [disruption]),
        "subject": (np.repeat([k for k, *_ in found], points), names),
        "measure": (np.repeat([m for _, m, *_ in found], points), list(MEASURES)),
    }
    columns: dict[str, Any] = {
        name: pd.Categorical.from_codes(number, pd.Index(words)) for name, (number, words) in texts.items()
    }
    columns["time_s"] = np.concatenate([times for *_, times, _ in found])
    columns["probability"] = np.concatenate([shares for *_, shares in found])
    return pd.DataFrame(columns)


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
