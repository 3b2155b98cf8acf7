"""How probable it is that a measure exceeds a value, as curves, one for each strategy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from drsim.report.summary_words import (
    reach_words,
)
from drsim.report.tables import records
from drsim.report.vega import style
from drsim.scenario import ObjectiveSet
from drsim.study.measures import (
    DOWNTIME,
    OBJECTIVES,
    Measure,
    measure_of,
)
from drsim.study.results import Result

_HOVERED = 120
"""Values of which the pointer tells the probabilities of all strategies."""


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
    of_measure = curves[
        (curves["disruption"] == disruption) & (curves["subject"] == subject) & (curves["measure"] == measure)
    ]
    measured = measure_of(measure)
    if of_measure.empty:
        return style.nothing(f"No drill of {disruption} reaches {subject}", style.title(_capital(measured.words)))
    limit: float | None = None if objectives is None else getattr(objectives, measured.limit)
    scale, axis = style.log_axis(measured, [*of_measure["value"], *([] if limit is None else [limit])])
    low, high = scale.to_dict()["domain"]
    x = alt.X("value:Q", title=f"{measured.words} (logarithmic)", scale=scale, axis=axis)
    lines = (
        alt.Chart(_drawn(of_measure, (low, high)), name="curves")
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
    layers.append(_pointed(of_measure, names, (low, high), measured, scale, axis))
    greater = "longer" if measured.more == "longer" else "greater"
    title = style.title(f"Probability of a {greater} {measured.words}", _of(result, disruption, subject))
    height = 320 + style.legend_height(names) + style.title_height(title)
    return style.layered(*layers, title=title, height=height, autosize=style.FIT)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _of(result: Result, disruption: str, subject: str) -> str:
    """Return which drills the curves of a subject under a disruption are of, in words."""
    summary = result.summary
    reached = records(summary[(summary["disruption"] == disruption) & (summary["subject"] == subject)])
    return f"of {' or '.join(dict.fromkeys(map(reach_words, reached)))}"


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
    pointer: alt.Chart = bands.encode(
        x=x,
        x2=alt.X2("to:Q"),
        opacity=alt.condition(over, alt.value(0.45), alt.value(0)),
        tooltip=tooltip,
    ).add_params(over)
    return pointer


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
        curve = curves[curves["strategy"] == name]
        steps, p = (curve[column].to_numpy(dtype=np.float64) for column in ("value", "probability"))
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
