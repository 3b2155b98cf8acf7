"""The low-cost warm tier: what of the backups of a resource lies there, and what that and moving it there cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from drsim.catalogue.feature_prices import low_cost_storage, low_cost_transition
from drsim.catalogue.price import Price
from drsim.laws.tiering import aging_by_stream, old_by_stream
from drsim.study.costs.amounts import Amount
from drsim.study.costs.estate import Estate
from drsim.study.costs.kept import Kept
from drsim.units import YEAR_S, format_duration
from drsim.world.model import Resource

_THOUSAND = 1000


def old_bytes(
    estate: Estate, resource: Resource, group: Sequence[Kept], window_s: float, years: float | None = None
) -> list[float]:
    """Return what each part of a lineage holds in the low-cost tier [bytes]; nothing where none is asked for.

    Args:
        estate: the strategy.
        resource: of it.
        group: parts of one lineage.
        window_s: length of the window from the start over which it is averaged [s].
        years: how old what is kept for ever is, in place of its own age.
    """
    after_s = estate.subjects[resource.name].resource.tiering_down
    old = [0.0] * len(group)
    there = [k for k, kept in enumerate(group) if kept.share > 0]
    if after_s is None or not there:
        return old
    age_s = None if years is None else years * YEAR_S
    parts = old_by_stream(
        [group[k].stored(window_s, age_s) for k in there],
        (0.0, window_s),
        estate.billed_bytes(resource),
        estate.change_rate(resource),
        after_s,
    )
    for k, part in zip(there, parts, strict=True):
        old[k] = part * group[k].share
    return old


def in_tiers(
    estate: Estate, amount: Amount, vault: int, old_gib: float, old_later: tuple[float, ...] = ()
) -> Iterator[Amount]:
    """Yield what is stored warm in the tiers in which it lies.

    Args:
        estate: the strategy.
        amount: all that is stored warm, at the price of the usual tier [GiB-month].
        vault: where.
        old_gib: what of it lies in the low-cost tier [GiB-month].
        old_later: the same once what is kept for ever has been kept for so long; as `Amount.later`.
    """
    old = min(old_gib, amount.quantity)
    if not old and not any(old_later):
        yield amount
        return
    lasting = tuple(min(part, whole) for part, whole in zip(old_later, amount.later, strict=True))
    rest = tuple(whole - part for whole, part in zip(amount.later, lasting, strict=True))
    yield replace(amount, quantity=amount.quantity - old, later=rest)
    price = low_cost_storage(estate.prices, amount.type, estate.region(estate.world.vaults[vault].site))
    if estate.world.vaults[vault].lock == "air-gapped":
        price = air_gapped(estate, price)
    after = format_duration(estate.subjects[amount.subject].resource.tiering_down or 0.0)
    notes = (f"in the low-cost warm tier, from {after} on", *amount.notes)
    yield replace(amount, quantity=old, price=price, notes=notes, later=lasting)


def moved_down(estate: Estate, resource: Resource, group: Sequence[Kept], window_s: float) -> Iterator[Amount]:
    """Yield the fees of moving objects of one lineage to the low-cost tier, by vault, in a month [1000 objects]."""
    after_s = estate.subjects[resource.name].resource.tiering_down
    there = [kept for kept in group if kept.share > 0]
    if after_s is None or not there:
        return
    objects, size = estate.objects(resource), estate.billed_bytes(resource)
    streams = [kept.stored(window_s) for kept in there]
    parts = aging_by_stream(streams, (0.0, window_s), objects, estate.change_rate(resource), after_s)
    held = old_bytes(estate, resource, there, window_s)
    for kept, moved, old in zip(there, parts, held, strict=True):
        region = estate.region(estate.world.vaults[kept.vault].site)
        price = low_cost_transition(estate.prices, resource.type, region)
        note = (
            _first_move(objects * old / size if size else 0.0, price)
            if objects
            else ("the number of objects is not given, by which moving them to the low-cost tier is billed")
        )
        line = "storage-warm" if kept.continuous is None else "continuous"
        quantity = moved * kept.share / _THOUSAND
        yield Amount(line, estate.place(kept.vault), resource.type, quantity, price, (note,), subject=resource.name)


def _first_move(objects: float, price: Price) -> str:
    """Return what moving costs that happens once, when a tier is asked for that there was not before."""
    usd = "" if price.value is None else f", {objects / _THOUSAND * price.value:,.2f} USD"
    return (
        f"objects that become old enough in a month; once, at first, what is old already: {objects:,.0f} objects{usd}"
    )


def air_gapped(estate: Estate, price: Price) -> Price:
    """Return a price of storage in an air-gapped vault."""
    factor = estate.prices.air_gapped_factor
    if price.value is None or factor.value is None:
        return price
    note = f"times {factor.value:g} in an air-gapped vault" + (f"; {price.note}" if price.note else "")
    return replace(price.times(factor.value), note=note)
