"""What a study found out, in sentences: which strategy meets the objectives, at what cost, and what the others miss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from drsim.report.cost_tables import yearly_losses
from drsim.report.tables import monthly_usd, records
from drsim.scenario import Objectives, ObjectiveSet
from drsim.study.costs.breakeven import MONTHS
from drsim.study.results import Result
from drsim.study.verdicts import VERDICTS
from drsim.units import format_duration

_HELD = ("met", "no-objective")


def findings(result: Result, asked: Mapping[str, Objectives]) -> tuple[str, ...]:
    """Return a sentence for each application: the cheapest strategy that meets all its objectives, or the nearest.

    Args:
        result: of a study.
        asked: the objectives of the applications to tell of, by name.
    """
    rows = records(result.summary[result.summary["level"] == "application"])
    return tuple(
        _finding(result, name, objectives, [row for row in rows if row["subject"] == name])
        for name, objectives in asked.items()
    )


def objectives_in_words(objectives: ObjectiveSet) -> str:
    """Return objectives as words: `RPO 1 h, RTO 4 h in 95 % of drills`, or `none`."""
    limits = (("RPO", objectives.rpo), ("RTO", objectives.rto))
    words = [f"{name} {format_duration(limit)}" for name, limit in limits if limit is not None]
    if not words:
        return "none"
    attainment = 1.0 if objectives.attainment is None else objectives.attainment
    return f"{', '.join(words)} in {100 * attainment:g} % of drills"


def _asked(objectives: Objectives, disruptions: Sequence[str]) -> str:
    """Return the objectives under most disruptions as words, and the names of the disruptions that have others."""
    groups: dict[str, list[str]] = {}
    for name in disruptions:
        groups.setdefault(objectives_in_words(objectives.under(name)), []).append(name)
    first, *others = sorted(groups, key=lambda words: -len(groups[words]))
    return f"{first}; others under {_listed([d for words in others for d in groups[words]])}" if others else first


def _finding(result: Result, application: str, objectives: Objectives, rows: Sequence[dict[str, Any]]) -> str:
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
    asked = f"its objectives ({_asked(objectives, result.run['disruptions'])}) under all {number} disruptions"
    if good:
        best = good[0]
        dearer = f"; {_listed(good[1:])} {'do' if good[2:] else 'does'} so, too" if good[1:] else ""
        return f"{application}: {best} is the cheapest strategy that meets {asked}, for {usd[best]} USD/month{dearer}."
    least = min(len(missed[name]) for name in order)
    best = next(name for name in order if len(missed[name]) == least)
    failed = [f"{row['disruption']} ({row['verdict']})" for row in missed[best] if row["verdict"] != "undecided"]
    undecided = [row["disruption"] for row in missed[best] if row["verdict"] == "undecided"]
    rest = [f"it misses {_listed(failed)}"] if failed else []
    rest += [f"more drills decide {_listed(undecided)}"] if undecided else []
    surely = "surely " if not failed else ""
    return (
        f"{application}: no strategy {surely}meets {asked}. {best} comes nearest with {number - least} of {number}, "
        f"for {usd[best]} USD/month: {'; '.join(rest)}."
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
    # where nothing is asked and nothing is lost there is nothing to meet
    asked = [name for name in subjects if any(worst[s, name] != "no-objective" for s in result.run["strategies"])]
    if not asked:
        return f"{len(subjects)} applications: no objectives are set, so that nothing is judged."
    parts = []
    for name in _by_cost(result):
        own = [worst[name, subject] for subject in asked]
        met, open_ = (sum(verdict in wanted for verdict in own) for wanted in (_HELD, ("undecided",)))
        more = f", and more drills decide {open_}" if open_ else ""
        parts.append(f"{name} ({usd[name]} USD/month) meets those of {met or 'none'}{more}")
    rest = f"; {len(subjects) - len(asked)} more have none" if len(asked) < len(subjects) else ""
    return f"Objectives of {len(asked)} applications, each under all disruptions{rest}: {'; '.join(parts)}."


def year_finding(result: Result) -> str:
    """Return the sentence on which strategy costs least in a year, bill and expected losses together.

    Empty where there is one strategy only, or a price is missing that is not missing for all alike.

    Args:
        result: of a study.
    """
    if len(result.run["strategies"]) < 2:
        return ""
    losses: dict[str, float] = {}
    unpriced: dict[str, set[str]] = {name: set() for name in result.run["strategies"]}
    for each in yearly_losses(result):
        losses[each.strategy] = losses.get(each.strategy, 0.0) + each.usd
        unpriced[each.strategy] |= set(each.unpriced)
    totals = records(result.costs[result.costs["line"] == "total"])
    bills = {row["strategy"]: row["usd_per_month"] for row in totals}
    left_out = set.union(*unpriced.values())
    if any(usd is None for usd in bills.values()) or any(own != left_out for own in unpriced.values()):
        return ""
    years = {name: MONTHS * usd + losses.get(name, 0.0) for name, usd in bills.items()}
    best = min(years, key=years.__getitem__)
    without = f", leaving out {_listed(sorted(left_out))}, whose losses have no price" if left_out else ""
    if not any(losses.values()):
        return ""
    return (
        f"Bill and expected losses of a year together are lowest with {best}: {years[best]:,.0f} USD/year{without}. "
        "The page Cost has the parts."
    )


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
    """Return the first application that has objectives; the first of all where none has.

    Args:
        result: of a study.
    """
    rows = records(result.summary[result.summary["level"] == "application"])
    names = [row["subject"] for row in rows if row["verdict"] != "no-objective"] or [rows[0]["subject"]]
    return str(names[0])


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
