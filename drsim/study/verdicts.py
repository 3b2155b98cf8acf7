"""Verdicts: whether a strategy meets an application's objectives, as far as the drills can tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

VERDICTS = ("no-objective", "met", "undecided", "breached", "unrecoverable", "unprotected")
"""All verdicts, best first; where nothing is wanted, nothing is missed."""

FIRING = ("unprotected", "unrecoverable", "breached", "undecided")
"""The verdicts that `--fail-on breach` fires on, worst first: all but `met` and `no-objective`."""


def verdict(
    attainment: float,
    *,
    drills: int,
    unaffected: int,
    unprotected: int,
    unrecoverable: int,
    intervals: list[tuple[float, float]],
) -> str:
    """Return the verdict on one subject, from tests in a fixed order.

    Args:
        attainment: the share of drills that is to meet each objective.
        drills: number of drills.
        unaffected: how many of them did not reach the subject.
        unprotected: in how many nothing protected it.
        unrecoverable: in how many nothing usable was left.
        intervals: of the probability to meet each objective that there is.

    Returns:
        `unprotected`, `unrecoverable`, `met`, `breached`, `undecided` or `no-objective`.
    """
    affected = drills - unaffected
    if affected and unprotected == affected:
        return "unprotected"
    # a sum, since 1 - 0.9 is less than 0.1 in floats: an exact tie must not fire
    if unrecoverable / drills + attainment > 1:
        return "unrecoverable"
    if not intervals:
        return "no-objective"
    if all(low >= attainment for low, _ in intervals):
        return "met"
    if any(high < attainment for _, high in intervals):
        return "breached"
    return "undecided"


def objective_verdict(row: Mapping[str, Any], objective: str, attainment: float | None) -> str:
    """Return the verdict on one subject for one of its objectives alone.

    Args:
        row: of the summary, with None where there is no value.
        objective: `rpo` or `rto`.
        attainment: as for `verdict`; None for all drills.
    """
    low, high = (row[f"p_meets_{objective}_{end}"] for end in ("lo", "hi"))
    return verdict(
        1.0 if attainment is None else attainment,
        drills=row["drills"],
        unaffected=row["unaffected"],
        unprotected=row["unprotected"],
        unrecoverable=row["unrecoverable"],
        intervals=[] if low is None else [(low, high)],
    )
