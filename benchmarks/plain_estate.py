"""A whole estate written by hand in plain SimPy: what a careful engineer would write without drsim.

One process per rule, per backup job and per copy job, `simpy.Resource` for every limit, `random` for all luck. Each
drill begins with the plans, goes through the longest retention to a moment of the horizon, strikes, and recovers what
was struck: people, steps, applications after each other, restores that queue for slots by priority.

The numbers (schedules, sizes, distributions, limits, dependencies) are read from a world of drsim, once, before the
first drill, so that the work is the same; inside the loop there is nothing of drsim. What this script is spared: the
parts of losses and downtimes, critical paths, and when full performance is reached.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import simpy

from drsim.distributions import (
    Constant,
    Distribution,
    Empirical,
    Exponential,
    Lognormal,
    Scaled,
    Triangular,
    Uniform,
    Weibull,
)
from drsim.engine.options import route
from drsim.engine.strike import zone_number
from drsim.engine.world import Application, Copy, Disruption, Member, Stream, Unit, World
from drsim.laws import survival
from drsim.laws.jobs import Failure, Replay, Work
from drsim.units import DAY_S, YEAR_S

Process = Generator[simpy.Event, Any, None]
Sampler = Callable[[], float]
Fails = Callable[[float], bool]
Slots = list[tuple[simpy.Resource, simpy.resources.resource.Request]]

RUNNING = ("pilot-light", "warm-standby", "multi-site")


class Incident(NamedTuple):
    """How one application fared that was struck: `recovered`, `unrecoverable` or `unprotected`; loss and downtime [s].

    `drill` is the number of the drill, `unit` the position of what it struck.
    """

    drill: int
    unit: int
    application: int
    state: str
    loss_s: float
    downtime_s: float


class Point(NamedTuple):
    """A recovery point: what moment it holds, where, and from when to when it can be used [s since start]."""

    captured_s: float
    vault: int
    available_s: float
    expires_s: float
    cold_s: float


# laws


def sampler(law: Distribution, rng: random.Random) -> Sampler:
    """Return what draws from a distribution."""
    match law:
        case Constant(value):
            return lambda: value
        case Uniform(low, high):
            return lambda: rng.uniform(low, high)
        case Lognormal(median, sigma, cap, floor):
            mu = math.log(median)
            if floor == 0 and cap == math.inf:
                return lambda: rng.lognormvariate(mu, sigma)
            return lambda: min(max(rng.lognormvariate(mu, sigma), floor), cap)
        case Exponential(scale):
            return lambda: rng.expovariate(1 / scale) if scale else 0.0
        case Triangular(low, mode, high):
            return lambda: rng.triangular(low, high, mode)
        case Weibull(scale, shape):
            return lambda: rng.weibullvariate(scale, shape)
        case Empirical(values):
            return lambda: rng.choice(values)
        case Scaled(base, factor):
            drawn = sampler(base, rng)
            return lambda: drawn() * factor
    raise TypeError(law)


def lasting(work: Work, rng: random.Random) -> Callable[[float, float], float]:
    """Return what draws how long a job takes [s], of bytes and objects."""
    if work.whole is not None:
        whole = sampler(work.whole, rng)
        return lambda _bytes, _objects: whole()
    fixed = sampler(work.fixed, rng)
    if work.rate is None and work.object_rate is None:
        return lambda _bytes, _objects: fixed()
    if work.object_rate is None:
        rate = sampler(work.rate, rng)  # type: ignore[arg-type]
        return lambda size, _objects: fixed() + size / rate()
    object_rate = sampler(work.object_rate, rng)
    if work.rate is None:
        return lambda _bytes, objects: fixed() + objects / object_rate()
    rate = sampler(work.rate, rng)
    return lambda size, objects: fixed() + max(size / rate(), objects / object_rate())


def replaying(law: Replay, rng: random.Random) -> Callable[[float, float], float]:
    """Return what draws how long logs take to apply [s], of bytes of data and the time since the base."""
    if law.speed is not None:
        speed = sampler(law.speed, rng)
        return lambda _bytes, since_s: since_s / speed()
    if law.rate is None:
        return lambda _bytes, _since_s: 0.0
    rate, factor, share = sampler(law.rate, rng), sampler(law.factor, rng), law.change_per_day
    return lambda size, since_s: size * share * since_s / DAY_S * factor() / rate()


def failing(law: Failure, rng: random.Random, begin_s: float) -> Fails:
    """Return what says whether a job scheduled at a moment fails; moments must not fall."""
    if law.p <= 0 or law.p >= 1:
        return lambda _at_s: law.p >= 1
    if law.lasts is None or law.lasts.mean <= 0:
        return lambda _at_s: rng.random() < law.p
    rate = -math.log1p(-law.p) / law.lasts.mean
    lasts = sampler(law.lasts, rng)
    next_s, until_s = begin_s + rng.expovariate(rate), -math.inf

    def covered(at_s: float) -> bool:
        nonlocal next_s, until_s
        while next_s <= at_s:
            until_s = max(until_s, next_s + lasts())
            next_s += rng.expovariate(rate)
        return at_s < until_s

    return covered


# slots


def take(env: simpy.Environment, pools: Sequence[simpy.Resource], deadline_s: float, priority: int) -> Process:
    """Queue for a slot of each pool, one after another; return them, or None if that took until the deadline."""
    held: Slots = []
    for pool in pools:
        request = pool.request(priority) if isinstance(pool, simpy.PriorityResource) else pool.request()
        held.append((pool, request))
        if request.triggered:
            continue
        if deadline_s == math.inf:
            yield request
            continue
        yield request | env.timeout(deadline_s - env.now)
        if not request.triggered:
            held.pop()
            request.cancel()
            give(held)
            return None
    return held


def give(held: Slots) -> None:
    """Give slots back."""
    for pool, request in held:
        pool.release(request)


# backups


@dataclass
class CopyAction:
    """A copy action: its numbers and samplers."""

    parent: int
    vault: int
    delay: Sampler
    lasts: Callable[[float, float], float]
    sizes: list[float]
    objects: list[float]
    delete_after_s: float
    cold_after_s: float
    expiry: Sampler
    failure: Failure
    pools: list[int]

    @classmethod
    def of(cls, copy: Copy, rng: random.Random) -> CopyAction:
        """Return the action of a copy of the world."""
        return cls(
            copy.parent,
            copy.vault,
            sampler(copy.delay, rng),
            lasting(copy.work, rng),
            copy.size_bytes.tolist(),
            copy.objects.tolist(),
            copy.delete_after_s,
            copy.cold_after_s,
            sampler(copy.expiry_delay, rng),
            copy.failure,
            list(reversed(copy.limits)),
        )


@dataclass
class Rule:
    """A rule applied to one member: its numbers and samplers."""

    member: int
    times_s: list[float]
    sizes: list[float]
    objects: list[float]
    start_window_s: float
    completion_window_s: float
    start_delay: Sampler
    lasts: Callable[[float, float], float]
    failure: Failure
    is_point: bool
    vault: int
    delete_after_s: float
    cold_after_s: float
    expiry: Sampler
    pools: list[int]
    copies: list[CopyAction]

    @classmethod
    def of(cls, stream: Stream, rng: random.Random) -> Rule:
        """Return the rule of a stream of the world."""
        return cls(
            stream.member,
            stream.times_s.tolist(),
            stream.size_bytes.tolist(),
            stream.objects.tolist(),
            stream.start_window_s,
            stream.completion_window_s,
            sampler(stream.start_delay, rng),
            lasting(stream.work, rng),
            stream.failure,
            stream.is_point,
            stream.vault,
            stream.delete_after_s,
            stream.cold_after_s,
            sampler(stream.expiry_delay, rng),
            # the resource's own slot first, then its type's, then everybody's
            list(reversed(stream.limits)),
            [CopyAction.of(c, rng) for c in stream.copies],
        )


class Backups:
    """The jobs of one drill, from the plans' start on."""

    def __init__(self, estate: Estate) -> None:
        self.env = simpy.Environment(initial_time=estate.world.plan_start_s)
        self.points: dict[int, list[Point]] = {m: [] for m in range(len(estate.world.members))}
        self._pools: dict[int, simpy.Resource] = {}
        for rule in estate.rules:
            pools = self._slots(estate, rule.pools)
            copies = [self._slots(estate, c.pools) for c in rule.copies]
            fails = [failing(law.failure, estate.rng, self.env.now) for law in (rule, *rule.copies)]
            self.env.process(self._run(rule, pools, copies, fails))

    def _slots(self, estate: Estate, limits: Sequence[int]) -> list[simpy.Resource]:
        for i in limits:
            if i not in self._pools:
                self._pools[i] = simpy.Resource(self.env, estate.world.limits[i].slots)
        return [self._pools[i] for i in limits]

    def _run(
        self, rule: Rule, pools: list[simpy.Resource], copies: list[list[simpy.Resource]], fails: list[Fails]
    ) -> Process:
        """Start a backup job whenever the rule says so."""
        env = self.env
        for k, at in enumerate(rule.times_s):
            yield env.timeout(at - env.now)
            env.process(self._backup(rule, k, pools, copies, [f(at) for f in fails]))

    def _backup(
        self,
        rule: Rule,
        k: int,
        pools: list[simpy.Resource],
        copies: list[list[simpy.Resource]],
        fails: list[bool],
    ) -> Process:
        env = self.env
        deadline = env.now + rule.start_window_s
        yield env.timeout(rule.start_delay())
        if env.now >= deadline:
            return
        held = yield from take(env, pools, deadline, 0)
        if held is None:
            return
        captured = env.now
        lasts = rule.lasts(rule.sizes[k], rule.objects[k])
        yield env.timeout(min(lasts, rule.completion_window_s))
        give(held)
        if fails[0] or lasts > rule.completion_window_s:
            return
        point = Point(
            captured, rule.vault, env.now, captured + rule.delete_after_s + rule.expiry(), captured + rule.cold_after_s
        )
        if rule.is_point:
            self.points[rule.member].append(point)
        for i, action in enumerate(rule.copies):
            if action.parent == -1:
                env.process(self._copy(rule, k, i, point, copies, fails))

    def _copy(
        self, rule: Rule, k: int, i: int, source: Point, copies: list[list[simpy.Resource]], fails: list[bool]
    ) -> Process:
        env, action = self.env, rule.copies[i]
        if delay := action.delay():
            yield env.timeout(delay)
        held = yield from take(env, copies[i], math.inf, 0)
        if env.now >= source.cold_s or env.now >= source.expires_s:
            give(held)
            return
        yield env.timeout(action.lasts(action.sizes[k], action.objects[k]))
        give(held)
        if fails[1 + i]:
            return
        captured = source.captured_s
        point = Point(
            captured,
            action.vault,
            env.now,
            captured + action.delete_after_s + action.expiry(),
            captured + action.cold_after_s,
        )
        self.points[rule.member].append(point)
        for j, after in enumerate(rule.copies):
            if after.parent == i:
                env.process(self._copy(rule, k, j, point, copies, fails))


# recovery


class Option(NamedTuple):
    """One way to recover a member; sorts by least loss, then by the shortest expected time."""

    loss_s: float
    expected_s: float
    site: int
    moves: bool = False
    cold: bool = False
    replay_s: float = 0.0
    replica: int = -1
    continuous: int = -1


@dataclass
class Strike:
    """A disruption in one drill; moments in seconds since start."""

    number: int
    occurred_s: float
    contaminated_s: float
    ends_s: float
    attacked: bool
    struck: set[int]
    impaired: set[str]


class Recovery:
    """The recovery of everything that was struck in one drill."""

    def __init__(self, estate: Estate, scene: Scene, strike: Strike, points: dict[int, list[Point]]) -> None:
        self.estate, self.scene, self.strike, self.points = estate, scene, strike, points
        world = self.world = estate.world
        env = self.env = simpy.Environment(initial_time=strike.occurred_s)
        self._pools: dict[int, simpy.PriorityResource] = {}
        self.lost_s: dict[int, float] = {}
        self.usable: dict[int, float] = {}
        self.state: dict[int, str] = {}
        self.automatic: set[int] = set()
        by_resource: dict[int, list[int]] = {}
        for m in sorted(strike.struck):
            by_resource.setdefault(world.members[m].resource, []).append(m)
        self.by_resource = by_resource
        self.applications = list(dict.fromkeys(world.resources[r].app for r in by_resource))
        self.lags = {m: [lag() for lag in estate.lags[m]] for m in range(len(world.members))}
        self.where, self.standby = dict(enumerate(scene.where)), dict(enumerate(scene.standby))
        # a standby takes over as a whole, even what was not struck, or not at all
        self.moved = {a for a in self.applications if self._takes_over(a)}
        for a in self.moved:
            self.where[a], self.standby[a] = world.applications[a].standby_site, world.applications[a].standby_mode
            by_resource |= {r: list(world.resources[r].members) for r in world.applications[a].resources}
        # people: one set of them for all applications
        people = strike.occurred_s + estate.detect() + estate.declare()
        acts_late = scene.disruption.strikes in ("zone", "region", "service")
        self.starts_s = {
            a: people + (world.applications[a].act_after_s if acts_late else 0.0) for a in self.applications
        }
        self.app_done = {a: env.event() for a in self.applications}
        self.steps = [
            s
            for a in self.applications
            for s in world.applications[a].steps
            if world.steps[s].always or (self.where[a] != world.applications[a].site and self.standby[a] not in RUNNING)
        ]
        first = len(world.resources)
        self.node_done = {node: env.event() for node in (*by_resource, *(first + s for s in self.steps))}
        for r in by_resource:
            env.process(self._resource(r))
        for s in self.steps:
            env.process(self._step(s))
        for a in self.applications:
            env.process(self._application(a))

    def run(self) -> list[Incident]:
        """Recover, until the outage ends; return how each application fared."""
        world, strike = self.world, self.strike
        self.env.run(until=None if strike.ends_s == math.inf else strike.ends_s)
        found = []
        event = strike.number, self.scene.number
        for a in sorted(self.app_done):
            app = world.applications[a]
            members = [m for r in app.resources for m in self.by_resource.get(r, ())]
            usable = self.usable.get(a, math.inf)
            if usable == math.inf and strike.ends_s < math.inf:  # ridden out
                loss = max(self.lost_s[m] if m in self.automatic else 0.0 for m in members)
                found.append(Incident(*event, a, "recovered", loss, strike.ends_s - strike.occurred_s))
            elif usable == math.inf:
                states = {self.state[m] for m in members}
                state = "unprotected" if "unprotected" in states else "unrecoverable"
                found.append(Incident(*event, a, state, math.nan, math.nan))
            else:
                loss = max(self.lost_s[m] for m in members)
                found.append(Incident(*event, a, "recovered", loss, usable - strike.occurred_s))
        return found

    def _slots(self, limits: Sequence[int]) -> list[simpy.PriorityResource]:
        for i in limits:
            if i not in self._pools:
                self._pools[i] = simpy.PriorityResource(self.env, self.world.limits[i].slots)
        return [self._pools[i] for i in reversed(limits)]

    def _awaits(self, a: int, after: Sequence[int]) -> Process:
        """Wait for people, for other applications, and for what comes first in this one."""
        env = self.env
        if self.starts_s[a] > env.now:
            yield env.timeout(self.starts_s[a] - env.now)
        for other in self.world.applications[a].after:
            if other in self.app_done:
                yield self.app_done[other]
        for node in after:
            if node in self.node_done:
                yield self.node_done[node]

    def _step(self, s: int) -> Process:
        step = self.world.steps[s]
        yield from self._awaits(step.app, step.after)
        yield self.env.timeout(self.estate.steps[s]())
        self.node_done[len(self.world.resources) + s].succeed()

    def _resource(self, r: int) -> Process:
        yield from [self.env.process(self._member(m)) for m in self.by_resource[r]]
        self.node_done[r].succeed()

    def _application(self, a: int) -> Process:
        world, app = self.world, self.world.applications[a]
        members = [m for r in app.resources for m in self.by_resource.get(r, ())]
        for node in (*app.resources, *(len(world.resources) + s for s in app.steps)):
            if node in self.node_done:
                yield self.node_done[node]
        if all(self.state[m] == "recovered" for m in members):
            if self.standby[a] != "multi-site" or not self.automatic.issuperset(members):
                yield self.env.timeout(self.estate.validation())
            yield self.env.timeout(self.estate.redirection())
            self.usable[a] = self.env.now
        self.app_done[a].succeed()

    def _member(self, m: int) -> Process:
        env, world, strike, estate = self.env, self.world, self.strike, self.estate
        member = world.members[m]
        resource = world.resources[member.resource]
        lags = self.lags[m]
        by_itself = self._automatic(m, member, resource.app, lags)
        if by_itself is not None:
            lasts, loss = by_itself
            yield env.timeout(lasts)
            self.automatic.add(m)
            self._recovered(m, loss)
            return
        yield from self._awaits(resource.app, resource.after)
        if resource.stateless:
            if self.standby[resource.app] != "warm-standby":
                if strike.impaired & {"launches", "capacity"}:
                    yield env.event()  # until the outage ends, and then it is ridden out
                yield env.timeout(estate.restorers[m].launch())
            self._recovered(m, 0.0)
            return
        if resource.app in self.moved:
            replica = next(i for i, r in enumerate(member.replicas) if r.site == self.where[resource.app])
            yield env.timeout(estate.promotions[m][replica]())
            self._recovered(m, lags[replica] if m in strike.struck else 0.0)
            return
        for option in sorted(self._options(m, member, lags)):
            if option.replica >= 0:
                yield env.timeout(estate.promotions[m][option.replica]())
            elif not (yield from self._restore(m, option)):
                continue
            self._recovered(m, option.loss_s)
            return
        self.state[m] = "unrecoverable" if resource.selected else "unprotected"

    def _takes_over(self, a: int) -> bool:
        """Return whether a running standby takes over an application whose own site is usable: the better way wins."""
        world, strike = self.world, self.strike
        app, site = world.applications[a], world.applications[a].standby_site
        if app.standby_mode not in RUNNING or self.where[a] != app.site or site is None:
            return False
        here, there, by_hand = [(0.0, 0.0)], [(0.0, 0.0)], False
        for r in app.resources:
            for m in world.resources[r].members:
                member, launch_s = world.members[m], world.members[m].restoration.launch.mean
                copy = next((i for i, x in enumerate(member.replicas) if x.site == site), None)
                if world.resources[r].stateless:
                    there.append((0.0, launch_s if app.standby_mode == "pilot-light" else 0.0))
                elif copy is None or not self.scene.replica_ok[site]:
                    return False
                else:
                    lag = self.lags[m][copy]
                    there.append((lag if m in strike.struck else 0.0, member.replicas[copy].promote.mean))
                    if m in strike.struck and strike.occurred_s - lag > strike.contaminated_s:
                        return False
                alone = member.failover and self.scene.disruption.kind in member.failover.strikes
                if m in strike.struck and not alone:
                    by_hand = True
                    first = min(self._options(m, member, self.lags[m]), default=None)
                    if world.resources[r].stateless:
                        here.append((0.0, launch_s))
                    else:
                        here.append((math.inf, 0.0) if first is None else (first.loss_s, first.expected_s))
        if app.standby_mode == "multi-site" or not by_hand:
            return by_hand
        ways = [(max(x[0] for x in way), max(x[1] for x in way)) for way in (here, there)]
        least = min(loss for loss, _ in ways)
        within = [way for way in ways if way[0] <= least + app.loss_tolerance_s]
        return min(within, key=lambda way: (way[1], way[0])) is ways[1]

    def _recovered(self, m: int, loss_s: float) -> None:
        self.state[m], self.lost_s[m] = "recovered", loss_s

    def _automatic(self, m: int, member: Member, a: int, lags: list[float]) -> tuple[float, float] | None:
        """Return how long the quickest failover without people takes, and what it loses [s]; None without one."""
        app, estate, strike = self.world.applications[a], self.estate, self.strike
        found = []
        multi_site = self.standby[a] == "multi-site"
        if member.failover and self.where[a] == app.site and self.scene.disruption.kind in member.failover.strikes:
            found.append((estate.failovers[m](), 0.0))
        if multi_site and self.world.resources[member.resource].stateless:
            found.append((estate.standby_detections[a](), 0.0))
        for i, replica in enumerate(member.replicas):
            over = multi_site and replica.site == app.standby_site
            if not over and replica.site == self._spared(a):
                continue
            good = self.scene.replica_ok[replica.site] and strike.occurred_s - lags[i] <= strike.contaminated_s
            if good and (replica.automatic or over):
                law = estate.standby_detections[a] if multi_site else estate.promotions[m][i]
                found.append((law(), lags[i]))
        return min(found, default=None)

    def _spared(self, a: int) -> int | None:
        """Return the site whose replicas are those of a standby that does not take over; None for none."""
        app = self.world.applications[a]
        return app.standby_site if self.where[a] == app.site and app.standby_mode in RUNNING else None

    def _options(self, m: int, member: Member, lags: list[float]) -> Iterator[Option]:
        """Yield what the member can be recovered from."""
        estate, scene, strike = self.estate, self.scene, self.strike
        a = self.world.resources[member.resource].app
        where, spared = self.where[a], self._spared(a)
        occurred, contaminated = strike.occurred_s, strike.contaminated_s
        restorer = estate.restorers[m]
        for i, replica in enumerate(member.replicas):
            if scene.replica_ok[replica.site] and replica.site != spared and occurred - lags[i] <= contaminated:
                yield Option(lags[i], replica.promote.mean, replica.site, replica=i)
        for i, continuous in enumerate(member.continuous):
            way = restorer.way(continuous.vault, where)
            captured = min(occurred - estate.log_lags[m][i](), contaminated)
            oldest = max(occurred - continuous.window_s, self.world.plan_start_s)
            if scene.vault_ok[strike.attacked][continuous.vault] and way and not way[1] and captured >= oldest:
                replay, expected = 0.0, restorer.restore_expected_s
                law = continuous.replay
                if law.is_waited_for:
                    anchors = estate.anchors[m][i]
                    last = bisect_right(anchors, captured) - 1
                    replay = captured - anchors[last] if last >= 0 else 0.0
                    expected += float(law.expected_s(self.world.resources[member.resource].size_bytes, replay))
                yield Option(occurred - captured, expected, way[0], replay_s=replay, continuous=i)
        for point in self.points[m]:
            if not (point.captured_s <= contaminated and occurred < point.expires_s):
                continue
            way = restorer.way(point.vault, where)
            cold = occurred >= point.cold_s
            if scene.vault_ok[strike.attacked][point.vault] and way and not (cold and way[1]):
                expected = restorer.restore_expected_s
                expected += restorer.copy_expected_s * way[1] + restorer.retrieval_expected_s * cold
                yield Option(occurred - point.captured_s, expected, way[0], way[1], cold)

    def _restore(self, m: int, option: Option) -> Generator[simpy.Event, Any, bool]:
        """Restore; return whether what was restored is of use."""
        env, world, impaired = self.env, self.world, self.strike.impaired
        member, restorer = world.members[m], self.estate.restorers[m]
        resource = world.resources[member.resource]
        priority = world.applications[resource.app].priority
        grown = (1 + resource.growth) ** (self.strike.occurred_s / YEAR_S)
        size, objects = resource.size_bytes * grown, resource.objects * grown
        law = member.restoration
        if option.moves:
            if "copies" in impaired:
                yield env.event()
            held = yield from take(env, self._slots(law.copy_limits[option.site]), math.inf, priority)
            yield env.timeout(restorer.copying(size, objects))
            give(held)
        if "launches" in impaired or (law.is_server and "capacity" in impaired):
            yield env.event()
        held = yield from take(env, self._slots(law.restore_limits[option.site]), math.inf, priority)
        lasts = restorer.restoring(size, objects)
        if option.cold:
            lasts += restorer.retrieval()
        if option.continuous >= 0 and law.work.whole is None and option.replay_s:
            lasts += self.estate.replays[m][option.continuous](size, option.replay_s)
        yield env.timeout(lasts)
        give(held)
        return not restorer.is_useless(self.strike.occurred_s)


@dataclass
class Restorer:
    """How one member is restored: samplers, means, and ways from vaults to where it is needed."""

    restoring: Callable[[float, float], float]
    copying: Callable[[float, float], float]
    retrieval: Sampler
    launch: Sampler
    is_useless: Fails
    restore_expected_s: float
    copy_expected_s: float
    retrieval_expected_s: float
    way: Callable[[int, int | None], tuple[int, bool] | None]

    @classmethod
    def of(cls, world: World, m: int, rng: random.Random) -> Restorer:
        """Return how a member of the world is restored."""
        law = world.members[m].restoration
        resource = world.resources[world.members[m].resource]

        @cache
        def way(vault: int, where: int | None) -> tuple[int, bool] | None:
            found = route(world, law, vault, where)
            return None if found is None else (found.site, found.moves)

        return cls(
            lasting(law.work, rng),
            lasting(law.copy_work, rng),
            sampler(law.cold_retrieval, rng),
            sampler(law.launch, rng),
            failing(law.failure, rng, world.plan_start_s),
            float(law.work.expected_s(resource.size_bytes, resource.objects)),
            float(law.copy_work.expected_s(resource.size_bytes, resource.objects)),
            law.cold_retrieval.mean,
            way,
        )


@dataclass
class Scene:
    """What a disruption of a unit leaves, whatever the drill: who can be struck, and what can still be used."""

    disruption: Disruption
    number: int
    occurred: Callable[[], float]
    dwell: Sampler
    lasts: Sampler
    struck: Callable[[int], set[int]]
    vault_ok: dict[bool, list[bool]]
    replica_ok: list[bool]
    where: list[int | None] = field(default_factory=list)
    standby: list[str] = field(default_factory=list)


class Estate:
    """A strategy's world, as numbers and samplers.

    Args:
        world: where the numbers are read from.
        seed: of all draws.
    """

    def __init__(self, world: World, seed: int = 1) -> None:
        self.world = world
        rng = self.rng = random.Random(seed)  # noqa: S311  a simulation, no secret
        self.rules = [Rule.of(stream, rng) for stream in world.streams]
        self.detect, self.declare = sampler(world.detect, rng), sampler(world.declare, rng)
        self.validation, self.redirection = sampler(world.validation, rng), sampler(world.redirection, rng)
        self.steps = [sampler(step.duration, rng) for step in world.steps]
        members = range(len(world.members))
        self.restorers = [Restorer.of(world, m, rng) for m in members]
        self.lags = [[sampler(r.lag, rng) for r in world.members[m].replicas] for m in members]
        self.promotions = [[sampler(r.promote, rng) for r in world.members[m].replicas] for m in members]
        self.log_lags = [[sampler(c.log_lag, rng) for c in world.members[m].continuous] for m in members]
        self.anchors = [
            [world.streams[c.bases[0]].all_times_s.tolist() for c in world.members[m].continuous] for m in members
        ]
        self.replays = [[replaying(c.replay, rng) for c in world.members[m].continuous] for m in members]
        self.failovers = [
            sampler(f.duration if (f := world.members[m].failover) else Constant(0.0), rng) for m in members
        ]
        self.standby_detections = [sampler(app.standby_detection, rng) for app in world.applications]

    def scene(self, name: str, number: int) -> Scene:
        """Return what a disruption of the scenario does to the unit of a number."""
        world, rng = self.world, self.rng
        d = world.disruptions[name]
        unit = d.units[number]
        region = [s.region == unit.region for s in world.sites]
        account = [s.account == unit.account for s in world.sites]
        survives = [
            survival.vault_survives(
                d.kind,
                v.lock,
                region_struck=region[v.site],
                account_struck=account[v.site],
                attacked=np.array([False, True]),
            ).tolist()
            for v in world.vaults
        ]
        site_ok = [
            survival.site_usable(d.kind, region_struck=region[s], account_struck=account[s])
            for s in range(len(world.sites))
        ]
        replica_ok = [
            survival.replica_survives(
                d.kind, reaches_replicas=d.reaches_replicas, region_struck=region[s], account_struck=account[s]
            )
            for s in range(len(world.sites))
        ]
        scene = Scene(
            disruption=d,
            number=number,
            occurred=lambda: rng.uniform(0, world.horizon_s),
            dwell=sampler(d.dwell, rng),
            lasts=sampler(d.duration, rng) if d.ends else lambda: math.inf,
            struck=self._struck(d, unit, region, account),
            vault_ok={attacked: [v[attacked] for v in survives] for attacked in (False, True)},
            replica_ok=replica_ok,
        )
        for app in world.applications:
            where, standby = _course(app, site_ok, replica_ok)
            scene.where.append(where)
            scene.standby.append(standby)
        return scene

    def _struck(self, d: Disruption, unit: Unit, region: list[bool], account: list[bool]) -> Callable[[int], set[int]]:
        """Return what says who is struck in a drill, by its number."""
        world, rng = self.world, self.rng
        if d.strikes == "resource":
            own = world.resources[unit.resource].members
            return lambda _drill: {rng.choice(own)}
        where = account if d.strikes == "account" else region
        served = [
            m
            for m, member in enumerate(world.members)
            if where[world.resources[member.resource].site]
            and unit.service in ("", world.resources[member.resource].type)
        ]
        if d.strikes != "zone":
            return lambda _drill: set(served)

        def in_zone(drill: int) -> set[int]:
            # of a site without a zone nobody knows where an application begins; its members follow in turn
            first = [rng.randrange(d.zones) for _ in world.applications]
            struck = zone_number(d.zone, d.zones) if d.zone else drill % d.zones
            found = set()
            for m in served:
                member, resource = world.members[m], world.resources[world.members[m].resource]
                own = world.sites[resource.site].zone
                at = zone_number(own, d.zones) if own else (first[resource.app] + member.place) % d.zones
                if resource.deployment != "regional" and at == struck:
                    found.add(m)
            return found

        return in_zone

    def drill(self, scene: Scene, number: int) -> list[Incident]:
        """Return how every application that was struck fared in one drill."""
        occurred, d = scene.occurred(), scene.disruption
        backups = Backups(self)
        backups.env.run(until=occurred)  # what runs at that moment is lost
        strike = Strike(
            number=number,
            occurred_s=occurred,
            contaminated_s=occurred - scene.dwell(),
            ends_s=occurred + scene.lasts(),
            attacked=d.kind in survival.ATTACKS and self.rng.random() < d.attacked,
            struck=scene.struck(number),
            impaired={step for step, p in d.impairs if d.ends and self.rng.random() < p},
        )
        return Recovery(self, scene, strike, backups.points).run()


def _course(app: Application, site_ok: list[bool], replica_ok: list[bool]) -> tuple[int | None, str]:
    """Return where an application recovers and on what standby."""
    if site_ok[app.site]:
        return app.site, ""
    if app.standby_site is not None and site_ok[app.standby_site] and replica_ok[app.standby_site]:
        return app.standby_site, app.standby_mode
    if app.recover_at is not None and site_ok[app.recover_at]:
        return app.recover_at, ""
    return None, ""


def drills(world: World, disruption: str, n: int, seed: int = 1) -> list[list[Incident]]:
    """Return how every application that was struck fared in each of n drills of each unit, one list an event.

    Args:
        world: the world of a strategy, whose numbers are taken.
        disruption: its name in the scenario.
        n: how many drills.
        seed: of all draws.
    """
    estate = Estate(world, seed)
    scenes = [estate.scene(disruption, unit) for unit in range(len(world.disruptions[disruption].units))]
    return [estate.drill(scene, i) for i in range(n) for scene in scenes]
