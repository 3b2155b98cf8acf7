"""How far values swing a figure from one end of their range to the other, where that is more than the drills' luck."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from drsim.changes.uncertain import End, Input
from drsim.study.noise import Floats, Resamples, difference, is_beyond
from drsim.study.sensitivity import Trials

_QUANTILE = 0.95


@dataclass(frozen=True)
class Swing:
    """A value that swings a figure.

    Attributes:
        varied: the value.
        measure: `downtime_s` or `data_loss_s`, its 95th percentile.
        low_s, base_s, high_s: the figure at the low end, as it is, and at the high end [s]; infinite if unrecovered.
        is_sure: whether it swings it by more than the luck of the drills.
        widths: how far the ends are apart in the drills, then in each of their resamples [s].
    """

    varied: Input
    measure: str
    low_s: float
    base_s: float
    high_s: float
    is_sure: bool
    widths: Floats

    def is_tied(self, widest: Swing | None) -> bool:
        """Return whether the drills do not tell it apart from the one of its measure that swings it farthest."""
        return widest is not None and widest is not self and not is_beyond(difference(widest.widths, self.widths))


def swings(trials: Trials, candidates: Iterable[Input], measures: Sequence[str], drills: int) -> list[Swing]:
    """Return the values that swing a figure, the farthest first, with those that may only seem to swing the first.

    Args:
        trials: of the drills.
        candidates: the values that are put to either end, of equals the likelier first.
        measures: of these the first that a value swings is told, and those that swing the first come before.
        drills: of the trials.
    """
    resamples = Resamples(drills)

    def percentiles(end: End | None) -> dict[str, Floats]:
        by_drill = trials.figures(end, measures)
        return {measure: resamples.percentile(figures, _QUANTILE) for measure, figures in by_drill.items()}

    base = percentiles(None)
    swinging: list[Swing] = []
    for varied in candidates:
        low, high = (base if end is None else percentiles(end) for end in (varied.low, varied.high))
        for measure in measures:
            moved = difference(high[measure], low[measure])
            is_sure = is_beyond(moved)
            if is_sure or (measure == measures[0] and moved[0]):
                low_s, base_s, high_s = (float(percentile[measure][0]) for percentile in (low, base, high))
                swinging.append(Swing(varied, measure, low_s, base_s, high_s, is_sure, np.abs(moved)))
            if is_sure:
                break
    return sorted(swinging, key=lambda swing: (measures.index(swing.measure), -swing.widths[0]))
