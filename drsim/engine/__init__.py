"""The clocks: from a scenario's world to the log of its incidents."""

from drsim.engine.build import build_world
from drsim.engine.drill import run_drills
from drsim.engine.lifetime import run_lives
from drsim.engine.world import World

__all__ = ["World", "build_world", "run_drills", "run_lives"]
