"""How a resource may be protected: rules, copies, a native feature and the standby of its application."""

from __future__ import annotations

import math
from dataclasses import dataclass

from drsim.scenario import BackupPlan, Replication, Standby
from drsim.scenario.quantities import READERS
from drsim.scenario.writing import write_quantity
from drsim.units import DAY_S, HOUR_S, format_duration


@dataclass(frozen=True, order=True)
class Kept:
    """Points in a vault.

    Attributes:
        vault: its name.
        kept_s: for how long [s]; infinite for ever.
        cold_s: the age at which they move to cold storage [s]; infinite for never.
    """

    vault: str
    kept_s: float
    cold_s: float = math.inf

    @property
    def lifecycle(self) -> dict[str, object]:
        """As scenarios write it."""
        ages = {"delete_after": self.kept_s, "cold_storage_after": self.cold_s}
        return {key: _written(age) for key, age in ages.items() if math.isfinite(age)}

    @property
    def words(self) -> str:
        """What it is, in words."""
        cold = f", cold after {format_duration(self.cold_s)}" if math.isfinite(self.cold_s) else ""
        span = format_duration(self.kept_s) if math.isfinite(self.kept_s) else "ever"
        return f"{self.vault} for {span}{cold}"


def _written(duration_s: float) -> str | float:
    return write_quantity("duration", duration_s, READERS["duration"])


@dataclass(frozen=True, order=True)
class Backups:
    """One rule.

    Attributes:
        every_s: between two backups [s].
        points: where they are made and how long they are kept.
        is_continuous: whether the rule is continuous where the type can be.
        copies: of each point.
        is_second: whether it stands beside another rule of the same plan, and begins at another time, even alone.
    """

    every_s: float
    points: Kept
    is_continuous: bool = False
    copies: tuple[Kept, ...] = ()
    is_second: bool = False

    @property
    def vaults(self) -> tuple[str, ...]:
        """The vaults in which it keeps points."""
        return (self.points.vault, *(copy.vault for copy in self.copies))

    @property
    def rule(self) -> dict[str, object]:
        """It, as scenarios write it."""
        rule: dict[str, object] = {
            "rule_name": f"every-{format_duration(self.every_s).replace(' ', '-')}",
            "target_vault": self.points.vault,
            "start_window": _written(HOUR_S),
            "lifecycle": self.points.lifecycle,
            **starts(self.every_s, is_second=self.is_second),
        }
        if self.is_continuous:
            rule["enable_continuous_backup"] = True
        if self.copies:
            rule["copy_actions"] = [{"destination_vault": c.vault, "lifecycle": c.lifecycle} for c in self.copies]
        return rule

    @property
    def words(self) -> str:
        """What it is, in words."""
        how = "continuously and " if self.is_continuous else ""
        said = [f"{how}every {format_duration(self.every_s)} to {self.points.words}"]
        return ", ".join([*said, *(f"copied to {copy.words}" for copy in self.copies)])


@dataclass(frozen=True, order=True)
class Readiness:
    """What of an application runs at another site.

    Attributes:
        mode: as in `drsim.scenario.Standby`.
        site: the other site.
        capacity: the share of the servers that runs in a warm standby.
    """

    mode: str
    site: str
    capacity: float = 0.25

    @classmethod
    def of(cls, standby: Standby | None) -> Readiness | None:
        """Return a standby of a strategy; None for none."""
        return None if standby is None else cls(standby.mode, standby.site, standby.capacity)

    @property
    def standby(self) -> Standby:
        """As strategies have it."""
        return Standby.model_validate({"mode": self.mode, "site": self.site, "capacity": self.capacity})

    @property
    def words(self) -> str:
        """What it is, in words."""
        return f"{self.mode} in {self.site}"


@dataclass(frozen=True)
class Protection:
    """How a resource is protected, and where its application goes.

    Attributes:
        rules: of its backup plan; none where there are no backups.
        feature: the service's own protection and the site that it goes to, which is empty where it stays; None for
            none.
        kept: the strategy in which it is protected so, in place of rules and feature; None where these say it.
        standby: of its application; None for none. All resources of an application have the same.
    """

    rules: tuple[Backups, ...] = ()
    feature: tuple[str, str] | None = None
    kept: str | None = None
    standby: Readiness | None = None

    @property
    def plan(self) -> BackupPlan | None:
        """The backup plan; None where there are no backups, or those of a strategy."""
        if not self.rules:
            return None
        return BackupPlan.model_validate({"rules": [rule.rule for rule in self.rules]})

    @property
    def replication(self) -> Replication | None:
        """The feature, as strategies have it; None for none."""
        if self.feature is None:
            return None
        name, to = self.feature
        return Replication.model_validate({"feature": name, **({"to": to} if to else {})})

    @property
    def words(self) -> str:
        """What it is, in words, its application's standby left aside."""
        if self.kept is not None:
            return f"as in {self.kept}"
        said = [rule.words for rule in self.rules]
        if self.feature is not None:
            name, to = self.feature
            said.append(f"{name} to {to}" if to else name)
        return "; ".join(said) or "nothing"


MONTH_S = 30 * DAY_S
"""Stands for once a month."""


def starts(every_s: float, *, is_second: bool = False) -> dict[str, object]:
    """Return the schedule of a rule that runs at an interval [s]: as AWS writes it where it can.

    Args:
        every_s: between two runs.
        is_second: whether another rule of its plan runs, too: then it begins so that its window of an hour meets none.
    """
    hours, rest = divmod(every_s, HOUR_S)
    hour = 3 if is_second else 5
    if not rest and hours < 24 and 24 % hours == 0:
        return {"schedule": f"cron(0 0/{hours:.0f} ? * * *)" if hours > 1 else "cron(0 * ? * * *)"}
    if every_s == DAY_S:
        return {"schedule": f"cron(0 {hour} ? * * *)"}
    if every_s == 7 * DAY_S:
        return {"schedule": f"cron(0 {hour} ? * 1 *)"}
    if every_s == MONTH_S:
        return {"schedule": f"cron(0 {hour} 1 * ? *)"}
    return {"every": _written(every_s)}
