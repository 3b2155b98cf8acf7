"""Strategies side by side: which objectives they meet, what they cost, and how loss and downtime are distributed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import altair as alt
import pandas as pd

from drsim.report.findings import worst_verdicts
from drsim.report.tables import monthly_usd, percentile, records, share
from drsim.report.vega import style
from drsim.scenario import ObjectiveSet
from drsim.study.results import Result
from drsim.study.verdicts import FIRING, objective_verdict
from drsim.units import format_duration

Objective = Literal["rpo", "rto"]
Measure = Literal["data_loss_s", "downtime_s"]

OBJECTIVES: tuple[Objective, ...] = ("rpo", "rto")
MEASURES: dict[Measure, str] = {"data_loss_s": "data loss", "downtime_s": "downtime"}

_SIGNS = {"met": "✓", "undecided": "?", "breached": "✗", "unrecoverable": "✗", "unprotected": "✗", "no-objective": "–"}


def attainment_chart(result: Result, application: str, wanted: dict[str, ObjectiveSet]) -> style.Chart:
    """Return how often strategies meet RPO and RTO of an application under each disruption, side by side.

    Args:
        result: of a study.
        application: its name.
        wanted: the objectives in force, by disruption.
    """
    both = [objective_chart(result, application, wanted, objective).properties(width=300) for objective in OBJECTIVES]
    return alt.hconcat(*both)


def objective_chart(
    result: Result, application: str, wanted: dict[str, ObjectiveSet], objective: Objective
) -> style.Chart:
    """Return how often strategies meet one objective of an application under each disruption.

    A cell has a colour, a sign, a share and a word, so that it can be read without seeing colours.

    Args:
        result: of a study.
        application: its name.
        wanted: the objectives in force, by disruption.
        objective: `rpo` or `rto`.
    """
    rows = attainment_rows(result, application, wanted, objective)
    tooltip = ["disruption", "strategy", "objective", "met in", "interval", "verdict"]
    title = f"{objective.upper()}: share of drills that meet it"
    found = _verdict_cells(rows, result, "disruption", result.run["disruptions"], tooltip)
    return found.properties(title=title, height=alt.Step(46))


def overview_chart(result: Result) -> style.Chart:
    """Return of which applications strategies meet all objectives under all disruptions.

    A cell has a colour, a sign and words: the worst verdict, and how many disruptions have a better one.

    Args:
        result: of a study.
    """
    rows = overview_rows(result)
    tooltip = ["application", "strategy", "verdict", "met under", "not met under"]
    names = list(dict.fromkeys(rows["application"]))
    found = _verdict_cells(rows, result, "application", names, tooltip)
    return found.properties(title="Objectives met under all disruptions", height=alt.Step(30))


def overview_rows(result: Result) -> pd.DataFrame:
    """Return the cells of `overview_chart`, one row each, as text."""
    summary = records(result.summary[result.summary["level"] == "application"])
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in summary:
        groups.setdefault((row["subject"], row["strategy"]), []).append(row)
    worst = worst_verdicts(summary)
    rows = []
    for (subject, strategy), group in groups.items():
        held = [row["disruption"] for row in group if row["verdict"] not in FIRING]
        rest = [f"{row['disruption']} ({row['verdict']})" for row in group if row["verdict"] in FIRING]
        verdict = worst[strategy, subject]
        words = verdict.replace("-", " ")
        rows.append(
            {
                "application": subject,
                "strategy": strategy,
                "verdict": verdict,
                "text": f"{_SIGNS[verdict]} {words}{f' in {len(rest)} of {len(group)}' if rest else ''}",
                "met under": ", ".join(held) or "none",
                "not met under": ", ".join(rest) or "none",
            }
        )
    return pd.DataFrame(rows)


def _verdict_cells(
    rows: pd.DataFrame, result: Result, field: str, names: Sequence[str], tooltip: Sequence[str]
) -> style.Chart:
    """Return a cell for each strategy and each name of a field, with the colour and the words of its verdict."""
    base = alt.Chart(rows).encode(
        x=alt.X(
            "strategy:N",
            sort=list(result.run["strategies"]),
            title="strategy",
            axis=alt.Axis(labelAngle=0, orient="top", labelAlign="center"),
        ),
        y=alt.Y(f"{field}:N", sort=list(names), title=None, axis=alt.Axis(labelBaseline="middle", labelLimit=160)),
        tooltip=list(tooltip),
    )
    verdicts = list(style.VERDICT_COLOURS)
    cells = base.mark_rect(stroke="white", strokeWidth=1).encode(
        color=alt.Color(
            "verdict:N",
            scale=alt.Scale(domain=verdicts, range=list(style.VERDICT_COLOURS.values())),
            legend=None,
        )
    )
    # dark on each of the colours, whatever the page is
    dy = -7 if rows["text"].str.contains("\n").any() else 0
    words = base.mark_text(lineBreak="\n", color="#111111", fontSize=12, lineHeight=15, dy=dy).encode(text="text:N")
    return alt.layer(cells, words)


def attainment_rows(
    result: Result, application: str, wanted: dict[str, ObjectiveSet], objective: Objective
) -> pd.DataFrame:
    """Return the cells of `objective_chart`, one row each, as text."""
    summary = result.summary[(result.summary["subject"] == application)]
    rows = []
    for row in records(summary):
        objectives = wanted[row["disruption"]]
        limit = getattr(objectives, objective)
        name = f"p_meets_{objective}"
        verdict = objective_verdict(row, objective, objectives.attainment)
        shown = "" if row[name] is None else f" {_short_share(row[name], row['drills'])}"
        rows.append(
            {
                "disruption": row["disruption"],
                "strategy": row["strategy"],
                "verdict": verdict,
                "text": f"{_SIGNS[verdict]}{shown}\n{verdict.replace('-', ' ')}",
                "met in": share(row, name),
                "interval": "95 % (Clopper–Pearson)",
                "objective": "none"
                if limit is None
                else f"{objective.upper()} {format_duration(limit)} in {100 * (objectives.attainment or 1):g} %",
            }
        )
    return pd.DataFrame(rows)


def _short_share(p: float, drills: int) -> str:
    """Return a share in percent that does not claim more than the drills can tell."""
    if p in (0, 1):
        return f"{'>' if p else '<'} {100 * abs(p - 3 / drills):.1f} %"
    return f"{100 * p:.1f} %"


def cost_scatter(result: Result, disruption: str, subject: str, measure: Measure, quantile: str = "p95") -> style.Chart:
    """Return what strategies cost per month against how much they lose or how long they are down.

    The line joins the strategies that no other beats in both (the Pareto front).
    A strategy without a price, or without a figure since the drill of that rank was not recovered, is named above.

    Args:
        result: of a study.
        disruption: name of the disruption.
        subject: `app` or `app.resource`.
        measure: `data_loss_s` or `downtime_s`.
        quantile: `p50`, `p90`, `p95` or `p99`.
    """
    names = list(result.run["strategies"])
    rows, without = cost_rows(result, disruption, subject, measure, quantile)
    title = alt.Title(
        f"Cost against {MEASURES[measure]}",
        subtitle=f"not drawn: {', '.join(without)}" if without else [],
        subtitleColor=style.NEUTRAL,
    )
    if rows.empty:
        return style.nothing(f"No strategy has a {quantile} to draw: {', '.join(without)}").properties(title=title)
    scale, axis = style.log_time([*rows["seconds"], *rows["low"], *rows["high"]])
    usd = [float(x) for x in rows["usd"]]
    room = max(0.15 * (max(usd) - min(usd)), 0.05 * max(usd), 1.0)
    x = alt.X(
        "usd:Q",
        title="steady cost [USD/month]",
        axis=style.usd_axis(labelOverlap="greedy", tickCount=6),
        scale=alt.Scale(domain=[max(0.0, min(usd) - room), max(usd) + 2 * room], nice=False, zero=False),
    )
    y = alt.Y("seconds:Q", title=f"{MEASURES[measure]}, {quantile}", scale=scale, axis=axis)
    base = alt.Chart(rows).encode(x=x, y=y)
    front = (
        alt.Chart(rows[rows["front"]])
        .mark_line(color=style.NEUTRAL, strokeDash=[3, 3], interpolate="step-after")
        .encode(x=x, y=y, order="usd:Q")
    )
    bars = base.mark_rule(strokeWidth=1.5).encode(
        y=alt.Y("low:Q", scale=scale, axis=axis, title=f"{MEASURES[measure]}, {quantile}"),
        y2="high:Q",
        color=style.strategy_colour(names, legend=None),
    )
    tooltip = [alt.Tooltip(name) for name in ("strategy", "figure", "interval", "cost per month", "Pareto front")]
    points = base.mark_point(filled=True, size=130, opacity=1).encode(
        color=style.strategy_colour(names, legend=None), shape=style.strategy_shape(names, legend=None), tooltip=tooltip
    )
    # above and below in turns, since strategies often cost nearly the same
    labels = [
        alt.Chart(rows[rows["turn"] == turn])
        .mark_text(align="left", dx=9, dy=dy, color=style.NEUTRAL, fontSize=12)
        .encode(x=x, y=y, text="strategy:N")
        for turn, dy in ((0, -10), (1, 14))
    ]
    return alt.layer(front, bars, points, *labels).properties(title=title, height=320).add_params(style.zoom())


def cost_rows(
    result: Result, disruption: str, subject: str, measure: Measure, quantile: str
) -> tuple[pd.DataFrame, list[str]]:
    """Return the points of `cost_scatter`, and the strategies that have none, with the reason."""
    summary = result.summary
    own = summary[(summary["disruption"] == disruption) & (summary["subject"] == subject)]
    totals = result.costs[result.costs["line"] == "total"].set_index("strategy")["usd_per_month"].astype(float)
    texts = monthly_usd(result.costs)
    rows, without = [], []
    for row in records(own):
        name = row["strategy"]
        figure = percentile(row, measure, quantile)
        seconds = row[f"{measure}_{quantile}"]
        usd = float(totals[name])
        if figure in ("unrecoverable", "unprotected", "unaffected") or seconds is None:
            without.append(f"{name} ({figure})")
        elif math.isnan(usd):
            without.append(f"{name} (price unknown)")
        else:
            low, high = (_or(row[f"{measure}_{quantile}_{end}"], seconds) for end in ("lo", "hi"))
            rows.append(
                {
                    "strategy": name,
                    "usd": usd,
                    # a logarithmic axis has no zero
                    "seconds": max(float(seconds), 1.0),
                    "low": max(low, 1.0),
                    "high": max(high, 1.0),
                    "figure": figure,
                    "interval": f"{format_duration(low)} to {format_duration(high)} (95 %)",
                    "cost per month": f"{texts[name]} USD",
                }
            )
    front = pareto([(row["usd"], row["seconds"]) for row in rows])
    for row, on_it in zip(rows, front, strict=True):
        row |= {"front": on_it, "Pareto front": "on it" if on_it else "beaten by another"}
    for k, row in enumerate(sorted(rows, key=lambda row: row["usd"])):
        row["turn"] = k % 2
    return pd.DataFrame(rows), without


def pareto(points: Sequence[tuple[float, float]]) -> list[bool]:
    """Return for each point whether no other is as good in both and better in one; less is better."""
    return [not any(a <= x and b <= y and (a < x or b < y) for a, b in points) for x, y in points]


def _or(value: float | None, other: float) -> float:
    return float(other if value is None else value)


def exceedance_chart(
    result: Result, disruption: str, subject: str, objectives: ObjectiveSet | None, measure: Measure
) -> style.Chart:
    """Return how probable it is that data loss or downtime exceeds a time, by strategy.

    A drill without recovery exceeds every time, so that a curve ends at the probability of no recovery.

    Args:
        result: of a study.
        disruption: name of the disruption.
        subject: `app` or `app.resource`.
        objectives: those in force, drawn as a line.
        measure: `data_loss_s` or `downtime_s`.
    """
    names = list(result.run["strategies"])
    curves = result.curves
    own = curves[(curves["disruption"] == disruption) & (curves["subject"] == subject) & (curves["measure"] == measure)]
    limit, name = None, "RPO" if measure == "data_loss_s" else "RTO"
    if objectives is not None:
        limit = objectives.rpo if measure == "data_loss_s" else objectives.rto
    scale, axis = style.log_time([*own["time_s"], *([] if limit is None else [limit])])
    rows = _drawn(own, scale.domain)
    x = alt.X("seconds:Q", title=f"{MEASURES[measure]} (logarithmic)", scale=scale, axis=axis)
    lines = (
        alt.Chart(rows)
        .mark_line(interpolate="step-after", strokeWidth=2.2)
        .encode(
            x=x,
            y=alt.Y(
                "probability:Q",
                title="probability to exceed it",
                axis=style.share_axis(),
                scale=alt.Scale(domain=[0, 1]),
            ),
            color=style.strategy_colour(names, legend=alt.Legend(orient="bottom", columns=4)),
            strokeDash=style.strategy_dash(names),
            tooltip=["strategy", "exceeds", alt.Tooltip("probability:Q", format=".1%")],
        )
    )
    layers: list[Any] = [lines]
    if limit is not None:
        at = pd.DataFrame([{"seconds": limit, "text": f"{name} {format_duration(limit)}"}])
        layers.append(alt.Chart(at).mark_rule(color=style.NEUTRAL, strokeWidth=1.5).encode(x=x))
        words = alt.Chart(at).mark_text(align="left", dx=4, dy=2, baseline="top", color=style.NEUTRAL, fontSize=12)
        layers.append(words.encode(x=x, y=alt.value(0), text="text:N"))
    title = (
        f"How probable a longer {MEASURES[measure]} is"
        if measure == "downtime_s"
        else ("How probable a greater data loss is")
    )
    return alt.layer(*layers).properties(title=title, height=400).add_params(style.zoom("x"))


def _drawn(curves: pd.DataFrame, reach: tuple[float, float]) -> pd.DataFrame:
    """Return curves as a logarithmic axis can draw them: from its left end to its right."""
    rows = curves.assign(
        seconds=curves["time_s"].clip(lower=reach[0]), exceeds=[format_duration(t) for t in curves["time_s"]]
    )
    # what is never recovered exceeds every time
    ends = rows.groupby("strategy", observed=True).tail(1).assign(seconds=reach[1])
    columns = ["strategy", "seconds", "probability", "exceeds"]
    return pd.concat([rows[columns], ends[columns]], ignore_index=True).astype({"strategy": str})
