"""Money in words: sums, prices, the lines of bills, and what has no price."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from drsim.study.costs.amounts import is_estimated
from drsim.study.costs.breakeven import (
    ShortRebuild,
)
from drsim.study.costs.totals import Total, comparison_note, totals
from drsim.study.results import Result
from drsim.units import format_number

UNKNOWN = "unknown"
"""In the place of a sum whose lines have no price."""

ABOUT = "~"
"""Before a price that is estimated, and before what is paid at it."""

MOST_RESOURCES = 200
"""Rows of a table by resource, or by application and disruption."""

_LINE_WORDS = {
    "storage-warm": "warm storage",
    "storage-cold": "cold storage",
    "continuous": "continuous backup",
    "tests": "restore tests",
    "scans": "malware scans",
    "data-loss": "data loss",
    "unrecoverable": "losing everything",
    "rebuild": "downtime of what is lost",
}
"""Lines that have other words where people read them than in files."""

_KEY_WORDS = {
    "downtime_cost": "cost of downtime",
    "data_loss_cost": "cost of data loss",
    "unrecoverable_cost": "cost of losing all",
    "data-loss": "data loss",
    "storage-warm": "warm storage",
    "storage-cold": "cold storage",
    "without: ": "without ",
}
"""Keys of scenarios and lines in words."""


def line_words(line: str) -> str:
    """Return a line of a bill or of an incident in words."""
    return _LINE_WORDS.get(line, line)


def basis_words(basis: str) -> str:
    """Return a basis with words in the place of keys."""
    for key, words in _KEY_WORDS.items():
        basis = basis.replace(key, words)
    return basis


def usd(value: float | None) -> str:
    """Return money for people [USD]: thousands marked, cents below 100; `unknown` where there is no price."""
    if value is None or math.isnan(value):
        return UNKNOWN
    return f"{value:,.2f}" if abs(value) < 100 else f"{value:,.0f}"


def total_words(total: Total) -> str:
    """Return a sum for people [USD], with how many of its lines have a price."""
    return total.said(usd(total.usd))


def unit_price(value: float | None) -> str:
    """Return a price of one unit [USD], with the digits that count."""
    if value is None:
        return UNKNOWN
    return f"{value:,.0f}" if value >= 1000 else f"{value:,.6g}"


def about(text: str, basis: object) -> str:
    """Return a price, or what is paid at it, marked where the price is estimated.

    Args:
        text: the number for people.
        basis: of the line that it stands on, as a table of costs has it.
    """
    return f"{ABOUT}{text}" if is_estimated(basis) else text


def price_basis(row: Mapping[str, Any]) -> str:
    """Return how a price is known, and from which sources."""
    basis, source = basis_words(row["basis"] or ""), row["source"] or ""
    return f"{basis}; source: {source}" if source else basis


def unpriced_notes(result: Result) -> tuple[str, ...]:
    """Return what the bills leave out, and whether they can be compared."""
    bills = totals(result.costs)
    notes = [f"{strategy}: {basis_words(bill.missing)}" for strategy, bill in bills.items() if bill.missing]
    notes += [note] if (note := comparison_note(result.costs)) else []
    return tuple(notes)


NO_PRICE = "no cost of losing all (unrecoverable_cost) is given"
"""Why a loss has no price."""


def listed(words: Sequence[str]) -> str:
    """Return words in a row, of many the first eight."""
    return ", ".join(words) if len(words) <= 8 else f"{', '.join(words[:8])} and {len(words) - 8} more"


def short_rebuild_words(short: ShortRebuild) -> str:
    """Return why a rebuild forbids to compare by money, in words."""
    rebuild, recovery = format_number(short.rebuild_h), format_number(short.recovery_h)
    return (
        f"the rebuild of {short.application} is too short to compare by money: {rebuild} h on average, "
        f"while recoveries under {short.disruption} with {short.strategy} take {recovery} h, so that "
        "losing everything would come out cheaper"
    )
