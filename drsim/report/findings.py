"""What a study found out, in sentences: which strategy meets the objectives, at what cost, and what the others miss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from drsim.report.tables import monthly_usd, records
from drsim.study.results import Result
from drsim.study.verdicts import VERDICTS

_HELD = ("met", "no-objective")


def findings(result: Result, applications: Sequence[str] = ()) -> tuple[str, ...]:
    """Return a sentence for each application: the cheapest strategy that meets all its objectives, or the nearest.

    Args:
        result: of a study.
        applications: which ones; all where empty.
    """
    rows = records(result.summary[result.summary["level"] == "application"])
    applications = applications or list(dict.fromkeys(row["subject"] for row in rows))
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
    failed = [f"{row['disruption']} ({row['verdict']})" for row in missed[best] if row["verdict"] != "undecided"]
    undecided = [row["disruption"] for row in missed[best] if row["verdict"] == "undecided"]
    rest = [f"it misses them under {_listed(failed)}"] if failed else []
    rest += [f"more drills decide {_listed(undecided)}"] if undecided else []
    surely = "surely " if not failed else ""
    return (
        f"{application}: no strategy {surely}meets its objectives under all {number} disruptions. "
        f"{best} comes nearest, for {usd[best]} USD/month: {'; '.join(rest)}."
    )


def estate_finding(result: Result) -> str:
    """Return the sentence for many applications: of how many each strategy meets all objectives, and for how much.

    Args:
        result: of a study.
    """
    rows = records(result.summary[result.summary["level"] == "application"])
    usd = monthly_usd(result.costs)
    worst = worst_verdicts(rows)
    subjects = dict.fromkeys(row["subject"] for row in rows)
    parts = []
    for name in _by_cost(result):
        own = [worst[name, subject] for subject in subjects]
        met, open_ = (sum(verdict in wanted for verdict in own) for wanted in (_HELD, ("undecided",)))
        more = f", and more drills decide {open_}" if open_ else ""
        parts.append(f"{name} ({usd[name]} USD/month) meets those of {met or 'none'}{more}")
    return f"Objectives of {len(subjects)} applications, each under all disruptions: {'; '.join(parts)}."


def worst_verdicts(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """Return the worst verdict over all disruptions, by strategy and subject.

    Args:
        rows: of the summary.
    """
    found: dict[tuple[str, str], str] = {}
    for row in rows:
        key = row["strategy"], row["subject"]
        found[key] = max(found.get(key, VERDICTS[0]), row["verdict"], key=VERDICTS.index)
    return found


def _by_cost(result: Result) -> list[str]:
    """Return the strategies, cheapest first; those without any price last."""
    totals = result.costs[result.costs["line"] == "total"]
    usd = {row["strategy"]: row["usd_per_month"] for row in records(totals)}
    return sorted(result.run["strategies"], key=lambda name: (usd[name] is None, usd[name] or 0.0))


def _listed(words: Sequence[str]) -> str:
    """Return words as a list in a sentence."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
