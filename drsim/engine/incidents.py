"""The columns of the log that both clocks write, the words in it, and what is worked out for it alike."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from drsim.laws.increments import fraction_changed, grown
from drsim.world.model import Resource

Floats = NDArray[np.float64]

STATES = ("unaffected", "recovered", "unrecoverable", "unprotected")
"""What may become of a subject, from best to worst; arrays hold places in it."""
UNAFFECTED, RECOVERED, UNRECOVERABLE, UNPROTECTED = range(len(STATES))
AFFECTED_STATES = STATES[RECOVERED:]
"""What may become of a subject that a drill reaches."""
BY = ("", "failover", "point-in-time restore", "restore", "launch", "ride-out", "redundancy", "dependency")
"""How a subject was recovered; arrays hold places in it."""
LAUNCH, RIDE_OUT, REDUNDANCY, DEPENDENCY = (
    BY.index(word) for word in ("launch", "ride-out", "redundancy", "dependency")
)
DOWNTIME_PARTS = (
    "wait_s", "detect_s", "declare_s", "dependency_s", "step_s", "copy_s", "queue_s", "search_s", "retrieve_s",
    "restore_s", "replay_s", "failed_s", "failover_s", "launch_s", "validate_s", "redirect_s", "outage_s",
)  # fmt: skip
LOSS_PARTS = ("loss_dwell_s", "loss_interval_s", "loss_unready_s", "loss_lag_s")
FIGURES = (
    "occurred_s", "contaminated_s", "captured_s", "data_loss_s", "downtime_s", "full_performance_s", "skew_s",
    "lost_after_s", "rebuild_s",
    *DOWNTIME_PARTS, *LOSS_PARTS,
    "data_loss_bytes",
)  # fmt: skip


def worst(states: Iterable[str]) -> str:
    """Return the worst of several states; `unaffected` where there is none."""
    return max(states, key=STATES.index, default=STATES[UNAFFECTED])


def lost_bytes(resource: Resource, loss_s: Floats, occurred_s: Floats) -> Floats:
    """Return the data that members of a resource have lost together [bytes]: what changed within the loss of each.

    Of a member that is S(1 - (1 - c)^d) over a loss of d days, S being its size when the service stopped, growth
    counted; in whole bytes.

    Args:
        resource: the resource.
        loss_s: data loss of each member, (members, n) [s]; 0 for what is not struck, and for what has no data.
        occurred_s: when the service stopped, (n,) [s since start].

    Returns:
        (n,).
    """
    size = resource.size_bytes * grown(resource.growth, occurred_s)
    # powers may differ in the last bit from one length of arrays to another: whole bytes do not
    of_members = np.rint(size * fraction_changed(resource.change_per_day, loss_s))
    return added(of_members)


def added(losses: Iterable[Floats]) -> Floats:
    """Return the sum of several losses, each (n,), added one after the other, so that both clocks round alike."""
    total = np.zeros(1)
    for loss in losses:
        total = total + loss
    return total
