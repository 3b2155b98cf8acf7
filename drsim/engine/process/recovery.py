"""The processes of a recovery: people, steps, slots, restores, and what each of them waited for.

The processes run on the process clock's environment (`drsim.engine.process.slots`); this module decides what they do.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from simpy import Environment, Event

from drsim.engine.courses import (
    ATTEMPTS,
    Choice,
    Course,
    course,
    is_needed,
    rebuild_s,
    required,
    starts_s,
)
from drsim.engine.process.encounter import Encounter
from drsim.engine.process.history import History
from drsim.engine.process.paths import critical_path, deciding
from drsim.engine.process.recovered import Recovered
from drsim.engine.process.repairs import Repairs
from drsim.engine.process.scene import Scene, Surroundings
from drsim.engine.process.slots import Process, Slots
from drsim.engine.process.states import lost_s, state_of, state_of_application
from drsim.engine.process.waits import Waits
from drsim.engine.rollup import ApplicationIncident
from drsim.engine.strike import Strikes
from drsim.world.model import World

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
        incidents: how each struck application fared in the end, once that is settled.
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
        surroundings: Surroundings[Recovery] | None = None,
    ) -> None:
        self.world, self.strikes, self.e = world, strikes, e
        self._env = env
        self._is_of_a_life = surroundings is not None
        self._surroundings = Surroundings(Scene()) if surroundings is None else surroundings
        self._scene = scene = self._surroundings.scene
        self._encounter = Encounter(world, strikes, e, history, self._surroundings.seen)
        self._repairs = Repairs(self._encounter, env, slots, scene.outages)
        self.occurred_s = float(strikes.occurred_s[e])
        self.ends_s = float(strikes.ends_s[e])
        self.over = env.event()
        self.members, self.moved, self.resources, self.steps = scene.members, scene.moved, scene.resources, scene.steps
        self.applications, self.down = scene.applications, scene.down
        self._going, self._required = scene.going, scene.required
        self._node_done, self._app_done = scene.node_done, scene.app_done
        self.abandoned: dict[int, Recovered] = {}
        self.incidents: dict[int, ApplicationIncident] = {}
        self.choices: dict[int, Choice] = {}
        self.courses: dict[int, Course] = {}
        self._waits = Waits(world, env, scene, self.courses)
        scene.outages.append(self)
        # what is lost while an outage lasts is back with its end, and what requires it waits for that
        self._is_back: dict[int, Event] = {}
        if surroundings is None:
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
        for r, struck_members in begins.items():
            rest = [m for m in self._going.get(r, ()) if m not in struck_members and self.of(m).state != "recovered"]
            self._going[r] = [*rest, *struck_members]
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
        for r, struck_members in begins.items():
            self._go_on("resource", r, self._resource(r, struck_members))
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
                known = self._surroundings.courses.get(a)
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

    def _course(self, a: int, begins: dict[int, list[int]]) -> Course:
        """Return how an application goes about its recovery; where its standby takes over, all of it moves.

        Args:
            a: the application.
            begins: resources and the members whose recovery begins, to which those that move are added.
        """
        world, app = self.world, self.world.applications[a]
        begins_s = float(starts_s(app, self.strikes)[self.e])
        is_moving = a in self.down and a in self._surroundings.moving
        takes_over = is_moving
        if a in self.down and not is_moving:
            choice = self._encounter.weigh(a, self.members, self._required)
            if choice is not None:
                self.choices[a], takes_over = choice, choice.taken
        taken = course(app, self.strikes, begins_s, takes_over=takes_over)
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
        return taken

    def impairs(self, steps: tuple[str, ...], *sites: int | None) -> bool:
        """Return whether the disruption lets steps of these kinds wait at one of these sites until it ends."""
        return self._encounter.impairs(steps, *sites)

    def of(self, m: int) -> Recovered:
        """Return how a member fared, whether it was struck or moved."""
        return self._scene.of(m)

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
                self.members[m].is_usable("redundancy", place, math.nan, env.now)
            return
        for m in begins:
            self._go_on("member", m, self._member(m))
        while True:
            rest = [scene.processes["member", m] for m in self._going.get(r, ()) if scene.is_going_on("member", m)]
            if not done.triggered and (not rest or state_of(self.world, self._scene, r) == "recovered"):
                done.succeed()
            if not rest:
                return
            yield rest[0] if done.triggered else env.any_of(rest)

    def _step(self, s: int) -> Process:
        step, result = self.world.steps[s], self.steps[s]
        if not (yield from self._waits.begin(step.app, step.after, result)):
            self._node_done[len(self.world.resources) + s].succeed()
            return
        duration = self._encounter.luck.duration_s(step.duration, step.key)
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
            if (yield from self._waits.took_time(self._node_done[node])) or result.waited_for == -1:
                result.waited_for = node
        for other in app.requires:
            if other in self._scene.back and (yield from self._waits.took_time(self._scene.back[other])):
                self._waits.note(result, other)
        result.begun_s = env.now
        state = state_of_application(self.world, self._scene, a)
        if state != "recovered":
            result.state = state
            if app.rebuild_is_given:
                yield from self._waits.nothing_left(a)
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
            validation = self._encounter.luck.duration_s(world.validation, app.validate_key)
            yield env.timeout(validation)
            result.spend("validate_s", validation)
        redirection = self._encounter.luck.duration_s(world.redirection, app.redirect_key)
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

    def lost_s(self, a: int) -> float:
        """Return the moment at which nothing was left to try for anything of an application [s since start]."""
        return lost_s(self.world, self._scene, a, self.courses[a].starts_s)

    def rebuild_s(self, a: int) -> float:
        """Return how long the business is down when an application's data are lost for good [s]."""
        return float(rebuild_s(self.world.applications[a], self.strikes)[self.e])

    # one member

    def _member(self, m: int) -> Process:
        member, result, repairs = self.world.members[m], self.of(m), self._repairs
        resource = self.world.resources[member.resource]
        course, is_gone = self.courses[resource.app], m in self._surroundings.gone
        if not is_gone and (yield from repairs.by_itself(m, course, result, is_struck=m not in self.moved)):
            return
        if not (yield from self._waits.begin(resource.app, resource.after, result)):
            return
        course = self.courses[resource.app]
        if resource.stateless:
            yield from repairs.launch(m, course, result)
            return
        if m in self.moved and course.where is not None:
            yield from repairs.fail_over(result, repairs.switched(m, course.where))
            return
        attempt, is_clean_known = -1, False
        for attempt, option in enumerate(self._encounter.options(m, course)):
            if attempt >= ATTEMPTS or is_gone:
                break
            result.pursued = option
            if option.by == "failover":
                yield from repairs.fail_over(result, option)
                return
            search_s = 0.0 if is_clean_known else self._encounter.search_s(m, option)
            is_clean_known |= option.run is not None
            if (yield from repairs.restore(m, option, attempt, result, search_s)):
                return
            result.failed.append(option)
        result.does("nothing left to recover from", self._env.now)
        result.state = "unrecoverable" if resource.selected else "unprotected"
        result.lost_s = course.starts_s if attempt < 0 or is_gone else self._env.now

    # what became of it

    def everything_of(self, a: int) -> list[Recovered]:
        """Return how everything of an application fared: itself, its members and its steps."""
        app = self.world.applications[a]
        members = [self.of(m) for r in app.resources for m in self._going.get(r, ())]
        return [self.applications[a], *members, *(self.steps[s] for s in app.steps if s in self.steps)]

    def going(self, r: int) -> list[int]:
        """Return the members of a resource that had to be recovered: those struck, or all where they moved."""
        return self._going.get(r, [])

    def required(self, r: int) -> int:
        """Return how many of a resource's members have to be there before it is usable; 0 where it is not missed."""
        return self._required.get(r, 0)

    def result(self, m: int) -> Recovered | None:
        """Return how a member fared; None where it had not to be recovered."""
        return self.members.get(m) or self.moved.get(m)

    def abandon(self, m: int, result: Recovered) -> None:
        """Let a member have fared otherwise, its recovery being abandoned."""
        if m in self.members:
            self.abandoned[m], self.members[m] = self.members[m], result
        else:
            self.moved[m] = result

    def is_missed(self, r: int) -> bool:
        """Return whether so many members of a struck resource were gone that it was down."""
        return self._required[r] > 0

    def is_lost(self, r: int) -> bool:
        """Return whether too few members of a resource could be brought back: what comes after it is lost with it."""
        return r in self._going and self.is_missed(r) and state_of(self.world, self._scene, r) != "recovered"

    def deciding(self, r: int) -> int:
        """Return the member with which a recovered resource became usable."""
        return deciding(self._scene, r)

    def path(self, a: int) -> list[tuple[str, Recovered]]:
        """Return the critical path of a recovered application: nodes that waited for each other, in that order."""
        return critical_path(self.world, self._scene, a)


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
