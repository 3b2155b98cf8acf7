"""The columns of the log that both clocks write, the words in it, and what is worked out for it alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from drsim.laws.jobs import fraction_changed, grown
from drsim.world.model import Resource

Floats = NDArray[np.float64]

STATES = ("unaffected", "recovered", "unrecoverable", "unprotected")
"""From best to worst."""
DOWNTIME_PARTS = (
    "wait_s", "detect_s", "declare_s", "dependency_s", "step_s", "impaired_s", "copy_s", "queue_s", "retrieve_s",
    "restore_s", "replay_s", "failed_s", "failover_s", "launch_s", "validate_s", "redirect_s", "outage_s",
)  # fmt: skip
LOSS_PARTS = ("loss_dwell_s", "loss_interval_s", "loss_unready_s", "loss_lag_s")
FIGURES = (
    "occurred_s", "contaminated_s", "captured_s", "data_loss_s", "downtime_s", "full_performance_s", "skew_s",
    "lost_after_s", "rebuild_s",
    *DOWNTIME_PARTS, *LOSS_PARTS,
    "data_loss_bytes",
)  # fmt: skip
TEXTS = ("level", "subject", "state", "recovered_by", "place", "struck")


def lost_bytes(resource: Resource, loss_s: ArrayLike, occurred_s: ArrayLike) -> Floats:
    """Return the data that one member of a resource has lost [bytes, whole]: what changed within its data loss.

    It is S(1 - (1 - c)^d) over a loss of d days, S being the member's size when the service stopped, growth counted.

    Args:
        resource: the resource.
        loss_s: the member's data loss, (n,) or one [s]; 0 for what has no data.
        occurred_s: when the service stopped, (n,) or one [s since start].

    Returns:
        (n,); of one loss (1,).
    """
    # as arrays on both clocks: a power of single numbers may differ from one of arrays in its last bit
    loss, occurred = np.atleast_1d(loss_s), np.atleast_1d(occurred_s)
    size = resource.size_bytes * grown(resource.growth, occurred)
    # of whole bytes sums are exact, in whatever order
    return np.rint(size * fraction_changed(resource.change_per_day, loss))
