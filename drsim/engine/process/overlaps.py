"""A disruption as it is met while earlier ones of its life last: places that are out, members that are down already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from drsim.engine.strike import Strikes

Array = TypeVar("Array", NDArray[np.float64], NDArray[np.bool_])
Incident = tuple[Strikes, int]
"""A disruption, and which of its incidents is meant."""


def with_outages(incident: Incident, outages: Iterable[Incident]) -> Strikes:
    """Return a disruption with the places that are out since an earlier one, and no use to anybody.

    Args:
        incident: the disruption.
        outages: earlier ones that last.
    """
    strikes, e = incident
    for other, i in outages:
        if other.site_ok.all():
            continue
        vault_ok = strikes.vault_ok
        if other.disruption.takes.empties_region:
            vault_ok = _with_row(vault_ok, e, vault_ok[e] & other.vault_ok[i])
        strikes = replace(
            strikes,
            vault_ok=vault_ok,
            site_ok=strikes.site_ok & other.site_ok,
            replica_ok=strikes.replica_ok & other.replica_ok,
        )
    return strikes


def as_of(since_s: float, incident: Incident, holds: Iterable[Incident]) -> Strikes:
    """Return a disruption as a member meets it that has been down since a moment.

    Its data are those of when it went down, and what earlier disruptions damaged or destroyed is so still.

    Args:
        since_s: the moment [s since start].
        incident: the disruption.
        holds: earlier ones that took the member and are not over.
    """
    strikes, e = incident
    all_of_them = [incident, *holds]
    contaminated = min(since_s, *(float(x.contaminated_s[i]) for x, i in all_of_them))
    deletes = any(x.disruption.deletes_resource for x, _ in all_of_them)
    return replace(
        strikes,
        disruption=replace(strikes.disruption, deletes_resource=deletes),
        occurred_s=_with_row(strikes.occurred_s, e, since_s),
        contaminated_s=_with_row(strikes.contaminated_s, e, contaminated),
        vault_ok=_with_row(strikes.vault_ok, e, np.all([x.vault_ok[i] for x, i in all_of_them], axis=0)),
        replica_ok=np.all([x.replica_ok for x, _ in all_of_them], axis=0),
    )


def _with_row(values: Array, row: int, value: ArrayLike) -> Array:
    """Return an array with another row."""
    changed = values.copy()
    changed[row] = value
    return changed
