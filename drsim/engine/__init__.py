"""The clocks: from a scenario's world to the log of its incidents."""

from drsim.engine.incidents import DOWNTIME_PARTS, LOSS_PARTS
from drsim.engine.process.drills import begin, run_drills
from drsim.engine.process.incidents import settle
from drsim.engine.process.lives import run_lives
from drsim.engine.process.recovered import Recovered
from drsim.engine.process.recovery import Recovery, simulate_recovery
from drsim.engine.vectorised import (
    Memory,
    drills_together,
    has_line,
    run_all_vectorised,
    run_vectorised,
    why_not_vectorised,
)

__all__ = [
    "DOWNTIME_PARTS",
    "LOSS_PARTS",
    "Memory",
    "Recovered",
    "Recovery",
    "begin",
    "drills_together",
    "has_line",
    "run_all_vectorised",
    "run_drills",
    "run_lives",
    "run_vectorised",
    "settle",
    "simulate_recovery",
    "why_not_vectorised",
]
