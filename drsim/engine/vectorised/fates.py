"""What each struck member goes through, apart from when: which options fail, which one works, and how long each takes.

None of this depends on anybody else's recovery, so that it is known before any moment is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from drsim import draws
from drsim.distributions import Distribution
from drsim.engine.courses import ATTEMPTS, Course, fails_over, replica_at
from drsim.engine.incidents import LAUNCH, RECOVERED, UNPROTECTED, UNRECOVERABLE
from drsim.engine.options import growth, replica_captured_s, replica_survives
from drsim.engine.strike import Strikes
from drsim.engine.vectorised.fate import Fate, Stage
from drsim.engine.vectorised.history import Inquiry
from drsim.engine.vectorised.options import FAILOVER, NOTHING, Choice, Options
from drsim.laws.jobs import Replay, Work, draw
from drsim.world.model import Application, Member, Resource, World

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


class Fates:
    """Works out the fates of members under one disruption in n drills.

    Args:
        world: the strategy's world.
        strikes: the disruption.
        place: returns the code of a place's name.
    """

    def __init__(self, world: World, strikes: Strikes, place: Callable[[str], int]) -> None:
        self._world, self._strikes, self._place = world, strikes, place
        self._n = len(strikes.run)
        self._vault_places = np.array([place(v.name) for v in world.vaults], dtype=np.int64)
        self._site_places = np.array([place(s.name) for s in world.sites], dtype=np.int64)

    def of(
        self, m: int, app: Application, ways: Sequence[tuple[Course, Bools]], spare: Bools | None = None
    ) -> Inquiry[Fate]:
        """Return the fate of a member, asking what its backups left behind.

        Args:
            m: index of the member.
            app: its application.
            ways: courses that the application takes, each with the drills in which it does, (n,). On one on which its
                standby takes over though its own site is usable members move that were not struck.
            spare: drills in which it is a server that nobody misses, (n,).
        """
        world, n = self._world, self._n
        member = world.members[m]
        resource = world.resources[member.resource]
        fate = Fate.none(n, self._place(""))
        struck = self._strikes.affected[:, m]
        lost = UNRECOVERABLE if resource.selected or resource.stateless else UNPROTECTED
        for course, drills in ways:
            moves = course.standby != "" and self._strikes.site_ok[app.site]
            here = np.flatnonzero(drills if moves else drills & struck)
            if spare is not None:
                fate.state[here] = RECOVERED
                here = here[~spare[here]]
            fate.state[here] = lost
            rest = here[~self._by_itself(fate, member, resource, app, course, here, struck[here])]
            if resource.stateless:
                self._launch(fate, member, app, course, rest)
                continue
            switched = rest[~struck[rest]]
            if switched.size:
                self._switch(fate, member, course, switched)
            rest = rest[struck[rest]]
            if rest.size:
                yield from self._recover(fate, member, resource, course, rest)
        return fate

    def _is_impaired(self, drills: Ints, steps: tuple[str, ...], sites: tuple[int | None, ...]) -> Bools:
        known = tuple(site for site in sites if site is not None)
        return self._strikes.is_impaired(steps, known)[drills]

    def _index(self, drills: Ints, attempt: int) -> Ints:
        return self._strikes.incident[drills] * ATTEMPTS + attempt

    def _drawn(self, distribution: Distribution, key: int, drills: Ints, attempt: int = 0) -> Floats:
        return draws.on_grid(draw(distribution, key, self._strikes.run[drills], self._index(drills, attempt)))

    def _lasting(self, work: Work, resource: Resource, drills: Ints, attempt: int) -> Floats:
        grown = growth(resource, self._strikes.occurred_s[drills])
        size, objects = resource.size_bytes * grown, resource.objects * grown
        return work.durations(self._strikes.run[drills], self._index(drills, attempt), size, objects)

    def _replaying(self, law: Replay, resource: Resource, drills: Ints, since_base_s: Floats, attempt: int) -> Floats:
        paces = law.paces(self._strikes.run[drills], self._index(drills, attempt))
        size = resource.size_bytes * growth(resource, self._strikes.occurred_s[drills])
        return draws.on_grid(law.amount(size, since_base_s) * paces)

    def _by_itself(
        self,
        fate: Fate,
        member: Member,
        resource: Resource,
        app: Application,
        course: Course,
        here: Ints,
        struck: Bools,
    ) -> Bools:
        """Fail over without people where the deployment, a replica or a standby does so, the quickest first.

        Args:
            fate: of the member.
            member: who.
            resource: its resource.
            app: its application.
            course: that the application takes.
            here: (m,) the drills in which it does.
            struck: (m,) in which of them the member is struck.

        Returns:
            In which of them it fails over, (m,).
        """
        strikes = self._strikes
        quickest = np.full(self._n, np.inf)

        def consider(drills: Ints, lasts_s: Floats, site: int, captured_s: Floats) -> None:
            quicker = lasts_s < quickest[drills]
            these = drills[quicker]
            quickest[these] = lasts_s[quicker]
            fate.place[these], fate.captured_s[these] = self._site_places[site], captured_s[quicker]

        if course.where == app.site and member.failover is not None:
            able = here[fails_over(strikes, member, resource)[here]]
            lasts = self._drawn(member.failover.duration, member.failover.key, able)
            consider(able, lasts, resource.site, strikes.occurred_s[able])
        multi_site = course.standby == "multi-site"
        if multi_site and app.standby_site is not None and resource.stateless:
            lasts = self._drawn(app.standby_detection, app.standby_detection_key, here)
            consider(here, lasts, app.standby_site, np.full(len(here), np.nan))
        for replica in member.replicas:
            takes_over = multi_site and replica.site == app.standby_site
            if not (takes_over or (replica.automatic and replica.site != course.spared)):
                continue
            if not replica_survives(strikes, replica):
                continue
            # what was not struck goes over without loss
            captured = np.where(struck, replica_captured_s(strikes, replica)[here], strikes.occurred_s[here])
            good = (captured <= strikes.contaminated_s[here]) | ~struck
            law = (app.standby_detection, app.standby_detection_key) if multi_site else (
                replica.promote, replica.promote_key
            )  # fmt: skip
            consider(here[good], self._drawn(*law, here[good]), replica.site, captured[good])
        done = here[quickest[here] < np.inf]
        fate.automatic[done] = fate.has_option[done] = True
        fate.state[done], fate.by[done], fate.lasts_s[done] = RECOVERED, FAILOVER, quickest[done]
        fate.spend("failover_s", done, quickest[done])
        return quickest[here] < np.inf

    def _switch(self, fate: Fate, member: Member, course: Course, drills: Ints) -> None:
        """Go over to the standby with data that were not struck: nothing of them is lost."""
        replica = replica_at(member, course.where)
        assert replica is not None  # noqa: S101  else nothing could have taken over
        duration = self._drawn(replica.promote, replica.promote_key, drills)
        fate.lasts_s[drills] += duration
        fate.spend("failover_s", drills, duration)
        fate.state[drills], fate.by[drills], fate.has_option[drills] = RECOVERED, FAILOVER, True
        fate.place[drills] = self._site_places[replica.site]
        fate.captured_s[drills] = self._strikes.occurred_s[drills]

    def _launch(self, fate: Fate, member: Member, app: Application, course: Course, drills: Ints) -> None:
        """Bring back servers without data: at a running standby they are there, elsewhere they are launched."""
        law = member.restoration
        duration = self._drawn(law.launch, law.launch_key, drills)
        name = "elsewhere" if course.where is None else self._world.sites[course.where].name
        fate.place[drills], fate.state[drills] = self._place(name), RECOVERED
        held_up = self._is_impaired(drills, ("launches", "capacity"), (course.where,))
        if course.standby == "warm-standby":
            fate.by[drills] = FAILOVER
            # scaling is counted from the moment the standby takes over; what holds it up ends with the outage
            fate.full_after_s[drills] = duration if app.scaled else 0.0
            if app.scaled:
                fate.held_up[drills] = held_up & (duration > 0)
            return
        fate.by[drills] = LAUNCH
        fate.lasts_s[drills] = np.where(held_up, np.inf, duration)
        fate.spend("launch_s", drills, duration)

    def _recover(self, fate: Fate, member: Member, resource: Resource, course: Course, drills: Ints) -> Inquiry[None]:
        """Try one option after another until one works."""
        choice = Choice(self._world, self._strikes, member, course, drills)
        lanes = np.arange(len(drills))
        for attempt in range(ATTEMPTS):
            option = yield from choice.take(lanes)
            some = option.kind != NOTHING
            lanes, option = lanes[some], option.take(some)
            fate.tried[drills[lanes]] = True
            over = option.kind == FAILOVER
            if over.any():
                self._fail_over(fate, member, drills[lanes[over]], option.take(over))
                lanes, option = lanes[~over], option.take(~over)
            if not lanes.size:
                return
            lanes = lanes[self._restore(fate, member, resource, drills[lanes], option, attempt)]
            if not lanes.size:
                return

    def _fail_over(self, fate: Fate, member: Member, drills: Ints, option: Options) -> None:
        for i, replica in enumerate(member.replicas, start=len(member.continuous)):
            mine = option.source == i
            these = drills[mine]
            duration = self._drawn(replica.promote, replica.promote_key, these)
            fate.lasts_s[these] += duration
            fate.spend("failover_s", these, duration)
            self._settle(fate, these, option.take(mine), self._site_places[option.site[mine]])

    def _settle(self, fate: Fate, drills: Ints, option: Options, place: Ints) -> None:
        fate.state[drills], fate.by[drills], fate.place[drills] = RECOVERED, option.kind, place
        fate.captured_s[drills], fate.due_s[drills], fate.has_option[drills] = option.captured_s, option.due_s, True

    def _restore(
        self, fate: Fate, member: Member, resource: Resource, drills: Ints, option: Options, attempt: int
    ) -> Bools:
        """Restore an option; return in which drills it turned out to be useless."""
        law, strikes = member.restoration, self._strikes
        failed = law.failure.failed(strikes.run[drills], self._index(drills, attempt), strikes.occurred_s[drills])
        blocked, no_copies = np.zeros(len(drills), dtype=bool), np.zeros(len(drills), dtype=bool)
        steps = ("launches", *(("capacity",) if law.is_server else ()))
        for site in np.unique(option.site).tolist():
            there = option.site == site
            blocked[there] = self._is_impaired(drills[there], steps, (site,))
            for vault in np.unique(option.vault[there & option.moves]).tolist():
                mine = there & option.moves & (option.vault == vault)
                no_copies[mine] = self._is_impaired(drills[mine], ("copies",), (self._world.vaults[vault].site, site))
        spent: dict[str, Floats] = {}
        moved = np.flatnonzero(option.moves & ~no_copies)
        if moved.size:
            of = drills[moved]
            copied = self._lasting(law.copy_work, resource, of, attempt)
            spent["copy_s"] = np.zeros(len(drills))
            spent["copy_s"][moved] = copied
            fate.stages.append(Stage(of, law.copy_limits, option.site[moved], copied, failed[moved]))
        restored = self._lasting(law.work, resource, drills, attempt)
        spent["restore_s"] = restored
        taken = restored.copy()
        if option.cold.any():
            retrieved = self._drawn(law.cold_retrieval, law.cold_key, drills, attempt)
            spent["retrieve_s"] = np.where(option.cold, retrieved, 0.0)
            taken += spent["retrieve_s"]
        for i, continuous in enumerate(member.continuous):
            if continuous.replay.is_waited_for and law.work.whole is None and (mine := option.source == i).any():
                replayed = spent.setdefault("replay_s", np.zeros(len(drills)))
                replayed[mine] = self._replaying(
                    continuous.replay, resource, drills[mine], option.replay_s[mine], attempt
                )
        if "replay_s" in spent:
            taken += spent["replay_s"]
        free = ~(blocked | no_copies)
        fate.stages.append(Stage(drills[free], law.restore_limits, option.site[free], taken[free], failed[free]))
        total = taken + spent.get("copy_s", 0.0)
        fate.lasts_s[drills] += np.where(free, total, np.inf)
        worked, in_vain = free & ~failed, free & failed
        fate.spend("failed_s", drills[in_vain], total[in_vain])
        these = drills[worked]
        for part, seconds in spent.items():
            fate.spend(part, these, seconds[worked])
        if law.hydration is not None:
            fate.full_after_s[these] = self._lasting(law.hydration, resource, these, attempt)
        self._settle(fate, these, option.take(worked), self._vault_places[option.vault[worked]])
        return in_vain
