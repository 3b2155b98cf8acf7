"""What stands on premises reaches AWS over an uplink: how many jobs fill it, and how long their bytes are under way."""

from __future__ import annotations

import math
from typing import NamedTuple

from drsim.catalogue import Catalogue, ResourceType
from drsim.distributions import Capped, Constant, Distribution, InStep
from drsim.laws.jobs import Work
from drsim.scenario.resolve import Parameters
from drsim.world.model import Site


def in_step(first: Distribution, second: Distribution) -> Distribution:
    """Return the sum of two distributions with the same luck; of constants a constant, for which nothing is drawn."""
    if isinstance(first, Constant) and isinstance(second, Constant):
        return Constant(first.value + second.value)
    return InStep(first, second)


def lanes(site: Site, catalogue: Catalogue) -> int:
    """Return how many jobs fill the uplink of premises: as many as the slowest gateway's median rate goes into it.

    Each lane is an equal part of the line, and no wider than one job of a gateway is fast.
    """
    rates = [
        kind.parameters["backup_rate"].value
        for kind in catalogue.types.values()
        if kind.on_premises and "backup_rate" in kind.parameters
    ]
    slowest = min((rate.quantile(0.5) for rate in rates if isinstance(rate, Distribution)), default=math.inf)
    return max(1, math.ceil((site.uplink or 0.0) / slowest))


class Phases(NamedTuple):
    """A job over an uplink: what passes before its bytes move, and these."""

    first: Distribution
    transfer: Work


def over_uplink(
    values: Parameters, kind: ResourceType, lane: float, seed: int, entity: str, job: str, law: str
) -> Phases:
    """Return the law of a job whose bytes pass over a lane of an uplink.

    The catalogue's rate is what gateways reach on lines that nobody knows; here the line is known and takes its place.
    A rate that the user gives holds as far as the lane carries it, and a whole duration is the transfer.

    Args:
        values: the parameters that hold.
        kind: type of the resource.
        lane: what a lane carries [bytes/s].
        seed: of all draws.
        entity: whose jobs they are, which names their luck.
        job: their kind, likewise.
        law: `backup` or `restore`: by whose parameters they go.
    """
    whole, parts = values.law(law)
    if whole is not None:
        return Phases(Constant(0.0), Work.drawn(seed, entity, job, whole, None, None, None))
    rate = _within(parts.get("rate"), kind, f"{law}_rate", lane)
    transfer = Work.drawn(seed, entity, job, None, None, rate, parts.get("object_rate"))
    return Phases(parts.get("fixed") or Constant(0.0), transfer)


def hydration_over_uplink(values: Parameters, kind: ResourceType, lane: float, seed: int, entity: str) -> Work | None:
    """Return how long data are loaded over a lane after they are usable; None where nothing is; as `over_uplink`."""
    rate = _within(values.distribution("hydration_rate"), kind, "hydration_rate", lane)
    return None if rate is None else Work.drawn(seed, entity, "hydration_over_uplink", None, None, rate, None)


def _within(rate: Distribution | None, kind: ResourceType, name: str, lane: float) -> Distribution | None:
    """Return a rate as far as a lane carries it: the catalogue's gives way to the lane, the user's is cut off."""
    if rate is None:
        return None
    known = kind.parameters.get(name)
    return Constant(lane) if known is not None and rate is known.value else Capped(rate, lane)
