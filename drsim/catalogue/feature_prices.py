"""Prices of what a scenario may ask for beside plain backups, which not every price list has."""

from __future__ import annotations

from drsim.catalogue.price import Price
from drsim.catalogue.prices import PriceList
from drsim.units import duration_s


def timed_copy(prices: PriceList, lasts_s: float, region: str) -> Price:
    """Return the price of copying a snapshot so that it is completed within a time [USD/GiB], beside its transfer.

    Args:
        prices: the price list.
        lasts_s: the time, or what the copy takes where that is longer [s].
        region: to which it goes.
    """
    item = prices.data.items.get("timed-copy")
    if item is None:
        return _unlisted(prices, "timed-copy", "USD/GiB", region)
    times = sorted((duration_s(subject), subject) for subject in item.rows)
    return prices.find("timed-copy", max([times[0], *(t for t in times if t[0] <= lasts_s)])[1], region)


def of_restore(prices: PriceList, item: str, type_: str, region: str) -> Price:
    """Return what a GiB costs that is restored with an option of its type [USD/GiB], beside the restore.

    Args:
        prices: the price list.
        item: that the option names.
        type_: the resource type.
        region: where it is restored.
    """
    return _of_type(prices, item, "USD/GiB", type_, region)


def low_cost_storage(prices: PriceList, type_: str, region: str) -> Price:
    """Return the price of warm backup storage in the low-cost tier [USD/GiB-month]."""
    return _of_type(prices, "low-cost-storage", "USD/GiB-month", type_, region)


def low_cost_transition(prices: PriceList, type_: str, region: str) -> Price:
    """Return the price of moving objects to the low-cost tier, once [USD/1000 objects]."""
    return _of_type(prices, "low-cost-transition", "USD/1000 objects", type_, region)


def _of_type(prices: PriceList, item: str, unit: str, type_: str, region: str) -> Price:
    """Return the price of an item for a resource type; the unknown one where the list does not have the item."""
    return prices.find(item, type_, region) if item in prices.data.items else _unlisted(prices, item, unit, region)


def _unlisted(prices: PriceList, item: str, unit: str, region: str) -> Price:
    """Return the unknown price of an item that a list does not have."""
    return Price(None, unit, "unknown", (), f"the price list has no {item}", region, prices.as_of, item)
