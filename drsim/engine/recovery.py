"""The processes of a recovery: people, steps, slots, restores, and what each of them waited for.

The processes run on the process clock's environment (`drsim.engine.process`); this module decides what they do.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from drsim import draws
from drsim.distributions import Distribution
from drsim.engine.courses import ATTEMPTS, Course, course, is_needed, starts_s
from drsim.engine.history import History
from drsim.engine.options import (
    Option,
    growth,
    newest_scheduled_s,
    options,
    replica_captured_s,
    replica_survives,
    size_at,
)
from drsim.engine.recovered import Recovered
from drsim.engine.strike import Strikes
from drsim.engine.world import Application, Continuous, Member, Replica, Resource, World
from drsim.laws.jobs import Failure, Replay, Work, draw

if TYPE_CHECKING:
    from simpy import Environment, Event

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Process = Generator["Event", Any, None]


class RequestLike(Protocol):
    """A job in the queue: an event that succeeds once it holds its slots."""

    waited_for: int
    """The limit that was full when it had to wait, -1 if it never did."""


class SlotsLike(Protocol):
    """What a recovery needs of the process clock's slots."""

    def request(self, limits: tuple[int, ...], order: tuple[int, ...], *, priority: int = 0) -> RequestLike:
        """Queue for a slot of every limit."""

    def release(self, limits: tuple[int, ...]) -> None:
        """Give one slot of every limit back."""


class Recovery:
    """The recovery of everything that one incident struck.

    Attributes:
        members: how each struck member fared.
        steps: how each recovery step that was needed fared.
        applications: how each struck application fared; `usable_s` is the moment after the redirect.
        courses: how each struck application went about it.
        abandoned: how far members were whose application rode the outage out.
    """

    def __init__(
        self, world: World, strikes: Strikes, e: int, history: History, env: Environment, slots: SlotsLike
    ) -> None:
        self.world, self.strikes, self.e = world, strikes, e
        self._history, self._env, self._slots = history, env, slots
        self.occurred_s = float(strikes.occurred_s[e])
        self.ends_s = float(strikes.ends_s[e])
        struck = strikes.affected[e].nonzero()[0].tolist()
        self.members: dict[int, Recovered] = {m: Recovered() for m in struck}
        by_resource: dict[int, list[int]] = {}
        for m in struck:
            by_resource.setdefault(world.members[m].resource, []).append(m)
        self.resources = by_resource
        self.abandoned: dict[int, Recovered] = {}
        self.steps: dict[int, Recovered] = {}
        self.applications: dict[int, Recovered] = {world.resources[r].app: Recovered() for r in by_resource}
        self.courses = {a: self._course(world.applications[a]) for a in self.applications}
        self._node_done: dict[int, Event] = {r: env.event() for r in by_resource}
        first_step = len(world.resources)
        for a in self.applications:
            for s in world.applications[a].steps:
                if is_needed(world, world.applications[a], self.courses[a], s):
                    self.steps[s] = Recovered()
                    self._node_done[first_step + s] = env.event()
        self._app_done: dict[int, Event] = {a: env.event() for a in self.applications}
        for r in by_resource:
            env.process(self._resource(r))
        for s in self.steps:
            env.process(self._step(s))
        for a in self.applications:
            env.process(self._application(a))

    def _index(self, attempt: int) -> Ints:
        return self.strikes.incident * ATTEMPTS + attempt

    def _drawn(self, distribution: Distribution, key: int, attempt: int = 0) -> float:
        """Return a drawn value."""
        strikes = self.strikes
        drawn = strikes.once((key, attempt), lambda: draw(distribution, key, strikes.run, self._index(attempt)))
        return float(drawn[self.e])

    def _draw(self, distribution: Distribution, key: int, attempt: int = 0) -> float:
        """Return a drawn duration on the time grid [s]."""
        return float(draws.on_grid(self._drawn(distribution, key, attempt)))

    def _lasting(self, work: Work, resource: Resource, attempt: int) -> float:
        """Return how long a job of the recovery takes that moves all of a member's data [s]."""
        strikes = self.strikes

        def durations() -> Floats:
            grown = growth(resource, strikes.occurred_s)
            size, objects = resource.size_bytes * grown, resource.objects * grown
            return work.durations(strikes.run, self._index(attempt), size, objects)

        return float(strikes.once((work.keys, attempt), durations)[self.e])

    def _replaying(self, law: Replay, resource: Resource, since_base_s: float, attempt: int) -> float:
        """Return how long the log since a base takes to apply to one member [s]."""
        strikes = self.strikes
        paces = strikes.once((law.key, attempt), lambda: law.paces(strikes.run, self._index(attempt)))
        size, _ = size_at(resource, self.occurred_s)
        return float(draws.on_grid(law.amount(size, since_base_s) * paces[self.e]))

    def _is_useless(self, failure: Failure, attempt: int) -> bool:
        """Return whether a restore shows its point to be useless."""
        strikes = self.strikes
        drawn = strikes.once(
            (failure.key, attempt),
            lambda: failure.failed(strikes.run, self._index(attempt), strikes.occurred_s).astype(np.float64),
        )
        return bool(drawn[self.e])

    def _course(self, app: Application) -> Course:
        return course(app, self.strikes, float(starts_s(app, self.strikes)[self.e]))

    def _is_impaired(self, *steps: str) -> bool:
        return any(self.strikes.impaired[s][self.e] for s in steps if s in self.strikes.impaired)

    def _awaits(self, a: int, after: tuple[int, ...], result: Recovered) -> Process:
        """Wait until people begin and everything named in `after` is there; note what was waited for last."""
        env, course = self._env, self.courses[a]
        result.does(result.doing, env.now)
        yield env.timeout(max(0.0, course.starts_s - env.now))
        result.does("waiting for what comes first", env.now)
        for other in self.world.applications[a].after:
            if other in self._app_done and (yield from self._is_waited_for(self._app_done[other])):
                result.waited_for = -2 - other if self.applications[other].state == "recovered" else -1
        for node in after:
            if node in self._node_done and (yield from self._is_waited_for(self._node_done[node])):
                result.waited_for = node
        result.begun_s = env.now

    def _is_waited_for(self, done: Event) -> Generator[Event, Any, bool]:
        """Wait for something to be done; return whether that took time."""
        since = self._env.now
        yield done
        return self._env.now > since

    def _resource(self, r: int) -> Process:
        yield from [self._env.process(self._member(m)) for m in self.resources[r]]
        self._node_done[r].succeed()

    def _step(self, s: int) -> Process:
        step, result = self.world.steps[s], self.steps[s]
        yield from self._awaits(step.app, step.after, result)
        duration = self._draw(step.duration, step.key)
        result.does("under way", self._env.now)
        yield self._env.timeout(duration)
        result.spend("step_s", duration)
        result.state, result.by, result.usable_s = "recovered", "step", self._env.now
        self._node_done[len(self.world.resources) + s].succeed()

    def _application(self, a: int) -> Process:
        world, result, app = self.world, self.applications[a], self.world.applications[a]
        nodes = [r for r in app.resources if r in self._node_done]
        nodes += [len(world.resources) + s for s in app.steps if s in self.steps]
        for node in nodes:
            if (yield from self._is_waited_for(self._node_done[node])) or result.waited_for == -1:
                result.waited_for = node
        result.begun_s = self._env.now
        members = [self.members[m] for r in app.resources for m in self.resources.get(r, ())]
        if any(m.state != "recovered" for m in members):
            states = {m.state for m in members}
            result.state = "unprotected" if "unprotected" in states else "unrecoverable"
            self._app_done[a].succeed()
            return
        only_redirect = self.courses[a].standby == "multi-site" and all(m.automatic for m in members)
        if not only_redirect:
            validation = self._draw(world.validation, app.validate_key)
            yield self._env.timeout(validation)
            result.spend("validate_s", validation)
        redirection = self._draw(world.redirection, app.redirect_key)
        yield self._env.timeout(redirection)
        result.spend("redirect_s", redirection)
        result.state, result.usable_s = "recovered", self._env.now
        result.full_s = max([result.usable_s, *(m.full_s for m in members)])
        self._app_done[a].succeed()

    # one member

    def _member(self, m: int) -> Process:
        member, result = self.world.members[m], self.members[m]
        resource = self.world.resources[member.resource]
        if (yield from self._by_itself(member, result)):
            return
        yield from self._awaits(resource.app, resource.after, result)
        if resource.stateless:
            yield from self._launch(member, result)
            return
        found = options(self.world, self.strikes, self.e, member, self.courses[resource.app].where, self._history)
        for attempt, option in enumerate(found):
            if attempt >= ATTEMPTS:
                break
            result.pursued = option
            if option.by == "failover":
                result.does("failing over", self._env.now)
                duration = self._draw(option.source.promote, option.source.promote_key)  # type: ignore[union-attr]
                yield self._env.timeout(duration)
                result.spend("failover_s", duration)
                self._usable(result, option.by, option.place, option.captured_s, option=option)
                return
            if (yield from self._restore(m, member, option, attempt, result)):
                return
            result.failed.append(option)
        result.state = "unrecoverable" if resource.selected else "unprotected"

    def _by_itself(self, member: Member, result: Recovered) -> Generator[Event, Any, bool]:
        """Fail over without people where the deployment, a replica or a standby does so; return whether it did."""
        resource = self.world.resources[member.resource]
        app = self.world.applications[resource.app]
        found: list[tuple[float, str, float, Replica | None]] = []
        home = self.world.sites[resource.site].name
        # what has damaged the data has damaged its mirror
        intact = resource.stateless or self.occurred_s <= self.strikes.contaminated_s[self.e]
        if member.failover and self.strikes.disruption.kind in member.failover.strikes and intact:
            found.append((self._draw(member.failover.duration, member.failover.key), home, self.occurred_s, None))
        multi_site = self.courses[resource.app].standby == "multi-site"
        if resource.stateless and multi_site and app.standby_site is not None:
            place = self.world.sites[app.standby_site].name
            found.append((self._draw(app.standby_detection, app.standby_detection_key), place, math.nan, None))
        for replica in member.replicas:
            takes_over = replica.automatic or (multi_site and replica.site == app.standby_site)
            captured = float(replica_captured_s(self.strikes, replica)[self.e])
            if (
                takes_over
                and replica_survives(self.strikes, replica)
                and captured <= self.strikes.contaminated_s[self.e]
            ):
                duration = self._draw(replica.promote, replica.promote_key)
                if multi_site:
                    duration = self._draw(app.standby_detection, app.standby_detection_key)
                found.append((duration, self.world.sites[replica.site].name, captured, replica))
        if not found:
            return False
        duration, place, captured, source = min(found, key=lambda f: f[0])
        yield self._env.timeout(duration)
        result.spend("failover_s", duration)
        option = Option("failover", captured, duration, place, resource.site, -1, source=source)
        result.automatic, result.begun_s = True, self.occurred_s
        self._usable(result, "failover", place, captured, option=option)
        return True

    def _usable(
        self,
        result: Recovered,
        by: str,
        place: str,
        captured_s: float,
        *,
        full_after_s: float = 0.0,
        option: Option | None = None,
    ) -> None:
        result.state, result.by, result.place, result.captured_s = "recovered", by, place, captured_s
        result.usable_s = self._env.now
        result.full_s = self._env.now + full_after_s
        result.option = option

    def _launch(self, member: Member, result: Recovered) -> Process:
        """Bring back servers without data: at a running standby they are there, elsewhere they are launched."""
        resource = self.world.resources[member.resource]
        course = self.courses[resource.app]
        law = member.restoration
        duration = self._draw(law.launch, law.launch_key)
        place = self.world.sites[course.where].name if course.where is not None else "elsewhere"
        if course.standby == "warm-standby":
            scaling = duration if self.world.applications[resource.app].scaled else 0.0
            if scaling and self._is_impaired("launches", "capacity"):
                scaling += max(0.0, self.ends_s - self._env.now)
            self._usable(result, "failover", place, math.nan, full_after_s=scaling)
            return
        if self._is_impaired("launches", "capacity"):
            result.does("waiting for launches or capacity, which are impaired until the outage ends", self._env.now)
            yield self._env.event()  # until the outage ends, and then it is ridden out
        result.does("launching", self._env.now)
        yield self._env.timeout(duration)
        result.spend("launch_s", duration)
        self._usable(result, "launch", place, math.nan)

    def _restore(
        self, m: int, member: Member, option: Option, attempt: int, result: Recovered
    ) -> Generator[Event, Any, bool]:
        """Restore one option; return whether it turned out to be of use."""
        env, law = self._env, member.restoration
        resource = self.world.resources[member.resource]
        priority = self.world.applications[resource.app].priority
        spent: dict[str, float] = {}
        if option.copied:
            if self._is_impaired("copies"):
                result.does("waiting for copies, which are impaired until the outage ends", env.now)
                yield env.event()
            limits = law.copy_limits[option.site]
            spent["queue_s"] = yield from self._queue(limits, m, priority, result)
            duration = self._lasting(law.copy_work, resource, attempt)
            result.does("copying to the place of recovery", env.now)
            yield env.timeout(duration)
            self._slots.release(limits)
            spent["copy_s"] = duration
        if self._is_impaired("launches") or (law.is_server and self._is_impaired("capacity")):
            result.does("waiting for launches or capacity, which are impaired until the outage ends", env.now)
            yield env.event()
        limits = law.restore_limits[option.site]
        spent["queue_s"] = spent.get("queue_s", 0.0) + (yield from self._queue(limits, m, priority, result))
        result.does("restoring", env.now)
        if option.cold:
            spent["retrieve_s"] = self._draw(law.cold_retrieval, law.cold_key, attempt)
        spent["restore_s"] = self._lasting(law.work, resource, attempt)
        if isinstance(option.source, Continuous) and option.source.replay.is_waited_for and law.work.whole is None:
            spent["replay_s"] = self._replaying(option.source.replay, resource, option.replay_s, attempt)
        yield env.timeout(spent.get("retrieve_s", 0.0) + spent["restore_s"] + spent.get("replay_s", 0.0))
        self._slots.release(limits)
        if self._is_useless(law.failure, attempt):
            result.spend("failed_s", sum(spent.values()))
            return False
        for part, seconds in spent.items():
            result.spend(part, seconds)
        hydration = self._lasting(law.hydration, resource, attempt) if law.hydration else 0.0
        self._usable(result, option.by, option.place, option.captured_s, full_after_s=hydration, option=option)
        return True

    def _queue(self, limits: tuple[int, ...], m: int, priority: int, result: Recovered) -> Generator[Event, Any, float]:
        """Wait for a slot of every limit; return how long it took [s]."""
        queued = self._env.now
        result.does("queueing for a slot", queued)
        if limits:
            request = self._slots.request(limits, (m,), priority=priority)
            yield cast("Event", request)
            if request.waited_for >= 0:
                result.queued_for.add(request.waited_for)
        return float(self._env.now - queued)

    # parts

    def loss_parts(self, result: Recovered) -> dict[str, float]:
        """Return the parts of a member's data loss [s]; they add up to it."""
        option = result.option
        if option is None or math.isnan(result.captured_s) or result.by == "ride-out":
            return {}
        occurred, contaminated = self.occurred_s, float(self.strikes.contaminated_s[self.e])
        if option.run is None:
            behind = min(contaminated, occurred) - result.captured_s
            return {"loss_dwell_s": occurred - result.captured_s - behind, "loss_lag_s": behind}
        due = float(newest_scheduled_s(self.world.streams[option.run[0]], contaminated))
        newest = max(due, result.captured_s)
        return {
            "loss_dwell_s": occurred - contaminated,
            "loss_interval_s": contaminated - newest,
            "loss_unready_s": newest - result.captured_s,
        }

    def everything_of(self, a: int) -> list[Recovered]:
        """Return how everything of an application fared: itself, its members and its steps."""
        app = self.world.applications[a]
        members = [self.members[m] for r in app.resources for m in self.resources.get(r, ())]
        return [self.applications[a], *members, *(self.steps[s] for s in app.steps if s in self.steps)]

    def path(self, a: int) -> list[tuple[str, Recovered]]:
        """Return the critical path of a recovered application: nodes that waited for each other, in that order."""
        world, result = self.world, self.applications[a]
        path: list[tuple[str, Recovered]] = [(world.applications[a].name, result)]
        node = result.waited_for
        while node != -1:
            if node < -1:
                other = -2 - node
                return self.path(other) + path
            if node >= len(world.resources):
                step = world.steps[node - len(world.resources)]
                name, last = step.name, self.steps[node - len(world.resources)]
            else:
                name = world.resources[node].name
                last = max((self.members[m] for m in self.resources[node]), key=lambda r: (r.usable_s, -r.begun_s))
            path.insert(0, (name, last))
            node = last.waited_for
        return path
