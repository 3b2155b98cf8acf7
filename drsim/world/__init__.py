"""The world: one strategy of a scenario compiled for the clocks, in indices instead of names, without clock or luck."""

from drsim.world.build import build_world
from drsim.world.model import World

__all__ = ["World", "build_world"]
