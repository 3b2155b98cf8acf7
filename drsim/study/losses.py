"""What incidents cost applications in time, from which money is worked out: counts and means apart from any percentile.

An application is struck by whatever strikes one of its resources. Where it stands in several units, which are its
resources under kinds that strike one, or services, each has drills of its own, all of which count, weighted by how
often it strikes. Sums are exact, so that an application's figures depend neither on what else the scenario holds nor on
the pieces that the work was cut into.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drsim.engine.exposure import Exposure
from drsim.engine.incidents import AFFECTED_STATES
from drsim.scenario.subjects import application_of
from drsim.study.affected import Affected, Incidents
from drsim.study.dealing import codes

_RESTORED = ("restore", "point-in-time restore")


@dataclass(frozen=True, order=True)
class RestoreKind:
    """A kind of restore in the log.

    Attributes:
        resource: `app.resource`.
        place: the vault it came from.
        is_cold: whether it was retrieved from cold storage.
        is_copied: whether it was copied before it was restored.
    """

    resource: str
    place: str
    is_cold: bool
    is_copied: bool


@dataclass(frozen=True)
class Tally:
    """The drills of one unit that reached an application: how many, and sums of their times [s].

    Attributes:
        drills: how many; the others than `recovered` were lost for good.
        recovered: how many of them recovered.
        downtime_s, data_loss_s: sums over those that recovered.
        lost_after_s, rebuild_s: sums over the others: until nothing was left to try, and of rebuilding.
    """

    drills: int
    recovered: int
    downtime_s: float
    data_loss_s: float
    lost_after_s: float
    rebuild_s: float


@dataclass(frozen=True)
class MeanEvent:
    """What one event that takes an application down is on average.

    Attributes:
        application: its name.
        struck: what is struck where it is not the application itself, but what it requires; else empty.
        per_year: how often [1/year].
        p_lost: probability that there is no recovery; NaN where no drill tells.
        downtime_s, data_loss_s: means over recoveries [s]; 0 where there is none.
        lost_after_s, rebuild_s: means over events without recovery [s]; 0 where there is none.
    """

    application: str
    struck: str
    per_year: float
    p_lost: float
    downtime_s: float = 0.0
    data_loss_s: float = 0.0
    lost_after_s: float = 0.0
    rebuild_s: float = 0.0


@dataclass(frozen=True)
class Losses:
    """What the drills of a strategy under a disruption cost in time.

    Attributes:
        exposure: to the disruption.
        tallies: (application, what the log calls struck) -> its drills.
        restores: how many of each kind there were.
    """

    exposure: Exposure
    tallies: Mapping[tuple[str, str], Tally]
    restores: Counter[RestoreKind]

    def shares(self, application: str) -> dict[str, float]:
        """Return how an application's own events are shared among what the log calls struck, 1 in all."""
        rates = self.exposure.units.get(application, {})
        total = math.fsum(rates.values())
        return {name: rate / total if total else 1 / len(rates) for name, rate in rates.items()}

    def events(self, application: str) -> tuple[MeanEvent, ...]:
        """Return the mean event of an application's own, if it can be struck, then those of what it requires.

        Args:
            application: its name.
        """
        rate = self.exposure.struck_per_year.get(application)
        events = [] if rate is None else [self._mean(application, "", rate, self.shares(application))]
        for unit in self._required.get(application, ()):
            per_year = self.exposure.dependents[application, unit]
            events.append(self._mean(application, unit, per_year, {unit: 1.0}))
        return tuple(events)

    @cached_property
    def _required(self) -> dict[str, list[str]]:
        """What takes each application down, though it does not stand there itself."""
        units: dict[str, list[str]] = {}
        for name, unit in self.exposure.dependents:
            units.setdefault(name, []).append(unit)
        return units

    def _mean(self, application: str, struck: str, per_year: float, shares: Mapping[str, float]) -> MeanEvent:
        """Return the mean event of several units.

        Args:
            application: its name.
            struck: as the mean event has it.
            per_year: how often [1/year].
            shares: of the units.
        """
        tallies = [
            (share, self.tallies[application, unit])
            for unit, share in shares.items()
            if (application, unit) in self.tallies
        ]
        if not tallies:
            return MeanEvent(application, struck, per_year, math.nan)
        recovered = math.fsum(share * tally.recovered / tally.drills for share, tally in tallies)
        lost = math.fsum(share * (tally.drills - tally.recovered) / tally.drills for share, tally in tallies)

        def mean(figure: str, part: float) -> float:
            total = math.fsum(share * getattr(tally, figure) / tally.drills for share, tally in tallies)
            return total / part if part else 0.0

        return MeanEvent(
            application,
            struck,
            per_year,
            lost,
            mean("downtime_s", recovered),
            mean("data_loss_s", recovered),
            mean("lost_after_s", lost),
            mean("rebuild_s", lost),
        )


def losses_of(affected: Affected, restores: Counter[RestoreKind]) -> Losses:
    """Return what the drills of a strategy under a disruption cost in time.

    Args:
        affected: their incidents.
        restores: of `count_restores`.
    """
    applications = [(name, unit) for name, unit in affected.pairs() if name == application_of(name)]
    tallies = {(name, unit): _tally(affected.of_unit(name, unit)) for name, unit in applications}
    return Losses(affected.exposure, tallies, restores)


def _tally(incidents: Incidents) -> Tally:
    recovered = incidents.state == AFFECTED_STATES.index("recovered")

    def total(figure: str, rows: NDArray[np.bool_]) -> float:
        # what had no data to lose has no figure
        return math.fsum(np.nan_to_num(incidents.figures[figure][rows], nan=0.0).tolist())

    return Tally(
        len(recovered),
        int(np.count_nonzero(recovered)),
        total("downtime_s", recovered),
        total("data_loss_s", recovered),
        total("lost_after_s", ~recovered),
        total("rebuild_s", ~recovered),
    )


def count_restores(incidents: pd.DataFrame) -> Counter[RestoreKind]:
    """Return how many restores of each kind a log holds.

    Args:
        incidents: one row per drill and affected subject.
    """
    levels, level = codes(incidents["level"])
    ways, way = codes(incidents["recovered_by"])
    is_counted = np.isin(way, [k for k, name in enumerate(ways) if name in _RESTORED])
    is_counted &= np.isin(level, [k for k, name in enumerate(levels) if name == "resource"])
    subjects, subject = codes(incidents["subject"])
    places, place = codes(incidents["place"])
    is_cold = incidents["retrieve_s"].to_numpy() > 0
    is_copied = incidents["copy_s"].to_numpy() > 0
    kind = ((subject * len(places) + place) * 2 + is_cold) * 2 + is_copied
    kinds, numbers = np.unique(kind[is_counted], return_counts=True)
    return Counter(
        {
            RestoreKind(subjects[k // 4 // len(places)], places[k // 4 % len(places)], bool(k & 2), bool(k & 1)): n
            for k, n in zip(kinds.tolist(), numbers.tolist(), strict=True)
        }
    )
