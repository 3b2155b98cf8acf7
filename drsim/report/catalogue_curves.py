"""Uncertain values of the catalogue that are drawn, in words."""

from __future__ import annotations

from collections.abc import Collection

from drsim.catalogue import PARAMETERS, Leaf, ResourceType, load_catalogue
from drsim.distributions import Distribution
from drsim.report import catalogue_words as in_words

KINDS = {"duration": "times", "rate": "throughputs", "object-rate": "objects a second"}
"""Kinds of uncertain values that are drawn, in words."""


def distributions_of(resource_type: ResourceType, bases: Collection[str] = ()) -> dict[str, dict[str, Distribution]]:
    """Return the uncertain values of a type by kind (`KINDS`) and name; the defaults of all types where it has none.

    Args:
        resource_type: the type.
        bases: which bases alone to show; all where there are none.
    """
    by_kind: dict[str, dict[str, Distribution]] = {kind: {} for kind in KINDS}
    parameters = {**load_catalogue().defaults, **resource_type.parameters}
    for name, leaf in parameters.items():
        if PARAMETERS[name] in KINDS and isinstance(leaf.value, Distribution) and (not bases or leaf.basis in bases):
            by_kind[PARAMETERS[name]][in_words.parameter(name, key=False)] = leaf.value
    for deployment, failover in resource_type.failovers.items():
        if not bases or failover.duration.basis in bases:
            by_kind["duration"][f"automatic failover, {deployment}"] = failover.duration.value
    for feature in resource_type.replication.values():
        for key in ("lag", "promote", "detection"):
            leaf_of: Leaf[Distribution] | None = getattr(feature, key)
            if leaf_of is not None and (not bases or leaf_of.basis in bases):
                by_kind["duration"][in_words.of_type(f"replication.{feature.name}.{key}")] = leaf_of.value
    return {kind: values for kind, values in by_kind.items() if values}


DRAWN = {"dwell": "From contamination to the stop of service", "duration": "How long outages last"}
"""Uncertain times of disruptions that are drawn, in words."""


def disruption_times(bases: Collection[str] = ()) -> dict[str, dict[str, Distribution]]:
    """Return the uncertain times of disruptions by `DRAWN` and kind.

    Args:
        bases: which bases alone to show; all where there are none.
    """
    by_parameter: dict[str, dict[str, Distribution]] = {}
    for kind in load_catalogue().disruptions.values():
        for name in DRAWN:
            leaf: Leaf[Distribution] | None = getattr(kind, name)
            if leaf is not None and not leaf.value.is_constant and (not bases or leaf.basis in bases):
                by_parameter.setdefault(name, {})[kind.name] = leaf.value
    return by_parameter
