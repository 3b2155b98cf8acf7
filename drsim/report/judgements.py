"""What verdicts and bills say of strategies: their order, what each misses, which one they recommend."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from drsim.report.tables import records
from drsim.study.costs.totals import are_comparable, totals
from drsim.study.results import Result
from drsim.study.verdicts import UNMET, VERDICTS

Row = dict[str, Any]
"""A row of the summary."""

NOTHING_TO_MEET = ("unaffected", "no-objective")
"""The verdicts where there is nothing to meet."""


def missed_objectives(strategies: Sequence[str], rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Return the rows by strategy whose objectives drills do not show to be met.

    Args:
        strategies: their names, in order.
        rows: of the summary.
    """
    missed: dict[str, list[Row]] = {name: [] for name in strategies}
    for row in rows:
        if row["verdict"] in UNMET:
            missed[row["strategy"]].append(row)
    return missed


def monthly_bills(result: Result) -> dict[str, str]:
    """Return the bill of each strategy in words, with what it leaves out."""
    return {name: total.said(f"{total.usd:,.0f} USD/month") for name, total in totals(result.costs).items()}


def order_caveat(result: Result, strategies: Sequence[str]) -> str:
    """Return a word on bills that leave out different lines, which makes their order unsure; empty where none do."""
    if are_comparable(result.costs, strategies):
        return ""
    return "; which is cheapest is not certain, since their bills leave out different prices"


def recommended(result: Result, applications: Collection[str]) -> str:
    """Return the cheapest strategy that meets the objectives of some applications; empty where none does.

    Args:
        result: of a study.
        applications: their names.
    """
    rows = records(result.summary[result.summary["subject"].isin(applications)])
    if all(row["verdict"] in NOTHING_TO_MEET for row in rows):
        return ""
    missed = missed_objectives(cheapest_first(result), rows)
    return next((name for name, rows_missed in missed.items() if not rows_missed), "")


def telling_disruption(result: Result) -> str:
    """Return the disruption under which the strategies differ most in their verdicts; the first of several.

    Args:
        result: of a study.
    """
    rows = records(result.summary[result.summary["level"] == "application"])

    def verdicts(disruption: str) -> int:
        return len({(row["subject"], row["verdict"]) for row in rows if row["disruption"] == disruption})

    return str(max(result.run["disruptions"], key=verdicts))


def judged_application(result: Result) -> str:
    """Return the first application that is judged; the first of all where none is.

    Args:
        result: of a study.
    """
    rows = records(result.summary[result.summary["level"] == "application"])
    names = [row["subject"] for row in rows if row["verdict"] not in NOTHING_TO_MEET] or [rows[0]["subject"]]
    return str(names[0])


def worst_verdicts(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """Return the worst verdict over all disruptions, by strategy and subject.

    Args:
        rows: of the summary.
    """
    worst: dict[tuple[str, str], str] = {}
    for row in rows:
        key = row["strategy"], row["subject"]
        worst[key] = max(worst.get(key, VERDICTS[0]), row["verdict"], key=VERDICTS.index)
    return worst


def cheapest_first(result: Result) -> list[str]:
    """Return the strategies, cheapest first; those without any price last."""
    totals = result.costs[result.costs["line"] == "total"]
    usd = {row["strategy"]: row["usd_per_month"] for row in records(totals)}
    return sorted(result.run["strategies"], key=lambda name: (usd[name] is None, usd[name] or 0.0))


def enumerated(words: Sequence[str]) -> str:
    """Return words as a list in a sentence."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
