"""What a restore costs by the way in which it is made: a rate that was bought to fill a volume."""

from __future__ import annotations

from collections.abc import Iterator

from drsim.catalogue import Parameter
from drsim.catalogue.feature_prices import of_restore
from drsim.catalogue.price import Price
from drsim.distributions import Distribution
from drsim.study.costs.amounts import Amount
from drsim.study.costs.estate import Estate
from drsim.units import KIB
from drsim.world.model import Resource


def option_costs(
    estate: Estate, resource: Resource, restored_gib: float, line: str, place: str, region: str
) -> Iterator[Amount]:
    """Yield what the options of a resource cost where it is restored.

    Args:
        estate: the strategy.
        resource: of it.
        restored_gib: what is restored [GiB].
        line: of the bill.
        place: where it is restored from.
        region: where it is restored.
    """
    kind = estate.kind(resource)
    hydration = estate.world.members[resource.members[0]].restoration.hydration
    for option in (kind.options[name] for name in kind.in_force):
        if option.restore_price and restored_gib:
            price = of_restore(estate.prices, option.restore_price, resource.type, region)
            note = f"restored with `{option.name}`"
            usual = option.parameters.get("hydration_rate")
            if hydration is not None and hydration.rate is not None and usual is not None:
                note += f", at {hydration.rate.mean / KIB / KIB:.4g} MiB/s"
                price = _at_rate(price, hydration.rate, usual.value)
            yield Amount(line, place, resource.type, restored_gib, price, (note,), subject=resource.name)


def _at_rate(price: Price, rate: Distribution, usual: Parameter) -> Price:
    """Return the price at a rate, in proportion to the option's usual one; the user's own holds at any."""
    if price.is_of_user or not isinstance(usual, Distribution):
        return price
    return price.times(rate.mean / usual.mean)
