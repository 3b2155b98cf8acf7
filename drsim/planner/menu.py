"""What each key of `planning` may name in a scenario: what there is to choose from before anything is ruled out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from drsim.catalogue import ResourceType
from drsim.planner.space import MODES
from drsim.scenario import Scenario, subjects
from drsim.scenario.capabilities import has_archive
from drsim.scenario.planning import INTERVALS_S, RETENTIONS_S
from drsim.scenario.plans import Vault
from drsim.scenario.quantities import READERS
from drsim.scenario.writing import write_quantity


def menu(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """Return, by key of `planning`, the names that it may have, as scenarios write them.

    Those of `intervals` and `retentions` are what holds where nothing is said; others may be named.

    Args:
        scenario: a right one.
    """
    kinds = dict(_kinds(scenario))
    features = tuple(sorted({name for kind in kinds.values() for name in kind.replication}))
    sites = [site for site in scenario.sites.values() if not site.on_premises]
    on = scenario.as_of
    return {
        "disruptions": tuple(name for name in scenario.disruptions if _is_asked(scenario, name)),
        "baseline": tuple(scenario.strategies),
        "keep": (
            *(f"{app}.*" for app in scenario.applications),
            *(name for name in subjects(scenario) if name.count(".") == 1),
            *(f"type:{name}" for name in kinds),
        ),
        "intervals": tuple(_duration(value) for value in INTERVALS_S),
        "retentions": tuple(_duration(value) for value in RETENTIONS_S),
        "vaults": tuple(scenario.vaults),
        "regions": tuple(dict.fromkeys(site.region for site in sites)),
        "accounts": tuple(dict.fromkeys(site.account for site in sites)),
        "locks": tuple(lock for lock in get_args(Vault.model_fields["lock"].annotation) if lock != "none"),
        "continuous": tuple(name for name, kind in kinds.items() if kind.can("continuous", on) is True),
        "replication": features,
        "standby": MODES,
        "cold": tuple(
            name for name, kind in kinds.items() if kind.can("cold-storage", on) is True and not has_archive(kind, on)
        ),
        "avoid": features,
    }


def _kinds(scenario: Scenario) -> Iterator[tuple[str, ResourceType]]:
    """Yield the types of the scenario's resources with their names, each once."""
    names = [resource.type for app in scenario.applications.values() for resource in app.resources.values()]
    for name in dict.fromkeys(names):
        yield name, scenario.catalogue.types[name]


def _is_asked(scenario: Scenario, disruption: str) -> bool:
    """Return whether an application has an objective under a disruption."""
    return any(app.objectives.under(disruption).is_asking for app in scenario.applications.values())


def _duration(value_s: float) -> str:
    return str(write_quantity("duration", value_s, READERS["duration"]))
