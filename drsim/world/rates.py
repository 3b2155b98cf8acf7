"""What each event of a disruption strikes, and how often a year: from rates that count per unit of their kind."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from drsim.catalogue import Catalogue, DisruptionKind
from drsim.scenario import Disruption, Scenario, Subject, subjects
from drsim.scenario.keys import keys_of
from drsim.world.disruptions import Unit, zones_at_risk


def units_of(
    scenario: Scenario, catalogue: Catalogue, written: Disruption, kind: DisruptionKind, targets: Sequence[Subject]
) -> tuple[Unit, ...]:
    """Return what a disruption strikes, each unit alone, in an order that no name's place in the file changes.

    Args:
        scenario: with the sites.
        catalogue: with the rates where the scenario gives none.
        written: the disruption as the user wrote it.
        kind: of disruption.
        targets: the resources that it may strike.
    """
    if kind.strikes == "resource":
        units = _resources(scenario, catalogue, written, kind, targets)
    else:
        # a Region in which nothing stands in a zone has no zones to lose
        zonal = [s for s in targets if kind.strikes != "zone" or _deployment(catalogue, s) != "regional"]
        units = _places(scenario, written, kind, zonal or targets)
    if written.total_rate is None:
        return units
    events = zones_at_risk(kind.strikes, written.zone, int(catalogue.zones_per_region.value))
    weights = [unit.rate_per_year * events for unit in units]
    if math.fsum(weights) == 0:
        counts = {subject.name: float(subject.resource.count) for subject in targets}
        weights = [counts.get(unit.name, 1.0) for unit in units]
    total = math.fsum(weights)
    return tuple(
        replace(unit, rate_per_year=written.total_rate * weight / total / events)
        for unit, weight in zip(units, weights, strict=True)
    )


def _resources(
    scenario: Scenario, catalogue: Catalogue, written: Disruption, kind: DisruptionKind, targets: Sequence[Subject]
) -> tuple[Unit, ...]:
    """Return each resource that may be struck: at a rate for each member, or at its share of its application's."""
    everything = list(subjects(scenario))
    counts: dict[str, int] = {}
    for subject in targets:
        counts[subject.application] = counts.get(subject.application, 0) + subject.resource.count
    units = []
    for subject in targets:
        region = place_of(scenario, scenario.applications[subject.application].site)
        of_type = catalogue.type_of(subject.resource).loss_rate if kind.rate_per == "resource" else None
        is_given = written.rate is not None and written.total_rate is None
        each = _rate(scenario, written, kind, region) if of_type is None or is_given else of_type
        rate = each * subject.resource.count
        if kind.rate_per != "resource":
            rate /= counts[subject.application]
        units.append(Unit(subject.name, everything.index(subject.name), "", "", "", rate))
    return tuple(sorted(units, key=lambda unit: unit.name))


def _places(
    scenario: Scenario, written: Disruption, kind: DisruptionKind, targets: Sequence[Subject]
) -> tuple[Unit, ...]:
    """Return each account, Region, key or service of a Region: that of the site, else all that hold targets."""
    homes = {s.name: scenario.applications[s.application].site for s in targets}
    at = {name: scenario.sites[home] for name, home in homes.items()}
    here = [scenario.sites[written.site]] if written.site else list(at.values())
    if kind.strikes == "premises":
        named = [written.site] if written.site else sorted(set(homes.values()))
        premises = [name for name in named if scenario.sites[name].on_premises]
        return tuple(Unit(p, -1, p, "", "", _rate(scenario, written, kind, p)) for p in premises)
    if kind.strikes == "account":
        accounts = sorted({site.account for site in here})
        region = {account: next(s.region for s in here if s.account == account) for account in accounts}
        return tuple(Unit(a, -1, "", a, "", _rate(scenario, written, kind, region[a])) for a in accounts)
    if kind.strikes == "key":
        keys = sorted({key for s in targets if at[s.name] in here for key in keys_of(scenario, s)})
        keys = [key for key in keys if written.key in (None, key)]
        region = {key: next(at[s.name].region for s in targets if key in keys_of(scenario, s)) for key in keys}
        return tuple(Unit(k, -1, "", "", "", _rate(scenario, written, kind, region[k]), k) for k in keys)
    regions = sorted({site.region for site in here if not site.on_premises})
    if kind.strikes != "service":
        return tuple(Unit(r, -1, r, "", "", _rate(scenario, written, kind, r)) for r in regions)
    services = {(s.resource.type, at[s.name].region) for s in targets if at[s.name].region in regions}
    if written.service is not None:
        services = {(written.service, region) for region in regions}
    return tuple(Unit(f"{s} in {r}", -1, r, "", s, _rate(scenario, written, kind, r)) for s, r in sorted(services))


def place_of(scenario: Scenario, site: str) -> str:
    """Return the Region of a site; premises are a place of their own, by the name of the site."""
    return site if scenario.sites[site].on_premises else scenario.sites[site].region


def _deployment(catalogue: Catalogue, subject: Subject) -> str:
    return subject.resource.deployment or catalogue.type_of(subject.resource).deployment


def _rate(scenario: Scenario, written: Disruption, kind: DisruptionKind, region: str) -> float:
    """Return the events a year of one unit of the kind: as written, else the catalogue's for the Region."""
    if written.rate is not None and written.total_rate is None:
        return written.rate
    return kind.rate(region, scenario.region_likes.get(region)).value
