"""What each objective costs: what an application's protection costs where one objective is tighter or looser.

As a function of one objective the cost is a staircase: it is told by its steps, each by the tightest value on the grid
of relaxations that costs no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from drsim.planner.plan import Search
from drsim.planner.relax import DURATIONS_S, PERCENTS, SIZES, relaxed
from drsim.planner.variants import Under, Variants
from drsim.study.measures import MEASURES

MOST_STEPS = 2
"""Steps that are told to either side."""


@dataclass(frozen=True)
class Step:
    """One step of a staircase.

    Attributes:
        value: the tightest on the grid at which it costs no more: a share, or a limit [s or bytes].
        cost: of the application [whole units]; None where nothing that was drilled does.
    """

    value: float
    cost: int | None


@dataclass(frozen=True)
class ShadowPrice:
    """What an objective of an application costs.

    Attributes:
        application: whose.
        limit: `attainment`, or the limit of a measure.
        asked: its value.
        disruptions: under which it is asked.
        cost: of the cheapest that meets all that is asked of the application [whole units].
        steps: of the staircase around it, tightest first; that on which the asked value lies among them.
    """

    application: str
    limit: str
    asked: float
    disruptions: tuple[str, ...]
    cost: int
    steps: tuple[Step, ...]

    @property
    def looser(self) -> Step | None:
        """The next looser step that costs less; None where none does."""
        return next((step for step in self.steps if step.cost is not None and step.cost < self.cost), None)

    @property
    def saved(self) -> int:
        """What the next looser step saves [whole units]."""
        step = self.looser
        return 0 if step is None or step.cost is None else self.cost - step.cost


def shadow_prices(search: Search, variants: Variants) -> tuple[ShadowPrice, ...]:
    """Return what each objective of each application costs, as far as anything that was drilled meets all of them.

    Args:
        search: one that has come to its end.
        variants: of its estate.
    """
    return tuple(price for app, under in search.wanted.items() for price in _of_application(variants, app, under))


def _of_application(variants: Variants, app: str, under: Under) -> Iterator[ShadowPrice]:
    planned = variants.of_application(app, under)
    if planned is None:
        return
    for limit in ("attainment", *(measure.limit for measure in MEASURES)):
        values = {name: getattr(objectives, limit) for name, objectives in under.items()}
        for asked in dict.fromkeys(value for value in values.values() if value is not None):
            names = tuple(name for name, value in values.items() if value == asked)
            grid = _grid(limit, asked)

            def cost(
                k: int, names: Sequence[str] = names, limit: str = limit, grid: Sequence[float] = grid
            ) -> int | None:
                changed = {name: relaxed(under[name], limit, grid[k]) for name in names}
                variant = variants.of_application(app, {**under, **changed})
                return None if variant is None else variant.cost

            steps = tuple(Step(grid[k], cost(k)) for k in steps_around(cost, grid.index(asked), len(grid)))
            yield ShadowPrice(app, limit, asked, names, planned.cost, steps)


def _grid(limit: str, asked: float) -> list[float]:
    """Return the values of a limit on the grid and the one that is asked, tightest first."""
    if limit == "attainment":
        return sorted({*PERCENTS, asked}, reverse=True)
    return sorted({*(SIZES if limit.endswith("_bytes") else DURATIONS_S), asked})


def steps_around(cost: Callable[[int], int | None], at: int, number: int) -> list[int]:
    """Return where the steps of a staircase begin that are next to a place, ascending; costs never rise along it.

    Args:
        cost: of a place; None where nothing does.
        at: the place.
        number: how many there are.
    """

    def first(k: int) -> int:
        """Return the first place of the step on which a place lies."""
        return _first(lambda j: cost(j) == cost(k), 0, k)

    starts = [first(at)]
    for _ in range(MOST_STEPS):
        if starts[0] > 0:
            starts.insert(0, first(starts[0] - 1))
    for _ in range(MOST_STEPS):
        last = max(starts[-1], at)
        if cost(number - 1) == cost(last):
            break
        starts.append(_first(lambda j, last=last: cost(j) != cost(last), last, number - 1))  # type: ignore[misc]
    return starts


def _first(does: Callable[[int], bool], low: int, high: int) -> int:
    """Return the first place from low on that does, where high does and from the first on all do."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if does(middle) else (middle + 1, high)
    return low
