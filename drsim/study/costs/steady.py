"""The steady bill: what a strategy costs in a month of ordinary times, line by line."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

import pandas as pd

from drsim.scenario import Scenario
from drsim.study.costs.allowances import beyond_allowances
from drsim.study.costs.amounts import Amount, merged, missing
from drsim.study.costs.estate import Estate
from drsim.study.costs.restored import option_costs
from drsim.study.costs.standby import replication, standby
from drsim.study.costs.storage import storage
from drsim.units import GIB
from drsim.world import World
from drsim.world.model import Resource

LINES = (
    *("storage-warm", "storage-cold", "continuous", "transfer", "replication", "standby", "audit", "tests"),
    "scans",
)
"""The lines of the bill, in order."""

STEADY_COLUMNS = (
    *("strategy", "line", "place", "quantity", "unit", "usd_per_unit", "usd_per_month", "basis"),
    *("type", "region", "source", "subject"),
)
"""The columns of the steady costs: `type` is the resource type, `region` and `source` are those of the price, and
`subject` is what it is for: `app.resource`, or `estate`."""


def steady_costs(scenario: Scenario, world: World) -> pd.DataFrame:
    """Return what a strategy costs in a month [USD], averaged over its first year in steady state.

    Quantity times price is the cost on every row. Jobs that do not complete are neither stored nor billed, and sizes
    grow as declared.

    Args:
        scenario: what the user wrote.
        world: the world of the strategy.

    Returns:
        One row per line, subject, place and price, and the total of the strategy, with `STEADY_COLUMNS`. A cell of an
        unknown price is NaN, and the total's basis says what it is without.
    """
    return steady_table(world.strategy, steady_bill(Estate.of(scenario, world)))


def steady_table(strategy: str, billed: Sequence[Amount]) -> pd.DataFrame:
    """Return a bill as `steady_costs` does.

    Args:
        strategy: whose it is.
        billed: of `steady_bill`.
    """
    rows = [
        {
            "strategy": strategy,
            "line": a.line,
            "place": a.place,
            "quantity": a.quantity,
            "unit": a.unit,
            "usd_per_unit": a.usd_per_unit,
            "usd_per_month": a.usd,
            "basis": a.basis,
            "type": a.type,
            "region": a.price.region,
            "source": ", ".join(a.price.source),
            "subject": a.subject,
        }
        for a in billed
    ]
    return pd.DataFrame([*rows, _total(strategy, billed)], columns=list(STEADY_COLUMNS))


def steady_bill(estate: Estate) -> list[Amount]:
    """Return the amounts of the bill of an average month, in the order of `LINES` and then of the resources."""
    amounts: list[Amount] = []
    for resource in estate.world.resources:
        stored = list(storage(estate, resource))
        amounts += [*stored, *replication(estate, resource), *standby(estate, resource)]
        amounts += _tests(estate, resource, stored)
    amounts += _audit(estate)
    return sorted(beyond_allowances(estate, merged(amounts)), key=lambda a: LINES.index(a.line))


def _total(strategy: str, billed: Iterable[Amount]) -> dict[str, object]:
    known = math.fsum(a.usd for a in billed if not math.isnan(a.usd))
    estimated = math.fsum(a.usd for a in billed if a.is_estimated and not math.isnan(a.usd))
    asides = [missing(billed) or "the sum of the lines above"]
    asides += [f"of which {estimated:.2f} USD are estimated"] if round(estimated, 2) else []
    basis = ", ".join(asides)
    cells: dict[str, object] = dict.fromkeys(STEADY_COLUMNS, "")
    cells |= {"quantity": math.nan, "usd_per_unit": math.nan, "usd_per_month": known, "basis": basis}
    return cells | {"strategy": strategy, "line": "total"}


def _tests(estate: Estate, resource: Resource, stored: Iterable[Amount]) -> Iterator[Amount]:
    """Yield the price of restore tests: one a month of each member that is tested and has recovery points."""
    if not estate.subjects[resource.name].resource.tested:
        return
    member = estate.world.members[resource.members[0]]
    vaults = [c.vault for c in member.continuous]
    vaults += [estate.world.streams[s].vault for s in member.streams if estate.world.streams[s].is_point]
    if not vaults or not any(amount.quantity > 0 for amount in stored):
        return
    n, region = len(resource.members), estate.region(estate.world.vaults[vaults[0]].site)
    note = "one test a month of each tested resource, of its newest recovery point"
    place = estate.place(vaults[0])
    price = estate.prices.restore_test(region)
    yield Amount("tests", place, resource.type, float(n), price, (note,), subject=resource.name)
    restored, price = n * estate.size_bytes(resource) / GIB, estate.prices.restore(resource.type, region)
    yield Amount("tests", place, resource.type, restored, price, (note,), subject=resource.name)
    yield from option_costs(estate, resource, restored, "tests", place, region)


def _audit(estate: Estate) -> Iterator[Amount]:
    """Yield the line of audit evaluations, of which a scenario declares none."""
    site = estate.world.sites[0]
    price = estate.prices.audit_evaluation(site.region)
    yield Amount("audit", site.name, "all", 0.0, price, ("none declared",))
