"""What a backup has to pass in order to leave a point, and how a bill says so."""

from __future__ import annotations

import math
from typing import NamedTuple

from drsim.laws.sampling import p_at_most
from drsim.units import format_duration
from drsim.world.streams import Stream as Rule

ALMOST = 0.9995
"""A share of the points from which on nothing is said of it."""


class Hurdles(NamedTuple):
    """How probable it is that a job starts within its window, completes within its window, and does not fail."""

    starts: float
    completes: float
    succeeds: float


def hurdles(rule: Rule, size_bytes: float, objects: float) -> Hurdles:
    """Return what a backup by a rule has to pass that moves so many bytes and objects."""
    starts = p_at_most(rule.start_delay, rule.start_window_s)
    completes = rule.work.p_within(rule.completion_window_s, size_bytes, objects)
    return Hurdles(starts, completes, 1 - rule.failure.p)


def said_of(rule: Rule, what: str, share: float, where: str = "") -> tuple[str, ...]:
    """Return a note on backups that may not complete; nothing where they as good as always do.

    Args:
        rule: whose backups they are.
        what: `backup` or `first backup`.
        share: the probability that one completes.
        where: in which of them.
    """
    if share >= ALMOST:
        return ()
    windows = [f"to start within {format_duration(rule.start_window_s)}"]
    if math.isfinite(rule.completion_window_s):
        windows.append(f"to complete within {format_duration(rule.completion_window_s)}")
    conditions = f"{', '.join(windows)}, {100 * rule.failure.p:.3g} % fail"
    if share == 0:
        return (f"{rule.rule}: no {what} leaves a point, so that nothing is stored ({conditions})",)
    return (f"{rule.rule}: a {what} leaves a point with a probability of {share:.4g}{where} ({conditions})",)
