"""The search for the newest clean point: which points people look at in vain before they come to it.

All arguments may be floats or arrays that broadcast together; moments in seconds since start.
Equations: docs/explanation/model.md, "The search for a clean point".
"""

from __future__ import annotations

from drsim.laws.points import Times, Truths


def is_infected(
    captured_s: Times, available_s: Times, expires_s: Times, occurred_s: Times, contaminated_s: Times
) -> Truths:
    """Return whether a point was there when the service stopped and holds data from after the damage.

    A point that was never captured (nan) is never infected.
    """
    return (available_s <= occurred_s) & (occurred_s < expires_s) & (captured_s > contaminated_s)


def is_flagged(available_s: Times, scan_s: Times, is_missed: Truths, occurred_s: Times) -> Truths:
    """Return whether a scan has told people of an infected point by the time the service stopped.

    Args:
        available_s: when the point became usable, at which its scan begins.
        scan_s: how long the scan takes [s].
        is_missed: whether scans do not know what has got in.
        occurred_s: when the service stopped.
    """
    return (available_s + scan_s <= occurred_s) & ~is_missed
