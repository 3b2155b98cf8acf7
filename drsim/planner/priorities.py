"""Priorities of applications: which of them restores are for first, so that downtime costs least.

Orders are proposed by rules and by a queue of mean restores, and drilled in the whole scenario, which alone decides:
it has draws, limits by type, steps and dependencies that no rule knows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from drsim.planner.order import MOST_EXACT, Queue, Restore
from drsim.scenario import Scenario
from drsim.study.bench import Bench
from drsim.study.losses import MeanEvent
from drsim.units import HOUR_S

_IN_SLOT = ("search_s", "retrieve_s", "restore_s", "replay_s")
"""Parts of a downtime in which a restore holds its slot."""

_RESTORES = "restore_jobs"

MOST_RESTORES = 64
"""Restores up to which orders are tried on a queue of them; beyond only rules propose any."""


@dataclass(frozen=True)
class Saving:
    """What one event of a disruption costs in downtime, on average, before and after.

    Attributes:
        disruption: its name.
        per_year: how often it strikes [1/year].
        before_usd, after_usd: cost of the downtime of all applications [USD].
    """

    disruption: str
    per_year: float
    before_usd: float
    after_usd: float

    @property
    def usd(self) -> float:
        """What is saved [USD]."""
        return self.before_usd - self.after_usd


@dataclass(frozen=True)
class RestoreOrder:
    """Priorities that finish the dearest applications first.

    Attributes:
        before, after: priorities by application, 1 first.
        hourly_usd: what an hour of downtime costs, of those that say so [USD].
        savings: under each disruption in which restores wait for slots.
    """

    before: Mapping[str, int]
    after: Mapping[str, int]
    hourly_usd: Mapping[str, float]
    savings: tuple[Saving, ...]

    @property
    def is_better(self) -> bool:
        """Whether it saves anything in all."""
        return _in_all([(s.per_year, s.before_usd) for s in self.savings]) > _in_all(
            [(s.per_year, s.after_usd) for s in self.savings]
        )


def with_priorities(scenario: Scenario, priorities: Mapping[str, int]) -> Scenario:
    """Return a scenario whose applications have these priorities."""
    applications = {
        name: application.model_copy(update={"priority": priorities.get(name, application.priority)})
        for name, application in scenario.applications.items()
    }
    return scenario.model_copy(update={"applications": applications})


def better_priorities(bench: Bench, strategy: str) -> list[dict[str, int]]:
    """Return the priorities under which downtime costs less in drills than as it is, the cheapest first.

    Args:
        bench: drills by which orders are compared.
        strategy: under which applications are restored.
    """
    if not _weights(bench.scenario) or len(bench.scenario.applications) == 1:
        return []
    queues = {name: restores for name in bench.disruptions if (restores := _queued(bench, strategy, name))}
    if not queues:
        return []
    now_usd = _in_all([downtime_usd(bench, strategy, name) for name in queues])
    costs = []
    for priorities in _proposed(bench, strategy, queues):
        changed = bench.changed(lambda scenario, after=priorities: with_priorities(scenario, after))  # type: ignore[misc]
        costs.append((_in_all([downtime_usd(changed, strategy, name) for name in queues]), priorities))
    return [priorities for usd, priorities in sorted(costs, key=lambda cost: cost[0]) if usd < now_usd]


def measured(before: Bench, after: Bench, strategy: str) -> RestoreOrder:
    """Return what the priorities of one bench save beside those of another, in drills with the same luck.

    Args:
        before: of the scenario as it is.
        after: of the same with other priorities.
        strategy: under which applications are restored.
    """
    savings = []
    for name in before.disruptions:
        (per_year, usd), (_, then) = (downtime_usd(bench, strategy, name) for bench in (before, after))
        if usd != then:
            savings.append(Saving(name, per_year, usd, then))
    now, planned = ({n: a.priority for n, a in b.scenario.applications.items()} for b in (before, after))
    hourly = {name: usd * HOUR_S for name, usd in _weights(before.scenario).items()}
    return RestoreOrder(now, planned, hourly, tuple(savings))


def downtime_usd(bench: Bench, strategy: str, disruption: str) -> tuple[float, float]:
    """Return how often a disruption strikes [1/year], and what the downtime of one event costs on average [USD].

    Where nothing is left to recover from it lasts until the rebuild has ended. Of what never strikes it is the sum of
    each application's mean.
    """
    losses, struck = bench.losses(strategy, disruption), bench.world(strategy).disruptions[disruption]
    per_year = math.fsum(struck.events_per_year(unit) for unit in struck.units)
    events = [(event, usd) for name, usd in _weights(bench.scenario).items() for event in losses.events(name)]
    known = [(event, usd * _down_s(event)) for event, usd in events if not math.isnan(event.p_lost)]
    if per_year:
        return per_year, math.fsum(event.per_year * usd for event, usd in known) / per_year
    return 0.0, math.fsum(usd for event, usd in known if not event.struck)


def _down_s(event: MeanEvent) -> float:
    return (1 - event.p_lost) * event.downtime_s + event.p_lost * (event.lost_after_s + event.rebuild_s)


def _in_all(costs: Sequence[tuple[float, float]]) -> float:
    """Return what events cost in a year [USD]; of one each where none ever comes."""
    is_rated = any(per_year for per_year, _ in costs)
    return math.fsum(usd * (per_year if is_rated else 1.0) for per_year, usd in costs)


def _weights(scenario: Scenario) -> dict[str, float]:
    """Return what a second of downtime costs, of each application that says so [USD]."""
    costs = {name: application.downtime_cost for name, application in scenario.applications.items()}
    return {name: usd for name, usd in costs.items() if usd}


def _queued(bench: Bench, strategy: str, disruption: str) -> list[Restore]:
    """Return the mean restores of a disruption; none where applications never wait for slots beside each other."""
    if bench.exposure(strategy, disruption).by_resource:
        return []
    log = bench.incidents(strategy, disruption)
    log = log[log["level"] == "resource"]
    if not len(log) or not float(np.nan_to_num(log["queue_s"].to_numpy()).max()) > 0:
        return []
    held = log[list(_IN_SLOT)].sum(axis=1).groupby(log["subject"].astype(str)).mean()
    scenario = bench.scenario
    members: list[tuple[str, str, float]] = []
    for app, application in scenario.applications.items():
        for name, resource in application.resources.items():
            mean_s = float(held.get(f"{app}.{name}", 0.0))
            members += [(app, name, mean_s)] * (resource.count if mean_s > 0 else 0)
    places: dict[tuple[str, str], list[int]] = {}
    for k, (app, name, _) in enumerate(members):
        places.setdefault((app, name), []).append(k)
    of = {app: [k for k, member in enumerate(members) if member[0] == app] for app in scenario.applications}
    return [
        Restore(
            app,
            mean_s,
            (
                *(k for other in _before(scenario, app) for k in of[other]),
                *(
                    k
                    for other in scenario.applications[app].resources[name].after
                    for k in places.get((app, other), ())
                ),
            ),
        )
        for app, name, mean_s in members
    ]


def _before(scenario: Scenario, application: str) -> list[str]:
    """Return the applications that one waits for, directly or not."""
    waits: dict[str, None] = {}
    waiting = list(scenario.applications[application].waits_for)
    while waiting:
        other = waiting.pop()
        if other not in waits:
            waits[other] = None
            waiting += scenario.applications[other].waits_for
    return list(waits)


def _proposed(bench: Bench, strategy: str, queues: Mapping[str, list[Restore]]) -> Iterator[dict[str, int]]:
    """Yield priorities that are worth a drill, each once."""
    scenario = bench.scenario
    weights = _weights(scenario)
    behind = {name: weights.get(name, 0.0) for name in scenario.applications}
    for name in scenario.applications:
        for other in _before(scenario, name):
            behind[other] += weights.get(name, 0.0)
    restores = {limit.slots for limit in bench.world(strategy).limits if limit.queue == _RESTORES}
    tried = [{name: application.priority for name, application in scenario.applications.items()}]
    for queue in queues.values():
        orders = [Queue(queue, behind, 1).smith(), tuple(sorted(behind, key=lambda name: -behind[name]))]
        if len(queue) <= MOST_RESTORES:
            orders += [
                Queue(queue, weights, slots).best_applications() for slots in sorted(restores) if slots < len(queue)
            ]
        now = sorted(behind, key=lambda name: scenario.applications[name].priority)
        if len(now) <= MOST_EXACT:  # where not all may go first, one may
            orders += [(name, *(other for other in now if other != name)) for name in now]
        for order in orders:
            dear = [name for name in order if behind[name]]
            for names in (_in_turn(scenario, dear), dear):
                priorities = _ranked(scenario, names)
                if priorities not in tried:
                    tried.append(priorities)
                    yield priorities


def _in_turn(scenario: Scenario, order: Sequence[str]) -> list[str]:
    """Return applications in an order, each after those of them that it waits for."""
    names: dict[str, None] = {}
    for name in order:
        before = _before(scenario, name)
        names |= dict.fromkeys(
            sorted((other for other in order if other in before), key=lambda n: len(_before(scenario, n)))
        )
        names[name] = None
    return list(names)


def _ranked(scenario: Scenario, order: Sequence[str]) -> dict[str, int]:
    """Return priorities that have some applications first, in their order; the others come after them as they did."""
    first = {name: place for place, name in enumerate(order, 1)}
    others = {name: a.priority for name, a in scenario.applications.items() if name not in first}
    if others and min(others.values()) <= len(first):
        ranks = sorted(set(others.values()))
        others = {name: len(first) + 1 + ranks.index(priority) for name, priority in others.items()}
    return {name: first.get(name, others.get(name, 0)) for name in scenario.applications}
