"""What runs in ordinary times for the sake of a disaster: replicas, and the instances of a standby.

`replication` holds what replicas cost: their storage, transfer and replicated writes, and the instance of a feature
that runs one. `standby` holds what the mode adds at the standby site: from pilot light on the instances of data stores
that are replicated there, from warm standby on the servers, with their disks where no replica brings them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from drsim.catalogue.price import USER, Price
from drsim.study.costs.amounts import Amount
from drsim.study.costs.estate import Estate
from drsim.units import DAY_S, GIB, HOUR_S, MONTH_S
from drsim.world.model import Replica, Resource

HOURS_PER_MONTH = MONTH_S / HOUR_S
_SHARES = {"backup-and-restore": 0.0, "pilot-light": 0.0, "multi-site": 1.0}
"""Share of the servers that runs; a warm standby's is its capacity."""


def replication(estate: Estate, resource: Resource) -> Iterator[Amount]:
    """Yield what the replicas of a resource cost in a month."""
    n = len(resource.members)
    for replica in estate.world.members[resource.members[0]].replicas:
        home, there = estate.region_of_source(resource, replica.site), estate.region(replica.site)
        place = estate.world.sites[replica.site].name
        double = _is_double(estate, resource, replica.site)
        prices = estate.prices.replication(replica.name, resource.type, home, there)
        for listed in prices.lines:
            price = listed
            if listed.item.startswith("primary-storage/"):
                price = estate.prices.primary_storage(listed.item.split("/", 1)[1], there, multi_az=double)
            if price.item.startswith("transfer/") and home == there:
                continue
            quantity, notes = _replicated(estate, resource, price)
            yield Amount("replication", place, resource.type, n * quantity, price, notes, subject=resource.name)
        if prices.runs_instance:
            price = instance_price(estate, resource, replica.site, multi_az=double)
            yield Amount("replication", place, resource.type, n * HOURS_PER_MONTH, price, subject=resource.name)


def _replicated(estate: Estate, resource: Resource, price: Price) -> tuple[float, tuple[str, ...]]:
    """Return how much of a replication price one member takes in a month, and what was assumed."""
    unit = price.unit.removeprefix("USD/")
    if unit == "hour":
        return HOURS_PER_MONTH, ()
    if unit == "GiB-month":
        return estate.provisioned_bytes(resource) / GIB, ()
    share = estate.change_rate(resource) * MONTH_S / DAY_S
    if unit == "GiB":
        written = estate.subjects[resource.name].resource.write_rate
        if written is not None:
            return written * MONTH_S / GIB, ("every byte written is replicated",)
        return estate.size_bytes(resource) * share / GIB, ("what changes in a day is replicated once",)
    grown = estate.size_bytes(resource) / resource.size_bytes if resource.size_bytes else 1.0
    notes = () if resource.objects else ("the number of objects is not given and taken as 0",)
    return resource.objects * grown * share / 1000, notes


def standby(estate: Estate, resource: Resource) -> Iterator[Amount]:
    """Yield what runs of a resource at its application's standby site in a month, beyond its replicas."""
    app = estate.world.applications[resource.app]
    written = estate.scenario.strategies[estate.world.strategy].standby.get(app.name)
    if written is None or app.standby_site is None or written.mode == "backup-and-restore":
        return
    member = estate.world.members[resource.members[0]]
    replicas = [r for r in member.replicas if r.site == app.standby_site]
    serves = resource.stateless or member.restoration.is_server
    if not (resource.stateless or replicas):
        return  # its data is not there before it is restored
    if any(_runs_instance(estate, resource, r) for r in replicas):
        return  # the feature's own instance serves
    share = _SHARES.get(written.mode, written.capacity) if serves else 1.0
    if share == 0:
        return
    n, place = share * len(resource.members), written.site
    notes = (f"{share:.0%} of {len(resource.members)}",) if serves else ()
    if estate.prices.billing(resource.type).instances or _is_priced(estate, resource):
        price = instance_price(
            estate, resource, app.standby_site, multi_az=not serves and _is_double(estate, resource, app.standby_site)
        )
        yield Amount("standby", place, resource.type, n * HOURS_PER_MONTH, price, notes, subject=resource.name)
    if not replicas and resource.size_bytes:
        price = estate.prices.primary_storage(resource.type, estate.region(app.standby_site))
        stored = n * estate.provisioned_bytes(resource) / GIB
        yield Amount("standby", place, resource.type, stored, price, notes, subject=resource.name)


def instance_price(estate: Estate, resource: Resource, site: int, *, multi_az: bool) -> Price:
    """Return the price of running one member [USD/hour]: the resource's own, else its instance's."""
    written = estate.subjects[resource.name].resource
    listed = estate.prices.instance(written.instance or "", estate.region(site), resource.type, multi_az=multi_az)
    if written.compute_cost is not None:
        return replace(listed, value=written.compute_cost * HOUR_S, basis=USER, note="compute_cost")
    if written.instance is None:
        return replace(listed, value=None, basis="unknown", note=f"{resource.name} names no instance or compute_cost")
    return listed


def provisions_at(estate: Estate, resource: Resource) -> Iterator[int]:
    """Yield the sites at which members of a resource run with storage of their own."""
    yield resource.site
    for replica in estate.world.members[resource.members[0]].replicas:
        if _runs_instance(estate, resource, replica):
            yield replica.site


def _runs_instance(estate: Estate, resource: Resource, replica: Replica) -> bool:
    home, there = estate.region_of_source(resource, replica.site), estate.region(replica.site)
    return estate.prices.replication(replica.name, resource.type, home, there).runs_instance


def _is_double(estate: Estate, resource: Resource, site: int) -> bool:
    """Return whether a data store runs in two zones at a site: in a full standby of one that does at home."""
    app = estate.world.applications[resource.app]
    return app.standby_mode == "multi-site" and app.standby_site == site and resource.deployment == "multi-az"


def _is_priced(estate: Estate, resource: Resource) -> bool:
    written = estate.subjects[resource.name].resource
    return written.instance is not None or written.compute_cost is not None
