"""What an application achieved in one incident, measure by measure, beside what is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from drsim.study.measures import Measure, wanted


@dataclass(frozen=True)
class Achievement:
    """One measure of an application that was recovered.

    Attributes:
        measure: which.
        value: what was lost, or how long it took [s or bytes].
        limit: what is wanted at most [s or bytes]; None where no objective says.
    """

    measure: Measure
    value: float
    limit: float | None

    @property
    def is_met(self) -> bool | None:
        """Whether the objective is met; None where there is none."""
        return None if self.limit is None else self.value <= self.limit


def achievements(figures: Mapping[str, float], objectives: object) -> tuple[Achievement, ...]:
    """Return the measures that are to be shown with objectives, each beside its own.

    Args:
        figures: of an application, by column of the log [s or bytes]; empty where it was not recovered. What there is
            no figure of is 0, as in the summary.
        objectives: as of `drsim.scenario.ObjectiveSet`.
    """
    if not figures:
        return ()
    return tuple(Achievement(m, figures.get(m.column, 0.0), getattr(objectives, m.limit)) for m in wanted([objectives]))
