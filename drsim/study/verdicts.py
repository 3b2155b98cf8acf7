"""Verdicts: whether a strategy meets an application's objectives, as far as the drills can tell."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache

from drsim.study.statistics import probability_interval, unanimous_drills

VERDICTS = ("unaffected", "no-objective", "met", "undecided", "breached", "unrecoverable", "unprotected")
"""All verdicts, best first; what is not struck needs nothing, and where nothing is wanted, nothing is missed."""

LOSING = ("unprotected", "unrecoverable")
"""The verdicts on what loses everything, too often at least; worst first."""

FAILING = (*LOSING, "breached")
"""The verdicts that `--fail-on breach` fires on, worst first: drills show that the objectives are not met."""

UNMET = (*FAILING, "undecided")
"""The verdicts that `--fail-on undecided` fires on, worst first: drills do not show that the objectives are met."""

FAIL_ON = {"breach": FAILING, "undecided": UNMET}
"""What a run can be told to fail on, and the verdicts that it then fails on."""

STRICT = 0.999
"""Attainments above it are met only where every affected drill meets, in as many as it takes for this one: no number
of drills shows 100 %."""

MOST_TO_DECIDE = 1_000_000
"""Drills beyond which the share is so near to the attainment that nobody asks how many it takes."""


def verdict(attainment: float, *, affected: int, unprotected: int, lost: int, hits: int | None) -> str:
    """Return the verdict on a subject that a disruption reaches, from tests in a fixed order.

    Args:
        attainment: the share of affected drills that is to meet the objectives, 0 to 1.
        affected: drills that reached the subject.
        unprotected: in how many of them nothing protected it.
        lost: in how many of them it was not recovered, unprotected ones included.
        hits: in how many of them the objectives were met; None where there is no objective.

    Returns:
        `no-objective`, `undecided`, `unprotected`, `unrecoverable`, `met` or `breached`.
    """
    if hits is None:
        return "no-objective"
    if not affected:
        return "undecided"
    if unprotected == affected:
        return "unprotected"
    # a sum, since 1 - 0.9 is less than 0.1 in floats
    if interval(lost, affected)[0] + attainment > 1:
        return "unrecoverable"
    return _reached(attainment, affected, hits) or "undecided"


def _reached(attainment: float, affected: int, hits: float) -> str:
    """Return whether drills show that a share is reached (`met`) or missed (`breached`); empty where they do not."""
    low, high = interval(hits, affected)
    is_strict = attainment > STRICT
    shown = hits == affected and affected >= unanimous_drills(STRICT) if is_strict else low >= attainment
    return "met" if shown else "breached" if high < attainment else ""


@lru_cache(maxsize=4096)
def interval(hits: float, drills: int) -> tuple[float, float]:
    """Return `probability_interval` of one share as plain floats."""
    low, high = probability_interval(hits, drills)
    return float(low), float(high)


@lru_cache(maxsize=4096)
def drills_to_decide(attainment: float, affected: int, hits: int) -> int | None:
    """Return about how many affected drills it takes to decide what is undecided.

    At least those that show the attainment where all meet it: 72 for 95 %, 368 for 99 %. Where so many left it open it
    is the number that decides if the share of drills that meet stays what it is; None where that is above
    `MOST_TO_DECIDE`.

    Args:
        attainment: as for `verdict`.
        affected: drills that reached the subject.
        hits: in how many of them the objectives were met.
    """
    fewest = unanimous_drills(min(attainment, STRICT))
    if affected < fewest:
        return fewest
    share = hits / affected

    def decides(number: int) -> bool:
        return bool(_reached(attainment, number, share * number))

    open_, decided = affected, 2 * affected
    while not decides(decided):
        if decided > MOST_TO_DECIDE:
            return None
        open_, decided = decided, 2 * decided
    while decided - open_ > max(1, decided // 100):
        middle = (open_ + decided) // 2
        open_, decided = (open_, middle) if decides(middle) else (middle, decided)
    return rounded_up(decided)


def rounded_up(number: int) -> int:
    """Return a number with two digits that count, not below it."""
    unit = int(10 ** max(0, math.floor(math.log10(number)) - 1))
    return -(-number // unit) * unit


def worst(verdicts: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """Return the worst verdict with whom it is on; of several the first.

    Args:
        verdicts: verdict and subject, at least one.
    """
    return max(verdicts, key=lambda each: VERDICTS.index(each[0]))


@lru_cache(maxsize=4096)
def hits_to_meet(attainment: float, affected: int) -> int | None:
    """Return in how many affected drills the objectives have to be met for the verdict `met`; None where none will do.

    Args:
        attainment: as for `verdict`.
        affected: drills that reached the subject.
    """
    if not affected or _reached(attainment, affected, affected) != "met":
        return None
    missed, met = -1, affected
    while met - missed > 1:
        middle = (missed + met) // 2
        missed, met = (missed, middle) if _reached(attainment, affected, middle) == "met" else (middle, met)
    return met
