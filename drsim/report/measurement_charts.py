"""Published measurements drawn over the catalogue's distributions, as a figure that stands alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullFormatter

from drsim.report import measurements
from drsim.report.charts import COLOURS
from drsim.report.densities import LEAST, density
from drsim.study.bands import Band

_ROW = 0.24
"""Height of a row [inches]."""

_WIDTH = 15.0
_FACTORS = (0.01, 0.1, 1, 10, 100)
"""Ticks of the axis: parts and multiples of the median."""

Rows = Mapping[str, Sequence[Band]]


def measurement_chart(bands: Sequence[Band], columns: int = 2) -> Figure:
    """Return measurements over the density of what is drawn for the same thing, all as multiples of its median.

    Times, throughputs and objects a second so share an axis; a row is one thing that was measured, once or more often.

    Args:
        bands: the measurements.
        columns: of rows, side by side.
    """
    rows = rows_of(bands)
    names = list(rows)
    height = -(-len(names) // columns)
    figure = Figure(figsize=(_WIDTH if columns > 1 else _WIDTH / 2, 1.3 + _ROW * max(height, 3)), layout="constrained")
    plots = figure.subplots(1, columns, sharex=True, squeeze=False)[0]
    for k, axes in enumerate(plots):
        _draw(axes, {name: rows[name] for name in names[k * height : (k + 1) * height]}, height)
    figure.legend(handles=_legend(), loc="outside upper center", ncols=4, frameon=False)
    figure.supxlabel("measured value as a multiple of the median of what drsim draws (logarithmic)", fontsize=10)
    return figure


def rows_of(bands: Sequence[Band]) -> Rows:
    """Return measurements by what was measured, in the order given."""
    rows: dict[str, list[Band]] = {}
    for band in bands:
        rows.setdefault(f"{band.measurement.of}: {measurements.what(band.measurement)}", []).append(band)
    return rows


def _draw(axes: Axes, rows: Rows, height: int) -> None:
    """Draw rows from the top down."""
    for row, bands in enumerate(rows.values()):
        law, kind = bands[0].law, bands[0].measurement.kind
        median = law.quantile(0.5)
        values, heights = density(law, LEAST[kind])
        axes.fill_between(values / median, row, row - 0.85 * heights, color=COLOURS[4], alpha=0.55, linewidth=0)
        low, high = bands[0].ends
        axes.plot([low / median, high / median], [row, row], color=COLOURS[0], linewidth=2, solid_capstyle="butt")
        for band in bands:
            marker = "d" if band.measurement.is_bound else "o"
            colour = COLOURS[6] if band.is_inside else COLOURS[1]
            x = band.measurement.middle / median
            axes.plot([x], [row - 0.12], marker, color=colour, markersize=4.5, markeredgecolor="white", zorder=3)
    axes.set_yticks(range(len(rows)), list(rows), fontsize=7.5)
    axes.set_ylim(height - 0.4, -1.1)
    axes.set_xscale("log")
    axes.set_xlim(0.008, 130)
    axes.set_xticks(_FACTORS)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g} ×"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.axvline(1, color="#00000040", linewidth=0.8, zorder=0)
    axes.grid(visible=True, axis="x", alpha=0.25)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _legend() -> list[Line2D]:
    """Return what the marks mean."""
    dot = {"linestyle": "none", "markersize": 6}
    return [
        Line2D([], [], color=COLOURS[0], linewidth=2, label="nine tenths of what is drawn"),
        Line2D([], [], marker="o", color=COLOURS[6], label="measured, inside", **dot),  # type: ignore[arg-type]
        Line2D([], [], marker="o", color=COLOURS[1], label="measured, outside", **dot),  # type: ignore[arg-type]
        Line2D([], [], marker="d", color=COLOURS[6], label="only a bound is known", **dot),  # type: ignore[arg-type]
    ]
