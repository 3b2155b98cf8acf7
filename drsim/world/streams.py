"""The backup and copy jobs of a world: a stream for each rule and member that it protects."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from drsim.distributions import Distribution
from drsim.draws import Key
from drsim.laws.failures import Failure
from drsim.laws.increments import grown
from drsim.laws.jobs import Work

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class DeletionEvent:
    """With which of its copies a recovery point goes, if its retention has not ended before.

    Attributes:
        completed: positions of the copy actions that all have to be completed.
        over: positions of those that only have to be over.
    """

    completed: tuple[int, ...]
    over: tuple[int, ...] = ()


@dataclass(frozen=True)
class Copy:
    """A copy action of a stream: every recovery point of its parent is copied by a job of its own.

    Attributes:
        parent: position of the action that is copied from, -1 for the backup itself.
        vault: destination.
        delay: wait before the copy job is queued [s], with its stream of draws.
        work, failure: the law of the job.
        size_bytes, objects: (runs,) what each copy job moves.
        delete_after_s, cold_after_s: lifecycle, from the captured moment; inf for never.
        expiry_key: stream of draws of the expiry delay.
        limits: indices of the limits that the job needs a slot of.
        since_s: before which scheduled moment nothing is kept [s since start]: the age of what is kept for ever.
        goes: with which copies of it a copy goes; None where its retention alone decides.
    """

    parent: int
    vault: int
    delay: Distribution
    delay_key: Key
    work: Work
    failure: Failure
    size_bytes: Floats
    objects: Floats
    delete_after_s: float
    cold_after_s: float
    expiry_delay: Distribution
    expiry_key: Key
    limits: tuple[int, ...]
    since_s: float = -math.inf
    goes: DeletionEvent | None = None


@dataclass(frozen=True)
class Scan:
    """The malware scan of each recovery point of a rule, which begins when its backup is done.

    Attributes:
        in_full: whether each scan reads the whole of the data; if not, what the backup has moved.
        work: how long one takes.
        missed: whether scans do not know what has got in; one draw for all points that a disruption has infected.
        size_bytes, objects, growth: of the resource, at the start, and yearly.
    """

    in_full: bool
    work: Work
    missed: Failure
    size_bytes: float
    objects: float
    growth: float

    def amounts(self, stream: Stream) -> tuple[Floats, Floats]:
        """Return the bytes and the objects that the scan of the point of each run of a stream reads, (runs,) each."""
        if not self.in_full:
            return stream.size_bytes, stream.objects
        factor = grown(self.growth, stream.times_s)
        return self.size_bytes * factor, self.objects * factor


@dataclass(frozen=True, eq=False)
class Base:
    """The first full backup of a lineage, where it may not fit its completion window: without it there is no increment.

    Attributes:
        trials: the streams of the lineage without their copies, every run moving everything.
        size_bytes, objects, growth: of the resource, at the start, and yearly.
        never: whether no run can ever leave a full, so that there never is a point.
    """

    trials: tuple[Stream, ...]
    size_bytes: float
    objects: float
    growth: float
    never: bool

    @cached_property
    def known(self) -> dict[str, Floats]:
        """What `drsim.world.bases` has found out so far."""
        return {}


@dataclass(frozen=True)
class Stream:
    """One rule applied to one member of a resource: a sequence of backup jobs.

    Attributes:
        name: member and rule, `app.resource/rule`, which name the luck of its jobs.
        rule: name of the rule or of the feature; of several rules of one name told apart by `~2`.
        member: whose.
        order: place in the order written.
        times_s: (runs,) scheduled moments of the runs that are not suppressed [s since start], ascending.
        indices: (runs,) number of each run, whose draws it names.
        all_times_s: scheduled moments, suppressed runs included: what an interval is measured by.
        is_point: whether the backup is a recovery point; a continuous rule's snapshot is only a source of copies.
        start_window_s, completion_window_s: windows [s], inf for none.
        size_bytes, objects: (runs,) what each backup job moves, once the lineage has its base.
        begin_s: since when the rule has run [s since start]; no run is earlier.
        since_s, goes: as of a copy.
        base: the full that the increments need; None where it is sure to fit its window.
        scan: the scan of its points; None where nobody scans them.
        retained_on_delete: whether its points outlive the deletion of their resource.
    """

    name: str
    rule: str
    member: int
    order: int
    times_s: Floats
    indices: Ints
    all_times_s: Floats
    start_window_s: float
    completion_window_s: float
    start_delay: Distribution
    start_key: Key
    work: Work
    failure: Failure
    size_bytes: Floats
    objects: Floats
    is_point: bool
    vault: int
    delete_after_s: float
    cold_after_s: float
    expiry_delay: Distribution
    expiry_key: Key
    limits: tuple[int, ...]
    copies: tuple[Copy, ...]
    begin_s: float
    since_s: float = -math.inf
    goes: DeletionEvent | None = None
    base: Base | None = None
    scan: Scan | None = None
    retained_on_delete: bool = True

    @property
    def jobs(self) -> tuple[Stream | Copy, ...]:
        """The jobs of each run: the backup, then its copies."""
        return (self, *self.copies)


def numbered(rule: str, place: int) -> str:
    """Return a rule's name as streams have it: of those of one name for a resource all but the first have a number.

    Args:
        rule: its name.
        place: among those of its name, from 1.
    """
    return f"{rule}~{place}" if place > 1 else rule
