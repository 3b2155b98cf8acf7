"""What each struck member goes through, apart from when: which options fail, which one works, and how long each takes.

None of this depends on anybody else's recovery, so that it is known before any moment is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from drsim import draws
from drsim.distributions import Distribution
from drsim.engine.courses import ATTEMPTS, Course, fails_over, replica_at
from drsim.engine.incidents import LAUNCH, RECOVERED, UNPROTECTED, UNRECOVERABLE
from drsim.engine.options import growth, replica_captured_s, replica_survives
from drsim.engine.vectorised.batch import Batch, Lanes, Situation
from drsim.engine.vectorised.candidates import FAILOVER, NOTHING, POINT, Options
from drsim.engine.vectorised.fate import Fate, Stage
from drsim.engine.vectorised.history import Inquiry
from drsim.engine.vectorised.options import Choice
from drsim.engine.vectorised.search import tried_in_vain
from drsim.laws.failures import Failure
from drsim.laws.jobs import Replay, Work
from drsim.laws.sampling import Variable, draw_all
from drsim.world.model import Application, Continuous, Member, Replica, Resource, Restoration, World

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


class Fates:
    """Works out the fates of members in the n drills of a batch.

    Args:
        world: the strategy's world.
        batch: the drills.
        place: returns the code of a place's name.
    """

    def __init__(self, world: World, batch: Batch, place: Callable[[str], int]) -> None:
        self._world, self._batch, self._place = world, batch, place
        self._n = len(batch.run)
        self._vault_places = np.array([place(v.name) for v in world.vaults], dtype=np.int64)
        self._site_places = np.array([place(s.name) for s in world.sites], dtype=np.int64)

    def of(
        self, members: Sequence[int], ways: Sequence[Sequence[tuple[Course, Bools]]], spares: Sequence[Bools | None]
    ) -> Inquiry[Fate]:
        """Return the fate of a member, asking what its backups left behind.

        Args:
            members: for each of the batch's strikes the member's index. Several are one that is protected in several
                ways: they differ in their streams, continuous protection and replicas, and in nothing else.
            ways: for each of the batch's strikes the courses that its application takes, each with the drills in which
                it does. On one on which its standby takes over though its own site is usable members move that were
                not struck.
            spares: for each of the batch's strikes the drills in which it is a server that nobody misses.
        """
        world = self._world
        fate = Fate.none(self._n, self._place(""))
        situations: list[Situation] = []
        recovered: list[Ints] = []
        parts = zip(members, self._batch.strikes, self._batch.first, ways, spares, strict=False)
        for m, strikes, first, courses, spare in parts:
            member, struck = world.members[m], strikes.affected[:, m]
            resource = world.resources[member.resource]
            home = world.applications[resource.app].site
            lost = UNRECOVERABLE if resource.selected or resource.stateless else UNPROTECTED
            for course, drills in courses:
                situation = Situation(strikes, course, m)
                moves = course.standby != "" and strikes.site_ok[home]
                here = np.flatnonzero(drills if moves else drills & struck)
                if spare is not None:
                    fate.state[here + first] = RECOVERED
                    here = here[~spare[here]]
                fate.state[here + first] = lost
                here = here[~self._by_itself(fate, situation, here, first)]
                if resource.stateless:
                    self._launch(fate, member, course, here + first)
                    continue
                is_struck = struck[here]
                if not is_struck.all():
                    self._switch(fate, member, course, here[~is_struck] + first)
                    here = here[is_struck]
                if here.size:
                    situations.append(situation)
                    recovered.append(here + first)
        if situations:
            of = np.repeat(np.arange(len(situations)), [len(drills) for drills in recovered])
            yield from self._recover(fate, Lanes(self._batch, situations, of, np.concatenate(recovered)))
        return fate

    def _is_impaired(self, drills: Ints, steps: tuple[str, ...], sites: tuple[int | None, ...]) -> Bools:
        known = tuple(site for site in sites if site is not None)
        return self._batch.is_impaired(steps, known)[drills]

    def _index(self, drills: Ints, attempt: int) -> Ints:
        return self._batch.incident[drills] * ATTEMPTS + attempt

    def _drawn(self, distribution: Distribution, key: int, drills: Ints, attempt: int = 0) -> Floats:
        return draws.on_grid(self._values([(distribution, key)], drills, attempt)[0])

    def _values(self, wanted: Sequence[Variable], drills: Ints, attempt: int) -> list[Floats]:
        """Return values of distributions in some drills, (m,) each."""
        run, index, which = self._names(drills, attempt)
        return [values[which] for values in draw_all(wanted, run, index)]

    def _failed(self, law: Failure, drills: Ints, attempt: int) -> Bools:
        """Return in which drills something fails, (m,)."""
        run, index, which = self._names(drills, attempt)
        occurred_s = self._batch.occurred_s
        return law.failed(run, index, occurred_s[drills] if isinstance(which, slice) else occurred_s[: len(run)])[which]

    def _names(self, drills: Ints, attempt: int) -> tuple[Ints, Ints, Ints | slice]:
        """Return run and index of draws, and which of them is for which of some drills."""
        batch = self._batch
        if batch.times == 1 or attempt:
            return batch.run[drills], self._index(drills, attempt), slice(None)
        # the same incidents have the same luck, and most of them are asked about
        once = np.arange(len(batch.run) // batch.times)
        return batch.run[once], self._index(once, attempt), drills % len(once)

    def _lasting(self, work: Work, resource: Resource, drills: Ints, attempt: int) -> Floats:
        grown = growth(resource, self._batch.occurred_s[drills])
        size, objects = resource.size_bytes * grown, resource.objects * grown
        return work.lasting(self._values(work.drawn_parts, drills, attempt), size, objects)

    def _by_site(
        self, work_at: Callable[[int], Work | None], resource: Resource, drills: Ints, site: Ints, attempt: int
    ) -> Floats:
        """Return how long jobs take whose law depends on the site at which each runs, (m,) [s]; 0 where it has none."""
        seconds = np.zeros(len(drills))
        for at in np.unique(site).tolist():
            there = site == at
            if (work := work_at(at)) is not None:
                seconds[there] = self._lasting(work, resource, drills[there], attempt)
        return seconds

    def _replaying(self, law: Replay, resource: Resource, drills: Ints, since_base_s: Floats, attempt: int) -> Floats:
        paces = law.paces(self._batch.run[drills], self._index(drills, attempt))
        size = resource.size_bytes * growth(resource, self._batch.occurred_s[drills])
        return draws.on_grid(law.amount(size, since_base_s) * paces)

    def _by_itself(self, fate: Fate, situation: Situation, here: Ints, first: int) -> Bools:
        """Fail over without people where the deployment, a replica or a standby does so, the quickest first.

        Args:
            fate: of the member.
            situation: it, and its application.
            here: (k,) the drills in which its application is in it, numbered among those of the strikes.
            first: the number of the strikes' first drill in the batch.

        Returns:
            In which of them it fails over, (k,).
        """
        strikes, course, m = situation
        member = self._world.members[m]
        resource = self._world.resources[member.resource]
        app = self._world.applications[resource.app]
        drills, batch = here + first, self._batch
        quickest, lasting = np.full(len(here), np.inf), np.arange(len(here))

        def consider(able: Ints, law: tuple[Distribution, int], site: int, captured_s: Floats) -> None:
            lasts_s = self._drawn(*law, drills[able])
            quicker = lasts_s < quickest[able]
            able = able[quicker]
            quickest[able] = lasts_s[quicker]
            fate.place[drills[able]], fate.captured_s[drills[able]] = self._site_places[site], captured_s[quicker]

        if course.where == app.site and member.failover is not None:
            able = lasting[fails_over(strikes, member, resource)[here]]
            consider(
                able, (member.failover.duration, member.failover.key), resource.site, batch.occurred_s[drills[able]]
            )
        by_standby = app.standby_detection, app.standby_detection_key
        if course.standby == "multi-site" and app.standby_site is not None and resource.stateless:
            consider(lasting, by_standby, app.standby_site, np.full(len(here), np.nan))
        for replica in member.replicas:
            if not (_takes_over(replica, app, course) and replica_survives(strikes, replica)):
                continue
            # what was not struck goes over without loss
            struck = strikes.affected[here, m]
            captured = np.where(struck, replica_captured_s(batch, replica)[drills], batch.occurred_s[drills])
            good = (captured <= batch.contaminated_s[drills]) | ~struck
            by_replica = replica.promote, replica.promote_key
            law = by_standby if course.standby == "multi-site" else by_replica
            consider(lasting[good], law, replica.site, captured[good])
        over: Bools = quickest < np.inf
        if over.any():
            done = drills[over]
            fate.automatic[done] = fate.has_option[done] = True
            fate.state[done], fate.by[done], fate.lasts_s[done] = RECOVERED, FAILOVER, quickest[over]
            fate.spend("failover_s", done, quickest[over])
        return over

    def _switch(self, fate: Fate, member: Member, course: Course, drills: Ints) -> None:
        """Go over to the standby with data that were not struck: nothing of them is lost."""
        replica = replica_at(member, course.where)
        assert replica is not None  # noqa: S101  else nothing could have taken over
        duration = self._drawn(replica.promote, replica.promote_key, drills)
        fate.lasts_s[drills] += duration
        fate.spend("failover_s", drills, duration)
        fate.state[drills], fate.by[drills], fate.has_option[drills] = RECOVERED, FAILOVER, True
        fate.place[drills] = self._site_places[replica.site]
        fate.captured_s[drills] = self._batch.occurred_s[drills]

    def _launch(self, fate: Fate, member: Member, course: Course, drills: Ints) -> None:
        """Bring back servers without data: at a running standby they are there, elsewhere they are launched."""
        app = self._world.applications[self._world.resources[member.resource].app]
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

    def _recover(self, fate: Fate, recovered: Lanes) -> Inquiry[None]:
        """Try one option after another until one works."""
        choice, drills = Choice(self._world, recovered), recovered.drills
        lanes = np.arange(len(recovered))
        is_clean_known = np.full(len(lanes), not self._world.is_searched)
        for attempt in range(ATTEMPTS):
            option = yield from choice.take(lanes)
            is_left = option.kind != NOTHING
            lanes, option = lanes[is_left], option.take(is_left)
            fate.tried[drills[lanes]] = True
            over = option.kind == FAILOVER
            if over.any():
                self._fail_over(fate, recovered, lanes[over], option.take(over))
                lanes, option = lanes[~over], option.take(~over)
            if not lanes.size:
                return
            searched = np.flatnonzero(~is_clean_known[lanes] & (option.kind == POINT))
            search_s = np.zeros(len(lanes))
            if searched.size:
                tried = yield from tried_in_vain(self._world, recovered, lanes[searched], option.take(searched))
                search_s[searched] = tried * self._inspection_s(recovered, lanes[searched])
                is_clean_known[lanes[searched]] = True
            lanes = lanes[self._restore(fate, recovered, lanes, option, attempt, search_s)]
            if not lanes.size:
                return

    def _inspection_s(self, recovered: Lanes, lanes: Ints) -> Floats:
        """Return how long people take to see that a point is infected, in some of the lanes, (m,) [s]."""
        world, m = self._world, recovered.members[0]
        app = world.applications[world.resources[world.members[m].resource].app]
        return self._drawn(world.inspection, app.inspect_key, recovered.drills[lanes])

    def _fail_over(self, fate: Fate, recovered: Lanes, lanes: Ints, option: Options) -> None:
        """Fail over to what was chosen in some of the lanes, (m,) each."""
        drills = recovered.drills[lanes]
        for m, i, replica in self._replicas(recovered):
            mine = (option.source == i) & recovered.where(lambda s, m=m: s.member == m)[lanes]  # type: ignore[misc]
            these = drills[mine]
            duration = self._drawn(replica.promote, replica.promote_key, these)
            fate.lasts_s[these] += duration
            fate.spend("failover_s", these, duration)
            self._settle(fate, these, option.take(mine), self._site_places[option.site[mine]])

    def _replicas(self, recovered: Lanes) -> Iterator[tuple[int, int, Replica]]:
        """Yield the replicas of members, each with its member and its number there."""
        for m in recovered.members:
            member = self._world.members[m]
            for i, replica in enumerate(member.replicas, start=len(member.continuous)):
                yield m, i, replica

    def _replayed(self, recovered: Lanes) -> Iterator[tuple[int, int, Continuous]]:
        """Yield what logs are replayed of and waited for, each with its member and its number there."""
        for m in recovered.members:
            member = self._world.members[m]
            for i, continuous in enumerate(member.continuous):
                if continuous.replay.is_waited_for and member.restoration.work.whole is None:
                    yield m, i, continuous

    def _settle(self, fate: Fate, drills: Ints, option: Options, place: Ints) -> None:
        fate.state[drills], fate.by[drills], fate.place[drills] = RECOVERED, option.kind, place
        fate.captured_s[drills], fate.due_s[drills], fate.has_option[drills] = option.captured_s, option.due_s, True

    def _restore(
        self, fate: Fate, recovered: Lanes, lanes: Ints, option: Options, attempt: int, search_s: Floats
    ) -> Bools:
        """Restore what was chosen in some of the lanes, (m,) each; return in which it turned out to be useless.

        Args:
            fate: of the member, which is added to.
            recovered: the drills.
            lanes: which of them.
            option: what was chosen in each.
            attempt: how many came before.
            search_s: how long people look at infected points first [s].
        """
        drills, member = recovered.drills[lanes], self._world.members[recovered.members[0]]
        law, resource = member.restoration, self._world.resources[member.resource]
        failed = self._failed(law.failure, drills, attempt)
        blocked, no_copies = self._held_up(law, drills, option)
        spent: dict[str, Floats] = {}
        moved = np.flatnonzero(option.moves & ~no_copies)
        if moved.size:
            of = drills[moved]
            copied = self._lasting(law.copy_work, resource, of, attempt)
            spent["copy_s"] = np.zeros(len(drills))
            spent["copy_s"][moved] = copied
            fate.stages.append(Stage(of, law.copy_limits, option.site[moved], copied, failed[moved]))
        taken = self._by_site(lambda at: law.works_at(at)[0], resource, drills, option.site, attempt)
        transferred = self._by_site(lambda at: (*law.works_at(at), None)[1], resource, drills, option.site, attempt)
        spent["restore_s"] = taken + transferred
        if option.cold.any():
            retrieved = self._drawn(law.cold_retrieval, law.cold_key, drills, attempt)
            spent["retrieve_s"] = np.where(option.cold, retrieved, 0.0)
            taken += spent["retrieve_s"]
        for m, i, continuous in self._replayed(recovered):
            mine = (option.source == i) & recovered.where(lambda s, m=m: s.member == m)[lanes]  # type: ignore[misc]
            if mine.any():
                replayed = spent.setdefault("replay_s", np.zeros(len(drills)))
                replayed[mine] = self._replaying(
                    continuous.replay, resource, drills[mine], option.replay_s[mine], attempt
                )
        if "replay_s" in spent:
            taken += spent["replay_s"]
        if search_s.any():
            spent["search_s"] = search_s
            taken += search_s
        free = ~(blocked | no_copies)
        fate.stages += _restores(law, option, Stage(drills, law.restore_limits, option.site, taken, failed), free)
        over = free & np.isin(option.site, list(law.uplinks))
        if over.any():
            uplinks = [law.uplinks.get(at) for at in range(len(self._world.sites))]
            limits = tuple(() if uplink is None else uplink.limits for uplink in uplinks)
            fate.stages.append(Stage(drills[over], limits, option.site[over], transferred[over], failed[over]))
        total = taken + transferred + spent.get("copy_s", 0.0)
        fate.lasts_s[drills] += np.where(free, total, np.inf)
        worked, in_vain = free & ~failed, free & failed
        fate.spend("failed_s", drills[in_vain], total[in_vain])
        these = drills[worked]
        for part, seconds in spent.items():
            fate.spend(part, these, seconds[worked])
        site = option.site[worked]
        fate.full_after_s[these] = self._by_site(law.hydration_at, resource, these, site, attempt)
        fate.stages += _loads(law, these, site, fate.full_after_s[these])
        self._settle(fate, these, option.take(worked), self._vault_places[option.vault[worked]])
        return in_vain

    def _held_up(self, law: Restoration, drills: Ints, option: Options) -> tuple[Bools, Bools]:
        """Return in which drills an outage holds up the restore of what was chosen, and its copy, (m,) each."""
        blocked, no_copies = np.zeros(len(drills), dtype=bool), np.zeros(len(drills), dtype=bool)
        steps = ("launches", *(("capacity",) if law.is_server else ()))
        for site in np.unique(option.site).tolist():
            there = option.site == site
            blocked[there] = self._is_impaired(drills[there], steps, (site,))
            for vault in np.unique(option.vault[there & option.moves]).tolist():
                mine = there & option.moves & (option.vault == vault)
                no_copies[mine] = self._is_impaired(drills[mine], ("copies",), (self._world.vaults[vault].site, site))
        return blocked, no_copies


def _loads(law: Restoration, drills: Ints, site: Ints, loading_s: Floats) -> list[Stage]:
    """Return the jobs that load over an uplink what is usable already, one if any.

    Args:
        law: of the restores.
        drills: (m,) those in which something was restored.
        site: (m,) where.
        loading_s: (m,) how long it is loaded [s].
    """
    some = np.isin(site, [at for at, uplink in law.uplinks.items() if uplink.line])
    if not some.any():
        return []
    lines = tuple(law.uplinks[at].line if at in law.uplinks else () for at in range(len(law.restore_limits)))
    useful = np.zeros(np.count_nonzero(some), dtype=bool)
    return [Stage(drills[some], lines, site[some], loading_s[some], useful, is_loading=True)]


def _restores(law: Restoration, option: Options, restore: Stage, free: Bools) -> list[Stage]:
    """Return the restores that nothing blocks, (m,) of them, those from cold storage apart where these have limits."""
    cold = free & option.cold
    if law.cold_limits == law.restore_limits or not cold.any():
        return [restore.only(free)]
    return [restore.only(free & ~cold), replace(restore.only(cold), limits=law.cold_limits)]


def _takes_over(replica: Replica, app: Application, course: Course) -> bool:
    """Return whether a replica takes over without people on a course of its application."""
    if course.standby == "multi-site" and replica.site == app.standby_site:
        return True
    return replica.automatic and replica.site != course.spared
