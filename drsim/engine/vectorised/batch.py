"""Drills of several disruptions and units one after the other: what is asked of all of them is asked once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from drsim.engine.courses import Course
from drsim.engine.strike import Events, Occurrences, Strikes

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


class Situation(NamedTuple):
    """What struck, how an application goes about its recovery, and the member: what all drills of it have in common."""

    strikes: Strikes
    course: Course
    member: int


@dataclass(frozen=True)
class EventsOfBatch(Events):
    """The incidents of a batch as those see them who go about the recovery.

    Attributes:
        passing: (n,) which look like an outage whose end people may wait for.
    """

    passing: Bools

    @property
    def may_pass(self) -> Bools:
        """Which look like an outage whose end people may wait for, (n,)."""
        return self.passing


_SEEN = ("run", "incident", "occurred_s", "contaminated_s", "vault_ok")
"""What is recovered sees of incidents."""


@dataclass(frozen=True)
class Batch(Occurrences):
    """The drills of several strikes, numbered on; their figures are (n,) over all of them.

    Attributes:
        strikes: in their order.
        first: the number of each one's first drill, and n.
        times: how often the same incidents follow each other.
    """

    strikes: tuple[Strikes, ...]
    first: tuple[int, ...]
    times: int = field(default=1, kw_only=True)

    @classmethod
    def of(cls, strikes: Sequence[Strikes], *, times: int = 1) -> Batch:
        """Return strikes one after the other, all of them several times."""
        strikes = tuple(strikes) * times
        first = np.concatenate(([0], np.cumsum([len(s.run) for s in strikes]))).tolist()
        return cls(**_joined(strikes, _SEEN), strikes=strikes, first=tuple(first), times=times)

    @cached_property
    def events(self) -> EventsOfBatch:
        """The incidents as those see them who go about the recovery."""
        rest = _joined(self.strikes, ("ends_s", "affected", "detect_s", "declare_s"))
        passing = np.repeat([s.may_pass for s in self.strikes], [len(s.run) for s in self.strikes])
        return EventsOfBatch(**{name: getattr(self, name) for name in _SEEN}, **rest, passing=passing)

    def is_impaired(self, steps: tuple[str, ...], sites: tuple[int, ...]) -> Bools:
        """Return whether steps of any of these kinds have to wait at any of these sites, (n,)."""
        impaired = [s.is_impaired(steps, sites) for s in self.strikes]
        return impaired[0] if len(impaired) == 1 else np.concatenate(impaired)


def _joined(strikes: Sequence[Strikes], names: Sequence[str]) -> dict[str, Any]:
    """Return the arrays of those names, one strike's after the other's."""
    columns = {name: [getattr(s, name) for s in strikes] for name in names}
    return {name: arrays[0] if len(arrays) == 1 else np.concatenate(arrays) for name, arrays in columns.items()}


class Lanes:
    """Some drills of a batch in each of which a member is recovered, each in a situation; numbered from 0.

    Args:
        batch: of which they are.
        situations: that there are.
        of: (m,) in which of the situations each drill is.
        drills: (m,) their numbers in the batch.

    Attributes:
        batch, situations, of, drills: as given.
        members: indices of the members, each once.
        occurred_s, contaminated_s: (m,) of each [s since start].
        vault_ok: (m, vaults) whose points survive and can be reached.
    """

    def __init__(self, batch: Batch, situations: Sequence[Situation], of: Ints, drills: Ints) -> None:
        self.batch, self.situations, self.of, self.drills = batch, situations, of, drills
        self.members = list(dict.fromkeys(s.member for s in situations))
        self.occurred_s, self.contaminated_s = batch.occurred_s[drills], batch.contaminated_s[drills]
        self.vault_ok = batch.vault_ok[drills]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.drills)

    def where(self, holds: Callable[[Situation], bool]) -> Bools:
        """Return in which lanes something holds that follows from the situation, (m,)."""
        return np.array([holds(s) for s in self.situations], dtype=bool)[self.of]

    def each(self, value: Callable[[Situation], float]) -> Floats:
        """Return a figure that follows from the situation, (m,)."""
        return np.array([value(s) for s in self.situations], dtype=np.float64)[self.of]
