"""What protects each resource under a strategy, as AWS applies it: rules, copies, continuous backup, native features.

What AWS accepts and then ignores is ignored here: a copy, a move to cold storage or a continuous rule on a type
without it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from drsim import draws
from drsim.catalogue import ResourceType
from drsim.scenario import Rule, Scenario, Strategy, Subject
from drsim.scenario.keys import keys_of
from drsim.scenario.resolve import Parameters, parameters
from drsim.world.backups import Assignment, Backups
from drsim.world.model import Continuous, Replica, Site, Vault
from drsim.world.native import is_retained, replica, snapshots
from drsim.world.plans import Runs, native_begin_s, never
from drsim.world.pools import Pools
from drsim.world.sizes import sized
from drsim.world.streams import Stream, numbered
from drsim.world.vaults import Vaults
from drsim.world.work import failure_of, replay_of


@dataclass(frozen=True)
class Protection:
    """What protects one member."""

    streams: tuple[int, ...]
    continuous: tuple[Continuous, ...]
    replicas: tuple[Replica, ...]


class Protector:
    """Applies a strategy's plans and features to the members of resources, one after another.

    Args:
        scenario: the scenario.
        strategy: whose plans and features.
        sites: by index.
        pools: the limits on jobs, collected as they are asked for.
        runs: of each rule of each plan.
        span: begin of the plans and end of the horizon [s since start].

    Attributes:
        streams: of all members so far.
    """

    def __init__(
        self,
        scenario: Scenario,
        strategy: Strategy,
        sites: tuple[Site, ...],
        pools: Pools,
        runs: Mapping[str, tuple[Runs, ...]],
        span: tuple[float, float],
    ) -> None:
        self.streams: list[Stream] = []
        self._scenario, self._catalogue, self._strategy = scenario, scenario.catalogue, strategy
        self._sites, self._runs, self._span = sites, runs, span
        self._site_index = {name: i for i, name in enumerate(scenario.sites)}
        self._vaults = Vaults(scenario)
        self._backups = Backups(scenario, self._vaults, pools)
        # asked of each member, and the same for all of a resource
        self._plans: dict[str, list[str]] = {}
        self._feature: dict[str, str | None] = {}
        self._parameters: dict[str, Parameters] = {}

    @property
    def vaults(self) -> tuple[Vault, ...]:
        """All vaults, native storage included."""
        return self._vaults.all

    def plans_of(self, subject: Subject) -> list[str]:
        """Return the plans that select a resource, in the order written; a stack's also select what is nested."""
        if subject.name not in self._plans:
            self._plans[subject.name] = list(self._strategy.plans_of(*subject.selectable))
        return self._plans[subject.name]

    def feature_of(self, subject: Subject) -> str | None:
        """Return the selector whose replication feature a resource has."""
        if subject.name not in self._feature:
            self._feature[subject.name] = self._strategy.feature_of(*subject.selectable)
        return self._feature[subject.name]

    def parameters_of(self, subject: Subject) -> Parameters:
        """Return what holds for a resource."""
        if subject.name not in self._parameters:
            kind = self._catalogue.type_of(subject.resource)
            self._parameters[subject.name] = parameters(self._scenario, self._catalogue, kind, subject.resource)
        return self._parameters[subject.name]

    def is_selected(self, subject: Subject) -> bool:
        """Return whether anything selects a resource."""
        selector = self.feature_of(subject)
        features = self._catalogue.type_of(subject.resource).replication
        replicated = selector is not None and self._strategy.features[selector].feature in features
        return bool(self.plans_of(subject)) or replicated

    def protect(self, subject: Subject, entity: str, member: int, site: int) -> Protection:
        """Return what protects one member of a resource; its streams are added to `streams`."""
        kind = self._catalogue.type_of(subject.resource)
        first = len(self.streams)
        continuous: list[Continuous] = []
        assignments = self._assignments(subject, kind, entity, member, site)
        chosen = self._continuous_rule(subject, kind, [assignment.rule for assignment in assignments])
        for assignment in assignments:
            rule = assignment.rule
            follows = chosen is not None and rule.enable_continuous_backup and rule.target_vault == chosen.target_vault
            if chosen is not None and not follows and kind.daily_snapshots:
                daily = assignment.runs.daily(self._scenario.start.timestamp(), rule.schedule_timezone)
                assignment = replace(assignment, runs=daily)  # noqa: PLW2901  the same rule, on other days
            stream = self._backups.stream(assignment, len(self.streams), is_point=not follows)
            if rule is chosen:
                bases = _bases(stream, assignment.runs)
                continuous.append(self._continuous(assignment, stream.vault, bases))
                self.streams += bases
            else:
                self.streams.append(stream)
        replicas = self._features(subject, kind, entity, member, site, continuous)
        self.streams[first:] = sized(self.streams[first:], subject.resource, kind, self._vaults.all, self._sites)
        return Protection(tuple(range(first, len(self.streams))), tuple(continuous), replicas)

    def _assignments(
        self, subject: Subject, kind: ResourceType, entity: str, member: int, site: int
    ) -> list[Assignment]:
        """Return the rules that apply to a member, in the order written; of one name they are told apart by `~2`."""
        values = self.parameters_of(subject)
        taken: dict[str, int] = {}
        assignments = []
        for plan in self.plans_of(subject):
            for rule, runs in zip(self._scenario.backup_plans[plan].rules, self._runs[plan], strict=True):
                taken[rule.rule_name] = taken.get(rule.rule_name, 0) + 1
                name, of_rule = numbered(rule.rule_name, taken[rule.rule_name]), values.below(rule.overrides)
                assignments.append(
                    Assignment(f"{entity}/{name}", name, subject, kind, rule, runs, of_rule, member, entity, site)
                )
        return assignments

    def _continuous_rule(self, subject: Subject, kind: ResourceType, rules: list[Rule]) -> Rule | None:
        """Return the rule whose continuous protection a resource has.

        There is one continuous point a resource: the first processed vault gets it; of several rules into that vault
        the one with the longest retention.
        """
        is_nested = subject.name.count(".") > 1
        candidates = [rule for rule in rules if rule.enable_continuous_backup]
        if not candidates or is_nested or kind.can("continuous", self._scenario.as_of) is not True:
            return None
        same = [rule for rule in candidates if rule.target_vault == candidates[0].target_vault]
        return max(same, key=lambda rule: never(rule.lifecycle.delete_after))

    def _continuous(self, assignment: Assignment, vault: int, bases: list[Stream]) -> Continuous:
        """Return the continuous protection that a rule gives, into a vault."""
        name, subject, values = assignment.name, assignment.subject, assignment.values
        return Continuous(
            name=name,
            vault=vault,
            window_s=never(assignment.rule.lifecycle.delete_after),
            log_lag=values.required("log_lag"),
            lag_key=self._key(name, "log_lag"),
            bases=tuple(stream.order for stream in bases),
            are_points=False,
            replay=replay_of(values, self._scenario.seed, name, self._change_per_day(subject)),
            log_failure=failure_of(values, self._scenario.seed, name, "log_failure", self._account(subject)),
            gap_key=self._key(name, "log_gap"),
            retained_on_delete=True,
        )

    def _features(
        self,
        subject: Subject,
        kind: ResourceType,
        entity: str,
        member: int,
        site: int,
        continuous: list[Continuous],
    ) -> tuple[Replica, ...]:
        """Return the replicas of a member; other native protection joins its streams and continuous protection."""
        selector = self.feature_of(subject)
        if selector is None:
            return ()
        use = self._strategy.features[selector]
        feature = kind.replication.get(use.feature)
        if feature is None:  # a wide selector reaches types without the feature
            return ()
        values, seed = self.parameters_of(subject), self._scenario.seed
        to = site if use.to is None else self._site_index[use.to]
        name = f"{entity}/{feature.name}"
        retained = is_retained(feature, use.retained_on_delete)
        if feature.kind == "replica":
            return (replica(name, feature, to, seed, retained=retained),)
        keep = use.retention or (feature.retention.value if feature.retention else math.inf)
        keys = keys_of(self._scenario, subject) if to == site else ()
        stream = snapshots(
            name,
            feature,
            values,
            member=member,
            order=len(self.streams),
            vault=self._vaults.index(feature.name, to, keys, native=True),
            keep_s=keep,
            span=(native_begin_s(keep, self._span[0]), self._span[1]),
            seed=seed,
            account=self._sites[site].account,
            retained=retained,
        )
        self.streams.append(stream)
        if feature.kind == "point-in-time":
            continuous.append(
                Continuous(
                    name=name,
                    vault=stream.vault,
                    window_s=keep,
                    log_lag=feature.lag.value,
                    lag_key=self._key(name, "log_lag"),
                    bases=(stream.order,),
                    are_points=True,
                    replay=replay_of(values, seed, name, self._change_per_day(subject)),
                    log_failure=failure_of(values, seed, name, "log_failure", self._account(subject)),
                    gap_key=self._key(name, "log_gap"),
                    retained_on_delete=retained,
                )
            )
        return ()

    def _change_per_day(self, subject: Subject) -> float:
        return self._catalogue.type_of(subject.resource).changed_per_day(subject.resource.change_rate)

    def _account(self, subject: Subject) -> str:
        return self._scenario.sites[self._scenario.applications[subject.application].site].account

    def _key(self, entity: str, purpose: str) -> int:
        return draws.key(self._scenario.seed, entity, purpose)


def _bases(stream: Stream, runs: Runs) -> list[Stream]:
    """Return the streams of a continuous rule's bases, its own first.

    Of a run that another rule's suppresses no snapshot is made that could be copied, but the base still is.
    """
    suppressed = ~np.isin(runs.all_times_s, runs.times_s)
    if not suppressed.any():
        return [stream]
    times = runs.all_times_s[suppressed]
    unmoved = np.zeros(len(times))
    others = replace(
        stream,
        order=stream.order + 1,
        times_s=times,
        indices=runs.all_indices[suppressed],
        size_bytes=unmoved,
        objects=unmoved,
        copies=(),
        goes=None,
    )
    return [stream, others]
