"""The luck of one incident's recovery: durations and failures, drawn for all incidents of a unit at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drsim import draws
from drsim.distributions import Distribution
from drsim.engine.courses import ATTEMPTS
from drsim.engine.options import growth, size_at
from drsim.engine.strike import Strikes
from drsim.laws.failures import Failure
from drsim.laws.jobs import Replay, Work
from drsim.laws.sampling import draw
from drsim.world.model import Resource
from drsim.world.streams import Scan

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Luck:
    """What is drawn for one incident.

    Args:
        strikes: the disruption.
        e: which of its incidents.
    """

    def __init__(self, strikes: Strikes, e: int) -> None:
        self._strikes, self._e = strikes, e

    def _index(self, attempt: int) -> Ints:
        return self._strikes.incident * ATTEMPTS + attempt

    def duration_s(self, distribution: Distribution, key: int, attempt: int = 0) -> float:
        """Return a drawn duration on the time grid [s]."""
        strikes = self._strikes
        drawn = strikes.once((key, attempt), lambda: draw(distribution, key, strikes.run, self._index(attempt)))
        return float(draws.on_grid(drawn[self._e]))

    def job_s(self, work: Work, resource: Resource, attempt: int) -> float:
        """Return how long a job of the recovery takes that moves all of a member's data [s]."""
        strikes = self._strikes

        def durations() -> Floats:
            grown = growth(resource, strikes.occurred_s)
            size, objects = resource.size_bytes * grown, resource.objects * grown
            return work.durations(strikes.run, self._index(attempt), size, objects)

        return float(strikes.once((work.keys, attempt), durations)[self._e])

    def replay_s(self, law: Replay, resource: Resource, since_base_s: float, attempt: int) -> float:
        """Return how long the log since a base takes to apply to one member [s]."""
        strikes = self._strikes
        paces = strikes.once((law.key, attempt), lambda: law.paces(strikes.run, self._index(attempt)))
        size, _ = size_at(resource, float(strikes.occurred_s[self._e]))
        return float(draws.on_grid(law.amount(size, since_base_s) * paces[self._e]))

    def is_missed(self, scan: Scan) -> bool:
        """Return whether scans do not know what has got in."""
        strikes, law = self._strikes, scan.missed
        drawn = strikes.once(
            ("missed", law.key, law.p),
            lambda: law.failed(strikes.run, self._index(0), strikes.occurred_s).astype(np.float64),
        )
        return bool(drawn[self._e])

    def is_useless(self, failure: Failure, attempt: int) -> bool:
        """Return whether a restore shows its point to be useless."""
        strikes = self._strikes
        drawn = strikes.once(
            (failure.key, attempt),
            lambda: failure.failed(strikes.run, self._index(attempt), strikes.occurred_s).astype(np.float64),
        )
        return bool(drawn[self._e])
