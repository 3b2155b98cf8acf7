"""When backup rules run, and which of their runs are made.

Times are seconds since the scenario's start, negative before it, and lie on the time grid.
Every run carries an index that depends on its moment alone, never on the span asked for: random draws hang on it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from drsim import cron, draws

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def is_within(moments_s: Floats, begin_s: float, end_s: float) -> Bools:
    """Return which moments lie in a window, its begin included and its end not, of any shape."""
    return np.asarray((moments_s >= begin_s) & (moments_s < end_s))


def every_runs(period_s: float, lo_s: float, hi_s: float) -> tuple[Floats, Ints]:
    """Return the runs of a rule that runs every `period_s`: k times the period, for every integer k.

    Args:
        period_s: time between two runs [s], above 0.
        lo_s: begin of the span [s].
        hi_s: end of the span [s], exclusive.

    Returns:
        Their times [s] and their indices k, each of shape (runs,), ascending.
    """
    # one more at either end: a time may cross the bound when it is rounded to the grid
    index = np.arange(math.floor(lo_s / period_s) - 1, math.ceil(hi_s / period_s) + 2, dtype=np.int64)
    times = draws.on_grid(index.astype(np.float64) * period_s)
    within = is_within(times, lo_s, hi_s)
    return times[within], index[within]


def cron_runs(fields: cron.CronFields, tz: str, start_epoch: int, lo_s: float, hi_s: float) -> tuple[Floats, Ints]:
    """Return the runs of a rule with a cron schedule.

    Args:
        fields: the schedule.
        tz: IANA name of its time zone.
        start_epoch: the scenario's start [s since 1970-01-01 UTC].
        lo_s: begin of the span [s since the start].
        hi_s: end of the span [s since the start], exclusive.

    Returns:
        Their times [s since the start] and their indices, the minute since 1970-01-01 UTC; each of shape (runs,),
        ascending.
    """
    epochs = cron.occurrences(fields, tz, start_epoch + math.ceil(lo_s), start_epoch + math.ceil(hi_s))
    return (epochs - start_epoch).astype(np.float64), epochs // 60


def meet(begins: Floats, window_s: float, others: Floats, other_window_s: float) -> Bools:
    """Return which windows of a rule meet a window of another rule, (runs,).

    Args:
        begins: of the windows of the one [s], (runs,), ascending.
        window_s: how long they are [s].
        others: begins of those of the other [s], ascending.
        other_window_s: how long those are [s].
    """
    # [s, s + v) meets [t, t + w) just if t - v < s < t + w
    first = np.searchsorted(others, begins - other_window_s, side="right")
    return np.asarray(first < np.searchsorted(others, begins + window_s, side="left"))


def kept_runs(times: Sequence[Floats], windows_s: Sequence[float], retentions_s: Sequence[float]) -> list[Bools]:
    """Return which runs of the rules of one backup plan are made.

    Where start windows [t, t + window) of two rules overlap, AWS Backup makes only the backup under the rule with the
    longer retention; equal retention keeps the rule written first. A run that is not made suppresses nothing, and no
    rule suppresses its own runs.

    A run near the ends of the span is judged without what lies beyond them: what is at least `suppression_reach_s`
    away from both ends is judged as it would be in any longer span.

    Args:
        times: for each rule, in the order written, its runs [s], shape (runs of the rule,), ascending.
        windows_s: each rule's start window [s], above 0.
        retentions_s: each rule's retention [s]; infinite where points are kept for ever.

    Returns:
        For each rule whether each run is made, in the shapes of `times`.
        Source: AWS Backup Developer Guide, "Backup plan options and configuration".
    """
    kept: dict[int, Bools] = {}
    for rule in sorted(range(len(times)), key=lambda k: -retentions_s[k]):  # stable: the rule written first wins
        begins, made = times[rule], np.ones(len(times[rule]), dtype=np.bool_)
        for other, chosen in kept.items():
            made &= ~meet(begins, windows_s[rule], times[other][chosen], windows_s[other])
        kept[rule] = made
    return [kept[rule] for rule in range(len(times))]


def suppression_reach_s(windows_s: Sequence[float]) -> float:
    """Return how far from a run what decides about it can lie [s]: a chain of one window for each other rule.

    Args:
        windows_s: start windows of the rules of one plan [s].
    """
    return max(windows_s, default=0.0) * max(len(windows_s) - 1, 0)


def standing_gap(times_s: Floats, lineage: Sequence[tuple[Floats, float]]) -> Floats:
    """Return the time since the newest earlier run whose point still exists [s]; infinite where there is none.

    Args:
        times_s: runs of one rule [s], any shape.
        lineage: runs of each rule whose points these can build on [s], ascending, and how long those are kept [s]. A
            point kept for as long as it is old is gone.
    """
    newest = np.full(np.shape(times_s), -np.inf)
    for runs, kept_s in lineage:
        earlier = np.concatenate(([-np.inf], runs))[np.searchsorted(runs, times_s, side="left")]
        newest = np.maximum(newest, np.where(times_s - earlier < kept_s, earlier, -np.inf))
    gap: Floats = times_s - newest
    return gap


def first_of_days(days: Ints) -> Bools:
    """Return which of ascending days are the first of their kind."""
    return np.diff(days, prepend=-(2**62)) > 0
