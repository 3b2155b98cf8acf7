"""What is being recovered at one time: in a drill by one incident, in a life by all whose recoveries overlap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from simpy import Event, Process

from drsim.engine.courses import Course
from drsim.engine.process.recovered import Recovered
from drsim.engine.strike import Strikes

R = TypeVar("R")
"""The recoveries: `drsim.engine.process.recovery.Recovery`."""


@dataclass
class Scene(Generic[R]):
    """Everything that is being recovered, by index; nodes are resources, then steps.

    Attributes:
        members: how each struck member fares.
        moved: how members fare that were not struck, of applications whose standby takes over.
        resources: resources with members that were struck, and these.
        going: resources with members that have to be recovered, and these.
        required: of those resources, with how many of these members they are there.
        steps: how each recovery step that is needed fares.
        applications: how each application fares.
        down: those of them that are down: the others have as many members left as they need.
        node_done: succeeds when a node is there, or lost.
        app_done: succeeds when an application is usable, or lost, and what comes after it may begin.
        back: succeeds when what requires an application may be up again.
        outages: whose outages may impair steps.
        owner: whose recovery brings a member back.
        processes: what goes on, by `member`, `resource`, `step` or `application` and index.
    """

    members: dict[int, Recovered] = field(default_factory=dict)
    moved: dict[int, Recovered] = field(default_factory=dict)
    resources: dict[int, list[int]] = field(default_factory=dict)
    going: dict[int, list[int]] = field(default_factory=dict)
    required: dict[int, int] = field(default_factory=dict)
    steps: dict[int, Recovered] = field(default_factory=dict)
    applications: dict[int, Recovered] = field(default_factory=dict)
    down: set[int] = field(default_factory=set)
    node_done: dict[int, Event] = field(default_factory=dict)
    app_done: dict[int, Event] = field(default_factory=dict)
    back: dict[int, Event] = field(default_factory=dict)
    outages: list[R] = field(default_factory=list)
    owner: dict[int, R] = field(default_factory=dict)
    processes: dict[tuple[str, int], Process] = field(default_factory=dict)

    def give_up(self, what: str, number: int) -> None:
        """End a process that goes on: its slots fall free, its place in a queue too."""
        process = self.processes.pop((what, number), None)
        if process is not None and process.is_alive:
            process.interrupt()

    def is_going_on(self, what: str, number: int) -> bool:
        """Return whether a process goes on."""
        process = self.processes.get((what, number))
        return process is not None and process.is_alive

    def of(self, m: int) -> Recovered:
        """Return how a member fares, whether it was struck or moved."""
        return self.members[m] if m in self.members else self.moved[m]


@dataclass(frozen=True)
class Surroundings(Generic[R]):
    """What an incident meets of the earlier ones of its life; a drill's meets nothing.

    Attributes:
        scene: what is being recovered.
        seen: for members that are down already, the disruption as of the moment since which they are.
        gone: members whose data are lost for good and not yet rebuilt.
        moving: applications that their standby is already taking over.
        courses: how applications go about their recovery that are down already.
    """

    scene: Scene[R]
    seen: Mapping[int, Strikes] = field(default_factory=dict)
    gone: frozenset[int] = frozenset()
    moving: frozenset[int] = frozenset()
    courses: Mapping[int, Course] = field(default_factory=dict)
