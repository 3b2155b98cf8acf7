"""How much work a study is, before it begins: jobs, memory and seconds, about.

What would take more than an hour or two gigabytes is refused, with what to change, unless somebody insists. The figures
are rough, since they are made of counts and of what a job, a drill and a run took where they were measured; they tell
minutes from days, not seconds from minutes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from drsim.engine import drills_together, has_line, why_not_vectorised
from drsim.engine.strike import may_reach, may_strike
from drsim.errors import InputError, Problem
from drsim.scenario import Rule, Scenario, subjects
from drsim.scenario.plan_checks import runs_in_first_year
from drsim.study.numbers import in_range
from drsim.units import YEAR_S, format_duration
from drsim.world import World
from drsim.world.disruptions import Unit
from drsim.world.groups import stands_in_line
from drsim.world.model import Component
from drsim.world.plans import rule_begin_s

MOST_S = 3600.0
"""What would take longer is not begun unasked [s]."""

MOST_BYTES = 2e9
"""What would need more memory is not begun unasked [bytes]."""

_PROGRAM_BYTES = 2e8
_RUN_BYTES = 90.0
"""Of a run of a rule on a resource: when it is, and what its jobs move."""
_MEMBER_BYTES = 20_000.0
_MEMBER_S = 1e-3
_WINDOWS_BYTES = 3e8
"""What the vectorised clock holds of the past at a time, at most."""
_LINES_BYTES, _LINE_BYTES = 1.3e9, 6.5e8
"""The same of lines that may never be empty: in all processes, and in one."""
_ROW_BYTES = 200.0
"""Of a row of the log while a study sums it up."""
_EVENT_S, _EVENT_BYTES = 6e-5, 1000.0
"""Of a job on the process clock."""
_STRUCK_S = 3e-4
"""Of a member that is struck, on the process clock."""
_UNIT_S, _YEAR_S, _YEAR_BYTES = 1e-4, 5e-7, 60.0
"""Of a life for each unit that may be struck in it, and of each of its years in the summary of an application."""
_FATE_S, _LOOK_S = 3e-5, 1.5e-6
"""Of a member that is struck in a drill, and of each job before that may still be felt, on the vectorised clock."""
_CELL_S, _CELL_BYTES, _MANY_CELLS = 3e-7, 100.0, 1000.0
"""Of a cell of the calendar in which a spell of failure may have begun, for each job; of so many it is worth a word."""
_DRAWN_S, _STEP_S = 1.5e-6, 1e-4
"""Of a job of a line, and of each of its steps, which all drills of a part take together."""
_QUEUED_S, _GRANT_S = 4e-6, 1e-3
"""The same where several limits bind."""


@dataclass(frozen=True)
class Effort:
    """What a study takes, about.

    Attributes:
        jobs: that all drills go through together.
        seconds: of one processor [s].
        memory_bytes: of all its processes [bytes].
        largest: what there is most of, in words, and what to do about it.
    """

    jobs: float
    seconds: float
    memory_bytes: float
    largest: tuple[str, str]

    def __str__(self) -> str:
        """Say it in words."""
        return (
            f"about {_rounded(self.jobs)} jobs, {format_duration(float(f'{self.seconds:.1g}'))} of one processor and "
            f"{self.memory_bytes / 1e9:.1f} GB"
        )

    def times(self, number: int) -> Effort:
        """Return the effort of doing it several times, one after the other."""
        return replace(self, jobs=number * self.jobs, seconds=number * self.seconds)

    def then(self, other: Effort) -> Effort:
        """Return the effort of this and of something else after it."""
        longest = max(self, other, key=lambda effort: (effort.seconds, effort.memory_bytes))
        most = max(self, other, key=lambda effort: effort.memory_bytes)
        return Effort(
            self.jobs + other.jobs,
            self.seconds + other.seconds,
            most.memory_bytes,
            most.largest if most.memory_bytes > MOST_BYTES else longest.largest,
        )

    def is_too_much(self, most_s: float = MOST_S, most_bytes: float = MOST_BYTES) -> bool:
        """Tell whether this is more than is begun unasked."""
        return not (self.seconds <= most_s and self.memory_bytes <= most_bytes)


def _rounded(number: float) -> str:
    return f"{float(f'{number:.2g}'):,.0f}"


def of_plans(scenario: Scenario, strategies: Sequence[str], horizon_s: float | None = None) -> Effort:
    """Return what it takes to write down when the jobs of strategies are due, before anything is simulated.

    Args:
        scenario: checked.
        strategies: names.
        horizon_s: how long after the start plans go on [s]; the scenario's horizon where it is left out.
    """
    until = scenario.horizon if horizon_s is None else horizon_s
    by_rule: dict[str, float] = {}
    by_subject: dict[str, float] = {}
    seconds = memory = jobs = 0.0
    whose = subjects(scenario)
    for name, subject in whose.items():
        by_subject[name] = float(subject.resource.count)
        memory += subject.resource.count * _MEMBER_BYTES * len(strategies)
        seconds += subject.resource.count * _MEMBER_S * len(strategies)
    per_rule = {
        (plan, rule.rule_name): _runs(rule, scenario, until)
        for plan, written in scenario.backup_plans.items()
        for rule in written.rules
    }
    for strategy in strategies:
        for subject in whose.values():
            chosen = scenario.strategies[strategy].plans_of(*subject.selectable)
            for (plan, rule), runs in per_rule.items():
                if plan in chosen:
                    by_rule[f"`{rule}` of plan `{plan}`"] = by_rule.get(f"`{rule}` of plan `{plan}`", 0.0) + runs
                    memory += runs * _RUN_BYTES
                    jobs += runs * subject.resource.count
    seconds += sum(per_rule.values()) * 1e-6
    many, number = max(by_subject.items(), key=lambda item: item[1], default=("", 0.0))
    often, runs = max(by_rule.items(), key=lambda item: item[1], default=("", 0.0))
    if number * _MEMBER_BYTES > runs * _RUN_BYTES:
        largest = f"{many} has {_rounded(number)} members", f"give {many} a smaller `count`"
    else:
        largest = (
            f"{often} runs {_rounded(runs)} times",
            "let it run less often, or shorten `horizon`, `warm_up` or the retention that the warm-up follows from",
        )
    return Effort(jobs, seconds, _PROGRAM_BYTES + memory, largest)


def _runs(rule: Rule, scenario: Scenario, until_s: float) -> float:
    """Return how many runs a rule has in all, about."""
    span = until_s - rule_begin_s(rule, scenario.warm_up)
    if rule.every is not None:
        return span / rule.every
    return len(runs_in_first_year(rule, scenario)) * span / YEAR_S


def of_drills(
    scenario: Scenario,
    worlds: Mapping[str, World],
    disruptions: Sequence[str],
    drills: int,
    workers: int = 1,
    clock: str = "auto",
) -> Effort:
    """Return what drills take.

    Args:
        scenario: checked.
        worlds: by strategy.
        disruptions: names.
        drills: of each unit.
        workers: processes.
        clock: `vectorised`, `process`, or `auto`: the vectorised one unless it does not take a disruption.
    """
    base = of_plans(scenario, tuple(worlds))
    jobs = seconds = piled_up = rows = 0.0
    process_jobs = 0.0
    for world in worlds.values():
        taken = [name for name in disruptions if clock != "process" and why_not_vectorised(world, name) is None]
        seconds_once, jobs_once = _of_whole_pasts(world, taken, drills)
        seconds, jobs = seconds + seconds_once, jobs + jobs_once
        piled_up = max(piled_up, jobs_once / drills)
        for name in disruptions:
            rows = max(rows, drills * float(may_strike(world, name).sum()))
            if name in taken:
                drill_s, near = _of_a_disruption(world, name)
                seconds, jobs = seconds + drills * drill_s, jobs + drills * near
                continue
            for _, drill_s, near in _by_unit(world, name):
                seconds, jobs = seconds + drills * drill_s, jobs + drills * near
                process_jobs = max(process_jobs, near)
    cells, whose = _spells(worlds)
    seconds += jobs * cells * _CELL_S
    spells = drills * cells * _CELL_BYTES
    most = min(_LINE_BYTES, _LINES_BYTES / workers) if any(map(has_line, worlds.values())) else 0.0
    held = min(max(_WINDOWS_BYTES, most), 100 * jobs) + process_jobs * _EVENT_BYTES
    memory = base.memory_bytes + workers * held + rows * _ROW_BYTES + spells
    largest = base.largest
    if cells > _MANY_CELLS:
        largest = f"spells of failure of {whose} may last very long", "give `lasts` a shorter tail"
    elif process_jobs or piled_up * drills > jobs / 2:
        number = _rounded(max(process_jobs, piled_up))
        largest = (
            f"jobs may be due faster than they can be done, and each drill has to go through all {number} there were",
            "let rules run less often, raise the limit that binds (`limits`), or ask for fewer drills (--drills)",
        )
    elif rows * _ROW_BYTES > memory / 2 or seconds > base.seconds:
        largest = f"{drills:,} drills of everything", "ask for fewer drills (--drills), strategies or disruptions"
    return Effort(jobs, base.seconds + seconds, memory, largest)


def _spells(worlds: Mapping[str, World]) -> tuple[float, str]:
    """Return in how many cells of the calendar a spell of failure may have begun that a job meets, and whose jobs."""
    most, whose = 0.0, ""
    for world in worlds.values():
        for stream in world.streams:
            for job in stream.jobs:
                if job.failure.comes_in_spells:
                    cell_s, _, longest_s = job.failure.spells
                    if longest_s / cell_s > most:
                        most, whose = longest_s / cell_s, world.members[stream.member].entity
    return most, whose


def of_lives(scenario: Scenario, worlds: Mapping[str, World], years: float, runs: int, workers: int) -> Effort:
    """Return what lives take, each disruption of which looks at the jobs before it on the process clock.

    Args:
        scenario: checked.
        worlds: by strategy, each with a horizon that covers the years.
        years: length of a life [years].
        runs: lives of each strategy.
        workers: processes.
    """
    base = of_plans(scenario, tuple(worlds), years * YEAR_S)
    seconds = jobs = events = queued = 0.0
    for world in worlds.values():
        for name, d in world.disruptions.items():
            seconds += runs * len(d.units) * _UNIT_S
            for unit, event_s, near in _by_unit(world, name):
                number = runs * years * d.events_per_year(unit)
                seconds, jobs, events = seconds + number * event_s, jobs + number * near, events + number
                queued = max(queued, near)
    apart = len(worlds) * len(scenario.applications)
    seconds += apart * runs * years * _YEAR_S
    memory = workers * queued * _EVENT_BYTES + runs * years * _YEAR_BYTES
    memory += events * len(scenario.applications) * _ROW_BYTES
    largest = base.largest
    if seconds > base.seconds or memory > base.memory_bytes:
        largest = (
            f"about {_rounded(events)} disruptions in {runs:,} lives of {years:g} y under each strategy",
            "ask for fewer or shorter lives (--runs, --years)",
        )
    return Effort(jobs, base.seconds + seconds, base.memory_bytes + memory, largest)


def _of_whole_pasts(world: World, names: Sequence[str], drills: int) -> tuple[float, float]:
    """Return what it takes to go through the past of pools that may never fall idle [s], and how many jobs that is."""
    seconds = jobs = 0.0
    struck = [may_strike(world, name) for name in names]
    for component in world.components:
        if component.settles or not any(reached[list(component.members)].any() for reached in struck):
            continue
        due = jobs_due(world, component)
        parts = math.ceil(drills / drills_together(world, len(names)))
        job_s, step_s = (_DRAWN_S, _STEP_S) if stands_in_line(world, component) else (_QUEUED_S, _GRANT_S)
        seconds += drills * due * job_s + parts * due * step_s
        jobs += drills * due
    return seconds, jobs


def _of_a_disruption(world: World, name: str) -> tuple[float, float]:
    """Return what a drill of all units takes the vectorised clock beyond that [s], and how many jobs it looks at."""
    struck = may_strike(world, name)
    seconds = jobs = 0.0
    for component in world.components:
        number = float(struck[list(component.members)].sum())
        near = _near(world, component) if number and component.settles else 0.0
        seconds, jobs = seconds + number * _FATE_S + near * _LOOK_S, jobs + near
    return seconds, jobs


def _by_unit(world: World, name: str) -> Iterator[tuple[Unit, float, float]]:
    """Yield the units of a disruption, what an event of each takes the process clock [s] and how many jobs it plays."""
    d = world.disruptions[name]
    near = [_near(world, component) for component in world.components]
    for unit in d.units:
        struck = [m for m, member in enumerate(world.members) if may_reach(world, d, unit, member.resource)]
        jobs = sum(near[c] for c in {world.component_of[m] for m in struck})
        yield unit, len(struck) * _STRUCK_S + jobs * _EVENT_S, jobs


def jobs_due(world: World, component: Component) -> float:
    """Return how many backup and copy jobs of a component are due since the plans' start."""
    return float(sum(len(world.streams[s].times_s) * (1 + len(world.streams[s].copies)) for s in component.streams))


def _near(world: World, component: Component) -> float:
    """Return how many jobs of a component an incident may still feel, about."""
    if not component.limits:
        return 0.0
    due = jobs_due(world, component)
    span_s = world.horizon_s - world.plan_start_s
    return due * min(1.0, component.reach_s / span_s) if component.settles else due / 2


def refuse(effort: Effort, most_s: float = MOST_S, most_bytes: float = MOST_BYTES, *, force: bool = False) -> None:
    """Refuse what takes too much, unless it is to be done anyway.

    Raises:
        InputError: it would take longer or more memory than this, and it says what to change; the time is out of range.
    """
    in_range(max_seconds=most_s)
    if force or not effort.is_too_much(most_s, most_bytes):
        return
    what, repair = effort.largest
    limit = f"more than {format_duration(most_s)} or {most_bytes / 1e9:.0f} GB is not begun unasked"
    raise InputError(
        (Problem("", 0, "too-much-work", f"this takes {effort}: {what}", limit, f"{repair}; --force begins anyway"),)
    )
