"""What would have shortened a recovery: the reliefs that are tried on an incident."""

from drsim.changes import restores
from drsim.changes.disruption import GUARANTEED
from drsim.changes.limits import NO_LIMIT
from drsim.changes.response import CLEAN_KNOWN, INSTANT_END, INSTANT_START, STEPS_DONE

RELIEFS = (
    *(INSTANT_START, CLEAN_KNOWN, INSTANT_END, restores.AT_ONCE, NO_LIMIT, restores.FASTER, restores.FASTER_LAUNCHES),
    *(restores.COPIED_BEFORE, restores.NONE_COLD, restores.ALL_TESTED, STEPS_DONE, GUARANTEED, restores.UNORDERED),
)
"""All of them; of those that save the same, the first named comes first."""
