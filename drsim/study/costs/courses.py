"""When the copies of a rule's points come about, and which can be made at all.

A copy job needs a point that is neither cold nor gone when it begins, and leaves nothing where its copy would be gone
when it ends. Ages are those of the data. Nobody is taken to wait for a slot.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from drsim.distributions import Constant, Distribution
from drsim.laws.failures import Failure
from drsim.laws.points import is_beyond_copying
from drsim.laws.schedule import is_within
from drsim.laws.staying import EarlyDeletion
from drsim.units import YEAR_S
from drsim.world.streams import Copy, Stream

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_QUANTILES = (np.arange(512) + 0.5) / 512

_FEW = np.arange(4, 512, 8)
"""Some of them: each with each of another law are many."""


@dataclass(frozen=True, eq=False)
class Course:
    """What becomes of the jobs of one copy action.

    Attributes:
        p_begins: probability that what is copied is there and warm when the job begins, if it ever was there.
        p_lasts: probability that the copy is not gone when the job ends, if it begins.
        p_made: probability that the copy is made, if the backup is: what is copied is, and no job fails.
        begins_s, ends_s: ages of the data when jobs would begin, and when those that begin end, at quantiles,
            or the largest of them alone [s].
        delayed_s: by how much of it the copy is late because it is written so [s].
    """

    p_begins: float
    p_lasts: float
    p_made: float
    begins_s: Floats
    ends_s: Floats
    delayed_s: float

    @property
    def p_there(self) -> float:
        """The probability that there is a copy, if the backup is made."""
        return self.p_made * self.p_lasts


class _Ages:
    """Ages of the data of alike jobs at quantiles [s]: all in all, and what of it is delay."""

    def __init__(self, total: Floats, delayed: Floats) -> None:
        self.total, self.delayed = total, delayed

    def plus(self, lasting: Floats, *, is_delay: bool = False) -> _Ages:
        """Return the ages a job or a delay later, which is as long whatever was before.

        Args:
            lasting: how long it is at quantiles, ascending [s].
            is_delay: whether it is a delay.
        """
        if lasting[0] == lasting[-1] or self.total.min() == self.total.max():
            return _Ages(self.total + lasting, self.delayed + lasting * is_delay)
        total = (self.total[_FEW, None] + lasting[_FEW]).ravel()
        delayed = (self.delayed[_FEW, None] + lasting[_FEW] * is_delay).ravel()
        order = np.argsort(total, kind="stable")[len(_FEW) // 16 :: len(_FEW) // 8]
        return _Ages(total[order], delayed[order])

    def only(self, which: NDArray[np.bool_]) -> _Ages:
        """Return the ages of some of the jobs, of as many quantiles."""
        if which.all():
            return self
        of = np.flatnonzero(which)
        places = of[(np.arange(len(which)) * len(of)) // len(which)] if of.size else np.arange(len(which))
        return _Ages(self.total[places], self.delayed[places])


def courses(rule: Stream) -> list[Course]:
    """Return what becomes of the copies of a rule's points, by copy action."""
    if (in_time := _all_in_time(rule)) is not None:
        return in_time
    lasting = _lasting(rule, rule)
    made = _Ages(lasting, np.zeros(len(_QUANTILES))).only(lasting <= rule.completion_window_s)
    courses: list[Course] = []
    ends: list[_Ages] = []
    for copy in rule.copies:
        source: Stream | Copy = rule if copy.parent < 0 else rule.copies[copy.parent]
        before = made if copy.parent < 0 else ends[copy.parent]
        begins = before.plus(_quantiles(copy.delay), is_delay=True)
        late = is_beyond_copying(
            0.0, source.cold_after_s, source.delete_after_s, source.expiry_delay.mean, begins.total
        )
        p_begins = 1 - float(late.mean())
        begun = begins.only(~late)
        end = begun.plus(_lasting(rule, copy))
        lasts = end.total < copy.delete_after_s + copy.expiry_delay.mean
        courses.append(
            Course(
                p_begins,
                float(lasts.mean()),
                _p_succeeds(rule, copy, courses) * p_begins,
                begins.total,
                end.total,
                float(begun.delayed.mean()),
            )
        )
        ends.append(end.only(lasts))
    return courses


def _all_in_time(rule: Stream) -> list[Course] | None:
    """Return the same where even the longest jobs and delays let every copy be in time; None where they do not."""
    if not rule.copies:
        return []
    courses: list[Course] = []
    # all are taken to be long together
    last = np.array([-1])
    first = np.minimum(_lasting(rule, rule, last), rule.completion_window_s)
    for copy in rule.copies:
        source: Stream | Copy = rule if copy.parent < 0 else rule.copies[copy.parent]
        begins = (first if copy.parent < 0 else courses[copy.parent].ends_s) + _quantiles(copy.delay)[last]
        ends = begins + _lasting(rule, copy, last)
        if begins[0] >= min(source.cold_after_s, _lifetime_s(source)) or ends[0] >= _lifetime_s(copy):
            return None
        late = copy.delay.mean + (0.0 if copy.parent < 0 else courses[copy.parent].delayed_s)
        courses.append(Course(1.0, 1.0, _p_succeeds(rule, copy, courses), begins, ends, late))
    return courses


def _p_succeeds(rule: Stream, copy: Copy, courses: Sequence[Course]) -> float:
    """Return the probability that what a copy is made from is there, if the backup is, and the copy does not fail."""
    p_parent = 1.0 if copy.parent < 0 else courses[copy.parent].p_there
    above = _path(rule, copy.parent)
    return p_parent * (1 - copy.failure.beyond([job.failure for job in above]).p)


def early_deletion(rule: Stream, nth: int, of: Sequence[Course], made: float) -> EarlyDeletion | None:
    """Return how points go with their copies; None where their retention alone decides.

    Args:
        rule: that makes the points.
        nth: position of the copy action whose copies these points are; -1 for the rule's own.
        of: what becomes of the rule's copies.
        made: the probability that there is such a point, its lineage being there.
    """
    job: Stream | Copy = rule if nth < 0 else rule.copies[nth]
    if job.goes is None:
        return None
    completed = job.goes.completed
    above = [made_by.failure for made_by in _path(rule, nth)]
    failures: dict[object, Failure] = {}
    for k in completed:
        law = rule.copies[k].failure.beyond(above)
        # of laws that share their spells the one that fails most often has those of the others
        key = law.key if law.comes_in_spells else k
        if law.p > 0 and (key not in failures or failures[key].p < law.p):
            failures[key] = law
    late = 1 - math.prod(of[k].p_begins for k in completed)
    if late >= 1 or any(law.p >= 1 for law in failures.values()):
        return None
    ends = [_mean_end_s(rule, k) for k in range(len(rule.copies))]
    done = max(ends[k] for k in completed)
    after = _last(done, [(ends[k], of[k].p_made) for k in job.goes.over])
    return EarlyDeletion(after, tuple(failures.values()), late, made) if after < _lifetime_s(job) else None


def _last(done_s: float, over: Sequence[tuple[float, float]]) -> float:
    """Return when all copies are over on average, one that fails being so at once [s].

    Args:
        done_s: when those are that have to be made [s].
        over: when each of the others ends [s], and the probability that it is made.
    """
    until_s, none_later = 0.0, 1.0
    for end, p in sorted(over, reverse=True):
        if end > done_s:
            until_s += none_later * p * end
            none_later *= 1 - p
    return until_s + none_later * done_s


def _path(rule: Stream, k: int) -> list[Stream | Copy]:
    """Return a job and those that it follows from, to the backup."""
    jobs: list[Stream | Copy] = []
    while k >= 0:
        jobs.append(rule.copies[k])
        k = rule.copies[k].parent
    return [*jobs, rule]


def _lifetime_s(job: Stream | Copy) -> float:
    return job.delete_after_s + job.expiry_delay.mean


def _mean_end_s(rule: Stream, k: int) -> float:
    """Return the mean age at which a copy is made [s]."""
    begin = sum(job.delay.mean + lasting_s(rule, job) for job in _path(rule, k) if isinstance(job, Copy))
    return begin + lasting_s(rule, rule)


def in_first_year(rule: Stream) -> NDArray[np.bool_]:
    """Return which runs of a rule are scheduled in the year from the start on, (runs,)."""
    return is_within(rule.times_s, 0.0, YEAR_S)


def lasting_s(rule: Stream, job: Stream | Copy) -> float:
    """Return the mean duration of a job of a rule in the first year [s]; 0 where it has none."""
    runs = in_first_year(rule)
    durations = job.work.expected_s(job.size_bytes[runs], job.objects[runs])
    return float(durations.mean()) if durations.size else 0.0


def _lasting(rule: Stream, job: Stream | Copy, which: Ints | None = None) -> Floats:
    """Return the duration of a job of a rule at quantiles, of the mean size in the first year [s].

    Args:
        rule: the rule.
        job: its backup, or a copy action.
        which: positions of the quantiles that are wanted; None for all.
    """
    runs = in_first_year(rule)
    whole, *rates = (_quantiles(law) for law, _ in job.work.drawn_parts)
    # from short to long: the faster, the shorter
    parts = [whole, *(rate[::-1] for rate in rates)]
    if which is not None:
        parts = [part[which] for part in parts]
    if not runs.any():
        return np.zeros(len(parts[0]))
    return job.work.lasting(parts, float(job.size_bytes[runs].mean()), float(job.objects[runs].mean()))


@lru_cache(4096)
def _quantiles(law: Distribution) -> Floats:
    """Return a distribution at quantiles, ascending."""
    if isinstance(law, Constant):
        return np.full(len(_QUANTILES), law.value)
    quantiles = law.ppf(_QUANTILES)
    quantiles.flags.writeable = False
    return quantiles
