"""Waits: for people to begin, for what comes first, and until nothing is left to try; with what was waited for last."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from simpy import Environment, Event

from drsim.engine.courses import Course
from drsim.engine.incidents import worst
from drsim.engine.process.recovered import Recovered
from drsim.engine.process.scene import Scene
from drsim.engine.process.slots import Process
from drsim.engine.process.states import lost_with, state_of
from drsim.world.model import World


class Waits:
    """What members, steps and applications of one incident wait for.

    Args:
        world: the strategy's world.
        env: the clock.
        scene: what is being recovered.
        courses: how the applications go about their recovery.
    """

    def __init__(self, world: World, env: Environment, scene: Scene[Any], courses: Mapping[int, Course]) -> None:
        self._world, self._env, self._scene, self._courses = world, env, scene, courses

    def begin(self, a: int, after: tuple[int, ...], result: Recovered) -> Generator[Event, Any, bool]:
        """Wait until people begin and everything named in `after` is there; note what was waited for last.

        Args:
            a: the application.
            after: nodes that come first.
            result: of the member or step that waits.

        Returns:
            Whether all of it is there: what comes after something that is lost is lost with it.
        """
        env, scene = self._env, self._scene
        result.does(result.doing, env.now)
        yield env.timeout(max(0.0, self._courses[a].starts_s - env.now))
        result.does("waiting for what comes first", env.now)
        for other in self._world.applications[a].after:
            if other in scene.app_done and (yield from self.took_time(scene.app_done[other])):
                self.note(result, other)
        states = []
        for node in after:
            if node in scene.node_done:
                if (yield from self.took_time(scene.node_done[node])):
                    result.waited_for, result.rebuild_of = node, -1
                states.append(state_of(self._world, scene, node))
        result.begun_s = env.now
        result.state = worst(("recovered", *states))
        if result.state == "recovered":
            result.state = "unrecoverable"  # until it is there
            return True
        return False

    def took_time(self, done: Event) -> Generator[Event, Any, bool]:
        """Wait for something to be done; return whether that took time."""
        since = self._env.now
        yield done
        return bool(self._env.now > since)

    def note(self, result: Recovered, other: int) -> None:
        """Note that another application was waited for last: until it was there, or was seen to be lost or rebuilt."""
        lost = self._scene.applications[other].state != "recovered"
        result.waited_for = -1 if lost else -2 - other
        result.rebuild_of = other if lost and self._world.applications[other].rebuild_is_given else -1

    def nothing_left(self, a: int) -> Process:
        """Wait until nothing is left to try for anything of an application that is lost, needed or not."""
        for b in lost_with(self._world, self._scene, a):
            for r in self._world.applications[b].resources:
                if self._scene.is_going_on("resource", r):
                    yield self._scene.processes["resource", r]
