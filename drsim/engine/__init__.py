"""The clocks: from a scenario's world to the log of its incidents."""

from drsim.engine.build import build_world
from drsim.engine.drill import begin, path_parts, run_drills, settle
from drsim.engine.lifetime import run_lives
from drsim.engine.log import DOWNTIME_PARTS, LOSS_PARTS
from drsim.engine.process import simulate_recovery
from drsim.engine.recovered import Recovered
from drsim.engine.recovery import Recovery
from drsim.engine.vectorised import (
    Memory,
    drills_together,
    has_line,
    run_all_vectorised,
    run_vectorised,
    why_not_vectorised,
)
from drsim.engine.world import World

__all__ = [
    "DOWNTIME_PARTS",
    "LOSS_PARTS",
    "Memory",
    "Recovered",
    "Recovery",
    "World",
    "begin",
    "build_world",
    "drills_together",
    "has_line",
    "path_parts",
    "run_all_vectorised",
    "run_drills",
    "run_lives",
    "run_vectorised",
    "settle",
    "simulate_recovery",
    "why_not_vectorised",
]
