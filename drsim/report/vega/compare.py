"""Strategies side by side: which objectives they meet, what they cost, and how their measures are distributed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from drsim.report.findings import worst_verdicts
from drsim.report.tables import (
    misses,
    percentile,
    plain_number,
    plain_verdict,
    reach_words,
    records,
    share,
    verdict_words,
)
from drsim.report.vega import places, style
from drsim.report.vega.cells import SIGNS, cell_words, verdict_cells
from drsim.scenario import ObjectiveSet
from drsim.study.costs.totals import comparable, totals
from drsim.study.measures import (
    DOWNTIME,
    OBJECTIVES,
    Measure,
    limits_in_words,
    measure_of,
    objectives_wanted,
)
from drsim.study.results import Result
from drsim.study.verdicts import UNMET

ALL = "all"
"""What the verdict is on: all objectives at once; apart from it each of `drsim.study.measures.OBJECTIVES` is judged."""

_HOVERED = 120
"""Values of which the pointer tells the probabilities of all strategies."""


def attainment_chart(result: Result, application: str, wanted: dict[str, ObjectiveSet]) -> style.Chart:
    """Return how often strategies meet each objective of an application under each disruption, side by side.

    Args:
        result: of a study.
        application: its name.
        wanted: the objectives in force, by disruption.
    """
    objectives = objectives_wanted(wanted.values())
    return alt.hconcat(*(_objective(result, application, wanted, each, 300) for each in objectives))


def objective_chart(result: Result, application: str, wanted: dict[str, ObjectiveSet], objective: str) -> style.Chart:
    """Return how often strategies meet one objective of an application under each disruption.

    A cell has a colour, a sign, a share and a word, so that it can be read without seeing colours. Shares are of the
    drills that reach the application. Under `all` the word is the verdict, with the resource that causes it.

    Args:
        result: of a study.
        application: its name.
        wanted: the objectives in force, by disruption.
        objective: a key of `OBJECTIVES`, or `ALL` for all at once.
    """
    return _objective(result, application, wanted, objective)


def _objective(
    result: Result, application: str, wanted: dict[str, ObjectiveSet], objective: str, width: int | None = None
) -> alt.LayerChart:
    """Return the cells of one objective, of a width [pixels] of their own or of that of the page."""
    rows = attainment_rows(result, application, wanted, objective)
    head = ["disruption", "strategy", "objective", "met in"]
    every = [_met_in(each) for each in objectives_wanted(wanted.values())]
    parts = [*every, "not recovered", "struck", "misses"] if objective == ALL else []
    tooltip = [*head, *parts, "of", "interval", "judged"]
    judged = "Verdict, and share of affected drills that meet all"
    heading = judged if objective == ALL else f"{OBJECTIVES[objective]} met, share of affected drills"
    title = style.title(heading, letters=90 if objective == ALL else 56)
    asked = {name: _limit(wanted[name], objective) for name in result.run["disruptions"]}
    layers = verdict_cells(_priced(result), "disruption", asked, tooltip, width)
    own: dict[str, Any] = {"autosize": style.FIT} if width is None else {"width": width, "padding": alt.Undefined}
    return style.layered(*layers, **{"data": rows, "title": title, "height": alt.Step(46), **own})


def overview_chart(result: Result) -> style.Chart:
    """Return of which applications strategies meet all objectives under all disruptions.

    A cell has a colour, a sign and words: the worst verdict, and how many disruptions have a better one.

    Args:
        result: of a study.
    """
    rows = overview_rows(result)
    tooltip = ["application", "strategy", "verdict", "met under", "not met under"]
    names = dict.fromkeys(rows["application"], "")
    layers = verdict_cells(_priced(result), "application", names, tooltip)
    return style.layered(
        *layers,
        data=rows,
        title=style.title("Objectives met under all disruptions"),
        height=alt.Step(40),
        autosize=style.FIT,
    )


def _limit(wanted: ObjectiveSet, objective: str) -> str:
    """Return what stands below the name of a disruption: the objectives in force."""
    if objective == ALL:
        limits = [_limit(wanted, each) for each in OBJECTIVES if limits_in_words(wanted, each)]
        return ", ".join(limits) or "no objectives"
    limit = limits_in_words(wanted, objective)
    return f"{OBJECTIVES[objective]} {limit}" if limit else f"no {OBJECTIVES[objective]}"


def _met_in(objective: str) -> str:
    """Return what the share of drills that meet an objective is called."""
    return f"{OBJECTIVES[objective]} met in"


def _priced(result: Result) -> dict[str, str]:
    """Return what stands below the names of strategies: what they cost."""
    found = totals(result.costs)
    return {name: found[name].said(f"{found[name].usd:,.0f} USD/month") for name in result.run["strategies"]}


def overview_rows(result: Result) -> pd.DataFrame:
    """Return the cells of `overview_chart`, one row each, as text."""
    summary = records(result.summary[result.summary["level"] == "application"])
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in summary:
        groups.setdefault((row["subject"], row["strategy"]), []).append(row)
    worst = worst_verdicts(summary)
    rows = []
    for (subject, strategy), group in groups.items():
        held = [row["disruption"] for row in group if row["verdict"] not in UNMET]
        rest = [f"{row['disruption']} ({row['verdict']})" for row in group if row["verdict"] in UNMET]
        verdict = worst[strategy, subject]
        lines = f"{SIGNS[verdict]} {verdict.replace('-', ' ')}"
        if rest:
            lines += f"\nin {len(rest)} of {len(group)}"
        rows.append(
            {
                "application": subject,
                "strategy": strategy,
                "verdict": verdict,
                **cell_words(verdict, lines, lines.replace("\n", " ")),
                "met under": ", ".join(held) or "none",
                "not met under": ", ".join(rest) or "none",
            }
        )
    return pd.DataFrame(rows)


def attainment_rows(result: Result, application: str, wanted: dict[str, ObjectiveSet], objective: str) -> pd.DataFrame:
    """Return the cells of `objective_chart`, one row each, as text."""
    summary = result.summary[(result.summary["subject"] == application)]
    end = "" if objective == ALL else f"_{objective}"
    rows = []
    for row in records(summary):
        objectives = wanted[row["disruption"]]
        name, verdict = f"p_meets{end}", row[f"verdict{end}"]
        shown = "" if row[name] is None else f" {_short_share(row, name)}"
        lines = f"{SIGNS[verdict]}{shown}\n{verdict.replace('-', ' ')}"
        text = lines if end else f"{SIGNS[verdict]}{shown}\n{_said(row)}"
        limit = _limit(objectives, objective)
        rows.append(
            {
                "disruption": row["disruption"],
                "strategy": row["strategy"],
                "verdict": verdict,
                **cell_words(verdict, lines, text, _in_short_lines(text, lines)),
                "met in": share(row, name),
                "interval": "95 % (Clopper–Pearson)",
                "objective": "none"
                if limit.startswith("no ")
                else f"{limit} in {100 * (objectives.attainment or 1):g} %",
                **_about(row),
            }
        )
    return pd.DataFrame(rows)


def _said(row: Mapping[str, Any]) -> str:
    """Return the verdict in words, a resource that causes it by its own name."""
    return plain_verdict(row).replace(f"({row['subject']}.", "(")


_SHORT_LINE = 17
"""Letters in a line of a cell that is not wide."""


def _in_short_lines(text: str, lines: str) -> str:
    """Return a cell's words with those in brackets in a line of their own, without them where they are too long."""
    broken = text.replace(" (", "\n(").replace(" in all", "\nin all")
    return broken if max(map(len, broken.split("\n"))) <= _SHORT_LINE else lines


def _about(row: Mapping[str, Any]) -> dict[str, str]:
    """Return what the pointer tells of a row of the summary: what its shares are of, and how often it happens."""
    return {
        **{_met_in(each): share(row, f"p_meets_{each}") for each in OBJECTIVES},
        "not recovered": share(row, "p_unrecoverable"),
        "struck": f"{plain_number(row['struck_per_year'])} a year",
        "misses": "–" if row["breaches_per_year"] is None else f"{misses(row)} a year",
        "of": reach_words(row),
        "judged": verdict_words(row),
    }


def _short_share(row: Mapping[str, Any], name: str) -> str:
    """Return a share in percent that does not claim more than the drills can tell.

    Args:
        row: of the summary.
        name: of the share.
    """
    p = row[name]
    if p in (0, 1):
        bound = row[f"{name}_lo" if p else f"{name}_hi"]
        return f"{'>' if p else '<'} {100 * bound:.1f} %"
    return f"{100 * p:.1f} %"


def cost_scatter(result: Result, disruption: str, subject: str, measure: str, quantile: str = "p95") -> style.Chart:
    """Return what strategies cost per month against a measure, such as how long they are down.

    A ring marks the strategies that no other beats in both (the Pareto front), and a line joins them.
    A strategy without a price, or without a figure since the drill of that rank was not recovered, is named above.

    Args:
        result: of a study.
        disruption: name of the disruption.
        subject: `app` or `app.resource`.
        measure: a column of the log, of one of `drsim.study.measures`.
        quantile: `p50`, `p90`, `p95` or `p99`.
    """
    names = list(result.run["strategies"])
    rows, without = cost_rows(result, disruption, subject, measure, quantile)
    measured = measure_of(measure)
    heading = f"Cost against {measured.words}"
    if rows.empty:
        text = f"No strategy has a {quantile} to draw: {', '.join(without)}"
        return style.nothing(text, style.title(heading))
    ringed = "ringed: not beaten in both (Pareto front)"
    unsure = "bills lack the prices of different lines: which costs less is not certain"
    title = style.title(
        heading,
        ringed,
        unsure if len(comparable(result.costs)) > 1 else "",
        f"not drawn: {', '.join(without)}" if without else "",
    )
    zero = _zero(rows)
    y_scale, y_axis = style.log_axis(measured, [*rows["value"], *rows["low"], *rows["high"]], zero)
    low, high = y_scale.to_dict()["domain"]
    rows = rows.assign(**{name: rows[name].clip(lower=zero) for name in ("value", "low", "high")})
    usd = [float(x) for x in rows["usd"]]
    room = max(0.15 * (max(usd) - min(usd)), 0.05 * max(usd), 1.0)
    reach = _reach(rows, max(0.0, min(usd) - room), max(usd) + 2 * room)
    rows = _labelled(rows, reach, (low, high))
    x = alt.X(
        "usd:Q",
        title="steady cost [USD/month]",
        axis=style.usd_axis(),
        scale=alt.Scale(domain=list(reach), nice=False, zero=False),
    )
    y = alt.Y("value:Q", title=f"{measured.words}, {quantile}", scale=y_scale, axis=y_axis)
    base = alt.Chart(rows).encode(x=x, y=y)
    best = alt.Chart(rows[rows["front"]]).encode(x=x, y=y)
    front = best.mark_line(color=style.NEUTRAL, strokeDash=[3, 3], interpolate="step-after").encode(
        order=alt.Order("usd:Q")
    )
    rings = best.mark_point(filled=False, color=style.NEUTRAL, size=420, strokeWidth=1.5, opacity=1)
    bars = base.mark_rule(strokeWidth=1.5).encode(
        y=alt.Y("low:Q", scale=y_scale, axis=y_axis, title=f"{measured.words}, {quantile}"),
        y2=alt.Y2("high:Q"),
        color=style.strategy_colour(names, legend=None),
    )
    tooltip = [
        alt.Tooltip(f"{name}:N") for name in ("strategy", "figure", "interval", "of", "cost per month", "Pareto front")
    ]
    points = base.mark_point(filled=True, size=130, opacity=1).encode(
        color=style.strategy_colour(names, legend=None), shape=style.strategy_shape(names, legend=None), tooltip=tooltip
    )
    labels = base.mark_text(
        align=alt.ExprRef("datum.align"),
        dx=alt.ExprRef("datum.dx"),
        dy=alt.ExprRef("datum.dy"),
        color=style.NEUTRAL,
        fontSize=12,
    ).encode(text=alt.Text("strategy:N"))
    height = 290 + style.title_height(title)
    return style.layered(front.add_params(style.zoom()), bars, rings, points, labels, title=title, height=height)


def _zero(rows: pd.DataFrame) -> float | None:
    """Return where a logarithmic axis draws what is below a second or byte: left of all others; None if nothing is."""
    values = [float(value) for name in ("value", "low", "high") for value in rows[name]]
    if min(values) >= 1:
        return None
    return max(1.0, min((value for value in values if value >= 1), default=1.0) / 10)


def _reach(rows: pd.DataFrame, low: float, high: float) -> tuple[float, float]:
    """Return what an axis of costs reaches from and to [USD]: with room for the name of the dearest strategy."""
    dearest = max(records(rows), key=lambda row: float(row["usd"]))
    room = min(0.45, (places.width(dearest["strategy"]) + 14) / places.SPACE[0])
    return low, max(high, low + (dearest["usd"] - low) / (1 - room))


def _labelled(rows: pd.DataFrame, usd: tuple[float, float], reach: tuple[float, float]) -> pd.DataFrame:
    """Return points with the places of their names.

    Args:
        rows: of points, one for each strategy.
        usd: what the axis of costs reaches from and to [USD].
        reach: what the axis of the measure reaches from and to.
    """
    across, down = places.SPACE

    def height(value: float) -> float:
        return down * math.log(reach[1] / value) / math.log(reach[1] / reach[0])

    points = [
        places.Point(
            name=row["strategy"],
            x=across * (row["usd"] - usd[0]) / (usd[1] - usd[0]),
            y=height(row["value"]),
            top=height(row["high"]),
            bottom=height(row["low"]),
        )
        for row in records(rows)
    ]
    found = places.places(points)
    return rows.assign(**{name: [place[k] for place in found] for k, name in enumerate(("align", "dx", "dy"))})


def cost_rows(
    result: Result, disruption: str, subject: str, measure: str, quantile: str
) -> tuple[pd.DataFrame, list[str]]:
    """Return the points of `cost_scatter`, and the strategies that have none, with the reason."""
    summary = result.summary
    own = summary[(summary["disruption"] == disruption) & (summary["subject"] == subject)]
    priced, text = totals(result.costs), measure_of(measure).text
    rows, without = [], []
    for row in records(own):
        name = row["strategy"]
        figure = percentile(row, measure, quantile)
        value = row[f"{measure}_{quantile}"]
        usd = priced[name].usd if priced[name].priced or not priced[name].unpriced else math.nan
        if figure in ("unrecoverable", "unprotected", "unaffected") or value is None:
            without.append(f"{name} ({'no drill reaches it' if figure == '–' else figure})")
        elif math.isnan(usd):
            without.append(f"{name} (price unknown)")
        else:
            ends = [row[f"{measure}_{quantile}_{end}"] for end in ("lo", "hi")]
            low, high = (_or(end, value) for end in ends)
            words = ("–" if end is None else text(end) for end in ends)
            rows.append(
                {
                    "strategy": name,
                    "usd": usd,
                    "value": float(value),
                    "low": low,
                    "high": high,
                    "figure": figure,
                    "interval": f"{' to '.join(words)} (95 %)",
                    "of": reach_words(row),
                    "cost per month": priced[name].said(f"{priced[name].usd:,.0f} USD"),
                }
            )
    front = pareto([(row["usd"], row["value"]) for row in rows])
    for row, on_it in zip(rows, front, strict=True):
        row |= {"front": on_it, "Pareto front": "on it" if on_it else "beaten by another"}
    return pd.DataFrame(rows), without


def pareto(points: Sequence[tuple[float, float]]) -> list[bool]:
    """Return for each point whether no other is as good in both and better in one; less is better."""
    return [not any(a <= x and b <= y and (a < x or b < y) for a, b in points) for x, y in points]


def _or(value: float | None, other: float) -> float:
    return float(other if value is None else value)


def exceedance_chart(
    result: Result, disruption: str, subject: str, objectives: ObjectiveSet | None, measure: str
) -> style.Chart:
    """Return how probable it is that a measure exceeds a value, by strategy.

    Shares are of the drills that reach the subject. One without recovery exceeds every value, so that a curve ends at
    the probability of no recovery.

    Args:
        result: of a study.
        disruption: name of the disruption.
        subject: `app` or `app.resource`.
        objectives: those in force, drawn as a line.
        measure: a column of the log, of one of `drsim.study.measures`.
    """
    names = list(result.run["strategies"])
    curves = result.curves
    own = curves[(curves["disruption"] == disruption) & (curves["subject"] == subject) & (curves["measure"] == measure)]
    measured = measure_of(measure)
    if own.empty:
        return style.nothing(f"No drill of {disruption} reaches {subject}", style.title(_capital(measured.words)))
    limit: float | None = None if objectives is None else getattr(objectives, measured.limit)
    scale, axis = style.log_axis(measured, [*own["value"], *([] if limit is None else [limit])])
    low, high = scale.to_dict()["domain"]
    x = alt.X("value:Q", title=f"{measured.words} (logarithmic)", scale=scale, axis=axis)
    lines = (
        alt.Chart(_drawn(own, (low, high)), name="curves")
        .mark_line(interpolate="step-after", strokeWidth=2.2)
        .encode(
            x=x,
            y=alt.Y(
                "probability:Q",
                title="probability to exceed it",
                axis=style.share_axis(),
                scale=alt.Scale(domain=[0, 1]),
            ),
            color=style.strategy_colour(names, legend=style.legend(names, symbolSize=300)),
            strokeDash=style.strategy_dash(names),
        )
        .add_params(style.zoom("x"))
    )
    layers = [lines]
    if limit is not None:
        at = pd.DataFrame([{"value": limit, "text": f"{OBJECTIVES[measured.objective]} {measured.text(limit)}"}])
        layers.append(alt.Chart(at).mark_rule(color=style.NEUTRAL, strokeWidth=1.5).encode(x=x))
        # above the plot, where no curve runs, and to the left of the line where the right has no room
        is_left = math.log(limit / low) > 0.6 * math.log(high / low) if limit > low else False
        words = alt.Chart(at).mark_text(
            align="right" if is_left else "left", baseline="bottom", clip=False, color=style.NEUTRAL, fontSize=12
        )
        layers.append(words.encode(x=x, y=alt.value(-3), text=alt.Text("text:N")))
    layers.append(_pointed(own, names, (low, high), measured, scale, axis))
    greater = "longer" if measured.more == "longer" else "greater"
    title = style.title(f"Probability of a {greater} {measured.words}", _of(result, disruption, subject))
    height = 320 + style.legend_height(names) + style.title_height(title)
    return style.layered(*layers, title=title, height=height, autosize=style.FIT)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _of(result: Result, disruption: str, subject: str) -> str:
    """Return which drills the curves of a subject under a disruption are of, in words."""
    summary = result.summary
    own = records(summary[(summary["disruption"] == disruption) & (summary["subject"] == subject)])
    return f"of {' or '.join(dict.fromkeys(map(reach_words, own)))}"


def _pointed(
    curves: pd.DataFrame,
    names: Sequence[str],
    reach: tuple[float, float],
    measure: Measure,
    scale: alt.Scale,
    axis: alt.Axis,
) -> alt.Chart:
    """Return a layer that follows the pointer and tells the probabilities of all strategies at its value.

    Args:
        curves: of one disruption, subject and measure.
        names: of the strategies.
        reach: what the axis reaches from and to.
        measure: what the curves are of.
        scale: of the axis.
        axis: the axis itself.
    """
    over = alt.selection_point(on="pointerover", clear="pointerout", empty=False, fields=["from"])
    x = alt.X("from:Q", scale=scale, axis=axis)
    # neutral names of columns: those of strategies may be anything
    tooltip = [alt.Tooltip("time:N", title=f"{measure.words} above")]
    tooltip += [alt.Tooltip(f"p{k}:N", title=name) for k, name in enumerate(names)]
    bands = alt.Chart(hover_rows(curves, names, reach, measure), name="pointer").mark_rect(
        color=style.NEUTRAL, strokeWidth=0
    )
    found: alt.Chart = bands.encode(
        x=x,
        x2=alt.X2("to:Q"),
        opacity=alt.condition(over, alt.value(0.45), alt.value(0)),
        tooltip=tooltip,
    ).add_params(over)
    return found


def hover_rows(
    curves: pd.DataFrame, names: Sequence[str], reach: tuple[float, float], measure: Measure = DOWNTIME
) -> pd.DataFrame:
    """Return for values along a logarithmic axis how probable it is, by strategy, that they are exceeded, as text.

    Args:
        curves: of one disruption, subject and measure.
        names: of the strategies; the n-th has the column `p<n>`.
        reach: what the axis reaches from and to.
        measure: what the curves are of.
    """
    edges = np.geomspace(*reach, _HOVERED + 1)
    values = np.sqrt(edges[1:] * edges[:-1])
    columns: dict[str, Any] = {"from": edges[:-1], "to": edges[1:], "time": [measure.text(value) for value in values]}
    for k, name in enumerate(names):
        own = curves[curves["strategy"] == name]
        steps, p = (own[column].to_numpy(dtype=np.float64) for column in ("value", "probability"))
        # a curve keeps a step's value up to the next
        at = np.searchsorted(steps, values, side="right") - 1
        columns[f"p{k}"] = [f"{100 * p[j]:.1f} %" if j >= 0 else "–" for j in at]
    return pd.DataFrame(columns)


def _drawn(curves: pd.DataFrame, reach: tuple[float, float]) -> pd.DataFrame:
    """Return curves as a logarithmic axis can draw them: from its left end to its right."""
    rows = curves.assign(value=curves["value"].clip(lower=reach[0]))
    # what is never recovered exceeds every value
    ends = rows.groupby("strategy", observed=True).tail(1).assign(value=reach[1])
    columns = ["strategy", "value", "probability"]
    return pd.concat([rows[columns], ends[columns]], ignore_index=True).astype({"strategy": str})
