"""Sums of steady bills: by strategy, by application, and which of them can be compared."""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from drsim.scenario.subjects import application_of
from drsim.study.costs.amounts import ESTATE, is_estimated

APPLICATION_COLUMNS = (
    *("strategy", "application", "line", "usd_per_month", "priced", "unpriced"),
    "estimated_usd_per_month",
)
"""The columns of the costs by application; `application` is `estate` for what none has for itself, and the last is the
part of the cost that rests on estimates."""

_HALF_A_CENT = 0.005
_IN_CENTS_BELOW = 10.0
_MOST_NAMED = 3
"""Lines of a strategy that a note names."""

Row = Mapping[Hashable, Any]


@dataclass(frozen=True)
class Total:
    """A sum of lines of a bill, of which some may have no price.

    Attributes:
        usd: of the lines that have a price [USD/month].
        priced, unpriced: how many lines have one, and how many have none.
        missing: which have none, as the bill's total says; empty where all have one.
        estimated_usd: the part of the sum that rests on estimates [USD/month].
    """

    usd: float
    priced: int
    unpriced: int
    missing: str = ""
    estimated_usd: float = 0.0

    @property
    def lines(self) -> int:
        """How many lines there are."""
        return self.priced + self.unpriced

    @property
    def text(self) -> str:
        """The sum for people: `1,707`, `1,707 (of which ~346 estimated)` or `from 346 (8 of 22 lines priced)`."""
        return self.said(f"{self.usd:,.0f}")

    @property
    def brief(self) -> str:
        """The sum where there is little room: `1,707 (~346)` where so much of it is estimated, else as `text`."""
        if self.unpriced or not self.estimated_text:
            return self.text
        return f"{self.usd:,.0f} ({self.estimated_text.removesuffix(' estimated')})"

    def said(self, amount: str) -> str:
        """Return the sum in words that are given, such as `346 USD/month`, with what they leave out."""
        if math.isnan(self.usd):
            return "unknown"
        estimated = self.estimated_text
        if not self.unpriced:
            return f"{amount} (of which {estimated})" if estimated else amount
        asides = f"{self.priced} of {self.lines} lines priced" + (f", {estimated}" if estimated else "")
        return f"{f'from {amount}' if self.priced else 'unknown'} ({asides})"

    @property
    def estimated_text(self) -> str:
        """What of the sum rests on estimates, such as `~346 estimated`; empty where it is less than a cent."""
        return f"~{_short(self.estimated_usd)} estimated" if abs(self.estimated_usd) >= _HALF_A_CENT else ""

    def plus(self, usd: float) -> Total:
        """Return the sum and what comes on top of it, of the same lines."""
        return replace(self, usd=self.usd + usd)

    def times(self, factor: float) -> Total:
        """Return so many times the sum, of the same lines."""
        return replace(self, usd=factor * self.usd, estimated_usd=factor * self.estimated_usd)


def totals(costs: pd.DataFrame) -> dict[str, Total]:
    """Return the total of each strategy, in the order of the bills.

    Lines of which there is nothing do not count.

    Args:
        costs: steady costs, with `drsim.study.costs.STEADY_COLUMNS`.
    """
    rows = list(_lines(costs))
    by_strategy = {}
    wholes = costs[costs["line"] == "total"]
    for name, usd, basis in zip(
        wholes["strategy"], wholes["usd_per_month"].astype(float), wholes["basis"], strict=True
    ):
        known = _sum([row for row in rows if row["strategy"] == name])
        by_strategy[str(name)] = replace(known, usd=float(usd), missing=str(basis) if known.unpriced else "")
    return by_strategy


def costs_by_application(costs: pd.DataFrame) -> pd.DataFrame:
    """Return the steady costs by application and line [USD/month]; together they are the totals.

    Args:
        costs: steady costs, with `drsim.study.costs.STEADY_COLUMNS`.

    Returns:
        One row per strategy, application and line of which there is anything, with `APPLICATION_COLUMNS`. The cost is
        that of the lines with a price, NaN where none has one.
    """
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in _lines(costs):
        key = str(row["strategy"]), application_of(str(row["subject"])), str(row["line"])
        groups.setdefault(key, []).append(row)
    places = {name: k for k, name in enumerate(dict.fromkeys(str(name) for name in costs["strategy"]))}
    applications = dict.fromkeys(application for _, application, _ in groups)
    order = {name: k for k, name in enumerate(sorted(applications, key=lambda name: name == ESTATE))}
    rows = []
    for key in sorted(groups, key=lambda key: (places[key[0]], order[key[1]])):
        total = _sum(groups[key])
        usd = total.usd if total.priced else math.nan
        cells = (*key, usd, total.priced, total.unpriced, total.estimated_usd)
        rows.append(dict(zip(APPLICATION_COLUMNS, cells, strict=True)))
    return pd.DataFrame(rows, columns=list(APPLICATION_COLUMNS))


def comparable(costs: pd.DataFrame) -> tuple[tuple[str, ...], ...]:
    """Return the strategies in groups whose totals can be compared: those that lack the price of the same lines.

    Args:
        costs: steady costs, with `drsim.study.costs.STEADY_COLUMNS`.
    """
    groups: dict[frozenset[tuple[str, ...]], list[str]] = {}
    for name, unpriced in _unpriced(costs).items():
        groups.setdefault(frozenset(unpriced), []).append(name)
    return tuple(tuple(names) for names in groups.values())


def are_comparable(costs: pd.DataFrame, strategies: Collection[str]) -> bool:
    """Return whether the totals of some strategies lack the same prices, if any, so that they can be ranked.

    Args:
        costs: steady costs, with `drsim.study.costs.STEADY_COLUMNS`.
        strategies: which ones.
    """
    return len(comparable(costs[costs["strategy"].isin(list(strategies))])) < 2


def comparison_note(costs: pd.DataFrame) -> str:
    """Return what makes the totals of strategies incomparable; empty where they lack the same prices or none.

    Args:
        costs: steady costs, with `drsim.study.costs.STEADY_COLUMNS`.
    """
    if len(comparable(costs)) < 2:
        return ""
    unpriced = _unpriced(costs)
    shared = frozenset.intersection(*(frozenset(lines) for lines in unpriced.values()))
    parts = []
    for name, lines in unpriced.items():
        lacking = [f"{line} of {subject} in {place}" for line, subject, place, _ in sorted(set(lines) - shared)]
        more = f" and {len(lacking) - _MOST_NAMED} more" if len(lacking) > _MOST_NAMED else ""
        what = f"that of {', '.join(lacking[:_MOST_NAMED])}{more}" if lacking else "none more"
        parts.append(f"{name} lacks {what}")
    return f"Bills that lack the prices of different lines cannot be ranked: {'; '.join(parts)}."


def _unpriced(costs: pd.DataFrame) -> dict[str, dict[tuple[str, ...], None]]:
    """Return the lines without a price of each strategy, by line, subject, place and unit."""
    unpriced: dict[str, dict[tuple[str, ...], None]] = {str(name): {} for name in dict.fromkeys(costs["strategy"])}
    for row in _lines(costs):
        if math.isnan(row["usd_per_month"]):
            unpriced[str(row["strategy"])][tuple(str(row[c]) for c in ("line", "subject", "place", "unit"))] = None
    return unpriced


def _lines(costs: pd.DataFrame) -> Iterator[Row]:
    """Yield the rows of lines of which there is anything."""
    for row in costs[costs["line"] != "total"].to_dict("records"):
        if row["quantity"] != 0 or math.isnan(row["usd_per_month"]):
            yield row


def _sum(rows: list[Row]) -> Total:
    known = [row for row in rows if not math.isnan(row["usd_per_month"])]
    usd = math.fsum(float(row["usd_per_month"]) for row in known)
    estimated = math.fsum(float(row["usd_per_month"]) for row in known if is_estimated(row["basis"]))
    return Total(usd, len(known), len(rows) - len(known), estimated_usd=estimated)


def _short(usd: float) -> str:
    return f"{usd:,.0f}" if abs(usd) >= _IN_CENTS_BELOW else f"{usd:,.2f}"
