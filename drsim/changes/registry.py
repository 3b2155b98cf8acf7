"""The registry: every change there is, once.

Knobs, uncertain inputs, reliefs and remedies each name the change that they choose a value for.
"""

from __future__ import annotations

from drsim.changes import (
    disruption,
    estate,
    limits,
    parameters,
    protection,
    replication,
    response,
    restores,
    rules,
    standby,
    vaults,
)
from drsim.changes.model import Change

_ROOMS = (
    *(rules.CHANGES, protection.CHANGES, vaults.CHANGES, standby.CHANGES, replication.CHANGES, response.CHANGES),
    *(restores.CHANGES, limits.CHANGES, disruption.CHANGES, estate.CHANGES, parameters.CHANGES),
)

CHANGES: dict[str, Change] = {change.id: change for room in _ROOMS for change in room}
"""All changes, by id."""
