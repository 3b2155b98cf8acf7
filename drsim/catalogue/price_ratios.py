"""What a price is taken to be in a Region where nobody gives it: another Region's, times what storage costs there.

A Region's ratio is the median, over the storage prices known both there and in the Region that estimates start from, of
the one over the other. Where too few are known it is the median of the ratios of all Regions that have enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import median

from drsim.catalogue.price_file import BASES, EstimateRule, PriceFile

KNOWN = frozenset(BASES) - {"estimated"}
"""The bases of prices that ratios are taken of: an estimate tells nothing of another one."""


@dataclass(frozen=True)
class Ratio:
    """By how much the prices of a Region are taken to exceed those of another one.

    Attributes:
        value: the factor.
        note: of which ratios it is the median, and between which they lie.
    """

    value: float
    note: str


@dataclass(frozen=True)
class Estimates:
    """The rule by which prices are estimated, with the ratios that it rests on.

    Attributes:
        rule: of the price list.
        ratios: those of every Region that has enough of them, ascending.
    """

    rule: EstimateRule
    ratios: Mapping[str, tuple[float, ...]]

    def of(self, region: str) -> Ratio | None:
        """Return the ratio of a Region; None where nothing is estimated: in the Region itself and outside the list."""
        start, least = self.rule.of, self.rule.least_rows
        if region == start or region.startswith(self.rule.outside) or not self.ratios:
            return None
        if region in self.ratios:
            known = self.ratios[region]
            of_what = f"the median of {len(known)} storage prices known in {region}"
            return Ratio(median(known), f"{of_what}, {known[0]:.4g} to {known[-1]:.4g} times those of {start}")
        medians = sorted(median(known) for known in self.ratios.values())
        of_what = f"the median of {len(medians)} Regions in which {least} or more storage prices are known"
        return Ratio(median(medians), f"{of_what}, {medians[0]:.4g} to {medians[-1]:.4g}; in {region} fewer are")


def estimates_of(data: PriceFile) -> Estimates | None:
    """Return how a price list estimates what it does not know; None where it does not say."""
    rule = data.estimates
    if rule is None:
        return None
    by_region: dict[str, list[float]] = {}
    for region, _, ratio in storage_ratios(data, rule):
        by_region.setdefault(region, []).append(ratio)
    enough = {region: tuple(sorted(known)) for region, known in by_region.items() if len(known) >= rule.least_rows}
    return Estimates(rule, enough)


def storage_ratios(data: PriceFile, rule: EstimateRule) -> Iterator[tuple[str, str, float]]:
    """Yield Region, `item/subject` and ratio of every storage price that is known there and where estimates start."""
    for item in rule.storage:
        for subject, row in data.items[item].rows.items():
            start = row.get(rule.of) if isinstance(row, dict) else None
            if isinstance(row, str) or start is None or not start.value or start.basis not in KNOWN:
                continue
            for region, leaf in row.items():
                if region not in (rule.of, "*") and leaf.value is not None and leaf.basis in KNOWN:
                    yield region, f"{item}/{subject}", leaf.value / start.value


def far_ratios(data: PriceFile) -> Iterator[str]:
    """Yield the storage prices whose ratio is beyond what the rule believes: a slip of the pen, not a dear Region."""
    rule = data.estimates
    if rule is None:
        return
    low, high = rule.within
    for region, name, ratio in storage_ratios(data, rule):
        if not low <= ratio <= high:
            yield f"{name}: {region}: {ratio:.4g} times the price of {rule.of}, beyond {low:g} to {high:g}"
