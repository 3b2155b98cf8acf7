"""An uncertain input, the ends of its range, and how they are written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from drsim.changes.model import Change, Edit, WorldEdit
from drsim.distributions import Constant, Distribution
from drsim.scenario import Scenario
from drsim.units import format_duration, format_number, format_size
from drsim.world import World
from drsim.world.limits import SCENARIO

__all__ = [
    "GROUPS",
    "HIGH",
    "LOW",
    "SCENARIO",
    "STEPS",
    "End",
    "Input",
    "Label",
    "ends_of",
    "halves",
    "show",
    "world_ends",
]

LOW, HIGH = 0.05, 0.95
"""The percentiles that stand for the low and the high end of a distribution."""

STEPS = ((0.5, "half"), (2.0, "double"))
"""By what to multiply a value of which nobody states a distribution, with its words."""

GROUPS = ("people", "disruption", "restore", "replication", "backup", "copy", "plan", "estate", "quota", "price")
"""What inputs are about."""


def _same(scenario: Scenario) -> Scenario:
    return scenario


def _same_world(world: World) -> World:
    return world


@dataclass(frozen=True)
class End:
    """One end of an input's range.

    Attributes:
        text: the value, and what it is: `4 min (p5)`.
        edit: puts it into the scenario.
        on_world: puts it into the world, where no scenario can say it.
    """

    text: str
    edit: Edit = _same
    on_world: WorldEdit = _same_world


class Label(NamedTuple):
    """What an input is called.

    Attributes:
        what: the quantity, such as `size`.
        of: whose it is, such as `shop.images`; empty where it is nobody's in particular.
        is_clause: whether `what` is a clause of its own, such as `how often it strikes`.
    """

    what: str
    of: str = ""
    is_clause: bool = False

    def __str__(self) -> str:
        """Return it as in a list: `shop.images: size`."""
        return f"{self.of}: {self.what}" if self.of else self.what

    @property
    def words(self) -> str:
        """It as in a sentence: `size of shop.images`."""
        if not self.of:
            return self.what
        return f"{self.of}, {self.what}" if self.is_clause else f"{self.what} of {self.of}"


@dataclass(frozen=True)
class Input:
    """An uncertain input and its range.

    Attributes:
        group: one of `GROUPS`.
        label: what it is called.
        low, high: the ends; None where the range does not reach beyond the value itself.
        basis: how the value is known: a basis of the catalogue, or `SCENARIO`.
        source: keys of the catalogue's sources.
        in_drills: whether it can change what drills find of the subject.
        in_costs: whether it can change the steady cost.
        factors: by which low and high multiply the disruption's rate.
        parameter: of the catalogue or the scenario, by its name there; empty where it has none of its own.
        is_of_spells: whether it is how long the failures of that parameter last, `lasts`, and not how often they come.
        resources: for which it applies, by name; empty where it is of no resource.
        change: what its ends change; None of what nothing has to be changed for.
    """

    group: str
    label: Label
    low: End | None
    high: End | None
    basis: str
    source: tuple[str, ...] = ()
    in_drills: bool = True
    in_costs: bool = False
    factors: tuple[float, float] = (1.0, 1.0)
    parameter: str = ""
    is_of_spells: bool = False
    resources: tuple[str, ...] = ()
    change: Change | None = None

    @property
    def name(self) -> str:
        """Its label as in a list."""
        return str(self.label)


def ends_of(value: Distribution, kind: str, edit: Callable[[Distribution], Edit]) -> tuple[End | None, End | None]:
    """Return the 5th and 95th percentile of a distribution, each put in its place as a constant."""
    low, high = value.quantile(LOW), value.quantile(HIGH)
    if low == high:
        return None, None
    return tuple(  # type: ignore[return-value]
        End(f"{show(v, kind)} ({word})", edit(Constant(v))) for v, word in ((low, "p5"), (high, "p95"))
    )


def world_ends(value: Distribution, edit: Callable[[Distribution], WorldEdit]) -> tuple[End | None, End | None]:
    """Return the 5th and 95th percentile of a duration, where only the world can have them."""
    low, high = value.quantile(LOW), value.quantile(HIGH)
    if low == high:
        return None, None
    ends = [End(f"{show(v, 'duration')} ({w})", on_world=edit(Constant(v))) for v, w in ((low, "p5"), (high, "p95"))]
    return ends[0], ends[1]


def halves(p: float, edit: Callable[[float], Edit]) -> tuple[End | None, End | None]:
    """Return half and double of a probability, at most 1; None where that changes nothing."""

    def end(to: float, word: str) -> End | None:
        return None if to == p else End(f"{show(to, 'fraction')} ({word})", edit(to))

    return end(p / 2, "half"), end(min(1.0, 2 * p), "double" if 2 * p <= 1 else "certain")


def show(value: float, kind: str) -> str:
    """Return a value of a kind with its unit."""
    if kind == "duration":
        return format_duration(value)
    if kind == "rate":
        return f"{format_size(value)}/s"
    if kind == "size":
        return format_size(value)
    if kind in ("fraction", "change-rate"):
        return f"{format_number(100 * value)} %" + ("/day" if kind == "change-rate" else "")
    return f"{format_number(value)} /s" if kind == "object-rate" else format_number(value)
