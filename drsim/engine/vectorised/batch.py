"""Drills of several disruptions and units one after the other: what is asked of all of them is asked once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drsim.engine.courses import Course
from drsim.engine.strike import Occurrences, Strikes

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


class Situation(NamedTuple):
    """What struck, and how an application goes about its recovery: what all drills of it have in common."""

    strikes: Strikes
    course: Course


@dataclass(frozen=True)
class Batch(Occurrences):
    """The drills of several strikes, numbered on; their figures are (n,) over all of them.

    Attributes:
        strikes: in their order.
        first: the number of each one's first drill, and n.
    """

    strikes: tuple[Strikes, ...]
    first: tuple[int, ...]

    @classmethod
    def of(cls, strikes: Sequence[Strikes]) -> Batch:
        """Return strikes one after the other."""

        def joined(name: str) -> NDArray[np.generic]:
            arrays = [getattr(s, name) for s in strikes]
            return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)

        names = ("run", "incident", "occurred_s", "contaminated_s", "vault_ok")
        first = np.concatenate(([0], np.cumsum([len(s.run) for s in strikes]))).tolist()
        return cls(**{name: joined(name) for name in names}, strikes=tuple(strikes), first=tuple(first))  # type: ignore[arg-type]

    def is_impaired(self, steps: tuple[str, ...], sites: tuple[int, ...]) -> Bools:
        """Return whether steps of any of these kinds have to wait at any of these sites, (n,)."""
        impaired = [s.is_impaired(steps, sites) for s in self.strikes]
        return impaired[0] if len(impaired) == 1 else np.concatenate(impaired)


class Lanes:
    """Some drills of a batch in which one member is recovered, each in a situation; numbered from 0.

    Args:
        batch: of which they are.
        situations: that there are.
        of: (m,) in which of the situations each drill is.
        drills: (m,) their numbers in the batch.

    Attributes:
        occurred_s, contaminated_s: (m,) of each [s since start].
        vault_ok: (m, vaults) whose points survive and can be reached.
    """

    def __init__(self, batch: Batch, situations: Sequence[Situation], of: Ints, drills: Ints) -> None:
        self.batch, self.situations, self.drills = batch, situations, drills
        self._of = of
        self.occurred_s, self.contaminated_s = batch.occurred_s[drills], batch.contaminated_s[drills]
        self.vault_ok = batch.vault_ok[drills]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.drills)

    def where(self, holds: Callable[[Situation], bool]) -> Bools:
        """Return in which lanes something holds that follows from the situation, (m,)."""
        return np.array([holds(s) for s in self.situations], dtype=bool)[self._of]

    def each(self, value: Callable[[Situation], float]) -> Floats:
        """Return a figure that follows from the situation, (m,)."""
        return np.array([value(s) for s in self.situations], dtype=np.float64)[self._of]
