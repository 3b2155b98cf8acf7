"""The roll-up, once for both clocks: from how members and applications fared to the rows of the log.

A clock says when each member and each application was usable; what follows from that is worked out here, over arrays:
who rode the outage out, the member that decides, the poorest, the parts of loss and downtime, the worst state, and what
becomes of applications that require one which was struck.
"""

from drsim.engine.rollup.members import Members, decide, loss_parts, nth_smallest, parts_before, stacked
from drsim.engine.rollup.subjects import ApplicationIncident, ApplicationRecovery, DependentIncident, dependent, roll_up

__all__ = [
    "ApplicationIncident",
    "ApplicationRecovery",
    "DependentIncident",
    "Members",
    "decide",
    "dependent",
    "loss_parts",
    "nth_smallest",
    "parts_before",
    "roll_up",
    "stacked",
]
