"""The world of one strategy: everything a clock needs, resolved once, in indices instead of names.

A clock never looks at a scenario or a catalogue. What AWS ignores, what an override replaces and which
selector is nearest have been decided when the world was built (`drsim.world.build`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from drsim.catalogue import Catalogue
from drsim.distributions import Distribution
from drsim.errors import Problem
from drsim.laws.failures import Failure
from drsim.laws.jobs import Replay, Work
from drsim.laws.sampling import ceiling
from drsim.world.disruptions import Disruption
from drsim.world.drain import Past
from drsim.world.limits import Limit
from drsim.world.streams import Stream

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Site:
    """A place in AWS: Region and account, perhaps a zone; or premises behind an uplink, which are a place of their own.

    Attributes:
        region: the Region; of premises their name.
        uplink: what their line to AWS carries [bytes/s]; None for a place in AWS.
    """

    name: str
    region: str
    account: str
    zone: str | None
    uplink: float | None = None

    @property
    def is_on_premises(self) -> bool:
        """Whether it lies in no Region, and recovery points reach it over its uplink."""
        return self.uplink is not None


@dataclass(frozen=True)
class Vault:
    """Where recovery points lie.

    Attributes:
        native: whether it is the storage of a service's own backups, which is no vault.
        keys: those of which the points can spare none; where points of one vault lie under different keys it is several
            of these, of one name.
    """

    name: str
    site: int
    lock: str
    native: bool = False
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Continuous:
    """Protection from which any moment of a window can be restored.

    Attributes:
        name: the rule or the feature, for people.
        vault: where it lies.
        window_s: how far back.
        log_lag: how far the newest restorable moment lies behind [s].
        bases: streams whose jobs make the bases that logs are applied to, the one that they are scheduled by first.
        are_points: whether the bases are recovery points of their own once a restore to a moment has proved useless.
        replay: how long logs take to apply.
        log_failure: whether the log after a base has a gap, and the stream of draws of its begin.
        retained_on_delete: whether it outlives the deletion of its resource.
    """

    name: str
    vault: int
    window_s: float
    log_lag: Distribution
    lag_key: int
    bases: tuple[int, ...]
    are_points: bool
    replay: Replay
    log_failure: Failure
    gap_key: int
    retained_on_delete: bool


@dataclass(frozen=True)
class Replica:
    """A live replica, kept by a feature of the service.

    Attributes:
        name: the feature.
        site: where it runs.
        lag: replication lag [s].
        promote: how long a failover to it takes [s].
        automatic: whether it fails over by itself, `promote` then containing its own detection.
        retained_on_delete: whether it outlives the deletion of its resource.
    """

    name: str
    site: int
    lag: Distribution
    lag_key: int
    promote: Distribution
    promote_key: int
    automatic: bool
    retained_on_delete: bool = False


@dataclass(frozen=True)
class Failover:
    """An automatic failover within the deployment, nothing being lost.

    Attributes:
        strikes: the kinds of disruption that it answers.
        duration: detection included [s].
    """

    strikes: tuple[str, ...]
    duration: Distribution
    key: int


@dataclass(frozen=True)
class OverUplink:
    """The law of a restore to premises: what passes before bytes move, and their way over the uplink.

    Attributes:
        first: provisioning, for which the uplink is not needed.
        transfer: the bytes over the uplink.
        limits: on the transfer.
        hydration: loading over the uplink after the resource is usable; None where nothing is loaded lazily.
        line: limits on the loading.
    """

    first: Work
    transfer: Work
    limits: tuple[int, ...]
    hydration: Work | None
    line: tuple[int, ...]


@dataclass(frozen=True)
class Restoration:
    """The law of a restore of one member, and of a launch where there is no data.

    Attributes:
        work: provisioning and the data phase that is waited for.
        failure: whether a restore turns out useless at its end.
        hydration: loading after the resource is usable; None where nothing is loaded lazily.
        cold_retrieval: extra time for a point in the cold tier [s].
        copy_work: a copy to the place of recovery, first and therefore full.
        launch: time to launch it without data, or the rest of a scaled-down standby [s].
        can_copy_region, can_copy_account: what AWS can copy for this type.
        is_server: whether it needs capacity for servers.
        copy_limits, restore_limits: for each site, the limits on a copy to it and on a restore at it.
        cold_limits: likewise, those on a restore of a point in cold storage.
        uplinks: the law of restores to premises, by site, where it is another.
    """

    work: Work
    failure: Failure
    hydration: Work | None
    cold_retrieval: Distribution
    cold_key: int
    copy_work: Work
    launch: Distribution
    launch_key: int
    can_copy_region: bool
    can_copy_account: bool
    is_server: bool
    copy_limits: tuple[tuple[int, ...], ...]
    restore_limits: tuple[tuple[int, ...], ...]
    cold_limits: tuple[tuple[int, ...], ...]
    uplinks: Mapping[int, OverUplink] = field(default_factory=dict)

    @property
    def all_limits(self) -> tuple[tuple[int, ...], ...]:
        """The limits on copies and restores, of all sites."""
        over_uplinks = (limits for over in self.uplinks.values() for limits in (over.limits, over.line))
        return (*self.restore_limits, *self.cold_limits, *self.copy_limits, *over_uplinks)

    def works_at(self, site: int) -> tuple[Work, ...]:
        """Return the parts of a restore at a site, one after another."""
        over = self.uplinks.get(site)
        return (self.work,) if over is None else (over.first, over.transfer)

    def hydration_at(self, site: int) -> Work | None:
        """Return the loading after a restore at a site; None where nothing is loaded lazily."""
        over = self.uplinks.get(site)
        return self.hydration if over is None else over.hydration


@dataclass(frozen=True)
class Member:
    """One of the alike members of a resource.

    Attributes:
        entity: name whose draws it has.
        resource: which resource it is a member of.
        place: its number among the alike members, which are spread over the zones in turn.
        streams: its streams.
    """

    entity: str
    resource: int
    place: int
    streams: tuple[int, ...]
    continuous: tuple[Continuous, ...]
    replicas: tuple[Replica, ...]
    failover: Failover | None
    restoration: Restoration

    @property
    def own_bases(self) -> frozenset[int]:
        """Streams of the snapshots that its service makes by itself and restores moments from."""
        return frozenset(s for c in self.continuous if c.are_points for s in c.bases)


@dataclass(frozen=True)
class Resource:
    """A resource as the user wrote it.

    Attributes:
        name: `app.resource`.
        app: index of its application.
        members: indices of its members.
        needs: with how many of them it is usable.
        size_bytes, objects: of one member, at the start.
        growth: yearly growth of both, as a fraction.
        change_per_day: the share of its distinct bytes changed within a day.
        selected: whether any backup selector or replication names it.
        after: indices of nodes that must be there first; resources come first among nodes, then steps.
        keys: those of which it cannot spare any.
        backup_keys: those of its backups, whatever their vault; None for those of the vault.
        options: names of the options of its type that are chosen for it.
    """

    name: str
    app: int
    type: str
    site: int
    members: tuple[int, ...]
    needs: int
    size_bytes: float
    objects: float
    growth: float
    change_per_day: float
    deployment: str
    stateless: bool
    selected: bool
    after: tuple[int, ...]
    keys: tuple[str, ...] = ()
    backup_keys: tuple[str, ...] | None = None
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """A recovery step without data."""

    name: str
    app: int
    duration: Distribution
    key: int
    always: bool
    after: tuple[int, ...]


@dataclass(frozen=True)
class Application:
    """An application and where it recovers.

    Attributes:
        after: those that recover first, where the same event strikes them; `requires` among them.
        requires: those without which it is down.
        zone_key: stream of draws of the zone in which its resources stand whose site names none.
        rebuild: how long the business is down when its data are lost for good [s].
        rebuild_is_given: whether the scenario gives it: what comes after it then waits for it.
        loss_tolerance_s: by how much an option may lose more than the least and still be taken for being quicker [s].
        inspect_key: stream of draws of how long people take to find out that a point is infected.
        rpo_s: the RPO under each disruption [s]; inf where there is none.
    """

    name: str
    site: int
    recover_at: int | None
    standby_site: int | None
    standby_mode: str
    priority: int
    act_after_s: float
    after: tuple[int, ...]
    requires: tuple[int, ...]
    resources: tuple[int, ...]
    steps: tuple[int, ...]
    zone_key: int
    rebuild: Distribution
    rebuild_key: int
    rebuild_is_given: bool
    inspect_key: int
    validate_key: int
    redirect_key: int
    standby_detection: Distribution
    standby_detection_key: int
    scaled: bool
    loss_tolerance_s: float
    rpo_s: Mapping[str, float]


@dataclass(frozen=True)
class Component:
    """Members that share limits which can bind, and whose jobs therefore have to be simulated together.

    Attributes:
        members: indices of the members.
        streams: indices of their streams.
        limits: which limits can bind; none where no job can ever wait.
        past: what is known of their jobs' past before anything is drawn; None where no job can ever wait.
    """

    members: tuple[int, ...]
    streams: tuple[int, ...]
    limits: frozenset[int]
    past: Past | None = None

    @property
    def reach_s(self) -> float:
        """How far back from a run one usually has to look to know what it meets [s]."""
        return self.past.reach_s if self.past else 0.0

    @property
    def settles(self) -> bool:
        """Whether that is much less than all of the past; if not, the clock runs from the plan's start."""
        return self.past is None or self.past.settles


@dataclass(frozen=True)
class World:
    """One strategy of a scenario, ready for a clock.

    No job is scheduled before `plan_start_s`; since when each rule has run is its stream's own `begin_s`.
    """

    catalogue: Catalogue
    strategy: str
    start_epoch_s: float
    plan_start_s: float
    horizon_s: float
    seed: int
    sites: tuple[Site, ...]
    vaults: tuple[Vault, ...]
    limits: tuple[Limit, ...]
    applications: tuple[Application, ...]
    resources: tuple[Resource, ...]
    steps: tuple[Step, ...]
    members: tuple[Member, ...]
    streams: tuple[Stream, ...]
    components: tuple[Component, ...]
    component_of: tuple[int, ...]
    disruptions: dict[str, Disruption]
    detect: Distribution
    declare: Distribution
    inspection: Distribution
    validation: Distribution
    redirection: Distribution
    response_keys: tuple[int, int]
    warnings: tuple[Problem, ...]

    @property
    def is_searched(self) -> bool:
        """Whether people have to find out which point is clean, and that takes time."""
        return ceiling(self.inspection) > 0
