"""What the costs of one strategy are computed from: its world over whole periods, its prices, its scenario."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drsim.catalogue import ResourceType
from drsim.catalogue.prices import PriceList
from drsim.scenario import Scenario, Subject, subjects
from drsim.scenario.prices import price_list
from drsim.units import DAY_S, KIB, YEAR_S
from drsim.world import World, build_world
from drsim.world.lineages import Lineage, lineage_of
from drsim.world.model import Resource

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Estate:
    """One strategy, with its prices.

    Attributes:
        scenario: what the user wrote.
        world: the strategy over the first year, its plans having run until nothing older is kept.
        prices: with the scenario's own on top.
        subjects: the resources as written, by name.
        oldest_s: how long the plans have run at the start as the user wrote it: nothing is older; infinite where the
            user did not say [s].
    """

    scenario: Scenario
    world: World
    prices: PriceList
    subjects: dict[str, Subject]
    oldest_s: float = math.inf

    @classmethod
    def of(cls, scenario: Scenario, world: World) -> Estate:
        """Return the estate of a strategy.

        A steady bill does not depend on how long the study looks or on how long the plans have run: where the horizon
        is shorter than the year, or the warm-up set, the world is built anew. Only what is kept for ever has its age
        from there.
        """
        oldest_s = math.inf if scenario.warm_up is None else scenario.warm_up
        if scenario.warm_up is not None or world.horizon_s < YEAR_S:
            early = scenario.model_copy(update={"warm_up": None})
            world = build_world(early, world.strategy, horizon_s=YEAR_S)
        return cls(scenario, world, price_list(scenario), subjects(scenario), oldest_s)

    def kind(self, resource: Resource) -> ResourceType:
        """Return a resource's type."""
        return self.scenario.catalogue.type_of(resource)

    def change_rate(self, resource: Resource) -> float:
        """Return the fraction of distinct bytes changed within a day: as written, else the type's median."""
        return self.kind(resource).changed_per_day(self.subjects[resource.name].resource.change_rate)

    def size_bytes(self, resource: Resource) -> float:
        """Return the size of one member averaged over the first year [bytes]."""
        return resource.size_bytes * mean_growth(resource.growth)

    def objects(self, resource: Resource) -> float:
        """Return the number of objects of one member averaged over the first year; 0 where it is not given."""
        return resource.objects * mean_growth(resource.growth)

    def billed_bytes(self, resource: Resource) -> float:
        """Return the size of one member as backups of it are billed [bytes]: small objects at the least of their type.

        Objects are taken to be alike, and the same part of them changes in a day as of the bytes.
        """
        least = self.prices.billing(resource.type).least_object_bytes
        return max(self.size_bytes(resource), self.objects(resource) * least)

    def floor_notes(self, resource: Resource) -> tuple[str, ...]:
        """Return what was taken of small objects; nothing where they have no bill of their own."""
        least = self.prices.billing(resource.type).least_object_bytes
        if not least:
            return ()
        if not resource.objects:
            return (f"the number of objects is not given: none is taken to be smaller than {least / KIB:g} KiB",)
        if resource.size_bytes >= resource.objects * least:
            return ()
        mean = resource.size_bytes / resource.objects / KIB
        return (f"{resource.objects:g} objects of {mean:.3g} KiB on average are billed as {least / KIB:g} KiB each",)

    def lineage(self, resource: Resource, vault: int) -> Lineage:
        """Return what points of a resource in a vault share with those that they build on."""
        there = self.world.vaults[vault]
        return lineage_of(self.kind(resource), vault, there, self.world.sites[there.site])

    def account(self, vault: int) -> tuple[str, str]:
        """Return the Region and account that a vault lies in."""
        site = self.world.sites[self.world.vaults[vault].site]
        return site.region, site.account

    def provisioned_bytes(self, resource: Resource) -> float:
        """Return the storage that is paid for to hold one member [bytes]."""
        return max(self.subjects[resource.name].resource.provisioned or 0.0, self.size_bytes(resource))

    def region(self, site: int) -> str:
        """Return the Region of a site."""
        return self.world.sites[site].region

    def region_of_source(self, resource: Resource, to: int) -> str:
        """Return the Region that what a resource sends to a site comes from; from premises it comes in for nothing."""
        home = self.world.sites[resource.site]
        return self.region(to) if home.is_on_premises else home.region

    def place(self, vault: int) -> str:
        """Return a vault's name for people: with its site where two share the name; the site for native storage."""
        there = self.world.vaults[vault]
        site = self.world.sites[there.site].name
        if there.native:
            return site
        alike = {v.site for v in self.world.vaults if v.name == there.name and not v.native}
        return f"{there.name} ({site})" if len(alike) > 1 else there.name


def mean_growth(growth: float) -> float:
    """Return the size averaged over the first year, as a multiple of that at the start: g / ln(1 + g)."""
    return growth / math.log1p(growth) if growth > 0 else 1.0


def whole_periods_s(times: list[Floats]) -> float:
    """Return the longest span within a year in which every schedule repeats [s]; the year where none does.

    Args:
        times: the moments of each schedule, ascending [s]. A schedule that does not come at one interval, such as a
            monthly one, repeats after a year.
    """
    common = round(DAY_S)
    for moments in times:
        gaps = np.unique(np.diff(moments))
        if len(gaps) != 1 or not float(gaps[0]).is_integer():
            return YEAR_S
        common = math.lcm(common, int(gaps[0]))
    return common * (YEAR_S // common) if common <= YEAR_S else YEAR_S
