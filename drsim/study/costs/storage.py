"""What the recovery points of a strategy hold and move in a month.

Every job is taken to succeed, a copy counts from the moment whose data it holds, and every member of a resource costs
the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from drsim.catalogue.prices import Price
from drsim.engine.world import Continuous, Copy, Resource
from drsim.engine.world import Stream as Rule
from drsim.laws.cost import Stream, billed_bytes, continuous_bytes, copied_by_stream, stored_by_stream
from drsim.study.costs.amounts import Amount
from drsim.study.costs.estate import Estate, Floats, whole_periods_s
from drsim.units import DAY_S, GIB, MONTH_S, YEAR_S

Lineage = tuple[object, ...]


@dataclass(frozen=True)
class _Kept:
    """Points of one rule, copy action or continuous protection in one vault.

    Attributes:
        vault: where they lie.
        points: the points.
        from_site: site that they are copied from; None for what is made there.
        continuous: the continuous protection that they stand for.
    """

    vault: int
    points: Stream
    from_site: int | None = None
    continuous: Continuous | None = None


def storage(estate: Estate, resource: Resource) -> Iterator[Amount]:
    """Yield what the backups of a resource store and move in a month, and the fixed prices of its backup jobs."""
    if estate.prices.billing(resource.type).nested:
        return
    member = estate.world.members[resource.members[0]]
    # the service's own daily snapshots are part of what restores to a moment
    mine = (estate.world.streams[s] for s in member.streams if s not in member.last_resorts)
    rules = [stream for stream in mine if not _is_refused(stream.failure.p)]
    groups: dict[Lineage, list[_Kept]] = {}
    for kept in _kept(estate, resource, rules, member.continuous):
        groups.setdefault(_lineage(estate, resource, kept.vault), []).append(kept)
    window = (0.0, whole_periods_s([rule.all_times_s for rule in rules]))
    amounts: list[Amount] = []
    for group in groups.values():
        amounts += [*_stored(estate, resource, group, window), *_moved(estate, resource, group, window)]
    if not estate.kind(resource).snapshots_incremental:
        amounts += _full_continuous(estate, resource, member.continuous)
    amounts += _jobs(estate, resource, rules, window)
    for amount in amounts:
        yield replace(amount, quantity=amount.quantity * len(resource.members))


def _is_refused(p: float) -> bool:
    """Return whether a vault's lock refuses every job."""
    return p >= 1


def _kept(estate: Estate, resource: Resource, rules: list[Rule], continuous: tuple[Continuous, ...]) -> Iterator[_Kept]:
    """Yield what is kept, by rule and copy action, and the days of continuous protection where snapshots share them."""
    vaults = estate.world.vaults
    if estate.kind(resource).snapshots_incremental:
        days = np.arange(math.floor(estate.world.plan_start_s / DAY_S) * DAY_S, YEAR_S, DAY_S)
        for source in continuous:
            # one day more than the window, since the oldest change needs what it changed
            site = resource.site if vaults[source.vault].native else None
            yield _Kept(source.vault, Stream(days, source.window_s + DAY_S), site, source)
    for rule in rules:
        times = rule.times_s[rule.times_s < YEAR_S]
        if rule.is_point:
            free = _free_until_s(estate, resource, rule.vault, continuous)
            site = resource.site if vaults[rule.vault].native else None
            yield _Kept(rule.vault, _points(rule, times, free), site)
        refused: set[int] = set()
        for c, copy in enumerate(rule.copies):
            if _is_refused(copy.failure.p) or copy.parent in refused:
                refused.add(c)
                continue
            source_vault = rule.vault if copy.parent < 0 else rule.copies[copy.parent].vault
            free = _free_until_s(estate, resource, copy.vault, continuous)
            yield _Kept(copy.vault, _points(copy, times, free), vaults[source_vault].site)


def _points(kept: Rule | Copy, times_s: Floats, free_until_s: float) -> Stream:
    retention_s = kept.delete_after_s + kept.expiry_delay.mean
    times_s = times_s[times_s >= kept.since_s]
    return Stream(times_s, retention_s, kept.cold_after_s, min(free_until_s, retention_s))


def _free_until_s(estate: Estate, resource: Resource, vault: int, continuous: tuple[Continuous, ...]) -> float:
    """Return the age up to which a snapshot is free: the continuous window beside it, where the type's bill says so."""
    if not estate.prices.billing(resource.type).window_free:
        return 0.0
    here = _account(estate, vault)
    return max((c.window_s for c in continuous if _account(estate, c.vault) == here), default=0.0)


def _account(estate: Estate, vault: int) -> tuple[str, str]:
    site = estate.world.sites[estate.world.vaults[vault].site]
    return site.region, site.account


def _lineage(estate: Estate, resource: Resource, vault: int) -> Lineage:
    """Return what points have to share to build on each other."""
    by_vault = estate.kind(resource).lineage == "vault"
    native_points = estate.world.vaults[vault].native and not estate.kind(resource).snapshots_incremental
    return ("vault", vault) if by_vault or native_points else _account(estate, vault)


def _is_incremental(estate: Estate, resource: Resource, vault: int) -> bool:
    """Return whether points build on each other; a service's own snapshots always do."""
    return estate.kind(resource).snapshots_incremental or estate.world.vaults[vault].native


def _stored(estate: Estate, resource: Resource, group: list[_Kept], window: tuple[float, float]) -> Iterator[Amount]:
    """Yield what one lineage stores, by vault and tier [GB-month]."""
    parts = stored_by_stream(
        [kept.points for kept in group],
        window,
        estate.size_bytes(resource),
        estate.change_rate(resource),
        incremental=_is_incremental(estate, resource, group[0].vault),
        cold_full=estate.prices.billing(resource.type).cold_full,
    )
    for kept, held in zip(group, parts, strict=True):
        for tier, stored in (("warm", held.warm), ("cold", held.cold)):
            if tier == "warm" or math.isfinite(kept.points.cold_after_s):
                yield _storage(estate, resource, kept, tier, stored)


def _storage(estate: Estate, resource: Resource, kept: _Kept, tier: str, stored: float) -> Amount:
    vault = estate.world.vaults[kept.vault]
    region = estate.region(vault.site)
    for_ever = "kept for ever: it grows, and this is its second year" if math.isinf(kept.points.retention_s) else ""
    if vault.native:
        line, price = "replication", _feature_price(estate, resource, kept.vault, "GB-month")
    elif tier == "cold":
        line, price = "storage-cold", estate.prices.cold_storage(resource.type, region)
    else:
        line, price = "storage-warm", estate.prices.warm_storage(resource.type, region)
    if kept.continuous is not None:
        line = "continuous"
        price = price if vault.native else estate.prices.continuous_storage(resource.type, region)
    if vault.lock == "air-gapped":
        price = _air_gapped(estate, price)
    pool = _account(estate, kept.vault) if estate.prices.billing(resource.type).free == "provisioned" else None
    return Amount(line, estate.place(kept.vault), resource.type, stored / GIB, price, for_ever, pool)


def _air_gapped(estate: Estate, price: Price) -> Price:
    factor = estate.prices.air_gapped_factor
    if price.value is None or factor.value is None:
        return price
    note = f"times {factor.value:g} in an air-gapped vault" + (f"; {price.note}" if price.note else "")
    return replace(price, value=price.value * factor.value, note=note)


def _feature_price(estate: Estate, resource: Resource, vault: int, unit: str) -> Price:
    """Return the price of a native feature for a unit; the unknown one where the list does not know the feature."""
    native = estate.world.vaults[vault]
    home, there = estate.region(resource.site), estate.region(native.site)
    lines = estate.prices.replication(native.name, resource.type, home, there).lines
    return next((p for p in lines if p.unit == f"USD/{unit}"), lines[0])


def _moved(estate: Estate, resource: Resource, group: list[_Kept], window: tuple[float, float]) -> Iterator[Amount]:
    """Yield what copies move between Regions into one lineage [GB]; within a Region nothing is metered."""
    parts = copied_by_stream(
        [kept.points for kept in group],
        window,
        estate.size_bytes(resource),
        estate.change_rate(resource),
        incremental=_is_incremental(estate, resource, group[0].vault),
    )
    managed = estate.kind(resource).can("full-management", estate.scenario.as_of) is True
    payer = f"the {'source' if managed else 'destination'} account pays"
    for kept, moved in zip(group, parts, strict=True):
        vault = estate.world.vaults[kept.vault]
        if kept.from_site is None or estate.region(kept.from_site) == estate.region(vault.site):
            continue
        if vault.native:
            line, price, note = "replication", _feature_price(estate, resource, kept.vault, "GB"), ""
        else:
            here, there = estate.region(kept.from_site), estate.region(vault.site)
            line, price, note = "transfer", estate.prices.copy_transfer(resource.type, here, there), payer
        yield Amount(line, estate.place(kept.vault), resource.type, moved / GIB, price, note)


def _full_continuous(estate: Estate, resource: Resource, continuous: tuple[Continuous, ...]) -> Iterator[Amount]:
    """Yield what continuous protection stores where snapshots share nothing with it [GB-month]."""
    rule = estate.prices.billing(resource.type)
    size, rate = estate.size_bytes(resource), estate.change_rate(resource)
    for source in continuous:
        vault = estate.world.vaults[source.vault]
        stored = size
        if rule.continuous != "size":
            capped = rule.continuous == "capped"
            stored = float(continuous_bytes(size, rate, source.window_s, capped=capped))
        note = ""
        if rule.free == "volume":
            stored, note = float(billed_bytes(stored, size)), "the volume's size is free"
        if vault.native:
            price = _feature_price(estate, resource, source.vault, "GB-month")
        else:
            price = estate.prices.continuous_storage(resource.type, estate.region(vault.site))
        yield Amount("continuous", estate.place(source.vault), resource.type, stored / GIB, price, note)


def _jobs(estate: Estate, resource: Resource, rules: list[Rule], window: tuple[float, float]) -> Iterator[Amount]:
    """Yield the fixed prices of the backup jobs of one member; a service's own snapshots are no jobs."""
    for rule in rules:
        vault = estate.world.vaults[rule.vault]
        price = estate.prices.per_backup(estate.region(vault.site))
        if vault.native or price.value == 0 or not (rule.is_point or rule.copies):
            continue
        made = np.count_nonzero((rule.times_s >= window[0]) & (rule.times_s < window[1]))
        monthly = float(made) * MONTH_S / (window[1] - window[0])
        yield Amount("storage-warm", estate.place(rule.vault), resource.type, monthly, price)
