"""What a study found out, in sentences: which strategy meets the objectives, at what cost, and what the others miss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from drsim.report.tables import monthly_usd, records
from drsim.study.results import Result

_HELD = ("met", "no-objective")


def findings(result: Result) -> tuple[str, ...]:
    """Return a sentence for each application: the cheapest strategy that meets all its objectives, or the nearest.

    Args:
        result: of a study.
    """
    rows = records(result.summary[result.summary["level"] == "application"])
    applications = dict.fromkeys(row["subject"] for row in rows)
    return tuple(_finding(result, name, [row for row in rows if row["subject"] == name]) for name in applications)


def _finding(result: Result, application: str, rows: Sequence[dict[str, Any]]) -> str:
    """Return the sentence for one application."""
    missed: dict[str, list[dict[str, Any]]] = {name: [] for name in result.run["strategies"]}
    for row in rows:
        if row["verdict"] not in _HELD:
            missed[row["strategy"]].append(row)
    if all(row["verdict"] == "no-objective" for row in rows):
        return f"{application}: no objectives are set, so that nothing is judged."
    usd = monthly_usd(result.costs)
    order = _by_cost(result)
    good = [name for name in order if not missed[name]]
    number = len(result.run["disruptions"])
    if good:
        best = good[0]
        dearer = f"; {_listed(good[1:])} {'do' if good[2:] else 'does'} so, too" if good[1:] else ""
        return (
            f"{application}: {best} is the cheapest strategy that meets its objectives under all {number} disruptions, "
            f"for {usd[best]} USD/month{dearer}."
        )
    least = min(len(missed[name]) for name in order)
    best = next(name for name in order if len(missed[name]) == least)
    failed = _listed([f"{row['disruption']} ({row['verdict']})" for row in missed[best]])
    return (
        f"{application}: no strategy meets its objectives under all {number} disruptions. {best} comes nearest, "
        f"for {usd[best]} USD/month: it misses them under {failed}."
    )


def _by_cost(result: Result) -> list[str]:
    """Return the strategies, cheapest first; those without any price last."""
    totals = result.costs[result.costs["line"] == "total"]
    usd = {row["strategy"]: row["usd_per_month"] for row in records(totals)}
    return sorted(result.run["strategies"], key=lambda name: (usd[name] is None, usd[name] or 0.0))


def _listed(words: Sequence[str]) -> str:
    """Return words as a list in a sentence."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
