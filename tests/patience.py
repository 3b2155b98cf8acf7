"""How long tests wait for what should be there.

A test that waits ends with what it waits for, and takes as long as that takes; it is only a failure that takes so long
as is said here. How quick things are is measured by `make bench` and `make load`, where nothing else runs beside them.
"""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_S = 1200.0
"""For work in other processes and pages without a browser: far more than any of them takes on the slowest machine."""

BROWSER_S = 300.0
"""For what a browser should show: less, since a test that looks for the wrong thing waits that long."""


def until(what: Callable[[], object], *, every_s: float = 0.02, patience_s: float = PATIENCE_S) -> bool:
    """Wait until something holds; return whether it does.

    Args:
        what: asked again and again.
        every_s: time between two looks.
        patience_s: after which it is given up.
    """
    end = time.monotonic() + patience_s
    while not (holds := bool(what())) and time.monotonic() < end:
        time.sleep(every_s)
    return holds
