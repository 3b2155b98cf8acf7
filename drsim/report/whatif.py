"""A strategy before and after a change: figures side by side, in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import pandas as pd

from drsim.engine.incidents import RECOVERED, STATES
from drsim.report.comparison import monthly_usd
from drsim.report.money import usd
from drsim.report.summary_words import bare_share, misses, percentile, plain_number, plain_verdict, reach_words
from drsim.report.tables import Cell, Column, Table, records, verdict_of
from drsim.report.vega import style
from drsim.report.vega.exceedance import exceedance_chart
from drsim.scenario import ObjectiveSet
from drsim.study.measures import OBJECTIVES, Measure, asked, objectives_asked, row_limits
from drsim.study.results import Result, check_definitions
from drsim.study.verdicts import VERDICTS

Sense = Literal["better", "worse", "other", "same"]
"""What a change is: for the better or the worse, neither of both, or none."""

BEFORE, AFTER = "as it is", "changed"


@dataclass(frozen=True)
class Figure:
    """One figure after a change, beside what it was.

    Attributes:
        label: what it is.
        value: what it is now.
        interval: where it lies, with 95 % confidence; empty where that is not asked.
        change: how it differs, in words.
        up: whether it grew; None where it did not change, or has no order.
        sense: whether that is good.
    """

    label: str
    value: str
    interval: str
    change: str
    up: bool | None
    sense: Sense


def figures(before: Result, after: Result, disruption: str, subject: str) -> tuple[Figure, ...]:
    """Return what a change does to a subject under a disruption, and to the costs.

    Args:
        before: of the strategy as it is, and of no other.
        after: of the strategy changed, and of no other.
        disruption: its name.
        subject: `app` or `app.resource`; the expected yearly loss is that of its application.

    Raises:
        InputError: one of them has other definitions than this version's.
    """
    check_definitions(before.run, after.run)
    old, new = (_row(result, disruption, subject) for result in (before, after))
    shown = [_measured(old, new, measure, p) for measure in asked((old, new)) for p in ("p50", "p95")]
    shown += [_met(old, new, objective) for objective in objectives_asked((old, new))]
    shown.append(_lost(old, new))
    shown.append(_verdict(old, new))
    shown.append(_per_year("Misses a year", "breaches_per_year", old, new, misses(new)))
    struck = "struck_per_year"
    shown.append(_per_year("Struck a year", struck, old, new, plain_number(new[struck])))
    shown.append(_money("Steady cost", "USD/month", *(_monthly(result) for result in (before, after))))
    application = subject.split(".", maxsplit=1)[0]
    yearly = (_yearly(result, disruption, application) for result in (before, after))
    shown.append(_money("Expected loss", "USD/year", *yearly))
    return tuple(shown)


def change_table(before: Result, after: Result, subject: str) -> Table:
    """Return what a change does to a subject under every disruption; arguments and refusals as for `figures`."""
    check_definitions(before.run, after.run)
    rows = []
    pairs = {name: [_row(result, name, subject) for result in (before, after)] for name in after.run["disruptions"]}
    measures = asked(row for pair in pairs.values() for row in pair)
    for disruption, (old, new) in pairs.items():
        cells = [_both(plain_verdict(old), plain_verdict(new))]
        cells += [_both(*(percentile(row, measure.column, "p95") for row in (old, new))) for measure in measures]
        rows.append((disruption, *cells))
    measured = (Column(f"{measure.title} p95", numeric=True) for measure in measures)
    columns = (Column("disruption"), Column("verdict"), *measured)
    title = f"{subject} under every disruption, {after.run['drills']:,} drills each; before → after where they differ"
    return Table(title, columns, tuple(rows))


def change_chart(
    before: Result, after: Result, disruption: str, subject: str, objectives: ObjectiveSet, measure: str
) -> style.Chart:
    """Return how probable a longer loss or downtime is, before and after a change.

    Args:
        before: as for `figures`.
        after: as for `figures`.
        disruption: its name.
        subject: `app` or `app.resource`.
        objectives: those in force.
        measure: a column of the log, of one of `drsim.study.measures`.

    Raises:
        InputError: as for `figures`.
    """
    check_definitions(before.run, after.run)
    curves = pd.concat(
        [result.curves.assign(strategy=name) for name, result in ((BEFORE, before), (AFTER, after))], ignore_index=True
    )
    summary = pd.concat([before.summary, after.summary], ignore_index=True)
    both = replace(after, curves=curves, summary=summary, run={**after.run, "strategies": [BEFORE, AFTER]})
    chart: style.Chart = exceedance_chart(both, disruption, subject, objectives, measure).properties(height=340)
    return chart


def _row(result: Result, disruption: str, subject: str) -> dict[str, Any]:
    summary = result.summary
    (row,) = records(summary[(summary["disruption"] == disruption) & (summary["subject"] == subject)])
    return row


def _both(old: str, new: str) -> str:
    """Return what a cell holds before and after a change, with the later verdict; once where both are the same."""
    return new if old == new else Cell(f"{old} → {new}", verdict_of(new))


def _measured(old: Mapping[str, Any], new: Mapping[str, Any], measure: Measure, p: str) -> Figure:
    """Return a percentile of a measure, of which less is better."""
    label = f"{measure.words[:1].upper()}{measure.words[1:]}, {p}"
    was, now = percentile(old, measure.column, p), percentile(new, measure.column, p)
    name = f"{measure.column}_{p}"
    ends = [new[f"{name}_{end}"] for end in ("lo", "hi")]
    words = new[name] is None
    # in the unit of the figure above it
    interval = "" if words or None in ends else " to ".join(measure.within(new[name], *ends)[1:])
    if words or old[name] is None:
        if was == now:
            return Figure(label, now, interval, "as before", None, "same")
        ranks = [STATES.index(verdict_of(cell) or STATES[RECOVERED]) for cell in (was, now)]
        return Figure(label, now, interval, f"was {was}", ranks[1] > ranks[0], _sense(ranks[1] - ranks[0]))
    difference = new[name] - old[name]
    if difference == 0:
        return Figure(label, now, interval, "as before", None, "same")
    change = f"{measure.text(abs(difference))} {measure.more if difference > 0 else measure.less}"
    return Figure(label, now, interval, change, difference > 0, _sense(difference))


def _sense(difference: float) -> Sense:
    """Return whether a difference is good of what should be small."""
    return "worse" if difference > 0 else "better" if difference < 0 else "same"


def _met(old: Mapping[str, Any], new: Mapping[str, Any], objective: str) -> Figure:
    """Return the share of affected drills that meet an objective, of which more is better."""
    why = "no drill reached it" if row_limits(new, objective) else "no objective"
    return _share(f"Meets {OBJECTIVES[objective]}", f"p_meets_{objective}", old, new, why, more_is="better")


def _lost(old: Mapping[str, Any], new: Mapping[str, Any]) -> Figure:
    """Return the share of affected drills without recovery, of which less is better."""
    return _share("Not recovered", "p_unrecoverable", old, new, "no drill reached it", more_is="worse")


def _share(
    label: str,
    name: str,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    why_none: str,
    *,
    more_is: Literal["better", "worse"],
) -> Figure:
    """Return a share of affected drills beside what it was; `why_none` says why there may be none."""
    if new[name] is None:
        return Figure(label, why_none, "", "as before", None, "same")
    value = bare_share(new, name)
    interval = f"{100 * new[f'{name}_lo']:.1f} to {100 * new[f'{name}_hi']:.1f} %"
    if old[name] is None or old[name] == new[name]:
        return Figure(label, value, interval, "as before", None, "same")
    difference = new[name] - old[name]
    sense = _sense(difference if more_is == "worse" else -difference)
    return Figure(label, value, interval, _points(difference), difference > 0, sense)


def reached(result: Result, disruption: str, subject: str) -> str:
    """Return which drills the figures of a subject under a disruption are of: `the 97 of 300 drills that reach it`.

    Args:
        result: of the strategy, and of no other.
        disruption: its name.
        subject: `app` or `app.resource`.
    """
    return reach_words(_row(result, disruption, subject))


def _points(difference: float) -> str:
    """Return a difference of shares in points of percent."""
    points = abs(100 * difference)
    # of what no drill shows, the points of percent are few but not none
    size = f"{points:.1f}" if points >= 0.05 else "under 0.1"
    return f"{size} points {'more' if difference > 0 else 'less'}"


def _per_year(label: str, name: str, old: Mapping[str, Any], new: Mapping[str, Any], text: str) -> Figure:
    """Return how often something happens [1/year], of which less is better; `text` is what it is now."""
    was, now = old[name], new[name]
    if was is None or now is None or was == now:
        return Figure(label, text, "", "as before", None, "same")
    words = f"{plain_number(abs(now - was))} {'more' if now > was else 'less'}"
    return Figure(label, text, "", words, now > was, _sense(now - was))


def _verdict(old: Mapping[str, Any], new: Mapping[str, Any]) -> Figure:
    was, now = plain_verdict(old), plain_verdict(new)
    if old["verdict"] == new["verdict"]:
        return Figure("Verdict", now, "", "as before", None, "same")
    worse = VERDICTS.index(new["verdict"]) - VERDICTS.index(old["verdict"])
    return Figure("Verdict", now, "", f"was {was}", None, _sense(worse))


def _monthly(result: Result) -> tuple[float | None, str]:
    (row,) = records(result.costs[result.costs["line"] == "total"])
    (text,) = monthly_usd(result.costs).values()
    return row["usd_per_month"], text


def _yearly(result: Result, disruption: str, application: str) -> tuple[float | None, str]:
    """Return the expected loss a year of an application under a disruption; unpriced where something has no price."""
    events = result.events
    is_of_application = (
        (events["disruption"] == disruption) & (events["line"] == "total") & (events["application"] == application)
    )
    # its own incidents, and those of what it requires; what cannot be reached loses nothing
    values = [row["expected_yearly_loss_usd"] for row in records(events[is_of_application])]
    value = None if None in values else math.fsum(values)
    return value, "unpriced" if value is None else usd(value)


def _money(label: str, unit: str, old: tuple[float | None, str], new: tuple[float | None, str]) -> Figure:
    label = f"{label} [{unit}]"
    (was, was_text), (now, text) = old, new
    if was is None or now is None:
        same = was_text == text
        return Figure(label, text, "", "as before" if same else f"was {was_text}", None, "same" if same else "other")
    difference = now - was
    if abs(difference) < 0.005:
        return Figure(label, text, "", "as before", None, "same")
    words = f"{usd(abs(difference))} {'more' if difference > 0 else 'less'}"
    return Figure(label, text, "", words, difference > 0, _sense(difference))
