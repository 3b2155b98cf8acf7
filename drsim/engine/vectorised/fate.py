"""How a struck member fares in many drills, as arrays."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from drsim.engine.incidents import UNAFFECTED

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass
class Stage:
    """A job of a member's recovery that may have to queue, in some drills.

    Attributes:
        drills: (m,) in which.
        limits: for each site, the limits on the job.
        site: (m,) where it runs.
        duration_s: (m,) how long it takes, once it has its slots [s].
        in_vain: (m,) whether the restore that it belongs to turns out useless.
        is_loading: whether it loads what is usable already: nobody waits for it, and it gives way to all others.
    """

    drills: Ints
    limits: tuple[tuple[int, ...], ...]
    site: Ints
    duration_s: Floats
    in_vain: Bools
    is_loading: bool = False

    def is_as(self, other: Stage) -> bool:
        """Return whether another job is the same."""
        names = ("drills", "site", "duration_s", "in_vain")
        alike = self.limits == other.limits and self.is_loading == other.is_loading
        return alike and all(_equal(getattr(self, n), getattr(other, n)) for n in names)

    def part(self, first: int, last: int) -> Stage:
        """Return the jobs in drills `first` to `last - 1`, numbered from 0."""
        part = self.only((self.drills >= first) & (self.drills < last))
        part.drills = part.drills - first
        return part

    def only(self, some: Bools) -> Stage:
        """Return the jobs in some of the drills, (m,)."""
        drills, site = self.drills[some], self.site[some]
        duration_s, in_vain = self.duration_s[some], self.in_vain[some]
        return Stage(drills, self.limits, site, duration_s, in_vain, self.is_loading)


@dataclass
class Fate:
    """How one member fares in n drills, its moments still unknown; all arrays (n,).

    Where it is not struck, and does not move with its application either, its state is `UNAFFECTED`.

    Attributes:
        state, by, place: codes; `place` is an index of the places' names.
        captured_s: the moment whose data are back; nan where there are none.
        automatic: whether it fails over by itself.
        tried: whether anything was there to be tried.
        lasts_s: how long it takes from its begin, without queues; inf where it is held up until the outage ends.
        full_after_s: how long data are loaded after it is usable, without queues [s].
        due_s: scheduled moment of the newest run before the damage; nan unless a point was restored.
        has_option: whether data were brought back, so that a loss has parts.
        held_up: whether full performance has to wait until the outage ends.
        gave_way: whether it is lost only with what it comes after.
        parts: parts of the downtime [s].
        stages: the jobs that may have to queue, in their order.
    """

    state: Ints
    by: Ints
    place: Ints
    captured_s: Floats
    automatic: Bools
    tried: Bools
    lasts_s: Floats
    full_after_s: Floats
    due_s: Floats
    has_option: Bools
    held_up: Bools
    gave_way: Bools
    parts: dict[str, Floats] = field(default_factory=dict)
    stages: list[Stage] = field(default_factory=list)

    def part(self, first: int, last: int) -> Fate:
        """Return the fate in drills `first` to `last - 1`, numbered from 0.

        Arrays are views but for the parts of the downtime, to which the waits for slots are added.
        """
        cut = {f.name: getattr(self, f.name)[first:last] for f in fields(self) if f.name not in ("parts", "stages")}
        parts = {part: seconds[first:last].copy() for part, seconds in self.parts.items()}
        stages = [stage.part(first, last) for stage in self.stages]
        return Fate(**cut, parts=parts, stages=[stage for stage in stages if len(stage.drills)])

    def has_jobs_of(self, other: Fate, first: int, last: int) -> bool:
        """Return whether another fate has the same jobs in drills `first` to `last - 1`, numbered from 0."""
        if self is other:
            return True
        jobs, others = ([stage.part(first, last) for stage in fate.stages] for fate in (self, other))
        jobs, others = ([stage for stage in stages if len(stage.drills)] for stages in (jobs, others))
        return len(jobs) == len(others) and all(map(Stage.is_as, jobs, others))

    def differs(self, other: Fate) -> Bools:
        """Return in which drills another fate is not the same, its jobs apart, (n,)."""
        differs = np.zeros(len(self.state), dtype=bool)
        if self is other:
            return differs
        names = [f.name for f in fields(self) if f.name not in ("parts", "stages")]
        nothing = np.zeros(len(self.state))
        pairs = [(getattr(self, name), getattr(other, name)) for name in names]
        pairs += [(self.parts.get(p, nothing), other.parts.get(p, nothing)) for p in {*self.parts, *other.parts}]
        for one, was in pairs:
            differs |= (one != was) & ~(np.isnan(one) & np.isnan(was)) if one.dtype.kind == "f" else one != was
        return differs

    @classmethod
    def none(cls, n: int, place: int) -> Fate:
        """Return the fate of a member that nothing happens to in n drills; `place` is the code of none."""
        return cls(
            state=np.full(n, UNAFFECTED),
            by=np.zeros(n, dtype=np.int64),
            place=np.full(n, place),
            captured_s=np.full(n, np.nan),
            automatic=np.zeros(n, dtype=bool),
            tried=np.zeros(n, dtype=bool),
            lasts_s=np.zeros(n),
            full_after_s=np.zeros(n),
            due_s=np.full(n, np.nan),
            has_option=np.zeros(n, dtype=bool),
            held_up=np.zeros(n, dtype=bool),
            gave_way=np.zeros(n, dtype=bool),
        )

    def gives_way(self, drills: Bools, state: Ints) -> None:
        """Let the member be lost with what it comes after, (n,) each: nothing of it is tried."""
        self.state = np.where(drills, state, self.state)
        self.gave_way = self.gave_way | drills
        self.by, self.place = np.where(drills, 0, self.by), np.where(drills, 0, self.place)
        self.captured_s, self.due_s = (np.where(drills, np.nan, x) for x in (self.captured_s, self.due_s))
        self.lasts_s, self.full_after_s = (np.where(drills, 0.0, x) for x in (self.lasts_s, self.full_after_s))
        self.has_option, self.held_up = self.has_option & ~drills, self.held_up & ~drills
        self.parts = {part: np.where(drills, 0.0, seconds) for part, seconds in self.parts.items()}
        self.stages = [stage.only(~drills[stage.drills]) for stage in self.stages]

    def spend(self, part: str, drills: Ints | Bools, seconds: Floats) -> None:
        """Add to a part of the downtime, in some drills."""
        if part not in self.parts:
            self.parts[part] = np.zeros(len(self.state))
        self.parts[part][drills] += seconds


def _equal(one: NDArray[np.generic], other: NDArray[np.generic]) -> bool:
    return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
