"""Results as charts: figures that stand alone, each axis with its unit.

Strategies differ by colour and by marker or line, so that the charts can be read without seeing colours.
Figures are built without pyplot, whose hidden state would not survive the threads of an app.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, NullLocator, PercentFormatter
from numpy.typing import NDArray

from drsim.scenario import ObjectiveSet
from drsim.study.measures import OBJECTIVES, Measure, wanted
from drsim.study.results import Result
from drsim.study.verdicts import UNMET
from drsim.units import DAY_S, HOUR_S, MINUTE_S

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
"""Okabe and Ito's palette, told apart with every common kind of colour vision; yellow is left out on white."""

MARKERS = ("o", "s", "^", "D", "v", "P", "X")
LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2)), (0, (1, 1)))

_TICKS_S = (1, 10, MINUTE_S, 10 * MINUTE_S, HOUR_S, 6 * HOUR_S, DAY_S, 7 * DAY_S, 30 * DAY_S, 180 * DAY_S, 720 * DAY_S)
_TICKS_BYTES = tuple(10.0**k for k in range(19))

_NEAR_ZERO, _FAR = 1e-3, 1e24
"""Values outside every axis, to its left and to its right."""


def exceedance_chart(result: Result, disruption: str, subject: str, objectives: ObjectiveSet | None = None) -> Figure:
    """Return how probable it is that each measure exceeds a value, by strategy.

    A drill without recovery exceeds every value, so that a curve ends at the probability of no recovery.

    Args:
        result: of a study.
        disruption: name of the disruption.
        subject: `app` or `app.resource`.
        objectives: those in force, drawn as lines.
    """
    measures = wanted([] if objectives is None else [objectives])
    figure = Figure(figsize=(5 * len(measures), 4.2), layout="constrained")
    plots = figure.subplots(1, len(measures), sharey=True)
    curves = result.curves
    curves = curves[(curves["disruption"] == disruption) & (curves["subject"] == subject)]
    for axes, measure in zip(plots, measures, strict=True):
        values: list[NDArray[np.float64]] = []
        limit: float | None = None if objectives is None else getattr(objectives, measure.limit)
        for k, strategy in enumerate(result.run["strategies"]):
            curve = curves[(curves["strategy"] == strategy) & (curves["measure"] == measure.column)]
            if curve.empty:  # no drill reached it
                continue
            x, p = curve["value"].to_numpy(dtype=np.float64), curve["probability"].to_numpy(dtype=np.float64)
            # a logarithmic axis has no zero, and what is never recovered exceeds every value
            shown_x, shown_p = np.append(np.maximum(x, _NEAR_ZERO), _FAR), np.append(p, p[-1])
            axes.plot(shown_x, shown_p, drawstyle="steps-post", label=strategy, linewidth=1.8, **_style(k, line=True))
            values.append(x)
        _mark(axes, limit, measure)
        axes.set_xlabel(f"{measure.words} (logarithmic)")
        axes.set_ylim(0, 1.02)
        axes.grid(visible=True, alpha=0.3)
        _axis(axes, values, limit, measure)
    plots[0].set_ylabel("probability to exceed it")
    plots[0].yaxis.set_major_formatter(PercentFormatter(1.0))
    plots[-1].legend(loc="best", frameon=False)
    figure.suptitle(f"{subject} under {disruption}; {result.run['drills']} drills, seed {result.run['seed']}")
    return figure


def attainment_chart(result: Result, subject: str) -> Figure:
    """Return the share of drills that meet the objectives, by disruption and strategy.

    A cell shows the share of affected drills that meet all objectives at once, and the verdict; hatched where it fails.

    Args:
        result: of a study.
        subject: `app` or `app.resource`.
    """
    strategies, disruptions = result.run["strategies"], result.run["disruptions"]
    rows = result.summary[result.summary["subject"] == subject].set_index(["disruption", "strategy"])
    shares = np.full((len(disruptions), len(strategies)), math.nan)
    figure = Figure(figsize=(2.4 + 1.5 * len(strategies), 1.6 + 0.6 * len(disruptions)), layout="constrained")
    axes = figure.subplots()
    for i, disruption in enumerate(disruptions):
        for j, strategy in enumerate(strategies):
            row: Any = rows.loc[(disruption, strategy)]
            shares[i, j] = row["p_meets"]
            text = "–" if math.isnan(shares[i, j]) else f"{100 * shares[i, j]:.1f} %"
            dark = shares[i, j] > 0.6
            axes.text(j, i, f"{text}\n{row['verdict']}", ha="center", va="center", color="white" if dark else "black")
            if row["verdict"] in UNMET:
                frame = Rectangle((j - 0.5, i - 0.5), 1, 1, fill=False, hatch="//", edgecolor="#00000030", linewidth=0)
                axes.add_patch(frame)
    image = axes.imshow(shares, vmin=0, vmax=1, cmap=_blues(), aspect="auto")
    axes.set_xticks(range(len(strategies)), strategies)
    axes.set_yticks(range(len(disruptions)), disruptions)
    axes.set_xlabel("strategy")
    axes.set_ylabel("disruption")
    bar = figure.colorbar(image, ax=axes, format=PercentFormatter(1.0))
    bar.set_label("drills that meet the objectives")
    axes.set_title(
        f"{subject}: objectives met, {result.run['drills']} drills a cell; hatched: not known to be met", fontsize=10
    )
    return figure


def cost_chart(result: Result, disruption: str, subject: str, quantile: str = "p95") -> Figure:
    """Return what strategies cost per month against how long they are down.

    A strategy that recovers in no drill has no downtime and is named below the chart.

    Args:
        result: of a study.
        disruption: name of the disruption.
        subject: `app` or `app.resource`.
        quantile: which downtime: `p50`, `p90`, `p95` or `p99`.
    """
    figure = Figure(figsize=(7, 4.6), layout="constrained")
    axes = figure.subplots()
    summary = result.summary
    rows = summary[(summary["disruption"] == disruption) & (summary["subject"] == subject)].set_index("strategy")
    totals = result.costs[result.costs["line"] == "total"].set_index("strategy")["usd_per_month"].astype(float)
    left_out = []
    for k, strategy in enumerate(result.run["strategies"]):
        x, y = float(totals[strategy]), float(rows.loc[strategy, f"downtime_s_{quantile}"]) / HOUR_S
        if math.isnan(x) or math.isnan(y):
            left_out.append(strategy)
            continue
        low, high = (float(rows.loc[strategy, f"downtime_s_{quantile}_{end}"]) / HOUR_S for end in ("lo", "hi"))
        bars = [[y - low if low <= y else 0.0], [high - y if high >= y else 0.0]]
        axes.errorbar([x], [y], yerr=bars, capsize=4, markersize=8, label=strategy, **_style(k, line=False))
        axes.annotate(strategy, (x, y), textcoords="offset points", xytext=(9, 6))
    axes.set_xlabel("steady cost [USD/month]")
    axes.set_ylabel(f"downtime {quantile}, with its 95 % interval [h]")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.margins(x=0.35, y=0.2)
    axes.set_ylim(bottom=0)
    axes.grid(visible=True, alpha=0.3)
    note = f"; without a figure: {', '.join(left_out)}" if left_out else ""
    axes.set_title(f"{subject} under {disruption}, {result.run['drills']} drills{note}", fontsize=10)
    return figure


def _style(k: int, *, line: bool) -> dict[str, Any]:
    """Return colour and line or marker of the strategy number k."""
    shape = {"linestyle": LINES[k % len(LINES)]} if line else {"marker": MARKERS[k % len(MARKERS)], "linestyle": "none"}
    return {"color": COLOURS[k % len(COLOURS)], **shape}


def _mark(axes: Axes, limit: float | None, measure: Measure) -> None:
    """Draw the objective of a measure as a vertical line."""
    if limit is not None:
        axes.axvline(limit, color="#555555", linewidth=1)
        words = f" {OBJECTIVES[measure.objective]} {measure.text(limit)}"
        axes.annotate(words, (limit, 1.0), xycoords=("data", "axes fraction"), va="bottom", fontsize=8)


def _axis(axes: Axes, values: Sequence[NDArray[np.float64]], limit: float | None, measure: Measure) -> None:
    """Make the x axis logarithmic over the values [s or bytes] and the objective, with ticks that people use."""
    shown = np.concatenate([*values, [] if limit is None else [limit]])
    shown = shown[shown >= 1]
    # a tick on either side, so that what is all alike has an axis too
    low, high = (float(shown.min()), float(shown.max())) if shown.size else (1.0, 10.0)
    axes.set_xscale("log")
    axes.set_xlim(low / 1.5, high * 1.5)
    ticks = _TICKS_BYTES if measure.unit == "bytes" else _TICKS_S
    axes.xaxis.set_ticks([tick for tick in ticks if low / 1.5 <= tick <= high * 1.5])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: measure.text(value)))
    axes.xaxis.set_minor_locator(NullLocator())


def _blues() -> Colormap:
    """Return a map from white to dark blue, whose lightness alone tells the share; grey where there is none."""
    steps = np.linspace(0, 1, 256)[:, None]
    colours = (1 - steps) * np.array([1.0, 1.0, 1.0]) + steps * np.array([0.03, 0.25, 0.5])
    return ListedColormap(colours.tolist(), name="share").with_extremes(bad="#DDDDDD")
