"""The last look at a result: no figure is infinite, not a number where there is one, negative, or off the time grid.

What a scenario may say keeps within ranges (`drsim.ranges`), and products of what it says hardly leave them. Where one
does, a message names where, what, and the input that most likely led there; no table ever shows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drsim.errors import InputError, Problem
from drsim.ranges import MOMENT_S
from drsim.study.measures import MEASURES

Bools = NDArray[np.bool_]

MOMENTS = ("occurred_s", "contaminated_s", "captured_s")
"""Moments, which may lie before the begin of the horizon."""

_RECOVERED = tuple(measure.column for measure in MEASURES)
"""Figures that recoveries of applications have; a resource that has no data loses none."""

_INPUTS = {
    "detect_s": "`response.detect`",
    "declare_s": "`response.declare`",
    "search_s": "`response.inspect`, beside how many points are infected",
    "validate_s": "`response.validate`",
    "redirect_s": "`response.redirect`",
    "wait_s": "`act_after`",
    "outage_s": "the `duration` of the disruption",
    "dependency_s": "how long what it comes `after` takes to recover",
    "step_s": "the `duration` of its `steps`",
    "copy_s": "`copy_duration` or `copy_rate` beside its `size`",
    "queue_s": "the `limits`, beside what waits for them",
    "retrieve_s": "`cold_retrieval`",
    "restore_s": "`restore_duration`, or `restore_rate` and `restore_object_rate` beside its `size` and `objects`",
    "replay_s": "`log_replay_rate` or `log_replay_speed` beside its `size` and `change_rate`",
    "failed_s": "`restore_failure`, beside how long a restore takes",
    "failover_s": "`failover_duration`",
    "launch_s": "`launch_duration`",
    "rebuild_s": "`rebuild`",
    "loss_dwell_s": "the `dwell` of the disruption",
    "loss_interval_s": "the `schedule` or `every` of its rules",
    "loss_unready_s": "`backup_duration` and `copy_duration`, or their rates beside its `size`",
    "loss_lag_s": "`log_lag`, or the lag of its replication",
}
"""What a part of a time comes from, as a scenario writes it."""

_PARTS = {
    "data_loss_s": "`schedule` or `every`, `backup_duration` and `copy_duration`, the `dwell` of the disruption",
    "data_loss_bytes": "its `size`, `growth` and `change_rate`",
    "full_performance_s": "`restore_duration`, or `restore_rate` and `hydration_rate` beside its `size`",
    "lost_after_s": "`response`, and `restore_duration` of what proves useless",
}
"""What a time comes from, where its parts are not kept."""

_DOWNTIME = (
    "`response`, `restore_duration` (or `restore_rate` beside its `size`), `act_after`, the `duration` of outages"
)

_LARGEST = float(np.finfo(np.float64).max)
_RULE = f"a figure is finite, and no time is negative or longer than {MOMENT_S / (365 * 86400):.0f} y"


def check_incidents(strategy: str, disruption: str, incidents: pd.DataFrame) -> None:
    """Refuse incidents with times or sizes that cannot be.

    Args:
        strategy: under which they were found.
        disruption: that led to them.
        incidents: columns with names in `_s` are times [s], in `_bytes` sizes [bytes]; NaN where there is none.

    Raises:
        InputError: the first that is found, with the input that most likely led there.
    """
    times = [str(name) for name in incidents.columns if str(name).endswith("_s")]
    sizes = [str(name) for name in incidents.columns if str(name).endswith("_bytes")]
    for name in (*times, *sizes):
        most = MOMENT_S if name in times else _LARGEST
        wrong = _impossible(incidents[name], least=-MOMENT_S if name in MOMENTS else 0.0, most=most)
        if name in _RECOVERED:
            recovered = (incidents["state"] == "recovered").to_numpy() & (
                incidents["level"] == "application"
            ).to_numpy()
            wrong |= recovered & incidents[name].isna().to_numpy()
        if wrong.any():
            row = incidents.iloc[int(np.flatnonzero(wrong)[0])]
            raise InputError(
                (_problem(strategy, disruption, str(row["subject"]), name, row, times if name in times else []),)
            )


def check_tables(tables: Mapping[str, pd.DataFrame]) -> None:
    """Refuse tables with figures that are infinite or negative.

    Args:
        tables: by name. A cell without a figure is NaN.

    Raises:
        InputError: one problem for each table that has one, with the row and column of the first.
    """
    problems = tuple(problem for name, table in tables.items() for problem in _in_table(name, table))
    if problems:
        raise InputError(problems)


def _in_table(name: str, table: pd.DataFrame) -> Iterator[Problem]:
    """Yield a problem where a table has an impossible figure."""
    for column in table.select_dtypes("number").columns:
        wrong = _impossible(table[column], least=0.0, most=_LARGEST)
        if name == "costs" and "subject" in table.columns:
            # what an allowance of one spares others stands in a line of the estate's own, below zero
            wrong &= (table["subject"] != "estate").to_numpy() | _impossible(
                table[column], least=-_LARGEST, most=_LARGEST
            )
        if wrong.any():
            row = table.iloc[int(np.flatnonzero(wrong)[0])]
            keys = ("strategy", "disruption", "application", "subject", "line")
            place = ", ".join(str(row[key]) for key in keys if key in table.columns and isinstance(row[key], str))
            figure = f"{name}: {column} of {place} is {row[column]:.6g}"
            repair = "look at its sizes, counts, rates and prices: their product is out of range"
            yield Problem("", 0, "impossible-result", figure, "a figure is finite and not negative", repair)
            return


def _impossible(column: pd.Series[float], *, least: float, most: float) -> Bools:
    """Return which values are out of range; NaN, the sign of none, is not."""
    values = column.to_numpy(dtype=np.float64)
    return np.asarray((values < least) | (values > most))


def _problem(
    strategy: str, disruption: str, subject: str, name: str, row: pd.Series[float], times: list[str]
) -> Problem:
    """Return the problem of a row, with the part of its times that is largest."""
    figure = f"{subject} under {strategy} and {disruption}, drill {row['drill']}: {name} is {row[name]:.6g}"
    if name in _INPUTS:
        part = name
    else:
        parts = {time: abs(float(row[time])) for time in times if time in _INPUTS and not np.isnan(row[time])}
        part = max(parts, key=parts.__getitem__, default="")
    repair = (
        f"most of it comes from {_INPUTS[part]}: write less there"
        if part
        else f"it comes from {_PARTS.get(name, _DOWNTIME)}: write less there"
    )
    return Problem("", 0, "impossible-result", figure, _RULE, repair)
