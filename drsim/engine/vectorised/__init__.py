"""The vectorised clock: only what each incident can see, for all drills at once, in NumPy.

It applies the laws of `drsim.laws` that the process clock applies, to arrays instead of one job at a time, and gives
the same incidents to the last bit. The steps: what the disruption does (`drsim.engine.strike`); what each member is
recovered from (`options`, `fates`), which asks what the jobs before left behind (`history`, from `calendar`, `windows`
and `jobs`); whom it strikes and where they recover (`targets`); when everything is done (`recovery`, `queues`,
`paths`); what the roll-up is given (`incidents`). Worlds that are nearly alike share what they can (`rehearsal`), and
one resource is tried under many protections at once (`alone`). All queues are served by `slots`.
"""

from drsim.engine.log import Log
from drsim.engine.vectorised.alone import Alone, fares_alone
from drsim.engine.vectorised.drills import (
    drills_together,
    frame_of_all,
    has_line,
    run_all_vectorised,
    run_vectorised,
    runs_together,
    why_not_vectorised,
)
from drsim.engine.vectorised.rehearsal import Rehearsal

__all__ = [
    "Alone",
    "Log",
    "Rehearsal",
    "drills_together",
    "fares_alone",
    "frame_of_all",
    "has_line",
    "run_all_vectorised",
    "run_vectorised",
    "runs_together",
    "why_not_vectorised",
]
