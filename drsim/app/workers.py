"""How worker processes begin."""

from __future__ import annotations

import multiprocessing
import sys
from typing import Any


def context() -> Any:  # noqa: ANN401  # its kind depends on the system
    """Return what begins processes."""
    # a fork of the server, which has threads, would not be safe; one of a process that has read all it needs, and does
    # nothing else, is, and starts at once
    context_ = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
    if sys.platform == "linux":
        context_.set_forkserver_preload(["drsim.app.ready"])
    return context_


def read_ahead() -> None:
    """Begin the process that workers are copies of, which reads while this one goes on."""
    context()
    if sys.platform == "linux":
        from multiprocessing.forkserver import ensure_running

        ensure_running()
