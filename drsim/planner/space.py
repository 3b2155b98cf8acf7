"""What a resource may be protected by: every combination of a rule, copies of its points and a native feature.

Only what AWS does for the resource's type on the scenario's day is there: what it would refuse, ignore or suppress is
not worth paying for.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import Any

from drsim.catalogue import ResourceType
from drsim.scenario import BackupPlan, Replication, Scenario, Subject
from drsim.scenario.capabilities import can_copy, has_archive
from drsim.scenario.model import Site
from drsim.scenario.plans import Vault
from drsim.scenario.quantities import READERS
from drsim.scenario.writing import write_quantity
from drsim.units import DAY_S, HOUR_S, format_duration

INTERVALS_S = (HOUR_S, 4 * HOUR_S, 12 * HOUR_S, DAY_S, 7 * DAY_S)
"""Intervals between backups that are tried where a scenario names none [s]."""

MOST_POINTS = 1000
"""Points of one rule in one vault, at most: who wants older ones keeps those of a rule that runs less often."""

RETENTIONS_S = tuple(days * DAY_S for days in (7, 14, 35, 90, 365))
"""Retentions that are tried where a scenario names none [s]."""


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
    """

    every_s: float
    points: Kept
    is_continuous: bool = False
    copies: tuple[Kept, ...] = ()

    def rule(self, number: int) -> dict[str, object]:
        """Return it as scenarios write it; of several rules of a plan no two begin at the same time."""
        rule: dict[str, object] = {
            "rule_name": f"every-{format_duration(self.every_s).replace(' ', '-')}",
            "target_vault": self.points.vault,
            "start_window": _written(HOUR_S),
            "lifecycle": self.points.lifecycle,
            **starts(self.every_s, number),
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
class Protection:
    """How a resource is protected.

    Attributes:
        rules: of its backup plan; none where there are no backups.
        feature: the service's own protection and the site that it goes to, which is empty where it stays; None for
            none.
    """

    rules: tuple[Backups, ...] = ()
    feature: tuple[str, str] | None = None

    @property
    def plan(self) -> BackupPlan | None:
        """The backup plan; None where there are no backups."""
        if not self.rules:
            return None
        return BackupPlan.model_validate({"rules": [rule.rule(k) for k, rule in enumerate(self.rules)]})

    @property
    def replication(self) -> Replication | None:
        """The feature, as strategies have it; None for none."""
        if self.feature is None:
            return None
        name, to = self.feature
        return Replication.model_validate({"feature": name, **({"to": to} if to else {})})

    @property
    def words(self) -> str:
        """What it is, in words."""
        said = [rule.words for rule in self.rules]
        if self.feature is not None:
            name, to = self.feature
            said.append(f"{name} to {to}" if to else name)
        return "; ".join(said) or "nothing"


MONTH_S = 30 * DAY_S
"""Stands for once a month."""


def starts(every_s: float, number: int = 0) -> dict[str, object]:
    """Return the schedule of a rule that runs at an interval [s]: as AWS writes it where it can.

    Args:
        every_s: between two runs.
        number: of the rule in its plan; later ones begin so that their windows of an hour meet none before.
    """
    hours, rest = divmod(every_s, HOUR_S)
    hour = (5 + 22 * number) % 24
    if not rest and hours < 24 and 24 % hours == 0:
        return {"schedule": f"cron(0 0/{hours:.0f} ? * * *)" if hours > 1 else "cron(0 * ? * * *)"}
    if every_s == DAY_S:
        return {"schedule": f"cron(0 {hour} ? * * *)"}
    if every_s == 7 * DAY_S:
        return {"schedule": f"cron(0 {hour} ? * 1 *)"}
    if every_s == MONTH_S:
        return {"schedule": f"cron(0 {hour} 1 * ? *)"}
    return {"every": _written(every_s)}


@dataclass(frozen=True)
class Space:
    """What may be chosen.

    Attributes:
        intervals_s: between backups [s].
        long_intervals_s: between those of a second rule, which keeps longer [s].
        retentions_s: of points and of copies [s].
        least_kept_s: the shortest retention that is allowed [s].
        vaults: those that may be used, by name.
        has_continuous, has_features, has_cold: whether these may be chosen.
        most_copies: of one point.
        avoid: features that may not be chosen.
    """

    vaults: dict[str, Vault]
    intervals_s: tuple[float, ...] = INTERVALS_S
    long_intervals_s: tuple[float, ...] = (MONTH_S,)
    retentions_s: tuple[float, ...] = RETENTIONS_S
    least_kept_s: float = 0.0
    has_continuous: bool = True
    has_features: bool = True
    has_cold: bool = True
    most_copies: int = 2
    avoid: frozenset[str] = frozenset()


class Choices:
    """What a resource may be protected by.

    Args:
        scenario: a right one.
        subject: the resource.
        space: what may be chosen.
    """

    def __init__(self, scenario: Scenario, subject: Subject, space: Space) -> None:
        self._scenario, self._subject, self._space = scenario, subject, space
        self._rules = scenario.catalogue.rules
        self._kind: ResourceType = scenario.catalogue.types[subject.resource.type]
        self._home = scenario.sites[scenario.applications[subject.application].site]

    def parts_of(self, protection: Protection) -> tuple[Protection, ...]:
        """Return the protections by one thing each that a protection is made of.

        These are the points of each rule, each copy of a rule with the points of the least rule that could make it, and
        the feature. Whatever the protection recovers from in a drill, one of them recovers from.
        """
        parts = [Protection((part,)) for rule in protection.rules for part in self._parts_of(rule)]
        return (*parts, *([] if protection.feature is None else [Protection(feature=protection.feature)]))

    def _parts_of(self, rule: Backups) -> Iterator[Backups]:
        yield replace(rule, copies=())
        for copy in rule.copies:
            yield Backups(rule.every_s, Kept(rule.points.vault, self._shortest_s(rule)), copies=(copy,))

    def _shortest_s(self, rule: Backups) -> float:
        retentions = self._retentions(self._space.vaults[rule.points.vault])
        return min(kept_s for kept_s in retentions if kept_s >= rule.every_s)

    def without_copies(self, part: Protection) -> Protection | None:
        """Return a part that is a copy as the rule that makes it, without it; None for any other part."""
        (rule,) = part.rules or (None,)
        return Protection((replace(rule, copies=()),)) if rule is not None and rule.copies else None

    def all(self) -> Iterator[Protection]:
        """Yield every protection, nothing first."""
        features = [None, *self._features()]
        yield from (Protection(feature=feature) for feature in features)
        longs = [None, *self._with_copies(self._points(self._space.long_intervals_s, is_continuous=False), 1)]
        firsts = self._points(self._space.intervals_s, is_continuous=True)
        for rule, long in product(self._with_copies(firsts, self._space.most_copies), longs):
            if long is None or long.points.kept_s > rule.points.kept_s:
                rules = (rule,) if long is None else (rule, long)
                yield from (Protection(rules, feature) for feature in features)

    def _points(self, intervals_s: Sequence[float], *, is_continuous: bool) -> Iterator[Backups]:
        """Yield the rules without copies."""
        if self._subject.resource.stateless:
            return
        for vault, lock in self._vaults_at_home():
            for every_s, kept_s in product(intervals_s, self._retentions(lock)):
                if every_s <= kept_s <= MOST_POINTS * every_s:
                    for cold_s in self._cold(every_s, kept_s):
                        yield Backups(every_s, Kept(vault, kept_s, cold_s))
                    if is_continuous and kept_s <= self._rules.continuous_maximum.value and self._is_continuous():
                        yield Backups(every_s, Kept(vault, kept_s), is_continuous=True)

    def _with_copies(self, rules: Iterator[Backups], most: int) -> Iterator[Backups]:
        """Yield rules with every set of copies, none first."""
        for rule in rules:
            copies = list(self._copies(rule))
            for number in range(most + 1):
                for chosen in combinations(copies, number):
                    if len({copy.vault for copy in chosen}) == number:
                        yield replace(rule, copies=chosen)

    def _copies(self, points: Backups) -> Iterator[Kept]:
        """Yield the copies that AWS makes of the points of a rule."""
        source = self._site_of(points.points.vault)
        for name, vault in self._space.vaults.items():
            target = self._site_of(name)
            beside = target.region == source.region and target.account == source.account
            if name == points.points.vault or (beside and vault.lock == "none"):
                continue
            if can_copy(self._kind, source, target, vault.lock, self._scenario.as_of) is True:
                for kept_s in self._retentions(vault):
                    if points.every_s <= kept_s <= MOST_POINTS * points.every_s:
                        yield from (Kept(name, kept_s, cold_s) for cold_s in self._cold(points.every_s, kept_s))

    def _features(self) -> Iterator[tuple[str, str]]:
        """Yield the service's own protections, each with the sites that it may go to."""
        if not self._space.has_features or self._subject.resource.stateless:
            return
        home = self._scenario.applications[self._subject.application].site
        for name, feature in self._kind.replication.items():
            if name not in self._space.avoid:
                if feature.scope != "other-site":
                    yield name, ""
                if feature.scope != "same-site":
                    yield from (
                        (name, site) for site, at in self._scenario.sites.items() if self._is_apart(site, at, home)
                    )

    def _is_apart(self, name: str, site: Site, home: str) -> bool:
        return name != home and site.region != self._home.region and site.account == self._home.account

    def _vaults_at_home(self) -> Iterator[tuple[str, Vault]]:
        for name, vault in self._space.vaults.items():
            there = self._site_of(name)
            if there.region == self._home.region and there.account == self._home.account and vault.lock != "air-gapped":
                yield name, vault

    def _site_of(self, vault: str) -> Site:
        site = self._space.vaults[vault].site
        return self._home if site is None else self._scenario.sites[site]

    def _retentions(self, vault: Vault) -> Sequence[float]:
        low_s, high_s = vault.retentions(self._rules.air_gapped_minimum.value)
        low_s = max(low_s, self._space.least_kept_s)
        return [kept_s for kept_s in self._space.retentions_s if low_s <= kept_s <= high_s]

    def _cold(self, every_s: float, kept_s: float) -> Iterator[float]:
        """Yield the ages at which points may move to cold storage: never, and as early as it pays."""
        yield math.inf
        kind, on = self._kind, self._scenario.as_of
        if not self._space.has_cold or kind.can("cold-storage", on) is not True or has_archive(kind, on):
            return
        warm_s = max(self._rules.warm_minimum.value, every_s)
        if kept_s >= self._rules.cold_minimum.value + warm_s:
            yield warm_s

    def _is_continuous(self) -> bool:
        return self._space.has_continuous and self._kind.can("continuous", self._scenario.as_of) is True


def protected(scenario: Scenario, strategy: str, resource: str, protection: Protection) -> Scenario:
    """Return a scenario in which a strategy protects one resource, and nothing else.

    Args:
        scenario: a right one, with the vaults that the protection uses.
        strategy: its name.
        resource: its name.
        protection: of the resource.
    """
    plan, use = protection.plan, protection.replication
    written = scenario.strategies[strategy].model_copy(
        update={
            "backup": () if plan is None else ((resource, ("planned",)),),
            "replication": {} if use is None else {resource: use},
        }
    )
    plans = {} if plan is None else {"planned": plan}
    return scenario.model_copy(update={"backup_plans": plans, "strategies": {strategy: written}})
