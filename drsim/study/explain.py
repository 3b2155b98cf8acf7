"""One incident looked at closely: what there was to recover from, what was waited for, what would have shortened it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import combinations

from drsim.changes.reliefs import RELIEFS
from drsim.changes.remedies import Remedy, combined, obstacles, remedies
from drsim.engine import Recovered, Recovery
from drsim.engine.process.incidents import Dependent, dependent, figures_of, parts_of_loss
from drsim.study.achievements import Achievement, achievements
from drsim.study.bench import Bench
from drsim.study.choice import unit_of
from drsim.study.measures import DOWNTIME
from drsim.study.remains import Remains
from drsim.study.replay import Replay
from drsim.world import World


@dataclass(frozen=True)
class Shortening:
    """A change of the plan or the response, and what it does to one application's downtime in this incident [s]."""

    what: str
    saved_s: float


@dataclass(frozen=True)
class Rescue:
    """Changes of the protection with which an application would have been recovered in this incident.

    Attributes:
        what: the changes in words, one or two.
        data_loss_s, downtime_s: what it would have lost, and for how long it would have been down [s].
        achievements: each measure beside its objective.
    """

    what: tuple[str, ...]
    data_loss_s: float
    downtime_s: float
    achievements: tuple[Achievement, ...] = ()


@dataclass(frozen=True)
class Rescues:
    """What would have recovered an application that could not be recovered.

    Attributes:
        changes: single changes where there is one, else pairs; least data loss first, then shortest downtime.
        tried: all changes that were tried, in words.
        obstacles: what AWS cannot do for what was lost, in words.
    """

    changes: tuple[Rescue, ...] = ()
    tried: tuple[str, ...] = ()
    obstacles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Incident:
    """One drill in all its parts.

    Attributes:
        bench: of the strategy.
        disruption: name of the disruption.
        drill: number of the drill.
        unit: position of what it strikes among the disruption's units, each of which has drills of its own.
        replay: the drill, played again.
    """

    bench: Bench
    disruption: str
    drill: int
    unit: int
    replay: Replay

    @property
    def world(self) -> World:
        """The strategy's world."""
        return self.replay.world

    @property
    def recovery(self) -> Recovery:
        """What happened, ride-outs settled."""
        return self.replay.recovery

    def dependent(self, a: int) -> Dependent | None:
        """Return how an application fares that is down because of others only; None where it is not."""
        return dependent(self.world, self.recovery, a)

    def lost_with(self, a: int) -> tuple[int, ...]:
        """Return what an application requires that is lost, so that it is lost too: nobody rebuilds it."""
        apps, fared = self.world.applications, self.recovery.applications
        lost = [b for b in apps[a].requires if b in fared and fared[b].state != "recovered"]
        return tuple(b for b in lost if not apps[b].rebuild_is_given)

    def lost_after(self, r: int) -> tuple[int, ...]:
        """Return the resources that a resource comes after and that are lost, so that it is lost with them."""
        return tuple(b for b in self.world.resources[r].after if self.recovery.is_lost(b))

    def figures(self, a: int) -> dict[str, float]:
        """Return the figures of an application that was recovered, by column of the log [s or bytes].

        Where it was lost or not reached there is none; what had no data to lose has lost nothing.
        """
        return figures_of(self.world, self.recovery, a)

    def achievements(self, a: int) -> tuple[Achievement, ...]:
        """Return what an application achieved, each measure beside its objective; none where it was not recovered."""
        return self._achieved(self.recovery, a)

    def _achieved(self, recovery: Recovery, a: int) -> tuple[Achievement, ...]:
        application = self.bench.scenario.applications[self.world.applications[a].name]
        return achievements(figures_of(recovery.world, recovery, a), application.objectives.under(self.disruption))

    def parts(self, a: int) -> dict[str, float]:
        """Return the parts of an application's downtime along its critical path [s]."""
        return {part: float(seconds[0]) for part, seconds in self.recovery.incidents[a].parts().items()}

    def loss_parts(self, member: Recovered) -> dict[str, float]:
        """Return the parts of a member's data loss [s]."""
        return parts_of_loss(self.recovery, member)

    @property
    def remains(self) -> Remains:
        """What there was to recover from."""
        return Remains(self.replay)

    @cached_property
    def _changed(self) -> dict[str, Recovery]:
        """What would have happened after each change, worked out once for all applications."""
        return {relief.words: self._otherwise(relief.edit, self.replay) for relief in RELIEFS}

    def _otherwise(self, change: Callable[[World], World], former: Replay | None = None) -> Recovery:
        """Return what would have happened after a change of the world, with the same luck."""
        bench = self.bench.changed(on_world=change)
        return bench.replay(self.world.strategy, self.disruption, self.drill, self.unit, former).recovery

    def shortenings(self, a: int) -> list[Shortening]:
        """Return single changes and what each would have saved of an application's downtime, most first.

        Each change is tried on the very same incident, with the same luck.
        """
        application = self.recovery.applications[a]
        if application.state != "recovered":
            return []
        shortenings = []
        for what, recovery in self._changed.items():
            relieved = recovery.applications[a]
            if relieved.state == "recovered" and (saved := application.usable_s - relieved.usable_s) > 0:
                shortenings.append(Shortening(what, saved))
        return sorted(shortenings, key=lambda c: -c.saved_s)

    @cached_property
    def _remedies(self) -> tuple[Remedy, ...]:
        return remedies(self.world, self.recovery)

    @cached_property
    def _remedied(self) -> dict[tuple[int, ...], Recovery]:
        """What would have happened after some of the remedies, as far as somebody has asked."""
        return {}

    def _after(self, chosen: tuple[int, ...]) -> Recovery:
        if chosen not in self._remedied:
            self._remedied[chosen] = self._otherwise(partial(combined, chosen=[self._remedies[k] for k in chosen]))
        return self._remedied[chosen]

    def rescues(self, a: int) -> Rescues:
        """Return the changes with which an application would have been recovered, each alone, else two at a time.

        Each is tried on the very same incident, with the same luck, for all that was lost in it.
        """
        if self.recovery.applications[a].state == "recovered":
            return Rescues()
        resources = [r for b in (a, *self.lost_with(a)) for r in self.world.applications[b].resources]
        tried = {
            k: x.words(self.world, resources)
            for k, x in enumerate(self._remedies)
            if not x.of.keys().isdisjoint(resources)
        }
        pairs = [(i, k) for i, k in combinations(tried, 2) if self._remedies[i].change is not self._remedies[k].change]
        for choices in ([(k,) for k in tried], pairs):
            rescues = [
                Rescue(tuple(tried[k] for k in chosen), *_fared(recovery, a), self._achieved(recovery, a))
                for chosen in choices
                if (recovery := self._after(chosen)).applications[a].state == "recovered"
            ]
            if rescues:
                best_first = sorted(rescues, key=lambda x: (x.data_loss_s, x.downtime_s))
                return Rescues(tuple(best_first), tuple(tried.values()))
        return Rescues((), tuple(tried.values()), obstacles(self.world, self.recovery, resources))


def _fared(recovery: Recovery, a: int) -> tuple[float, float]:
    """Return data loss and downtime of an application that was recovered [s]."""
    incident = recovery.incidents[a]
    return float(incident.loss_s()[0]), float(incident.usable_s[0]) - recovery.occurred_s


def investigate(
    bench: Bench,
    disruption: str,
    drill: int,
    subject: str | None = None,
    *,
    drills: int | None = None,
    measure: str = DOWNTIME.column,
) -> Incident:
    """Return one drill of a disruption, played again with all it left behind.

    Args:
        bench: of one strategy.
        disruption: name of the disruption.
        drill: number of the drill.
        subject: whose drill of that number, `app` or `app.resource`; None for the application that fares worst in it.
        drills: of each unit, in the study whose drill it is, which are dealt among the resources of an application.
        measure: a column of the log, of one of `drsim.study.measures`, by which the worst is chosen.
    """
    (strategy,) = bench.strategies
    unit = unit_of(bench.world(strategy), disruption, drill, subject, drills=drills, measure=measure)
    return Incident(bench, disruption, drill, unit, bench.replay(strategy, disruption, drill, unit))


def deciding_member(recovery: Recovery, r: int) -> tuple[int, Recovered]:
    """Return with which member a struck resource was usable again, by the rule of the log.

    Where members are lost it is the first of them, and where nobody missed the resource the one that came back last.
    """
    struck = recovery.resources[r]
    m = next((m for m in struck if recovery.members[m].state != "recovered"), None)
    if m is None:
        m = recovery.deciding(r) if recovery.is_missed(r) else max(struck, key=lambda m: recovery.members[m].usable_s)
    return m, recovery.of(m)
