"""What a user writes about planning: what a plan may choose, what it must reach, and how it is searched for."""

from __future__ import annotations

from pydantic import Field

from drsim.scenario.plans import Record
from drsim.scenario.quantities import Drills, Duration, Flag, Fraction, MoneyRate, Seed
from drsim.scenario.selectors import SelectorText

Allowed = Flag | tuple[str, ...]
"""All, none, or those named."""


class Planning(Record):
    """What `drsim plan` may choose and must reach; each key may be left out."""

    disruptions: tuple[str, ...] | None = None
    """Disruptions to be met; left out, all under which an application has objectives."""
    attainment: Fraction | None = None
    """Share of incidents that is to meet the objectives, in place of every application's."""
    baseline: str | None = None
    """Strategy to compare with; left out, the first."""
    keep: tuple[SelectorText, ...] = ()
    """Selectors of what stays protected as in the baseline."""
    intervals: tuple[Duration, ...] | None = Field(default=None, min_length=1)
    """Times between backups that may be chosen."""
    retentions: tuple[Duration, ...] | None = Field(default=None, min_length=1)
    """Retentions that may be chosen."""
    minimum_retention: Duration = 0.0
    """How long everything is kept at least."""
    vaults: tuple[str, ...] | None = None
    """Vaults that may be used; left out, those declared."""
    new_vaults: Flag = True
    """Whether vaults may be proposed that are not declared."""
    regions: tuple[str, ...] | None = None
    """Regions in which points may lie; left out, those of the sites."""
    accounts: tuple[str, ...] | None = None
    """Accounts in which points may lie; left out, those of the sites."""
    locks: Allowed = True
    """Vault locks that may be chosen."""
    continuous: Allowed = True
    """Types that may be protected continuously."""
    replication: Allowed = True
    """Features of services that may be chosen."""
    standby: Allowed = True
    """Modes of standby that may be chosen."""
    cold: Allowed = True
    """Types whose points may move to cold storage."""
    avoid: tuple[str, ...] = ()
    """Features that may not be chosen."""
    plan_price: MoneyRate = 0.0
    """What each backup plan costs in people's time; stated apart from the bill."""
    drills: Drills = 500
    """Drills of each disruption by which plans are compared."""
    confirm_drills: Drills = 2000
    """Drills of each disruption by which the plan is confirmed."""
    seeds: tuple[Seed, ...] | None = Field(default=None, min_length=1)
    """Seeds by which it is confirmed; left out, the one after the scenario's."""
