"""Published measurements against the distributions that the catalogue gives for what they measure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from drsim.catalogue import JOBS, Catalogue, Measurement, load_catalogue
from drsim.distributions import Distribution
from drsim.errors import CatalogueError
from drsim.laws.jobs import Work
from drsim.laws.sampling import p_at_most
from drsim.scenario.resolve import Parameters
from drsim.world.work import hydration_work_of, restore_work_of, work_of

_DRAWS = 60_000
"""Jobs that are drawn for the distribution of one duration: its 5th percentile then lies within 0.2 % of the jobs."""

LOW, HIGH = 0.05, 0.95
"""The percentiles between which nine tenths of what is drawn lie."""


Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sample(Distribution):
    """Durations of jobs as they were drawn, in ascending order [s]."""

    values: Floats

    def ppf(self, u: Floats) -> Floats:
        """Return the duration of rank floor(u n)."""
        n = len(self.values)
        return self.values[np.minimum((np.asarray(u) * n).astype(np.int64), n - 1)]

    @property
    def mean(self) -> float:
        """The mean of the durations [s]."""
        return float(self.values.mean())

    @property
    def sup(self) -> float:
        """The longest of the durations [s]."""
        return float(self.values[-1])


@dataclass(frozen=True)
class Band:
    """A measurement, and what is drawn for the same thing.

    Attributes:
        measurement: what was measured.
        law: what is drawn for it: a distribution of the catalogue, or the durations of jobs of the same size.
    """

    measurement: Measurement
    law: Distribution

    @property
    def ends(self) -> tuple[float, float]:
        """5th and 95th percentile of what is drawn, in the canonical unit."""
        return self.law.quantile(LOW), self.law.quantile(HIGH)

    @property
    def percentile(self) -> float:
        """The share of what is drawn that lies below the measured value, 0 to 1."""
        return p_at_most(self.law, self.measurement.middle)

    @property
    def is_inside(self) -> bool:
        """Whether the measured value lies between the ends; of a bound, whether a value beyond it is among these."""
        low, high = self.ends
        measured = self.measurement
        if measured.is_bound:
            return low < measured.high and measured.low < high
        return low <= measured.middle <= high


def bands(measurements: Iterable[Measurement], catalogue: Catalogue | None = None) -> list[Band]:
    """Return each measurement with what is drawn for the same thing.

    Args:
        measurements: of the catalogue.
        catalogue: with the distributions; the shipped one where left out.
    """
    known = catalogue or load_catalogue()
    return [Band(measured, law_of(measured, known)) for measured in measurements]


def law_of(measured: Measurement, catalogue: Catalogue) -> Distribution:
    """Return what is drawn for what a measurement measures.

    Raises:
        CatalogueError: the catalogue has no distribution for it.
    """
    law: object
    if measured.is_of_disruption:
        kind = catalogue.disruptions.get(measured.of)
        law = dict(kind.leaves()).get(measured.measures) if kind else None
    elif measured.of not in catalogue.types:
        law = None
    elif works := _works(catalogue, measured):
        return _drawn(works, measured.size, measured.objects)
    else:
        law = dict(catalogue.types[measured.of].leaves()).get(measured.measures) or catalogue.defaults.get(
            measured.measures
        )
    value = getattr(law, "value", None)
    if not isinstance(value, Distribution):
        raise CatalogueError(
            f"measurements.yaml: {measured.key}: {measured.of} has no distribution {measured.measures}"
        )
    return value


def _works(catalogue: Catalogue, measured: Measurement) -> tuple[Work, ...]:
    """Return the laws whose durations add up to that of a job; none for what is no job."""
    type_name, measures = measured.of, measured.measures
    if measures not in JOBS:
        return ()
    kind = catalogue.types[type_name].used((), measured.objects)
    levels = (kind.parameters, catalogue.defaults)
    values = Parameters(tuple({name: leaf.value for name, leaf in level.items()} for level in levels))
    if measures in ("backup", "copy"):
        return (work_of(values, 1, type_name, measures),)
    restore = restore_work_of(values, 1, type_name, measured.size)
    hydration = hydration_work_of(values, 1, type_name, measured.size)
    return (restore,) if measures == "restore" or hydration is None else (restore, hydration)


@lru_cache(512)
def _drawn(works: tuple[Work, ...], size: float, objects: float) -> Sample:
    """Return the durations of jobs that do several works one after the other."""
    durations = [work.durations(np.arange(_DRAWS), 0, size, objects) for work in works]
    return Sample(np.sort(np.sum(durations, axis=0)))
