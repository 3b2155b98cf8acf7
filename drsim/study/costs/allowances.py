"""What is free of backups: up to the storage that is provisioned for databases in their Region and account.

An application has the allowance of its own databases first, shared in proportion to what they store, so that its bill
is the same whatever stands beside it. What it leaves serves the others, which is a line of the estate, below zero.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from drsim.scenario.subjects import application_of
from drsim.study.costs.amounts import ESTATE, Amount, merged
from drsim.study.costs.estate import Estate
from drsim.study.costs.standby import provisions_at
from drsim.units import GIB

Place = tuple[str, str]
"""Region and account."""
Share = tuple[Place, str]
"""An application's part of a place."""


def beyond_allowances(estate: Estate, amounts: Iterable[Amount]) -> Iterator[Amount]:
    """Yield the amounts less what is free [GiB-month], and what an application's allowance spares the others."""
    amounts = list(amounts)
    free, stored = _provisioned(estate), _stored(amounts)
    billed = [_billed(amount, free, stored) for amount in amounts]
    yield from billed
    left: dict[Place, list[float]] = {}
    for (place, application), provisioned in free.items():
        left.setdefault(place, []).append(max(0.0, provisioned - stored.get((place, application), 0.0)))
    for place, spare in left.items():
        yield from merged(_spared([amount for amount in billed if amount.pool == place], math.fsum(spare)))


def _provisioned(estate: Estate) -> dict[Share, float]:
    """Return the allowance of each application's databases by Region and account [GiB]."""
    by_share: dict[Share, list[float]] = {}
    for resource in estate.world.resources:
        if estate.prices.billing(resource.type).free != "provisioned":
            continue
        for s in provisions_at(estate, resource):
            site = estate.world.sites[s]
            provisioned = len(resource.members) * estate.provisioned_bytes(resource) / GIB
            by_share.setdefault(((site.region, site.account), application_of(resource.name)), []).append(provisioned)
    return {share: math.fsum(provisioned) for share, provisioned in by_share.items()}


def _stored(amounts: Iterable[Amount]) -> dict[Share, float]:
    """Return what each application stores that draws on an allowance [GiB-month]."""
    by_application: dict[Share, list[float]] = {}
    for amount in amounts:
        if amount.pool is not None:
            by_application.setdefault((amount.pool, application_of(amount.subject)), []).append(amount.quantity)
    return {share: math.fsum(quantities) for share, quantities in by_application.items()}


def _billed(amount: Amount, free: Mapping[Share, float], stored: Mapping[Share, float]) -> Amount:
    """Return what of an amount is beyond its application's own allowance."""
    if amount.pool is None:
        return amount
    share = amount.pool, application_of(amount.subject)
    allowance, total = free.get(share, 0.0), stored[share]
    if not allowance or not total:
        return amount
    where = " of account ".join(amount.pool)
    note = f"of {total:.6g} GiB stored in {where}, {allowance:.6g} GiB provisioned are free"
    billed = amount.quantity * max(0.0, total - allowance) / total
    return replace(amount, quantity=billed, notes=(*amount.notes, note))


def _spared(amounts: list[Amount], spare: float) -> Iterator[Amount]:
    """Yield what is not billed of amounts since other applications leave some of their allowance.

    Args:
        amounts: that draw on the allowance of one place, each less its application's own [GiB-month].
        spare: what is left there [GiB].
    """
    total = math.fsum(amount.quantity for amount in amounts)
    if min(total, spare) <= 0:
        return
    note = f"{spare:.6g} GiB provisioned for other databases of the Region and account are free, too"
    for amount in amounts:
        quantity = -amount.quantity * min(1.0, spare / total)
        yield replace(amount, quantity=quantity, notes=(note,), subject=ESTATE, later=())
