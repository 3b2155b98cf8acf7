"""The cost of one recovery, and what disruptions cost in a year.

Everything is a mean over the drills that reach the application. An unprotected incident loses everything, as an
unrecoverable one does; either leaves the business down until nothing is left to try and the rebuild has ended.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from drsim.catalogue.price import Price
from drsim.engine.exposure import name_of_unit
from drsim.engine.strike import may_reach, strike
from drsim.errors import Problem
from drsim.laws.cost import expected_yearly_loss
from drsim.scenario import Scenario
from drsim.scenario.model import Application
from drsim.study.costs.amounts import Amount, merged, missing
from drsim.study.costs.estate import Estate
from drsim.study.costs.restored import option_costs
from drsim.study.losses import Losses, MeanEvent, RestoreKind
from drsim.units import GIB, HOUR_S, format_number
from drsim.world import World
from drsim.world.disruptions import Disruption
from drsim.world.model import Application as Placed
from drsim.world.model import Resource

EVENT_COLUMNS = (
    *("strategy", "disruption", "application", "line", "place", "quantity", "unit", "usd_per_unit", "usd_per_event"),
    *("rate_per_year", "expected_yearly_loss_usd", "basis", "subject", "region", "source", "struck"),
    *("mean_recovery_h", "mean_rebuild_h"),
)
"""The columns of the event costs. `subject` is the resource type of what is restored or moved, `region` and `source`
are those of its price. `struck` is what was struck where the application is down only because it requires it.
`mean_recovery_h` and `mean_rebuild_h` stand beside the totals of applications: the mean downtime of recoveries, and the
mean of `rebuild`."""

_BY_ITEM = "one request for what was deleted from a member, which is put back item by item"


@dataclass(frozen=True)
class _Loss:
    """One line of what an incident costs the business.

    Attributes:
        line: `downtime`, `data-loss`, `unrecoverable` or `rebuild`.
        quantity: mean over all drills that reach the application: hours, or a probability.
        unit: `hour` or `incident`.
        usd_per_unit: as the application has it; None where it gives none.
        key: the application's key that holds it.
        note: what else it rests on.
    """

    line: str
    quantity: float
    unit: str
    usd_per_unit: float | None
    key: str
    note: str = ""

    @property
    def usd(self) -> float:
        """Cost of one incident [USD]; NaN where the application gives none."""
        return math.nan if self.usd_per_unit is None else self.quantity * self.usd_per_unit

    @property
    def basis(self) -> str:
        """Where its price comes from."""
        given = f"no {self.key} given" if self.usd_per_unit is None else f"the application's {self.key}"
        return "; ".join(part for part in (given, self.note) if part)


def event_costs(
    scenario: Scenario, world: World, losses: Mapping[str, Losses], estate: Estate | None = None
) -> pd.DataFrame:
    """Return the cost of one recovery by line, and the expected yearly loss, under each disruption [USD].

    The yearly loss is that of `drsim.laws.cost.expected_yearly_loss`. Without an `unrecoverable_cost` it is unpriced:
    NaN, and the basis says so. Restores and transfers count in `usd_per_event` only.

    Args:
        scenario: what the user wrote.
        world: the world of the strategy.
        losses: of the strategy under each disruption.
        estate: of both, where that is known.

    Returns:
        For each disruption and each application that it can reach its lines and their `total`, likewise for each unit
        that takes an application down which does not stand in it, then the total of the disruption, with
        `EVENT_COLUMNS`.
    """
    estate = estate or Estate.of(scenario, world)
    rows = [
        row
        for name, losses_of_it in losses.items()
        for row in _disruption_rows(estate, world.disruptions[name], losses_of_it)
    ]
    return pd.DataFrame(rows, columns=list(EVENT_COLUMNS))


def _disruption_rows(estate: Estate, disruption: Disruption, losses: Losses) -> Iterator[dict[str, object]]:
    common = {"strategy": estate.world.strategy, "disruption": disruption.name}
    per_year: list[float] = []
    yearly: list[float] = []
    reasons: dict[str, None] = {}
    for app in estate.world.applications:
        written = estate.scenario.applications[app.name]
        for event in losses.events(app.name):
            whose = {"application": app.name, "struck": event.struck, "rate_per_year": event.per_year}
            amounts = [] if event.struck else merged(_restores(estate, disruption, app, losses))
            lines = [] if math.isnan(event.p_lost) else _losses(app, written, event)
            yield from (common | whose | _amount_cells(amount) for amount in amounts)
            yield from (common | whose | _loss_cells(line, event.per_year) for line in lines)
            basis = _basis(written, event, amounts, lines)
            known = [x for x in (*(a.usd for a in amounts), *(line.usd for line in lines)) if not math.isnan(x)]
            usd = math.fsum(known) if lines else math.nan
            yearly.append(yearly_loss_usd(written, event))
            per_year.append(event.per_year * usd if event.per_year else 0.0)
            yield common | whose | _total_cells(usd, yearly[-1], basis) | _means(app, event)
            reasons |= {basis: None} if basis else {}
    rate = math.fsum(disruption.events_per_year(unit) for unit in disruption.units)
    usd = math.fsum(per_year) / rate if rate else math.nan
    whose = {"application": "", "struck": "", "rate_per_year": rate}
    yield common | whose | _total_cells(usd, math.fsum(yearly), "; ".join(reasons))


def _losses(app: Placed, written: Application, event: MeanEvent) -> list[_Loss]:
    hourly = {key: None if usd is None else usd * HOUR_S for key, usd in _rates(written).items()}
    recovered, lost = (1 - event.p_lost) / HOUR_S, event.p_lost
    until_rebuilt = lost * (event.lost_after_s + event.rebuild_s) / HOUR_S
    whose = "the scenario's" if app.rebuild_is_given else "the catalogue's estimate"
    return [
        _Loss("downtime", recovered * event.downtime_s, "hour", hourly["downtime_cost"], "downtime_cost"),
        _Loss("data-loss", recovered * event.data_loss_s, "hour", hourly["data_loss_cost"], "data_loss_cost"),
        _Loss("unrecoverable", lost, "incident", written.unrecoverable_cost, "unrecoverable_cost"),
        _Loss("rebuild", until_rebuilt, "hour", hourly["downtime_cost"], "downtime_cost", f"rebuild is {whose}"),
    ]


def _rates(written: Application) -> dict[str, float | None]:
    return {"downtime_cost": written.downtime_cost, "data_loss_cost": written.data_loss_cost}


def yearly_loss_usd(written: Application, event: MeanEvent) -> float:
    """Return the expected yearly loss of an application by one kind of event [USD/year].

    NaN where losing everything has no price, and where no drill tells what an event does that may come.
    """
    if math.isnan(event.p_lost) and not event.per_year and written.unrecoverable_cost is not None:
        return 0.0
    yearly = expected_yearly_loss(
        event.per_year,
        event.downtime_s,
        event.data_loss_s,
        event.p_lost,
        event.lost_after_s,
        event.rebuild_s,
        downtime_usd_per_s=written.downtime_cost or 0.0,
        data_loss_usd_per_s=written.data_loss_cost or 0.0,
        unrecoverable_usd=written.unrecoverable_cost,
    )
    return math.nan if yearly is None else float(yearly)


def _basis(written: Application, event: MeanEvent, amounts: list[Amount], losses: list[_Loss]) -> str:
    """Return what a total leaves out, and why."""
    app = event.application
    unpriced = f"unpriced: {app} has no unrecoverable_cost" if written.unrecoverable_cost is None else ""
    unknown = "" if losses else f"unknown: no drill reached {app}"
    optional: dict[str, list[str]] = {}
    for item in losses:
        if item.line != "unrecoverable" and math.isnan(item.usd):
            optional.setdefault(item.key, []).append(item.line)
    without = ", ".join(f"{' and '.join(lines)} ({app} has no {key})" for key, lines in optional.items())
    parts = (unpriced, unknown, f"without: {without}" if without else "", missing(amounts))
    return "; ".join(p for p in parts if p)


def _means(app: Placed, event: MeanEvent) -> dict[str, object]:
    recovery = event.downtime_s / HOUR_S if event.p_lost < 1 else math.nan
    return {"mean_recovery_h": recovery, "mean_rebuild_h": app.rebuild.mean / HOUR_S}


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
        "subject": amount.type,
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
        "basis": loss.basis,
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


def _restores(estate: Estate, disruption: Disruption, app: Placed, losses: Losses) -> Iterator[Amount]:
    """Yield what one event of an application restores and copies on average, by resource type and vault [GB]."""
    world, restores, shares = estate.world, losses.restores, losses.shares(app.name)
    where = _recovers_at(world, disruption, app)
    for r in app.resources:
        resource = world.resources[r]
        unit = _unit_of(world, disruption, r)
        if (app.name, unit) not in losses.tallies:
            continue
        # names of vaults as drills log them
        vaults = {world.vaults[v].name: v for v in reversed(_vaults_of(world, resource))}
        share = shares[unit] / losses.tallies[app.name, unit].drills
        restored = share * _struck_members(world, disruption, resource)
        restored_gib = restored * estate.size_bytes(resource) / GIB
        for name, vault in vaults.items():
            region = estate.region(world.vaults[vault].site)
            is_to_premises = where is not None and world.sites[where].is_on_premises
            target = region if where is None or is_to_premises else estate.region(where)
            drilled = 0
            for is_cold in (False, True):
                n = sum(restores[RestoreKind(resource.name, name, is_cold, is_copied)] for is_copied in (False, True))
                drilled += n
                if n:
                    price = estate.prices.restore(resource.type, target, cold=is_cold)
                    yield _restored("restore", estate.place(vault), resource, n * restored_gib, price)
            yield from option_costs(estate, resource, drilled * restored_gib, "restore", estate.place(vault), target)
            fee = estate.prices.item_restore(resource.type, target) if _takes_items(estate, disruption) else None
            if fee and drilled:
                yield Amount("restore", estate.place(vault), resource.type, drilled * restored, fee, (_BY_ITEM,))
            if is_to_premises and drilled:
                price = estate.prices.to_premises(region)
                yield _restored("transfer", estate.place(vault), resource, drilled * restored_gib, price)
            n = sum(restores[RestoreKind(resource.name, name, is_cold, is_copied=True)] for is_cold in (False, True))
            if n and region != target:
                price = estate.prices.copy_transfer(resource.type, region, target)
                yield _restored("transfer", estate.place(vault), resource, n * restored_gib, price)


def _takes_items(estate: Estate, disruption: Disruption) -> bool:
    """Return whether a disruption takes data out of a resource that stays, which are put back item by item."""
    kind = estate.scenario.catalogue.disruptions[disruption.kind]
    return kind.may_delete_resource and not disruption.deletes_resource


def _unit_of(world: World, disruption: Disruption, r: int) -> str:
    """Return what the log calls struck in the rows of a resource; nothing where it cannot be."""
    a = world.resources[r].app
    units = (unit for unit in disruption.units if may_reach(world, disruption, unit, r))
    return next((name_of_unit(world, disruption, unit, a) for unit in units), "")


def _restored(line: str, place: str, resource: Resource, quantity: float, price: Price) -> Amount:
    note = "restores that turned out useless are left out" if line == "restore" else "moved to where it is restored"
    return Amount(line, place, resource.type, quantity, price, (note,))


def _vaults_of(world: World, resource: Resource) -> list[int]:
    """Return the vaults that hold points of a resource, those at its own site first."""
    member = world.members[resource.members[0]]
    holding = [c.vault for c in member.continuous]
    for s in member.streams:
        holding += [world.streams[s].vault, *(c.vault for c in world.streams[s].copies)]
    return sorted(set(holding), key=lambda v: (world.vaults[v].site != resource.site, v))


def _recovers_at(world: World, disruption: Disruption, app: Placed) -> int | None:
    """Return the site at which an application recovers under a disruption; None for wherever its points lie.

    All units that reach it take the same sites: they are its resources, its account, its Region or services of it.
    """
    units = range(len(disruption.units))
    reaching = (u for u in units if any(may_reach(world, disruption, disruption.units[u], r) for r in app.resources))
    unit = next(reaching, None)
    if unit is None:
        return app.site
    after = strike(world, disruption.name, np.zeros(1, dtype=np.int64), unit=unit)
    if after.site_ok[app.site]:
        return app.site
    if app.standby_site is not None and after.site_ok[app.standby_site] and after.replica_ok[app.standby_site]:
        return app.standby_site
    if app.recover_at is not None and after.site_ok[app.recover_at]:
        return app.recover_at
    return None


def _struck_members(world: World, disruption: Disruption, resource: Resource) -> float:
    """Return how many members a disruption takes on average when it takes any.

    Kinds that strike one resource take one member; a zone outage those of its zone, over which they are spread unless
    the site names one; all others take all.
    """
    members = len(resource.members)
    if disruption.strikes == "resource":
        return 1.0
    if disruption.strikes == "zone" and world.sites[resource.site].zone is None:
        return members / min(members, disruption.zones)
    return float(members)


# rebuilds


def short_rebuilds(events: pd.DataFrame) -> tuple[Problem, ...]:
    """Return a notice for each strategy and application that is recovered more slowly than it would be rebuilt.

    Money would then praise whatever loses everything.

    Args:
        events: with `EVENT_COLUMNS`.
    """
    slow = events[events["mean_recovery_h"] > events["mean_rebuild_h"]]
    problems = []
    for (strategy, app), of_pair in slow.groupby(["strategy", "application"], sort=False):
        rebuild = float(of_pair["mean_rebuild_h"].iloc[0])
        by_disruption = of_pair.groupby("disruption", sort=False)["mean_recovery_h"].max()
        times = ", ".join(f"{format_number(hours)} h under {name}" for name, hours in by_disruption.items())
        problems.append(
            Problem(
                "",
                0,
                "rebuild-too-short",
                f"{app} under {strategy}: recoveries take {times} on average, its rebuild {format_number(rebuild)} h",
                "the rebuild is too short to compare by money, since what loses everything would come out cheaper: no "
                "break-even is shown",
                "write as `rebuild` how long the business is down when its data are lost for good",
            )
        )
    return tuple(problems)
