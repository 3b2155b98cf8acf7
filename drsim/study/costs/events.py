"""The cost of one recovery, and what disruptions cost in a year.

Everything is a mean over all drills of a disruption. An unprotected incident loses everything, as an unrecoverable one
does, and neither has a downtime.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from drsim.catalogue.prices import Price
from drsim.engine import World
from drsim.engine.strike import strike
from drsim.engine.world import Disruption, Resource
from drsim.laws.cost import expected_yearly_loss
from drsim.scenario import Scenario
from drsim.scenario.model import Application
from drsim.study.costs.amounts import Amount, merged, missing
from drsim.study.costs.estate import Estate
from drsim.study.dealing import codes
from drsim.units import GIB, HOUR_S

EVENT_COLUMNS = (
    *("strategy", "disruption", "application", "line", "place", "quantity", "unit", "usd_per_unit", "usd_per_event"),
    *("rate_per_year", "expected_yearly_loss_usd", "basis", "subject", "region", "source"),
)
"""The columns of the event costs. `subject` is the resource type of what is restored or moved, `region` and `source`
are those of its price."""

Row = dict[Hashable, Any]
"""A row of the summary."""

_RESTORED = ("restore", "point-in-time restore")


@dataclass(frozen=True)
class _Loss:
    """One line of what an incident costs the business.

    Attributes:
        line: `downtime`, `data-loss` or `unrecoverable`.
        quantity: mean over all drills: hours, or a probability.
        unit: `hour` or `incident`.
        usd_per_unit: as the application has it; None where it gives none.
        key: the application's key that holds it.
    """

    line: str
    quantity: float
    unit: str
    usd_per_unit: float | None
    key: str

    @property
    def usd(self) -> float:
        """Cost of one incident [USD]; NaN where the application gives none."""
        return math.nan if self.usd_per_unit is None else self.quantity * self.usd_per_unit


@dataclass(frozen=True, order=True)
class Restored:
    """A kind of restore in the log.

    Attributes:
        resource: `app.resource`.
        place: the vault it came from.
        is_cold: whether it was retrieved from cold storage.
        is_copied: whether it was copied before it was restored.
    """

    resource: str
    place: str
    is_cold: bool
    is_copied: bool


def count_restores(incidents: pd.DataFrame) -> Counter[Restored]:
    """Return how many restores of each kind a log holds.

    Args:
        incidents: one row per drill and subject.
    """
    levels, level = codes(incidents["level"])
    ways, way = codes(incidents["recovered_by"])
    is_counted = np.isin(way, [k for k, name in enumerate(ways) if name in _RESTORED])
    is_counted &= np.isin(level, [k for k, name in enumerate(levels) if name == "resource"])
    subjects, subject = codes(incidents["subject"])
    places, place = codes(incidents["place"])
    is_cold = incidents["retrieve_s"].to_numpy() > 0
    is_copied = incidents["copy_s"].to_numpy() > 0
    kind = ((subject * len(places) + place) * 2 + is_cold) * 2 + is_copied
    found, numbers = np.unique(kind[is_counted], return_counts=True)
    return Counter(
        {
            Restored(subjects[k // 4 // len(places)], places[k // 4 % len(places)], bool(k & 2), bool(k & 1)): n
            for k, n in zip(found.tolist(), numbers.tolist(), strict=True)
        }
    )


def event_costs(
    scenario: Scenario, world: World, summary: pd.DataFrame, restores: Mapping[str, Counter[Restored]]
) -> pd.DataFrame:
    """Return the cost of one recovery by line, and the expected yearly loss, under each disruption [USD].

    The yearly loss is rate x (downtime + lost data + probability of losing everything x its cost). Without an
    `unrecoverable_cost` it is unpriced: NaN, and the basis says so. Restores and transfers count in `usd_per_event`
    only.

    Args:
        scenario: what the user wrote.
        world: the world of the strategy.
        summary: the strategy's summary, whose rows of applications count.
        restores: what `count_restores` finds in the strategy's log of each disruption.

    Returns:
        For each disruption and each application that it ever struck its lines and their `total`, then the total of all
        applications, with `EVENT_COLUMNS`.
    """
    estate = Estate.of(scenario, world)
    rows: list[dict[str, object]] = []
    applications = summary[summary["level"] == "application"]
    for name, struck in applications.groupby("disruption", sort=False, observed=True):
        rows += _disruption_rows(estate, world.disruptions[str(name)], struck, restores[str(name)])
    return pd.DataFrame(rows, columns=list(EVENT_COLUMNS))


def _disruption_rows(
    estate: Estate, disruption: Disruption, struck: pd.DataFrame, restores: Counter[Restored]
) -> Iterator[dict[str, object]]:
    common = {
        "strategy": estate.world.strategy,
        "disruption": disruption.name,
        "rate_per_year": disruption.rate_per_year,
    }
    all_usd, all_yearly, reasons = 0.0, 0.0, []
    for row in struck.to_dict("records"):
        if row["unaffected"] == row["drills"]:
            continue
        app = str(row["subject"])
        written = estate.scenario.applications[app]
        amounts = merged(_restores(estate, disruption, app, restores, int(row["drills"])))
        losses = _losses(written, row)
        for amount in amounts:
            yield common | {"application": app} | _amount_cells(amount)
        for loss in losses:
            yield common | {"application": app} | _loss_cells(loss, disruption.rate_per_year)
        known = [x for x in (*(a.usd for a in amounts), *(item.usd for item in losses)) if not math.isnan(x)]
        usd, yearly = math.fsum(known), yearly_loss_usd(written, row, disruption.rate_per_year)
        basis = _basis(app, written, amounts, losses)
        yield common | {"application": app} | _total_cells(usd, yearly, basis)
        all_usd, all_yearly = all_usd + usd, all_yearly + yearly
        reasons += [basis] if basis else []
    yield common | {"application": ""} | _total_cells(all_usd, all_yearly, "; ".join(dict.fromkeys(reasons)))


def _mean_over_drills(row: Row, column: str) -> float:
    """Return a mean over recovered drills as one over all drills, the others counting nothing."""
    value, recovered, drills = (float(row[c]) for c in (column, "recovered", "drills"))
    return value * recovered / drills if recovered and not math.isnan(value) else 0.0


def _lost(row: Row) -> float:
    """Return the probability of losing everything."""
    unrecoverable, unprotected, drills = (float(row[c]) for c in ("unrecoverable", "unprotected", "drills"))
    return (unrecoverable + unprotected) / drills


def _losses(written: Application, row: Row) -> list[_Loss]:
    hours = {c: _mean_over_drills(row, f"{c}_s_mean") / HOUR_S for c in ("downtime", "data_loss")}
    per_hour = {c: None if rate is None else rate * HOUR_S for c, rate in _rates(written).items()}
    return [
        _Loss("downtime", hours["downtime"], "hour", per_hour["downtime"], "downtime_cost"),
        _Loss("data-loss", hours["data_loss"], "hour", per_hour["data_loss"], "data_loss_cost"),
        _Loss("unrecoverable", _lost(row), "incident", written.unrecoverable_cost, "unrecoverable_cost"),
    ]


def _rates(written: Application) -> dict[str, float | None]:
    return {"downtime": written.downtime_cost, "data_loss": written.data_loss_cost}


def yearly_loss_usd(written: Application, row: Row, rate_per_year: float) -> float:
    """Return the expected yearly loss of an application [USD/year]; NaN where losing everything has no price."""
    found = expected_yearly_loss(
        rate_per_year,
        _mean_over_drills(row, "downtime_s_mean"),
        _mean_over_drills(row, "data_loss_s_mean"),
        _lost(row),
        downtime_usd_per_s=written.downtime_cost or 0.0,
        data_loss_usd_per_s=written.data_loss_cost or 0.0,
        unrecoverable_usd=written.unrecoverable_cost,
    )
    return math.nan if found is None else float(found)


def _basis(app: str, written: Application, amounts: list[Amount], losses: list[_Loss]) -> str:
    """Return what a total leaves out, and why."""
    unpriced = f"unpriced: {app} has no unrecoverable_cost" if written.unrecoverable_cost is None else ""
    optional = [item for item in losses if item.line != "unrecoverable" and math.isnan(item.usd)]
    without = ", ".join(f"{item.line} ({app} has no {item.key})" for item in optional)
    parts = (unpriced, f"without: {without}" if without else "", missing(amounts))
    return "; ".join(p for p in parts if p)


def _amount_cells(amount: Amount) -> dict[str, object]:
    return {
        "line": amount.line,
        "place": amount.place,
        "quantity": amount.quantity,
        "unit": amount.unit,
        "usd_per_unit": amount.usd_per_unit,
        "usd_per_event": amount.usd,
        "expected_yearly_loss_usd": math.nan,
        "basis": amount.basis,
        "subject": amount.subject,
        "region": amount.price.region,
        "source": ", ".join(amount.price.source),
    }


def _loss_cells(loss: _Loss, rate_per_year: float) -> dict[str, object]:
    return {
        "line": loss.line,
        "place": "",
        "quantity": loss.quantity,
        "unit": loss.unit,
        "usd_per_unit": math.nan if loss.usd_per_unit is None else loss.usd_per_unit,
        "usd_per_event": loss.usd,
        "expected_yearly_loss_usd": rate_per_year * loss.usd,
        "basis": f"no {loss.key} given" if loss.usd_per_unit is None else f"the application's {loss.key}",
        "subject": "",
        "region": "",
        "source": "",
    }


def _total_cells(usd: float, yearly: float, basis: str) -> dict[str, object]:
    empty = {
        "place": "",
        "quantity": math.nan,
        "unit": "",
        "usd_per_unit": math.nan,
        "subject": "",
        "region": "",
        "source": "",
    }
    return {"line": "total", **empty, "usd_per_event": usd, "expected_yearly_loss_usd": yearly, "basis": basis}


# restores


def _restores(
    estate: Estate, disruption: Disruption, app: str, restores: Counter[Restored], drills: int
) -> Iterator[Amount]:
    """Yield what one recovery of an application restores and copies on average, by resource type and vault [GB]."""
    world = estate.world
    here = next(a for a in world.applications if a.name == app)
    where = _recovers_at(world, disruption, app)
    for r in here.resources:
        resource = world.resources[r]
        # names of vaults as drills log them
        vaults = {world.vaults[v].name: v for v in reversed(_vaults_of(world, resource))}
        each = _struck_members(world, disruption, resource) * estate.size_bytes(resource) / GIB / drills
        for name, vault in vaults.items():
            region = estate.region(world.vaults[vault].site)
            target = region if where is None else estate.region(where)
            for is_cold in (False, True):
                n = sum(restores[Restored(resource.name, name, is_cold, is_copied)] for is_copied in (False, True))
                if n:
                    price = estate.prices.restore(resource.type, target, cold=is_cold)
                    yield _restored("restore", estate.place(vault), resource, n * each, price)
            n = sum(restores[Restored(resource.name, name, is_cold, is_copied=True)] for is_cold in (False, True))
            if n and region != target:
                price = estate.prices.copy_transfer(resource.type, region, target)
                yield _restored("transfer", estate.place(vault), resource, n * each, price)


def _restored(line: str, place: str, resource: Resource, quantity: float, price: Price) -> Amount:
    note = "restores that turned out useless are left out" if line == "restore" else "copied to where it is restored"
    return Amount(line, place, resource.type, quantity, price, note)


def _vaults_of(world: World, resource: Resource) -> list[int]:
    """Return the vaults that hold points of a resource, those at its own site first."""
    member = world.members[resource.members[0]]
    found = [c.vault for c in member.continuous]
    for s in member.streams:
        found += [world.streams[s].vault, *(c.vault for c in world.streams[s].copies)]
    return sorted(set(found), key=lambda v: (world.vaults[v].site != resource.site, v))


def _recovers_at(world: World, disruption: Disruption, app: str) -> int | None:
    """Return the site at which an application recovers under a disruption; None for wherever its points lie."""
    here = next(a for a in world.applications if a.name == app)
    after = strike(world, disruption.name, np.zeros(1, dtype=np.int64))
    if after.site_ok[here.site]:
        return here.site
    if here.standby_site is not None and after.site_ok[here.standby_site] and after.replica_ok[here.standby_site]:
        return here.standby_site
    if here.recover_at is not None and after.site_ok[here.recover_at]:
        return here.recover_at
    return None


def _struck_members(world: World, disruption: Disruption, resource: Resource) -> float:
    """Return how many members a disruption takes when it takes any: in a zone outage those of one zone."""
    if disruption.strikes != "zone" or resource.deployment == "regional":
        return float(len(resource.members))
    zones = [world.members[m].zone for m in resource.members]
    return len(zones) / len(set(zones))
