"""What protects each resource under a strategy, as AWS applies it: rules, copies, continuous backup, native features.

What AWS accepts and then ignores is ignored here: a copy, a move to cold storage or a continuous rule on a type
without it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from drsim import draws
from drsim.catalogue import Catalogue, ResourceType
from drsim.distributions import Constant
from drsim.laws.failures import Failure
from drsim.laws.jobs import Replay, Work
from drsim.scenario import CopyAction, Lifecycle, Rule, Scenario, Strategy, Subject, nearest
from drsim.scenario import Site as WrittenSite
from drsim.scenario.capabilities import can_copy, has_daily_snapshots, moves_to_cold
from drsim.scenario.keys import keys_of
from drsim.scenario.resolve import Parameters, parameters
from drsim.world.model import Continuous, Replica, Site, Vault
from drsim.world.native import is_retained, replica, snapshots
from drsim.world.plans import Runs, native_begin_s, never, rule_begin_s, since_s
from drsim.world.pools import Pools
from drsim.world.sizes import sized
from drsim.world.streams import Copy, Going, Stream

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_NEVER = Constant(0.0)

ORDINARY = "Default"
"""The vault that every account has in every Region: where what an air-gapped vault does not take is backed up if the
rule names no other."""


@dataclass(frozen=True)
class _Target:
    """Where the points of a rule go.

    Attributes:
        vault: index of the vault that the backup jobs write to.
        moves_to: name of the air-gapped vault to which each point then moves, being temporary; None where it stays.
    """

    vault: int
    moves_to: str | None = None


@dataclass(frozen=True)
class Protection:
    """What protects one member."""

    streams: tuple[int, ...]
    continuous: tuple[Continuous, ...]
    replicas: tuple[Replica, ...]


class Protector:
    """Applies a strategy's plans and features to the members of resources, one after another."""

    def __init__(
        self,
        scenario: Scenario,
        catalogue: Catalogue,
        strategy: Strategy,
        sites: tuple[Site, ...],
        pools: Pools,
        runs: Mapping[str, tuple[Runs, ...]],
        plan_start_s: float,
        horizon_s: float,
    ) -> None:
        self.streams: list[Stream] = []
        self._scenario, self._catalogue, self._strategy = scenario, catalogue, strategy
        self._sites, self._pools, self._runs = sites, pools, runs
        self._span = (plan_start_s, horizon_s)
        self._site_index = {name: i for i, name in enumerate(scenario.sites)}
        self._vaults: list[Vault] = []
        self._vault_index: dict[tuple[str, int, tuple[str, ...]], int] = {}
        # asked of each member, and the same for all of a resource
        self._plans: dict[str, list[str]] = {}
        self._feature: dict[str, str | None] = {}
        self._parameters: dict[str, Parameters] = {}
        self._as_of = scenario.as_of
        for name, vault in scenario.vaults.items():
            if vault.site is not None:
                self._vault(name, self._site_index[vault.site])

    @property
    def vaults(self) -> tuple[Vault, ...]:
        """All vaults, native storage included."""
        return tuple(self._vaults)

    def plans_of(self, subject: Subject) -> list[str]:
        """Return the plans that select a resource, in the order written; a stack's also select what is nested."""
        if subject.name not in self._plans:
            self._plans[subject.name] = list(self._strategy.plans_of(*subject.selectable))
        return self._plans[subject.name]

    def feature_of(self, subject: Subject) -> str | None:
        """Return the selector whose replication feature a resource has."""
        if subject.name not in self._feature:
            self._feature[subject.name] = nearest(self._strategy.replication, *subject.selectable)
        return self._feature[subject.name]

    def parameters_of(self, subject: Subject) -> Parameters:
        """Return what holds for a resource."""
        if subject.name not in self._parameters:
            kind = self._catalogue.types[subject.resource.type]
            self._parameters[subject.name] = parameters(self._scenario, self._catalogue, kind, subject.resource)
        return self._parameters[subject.name]

    def is_selected(self, subject: Subject) -> bool:
        """Return whether anything selects a resource."""
        selector = self.feature_of(subject)
        features = self._catalogue.types[subject.resource.type].replication
        replicated = selector is not None and self._strategy.features[selector].feature in features
        return bool(self.plans_of(subject)) or replicated

    def protect(self, subject: Subject, entity: str, member: int, site: int) -> Protection:
        """Return what protects one member of a resource; its streams are added to `streams`."""
        kind = self._catalogue.types[subject.resource.type]
        values = self.parameters_of(subject)
        first = len(self.streams)
        continuous: list[Continuous] = []
        taken: dict[str, int] = {}
        rules = [
            (rule, runs)
            for plan in self.plans_of(subject)
            for rule, runs in zip(self._scenario.backup_plans[plan].rules, self._runs[plan], strict=True)
        ]
        nested = subject.name.count(".") > 1
        can_continue = kind.can("continuous", self._as_of) is True and not nested
        chosen = self._continuous_rule([rule for rule, _ in rules]) if can_continue else None
        for rule, planned in rules:
            taken[rule.rule_name] = taken.get(rule.rule_name, 0) + 1
            suffix = f"~{taken[rule.rule_name]}" if taken[rule.rule_name] > 1 else ""
            named = f"{entity}/{rule.rule_name}{suffix}"
            follows = chosen is not None and rule.enable_continuous_backup and rule.target_vault == chosen.target_vault
            runs = planned
            if chosen is not None and not follows and has_daily_snapshots(kind):
                runs = planned.daily(self._scenario.start.timestamp(), rule.schedule_timezone)
            own = self._stream(named, subject, values, rule, runs, member, site, entity, is_point=not follows)
            if rule is chosen:
                bases = self._bases(own, runs)
                continuous.append(self._continuous(named, subject, kind, rule, values, own, bases))
                self.streams += bases
            else:
                self.streams.append(own)
        replicas = self._features(subject, kind, values, entity, member, site, continuous)
        self.streams[first:] = sized(self.streams[first:], subject.resource, kind, self._vaults, self._sites)
        return Protection(tuple(range(first, len(self.streams))), tuple(continuous), replicas)

    def _continuous_rule(self, rules: list[Rule]) -> Rule | None:
        """Return the rule whose continuous protection a resource has.

        There is one continuous point a resource: the first processed vault gets it; of several rules into that vault
        the one with the longest retention.
        """
        asked = [rule for rule in rules if rule.enable_continuous_backup]
        if not asked:
            return None
        same = [rule for rule in asked if rule.target_vault == asked[0].target_vault]
        return max(same, key=lambda rule: never(rule.lifecycle.delete_after))

    def _continuous(
        self,
        named: str,
        subject: Subject,
        kind: ResourceType,
        rule: Rule,
        values: Parameters,
        own: Stream,
        bases: list[Stream],
    ) -> Continuous:
        values = values.below(rule.overrides)
        return Continuous(
            name=named,
            vault=own.vault,
            window_s=never(rule.lifecycle.delete_after),
            log_lag=values.required("log_lag"),
            lag_key=self._key(named, "log_lag"),
            bases=tuple(stream.order for stream in bases),
            are_points=False,
            replay=self._replay(named, subject, kind, values),
            log_failure=self._log_failure(named, subject, values),
            gap_key=self._key(named, "log_gap"),
            retained_on_delete=True,
        )

    def _bases(self, own: Stream, runs: Runs) -> list[Stream]:
        """Return the streams of a continuous rule's bases, its own first.

        Of a run that another rule's suppresses no snapshot is made that could be copied, but the base still is.
        """
        suppressed = ~np.isin(runs.all_times_s, runs.times_s)
        if not suppressed.any():
            return [own]
        times = runs.all_times_s[suppressed]
        unmoved = np.zeros(len(times))
        others = replace(
            own,
            order=own.order + 1,
            times_s=times,
            indices=runs.all_indices[suppressed],
            size_bytes=unmoved,
            objects=unmoved,
            copies=(),
            goes=None,
        )
        return [own, others]

    def _replay(self, named: str, subject: Subject, kind: ResourceType, values: Parameters) -> Replay:
        """Return the law by which logs are applied: of speed and rate the one that is set nearer."""
        nearer = values.find("log_replay_speed", "log_replay_rate")
        return Replay(
            speed=values.distribution("log_replay_speed") if nearer and nearer[0] == "log_replay_speed" else None,
            rate=values.distribution("log_replay_rate"),
            factor=values.distribution("log_factor") or Constant(1.0),
            change_per_day=kind.changed_per_day(subject.resource.change_rate),
            key=self._key(named, "log_replay"),
            factor_key=self._key(named, "log_factor"),
        )

    def _log_failure(self, named: str, subject: Subject, values: Parameters) -> Failure:
        law = values.failure("log_failure")
        site = self._site_index[self._scenario.applications[subject.application].site]
        account = self._sites[site].account if law.shared else None
        return Failure.drawn(self._scenario.seed, named, "log_failure", law.p, law.lasts, account)

    # streams

    def _stream(
        self,
        named: str,
        subject: Subject,
        values: Parameters,
        rule: Rule,
        runs: Runs,
        member: int,
        site: int,
        entity: str,
        *,
        is_point: bool,
    ) -> Stream:
        values = values.below(rule.overrides)
        whole, parts = values.law("backup")
        kind = self._catalogue.types[subject.resource.type]
        kind = self._catalogue.types[subject.resource.type]
        target = self._target(rule, kind, subject, site)
        vault = self._vaults[target.vault]
        delete_after = never(rule.lifecycle.delete_after)
        account = self._sites[site].account
        warm_up = self._scenario.warm_up
        stream = Stream(
            name=named,
            member=member,
            order=len(self.streams),
            times_s=runs.times_s,
            indices=runs.indices,
            all_times_s=runs.all_times_s,
            start_window_s=rule.start_window,
            completion_window_s=rule.completion_window if kind.heeds_completion_window else math.inf,
            start_delay=values.required("start_delay"),
            start_key=self._key(named, "backup", 3),
            work=Work.drawn(
                self._scenario.seed,
                named,
                "backup",
                whole,
                parts.get("fixed"),
                parts.get("rate"),
                parts.get("object_rate"),
            ),
            failure=self._failure(values, "backup_failure", named, account, vault.name, delete_after),
            size_bytes=np.zeros(len(runs.times_s)),
            objects=np.zeros(len(runs.times_s)),
            is_point=is_point,
            vault=target.vault,
            delete_after_s=delete_after,
            cold_after_s=self._cold_after(kind, rule, rule.lifecycle),
            expiry_delay=values.required("expiry_delay"),
            expiry_key=self._key(named, "expiry_delay"),
            limits=self._pools.backup(kind.name, vault.site, entity),
            copies=(),
            begin_s=rule_begin_s(rule, warm_up),
            since_s=since_s(rule.lifecycle, rule.age, warm_up),
        )
        actions = rule.copy_actions
        if target.moves_to is not None:
            actions = (CopyAction(destination_vault=target.moves_to).model_copy(update={"age": rule.age}), *actions)
        copies: list[Copy] = []
        direct = self._copies(
            copies, -1, named, stream, actions, kind, rule, values, rule.lifecycle, site, vault.site, entity
        )
        goes = _going(rule.lifecycle, direct)
        if direct and self._vaults[copies[direct[0]].vault].name == target.moves_to:
            # the other copies are made beside the move, and the temporary point waits until they are over
            goes = Going(completed=direct[:1], over=direct[1:])
        return replace(stream, copies=tuple(copies), goes=goes)

    def _copies(
        self,
        found: list[Copy],
        parent: int,
        named: str,
        stream: Stream,
        actions: tuple[CopyAction, ...],
        kind: ResourceType,
        rule: Rule,
        values: Parameters,
        inherited: Lifecycle,
        site: int,
        source: int,
        entity: str,
    ) -> tuple[int, ...]:
        """Add the copies of a backup or of another copy, chained ones after what they copy; return the direct ones."""
        taken: dict[str, int] = {}
        direct: list[int] = []
        for action in actions:
            to = self._vault_site(action.destination_vault, site)
            taken[action.destination_vault] = taken.get(action.destination_vault, 0) + 1
            label = f"{named}>{action.destination_vault}" + "~" * (taken[action.destination_vault] - 1)
            lock = self._vaults[self._vault(action.destination_vault, to)].lock
            if can_copy(kind, self._site(source), self._site(to), lock, self._as_of) is not True:
                continue  # nothing is copied, so nothing can be chained to it either
            lifecycle = action.lifecycle or inherited
            delete_after = never(lifecycle.delete_after)
            own = values.below(action.overrides)
            whole, parts = own.law("copy")
            account, warm_up = self._sites[site].account, self._scenario.warm_up
            nth = len(found)
            direct.append(nth)
            found.append(
                Copy(
                    parent=parent,
                    vault=self._vault(action.destination_vault, to),
                    delay=action.delay,
                    delay_key=self._key(label, "copy", 3),
                    work=Work.drawn(
                        self._scenario.seed,
                        label,
                        "copy",
                        whole,
                        parts.get("fixed"),
                        parts.get("rate"),
                        parts.get("object_rate"),
                    ),
                    failure=self._failure(own, "copy_failure", label, account, action.destination_vault, delete_after),
                    size_bytes=stream.size_bytes,
                    objects=stream.objects,
                    delete_after_s=delete_after,
                    cold_after_s=self._cold_after(kind, rule, lifecycle),
                    expiry_delay=own.required("expiry_delay"),
                    expiry_key=self._key(label, "expiry_delay"),
                    limits=self._pools.copy(kind.name, to, entity),
                    since_s=since_s(lifecycle, action.age, warm_up),
                )
            )
            then = self._copies(found, nth, label, stream, action.then, kind, rule, values, lifecycle, site, to, entity)
            found[nth] = replace(found[nth], goes=_going(lifecycle, then))
        return tuple(direct)

    def _site(self, site: int) -> WrittenSite:
        return self._scenario.sites[self._sites[site].name]

    def _cold_after(self, kind: ResourceType, rule: Rule, lifecycle: Lifecycle) -> float:
        """Return the age at which points move to cold storage [s]; infinite where AWS leaves them warm."""
        moves = moves_to_cold(kind, rule, lifecycle, self._as_of)
        return never(lifecycle.cold_storage_after) if moves else math.inf

    def _failure(
        self, values: Parameters, name: str, entity: str, account: str, vault: str, delete_after_s: float
    ) -> Failure:
        """Return the law by which jobs into a vault fail: by themselves, or with all jobs of the account."""
        law = values.failure(name)
        p = law.p if self._accepts(vault, delete_after_s) else 1.0  # the lock refuses the job
        return Failure.drawn(self._scenario.seed, entity, name, p, law.lasts, account if law.shared else None)

    def _accepts(self, vault: str, delete_after_s: float) -> bool:
        """Return whether a vault's lock accepts a retention."""
        written = self._scenario.vaults.get(vault)
        if written is None:
            return True
        least_s, most_s = written.retentions(self._catalogue.rules.air_gapped_minimum.value)
        return least_s <= delete_after_s <= most_s

    def _vault_site(self, name: str, site: int) -> int:
        written = self._scenario.vaults.get(name)
        return site if written is None or written.site is None else self._site_index[written.site]

    def _vault(self, name: str, site: int, keys: tuple[str, ...] | None = None, *, native: bool = False) -> int:
        """Return the index of a vault at a site whose points lie under some keys, the vault's own if left out."""
        written = None if native else self._scenario.vaults.get(name)
        if keys is None:
            keys = () if written is None or written.key is None else (written.key,)
        if (name, site, keys) not in self._vault_index:
            lock = "none" if written is None else written.lock
            self._vault_index[name, site, keys] = len(self._vaults)
            self._vaults.append(Vault(name, site, lock, native, keys))
        return self._vault_index[name, site, keys]

    def _target(self, rule: Rule, kind: ResourceType, subject: Subject, site: int) -> _Target:
        """Return where the points of a rule go: an air-gapped vault takes at once what AWS Backup manages fully.

        Other types leave a temporary point in an ordinary vault, which is copied, and types that the vault does not
        take stay there. What AWS Backup does not manage fully lies under the resource's own key, copies apart.
        """
        own = subject.resource.key
        is_managed = kind.can("full-management", self._as_of) is True
        keys = None if is_managed or own is None else (own,)
        at = self._vault_site(rule.target_vault, site)
        isolated, ordinary = rule.target_air_gapped_vault, rule.target_vault
        if isolated is None and self._lock(ordinary) == "air-gapped":
            isolated, ordinary = ordinary, ORDINARY
        if isolated is None or kind.can("air-gapped-vault", self._as_of) is not True:
            return _Target(self._vault(ordinary, at, keys))
        if is_managed:
            return _Target(self._vault(isolated, self._vault_site(isolated, at)))
        return _Target(self._vault(ordinary, at, keys), isolated)

    def _lock(self, vault: str) -> str:
        written = self._scenario.vaults.get(vault)
        return "none" if written is None else written.lock

    # native features

    def _features(
        self,
        subject: Subject,
        kind: ResourceType,
        values: Parameters,
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
        to = site if use.to is None else self._site_index[use.to]
        named = f"{entity}/{feature.name}"
        retained = is_retained(feature, use.retained_on_delete)
        if feature.kind == "replica":
            return (replica(named, feature, to, self._scenario.seed, retained=retained),)
        keep = use.retention or (feature.retention.value if feature.retention else math.inf)
        made = snapshots(
            named,
            feature,
            values,
            member=member,
            order=len(self.streams),
            vault=self._vault(feature.name, to, keys_of(self._scenario, subject) if to == site else (), native=True),
            keep_s=keep,
            span=(native_begin_s(keep, self._span[0]), self._span[1]),
            seed=self._scenario.seed,
            account=self._sites[site].account,
            retained=retained,
        )
        self.streams.append(made)
        if feature.kind == "point-in-time":
            continuous.append(
                Continuous(
                    name=named,
                    vault=made.vault,
                    window_s=keep,
                    log_lag=feature.lag.value,
                    lag_key=self._key(named, "log_lag"),
                    bases=(made.order,),
                    are_points=True,
                    replay=self._replay(named, subject, kind, values),
                    log_failure=self._log_failure(named, subject, values),
                    gap_key=self._key(named, "log_gap"),
                    retained_on_delete=retained,
                )
            )
        return ()

    def _key(self, entity: str, purpose: str, word: int = 0) -> int:
        return draws.key(self._scenario.seed, entity, purpose, word)


def _going(lifecycle: Lifecycle, copies: tuple[int, ...]) -> Going | None:
    """Return with which copies of it a point goes: with all of them, where its lifecycle says so and there are any."""
    return Going(copies) if lifecycle.delete_after_event == "copy" and copies else None
