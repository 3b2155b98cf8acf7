"""The processes of a recovery: people, steps, slots, restores, and what each of them waited for.

The processes run on the process clock's environment (`drsim.engine.process.slots`); this module decides what they do.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from simpy import Environment, Event

from drsim import draws
from drsim.distributions import Distribution
from drsim.engine.courses import (
    ATTEMPTS,
    Choice,
    Course,
    could_take_over,
    course,
    fails_over,
    is_needed,
    prefers,
    replica_at,
    required,
    starts_s,
)
from drsim.engine.incidents import worst
from drsim.engine.options import growth, newest_scheduled_s, replica_captured_s, replica_survives, size_at
from drsim.engine.process.history import History
from drsim.engine.process.options import Option, options
from drsim.engine.process.recovered import Recovered
from drsim.engine.process.scene import Meets, Scene
from drsim.engine.process.slots import Process, Request, Slots
from drsim.engine.strike import Strikes
from drsim.laws.failures import Failure
from drsim.laws.jobs import Replay, Work
from drsim.laws.sampling import draw
from drsim.world.model import Application, Continuous, Member, Replica, Resource, World

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_COPIES_WAIT = "waiting for copies, which are impaired until the outage ends"
_LAUNCHES_WAIT = "waiting for launches or capacity, which are impaired until the outage ends"


class Recovery:
    """The recovery of everything that one incident struck, beside what earlier ones of the same life left to recover.

    Attributes:
        members: how each struck member fared.
        moved: how members fared that were not struck, of applications whose standby took over.
        resources: struck resources, each with its struck members.
        steps: how each recovery step that was needed fared.
        applications: how each struck application fared; `usable_s` is the moment after the redirect.
        down: those of them that were down: the others had as many members left as they need.
        courses: how each struck application went about it.
        choices: of applications whose standby could have taken over though their own site was usable: what was weighed.
        abandoned: how far members were whose application rode the outage out.
        over: succeeds when the outage is over; in a drill nobody looks at what comes then.
    """

    def __init__(
        self,
        world: World,
        strikes: Strikes,
        e: int,
        history: History,
        env: Environment,
        slots: Slots,
        meets: Meets[Recovery] | None = None,
    ) -> None:
        self.world, self.strikes, self.e = world, strikes, e
        self._history, self._env, self._slots = history, env, slots
        self._is_of_a_life = meets is not None
        self._meets = Meets(Scene()) if meets is None else meets
        self._scene = scene = self._meets.scene
        self.occurred_s = float(strikes.occurred_s[e])
        self.ends_s = float(strikes.ends_s[e])
        self.over = env.event()
        self.members, self.moved, self.resources, self.steps = scene.members, scene.moved, scene.resources, scene.steps
        self.applications, self.down = scene.applications, scene.down
        self._going, self._required = scene.going, scene.required
        self._node_done, self._app_done = scene.node_done, scene.app_done
        self.abandoned: dict[int, Recovered] = {}
        self.choices: dict[int, Choice] = {}
        self.courses: dict[int, Course] = {}
        scene.outages.append(self)
        # what is lost while an outage lasts is back with its end, and what requires it waits for that
        self._is_back: dict[int, Event] = {}
        if meets is None:
            scene.back = scene.app_done if self.ends_s == math.inf else self._is_back
            self.take_up(strikes.affected[e].nonzero()[0].tolist())

    def take_up(self, members: Iterable[int], others: Iterable[int] = ()) -> None:
        """Begin to recover members, drawn anew where they are being recovered; the rest goes on as it was.

        Args:
            members: struck ones, ascending.
            others: applications to look after though none of these members is theirs.
        """
        world, env = self.world, self._env
        begins: dict[int, list[int]] = {}
        for m in members:
            self._begin(m)
            begins.setdefault(world.members[m].resource, []).append(m)
        for r, own in begins.items():
            rest = [m for m in self._going.get(r, ()) if m not in own and self.of(m).state != "recovered"]
            self._going[r] = [*rest, *own]
            self.resources[r] = [m for m in self._going[r] if m in self.members]
            self._required[r] = required(world.resources[r], len(self._going[r]))
        struck = dict.fromkeys(world.resources[r].app for r in sorted(begins))
        self._set_out(struck, others, begins)
        for r in begins:
            _renew(self._node_done, r, env)
        begun = [s for a in struck if a in self.down for s in self._needed_steps(a)]
        for s in begun:
            self.steps[s] = Recovered()
            self._node_done[len(world.resources) + s] = env.event()
        for r, own in begins.items():
            self._go_on("resource", r, self._resource(r, own))
        for s in begun:
            self._go_on("step", s, self._step(s))
        for a in (*struck, *others):
            _renew(self._app_done, a, env)
            if self._scene.back is self._is_back:
                self._is_back[a] = env.event()
            self._go_on("application", a, self._application(a))

    def _set_out(self, struck: Iterable[int], others: Iterable[int], begins: dict[int, list[int]]) -> None:
        """Decide which applications are down, and how they go about their recovery.

        Args:
            struck: those some of whose members are recovered now.
            others: others to look after.
            begins: resources and the members whose recovery begins, to which those that move are added.
        """
        for a in (*struck, *others):
            self.applications[a] = Recovered()
            self.down.discard(a)
            if any(self._required.get(r) for r in self.world.applications[a].resources):
                self.down.add(a)
        for a in struck:
            self.courses[a] = self._course(a, begins)
        for a in others:
            if a not in self.courses:
                known = self._meets.courses.get(a)
                self.courses[a] = known or course(self.world.applications[a], self.strikes, self.occurred_s)

    def look_after(self, r: int) -> None:
        """Look again after a resource some of whose members are back."""
        self._go_on("resource", r, self._resource(r, ()))

    def _begin(self, m: int) -> None:
        self._scene.give_up("member", m)
        self.moved.pop(m, None)
        self.members[m] = Recovered()
        self._scene.owner[m] = self

    def _go_on(self, what: str, number: int, process: Process) -> None:
        """Let a process go on, in place of that of before."""
        self._scene.give_up(what, number)
        self._scene.processes[what, number] = self._env.process(process)

    def _needed_steps(self, a: int) -> list[int]:
        """Return the steps of an application that are needed and not under way or done already."""
        app = self.world.applications[a]
        return [s for s in app.steps if s not in self.steps and is_needed(self.world, app, self.courses[a], s)]

    def _seen(self, m: int) -> Strikes:
        """Return the disruption as a member meets it: one that was down already, as of then."""
        return self._meets.seen.get(m, self.strikes)

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

    def _course(self, a: int, begins: dict[int, list[int]]) -> Course:
        """Return how an application goes about its recovery; where its standby takes over, all of it moves.

        Args:
            a: the application.
            begins: resources and the members whose recovery begins, to which those that move are added.
        """
        world, app = self.world, self.world.applications[a]
        begins_s = float(starts_s(app, self.strikes)[self.e])
        is_moving = a in self.down and a in self._meets.moving
        takes_over = is_moving or (a in self.down and self._takes_over(a))
        found = course(app, self.strikes, begins_s, takes_over=takes_over)
        if takes_over and not is_moving:
            for r in app.resources:
                members, struck = world.resources[r].members, begins.get(r, [])
                for m in members:
                    if m in struck:
                        continue
                    if m in self.members:
                        self._begin(m)
                    else:
                        self.moved[m] = Recovered()
                        self._scene.owner[m] = self
                begins[r] = self._going[r] = list(members)
                self._required[r] = world.resources[r].needs
        return found

    def _takes_over(self, a: int) -> bool:
        """Return whether a standby takes the application over though its own site is usable: as a whole or not."""
        world, strikes, e, app = self.world, self.strikes, self.e, self.world.applications[a]
        if not could_take_over(world, app, strikes):
            return False
        here_loss = there_loss = here_s = there_s = 0.0
        by_hand = False
        for r in app.resources:
            resource = world.resources[r]
            for m in resource.members:
                member = world.members[m]
                there = self._at_standby_s(app, member, resource)
                there_s = max(there_s, there)
                if m not in self.members:
                    continue
                alone = self._fails_over(m, resource)
                by_hand |= not alone and self._required[r] > 0
                if not resource.stateless:
                    replica, seen = replica_at(member, app.standby_site), self._seen(m)
                    captured = float(replica_captured_s(seen, replica)[e])  # type: ignore[arg-type]  # it has one
                    if captured > seen.contaminated_s[e] or not replica_survives(seen, replica):  # type: ignore[arg-type]
                        return False
                    there_loss = max(there_loss, float(seen.occurred_s[e]) - captured)
                if not alone:
                    loss, lasts = self._at_home(app, m, resource)
                    here_loss, here_s = max(here_loss, loss), max(here_s, lasts if self._required[r] else 0.0)
        if not by_hand:
            return False
        asks = app.standby_mode != "multi-site"
        home, standby = (here_loss, here_s), (there_loss, there_s)
        taken = not asks
        if asks:
            rpo = app.rpo_s[strikes.disruption.name]
            ways = [(np.array([loss]), np.array([s])) for loss, s in (home, standby)]
            taken = bool(prefers(ways[0], ways[1], app.loss_tolerance_s, rpo)[0])
        self.choices[a] = Choice(taken, home if asks else None, standby)
        return taken

    def _at_standby_s(self, app: Application, member: Member, resource: Resource) -> float:
        """Return how long a member takes at the standby on average [s]."""
        if not resource.stateless:
            return replica_at(member, app.standby_site).promote.mean  # type: ignore[union-attr]  # it has one
        return member.restoration.launch.mean if app.standby_mode == "pilot-light" else 0.0

    def _at_home(self, app: Application, m: int, resource: Resource) -> tuple[float, float]:
        """Return loss and expected time of what the policy would try first where the application runs [s]."""
        member, seen = self.world.members[m], self._seen(m)
        if resource.stateless:
            return 0.0, member.restoration.launch.mean
        at_home = course(app, self.strikes, 0.0)
        first = next(options(self.world, seen, self.e, member, at_home, self._history), None)
        return (
            (math.inf, 0.0) if first is None else (float(seen.occurred_s[self.e]) - first.captured_s, first.expected_s)
        )

    def _fails_over(self, m: int, resource: Resource) -> bool:
        """Return whether a member's own deployment fails over; nothing is left to do so of what was down already."""
        if m in self._meets.seen:
            return False
        return bool(fails_over(self.strikes, self.world.members[m], resource)[self.e])

    def _unimpaired(self, result: Recovered, what: str, steps: tuple[str, ...], *sites: int | None) -> Process:
        """Wait while an outage impairs steps of these kinds at one of these sites."""
        while impairing := [o for o in self._scene.outages if o.impairs(steps, *sites)]:
            result.does(what, self._env.now)
            yield impairing[0].over

    def impairs(self, steps: tuple[str, ...], *sites: int | None) -> bool:
        """Return whether the disruption lets steps of these kinds wait at one of these sites until it ends."""
        known = tuple(site for site in sites if site is not None)
        return bool(self.strikes.is_impaired(steps, known)[self.e])

    def _awaits(self, a: int, after: tuple[int, ...], result: Recovered) -> Generator[Event, Any, bool]:
        """Wait until people begin and everything named in `after` is there; note what was waited for last.

        Returns:
            Whether all of it is there: what comes after something that is lost is lost with it.
        """
        env, course = self._env, self.courses[a]
        result.does(result.doing, env.now)
        yield env.timeout(max(0.0, course.starts_s - env.now))
        result.does("waiting for what comes first", env.now)
        for other in self.world.applications[a].after:
            if other in self._app_done and (yield from self._is_waited_for(self._app_done[other])):
                self._note_wait(result, other)
        states = []
        for node in after:
            if node in self._node_done:
                if (yield from self._is_waited_for(self._node_done[node])):
                    result.waited_for, result.rebuild_of = node, -1
                states.append(self._state_of(node))
        result.begun_s = env.now
        result.state = worst(("recovered", *states))
        if result.state == "recovered":
            result.state = "unrecoverable"  # until it is there
            return True
        return False

    def _note_wait(self, result: Recovered, other: int) -> None:
        """Note that another application was waited for last: until it was there, or was seen to be lost or rebuilt."""
        lost = self.applications[other].state != "recovered"
        result.waited_for = -1 if lost else -2 - other
        result.rebuild_of = other if lost and self.world.applications[other].rebuild_is_given else -1

    def _is_waited_for(self, done: Event) -> Generator[Event, Any, bool]:
        """Wait for something to be done; return whether that took time."""
        since = self._env.now
        yield done
        return self._env.now > since

    def of(self, m: int) -> Recovered:
        """Return how a member fared, whether it was struck or moved."""
        return self._scene.of(m)

    def _state_of(self, node: int) -> str:
        """Return the state of a resource that is done, or of a step: lost only where too few of it are there."""
        if node >= len(self.world.resources):
            return self.steps[node - len(self.world.resources)].state
        members = [self.of(m) for m in self._going.get(node, ())]
        if sum(m.state == "recovered" for m in members) >= self._required.get(node, 0):
            return "recovered"
        return worst(m.state for m in members)

    def _resource(self, r: int, begins: Iterable[int]) -> Process:
        """Bring back members of a resource; it is there with as many as it needs, or when all are done."""
        env, scene = self._env, self._scene
        done = self._node_done[r]
        if not self._required[r] and not done.triggered:
            done.succeed()
        if not self._required[r] and self.world.resources[r].stateless and not self._is_of_a_life:
            place = self.world.sites[self.world.resources[r].site].name
            # servers that nobody misses; in a life they are missed by whoever is struck before they are replaced
            for m in begins:
                self._usable(self.members[m], "redundancy", place, math.nan)
            return
        for m in begins:
            self._go_on("member", m, self._member(m))
        while True:
            rest = [scene.processes["member", m] for m in self._going.get(r, ()) if scene.is_going_on("member", m)]
            if not done.triggered and (not rest or self._state_of(r) == "recovered"):
                done.succeed()
            if not rest:
                return
            yield rest[0] if done.triggered else env.any_of(rest)

    def _step(self, s: int) -> Process:
        step, result = self.world.steps[s], self.steps[s]
        if not (yield from self._awaits(step.app, step.after, result)):
            self._node_done[len(self.world.resources) + s].succeed()
            return
        duration = self._draw(step.duration, step.key)
        result.does("under way", self._env.now)
        yield self._env.timeout(duration)
        result.spend("step_s", duration)
        result.state, result.by, result.usable_s = "recovered", "step", self._env.now
        self._node_done[len(self.world.resources) + s].succeed()

    def _application(self, a: int) -> Process:
        """Validate an application and redirect to it once all of it is there, or see that it is lost."""
        world, result, app, env = self.world, self.applications[a], self.world.applications[a], self._env
        nodes = [r for r in app.resources if r in self._node_done and self._required[r]]
        nodes += [len(world.resources) + s for s in app.steps if s in self.steps]
        for node in nodes:
            if (yield from self._is_waited_for(self._node_done[node])) or result.waited_for == -1:
                result.waited_for = node
        for other in app.requires:
            if other in self._scene.back and (yield from self._is_waited_for(self._scene.back[other])):
                self._note_wait(result, other)
        result.begun_s = env.now
        state = self._state_of_all(a)
        if state != "recovered":
            result.state = state
            if app.rebuild_is_given:
                yield from self._nothing_left(a)
                yield env.timeout(max(0.0, self.lost_s(a) + self.rebuild_s(a) - env.now))
            self._app_done[a].succeed()
            return
        if a not in self.down:
            result.by = "redundancy" if env.now == self.occurred_s else "dependency"
            self._is_up(a)
            return
        members = [self.of(m) for r in app.resources for m in self._going.get(r, ()) if self._required[r]]
        only_redirect = self.courses[a].standby == "multi-site" and all(m.automatic for m in members)
        if not only_redirect:
            validation = self._draw(world.validation, app.validate_key)
            yield env.timeout(validation)
            result.spend("validate_s", validation)
        redirection = self._draw(world.redirection, app.redirect_key)
        yield env.timeout(redirection)
        result.spend("redirect_s", redirection)
        self._is_up(a)

    def _is_up(self, a: int) -> None:
        """Note that an application is usable, and let what comes after it or requires it go on."""
        result = self.applications[a]
        result.state, result.usable_s = "recovered", self._env.now
        self._app_done[a].succeed()
        if a in self._is_back:
            self._is_back[a].succeed()

    def _state_of_all(self, a: int) -> str:
        """Return the state of an application: that of its worst node that is missing, or of what it requires."""
        app = self.world.applications[a]
        states = ["recovered", *(self._state_of(r) for r in app.resources if self._required.get(r))]
        lost = [b for b in app.requires if b in self.applications and self.applications[b].state != "recovered"]
        if any(not self.world.applications[b].rebuild_is_given for b in lost):
            states.append("unrecoverable")
        return worst(states)

    def _lost_with(self, a: int) -> list[int]:
        """Return an application, and those that it requires and that are lost."""
        required = self.world.applications[a].requires
        return [a, *(b for b in required if b in self.applications and self.applications[b].state != "recovered")]

    def _nothing_left(self, a: int) -> Process:
        """Wait until nothing is left to try for anything of an application that is lost, needed or not."""
        for b in self._lost_with(a):
            for r in self.world.applications[b].resources:
                if self._scene.is_going_on("resource", r):
                    yield self._scene.processes["resource", r]

    def lost_s(self, a: int) -> float:
        """Return the moment at which nothing was left to try for anything of an application [s since start]."""
        resources = [r for b in self._lost_with(a) for r in self.world.applications[b].resources]
        members = [m for r in resources for m in self.resources.get(r, ())]
        moments = [self.members[m].lost_s for m in members]
        return max((s for s in moments if not math.isnan(s)), default=self.courses[a].starts_s)

    def rebuild_s(self, a: int) -> float:
        """Return how long the business is down when an application's data are lost for good [s]."""
        app = self.world.applications[a]
        return self._draw(app.rebuild, app.rebuild_key)

    # one member

    def _member(self, m: int) -> Process:
        member, result = self.world.members[m], self.of(m)
        resource = self.world.resources[member.resource]
        is_gone = m in self._meets.gone
        if not is_gone and (yield from self._by_itself(m, member, result)):
            return
        if not (yield from self._awaits(resource.app, resource.after, result)):
            return
        course = self.courses[resource.app]
        if resource.stateless:
            yield from self._launch(member, result)
            return
        if m in self.moved:
            yield from self._fail_over(result, self._switched(m))
            return
        attempt = -1
        for attempt, option in enumerate(options(self.world, self._seen(m), self.e, member, course, self._history)):
            if attempt >= ATTEMPTS or is_gone:
                break
            result.pursued = option
            if option.by == "failover":
                yield from self._fail_over(result, option)
                return
            if (yield from self._restore(m, member, option, attempt, result)):
                return
            result.failed.append(option)
        result.does("nothing left to recover from", self._env.now)
        result.state = "unrecoverable" if resource.selected else "unprotected"
        result.lost_s = course.starts_s if attempt < 0 or is_gone else self._env.now

    def _fail_over(self, result: Recovered, option: Option) -> Process:
        """Promote a replica."""
        result.does("failing over", self._env.now)
        duration = self._draw(option.source.promote, option.source.promote_key)  # type: ignore[union-attr]
        yield self._env.timeout(duration)
        result.spend("failover_s", duration)
        self._usable(result, option.by, option.place, option.captured_s, option=option)

    def _switched(self, m: int) -> Option:
        """Return the replica to which a member goes over that was not struck: nothing of it is lost."""
        member = self.world.members[m]
        site = self.courses[self.world.resources[member.resource].app].where
        replica = replica_at(member, site)
        return Option("failover", self.occurred_s, 0.0, self.world.sites[site].name, site, -1, source=replica)  # type: ignore[index,arg-type]

    def _by_itself(self, m: int, member: Member, result: Recovered) -> Generator[Event, Any, bool]:
        """Fail over without people where the deployment, a replica or a standby does so; return whether it did."""
        resource = self.world.resources[member.resource]
        app, course, seen = self.world.applications[resource.app], self.courses[resource.app], self._seen(m)
        found: list[tuple[float, int, float, Replica | None]] = []
        multi_site = course.standby == "multi-site"
        if course.where == app.site and member.failover and self._fails_over(m, resource):
            lasts = self._draw(member.failover.duration, member.failover.key)
            found.append((lasts, resource.site, self.occurred_s, None))
        if resource.stateless and multi_site and app.standby_site is not None:
            lasts = self._draw(app.standby_detection, app.standby_detection_key)
            found.append((lasts, app.standby_site, math.nan, None))
        for replica in member.replicas:
            takes_over = multi_site and replica.site == app.standby_site
            if not (takes_over or (replica.automatic and replica.site != course.spared)):
                continue
            captured = float(replica_captured_s(seen, replica)[self.e])
            if m in self.moved:
                captured = self.occurred_s  # it is still there, and goes over without loss
            elif captured > seen.contaminated_s[self.e]:
                continue
            if replica_survives(seen, replica):
                duration = self._draw(replica.promote, replica.promote_key)
                if multi_site:
                    duration = self._draw(app.standby_detection, app.standby_detection_key)
                found.append((duration, replica.site, captured, replica))
        if not found:
            return False
        duration, site, captured, source = min(found, key=lambda f: f[0])
        yield self._env.timeout(duration)
        result.spend("failover_s", duration)
        place = self.world.sites[site].name
        option = Option("failover", captured, duration, place, site, -1, source=source)
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
            if scaling and self.impairs(("launches", "capacity"), course.where):
                scaling += max(0.0, self.ends_s - self._env.now)
            self._usable(result, "failover", place, math.nan, full_after_s=scaling)
            return
        yield from self._unimpaired(result, _LAUNCHES_WAIT, ("launches", "capacity"), course.where)
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
            vault_site = self.world.vaults[option.vault].site
            yield from self._unimpaired(result, _COPIES_WAIT, ("copies",), vault_site, option.site)
            with self._slots.held(law.copy_limits[option.site], (m,), priority=priority) as request:
                spent["queue_s"] = yield from self._queue(request, result)
                spent["copy_s"] = self._lasting(law.copy_work, resource, attempt)
                result.does("copying to the place of recovery", env.now)
                yield env.timeout(spent["copy_s"])
        steps = ("launches", *(("capacity",) if law.is_server else ()))
        yield from self._unimpaired(result, _LAUNCHES_WAIT, steps, option.site)
        with self._slots.held(law.restore_limits[option.site], (m,), priority=priority) as request:
            spent["queue_s"] = spent.get("queue_s", 0.0) + (yield from self._queue(request, result))
            result.does("restoring", env.now)
            if option.cold:
                spent["retrieve_s"] = self._draw(law.cold_retrieval, law.cold_key, attempt)
            spent["restore_s"] = self._lasting(law.work, resource, attempt)
            if isinstance(option.source, Continuous) and option.source.replay.is_waited_for and law.work.whole is None:
                spent["replay_s"] = self._replaying(option.source.replay, resource, option.replay_s, attempt)
            yield env.timeout(spent.get("retrieve_s", 0.0) + spent["restore_s"] + spent.get("replay_s", 0.0))
        if self._is_useless(law.failure, attempt):
            result.spend("failed_s", sum(spent.values()))
            return False
        for part, seconds in spent.items():
            result.spend(part, seconds)
        hydration = self._lasting(law.hydration, resource, attempt) if law.hydration else 0.0
        self._usable(result, option.by, option.place, option.captured_s, full_after_s=hydration, option=option)
        return True

    def _queue(self, request: Request | None, result: Recovered) -> Generator[Event, Any, float]:
        """Wait until a job holds its slots; return how long it took [s]."""
        queued = self._env.now
        result.does("queueing for a slot", queued)
        if request is not None:
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
        members = [self.of(m) for r in app.resources for m in self._going.get(r, ())]
        return [self.applications[a], *members, *(self.steps[s] for s in app.steps if s in self.steps)]

    def going(self, r: int) -> list[int]:
        """Return the members of a resource that had to be recovered: those struck, or all where they moved."""
        return self._going.get(r, [])

    def deciding(self, r: int) -> list[Recovered]:
        """Return the members of a recovered resource with which it became usable, all at one moment."""
        there = [self.of(m) for m in self._going[r] if self.of(m).state == "recovered"]
        moment = sorted(member.usable_s for member in there)[max(self._required[r], 1) - 1]
        return [member for member in there if member.usable_s == moment]

    def last_of(self, r: int) -> Recovered:
        """Return the member that a critical path goes through: of the deciding ones the one that began first."""
        return min(self.deciding(r), key=lambda member: member.begun_s)

    def is_missed(self, r: int) -> bool:
        """Return whether so many members of a struck resource were gone that it was down."""
        return self._required[r] > 0

    def is_lost(self, r: int) -> bool:
        """Return whether too few members of a resource could be brought back: what comes after it is lost with it."""
        return r in self._going and self.is_missed(r) and self._state_of(r) != "recovered"

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
                name, last = world.resources[node].name, self.last_of(node)
            path.insert(0, (name, last))
            node = last.waited_for
        return path


def _renew(events: dict[int, Event], number: int, env: Environment) -> None:
    """Let an event be one that has not happened yet; who waits for it already goes on to do so."""
    if number not in events or events[number].triggered:
        events[number] = env.event()


def simulate_recovery(world: World, strikes: Strikes, e: int, history: History) -> Recovery:
    """Return how everything that incident `e` struck was recovered, up to the moment at which the disruption ends."""
    env = Environment(initial_time=float(strikes.occurred_s[e]))
    recovery = Recovery(world, strikes, e, history, env, Slots(env, world.limits))
    if recovery.ends_s == math.inf:
        env.run()
    else:
        while env.peek() <= recovery.ends_s:
            env.step()
    return recovery
