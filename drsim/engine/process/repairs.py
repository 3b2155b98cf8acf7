"""What brings one member back: a failover, a launch, a restore with its copies and queues."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from typing import Any, Protocol, cast

from simpy import Environment, Event

from drsim.engine.courses import LAST, Course, replica_at
from drsim.engine.options import replica_captured_s, replica_survives
from drsim.engine.process.encounter import Encounter
from drsim.engine.process.options import Option
from drsim.engine.process.recovered import Recovered
from drsim.engine.process.slots import Process, Request, Slots
from drsim.world.model import Application, Continuous, Replica

_COPIES_WAIT = "waiting for copies, which are impaired until the outage ends"
_LAUNCHES_WAIT = "waiting for launches or capacity, which are impaired until the outage ends"


class Outage(Protocol):
    """A disruption that may impair steps of recoveries until it is over."""

    over: Event

    def impairs(self, steps: tuple[str, ...], *sites: int | None) -> bool:
        """Return whether steps of these kinds have to wait at one of these sites."""
        ...


class Repairs:
    """The work on the members of one incident.

    Args:
        encounter: the incident.
        env: the clock.
        slots: those that everything shares that is recovered at one time.
        outages: that may impair steps.
    """

    def __init__(self, encounter: Encounter, env: Environment, slots: Slots, outages: Sequence[Outage]) -> None:
        self._encounter, self._env, self._slots, self._outages = encounter, env, slots, outages
        self._world, self._luck = encounter.world, encounter.luck

    def _app_of(self, m: int) -> Application:
        return self._world.applications[self._world.resources[self._world.members[m].resource].app]

    def _unimpaired(self, result: Recovered, what: str, steps: tuple[str, ...], *sites: int | None) -> Process:
        """Wait while an outage impairs steps of these kinds at one of these sites."""
        while impairing := [outage for outage in self._outages if outage.impairs(steps, *sites)]:
            result.does(what, self._env.now)
            yield impairing[0].over

    def _usable(self, result: Recovered, option: Option, *, full_after_s: float = 0.0) -> None:
        result.is_usable(option.by, option.place, option.captured_s, self._env.now, full_after_s)
        result.option = option

    # failovers

    def fail_over(self, result: Recovered, option: Option) -> Process:
        """Promote a replica."""
        result.does("failing over", self._env.now)
        duration = self._luck.duration_s(option.source.promote, option.source.promote_key)  # type: ignore[union-attr]
        yield self._env.timeout(duration)
        result.spend("failover_s", duration)
        self._usable(result, option)

    def switched(self, m: int, site: int) -> Option:
        """Return the replica at a site to which a member goes over that was not struck: nothing of it is lost."""
        replica = replica_at(self._world.members[m], site)
        place = self._world.sites[site].name
        return Option("failover", self._encounter.occurred_s, 0.0, place, site, -1, source=replica)

    def by_itself(self, m: int, course: Course, result: Recovered, *, is_struck: bool) -> Generator[Event, Any, bool]:
        """Fail over without people where the deployment, a replica or a standby does so; return whether it did."""
        failovers = list(self._failovers(m, course, is_struck=is_struck))
        if not failovers:
            return False
        duration, site, captured, replica = min(failovers, key=lambda failover: failover[0])
        yield self._env.timeout(duration)
        result.spend("failover_s", duration)
        result.automatic, result.begun_s = True, self._encounter.occurred_s
        place = self._world.sites[site].name
        self._usable(result, Option("failover", captured, duration, place, site, -1, source=replica))
        return True

    def _failovers(
        self, m: int, course: Course, *, is_struck: bool
    ) -> Generator[tuple[float, int, float, Replica | None]]:
        """Yield the failovers without people: how long each takes, where to, and the moment whose data it has."""
        member, app, occurred = self._world.members[m], self._app_of(m), self._encounter.occurred_s
        resource, strikes, e = self._world.resources[member.resource], self._encounter.strikes_of(m), self._encounter.e
        is_multi_site = course.standby == "multi-site"
        if course.where == app.site and member.failover and self._encounter.fails_over(m, resource):
            yield self._luck.duration_s(member.failover.duration, member.failover.key), resource.site, occurred, None
        if resource.stateless and is_multi_site and app.standby_site is not None:
            lasts = self._luck.duration_s(app.standby_detection, app.standby_detection_key)
            yield lasts, app.standby_site, math.nan, None
        for replica in member.replicas:
            takes_over = is_multi_site and replica.site == app.standby_site
            if not (takes_over or (replica.automatic and replica.site != course.spared)):
                continue
            # what was not struck is still there, and goes over without loss
            captured = float(replica_captured_s(strikes, replica)[e]) if is_struck else occurred
            if is_struck and captured > strikes.contaminated_s[e]:
                continue
            if replica_survives(strikes, replica):
                law = app.standby_detection, app.standby_detection_key
                lasts = self._luck.duration_s(*(law if is_multi_site else (replica.promote, replica.promote_key)))
                yield lasts, replica.site, captured, replica

    # servers without data

    def launch(self, m: int, course: Course, result: Recovered) -> Process:
        """Bring back servers without data: at a running standby they are there, elsewhere they are launched."""
        law, env = self._world.members[m].restoration, self._env
        duration = self._luck.duration_s(law.launch, law.launch_key)
        place = self._world.sites[course.where].name if course.where is not None else "elsewhere"
        steps = ("launches", "capacity")
        if course.standby == "warm-standby":
            scaling = duration if self._app_of(m).scaled else 0.0
            if scaling and self._encounter.impairs(steps, course.where):
                scaling += max(0.0, self._encounter.ends_s - env.now)
            result.is_usable("failover", place, math.nan, env.now, scaling)
            return
        yield from self._unimpaired(result, _LAUNCHES_WAIT, steps, course.where)
        result.does("launching", env.now)
        yield env.timeout(duration)
        result.spend("launch_s", duration)
        result.is_usable("launch", place, math.nan, env.now)

    # restores

    def restore(
        self, m: int, option: Option, attempt: int, result: Recovered, search_s: float
    ) -> Generator[Event, Any, bool]:
        """Restore one option; return whether it turned out to be of use.

        Args:
            m: whom.
            option: from what.
            attempt: how many came before.
            result: how it fares, which is added to.
            search_s: how long people look at infected points first, in the slot of the restore [s].
        """
        env, luck, member = self._env, self._luck, self._world.members[m]
        law, resource = member.restoration, self._world.resources[member.resource]
        priority = self._app_of(m).priority
        spent: dict[str, float] = {}
        if option.copied:
            vault_site = self._world.vaults[option.vault].site
            yield from self._unimpaired(result, _COPIES_WAIT, ("copies",), vault_site, option.site)
            with self._slots.held(law.copy_limits[option.site], (m,), priority=priority) as request:
                spent["queue_s"] = yield from self._queue(request, result)
                spent["copy_s"] = luck.job_s(law.copy_work, resource, attempt)
                result.does("copying to the place of recovery", env.now)
                yield env.timeout(spent["copy_s"])
        steps = ("launches", *(("capacity",) if law.is_server else ()))
        yield from self._unimpaired(result, _LAUNCHES_WAIT, steps, option.site)
        limits = law.cold_limits if option.cold else law.restore_limits
        with self._slots.held(limits[option.site], (m,), priority=priority) as request:
            spent["queue_s"] = spent.get("queue_s", 0.0) + (yield from self._queue(request, result))
            if search_s:
                result.does("looking for a clean point", env.now)
                spent["search_s"] = search_s
                yield env.timeout(search_s)
            result.does("restoring", env.now)
            if option.cold:
                spent["retrieve_s"] = luck.duration_s(law.cold_retrieval, law.cold_key, attempt)
            spent["restore_s"] = luck.job_s(law.works_at(option.site)[0], resource, attempt)
            if isinstance(option.source, Continuous) and option.source.replay.is_waited_for and law.work.whole is None:
                spent["replay_s"] = luck.replay_s(option.source.replay, resource, option.replay_s, attempt)
            yield env.timeout(spent.get("retrieve_s", 0.0) + spent["restore_s"] + spent.get("replay_s", 0.0))
        if over := law.uplinks.get(option.site):
            with self._slots.held(over.limits, (m,), priority=priority) as request:
                spent["queue_s"] += yield from self._queue(request, result)
                result.does("restoring over the uplink", env.now)
                transfer_s = luck.job_s(over.transfer, resource, attempt)
                spent["restore_s"] += transfer_s
                yield env.timeout(transfer_s)
        if luck.is_useless(law.failure, attempt):
            result.spend("failed_s", sum(spent.values()))
            return False
        for part, seconds in spent.items():
            result.spend(part, seconds)
        hydration = law.hydration_at(option.site)
        full_after_s = luck.job_s(hydration, resource, attempt) if hydration else 0.0
        self._usable(result, option, full_after_s=full_after_s)
        if over and over.line:
            env.process(self._load(m, over.line, result, full_after_s))
        return True

    def _load(self, m: int, line: tuple[int, ...], result: Recovered, lasts_s: float) -> Process:
        """Load what is usable over a line that restores need more urgently."""
        with self._slots.held(line, (m,), priority=LAST) as request:
            if request is not None:
                yield request
            yield self._env.timeout(lasts_s)
        result.full_s = self._env.now

    def _queue(self, request: Request | None, result: Recovered) -> Generator[Event, Any, float]:
        """Wait until a job holds its slots; return how long it took [s]."""
        queued = self._env.now
        result.does("queueing for a slot", queued)
        if request is not None:
            yield cast("Event", request)
            if request.waited_for >= 0:
                result.queued_for.add(request.waited_for)
        return float(self._env.now - queued)
