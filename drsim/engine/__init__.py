"""The clocks: from a scenario's world to the log of its incidents."""

from drsim.engine.incidents import DOWNTIME_PARTS, LOSS_PARTS
from drsim.engine.process.drills import begin, run_drills
from drsim.engine.process.incidents import settle
from drsim.engine.process.lives import run_lives
from drsim.engine.process.recovered import Recovered
from drsim.engine.process.recovery import Recovery, simulate_recovery
from drsim.engine.vectorised import (
    Alone,
    Log,
    Rehearsal,
    drills_together,
    fares_alone,
    frame_of_all,
    has_line,
    run_all_vectorised,
    run_vectorised,
    runs_together,
    why_not_vectorised,
)

__all__ = [
    "DOWNTIME_PARTS",
    "LOSS_PARTS",
    "Alone",
    "Log",
    "Recovered",
    "Recovery",
    "Rehearsal",
    "begin",
    "drills_together",
    "fares_alone",
    "frame_of_all",
    "has_line",
    "run_all_vectorised",
    "run_drills",
    "run_lives",
    "run_vectorised",
    "runs_together",
    "settle",
    "simulate_recovery",
    "why_not_vectorised",
]
