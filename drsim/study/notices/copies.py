"""A notice of copies that come too late: what they are made from is gone, or they are to be gone themselves."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from drsim.errors import Alike, Edit, Weight
from drsim.scenario.nodes import Loc
from drsim.scenario.plan_checks import whole_days
from drsim.scenario.registry import Finding, Repair
from drsim.study.costs.courses import Course
from drsim.study.notices.registry import NEVER, SELDOM, Job, Outlook, notice, of_resources
from drsim.units import DAY_S, HOUR_S, format_duration
from drsim.world.streams import Copy, Stream

SAFE = 0.95
"""Part of the copies that are to be in time where something else is proposed."""


class _Late(NamedTuple):
    """A copy that comes too late: its course, and the part of the runs in which it is in time."""

    job: Job
    copy: Copy
    course: Course
    share: float

    @property
    def source(self) -> Stream | Copy:
        """What is copied."""
        return self.job.stream if self.copy.parent < 0 else self.job.stream.copies[self.copy.parent]

    @property
    def never_begins(self) -> bool:
        """Whether it is what is copied that does not last."""
        return self.course.p_begins < SELDOM


@notice("copy-too-late", Weight.NEVER_HAPPENS)
def copy_too_late(outlook: Outlook) -> Iterator[Finding]:
    """A copy begins while what it copies is there and warm, and ends before it is itself to be gone."""
    groups: dict[tuple[Loc, bool], list[_Late]] = {}
    for job in outlook.jobs:
        if job.copy is not None and not outlook.is_refused(job.copy):
            late = _late(job, job.copy)
            if late is not None:
                groups.setdefault((job.loc, late.never_begins), []).append(late)
    for (loc, never_begins), late_copies in groups.items():
        worst = min(late_copies, key=lambda late: late.share)
        names = tuple(dict.fromkeys(late.job.resource.name for late in late_copies))
        what, rule, repairs = _source_is_gone(worst) if never_begins else _is_gone_itself(worst)
        often = f"is in time in {100 * worst.share:.2g} % of the runs"
        if worst.share < NEVER:
            often = "can never be made" if never_begins else "never lasts until it is made"
        words = f"{worst.job.name} {often}: {what}"
        yield Finding(
            (*loc, "delay") if _is_delayed(worst) else loc,
            of_resources(names, words),
            rule,
            *repairs[0],
            instead=tuple(repairs[1:]),
            weight=None if worst.share < NEVER else Weight.LOSES_MORE,
            alike=Alike(f"{never_begins}", 1 - worst.share, names, words),
        )


def _late(job: Job, copy: Copy) -> _Late | None:
    """Return a copy that seldom is in time, there being something to copy; None for others."""
    p_there, part, _ = job.chances.of_rule(job.stream)
    if job.stream.failure.p >= 1 or p_there * part < NEVER:
        return None
    courses = job.chances.courses(job.stream)
    course = next(course for made, course in zip(job.stream.copies, courses, strict=True) if made is copy)
    share = course.p_begins * course.p_lasts
    if share >= SELDOM or (copy.parent >= 0 and courses[copy.parent].p_there == 0):
        return None
    return _Late(job, copy, course, share)


def _is_delayed(late: _Late) -> bool:
    return late.job.placed is not None and late.copy.delay.mean > 0


def _source_is_gone(late: _Late) -> tuple[str, str, list[Repair]]:
    """Return why what is copied is not there any more, what should hold, and what to write."""
    source, begins = late.source, late.course.begins_s
    cold = source.cold_after_s < source.delete_after_s
    limit, becomes = (source.cold_after_s, "cold") if cold else (source.delete_after_s, "gone")
    why = (
        f"what it is made from is {becomes} when its data are {format_duration(limit)} old, and it begins when they "
        f"are {format_duration(float(begins.mean()))} old"
    )
    rule = f"AWS copies no point that is {becomes}: nothing {'ever ' * (late.share < NEVER)}lies there"
    repairs = [*_sooner(late, limit, begins)]
    place = late.job.placed.loc[:-2] if late.job.placed is not None else None
    least = whole_days(_most(begins) + DAY_S)
    key = "cold_storage_after" if cold else "delete_after"
    words = f"{'move' if cold else 'keep'} what it is made from {'later' if cold else 'longer'}, by `{key}: {least}`"
    edits: tuple[Edit, ...] = ()
    if place is not None and late.copy.parent < 0:
        edits = (Edit((*place, "lifecycle", key), least),)
        coldest = late.job.chances.estate.scenario.catalogue.rules.cold_minimum.value
        end = _most(begins) + DAY_S + coldest
        if cold and source.delete_after_s < end:
            edits = (*edits, Edit((*place, "lifecycle", "delete_after"), whole_days(end)))
    repairs.append(Repair(f"{words} or more", edits))
    return why, rule, repairs


def _is_gone_itself(late: _Late) -> tuple[str, str, list[Repair]]:
    """Return why a copy is gone before it is made, what should hold, and what to write."""
    ends, limit = late.course.ends_s, late.copy.delete_after_s
    why = (
        f"it is to be gone when its data are {format_duration(limit)} old, and its job ends when they are "
        f"{format_duration(float(ends.mean()))} old"
    )
    rule = "the retention of a copy counts from the moment whose data it holds"
    least = whole_days(_most(ends) + DAY_S)
    longer = Repair(f"write `delete_after: {least}` or more", _kept_until(late.job, least))
    return why, rule, [longer, *_sooner(late, limit, ends)]


def _kept_until(job: Job, least: str) -> tuple[Edit, ...]:
    """Return what gives copies a longer retention; what they only inherit is written with it."""
    if job.placed is None:
        return ()
    loc = (*job.placed.loc, "lifecycle")
    edits = [Edit((*loc, "delete_after"), least)]
    if job.placed.action.lifecycle is None:
        inherited = job.placed.lifecycle.model_dump(mode="json", exclude_defaults=True)
        inherited.pop("delete_after", None)
        edits += [Edit((*loc, key), value) for key, value in inherited.items() if value is not None]
    return tuple(edits)


def _sooner(late: _Late, limit_s: float, ages_s: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Iterator[Repair]:
    """Yield the longest delay with which a copy is in time, if there is one.

    Args:
        late: the copy.
        limit_s: age by which it has to be in time [s].
        ages_s: at which it is at quantiles, with its delay [s].
    """
    if not _is_delayed(late):
        return
    # what else passes before is as uncertain as it is
    others = float(np.quantile(ages_s, SAFE)) - late.copy.delay.quantile(SAFE)
    spare = limit_s - others
    if spare > 2 * DAY_S:
        delay = f"{math.ceil(spare / DAY_S) - 1} d"
    elif spare > HOUR_S:
        delay = f"{math.ceil(spare / HOUR_S) - 1} h"
    else:
        return
    yield Repair(f"write `delay: {delay}` or less", (Edit((*late.job.loc, "delay"), delay),))


def _most(ages_s: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    """Return the age that most do not exceed [s]."""
    return float(np.quantile(ages_s, SAFE))
