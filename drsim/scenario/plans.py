"""What a user writes about protection: vaults, backup plans, rules, copy actions, strategies."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)

from drsim.distributions import Constant
from drsim.scenario.names import Name, RuleName
from drsim.scenario.overrides import Overrides
from drsim.scenario.quantities import Duration, Flag, Fraction, UncertainDuration
from drsim.scenario.selectors import SelectorText, applying, excludes, nearest
from drsim.units import DAY_S, HOUR_S

DEFAULT_SCHEDULE = "cron(0 5 ? * * *)"
"""AWS Backup's schedule for a rule without one. Source: API reference, BackupRuleInput."""
START_WINDOW_S = 8 * HOUR_S
"""Within which a job of a rule starts that names no window [s]. Source: the same."""
COMPLETION_WINDOW_S = 7 * DAY_S
"""Within which a job of a rule completes that names no window [s]. Source: the same."""
RETENTIONS_S = tuple(k * DAY_S for k in (1, 2, 7, 14, 30, 35, 60, 90, 120, 180, 365, 730, 2555))
"""Retentions that people choose [s]."""
USUAL_RETENTION_S = 35 * DAY_S
"""The one of these that is offered where none is meant [s]."""


class Record(BaseModel):
    """Base of everything a user writes: frozen, and closed to keys that nobody reads."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, populate_by_name=True, use_attribute_docstrings=True
    )


class Vault(Record):
    """A backup vault."""

    site: str | None = None
    """Site of the vault. Left out, the vault exists at the site of each resource that uses it."""
    lock: Literal["none", "governance", "compliance", "air-gapped"] = "none"
    """Vault lock: governance can be removed by privileged users, compliance and air-gapped cannot."""
    key: Name | None = None
    """KMS key under which its points lie; left out, one that is not lost."""
    min_retention: Duration | None = None
    """Shortest retention that the lock accepts; jobs with a shorter one fail."""
    max_retention: Duration | None = None
    """Longest retention that the lock accepts; jobs with a longer one fail."""

    def retentions(self, air_gapped_s: float) -> tuple[float, float]:
        """Return the shortest and the longest retention of which jobs do not fail [s]; inf for any.

        Args:
            air_gapped_s: the shortest that an air-gapped vault takes which names none [s].
        """
        if self.lock == "none":
            return 0.0, math.inf
        least_s = air_gapped_s if self.lock == "air-gapped" else 0.0
        return self.min_retention or least_s, math.inf if self.max_retention is None else self.max_retention


class Lifecycle(Record):
    """How long a recovery point is kept, counted from the start of its backup job."""

    cold_storage_after: Duration | None = None
    """Age at which points move to cold storage; left out, never."""
    delete_after: Duration | None = None
    """Age at which points expire; left out, never."""
    opt_in_to_archive: Flag = False
    """Whether EBS points may move to the archive, which takes rules whose starts are never less than 28 d apart."""
    delete_after_event: Literal["copy"] | None = None
    """`copy`: a point goes as soon as all its copies are completed; copies of copies have events of their own."""


class Scan(Record):
    """A malware scan of each recovery point of a rule, by Amazon GuardDuty."""

    mode: Literal["incremental", "full"] = "incremental"
    """What each scan reads: what has changed since the point before, or all of the data."""


def _as_scan(value: object) -> object:
    """Return what a rule says of scans as a scan; true is one with its defaults, false none."""
    return {True: {}, False: None}[value] if isinstance(value, bool) else value


class CopyAction(Record):
    """A copy of each recovery point of a rule, or of another copy, into another vault."""

    destination_vault: str
    """Vault that receives the copies."""
    lifecycle: Lifecycle | None = None
    """Lifecycle of the copies; left out, that of the points copied. Given, what it leaves out is never."""
    then: tuple[CopyAction, ...] = ()
    """Copy actions that copy these copies on."""
    age: Duration | None = None
    """How far back copies that are kept for ever reach at `start`; left out, a year."""
    completion_duration: Duration | None = None
    """Time within which a copy is to be completed, for EBS volumes; left out, copies are made as soon as may be."""
    delay: UncertainDuration = Constant(0.0)
    """Wait between the end of the source's job and the moment when the copy is queued."""
    overrides: Overrides = Field(default_factory=dict)
    """Catalogue values replaced for this copy alone, not for those in `then`."""


class Rule(Record):
    """One rule of a backup plan."""

    rule_name: RuleName
    """Name of the rule, once in its plan."""
    target_vault: str
    """Vault that receives the recovery points."""
    target_air_gapped_vault: str | None = None
    """Air-gapped vault, the primary target; what it does not take at once lies in `target_vault` until it is copied."""
    schedule: str | None = None
    """AWS cron expression. Left out without `every`, daily at 05:00."""
    every: Duration | None = None
    """Interval between runs, for what-if: runs fall on start + k × every."""
    schedule_timezone: str = "UTC"
    """Time zone of `schedule`."""
    start_window: Duration = START_WINDOW_S
    """A job that has not started within it is EXPIRED."""
    completion_window: Duration = COMPLETION_WINDOW_S
    """A job that has not completed within it, counted from its start, is aborted."""
    enable_continuous_backup: Flag = False
    """Whether types that can are protected continuously; others get snapshots at the schedule."""
    lifecycle: Lifecycle = Lifecycle()
    """Lifecycle of the recovery points."""
    age: Duration | None = None
    """How far back points that are kept for ever reach at `start`; left out, a year."""
    copy_actions: tuple[CopyAction, ...] = ()
    """Copies made of each recovery point."""
    scan: Annotated[Scan | None, BeforeValidator(_as_scan, json_schema_input_type=bool | Scan | None)] = None
    """Whether GuardDuty scans each recovery point for malware: `true`, or the `mode`. Types that can: EBS, EC2, S3."""
    overrides: Overrides = Field(default_factory=dict)
    """Catalogue values replaced for this rule's jobs."""

    @model_validator(mode="before")
    @classmethod
    def _default_schedule(cls, data: object) -> object:
        if isinstance(data, Mapping) and data.get("schedule") is None and data.get("every") is None:
            return {**data, "schedule": DEFAULT_SCHEDULE}
        return data


class BackupPlan(Record):
    """A backup plan: rules, or the file that holds them."""

    rules: tuple[Rule, ...] = Field(min_length=1)
    """The rules."""
    file: str | None = Field(default=None, exclude=True)
    """Path, from the scenario file, of a document as `aws backup get-backup-plan` prints it, instead of `rules`."""

    def __eq__(self, other: object) -> bool:
        """Whether both have the same rules, wherever these were read."""
        return self.rules == other.rules if isinstance(other, BackupPlan) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # overrides are mappings


class Replication(Record):
    """A native feature that protects a resource outside AWS Backup."""

    feature: str
    """Name of a feature that the catalogue lists for the resource's type."""
    to: str | None = None
    """Site that receives the data; left out for features that stay at the resource's site."""
    retention: Duration | None = None
    """How far back a point-in-time feature reaches; left out, the catalogue's default."""
    retained_on_delete: Flag | None = None
    """Whether it outlives the deletion of its resource; left out, the catalogue's default."""


class Standby(Record):
    """What runs at another site before anything happens."""

    mode: Literal["backup-and-restore", "pilot-light", "warm-standby", "multi-site"]
    """What runs there: nothing, the data stores, a small copy of all, a full copy of all."""
    site: str
    """Site of the standby."""
    capacity: Fraction = 0.25
    """Share of the servers that runs in a warm standby."""


def _as_pairs(value: object) -> object:
    """Return a strategy's backup as pairs of a selector and its plans, from any form that may be written."""
    if isinstance(value, str):
        return (("*", (value,)),)
    if isinstance(value, Mapping):
        return tuple((s, _plans(s, plans)) for s, plans in value.items())
    if isinstance(value, list):
        return (("*", tuple(value)),)
    return value


def _plans(selector: object, plans: object) -> object:
    """Return what stands beside a selector as a list of plans; nothing is none where the selector excludes."""
    if plans is None and isinstance(selector, str) and excludes(selector):
        return ()
    return (plans,) if isinstance(plans, str) else plans


def _as_mapping(pairs: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, list[str]]:
    written: dict[str, list[str]] = {}
    for selector, plans in pairs:
        written.setdefault(selector, []).extend(plans)
    return written


NOTHING = {"anyOf": [{"type": "array", "maxItems": 0}, {"type": "null"}]}
"""The JSON schema of what stands beside a selector that excludes."""

Selections = Annotated[
    tuple[tuple[SelectorText, tuple[str, ...]], ...],
    BeforeValidator(_as_pairs),
    PlainSerializer(_as_mapping, return_type=dict[str, list[str]], when_used="json"),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {"type": "array", "items": {"type": "string"}},
                {
                    "type": "object",
                    "patternProperties": {"^!": NOTHING},
                    "additionalProperties": {
                        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]
                    },
                },
            ]
        }
    ),
]


def _feature(value: object) -> object:
    """Return None for what says that there is no replication."""
    return None if value in ([], {}) else value


Features = Annotated[
    dict[
        SelectorText,
        Annotated[
            Replication | None,
            BeforeValidator(_feature),
            PlainSerializer(lambda use: [] if use is None else use, when_used="json"),
        ],
    ],
    Field(json_schema_extra={"patternProperties": {"^!": NOTHING}}),
]
"""Replication by selector; None beside those that exclude."""


class Strategy(Record):
    """One way to protect everything; strategies are compared with each other."""

    backup: Selections = ()
    """A plan for all, or a mapping of selectors to a plan or a list of plans, `[]` for none; all that match apply.

    Selectors: `*`, `type:RDS`, `tag:team=payments`, `app.*`, `app.resource`, and each with `!` before it, in quotes,
    which excludes what it selects."""
    replication: Features = Field(default_factory=dict)
    """Selectors to replication features; the nearest selector wins, and `!` before one excludes what it selects."""
    standby: dict[str, Standby] = Field(default_factory=dict)
    """Applications to their standby."""

    def plans_of(self, subject: str, type_name: str, tags: Mapping[str, str]) -> dict[str, None]:
        """Return the plans that select a resource, each once, in the order written.

        Args:
            subject: its name, `app.resource`.
            type_name: its type, by the catalogue's name.
            tags: its tags.
        """
        chosen = applying((selector for selector, _ in self.backup), subject, type_name, tags)
        return dict.fromkeys(plan for selector, plans in self.backup if selector in chosen for plan in plans)

    def feature_of(self, subject: str, type_name: str, tags: Mapping[str, str]) -> str | None:
        """Return the selector whose replication feature a resource has; None where none gives it any.

        Args:
            subject: as for `plans_of`.
            type_name: likewise.
            tags: likewise.
        """
        giving = [key for key, use in self.replication.items() if use is not None or excludes(key)]
        return nearest(giving, subject, type_name, tags)

    @property
    def features(self) -> dict[str, Replication]:
        """The replication by selector, without what excludes."""
        return {key: use for key, use in self.replication.items() if use is not None and not excludes(key)}


def copies(actions: tuple[CopyAction, ...]) -> Iterator[tuple[tuple[str | int, ...], CopyAction]]:
    """Yield every copy action with its place below the rule, chained ones after what they copy."""
    for i, action in enumerate(actions):
        yield (i,), action
        for place, chained in copies(action.then):
            yield (i, "then", *place), chained
