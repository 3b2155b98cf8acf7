"""What strategies cost: the steady bill in bars, a year with what disruptions are expected to cost, and break-even."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import altair as alt
import pandas as pd

from drsim.report.losses import yearly_losses
from drsim.report.money import line_words, listed, short_rebuild_words, usd
from drsim.report.tables import records
from drsim.report.vega import places, style
from drsim.study.costs.breakeven import MONTHS, UNPRICED, YearlyCosts
from drsim.study.costs.steady import LINES
from drsim.study.costs.totals import Total, totals
from drsim.study.results import Result

By = Literal["line", "place"]

_COLOURS = ("#0072B2", "#56B4E9", "#009E73", "#E69F00", "#D55E00", "#CC79A7", "#999999", "#7A6A00")
_STEADY = "steady bill"
_LETTER, _LINE = 6.5, 13
"""Width of a letter and height of a line [pixels], about."""

_ABOVE = 1.08
"""How far the axis of a year's cost goes, in parts of the greatest cost."""

_ROOM_PER_LETTER, _LEAST_LETTERS = 0.018, 10
"""What a letter of the sum at a bar's end takes, in parts of the longest bar, on a page of usual width."""

_MOST_LINES, _LINE_LETTERS = 2, 70
"""Lines below a bar, and the letters in one, which have room on a small page."""


def bill_chart(result: Result, by: By = "line") -> style.Chart:
    """Return the steady bills of all strategies as stacked bars [USD/month].

    Wide parts bear their names, so that they can be told apart without colours; what has no price is named.

    Args:
        result: of a study.
        by: what the parts are: lines of the bill, or places.
    """
    names = list(result.run["strategies"])
    parts, unknown = bill_parts(result, by)
    order = (
        [words for line in LINES if (words := line_words(line)) in set(parts["part"])]
        if by == "line"
        else list(dict.fromkeys(parts["part"]))
    )
    return _stacked(parts, names, order, "steady cost [USD/month]", by, unknown, totals(result.costs))


def bill_parts(result: Result, by: By) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the parts of the bills that cost something, and for each strategy what has no price."""
    rows: dict[tuple[str, str], float] = {}
    unknown: dict[str, list[str]] = {}
    for row in records(result.costs[result.costs["line"] != "total"]):
        if row["usd_per_month"] is None:
            unknown.setdefault(row["strategy"], []).append(f"{line_words(row['line'])} of {row['type']}")
        else:
            key = row["strategy"], line_words(row["line"]) if by == "line" else row["place"] or ""
            rows[key] = rows.get(key, 0.0) + row["usd_per_month"]
    parts = [{"strategy": s, "part": part, "usd": value} for (s, part), value in rows.items() if value > 0]
    bills = totals(result.costs)
    texts = {
        name: f"{bills[name].priced} of {bills[name].lines} lines priced, without {', '.join(dict.fromkeys(words))}"
        for name, words in unknown.items()
    }
    return pd.DataFrame(parts, columns=["strategy", "part", "usd"]), texts


def year_chart(result: Result) -> style.Chart:
    """Return a year of each strategy as stacked bars: steady bill and expected loss by disruption [USD/year]."""
    names, disruptions = list(result.run["strategies"]), list(result.run["disruptions"])
    bills = totals(result.costs)
    rows = [{"strategy": name, "part": _STEADY, "usd": MONTHS * total.usd} for name, total in bills.items()]
    unpriced: dict[str, dict[str, None]] = {}
    for loss in yearly_losses(result):
        unpriced.setdefault(loss.strategy, {}).update(dict.fromkeys(loss.unpriced))
        if loss.usd > 0:
            rows.append({"strategy": loss.strategy, "part": loss.disruption, "usd": loss.usd})
    notes = {name: f"+ {UNPRICED}: {listed(tuple(words))}" for name, words in unpriced.items() if words}
    frame = pd.DataFrame(rows, columns=["strategy", "part", "usd"])
    order = [_STEADY, *(name for name in disruptions if name in set(frame["part"]))]
    years = {name: total.times(MONTHS) for name, total in bills.items()}
    return _stacked(frame, names, order, "steady bill and expected loss [USD/year]", "part", notes, years)


def _stacked(
    parts: pd.DataFrame,
    names: list[str],
    order: list[str],
    title: str,
    what: str,
    notes: dict[str, str],
    bills: Mapping[str, Total],
) -> style.Chart:
    """Return stacked bars, one for each strategy, with the words for what they leave out below the strategy's name.

    The sums say which of them are only what is known, and what of the bills in them is estimated.
    """
    if parts.empty:
        return style.nothing("Nothing has a price here.")
    sums = parts.groupby("strategy")["usd"].sum()
    most = float(sums.max())
    if most <= 0:
        return style.nothing("Nothing costs anything here.")
    rows = pd.DataFrame(_placed(parts, names, order))
    axis = alt.Axis(labelExpr=style.broken_label(names, 18), labelLimit=0, labelBaseline="middle", labelOverlap=False)
    y = alt.Y("strategy:N", sort=names, scale=alt.Scale(domain=names), title=None, axis=axis)
    sums_usd = {n: float(sums.get(n, 0.0)) for n in names}
    words_after = {n: _sum_words(sums_usd[n], bills[n]) for n in names}
    reach = most * (1 + _ROOM_PER_LETTER * max(_LEAST_LETTERS, *map(len, words_after.values())))
    scale = alt.Scale(domain=[0, reach], nice=False)
    x = alt.X("begins:Q", title=title, axis=style.usd_axis(), scale=scale)
    colours = alt.Scale(domain=order, range=[_COLOURS[k % len(_COLOURS)] for k in range(len(order))])
    tooltip = [
        alt.Tooltip("strategy:N"),
        alt.Tooltip("part:N", title=what),
        alt.Tooltip("cost:N"),
        alt.Tooltip("share:N"),
    ]
    legend = style.legend(order, symbolStrokeWidth=0)
    bars = (
        alt.Chart(rows)
        .mark_bar(stroke="white", strokeWidth=1, height=26)
        .encode(
            x=x,
            x2=alt.X2("ends:Q"),
            y=y,
            color=alt.Color("part:N", scale=colours, sort=order, title=None, legend=legend),
            tooltip=tooltip,
        )
    )
    room = f"(datum.ends - datum.begins) / {reach} * width"
    words = alt.Chart(rows).mark_text(
        # no words where there is no room
        text=alt.ExprRef(f"{room} > {_LETTER} * length(datum.part) + 8 ? datum.part : ''"),
        align="left",
        dx=4,
        fontSize=11,
    )
    # white on the darkest, dark on the others, whatever the page is
    ink = alt.condition(alt.datum["part"] == order[0], alt.value("white"), alt.value("#111111"))
    ends = [{"strategy": n, "begins": sums_usd[n], "text": words_after[n]} for n in names]
    total = alt.Chart(pd.DataFrame(ends)).mark_text(align="left", dx=5, color=style.NEUTRAL, fontSize=12)
    layers = [
        bars,
        words.encode(x=x, y=y, color=ink),
        total.encode(x=x, y=y, text=alt.Text("text:N")),
    ]
    lines = {name: _short(notes[name]) for name in names if name in notes}
    if lines:
        notes_below = [{"strategy": name, "text": "\n".join(broken)} for name, broken in lines.items()]
        below = alt.Chart(pd.DataFrame(notes_below)).mark_text(
            align="left", dy=22, dx=2, color=style.NEUTRAL, fontSize=11, lineBreak="\n", lineHeight=_LINE
        )
        layers.append(below.encode(x=alt.value(0), y=y, text=alt.Text("text:N")))
    # as much below a bar as above it
    height = 44 + max((2 * _LINE * len(broken) - 6 for broken in lines.values()), default=0)
    return style.layered(*layers, height=alt.Step(height), autosize=style.FIT)


def _sum_words(usd_of_parts: float, bill: Total) -> str:
    """Return the sum of a bar: `from` where it lacks prices, and what of its bill is estimated."""
    words = f"from {usd(usd_of_parts)}" if bill.unpriced else usd(usd_of_parts)
    return f"{words}, {bill.estimated_text}" if bill.estimated_text else words


def _short(text: str) -> list[str]:
    """Return the lines that have room below a bar; the table has all of it."""
    lines = style.broken(text, _LINE_LETTERS)
    return lines if len(lines) <= _MOST_LINES else [*lines[: _MOST_LINES - 1], f"{lines[_MOST_LINES - 1][:-1]}…"]


def _placed(parts: pd.DataFrame, names: list[str], order: list[str]) -> list[dict[str, Any]]:
    """Return the parts one after the other."""
    rows = []
    for name in names:
        costs = {row["part"]: float(row["usd"]) for row in records(parts[parts["strategy"] == name])}
        begins, total = 0.0, math.fsum(costs.values())
        for part in order:
            if part in costs:
                rows.append(
                    {
                        "strategy": name,
                        "part": part,
                        "begins": begins,
                        "ends": begins + costs[part],
                        "cost": f"{usd(costs[part])} USD",
                        "share": f"{100 * costs[part] / total:.0f} % of {usd(total)} USD" if total else "",
                    }
                )
                begins += costs[part]
    return rows


def break_even_chart(yearly: YearlyCosts) -> style.Chart:
    """Return what a year costs by the price of an hour of downtime, with the prices at which strategies change places.

    Args:
        yearly: the straight lines.
    """
    names = [year.strategy for year in yearly.strategies]
    drawn = [year for year in yearly.strategies if not math.isnan(year.losses_usd)]
    without = [year.strategy for year in yearly.strategies if math.isnan(year.losses_usd)]
    if yearly.short_rebuild is not None:
        return style.nothing(f"No break-even: {short_rebuild_words(yearly.short_rebuild)}.")
    if not drawn:
        return style.nothing(f"No line to draw: losing everything of {yearly.application} has no unrecoverable_cost.")
    reach = reach_usd_per_h(yearly)
    prices = [reach * k / 60 for k in range(61)]
    most = max(year.usd(reach) for year in drawn)
    lines = [
        {
            "strategy": year.strategy,
            "price": price,
            "usd": year.usd(price),
            "per hour": f"{usd(price)} USD/h",
            "per year": f"{usd(year.usd(price))} USD/year",
        }
        for year in drawn
        for price in prices
    ]
    x = alt.X(
        "price:Q",
        title=f"cost of downtime of {yearly.application} [USD/h]",
        axis=style.usd_axis(),
        scale=alt.Scale(domain=[0, reach], nice=False),
    )
    y = alt.Y(
        "usd:Q",
        title="cost of a year [USD]",
        axis=style.usd_axis(tickCount=6),
        scale=alt.Scale(domain=[0, _ABOVE * most], nice=False),
    )
    tooltip = [alt.Tooltip(f"{name}:N") for name in ("strategy", "per hour", "per year")]
    chart = (
        alt.Chart(pd.DataFrame(lines))
        .mark_line(strokeWidth=2.2)
        .encode(
            x=x,
            y=y,
            color=style.strategy_colour(names, legend=style.legend(names, symbolSize=300)),
            strokeDash=style.strategy_dash(names),
            tooltip=tooltip,
        )
        .add_params(style.zoom())
    )
    layers: list[alt.Chart] = [chart]
    points = crossing_rows(yearly, reach)
    if not points.empty:
        texts = [alt.Tooltip(f"{name}:N") for name in ("between", "per hour", "per year")]
        marks = alt.Chart(points).mark_point(filled=True, size=80, color=style.NEUTRAL, opacity=1, shape="diamond")
        layers.append(marks.encode(x=x, y=y, tooltip=texts))
        words = alt.Chart(points).mark_text(
            align=alt.ExprRef("datum.align"),
            dx=alt.ExprRef("datum.dx"),
            dy=alt.ExprRef("datum.dy"),
            color=style.NEUTRAL,
            fontSize=11,
        )
        layers.append(words.encode(x=x, y=y, text=alt.Text("label:N")))
    if not math.isnan(yearly.declared_usd_per_h):
        price = yearly.declared_usd_per_h
        at = pd.DataFrame([{"price": price, "words": f"scenario: {usd(price)} USD/h"}])
        layers.append(alt.Chart(at).mark_rule(color=style.NEUTRAL, strokeDash=[6, 3]).encode(x=x))
        to_left = price > 0.6 * reach
        side: Literal["left", "right"] = "right" if to_left else "left"
        # above the plot, where no line runs
        text = alt.Chart(at).mark_text(align=side, baseline="bottom", clip=False, color=style.NEUTRAL)
        layers.append(text.encode(x=x, y=alt.value(-3), text=alt.Text("words:N")))
    title = style.title(
        "A year by the cost of downtime",
        f"not drawn, since losing everything has no price: {', '.join(without)}" if without else "",
    )
    height = 340 + style.legend_height(names) + style.title_height(title)
    return style.layered(*layers, title=title, height=height, autosize=style.FIT)


def reach_usd_per_h(yearly: YearlyCosts) -> float:
    """Return how far the chart of break-even reaches [USD/h]: beyond the scenario's price and what lies near it."""
    declared = yearly.declared_usd_per_h
    crossings = sorted(price for *_, price in yearly.crossings())
    if math.isnan(declared):
        return 1.3 * crossings[-1] if crossings else 10_000.0
    near = [price for price in crossings if price <= 10 * declared]
    return 1.3 * max([declared, *near])


def crossing_rows(yearly: YearlyCosts, reach: float) -> pd.DataFrame:
    """Return the points at which two strategies cost the same, as far as the chart reaches, and where their labels go.

    Args:
        yearly: the straight lines.
        reach: how far the chart reaches [USD/h].
    """
    lines = {year.strategy: year for year in yearly.strategies}
    rows = [
        {
            "price": price,
            "usd": lines[a].usd(price),
            "between": f"{a} and {b} cost the same",
            "per hour": f"{usd(price)} USD/h",
            "per year": f"{usd(lines[a].usd(price))} USD/year",
            "label": f"{usd(price)} USD/h",
        }
        for a, b, price in yearly.crossings()
        if price <= reach
    ]
    beside = _beside(yearly, reach, rows)
    columns = ["price", "usd", "between", "per hour", "per year", "label", "align", "dx", "dy"]
    return pd.DataFrame([row | place for row, place in zip(rows, beside, strict=True)], columns=columns)


def _beside(yearly: YearlyCosts, reach: float, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return where the labels of crossings stand, clear of all lines."""
    drawn = [year for year in yearly.strategies if not math.isnan(year.losses_usd)]
    most = max((year.usd(reach) for year in drawn), default=1.0)
    across, down = places.SPACE

    def at(price: float, value: float) -> tuple[float, float]:
        return price / reach * across, down * (1 - value / (_ABOVE * most))

    points = [places.Point(row["label"], *at(row["price"], row["usd"]), *2 * at(0, row["usd"])[1:]) for row in rows]
    lines = [(*at(0, year.usd(0)), *at(reach, year.usd(reach))) for year in drawn]
    if not math.isnan(yearly.declared_usd_per_h):
        lines.append((*at(yearly.declared_usd_per_h, 0), *at(yearly.declared_usd_per_h, _ABOVE * most)))
    return [{"align": align, "dx": dx, "dy": dy} for align, dx, dy in places.places(points, lines)]
