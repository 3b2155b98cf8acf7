"""The prices of a scenario: a price list of the catalogue, with what the user says of it on top."""

from __future__ import annotations

from drsim.catalogue.prices import PriceList
from drsim.scenario.model import Scenario


def price_list(scenario: Scenario) -> PriceList:
    """Return the price list of a scenario, with its own prices on top.

    Raises:
        CatalogueError: there is no such list.
        InputError: a price of the scenario is not one of the list's, or has not its unit.
    """
    prices = scenario.prices
    listed = scenario.catalogue.prices(prices.catalogue).with_overrides(prices.regions, prices.per_backup)
    return listed.with_likes(scenario.region_likes).with_otherwise(prices.like, prices.factor)
