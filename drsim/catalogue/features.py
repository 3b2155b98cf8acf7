"""What a type does for itself beside its backups: automatic failovers, replication, native protection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from drsim.catalogue.leaf import Leaf
from drsim.distributions import Distribution


@dataclass(frozen=True)
class Failover:
    """A failover that a deployment makes by itself.

    Attributes:
        duration: from the failure to usable again [s], detection included.
        strikes: kinds of disruption that it answers.
    """

    duration: Leaf[Distribution]
    strikes: tuple[str, ...]


@dataclass(frozen=True)
class ReplicationFeature:
    """A replication or native protection that a type offers beside its backups.

    Attributes:
        name: as users write it.
        about: what it is, in a sentence.
        kind: `replica` (a live second copy), `point-in-time` (restores to any moment of its window) or
            `snapshots` (points at an interval).
        scope: where it may lie: `other-site`, `same-site` or `any`.
        automatic: whether it fails over by itself.
        lag: how far it is behind [s]; for snapshots, from the capture to a usable point.
        promote: from the decision to a writable replica [s]; replicas only.
        detection: time to notice the failure [s]; automatic ones only.
        interval: between snapshots [s]; snapshots only.
        retention: window or life of its points [s] where a scenario names none; not for replicas.
        retained_on_delete: whether it outlives the deletion of its resource; where left out, it does not.
    """

    name: str
    about: Leaf[str]
    kind: Literal["replica", "point-in-time", "snapshots"]
    scope: Literal["other-site", "same-site", "any"]
    automatic: bool
    lag: Leaf[Distribution]
    promote: Leaf[Distribution] | None = None
    detection: Leaf[Distribution] | None = None
    interval: Leaf[float] | None = None
    retention: Leaf[float] | None = None
    retained_on_delete: Leaf[bool] | None = None
