"""A disruption as the members meet it that it strikes: what each can be recovered from, and where it fares better."""

from __future__ import annotations

import math
from collections.abc import Container, Iterator, Mapping

import numpy as np

from drsim.engine.courses import Choice, Course, could_take_over, course, fails_over, prefers, replica_at
from drsim.engine.options import replica_captured_s, replica_survives
from drsim.engine.process.history import History
from drsim.engine.process.luck import Luck
from drsim.engine.process.options import Option, options
from drsim.engine.process.search import tried_in_vain
from drsim.engine.strike import Strikes
from drsim.world.model import Application, Member, Resource, World


class Encounter:
    """One incident and what it meets: in a life some members are down already, and meet it as of then.

    Args:
        world: the strategy's world.
        strikes: the disruption.
        e: which of its incidents.
        history: what the jobs before it left behind.
        since: for members that are down already, the disruption as of the moment since which they are.

    Attributes:
        luck: of the incident.
        occurred_s, ends_s: when the service stopped, and when the outage ends by itself [s since start].
    """

    def __init__(self, world: World, strikes: Strikes, e: int, history: History, since: Mapping[int, Strikes]) -> None:
        self.world, self.strikes, self.e = world, strikes, e
        self.luck = Luck(strikes, e)
        self.occurred_s, self.ends_s = float(strikes.occurred_s[e]), float(strikes.ends_s[e])
        self._history, self._since = history, since

    def strikes_of(self, m: int) -> Strikes:
        """Return the disruption as a member meets it: one that was down already, as of then."""
        return self._since.get(m, self.strikes)

    def options(self, m: int, way: Course) -> Iterator[Option]:
        """Yield what a member can be recovered from, as the policy tries it."""
        return options(self.world, self.strikes_of(m), self.e, self.world.members[m], way, self._history)

    def search_s(self, m: int, option: Option) -> float:
        """Return how long people look at infected points before they come to a clean one [s].

        Args:
            m: whom they recover.
            option: the clean point.
        """
        world, app = self.world, self.world.applications[self.world.resources[self.world.members[m].resource].app]
        if option.run is None or not world.is_searched:
            return 0.0
        tried = tried_in_vain(world, self.strikes_of(m), self.e, option, self._history, self.luck)
        return tried * self.luck.duration_s(world.inspection, app.inspect_key)

    def fails_over(self, m: int, resource: Resource) -> bool:
        """Return whether a member's own deployment fails over; nothing is left to do so of what was down already."""
        if m in self._since:
            return False
        return bool(fails_over(self.strikes, self.world.members[m], resource)[self.e])

    def impairs(self, steps: tuple[str, ...], *sites: int | None) -> bool:
        """Return whether the disruption lets steps of these kinds wait at one of these sites until it ends."""
        known = tuple(site for site in sites if site is not None)
        return bool(self.strikes.is_impaired(steps, known)[self.e])

    def weigh(self, a: int, struck: Container[int], required: Mapping[int, int]) -> Choice | None:
        """Return what is weighed where a standby could take an application over though its own site is usable.

        Args:
            a: the application.
            struck: its struck members, and others.
            required: resource -> how many of its struck members have to come back.

        Returns:
            None where the standby cannot take over as a whole, or nobody needs it to.
        """
        world, strikes, e, app = self.world, self.strikes, self.e, self.world.applications[a]
        if not could_take_over(world, app, strikes):
            return None
        here_loss = there_loss = here_s = there_s = 0.0
        by_hand = False
        for r in app.resources:
            resource = world.resources[r]
            for m in resource.members:
                member = world.members[m]
                there_s = max(there_s, _at_standby_s(app, member, resource))
                if m not in struck:
                    continue
                alone = self.fails_over(m, resource)
                by_hand |= not alone and required[r] > 0
                if not resource.stateless:
                    replica, met = replica_at(member, app.standby_site), self.strikes_of(m)
                    captured = float(replica_captured_s(met, replica)[e])  # type: ignore[arg-type]  # it has one
                    if captured > met.contaminated_s[e] or not replica_survives(met, replica):  # type: ignore[arg-type]
                        return None
                    there_loss = max(there_loss, float(met.occurred_s[e]) - captured)
                if not alone:
                    loss, lasts = self._at_home(app, m, resource)
                    here_loss, here_s = max(here_loss, loss), max(here_s, lasts if required[r] else 0.0)
        if not by_hand:
            return None
        home, standby = (here_loss, here_s), (there_loss, there_s)
        if app.standby_mode == "multi-site":
            return Choice(taken=True, here=None, there=standby)
        rpo = app.rpo_s[strikes.disruption.name]
        ways = [(np.array([loss]), np.array([s])) for loss, s in (home, standby)]
        taken = bool(prefers(ways[0], ways[1], app.loss_tolerance_s, rpo)[0])
        return Choice(taken, home, standby)

    def _at_home(self, app: Application, m: int, resource: Resource) -> tuple[float, float]:
        """Return loss and expected time of what the policy would try first where the application runs [s]."""
        if resource.stateless:
            return 0.0, self.world.members[m].restoration.launch.mean
        first = next(self.options(m, course(app, self.strikes, 0.0)), None)
        if first is None:
            return math.inf, 0.0
        return float(self.strikes_of(m).occurred_s[self.e]) - first.captured_s, first.expected_s


def _at_standby_s(app: Application, member: Member, resource: Resource) -> float:
    """Return how long a member takes at the standby on average [s]."""
    if not resource.stateless:
        return replica_at(member, app.standby_site).promote.mean  # type: ignore[union-attr]  # it has one
    return member.restoration.launch.mean if app.standby_mode == "pilot-light" else 0.0
