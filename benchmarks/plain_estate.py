"""A whole estate written by hand in plain SimPy: what a careful engineer would write without drsim.

One process per rule, per backup job and per copy job, `simpy.Resource` for every limit, `random` for all luck. Each
drill begins with the plans, goes through the longest retention to a moment of the horizon, strikes, and recovers what
was struck: people, steps, applications after each other, restores that queue for slots by priority.

It is written from docs/explanation/model.md, not from drsim's engine. The numbers (schedules, sizes, distributions,
limits, dependencies) are read from a world of drsim, once, before the first drill, so that the work is the same; inside
the loop there is nothing of drsim.

What this script leaves out:
- the parts of losses and downtimes, critical paths, when full performance is reached, how long a lost business is down;
- whole lives, in which disruptions meet what earlier ones have left;
- applications that are down only because they require one that was struck: they have no incident;
- spells that laws of one account share though their probabilities differ: such laws fail apart here;
- the order written, where jobs queue in the same instant: here they queue as SimPy happens to look at them.
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
from drsim.engine.zones import zone_number
from drsim.laws import survival
from drsim.laws.failures import Failure
from drsim.laws.jobs import Replay, Work
from drsim.units import DAY_S, YEAR_S
from drsim.world.disruptions import Disruption, Unit
from drsim.world.model import Application, Continuous, Resource, World
from drsim.world.streams import Copy, DeletionEvent, Stream

Process = Generator[simpy.Event, Any, None]
Sampler = Callable[[], float]
Fails = Callable[[float], bool]
Slots = list[tuple[simpy.Resource, simpy.resources.resource.Request]]
Taking = Generator[simpy.Event, Any, Slots | None]

RUNNING = ("pilot-light", "warm-standby", "multi-site")
LOST = ("unprotected", "unrecoverable")  # the worst first
ATTEMPTS = 64  # after so many that were useless nobody tries again


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


@dataclass(slots=True)
class Run:
    """One run of a rule: which of its jobs are to fail, and which of its copies are completed, or at least over.

    `scheduled_s` is when it was due [s since start].
    """

    k: int
    scheduled_s: float
    fails: list[bool]
    completed: frozenset[int] = frozenset()
    over: frozenset[int] = frozenset()

    def took_along(self, goes: DeletionEvent) -> bool:
        """Return whether a point is gone that goes with some of the copies."""
        return self.completed.issuperset(goes.completed) and self.over.issuperset(goes.over)


class Point(NamedTuple):
    """A recovery point: what moment it holds, where, until when it is kept and warm [s since start].

    `stream` is the rule that it is of, `goes` with which copies of its run it goes before that.
    """

    captured_s: float
    vault: int
    expires_s: float
    cold_s: float
    stream: int
    goes: tuple[Run, DeletionEvent] | None


class Base(NamedTuple):
    """A backup that logs are applied to: when it was due, and what moment it holds [s since start]."""

    scheduled_s: float
    captured_s: float


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


def expecting(work: Work) -> Callable[[float, float], float]:
    """Return what says how long a job takes on average [s], of bytes and objects."""
    if work.whole is not None:
        mean = work.whole.mean
        return lambda _bytes, _objects: mean
    fixed, many = work.fixed.mean, 1e15  # so many that the fixed part does not round the rest away
    per_byte = (float(work.expected_s(many, 0.0)) - fixed) / many
    per_object = (float(work.expected_s(0.0, many)) - fixed) / many
    return lambda size, objects: fixed + max(size * per_byte, objects * per_object)


def expecting_replay(law: Replay) -> Callable[[float, float], float]:
    """Return what says how long logs take to apply on average [s], of bytes of data and the time since the base."""
    of_a_day = float(law.expected_s(1e12, DAY_S))  # in proportion to the time and, without a speed, to the data
    if law.speed is not None:
        return lambda _bytes, since_s: of_a_day * since_s / DAY_S
    return lambda size, since_s: of_a_day * since_s / DAY_S * size / 1e12


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


def take(env: simpy.Environment, pools: Sequence[simpy.Resource], deadline_s: float, priority: int) -> Taking:
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


def give(held: Slots | None) -> None:
    """Give slots back."""
    for pool, request in held or ():
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
    since_s: float
    goes: DeletionEvent | None

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
            copy.since_s,
            copy.goes,
        )


@dataclass
class Rule:
    """A rule applied to one member: its numbers and samplers.

    Where a full backup may not fit its window, `lineage` names the rules that share one, and `fulls` has what a job
    moves until there is one: bytes and objects; else both are empty.
    """

    stream: int
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
    since_s: float
    goes: DeletionEvent | None
    lineage: frozenset[str]
    fulls: list[tuple[float, float]]

    @classmethod
    def of(cls, world: World, s: int, rng: random.Random) -> Rule:
        """Return the rule of a stream of the world."""
        stream = world.streams[s]
        lineage, fulls = _base(stream)
        return cls(
            s,
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
            stream.since_s,
            stream.goes,
            lineage,
            fulls,
        )


def _base(stream: Stream) -> tuple[frozenset[str], list[tuple[float, float]]]:
    """Return which rules share a full backup that may not fit its window, and what it moves in each run."""
    base = stream.base
    if base is None:
        return frozenset(), []
    growths = [(1 + base.growth) ** (at / YEAR_S) for at in stream.times_s.tolist()]
    return frozenset(t.name for t in base.trials), [(base.size_bytes * g, base.objects * g) for g in growths]


class Backups:
    """The jobs of one drill, from the plans' start on, and what they have left behind."""

    def __init__(self, estate: Estate) -> None:
        self.env = simpy.Environment(initial_time=estate.world.plan_start_s)
        self.points: dict[int, list[Point]] = {m: [] for m in range(len(estate.world.members))}
        self.bases: dict[int, list[Base]] = {s: [] for m in estate.world.members for c in m.continuous for s in c.bases}
        self._full: set[frozenset[str]] = set()
        self._pools: dict[int, simpy.Resource] = {}
        shared: dict[tuple[int, float], Fails] = {}
        for rule in estate.rules:
            pools = self._slots(estate, rule.pools)
            copies = [self._slots(estate, c.pools) for c in rule.copies]
            fails = []
            for law in (rule.failure, *(c.failure for c in rule.copies)):
                fail = failing(law, estate.rng, self.env.now)
                # equal laws of one account fail in the same spells, whatever job they are of
                fails.append(shared.setdefault((int(law.key), law.p), fail) if law.shared else fail)
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
            env.process(self._backup(rule, Run(k, at, [f(at) for f in fails]), pools, copies))

    def _backup(self, rule: Rule, run: Run, pools: list[simpy.Resource], copies: list[list[simpy.Resource]]) -> Process:
        env = self.env
        deadline = env.now + rule.start_window_s
        yield env.timeout(rule.start_delay())
        if env.now >= deadline:
            return
        held = yield from take(env, pools, deadline, 0)
        if held is None:
            return
        captured = env.now
        moves = rule.sizes[run.k], rule.objects[run.k]
        if rule.fulls and rule.lineage not in self._full:
            moves = rule.fulls[run.k]
        lasts = rule.lasts(*moves)
        yield env.timeout(min(lasts, rule.completion_window_s))
        give(held)
        if run.fails[0] or lasts > rule.completion_window_s:
            return
        self._full.add(rule.lineage)
        if rule.stream in self.bases:
            self.bases[rule.stream].append(Base(run.scheduled_s, captured))
        point = self._left(rule, rule, captured, run, kept=rule.is_point)
        for i, action in enumerate(rule.copies):
            if action.parent == -1:
                env.process(self._copy(rule, run, i, point, copies))

    def _left(self, rule: Rule, law: Rule | CopyAction, captured: float, run: Run, *, kept: bool = True) -> Point:
        """Return the point that a job leaves; keep it unless it is a source of copies only, or older than is kept."""
        expires, cold = captured + law.delete_after_s + law.expiry(), captured + law.cold_after_s
        point = Point(captured, law.vault, expires, cold, rule.stream, (run, law.goes) if law.goes else None)
        if kept and run.scheduled_s >= law.since_s:
            self.points[rule.member].append(point)
        return point

    def _copy(self, rule: Rule, run: Run, i: int, source: Point, copies: list[list[simpy.Resource]]) -> Process:
        env, action = self.env, rule.copies[i]
        if delay := action.delay():
            yield env.timeout(delay)
        held = yield from take(env, copies[i], math.inf, 0)
        if env.now >= source.cold_s or env.now >= source.expires_s:
            give(held)
            self._fail(rule, run, i)
            return
        yield env.timeout(action.lasts(action.sizes[run.k], action.objects[run.k]))
        give(held)
        if run.fails[1 + i]:
            self._fail(rule, run, i)
            return
        run.completed |= {i}
        run.over |= {i}
        point = self._left(rule, action, source.captured_s, run)
        for j, after in enumerate(rule.copies):
            if after.parent == i:
                env.process(self._copy(rule, run, j, point, copies))

    def _fail(self, rule: Rule, run: Run, i: int) -> None:
        """A copy is over without a point, and with it all that would have been copied from that."""
        run.over |= {i}
        for j, after in enumerate(rule.copies):
            if after.parent == i:
                self._fail(rule, run, j)


# recovery


class Option(NamedTuple):
    """One way to recover a member: what it loses and how long it takes on average [s]; -1 for what it does not use."""

    loss_s: float
    expected_s: float
    site: int = -1
    vault: int = -1
    moves: bool = False
    cold: bool = False
    replay_s: float = 0.0
    replica: int = -1
    continuous: int = -1


def best(options: Sequence[Option], tolerance_s: float, rpo_s: float) -> Option:
    """Return the quickest of the options whose losses count as equal to the least.

    Args:
        options: at least one, in the order written.
        tolerance_s: by how much a loss may exceed the least and count as equal.
        rpo_s: what is beyond it never displaces what is within it.
    """
    least = min(o.loss_s for o in options)
    most = least + tolerance_s
    if least <= rpo_s:
        most = min(most, rpo_s)
    return min((o for o in options if o.loss_s <= most), key=lambda o: (o.expected_s, o.loss_s))


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

    def __init__(self, estate: Estate, scene: Scene, strike: Strike, backups: Backups) -> None:
        self.estate, self.scene, self.strike, self.backups = estate, scene, strike, backups
        world = self.world = estate.world
        env = self.env = simpy.Environment(initial_time=strike.occurred_s)
        self._pools: dict[int, simpy.PriorityResource] = {}
        self.lost_s: dict[int, float] = {}  # what the members lose
        self.usable: dict[int, float] = {}  # when applications are
        self.rebuilt: dict[int, float] = {}  # when what was lost for good is
        self.gave_up: dict[int, float] = {}  # when the last attempt on a member proved useless
        self.state: dict[int, str] = {}
        self.automatic: set[int] = set()
        self.lost_nodes: dict[int, str] = {}  # steps that came after something lost, and its state
        struck_of: dict[int, list[int]] = {}
        for m in sorted(strike.struck):
            struck_of.setdefault(world.members[m].resource, []).append(m)
        self.applications = list(dict.fromkeys(world.resources[r].app for r in struck_of))
        self.lags = {m: [lag() for lag in estate.lags[m]] for m in range(len(world.members))}
        self._found: dict[int, list[Option]] = {}
        self.where, self.standby = dict(enumerate(scene.where)), dict(enumerate(scene.standby))
        self.detected_s = {a: estate.standby_detections[a]() for a in self.applications}
        # how many members a resource misses of those that were struck; the others count at once
        self.missing = {r: len(ms) - _spare(world.resources[r]) for r, ms in struck_of.items()}
        self.down = {world.resources[r].app for r, n in self.missing.items() if n > 0}
        # whom nobody misses nobody launches; data are recovered, since they are not redundant
        self.by_resource = {r: ms for r, ms in struck_of.items() if self.missing[r] > 0 or not self._is_stateless(r)}
        # a standby takes over as a whole, even what was not struck, or not at all
        self.moved = {a for a in self.applications if a in self.down and self._takes_over(a)}
        for a in self.moved:
            app = world.applications[a]
            self.where[a], self.standby[a] = app.standby_site, app.standby_mode
            self.by_resource |= {r: list(world.resources[r].members) for r in app.resources}
            self.missing |= {r: world.resources[r].needs for r in app.resources}
        # people: one set of them for all applications
        people = strike.occurred_s + estate.detect() + estate.declare()
        acts_late = scene.disruption.strikes in ("zone", "region", "service")
        self.starts_s = {
            a: people + (world.applications[a].act_after_s if acts_late else 0.0) for a in self.applications
        }
        self.app_done = {a: env.event() for a in self.applications}
        self.comes_after = {a: self._comes_after(a) for a in self.applications}
        self.steps = [
            s
            for a in self.down
            for s in world.applications[a].steps
            if world.steps[s].always or (self.where[a] != world.applications[a].site and self.standby[a] not in RUNNING)
        ]
        first = len(world.resources)
        self.node_done = {node: env.event() for node in (*self.by_resource, *(first + s for s in self.steps))}
        for r in self.by_resource:
            env.process(self._resource(r))
        for s in self.steps:
            env.process(self._step(s))
        for a in self.applications:
            env.process(self._application(a))

    def run(self) -> list[Incident]:
        """Recover, until the outage ends; return how each application fared."""
        strike = self.strike
        self.env.run(until=None if strike.ends_s == math.inf else strike.ends_s)
        incidents = []
        for a in sorted(self.applications):
            event = strike.number, self.scene.number, a
            losses = {m: self.lost_s.get(m, 0.0) for m in self._members(a)}
            back_s, state = self._back_s(a), self._state(a)
            if strike.ends_s < math.inf and back_s > strike.ends_s:  # ridden out, but for what failed over by itself
                loss = max((losses[m] for m in losses if m in self.automatic), default=0.0)
                incidents.append(Incident(*event, "recovered", loss, strike.ends_s - strike.occurred_s))
            elif strike.ends_s == math.inf and state in LOST:
                incidents.append(Incident(*event, state, math.nan, math.nan))
            else:
                loss = max(losses.values(), default=0.0)
                incidents.append(Incident(*event, "recovered", loss, back_s - strike.occurred_s))
        return incidents

    def _members(self, a: int) -> list[int]:
        """Return which members of an application have to be recovered."""
        return [m for r in self.world.applications[a].resources for m in self.by_resource.get(r, ())]

    def _state(self, a: int) -> str:
        """Return the state of the worst member of an application, or of something that it cannot do without."""
        states = {self.state.get(m, "recovered") for m in self._members(a)}
        for other in self.world.applications[a].requires:
            if self._state(other) in LOST and other not in self.rebuilt:
                states.add("unrecoverable")
        return next((state for state in LOST if state in states), "recovered")

    def _back_s(self, a: int) -> float:
        """Return when an application is usable, and all that it requires, too [s since start]; inf for never."""
        usable_s = self.usable.get(a, math.inf) if a in self.app_done else self.strike.occurred_s
        others = self.world.applications[a].requires
        return max([usable_s, *(self.rebuilt[o] if o in self.rebuilt else self._back_s(o) for o in others)])

    def _comes_after(self, a: int) -> list[int]:
        """Return which applications that were struck recover before one; what it requires may wait for another."""
        app = self.world.applications[a]
        earlier = [other for other in app.after if other in self.app_done]
        for other in app.requires:
            if other not in self.app_done:
                earlier += self._comes_after(other)
        return earlier

    def _slots(self, limits: Sequence[int]) -> list[simpy.PriorityResource]:
        for i in limits:
            if i not in self._pools:
                self._pools[i] = simpy.PriorityResource(self.env, self.world.limits[i].slots)
        return [self._pools[i] for i in reversed(limits)]

    def _awaits(self, a: int, after: Sequence[int]) -> Generator[simpy.Event, Any, str]:
        """Wait for people, for other applications, and for what comes first in this one; return its state if lost."""
        env = self.env
        if self.starts_s[a] > env.now:
            yield env.timeout(self.starts_s[a] - env.now)
        for other in self.comes_after[a]:
            yield self.app_done[other]
        states = set()
        for node in after:
            if node in self.node_done:
                yield self.node_done[node]
                states |= {self.state.get(m, "") for m in self.by_resource.get(node, ())}
                states.add(self.lost_nodes.get(node, ""))
        return next((state for state in LOST if state in states), "")

    def _step(self, s: int) -> Process:
        step, node = self.world.steps[s], len(self.world.resources) + s
        lost = yield from self._awaits(step.app, step.after)
        if lost:
            self.lost_nodes[node] = lost
        else:
            yield self.env.timeout(self.estate.steps[s]())
        self.node_done[node].succeed()

    def _resource(self, r: int) -> Process:
        """Recover the members of a resource; it is there with the last one that it misses."""
        members = {self.env.process(self._member(m)): m for m in self.by_resource[r]}
        left, missing = set(members), self.missing[r]
        while left and missing > 0:
            yield simpy.AnyOf(self.env, left)
            ended = {process for process in left if process.processed}
            left -= ended
            missing -= sum(self.state[members[process]] == "recovered" for process in ended)
        self.node_done[r].succeed()

    def _application(self, a: int) -> Process:
        world, app = self.world, self.world.applications[a]
        members = self._members(a)
        if a not in self.down:  # nobody noticed
            self.usable[a] = self.env.now
            self.app_done[a].succeed()
            return
        for node in (*app.resources, *(len(world.resources) + s for s in app.steps)):
            if node in self.node_done:
                yield self.node_done[node]
        lost = [m for m in members if self.state.get(m) in LOST]
        if not lost:
            if self.standby[a] != "multi-site" or not self.automatic.issuperset(members):
                yield self.env.timeout(self.estate.validation())
            yield self.env.timeout(self.estate.redirection())
            self.usable[a] = self.env.now
        elif app.rebuild_is_given:
            # lost with the last attempt, or when people knew that there is nothing to try
            since_s = max((self.gave_up[m] for m in lost if m in self.gave_up), default=self.starts_s[a])
            self.rebuilt[a] = max(since_s + self.estate.rebuilds[a](), self.env.now)
            yield self.env.timeout(self.rebuilt[a] - self.env.now)
        self.app_done[a].succeed()

    def _member(self, m: int) -> Process:
        """Recover a member, however that goes."""
        env, estate = self.env, self.estate
        resource = self.world.resources[self.world.members[m].resource]
        by_itself = self._automatic(m)
        if by_itself is not None:
            lasts, loss = by_itself
            yield env.timeout(lasts)
            self.automatic.add(m)
            self._recovered(m, loss)
            return
        lost = yield from self._awaits(resource.app, resource.after)
        if lost:
            self.state[m] = lost
        elif resource.stateless:
            yield from self._launch(m)
            self._recovered(m, 0.0)
        elif resource.app in self.moved:
            replica = self._at_standby(m)
            yield env.timeout(estate.promotions[m][replica]())
            self._recovered(m, self.lags[m][replica])
        else:
            yield from self._by_hand(m)

    def _by_hand(self, m: int) -> Process:
        """Try one option after another."""
        env = self.env
        resource = self.world.resources[self.world.members[m].resource]
        options = self._options(m)
        for _ in range(ATTEMPTS):
            if not options:
                break
            option = self._first(m, options)
            options.remove(option)
            if option.replica >= 0:
                yield env.timeout(self.estate.promotions[m][option.replica]())
            elif not (yield from self._restore(m, option)):
                self.gave_up[m] = env.now
                if option.continuous >= 0:
                    options += self._snapshots(m, option.continuous)
                continue
            self._recovered(m, option.loss_s)
            return
        self.state[m] = "unrecoverable" if resource.selected else "unprotected"

    def _first(self, m: int, options: Sequence[Option]) -> Option:
        """Return which of several options for a member is tried."""
        app = self.world.applications[self.world.resources[self.world.members[m].resource].app]
        return best(options, app.loss_tolerance_s, app.rpo_s.get(self.scene.disruption.name, math.inf))

    def _takes_over(self, a: int) -> bool:
        """Return whether a running standby takes over an application whose own site is usable: the better way wins."""
        app = self.world.applications[a]
        if app.standby_mode not in RUNNING or self.where[a] != app.site:
            return False
        there, here = self._there(a), self._here(a)
        if there is None or here is None or app.standby_mode == "multi-site":
            return there is not None and here is not None
        rpo_s = app.rpo_s.get(self.scene.disruption.name, math.inf)
        return best([here, there], app.loss_tolerance_s, rpo_s) is there

    def _there(self, a: int) -> Option | None:
        """Return what it means that the standby takes over: the largest loss, the longest time; None if it cannot."""
        world, app = self.world, self.world.applications[a]
        if app.standby_site is None or not self.scene.replica_ok[app.standby_site]:
            return None
        losses, times = [0.0], [0.0]
        for m in (m for r in app.resources for m in world.resources[r].members):
            member, replica = world.members[m], self._at_standby(m)
            if self._is_stateless(member.resource):
                times.append(member.restoration.launch.mean if app.standby_mode == "pilot-light" else 0.0)
            elif replica == -1 or not self._is_good(m, replica):
                return None
            else:
                losses.append(self.lags[m][replica] if m in self.strike.struck else 0.0)
                times.append(member.replicas[replica].promote.mean)
        return Option(max(losses), max(times))

    def _here(self, a: int) -> Option | None:
        """Return what it means to recover at home; None if nobody is needed for that."""
        losses, times, needs_people = [0.0], [0.0], False
        for m in self._members(a):
            r = self.world.members[m].resource
            if self._automatic(m) is not None:
                continue
            needs_people |= self.missing[r] > 0
            if self._is_stateless(r):
                times.append(self.world.members[m].restoration.launch.mean)
            elif options := self._options(m):
                first = self._first(m, options)
                losses.append(first.loss_s)
                times.append(first.expected_s)
            else:
                losses.append(math.inf)
        return Option(max(losses), max(times)) if needs_people else None

    def _is_stateless(self, r: int) -> bool:
        return self.world.resources[r].stateless

    def _at_standby(self, m: int) -> int:
        """Return which replica of a member is at its application's standby; -1 for none."""
        member = self.world.members[m]
        site = self.world.applications[self.world.resources[member.resource].app].standby_site
        return next((i for i, replica in enumerate(member.replicas) if replica.site == site), -1)

    def _recovered(self, m: int, loss_s: float) -> None:
        """A member is there again; what goes with the others though it was not struck has lost nothing."""
        self.state[m], self.lost_s[m] = "recovered", loss_s if m in self.strike.struck else 0.0

    def _automatic(self, m: int) -> tuple[float, float] | None:
        """Return how long the quickest failover without people takes, and what it loses [s]; None without one."""
        member, estate, strike = self.world.members[m], self.estate, self.strike
        resource = self.world.resources[member.resource]
        a = resource.app
        app = self.world.applications[a]
        failovers = []
        multi_site = self.standby[a] == "multi-site"
        # what has damaged the data has damaged their mirror
        mirrored = resource.stateless or strike.contaminated_s >= strike.occurred_s
        answers = member.failover.strikes if member.failover else ()
        if self.scene.disruption.kind in answers and self.where[a] == app.site and mirrored:
            failovers.append((estate.failovers[m](), 0.0))
        if multi_site and resource.stateless:
            failovers.append((self.detected_s[a], 0.0))
        for i, replica in enumerate(member.replicas):
            over = multi_site and replica.site == app.standby_site
            if (over or replica.site != self._spared(a)) and (over or replica.automatic) and self._is_good(m, i):
                failovers.append((self.detected_s[a] if over else estate.promotions[m][i](), self.lags[m][i]))
        return min(failovers, default=None)

    def _spared(self, a: int) -> int | None:
        """Return the site whose replicas are those of a standby that does not take over; None for none."""
        app = self.world.applications[a]
        return app.standby_site if self.where[a] == app.site and app.standby_mode in RUNNING else None

    def _is_good(self, m: int, i: int) -> bool:
        """Return whether a replica survives, and what it holds is not damaged."""
        replica, strike = self.world.members[m].replicas[i], self.strike
        if not self.scene.replica_ok[replica.site]:
            return False
        if m not in strike.struck:
            return True
        return self._is_kept(replica.retained_on_delete) and (
            strike.occurred_s - self.lags[m][i] <= strike.contaminated_s
        )

    def _is_kept(self, retained: bool) -> bool:  # noqa: FBT001  as it is written
        """Return whether something is left that its service keeps of what was struck."""
        return retained or not self.scene.disruption.deletes_resource

    def _options(self, m: int) -> list[Option]:
        """Return what a member can be recovered from; the same whenever one asks."""
        if m not in self._found:
            self._found[m] = [*self._failovers(m), *self._moments(m), *self._points(m)]
        return list(self._found[m])

    def _failovers(self, m: int) -> Iterator[Option]:
        """Yield the replicas that a member can be moved to."""
        member = self.world.members[m]
        spared = self._spared(self.world.resources[member.resource].app)
        for i, replica in enumerate(member.replicas):
            if replica.site != spared and self._is_good(m, i):
                yield Option(self.lags[m][i], replica.promote.mean, replica.site, replica=i)

    def _moments(self, m: int) -> Iterator[Option]:
        """Yield what continuous protection can restore: the newest good moment that its logs reach from a base."""
        estate, strike = self.estate, self.strike
        restorer, (size, objects) = estate.restorers[m], self._amounts(m)
        where = self.where[self.world.resources[self.world.members[m].resource].app]
        for i, continuous in enumerate(self.world.members[m].continuous):
            way = restorer.way(continuous.vault, where)
            usable = self.scene.vault_ok[strike.attacked][continuous.vault]
            if not usable or way is None or way[1] or not self._is_kept(continuous.retained_on_delete):
                continue
            wanted = min(strike.occurred_s - estate.log_lags[m][i](), strike.contaminated_s)
            bases = [b for s in continuous.bases for b in self.backups.bases[s] if b.captured_s <= wanted]
            if not bases:
                continue
            base = max(bases, key=lambda b: b.captured_s)
            restored = min(wanted, self._gap(m, i, continuous, base))
            if restored < strike.occurred_s - continuous.window_s:
                continue
            expected, since = restorer.restore_expected(size, objects), restored - base.captured_s
            if restorer.replays:
                expected += estate.replays_expected[m][i](size, since)
            yield Option(strike.occurred_s - restored, expected, way[0], continuous.vault, replay_s=since, continuous=i)

    def _gap(self, m: int, i: int, continuous: Continuous, base: Base) -> float:
        """Return where the log after a base ends [s since start]; inf if it has no gap."""
        rng = self.estate.rng
        if not failing(continuous.log_failure, rng, self.world.plan_start_s)(base.scheduled_s):
            return math.inf
        calendar = self.estate.calendars[m][i]
        due = next(iter(calendar[bisect_right(calendar, base.scheduled_s) :]), self.strike.occurred_s)
        return base.captured_s + rng.random() * (due - base.captured_s)

    def _points(self, m: int) -> Iterator[Option]:
        """Yield the recovery points of a member, but for daily snapshots of what restores to a moment where it is."""
        bases = self.estate.own_bases[m]
        return (self._of_point(m, *entry) for entry in self._usable(m) if entry[0].stream not in bases or entry[1][1])

    def _snapshots(self, m: int, i: int) -> Iterator[Option]:
        """Yield the daily snapshots that are left where a restore to a moment has proved useless."""
        continuous = self.world.members[m].continuous[i]
        bases = continuous.bases if continuous.are_points else ()
        return (self._of_point(m, *entry) for entry in self._usable(m) if entry[0].stream in bases)

    def _usable(self, m: int) -> Iterator[tuple[Point, tuple[int, bool]]]:
        """Yield which recovery points can be used, and how each gets to where it is needed."""
        strike = self.strike
        where = self.where[self.world.resources[self.world.members[m].resource].app]
        for point in self.backups.points[m]:
            if not (point.captured_s <= strike.contaminated_s and strike.occurred_s < point.expires_s):
                continue
            gone = point.goes is not None and point.goes[0].took_along(point.goes[1])
            if gone or not self.scene.vault_ok[strike.attacked][point.vault]:
                continue
            # what a service keeps may go with what it is of; what lies in a vault stays
            native, stream = self.world.vaults[point.vault].native, self.world.streams[point.stream]
            if native and not self._is_kept(stream.retained_on_delete):
                continue
            way = self.estate.restorers[m].way(point.vault, where)
            if way and not (way[1] and strike.occurred_s >= point.cold_s):
                yield point, way

    def _of_point(self, m: int, point: Point, way: tuple[int, bool]) -> Option:
        """Return the option to restore a point."""
        restorer, amounts = self.estate.restorers[m], self._amounts(m)
        (site, moves), cold = way, self.strike.occurred_s >= point.cold_s
        expected = restorer.restore_expected(*amounts)
        expected += restorer.copy_expected(*amounts) if moves else 0.0
        expected += restorer.retrieval_expected_s if cold else 0.0
        return Option(self.strike.occurred_s - point.captured_s, expected, site, point.vault, moves, cold)

    def _amounts(self, m: int) -> tuple[float, float]:
        """Return the bytes and objects of a member when it is struck."""
        resource = self.world.resources[self.world.members[m].resource]
        grown = (1 + resource.growth) ** (self.strike.occurred_s / YEAR_S)
        return resource.size_bytes * grown, resource.objects * grown

    def _holds_up(self, step: str, *sites: int | None) -> bool:
        """Return whether a step waits until the outage ends: only in the Region that is struck."""
        if step not in self.strike.impaired:
            return False
        return any(s is not None and self.world.sites[s].region == self.scene.region for s in sites)

    def _begins(self, m: int, site: int | None) -> Process:
        """Wait until a restore or a launch at a site is possible: now, or never before the outage ends."""
        is_server = self.world.members[m].restoration.is_server
        if self._holds_up("launches", site) or (is_server and self._holds_up("capacity", site)):
            yield self.env.event()

    def _launch(self, m: int) -> Process:
        """Launch what has no data; at a warm standby it is there."""
        a = self.world.resources[self.world.members[m].resource].app
        if self.standby[a] != "warm-standby":
            yield from self._begins(m, self.where[a])
            yield self.env.timeout(self.estate.restorers[m].launch())

    def _restore(self, m: int, option: Option) -> Generator[simpy.Event, Any, bool]:
        """Restore; return whether what was restored is of use."""
        env, world, rng = self.env, self.world, self.estate.rng
        law, restorer = world.members[m].restoration, self.estate.restorers[m]
        priority = world.applications[world.resources[world.members[m].resource].app].priority
        size, objects = self._amounts(m)
        if option.moves:
            if self._holds_up("copies", world.vaults[option.vault].site, option.site):
                yield env.event()
            held = yield from take(env, self._slots(law.copy_limits[option.site]), math.inf, priority)
            yield env.timeout(restorer.copying(size, objects))
            give(held)
        yield from self._begins(m, option.site)
        held = yield from take(env, self._slots(law.restore_limits[option.site]), math.inf, priority)
        lasts = restorer.restoring(size, objects)
        if option.cold:
            lasts += restorer.retrieval()
        if option.continuous >= 0 and restorer.replays:
            lasts += self.estate.replays[m][option.continuous](size, option.replay_s)
        yield env.timeout(lasts)
        give(held)
        return not failing(law.failure, rng, world.plan_start_s)(self.strike.occurred_s)


def _spare(resource: Resource) -> int:
    """Return how many members a resource can do without."""
    return len(resource.members) - resource.needs


@dataclass
class Restorer:
    """How one member is restored: samplers, means, and ways from vaults to where it is needed.

    `replays` tells whether logs are applied after a restore, which a given duration of the whole contains.
    """

    restoring: Callable[[float, float], float]
    copying: Callable[[float, float], float]
    retrieval: Sampler
    launch: Sampler
    restore_expected: Callable[[float, float], float]
    copy_expected: Callable[[float, float], float]
    retrieval_expected_s: float
    replays: bool
    way: Callable[[int, int | None], tuple[int, bool] | None]

    @classmethod
    def of(cls, world: World, m: int, rng: random.Random) -> Restorer:
        """Return how a member of the world is restored."""
        law = world.members[m].restoration

        @cache
        def way(vault: int, where: int | None) -> tuple[int, bool] | None:
            taken = route(world, law, vault, where)
            return None if taken is None else (taken.site, taken.moves)

        return cls(
            lasting(law.work, rng),
            lasting(law.copy_work, rng),
            sampler(law.cold_retrieval, rng),
            sampler(law.launch, rng),
            expecting(law.work),
            expecting(law.copy_work),
            law.cold_retrieval.mean,
            law.work.whole is None,
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
    region: str
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
        self.rules = [Rule.of(world, s, rng) for s in range(len(world.streams))]
        self.detect, self.declare = sampler(world.detect, rng), sampler(world.declare, rng)
        self.validation, self.redirection = sampler(world.validation, rng), sampler(world.redirection, rng)
        self.steps = [sampler(step.duration, rng) for step in world.steps]
        members = range(len(world.members))
        self.restorers = [Restorer.of(world, m, rng) for m in members]
        self.lags = [[sampler(r.lag, rng) for r in world.members[m].replicas] for m in members]
        self.promotions = [[sampler(r.promote, rng) for r in world.members[m].replicas] for m in members]
        self.log_lags = [[sampler(c.log_lag, rng) for c in world.members[m].continuous] for m in members]
        self.calendars: list[list[list[float]]] = [
            [world.streams[c.bases[0]].all_times_s.tolist() for c in world.members[m].continuous] for m in members
        ]
        self.own_bases = [world.members[m].own_bases for m in members]
        self.replays = [[replaying(c.replay, rng) for c in world.members[m].continuous] for m in members]
        self.replays_expected = [[expecting_replay(c.replay) for c in world.members[m].continuous] for m in members]
        self.failovers = [
            sampler(f.duration if (f := world.members[m].failover) else Constant(0.0), rng) for m in members
        ]
        self.standby_detections = [sampler(app.standby_detection, rng) for app in world.applications]
        self.rebuilds = [sampler(app.rebuild, rng) for app in world.applications]

    def scene(self, name: str, number: int) -> Scene:
        """Return what a disruption of the scenario does to the unit of a number."""
        world, rng = self.world, self.rng
        d = world.disruptions[name]
        unit = d.units[number]
        region = [s.region == unit.region for s in world.sites]
        account = [s.account == unit.account for s in world.sites]
        survives = [
            survival.vault_survives(
                d.takes,
                v.lock,
                region_struck=region[v.site],
                account_struck=account[v.site],
                key_struck=unit.key in v.keys,
                attacked=np.array([False, True]),
            ).tolist()
            for v in world.vaults
        ]
        site_ok = [
            survival.site_usable(d.takes, region_struck=region[s], account_struck=account[s])
            for s in range(len(world.sites))
        ]
        replica_ok = [
            survival.replica_survives(d.takes, region_struck=region[s], account_struck=account[s])
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
            region=unit.region,
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
            members = world.resources[unit.resource].members
            return lambda _drill: {rng.choice(members)}
        if d.strikes == "key":
            under = {m for m, member in enumerate(world.members) if unit.key in world.resources[member.resource].keys}
            return lambda _drill: set(under)
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
            inside = set()
            for m in served:
                member, resource = world.members[m], world.resources[world.members[m].resource]
                zone = world.sites[resource.site].zone
                at = zone_number(zone, d.zones) if zone else (first[resource.app] + member.place) % d.zones
                if resource.deployment != "regional" and at == struck:
                    inside.add(m)
            return inside

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
            attacked=d.takes.is_attack and self.rng.random() < d.attacked,
            struck=scene.struck(number),
            impaired={step for step, p in d.impairs if d.ends and self.rng.random() < p},
        )
        return Recovery(self, scene, strike, backups).run()


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
