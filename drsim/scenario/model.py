"""What a user writes: the scenario, its sites, applications, resources, disruptions and settings.

Values are canonical: seconds, bytes, fractions, US dollars; uncertain ones are distributions.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, PlainSerializer, PrivateAttr, ValidationInfo, model_validator

from drsim.catalogue import Catalogue, load_catalogue
from drsim.distributions import Constant
from drsim.errors import Problem
from drsim.ranges import WHOLE
from drsim.scenario.dates import Day, Moment
from drsim.scenario.names import (
    AccountId,
    AccountName,
    Name,
    Tags,
    Text,
    Title,
    TypeName,
    TypeOrAll,
    VaultName,
    catalogue_of,
)
from drsim.scenario.nodes import Loc, Plain
from drsim.scenario.objectives import Objectives
from drsim.scenario.overrides import Overrides
from drsim.scenario.places import Places, nearest_place
from drsim.scenario.planning import Planning
from drsim.scenario.plans import BackupPlan, Record, Strategy, Vault
from drsim.scenario.quantities import (
    ChangeRate,
    Drills,
    Duration,
    Flag,
    Growth,
    Horizon,
    Jobs,
    Members,
    Money,
    MoneyRate,
    Objects,
    PriceFactor,
    Priority,
    Rate,
    Seed,
    Size,
    UncertainDuration,
    UncertainFraction,
    YearlyRate,
)
from drsim.scenario.selectors import SelectorText
from drsim.units import MINUTE_S, YEAR_S

UNRANKED = 100
"""Priority of an application that names none: after those that do."""


ON_PREMISES = "on-premises"
"""What stands for the Region of a site that lies in none."""


class Site(Record):
    """A place where resources and vaults live: a Region and an account; or one's own premises, behind an uplink."""

    region: str
    """Region of AWS, such as us-east-1, by the catalogue's list; a new one with `region_like`."""
    account: AccountName
    """Name of the account; accounts of one name are one account."""
    zone: str | None = None
    """Availability Zone of resources in one zone; left out, drawn each drill."""
    account_id: AccountId | None = None
    """The account's number, which joins the site with the ARNs of plan documents."""
    region_like: str | None = None
    """Region whose prices and rates hold where the catalogue has none for `region`; admits a Region that is new."""
    on_premises: Flag = Field(default=False, alias="on-premises")
    """Whether it lies in no Region but on one's own premises: virtual machines and Storage Gateway stand there."""
    uplink: Rate | None = None
    """What the line between the premises and AWS carries; the backups and restores of what stands there share it."""

    @model_validator(mode="before")
    @classmethod
    def _in_no_region(cls, data: object) -> object:
        """Name what stands for the Region of a site on premises, which needs none."""
        if isinstance(data, Mapping) and data.get("on-premises", data.get("on_premises")) is True:
            return {"region": ON_PREMISES, **data}
        return data


class Step(Record):
    """A recovery step without data: network from code, identity, DNS."""

    duration: UncertainDuration
    """Time that the step takes."""
    after: tuple[str, ...] = ()
    """Resources and steps of the application that come first."""
    when: Literal["elsewhere", "always"] = "elsewhere"
    """Needed only where the application is rebuilt at another site, or always."""


class Resource(Record):
    """A resource that holds data or serves."""

    type: TypeName
    """Resource type, a name or alias of the catalogue."""
    size: Size
    """Stored bytes of one member."""
    change_rate: ChangeRate | None = None
    """Distinct bytes changed within one day, a share or a size a day; left out, the catalogue's for the type."""
    objects: Objects | None = None
    """Number of objects or files of one member, a whole one, where the number counts."""
    namespaces: Members | None = None
    """Namespaces of one member that are backed up, by which EKS is billed; left out, the catalogue's estimate."""
    count: Members = 1
    """Alike members, each with jobs, draws and cost of its own."""
    needs: Members | None = None
    """With how many members it is usable; left out, with all of them."""
    deployment: Literal["single-az", "multi-az", "regional"] | None = None
    """How it is spread over zones; left out, the catalogue's for the type."""
    options: tuple[str, ...] = ()
    """What is otherwise for it than for its type, by names of the catalogue: see `drsim catalogue TYPE`."""
    tiering_down: Duration | None = None
    """Age at which data of S3 backups move to the low-cost warm tier, 60 d or more; left out, never."""
    stateless: Flag = False
    """Whether it has no data to lose: its recovery is a launch."""
    instance: str | None = None
    """Instance type, which prices a standby."""
    compute_cost: MoneyRate | None = None
    """Cost of running it, instead of an instance type's."""
    provisioned: Size | None = None
    """Storage provisioned for it, where it is more than what is stored."""
    growth: Growth | None = None
    """Growth of its size a year."""
    write_rate: Rate | None = None
    """Bytes written a second, by which replication is billed; left out, what changes in a day."""
    key: Name | None = None
    """KMS key under which it lies; left out, a loss of any key that a vault beside it names strikes it."""
    tested: Flag = False
    """Whether restores of it are tested, which makes a useless recovery point rarer."""
    after: tuple[str, ...] = ()
    """Resources and steps of the application that recover first."""
    overrides: Overrides = Field(default_factory=dict)
    """Catalogue values replaced for this resource."""
    nested: dict[Name, Resource] = Field(default_factory=dict)
    """Resources of a CloudFormation stack."""
    tags: Tags = Field(default_factory=dict)
    """Tags by key, for selectors; those of its application and stack are its own too, unless it has the key."""


class Application(Record):
    """What is to be recovered: resources that serve together."""

    site: str
    """Site where it runs."""
    objectives: Objectives = Objectives()
    """What is wanted of its recovery."""
    downtime_cost: MoneyRate | None = None
    """Cost of downtime."""
    data_loss_cost: MoneyRate | None = None
    """Cost of lost data, by the time it spans."""
    unrecoverable_cost: Money | None = None
    """Cost of losing everything; left out, the expected yearly loss is unpriced."""
    rebuild: UncertainDuration | None = None
    """How long the business is down when its data are lost for good; left out, the catalogue's, for money alone."""
    priority: Priority = UNRANKED
    """Order of restores, 1 first; an application that names none comes after those that do."""
    act_after: Duration = 0.0
    """Wait for the end of an outage before a recovery starts."""
    loss_tolerance: Duration = 5 * MINUTE_S
    """By how much an option may lose more than the least and still be taken for being quicker."""
    recover_at: str | None = None
    """Site of the recovery where its own is not usable; left out, the standby's, else where the point lies."""
    resources: dict[Name, Resource] = Field(default_factory=dict)
    """Its resources."""
    steps: dict[Name, Step] = Field(default_factory=dict)
    """Recovery steps without data."""
    after: tuple[str, ...] = ()
    """Applications that recover first, where the same disruption struck them."""
    requires: tuple[str, ...] = ()
    """Applications without which this one is down; they recover first."""
    tags: Tags = Field(default_factory=dict)
    """Tags by key, for selectors; its resources have them too."""

    @property
    def waits_for(self) -> tuple[str, ...]:
        """Applications that recover before this one: those it comes after and those it requires, each once."""
        return tuple(dict.fromkeys((*self.after, *self.requires)))


class Disruption(Record):
    """Something that strikes; what is left out comes from the catalogue."""

    kind: str
    """Kind of disruption, a name of the catalogue."""
    target: SelectorText | None = None
    """Selector of the resources it may strike; left out, all."""
    site: str | None = None
    """Site whose zone, Region or account it strikes; left out, each that holds targets is struck alone."""
    zone: str | None = None
    """Zone struck by a zone outage; left out, each zone of the Region in turn."""
    service: TypeName | None = None
    """Resource type struck by a service outage; left out, each that targets are of is struck alone."""
    key: Name | None = None
    """Key that a key loss strikes; left out, each under which targets lie is struck alone."""
    rate: YearlyRate | None = None
    """Events a year of each unit that the kind counts by; left out, the catalogue's."""
    total_rate: YearlyRate | None = None
    """Events a year of all units together, instead of `rate`."""
    deletes: Literal["data", "resource"] = "data"
    """What an accidental deletion deletes: data, or the resource itself with what its service deletes with it."""
    duration: UncertainDuration | None = None
    """Time until an outage ends by itself."""
    dwell: UncertainDuration | None = None
    """Time between contamination and the stop of service."""
    backups_attacked: UncertainFraction | None = None
    """Probability that the backups in reach are destroyed too."""
    impairs: dict[Literal["launches", "capacity", "copies"], UncertainFraction] | None = None
    """Probabilities that steps of these kinds wait until the outage ends; of kinds that never end ignored."""


_ZERO = Constant(0.0)


class Response(Record):
    """Human and traffic steps of every recovery."""

    detect: UncertainDuration = _ZERO
    """Time until the disruption is noticed."""
    declare: UncertainDuration = _ZERO
    """Time until recovery is decided."""
    inspection: UncertainDuration = Field(default=_ZERO, alias="inspect")
    """Time to restore one point in isolation and see that it is infected; left out, people know which are clean."""
    validation: UncertainDuration = Field(default=_ZERO, alias="validate")
    """Time to validate an application after its last resource."""
    redirection: UncertainDuration = Field(default=_ZERO, alias="redirect")
    """Time to redirect traffic to it."""


def _limits(value: object) -> object:
    """Return a limit as a mapping; None in it means unlimited."""
    if value is None:
        return None
    limits = value if isinstance(value, Mapping) else {"*": value}
    return {key: None if limit == "unlimited" else limit for key, limit in limits.items()}


def _write_limits(value: Mapping[str, int | None]) -> dict[str, int | str]:
    return {key: "unlimited" if limit is None else limit for key, limit in value.items()}


Limit = Annotated[
    dict[TypeOrAll, Jobs | None] | None,
    BeforeValidator(_limits),
    PlainSerializer(_write_limits, return_type=dict[str, int | str], when_used="json-unless-none"),
]
_LIMIT_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "integer", "minimum": int(WHOLE["jobs"].least), "maximum": int(WHOLE["jobs"].most)},
        {"const": "unlimited"},
        {"type": "object", "additionalProperties": {"type": ["integer", "string"]}},
    ]
}


class Limits(Record):
    """Concurrent jobs. None is the catalogue's default; in a mapping, None is unlimited."""

    backup_jobs: Limit = Field(default=None, json_schema_extra=_LIMIT_SCHEMA)
    """Backup jobs: for all, or by `"*"` and type."""
    copy_jobs: Limit = Field(default=None, json_schema_extra=_LIMIT_SCHEMA)
    """Copy jobs: for all, or by `"*"`, type and `to:<site>`."""
    restore_jobs: Limit = Field(default=None, json_schema_extra=_LIMIT_SCHEMA)
    """Restore jobs: for all, or by `"*"`, type and `to:<site>`."""
    archive_restores: Limit = Field(default=None, json_schema_extra=_LIMIT_SCHEMA)
    """Restores from the archive, each a restore job, too: for all, or by `"*"`, type and `to:<site>`."""
    jobs_per_resource: Limit = Field(default=None, json_schema_extra=_LIMIT_SCHEMA)
    """Backup and copy jobs of one resource: for all, or by `"*"` and type."""


class Prices(Record):
    """Prices to use."""

    catalogue: str | None = None
    """Name of a price list; left out, the shipped one."""
    regions: dict[str, dict[str, str | float | dict[str, str | float]]] = Field(default_factory=dict)
    """Prices replaced: Region (`from>to` for transfers, `*` for all) to item to price, or to subject to price.

    `{like: us-east-1, factor: 1.1}` takes all prices of another Region, times a number that may be left out."""
    per_backup: Money | None = None
    """Price of every backup job."""
    like: str | None = None
    """Region whose prices are taken where the list has none for a Region; left out, they are estimated."""
    factor: PriceFactor | None = None
    """By what the prices of `like` are multiplied; 1 if left out."""


class Scenario(Record):
    """An estate, ways to protect it, and what may strike it."""

    name: Title = ""
    """Name shown in reports; left out, the file's."""
    description: Text = ""
    """What the scenario is about."""
    start: Moment = datetime(2026, 1, 1, tzinfo=UTC)
    """Begin of the horizon, UTC."""
    horizon: Horizon = YEAR_S
    """Span in which drills strike, 1 h to 100 y."""
    warm_up: Duration | None = None
    """Time that the plans have run at `start`; left out, as long as the oldest point is kept, for ever being a year."""
    as_of: Day | None = None
    """Date as of which AWS's capabilities are taken; left out, the newest known."""
    drills: Drills = 2000
    """Drills of each disruption under each strategy."""
    seed: Seed = 1
    """Seed of all draws."""
    sites: dict[Name, Site] = Field(min_length=1)
    """Places where resources and vaults live."""
    vaults: dict[VaultName, Vault] = Field(default_factory=dict)
    """Backup vaults."""
    applications: dict[Name, Application] = Field(min_length=1)
    """What is to be recovered."""
    backup_plans: dict[str, BackupPlan] = Field(default_factory=dict)
    """Backup plans, which strategies use."""
    strategies: dict[str, Strategy] = Field(min_length=1)
    """Ways to protect, compared with each other."""
    disruptions: dict[str, Disruption] = Field(min_length=1)
    """What strikes."""
    response: Response = Response()
    """Human and traffic steps."""
    limits: Limits = Limits()
    """Concurrent jobs."""
    overrides: dict[TypeOrAll, Overrides] = Field(default_factory=dict)
    """Catalogue values replaced, by type or `"*"`."""
    prices: Prices = Prices()
    """Prices."""
    planning: Planning = Planning()
    """What `drsim plan` may choose and must reach."""

    _catalogue: Catalogue | None = PrivateAttr(default=None)
    _warnings: tuple[Problem, ...] = PrivateAttr(default=())
    _written: dict[str, Plain] | None = PrivateAttr(default=None)
    _places: Places = PrivateAttr(default_factory=dict)

    @model_validator(mode="after")
    def _keep_catalogue(self, info: ValidationInfo) -> Self:
        self._catalogue = catalogue_of(info)
        return self

    @property
    def catalogue(self) -> Catalogue:
        """What it was read with: resource types, disruptions, quotas, prices."""
        return self._catalogue or load_catalogue()

    @property
    def region_likes(self) -> dict[str, str]:
        """The Regions that are said to be like another one, with that one."""
        return {site.region: site.region_like for site in self.sites.values() if site.region_like is not None}

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What AWS accepts and then ignores or suppresses, and what else is worth knowing."""
        return self._warnings

    @property
    def written(self) -> dict[str, Plain] | None:
        """The plain data from which the scenario was read, with plan documents in place; None if it was not read."""
        return self._written

    def place(self, loc: Loc) -> tuple[str, int]:
        """Return file and line of a part, or of the nearest above it; `("", 0)` where it was not read.

        Args:
            loc: the keys that lead to it.
        """
        return nearest_place(self._places, loc)

    def read_from(
        self, written: dict[str, Plain] | None, warnings: tuple[Problem, ...], places: Places | None = None
    ) -> Self:
        """Return the scenario with the data it was read from, the warnings about it, and where its parts stand."""
        result = self.model_copy()
        result._written, result._warnings, result._places = written, warnings, places or {}  # noqa: SLF001  its own
        return result

    def __eq__(self, other: object) -> bool:
        """Whether both say the same, however and wherever it was written."""
        if not isinstance(other, Scenario):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in type(self).model_fields)

    __hash__ = None  # type: ignore[assignment]  # it holds mappings
