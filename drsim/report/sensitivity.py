"""Sensitivities in words and as a table: what moves data loss, downtime and cost most."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from drsim.report.tables import Column, Table, records
from drsim.study import measures
from drsim.study.sensitivity import NOT_VARIED, PRICE_RANGE, RANKED, Sensitivity, ranked
from drsim.units import DAY_S, HOUR_S, MINUTE_S

MEASURES = {
    **{measure.column: measure.words for measure in measures.MEASURES},
    "p_unrecoverable": "probability of no recovery",
    "usd_per_month": "steady cost",
    "usd_per_year": "expected yearly loss",
}
"""What inputs are ranked by, in words."""

_UNKNOWN = {
    "usd_per_year": "unpriced",
    "usd_per_month": "unknown",
    **{f"p_meets_{objective}": "no objective" for objective in measures.OBJECTIVES},
}
"""Words in the place of figures that there are none of."""

_USUAL = (measures.DOWNTIME, measures.LOSS)

_CELLS = {
    **{measure.column: Column(f"{measure.words} p95", numeric=True) for measure in _USUAL},
    "usd_per_month": Column("USD/month", numeric=True),
    "p_unrecoverable": Column("no recovery", numeric=True, rank=4),
    "usd_per_year": Column("USD/year lost", numeric=True, rank=4),
    **{f"p_meets_{m.objective}": Column(f"meets {m.objective.upper()}", numeric=True, rank=4) for m in _USUAL},
}
"""What the table has of each input, beside the measure that is asked for."""

_UNITS = {"s": 1.0, "min": MINUTE_S, "h": HOUR_S, "d": DAY_S}
_MOST, _NAMED = 1000.0, 8
"""Figure from which another unit is better; names in a note, at most."""

_STILL = "–"


def figure(row: Mapping[str, Any], measure: str, end: str, *, has_unit: bool = True) -> str:
    """Return what is measured at one end of an input, with its unit: `3.1 h`, `4.2 %`, `10,093 USD/month`, or a state.

    Args:
        row: of the inputs.
        measure: a measure.
        end: `low`, `base` or `high`.
        has_unit: whether money has its unit, which may stand above a column instead.
    """
    if measure in RANKED and row[f"{measure}_{end}_state"]:
        return str(row[f"{measure}_{end}_state"])
    value = row[f"{measure}_{end}"]
    if value is None or math.isnan(value):
        return _UNKNOWN[measure]
    if measure in RANKED:
        return measures.measure_of(measure).text(value)
    if measure.startswith("p_"):
        return f"{100 * value:.3g} %"
    unit = f" USD/{'month' if measure == 'usd_per_month' else 'year'}"
    return f"{value:,.0f}{unit if has_unit else ''}"


def figures(row: Mapping[str, Any], measure: str, *, has_unit: bool = True) -> tuple[str, str, str]:
    """Return what is measured at the low end of an input, as it is, and at the high end; times in one unit."""
    low, base, high = (figure(row, measure, end, has_unit=has_unit) for end in ("low", "base", "high"))
    if measure not in RANKED or measures.measure_of(measure).unit != "s":
        return low, base, high
    values = [row[f"{measure}_{end}"] for end in ("low", "base", "high")]
    states = [row[f"{measure}_{end}_state"] for end in ("low", "base", "high")]
    known = [v for v, state in zip(values, states, strict=True) if not state and v is not None and not math.isnan(v)]
    unit = _unit([v for v in known if v > 0])
    return tuple(  # type: ignore[return-value]  # as many as there are ends
        text if state else f"{_number(v / _UNITS[unit])} {unit}"
        for v, state, text in zip(values, states, (low, base, high), strict=True)
    )


def _unit(seconds: Sequence[float]) -> str:
    """Return the unit in which several times read best: the largest in which none is below 1, if none is too long."""
    if not seconds:
        return "s"
    unit = max((u for u in _UNITS if _UNITS[u] <= min(seconds)), key=_UNITS.__getitem__, default="s")
    fits = [u for u in _UNITS if max(seconds) / _UNITS[u] < _MOST]
    return unit if unit in fits or not fits else fits[0]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= _MOST else f"{value:.3g}"


def finding(sensitivity: Sensitivity, measure: str) -> str:
    """Return the sentence that says which input moves a measure most, and from where to where."""
    words = MEASURES[measure] + (", p95," if measure in RANKED else "")
    rows = records(ranked(sensitivity, measure).head(1))
    if not rows:
        state = sensitivity.base[f"{measure}_state"] if measure in RANKED else ""
        why = f" As it is: {state}." if state else ""
        return f"Nothing that was varied moves the {words.removesuffix(',')}.{why}"
    row = rows[0]
    low, base, high = figures(row, measure)
    return (
        f"What moves the {words} most is {sensitivity.labels[row['input']].words}: "
        f"{low} at {row['low']}, {high} at {row['high']}. As it is: {base}."
    )


def findings(sensitivity: Sensitivity, measure: str) -> tuple[str, ...]:
    """Return the sentences on a measure, on downtime and data loss, and on recovery where there may be none."""
    is_lost = any(sensitivity.base[f"{time}_state"] == "unrecoverable" for time in RANKED)
    order = (measure, *(usual.column for usual in _USUAL), *(("p_unrecoverable",) if is_lost else ()))
    return tuple(finding(sensitivity, moved) for moved in dict.fromkeys(order))


def sensitivity_table(sensitivity: Sensitivity, measure: str = measures.DOWNTIME.column, source: str = "") -> Table:
    """Return the inputs that move downtime, data loss, cost or the measure; those that move this one most first.

    Args:
        sensitivity: of a study.
        measure: the measure.
        source: the scenario as the user names it, for the command below; none if left out.
    """
    shown = [candidate for candidate, column in _cells(measure).items() if not column.rank or candidate == measure]
    rows = _in_order(sensitivity, measure)
    moving = [row for row in rows if any(_change(row, m) != _STILL for m in shown)]
    still = [sensitivity.labels[row["input"]].words for row in rows if row not in moving]
    more = f"; and {len(still) - _NAMED} more" if len(still) > _NAMED else ""
    idle = [f"{len(still)} more inputs move none of these: {'; '.join(still[:_NAMED])}{more}."] if still else []
    below = (*idle, *notes(), *([_explain(sensitivity, source)] if source else []))
    return _table(sensitivity, measure, moving, _title(sensitivity), below)


def moving_table(sensitivity: Sensitivity, measure: str) -> Table:
    """Return the inputs that move a measure, most first.

    Args:
        sensitivity: of a study.
        measure: the measure.
    """
    return _table(sensitivity, measure, _moving(sensitivity, measure), _title(sensitivity), notes())


def others_table(sensitivity: Sensitivity, measure: str) -> Table:
    """Return the inputs that do not move a measure, and what they move instead.

    Args:
        sensitivity: of a study.
        measure: the measure.
    """
    moving = _moving(sensitivity, measure)
    rows = [row for row in _in_order(sensitivity, measure) if row not in moving]
    return _table(sensitivity, measure, rows, f"{len(rows)} inputs do not move the {MEASURES[measure]}", ())


def _moving(sensitivity: Sensitivity, measure: str) -> list[dict[str, Any]]:
    """Return the inputs that move a measure as far as its figures show, most first, both ends alike last."""
    return [row for row in _in_order(sensitivity, measure) if _change(row, measure) != _STILL]


def _in_order(sensitivity: Sensitivity, measure: str) -> list[dict[str, Any]]:
    """Return all inputs: those that move a measure most first, then the others in their order."""
    first = ranked(sensitivity, measure)
    return [*records(first), *records(sensitivity.inputs[~sensitivity.inputs.index.isin(first.index)])]


def _title(sensitivity: Sensitivity) -> str:
    return (
        f"{sensitivity.name}: {sensitivity.strategy} under {sensitivity.disruption}, {sensitivity.subject}; one input "
        f"at a time, {sensitivity.drills} drills with the same luck, seed {sensitivity.seed}"
    )


def _table(
    sensitivity: Sensitivity, measure: str, rows: Sequence[Mapping[str, Any]], title: str, below: tuple[str, ...]
) -> Table:
    """Return inputs with what they move, the measure that is asked for first; the first row is as it is."""
    shown = _cells(measure)
    base = {f"{m}_base": sensitivity.base[m] for m in shown} | {
        f"{m}_base_state": sensitivity.base[f"{m}_state"] for m in RANKED
    }
    as_is = ("as it is", "", "", "", *(figure(base, m, "base", has_unit=False) for m in shown), "")
    cells = [
        (
            *(sensitivity.labels[row["input"]].words, row["basis"], row["low"], row["high"]),
            *(_change(row, m) for m in shown),
            row["source"],
        )
        for row in rows
    ]
    columns = (
        Column("input"),
        Column("basis", rank=3),
        Column("low", numeric=True, rank=2),
        Column("high", numeric=True, rank=2),
        # what is asked for stays wherever there is room for one figure
        *(replace(column, rank=0 if candidate == measure else column.rank) for candidate, column in shown.items()),
        Column("source", rank=4),
    )
    return Table(title, columns, (as_is, *cells), below)


def _cells(measure: str) -> dict[str, Column]:
    """Return the columns of what is measured, that of the measure that is asked for first."""
    column = _CELLS.get(measure) or Column(f"{measures.measure_of(measure).title} p95", numeric=True)
    return {measure: column, **_CELLS}


def notes() -> tuple[str, ...]:
    """Return what to know when reading sensitivities."""
    return (
        "From low to high; a dash: it stays as it is.",
        "Percentiles and probabilities are of the drills that reach the application or resource.",
        "A distribution is put to its 5th and its 95th percentile, what has none to half and double.",
        f"Prices are varied by {PRICE_RANGE:.0%}".replace("%", " %") + ": an assumption, since lists state no range.",
        *NOT_VARIED,
    )


def _explain(sensitivity: Sensitivity, source: str) -> str:
    words = ("drsim", "explain", source, "--strategy", sensitivity.strategy, "--disruption", sensitivity.disruption)
    return f"See one incident:  {shlex.join(words)}"


def _change(row: Mapping[str, Any], measure: str) -> str:
    """Return from where to where an input moves a measure; a dash where it does not."""
    low, base, high = figures(row, measure, has_unit=False)  # that of money stands above the column
    if low == base == high:
        return _STILL
    unit = f" {high.rsplit(' ', 1)[-1]}"
    # the unit once, where both have the same
    return f"{low.removesuffix(unit)} … {high}" if low.endswith(unit) else f"{low} … {high}"


def command(sensitivity: Sensitivity, source: str) -> str:
    """Return the command that repeats a study.

    Args:
        sensitivity: of the study.
        source: the scenario as the user names it.
    """
    words = ["drsim", "sensitivity", source, "--strategy", sensitivity.strategy, "--disruption", sensitivity.disruption]
    return shlex.join(
        [*words, "--subject", sensitivity.subject, "--drills", str(sensitivity.drills), "--seed", str(sensitivity.seed)]
    )


def to_json(sensitivity: Sensitivity) -> str:
    """Return a study as JSON; no value is `null`."""
    keys = ("name", "strategy", "disruption", "subject", "drills", "seed")
    base = {k: None if isinstance(v, float) and math.isnan(v) else v for k, v in sensitivity.base.items()}
    data = {key: getattr(sensitivity, key) for key in keys} | {"base": base, "inputs": records(sensitivity.inputs)}
    return json.dumps(data, indent=1, ensure_ascii=False)
