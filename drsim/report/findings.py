"""What a study found out, in sentences: which strategy meets the objectives, at what cost, and what the others miss."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence

from drsim.report.judgements import (
    NOTHING_TO_MEET,
    Row,
    cheapest_first,
    enumerated,
    missed_objectives,
    monthly_bills,
    order_caveat,
    recommended,
    worst_verdicts,
)
from drsim.report.losses import yearly_losses
from drsim.report.money import short_rebuild_words
from drsim.report.summary_words import bare_share, drills_needed
from drsim.report.tables import records
from drsim.scenario import Objectives, ObjectiveSet
from drsim.scenario.subjects import application_of
from drsim.study.costs.breakeven import MONTHS, short_rebuild
from drsim.study.measures import OBJECTIVES, limits_in_words, row_limits
from drsim.study.results import Result
from drsim.study.verdicts import FAILING, LOSING, UNMET, VERDICTS

_MUCH = 0.05
"""The share of drills without recovery above which a recommendation mentions them, though nothing is asked."""


def findings(result: Result, in_force: Mapping[str, Objectives]) -> tuple[str, ...]:
    """Return a sentence for each application: the cheapest strategy that meets all its objectives, or what is missing.

    Where none meets all it names the nearest, but never one that loses everything where another does not.

    Args:
        result: of a study.
        in_force: the objectives of the applications to tell of, by name.
    """
    owner = result.summary["subject"].map(application_of)
    return tuple(
        _finding(result, name, objectives, records(result.summary[owner == name]))
        for name, objectives in in_force.items()
    )


def objectives_in_words(objectives: ObjectiveSet) -> str:
    """Return objectives as words: `RPO 1 h, RTO 4 h in 95 % of drills`, or `none`."""
    limits = {name: limits_in_words(objectives, key) for key, name in OBJECTIVES.items()}
    words = [f"{name} {limit}" for name, limit in limits.items() if limit]
    if not words:
        return "none"
    attainment = 1.0 if objectives.attainment is None else objectives.attainment
    how_often = "all" if attainment == 1 else f"{100 * attainment:g} % of"
    return f"{', '.join(words)} in {how_often} drills"


def _asked(objectives: Objectives, disruptions: Sequence[str]) -> str:
    """Return the objectives under most disruptions as words, and the names of the disruptions that have others."""
    groups: dict[str, list[str]] = {}
    for name in disruptions:
        groups.setdefault(objectives_in_words(objectives.under(name)), []).append(name)
    first, *others = sorted(groups, key=lambda words: -len(groups[words]))
    return f"{first}; others under {enumerated([d for words in others for d in groups[words]])}" if others else first


def _finding(result: Result, application: str, objectives: Objectives, all_rows: Sequence[Row]) -> str:
    """Return the sentence for one application.

    Args:
        result: of a study.
        application: its name.
        objectives: what is asked of it.
        all_rows: the rows of the summary of the application and its resources.
    """
    rows = [row for row in all_rows if row["subject"] == application]
    judged = {(row["strategy"], row["disruption"], row["subject"]): row for row in all_rows}
    if all(row["verdict"] in NOTHING_TO_MEET for row in rows):
        if all(row["verdict"] == "unaffected" for row in rows):
            return f"{application}: no disruption can reach it, so that nothing is judged."
        return f"{application}: no objectives are set, so that nothing is judged."
    usd, order = monthly_bills(result), cheapest_first(result)
    missed = missed_objectives(order, rows)
    good = [name for name in order if not missed[name]]
    number = len(result.run["disruptions"])
    all_ = "its only disruption" if number == 1 else f"all {number} disruptions"
    demand = f"its objectives ({_asked(objectives, result.run['disruptions'])}) under {all_}"
    if good:
        best = good[0]
        dearer = f"; {enumerated(good[1:])} {'do' if good[2:] else 'does'} so, too" if good[1:] else ""
        more = f"{dearer}{order_caveat(result, good)}{_unasked(best, rows)}"
        what = "cheapest" if good[1:] else "only"
        return f"{application}: {best} is the {what} strategy that meets {demand}, for {usd[best]}{more}."
    failing = any(row["verdict"] in FAILING for row in min(missed.values(), key=_badness))
    head = f"{application}: no strategy {'' if failing else 'surely '}meets {demand}."
    return f"{head} {_lacking(order, rows, judged)} {_nearest(result, missed, usd)}"


def _badness(missed: Sequence[Row]) -> tuple[int, int, int, float, float]:
    """Return how far a strategy is from meeting all: what it loses for good first, by how much it misses last."""
    words = [row["verdict"] for row in missed]
    losing = sum(word in LOSING for word in words)
    open_ = words.count("undecided")
    shares = [math.fsum(row[name] or 0.0 for row in missed) for name in ("p_unrecoverable", "p_meets")]
    return losing, len(words) - losing - open_, open_, shares[0], -shares[1]


def _loses_what_another_keeps(missed: Sequence[Row], others: Iterable[Sequence[Row]]) -> bool:
    """Return whether a strategy loses for good, under some disruption, surely more often than another one.

    Args:
        missed: what the strategy misses.
        others: what each of the others misses.
    """
    losing = [row for row in missed if row["verdict"] in LOSING]
    for rival_rows in others:
        known = {row["disruption"]: row for row in rival_rows if row["verdict"] in LOSING}
        for row in losing:
            rival = known.get(row["disruption"])
            if rival is None or (rival["p_unrecoverable_hi"] or 0.0) < (row["p_unrecoverable_lo"] or 0.0):
                return True
    return False


def _nearest(result: Result, missed: Mapping[str, Sequence[Row]], usd: Mapping[str, str]) -> str:
    """Return which strategy comes nearest and what it misses; none that loses for good what another keeps more often.

    Args:
        result: of a study.
        missed: what each strategy misses, cheapest first.
        usd: its cost per month, as text.
    """
    number = len(result.run["disruptions"])
    losing = {name: [row["disruption"] for row in rows if row["verdict"] in LOSING] for name, rows in missed.items()}
    near = [
        name
        for name, rows in missed.items()
        if len(losing[name]) < number
        and not _loses_what_another_keeps(rows, (other for rival, other in missed.items() if rival != name))
    ]
    if not near:
        words = [f"{name} under {enumerated(disruptions)}" for name, disruptions in losing.items()]
        return f"None comes near, since each loses everything too often: {'; '.join(words)}."
    best = min(near, key=lambda name: _badness(missed[name]))
    failed = [f"{row['disruption']} ({row['verdict']})" for row in missed[best] if row["verdict"] != "undecided"]
    open_ = [row["disruption"] for row in missed[best] if row["verdict"] == "undecided"]
    clauses = [f"it misses {enumerated(failed)}"] if failed else []
    clauses += [f"more drills decide {enumerated(open_)}"] if open_ else []
    met = number - len(missed[best])
    count = f" with {met} of {number}" if number > 1 else ""
    return f"{best} comes nearest{count}, for {usd[best]}: {'; '.join(clauses)}."


def _lacking(strategies: Sequence[str], rows: Sequence[Row], judged: Mapping[tuple[str, str, str], Row]) -> str:
    """Return what is missing: the disruptions under which no strategy meets, each with the best there is.

    Args:
        strategies: their names, cheapest first.
        rows: of the summary, of one application.
        judged: the rows of all subjects, by strategy, disruption and subject.
    """
    lacking = []
    for disruption in dict.fromkeys(row["disruption"] for row in rows):
        candidates = sorted(
            (r for r in rows if r["disruption"] == disruption), key=lambda r: strategies.index(r["strategy"])
        )
        on = {row["strategy"]: judged[row["strategy"], disruption, row["verdict_of"]] for row in candidates}
        best = min(candidates, key=lambda row: _lack_order(row["verdict"], on[row["strategy"]]))
        if best["verdict"] in UNMET:
            lack = _lack(on[best["strategy"]])
            lacking.append(f"under {disruption} {lack}")
    if not lacking:
        return "Each disruption has a strategy that stands it, but no strategy stands all."
    return f"What is missing: {'; '.join(lacking)}."


def _lack_order(verdict: str, row: Row) -> tuple[int, float, float]:
    """Return how bad a verdict is, and among equal ones the subject that it is on."""
    lost = (row["p_unrecoverable"] or 0.0) if verdict in LOSING else 0.0
    return VERDICTS.index(verdict), lost, -(row["p_meets"] or 0.0)


def _lack(row: Row) -> str:
    """Return what the best strategy lacks under one disruption.

    Args:
        row: of the summary, of the subject that the verdict is on.
    """
    name, subject = row["strategy"], row["subject"]
    if row["verdict"] == "unprotected":
        return f"nothing protects {subject}"
    if row["verdict"] == "unrecoverable":
        return f"{subject} is lost in {bare_share(row, 'p_unrecoverable')} of drills at best ({name})"
    if row["verdict"] == "undecided":
        return f"{name} may meet them ({drills_needed(row)} drills that reach {subject} decide)"
    judged = [objective for objective in OBJECTIVES if row_limits(row, objective)]
    parts = {
        objective: f"{OBJECTIVES[objective]} {row_limits(row, objective)} in {bare_share(row, f'p_meets_{objective}')}"
        for objective in judged
    }
    if len(judged) == 1:
        return f"{subject} meets {parts[judged[0]]} of drills at best ({name})"
    missed = [parts[objective] for objective in judged if row.get(f"verdict_{objective}") == "breached"]
    why = f", which meets {' and '.join(missed)}" if missed else ""
    return f"{subject} meets all at once in {bare_share(row, 'p_meets')} of drills at best ({name}{why})"


def _unasked(strategy: str, rows: Sequence[Row]) -> str:
    """Return a word on what a strategy loses where nothing is asked; empty where that is little."""
    unjudged = [row for row in rows if row["strategy"] == strategy and row["verdict"] == "no-objective"]
    losing = [row for row in unjudged if (row["p_unrecoverable_lo"] or 0.0) > _MUCH]
    words = [f"in {bare_share(row, 'p_unrecoverable')} of drills under {row['disruption']}" for row in losing]
    return f"; where nothing is asked it loses all {enumerated(words)}" if words else ""


def estate_finding(result: Result) -> str:
    """Return the sentence for many applications: of how many each strategy meets all objectives, and for how much.

    Args:
        result: of a study.
    """
    rows = records(result.summary[result.summary["level"] == "application"])
    usd = monthly_bills(result)
    worst = worst_verdicts(rows)
    subjects = dict.fromkeys(row["subject"] for row in rows)
    judged = [name for name in subjects if any(worst[s, name] not in NOTHING_TO_MEET for s in result.run["strategies"])]
    if not judged:
        return f"{len(subjects)} applications: no objectives are set, so that nothing is judged."
    parts = []
    for name in cheapest_first(result):
        verdicts = [worst[name, subject] for subject in judged]
        met = sum(verdict not in UNMET for verdict in verdicts)
        open_, lost = verdicts.count("undecided"), sum(verdict in LOSING for verdict in verdicts)
        more = f", and more drills decide {open_}" if open_ else ""
        more += f"; it loses {lost} for good too often" if lost else ""
        parts.append(f"{name} ({usd[name]}) meets those of {met or 'none'}{more}")
    unjudged = f"; {len(subjects) - len(judged)} more have none" if len(judged) < len(subjects) else ""
    return f"Objectives of {len(judged)} applications, each under all disruptions{unjudged}: {'; '.join(parts)}."


def headline(result: Result, in_force: Mapping[str, Objectives]) -> tuple[str, ...]:
    """Return the answer of a study: by objectives first, by money beside it, and why they differ.

    Args:
        result: of a study.
        in_force: the objectives of the applications to tell of, by name.
    """
    money = year_finding(result, in_force)
    return (*findings(result, in_force), *([money] if money else []))


def year_finding(result: Result, applications: Collection[str]) -> str:
    """Return the sentence on which strategy costs least in a year, bill and expected losses together.

    It names the strategy that objectives recommend, too, and why money has another. Empty where there is one strategy
    only, or nothing to lose.

    Args:
        result: of a study.
        applications: the applications whose objectives are told of.
    """
    if len(result.run["strategies"]) < 2:
        return ""
    losses: dict[str, float] = dict.fromkeys(result.run["strategies"], 0.0)
    unpriced: dict[str, set[str]] = {name: set() for name in losses}
    for loss in yearly_losses(result):
        losses[loss.strategy] += loss.usd
        unpriced[loss.strategy] |= set(loss.unpriced)
    if not any(losses.values()):
        return ""
    totals = records(result.costs[result.costs["line"] == "total"])
    bills = {row["strategy"]: row["usd_per_month"] for row in totals}
    left_out = set.union(*unpriced.values())
    unknown = [name for name, usd in bills.items() if usd is None]
    if unknown:
        return f"By money nothing is said: the bill of {enumerated(unknown)} has no price."
    if any(without_price != left_out for without_price in unpriced.values()):
        return (
            f"By money nothing is said: what {enumerated(sorted(left_out))} would lose has a price under some "
            "strategies only (unrecoverable_cost)."
        )
    slow = short_rebuild(result.events[~result.events["application"].isin(left_out)])
    if slow is not None:
        return f"By money nothing is said: {short_rebuild_words(slow)}."
    yearly = {name: (MONTHS * bills[name], losses[name]) for name in losses}
    without = f", leaving out {enumerated(sorted(left_out))}, whose losses have no price" if left_out else ""
    return _by_money(result, yearly, applications, without)


def _by_money(
    result: Result, yearly: Mapping[str, tuple[float, float]], applications: Collection[str], without: str
) -> str:
    """Return which strategy costs least in a year, and why it is not the one that objectives recommend.

    Args:
        result: of a study.
        yearly: the bill and the expected losses of each strategy [USD/year].
        applications: the applications whose objectives are told of.
        without: what the sums leave out, in words.
    """
    years = {name: math.fsum(parts) for name, parts in yearly.items()}
    best, chosen = min(years, key=years.__getitem__), recommended(result, applications)
    sums = (
        f"{years[best]:,.0f} USD a year, bill and expected losses together{without}{order_caveat(result, list(yearly))}"
    )
    if best == chosen:
        return f"By money {best} is first, too: {sums}."
    head = f"By money alone {best} is first: {sums}."
    rows = records(result.summary[result.summary["subject"].isin(applications)])
    missed = missed_objectives(list(yearly), rows)[best]
    names = list(dict.fromkeys(row["disruption"] for row in missed))
    if not chosen:
        number = len(result.run["disruptions"])
        whose = "of each application " if len(applications) > 1 else ""
        met = f"It meets the objectives {whose}under {number - len(names)} of {number} disruptions."
        return f"{head} {met}" if names else head
    bill, loss = (chosen_usd - best_usd for chosen_usd, best_usd in zip(yearly[chosen], yearly[best], strict=True))
    why = (
        f"but does not surely meet the objectives under {enumerated(names)}"
        if names
        else "and meets the objectives, too"
    )
    return (
        f"{head} {chosen} comes to {years[chosen]:,.0f}: its bill is {_by_how_much(bill)}, its expected losses are "
        f"{_by_how_much(loss)}. {best} costs less, {why}."
    )


def _by_how_much(usd: float) -> str:
    """Return a difference of money in a year [USD] in words."""
    return f"{abs(usd):,.0f} {'higher' if usd > 0 else 'lower'}"
