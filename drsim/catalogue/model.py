"""What the catalogue holds: frozen values, each with its unit, its meaning and its source."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from drsim.catalogue.features import Failover, ReplicationFeature
from drsim.catalogue.leaf import Leaf, Span
from drsim.catalogue.options import Option, in_force
from drsim.catalogue.parameters import Parameter
from drsim.catalogue.timed_copies import TimedCopies
from drsim.distributions import Distribution
from drsim.laws.survival import Takes

CAPABILITIES = (
    "cross-region",
    "cross-account",
    "audit",
    "incremental",
    "continuous",
    "full-management",
    "cold-storage",
    "item-level-restore",
    "single-action-copy",
    "restore-testing",
    "air-gapped-vault",
)
"""What a type may support: the eight columns of AWS's table of 2023 first, then three that copies and tests need."""

TABLE_COLUMNS = CAPABILITIES[:8]
"""The columns of AWS's table of 2023, in its order."""

Lineage = Literal["vault", "region"]
Deployment = Literal["single-az", "multi-az", "regional"]
Strikes = Literal["resource", "account", "zone", "region", "service", "key", "premises"]


@dataclass(frozen=True)
class ResourceType:
    """A type of resource that AWS Backup protects.

    Attributes:
        name: as scenarios write it.
        title: as AWS writes it in full.
        aws_type: the string of the API.
        aliases: other spellings that scenarios may use.
        supported: the day on which AWS Backup began to support it; `date.min` for before the catalogue's reach.
        facts: `deployment`, `lineage`, `snapshots_incremental` and, where it is otherwise than usual,
            `heeds_completion_window`, `on_premises`, `air_gapped_across_regions`, `loss_rate`, `archive`,
            `daily_snapshots`, `one_vault`, `nests`, `tiering_down`, `tiering_since` and `malware_scan`, with their
            sources.
        capabilities: spans in ascending order of time, by capability.
        parameters: of the laws, by name of `PARAMETERS`.
        change_rate: distinct bytes changed within a day [fraction/day].
        failovers: by deployment.
        replication: by name of the feature.
        notes: what else to know: rules of copies, footnotes, caveats.
        options: by name, what may be otherwise for some of its resources.
        in_force: names of the options that are, of the type as it is for one resource.
        timed_copies: how copies are made that are to be completed within a time; None where none are.
    """

    name: str
    title: str
    aws_type: str
    aliases: tuple[str, ...]
    supported: date
    facts: Mapping[str, Leaf[Any]]
    capabilities: Mapping[str, tuple[Span, ...]]
    parameters: Mapping[str, Leaf[Parameter]]
    change_rate: Leaf[Distribution]
    failovers: Mapping[str, Failover]
    replication: Mapping[str, ReplicationFeature]
    notes: tuple[Leaf[str], ...]
    options: Mapping[str, Option] = field(default_factory=dict)
    in_force: tuple[str, ...] = ()
    timed_copies: TimedCopies | None = None

    @property
    def label(self) -> str:
        """Its name, with the options that are in force."""
        return ", ".join((self.name, *self.in_force))

    @property
    def chosen(self) -> tuple[str, ...]:
        """The options that a scenario may choose."""
        return tuple(name for name, option in self.options.items() if option.from_objects is None)

    def used(self, options: Collection[str], objects: float) -> ResourceType:
        """Return the type as it is for a resource: with the options chosen for it and those that its size brings.

        Args:
            options: names of those chosen.
            objects: number of objects of one member; 0 where it is not given.
        """
        kind = self
        for option in in_force(self.options.values(), options, objects):
            parameters = {name: leaf for name, leaf in kind.parameters.items() if name not in option.without}
            kind = replace(
                kind,
                facts={**kind.facts, **option.facts},
                capabilities={**kind.capabilities, **option.capabilities},
                parameters={**parameters, **option.parameters},
                in_force=(*kind.in_force, option.name),
            )
        return kind

    @property
    def deployment(self) -> Deployment:
        """Where it runs unless a scenario says otherwise."""
        value: Deployment = self.facts["deployment"].value
        return value

    @property
    def lineage(self) -> Lineage:
        """Where an incremental recovery point looks for its base: in its own vault, or anywhere in the Region."""
        value: Lineage = self.facts["lineage"].value
        return value

    @property
    def snapshots_incremental(self) -> bool:
        """Whether a snapshot holds only what has changed; a type may be incremental in its logs alone."""
        return bool(self.facts["snapshots_incremental"].value)

    @property
    def heeds_completion_window(self) -> bool:
        """Whether a backup job that takes longer than the completion window is given up."""
        fact = self.facts.get("heeds_completion_window")
        return fact is None or bool(fact.value)

    @property
    def on_premises(self) -> bool:
        """Whether it stands on premises, its backups and restores going through a gateway there."""
        return self._is("on_premises")

    @property
    def archive_s(self) -> float | None:
        """How far apart the starts of a rule must be whose cold points lie in an archive [s]; None without archive."""
        fact = self.facts.get("archive")
        return None if fact is None else float(fact.value)

    @property
    def daily_snapshots(self) -> bool:
        """Whether snapshot rules beside a continuous rule make one snapshot a day, whatever their frequency."""
        return self._is("daily_snapshots")

    @property
    def one_vault(self) -> bool:
        """Whether all backups of a resource with a continuous one belong in the vault of that one."""
        return self._is("one_vault")

    @property
    def nests(self) -> bool:
        """Whether resources are nested in it, by whose points it is restored."""
        return self._is("nests")

    def _is(self, name: str) -> bool:
        fact = self.facts.get(name)
        return fact is not None and bool(fact.value)

    @property
    def loss_rate(self) -> float | None:
        """Losses of one member's live data by failure a year [1/year]; None where they are as of any type."""
        fact = self.facts.get("loss_rate")
        return None if fact is None else float(fact.value)

    @property
    def namespaces(self) -> float | None:
        """Namespaces of one member where a scenario says nothing; None where backups of it are not billed by them."""
        fact = self.facts.get("namespaces")
        return None if fact is None else float(fact.value)

    def reaches_air_gap(self, on: date | None = None) -> bool:
        """Return whether copies into an air-gapped vault may come from another Region, where the type has any at all.

        Args:
            on: the day; the catalogue's newest knowledge where left out.
        """
        since = self.facts.get("air_gapped_across_regions")
        return since is None or on is None or since.value <= on

    def scans_malware(self, on: date | None = None) -> bool:
        """Return whether recovery points of the type can be scanned for malware on a day.

        Args:
            on: the day; the catalogue's newest knowledge where left out.
        """
        since = self.facts.get("malware_scan")
        return since is not None and (on is None or since.value <= on)

    def completion_window_s(self, written_s: float) -> float:
        """Return after what time a backup job is given up [s], by what its rule says; inf where the type heeds none."""
        return written_s if self.heeds_completion_window else math.inf

    def changed_per_day(self, written: float | None) -> float:
        """Return the share of distinct bytes changed within a day: as a scenario writes it, else the type's median."""
        return self.change_rate.value.quantile(0.5) if written is None else written

    def can(self, capability: str, on: date | None = None) -> bool | None:
        """Return whether the type supports a capability on a day; None where that is unknown.

        Args:
            capability: one of `CAPABILITIES`.
            on: the day; the catalogue's newest knowledge where left out.
        """
        spans = self.capabilities[capability]
        if on is None:
            return spans[-1].leaf.value
        if on < self.supported:
            return False
        return next((s.leaf.value for s in reversed(spans) if s.since <= on), False)

    def leaves(self) -> Iterator[tuple[str, Leaf[Any]]]:
        """Yield every value of the type with its place."""
        yield "change_rate", self.change_rate
        for group in (self.facts, self.parameters):
            yield from group.items()
        for capability, spans in self.capabilities.items():
            yield from ((f"{capability} since {s.since_text}", s.leaf) for s in spans)
        for deployment, failover in self.failovers.items():
            yield f"failovers.{deployment}", failover.duration
        for name, feature in self.replication.items():
            for key in ("about", "lag", "promote", "detection", "interval", "retention", "retained_on_delete"):
                if (leaf := getattr(feature, key)) is not None:
                    yield f"replication.{name}.{key}", leaf
        if self.timed_copies is not None:
            yield from self.timed_copies.leaves()
        for name, option in self.options.items():
            yield from ((f"options.{name}.{place}", leaf) for place, leaf in option.leaves())
        for i, note in enumerate(self.notes):
            yield f"notes.{i}", note


@dataclass(frozen=True)
class DisruptionKind:
    """A kind of disruption.

    Attributes:
        name: as scenarios write it.
        about: what happens, in a sentence.
        strikes: what one such disruption takes.
        ends: whether it is over by itself some time.
        takes: what it leaves unusable: sites, vaults, replicas.
        may_delete_resource: whether it may delete the resource itself, not only its data.
        rate_per: the unit that the yearly rate counts: one `resource` (each member), `application`, `account`, `zone`,
            `service` (of a Region), `region`, `key` or `premises`.
        rates: events a year, by Region and `default`.
        duration: until it ends [s]; only for kinds that end.
        dwell: from contamination to the stop of service [s].
        backups_attacked: probability that unlocked backups in reach are destroyed; None where nobody attacks.
        impairs: probability that `launches`, `capacity` or `copies` wait for the end; only for kinds that end.
    """

    name: str
    about: Leaf[str]
    strikes: Strikes
    ends: bool
    takes: Leaf[Takes]
    may_delete_resource: bool
    rate_per: str
    rates: Mapping[str, Leaf[float]]
    duration: Leaf[Distribution] | None
    dwell: Leaf[Distribution]
    backups_attacked: Leaf[float] | None
    impairs: Mapping[str, Leaf[float]]

    def rate(self, region: str | None = None, like: str | None = None) -> Leaf[float]:
        """Return the events a year in a Region, or the default where the Region has no figure of its own.

        Args:
            region: the Region; the default of all where left out.
            like: the Region whose figure is taken before the default.
        """
        return next((self.rates[key] for key in (region, like) if key and key in self.rates), self.rates["default"])

    def leaves(self) -> Iterator[tuple[str, Leaf[Any]]]:
        """Yield every value of the kind with its place."""
        yield "about", self.about
        yield "takes", self.takes
        yield "dwell", self.dwell
        yield from ((f"rate.{k}", leaf) for k, leaf in self.rates.items())
        yield from ((f"impairs.{k}", leaf) for k, leaf in self.impairs.items())
        if self.duration:
            yield "duration", self.duration
        if self.backups_attacked:
            yield "backups_attacked", self.backups_attacked


@dataclass(frozen=True)
class Rules:
    """What plans are held to, whatever the type; times are in seconds.

    Attributes:
        retention_minimum, retention_maximum: how long rules keep their points.
        cold_minimum: how long what has moved to cold storage stays there.
        warm_minimum: how long points stay warm, so that the next ones can build on them.
        continuous_maximum: how long continuous rules keep.
        interval_minimum: the shortest time between runs of a rule.
        air_gapped_minimum: the shortest retention that an air-gapped vault accepts.
        copy_minimum: kept for less, copies may be full ones each time.
        start_window_minimum: the shortest start window of a rule that runs by AWS's schedules.
        rules_maximum: how many rules a plan may have.
        copy_actions_maximum: how many copy actions a rule may have.
    """

    retention_minimum: Leaf[float]
    retention_maximum: Leaf[float]
    cold_minimum: Leaf[float]
    warm_minimum: Leaf[float]
    continuous_maximum: Leaf[float]
    air_gapped_minimum: Leaf[float]
    copy_minimum: Leaf[float]
    interval_minimum: Leaf[float]
    start_window_minimum: Leaf[float]
    rules_maximum: Leaf[int]
    copy_actions_maximum: Leaf[int]

    def leaves(self) -> Iterator[tuple[str, Leaf[float] | Leaf[int]]]:
        """Yield every value with its place."""
        yield from vars(self).items()


@dataclass(frozen=True)
class Other:
    """What people call types of resources and the catalogue has no type for.

    Attributes:
        names: spellings.
        says: what is so of them, to follow the name in a sentence.
        write: what a scenario has instead.
    """

    names: Leaf[tuple[str, ...]]
    says: str
    write: str


@dataclass(frozen=True)
class Source:
    """Where values come from.

    Attributes:
        key: what `Leaf.source` names.
        title: of the document.
        publisher: who stands behind it.
        edition: its edition or date.
        says: what it says that the catalogue uses.
        url: where everybody can read it; empty where it is not public.
        unlinked: why it has no address; empty where it has one.
    """

    key: str
    title: str
    publisher: str
    edition: str
    says: str
    url: str = ""
    unlinked: str = ""

    @property
    def where(self) -> str:
        """The address, or why there is none."""
        return self.url or f"no link: {self.unlinked}"

    @property
    def cited(self) -> str:
        """Title, publisher, edition and address, in one line."""
        return f"{self.title} ({self.publisher}, {self.edition}), {self.where}"
