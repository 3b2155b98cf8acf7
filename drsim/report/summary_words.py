"""Rows of the summary in words: percentiles, shares, verdicts, how often and of which drills."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from drsim.report.tables import Cell
from drsim.study.measures import Measure, measure_of
from drsim.study.summary import state_at
from drsim.study.verdicts import MOST_TO_DECIDE, STRICT


def misses(row: Mapping[str, Any]) -> str:
    """Return how often a year an objective is missed; a dash where nothing is asked, a bound where no drill missed.

    Args:
        row: of the summary.
    """
    value = row["breaches_per_year"]
    if value is None:
        return "–"
    if not value and row["affected"] and row["p_meets"] == 1:
        return f"below {plain_number(row['struck_per_year'] * (1 - row['p_meets_lo']), 2)}"
    return plain_number(value)


def plain_number(value: float, digits: int = 3) -> str:
    """Return a number with so many digits that count, none of them in an exponent: `0.00003`."""
    if not value:
        return "0"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    text = f"{float(f'{value:.{digits}g}'):,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def verdict_words(row: Mapping[str, Any]) -> Cell:
    """Return a verdict in words: with what it takes to decide it, in how many drills all is met, or whose it is.

    Args:
        row: of the summary.
    """
    verdict = str(row["verdict"])
    return Cell(f"{verdict}{_rests_on(row)}", verdict)


def plain_verdict(row: Mapping[str, Any]) -> Cell:
    """Return a verdict as `verdict_words` does, `no objective` without its hyphen."""
    verdict = str(row["verdict"])
    return Cell(f"{verdict.replace('-', ' ')}{_rests_on(row)}", verdict)


def _rests_on(row: Mapping[str, Any]) -> str:
    """Return what follows a verdict: what it takes to decide it, in how many drills all is met, or whose it is."""
    if row["verdict"] == "undecided":
        return f" (takes {drills_needed(row)})"
    if row["verdict"] == "met" and row["attainment"] > STRICT:
        return f" in all {row['affected']:,} drills"
    return "" if row["verdict_of"] == row["subject"] else f" ({row['verdict_of']})"


def reach_words(row: Mapping[str, Any]) -> str:
    """Return which drills the shares and percentiles of a row of the summary are of.

    Such as `the 97 of 300 drills that reach it`, or `the 300 drills that reach it` where all do.
    """
    affected, drills = int(row["affected"]), int(row["drills"])
    if not affected:
        return "none, since no drill reaches it"
    return f"the {affected:,}{'' if affected == drills else f' of {drills:,}'} drills that reach it"


def drills_needed(row: Mapping[str, Any]) -> str:
    """Return how many affected drills it takes to decide a row of the summary that is undecided."""
    needed = row["drills_to_decide"]
    return f"over {MOST_TO_DECIDE:,}" if needed is None else f"{needed:,.0f}"


def percentile(row: Mapping[str, Any], measure: str, name: str) -> str:
    """Return a percentile in words, or the state of the drill at its rank as a cell; a dash where there is no figure.

    Args:
        row: of the summary.
        measure: a column of the log, of one of `drsim.study.measures`.
        name: `p50`, `p90`, `p95` or `p99`.
    """
    state = state_at(row, name)
    if state == "unaffected":
        # no drill reached it; whether any can is what the verdict says
        return Cell(state, state) if row["verdict"] == state else "–"
    if state != "recovered":
        return Cell(state, state)
    value = row[f"{measure}_{name}"]
    return "–" if value is None else measure_of(measure).text(value)


def percentiles(rows: Sequence[Mapping[str, Any]], measure: str, name: str) -> tuple[str, ...]:
    """Return a percentile of rows that stand beside each other, as `percentile` does, in units that compare.

    Args:
        rows: of the summary.
        measure: a column of the log, of one of `drsim.study.measures`.
        name: `p50`, `p90`, `p95` or `p99`.
    """
    words = [percentile(row, measure, name) for row in rows]
    values = [row[f"{measure}_{name}"] for row in rows]
    known = [k for k, row in enumerate(rows) if state_at(row, name) == "recovered" and values[k] is not None]
    for k, text in zip(known, measure_of(measure).texts(values[k] for k in known), strict=True):
        words[k] = text
    return tuple(words)


def percentile_within(row: Mapping[str, Any], measure: Measure, quantile: str) -> str:
    """Return a percentile with its interval, or the word in its place."""
    name = f"{measure.column}_{quantile}"
    if row[name] is None:
        return percentile(row, measure.column, quantile)
    text, low, high = measure.within(row[name], *(row[f"{name}_{end}"] for end in ("lo", "hi")))
    return f"{text} ({low} to {high})"


def share(row: Mapping[str, Any], name: str) -> str:
    """Return a share of affected drills with its interval, such as `98.2 % (97.8-98.6)`.

    What no drill has seen is `below 0.06 %`, what all have seen `above 99.9 %`; a dash where nothing is asked, or no
    drill tells.

    Args:
        row: of the summary.
        name: `p_meets`, that of an objective such as `p_meets_rpo`, or `p_unrecoverable`.
    """
    text = bare_share(row, name)
    if row[name] in (None, 0, 1):
        return text
    return f"{text} ({_percent(row[f'{name}_lo'])}–{_percent(row[f'{name}_hi'])})"


def bare_share(row: Mapping[str, Any], name: str) -> str:
    """Return a share of affected drills as `share` does, without its interval."""
    p = row[name]
    if p is None:
        return "–"
    if p == 0:
        return f"below {_percent(row[f'{name}_hi'])} %"
    if p == 1:
        return f"above {_percent(row[f'{name}_lo'])} %"
    return f"{_percent(p)} %"


def _percent(p: float) -> str:
    """Return a probability in percent: two digits of the chance, or of the chance of the opposite."""
    small = 100 * min(p, 1 - p)
    digits = 1 if small <= 0 else max(1, 1 - math.floor(math.log10(small)))
    return f"{100 * p:.{min(digits, 6)}f}"
