"""What a resource may be protected by: every combination of a rule, copies of its points and a native feature.

Only what AWS does for the resource's type on the scenario's day is there: what it would refuse, ignore or suppress is
not worth paying for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations, product

from drsim.catalogue import ResourceType
from drsim.planner.protection import MONTH_S, Backups, Kept, Protection, Readiness
from drsim.scenario import Scenario, Subject
from drsim.scenario.capabilities import can_copy, has_archive
from drsim.scenario.model import Site
from drsim.scenario.planning import INTERVALS_S, MOST_POINTS, RETENTIONS_S
from drsim.scenario.plans import Vault

MODES = ("backup-and-restore", "pilot-light", "warm-standby", "multi-site")
"""Modes of standby that are tried where a scenario names none, the cheapest first."""


@dataclass(frozen=True)
class Space:
    """What may be chosen.

    Attributes:
        intervals_s: between backups [s].
        long_intervals_s: between those of a second rule, which keeps longer [s].
        retentions_s: of points and of copies [s].
        least_kept_s: the shortest retention that is allowed [s].
        vaults: those that may be used, by name.
        continuous, cold: names of the types that may be protected continuously, and whose points may move to cold
            storage; None for all.
        features: names of the services' own protections that may be chosen; None for all.
        avoid: those that may not.
        modes: of standby that may be chosen.
        most_copies: of one point.
    """

    vaults: dict[str, Vault]
    intervals_s: tuple[float, ...] = INTERVALS_S
    long_intervals_s: tuple[float, ...] = (MONTH_S,)
    retentions_s: tuple[float, ...] = RETENTIONS_S
    least_kept_s: float = 0.0
    continuous: frozenset[str] | None = None
    cold: frozenset[str] | None = None
    features: frozenset[str] | None = None
    avoid: frozenset[str] = field(default_factory=frozenset)
    modes: tuple[str, ...] = MODES
    most_copies: int = 2


class Choices:
    """What a resource may be protected by, in each standby of its application.

    Args:
        scenario: a right one.
        subject: the resource.
        space: what may be chosen.
        kept: strategies as in which it may stay protected, with the standby of its application in each.
        standbys: that its application may have, none among them.
        is_fixed: whether it stays so, and there is no other choice.
        is_free_in_window: whether points no older than what its continuous protection reaches back are free.
        is_priced: whether all that a feature costs has a price; what has none is not chosen from.

    Attributes:
        standbys, is_fixed: likewise.
    """

    def __init__(
        self,
        scenario: Scenario,
        subject: Subject,
        space: Space,
        kept: Sequence[tuple[str, Readiness | None]] = (),
        standbys: Sequence[Readiness | None] = (None,),
        *,
        is_fixed: bool = False,
        is_free_in_window: bool = False,
        is_priced: Callable[[Protection], bool] = lambda _: True,
    ) -> None:
        self._scenario, self._subject, self._space, self._kept = scenario, subject, space, kept
        self._catalogue_rules = scenario.catalogue.rules
        self._kind: ResourceType = scenario.catalogue.types[subject.resource.type]
        self._home = scenario.sites[scenario.applications[subject.application].site]
        self._companions: dict[Backups, list[Backups]] = {}
        self.standbys, self.is_fixed, self._is_free_in_window = standbys, is_fixed, is_free_in_window
        self._is_priced = is_priced

    def kept(self, standby: Readiness | None) -> list[Protection]:
        """Return the protections of strategies in which its application has a standby."""
        return [Protection(kept=strategy, standby=there) for strategy, there in self._kept if there == standby]

    @cached_property
    def first_rules(self) -> list[Backups]:
        """The rules that may protect it, with their copies."""
        return list(self._with_copies(self._points(self._space.intervals_s, is_main=True), self._space.most_copies))

    @cached_property
    def long_rules(self) -> list[Backups]:
        """The rules that may stand beside a first one to keep points for longer."""
        return list(self._with_copies(self._points(self._space.long_intervals_s, is_main=False), 1))

    @cached_property
    def features(self) -> list[tuple[str, str]]:
        """The service's own protections, each with the sites that it may go to; those that have a price."""
        return [feature for feature in self._all_features if self._is_priced(Protection(feature=feature))]

    @property
    def unpriced(self) -> list[tuple[str, str]]:
        """Those that have none."""
        return [feature for feature in self._all_features if feature not in self.features]

    @cached_property
    def _all_features(self) -> list[tuple[str, str]]:
        if self._subject.resource.stateless:
            return []
        space, chosen = self._space, []
        home = self._scenario.applications[self._subject.application].site
        for name, feature in self._kind.replication.items():
            if name in space.avoid or (space.features is not None and name not in space.features):
                continue
            if feature.scope != "other-site":
                chosen.append((name, ""))
            if feature.scope != "same-site":
                chosen += [(name, site) for site, at in self._scenario.sites.items() if self._is_apart(site, at, home)]
        return chosen

    @cached_property
    def shelters(self) -> list[Protection]:
        """What makes points no older than its window free, each once; none where nothing does.

        These are continuous rules, by retention, and then the service's own continuous protections.
        """
        if not self._is_free_in_window:
            return []
        rules = [replace(rule, copies=()) for rule in self.first_rules if rule.is_continuous]
        by_retention = {rule.points.kept_s: rule for rule in reversed(rules)}
        features = [feature for feature in self.features if self._kind.replication[feature[0]].kind == "point-in-time"]
        return [
            *(Protection((rule,)) for _, rule in sorted(by_retention.items())),
            *(Protection(feature=feature) for feature in features),
        ]

    def shelter_of(self, protection: Protection) -> int | None:
        """Return the place in `shelters` of what makes points free beside a rule or a feature; None for nothing."""
        for k, shelter in enumerate(self.shelters):
            if shelter.feature is not None and shelter.feature == protection.feature:
                return k
            for rule, other in zip(shelter.rules, protection.rules, strict=False):
                if other.is_continuous and other.points.kept_s == rule.points.kept_s:
                    return k
        return None

    @property
    def shares_storage(self) -> bool:
        """Whether points in different vaults of a Region and account build on each other."""
        return self._kind.lineage != "vault"

    def place_of(self, way: Protection) -> tuple[str, ...]:
        """Return where a part of a protection stores: those of different places add nothing to each other.

        Args:
            way: points, one copy of points that are there, or a feature.
        """
        for rule in way.rules:
            vault = (rule.copies[0] if rule.copies else rule.points).vault
            site = self._site_of(vault)
            if not self.shares_storage or self._space.vaults[vault].lock == "air-gapped":
                return "vault", vault
            return site.region, site.account or ""
        name, to = way.feature or ("", "")
        if way in self.shelters or not self.shares_storage:
            # what makes points at home free, each as another
            return "feature", "" if way in self.shelters else name, to
        site = self._scenario.sites[to] if to else self._home
        return site.region, site.account or ""

    def companions(self, part: Backups) -> list[Backups]:
        """Return first rules beside which a part of a long one may cost less than alone, the densest of those there.

        They leave points in the vault of the part's, copies or not, and keep them next to as long.
        """
        if not part.is_second:
            return []
        if part not in self._companions:
            self._companions[part] = self._companions_of(part)
        return self._companions[part]

    def _companions_of(self, part: Backups) -> list[Backups]:
        mine = part.copies[0] if part.copies else part.points
        ways: dict[tuple[bool, bool], list[tuple[float, float, Backups]]] = {}
        for first in self.first_rules:
            copies = [copy for copy in first.copies if copy.vault == mine.vault]
            theirs = first.points if first.points.vault == mine.vault and not first.copies else next(iter(copies), None)
            if theirs is None or len(first.copies) > 1 or (first.is_continuous and self.shelters):
                continue
            if theirs.kept_s < mine.kept_s and not math.isfinite(theirs.cold_s):
                ways.setdefault((bool(copies), first.is_continuous), []).append((-theirs.kept_s, first.every_s, first))
        return [min(rules, key=lambda way: way[:2])[2] for rules in ways.values()]

    @cached_property
    def parts(self) -> tuple[list[Backups], tuple[list[list[int]], list[list[int]]]]:
        """The rules by one thing each that first and long rules are made of, and by place of which each is.

        These are its points, and each copy of them; a copy stands with the points of the least rule that could make it.
        Whatever a rule recovers from in a drill, one of its parts recovers from.
        """
        number: dict[Backups, int] = {}
        first, long = (
            [[number.setdefault(part, len(number)) for part in self._parts_of(rule)] for rule in rules]
            for rules in (self.first_rules, self.long_rules)
        )
        return list(number), (first, long)

    def _parts_of(self, rule: Backups) -> tuple[Backups, ...]:
        return (
            replace(rule, copies=()),
            *(replace(rule, points=Kept(rule.points.vault, self._shortest_s(rule)), copies=(c,)) for c in rule.copies),
        )

    def _shortest_s(self, rule: Backups) -> float:
        retentions = self._retentions(self._space.vaults[rule.points.vault])
        return min(kept_s for kept_s in retentions if kept_s >= rule.every_s)

    def _points(self, intervals_s: Sequence[float], *, is_main: bool) -> Iterator[Backups]:
        """Yield the rules without copies."""
        if self._subject.resource.stateless:
            return
        longest_s = self._catalogue_rules.continuous_maximum.value
        for vault, lock in self._vaults_at_home():
            for every_s, kept_s in product(intervals_s, self._retentions(lock)):
                if every_s <= kept_s <= MOST_POINTS * every_s:
                    for cold_s in self._cold(every_s, kept_s):
                        yield Backups(every_s, Kept(vault, kept_s, cold_s), is_second=not is_main)
                    if is_main and kept_s <= longest_s and self._is_continuous():
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
        low_s, high_s = vault.retentions(self._catalogue_rules.air_gapped_minimum.value)
        low_s = max(low_s, self._space.least_kept_s)
        return [kept_s for kept_s in self._space.retentions_s if low_s <= kept_s <= high_s]

    def _cold(self, every_s: float, kept_s: float) -> Iterator[float]:
        """Yield the ages at which points may move to cold storage: never, and as early as it pays."""
        yield math.inf
        kind, on, allowed = self._kind, self._scenario.as_of, self._space.cold
        if allowed is not None and self._subject.resource.type not in allowed:
            return
        if kind.can("cold-storage", on) is not True or has_archive(kind, on):
            return
        warm_s = max(self._catalogue_rules.warm_minimum.value, every_s)
        if kept_s >= self._catalogue_rules.cold_minimum.value + warm_s:
            yield warm_s

    def _is_continuous(self) -> bool:
        allowed = self._space.continuous
        is_allowed = allowed is None or self._subject.resource.type in allowed
        return is_allowed and self._kind.can("continuous", self._scenario.as_of) is True


def standbys_of(scenario: Scenario, application: str, space: Space) -> list[Readiness | None]:
    """Return the standbys that an application may have, none first: each mode at each site in another Region."""
    home = scenario.sites[scenario.applications[application].site]
    sites = [
        name
        for name, site in scenario.sites.items()
        if site.region != home.region and site.account == home.account and not site.on_premises
    ]
    return [None, *(Readiness(mode, site) for mode, site in product(space.modes, sites))]
