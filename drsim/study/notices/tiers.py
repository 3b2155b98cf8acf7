"""A notice of a cheaper tier that costs more than it saves."""

from __future__ import annotations

import math
from collections.abc import Iterator

from drsim.catalogue.feature_prices import low_cost_storage
from drsim.errors import Edit, Weight
from drsim.scenario.registry import Finding
from drsim.study.costs.amounts import Amount
from drsim.study.notices.registry import Outlook, notice, rounded


@notice("tiering-costs-more", Weight.COSTS)
def tiering_costs_more(outlook: Outlook) -> Iterator[Finding]:
    """What is moved to the low-cost tier saves more than moving it costs."""
    estate = outlook.estate
    for name, subject in estate.subjects.items():
        if subject.resource.tiering_down is None:
            continue
        billed = [amount for amount in outlook.bill if amount.subject == name]
        fee = math.fsum(amount.usd for amount in billed if amount.price.item.startswith("low-cost-transition/"))
        saved = math.fsum(_saved(outlook, amount) for amount in billed)
        if not fee > saved:  # not where a price is unknown
            continue
        loc = (*subject.loc, "tiering_down")
        found = f"{name}: the low-cost tier saves {rounded(saved)}, and moving objects there costs {rounded(fee)}"
        rule = "each object costs once to be moved: many small ones, or what changes much, cost more than they save"
        yield Finding(loc, found, rule, "leave `tiering_down` out", (Edit(loc),), usd_per_month=fee - saved)


def _saved(outlook: Outlook, amount: Amount) -> float:
    """Return what is not paid since an amount lies in the low-cost tier [USD/month]."""
    low = amount.price
    if not low.item.startswith("low-cost-storage/") or not low.value:
        return 0.0
    usual = outlook.estate.prices.warm_storage(amount.type, low.region)
    bare = low_cost_storage(outlook.estate.prices, amount.type, low.region)
    if usual.value is None or not bare.value:
        return math.nan
    # whatever an air-gapped vault puts on top holds for both
    return amount.usd * (usual.value / bare.value - 1)
