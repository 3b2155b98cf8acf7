"""Sensitivities in words and as a table: what moves data loss, downtime and cost most."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Mapping
from typing import Any

from drsim.report.tables import Column, Table, records
from drsim.study.sensitivity import NOT_VARIED, PRICE_RANGE, TIMES, Sensitivity, ranked
from drsim.units import format_duration

MEASURES = {
    "data_loss_s": "data loss",
    "downtime_s": "downtime",
    "p_unrecoverable": "probability of no recovery",
    "usd_per_month": "steady cost",
    "usd_per_year": "expected yearly loss",
}
"""What inputs are ranked by, in words."""

_UNKNOWN = {
    "usd_per_year": "unpriced",
    "usd_per_month": "unknown",
    "p_meets_rpo": "no objective",
    "p_meets_rto": "no objective",
}
"""Words in the place of figures that there are none of."""

_TABLE = (
    Column("input"),
    Column("basis", rank=3),
    Column("low", numeric=True, rank=2),
    Column("high", numeric=True, rank=2),
    Column("downtime p95", numeric=True),
    Column("data loss p95", numeric=True),
    Column("USD/month", numeric=True),
    Column("no recovery", numeric=True, rank=4),
    Column("USD/year lost", numeric=True, rank=4),
    Column("meets RTO", numeric=True, rank=4),
    Column("meets RPO", numeric=True, rank=4),
    Column("source", rank=4),
)
_CELLS = ("downtime_s", "data_loss_s", "usd_per_month", "p_unrecoverable", "usd_per_year", "p_meets_rto", "p_meets_rpo")


def figure(row: Mapping[str, Any], measure: str, end: str) -> str:
    """Return what is measured at one end of an input, with its unit: `3.1 h`, `4.2 %`, `10,093 USD/month`, or a state.

    Args:
        row: of the inputs.
        measure: a measure.
        end: `low`, `base` or `high`.
    """
    if measure in TIMES and row[f"{measure}_{end}_state"]:
        return str(row[f"{measure}_{end}_state"])
    value = row[f"{measure}_{end}"]
    if value is None or math.isnan(value):
        return _UNKNOWN[measure]
    if measure in TIMES:
        return format_duration(value)
    if measure.startswith("p_"):
        return f"{100 * value:.3g} %"
    return f"{value:,.0f} USD/{'month' if measure == 'usd_per_month' else 'year'}"


def finding(found: Sensitivity, measure: str) -> str:
    """Return the sentence that says which input moves a measure most, and from where to where."""
    words = MEASURES[measure] + (", p95," if measure in TIMES else "")
    rows = records(ranked(found, measure).head(1))
    if not rows:
        return f"Nothing that was varied moves the {words.removesuffix(',')}."
    row = rows[0]
    ends = ", ".join(f"{figure(row, measure, end)} at {row[end]}" for end in ("low", "high"))
    return f"What moves the {words} most is {row['input']}: {ends}. As it is: {figure(row, measure, 'base')}."


def sensitivity_table(found: Sensitivity, by: str = "downtime_s", source: str = "") -> Table:
    """Return all inputs as a table: those that move a measure most first, then the others in their order.

    Args:
        found: of a study.
        by: the measure.
        source: the scenario as the user names it, for the command below; none if left out.
    """
    first = ranked(found, by)
    rest = found.inputs[~found.inputs.index.isin(first.index)]
    rows = [*records(first), *records(rest)]
    base = {f"{m}_base": rows[0][f"{m}_base"] for m in _CELLS} | {
        f"{m}_base_state": rows[0][f"{m}_base_state"] for m in TIMES
    }
    as_is = ("as it is", "", "", "", *(_bare(figure(base, m, "base")) for m in _CELLS), "")
    cells = [
        (row["input"], row["basis"], row["low"], row["high"], *(_change(row, m) for m in _CELLS), row["source"])
        for row in rows
    ]
    title = (
        f"{found.name}: {found.strategy} under {found.disruption}, {found.subject}; one input at a time, "
        f"{found.drills} drills with the same luck, seed {found.seed}"
    )
    return Table(title, _TABLE, (as_is, *cells), (*notes(), *([_explain(found, source)] if source else [])))


def notes() -> tuple[str, ...]:
    """Return what to know when reading sensitivities."""
    return (
        "From low to high; a dash: it stays as it is.",
        "A distribution is put to its 5th and its 95th percentile, what has none to half and double.",
        f"Prices are varied by {PRICE_RANGE:.0%}".replace("%", " %") + ": an assumption, since lists state no range.",
        *NOT_VARIED,
    )


def _explain(found: Sensitivity, source: str) -> str:
    words = ("drsim", "explain", source, "--strategy", found.strategy, "--disruption", found.disruption)
    return f"See one incident:  {shlex.join(words)}"


def _change(row: Mapping[str, Any], measure: str) -> str:
    """Return from where to where an input moves a measure; a dash where it does not."""
    low, base, high = (_bare(figure(row, measure, end)) for end in ("low", "base", "high"))
    if low == base == high:
        return "–"
    unit = f" {high.rsplit(' ', 1)[-1]}"
    # the unit once, where both have the same
    return f"{low.removesuffix(unit)} … {high}" if low.endswith(unit) else f"{low} … {high}"


def _bare(text: str) -> str:
    """Return a sum of money without its unit, which stands above the column."""
    return text.partition(" USD/")[0]


def command(found: Sensitivity, source: str) -> str:
    """Return the command that repeats a study.

    Args:
        found: of the study.
        source: the scenario as the user names it.
    """
    words = ["drsim", "sensitivity", source, "--strategy", found.strategy, "--disruption", found.disruption]
    return shlex.join([*words, "--subject", found.subject, "--drills", str(found.drills), "--seed", str(found.seed)])


def to_json(found: Sensitivity) -> str:
    """Return a study as JSON; no value is `null`."""
    keys = ("name", "strategy", "disruption", "subject", "drills", "seed")
    base = {k: None if isinstance(v, float) and math.isnan(v) else v for k, v in found.base.items()}
    data = {key: getattr(found, key) for key in keys} | {"base": base, "inputs": records(found.inputs)}
    return json.dumps(data, indent=1, ensure_ascii=False)
