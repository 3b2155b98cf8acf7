"""What the recovery points of a strategy hold and move in a month.

A copy counts from the moment whose data it holds, and every member of a resource costs the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from drsim.catalogue.feature_prices import timed_copy
from drsim.catalogue.price import Price
from drsim.laws.cost import billed_bytes, continuous_bytes, copied_by_stream, stored_by_stream
from drsim.study.costs.amounts import LATER_YEARS, Amount
from drsim.study.costs.estate import Estate, whole_periods_s
from drsim.study.costs.kept import Chances, Kept, is_incremental, kept_points, shares_days
from drsim.study.costs.tiers import air_gapped, in_tiers, moved_down, old_bytes
from drsim.units import GIB, MONTH_S, YEAR_S, format_duration
from drsim.world.lineages import Lineage
from drsim.world.model import Resource
from drsim.world.streams import Stream

Bools = NDArray[np.bool_]


def storage(estate: Estate, resource: Resource) -> Iterator[Amount]:
    """Yield what the backups of a resource store and move in a month, and the fixed prices of its backup jobs."""
    if estate.prices.billing(resource.type).nested:
        return
    chances = Chances(estate, resource)
    groups: dict[Lineage, list[Kept]] = {}
    for kept in kept_points(chances):
        groups.setdefault(estate.lineage(resource, kept.vault), []).append(kept)
    times = [rule.all_times_s for rule in chances.rules]
    window_s = whole_periods_s([moments[(moments >= 0) & (moments < YEAR_S)] for moments in times])
    amounts: list[Amount] = []
    for group in groups.values():
        amounts += [*_stored(estate, resource, group, window_s), *_moved(estate, resource, group, window_s)]
    if not shares_days(estate, resource):
        amounts += _full_continuous(chances)
    amounts += [*_jobs(chances, window_s), *_scans(chances, window_s)]
    for amount in amounts:
        yield amount.times(len(resource.members))


def _stored(estate: Estate, resource: Resource, group: list[Kept], window_s: float) -> Iterator[Amount]:
    """Yield what one lineage stores, by vault and tier [GiB-month]."""
    held = _held(estate, resource, group, window_s)
    for_ever = any(kept.is_for_ever for kept in group)
    by_year = [_held(estate, resource, group, window_s, years) for years in LATER_YEARS] if for_ever else []
    old = old_bytes(estate, resource, group, window_s)
    old_by_year = [old_bytes(estate, resource, group, window_s, years) for years in LATER_YEARS] if for_ever else []
    for k, kept in enumerate(group):
        for t, tier in enumerate(("warm", "cold")):
            if tier == "warm" or math.isfinite(kept.cold_after_s):
                later = tuple(part[k][t] / GIB for part in by_year)
                amount = replace(_storage(estate, resource, kept, tier, held[k][t]), later=later)
                old_later = tuple(part[k] / GIB for part in old_by_year)
                yield from (
                    in_tiers(estate, amount, kept.vault, old[k] / GIB, old_later) if tier == "warm" else (amount,)
                )
    yield from moved_down(estate, resource, group, window_s)


def _held(
    estate: Estate, resource: Resource, group: list[Kept], window_s: float, years: float | None = None
) -> list[tuple[float, float]]:
    """Return what each part of a lineage stores warm and cold [bytes], what is kept for ever being so many years old.

    What leaves nothing behind is no part of the chain.
    """
    age_s = None if years is None else years * YEAR_S
    there = [k for k, kept in enumerate(group) if kept.share > 0]
    parts = stored_by_stream(
        [group[k].stored(window_s, age_s) for k in there],
        (0.0, window_s),
        estate.billed_bytes(resource),
        estate.change_rate(resource),
        incremental=is_incremental(estate, resource, group[0].vault),
        cold_full=estate.prices.billing(resource.type).cold_full,
    )
    held = [(0.0, 0.0)] * len(group)
    for k, part in zip(there, parts, strict=True):
        held[k] = (part.warm * group[k].share, part.cold * group[k].share)
    return held


def _storage(estate: Estate, resource: Resource, kept: Kept, tier: str, stored: float) -> Amount:
    vault = estate.world.vaults[kept.vault]
    region = estate.region(vault.site)
    if vault.native:
        line, price = "replication", _feature_price(estate, resource, kept.vault, "GiB-month")
    elif tier == "cold":
        line, price = "storage-cold", estate.prices.cold_storage(resource.type, region)
    else:
        line, price = "storage-warm", estate.prices.warm_storage(resource.type, region)
    if kept.continuous is not None:
        line = "continuous"
        price = price if vault.native else estate.prices.continuous_storage(resource.type, region)
    if vault.lock == "air-gapped":
        price = air_gapped(estate, price)
    pool = estate.account(kept.vault) if estate.prices.billing(resource.type).free == "provisioned" else None
    notes = [*estate.floor_notes(resource), *kept.notes]
    if kept.is_for_ever:
        notes.append(f"kept for ever: what has been made in {format_duration(kept.age_s)} before the start")
    if math.isfinite(kept.cold_after_s) and is_incremental(estate, resource, kept.vault):
        full = estate.prices.billing(resource.type).cold_full
        notes.append("an archived point is full" if full else "what a warm point refers to stays warm")
    return Amount(line, estate.place(kept.vault), resource.type, stored / GIB, price, tuple(notes), pool, resource.name)


def _feature_price(estate: Estate, resource: Resource, vault: int, unit: str) -> Price:
    """Return the price of a native feature for a unit; the unknown one where the list does not know the feature."""
    native = estate.world.vaults[vault]
    home, there = estate.region(resource.site), estate.region(native.site)
    lines = estate.prices.replication(native.name, resource.type, home, there).lines
    return next((p for p in lines if p.unit == f"USD/{unit}"), lines[0])


def _moved(estate: Estate, resource: Resource, group: list[Kept], window_s: float) -> Iterator[Amount]:
    """Yield what copies move into one lineage [GiB]: within a Region only what is paid for by its time is metered."""
    there = [kept for kept in group if kept.share > 0]
    if not any(_crosses(estate, kept) or kept.paced_s for kept in there):
        return
    parts = copied_by_stream(
        [kept.moved(window_s) for kept in there],
        (0.0, window_s),
        estate.size_bytes(resource),
        estate.change_rate(resource),
        incremental=is_incremental(estate, resource, group[0].vault),
    )
    managed = estate.kind(resource).can("full-management", estate.scenario.as_of) is True
    payer = f"the {'source' if managed else 'destination'} account pays"
    for kept, moved in zip(there, parts, strict=True):
        vault = estate.world.vaults[kept.vault]
        quantity = moved * kept.share / GIB
        if kept.paced_s:
            place, price = estate.place(kept.vault), timed_copy(estate.prices, kept.paced_s, estate.region(vault.site))
            notes = (f"copies that take {format_duration(kept.paced_s)}, beside their transfer", *kept.notes)
            yield Amount("transfer", place, resource.type, quantity, price, notes, None, resource.name)
        if kept.from_site is None or not _crosses(estate, kept):
            continue
        if vault.native:
            line, price, notes = "replication", _feature_price(estate, resource, kept.vault, "GiB"), kept.notes
        else:
            here, there_region = estate.region(kept.from_site), estate.region(vault.site)
            line, price = "transfer", estate.prices.copy_transfer(resource.type, here, there_region)
            notes = (payer, *kept.notes)
        yield Amount(line, estate.place(kept.vault), resource.type, quantity, price, notes, None, resource.name)


def _crosses(estate: Estate, kept: Kept) -> bool:
    """Return whether points are copied from another Region."""
    here = estate.region(estate.world.vaults[kept.vault].site)
    return kept.from_site is not None and estate.region(kept.from_site) != here


def _full_continuous(chances: Chances) -> Iterator[Amount]:
    """Yield what continuous protection stores where snapshots share nothing with it [GiB-month]."""
    estate, resource = chances.estate, chances.resource
    rule = estate.prices.billing(resource.type)
    size, rate = estate.billed_bytes(resource), estate.change_rate(resource)
    for source in chances.member.continuous:
        vault = estate.world.vaults[source.vault]
        share, notes = chances.of_continuous(source)
        stored = size
        if rule.continuous != "size":
            capped = rule.continuous == "capped"
            stored = float(continuous_bytes(size, rate, source.window_s, capped=capped))
        if rule.free == "volume":
            stored, notes = float(billed_bytes(stored, size)), ("the volume's size is free", *notes)
        if vault.native:
            price = _feature_price(estate, resource, source.vault, "GiB-month")
        else:
            price = estate.prices.continuous_storage(resource.type, estate.region(vault.site))
        place, quantity = estate.place(source.vault), stored * share / GIB
        yield Amount("continuous", place, resource.type, quantity, price, notes, None, resource.name)


def _jobs(chances: Chances, window_s: float) -> Iterator[Amount]:
    """Yield the fixed prices of the backup jobs of one member; a service's own snapshots are no jobs."""
    estate, resource = chances.estate, chances.resource
    for rule in chances.rules:
        vault = estate.world.vaults[rule.vault]
        if vault.native or not (rule.is_point or rule.copies):
            continue
        monthly = float(np.count_nonzero(_in_window(rule, window_s))) * MONTH_S / window_s * chances.of_jobs(rule)
        for fee in _fees(estate, resource, rule.vault):
            yield fee.times(monthly)


def _fees(estate: Estate, resource: Resource, vault: int) -> Iterator[Amount]:
    """Yield what one backup job of one member costs whatever its size: for itself, and for its namespaces."""
    region, place = estate.region(estate.world.vaults[vault].site), estate.place(vault)
    job = Amount("storage-warm", place, resource.type, 1.0, estate.prices.per_backup(region), subject=resource.name)
    if job.price.value != 0:
        yield job
    usual = estate.kind(resource).namespaces
    if usual is not None:
        written = estate.subjects[resource.name].resource.namespaces
        guess = "" if written else f"number of namespaces, {usual:g}"
        price = estate.prices.namespace_backup(resource.type, region)
        yield replace(job, quantity=float(written or usual), price=price, guess=guess)


def _scans(chances: Chances, window_s: float) -> Iterator[Amount]:
    """Yield what malware scans of the points of one member read [GiB]."""
    estate, resource = chances.estate, chances.resource
    for rule in chances.rules:
        if rule.scan is None:
            continue
        read = float(rule.scan.amounts(rule)[0][_in_window(rule, window_s)].sum()) / GIB
        monthly = read * MONTH_S / window_s * chances.of_jobs(rule)
        price = estate.prices.malware_scan(estate.region(estate.world.vaults[rule.vault].site))
        note = "each scan reads all of the data" if rule.scan.in_full else "each scan reads what has changed"
        yield Amount("scans", estate.place(rule.vault), resource.type, monthly, price, (note,), subject=resource.name)


def _in_window(rule: Stream, window_s: float) -> Bools:
    """Return which runs of a rule lie in the window from the start over which a bill is averaged, (runs,)."""
    return np.asarray((rule.times_s >= 0) & (rule.times_s < window_s))
