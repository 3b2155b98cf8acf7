"""Notices of jobs that do not end in time: backups that never complete, fulls that do not fit, copies that pile up."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from drsim.errors import Alike, Edit, Weight
from drsim.laws.increments import fraction_changed
from drsim.laws.jobs import Work
from drsim.laws.sampling import p_at_most
from drsim.scenario.capabilities import has_archive
from drsim.scenario.nodes import Loc, Plain
from drsim.scenario.registry import Finding, Repair, listed
from drsim.study.costs.estate import Floats
from drsim.study.costs.kept import is_incremental
from drsim.study.notices.registry import NEVER, SELDOM, Job, Outlook, Seldom, in_first_year, notice, of_resources
from drsim.units import DAY_S, HOUR_S, YEAR_S, format_duration
from drsim.world.limits import SCENARIO, Limit
from drsim.world.streams import Stream

SAFE = 0.95
"""Part of the jobs that a window is to be long enough for, where one is proposed."""

SPARE = 1.25
"""By how much a window that is proposed is longer than what it is for takes on average, at least."""

FULL = 0.8
"""Load of a limit from which on the queue before it grows long."""


@notice("backup-never-completes", Weight.NEVER_HAPPENS)
def backup_never_completes(outlook: Outlook) -> Iterator[Finding]:
    """Backups of a resource leave points."""
    for backups in _by_place(outlook.seldom):
        worst = max(backups, key=lambda backup: backup.lasts_s)
        names = _names(backup.job for backup in backups)
        chances, rule = worst.job.chances, worst.job.stream
        first = "first " * chances.builds_on(rule)
        often = "never completes" if not worst.share else f"completes with a probability of {worst.share:.2g}"
        why, repair, edits = _why_seldom(worst)
        in_a_year = " in a year" * bool(first and worst.share)
        words = f"a {first}backup by {worst.job.name} {often}{in_a_year}: {why}"
        yield Finding(
            worst.job.loc,
            of_resources(names, words),
            "a job that is ended or fails leaves no point" + ", so that the next is a first one, too" * bool(first),
            repair,
            edits,
            (Repair(repair),),
            weight=None if worst.share < NEVER else Weight.LOSES_MORE,
            alike=Alike(_narrowest(worst), worst.lasts_s, names, words),
        )


def _by_place(seldom: Iterable[Seldom]) -> Iterator[list[Seldom]]:
    """Yield what a rule's backups have in common, its resources together."""
    groups: dict[tuple[Loc, str], list[Seldom]] = {}
    for backup in seldom:
        groups.setdefault((backup.job.loc, _narrowest(backup)), []).append(backup)
    yield from groups.values()


def _narrowest(backup: Seldom) -> str:
    """Return the hurdle that most backups do not pass."""
    return min(backup.hurdles._fields, key=lambda name: getattr(backup.hurdles, name))


def _names(jobs: Iterable[Job]) -> tuple[str, ...]:
    """Return the resources of jobs, each once."""
    return tuple(dict.fromkeys(job.resource.name for job in jobs))


def _why_seldom(backup: Seldom) -> tuple[str, str, tuple[Edit, ...]]:
    """Return the hurdle that most backups of a rule do not pass, and what to write."""
    hurdles, rule = backup.hurdles, backup.job.stream
    if hurdles.succeeds == min(hurdles):
        return (
            f"{100 * rule.failure.p:.3g} % of its jobs fail",
            "write a lower `backup_failure`, if that is not meant",
            (),
        )
    if hurdles.starts == min(hurdles):
        window, delay = format_duration(rule.start_window_s), format_duration(rule.start_delay.mean)
        enough = SPARE * rule.start_delay.mean
        needed = _whole_hours(lambda s: p_at_most(rule.start_delay, s) >= SAFE, enough)
        return (
            f"it has to start within {window}, and starts after {delay} on average",
            f"write a `start_window` well above {delay}, such as `start_window: {needed}`",
            _window(backup.job, "start_window", needed),
        )
    lasts = format_duration(backup.lasts_s)
    needed = _fitting(rule.work, backup.job)
    return (
        f"it takes {lasts} on average, and has to complete within {format_duration(rule.completion_window_s)}",
        f"write a `completion_window` well above {lasts}, such as `completion_window: {needed}`",
        _window(backup.job, "completion_window", needed),
    )


def _window(job: Job, key: str, value: str) -> tuple[Edit, ...]:
    return (Edit((*job.rule.loc, key), value),) if job.rule is not None else ()


def _fitting(work: Work, job: Job) -> str:
    """Return a window that nearly all first backups of a resource fit."""
    resource = job.resource
    size, objects = resource.size_bytes, resource.objects
    mean_s = float(work.expected_s(size, objects))
    return _whole_hours(lambda s: work.p_within(s, size, objects) >= SAFE, SPARE * mean_s)


def _whole_hours(fits: Callable[[float], bool], begin_s: float) -> str:
    """Return the shortest of growing times that fits [whole hours]."""
    hours = max(1, math.ceil(begin_s / HOUR_S))
    for _ in range(60):
        if fits(hours * HOUR_S):
            break
        hours = math.ceil(hours * 1.25)
    return f"{hours} h"


@notice("longer-than-window", Weight.LOSES_MORE)
def longer_than_window(outlook: Outlook) -> Iterator[Finding]:
    """A typical backup fits its completion window: a first one, or an increment where others leave the first."""
    told = {backup.job.stream.name for backup in outlook.seldom}
    groups: dict[tuple[Loc, bool], list[tuple[float, float, Job]]] = {}
    for job in outlook.jobs:
        window = job.stream.completion_window_s
        if job.copy is not None or math.isinf(window) or job.stream.name in told or job.rule is None:
            continue
        full = (job.resource.size_bytes, job.resource.objects)
        first = not (job.chances.builds_on(job.stream) and _has_base(outlook, job))
        size, objects = full if first else _typical(job)
        fits = job.stream.work.p_within(window, size, objects)
        if fits < 0.5:
            lasts = _median_s(job.stream.work, size, objects)
            groups.setdefault((job.loc, first), []).append((lasts, fits, job))
    for (loc, first), long_jobs in groups.items():
        lasts, fits, job = max(long_jobs, key=lambda long_job: long_job[0])
        names, within = _names(job for _, _, job in long_jobs), format_duration(job.stream.completion_window_s)
        what = "first backup" if first and job.chances.builds_on(job.stream) else "backup" if first else "increment"
        needed = _fitting(job.stream.work, job)
        words = f"a typical {what} by {job.name} takes {format_duration(lasts)}, and has to complete within {within}"
        yield Finding(
            (*loc, "completion_window"),
            of_resources(names, words),
            f"a job that is ended leaves no point: {100 * (1 - fits):.3g} % of them are",
            f"write `completion_window: {needed}` or more",
            _window(job, "completion_window", needed),
            alike=Alike(what, lasts, names, words),
        )


def _has_base(outlook: Outlook, job: Job) -> bool:
    """Return whether a typical first backup by another rule of the same lineage fits that rule's window."""
    resource, vault = job.resource, job.stream.vault
    return any(
        other.copy is None
        and other.stream.name != job.stream.name
        and outlook.estate.account(other.stream.vault) == outlook.estate.account(vault)
        and job.chances.builds_on(other.stream)
        and other.stream.work.p_within(other.stream.completion_window_s, resource.size_bytes, resource.objects) >= 0.5
        for other in outlook.jobs_of[resource.name]
    )


def _typical(job: Job) -> tuple[float, float]:
    """Return the median of what the runs of a year move [bytes, objects]."""
    runs = in_first_year(job.stream)
    if not runs.any():
        return 0.0, 0.0
    return float(np.median(job.stream.size_bytes[runs])), float(np.median(job.stream.objects[runs]))


def _median_s(work: Work, size: float, objects: float) -> float:
    """Return the median duration of a job [s]."""
    low, high = work.shortest_s(size, objects), work.longest_s(size, objects)
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if work.p_within(middle, size, objects) < 0.5 else (low, middle)
    return high


@notice("copy-never-completes", Weight.NEVER_HAPPENS)
def copy_never_completes(outlook: Outlook) -> Iterator[Finding]:
    """Copies of a resource's points leave copies."""
    groups: dict[tuple[Loc, float], list[Job]] = {}
    for job in outlook.jobs:
        if job.copy is not None and 1 - job.copy.failure.p < SELDOM and not outlook.is_refused(job.copy):
            groups.setdefault((job.loc, job.copy.failure.p), []).append(job)
    for (loc, p), jobs in groups.items():
        names = _names(jobs)
        words = f"{100 * p:.3g} % of the jobs of {jobs[0].name} fail"
        rule = "a copy that fails leaves nothing there" if p < 1 else "nothing ever lies there"
        repair = "write a lower `copy_failure`, if that is not meant"
        yield Finding(loc, of_resources(names, words), rule, repair, alike=Alike(f"{p}", p, names, words))


class _Load(NamedTuple):
    """What a job asks of a limit: jobs a day of so many members together, and how long each takes on average [s]."""

    job: Job
    a_day: float
    lasts_s: float
    members: int

    def at(self, rule: Stream, intervals_s: Floats) -> Floats:
        """Return what it would ask for in a year if a rule of its resource ran at other intervals, by interval [s]."""
        job, resource, estate = self.job, self.job.resource, self.job.chances.estate
        made = job.stream if job.copy is None else job.copy
        size, objects = estate.size_bytes(resource), estate.objects(resource)
        part = self._part(rule, intervals_s)
        lasts = made.work.expected_s(size * part, objects * part)
        if job.copy is None:
            lasts = np.minimum(lasts, job.stream.completion_window_s)
        if job.stream is rule:
            return np.asarray(self.members * np.ceil(YEAR_S / intervals_s) * lasts)
        # what lies between two runs of another rule moves with these
        return np.asarray(self.a_day * YEAR_S / DAY_S * np.maximum(self.lasts_s, lasts))

    def _part(self, rule: Stream, intervals_s: Floats) -> Floats:
        """Return what part of a resource a job would move: what has changed since the newest point of its lineage."""
        job, resource, estate = self.job, self.job.resource, self.job.chances.estate
        made = job.stream if job.copy is None else job.copy
        if not is_incremental(estate, resource, made.vault):
            return np.ones(len(intervals_s))
        lineage = estate.lineage(resource, made.vault)
        archived = has_archive(estate.kind(resource))
        gaps = np.full(len(intervals_s), math.inf)
        for stream in job.chances.rules:
            times = stream.times_s[in_first_year(stream)]
            if stream is rule:
                between = intervals_s
            elif len(times) > 1:
                between = np.full(len(intervals_s), np.median(np.diff(times)))
            else:
                continue
            for point in stream.jobs:
                if estate.lineage(resource, point.vault) == lineage and point.goes is None and point.failure.p < 1:
                    usable_s = min(point.delete_after_s, point.cold_after_s if archived else math.inf)
                    gaps = np.minimum(gaps, np.where(between <= usable_s, between, math.inf))
        return fraction_changed(estate.change_rate(resource), gaps)


@notice("overloaded-limit", Weight.LOSES_MORE)
def overloaded_limit(outlook: Outlook) -> Iterator[Finding]:
    """Jobs ask no more of a limit than it lets through."""
    loads: dict[int, list[_Load]] = {}
    never = {backup.job.stream.name for backup in outlook.seldom if backup.share < NEVER}
    for job in outlook.jobs:
        if job.stream.name not in never and not outlook.is_void(job):
            for limit, load in _asked(job):
                loads.setdefault(limit, []).append(load)
    world = outlook.estate.world
    shares = {i: _busy_s(asked) / DAY_S / world.limits[i].slots for i, asked in loads.items()}
    single = [i for i, share in shares.items() if share >= FULL and world.limits[i].is_of_resource]
    for i, share in shares.items():
        if share >= FULL and not world.limits[i].is_of_resource:
            yield _overload(outlook, world.limits[i], share, loads[i])
    if single:
        worst = max(single, key=lambda i: shares[i])
        others = listed([loads[i][0].job.resource.name for i in single])
        yield _overload(outlook, world.limits[worst], shares[worst], loads[worst], others)


def _busy_s(asked: Iterable[_Load]) -> float:
    """Return how long jobs keep slots of a limit in a day, all together [s]."""
    return sum(load.a_day * load.lasts_s for load in asked)


def _asked(job: Job) -> Iterator[tuple[int, _Load]]:
    """Yield the limits that a job needs a slot of, with what all members of its resource ask of them."""
    runs = in_first_year(job.stream)
    if not runs.any():
        return
    made = job.stream if job.copy is None else job.copy
    lasts = made.work.expected_s(made.size_bytes[runs], made.objects[runs])
    if job.copy is None:
        lasts = np.minimum(lasts, job.stream.completion_window_s)
    a_day = float(np.count_nonzero(runs)) * DAY_S / YEAR_S
    members = len(job.resource.members)
    for limit in made.limits:
        asking = 1 if job.chances.estate.world.limits[limit].is_of_resource else members
        yield limit, _Load(job, a_day * asking, float(np.mean(lasts)), asking)


def _overload(outlook: Outlook, limit: Limit, share: float, asked: list[_Load], whose: str = "") -> Finding:
    a_day, busy_s = sum(load.a_day for load in asked), _busy_s(asked)
    most = max(asked, key=lambda load: load.a_day * load.lasts_s)
    words, place = _in_words(outlook, limit)
    what = "jobs" if limit.is_of_resource else "copies" if limit.queue == "copy_jobs" else "backups"
    text = (
        f"{f'{whose}: ' if whose else ''}{what} load {words} to {100 * share:,.0f} %: {a_day:,.3g} a day of "
        f"{format_duration(busy_s / a_day)} on average, {limit.slots} at once"
    )
    weight = Weight.NEVER_HAPPENS if share >= 1 else None
    alike = Alike(words, share, _names(load.job for load in asked))
    if share >= 1:
        rule = (
            f"they can never keep up: each day leaves {format_duration((share - 1) * DAY_S)} of work undone, for ever"
        )
    else:
        rule = "they wait long for each other, and hardly catch up after a delay"
    needed = math.floor(share * limit.slots / FULL) + 1
    rarer = _rarer(asked, limit.slots)
    if place is None or limit.is_of_resource:
        quota = "" if limit.is_of_resource else f"ask AWS for a quota of {needed} or more"
        return Finding(most.job.loc, text, rule, ", or ".join(filter(None, (quota, rarer))), weight=weight, alike=alike)
    name, *key = (str(part) for part in place[1:])
    value = f"{{{_quoted(key[0])}: {needed}}}" if key else f"{needed}"
    repair = ", or ".join(filter(None, (f"write `{name}: {value}` or more", rarer)))
    return Finding(place, text, rule, repair, (Edit(place, needed),), weight=weight, alike=alike)


def _rarer(asked: list[_Load], slots: int) -> str:
    """Return from which interval on the rule that asks most leaves a limit below `FULL`; empty where none does.

    The longer the interval, the more has changed in it; and where it is longer than points are kept, all has.
    """
    by_rule: dict[Loc, list[_Load]] = {}
    for load in asked:
        if load.job.rule is not None:
            by_rule.setdefault(load.job.rule.loc, []).append(load)
    if not by_rule:
        return ""
    of_rule = max(by_rule.values(), key=_busy_s)
    changed = {load.job.resource.name: load.job.stream for load in of_rule}
    most_a_day = max(load.a_day / load.members for load in of_rule)
    longer = _INTERVALS_S[_INTERVALS_S * most_a_day > DAY_S]
    busy_s = np.zeros(len(longer))
    for load in asked:
        stream = changed.get(load.job.resource.name)
        busy_s += load.a_day * load.lasts_s * YEAR_S / DAY_S if stream is None else load.at(stream, longer)
    failing = np.flatnonzero(busy_s / YEAR_S / slots >= FULL)
    first = failing[-1] + 1 if len(failing) else 0
    rule = of_rule[0].job.rule
    if first >= len(longer) or rule is None:
        return ""
    return f"run `{rule.rule.rule_name}` every {_as_written(float(longer[first]))} or more rarely"


_INTERVALS_S = np.array([*(hours * HOUR_S for hours in range(1, 24)), *(days * DAY_S for days in range(1, 366))])
"""Intervals that are proposed: those that people write."""


def _as_written(interval_s: float) -> str:
    """Return an interval in days where it is whole ones, else in hours."""
    return f"{interval_s / DAY_S:.0f} d" if interval_s >= DAY_S else f"{interval_s / HOUR_S:.0f} h"


def _in_words(outlook: Outlook, limit: Limit) -> tuple[str, Loc | None]:
    """Return a limit in the scenario's words with its place, or as the quota of AWS that it is."""
    if limit.basis != SCENARIO:
        return _quota_words(limit), None
    data: Plain = (outlook.scenario.written or {}).get("limits")
    plain = data.get(limit.queue) if isinstance(data, dict) else None
    if not isinstance(plain, dict):
        return f"the limit `{limit.queue}: {limit.slots}`", ("limits", limit.queue)
    loc = ("limits", limit.queue, limit.scope)
    return f"the limit `{limit.queue}: {{{_quoted(limit.scope)}: {limit.slots}}}`", loc


def _quota_words(limit: Limit) -> str:
    """Return a quota of AWS in words."""
    if limit.is_of_resource:
        return f"the AWS quota of {limit.slots} job at a time for each resource"
    of = "" if limit.scope == "*" else f" of {limit.scope}"
    jobs, key = limit.queue.replace("_", " "), '"*"' if limit.scope == "*" else limit.scope
    limits = f"`{limit.queue}: {{{key}: {limit.slots}}}`"
    return f"the AWS quota of {limit.slots} {jobs} at once{of} to {limit.place} ({limits})"


def _quoted(key: str) -> str:
    return f'"{key}"' if key == "*" or ":" in key else key
