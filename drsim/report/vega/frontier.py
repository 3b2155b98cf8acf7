"""What strategies cost against what they achieve, as points, with those that no other beats in both."""

from __future__ import annotations

import math
from collections.abc import Sequence

import altair as alt
import pandas as pd

from drsim.report.summary_words import (
    percentile,
    reach_words,
)
from drsim.report.tables import records
from drsim.report.vega import places, style
from drsim.study.costs.totals import comparable, totals
from drsim.study.measures import (
    measure_of,
)
from drsim.study.results import Result


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
    labels = places.places(points)
    return rows.assign(**{name: [place[k] for place in labels] for k, name in enumerate(("align", "dx", "dy"))})


def cost_rows(
    result: Result, disruption: str, subject: str, measure: str, quantile: str
) -> tuple[pd.DataFrame, list[str]]:
    """Return the points of `cost_scatter`, and the strategies that have none, with the reason."""
    summary = result.summary
    measured = summary[(summary["disruption"] == disruption) & (summary["subject"] == subject)]
    priced, text = totals(result.costs), measure_of(measure).text
    rows, without = [], []
    for row in records(measured):
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
