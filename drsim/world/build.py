"""From a scenario to the world of one of its strategies."""

from __future__ import annotations

import math
from collections.abc import Sequence

from drsim import draws
from drsim.catalogue import DisruptionKind, ResourceType
from drsim.distributions import Constant, Distribution
from drsim.laws.failures import Failure
from drsim.laws.jobs import Work
from drsim.scenario import BackupPlan, Scenario, Subject, subjects
from drsim.scenario import Disruption as WrittenDisruption
from drsim.scenario import matches as selects
from drsim.scenario.capabilities import has_archive
from drsim.scenario.keys import keys_of, keys_of_backups
from drsim.scenario.resolve import Parameters
from drsim.world.disruptions import Disruption
from drsim.world.groups import grouped
from drsim.world.model import Application, Failover, Member, OverUplink, Resource, Restoration, Site, Step, World
from drsim.world.plans import Runs, never, plan_runs, rule_begin_s, warm_up_s
from drsim.world.pools import Pools
from drsim.world.premises import hydration_over_uplink, over_uplink
from drsim.world.protection import Protector
from drsim.world.rates import place_of, units_of
from drsim.world.streams import Stream
from drsim.world.work import hydration_work_of, restore_work_of, work_of

_AT_ONCE = Constant(0.0)


def build_world(scenario: Scenario, strategy: str, *, horizon_s: float | None = None) -> World:
    """Return the world of one strategy.

    Args:
        scenario: the scenario, checked.
        strategy: name of the strategy.
        horizon_s: how long after the start the plans go on [s]; the scenario's horizon if left out.
    """
    return _Builder(scenario, strategy, horizon_s or scenario.horizon).build()


class _Builder:
    """Collects the parts of a world while names turn into indices."""

    def __init__(self, scenario: Scenario, strategy: str, horizon_s: float) -> None:
        self.scenario = scenario
        self.catalogue = scenario.catalogue
        self.strategy_name = strategy
        self.strategy = scenario.strategies[strategy]
        self.horizon_s = horizon_s
        self.plan_start_s = -warm_up_s(scenario, self.catalogue)
        self.site_index = {name: i for i, name in enumerate(scenario.sites)}
        self.sites = tuple(
            Site(n, place_of(scenario, n), s.account, s.zone, s.uplink if s.on_premises else None)
            for n, s in scenario.sites.items()
        )
        self.app_index = {name: i for i, name in enumerate(scenario.applications)}
        self.subjects = subjects(scenario)
        self.subject_index = {name: i for i, name in enumerate(self.subjects)}
        self.step_index: dict[tuple[str, str], int] = {}
        for app, application in scenario.applications.items():
            for step in application.steps:
                self.step_index[app, step] = len(self.step_index)
        self.pools = Pools(scenario, self.catalogue, self.sites)

    def build(self) -> World:
        """Return the world."""
        scenario = self.scenario
        runs = {name: self._runs(plan) for name, plan in scenario.backup_plans.items()}
        span = (self.plan_start_s, self.horizon_s)
        protector = Protector(self.scenario, self.strategy, self.sites, self.pools, runs, span)
        resources: list[Resource] = []
        members: list[Member] = []
        for r, subject in enumerate(self.subjects.values()):
            resources.append(self._resource(subject, len(members), protector))
            members += [self._member(subject, r, j, len(members) + j, protector) for j in range(subject.resource.count)]
        world = World(
            catalogue=self.catalogue,
            strategy=self.strategy_name,
            start_epoch_s=scenario.start.timestamp(),
            plan_start_s=self.plan_start_s,
            horizon_s=self.horizon_s,
            seed=scenario.seed,
            sites=self.sites,
            vaults=protector.vaults,
            limits=self.pools.limits,
            applications=tuple(self._application(name) for name in scenario.applications),
            resources=tuple(resources),
            steps=tuple(self._step(app, step) for app, step in self.step_index),
            members=tuple(members),
            streams=tuple(protector.streams),
            components=(),
            component_of=(),
            disruptions={name: self._disruption(name) for name in scenario.disruptions},
            detect=scenario.response.detect,
            declare=scenario.response.declare,
            inspection=scenario.response.inspection,
            validation=scenario.response.validation,
            redirection=scenario.response.redirection,
            response_keys=(self._key("response", "detect"), self._key("response", "declare")),
            warnings=scenario.warnings,
        )
        return grouped(world)

    def _runs(self, plan: BackupPlan) -> tuple[Runs, ...]:
        """Return the runs of each rule of a plan since the rule began."""
        begins = [rule_begin_s(rule, self.scenario.warm_up) for rule in plan.rules]
        runs = plan_runs(plan, self.scenario.start.timestamp(), min(begins), self.horizon_s)
        return tuple(r.since(begin) for r, begin in zip(runs, begins, strict=True))

    def _key(self, entity: str, purpose: str) -> int:
        return draws.key(self.scenario.seed, entity, purpose)

    def _kind(self, subject: Subject) -> ResourceType:
        return self.catalogue.type_of(subject.resource)

    def _site(self, subject: Subject) -> int:
        return self.site_index[self.scenario.applications[subject.application].site]

    def _resource(self, subject: Subject, first: int, protector: Protector) -> Resource:
        written = subject.resource
        names = {
            n.split(".", 1)[1]: i for n, i in self.subject_index.items() if n.split(".", 1)[0] == subject.application
        }
        after = [self._node(subject.application, name, names) for name in written.after]
        parent = subject.name.rsplit(".", 1)[0]
        if parent in self.subject_index:
            after.append(self.subject_index[parent])  # the stack is there before what is nested in it
        for name in tuple(written.after):
            after += [i for n, i in names.items() if n.startswith(f"{name}.")]
        return Resource(
            name=subject.name,
            app=self.app_index[subject.application],
            type=written.type,
            options=written.options,
            site=self._site(subject),
            members=tuple(range(first, first + written.count)),
            needs=written.count if written.needs is None else written.needs,
            size_bytes=written.size,
            objects=written.objects or 0.0,
            growth=written.growth or 0.0,
            change_per_day=self._kind(subject).changed_per_day(written.change_rate),
            deployment=written.deployment or self._kind(subject).deployment,
            stateless=written.stateless,
            selected=protector.is_selected(subject),
            after=tuple(dict.fromkeys(after)),
            keys=keys_of(self.scenario, subject),
            backup_keys=keys_of_backups(subject, self._kind(subject), self.scenario.as_of),
        )

    def _node(self, app: str, name: str, names: dict[str, int]) -> int:
        return names[name] if name in names else len(self.subjects) + self.step_index[app, name]

    def _member(self, subject: Subject, r: int, j: int, m: int, protector: Protector) -> Member:
        entity = subject.name if subject.resource.count == 1 else f"{subject.name}#{j}"
        protection = protector.protect(subject, entity, m, self._site(subject))
        return Member(
            entity=entity,
            resource=r,
            place=j,
            streams=protection.streams,
            continuous=protection.continuous,
            replicas=protection.replicas,
            failover=self._failover(subject, entity, protector.parameters_of(subject)),
            restoration=self._restoration(
                subject, entity, protector.parameters_of(subject), [protector.streams[s] for s in protection.streams]
            ),
        )

    def _failover(self, subject: Subject, entity: str, values: Parameters) -> Failover | None:
        kind = self._kind(subject)
        failover = kind.failovers.get(subject.resource.deployment or kind.deployment)
        if failover is None:
            return None
        duration = values.distribution("failover_duration") or failover.duration.value
        return Failover(failover.strikes, duration, self._key(entity, "failover_duration"))

    def _restoration(self, subject: Subject, entity: str, values: Parameters, streams: Sequence[Stream]) -> Restoration:
        kind = self._kind(subject)
        seed = self.scenario.seed
        work = restore_work_of(values, seed, entity, subject.resource.size)
        names = ("restore_failure_tested", "restore_failure") if subject.resource.tested else ("restore_failure",)
        law = values.failure(*names)
        as_of = self.scenario.as_of
        restore_limits = tuple(self.pools.restore(kind.name, at, self._site(subject)) for at in range(len(self.sites)))
        turns_cold = any(math.isfinite(job.cold_after_s) for stream in streams for job in stream.jobs)
        archived = turns_cold and has_archive(kind, as_of)
        return Restoration(
            work=work,
            failure=Failure(law.p, law.lasts, self._key(entity, "restore_failure")),
            hydration=hydration_work_of(values, seed, entity, subject.resource.size),
            cold_retrieval=values.required("cold_retrieval"),
            cold_key=self._key(entity, "cold_retrieval"),
            copy_work=work_of(values, seed, entity, "recovery_copy", law="copy"),
            launch=self._launch(values),
            launch_key=self._key(entity, "launch_duration"),
            can_copy_region=kind.can("cross-region", as_of) is True,
            can_copy_account=kind.can("cross-account", as_of) is True,
            is_server="launch_duration" in kind.parameters,
            copy_limits=tuple(self.pools.copy(kind.name, to) for to in range(len(self.sites))),
            restore_limits=restore_limits,
            cold_limits=tuple(
                (*limits, *(self.pools.archive(kind.name, at) if archived else ()))
                for at, limits in enumerate(restore_limits)
            ),
            uplinks=self._uplinks(kind, entity, values),
        )

    def _uplinks(self, kind: ResourceType, entity: str, values: Parameters) -> dict[int, OverUplink]:
        """Return the law of a restore to each site on premises."""
        uplinks, seed = {}, self.scenario.seed
        for at in range(len(self.sites)):
            if (lane := self.pools.lane(at)) is not None:
                first, transfer = over_uplink(values, kind, lane, seed, entity, "restore_transfer", "restore")
                moves = transfer.whole is not None or transfer.rate is not None or transfer.object_rate is not None
                limits = self.pools.restore(kind.name, at, at)
                uplinks[at] = OverUplink(
                    first=Work.drawn(seed, entity, "restore_over_uplink", None, first, None, None),
                    transfer=transfer,
                    limits=(*self.pools.uplink(at), *limits) if moves else limits,
                    hydration=(hydration := hydration_over_uplink(values, kind, lane, seed, entity)),
                    line=self.pools.uplink(at) if hydration else (),
                )
        return uplinks

    def _launch(self, values: Parameters) -> Distribution:
        """Return how long a launch takes; where the user replaces all restores, a launch is one of them."""
        nearest = values.find("launch_duration", "restore_duration")
        return nearest[1] if nearest and isinstance(nearest[1], Distribution) else _AT_ONCE

    def _step(self, app: str, name: str) -> Step:
        written = self.scenario.applications[app].steps[name]
        names = {n.split(".", 1)[1]: i for n, i in self.subject_index.items() if n.split(".", 1)[0] == app}
        return Step(
            name=f"{app}.{name}",
            app=self.app_index[app],
            duration=written.duration,
            key=self._key(f"{app}.{name}", "step"),
            always=written.when == "always",
            after=tuple(self._node(app, other, names) for other in written.after),
        )

    def _application(self, name: str) -> Application:
        written = self.scenario.applications[name]
        standby = self.strategy.standby.get(name)
        detection = self.catalogue.defaults.get("standby_detection")
        return Application(
            name=name,
            site=self.site_index[written.site],
            recover_at=self.site_index[written.recover_at] if written.recover_at else None,
            standby_site=self.site_index[standby.site] if standby else None,
            standby_mode=standby.mode if standby else "",
            priority=written.priority,
            act_after_s=written.act_after,
            after=tuple(dict.fromkeys(self.app_index[a] for a in (*written.after, *self._required_by(name)))),
            requires=tuple(self.app_index[a] for a in self._required_by(name)),
            resources=tuple(i for n, i in self.subject_index.items() if self.subjects[n].application == name),
            steps=tuple(i for (app, _), i in self.step_index.items() if app == name),
            zone_key=self._key(name, "zone"),
            rebuild=self.catalogue.rebuild.value if written.rebuild is None else written.rebuild,
            rebuild_key=self._key(name, "rebuild"),
            rebuild_is_given=written.rebuild is not None,
            inspect_key=self._key(name, "inspect"),
            validate_key=self._key(name, "validate"),
            redirect_key=self._key(name, "redirect"),
            standby_detection=detection.value if detection else _AT_ONCE,  # type: ignore[arg-type]
            standby_detection_key=self._key(name, "standby_detection"),
            scaled=standby is not None and standby.capacity < 1,
            loss_tolerance_s=written.loss_tolerance,
            rpo_s={d: never(written.objectives.under(d).rpo_s) for d in self.scenario.disruptions},
        )

    def _required_by(self, name: str) -> list[str]:
        """Return the applications that one requires, directly or not, in the order written."""
        required: dict[str, None] = {}
        waiting = list(self.scenario.applications[name].requires)
        while waiting:
            other = waiting.pop(0)
            if other != name and other not in required:
                required[other] = None
                waiting += self.scenario.applications[other].requires
        return list(required)

    def _names(self, resources: tuple[int, ...]) -> list[str]:
        names = list(self.subjects)
        return [names[i] for i in resources]

    def _disruption(self, name: str) -> Disruption:
        written = self.scenario.disruptions[name]
        kind = self.catalogue.disruptions[written.kind]
        targets = tuple(
            i
            for n, i in self.subject_index.items()
            if written.target is None or selects(written.target, *self.subjects[n].selectable)
        )
        impairs = {k: leaf.value for k, leaf in kind.impairs.items()}
        if written.impairs is not None:
            impairs |= {str(k): v.mean for k, v in written.impairs.items()}
        attacked = kind.backups_attacked.value if kind.backups_attacked else 0.0
        purposes = ("occurred", "dwell", "duration", "attacked", "member", "zone", *(f"impairs {k}" for k in impairs))
        return Disruption(
            name=name,
            kind=written.kind,
            strikes=kind.strikes,
            ends=kind.ends,
            takes=kind.takes.value,
            targets=targets,
            units=units_of(
                self.scenario, self.catalogue, written, kind, [self.subjects[n] for n in self._names(targets)]
            ),
            apart=_is_apart(written, kind),
            zone=written.zone,
            zones=int(self.catalogue.zones_per_region.value),
            duration=written.duration or (kind.duration.value if kind.duration else _AT_ONCE),
            dwell=written.dwell or kind.dwell.value,
            attacked=written.backups_attacked.mean if written.backups_attacked else attacked,
            impairs=tuple(impairs.items()),
            keys=tuple((p, self._key(f"disruption {name}", p)) for p in purposes),
            deletes_resource=written.deletes == "resource",
        )


def _is_apart(written: WrittenDisruption, kind: DisruptionKind) -> bool:
    """Return whether a disruption names no place, so that each that holds targets is struck alone."""
    named = {"service": written.site and written.service, "key": written.key}
    return not named.get(kind.strikes, written.site)
