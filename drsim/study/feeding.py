"""Which of a scenario's inputs feed a figure: those that are worth a try when one asks what moves it.

An input is weighed by how long the parts of the downtime or of the data loss are that it feeds, in the mean of drills.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from drsim.catalogue import WORK
from drsim.changes.uncertain import Input
from drsim.engine import LOSS_PARTS
from drsim.study.measures import LOSS

_RESTORE_FAILURES = ("restore_failure", "restore_failure_tested")

_DOWNTIME: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(WORK["restore"], ("restore_s",)),
    **dict.fromkeys(_RESTORE_FAILURES, ("failed_s",)),
    **dict.fromkeys(WORK["launch"], ("launch_s",)),
    **dict.fromkeys((*WORK["failover"], "promote", "detection"), ("failover_s",)),
    **dict.fromkeys(WORK["retrieval"], ("retrieve_s",)),
    **dict.fromkeys(WORK["copy"], ("copy_s",)),
    **dict.fromkeys(WORK["log"], ("replay_s",)),
    "change_rate": ("restore_s", "replay_s", "copy_s"),
    **dict.fromkeys((*WORK["scan"], "dwell"), ("search_s",)),
    "slots": ("queue_s",),
    "duration": ("wait_s", "outage_s"),
    "rebuild": ("dependency_s",),
}
"""The parts of the downtime that an input feeds, by its parameter."""

_LOSS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("log_lag", "lag"), ("loss_lag_s",)),
    "dwell": ("loss_dwell_s",),
    **dict.fromkeys((*WORK["backup"], *WORK["copy"], "change_rate", "slots"), ("loss_unready_s",)),
    "expiry_delay": (),
    "log_failure": ("loss_lag_s", "loss_unready_s"),
    **dict.fromkeys(_RESTORE_FAILURES, ("loss_interval_s", "loss_unready_s")),
    "backups_attacked": LOSS_PARTS,
}
"""The parts of the data loss that an input feeds, by its parameter; how long points stay feeds none."""


def weighed(inputs: Sequence[Input], measure: str, log: pd.DataFrame, subject: str) -> list[Input]:
    """Return the inputs that feed a measure, those that feed its longest parts first."""
    weights = [(_weight(varied, measure, log, subject), varied) for varied in inputs]
    return [varied for _, varied in sorted((w for w in weights if w[0] > 0), key=lambda w: w[0], reverse=True)]


def _weight(varied: Input, measure: str, log: pd.DataFrame, subject: str) -> float:
    """Return how long the parts are that an input feeds, in the mean of the resources that it is of [s]; 0 for none.

    What feeds no part of the subject's own figure cannot move it by much.
    """
    fed = _LOSS if measure == LOSS.column else _DOWNTIME
    parts = fed.get(varied.parameter, ())
    of_subject = log[log["subject"] == subject]
    if not parts or not float(of_subject[list(parts)].fillna(0.0).to_numpy(dtype=float).sum()):
        return 0.0
    of_resources = log[log["subject"].isin(varied.resources or [subject])]
    if not len(of_resources):
        return 0.0
    return float(of_resources[list(parts)].fillna(0.0).to_numpy(dtype=float).sum(axis=1).mean())
