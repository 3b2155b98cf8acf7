"""The vectorised clock: only what each incident can see, for all drills at once, in NumPy.

It applies the laws of `drsim.laws` that the process clock applies, to arrays instead of one job at a time, and gives
the same incidents to the last bit. The steps: what the disruption does (`drsim.engine.strike`); what each member is
recovered from (`options`, `fates`), which asks what the jobs before left behind (`history`, from `calendar`, `windows`
and `jobs`); whom it strikes and where they recover (`targets`); when everything is done (`recovery`, `queues`,
`paths`); what the roll-up is given (`incidents`). All queues are served by `slots`.
"""

from drsim.engine.vectorised.drills import (
    drills_together,
    has_line,
    run_all_vectorised,
    run_vectorised,
    why_not_vectorised,
)
from drsim.engine.vectorised.memory import Memory

__all__ = ["Memory", "drills_together", "has_line", "run_all_vectorised", "run_vectorised", "why_not_vectorised"]
